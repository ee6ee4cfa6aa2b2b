"""The embedded CloudWatch: boto3 in each of the protocols that its releases speak, and rules."""

import datetime
import gzip
import json
import pathlib

import boto3
import botocore.session
import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from fleet.rule import action, make, target_records, wait_for

NOON = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.timezone.utc)
HOUR = {"StartTime": NOON, "EndTime": NOON + datetime.timedelta(hours=1), "Period": 60}


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


def speaking(endpoints, protocol, folder):
    """A client as a release of boto3 that knows only `protocol` makes it."""
    data = pathlib.Path(botocore.__file__).parent / "data" / "cloudwatch" / "2010-08-01"
    model = json.loads(gzip.open(data / "service-2.json.gz").read())
    model["metadata"].update(protocol=protocol, protocols=[protocol])
    place = folder / protocol / "cloudwatch" / "2010-08-01"
    place.mkdir(parents=True)
    (place / "service-2.json").write_text(json.dumps(model))
    core = botocore.session.Session()
    core.set_config_variable("data_path", str(folder / protocol))
    session = boto3.session.Session(
        botocore_session=core, region_name=endpoints["region"], aws_access_key_id=endpoints["accessKeyId"],
        aws_secret_access_key=endpoints["secretAccessKey"])
    return session.client("cloudwatch", endpoint_url=endpoints["api"], config=api.CONFIG, verify=endpoints["caFile"])


@pytest.fixture(params=["json", "smithy-rpc-v2-cbor", "query"])
def cloudwatch(request, endpoints, tmp_path):
    return speaking(endpoints, request.param, tmp_path)


def put(cloudwatch, namespace, *values, name="t", **fields):
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[
        {"MetricName": name, "Timestamp": NOON + datetime.timedelta(seconds=second), "Value": value, **fields}
        for second, value in values])


def test_values_are_counted_by_period(cloudwatch, name):
    put(cloudwatch, name, (0, 1.5), (30, 2.5), (60, 10), (3600, 99))
    put(cloudwatch, name, (0, 7), Dimensions=[{"Name": "place", "Value": "attic"}])
    statistics = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]
    points = cloudwatch.get_metric_statistics(Namespace=name, MetricName="t", Statistics=statistics, **HOUR)["Datapoints"]
    first, second = sorted(points, key=lambda point: point["Timestamp"])
    assert first["Timestamp"] == NOON
    assert [first[each] for each in statistics] == [2, 2, 4, 1.5, 2.5]
    assert (second["Timestamp"], second["Sum"]) == (NOON + datetime.timedelta(minutes=1), 10)
    attic = cloudwatch.get_metric_statistics(
        Namespace=name, MetricName="t", Statistics=["Sum"], Dimensions=[{"Name": "place", "Value": "attic"}], **HOUR)
    assert [point["Sum"] for point in attic["Datapoints"]] == [7]


def test_queries_give_their_series(cloudwatch, name):
    put(cloudwatch, name, (0, 1), (60, 5))
    query = {"Id": "q", "MetricStat": {"Metric": {"Namespace": name, "MetricName": "t"}, "Period": 60, "Stat": "Maximum"}}
    [result] = cloudwatch.get_metric_data(
        MetricDataQueries=[query], StartTime=HOUR["StartTime"], EndTime=HOUR["EndTime"], ScanBy="TimestampAscending")["MetricDataResults"]
    assert (result["Id"], result["Values"]) == ("q", [1, 5])
    assert result["Timestamps"] == [NOON, NOON + datetime.timedelta(minutes=1)]


def test_metrics_are_listed(cloudwatch, name):
    put(cloudwatch, name, (0, 1), Dimensions=[{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}])
    put(cloudwatch, name, (0, 1), name="u")
    found = cloudwatch.list_metrics(Namespace=name)["Metrics"]
    assert [(metric["MetricName"], metric["Dimensions"]) for metric in found] == [
        ("t", [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}]), ("u", [])]
    assert [each["MetricName"] for each in cloudwatch.list_metrics(Namespace=name, Dimensions=[{"Name": "a"}])["Metrics"]] == ["t"]


