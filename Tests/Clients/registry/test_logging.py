"""V2 logging: what devices do becomes lines in CloudWatch Logs, as much of it as options and levels say (AWS IoT Core Developer Guide, monitoring)."""

import json

import pytest
from fleet import api, command
from fleet.api import refused
from fleet.device import allow_all_policy, allowing, arn, make_device
from fleet.inbox import eventually
from fleet.paho_client import PahoClient

ROLE = "arn:aws:iam::000000000000:role/logs"
GROUP = "AWSIotLogsV2"


@pytest.fixture
def server(start_server):
    return start_server("aws")


@pytest.fixture
def endpoints(server):
    return vars(server.endpoints)


@pytest.fixture
def iot(endpoints):
    return api.client(endpoints, "iot")


@pytest.fixture
def logs(endpoints):
    return api.client(endpoints, "logs")


@pytest.fixture
def logging(iot):
    """Logging is on, and nothing is logged yet."""
    iot.set_v2_logging_options(roleArn=ROLE, defaultLogLevel="DISABLED")
    return iot


@pytest.fixture
def made(endpoints, tmp_path):
    return lambda name, policy=None: make_device(endpoints, name, tmp_path, policy=policy or allow_all_policy())


def lines(logs, group=GROUP):
    """All that was logged."""
    try:
        found = logs.filter_log_events(logGroupName=group)["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [json.loads(event["message"]) for event in found]


def line(logs, event, group=GROUP, **fields):
    """The line of an event that has these fields, as soon as there is one."""

    def find():
        for entry in lines(logs, group):
            if entry["eventType"] == event and all(entry.get(name) == value for name, value in fields.items()):
                return entry
        return None

    return eventually(find)


def events(logs, client):
    return [entry["eventType"] for entry in lines(logs) if entry.get("clientId") == client]


def visit(endpoints, device, name=None):
    """A client that comes, subscribes, publishes to itself, and goes. Returns when all of it is done."""
    client = PahoClient(endpoints, device, client_id=name)
    topic = f"visits/{name or device.name}"
    client.connect()
    client.subscribe(topic)
    client.publish(topic, b"x")
    client.inbox.wait_payload(b"x")
    client.disconnect()


def test_options_from_nothing_to_off(iot):
    refused(iot.get_v2_logging_options, "NotConfiguredException", 404)
    refused(iot.list_v2_logging_levels, "NotConfiguredException", 404)
    target = {"targetType": "CLIENT_ID", "targetName": "a"}
    refused(iot.set_v2_logging_level, "NotConfiguredException", 404, logTarget=target, logLevel="INFO")
    refused(iot.set_v2_logging_options, "InvalidRequestException", 400, defaultLogLevel="INFO")
    iot.set_v2_logging_options(roleArn=ROLE)
    found = iot.get_v2_logging_options()
    assert (found["roleArn"], found["defaultLogLevel"], found["disableAllLogs"]) == (ROLE, "ERROR", False)
    assert "eventConfigurations" not in found
    setting = {"eventType": "Publish-In", "logLevel": "DEBUG", "logDestination": "my/group"}
    iot.set_v2_logging_options(defaultLogLevel="WARN", eventConfigurations=[setting])
    found = iot.get_v2_logging_options()
    assert (found["roleArn"], found["defaultLogLevel"], found["eventConfigurations"]) == (ROLE, "WARN", [setting])
    shown = {each["eventType"]: each for each in iot.get_v2_logging_options(verbose=True)["eventConfigurations"]}
    assert shown["Publish-In"] == setting
    assert shown["Connect"] == {"eventType": "Connect", "logLevel": "WARN", "logDestination": GROUP}
    iot.set_v2_logging_options(disableAllLogs=True)
    found = iot.get_v2_logging_options()
    assert (found["disableAllLogs"], found["defaultLogLevel"]) == (True, "WARN")


@pytest.mark.parametrize(
    "wrong",
    [
        {"defaultLogLevel": "LOUD"},
        {"eventConfigurations": [{"eventType": "Nothing"}]},
        {"eventConfigurations": [{"eventType": "Connect"}, {"eventType": "Connect"}]},
        {"eventConfigurations": [{"eventType": "Connect", "logLevel": "info"}]},
        {"eventConfigurations": [{"eventType": "Connect", "logDestination": "a group"}]},
    ],
)
def test_options_that_are_wrong_change_nothing(logging, wrong):
    before = logging.get_v2_logging_options()
    refused(logging.set_v2_logging_options, "InvalidRequestException", 400, roleArn="arn:aws:iam::000000000000:role/other", **wrong)
    after = logging.get_v2_logging_options()
    del before["ResponseMetadata"], after["ResponseMetadata"]
    assert after == before


def test_levels_in_pages_and_by_type(logging):
    for number in range(5):
        logging.set_v2_logging_level(logTarget={"targetType": "CLIENT_ID", "targetName": f"c{number}"}, logLevel="INFO")
    logging.set_v2_logging_level(logTarget={"targetType": "THING_GROUP", "targetName": "hall"}, logLevel="DEBUG")
    logging.set_v2_logging_level(logTarget={"targetType": "DEFAULT"}, logLevel="WARN")
    assert logging.get_v2_logging_options()["defaultLogLevel"] == "WARN"
    pages = list(logging.get_paginator("list_v2_logging_levels").paginate(PaginationConfig={"PageSize": 3}))
    assert len(pages) == 3
    found = [each for page in pages for each in page["logTargetConfigurations"]]
    assert found[0] == {"logTarget": {"targetType": "DEFAULT"}, "logLevel": "WARN"}
    assert [each["logTarget"].get("targetName") for each in found[1:]] == ["c0", "c1", "c2", "c3", "c4", "hall"]
    only = logging.list_v2_logging_levels(targetType="THING_GROUP")["logTargetConfigurations"]
    assert only == [{"logTarget": {"targetType": "THING_GROUP", "targetName": "hall"}, "logLevel": "DEBUG"}]
    for _ in range(2):
        logging.delete_v2_logging_level(targetType="CLIENT_ID", targetName="c0")
    assert len(logging.list_v2_logging_levels(targetType="CLIENT_ID")["logTargetConfigurations"]) == 4
    refused(logging.delete_v2_logging_level, "InvalidRequestException", 400, targetType="DEFAULT", targetName="x")
    nameless = {"targetType": "SOURCE_IP"}
    refused(logging.set_v2_logging_level, "InvalidRequestException", 400, logTarget=nameless, logLevel="INFO")
    named = {"targetType": "DEFAULT", "targetName": "x"}
    refused(logging.set_v2_logging_level, "InvalidRequestException", 400, logTarget=named, logLevel="INFO")


def test_what_a_device_does_is_logged(logging, logs, endpoints, made):
    logging.set_v2_logging_options(defaultLogLevel="INFO")
    device = made("lamp")
    visit(endpoints, device)
    connected = line(logs, "Connect", clientId="lamp")
    assert connected["status"] == "Success" and connected["logLevel"] == "INFO" and connected["protocol"] == "MQTT"
    assert connected["principalId"] == device.certificate_id and connected["accountId"] == endpoints["account"]
    assert connected["sourceIp"] == "127.0.0.1" and connected["sourcePort"] > 0
    assert len(connected["traceId"]) == 36 and len(connected["timestamp"]) == len("2017-08-10 15:37:23.476")
    assert line(logs, "Subscribe", clientId="lamp")["topicName"] == "visits/lamp"
    assert line(logs, "Publish-In", clientId="lamp")["topicName"] == "visits/lamp"
    assert line(logs, "Publish-Out", clientId="lamp")["topicName"] == "visits/lamp"
    assert line(logs, "Disconnect", clientId="lamp")["disconnectReason"] == "CLIENT_INITIATED_DISCONNECT"
    assert events(logs, "lamp") == ["Connect", "Subscribe", "Publish-In", "Publish-Out", "Disconnect"]


def test_refusals_say_why(logging, logs, endpoints, made):
    logging.set_v2_logging_options(defaultLogLevel="ERROR")
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iot:Connect", "Resource": arn(endpoints, "client/known")}],
    }
    device = made("known", policy=policy)
    PahoClient(endpoints, device, client_id="unknown").connect(expect_success=False)
    refusal = line(logs, "Connect", clientId="unknown")
    assert (refusal["status"], refusal["logLevel"], refusal["reason"]) == ("Failure", "ERROR", "AUTHORIZATION_FAILURE")
    client = PahoClient(endpoints, device, client_id="known")
    client.connect()
    client.publish("not/mine", b"x", qos=0)
    refusal = line(logs, "Publish-In", clientId="known")
    assert (refusal["status"], refusal["topicName"], refusal["reason"]) == ("Failure", "not/mine", "AUTHORIZATION_FAILURE")
    assert "iot:Publish" in refusal["action"] and refusal["details"]
    client.drop()
    found = logs.filter_log_events(logGroupName=GROUP, filterPattern='{ $.clientId = "kno*" && $.eventType = "Publish-In" }')["events"]
    assert [json.loads(event["message"])["topicName"] for event in found] == ["not/mine"]
    # What succeeds is not logged at this level.
    assert "Connect" not in events(logs, "known")


