"""What a thing type adds to the messages of its devices (AWS IoT Developer Guide, "Adding propagating attributes for message enrichment")."""

import json
import time

import paho.mqtt.client as paho
import pytest
from fleet.api import refused
from fleet.device import allow_all_policy
from fleet.inbox import PATIENCE
from fleet.paho_client import PahoClient
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PROPAGATING = [
    {"userPropertyKey": "env", "thingAttribute": "environment"},
    {"userPropertyKey": "iot:client", "connectionAttribute": "iot:ClientId"},
    {"userPropertyKey": "$thing", "connectionAttribute": "iot:Thing.ThingName"},
]


def enriching(*attributes):
    return {"mqtt5Configuration": {"propagatingAttributes": list(attributes)}}


class Receiver:
    """Keeps what user properties came with each payload. Made before its client connects, so that it misses nothing."""

    def __init__(self, client):
        self.properties = []
        client.paho.on_message = lambda c, u, message: self.properties.append(
            (message.payload, getattr(message.properties, "UserProperty", []))
        )

    def of(self, payload):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for arrived, properties in list(self.properties):
                if arrived == payload:
                    return properties
            time.sleep(0.01)
        raise AssertionError(f"{payload} did not come; there are {self.properties}")


@pytest.fixture
def lamp(iot, new_device, name):
    """A device whose thing has a type that adds all there is to add."""
    device = new_device(f"{name}-lamp", policy=allow_all_policy())
    iot.create_thing_type(thingTypeName=name, thingTypeProperties=enriching(*PROPAGATING))
    iot.update_thing(thingName=device.name, thingTypeName=name, attributePayload={"attributes": {"environment": "prod"}})
    return device


@pytest.fixture
def receiver(endpoints, new_device, name):
    client = PahoClient(endpoints, new_device(f"{name}-reader", policy=allow_all_policy()))
    receiver = Receiver(client)
    with client:
        client.subscribe(f"{name}/#")
        yield receiver


def all_of(device, environment="prod"):
    return [("env", environment), ("iot:client", device.name), ("$thing", device.name)]


@pytest.mark.parametrize("version", [paho.MQTTv311, paho.MQTTv5])
@pytest.mark.parametrize("qos", [0, 1])
def test_each_message_of_a_device_is_enriched(endpoints, lamp, receiver, name, version, qos):
    with PahoClient(endpoints, lamp, version=version) as client:
        for number in range(3):
            client.publish(f"{name}/x", b"%d" % number, qos=qos)
            assert receiver.of(b"%d" % number) == all_of(lamp)


def test_its_own_properties_come_first(endpoints, lamp, receiver, name):
    properties = Properties(PacketTypes.PUBLISH)
    properties.TopicAlias = 1
    properties.UserProperty = [("env", "its own"), ("a", "b")]
    properties.MessageExpiryInterval = 60
    properties.ContentType = "text/plain"
    with PahoClient(endpoints, lamp) as client:
        client.publish(f"{name}/x", b"1", properties=properties)
        assert receiver.of(b"1") == [("env", "its own"), ("a", "b"), *all_of(lamp)]
        client.publish("", b"2", properties=properties)
        assert receiver.of(b"2") == [("env", "its own"), ("a", "b"), *all_of(lamp)]


def test_changes_count_for_the_next_message(iot, endpoints, lamp, receiver, name):
    with PahoClient(endpoints, lamp) as client:
        def properties(payload):
            client.publish(f"{name}/x", payload)
            return receiver.of(payload)

        assert properties(b"1") == all_of(lamp)
        iot.update_thing(thingName=lamp.name, attributePayload={"attributes": {"environment": "test"}})
        assert properties(b"2") == all_of(lamp, "test")
        iot.update_thing_type(thingTypeName=name, thingTypeProperties=enriching(PROPAGATING[0]))
        assert properties(b"3") == [("env", "test")]
        iot.update_thing(thingName=lamp.name, attributePayload={"attributes": {"environment": ""}, "merge": True})
        assert properties(b"4") == []
        iot.update_thing_type(thingTypeName=name, thingTypeProperties=enriching(PROPAGATING[2]))
        assert properties(b"5") == [("$thing", lamp.name)]
        iot.update_thing(thingName=lamp.name, removeThingType=True)
        assert properties(b"6") == []
        iot.update_thing(thingName=lamp.name, thingTypeName=name)
        assert properties(b"7") == [("$thing", lamp.name)]
        iot.update_thing_type(thingTypeName=name, thingTypeProperties=enriching())
        assert properties(b"8") == []


