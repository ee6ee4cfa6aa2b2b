"""The embedded Step Functions, Timestream and IoT Events, which keep what they are given: boto3 and rules."""

import base64
import json
import uuid

import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from fleet.rule import action, make, target_records, wait_for
from fleet.signed import signed


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


def test_executions_keep_their_input_and_do_not_pretend_to_run(iot, client, endpoints, rule):
    machine = rule[:70]
    make(iot, rule, f"SELECT t FROM '{rule}/in'", action("stepFunctions", stateMachineName=machine, executionNamePrefix="run-"))
    for number in range(3):
        client.publish(f"{rule}/in", b'{"t":%d}' % number)
    records = wait_for(lambda: (found := target_records(endpoints, "states", machine)) and len(found) == 3 and found)
    assert sorted(record["body"] for record in records) == ['{"t":0}', '{"t":1}', '{"t":2}']
    states = api.client(endpoints, "stepfunctions")
    arn = f"arn:aws:states:{endpoints['region']}:{endpoints['account']}:stateMachine:{machine}"
    listed = [each for page in states.get_paginator("list_executions").paginate(stateMachineArn=arn, PaginationConfig={"PageSize": 2})
              for each in page["executions"]]
    assert [each["name"] for each in listed] == [record["key"] for record in reversed(records)]
    execution = states.describe_execution(executionArn=listed[0]["executionArn"])
    assert execution["name"].startswith("run-")
    assert execution["input"] == records[-1]["body"]
    assert (execution["status"], "runs no state machine" in execution["cause"]) == ("ABORTED", True)


def test_step_functions_refuses(endpoints, name):
    states = api.client(endpoints, "stepfunctions")
    arn = f"arn:aws:states:{endpoints['region']}:{endpoints['account']}:stateMachine:nobody"
    api.refused(states.start_execution, "StateMachineDoesNotExist", 400, stateMachineArn=arn)
    api.refused(states.list_executions, "StateMachineDoesNotExist", 400, stateMachineArn=arn)
    api.refused(states.start_execution, "InvalidArn", 400, stateMachineArn="x")
    api.refused(states.start_execution, "InvalidExecutionInput", 400, stateMachineArn=arn, input="{")
    api.refused(states.start_execution, "InvalidName", 400, stateMachineArn=arn, name="a b")
    assert "CreateStateMachine" in api.refused(
        states.create_state_machine, "UnknownOperationException", name=name, definition="{}", roleArn="arn:aws:iam::1:role/r").message


def test_records_keep_their_measures(iot, client, endpoints, rule):
    make(iot, rule, f"SELECT t, on FROM '{rule}/+/in'", action(
        "timestream", databaseName=rule, tableName="readings", dimensions=[{"name": "place", "value": "${topic(2)}"}]))
    client.publish(f"{rule}/cellar/in", b'{"t": 21.5, "on": true}')
    records = wait_for(lambda: target_records(endpoints, "timestream", f"{rule}/readings"))
    found = {record["key"]: json.loads(record["body"]) for record in records}
    assert {name: (each["MeasureValue"], each["MeasureValueType"]) for name, each in found.items()} == {
        "t": ("21.5", "DOUBLE"), "on": ("true", "BOOLEAN")}
    assert records[0]["attributes"]["dimensions"] == [{"Name": "place", "Value": "cellar"}]
    write = api.client(endpoints, "timestream-write")
    record = {"MeasureName": "t", "MeasureValue": "x", "MeasureValueType": "DOUBLE", "Time": "1", "Dimensions": [{"Name": "a", "Value": "b"}]}
    refusal = api.refused(write.write_records, "RejectedRecordsException", 400, DatabaseName=rule, TableName="readings", Records=[record])
    assert refusal.response["RejectedRecords"][0]["RecordIndex"] == 0
    answer = write.write_records(DatabaseName=rule, TableName="readings", Records=[{**record, "MeasureValue": "1"}])
    assert answer["RecordsIngested"]["Total"] == 1
    api.refused(write.write_records, "ResourceNotFoundException", DatabaseName=rule, TableName="none", Records=[{**record, "MeasureValue": "1"}])


def test_inputs_keep_their_messages(iot, client, endpoints, rule):
    make(iot, rule, f"SELECT VALUE list FROM '{rule}/in'", action("iotEvents", inputName=rule, batchMode=True))
    client.publish(f"{rule}/in", b'{"list": [{"a": 1}, {"a": 2}]}')
    records = wait_for(lambda: (found := target_records(endpoints, "ioteventsdata", rule)) and len(found) == 2 and found)
    assert [json.loads(record["body"]) for record in records] == [{"a": 1}, {"a": 2}]
    assert len({str(uuid.UUID(record["key"])) for record in records}) == 2

    def put(*messages):
        body = json.dumps({"messages": [
            {"messageId": id, "inputName": name, "payload": base64.b64encode(payload).decode()} for id, name, payload in messages]})
        return signed(endpoints, "POST", "/inputs/messages", body.encode(), service="ioteventsdata")

    answer = put(("one", rule, b"{}"), ("two", "nobody", b"{}"), ("three", rule, b"no JSON"))
    assert [(each["messageId"], each["errorCode"]) for each in answer.json["BatchPutMessageErrorEntries"]] == [
        ("two", "ResourceNotFoundException"), ("three", "InvalidRequestException")]
    assert put(*[(str(i), rule, b"{}") for i in range(11)]).status == 400
    listing = signed(endpoints, "GET", "/detectors/x", service="ioteventsdata")
    assert (listing.status, "ListDetectors" in listing.json["message"]) == (400, True)
