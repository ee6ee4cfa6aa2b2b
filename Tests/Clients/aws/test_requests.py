"""Requests that are wrong before any operation looks at them: the protocol's own error, and the server serves on."""

import http.client
import json
import socket
import uuid
from urllib.parse import quote, urlsplit

import pytest
from botocore.exceptions import ClientError
from fleet.api import client, refused
from fleet.device import allowing
from fleet.signed import Request, send, signed, signed_request, signer


@pytest.fixture(autouse=True)
def still_serves(endpoints, server):
    yield
    server.check_alive()
    assert signed(endpoints, "GET", "/things?maxResults=1").status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"policyDocument":',
        b'{"policyDocument":"x"} trailing',
        b'{"policyDocument":"x","policyDocument":"y"',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"policyDocument":"\xc3\x28"}',
        b'{"policyDocument":"\\ud800"}',
        b'{"policyDocument": 1e999999999}',
        b'{"policyDocument": 7}',
        b'{"policyDocument": null}',
        b"{}",
        b"",
    ],
)
def test_malformed_json(body, endpoints, name):
    answer = signed(endpoints, "POST", f"/policies/{name}", body)
    assert answer.status == 400, answer
    assert answer.error in ("InvalidRequestException", "MalformedPolicyException", "SerializationException"), answer
    assert answer.json["message"]


def test_wrong_types_inside(endpoints, name):
    for payload in ([], "text", 7, {"attributes": []}, {"attributes": {"a": 1}}, {"attributes": {"a": None}}, {"merge": "yes"}):
        answer = signed(endpoints, "POST", f"/things/{name}", json.dumps({"attributePayload": payload}).encode())
        assert (answer.status, answer.error) == (400, "InvalidRequestException"), (payload, answer)


def test_unknown_members_are_ignored(endpoints, name):
    """Newer SDKs send fields that this server does not know."""
    assert signed(endpoints, "POST", f"/things/{name}", b'{"fromTheFuture": {"a": [1, 2.5, null]}}').status == 200


@pytest.mark.parametrize("bad", ["a b", "a/b", "x" * 129, "\u00e9", "a\nb", "$x", "a%00b"])
def test_names_outside_the_pattern(bad, endpoints):
    answer = signed(endpoints, "POST", f"/things/{quote(bad, safe='')}", b"{}")
    assert (answer.status, answer.error) == (400, "InvalidRequestException"), answer
    assert "1 validation error detected" in answer.json["message"]
    assert "thingName" in answer.json["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/things/..%2f..%2f..%2fetc%2fpasswd",
        "/things/%2e%2e",
        "/things/..",
        "/../../etc/passwd",
        "/policies/..%2F..%2Froost.sqlite",
        "/certificates/..%2f..%2fca.pem",
        "/things/%00",
        "/things/%zz",
        "/things/%",
        "/./things/x",
    ],
)
def test_path_traversal(path, endpoints):
    answer = signed(endpoints, "GET", path)
    assert answer.status in (400, 403, 404), answer
    assert b"root:" not in answer.body and b"BEGIN" not in answer.body


def test_a_policy_name_with_dots_is_just_a_name(iot, endpoints, server):
    before = {path for path in server.data.rglob("*")}
    for name in ("..", "...", "a..b"):
        try:
            iot.create_policy(policyName=name, policyDocument=allowing())
        except iot.exceptions.InvalidRequestException:
            continue
        assert iot.get_policy(policyName=name)["policyName"] == name
    assert {path.name for path in server.data.rglob("*")} - {path.name for path in before} <= {"roost.sqlite-wal", "roost.sqlite-shm"}


def test_an_unknown_route(endpoints):
    answer = signed(endpoints, "GET", "/no-such-path")
    assert answer.status == 404, answer
    assert answer.error == "UnknownOperationException"
    uuid.UUID(answer.headers["x-amzn-requestid"])


def test_a_known_path_with_another_method(endpoints):
    answer = signed(endpoints, "PUT", "/things")
    assert answer.status in (404, 405), answer


def test_a_service_that_is_not_there(endpoints):
    with pytest.raises(ClientError) as raised:
        client(endpoints, "ssm").describe_parameters()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403, 404, 501)


