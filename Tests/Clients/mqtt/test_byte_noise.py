"""Streams that are no MQTT at all, or MQTT with damage: the connection ends or goes on, and nothing else happens."""

import random

import pytest

from support.mqtt_raw import V5, Filter, Type, Will, build
from support.statements import both_versions, statement

pytestmark = pytest.mark.usefixtures("unharmed")

FOREIGN = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "TLS": bytes.fromhex("16 03 01 02 00 01 00 01 fc 03 03") + bytes(range(256)) * 2,
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "proxy protocol": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n",
    "zeros": bytes(4096),
    "ones": b"\xff" * 4096,
    "newlines": b"\r\n" * 100,
    "AMQP": b"AMQP\0\0\x09\x01",
}


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN.keys())
def test_other_protocols(open_socket, data):
    client = open_socket()
    client.send(data)
    client.half_close()
    assert all(each.type == Type.CONNACK and each.reason for each in client.until_closed())


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes(open_socket, seed):
    noise = random.Random(seed)
    for _ in range(25):
        client = open_socket()
        client.send(_bytes(noise))
        client.half_close()
        client.until_closed()
        client.close()


@both_versions
@pytest.mark.parametrize("seed", range(8))
def test_random_bytes_behind_connect(connect, version, seed):
    noise = random.Random(seed)
    for _ in range(25):
        client = connect(version=version)
        client.send(_bytes(noise))
        client.half_close()
        client.until_closed()


@both_versions
@pytest.mark.parametrize("seed", range(8))
def test_damaged_conversations(open_socket, version, seed, unique):
    """A legal conversation with some bits turned. What the server answers must be well-formed; that it answers is not demanded."""
    noise = random.Random(seed)
    for _ in range(25):
        stream = bytearray(conversation(version, unique()))
        for _ in range(noise.randrange(1, 8)):
            stream[noise.randrange(len(stream))] ^= 1 << noise.randrange(8)
        client = open_socket(version)
        client.send(bytes(stream))
        client.half_close()
        client.until_closed()


@both_versions
@statement("MQTT-4.2-1")
def test_a_conversation_in_single_bytes(open_socket, version, unique):
    """TCP may cut anywhere: each byte alone must give what the whole gives."""
    whole, dripped = open_socket(version), open_socket(version)
    whole.send(conversation(version, unique()))
    for byte in conversation(version, unique()):
        dripped.send(bytes([byte]))
    expected = [Type.CONNACK, Type.PUBLISH, Type.PUBLISH, Type.PUBACK, Type.SUBACK, Type.UNSUBACK, Type.PINGRESP]
    for client in (whole, dripped):
        assert sorted(client.next().type for _ in expected) == expected
        client.disconnect()


@both_versions
@statement("MQTT-3.1.4-1")
def test_connect_cut_at_every_byte(open_socket, version, client_id, topic):
    """Each part of a CONNECT, and then the end of the stream: nothing is accepted, and the will of the whole is not published."""
    packet = build.connect(client_id, version=version, will=Will(topic), username="user", password=b"secret")
    for length in range(len(packet)):
        client = open_socket(version)
        client.send(packet[:length])
        client.half_close()
        assert all(each.reason for each in client.until_closed()), f"the first {length} bytes of CONNECT were accepted"
        client.close()


@both_versions
def test_packets_cut_at_every_byte(connect, version, topic):
    for packet in (
        build.publish(topic, b"payload", qos=1, packet_id=1, version=version),
        build.subscribe(1, [Filter(topic)], version=version),
        build.unsubscribe(1, [topic], version=version),
    ):
        for length in range(1, len(packet)):
            client = connect(version=version)
            client.send(packet[:length])
            client.half_close()
            assert client.until_closed() == [], "part of a packet was answered"


def conversation(version, name):
    """CONNECT and every kind of packet that is legal behind it without waiting for answers, QoS 1 at most."""
    properties = {"content_type": "text/plain", "user_property": [("k", "v")]} if version == V5 else None
    return b"".join([
        build.connect(name, version=version, will=Will(name + "/will", qos=1), username="user", password=b"secret"),
        build.subscribe(1, [Filter(name + "/+", 1), Filter(name)], version=version),
        build.publish(name, b"zero", version=version, properties=properties),
        build.publish(name + "/one", b"one", qos=1, packet_id=2, version=version, properties=properties),
        build.acknowledgement(Type.PUBACK, 1),
        build.pingreq(),
        build.unsubscribe(3, [name + "/+"], version=version),
    ])  # fmt: skip


def _bytes(noise):
    return bytes(noise.randrange(256) for _ in range(noise.randrange(1, 2000)))

