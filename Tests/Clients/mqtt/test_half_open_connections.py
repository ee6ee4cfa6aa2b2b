"""Peers that end half of a connection, or all of it, at awkward moments."""

import pytest

from support.mqtt_raw import Type, Will, build
from support.statements import both_versions, statement

pytestmark = pytest.mark.usefixtures("unharmed")


@both_versions
@statement("MQTT-3.1.2-8")
def test_end_of_the_clients_direction_is_a_lost_connection(connect, version, topic):
    watcher = connect()
    watcher.subscribe(topic)
    client = connect(version=version, will=Will(topic, b"half closed"))
    client.half_close()
    assert client.until_closed() == []
    assert watcher.next_publish().payload == b"half closed"


@both_versions
def test_what_came_before_the_end_is_processed(connect, version, topic):
    watcher = connect()
    watcher.subscribe(topic)
    client = connect(version=version)
    client.send(build.publish(topic, b"last words", version=version))
    client.half_close()
    client.until_closed()
    assert watcher.next_publish().payload == b"last words"


def test_end_before_connect(open_socket):
    client = open_socket()
    client.half_close()
    assert client.until_closed() == []


@both_versions
def test_end_right_behind_connect(open_socket, version, client_id):
    client = open_socket(version)
    client.send(build.connect(client_id, version=version))
    client.half_close()
    assert all(each.type == Type.CONNACK for each in client.until_closed())


@both_versions
def test_resets_while_messages_are_on_their_way(connect, version, topic):
    publisher = connect()
    for _ in range(20):
        client = connect(version=version)
        client.subscribe(topic, qos=1)
        publisher.send(*(build.publish(topic, b"x" * 1000) for _ in range(50)))
        client.abort()
    publisher.ping()


@both_versions
def test_reset_right_behind_connect(open_socket, version, unique):
    for _ in range(50):
        client = open_socket(version)
        client.send(build.connect(unique(), version=version))
        client.abort()
