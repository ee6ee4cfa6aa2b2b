"""Rules at work: what devices publish is filtered, transformed and republished."""

import json
import re
import threading
import urllib.request

import pytest
from fleet import api
from fleet.device import allow_all_policy, make_device
from fleet.inbox import PATIENCE
from fleet.paho_client import PahoClient
from fleet.rule import wait_for
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

ROLE = "arn:aws:iam::000000000000:role/rules"


def republish(topic, **fields):
    return {"republish": {"roleArn": ROLE, "topic": topic, "qos": 1, **fields}}


def make(iot, rule, sql, *actions, **fields):
    iot.create_topic_rule(
        ruleName=rule, topicRulePayload={"sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": list(actions), **fields})


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


def test_messages_are_filtered_and_transformed(iot, client, rule):
    make(iot, rule, f"SELECT t AS temperature, topic(2) AS place, clientid() AS client FROM '{rule}/+/in' WHERE t > 30",
         republish(rule + "/out/${topic(2)}"))
    client.subscribe(f"{rule}/out/#")
    client.publish(f"{rule}/kitchen/in", b'{"t": 20}')
    client.publish(f"{rule}/cellar/in", b'{"t": 31.5}')
    message = client.inbox.wait(lambda message: True)
    assert message.topic == f"{rule}/out/cellar"
    assert json.loads(message.payload) == {"temperature": 31.5, "place": "cellar", "client": client.paho._client_id.decode()}
    assert len(client.inbox.messages) == 1


def test_headers_become_properties(iot, client, rule):
    headers = {
        "contentType": "application/json", "responseTopic": "answers/${x}", "correlationData": "aWQ=",
        "userProperties": [{"key": "x", "value": "${x + 1}"}],
    }
    make(iot, rule, f"SELECT * FROM '{rule}/in'", republish(f"{rule}/out", headers=headers))
    properties = []
    client.paho.message_callback_add(f"{rule}/out", lambda c, u, message: properties.append(message.properties) or arrived.set())
    arrived = threading.Event()
    client.subscribe(f"{rule}/out")
    client.publish(f"{rule}/in", b'{"x": 4}')
    assert arrived.wait(PATIENCE)
    found = properties[0]
    assert (found.ContentType, found.ResponseTopic, found.CorrelationData) == ("application/json", "answers/4", b"id")
    assert found.UserProperty == [("x", "5")]


def test_what_fails_goes_to_the_error_action_once(iot, client, rule):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", republish("$aws/things/x/shadow/update/accepted"), republish("not/a/+/topic"),
         errorAction=republish(f"{rule}/errors"))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b"hello")
    report = json.loads(client.inbox.wait(lambda message: True).payload)
    assert (report["ruleName"], report["topic"], report["base64OriginalPayload"]) == (rule, f"{rule}/in", "aGVsbG8=")
    assert [failure["failedAction"] for failure in report["failures"]] == ["RepublishAction"] * 2
    assert report["clientId"] == client.paho._client_id.decode()


def test_a_loop_is_cut_and_reported(iot, client, rule):
    make(iot, rule, f"SELECT * FROM '{rule}/loop'", republish(f"{rule}/loop"), errorAction=republish(f"{rule}/errors"))
    client.subscribe(f"{rule}/#")
    client.publish(f"{rule}/loop", b'{"round": 1}')
    report = client.inbox.wait(lambda message: message.topic.endswith("/errors"))
    assert "loop" in json.loads(report.payload)["failures"][0]["errorMessage"]
    assert len([message for message in client.inbox.messages if message.topic.endswith("/loop")]) == 11


def test_basic_ingest_reaches_one_rule_and_nobody_else(iot, client, rule):
    make(iot, rule, "SELECT *, topic() AS topic", republish(f"{rule}/out"))
    make(iot, f"{rule}_other", "SELECT * FROM '#'", republish(f"{rule}/other"))
    for topic in [f"{rule}/out", f"{rule}/other", "$aws/rules/#"]:
        client.subscribe(topic)
    client.publish(f"$aws/rules/{rule}/some/place", b'{"a": 1}')
    message = client.inbox.wait(lambda message: True)
    assert (message.topic, json.loads(message.payload)) == (f"{rule}/out", {"a": 1, "topic": "some/place"})
    iot.delete_topic_rule(ruleName=f"{rule}_other")


