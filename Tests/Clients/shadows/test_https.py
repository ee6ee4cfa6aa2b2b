"""Shadows on the devices' HTTPS port with a client certificate, as small devices use them with curl, and with a signature."""

import json
from urllib.parse import quote

import pytest
from fleet import command
from fleet.device import allow_all_policy
from fleet.shadow import Shadow
from fleet.signed import request, send, signer


@pytest.fixture(scope="module")
def device(new_device):
    return new_device("https-device", policy=allow_all_policy())


@pytest.fixture(params=["", "?name=settings"], ids=["classic", "named"])
def path(request, name):
    return f"/things/{name}/shadow{request.param}"


@pytest.mark.parametrize("http", ["--http1.0", "--http1.1"])
def test_flow(http, path, endpoints, device):
    def ask(*arguments):
        status, body = command.curl(endpoints, device, path, http, *arguments)
        return status, json.loads(body)

    status, body = ask()
    assert status == 404
    assert body["message"].startswith("No shadow exists with name: ")
    assert body["traceId"]
    status, body = ask("--data-binary", '{"state":{"desired":{"a":1.0}}}')
    assert (status, body["version"], body["state"]) == (200, 1, {"desired": {"a": 1.0}})
    status, body = ask()
    assert (status, body["state"]) == (200, {"desired": {"a": 1}, "delta": {"a": 1}})
    status, body = ask("--data-binary", '{"state":{"reported":{"a":1}},"version":9}')
    assert (status, body["message"]) == (409, "Version conflict")
    status, body = ask("-X", "DELETE")
    assert (status, body["version"]) == (200, 1)
    assert ask()[0] == 404


def test_a_device_over_https_and_an_application_over_mqtt(endpoints, device, application, name):
    shadow = Shadow(application, name, "settings")
    shadow.update(desired={"color": "red"})
    shadow.forget()
    status, body = command.curl(endpoints, device, f"/things/{name}/shadow?name=settings")
    delta = json.loads(body)["state"]["delta"]
    status, _ = command.curl(
        endpoints, device, f"/things/{name}/shadow?name=settings", "--data-binary", json.dumps({"state": {"reported": delta}})
    )
    assert status == 200
    shadow.wait_said("update/accepted")
    assert [each.what for each in shadow.said] == ["update/documents", "update/accepted"]
    assert "delta" not in shadow.get()["state"]


def test_list(endpoints, device, name):
    for each in ("b", "a"):
        assert command.curl(endpoints, device, f"/things/{name}/shadow?name={each}", "--data-binary", '{"state":{"desired":{"a":1}}}')[0] == 200
    status, body = command.curl(endpoints, device, f"/api/things/shadow/ListNamedShadowsForThing/{name}?pageSize=1")
    page = json.loads(body)
    assert (status, len(page["results"])) == (200, 1)
    status, body = command.curl(endpoints, device, f"/api/things/shadow/ListNamedShadowsForThing/{name}?nextToken={quote(page['nextToken'], safe='')}")
    assert sorted(page["results"] + json.loads(body)["results"]) == ["a", "b"]


@pytest.mark.parametrize("method, target", [("GET", "?name=a"), ("POST", ""), ("DELETE", "")])
def test_a_signature_on_the_same_port(method, target, endpoints, application, name):
    Shadow(application, name).update(desired={"a": 1})
    Shadow(application, name, "a").update(desired={"a": 1})
    body = b'{"state":{"desired":{"b":1}}}' if method == "POST" else b""
    made = signer(endpoints, service="iotdata").add_headers(request(endpoints, method, f"/things/{name}/shadow{target}", body, "https"))
    answer = send(endpoints, made)
    assert (answer.status, answer.json["version"]) == (200, 2 if method == "POST" else 1)


def test_errors(endpoints, device, name):
    for payload, status in ((b"x", 400), (b"{}", 400), (b'{"state":{"desired":{"a":"' + b"x" * 9000 + b'"}}}', 413)):
        found, body = command.curl(endpoints, device, f"/things/{name}/shadow", "--data-binary", payload.decode())
        assert (found, bool(json.loads(body)["message"])) == (status, True)
    assert command.curl(endpoints, device, f"/things/{name}/shadow")[0] == 404
