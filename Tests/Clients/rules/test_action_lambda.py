"""The action lambda and this server's own functions: what devices publish invokes them, when their policy lets rules do so."""

import json

import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.functions import BOOTSTRAP, create, zip_of
from fleet.paho_client import PahoClient
from fleet.rule import action, make, wait_for


@pytest.fixture(scope="module")
def aws(endpoints):
    return api.client(endpoints, "lambda")


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def function(aws, rule, tmp_path):
    """Its ARN, and the events that it got."""
    marker = tmp_path / "events"
    script = BOOTSTRAP.replace('echo "got $event"', f'echo "$event" >> {marker}')
    arn = create(aws, rule, zip_of({"bootstrap": script}))["FunctionArn"]
    return arn, lambda: [json.loads(line) for line in marker.read_text().splitlines()] if marker.exists() else []


def invoke(arn):
    return {"lambda": {"functionArn": arn}}


def allow(aws, rule, source):
    aws.add_permission(FunctionName=rule, StatementId="rules", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com", SourceArn=source)


def test_results_invoke_the_function(iot, aws, client, rule, function):
    arn, events = function
    allow(aws, rule, f"arn:aws:iot:us-east-1:000000000000:rule/{rule}")
    make(iot, rule, f"SELECT t, topic(2) AS device FROM '{rule}/+/in' WHERE t > 30", invoke(arn))
    client.publish(f"{rule}/cellar/in", b'{"t": 20}')
    client.publish(f"{rule}/attic/in", b'{"t": 31.5}')
    assert wait_for(events) == [{"t": 31.5, "device": "attic"}]


def test_without_a_permission_the_error_action_says_so(iot, aws, client, rule, function):
    arn, events = function
    allow(aws, rule, "arn:aws:iot:us-east-1:000000000000:rule/another")
    make(iot, rule, f"SELECT * FROM '{rule}/in'", invoke(arn), errorAction=action("republish", topic=f"{rule}/errors"))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b'{"t": 1}')
    failure = json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]
    assert (failure["failedAction"], failure["failedResource"]) == ("LambdaAction", arn)
    assert "AccessDeniedException" in failure["errorMessage"] and "AddPermission" in failure["errorMessage"]
    assert events() == []


def test_a_function_that_is_not_there_goes_to_the_error_action(iot, client, rule):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", invoke("arn:aws:lambda:us-east-1:000000000000:function:nobody"),
         errorAction=action("republish", topic=f"{rule}/errors"))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b'{"t": 1}')
    report = json.loads(client.inbox.wait(lambda message: True).payload)
    assert "ResourceNotFoundException" in report["failures"][0]["errorMessage"]


def test_what_is_no_json_goes_to_the_error_action(iot, client, rule, function):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", invoke(function[0]), errorAction=action("republish", topic=f"{rule}/errors"))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b"\xff\x00")
    assert json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]["failedAction"] == "LambdaAction"