def test_a_rule_reads_shadows(iot, iot_data, client, rule):
    iot_data.update_thing_shadow(thingName=rule, payload=json.dumps({"state": {"desired": {"limit": 30}}}))
    make(iot, rule, f"SELECT t, get_thing_shadow('{rule}', '{ROLE}').state.desired.limit AS limit FROM '{rule}/in'",
         republish(f"{rule}/out"))
    client.subscribe(f"{rule}/out")
    client.publish(f"{rule}/in", b'{"t": 3}')
    assert json.loads(client.inbox.wait(lambda message: True).payload) == {"t": 3, "limit": 30}


def test_a_change_acts_on_the_next_message(iot, client, rule):
    make(iot, rule, f"SELECT 1 AS version FROM '{rule}/in'", republish(f"{rule}/out"))
    client.subscribe(f"{rule}/out")
    client.publish(f"{rule}/in", b"{}")
    client.inbox.wait_payload(b'{"version":1}')
    iot.replace_topic_rule(ruleName=rule, topicRulePayload={
        "sql": f"SELECT 2 AS version FROM '{rule}/in'", "actions": [republish(f"{rule}/out")]})
    client.publish(f"{rule}/in", b"{}")
    client.inbox.wait_payload(b'{"version":2}')
    iot.disable_topic_rule(ruleName=rule)
    client.publish(f"{rule}/in", b"{}")
    iot.enable_topic_rule(ruleName=rule)
    client.publish(f"{rule}/in", b"{}")
    client.inbox.wait_count(3)
    iot.delete_topic_rule(ruleName=rule)
    assert client.inbox.payloads == [b'{"version":1}', b'{"version":2}', b'{"version":2}']


def test_what_was_acknowledged_is_republished_after_a_crash(start_server, tmp_path, name, rule):
    server = start_server("aws")
    endpoints = vars(server.endpoints)
    iot = api.client(endpoints, "iot")
    device = make_device(endpoints, name, tmp_path, policy=allow_all_policy())
    make(iot, rule, "SELECT n FROM 'numbers'", republish("kept"))
    with PahoClient(endpoints, device, persistent=True) as client:
        client.subscribe("kept")
    acknowledged = []
    publisher = make_device(endpoints, f"{name}-2", tmp_path, policy=allow_all_policy())
    with PahoClient(endpoints, publisher) as client:
        for number in range(200):
            client.publish("numbers", b'{"n":%d}' % number)
            acknowledged.append(number)
        server.kill()
        client.drop()
    server.start()
    with PahoClient(vars(server.endpoints), device, persistent=True) as client:
        wanted = {b'{"n":%d}' % number for number in acknowledged}
        client.inbox.wait_all(lambda messages: wanted <= {message.payload for message in messages})


def metric(endpoints, name):
    with urllib.request.urlopen(endpoints["console"] + "/metrics") as answer:
        found = re.search(rf"^{name} (\d+)", answer.read().decode(), re.MULTILINE)
    return int(found[1]) if found else 0


def test_basic_ingest_for_no_rule_is_acknowledged_and_counted(iot, endpoints, client, rule):
    make(iot, rule, "SELECT *", republish(f"{rule}/out"), ruleDisabled=True)
    before = metric(endpoints, "roost_rules_not_found_total")
    client.publish("$aws/rules/nobody_made_this/x", b"{}")
    client.publish(f"$aws/rules/{rule}/x", b"{}")
    wait_for(lambda: metric(endpoints, "roost_rules_not_found_total") == before + 2, "the count")
    iot.enable_topic_rule(ruleName=rule)
    client.subscribe(f"{rule}/out")
    client.publish(f"$aws/rules/{rule}/x", b'{"a":1}')
    client.inbox.wait_payload(b'{"a":1}')
    assert metric(endpoints, "roost_rules_not_found_total") == before + 2
