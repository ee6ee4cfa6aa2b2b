"""Connections that never send a whole CONNECT: ten thousand at once, and each only for its time."""

import resource
import select
import socket
import time

import pytest

from support.mqtt_raw import V5, MQTTClient, build

COUNT = 10_000
#: The server gives 30 s to send CONNECT.
CONNECT_TIMEOUT_SECONDS = 30
#: Sockets of this process and of the server beside those under test.
SPARE_DESCRIPTORS = 500
#: What a connection that said nothing may cost the server.
MAX_BYTES_PER_CONNECTION = 16 << 10


@pytest.fixture
def many_descriptors():
    """Raises the limit of open files, which the server inherits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < COUNT + SPARE_DESCRIPTORS:
        pytest.skip(f"the hard limit of open files is {hard}; {COUNT + SPARE_DESCRIPTORS} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, COUNT + SPARE_DESCRIPTORS), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
@pytest.mark.roost_process
def test_ten_thousand_connections_that_never_send_connect(many_descriptors, start_server):
    server = start_server("open")
    _exchange(server)
    before = server.resident_bytes()
    began = time.monotonic()
    silent = [socket.create_connection(server.mqtt_address) for _ in range(COUNT)]
    opened = time.monotonic()
    assert opened - began < 20, f"{COUNT} connections took {opened - began:.1f} s"
    drips = [Drip(each) for each in silent[:20]]
    _exchange(server)
    growth = server.resident_bytes() - before
    assert growth < COUNT * MAX_BYTES_PER_CONNECTION, f"{growth / COUNT / 1024:.1f} KiB for each silent connection"

    closed_at = _wait_until_closed(silent, drips, deadline=began + CONNECT_TIMEOUT_SECONDS + 60)
    assert min(closed_at.values()) - began > CONNECT_TIMEOUT_SECONDS - 2, "closed before its time"
    assert max(closed_at.values()) - opened < CONNECT_TIMEOUT_SECONDS + 15, "bytes of a CONNECT that does not end bought time"
    _exchange(server)
    for each in silent:
        each.close()


class Drip:
    """Sends a CONNECT byte by byte, too slowly to end in time."""

    def __init__(self, connection):
        self.connection = connection
        self.bytes = iter(build.connect("c" * 200))

    def drop(self):
        try:
            self.connection.send(bytes([next(self.bytes)]))
        except OSError:
            pass  # The server has closed it, which is what is waited for.


def _wait_until_closed(connections, drips, deadline):
    """The time at which the server closed each connection."""
    poller = select.poll()
    by_descriptor = {each.fileno(): each for each in connections}
    for descriptor in by_descriptor:
        poller.register(descriptor, select.POLLIN)
    closed_at = {}
    next_drop = time.monotonic()
    while len(closed_at) < len(connections):
        assert time.monotonic() < deadline, f"{len(connections) - len(closed_at)} of {len(connections)} are still open"
        if time.monotonic() >= next_drop:
            next_drop += 1
            for each in drips:
                each.drop()
        for descriptor, _ in poller.poll(200):
            poller.unregister(descriptor)
            closed_at[descriptor] = time.monotonic()
            _assert_silent_end(by_descriptor[descriptor])
    return closed_at


def _assert_silent_end(connection):
    try:
        assert connection.recv(64) == b"", "the server sent something to a client that sent no CONNECT"
    except ConnectionResetError:
        pass


def _exchange(server):
    """Another client is served meanwhile."""
    client = MQTTClient(server.mqtt_address, version=V5)
    assert client.connect().reason == 0
    client.subscribe("between", qos=1)
    client.publish("between", b"x", qos=1)
    client.next_publish()
    client.disconnect()
