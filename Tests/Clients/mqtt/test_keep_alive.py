"""Keep alive: a silent client is disconnected after one and a half times its keep alive (MQTT 5.0 §3.1.2.10)."""

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


@both_versions
@open_only("keep alive is raised to 30 s at least")
@statement("MQTT-3.1.2-22")
@pytest.mark.parametrize("what", ["PINGREQ", "PUBLISH", "PUBACK"])
def test_any_packet_counts_as_a_sign_of_life(connect, version, topic, what):
    packet = {
        "PINGREQ": build.pingreq(),
        "PUBLISH": build.publish(topic, version=version),
        "PUBACK": build.acknowledgement(Type.PUBACK, 77),
    }[what]
    client = connect(version=version, keep_alive=1)
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        client.send(packet)
        time.sleep(0.4)
    client.ping()


@open_only("keep alive is raised to 30 s at least")
def test_half_a_packet_is_no_sign_of_life(connect, topic):
    """A client that drips the bytes of one packet sends no control packet, so it is silent (§3.1.2.10)."""
    client = connect(keep_alive=1)
    packet = build.publish(topic, b"x" * 100)
    began = time.monotonic()
    for byte in packet:
        client.send(bytes([byte]))
        time.sleep(0.1)
        if time.monotonic() - began > 8:
            break
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