def test_the_level_of_a_client_a_principal_and_an_address(logging, logs, endpoints, made):
    first, second = made("first"), made("second")
    logging.set_v2_logging_level(logTarget={"targetType": "CLIENT_ID", "targetName": "first"}, logLevel="INFO")
    visit(endpoints, second)
    visit(endpoints, first)
    assert line(logs, "Disconnect", clientId="first")
    assert events(logs, "second") == []
    principal = {"targetType": "PRINCIPAL_ID", "targetName": second.certificate_id}
    logging.set_v2_logging_level(logTarget=principal, logLevel="INFO")
    visit(endpoints, second, "other-name")
    assert line(logs, "Disconnect", clientId="other-name")
    # The level of the client id is the more specific one.
    logging.set_v2_logging_level(logTarget={"targetType": "CLIENT_ID", "targetName": "quiet"}, logLevel="DISABLED")
    visit(endpoints, second, "quiet")
    logging.set_v2_logging_level(logTarget={"targetType": "SOURCE_IP", "targetName": "127.0.0.1"}, logLevel="INFO")
    visit(endpoints, made("third"))
    assert line(logs, "Disconnect", clientId="third")
    assert events(logs, "quiet") == []


def test_the_level_of_a_thing_group_follows_its_members(logging, logs, endpoints, made):
    logging.create_thing_group(thingGroupName="house")
    logging.create_thing_group(thingGroupName="hall", parentGroupName="house")
    inside, outside = made("inside"), made("outside")
    logging.set_v2_logging_level(logTarget={"targetType": "THING_GROUP", "targetName": "house"}, logLevel="INFO")
    logging.add_thing_to_thing_group(thingGroupName="hall", thingName="inside")
    visit(endpoints, outside)
    visit(endpoints, inside)
    assert line(logs, "Disconnect", clientId="inside")
    assert events(logs, "outside") == []
    logging.remove_thing_from_thing_group(thingGroupName="hall", thingName="inside")
    logging.add_thing_to_thing_group(thingGroupName="house", thingName="outside")
    before = len(events(logs, "inside"))
    visit(endpoints, inside)
    visit(endpoints, outside)
    assert line(logs, "Disconnect", clientId="outside")
    assert len(events(logs, "inside")) == before


