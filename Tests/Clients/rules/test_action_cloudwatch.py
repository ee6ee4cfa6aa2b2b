"""The actions cloudwatchMetric, cloudwatchAlarm and cloudwatchLogs at a stand-in for AWS: what devices publish gets there."""

import datetime
import json
import urllib.parse
import urllib.request

import pytest
from fleet.device import allow_all_policy
from fleet.moto import with_endpoints
from fleet.paho_client import PahoClient
from fleet.rule import ROLE, action, make, refused_field, wait_for

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def server(module_servers, moto, tmp_path_factory):
    folder = tmp_path_factory.mktemp("configuration")
    return module_servers("aws", *with_endpoints(folder, moto, "monitoring", "logs"), "--account", ACCOUNT)


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def cloudwatch():
    """moto's own memory: its server does not speak the protocol that new boto3 has for CloudWatch."""
    from moto.cloudwatch.models import cloudwatch_backends

    return cloudwatch_backends[ACCOUNT]["us-east-1"]


def metric(**fields):
    return action("cloudwatchMetric", **{
        "metricNamespace": "Cellar", "metricName": "Temperature", "metricValue": "${t}", "metricUnit": "None", **fields})


def test_values_become_metric_data(iot, client, rule, cloudwatch):
    make(iot, rule, f"SELECT * FROM '{rule}/+/in'", metric(
        metricNamespace=rule, metricName="${topic(2)}", metricUnit="${unit}", metricTimestamp="${at}"))
    client.publish(f"{rule}/cellar/in", json.dumps({"t": 21.5, "unit": "None", "at": 1700000000}).encode())
    client.publish(f"{rule}/attic/in", json.dumps({"t": "3", "unit": "Count/Second"}).encode())
    found = wait_for(lambda: (data := [each for each in cloudwatch.metric_data if each.namespace == rule]) and len(data) == 2 and data)
    data = {each.name: each for each in found}
    assert (data["cellar"].value, data["cellar"].unit) == (21.5, "None")
    assert data["cellar"].timestamp.replace(tzinfo=datetime.timezone.utc).timestamp() == 1700000000
    assert (data["attic"].value, data["attic"].unit) == (3, "Count/Second")


def test_a_value_that_is_no_number_goes_to_the_error_action(iot, client, rule, cloudwatch):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", metric(metricNamespace=rule),
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b'{"t": "warm"}')
    failure = json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]
    assert failure["failedAction"] == "CloudwatchMetricAction"
    assert failure["failedResource"] == "Temperature"
    assert "warm" in failure["errorMessage"]


def test_an_alarm_gets_its_state(iot, client, rule, cloudwatch, moto):
    # PutMetricAlarm in the query protocol, which moto's server has.
    form = {"Action": "PutMetricAlarm", "Version": "2010-08-01", "AlarmName": rule, "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": "1", "MetricName": "m", "Namespace": "n", "Period": "60", "Statistic": "Sum", "Threshold": "1"}
    request = urllib.request.Request(moto.url, urllib.parse.urlencode(form).encode(), headers={
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=x"})
    urllib.request.urlopen(request).read()
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action(
        "cloudwatchAlarm", alarmName=rule, stateReason="it is ${t}", stateValue="${state}"))
    client.publish(f"{rule}/in", b'{"t": 40, "state": "ALARM"}')
    alarm = wait_for(lambda: (found := cloudwatch.alarms.get(rule)) and found.state_value == "ALARM" and found)
    assert alarm.state_reason == "it is 40"


def test_an_alarm_that_is_not_there_goes_to_the_error_action(iot, client, rule):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("cloudwatchAlarm", alarmName=rule, stateReason="x", stateValue="OK"),
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b"{}")
    failure = json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]
    assert (failure["failedAction"], failure["failedResource"]) == ("CloudwatchAlarmAction", rule)
    assert "SetAlarmState" in failure["errorMessage"]


def test_results_are_logged_in_the_rules_stream(iot, client, rule, moto):
    logs = moto.client("logs")
    logs.create_log_group(logGroupName=f"/roost/{rule}")
    make(iot, rule, f"SELECT t FROM '{rule}/in'", action("cloudwatchLogs", logGroupName=f"/roost/{rule}"))
    for number in range(3):
        client.publish(f"{rule}/in", b'{"t":%d}' % number)
    events = wait_for(lambda: (found := logs.filter_log_events(logGroupName=f"/roost/{rule}")["events"]) and len(found) == 3 and found)
    assert sorted(event["message"] for event in events) == ['{"t":0}', '{"t":1}', '{"t":2}']
    assert {event["logStreamName"][:len(rule)] for event in events} == {rule}


def test_batch_mode_logs_each_element(iot, client, rule, moto):
    logs = moto.client("logs")
    logs.create_log_group(logGroupName=rule)
    make(iot, rule, f"SELECT VALUE events FROM '{rule}/in'", action("cloudwatchLogs", logGroupName=rule, batchMode=True),
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    client.subscribe(f"{rule}/errors")
    now = int(datetime.datetime.now().timestamp() * 1000)
    events = [{"timestamp": now - i, "message": f"event {i}"} for i in range(4)]
    client.publish(f"{rule}/in", json.dumps({"events": events}).encode())
    client.publish(f"{rule}/in", b'{"events": ["no event"]}')
    found = wait_for(lambda: (found := logs.filter_log_events(logGroupName=rule)["events"]) and len(found) == 4 and found)
    assert [(event["timestamp"], event["message"]) for event in found] == [
        (event["timestamp"], event["message"]) for event in reversed(events)]
    failure = json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]
    assert (failure["failedAction"], failure["failedResource"]) == ("CloudwatchLogsAction", rule)
    assert "timestamp" in failure["errorMessage"]


def test_a_group_that_is_not_there_goes_to_the_error_action(iot, client, rule):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("cloudwatchLogs", logGroupName=f"no-{rule}"),
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b"{}")
    failure = json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]
    assert "ResourceNotFoundException" in failure["errorMessage"]


@pytest.mark.parametrize("wrong, word", [
    (metric(metricUnit="Degrees"), "metricUnit"),
    (metric(metricValue="${(}"), "metricValue"),
    ({"cloudwatchMetric": {"metricNamespace": "n"}}, "roleArn"),
    (action("cloudwatchMetric", metricNamespace="n", metricName="m", metricUnit="None"), "metricValue"),
    (action("cloudwatchAlarm", alarmName="a", stateReason="r", stateValue="WARM"), "stateValue"),
    (action("cloudwatchAlarm", alarmName="a", stateValue="OK"), "stateReason"),
    (action("cloudwatchLogs"), "logGroupName"),
    (action("cloudwatchLogs", logGroupName="x", batchMode="yes"), "batchMode"),
])
def test_a_wrong_field_is_refused(endpoints, rule, wrong, word):
    refused_field(endpoints, rule, wrong, word)
