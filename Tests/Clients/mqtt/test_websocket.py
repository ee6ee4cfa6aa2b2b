"""MQTT over WebSocket (MQTT 5.0 §6), signed with the server's own access key."""

from urllib.parse import urlsplit

import pytest

from support.mqtt_parse import parse
from support.mqtt_raw import V5, Filter, Type, build
from support.statements import statement
from support.websocket_raw import BINARY, CLOSE, PING, PONG, TEXT, WebSocket, presigned_path

pytestmark = pytest.mark.roost_process


@pytest.fixture(scope="module", params=["open", "aws"])
def server(request, module_servers):
    return module_servers(request.param)


@pytest.fixture
def websocket(server):
    sockets = []

    def open_one(**fields):
        path = presigned_path(urlsplit(server.https).netloc, server.accessKeyId, server.secretAccessKey, server.region)
        one = WebSocket(server.https, path, server.caFile, **fields)
        sockets.append(one)
        return one

    yield open_one
    for each in sockets:
        each.close()
    server.check_alive()


class Stream:
    """The MQTT packets in the binary frames that come, however they are cut."""

    def __init__(self, websocket):
        self.websocket = websocket
        self.data = b""

    def next(self):
        while len(self.data) < 2 or len(self.data) < 2 + self.data[1]:
            frame = self.websocket.next()
            assert frame.opcode in (BINARY, 0), f"MQTT in a frame of type {frame.opcode} [MQTT-6.0.0-1]"
            self.data += frame.payload
        assert self.data[1] < 128, "these tests make short packets only"
        raw, self.data = self.data[: 2 + self.data[1]], self.data[2 + self.data[1] :]
        return parse(raw, raw[2:], V5)


@statement("MQTT-6.0.0-4")
def test_the_subprotocol_is_mqtt(websocket):
    one = websocket()
    assert (one.status, one.headers.get("sec-websocket-protocol")) == (101, "mqtt")


@statement("MQTT-6.0.0-1", "MQTT-6.0.0-2", "MQTT-4.2-1")
def test_frames_and_packets_need_not_coincide(websocket, unique):
    one = websocket()
    topic = unique("topic")
    data = b"".join([
        build.connect(unique("client")),
        build.subscribe(1, [Filter(topic, 1)]),
        build.publish(topic, b"over WebSocket", qos=1, packet_id=2),
        build.pingreq(),
    ])  # fmt: skip
    # Several packets and a part in the first frame, then single bytes, then the rest in fragments of one message.
    one.send(data[:40])
    for index in range(40, 50):
        one.send(data[index : index + 1])
    one.send(data[50:55], final=False)
    one.send(b"", opcode=0, final=False)
    one.send(data[55:], opcode=0)
    stream = Stream(one)
    first = stream.next()
    assert (first.type, first.reason) == (Type.CONNACK, 0)
    rest = [stream.next() for _ in range(4)]
    assert {each.type for each in rest} == {Type.SUBACK, Type.PUBACK, Type.PUBLISH, Type.PINGRESP}
    assert [each.payload for each in rest if each.type == Type.PUBLISH] == [b"over WebSocket"]


@statement("MQTT-6.0.0-1")
def test_a_text_frame_ends_the_connection(websocket, unique):
    one = websocket()
    one.send(build.connect(unique("client")))
    assert Stream(one).next().type == Type.CONNACK
    one.send(b"text", opcode=TEXT)
    one.until_closed()


def test_pings_of_the_websocket_are_answered(websocket):
    one = websocket()
    one.send(b"are you there", opcode=PING)
    frame = one.next()
    assert (frame.opcode, frame.payload) == (PONG, b"are you there")


def test_a_close_frame_is_answered_and_ends_the_connection(websocket, unique):
    one = websocket()
    one.send(build.connect(unique("client")))
    assert Stream(one).next().type == Type.CONNACK
    one.send((1000).to_bytes(2, "big"), opcode=CLOSE)
    assert [each.opcode for each in one.until_closed()] == [CLOSE]


def test_disconnect_over_websocket(websocket, unique):
    one = websocket()
    one.send(build.connect(unique("client")) + build.disconnect())
    assert Stream(one).next().type == Type.CONNACK
    assert all(each.opcode == CLOSE for each in one.until_closed())


def test_a_frame_that_claims_too_much_is_refused(websocket, unique):
    """A length of 2^62 must not be waited for, let alone made room for."""
    one = websocket()
    one.send(build.connect(unique("client")))
    assert Stream(one).next().type == Type.CONNACK
    one.socket.sendall(bytes([0x80 | BINARY, 0x80 | 127]) + (1 << 62).to_bytes(8, "big") + b"mask" + b"x" * 100)
    one.until_closed()


def test_an_unmasked_frame_ends_the_connection(websocket, unique):
    one = websocket()
    packet = build.connect(unique("client"))
    one.socket.sendall(bytes([0x80 | BINARY, len(packet)]) + packet)
    assert not [each for each in one.until_closed() if each.opcode == BINARY]
