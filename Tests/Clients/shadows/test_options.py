"""What the command line of the server changes for shadows (docs/configuration.md)."""

import json

import pytest
from fleet import api, command
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow
from support import mqtt_build as build
from support.mqtt_raw import V5, MQTTClient, Type
from support.server import environment


@pytest.fixture
def shadow_of(start_server, name):
    """A server with these options and a shadow of it."""
    opened = []

    def start(*options, thing=name):
        server = start_server("aws", *options)
        opened.append(PahoClient(vars(server.endpoints), client_id=name, listener="mqtt").connect())
        return server, Shadow(opened[-1], thing)

    yield start
    for each in opened:
        each.disconnect()


def nested(levels):
    value = 1
    for _ in range(levels):
        value = {"k": value}
    return value


def test_fewer_levels(shadow_of):
    _, shadow = shadow_of("--shadow-max-levels", "6")
    shadow.update(desired=nested(6))
    found = shadow.rejected("update", {"state": {"desired": nested(7)}})
    assert found["message"] == "JSON contains too many levels of nesting; maximum is 6"
    assert shadow.version == 1


def test_only_registered_things(shadow_of, name):
    server, shadow = shadow_of("--shadow-require-thing")
    for operation in ("get", "update", "delete"):
        found = shadow.rejected(operation, {"state": {"desired": {"a": 1}}})
        assert (found["code"], found["message"]) == (404, "Thing not found")
    iot_data = api.client(vars(server.endpoints), "iot-data")
    assert api.refused(iot_data.get_thing_shadow, "ResourceNotFoundException", 404, thingName=name).message == "Thing not found"
    api.client(vars(server.endpoints), "iot").create_thing(thingName=name)
    assert shadow.update(desired={"a": 1})["version"] == 1


#: More than can be answered while they are read, and fewer than a connection may publish in a second.
REQUESTS = 90


def test_ten_requests_in_flight(start_server, name):
    """With --enforce-rates the eleventh request for a thing that is not answered is refused; those that are taken are all done."""
    server = start_server("aws", "--enforce-rates")
    client = MQTTClient(server.mqtt_address)
    client.connect(name)
    prefix = f"$aws/things/{name}/shadow"
    client.subscribe(f"{prefix}/update/accepted", f"{prefix}/update/rejected", qos=0)
    request = json.dumps({"state": {"reported": {"a": 1}}}).encode()
    client.send(b"".join(build.publish(f"{prefix}/update", request, qos=0, version=V5) for _ in range(REQUESTS)))
    answers = [client.wait(Type.PUBLISH) for _ in range(REQUESTS)]
    accepted = [json.loads(each.payload) for each in answers if each.topic.endswith("accepted")]
    rejected = [json.loads(each.payload) for each in answers if each.topic.endswith("rejected")]
    assert [each["version"] for each in accepted] == list(range(1, len(accepted) + 1))
    assert len(accepted) >= 10
    assert {each["code"] for each in rejected} == {429}
    # What was refused counts no more: there is room again.
    client.publish(f"{prefix}/update", request, qos=0)
    assert json.loads(client.wait(Type.PUBLISH).payload)["version"] == len(accepted) + 1


@pytest.mark.parametrize("option", [("--shadow-max-levels", "0"), ("--shadow-max-levels", "x"), ("--shadow-history", "-1"), ("--shadow-history", "10001")])
def test_bad_values(option, roost_binary, tmp_path):
    ports = [f"--{kind}-port=0" for kind in ("api", "mqtts", "https", "mqtt", "console")]
    done = command.run([str(roost_binary), "serve", "--data", str(tmp_path / "data"), *ports, "=".join(option)], environment=environment())
    assert done.returncode != 0
    assert option[0].lstrip("-") in done.stderr + done.stdout
