"""MQTT over WebSocket with SigV4: presigned and in headers, both service names, the token signed or appended (reference: presigned URL)."""

import base64
import os
import socket
import ssl

import pytest
from fleet.device import host_and_port
from fleet.signed import request, signer
from fleet.handshake import context

SERVICES = ["iotdevicegateway", "iotdata"]
CONNECT = b"\x10\x13\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x06ws-raw"


def upgrade(endpoints, sign, key=None, protocol="mqtt", target="/mqtt", **headers):
    """Sends the GET of RFC 6455 and returns the socket, the status and the head of the answer."""
    made = request(endpoints, "GET", target, listener="https")
    if sign:
        sign(made)
    made.headers.update(
        {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
         "Sec-WebSocket-Key": key or base64.b64encode(os.urandom(16)).decode()}
    )  # fmt: skip
    if protocol:
        made.headers["Sec-WebSocket-Protocol"] = protocol
    made.headers.update(headers)
    host, port = host_and_port(endpoints["https"])
    bare = socket.create_connection((host, port), timeout=10)
    secure = context(endpoints).wrap_socket(bare, server_hostname="localhost")
    head = f"GET {made.target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in made.headers.items())
    secure.sendall(head.encode() + b"\r\n")
    answer = b""
    while b"\r\n\r\n" not in answer:
        chunk = secure.recv(4096)
        if not chunk:
            break
        answer += chunk
    status = int(answer.split()[1]) if answer else 0
    return secure, status, answer.decode(errors="replace").lower()


def frame(payload, opcode=2, masked=True, final=True):
    mask = os.urandom(4) if masked else b""
    body = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload)) if masked else payload
    length = len(payload)
    sized = bytes([length | (0x80 if masked else 0)]) if length < 126 else bytes([126 | (0x80 if masked else 0)]) + length.to_bytes(2, "big")
    return bytes([(0x80 if final else 0) | opcode]) + sized + mask + body


def read_exactly(secure, count):
    data = b""
    while len(data) < count:
        chunk = secure.recv(count - len(data))
        assert chunk, "closed"
        data += chunk
    return data


def read_frame(secure):
    opcode, length = read_exactly(secure, 2)
    assert not length & 0x80, "a server must not mask"
    if length == 126:
        length = int.from_bytes(read_exactly(secure, 2), "big")
    return opcode & 0x0F, read_exactly(secure, length)


def assert_mqtt_works(secure):
    secure.sendall(frame(CONNECT))
    opcode, payload = read_frame(secure)
    assert (opcode, payload[0] >> 4, payload[3]) == (2, 2, 0)
    secure.sendall(frame(b"\xc0\x00"))
    assert read_frame(secure)[1] == b"\xd0\x00"


@pytest.mark.parametrize("service", SERVICES)
def test_presigned(service, endpoints):
    sign = signer(endpoints, service=service)
    secure, status, head = upgrade(endpoints, lambda made: sign.add_query(made, 86_400))
    assert status == 101, head
    assert "sec-websocket-protocol: mqtt" in head
    assert_mqtt_works(secure)


@pytest.mark.parametrize("service", SERVICES)
def test_signed_in_headers(service, endpoints):
    sign = signer(endpoints, service=service)
    secure, status, head = upgrade(endpoints, sign.add_headers)
    assert status == 101, head
    assert_mqtt_works(secure)


def test_a_host_signed_without_its_port(endpoints):
    def sign(made):
        full, made.headers["Host"] = made.headers["Host"], made.headers["Host"].split(":")[0]
        signer(endpoints, service="iotdevicegateway").add_query(made, 300)
        made.headers["Host"] = full

    secure, status, head = upgrade(endpoints, sign)
    assert status == 101, head
    assert_mqtt_works(secure)


@pytest.mark.parametrize("token_after", [False, True], ids=["token signed", "token appended"])
def test_with_a_session_token(token_after, start_server):
    server = start_server("aws", "--trust-any-credentials")
    endpoints = vars(server.endpoints)
    sign = signer(endpoints, service="iotdevicegateway", token="session-token-/+=")
    secure, status, head = upgrade(endpoints, lambda made: sign.add_query(made, 300, token_after=token_after))
    assert status == 101, head
    assert_mqtt_works(secure)


@pytest.mark.parametrize(
    "change",
    [{"secret": "x" * 40}, {"key_id": "AKIAUNKNOWNUNKNOWN00"}, {"service": "s3"}, {"region": "eu-west-9"}, None],
    ids=["secret", "key", "service", "region", "unsigned"],
)
def test_forged(change, endpoints):
    sign = None if change is None else lambda made: signer(endpoints, **{"service": "iotdevicegateway", **change}).add_query(made, 300)
    secure, status, _ = upgrade(endpoints, sign)
    assert status == 403
    secure.close()


def test_a_changed_query(endpoints):
    def sign(made):
        signer(endpoints, service="iotdevicegateway").add_query(made, 300)
        made.target = made.target.replace("X-Amz-Expires=300", "X-Amz-Expires=86400")

    assert upgrade(endpoints, sign)[1] == 403


def test_another_path(endpoints):
    sign = signer(endpoints, service="iotdevicegateway")
    assert upgrade(endpoints, lambda made: sign.add_query(made, 300), target="/other")[1] in (403, 404)


def test_without_the_subprotocol(endpoints):
    """Refused, or answered without one: never with a protocol that the client did not name."""
    sign = signer(endpoints, service="iotdevicegateway")
    _, status, head = upgrade(endpoints, lambda made: sign.add_query(made, 300), protocol=None)
    assert status in (101, 400, 403), head
    assert "sec-websocket-protocol" not in head


@pytest.fixture
def opened(endpoints):
    sign = signer(endpoints, service="iotdevicegateway")
    secure, status, head = upgrade(endpoints, lambda made: sign.add_query(made, 300))
    assert status == 101, head
    yield secure
    secure.close()


def test_packets_may_span_frames_and_share_them(opened):
    for byte in CONNECT[:-1]:
        opened.sendall(frame(bytes([byte])))
    opened.sendall(frame(CONNECT[-1:] + b"\xc0\x00\xc0\x00"))
    answers = b""
    while answers.count(b"\xd0\x00") < 2:
        opcode, payload = read_frame(opened)
        assert opcode == 2
        answers += payload
    assert answers[0] >> 4 == 2


def test_fragmented_frames(opened):
    opened.sendall(frame(CONNECT[:5], final=False))
    opened.sendall(frame(CONNECT[5:9], opcode=0, final=False))
    opened.sendall(frame(b"beat", opcode=9))
    opened.sendall(frame(CONNECT[9:], opcode=0))
    kinds = {read_frame(opened)[0] for _ in range(2)}
    assert kinds == {2, 10}


@pytest.mark.parametrize(
    "noise",
    [frame(b"text", opcode=1), frame(CONNECT, masked=False), b"\xf2\x80\x00\x00\x00\x00", b"\x82\xff" + b"\xff" * 12, frame(b"x", opcode=3)],
    ids=["text frame", "not masked", "reserved bits", "huge length", "unknown opcode"],
)
def test_frames_that_break_the_rules(noise, opened, server):
    opened.sendall(noise)
    opened.settimeout(10)
    try:
        while opened.recv(4096):
            pass
    except (ConnectionResetError, ssl.SSLError):
        pass
    server.check_alive()
