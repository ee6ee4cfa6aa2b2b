"""Properties of a message on their way through the server (MQTT 5.0 §3.3.2.3)."""

import time

import pytest

from support.mqtt_raw import V311, Type, build
from support.statements import aws_only, open_only, statement


@statement("MQTT-3.3.2-4", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-17", "MQTT-3.3.2-18", "MQTT-3.3.2-20")
@pytest.mark.parametrize("qos", [0, 1])
def test_all_properties_arrive_unaltered(connect, topic, qos):
    properties = {
        "payload_format_indicator": 1,
        "content_type": "application/jsön; charset=utf-8",
        "response_topic": "answer/to/ünique",
        "correlation_data": bytes(range(256)),
        "user_property": [("z", "last"), ("a", "first"), ("z", "again"), ("", "no name"), ("no value", ""), ("ключ", "значение")],
    }
    client = connect()
    client.subscribe(topic, qos=1)
    client.publish(topic, b"payload", qos=qos, properties=properties)
    found = client.wait(Type.PUBLISH).properties
    for name in ("payload_format_indicator", "content_type", "response_topic", "correlation_data"):
        assert found.get(name) == properties[name], name
    assert found.all("user_property") == properties["user_property"]
    assert {name for name, _ in found} == set(properties), "the server added properties"


@statement("MQTT-3.3.2-4")
@pytest.mark.parametrize("indicator", [0, 1])
def test_payload_format_indicator(connect, topic, indicator):
    client = connect()
    client.subscribe(topic)
    client.publish(topic, b"text", properties={"payload_format_indicator": indicator})
    assert client.wait(Type.PUBLISH).properties.get("payload_format_indicator", 0) == indicator


@statement("MQTT-3.3.2-17", "MQTT-3.3.2-18")
def test_many_user_properties_keep_their_order(connect, topic):
    pairs = [(f"k{number % 7}", str(number)) for number in range(200)]
    client = connect()
    client.subscribe(topic)
    client.publish(topic, b"x", properties={"user_property": pairs})
    assert client.wait(Type.PUBLISH).properties.all("user_property") == pairs


@statement("MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-17", "MQTT-3.3.2-20")
def test_properties_wait_with_the_message(connect, client_id, topic):
    """What a session comes back to has the properties that were published."""
    keep = {"session_expiry_interval": 60}
    client = connect(client_id, properties=keep)
    client.subscribe(topic, qos=1)
    client.disconnect()
    properties = {"content_type": "a/b", "response_topic": "r", "correlation_data": b"c", "user_property": [("b", "1"), ("a", "2")]}
    connect().publish(topic, b"x", qos=1, properties=properties)
    found = connect(client_id, clean=False).next_publish().properties
    assert found.all("user_property") == properties["user_property"]
    assert all(found.get(name) == properties[name] for name in ("content_type", "response_topic", "correlation_data"))


@statement("MQTT-3.3.2-6")
def test_message_expiry_is_forwarded(connect, topic):
    client = connect()
    client.subscribe(topic)
    client.publish(topic, b"x", properties={"message_expiry_interval": 100})
    assert 98 <= client.wait(Type.PUBLISH).properties.get("message_expiry_interval") <= 100


@statement("MQTT-3.3.2-6", "MQTT-3.3.2-5")
def test_message_expiry_counts_the_time_of_waiting(connect, client_id, topic):
    client = connect(client_id, properties={"session_expiry_interval": 60})
    client.subscribe(topic, qos=1)
    client.disconnect()
    publisher = connect()
    publisher.publish(topic, b"gone", qos=1, properties={"message_expiry_interval": 1})
    publisher.publish(topic, b"waits", qos=1, properties={"message_expiry_interval": 100})
    publisher.publish(topic, b"forever", qos=1)
    time.sleep(2.2)
    client = connect(client_id, clean=False)
    waiting, forever = client.next_publish(), client.next_publish()
    assert (waiting.payload, forever.payload) == (b"waits", b"forever")
    assert 90 <= waiting.properties.get("message_expiry_interval") <= 98
    assert "message_expiry_interval" not in forever.properties


@statement("MQTT-3.3.2-5")
def test_message_expires_behind_a_full_window(connect, topic):
    client = connect(properties={"receive_maximum": 1})
    client.subscribe(topic, qos=1)
    publisher = connect()
    publisher.publish(topic, b"in flight", qos=1)
    publisher.publish(topic, b"gone", qos=1, properties={"message_expiry_interval": 1})
    publisher.publish(topic, b"after", qos=1)
    message = client.next_publish(ack=False)
    time.sleep(2)
    client.acknowledge(message)
    assert client.next_publish().payload == b"after"


@aws_only
@pytest.mark.parametrize("asked, forwarded", [(0, 1), (604_801, 604_800), (0xFFFFFFFF, 604_800)])
def test_aws_bounds_message_expiry(connect, topic, asked, forwarded):
    client = connect()
    client.subscribe(topic)
    client.publish(topic, b"x", properties={"message_expiry_interval": asked})
    assert forwarded - 2 <= client.wait(Type.PUBLISH).properties.get("message_expiry_interval") <= forwarded


@open_only("message expiry is at most seven days")
def test_message_expiry_of_four_bytes(connect, topic):
    client = connect()
    client.subscribe(topic)
    client.publish(topic, b"x", properties={"message_expiry_interval": 0xFFFFFFFF})
    assert client.wait(Type.PUBLISH).properties.get("message_expiry_interval") >= 0xFFFFFFFD


def test_properties_do_not_reach_v311(connect, topic):
    client = connect(version=V311)
    client.subscribe(topic)
    connect().publish(topic, b"x", properties={"content_type": "a/b", "user_property": [("k", "v")]})
    message = client.next_publish()
    assert message.raw == build.publish(topic, b"x", version=V311)


@statement("MQTT-3.3.2-14")
@pytest.mark.parametrize("bad", ["a/+", "#", "a/#", ""])
def test_illegal_response_topic(connect, topic, bad):
    client = connect()
    client.send(build.publish(topic, b"x", properties={"response_topic": bad}))
    packets = client.until_closed()
    assert [(each.type, each.reason >= 0x80) for each in packets] == [(Type.DISCONNECT, True)]


@statement("MQTT-3.3.2-13", "MQTT-3.3.2-19", "MQTT-1.5.7-1", "MQTT-1.5.4-1")
@pytest.mark.parametrize("name", ["response_topic", "content_type", "user property name", "user property value"])
@pytest.mark.parametrize("bad", [b"\xff", b"a\0b", b"\xed\xbf\xbf"], ids=["not UTF-8", "null", "surrogate"])
def test_bad_utf8_in_a_property(connect, topic, name, bad):
    pairs = {"user property name": (bad, b"v"), "user property value": (b"k", bad)}
    properties = {"user_property": [pairs[name]]} if name in pairs else {name: bad}
    client = connect()
    client.send(build.publish(topic, b"x", properties=properties))
    packets = client.until_closed()
    assert [(each.type, each.reason in (0x81, 0x82)) for each in packets] == [(Type.DISCONNECT, True)]


def test_payload_format_indicator_of_2(connect, topic):
    client = connect()
    client.send(build.publish(topic, b"x", properties={"payload_format_indicator": 2}))
    packets = client.until_closed()
    assert [(each.type, each.reason in (0x81, 0x82)) for each in packets] == [(Type.DISCONNECT, True)]


@aws_only
@pytest.mark.parametrize(
    "properties",
    [
        {"content_type": "c" * 257},
        {"response_topic": "r" * 257},
        {"correlation_data": b"c" * 8193},
        {"user_property": [("k", "v" * 8192)]},
    ],
    ids=["content type", "response topic", "correlation data", "user properties"],
)
def test_aws_bounds_properties(connect, topic, properties):
    """Too large is an error of this one packet or of the connection; it is not delivered either way."""
    watcher = connect()
    watcher.subscribe(topic)
    client = connect()
    client.send(build.publish(topic, b"too much", qos=1, packet_id=1, properties=properties))
    assert client.next().reason >= 0x80
    connect().publish(topic, b"fine")
    assert watcher.next_publish().payload == b"fine"


@open_only("properties have AWS IoT's limits")
def test_large_properties_pass(connect, topic):
    properties = {"content_type": "c" * 5000, "correlation_data": b"c" * 60000, "user_property": [("k", "v" * 60000)]}
    client = connect()
    client.subscribe(topic)
    client.publish(topic, b"x", properties=properties)
    found = client.wait(Type.PUBLISH).properties
    assert found.get("content_type") == properties["content_type"]
    assert found.get("correlation_data") == properties["correlation_data"]
    assert found.all("user_property") == properties["user_property"]
