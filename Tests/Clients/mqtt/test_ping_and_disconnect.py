"""PINGREQ and DISCONNECT (MQTT 5.0 §3.12, §3.14)."""

import pytest

from support.mqtt_raw import V5, V311, Type, Will, build, settle
from support.statements import both_versions, statement, statement311


@both_versions
@statement("MQTT-3.12.4-1")
def test_pings_are_answered(connect, version):
    client = connect(version=version)
    client.send(build.pingreq() * 10)
    assert [client.next().raw for _ in range(10)] == [b"\xd0\0"] * 10


@both_versions
@statement("MQTT-3.14.4-2", "MQTT-3.14.4-1")
def test_disconnect_closes_without_an_answer(connect, version):
    client = connect(version=version)
    client.send(build.disconnect())
    assert client.until_closed() == []


@statement("MQTT-3.14.4-3")
def test_disconnect_in_all_its_lengths(connect, topic):
    """Reason and property length may be left out (§3.14.2.1, §3.14.2.2.1)."""
    watcher = connect()
    watcher.subscribe(topic)
    for body in (b"", b"\0", b"\0\0", b"\0\x09\x1f\0\x06reason"):
        client = connect(will=Will(topic, body))
        client.send(build.packet(Type.DISCONNECT, 0, body))
        assert client.until_closed() == []
    assert settle(watcher, connect(), topic + "/end") == []


@both_versions
def test_nothing_after_disconnect_is_processed(connect, version, topic):
    watcher = connect()
    watcher.subscribe(topic)
    client = connect(version=version)
    client.send(build.disconnect(), build.publish(topic, b"too late", version=version))
    client.until_closed()
    assert settle(watcher, connect(), topic + "/end") == []


@both_versions
@statement("MQTT-3.14.1-1", "MQTT-2.1.3-1")
@statement311("MQTT-3.14.1-1", "MQTT-2.2.2-2")
@pytest.mark.parametrize("flags", [1, 2, 4, 8, 15])
def test_disconnect_with_reserved_flags_is_malformed(connect, version, topic, flags):
    """So it is no proper DISCONNECT, and the will is published."""
    watcher = connect()
    watcher.subscribe(topic)
    client = connect(version=version, will=Will(topic, b"malformed"))
    client.send(build.disconnect(flags=flags))
    packets = client.until_closed()
    assert [(each.type, each.reason) for each in packets] == ([(Type.DISCONNECT, 0x81)] if version == V5 else [])
    assert watcher.next_publish().payload == b"malformed"


@statement("MQTT-3.14.2-1", "MQTT-4.13.1-1")
@pytest.mark.parametrize("reason", [0x01, 0x05, 0x10, 0x18, 0x7F, 0xA3, 0xFF])
def test_disconnect_with_an_unknown_reason(connect, topic, reason):
    """A protocol error; what matters is that it ends and does not pass for a normal disconnection."""
    client = connect()
    client.send(build.disconnect(reason))
    packets = client.until_closed()
    assert all(each.type == Type.DISCONNECT and each.reason in (0x81, 0x82) for each in packets), [str(each) for each in packets]


def test_v311_disconnect_with_a_body_is_malformed(connect):
    client = connect(version=V311)
    client.send(build.packet(Type.DISCONNECT, 0, b"\0"))
    assert client.until_closed() == []


@both_versions
@statement("MQTT-4.2-1")
def test_what_was_sent_before_disconnect_is_processed(connect, version, topic):
    watcher = connect()
    watcher.subscribe(topic)
    client = connect(version=version)
    client.send(*(build.publish(topic, b"%d" % number, version=version) for number in range(100)), build.disconnect())
    client.until_closed()
    assert [int(watcher.next_publish().payload) for _ in range(100)] == list(range(100))
