"""A client that does not read never grows the server's memory past its bound: QoS 0 is dropped, QoS 1 waits on disk."""

import pytest

from support.mqtt_raw import MQTTClient, Type, build

pytestmark = pytest.mark.roost_process

PAYLOAD = b"x" * 60_000
#: Far above what may be buffered for one connection (1 MiB), far below what is published.
MAX_GROWTH_BYTES = 64 << 20


def client(server, name, **fields):
    one = MQTTClient(server.mqtt_address)
    assert one.connect(name, **fields).reason == 0
    return one


@pytest.mark.parametrize("profile", ["open", "aws"])
def test_qos_0_to_a_client_that_does_not_read_is_dropped(start_server, profile):
    server = start_server(profile)
    slow, fast, publisher = (client(server, name) for name in ("slow", "fast", "publisher"))
    for each in (slow, fast):
        each.subscribe("stream")
    before = server.resident_bytes()
    count = 3000  # 180 MB
    for number in range(count):
        publisher.send(build.publish("stream", b"%06d" % number + PAYLOAD))
        assert fast.next_publish().payload[:6] == b"%06d" % number, "the slow reader holds up the fast one"
    growth = server.resident_bytes() - before
    assert growth < MAX_GROWTH_BYTES, f"resident memory grew by {growth >> 20} MiB for one slow reader"
    # When it reads again it gets some of them, in order, and then what is new.
    publisher.publish("stream", b"------", qos=1)
    received = []
    slow.send(build.pingreq())
    while (packet := slow.next()).type != Type.PINGRESP:
        received.append(packet.payload[:6])
    assert received == sorted(received) and len(received) < count
    publisher.publish("stream", b"new")
    slow.wait_where(lambda packet: packet.payload == b"new")


@pytest.mark.parametrize("profile", ["open", "aws"])
def test_qos_1_to_a_client_that_does_not_read_waits_on_disk(start_server, profile):
    server = start_server(profile)
    slow = client(server, "slow", properties={"session_expiry_interval": 600, "receive_maximum": 50})
    slow.subscribe("stream", qos=1)
    publisher = client(server, "publisher")
    before = server.resident_bytes()
    count, window = 2000, 50  # 120 MB
    for start in range(0, count, window):
        numbers = range(start + 1, start + window + 1)
        publisher.send(*(build.publish("stream", b"%06d" % each + PAYLOAD, qos=1, packet_id=each) for each in numbers))
        for each in numbers:
            assert publisher.wait(Type.PUBACK, each).reason == 0
    growth = server.resident_bytes() - before
    assert growth < MAX_GROWTH_BYTES, f"resident memory grew by {growth >> 20} MiB for one slow reader"
    assert [int(slow.next_publish().payload[:6]) for _ in range(count)] == list(range(1, count + 1))


def test_a_backlog_of_an_absent_session_is_not_kept_in_memory(start_server):
    server = start_server("open")
    absent = client(server, "absent", properties={"session_expiry_interval": 600})
    absent.subscribe("stream", qos=1)
    absent.disconnect()
    publisher = client(server, "publisher")
    before = server.resident_bytes()
    count, window = 2000, 100
    for start in range(0, count, window):
        numbers = range(start + 1, start + window + 1)
        publisher.send(*(build.publish("stream", b"%06d" % each + PAYLOAD, qos=1, packet_id=each) for each in numbers))
        for each in numbers:
            publisher.wait(Type.PUBACK, each)
    growth = server.resident_bytes() - before
    assert growth < MAX_GROWTH_BYTES, f"resident memory grew by {growth >> 20} MiB for a backlog of 120 MB"
    back = client(server, "absent", clean=False)
    assert [int(back.next_publish().payload[:6]) for _ in range(count)] == list(range(1, count + 1))


def test_a_client_that_never_reads_its_acknowledgements(start_server):
    """PINGREQ and QoS 1 without end from a client that does not read the answers: it is slowed down or cut off, not buffered for."""
    server = start_server("open")
    greedy = client(server, "greedy")
    before = server.resident_bytes()
    greedy.socket.settimeout(1)
    burst = build.pingreq() * 50_000
    try:
        for _ in range(200):  # 10,000,000 answers of two bytes
            greedy.socket.sendall(burst)
    except OSError:
        pass  # The server stopped reading, or closed.
    growth = server.resident_bytes() - before
    assert growth < MAX_GROWTH_BYTES, f"resident memory grew by {growth >> 20} MiB"
    client(server, "other").ping()