def test_levels_act_on_connections_that_are_there(logging, logs, endpoints, made):
    client = PahoClient(endpoints, made("there"), client_id="there")
    client.connect()
    client.publish("a", b"1", qos=1)
    logging.set_v2_logging_options(defaultLogLevel="INFO")
    client.publish("b", b"2")
    assert line(logs, "Publish-In", topicName="b")
    logging.set_v2_logging_options(disableAllLogs=True)
    client.publish("c", b"3", qos=1)
    logging.set_v2_logging_options(disableAllLogs=False)
    client.publish("d", b"4", qos=1)
    assert line(logs, "Publish-In", topicName="d")
    assert [entry["topicName"] for entry in lines(logs) if entry["eventType"] == "Publish-In"] == ["b", "d"]
    client.disconnect()


def test_an_event_has_its_own_level_and_group(logging, logs, endpoints, made):
    logging.set_v2_logging_options(eventConfigurations=[{"eventType": "Connect", "logLevel": "INFO", "logDestination": "who/comes"}])
    visit(endpoints, made("guest"))
    assert line(logs, "Connect", group="who/comes", clientId="guest")
    assert lines(logs) == []
    assert {entry["eventType"] for entry in lines(logs, "who/comes")} == {"Connect"}


def test_settings_outlive_a_restart(server, logging, made, endpoints):
    logging.set_v2_logging_level(logTarget={"targetType": "CLIENT_ID", "targetName": "kept"}, logLevel="INFO")
    device = made("kept")
    server.restart()
    endpoints = vars(server.endpoints)
    assert api.client(endpoints, "iot").get_v2_logging_options()["defaultLogLevel"] == "DISABLED"
    visit(endpoints, device)
    assert line(api.client(endpoints, "logs"), "Disconnect", clientId="kept")


