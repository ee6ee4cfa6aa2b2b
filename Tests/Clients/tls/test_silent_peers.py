"""Peers that connect and then say nothing, or very little: they end after their deadline, cost little, and disturb nobody."""

import resource
import socket
import ssl
import time

import pytest
from fleet.api import client
from fleet.device import allow_all_policy, host_and_port
from fleet.handshake import context, mqtt_over_tls
from fleet.paho_client import PahoClient
from support.mqtt_raw import MQTTClient

#: Deadlines of the server's own (docs/limits.md), with room for a busy machine.
HANDSHAKE_SECONDS = 10 + 5
CONNECT_SECONDS = 30 + 10

#: The beginning of a TLS 1.2 ClientHello whose length promises more than ever comes.
HALF_A_HELLO = bytes.fromhex("1603010200010001fc0303") + b"\x07" * 32


def seconds_until_closed(connection, limit):
    connection.settimeout(limit)
    started = time.monotonic()
    try:
        while connection.recv(4096):
            pass
    except (ConnectionResetError, ssl.SSLError):
        pass
    return time.monotonic() - started


@pytest.mark.parametrize("listener", ["mqtts", "https"])
@pytest.mark.parametrize("said", [b"", HALF_A_HELLO], ids=["nothing", "half a hello"])
def test_a_handshake_has_a_deadline(said, listener, endpoints):
    with socket.create_connection(host_and_port(endpoints[listener])) as connection:
        connection.sendall(said)
        assert seconds_until_closed(connection, HANDSHAKE_SECONDS) < HANDSHAKE_SECONDS


def test_a_hello_byte_by_byte_does_not_extend_it(endpoints):
    with socket.create_connection(host_and_port(endpoints["mqtts"])) as connection:
        connection.settimeout(0.25)
        started = time.monotonic()
        for byte in HALF_A_HELLO * 100:
            try:
                connection.sendall(bytes([byte]))
                if connection.recv(1024) == b"":
                    break
            except socket.timeout:
                continue
            except OSError:
                break
            finally:
                assert time.monotonic() - started < HANDSHAKE_SECONDS, "a byte now and then keeps the connection open"


@pytest.mark.slow
def test_connect_has_a_deadline(endpoints, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    silent = mqtt_over_tls(endpoints, device)
    slow = mqtt_over_tls(endpoints, device)
    slow.send(b"\x10")
    for each in (silent, slow):
        assert seconds_until_closed(each.socket, CONNECT_SECONDS) < CONNECT_SECONDS


@pytest.mark.slow
def test_an_http_request_has_a_deadline(endpoints):
    with socket.create_connection(host_and_port(endpoints["https"])) as bare:
        with context(endpoints).wrap_socket(bare, server_hostname="localhost") as connection:
            connection.sendall(b"POST /topics/t HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly this")
            assert seconds_until_closed(connection, 45) < 45


def test_half_closed_tls(endpoints, new_device, name):
    """The peer closes its side: the server closes the other."""
    device = new_device(name, policy=allow_all_policy())
    peer = mqtt_over_tls(endpoints, device)
    assert peer.connect(name).reason == 0
    peer.half_close()
    assert seconds_until_closed(peer.socket, 10) < 10
    with PahoClient(endpoints, device) as again:
        again.publish("half/closed", b"x")


def test_ten_thousand_connections_that_never_speak(start_server, tmp_path, name):
    """They cost a few KiB each while they last, and others connect and exchange messages meanwhile."""
    wanted = 10_000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < wanted + 500:
        wanted = hard - 500
    server = start_server("aws")
    endpoints = vars(server.endpoints)
    before = server.resident_bytes()
    silent = []
    try:
        for number in range(wanted):
            listener = ("mqtts", "https", "mqtt")[number % 3]
            silent.append(socket.create_connection(host_and_port(endpoints[listener]), timeout=20))
        talker = MQTTClient(server.mqtt_address)
        assert talker.connect(name).reason == 0
        talker.subscribe("t", qos=1)
        talker.publish("t", b"served", qos=1)
        assert talker.next_publish().payload == b"served"
        talker.disconnect()
        grown = server.resident_bytes() - before
        assert grown / wanted < 32 * 1024, f"{grown / wanted:.0f} bytes for each of {wanted} silent connections"
    finally:
        for connection in silent:
            connection.close()
    server.check_alive()
    assert client(endpoints, "iot").list_things()["things"] == []
