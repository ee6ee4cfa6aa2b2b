"""Topic aliases in both directions (MQTT 5.0 §3.3.2.3.4)."""

import pytest

from support.mqtt_raw import Type, build
from support.statements import aws_only, statement


def alias(number):
    return {"topic_alias": number}


@statement("MQTT-3.3.2-12")
def test_every_alias_up_to_the_maximum_is_accepted(connect, topic):
    client = connect()
    client.subscribe(topic + "/+")
    maximum = client.connack.properties.get("topic_alias_maximum", 0)
    assert maximum > 0
    for number in range(1, maximum + 1):
        client.send(build.publish(f"{topic}/{number}", b"named", properties=alias(number)))
    for number in range(maximum, 0, -1):
        client.send(build.publish("", b"aliased", properties=alias(number)))
    topics = [client.next_publish().topic for _ in range(2 * maximum)]
    assert topics == [f"{topic}/{n}" for n in [*range(1, maximum + 1), *range(maximum, 0, -1)]]


def test_an_alias_can_be_given_another_topic(connect, topic):
    client = connect()
    client.subscribe(topic + "/+")
    client.send(
        build.publish(topic + "/a", b"1", properties=alias(1)),
        build.publish("", b"2", properties=alias(1)),
        build.publish(topic + "/b", b"3", properties=alias(1)),
        build.publish("", b"4", properties=alias(1)),
    )
    found = [client.next_publish() for _ in range(4)]
    assert [(each.topic[-1], each.payload) for each in found] == [("a", b"1"), ("a", b"2"), ("b", b"3"), ("b", b"4")]


@statement("MQTT-3.3.2-7")
def test_aliases_end_with_the_connection(connect, client_id, topic):
    keep = {"session_expiry_interval": 60}
    first = connect(client_id, properties=keep)
    first.send(build.publish(topic, b"named", properties=alias(1)))
    first.disconnect()
    second = connect(client_id, clean=False)
    assert second.connack.session_present
    second.send(build.publish("", b"aliased", properties=alias(1)))
    assert [each.reason for each in second.until_closed()] in ([0x82], [0x94])


def test_aliases_of_clients_are_apart(connect, topic):
    first, second = connect(), connect()
    first.send(build.publish(topic + "/first", properties=alias(1)))
    second.subscribe(topic + "/+")
    second.send(build.publish(topic + "/second", properties=alias(1)), build.publish("", b"mine", properties=alias(1)))
    assert second.next_publish().topic == second.next_publish().topic == topic + "/second"


@statement("MQTT-3.3.2-8", "MQTT-4.13.1-1")
def test_alias_0_is_refused(connect, topic):
    client = connect()
    client.send(build.publish(topic, properties=alias(0)))
    assert [each.reason for each in client.until_closed()] in ([0x94], [0x82], [0x81])


@statement("MQTT-3.3.2-9")
@pytest.mark.parametrize("above", [1, None], ids=["one above", "65535"])
def test_alias_above_the_maximum_is_refused(connect, topic, above):
    client = connect()
    maximum = client.connack.properties.get("topic_alias_maximum", 0)
    client.send(build.publish(topic, properties=alias(maximum + 1 if above else 65535)))
    assert [each.reason for each in client.until_closed()] == [0x94]


def test_unknown_alias_is_refused(connect):
    client = connect()
    client.send(build.publish("", properties=alias(1)))
    assert [each.reason for each in client.until_closed()] in ([0x82], [0x94])


@statement("MQTT-4.7.3-1")
def test_no_topic_and_no_alias_is_refused(connect):
    client = connect()
    client.send(build.publish("", b"x"))
    assert [each.reason for each in client.until_closed()] in ([0x82], [0x81], [0x90])


@statement("MQTT-3.1.2-27")
@pytest.mark.parametrize("properties", [None, {"topic_alias_maximum": 0}], ids=["absent", "zero"])
def test_no_alias_towards_a_client_that_takes_none(connect, topic, properties):
    client = connect(properties=properties)
    client.subscribe(topic)
    publisher = connect()
    for number in range(20):
        publisher.publish(topic, b"%d" % number)
    assert all("topic_alias" not in client.next_publish().properties for _ in range(20))


@statement("MQTT-3.1.2-26", "MQTT-3.3.2-11", "MQTT-3.3.2-3")
@pytest.mark.parametrize("maximum", [1, 2, 65535])
def test_aliases_towards_a_client_stay_within_its_maximum(connect, topic, maximum):
    """The reader resolves the aliases, so wrong ones show as wrong topics."""
    client = connect(properties={"topic_alias_maximum": maximum})
    client.subscribe(topic + "/+")
    publisher = connect()
    expected = []
    for number in range(60):
        expected.append(f"{topic}/{number % 12}")
        publisher.publish(expected[-1], b"%d" % number)
    found = [client.next_publish() for _ in range(60)]
    assert [each.topic for each in found] == expected
    used = {each.properties.get("topic_alias") for each in found} - {None}
    assert all(1 <= each <= maximum for each in used), used


@pytest.mark.roost_process
def test_the_server_uses_aliases_for_repeated_topics(connect, topic):
    client = connect(properties={"topic_alias_maximum": 4})
    client.subscribe(topic)
    publisher = connect()
    for number in range(10):
        publisher.publish(topic, b"%d" % number)
    lengths = [len(client.next_publish().raw) for _ in range(10)]
    assert min(lengths) < lengths[0], "the topic is spelled out in every packet"


def test_alias_is_not_forwarded(connect, topic):
    client = connect()
    client.subscribe(topic)
    client.send(build.publish(topic, b"x", properties=alias(1)))
    message = client.next_publish()
    assert message.topic == topic and "topic_alias" not in message.properties


def test_aliases_work_with_qos_1(connect, topic):
    client = connect()
    client.subscribe(topic, qos=1)
    client.send(build.publish(topic, b"1", qos=1, packet_id=1, properties=alias(1)))
    client.send(build.publish("", b"2", qos=1, packet_id=2, properties=alias(1)))
    assert client.wait(Type.PUBACK, 1).reason == client.wait(Type.PUBACK, 2).reason == 0
    assert [client.next_publish().payload for _ in range(2)] == [b"1", b"2"]


@aws_only
def test_aws_allows_8_aliases(connect):
    assert connect().connack.properties.get("topic_alias_maximum") == 8
