"""Fixtures of the MQTT suites: `broker` is a running server in each profile, `connect` gives clients of it."""

import itertools
import os

import pytest

from support.mqtt_raw import V5, MQTTClient
from support.server import ExternalBroker, external_address

_numbers = itertools.count()


def pytest_generate_tests(metafunc):
    if "broker" not in metafunc.fixturenames:
        return
    profiles = ["open", "aws"]
    if metafunc.definition.get_closest_marker("open_only"):
        profiles = ["open"]
    elif any(metafunc.definition.get_closest_marker(name) for name in ("aws_only", "departs")):
        profiles = ["aws"]
    if external_address() is not None:
        profiles = [profile for profile in profiles if profile == "open"]
    metafunc.parametrize("broker", profiles, indirect=True, scope="module")


@pytest.fixture(scope="module")
def broker(request, module_servers):
    """One server for all tests of a module and profile."""
    external = external_address()
    return ExternalBroker(external) if external else module_servers(request.param)


@pytest.fixture
def unique():
    """Names that no other test uses: `unique("word")`."""
    return lambda word="t": f"{word}{os.getpid():x}n{next(_numbers)}"


@pytest.fixture
def topic(unique):
    """A topic level of the test's own."""
    return unique("topic")


@pytest.fixture
def client_id(unique):
    return unique("client")


@pytest.fixture
def open_socket(broker, running_servers):
    """`open_socket(version=5)`: a client whose TCP connection stands and that has sent nothing. All are closed after the test."""
    clients = []

    def open_one(version=V5):
        client = MQTTClient(broker.mqtt_address, version=version)
        clients.append(client)
        return client

    yield open_one
    for client in clients:
        client.close()
    broker.check_alive()


@pytest.fixture
def connect(open_socket, unique):
    """`connect(client_id=None, version=5, **fields of CONNECT)`: a client that the server has accepted."""

    def connect_one(client_id=None, *, version=V5, **fields):
        client = open_socket(version)
        connack = client.connect(unique("client") if client_id is None else client_id, **fields)
        assert connack.reason == 0, f"CONNECT was refused: {connack}"
        return client

    return connect_one


#: What a suite of bad input may add to the server's resident memory: allocator slack, not one kept byte per attempt.
MAX_GROWTH_BYTES = 96 << 20


@pytest.fixture(scope="module")
def memory_at_start(broker):
    """Resident memory once the server has served a first client."""
    client = MQTTClient(broker.mqtt_address)
    client.connect()
    client.disconnect()
    return broker.resident_bytes() if hasattr(broker, "resident_bytes") else 0


@pytest.fixture
def unharmed(broker, memory_at_start, unique):
    """After the test the server still runs, serves a new client, and has not grown past its bound."""
    yield
    broker.check_alive()
    client = MQTTClient(broker.mqtt_address)
    client.connect(unique("after"))
    topic = unique("after")
    client.subscribe(topic)
    client.publish(topic, b"alive")
    assert client.next_publish().payload == b"alive"
    client.disconnect()
    if memory_at_start:
        growth = broker.resident_bytes() - memory_at_start
        assert growth < MAX_GROWTH_BYTES, f"resident memory grew by {growth >> 20} MiB"