def test_what_is_wrong_is_refused_in_the_clients_protocol(cloudwatch, name):
    refusal = api.refused(
        cloudwatch.put_metric_data, "InvalidParameterValue", 400, Namespace=name, MetricData=[{"MetricName": "t", "Value": 1, "Unit": "Degrees"}])
    assert "Degrees" in refusal.message
    with pytest.raises(cloudwatch.exceptions.InvalidParameterCombinationException):
        cloudwatch.put_metric_data(Namespace=name, MetricData=[{"MetricName": "t", "Value": 1, "Values": [1]}])
    api.refused(cloudwatch.put_metric_data, "InvalidParameterValue", 400, Namespace=":x", MetricData=[{"MetricName": "t", "Value": 1}])
    api.refused(cloudwatch.set_alarm_state, "ResourceNotFound", 404, AlarmName=name, StateValue="OK", StateReason="x")
    refusal = api.refused(cloudwatch.delete_dashboards, "UnknownOperationException", 400, DashboardNames=["x"])
    assert "DeleteDashboards" in refusal.message


def test_a_set_of_values_is_one_metric(cloudwatch, name):
    put_set = {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 6}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[
        {"MetricName": "t", "Timestamp": NOON, "StatisticValues": put_set},
        {"MetricName": "t", "Timestamp": NOON, "Values": [2, 3], "Counts": [1, 2]}])
    [point] = cloudwatch.get_metric_statistics(
        Namespace=name, MetricName="t", Statistics=["SampleCount", "Sum", "Maximum"], **HOUR)["Datapoints"]
    assert (point["SampleCount"], point["Sum"], point["Maximum"]) == (7, 18, 6)


def test_many_values_come_compressed(cloudwatch, name):
    for _ in range(2):
        cloudwatch.put_metric_data(Namespace=name, MetricData=[
            {"MetricName": "t", "Timestamp": NOON, "Value": number, "Dimensions": [{"Name": "place", "Value": "attic"}]} for number in range(1000)])
    [point] = cloudwatch.get_metric_statistics(
        Namespace=name, MetricName="t", Statistics=["SampleCount", "Maximum"], Dimensions=[{"Name": "place", "Value": "attic"}], **HOUR)["Datapoints"]
    assert (point["SampleCount"], point["Maximum"]) == (2000, 999)


def test_units_stay_apart(cloudwatch, name):
    put(cloudwatch, name, (0, 1), Unit="Seconds")
    put(cloudwatch, name, (0, 5), Unit="Bytes")
    points = cloudwatch.get_metric_statistics(Namespace=name, MetricName="t", Statistics=["Sum"], **HOUR)["Datapoints"]
    assert {(point["Unit"], point["Sum"]) for point in points} == {("Seconds", 1), ("Bytes", 5)}
    [point] = cloudwatch.get_metric_statistics(Namespace=name, MetricName="t", Statistics=["Sum"], Unit="Bytes", **HOUR)["Datapoints"]
    assert point["Sum"] == 5


def test_a_rule_puts_values(iot, client, endpoints, rule):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action(
        "cloudwatchMetric", metricNamespace=rule, metricName="t", metricValue="${t}", metricUnit="None", metricTimestamp="${at}"))
    for number in range(5):
        client.publish(f"{rule}/in", json.dumps({"t": number, "at": int(NOON.timestamp()) + number}).encode())
    cloudwatch = api.client(endpoints, "cloudwatch")

    def sums():
        points = cloudwatch.get_metric_statistics(Namespace=rule, MetricName="t", Statistics=["SampleCount", "Sum"], **HOUR)["Datapoints"]
        return points if points and points[0]["SampleCount"] == 5 else None

    assert wait_for(sums)[0]["Sum"] == 10
    record = target_records(endpoints, "monitoring", rule)[-1]
    assert (record["key"], json.loads(record["body"])["MetricName"]) == ("t", "t")


def test_a_rule_makes_the_alarm_whose_state_it_sets(iot, client, endpoints, rule, cloudwatch):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action(
        "cloudwatchAlarm", alarmName=rule, stateReason="it is ${t}", stateValue="${state}"))
    client.publish(f"{rule}/in", b'{"t": 40, "state": "ALARM"}')
    [alarm] = wait_for(lambda: cloudwatch.describe_alarms(AlarmNames=[rule])["MetricAlarms"])
    assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "it is 40")
    assert abs(alarm["StateUpdatedTimestamp"] - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(minutes=5)
    cloudwatch.set_alarm_state(AlarmName=rule, StateValue="OK", StateReason="cool again")
    assert cloudwatch.describe_alarms(StateValue="OK", AlarmNamePrefix=rule)["MetricAlarms"][0]["StateReason"] == "cool again"
    assert [record["key"] for record in target_records(endpoints, "monitoring", f"alarm/{rule}")] == ["ALARM", "OK"]
    cloudwatch.delete_alarms(AlarmNames=[rule])
    assert cloudwatch.describe_alarms(AlarmNames=[rule])["MetricAlarms"] == []
