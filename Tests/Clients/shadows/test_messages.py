"""What each message of the service has in it (AWS IoT Developer Guide, device shadows)."""

import json
import time

import pytest

TOKEN = "token-ü"


def is_now(seconds):
    return isinstance(seconds, int) and abs(seconds - time.time()) < 60


#: name: what is there before, the `state` that is sent, and the metadata that comes back with `t` for each timestamp.
ECHOES = {
    "what was sent and no more": ({"desired": {"a": 1, "b": 2}}, {"desired": {"a": 3}}, {"desired": {"a": "t"}}),
    "a deletion": ({"desired": {"a": 1, "b": 2}}, {"desired": {"a": 3, "b": None}}, {"desired": {"a": "t"}}),
    "deep": ({}, {"reported": {"o": {"x": 1, "l": [1, [2], {"y": 3}]}}}, {"reported": {"o": {"x": "t", "l": ["t", ["t"], {"y": "t"}]}}}),
    "both": ({}, {"desired": {"a": 1}, "reported": {"b": 2}}, {"desired": {"a": "t"}, "reported": {"b": "t"}}),
}


def with_time(value, timestamp):
    if isinstance(value, dict):
        return {key: with_time(each, timestamp) for key, each in value.items()}
    if isinstance(value, list):
        return [with_time(each, timestamp) for each in value]
    return {"timestamp": timestamp}


@pytest.mark.parametrize("case", ECHOES)
def test_update_accepted(case, any_shadow):
    before, state, metadata = ECHOES[case]
    any_shadow.update(**before)
    found = any_shadow.accepted("update", {"state": state, "clientToken": TOKEN})
    assert is_now(found["timestamp"])
    assert found == {
        "state": state, "metadata": with_time(metadata, found["timestamp"]), "version": 2, "timestamp": found["timestamp"],
        "clientToken": TOKEN,
    }  # fmt: skip


def test_update_accepted_of_a_deletion_of_all(shadow):
    shadow.update(desired={"a": 1}, reported={"a": 1})
    found = shadow.accepted("update", {"state": None})
    assert found == {"state": None, "metadata": {"timestamp": found["timestamp"]}, "version": 2, "timestamp": found["timestamp"]}
    found = shadow.get()
    assert (found["state"], found["metadata"], found["version"]) == ({}, {}, 2)


def test_update_accepted_of_the_deletion_of_a_section(shadow):
    shadow.update(desired={"a": 1}, reported={"a": 1})
    assert shadow.update(desired=None)["state"] == {"desired": None}


def test_get_accepted(any_shadow):
    any_shadow.update(desired={"a": 1, "b": 1}, reported={"a": 1, "c": 2})
    t = any_shadow.get()["metadata"]["desired"]["a"]["timestamp"]
    found = any_shadow.accepted("get", {"clientToken": TOKEN})
    assert is_now(found["timestamp"])
    assert found == {
        "state": {"desired": {"a": 1, "b": 1}, "reported": {"a": 1, "c": 2}, "delta": {"b": 1}},
        "metadata": {
            "desired": {"a": {"timestamp": t}, "b": {"timestamp": t}}, "reported": {"a": {"timestamp": t}, "c": {"timestamp": t}},
        },
        "version": 1, "timestamp": found["timestamp"], "clientToken": TOKEN,
    }  # fmt: skip


@pytest.mark.parametrize("payload", [b"", b"{}", b" \n{ } "])
def test_get_without_a_token(payload, shadow):
    shadow.update(desired={"a": 1})
    assert "clientToken" not in shadow.accepted("get", payload)


