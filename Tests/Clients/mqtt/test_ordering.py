"""Order of delivery (MQTT 5.0 §4.6)."""

import pytest

from support.mqtt_raw import Type, build
from support.statements import both_versions, open_only, statement, statement311


@both_versions
@statement("MQTT-4.6.0-5", "MQTT-4.6.0-6")
@statement311("MQTT-4.6.0-6")
@pytest.mark.parametrize("qos", [0, 1])
def test_messages_of_a_client_arrive_in_order(connect, version, topic, qos):
    client = connect(version=version)
    client.subscribe(topic, qos=qos)
    publisher = connect(version=version)
    count, window = 500, 50
    for start in range(0, count, window):
        burst = range(start + 1, start + 1 + window)
        publisher.send(*(_message(topic, number, qos, version) for number in burst))
        if qos:
            for number in burst:
                publisher.wait(Type.PUBACK, number)
    assert [int(client.next_publish().payload) for _ in range(count)] == list(range(1, count + 1))


@open_only("QoS 2 is not supported")
@statement("MQTT-4.6.0-5")
def test_qos_2_messages_arrive_in_order(connect, topic):
    client = connect()
    client.subscribe(topic, qos=2)
    publisher = connect()
    for number in range(100):
        publisher.publish(topic, b"%d" % number, qos=2)
    assert [int(client.next_publish().payload) for _ in range(100)] == list(range(100))


@both_versions
def test_acknowledgements_of_the_server_are_in_order(connect, version, topic):
    client = connect(version=version)
    client.send(*(_message(topic, number, 1, version) for number in range(1, 51)))
    assert [client.next(Type.PUBACK).packet_id for _ in range(50)] == list(range(1, 51))


@statement("MQTT-4.6.0-5", "MQTT-4.6.0-6")
def test_every_subscriber_sees_the_order(connect, topic):
    """Through an exact filter and through wildcards."""
    watchers = [connect() for _ in range(3)]
    for watcher, filter in zip(watchers, (topic + "/a", topic + "/+", topic + "/#")):
        watcher.subscribe(filter)
    publisher = connect()
    for number in range(200):
        publisher.publish(topic + "/a", b"%d" % number)
    for watcher in watchers:
        assert [int(watcher.next_publish().payload) for _ in range(200)] == list(range(200))


def _message(topic, number, qos, version):
    return build.publish(topic, b"%d" % number, qos=qos, packet_id=number if qos else None, version=version)
