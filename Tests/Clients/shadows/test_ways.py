"""Requests that come another way than as a plain PUBLISH of a device, and names as users choose them."""

import json

import paho.mqtt.client as paho
import pytest
from fleet.crt_client import Crt5Client
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow, shadow_prefix
from support import mqtt_build as build
from support.mqtt_raw import V5, MQTTClient, Type

UPDATE = b'{"state":{"desired":{"a":1}},"clientToken":"t"}'


@pytest.mark.parametrize("qos", [0, 1])
def test_publish_over_http(qos, iot_data, shadow, name):
    """`Publish` on a shadow's topic is a request like any other, and is answered on the topics."""
    iot_data.publish(topic=f"{shadow.prefix}/update", qos=qos, payload=UPDATE)
    assert shadow.wait_said("update/accepted").json["clientToken"] == "t"
    assert json.loads(iot_data.get_thing_shadow(thingName=name)["payload"].read())["version"] == 1
    iot_data.publish(topic=f"{shadow.prefix}/update", qos=qos, payload=b"x")
    assert shadow.wait_said("update/rejected").json["code"] == 400


def test_over_a_signed_websocket(endpoints, shadow, name):
    with Crt5Client(endpoints, name) as client:
        client.subscribe(f"{shadow.prefix}/update/accepted")
        client.publish(f"{shadow.prefix}/update", UPDATE)
        assert json.loads(client.inbox.wait_count(1)[0].payload)["version"] == 1
    assert shadow.wait_said("update/accepted")


def test_with_mqtt_311(endpoints, name):
    with PahoClient(endpoints, client_id=name, version=paho.MQTTv311, listener="mqtt") as client:
        shadow = Shadow(client, name)
        assert shadow.update(desired={"a": 1})["version"] == 1
        assert shadow.rejected("update", b"x")["code"] == 400


def test_retained_is_refused(application, shadow):
    assert application.publish(f"{shadow.prefix}/update", UPDATE, qos=1, retain=True).is_failure
    assert shadow.version == 0
    assert [each.what for each in shadow.said] == ["get/rejected"]


def test_with_a_topic_alias(server, name):
    client = MQTTClient(server.mqtt_address)
    client.connect(name)
    client.subscribe(f"{shadow_prefix(name)}/update/accepted", qos=0)
    client.send(build.publish(f"{shadow_prefix(name)}/update", UPDATE, version=V5, properties={"topic_alias": 1}))
    client.send(build.publish("", UPDATE, version=V5, properties={"topic_alias": 1}))
    assert [json.loads(client.wait(Type.PUBLISH).payload)["version"] for _ in range(2)] == [1, 2]


def test_qos_2_in_the_open_profile(start_server, name):
    server = start_server("open")
    with PahoClient(vars(server.endpoints), client_id=name, listener="mqtt") as client:
        shadow = Shadow(client, name)
        for number in range(1, 6):
            assert shadow.accepted("update", UPDATE, qos=2)["version"] == number


def test_a_shared_subscription(endpoints, shadow, name):
    """Each answer goes to one of the group."""
    members = [PahoClient(endpoints, client_id=f"{name}-{number}", listener="mqtt").connect() for number in range(2)]
    for each in members:
        each.subscribe(f"$share/{name}/{shadow.prefix}/update/accepted")
    for _ in range(20):
        shadow.accepted("update", UPDATE)
    members[0].inbox.wait_all(lambda _: sum(len(each.inbox.messages) for each in members) >= 20)
    assert sorted(json.loads(message.payload)["version"] for each in members for message in each.inbox.messages) == list(range(1, 21))
    for each in members:
        each.disconnect()


def test_one_subscription_for_all_things(endpoints, iot_data, name):
    with PahoClient(endpoints, client_id=name, listener="mqtt") as client:
        client.subscribe("$aws/things/+/shadow/update/documents")
        client.subscribe("$aws/things/+/shadow/name/+/update/documents")
        iot_data.update_thing_shadow(thingName=f"{name}-a", payload=UPDATE)
        iot_data.update_thing_shadow(thingName=f"{name}-b", shadowName="s", payload=UPDATE)
        prefixes = [shadow_prefix(f"{name}-a"), shadow_prefix(f"{name}-b", "s")]
        for each in prefixes:
            client.inbox.wait(lambda message, prefix=each: message.topic == f"{prefix}/update/documents")


@pytest.mark.parametrize("thing", ["a:b_c-D9", "-", ":", "x" * 128], ids=["all kinds", "hyphen", "colon", "longest"])
@pytest.mark.parametrize("shadow_name", [None, "$a:b_c-D9", "$"])
def test_names(thing, shadow_name, application, iot_data, name):
    names = {"thingName": thing, **({"shadowName": shadow_name} if shadow_name else {})}
    shadow = Shadow(application, thing, shadow_name)
    before = shadow.update(desired={"by": "mqtt"})["version"]
    found = json.loads(iot_data.get_thing_shadow(**names)["payload"].read())
    assert (found["state"]["desired"], found["version"]) == ({"by": "mqtt"}, before)
    iot_data.update_thing_shadow(**names, payload=b'{"state":{"desired":{"by":"http"}}}')
    assert shadow.get()["state"]["desired"] == {"by": "http"}
    iot_data.delete_thing_shadow(**names)
    assert shadow.version == 0


def test_without_a_folder(start_server, name):
    server = start_server("aws", ephemeral=True)
    with PahoClient(vars(server.endpoints), client_id=name, listener="mqtt") as client:
        shadow = Shadow(client, name)
        shadow.update(desired={"a": 1})
        assert shadow.get()["state"] == {"desired": {"a": 1}, "delta": {"a": 1}}
        assert shadow.delete()["version"] == 1
