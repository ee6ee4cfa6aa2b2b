"""Session state: kept, resumed, expired, discarded (MQTT 5.0 §3.1.2.4, §3.1.2.11.2, §4.1; MQTT 3.1.1 §3.1.2.4)."""

import time

import pytest

from support.mqtt_raw import V5, V311, Type, build, settle
from support.statements import aws_only, both_versions, open_only, statement, statement311

KEEP = {"session_expiry_interval": 120}


@pytest.fixture
def keep(connect, client_id):
    """`keep(version)` connects the test's client with a session that outlives the connection; the session is removed after the test."""
    used = set()

    def connect_keeping(version=V5, *, clean=False, seconds=120):
        used.add(version)
        expiry = {"properties": {"session_expiry_interval": seconds}} if version == V5 else {}
        return connect(client_id, version=version, clean=clean, **expiry)

    yield connect_keeping
    for version in used:
        connect(client_id, version=version, clean=True).disconnect()


@both_versions
@statement("MQTT-3.1.2-5", "MQTT-3.1.2-23", "MQTT-4.1.0-1", "MQTT-4.5.0-1", "MQTT-3.1.3-2")
@statement311("MQTT-3.1.2-4", "MQTT-3.1.2-5")
def test_messages_wait_for_a_session(keep, connect, version, topic):
    keep(version).subscribe(topic, qos=1)
    keep(version).disconnect()
    publisher = connect()
    for number in range(5):
        publisher.publish(topic, b"%d" % number, qos=1)
    client = keep(version)
    assert client.connack.session_present
    assert [client.next_publish().payload for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
    publisher.publish(topic, b"live", qos=1)
    assert client.next_publish().payload == b"live"


@both_versions
@statement("MQTT-3.1.2-23")
def test_session_outlives_a_lost_connection(keep, connect, version, topic):
    client = keep(version)
    client.subscribe(topic, qos=1)
    client.abort()
    connect().publish(topic, b"while away", qos=1)
    again = keep(version)
    assert again.connack.session_present
    assert again.next_publish().payload == b"while away"


@both_versions
@statement("MQTT-3.1.2-4", "MQTT-3.1.4-4", "MQTT-3.2.2-2")
@statement311("MQTT-3.1.2-6")
def test_clean_start_discards_subscriptions_and_messages(keep, connect, version, topic):
    keep(version).subscribe(topic, qos=1)
    keep(version).disconnect()
    publisher = connect()
    publisher.publish(topic, b"lost", qos=1)
    client = keep(version, clean=True)
    assert not client.connack.session_present
    publisher.publish(topic, b"lost too", qos=1)
    assert settle(client, publisher, topic + "/end") == []


@statement("MQTT-3.1.2-6", "MQTT-3.2.2-3")
def test_session_without_expiry_ends_with_the_connection(connect, client_id, topic):
    first = connect(client_id, clean=False)
    first.subscribe(topic, qos=1)
    first.disconnect()
    again = connect(client_id, clean=False)
    assert not again.connack.session_present
    connect().publish(topic, b"lost", qos=1)
    assert settle(again, connect(), topic + "/end") == []


@statement311("MQTT-3.1.2-6")
def test_v311_clean_session_lasts_as_long_as_its_connection(connect, client_id, topic):
    first = connect(client_id, version=V311, clean=True)
    first.subscribe(topic, qos=1)
    first.disconnect()
    again = connect(client_id, version=V311, clean=False)
    assert not again.connack.session_present
    assert settle(again, connect(), topic + "/end") == []
    again.disconnect()
    connect(client_id, version=V311).disconnect()


@statement("MQTT-4.1.0-2")
def test_session_expires(connect, client_id):
    connect(client_id, clean=False, properties={"session_expiry_interval": 1}).disconnect()
    time.sleep(2)
    assert not connect(client_id, clean=False).connack.session_present


@statement("MQTT-4.1.0-1")
def test_session_does_not_expire_while_connected(connect, client_id, topic):
    client = connect(client_id, properties={"session_expiry_interval": 1})
    client.subscribe(topic, qos=1)
    deadline = time.monotonic() + 2.5
    while time.monotonic() < deadline:
        client.ping()
        time.sleep(0.25)
    connect().publish(topic, b"still here", qos=1)
    assert client.next_publish().payload == b"still here"


def test_reconnecting_restarts_the_expiry(connect, client_id):
    properties = {"session_expiry_interval": 2}
    connect(client_id, properties=properties).disconnect()
    for _ in range(3):
        time.sleep(1)
        client = connect(client_id, clean=False, properties=properties)
        assert client.connack.session_present
        client.disconnect(0, {"session_expiry_interval": 2})


def test_disconnect_may_shorten_the_expiry_to_nothing(connect, client_id):
    connect(client_id, properties=KEEP).disconnect(0, {"session_expiry_interval": 0})
    assert not connect(client_id, clean=False).connack.session_present


def test_disconnect_may_lengthen_an_expiry_above_0(connect, client_id):
    connect(client_id, properties={"session_expiry_interval": 1}).disconnect(0, {"session_expiry_interval": 120})
    time.sleep(2)
    assert connect(client_id, clean=False).connack.session_present


@statement("MQTT-3.14.2-1")
def test_disconnect_may_not_raise_the_expiry_from_0(connect):
    client = connect()
    client.send(build.disconnect(0, properties={"session_expiry_interval": 60}))
    assert [(each.type, each.reason) for each in client.until_closed()] == [(Type.DISCONNECT, 0x82)]


def test_expiry_0_at_reconnect_ends_the_session_with_that_connection(connect, client_id):
    connect(client_id, properties=KEEP).disconnect()
    resumed = connect(client_id, clean=False, properties={"session_expiry_interval": 0})
    assert resumed.connack.session_present
    resumed.disconnect()
    assert not connect(client_id, clean=False).connack.session_present


@both_versions
def test_qos_0_is_not_kept_for_absent_sessions_beyond_order(keep, connect, version, topic):
    """A server may drop or keep QoS 0 for an absent session (§4.1); either way QoS 1 arrives, in order."""
    keep(version).subscribe(topic, qos=1)
    keep(version).disconnect()
    publisher = connect()
    publisher.publish(topic, b"0")
    publisher.publish(topic, b"1", qos=1)
    client = keep(version)
    payloads = [client.next_publish().payload]
    if payloads == [b"0"]:
        payloads.append(client.next_publish().payload)
    assert payloads[-1] == b"1"


@statement311("MQTT-3.1.2-7")
@both_versions
def test_retained_messages_are_not_part_of_a_session(keep, connect, version, topic):
    owner = keep(version)
    owner.publish(topic, b"retained", qos=1, retain=True)
    owner.disconnect()
    keep(version, clean=True).disconnect()
    watcher = connect()
    watcher.subscribe(topic)
    assert watcher.next_publish().payload == b"retained"
    watcher.publish(topic, b"", qos=1, retain=True)


@both_versions
def test_unsubscribing_is_part_of_the_session(keep, connect, version, topic):
    keep(version).subscribe(topic, topic + "/kept", qos=1)
    keep(version).unsubscribe(topic)
    keep(version).disconnect()
    publisher = connect()
    publisher.publish(topic, b"not wanted", qos=1)
    publisher.publish(topic + "/kept", b"wanted", qos=1)
    assert keep(version).next_publish().payload == b"wanted"


@aws_only
@pytest.mark.parametrize("first, second", [(V311, V5), (V5, V311)])
def test_aws_sessions_do_not_cross_versions(connect, client_id, topic, first, second):
    def keeping(version):
        return connect(client_id, version=version, clean=False, **({"properties": KEEP} if version == V5 else {}))

    client = keeping(first)
    client.subscribe(topic, qos=1)
    client.disconnect()
    publisher = connect()
    publisher.publish(topic, b"lost", qos=1)
    other = keeping(second)
    assert not other.connack.session_present
    assert settle(other, publisher, topic + "/end") == []
    other.disconnect()
    connect(client_id, version=second).disconnect()


@open_only("a session of one protocol version cannot be resumed by the other")
@pytest.mark.parametrize("first, second", [(V311, V5), (V5, V311)])
def test_sessions_cross_versions(connect, client_id, topic, first, second):
    def keeping(version):
        return connect(client_id, version=version, clean=False, **({"properties": KEEP} if version == V5 else {}))

    client = keeping(first)
    client.subscribe(topic, qos=1)
    client.disconnect()
    connect().publish(topic, b"kept", qos=1)
    other = keeping(second)
    assert other.connack.session_present
    assert other.next_publish().payload == b"kept"
    other.disconnect()
    connect(client_id, version=second).disconnect()
