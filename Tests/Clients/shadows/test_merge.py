"""What an update makes of a shadow's state and metadata (AWS IoT Developer Guide, device shadows)."""

import time

import pytest
from fleet.shadow import Shadow

#: name: the `state` members of the updates, then the state of the document that a get returns.
MERGES = {
    "first": ([{"desired": {"a": 1}}], {"desired": {"a": 1}}),
    "both sections": ([{"desired": {"a": 1}, "reported": {"a": 2}}], {"desired": {"a": 1}, "reported": {"a": 2}}),
    "sections are apart": ([{"desired": {"a": 1}}, {"reported": {"b": 2}}], {"desired": {"a": 1}, "reported": {"b": 2}}),
    "a key is added": ([{"desired": {"a": 1}}, {"desired": {"b": 2}}], {"desired": {"a": 1, "b": 2}}),
    "a value is replaced": ([{"desired": {"a": 1, "b": 2}}, {"desired": {"a": "x"}}], {"desired": {"a": "x", "b": 2}}),
    "objects merge": ([{"reported": {"o": {"a": 1, "b": 2}}}, {"reported": {"o": {"b": 3, "c": 4}}}], {"reported": {"o": {"a": 1, "b": 3, "c": 4}}}),
    "deep objects merge": (
        [{"reported": {"o": {"p": {"a": 1}, "q": 1}}}, {"reported": {"o": {"p": {"b": 2}}}}],
        {"reported": {"o": {"p": {"a": 1, "b": 2}, "q": 1}}},
    ),
    "arrays are replaced whole": ([{"desired": {"l": [1, 2, 3]}}, {"desired": {"l": [4]}}], {"desired": {"l": [4]}}),
    "objects in arrays do not merge": ([{"desired": {"l": [{"a": 1, "b": 2}]}}, {"desired": {"l": [{"a": 3}]}}], {"desired": {"l": [{"a": 3}]}}),
    "an array becomes empty": ([{"desired": {"l": [1]}}, {"desired": {"l": []}}], {"desired": {"l": []}}),
    "an object replaces a scalar": ([{"desired": {"a": 1}}, {"desired": {"a": {"b": 2}}}], {"desired": {"a": {"b": 2}}}),
    "a scalar replaces an object": ([{"desired": {"a": {"b": 2}}}, {"desired": {"a": 1}}], {"desired": {"a": 1}}),
    "an array replaces an object": ([{"desired": {"a": {"b": 2}}}, {"desired": {"a": [1]}}], {"desired": {"a": [1]}}),
    "null deletes a key": ([{"desired": {"a": 1, "b": 2}}, {"desired": {"a": None}}], {"desired": {"b": 2}}),
    "null deletes an object": ([{"desired": {"a": {"x": 1}, "b": 2}}, {"desired": {"a": None}}], {"desired": {"b": 2}}),
    "null deletes deep inside": ([{"desired": {"a": {"x": 1, "y": 2}}}, {"desired": {"a": {"x": None}}}], {"desired": {"a": {"y": 2}}}),
    "null for a key that is not there": ([{"desired": {"a": 1}}, {"desired": {"b": None}}], {"desired": {"a": 1}}),
    "the last key takes its section with it": ([{"desired": {"a": 1}, "reported": {"b": 1}}, {"desired": {"a": None}}], {"reported": {"b": 1}}),
    "the last key of all": ([{"desired": {"a": 1}}, {"desired": {"a": None}}], {}),
    "a section is deleted": ([{"desired": {"a": 1}, "reported": {"b": 2}}, {"desired": None}], {"reported": {"b": 2}}),
    "a section that is not there is deleted": ([{"desired": {"a": 1}}, {"reported": None}], {"desired": {"a": 1}}),
    "one is deleted, one changed": ([{"desired": {"a": 1}}, {"desired": None, "reported": {"a": 1}}], {"reported": {"a": 1}}),
    "state null deletes both": ([{"desired": {"a": 1}, "reported": {"b": 2}}, None], {}),
    "and then it goes on": ([{"desired": {"a": 1}}, None, {"desired": {"c": 1}}], {"desired": {"c": 1}}),
    "an empty section creates nothing": ([{"desired": {}}], {}),
    "an empty section changes nothing": ([{"desired": {"a": 1}}, {"desired": {}}], {"desired": {"a": 1}}),
    "an empty state changes nothing": ([{"desired": {"a": 1}}, {}], {"desired": {"a": 1}}),
    "an empty object is a value": ([{"desired": {"d": {}}}], {"desired": {"d": {}}}),
    "dots are part of a key": ([{"desired": {"a.b": 1, "a": {"b": 2}}}, {"desired": {"a": {"b": 3}}}], {"desired": {"a.b": 1, "a": {"b": 3}}}),
    "any key": (
        [{"desired": {"": 1, "$": 2, "desired": 3, "ключ": 4, "a b/c\n": 5, "timestamp": 6, "metadata": {"version": 7}}}],
        {"desired": {"": 1, "$": 2, "desired": 3, "ключ": 4, "a b/c\n": 5, "timestamp": 6, "metadata": {"version": 7}}},
    ),
    "keys that look alike": ([{"desired": {"é": 1, "e\u0301": 2, "E": 3, "e": 4}}], {"desired": {"é": 1, "e\u0301": 2, "E": 3, "e": 4}}),
    "every kind of value": (
        [{"reported": {"t": True, "f": False, "s": "", "i": -1, "d": 0.5, "l": [True, "x", [1], {"a": []}]}}],
        {"reported": {"t": True, "f": False, "s": "", "i": -1, "d": 0.5, "l": [True, "x", [1], {"a": []}]}},
    ),
    "characters": ([{"desired": {"s": "\u0000\u001f\"\\/\u2028😀"}}], {"desired": {"s": "\u0000\u001f\"\\/\u2028😀"}}),
}  # fmt: skip