def test_delta(any_shadow):
    any_shadow.update(desired={"a": 1, "o": {"x": 1, "y": 2}}, reported={"o": {"x": 1}})
    any_shadow.forget()
    accepted = any_shadow.accepted("update", {"state": {"desired": {"b": [1]}}, "clientToken": TOKEN})
    first = any_shadow.get()["metadata"]["desired"]["a"]["timestamp"]
    t = accepted["timestamp"]
    assert any_shadow.wait_said("update/delta").json == {
        "version": 2, "timestamp": t, "clientToken": TOKEN,
        "state": {"a": 1, "o": {"y": 2}, "b": [1]},
        "metadata": {"a": {"timestamp": first}, "o": {"y": {"timestamp": first}}, "b": [{"timestamp": t}]},
    }  # fmt: skip


def test_documents(any_shadow):
    first = any_shadow.update(desired={"a": 1})["timestamp"]
    t = any_shadow.accepted("update", {"state": {"desired": {"a": 2}, "reported": {"a": 1}}, "clientToken": TOKEN})["timestamp"]
    assert any_shadow.wait_said("update/documents", 2).json == {
        "previous": {"state": {"desired": {"a": 1}}, "metadata": {"desired": {"a": {"timestamp": first}}}, "version": 1},
        "current": {
            "state": {"desired": {"a": 2}, "reported": {"a": 1}},
            "metadata": {"desired": {"a": {"timestamp": t}}, "reported": {"a": {"timestamp": t}}}, "version": 2,
        },
        "timestamp": t, "clientToken": TOKEN,
    }  # fmt: skip


def test_documents_of_the_first_update(any_shadow):
    any_shadow.update(desired={"a": 1})
    found = any_shadow.wait_said("update/documents").json
    assert found["current"]["state"] == {"desired": {"a": 1}}
    assert found["current"]["version"] == 1
    previous = found.get("previous", {})
    assert not previous.get("state") and not previous.get("metadata") and not previous.get("version")
    assert "clientToken" not in found


def test_delete_accepted(any_shadow):
    any_shadow.update(desired={"a": 1})
    any_shadow.update(desired={"a": 2})
    found = any_shadow.accepted("delete", {"clientToken": TOKEN})
    assert is_now(found["timestamp"])
    assert found == {"version": 2, "timestamp": found["timestamp"], "clientToken": TOKEN}
    assert {each.what for each in any_shadow.said if each.what.startswith("delete")} == {"delete/accepted"}


@pytest.mark.parametrize("payload", [b"", b"not JSON", b"[1]", b'{"state":{}}', b"\xff"])
def test_the_payload_of_a_delete_is_ignored(payload, shadow):
    shadow.update(desired={"a": 1})
    assert shadow.accepted("delete", payload)["version"] == 1


def test_rejected(any_shadow):
    found = any_shadow.rejected("get", {"clientToken": TOKEN})
    assert is_now(found.pop("timestamp"))
    label = any_shadow.name or any_shadow.thing
    assert found == {"code": 404, "message": f"No shadow exists with name: '{label}'", "clientToken": TOKEN}


@pytest.mark.parametrize("qos", [0, 1])
def test_requests_at_both_qos(qos, shadow):
    assert shadow.accepted("update", {"state": {"desired": {"a": 1}}}, qos=qos)["version"] == 1
    assert shadow.accepted("get", b"", qos=qos)["version"] == 1
    assert shadow.accepted("delete", b"", qos=qos)["version"] == 1


def test_answers_come_at_the_qos_of_the_subscription(application, shadow):
    application.subscribe(f"{shadow.prefix}/update/documents", qos=0)
    shadow.update(desired={"a": 1})
    # One client with two subscriptions that match gets the higher QoS, so the answers with one match alone show it.
    found = {message.topic.rsplit("/", 1)[1]: message.qos for message in application.inbox.messages}
    assert (found["accepted"], found["delta"]) == (1, 1)


def test_payloads_are_compact_json(shadow):
    shadow.accepted("update", b'{ "state" : { "desired" : { "a" : [ 1 , 2 ] } } }')
    for each in shadow.said:
        assert each.payload.decode() == json.dumps(each.json, separators=(",", ":")), each
