"""Requests that are refused: the code and text of each, and that a refused update changes nothing (AWS IoT Developer Guide, device shadows)."""

import json

import pytest
from fleet.shadow import Shadow

INVALID_JSON = (400, "Invalid JSON")
MISSING_STATE = (400, "Missing required node: state")
STATE = (400, "State node must be an object")
DESIRED = (400, "Desired node must be an object")
REPORTED = (400, "Reported node must be an object")
VERSION = (400, "Invalid version")
TOKEN = (400, "Invalid clientToken")
NODE = (400, "State contains an invalid node")
CONFLICT = (409, "Version conflict")
ENCODING = (415, "Unsupported documented encoding; supported encoding is UTF-8")

#: Each is refused; the shadow is at version 2.
UPDATES = {
    "nothing": (b"", INVALID_JSON),
    "no JSON": (b"hello", INVALID_JSON),
    "half": (b'{"state":{"desired":{"a":1}}', INVALID_JSON),
    "something behind it": (b'{"state":{"desired":{"a":1}}} x', INVALID_JSON),
    "two documents": (b'{"state":{}}{"state":{}}', INVALID_JSON),
    "a trailing comma": (b'{"state":{"desired":{"a":1,}}}', INVALID_JSON),
    "single quotes": (b"{'state':{'desired':{'a':1}}}", INVALID_JSON),
    "a comment": (b'{"state":{"desired":{"a":1}}/* */}', INVALID_JSON),
    "a raw control character": (b'{"state":{"desired":{"a":"\n"}}}', INVALID_JSON),
    "a lonely surrogate": (b'{"state":{"desired":{"a":"\\ud800"}}}', INVALID_JSON),
    "a byte order mark in UTF-16": ('{"state":{}}'.encode("utf-16"), ENCODING),
    "Latin-1": ('{"state":{"desired":{"a":"é"}}}'.encode("latin-1"), ENCODING),
    "an overlong slash": (b'{"state":{"desired":{"a":"\xc0\xaf"}}}', ENCODING),
    "a surrogate in UTF-8": (b'{"state":{"desired":{"a":"\xed\xa0\x80"}}}', ENCODING),
    "half a character": (b'{"state":{"desired":{"a":"\xe2\x82"}}}', ENCODING),
    "an array": (b"[]", INVALID_JSON),
    "a string": (b'"state"', INVALID_JSON),
    "a number": (b"1", INVALID_JSON),
    "null": (b"null", INVALID_JSON),
    "an empty object": ({}, MISSING_STATE),
    "another case": ({"State": {"desired": {}}}, MISSING_STATE),
    "desired without state": ({"desired": {"a": 1}}, MISSING_STATE),
    "state is an array": ({"state": []}, STATE),
    "state is a string": ({"state": "x"}, STATE),
    "state is a number": ({"state": 1}, STATE),
    "state is true": ({"state": True}, STATE),
    "desired is an array": ({"state": {"desired": [1]}}, DESIRED),
    "desired is a string": ({"state": {"desired": "x"}}, DESIRED),
    "desired is a number": ({"state": {"desired": 1}}, DESIRED),
    "desired is false": ({"state": {"desired": False}}, DESIRED),
    "reported is an array": ({"state": {"reported": []}}, REPORTED),
    "reported is a number": ({"state": {"reported": 0}}, REPORTED),
    "one good, one bad": ({"state": {"desired": {"a": 9}, "reported": "x"}}, REPORTED),
    "a section of another name": ({"state": {"desired": {"a": 9}, "wanted": {"a": 1}}}, NODE),
    "a null in an array": ({"state": {"desired": {"l": [1, None]}}}, NODE),
    "a null in an inner array": ({"state": {"reported": {"l": [[1, [None]]]}}}, NODE),
    "a null in an object in an array": ({"state": {"reported": {"l": [{"a": None}]}}}, NODE),
    "version is a string": ({"state": {"desired": {"a": 9}}, "version": "2"}, VERSION),
    "version is a fraction": ({"state": {"desired": {"a": 9}}, "version": 2.5}, VERSION),
    "version is negative": ({"state": {"desired": {"a": 9}}, "version": -1}, VERSION),
    "version is an object": ({"state": {"desired": {"a": 9}}, "version": {}}, VERSION),
    "version is true": ({"state": {"desired": {"a": 9}}, "version": True}, VERSION),
    "version is too large": (b'{"state":{"desired":{"a":9}},"version":99999999999999999999}', VERSION),
    "version is behind": ({"state": {"desired": {"a": 9}}, "version": 1}, CONFLICT),
    "version is ahead": ({"state": {"desired": {"a": 9}}, "version": 3}, CONFLICT),
    "version of a new shadow": ({"state": {"desired": {"a": 9}}, "version": 0}, CONFLICT),
    "clientToken is a number": ({"state": {"desired": {"a": 9}}, "clientToken": 1}, TOKEN),
    "clientToken is an object": ({"state": {"desired": {"a": 9}}, "clientToken": {}}, TOKEN),
    "clientToken is too long": ({"state": {"desired": {"a": 9}}, "clientToken": "x" * 65}, TOKEN),
    "clientToken is too long in bytes": ({"state": {"desired": {"a": 9}}, "clientToken": "ü" * 33}, TOKEN),
}  # fmt: skip


@pytest.fixture(params=["classic", "named"])
def second_version(request, application, name):
    shadow = Shadow(application, name, "settings" if request.param == "named" else None)
    shadow.update(desired={"a": 1})
    shadow.update(desired={"a": 2}, reported={"a": 2})
    shadow.forget()
    return shadow


