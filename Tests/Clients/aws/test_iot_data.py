"""The data plane over HTTP: Publish, retained messages, connections (reference: HTTPS publish and connection API)."""

import base64
import json

import pytest
from fleet.api import client, needs_operation, refused
from fleet.device import allow_all_policy
from fleet.inbox import eventually
from fleet.paho_client import PahoClient
from fleet.signed import signed
from support.mqtt_build import Will
from support.mqtt_raw import MQTTClient, Type


@pytest.fixture
def listener(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def reader(server):
    """An MQTT 5 client that shows every property."""
    client = MQTTClient(server.mqtt_address)
    client.connect("reader")
    yield client
    client.close()


class TestPublish:
    @pytest.mark.parametrize("qos", [0, 1])
    def test_qos(self, qos, iot_data, listener, name):
        listener.subscribe(f"{name}/#")
        iot_data.publish(topic=f"{name}/a/b", qos=qos, payload=b"\x00\xff binary")
        message = listener.inbox.wait_payload(b"\x00\xff binary")
        assert (message.topic, message.qos, message.retain) == (f"{name}/a/b", qos, False)

    def test_raw_and_encoded_slashes(self, endpoints, listener, name):
        listener.subscribe(f"{name}/#")
        for target in (f"/topics/{name}/a/b?qos=1", f"/topics/{name}%2Fa%2Fb?qos=1"):
            answer = signed(endpoints, "POST", target, target.encode(), service="iotdata")
            assert answer.status == 200, answer
            assert listener.inbox.wait_payload(target.encode()).topic == f"{name}/a/b"

    def test_both_service_names(self, endpoints, listener, name):
        listener.subscribe(f"{name}/#")
        for service in ("iotdata", "iotdevicegateway"):
            assert signed(endpoints, "POST", f"/topics/{name}/{service}", b"x", service=service).status == 200
            listener.inbox.wait(lambda message, service=service: message.topic == f"{name}/{service}")

    def test_mqtt_5_properties(self, iot_data, reader, name):
        reader.subscribe(f"{name}/t", qos=1)
        iot_data.publish(
            topic=f"{name}/t", qos=1, payload=b"{}", contentType="application/json", responseTopic=f"{name}/answers", messageExpiry=60,
            payloadFormatIndicator="UTF8_DATA", correlationData=base64.b64encode(b"id-7").decode(),
            userProperties=[{"first": "1"}, {"second": "2"}, {"first": "again"}],
        )  # fmt: skip
        properties = reader.next_publish().properties
        assert properties.get("content_type") == "application/json"
        assert properties.get("response_topic") == f"{name}/answers"
        assert properties.get("payload_format_indicator") == 1
        assert properties.get("correlation_data") == b"id-7"
        assert 55 <= properties.get("message_expiry_interval") <= 60
        assert properties.all("user_property") == [("first", "1"), ("second", "2"), ("first", "again")]

    @pytest.mark.parametrize(
        "target",
        ["/topics/a%2F%23", "/topics/a%2F+", "/topics/" + "x" * 257, "/topics/a?qos=2", "/topics/a?qos=x", "/topics/" + "%2F".join("abcdefghi")],
        ids=["#", "+", "too long", "QoS 2", "QoS x", "too many levels"],
    )
    def test_what_mqtt_would_refuse(self, target, endpoints):
        answer = signed(endpoints, "POST", target, b"x", service="iotdata")
        assert (answer.status, answer.error) == (400, "InvalidRequestException"), answer

    def test_a_payload_over_128_kib(self, endpoints, iot_data, listener, name):
        listener.subscribe(f"{name}/#")
        iot_data.publish(topic=f"{name}/t", qos=1, payload=b"x" * 128 * 1024)
        listener.inbox.wait_count(1)
        answer = signed(endpoints, "POST", f"/topics/{name}/t", b"x" * (128 * 1024 + 1), service="iotdata")
        assert answer.status in (400, 413), answer

    def test_the_answer(self, endpoints, name):
        answer = signed(endpoints, "POST", f"/topics/{name}?qos=1", b"x", service="iotdata")
        assert answer.json["message"] == "OK"
        assert answer.json["traceId"]


class TestRetained:
    def test_get(self, iot_data, name):
        user_properties = [{"a": "1"}, {"b": "2"}]
        iot_data.publish(topic=f"{name}/r", qos=1, retain=True, payload=b"\x00kept", userProperties=user_properties)
        got = iot_data.get_retained_message(topic=f"{name}/r")
        assert (got["topic"], got["payload"], got["qos"]) == (f"{name}/r", b"\x00kept", 1)
        assert json.loads(got["userProperties"]) == user_properties
        assert got["lastModifiedTime"] > 1_700_000_000_000

    def test_missing(self, iot_data, name):
        refused(iot_data.get_retained_message, "ResourceNotFoundException", 404, topic=f"{name}/none")

    def test_an_empty_payload_deletes_and_is_delivered(self, iot_data, listener, name):
        iot_data.publish(topic=f"{name}/r", qos=1, retain=True, payload=b"kept")
        listener.subscribe(f"{name}/r")
        assert listener.inbox.wait_payload(b"kept").retain
        iot_data.publish(topic=f"{name}/r", qos=1, retain=True, payload=b"")
        assert not listener.inbox.wait_payload(b"").retain
        refused(iot_data.get_retained_message, "ResourceNotFoundException", 404, topic=f"{name}/r")

    def test_list_in_pages(self, iot_data, name):
        for number in range(5):
            iot_data.publish(topic=f"{name}/{number}", qos=number % 2, retain=True, payload=b"x" * (number + 1))
        pages = list(iot_data.get_paginator("list_retained_messages").paginate(PaginationConfig={"PageSize": 2}))
        assert all(len(page["retainedTopics"]) <= 2 for page in pages)
        found = {each["topic"]: each for page in pages for each in page["retainedTopics"]}
        for number in range(5):
            summary = found[f"{name}/{number}"]
            assert (summary["payloadSize"], summary["qos"]) == (number + 1, number % 2)
            assert summary["lastModifiedTime"] > 1_700_000_000_000

    def test_reserved_topics_are_not_retained(self, iot_data):
        refused(iot_data.publish, "InvalidRequestException", 400, topic="$aws/things/x/anything", retain=True, payload=b"x")

    def test_retained_messages_outlive_a_kill(self, start_server, name):
        server = start_server("aws")
        client(vars(server.endpoints), "iot-data").publish(topic=f"{name}/r", qos=1, retain=True, payload=b"kept")
        server.restart(kill=True)
        assert client(vars(server.endpoints), "iot-data").get_retained_message(topic=f"{name}/r")["payload"] == b"kept"


class TestConnections:
    def test_delete_connection(self, iot_data, listener, name):
        iot_data.delete_connection(clientId=name)
        assert listener.wait_closed().value == 0x98
        refused(iot_data.delete_connection, "ResourceNotFoundException", 404, clientId="nobody")

    def test_delete_connection_and_its_session(self, endpoints, iot_data, new_device, name):
        device = new_device(name, policy=allow_all_policy())
        client = PahoClient(endpoints, device, persistent=True).connect()
        client.subscribe(f"{name}/t")
        iot_data.delete_connection(clientId=name, cleanSession=True)
        client.wait_closed()
        with PahoClient(endpoints, device, persistent=True) as again:
            assert not again.session_present

    @pytest.mark.parametrize("prevent", [False, True])
    def test_the_will_can_be_held_back(self, prevent, server, iot_data, listener, name):
        listener.subscribe(f"{name}/will", qos=1)
        doomed = MQTTClient(server.mqtt_address)
        doomed.connect(f"{name}-doomed", will=Will(f"{name}/will", b"gone", qos=1))
        iot_data.delete_connection(clientId=f"{name}-doomed", preventWillMessage=prevent)
        assert doomed.until_closed()[-1].reason == 0x98
        if prevent:
            iot_data.publish(topic=f"{name}/will", qos=1, payload=b"end")
            listener.inbox.wait_payload(b"end")
            assert listener.inbox.payloads == [b"end"]
        else:
            listener.inbox.wait_payload(b"gone")

    def test_get_connection(self, iot_data, listener, name):
        needs_operation(iot_data, "get_connection")
        got = iot_data.get_connection(clientId=name, includeSocketInformation=True)
        assert got["connected"] is True
        assert got["sourceIp"] == "127.0.0.1"
        assert got["keepAliveDuration"] == 60
        listener.disconnect()
        gone = eventually(lambda: (lambda info: info if not info["connected"] else None)(iot_data.get_connection(clientId=name)))
        assert gone["disconnectReason"] == "CLIENT_INITIATED_DISCONNECT"
        refused(iot_data.get_connection, "ResourceNotFoundException", 404, clientId="nobody")

    def test_list_subscriptions(self, iot_data, listener, name):
        needs_operation(iot_data, "list_subscriptions")
        filters = [f"{name}/{number}" for number in range(5)]
        for number, each in enumerate(filters):
            listener.subscribe(each, qos=number % 2)
        found, token = {}, {}
        while True:
            page = iot_data.list_subscriptions(clientId=name, maxResults=2, **token)
            assert len(page["subscriptions"]) <= 2
            found.update({each["topicFilter"]: each["qos"] for each in page["subscriptions"]})
            if "nextToken" not in page:
                break
            token = {"nextToken": page["nextToken"]}
        assert found == {each: number % 2 for number, each in enumerate(filters)}
        refused(iot_data.list_subscriptions, "ResourceNotFoundException", 404, clientId="nobody")


def test_reserved_topics_in_connection_names(iot_data):
    refused(iot_data.delete_connection, "InvalidRequestException", 400, clientId="$reserved")


def test_the_raw_client_sees_the_disconnect_reason(server, iot_data, name):
    client = MQTTClient(server.mqtt_address)
    client.connect(name)
    iot_data.delete_connection(clientId=name)
    last = client.until_closed()[-1]
    assert (last.type, last.reason) == (Type.DISCONNECT, 0x98)
