"""Presence and subscription events (reference: lifecycle events)."""

import json

import pytest
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from support.mqtt_raw import MQTTClient


@pytest.fixture(scope="module")
def events(server):
    """Everything under $aws/events, seen by a client of the plain listener."""
    client = PahoClient(vars(server.endpoints), client_id="event-watcher", listener="mqtt").connect()
    client.subscribe("$aws/events/#")
    yield client.inbox
    client.disconnect()


def event(events, kind, client_id):
    path = "presence" if kind in ("connected", "disconnected", "connect_failed") else "subscriptions"
    topic = f"$aws/events/{path}/{kind}/{client_id}"
    found = json.loads(events.wait(lambda message: message.topic == topic).payload)
    assert found["clientId"] == client_id
    assert found["eventType"] == kind
    assert found["timestamp"] > 1_700_000_000_000
    assert found["sessionIdentifier"]
    assert found["principalIdentifier"]
    return found


def test_connect_subscribe_unsubscribe_disconnect(endpoints, new_device, events, name):
    device = new_device(name, policy=allow_all_policy(), exclusive=True)
    client = PahoClient(endpoints, device).connect()
    connected = event(events, "connected", name)
    assert connected["principalIdentifier"] == device.certificate_id
    assert connected["ipAddress"] == "127.0.0.1"
    assert connected["thingName"] == name
    client.subscribe(f"{name}/a")
    assert event(events, "subscribed", name)["topics"] == [f"{name}/a"]
    client.unsubscribe(f"{name}/a")
    assert event(events, "unsubscribed", name)["topics"] == [f"{name}/a"]
    client.disconnect()
    disconnected = event(events, "disconnected", name)
    assert disconnected["clientInitiatedDisconnect"] is True
    assert disconnected["disconnectReason"] == "CLIENT_INITIATED_DISCONNECT"
    assert disconnected["versionNumber"] == connected["versionNumber"]
    assert disconnected["sessionIdentifier"] == connected["sessionIdentifier"]
    assert "ipAddress" not in disconnected


def test_the_version_grows_with_each_connection(endpoints, new_device, events, name):
    device = new_device(name, policy=allow_all_policy())
    versions = []
    for _ in range(3):
        events.clear()
        with PahoClient(endpoints, device):
            versions.append(event(events, "connected", name)["versionNumber"])
        event(events, "disconnected", name)
    assert versions == [versions[0], versions[0] + 1, versions[0] + 2]


def test_thing_name_needs_an_exclusive_thing(endpoints, new_device, events, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())):
        assert "thingName" not in event(events, "connected", name)


def test_a_lost_connection(endpoints, new_device, events, name):
    client = PahoClient(endpoints, new_device(name, policy=allow_all_policy())).connect()
    client.drop()
    lost = event(events, "disconnected", name)
    assert (lost["disconnectReason"], lost["clientInitiatedDisconnect"]) == ("CONNECTION_LOST", False)


def test_a_takeover(endpoints, new_device, events, name):
    device = new_device(name, policy=allow_all_policy())
    first = PahoClient(endpoints, device).connect()
    with PahoClient(endpoints, device):
        assert first.wait_closed().value == 0x8E
        assert event(events, "disconnected", name)["disconnectReason"] == "DUPLICATE_CLIENTID"


def test_a_refused_connection(endpoints, new_device, events, name):
    device = new_device(name)
    other = f"{name}-other"
    PahoClient(endpoints, device, client_id=other).connect(expect_success=False)
    failed = event(events, "connect_failed", other)
    assert failed["connectFailureReason"] == "AUTHORIZATION_FAILED"
    assert failed["principalIdentifier"] == device.certificate_id


def test_a_refused_publish(endpoints, new_device, events, name):
    client = PahoClient(endpoints, new_device(name)).connect()
    client.publish("not/allowed", b"x", qos=0)
    client.wait_closed()
    assert event(events, "disconnected", name)["disconnectReason"] in ("AUTH_ERROR", "FORBIDDEN_ACCESS")


def test_a_malformed_packet(server, events, name):
    client = MQTTClient(server.mqtt_address)
    client.connect(name)
    client.send(b"\xf3\x00")
    client.until_closed()
    assert event(events, "disconnected", name)["disconnectReason"] == "CLIENT_ERROR"


def test_delete_connection(iot_data, endpoints, new_device, events, name):
    client = PahoClient(endpoints, new_device(name, policy=allow_all_policy())).connect()
    iot_data.delete_connection(clientId=name)
    client.wait_closed()
    assert event(events, "disconnected", name)["disconnectReason"] == "API_INITIATED_DISCONNECT"


@pytest.mark.parametrize("odd", ["a#b", "a+b"])
def test_client_ids_that_cannot_be_in_a_filter_have_no_events(odd, server, endpoints, new_device, events, name):
    client = MQTTClient(server.mqtt_address)
    client.connect(odd)
    client.disconnect()
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())):
        event(events, "connected", name)
    assert not [message for message in events.messages if odd in message.topic]


def test_events_are_under_policy(endpoints, new_device, name):
    """A device without the right to $aws/events is refused the subscription."""
    with PahoClient(endpoints, new_device(name)) as client:
        assert client.subscribe("$aws/events/presence/connected/+")[0].value == 0x87