def test_a_body_over_the_limit(endpoints, name):
    """It is refused by its length, before it is all there, or after its first bytes; never taken in."""
    body = b'{"policyDocument":"' + b"x" * (20 * 1024 * 1024) + b'"}'
    try:
        answer = signed(endpoints, "POST", f"/policies/{name}", body)
        assert answer.status in (400, 413), answer
    except (ConnectionResetError, BrokenPipeError):
        pass


def test_a_length_that_promises_too_much(endpoints):
    made = signed_request(endpoints, "POST", "/things/x", b"{}")
    made.headers["Content-Length"] = str(10**12)
    with raw_connection(endpoints) as connection:
        connection.sendall(_head(made) + b"{}")
        answer = connection.recv(4096)
    assert not answer or b" 413 " in answer.splitlines()[0] or b" 400 " in answer.splitlines()[0], answer


@pytest.mark.parametrize("lengths", [["5", "6"], ["-1"], ["abc"], ["+2"]])
def test_lengths_that_lie(lengths, endpoints):
    host = urlsplit(endpoints["api"]).netloc
    head = f"POST /things/x HTTP/1.1\r\nHost: {host}\r\n" + "".join(f"Content-Length: {each}\r\n" for each in lengths)
    with raw_connection(endpoints) as connection:
        connection.sendall(head.encode() + b"\r\n{}")
        answer = connection.recv(4096)
    assert not answer or answer.split()[1] in (b"400", b"403"), answer


def test_headers_without_end(endpoints):
    with raw_connection(endpoints) as connection:
        connection.settimeout(20)
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            for number in range(20_000):
                connection.sendall(b"X-Filler-%d: %s\r\n" % (number, b"y" * 100))
        except (ConnectionResetError, BrokenPipeError):
            return
        try:
            answer = connection.recv(4096)
        except ConnectionResetError:
            return
        assert not answer or answer.split()[1] in (b"400", b"413", b"431"), answer[:200]


@pytest.mark.parametrize("noise", [b"\x00" * 64, b"\x16\x03\x01\xff\xff" + b"\x00" * 64, b"MQTT nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
def test_noise_instead_of_http(noise, endpoints):
    with raw_connection(endpoints) as connection:
        connection.sendall(noise)
        try:
            connection.recv(4096)
        except (ConnectionResetError, socket.timeout):
            pass


def raw_connection(endpoints):
    url = urlsplit(endpoints["api"])
    return socket.create_connection((url.hostname, url.port), timeout=5)


def _head(made: Request) -> bytes:
    lines = [f"{made.method} {made.target} HTTP/1.1"] + [f"{key}: {value}" for key, value in made.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_every_answer_has_its_own_request_id(endpoints):
    answers = [signed(endpoints, "GET", "/things") for _ in range(3)] + [signed(endpoints, "GET", "/things/none") for _ in range(3)]
    identifiers = {answer.headers["x-amzn-requestid"] for answer in answers}
    assert len(identifiers) == 6


def test_empty_success_bodies_are_json_objects(endpoints, name):
    signed(endpoints, "POST", f"/things/{name}", b"{}")
    answer = signed(endpoints, "DELETE", f"/things/{name}")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json == {}


def test_health_needs_no_signature(endpoints):
    url = urlsplit(endpoints["api"])
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=5)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()


def test_the_api_port_speaks_https_too(endpoints, iot):
    """Told apart by the first byte."""
    secure = {**endpoints, "api": endpoints["api"].replace("http://127.0.0.1", "https://localhost").replace("http://", "https://")}
    assert client(secure, "iot").list_things()["ResponseMetadata"]["HTTPStatusCode"] == 200
    made = signer(secure).add_headers(Request(secure["api"], "GET", "/things", b"", {"Host": urlsplit(secure["api"]).netloc}))
    assert send(secure, made).status == 200


def test_error_shape(iot):
    refusal = refused(iot.describe_thing, "ResourceNotFoundException", 404, thingName="nobody")
    assert refusal.headers["content-type"].startswith("application/json")
    assert refusal.message
