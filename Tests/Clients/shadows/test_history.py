"""The history of a shadow, beyond AWS: `--shadow-history N` and `GET /things/T/shadow/history` (docs/shadows.md)."""

import json
import time
from urllib.parse import quote, urlencode

import pytest
from fleet import api, command
from fleet.device import arn, make_device
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow
from fleet.signed import signed

LENGTH = 20


@pytest.fixture(scope="module")
def server(module_servers):
    return module_servers("aws", "--shadow-history", str(LENGTH))


def ask(endpoints, thing, **query):
    fields = urlencode(query, quote_via=quote)
    return signed(endpoints, "GET", f"/things/{thing}/shadow/history" + (f"?{fields}" if fields else ""), service="iotdata")


def page(endpoints, thing, **query):
    answer = ask(endpoints, thing, **query)
    assert answer.status == 200, answer
    return answer.json


def versions(entries):
    return [each["version"] for each in entries]


def test_entries(endpoints, application, iot_data, any_shadow, name):
    any_shadow.update(desired={"a": 1.0}, reported={"b": 1})
    names = {"thingName": name, **({"shadowName": any_shadow.name} if any_shadow.name else {})}
    iot_data.update_thing_shadow(**names, payload=b'{"state":{"desired":{"a":2}}}')
    any_shadow.wait_said("update/accepted", 2)
    any_shadow.rejected("update", {"state": 1})
    any_shadow.delete()
    any_shadow.update(reported={"c": 1})
    found = page(endpoints, name, **({"name": any_shadow.name} if any_shadow.name else {}))
    assert "nextToken" not in found
    entries = found["entries"]
    assert [(each["version"], each["deleted"]) for each in entries] == [(3, False), (2, True), (2, False), (1, False)]
    assert [each["state"] for each in entries] == [
        {"reported": {"c": 1}}, {}, {"desired": {"a": 2}, "reported": {"b": 1}}, {"desired": {"a": 1.0}, "reported": {"b": 1}},
    ]  # fmt: skip
    assert {each["source"] for each in entries} == {f"mqtt:{name}-application", f"http:{endpoints['accessKeyId']}"}
    assert all(abs(each["timestamp"] - time.time()) < 60 for each in entries)


def test_the_oldest_are_forgotten(endpoints, shadow, name):
    for number in range(LENGTH + 10):
        shadow.update(reported={"n": number})
    entries = page(endpoints, name, maxResults=100)["entries"]
    assert versions(entries) == list(range(LENGTH + 10, 10, -1))
    assert [each["state"]["reported"]["n"] for each in entries] == list(range(LENGTH + 9, 9, -1))


@pytest.mark.parametrize("size", [1, 7, 20])
def test_pages(size, endpoints, shadow, name):
    for number in range(15):
        shadow.update(reported={"n": number})
    found, token = [], {}
    while True:
        each = page(endpoints, name, maxResults=size, **token)
        assert len(each["entries"]) <= size
        found += each["entries"]
        if "nextToken" not in each:
            break
        token = {"nextToken": each["nextToken"]}
    assert versions(found) == list(range(15, 0, -1))


def test_pages_while_it_changes(endpoints, shadow, name):
    for number in range(6):
        shadow.update(reported={"n": number})
    first = page(endpoints, name, maxResults=3)
    shadow.update(reported={"n": 6})
    rest = page(endpoints, name, nextToken=first["nextToken"])
    assert versions(first["entries"] + rest["entries"]) == [6, 5, 4, 3, 2, 1]


def test_numbers_and_order(endpoints, shadow, name):
    text = b'{"zeta":1.0,"alpha":-0.0,"m":1234567890123456789012345678901234}'
    shadow.accepted("update", b'{"state":{"reported":' + text + b"}}")
    assert text in ask(endpoints, name).body


def test_none(endpoints, name):
    assert page(endpoints, name)["entries"] == []


@pytest.mark.parametrize("query", [{"maxResults": "0"}, {"maxResults": "101"}, {"maxResults": "x"}, {"nextToken": "nonsense"}, {"name": "a b"}])
def test_bad_requests(query, endpoints, name):
    answer = ask(endpoints, name, **query)
    assert (answer.status, answer.error) == (400, "InvalidRequestException"), answer


def test_a_token_of_another_shadow(endpoints, application, name):
    for each in ("a", "b"):
        shadow = Shadow(application, name, each)
        for number in range(3):
            shadow.update(reported={"n": number})
    token = page(endpoints, name, name="a", maxResults=1)["nextToken"]
    answer = ask(endpoints, name, name="b", nextToken=token)
    assert (answer.status, answer.error) == (400, "InvalidRequestException"), answer


def test_with_a_certificate(endpoints, tmp_path, shadow, name):
    shadow.update(reported={"n": 1})
    statement = {"Effect": "Allow", "Action": "iot:GetThingShadow", "Resource": arn(endpoints, f"thing/{name}")}
    device = make_device(endpoints, f"{name}-device", tmp_path, policy={"Version": "2012-10-17", "Statement": [statement]})
    status, body = command.curl(endpoints, device, f"/things/{name}/shadow/history")
    assert (status, versions(json.loads(body)["entries"])) == (200, [1])
    assert command.curl(endpoints, device, f"/things/{name}/shadow/history?name=a")[0] == 403
    assert command.curl(endpoints, device, f"/things/{name}-device/shadow/history")[0] == 403


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_it_survives(kill, start_server, name):
    server = start_server("aws", "--shadow-history", "5")
    with PahoClient(vars(server.endpoints), client_id=name, listener="mqtt") as client:
        shadow = Shadow(client, name)
        for number in range(8):
            shadow.update(reported={"n": number})
    server.restart(kill=kill)
    assert versions(page(vars(server.endpoints), name)["entries"]) == [8, 7, 6, 5, 4]


def test_without_the_option(start_server, name):
    server = start_server("aws")
    endpoints = vars(server.endpoints)
    api.client(endpoints, "iot-data").update_thing_shadow(thingName=name, payload=b'{"state":{"reported":{"a":1}}}')
    answer = ask(endpoints, name)
    assert answer.status in (400, 404), answer
    assert "--shadow-history" in answer.json["message"]