@pytest.mark.parametrize("case", UPDATES)
def test_update(case, second_version):
    request, (code, message) = UPDATES[case]
    found = second_version.rejected("update", request)
    assert (found["code"], found["message"]) == (code, message)
    assert set(found) <= {"code", "message", "timestamp"}
    after = second_version.get()
    assert (after["version"], after["state"]) == (2, {"desired": {"a": 2}, "reported": {"a": 2}})
    assert [each.what for each in second_version.said] == ["update/rejected", "get/accepted"]


@pytest.mark.parametrize("case", ["state is an array", "desired is a number", "a null in an array", "version is behind", "version is a string"])
def test_a_refusal_returns_the_token(case, second_version):
    request, (code, _) = UPDATES[case]
    found = second_version.rejected("update", {**request, "clientToken": "mine"})
    assert (found["code"], found["clientToken"]) == (code, "mine")


def test_the_first_update_of_a_refused_shadow_is_the_first(shadow):
    shadow.rejected("update", {"state": {"desired": {"a": [None]}}})
    conflict = shadow.rejected("update", {"state": {"desired": {"a": 1}}, "version": 1})
    assert (conflict["code"], conflict["message"]) == CONFLICT
    assert shadow.version == 0
    assert shadow.update(desired={"a": 1})["version"] == 1


@pytest.mark.parametrize("operation", ["get", "delete"])
def test_an_unknown_shadow(operation, any_shadow):
    found = any_shadow.rejected(operation)
    assert found["code"] == 404
    assert found["message"] == f"No shadow exists with name: '{any_shadow.name or any_shadow.thing}'"


def test_deleted_is_unknown(any_shadow):
    any_shadow.update(desired={"a": 1})
    any_shadow.delete()
    assert any_shadow.rejected("get")["code"] == 404
    assert any_shadow.rejected("delete")["code"] == 404


GETS = {
    "no JSON": (b"hello", INVALID_JSON),
    "an array": (b"[]", INVALID_JSON),
    "invalid UTF-8": (b'{"clientToken":"\xff"}', ENCODING),
    "clientToken is a number": (b'{"clientToken":1}', TOKEN),
    "clientToken is too long": (json.dumps({"clientToken": "x" * 65}).encode(), TOKEN),
}


@pytest.mark.parametrize("case", GETS)
def test_get(case, second_version):
    request, (code, message) = GETS[case]
    found = second_version.rejected("get", request)
    assert (found["code"], found["message"]) == (code, message)


def test_a_token_of_64_bytes(shadow):
    for token in ("x" * 64, "ü" * 32, ""):
        assert shadow.accepted("update", {"state": {"desired": {"a": 1}}, "clientToken": token})["clientToken"] == token


def test_of_two_equal_keys_the_last_counts(shadow):
    shadow.accepted("update", b'{"state":{"desired":{"a":1,"b":2,"a":3}}}')
    assert shadow.get()["state"]["desired"] == {"a": 3, "b": 2}
    shadow.accepted("update", b'{"state":{"desired":{"a":4}},"state":{"desired":{"b":5}}}')
    assert shadow.get()["state"]["desired"] == {"a": 3, "b": 5}


#: Names that MQTT allows as topic levels and the service does not.
NAMES = [".", "..", "a b", "é", "a.b", "%2e%2e", "a\\b", "x" * 65, "\u007f", "'; DROP TABLE shadows; --"]


@pytest.mark.parametrize("bad", NAMES)
@pytest.mark.parametrize("operation", ["get", "update", "delete"])
def test_a_bad_shadow_name(operation, bad, application, name):
    shadow = Shadow(application, name, bad)
    assert shadow.rejected(operation, {"state": {"desired": {"a": 1}}})["code"] == 400


@pytest.mark.parametrize("bad", [each for each in NAMES if len(each) != 65] + ["x" * 129, "$a"])
@pytest.mark.parametrize("operation", ["get", "update", "delete"])
def test_a_bad_thing_name(operation, bad, application):
    shadow = Shadow(application, bad)
    assert shadow.rejected(operation, {"state": {"desired": {"a": 1}}})["code"] == 400


#: Reserved topics that are not those of requests.
NEAR = [
    "shadow//update", "shadow/name/a/b/update", "shadow/updates", "shadow/name/update", "shadow/update/", "shadow", "shadow/name/a/accepted",
    "shadow/update/accepted", "shadow/update/rejected", "shadow/update/delta", "shadow/update/documents", "shadow/get/accepted",
    "shadow/delete/accepted", "shadow/name/settings/update/accepted",
]  # fmt: skip


@pytest.mark.parametrize("rest", NEAR)
def test_other_reserved_topics(rest, application, shadow, named_shadow, name):
    """They are refused, so that nobody speaks in the service's place (AWS IoT Developer Guide, device communication protocols), and change nothing."""
    request = b'{"state":{"desired":{"forged":1}},"version":7}'
    assert application.publish(f"$aws/things/{name}/{rest}", request, qos=1).is_failure
    for each in (shadow, named_shadow):
        each.update(desired={"a": 1})
        assert each.get()["state"]["desired"] == {"a": 1}
        assert [said.what for said in each.said] == ["update/delta", "update/documents", "update/accepted", "get/accepted"]


def test_the_topic_of_an_empty_name(application, shadow, name):
    application.subscribe(f"$aws/things/{name}/#")
    application.publish(f"$aws/things/{name}/shadow/name//update", b'{"state":{"desired":{"a":1}}}', qos=1)
    shadow.update(desired={"b": 1})
    assert shadow.get()["state"]["desired"] == {"b": 1}
    assert not [message for message in application.inbox.messages if message.topic.endswith("name//update/accepted")]
