"""A client id that connects again takes its session over (MQTT 5.0 §3.1.4, MQTT 3.1.1 §3.1.4)."""

import pytest

from support.mqtt_raw import V5, V311, Type, Will
from support.statements import both_versions, statement, statement311

KEEP = {"session_expiry_interval": 120}


@statement("MQTT-3.1.4-3", "MQTT-3.14.2-1", "MQTT-3.14.2-2", "MQTT-3.14.4-1", "MQTT-3.14.4-2")
def test_the_first_connection_is_told_and_closed(connect, client_id):
    first = connect(client_id)
    second = connect(client_id)
    assert [(each.type, each.reason) for each in first.until_closed()] == [(Type.DISCONNECT, 0x8E)]
    second.ping()


@statement311("MQTT-3.1.4-2")
def test_v311_the_first_connection_is_closed(connect, client_id):
    first = connect(client_id, version=V311)
    second = connect(client_id, version=V311)
    assert first.until_closed() == []
    second.ping()


@pytest.mark.parametrize("first_version, second_version", [(V311, V5), (V5, V311)])
def test_takeover_between_versions(connect, client_id, first_version, second_version):
    first = connect(client_id, version=first_version)
    second = connect(client_id, version=second_version)
    first.until_closed()
    second.ping()


@statement("MQTT-3.1.2-5", "MQTT-4.4.0-1")
def test_the_session_goes_on_in_the_new_connection(connect, client_id, topic):
    first = connect(client_id, clean=False, properties=KEEP)
    first.subscribe(topic, qos=1)
    publisher = connect()
    publisher.publish(topic, b"unacknowledged", qos=1)
    seen = first.next_publish(ack=False)
    second = connect(client_id, clean=False, properties={"session_expiry_interval": 0})
    assert second.connack.session_present
    again = second.next_publish()
    assert (again.payload, again.packet_id, again.dup) == (b"unacknowledged", seen.packet_id, True)
    publisher.publish(topic, b"next", qos=1)
    assert second.next_publish().payload == b"next"


@both_versions
@statement("MQTT-3.1.2-4")
def test_clean_start_takeover_discards_the_session(connect, version, client_id, topic):
    first = connect(client_id, version=version)
    first.subscribe(topic)
    second = connect(client_id, version=version, clean=True)
    assert not second.connack.session_present
    first.until_closed()
    watcher = connect()
    watcher.subscribe(topic)
    connect().publish(topic, b"for the watcher")
    assert watcher.next_publish().payload == b"for the watcher"
    second.ping()
    assert not second.inbox


@both_versions
@statement("MQTT-3.1.2-8")
def test_takeover_publishes_the_will(connect, version, client_id, topic):
    watcher = connect()
    watcher.subscribe(topic)
    connect(client_id, version=version, will=Will(topic, b"taken over"))
    connect(client_id, version=version)
    assert watcher.next_publish().payload == b"taken over"


@both_versions
def test_many_takeovers_in_a_row_leave_the_last(connect, version, client_id):
    clients = [connect(client_id, version=version) for _ in range(20)]
    for each in clients[:-1]:
        each.until_closed()
    clients[-1].ping()