@pytest.mark.parametrize("case", MERGES)
def test_state(case, shadow):
    updates, state = MERGES[case]
    for number, each in enumerate(updates, 1):
        assert shadow.accepted("update", {"state": each})["version"] == number
    found = shadow.get()
    found["state"].pop("delta", None)
    assert found["state"] == state
    assert found["version"] == len(updates)


@pytest.mark.parametrize("case", MERGES)
def test_metadata_mirrors_the_state(case, shadow):
    updates, _ = MERGES[case]
    for each in updates:
        shadow.accepted("update", {"state": each})
    found = shadow.get()
    found["state"].pop("delta", None)
    assert found["metadata"] == stamped(found["state"], found["metadata"])


def stamped(value, metadata):
    """The shape that metadata must have; its timestamps are taken from it and only looked at for being seconds of now."""
    if isinstance(value, dict):
        return {key: stamped(each, metadata[key]) for key, each in value.items()}
    if isinstance(value, list):
        return [stamped(each, found) for each, found in zip(value, metadata)]
    assert abs(metadata["timestamp"] - time.time()) < 60, "timestamps are in seconds"
    return {"timestamp": metadata["timestamp"]}


def next_second(after):
    """Timestamps are whole seconds, so a later one needs a later second."""
    while time.time() < after + 1.05:
        time.sleep(0.05)


def test_only_touched_leaves_get_a_new_timestamp(shadow):
    first = shadow.update(desired={"kept": 1, "o": {"kept": 1, "changed": 1}, "l": [1, 2]}, reported={"kept": 1})["timestamp"]
    next_second(first)
    second = shadow.update(desired={"o": {"changed": 2}, "new": 1})["timestamp"]
    assert second > first
    next_second(second)
    third = shadow.update(desired={"l": [1, 2]})["timestamp"]
    found = shadow.get()
    assert found["metadata"] == {
        "desired": {
            "kept": {"timestamp": first},
            "o": {"kept": {"timestamp": first}, "changed": {"timestamp": second}},
            "l": [{"timestamp": third}, {"timestamp": third}],
            "new": {"timestamp": second},
        },
        "reported": {"kept": {"timestamp": first}},
    }
    assert found["timestamp"] >= third


def test_the_version_grows_with_every_update(shadow):
    assert [shadow.update(reported={"n": number // 2})["version"] for number in range(6)] == [1, 2, 3, 4, 5, 6]
    assert shadow.accepted("update", {"state": {}})["version"] == 7
    assert shadow.accepted("update", {"state": None})["version"] == 8


def test_an_update_with_the_current_version(shadow):
    shadow.accepted("update", {"state": {"desired": {"a": 1}}, "version": 0})
    assert shadow.accepted("update", {"state": {"desired": {"a": 2}}, "version": 1})["version"] == 2
    assert shadow.accepted("update", {"state": {"desired": {"a": 3}}, "version": 2})["version"] == 3


def test_shadows_of_a_thing_are_apart(application, name):
    shadows = [Shadow(application, name, each) for each in (None, "a", "b", "$c:d_e-f", "A" * 64)]
    for number, each in enumerate(shadows):
        assert each.update(desired={"n": number})["version"] == 1
    for number, each in enumerate(shadows):
        assert each.get()["state"]["desired"] == {"n": number}
