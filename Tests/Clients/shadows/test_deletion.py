"""Deleting a shadow, and how its version goes on (AWS IoT Developer Guide, device shadows)."""

import pytest
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow


def version_after(deleted):
    """The next version goes on from the deleted one; whether the deletion itself counts is open."""
    return {deleted + 1, deleted + 2}


def test_the_version_continues(any_shadow):
    for number in range(4):
        any_shadow.update(desired={"n": number})
    assert any_shadow.delete()["version"] == 4
    again = any_shadow.update(desired={"new": 1})
    assert again["version"] in version_after(4)
    found = any_shadow.get()
    assert found["state"] == {"desired": {"new": 1}, "delta": {"new": 1}}
    assert set(found["metadata"]["desired"]) == {"new"}


def test_it_never_goes_back(shadow):
    versions = []
    for number in range(5):
        versions.append(shadow.update(desired={"n": number})["version"])
        assert shadow.delete()["version"] == versions[-1]
    assert versions == sorted(set(versions))
    assert versions[-1] >= 5


def test_a_shadow_without_state_is_not_deleted(shadow):
    shadow.update(desired={"a": 1})
    shadow.accepted("update", {"state": None})
    assert shadow.get()["version"] == 2
    assert shadow.update(desired={"a": 1})["version"] == 3


def test_the_others_of_the_thing_stay(application, name):
    shadows = [Shadow(application, name, each) for each in (None, "a", "b")]
    for each in shadows:
        each.update(desired={"x": 1})
    shadows[1].delete()
    assert [each.version for each in shadows] == [1, 0, 1]
    shadows[0].delete()
    assert [each.version for each in shadows] == [0, 0, 1]


def test_a_deleted_thing_keeps_its_shadow_and_a_deleted_shadow_its_thing(iot, application, name):
    iot.create_thing(thingName=name)
    shadow = Shadow(application, name)
    shadow.update(desired={"x": 1})
    iot.delete_thing(thingName=name)
    assert shadow.version == 1
    iot.create_thing(thingName=name)
    shadow.delete()
    assert iot.describe_thing(thingName=name)["thingName"] == name


def test_the_first_documents_after_a_deletion_have_no_previous_state(shadow):
    shadow.update(desired={"a": 1})
    shadow.delete()
    shadow.update(desired={"b": 1})
    documents = shadow.wait_said("update/documents", 2).json
    assert not documents.get("previous", {}).get("state")
    assert documents["current"]["state"] == {"desired": {"b": 1}}


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
@pytest.mark.parametrize("shadow_name", [None, "settings"])
def test_the_version_continues_across_a_restart(shadow_name, kill, start_server, name):
    server = start_server("aws")
    with PahoClient(vars(server.endpoints), client_id=name, listener="mqtt") as client:
        shadow = Shadow(client, name, shadow_name)
        for number in range(3):
            shadow.update(desired={"n": number})
        shadow.delete()
    server.restart(kill=kill)
    with PahoClient(vars(server.endpoints), client_id=name, listener="mqtt") as client:
        shadow = Shadow(client, name, shadow_name)
        assert shadow.rejected("get")["code"] == 404
        assert shadow.update(desired={"n": 1})["version"] in version_after(3)
