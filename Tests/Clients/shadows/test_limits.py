"""Size and depth: what is exactly at a limit is taken, and one over it refused (AWS IoT Developer Guide, device shadows; docs/limits.md)."""

import json

import pytest
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow

MAX_STATE_BYTES = 8 * 1024
MAX_LEVELS = 8


def nested(levels, leaf=1):
    value = leaf
    for _ in range(levels):
        value = {"k": value}
    return value


def nested_arrays(levels):
    value = 1
    for _ in range(levels - 1):
        value = [value]
    return {"k": value}


def too_deep(shadow, **state):
    found = shadow.rejected("update", {"state": state})
    assert (found["code"], found["message"]) == (400, f"JSON contains too many levels of nesting; maximum is {MAX_LEVELS}")


@pytest.mark.parametrize("section", ["desired", "reported"])
@pytest.mark.parametrize("make", [nested, nested_arrays], ids=["objects", "arrays"])
def test_depth(make, section, shadow):
    shadow.update(**{section: make(MAX_LEVELS)})
    too_deep(shadow, **{section: make(MAX_LEVELS + 1)})
    found = shadow.get()
    assert (found["version"], found["state"][section]) == (1, make(MAX_LEVELS))


@pytest.mark.parametrize("levels", [60, 79, 80, 1000, 20_000])
def test_hostile_depth(levels, shadow):
    found = shadow.rejected("update", b'{"state":{"desired":' + b'{"k":' * levels + b"1" + b"}" * levels + b"}}")
    assert found["code"] in (400, 413)
    found = shadow.rejected("update", b'{"state":{"desired":{"k":' + b"[" * levels)
    assert found["code"] in (400, 413)
    assert shadow.version == 0


def sized(byte_count, section="desired"):
    """A state of so many bytes as compact JSON."""
    empty = len(json.dumps({section: {"k": ""}}, separators=(",", ":")))
    return {section: {"k": "x" * (byte_count - empty)}}


def too_large(shadow, **state):
    found = shadow.rejected("update", {"state": state})
    assert (found["code"], found["message"]) == (413, "The payload exceeds the maximum size allowed")


@pytest.mark.parametrize("section", ["desired", "reported"])
def test_size(section, shadow):
    too_large(shadow, **sized(MAX_STATE_BYTES + 1, section))
    assert shadow.version == 0
    shadow.update(**sized(MAX_STATE_BYTES, section))
    assert len(shadow.get()["state"][section]["k"]) == len(sized(MAX_STATE_BYTES, section)[section]["k"])


def test_size_counts_bytes_and_not_characters(shadow):
    too_large(shadow, desired={"k": "ü" * (MAX_STATE_BYTES // 2)})
    shadow.accepted("update", json.dumps({"state": {"desired": {"k": "ü" * 4000}}}, ensure_ascii=False).encode())


def test_the_whole_state_counts(shadow):
    shadow.update(desired={"a": "x" * 4000})
    too_large(shadow, reported={"a": "x" * 4200})
    too_large(shadow, desired={"b": "x" * 4200})
    found = shadow.get()
    assert (found["version"], list(found["state"])) == (1, ["desired", "delta"])
    # What takes the place of something else does not count twice.
    shadow.update(desired={"a": None, "b": "x" * 8000})
    assert shadow.version == 2


def test_metadata_does_not_count(shadow):
    keys = {f"k{number:03d}": 0 for number in range(800)}
    shadow.update(reported=keys)
    found = shadow.get()
    assert found["state"]["reported"] == keys
    assert len(found["metadata"]["reported"]) == 800


def test_ten_thousand_keys_are_too_large(shadow):
    too_large(shadow, desired={f"{number}": 0 for number in range(10_000)})
    assert shadow.version == 0


def test_deletions_count_only_while_they_travel(shadow):
    """Nulls leave nothing in the state."""
    shadow.update(desired={"a": 1})
    shadow.update(desired={f"key-{number}": None for number in range(400)})
    assert shadow.get()["state"]["desired"] == {"a": 1}



@pytest.fixture(scope="module")
def open_server(module_servers):
    return module_servers("open")


@pytest.fixture
def open_shadow(open_server, name):
    with PahoClient(vars(open_server.endpoints), client_id=name, listener="mqtt") as client:
        yield Shadow(client, name)


def test_ten_thousand_keys_in_the_open_profile(open_shadow):
    keys = {f"{number}": number for number in range(10_000)}
    assert open_shadow.update(reported=keys)["version"] == 1
    found = open_shadow.get()
    assert found["state"]["reported"] == keys
    assert open_shadow.update(reported={"5000": None})["version"] == 2
    assert len(open_shadow.get()["state"]["reported"]) == 9999


def test_depth_in_the_open_profile(open_shadow):
    open_shadow.update(desired=nested(20))
    assert open_shadow.get()["state"]["desired"] == nested(20)
