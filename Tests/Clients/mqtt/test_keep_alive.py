"""Keep alive: a silent client is disconnected after one and a half times its keep alive (MQTT 5.0 §3.1.2.10)."""

import select
import time

import pytest

from support.mqtt_raw import V5, V311, Type, Will, build
from support.statements import both_versions, departs, open_only, statement, statement311


@both_versions
@open_only("keep alive is raised to 30 s at least")
@statement("MQTT-3.1.2-22", "MQTT-3.1.2-8")
@statement311("MQTT-3.1.2-24")
def test_silence_ends_the_connection_as_if_the_network_had_failed(connect, version, topic):
    watcher = connect()
    watcher.subscribe(topic)
    client = connect(version=version, keep_alive=2, will=Will(topic, b"silent"))
    began = time.monotonic()
    packets = client.until_closed(timeout=20)
    silence = time.monotonic() - began
    assert 2.5 <= silence <= 8, f"closed after {silence:.1f} s of silence with a keep alive of 2 s"
    assert [(each.type, each.reason) for each in packets] == ([(Type.DISCONNECT, 0x8D)] if version == V5 else [])
    assert watcher.next_publish().payload == b"silent"


@open_only("keep alive is raised to 30 s at least")
@statement("MQTT-3.1.2-22")
def test_any_packet_counts_as_a_sign_of_life(connect, topic):
    signs = []
    for version in (V311, V5):
        for packet in (build.pingreq(), build.publish(topic, version=version), build.acknowledgement(Type.PUBACK, 77)):
            signs.append((connect(version=version, keep_alive=1), packet))
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        for client, packet in signs:
            client.send(packet)
        time.sleep(0.4)
    for client, _ in signs:
        client.ping()


@open_only("keep alive is raised to 30 s at least")
def test_half_a_packet_is_no_sign_of_life(connect, topic):
    """A client that drips the bytes of one packet sends no control packet, so it is silent (§3.1.2.10)."""
    client = connect(keep_alive=1)
    packet = iter(build.publish(topic, b"x" * 200))
    deadline = time.monotonic() + 10
    while not select.select([client.socket], [], [], 0.1)[0]:
        assert time.monotonic() < deadline, "the bytes of an unfinished packet keep the connection"
        client.send(bytes([next(packet)]))
    client.until_closed()


@both_versions
def test_deliveries_do_not_end_a_connection_before_its_time(connect, version, topic):
    client = connect(version=version, keep_alive=60)
    client.subscribe(topic)
    publisher = connect()
    for _ in range(10):
        publisher.publish(topic, b"x")
        client.next_publish()
    client.ping()


@open_only("keep alive 0 is taken as 1,200 s")
@statement("MQTT-3.1.2-22", "MQTT-3.2.2-22")
def test_keep_alive_0_switches_it_off(connect):
    client = connect(keep_alive=0)
    time.sleep(2)
    client.ping()


@pytest.mark.slow
@departs("a keep alive below 30 s is taken as 30 s", "MQTT-3.1.2-22")
def test_aws_ends_silence_after_45_seconds(connect, topic):
    watcher = connect(keep_alive=1200)
    watcher.subscribe(topic)
    clients = [connect(version=version, keep_alive=1, will=Will(topic, b"silent")) for version in (V5, V311)]
    began = time.monotonic()
    packets = clients[0].until_closed(timeout=70)
    assert 44 <= time.monotonic() - began <= 60
    assert [(each.type, each.reason) for each in packets] == [(Type.DISCONNECT, 0x8D)]
    assert clients[1].until_closed(timeout=15) == []
    assert [watcher.next_publish().payload for _ in clients] == [b"silent"] * 2
