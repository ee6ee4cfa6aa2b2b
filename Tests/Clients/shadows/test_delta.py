"""The difference of desired and reported, as a delta message and in the document (AWS IoT Developer Guide, device shadows)."""

import pytest

#: name: desired, reported, delta (None: there is none).
DELTAS = {
    "nothing reported": ({"a": 1}, None, {"a": 1}),
    "nothing desired": (None, {"a": 1}, None),
    "equal": ({"a": 1, "s": "x", "t": True}, {"a": 1, "s": "x", "t": True}, None),
    "one value": ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2}),
    "a key that is not reported": ({"a": 1, "b": 2}, {"a": 1}, {"b": 2}),
    "a key that is only reported": ({"a": 1}, {"a": 1, "b": 2}, None),
    "inside an object": ({"o": {"x": 1, "y": 2}}, {"o": {"x": 1, "y": 3}}, {"o": {"y": 2}}),
    "deep inside": ({"o": {"p": {"x": 1, "y": 2}, "q": 1}}, {"o": {"p": {"x": 1}, "q": 1}}, {"o": {"p": {"y": 2}}}),
    "equal objects": ({"o": {"x": 1}}, {"o": {"x": 1, "z": 1}}, None),
    "an object for a scalar": ({"a": {"x": 1}}, {"a": 1}, {"a": {"x": 1}}),
    "a scalar for an object": ({"a": 1}, {"a": {"x": 1}}, {"a": 1}),
    "an empty object, not reported": ({"a": {}}, {"b": 1}, {"a": {}}),
    "an empty object, reported with keys": ({"a": {}}, {"a": {"x": 1}}, None),
    "arrays come whole": ({"l": [1, 2, 3]}, {"l": [1, 2, 4]}, {"l": [1, 2, 3]}),
    "arrays of another length": ({"l": [1]}, {"l": [1, 2]}, {"l": [1]}),
    "arrays in another order": ({"l": [1, 2]}, {"l": [2, 1]}, {"l": [1, 2]}),
    "equal arrays": ({"l": [1, {"x": [2]}]}, {"l": [1, {"x": [2]}]}, None),
    "objects in arrays": ({"l": [{"x": 1}]}, {"l": [{"x": 1, "y": 2}]}, {"l": [{"x": 1}]}),
    "an empty array": ({"l": []}, {"l": []}, None),
    "another kind": ({"a": "1"}, {"a": 1}, {"a": "1"}),
    "true is not one": ({"a": True}, {"a": 1}, {"a": True}),
    "false is not zero": ({"a": 0}, {"a": False}, {"a": 0}),
    "an empty string": ({"a": ""}, {"a": " "}, {"a": ""}),
    "the case of a key": ({"A": 1}, {"a": 1}, {"A": 1}),
    "letters that look alike": ({"s": "é"}, {"s": "e\u0301"}, {"s": "é"}),
}  # fmt: skip


def check(shadow, delta):
    """The last update's delta message and the document's `delta`."""
    document = shadow.get()
    assert document["state"].get("delta") == delta
    messages = [each.json for each in shadow.said if each.what == "update/delta" and each.json["version"] == document["version"]]
    assert [each["state"] for each in messages] == ([] if delta is None else [delta])


@pytest.mark.parametrize("case", DELTAS)
def test_at_once(case, shadow):
    desired, reported, delta = DELTAS[case]
    shadow.update(**{key: value for key, value in {"desired": desired, "reported": reported}.items() if value is not None})
    check(shadow, delta)


@pytest.mark.parametrize("case", DELTAS)
def test_one_after_the_other(case, shadow):
    desired, reported, delta = DELTAS[case]
    for key, value in {"desired": desired, "reported": reported}.items():
        if value is not None:
            shadow.update(**{key: value})
    check(shadow, delta)


@pytest.mark.parametrize("desired, reported", [("1", "1.0"), ("1.50", "1.5"), ("100", "1e2"), ("[1,{\"x\":2}]", "[1.0,{\"x\":2.0}]"), ("-0.0", "0")])
def test_numbers_are_compared_by_value(desired, reported, shadow):
    shadow.accepted("update", f'{{"state":{{"desired":{{"a":{desired}}},"reported":{{"a":{reported}}}}}}}'.encode())
    check(shadow, None)


def test_large_numbers_are_not_rounded_to_compare(shadow):
    shadow.accepted("update", b'{"state":{"desired":{"a":9007199254740993},"reported":{"a":9007199254740992}}}')
    check(shadow, {"a": 9007199254740993})


def test_the_delta_is_complete(any_shadow):
    any_shadow.update(desired={"a": 1})
    any_shadow.update(desired={"b": 2})
    check(any_shadow, {"a": 1, "b": 2})
    any_shadow.update(reported={"a": 1})
    check(any_shadow, {"b": 2})


def test_it_disappears_when_the_device_reports(any_shadow):
    any_shadow.update(desired={"color": "red", "on": True})
    any_shadow.update(reported={"color": "red"})
    any_shadow.update(reported={"on": True})
    check(any_shadow, None)


def test_it_disappears_when_it_is_no_longer_desired(shadow):
    shadow.update(desired={"a": 1, "b": 2}, reported={"b": 2})
    shadow.update(desired={"a": None})
    check(shadow, None)
    shadow.update(desired=None)
    check(shadow, None)


def test_it_returns_when_the_device_forgets(shadow):
    shadow.update(desired={"a": 1}, reported={"a": 1})
    shadow.update(reported=None)
    check(shadow, {"a": 1})


def test_it_is_sent_again_with_each_change(shadow):
    """Any accepted change that leaves a difference sends it (the developer guide; AWS IoT Developer Guide, device shadows)."""
    shadow.update(desired={"a": 1})
    shadow.update(reported={"other": 1})
    check(shadow, {"a": 1})
    assert [each.json["version"] for each in shadow.said if each.what == "update/delta"] == [1, 2]
