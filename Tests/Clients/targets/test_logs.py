"""The embedded CloudWatch Logs: boto3 and rules."""

import json
import time

import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from fleet.rule import action, make, target_records, wait_for


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def logs(endpoints):
    return api.client(endpoints, "logs")


@pytest.fixture
def group(logs, name):
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="a")
    return name


def put(logs, group, *messages, stream="a", start=None):
    start = start or int(time.time() * 1000) - 1000
    events = [{"timestamp": start + i, "message": message} for i, message in enumerate(messages)]
    return logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def test_events_are_read_forward_and_back(logs, group):
    put(logs, group, *[f"event {i}" for i in range(25)])
    pages, token = [], {}
    while True:
        page = logs.get_log_events(logGroupName=group, logStreamName="a", startFromHead=True, limit=10, **token)
        if token and page["nextForwardToken"] == token["nextToken"]:
            break
        pages.append([event["message"] for event in page["events"]])
        token = {"nextToken": page["nextForwardToken"]}
    assert [len(page) for page in pages] == [10, 10, 5]
    assert sum(pages, []) == [f"event {i}" for i in range(25)]
    last = logs.get_log_events(logGroupName=group, logStreamName="a", limit=3)
    assert [event["message"] for event in last["events"]] == ["event 22", "event 23", "event 24"]
    before = logs.get_log_events(logGroupName=group, logStreamName="a", limit=2, nextToken=last["nextBackwardToken"])
    assert [event["message"] for event in before["events"]] == ["event 20", "event 21"]


def test_events_are_found_by_words_streams_and_time(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName="b")
    start = int(time.time() * 1000) - 5000
    put(logs, group, "ERROR lamp failed", "lamp is fine", "ERROR door failed", start=start)
    put(logs, group, "ERROR in b", stream="b", start=start + 1)

    def found(**query):
        return [event["message"] for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, **query)
                for event in page["events"]]

    assert found() == ["ERROR lamp failed", "lamp is fine", "ERROR in b", "ERROR door failed"]
    assert found(filterPattern="ERROR failed -door") == ["ERROR lamp failed"]
    assert found(filterPattern='"lamp is"') == ["lamp is fine"]
    assert found(filterPattern="?door ?fine") == ["lamp is fine", "ERROR door failed"]
    assert found(logStreamNames=["b"]) == ["ERROR in b"]
    assert found(startTime=start + 1, endTime=start + 1) == ["lamp is fine", "ERROR in b"]
    assert found(PaginationConfig={"PageSize": 1}) == found()
    refusal = api.refused(logs.filter_log_events, "InvalidParameterException", 400, logGroupName=group, filterPattern="[ip, user]")
    assert "columns" in refusal.message


def test_groups_and_streams_are_described(logs, group):
    put(logs, group, "x")
    [found] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert (found["logGroupName"], found["arn"].endswith(f":log-group:{group}:*")) == (group, True)
    [stream] = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"]
    assert (stream["logStreamName"], stream["firstEventTimestamp"]) == ("a", stream["lastEventTimestamp"])
    api.refused(logs.create_log_group, "ResourceAlreadyExistsException", 400, logGroupName=group)
    api.refused(logs.create_log_stream, "ResourceAlreadyExistsException", 400, logGroupName=group, logStreamName="a")
    logs.delete_log_group(logGroupName=group)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    api.refused(logs.describe_log_streams, "ResourceNotFoundException", 400, logGroupName=group)


def test_what_cannot_be_written_is_refused(logs, group):
    day = 24 * 3600 * 1000
    now = int(time.time() * 1000)
    answer = put(logs, group, "old", start=now - 15 * day)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    answer = put(logs, group, "new", start=now + day)
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 0}
    event = {"timestamp": now, "message": "x"}
    api.refused(logs.put_log_events, "InvalidParameterException", 400, logGroupName=group, logStreamName="a",
                logEvents=[event, {**event, "timestamp": now - 1}])
    api.refused(logs.put_log_events, "ResourceNotFoundException", 400, logGroupName=group, logStreamName="b", logEvents=[event])
    api.refused(logs.put_log_events, "ResourceNotFoundException", 400, logGroupName="nobody", logStreamName="a", logEvents=[event])
    assert "TestMetricFilter" in api.refused(
        logs.test_metric_filter, "UnknownOperationException", filterPattern="x", logEventMessages=["x"]).message


def test_a_rule_makes_the_group_and_its_stream(iot, client, endpoints, logs, rule):
    make(iot, rule, f"SELECT t FROM '{rule}/in'", action("cloudwatchLogs", logGroupName=f"/{rule}"))
    client.publish(f"{rule}/in", b'{"t": 5}')
    [event] = wait_for(lambda: target_records(endpoints, "logs", f"/{rule}"))
    assert event["body"] == '{"t":5}'
    [found] = logs.filter_log_events(logGroupName=f"/{rule}")["events"]
    assert json.loads(found["message"]) == {"t": 5}
    assert found["logStreamName"].startswith(f"{rule}_")
    assert logs.get_log_events(logGroupName=f"/{rule}", logStreamName=found["logStreamName"])["events"][0]["message"] == '{"t":5}'


def test_events_survive_a_crash(start_server, name):
    server = start_server("aws")
    logs = api.client(vars(server.endpoints), "logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="a")
    put(logs, name, "kept")
    server.restart(kill=True)
    logs = api.client(vars(server.endpoints), "logs")
    assert [event["message"] for event in logs.filter_log_events(logGroupName=name)["events"]] == ["kept"]
