"""The main job: a device set up with boto3 connects with each client that people use, and exchanges telemetry under its policy."""

import json

import paho.mqtt.client as paho
import pytest
from fleet import command
from fleet.crt_client import Crt3Client, Crt5Client
from fleet.paho_client import PahoClient

CLIENTS = {
    "awsiotsdk MQTT 3.1.1": lambda endpoints, device: Crt3Client(endpoints, device.name, device),
    "awsiotsdk MQTT 5": lambda endpoints, device: Crt5Client(endpoints, device.name, device),
    "paho MQTT 3.1.1": lambda endpoints, device: PahoClient(endpoints, device, version=paho.MQTTv311),
    "paho MQTT 5": lambda endpoints, device: PahoClient(endpoints, device),
}

APPLICATIONS = {
    "awsiotsdk MQTT 3.1.1": lambda endpoints, name: Crt3Client(endpoints, name),
    "awsiotsdk MQTT 5": lambda endpoints, name: Crt5Client(endpoints, name),
}


@pytest.fixture(scope="module")
def application(endpoints):
    """The fleet's back end: WebSocket with SigV4, sees every device."""
    with Crt5Client(endpoints, "back-end") as client:
        client.subscribe("fleet/+/telemetry")
        yield client


@pytest.mark.parametrize("kind", CLIENTS)
def test_device_exchanges_telemetry(kind, endpoints, application, new_device, name):
    device = new_device(name)
    telemetry = json.dumps({"device": name, "celsius": 21.5}).encode()
    with CLIENTS[kind](endpoints, device) as client:
        client.subscribe(f"fleet/{name}/commands")
        for qos in (0, 1):
            client.publish(f"fleet/{name}/telemetry", telemetry, qos=qos)
            application.inbox.wait(lambda message: message.payload == telemetry and message.qos == qos)
        application.publish(f"fleet/{name}/commands", b"report")
        received = client.inbox.wait_payload(b"report")
        assert received.topic == f"fleet/{name}/commands"
        assert received.qos == 1


@pytest.mark.parametrize("kind", APPLICATIONS)
def test_application_over_signed_websocket(kind, endpoints, new_device, name):
    device = new_device(name)
    with APPLICATIONS[kind](endpoints, f"{name}-application") as application, PahoClient(endpoints, device) as client:
        application.subscribe("fleet/+/telemetry")
        client.subscribe(f"fleet/{name}/commands")
        client.publish(f"fleet/{name}/telemetry", b"over websocket")
        assert application.inbox.wait_payload(b"over websocket").topic == f"fleet/{name}/telemetry"
        application.publish(f"fleet/{name}/commands", b"answer")
        client.inbox.wait_payload(b"answer")


@pytest.mark.parametrize("version", ["311", "5"])
def test_mosquitto_pub_and_sub(version, endpoints, application, new_device, name):
    device = new_device(name)
    protocol = {"311": "mqttv311", "5": "mqttv5"}[version]
    topic = f"fleet/{name}/telemetry"
    published = command.run(
        command.mosquitto("mosquitto_pub", endpoints, device, "-V", protocol, "-q", "1", "-t", topic, "-m", "from mosquitto")
    )
    assert published.returncode == 0, published.stderr
    application.inbox.wait(lambda message: message.topic == topic and message.payload == b"from mosquitto")

    # A retained message, so that the subscriber needs no other party at the right moment.
    application.publish(f"fleet/{name}/settings", b"every minute", retain=True)
    received = command.run(
        command.mosquitto("mosquitto_sub", endpoints, device, "-V", protocol, "-q", "1", "-t", f"fleet/{name}/settings", "-C", "1", "-W", "15")
    )
    assert received.returncode == 0, received.stderr
    assert received.stdout == "every minute\n"


def test_curl_publishes_with_the_certificate(endpoints, application, new_device, name):
    # Without a client id, the thing of a certificate is known only where the certificate belongs to one thing alone.
    device = new_device(name, exclusive=True)
    status, body = command.curl(endpoints, device, f"/topics/fleet/{name}/telemetry?qos=1", "--data-binary", "from curl")
    assert status == 200, body
    assert json.loads(body)["message"] == "OK"
    message = application.inbox.wait_payload(b"from curl")
    assert (message.topic, message.qos) == (f"fleet/{name}/telemetry", 1)


def test_boto3_publishes_to_the_device(endpoints, iot_data, new_device, name):
    with PahoClient(endpoints, new_device(name)) as client:
        client.subscribe(f"fleet/{name}/commands")
        iot_data.publish(topic=f"fleet/{name}/commands", qos=1, payload=b"from boto3")
        assert client.inbox.wait_payload(b"from boto3").qos == 1
