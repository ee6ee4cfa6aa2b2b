"""Receive Maximum in both directions (MQTT 5.0 §4.9)."""

import pytest

from support.mqtt_raw import Type, V311, build
from support.statements import aws_only, open_only, statement


@statement("MQTT-3.3.4-9", "MQTT-4.9.0-1", "MQTT-4.9.0-2")
@pytest.mark.parametrize("window", [1, 3, 20])
def test_no_more_than_the_clients_receive_maximum_is_in_flight(connect, topic, window):
    client = connect(properties={"receive_maximum": window})
    client.subscribe(topic, qos=1)
    publisher = connect()
    for number in range(window * 3):
        publisher.publish(topic, b"%d" % number, qos=1)
    in_flight = [client.next_publish(ack=False) for _ in range(window)]
    client.ping()
    assert not client.inbox, "the window is full, and more came"
    received = 0
    while in_flight:
        assert in_flight[0].payload == b"%d" % received
        client.acknowledge(in_flight.pop(0))
        received += 1
        if received + len(in_flight) < window * 3:
            in_flight.append(client.next_publish(ack=False))
    assert received == window * 3


@open_only("QoS 2 is not supported")
@statement("MQTT-3.3.4-9", "MQTT-4.9.0-2")
def test_qos_2_occupies_the_window_until_pubcomp(connect, topic):
    client = connect(properties={"receive_maximum": 1})
    client.subscribe(topic, qos=2)
    publisher = connect()
    publisher.publish(topic, b"two", qos=2)
    publisher.publish(topic, b"one", qos=1)
    message = client.next_publish(ack=False)
    client.send(build.acknowledgement(Type.PUBREC, message.packet_id))
    client.next(Type.PUBREL)
    client.ping()
    assert not client.inbox, "PUBREC does not free the window"
    client.send(build.acknowledgement(Type.PUBCOMP, message.packet_id))
    assert client.next_publish().payload == b"one"


@statement("MQTT-3.3.4-10", "MQTT-4.9.0-3")
def test_a_full_window_delays_nothing_else(connect, topic):
    client = connect(properties={"receive_maximum": 1})
    client.subscribe(topic, qos=1)
    publisher = connect()
    for _ in range(3):
        publisher.publish(topic, b"waits", qos=1)
    client.next_publish(ack=False)
    client.ping()
    assert client.subscribe(topic + "/other", qos=0).codes == [0]
    assert client.publish(topic + "/unheard", qos=1).type == Type.PUBACK
    publisher.publish(topic + "/other", b"QoS 0 passes")
    assert client.next_publish().payload == b"QoS 0 passes"
    assert client.unsubscribe(topic + "/other").codes == [0]


def test_v311_has_a_window_too(connect, topic):
    """3.1.1 has no Receive Maximum; what matters is that everything comes, in order, as it is acknowledged."""
    client = connect(version=V311)
    client.subscribe(topic, qos=1)
    publisher = connect()
    for number in range(300):
        publisher.publish(topic, b"%d" % number, qos=1)
    assert [client.next_publish().payload for _ in range(300)] == [b"%d" % number for number in range(300)]


@statement("MQTT-3.3.4-7")
def test_a_burst_beyond_the_servers_receive_maximum(connect, topic):
    """The server may be quick enough to acknowledge all of it; if it is not it says 0x93. It never loses count."""
    client = connect()
    count = client.connack.properties.get("receive_maximum", 65535) * 3
    if count > 10_000:
        pytest.skip("the window is too large to overfill")
    client.send(*(build.publish(topic, b"x", qos=1, packet_id=number) for number in range(1, count + 1)))
    for number in range(1, count + 1):
        answer = client.next()
        if answer.type == Type.DISCONNECT:
            assert answer.reason == 0x93, str(answer)
            return
        assert (answer.type, answer.packet_id, answer.reason in (0, 0x10)) == (Type.PUBACK, number, True), str(answer)
    client.ping()


@open_only("QoS 2 is not supported")
@statement("MQTT-3.3.4-7")
def test_a_client_that_exceeds_the_servers_receive_maximum_is_disconnected(connect, topic):
    """QoS 2 without PUBREL keeps its place in the window, so this client can overfill it for certain."""
    client = connect()
    maximum = client.connack.properties.get("receive_maximum", 65535)
    if maximum == 65535:
        pytest.skip("more packet ids than 65,535 do not exist")
    client.send(*(build.publish(topic, b"x", qos=2, packet_id=number) for number in range(1, maximum + 2)))
    rest = [each for each in client.until_closed() if each.type != Type.PUBREC]
    assert [(each.type, each.reason) for each in rest] == [(Type.DISCONNECT, 0x93)]


@open_only("QoS 2 is not supported")
@statement("MQTT-4.9.0-1")
def test_the_whole_receive_maximum_of_the_server_can_be_used(connect, topic):
    client = connect()
    maximum = client.connack.properties.get("receive_maximum", 65535)
    client.send(*(build.publish(topic, b"x", qos=2, packet_id=number) for number in range(1, maximum + 1)))
    for number in range(1, maximum + 1):
        assert client.wait(Type.PUBREC, number).reason in (0, 0x10)
    client.ping()


@aws_only
def test_aws_accepts_bursts_that_it_acknowledges_in_time(connect, topic):
    """A hundred unacknowledged messages is what AWS IoT allows."""
    client = connect()
    client.send(*(build.publish(topic, b"x", qos=1, packet_id=number) for number in range(1, 101)))
    for number in range(1, 101):
        assert client.wait(Type.PUBACK, number).reason == 0