def test_shadows_rules_and_calls(logging, logs, endpoints, made):
    logging.set_v2_logging_options(defaultLogLevel="DEBUG")
    data = api.client(endpoints, "iot-data")
    data.update_thing_shadow(thingName="lamp", payload=b'{"state":{"desired":{"on":true}}}')
    refused(data.get_thing_shadow, "ResourceNotFoundException", 404, thingName="none")
    assert line(logs, "UpdateThingShadow", deviceShadowName="lamp", protocol="HTTP", status="Success")
    assert line(logs, "GetThingShadow", deviceShadowName="none", status="Failure")["reason"] == "ResourceNotFoundException"
    client = PahoClient(endpoints, made("lamp"), client_id="lamp")
    client.connect()
    client.publish("$aws/things/lamp/shadow/update", b"{", qos=1)
    refusal = line(logs, "UpdateThingShadow", clientId="lamp")
    assert (refusal["status"], refusal["details"]) == ("Failure", "Invalid JSON")
    action = {"republish": {"roleArn": ROLE, "topic": "copies", "qos": 1}}
    logging.create_topic_rule(ruleName="copy", topicRulePayload={"sql": "SELECT * FROM 'originals'", "actions": [action]})
    data.publish(topic="originals", qos=1, payload=b'{"a":1}')
    assert line(logs, "Publish-In", topicName="originals", protocol="HTTP")
    assert line(logs, "RuleMatch", ruleName="copy")["topicName"] == "originals"
    assert line(logs, "StartingRuleExecution", ruleName="copy")["logLevel"] == "DEBUG"
    done = line(logs, "RuleExecution", ruleName="copy")
    assert (done["ruleAction"], done["status"]) == ("RepublishAction", "Success")
    client.publish("$aws/rules/missing/x", b"{}", qos=1)
    assert line(logs, "RuleNotFound", ruleName="missing", clientId="lamp")["reason"] == "RuleNotFound"
    client.disconnect()


def test_a_thing_that_is_in_too_many_groups_for_a_dynamic_one(logging, logs):
    iot = logging
    iot.update_indexing_configuration(thingIndexingConfiguration={"thingIndexingMode": "REGISTRY"})
    iot.set_v2_logging_options(defaultLogLevel="ERROR")
    iot.create_dynamic_thing_group(thingGroupName="halls", queryString="attributes.room:hall")
    assert eventually(lambda: iot.describe_thing_group(thingGroupName="halls")["status"] == "ACTIVE" or None)
    iot.create_thing(thingName="full")
    for number in range(10):
        iot.create_thing_group(thingGroupName=f"g{number}")
        iot.add_thing_to_thing_group(thingGroupName=f"g{number}", thingName="full")
    iot.update_thing(thingName="full", attributePayload={"attributes": {"room": "hall"}})
    assert line(logs, "AddThingToDynamicThingGroupsFailed", thingName="full")["dynamicThingGroups"] == ["halls"]


def test_a_device_that_asks_for_credentials(logging, logs, endpoints, made):
    logging.set_v2_logging_options(defaultLogLevel="INFO")
    device = made("asker", policy=json.loads(allowing("iot:Connect")))
    words = ["curl", "-sS", "--cacert", device.ca_file, "--cert", device.certificate_file, "--key", device.key_file]
    done = command.run([*words, f"{endpoints['https']}/role-aliases/none/credentials"])
    assert done.returncode == 0 and "Access Denied" in done.stdout, done
    refusal = line(logs, "GetDeviceCredentials", principalId=device.certificate_id)
    assert (refusal["status"], refusal["roleAlias"]) == ("Failure", "none")
