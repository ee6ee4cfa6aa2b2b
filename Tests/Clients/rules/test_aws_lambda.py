"""aws_lambda() in SQL, with this server's own functions."""

import json

import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.functions import create
from fleet.paho_client import PahoClient
from fleet.rule import ROLE, make


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def function(endpoints, rule):
    aws = api.client(endpoints, "lambda")
    return create(aws, rule)["FunctionArn"]


@pytest.fixture
def allowed(endpoints, rule, function):
    """The function, when this test's rule may invoke it."""
    api.client(endpoints, "lambda").add_permission(
        FunctionName=rule, StatementId="rules", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com",
        SourceArn=f"arn:aws:iot:{endpoints['region']}:{endpoints['account']}:rule/{rule}")
    return function


def errors(rule):
    return {"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}}


def test_sql_asks_a_function(iot, client, rule, allowed):
    make(iot, rule, f"SELECT aws_lambda('{allowed}', {{'n': t + 1}}).event AS event FROM '{rule}/in'",
         {"republish": {"roleArn": ROLE, "topic": f"{rule}/out"}}, errorAction=errors(rule))
    client.subscribe(f"{rule}/+")
    client.publish(f"{rule}/in", b'{"t": 5}')
    message = client.inbox.wait(lambda message: not message.topic.endswith("/in"))
    assert json.loads(message.payload) == {"event": {"n": 6}}


def test_sql_tells_what_the_function_said_when_it_failed(iot, client, rule, allowed):
    make(iot, rule, f"SELECT aws_lambda('{allowed}', *) AS x FROM '{rule}/in'",
         {"republish": {"roleArn": ROLE, "topic": f"{rule}/out"}}, errorAction=errors(rule))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b'{"do": "fail"}')
    failure = json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]
    assert failure["failedAction"] == "FunctionExecution"
    assert "Unhandled" in failure["errorMessage"] and "as told" in failure["errorMessage"]


def test_a_rule_needs_the_permission_of_the_function(iot, client, rule, function):
    make(iot, rule, f"SELECT aws_lambda('{function}', *) AS x FROM '{rule}/in'", errorAction=errors(rule))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b'{"t": 5}')
    failure = json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]
    assert "AccessDenied" in failure["errorMessage"]
