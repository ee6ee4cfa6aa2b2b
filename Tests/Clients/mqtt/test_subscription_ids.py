"""Subscription identifiers (MQTT 5.0 §3.8.2.1.2, §3.3.2.3.8)."""

import pytest

from support.mqtt_raw import Filter, Type, build, settle
from support.statements import departs, open_only, statement

NONE = "subscription identifiers are not supported"


@open_only(NONE)
@statement("MQTT-3.3.4-3")
@pytest.mark.parametrize("identifier", [1, 127, 128, 16_383, 2_097_152, 268_435_455])
def test_identifier_comes_with_the_message(connect, topic, identifier):
    client = connect()
    client.subscribe(topic, properties={"subscription_identifier": identifier})
    connect().publish(topic, b"x")
    assert client.next_publish().properties.all("subscription_identifier") == [identifier]


@open_only(NONE)
@statement("MQTT-3.3.4-3", "MQTT-3.3.4-4", "MQTT-3.3.4-5")
def test_overlapping_subscriptions_name_all_their_identifiers(connect, topic):
    """One copy with all of them, or a copy for each: either way each identifier comes once."""
    client = connect()
    for identifier, filter in ((1, topic + "/a"), (2, topic + "/+"), (3, topic + "/#"), (9, topic + "/other")):
        client.subscribe(Filter(filter, 1), properties={"subscription_identifier": identifier})
    client.subscribe(Filter("+/a", 1))
    publisher = connect()
    publisher.publish(topic + "/a", b"x", qos=1)
    copies = settle(client, publisher, topic + "-end")
    assert sorted(each for copy in copies for each in copy.properties.all("subscription_identifier")) == [1, 2, 3]
    assert len(copies) == 1 or all(len(each.properties.all("subscription_identifier")) <= 1 for each in copies)


@open_only(NONE)
def test_one_identifier_for_several_filters(connect, topic):
    client = connect()
    client.subscribe(topic + "/a", topic + "/b", properties={"subscription_identifier": 5})
    publisher = connect()
    for end in "ab":
        publisher.publish(f"{topic}/{end}", b"x")
        assert client.next_publish().properties.all("subscription_identifier") == [5]


@open_only(NONE)
@statement("MQTT-3.8.4-3")
def test_subscribing_again_replaces_the_identifier(connect, topic):
    client = connect()
    publisher = connect()
    for properties, expected in (({"subscription_identifier": 1}, [1]), ({"subscription_identifier": 2}, [2]), (None, [])):
        client.subscribe(topic, properties=properties)
        publisher.publish(topic, b"x")
        assert client.next_publish().properties.all("subscription_identifier") == expected


@open_only(NONE)
def test_identifier_is_part_of_the_session(connect, client_id, topic):
    client = connect(client_id, properties={"session_expiry_interval": 60})
    client.subscribe(Filter(topic, 1), properties={"subscription_identifier": 42})
    client.disconnect()
    publisher = connect()
    publisher.publish(topic, b"while away", qos=1)
    client = connect(client_id, clean=False)
    publisher.publish(topic, b"live", qos=1)
    found = [client.next_publish() for _ in range(2)]
    assert [each.properties.all("subscription_identifier") for each in found] == [[42], [42]]


@open_only(NONE)
def test_identifier_comes_with_retained_messages(connect, topic):
    publisher = connect()
    publisher.publish(topic, b"x", qos=1, retain=True)
    client = connect()
    client.subscribe(topic, properties={"subscription_identifier": 7})
    assert client.next_publish().properties.all("subscription_identifier") == [7]
    publisher.publish(topic, b"", qos=1, retain=True)


@open_only(NONE)
def test_shared_subscriptions_have_identifiers(connect, topic):
    client = connect()
    client.subscribe("$share/group/" + topic, properties={"subscription_identifier": 8})
    connect().publish(topic, b"x")
    assert client.next_publish().properties.all("subscription_identifier") == [8]


@open_only(NONE)
def test_identifier_0_is_a_protocol_error(connect, topic):
    client = connect()
    client.send(build.subscribe(1, [Filter(topic)], properties={"subscription_identifier": 0}))
    assert [(each.type, each.reason) for each in client.until_closed()] == [(Type.DISCONNECT, 0x82)]


@open_only(NONE)
def test_two_identifiers_in_one_subscribe_are_a_protocol_error(connect, topic):
    client = connect()
    client.send(build.subscribe(1, [Filter(topic)], properties={"subscription_identifier": [1, 2]}))
    assert [(each.type, each.reason) for each in client.until_closed()] == [(Type.DISCONNECT, 0x82)]


@statement("MQTT-3.3.4-6")
def test_a_client_must_not_publish_with_an_identifier(connect, topic):
    client = connect()
    client.send(build.publish(topic, b"x", properties={"subscription_identifier": 1}))
    assert [(each.type, each.reason) for each in client.until_closed()] == [(Type.DISCONNECT, 0x82)]


@departs(NONE, "MQTT-3.3.4-3", "MQTT-3.3.4-4", "MQTT-3.3.4-5")
def test_aws_refuses_subscription_identifiers(connect, topic):
    client = connect()
    client.send(build.subscribe(1, [Filter(topic)], properties={"subscription_identifier": 1}))
    assert [(each.type, each.reason) for each in client.until_closed()] == [(Type.DISCONNECT, 0xA1)]