def test_a_later_connection_is_enriched_by_what_changed_meanwhile(iot, endpoints, lamp, receiver, name):
    with PahoClient(endpoints, lamp) as client:
        client.publish(f"{name}/x", b"1")
        assert receiver.of(b"1") == all_of(lamp)
    iot.update_thing_type(thingTypeName=name, thingTypeProperties=enriching(PROPAGATING[1]))
    with PahoClient(endpoints, lamp) as client:
        client.publish(f"{name}/x", b"2")
        assert receiver.of(b"2") == [("iot:client", lamp.name)]


def test_who_is_not_the_thing_adds_nothing(endpoints, lamp, receiver, name):
    with PahoClient(endpoints, lamp, client_id=f"{name}-other") as client:
        client.publish(f"{name}/x", b"1")
        assert receiver.of(b"1") == []


def test_kept_messages_are_enriched(iot, endpoints, lamp, new_device, name):
    reader = new_device(f"{name}-sleeper", policy=allow_all_policy())
    with PahoClient(endpoints, reader, persistent=True) as client:
        client.subscribe(f"{name}/x")
    with PahoClient(endpoints, lamp) as client:
        client.publish(f"{name}/x", b"kept")
        client.publish(f"{name}/retained", b"retained", retain=True)
    client = PahoClient(endpoints, reader, persistent=True)
    receiver = Receiver(client)
    with client:
        client.subscribe(f"{name}/retained")
        assert receiver.of(b"kept") == all_of(lamp)
        assert receiver.of(b"retained") == all_of(lamp)


def test_rules_see_them(iot, endpoints, lamp, receiver, name):
    rule = name.replace("-", "_")
    republish = {"roleArn": "arn:aws:iam::000000000000:role/rules", "topic": f"{name}/out", "qos": 1}
    sql = f"SELECT get_user_properties('env') AS env, a FROM '{name}/in' WHERE get(get_user_properties('env'), 0) = 'prod'"
    iot.create_topic_rule(
        ruleName=rule, topicRulePayload={"sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": [{"republish": republish}]})
    with PahoClient(endpoints, lamp, version=paho.MQTTv311) as client:
        client.publish(f"$aws/rules/{rule}/{name}/in", b'{"a": 1}')
        client.publish(f"{name}/in", b'{"a": 2}')
    wanted = [{"env": ["prod"], "a": 1}, {"env": ["prod"], "a": 2}]
    deadline = time.monotonic() + PATIENCE
    found = []
    while found != wanted and time.monotonic() < deadline:
        found = sorted(
            (json.loads(payload) for payload, _ in list(receiver.properties) if b"env" in payload), key=lambda each: each["a"])
    assert found == wanted


def test_what_cannot_be_added_is_refused(iot, name):
    for attributes in (
        [{"userPropertyKey": "a"}],
        [{"thingAttribute": "a"}],
        [{"userPropertyKey": "a b", "thingAttribute": "a"}],
        [{"userPropertyKey": "a", "thingAttribute": "b", "connectionAttribute": "iot:ClientId"}],
        [{"userPropertyKey": "a", "connectionAttribute": "iot:SourceIp"}],
        [{"userPropertyKey": "a", "thingAttribute": "b"}] * 21,
    ):
        refused(
            iot.create_thing_type, "InvalidRequestException", 400,
            thingTypeName=name, thingTypeProperties=enriching(*attributes),
        )  # fmt: skip
    refused(iot.describe_thing_type, "ResourceNotFoundException", 404, thingTypeName=name)
