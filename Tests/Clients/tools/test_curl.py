"""HTTPS publish on the devices' port with curl, as small devices do it (reference: HTTPS publish)."""

import json
import uuid

import pytest
from fleet import command
from fleet.device import allow_all_policy, arn
from fleet.paho_client import PahoClient
from fleet.signed import request, send, signer


@pytest.fixture(scope="module")
def device(new_device):
    return new_device("curl-device", policy=allow_all_policy())


@pytest.fixture
def listener(endpoints, name):
    with PahoClient(endpoints, client_id=name, listener="mqtt") as client:
        client.subscribe(f"{name}/#")
        yield client


@pytest.mark.parametrize("http", ["--http1.0", "--http1.1"])
@pytest.mark.parametrize("query", ["", "?qos=0", "?qos=1"])
def test_publish(http, query, endpoints, device, listener, name):
    status, body = command.curl(endpoints, device, f"/topics/{name}/t{query}", http, "--data-binary", "over https")
    assert status == 200, body
    answer = json.loads(body)
    assert answer["message"] == "OK"
    uuid.UUID(answer["traceId"])
    assert listener.inbox.wait_payload(b"over https").topic == f"{name}/t"


def test_raw_and_encoded_topics(endpoints, device, listener, name):
    for path in (f"/topics/{name}/a%20b/c", f"/topics/{name}%2Fa%20b%2Fc"):
        status, body = command.curl(endpoints, device, path, "--data-binary", path)
        assert status == 200, body
        assert listener.inbox.wait_payload(path.encode()).topic == f"{name}/a b/c"


def test_retain(endpoints, device, iot_data, name):
    status, body = command.curl(endpoints, device, f"/topics/{name}/kept?qos=1&retain=true", "--data-binary", "kept")
    assert status == 200, body
    assert iot_data.get_retained_message(topic=f"{name}/kept")["payload"] == b"kept"


def test_a_refusal_says_so(endpoints, new_device, name):
    only = {"Effect": "Allow", "Action": "iot:Publish", "Resource": arn(endpoints, "topic/allowed")}
    device = new_device(name, policy={"Version": "2012-10-17", "Statement": [only]})
    status, body = command.curl(endpoints, device, "/topics/allowed?qos=1", "--data-binary", "x")
    assert status == 200, body
    status, head_and_body = command.curl(endpoints, device, "/topics/refused?qos=1", "--include", "--data-binary", "x")
    assert status == 403
    head, _, body = head_and_body.replace("\r\n", "\n").partition("\n\n")
    assert "x-amzn-errortype: forbiddenexception" in head.lower()
    assert "x-amzn-requestid: " in head.lower()
    answer = json.loads(body)
    assert answer["message"]
    uuid.UUID(answer["traceId"])


def test_retain_needs_its_own_permission(endpoints, new_device, name):
    publish = {"Effect": "Allow", "Action": "iot:Publish", "Resource": "*"}
    device = new_device(name, policy={"Version": "2012-10-17", "Statement": [publish]})
    assert command.curl(endpoints, device, f"/topics/{name}?qos=1", "--data-binary", "x")[0] == 200
    assert command.curl(endpoints, device, f"/topics/{name}?qos=1&retain=true", "--data-binary", "x")[0] == 403


def test_a_thing_variable_needs_an_exclusive_thing(endpoints, new_device, name):
    """There is no client id on this path, so only a certificate of one thing alone says which thing it is."""
    shared, exclusive = new_device(f"{name}-shared"), new_device(f"{name}-own", exclusive=True)
    assert command.curl(endpoints, shared, f"/topics/fleet/{shared.name}/t", "--data-binary", "x")[0] == 403
    assert command.curl(endpoints, exclusive, f"/topics/fleet/{exclusive.name}/t", "--data-binary", "x")[0] == 200


@pytest.mark.parametrize("path", ["/topics/a%2F%23", "/topics/a%2F%2B", "/topics/t?qos=2", "/topics/"])
def test_what_mqtt_would_refuse(path, endpoints, device):
    status, body = command.curl(endpoints, device, path, "--data-binary", "x")
    assert status in (400, 404), body


def test_a_body_over_128_kib(endpoints, device, tmp_path):
    large = tmp_path / "large"
    large.write_bytes(b"x" * (128 * 1024 + 1))
    assert command.curl(endpoints, device, "/topics/t", "--data-binary", f"@{large}")[0] in (400, 413)
    large.write_bytes(b"x" * 50_000_000)
    try:
        assert command.curl(endpoints, device, "/topics/t", "--data-binary", f"@{large}")[0] in (400, 413)
    except ConnectionError:
        # It may close before it has read what it will not take.
        pass


def test_without_certificate_or_signature(endpoints):
    """No identity, no service: as an answer or as a failed handshake."""
    try:
        status, _ = command.curl(endpoints, None, "/topics/t", "--data-binary", "x")
    except ConnectionError:
        return
    assert status == 403


def test_an_unknown_path(endpoints, device):
    assert command.curl(endpoints, device, "/things/../../etc/passwd", "--path-as-is")[0] in (400, 403, 404)
    assert command.curl(endpoints, device, "/nothing")[0] in (403, 404)


def test_a_signature_instead_of_a_certificate(endpoints, listener, name):
    made = signer(endpoints, service="iotdata").add_headers(request(endpoints, "POST", f"/topics/{name}/t?qos=1", b"signed", "https"))
    assert send(endpoints, made).status == 200
    assert listener.inbox.wait_payload(b"signed").topic == f"{name}/t"
