"""A device and an application that are never online together agree on state."""

import json

import paho.mqtt.client as paho
import pytest
from fleet import api
from fleet.crt_client import Crt3Client, Crt5Client
from fleet.device import make_device
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow, own_shadow_policy, shadow_prefix

CLIENTS = {
    "awsiotsdk MQTT 3.1.1": lambda endpoints, device: Crt3Client(endpoints, device.name, device, persistent=True),
    "awsiotsdk MQTT 5": lambda endpoints, device: Crt5Client(endpoints, device.name, device, persistent=True),
    "paho MQTT 3.1.1": lambda endpoints, device: PahoClient(endpoints, device, version=paho.MQTTv311, persistent=True),
    "paho MQTT 5": lambda endpoints, device: PahoClient(endpoints, device, persistent=True),
}


class Application:
    """Over HTTP, and only while the device is away."""

    def __init__(self, endpoints, thing, name=None):
        self.iot_data = api.client(endpoints, "iot-data")
        self.names = {"thingName": thing, **({"shadowName": name} if name else {})}

    def desire(self, **desired):
        payload = json.dumps({"state": {"desired": desired}})
        return json.loads(self.iot_data.update_thing_shadow(**self.names, payload=payload)["payload"].read())

    def state(self):
        return json.loads(self.iot_data.get_thing_shadow(**self.names)["payload"].read())["state"]


@pytest.mark.parametrize("shadow_name", [None, "settings"], ids=["classic", "named"])
@pytest.mark.parametrize("kind", CLIENTS)
def test_deltas_wait_for_the_device(kind, shadow_name, endpoints, new_device, name):
    device = new_device(name, policy=own_shadow_policy(endpoints))
    prefix = shadow_prefix(name, shadow_name)
    application = Application(endpoints, name, shadow_name)
    with CLIENTS[kind](endpoints, device) as client:
        client.subscribe(f"{prefix}/update/delta")
        client.subscribe(f"{prefix}/update/accepted")
    application.desire(color="red", mode="night")
    application.desire(color="blue")
    with CLIENTS[kind](endpoints, device) as client:
        assert client.session_present
        arrived = [json.loads(message.payload) for message in client.inbox.wait_count(4)]
        deltas = [each["state"] for each in arrived if "desired" not in each["state"]]
        assert deltas == [{"color": "red", "mode": "night"}, {"color": "blue", "mode": "night"}]
        client.publish(f"{prefix}/update", json.dumps({"state": {"reported": deltas[-1]}, "clientToken": "done"}).encode())
        # The acknowledgement has come: the device may go.
    assert application.state() == {"desired": {"color": "blue", "mode": "night"}, "reported": {"color": "blue", "mode": "night"}}


def test_a_device_that_asks_when_it_comes(endpoints, new_device, name):
    """Without a session of its own it gets the document first, as the samples do."""
    device = new_device(name, policy=own_shadow_policy(endpoints))
    application = Application(endpoints, name)
    for color in ("red", "green", "blue"):
        application.desire(color=color)
        with PahoClient(endpoints, device) as client:
            shadow = Shadow(client, name)
            delta = shadow.get()["state"]["delta"]
            assert delta == {"color": color}
            shadow.update(reported=delta)
        assert application.state() == {"desired": {"color": color}, "reported": {"color": color}}


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_with_a_restart_in_between(kill, start_server, tmp_path, name):
    server = start_server("aws")
    endpoints = vars(server.endpoints)
    device = make_device(endpoints, name, tmp_path, policy=own_shadow_policy(endpoints))
    with PahoClient(endpoints, device, persistent=True) as client:
        client.subscribe(f"{shadow_prefix(name)}/update/delta")
    Application(endpoints, name).desire(color="red")
    server.restart(kill=kill)
    with PahoClient(vars(server.endpoints), device, persistent=True) as client:
        assert client.session_present
        assert json.loads(client.inbox.wait_count(1)[0].payload)["state"] == {"color": "red"}
        client.publish(f"{shadow_prefix(name)}/update", b'{"state":{"reported":{"color":"red"}}}')
    server.restart(kill=kill)
    assert Application(vars(server.endpoints), name).state() == {"desired": {"color": "red"}, "reported": {"color": "red"}}
