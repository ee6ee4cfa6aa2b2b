"""Functions of SQL that ask other services: get_dynamodb, get_secret and aws_lambda, at stand-ins for AWS and from a file."""

import json

import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.moto import with_endpoints
from fleet.paho_client import PahoClient
from fleet.rule import ROLE, VERSION, make
from fleet.stub import Stub

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:enrich"


@pytest.fixture(scope="module")
def stub():
    stub = Stub()
    yield stub
    stub.close()


@pytest.fixture(scope="module")
def secrets_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("secrets") / "secrets.json"
    path.write_text(json.dumps({"db": {"user": "u", "password": "p"}, "token": "t0ken"}))
    return path


@pytest.fixture(scope="module")
def server(module_servers, moto, stub, tmp_path_factory):
    folder = tmp_path_factory.mktemp("configuration")
    arguments = with_endpoints(folder, moto, "dynamodb", "secretsmanager")
    path = folder / "roost.yaml"
    path.write_text(path.read_text() + f"  lambda: {stub.url}\n")
    return module_servers("aws", *arguments, "--account", "123456789012")


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def ask(iot, client, rule):
    """Publishes one message, and returns what the rule made of it, or the failures that were reported."""

    def ask(select, payload=b'{"n": 5}', where=client):
        report = {"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}}
        make(iot, rule, f"SELECT {select} FROM '{rule}/in'", {"republish": {"roleArn": ROLE, "topic": f"{rule}/out", "qos": 1}},
             errorAction=report)
        where.subscribe(f"{rule}/out")
        where.subscribe(f"{rule}/errors")
        where.publish(f"{rule}/in", payload)
        message = where.inbox.wait(lambda message: True)
        found = json.loads(message.payload)
        return found["failures"] if message.topic.endswith("/errors") else found

    return ask


def test_an_item_of_dynamodb_becomes_json(ask, moto, rule):
    dynamodb = moto.client("dynamodb")
    dynamodb.create_table(
        TableName=rule, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}])
    dynamodb.put_item(TableName=rule, Item={
        "id": {"S": "lamp"}, "n": {"N": "5"}, "owner": {"M": {"name": {"S": "me"}}}, "limits": {"L": [{"N": "1"}, {"N": "2.5"}]}})
    found = ask(f"get_dynamodb('{rule}', 'id', 'lamp', 'n', n, '{ROLE}') AS item, get_dynamodb('{rule}', 'id', 'lamp', 'n', n, '{ROLE}').owner.name AS o")
    assert found == {"item": {"id": "lamp", "n": 5, "owner": {"name": "me"}, "limits": [1, 2.5]}, "o": "me"}


def test_a_table_that_is_not_there_fails_the_rule(ask, rule):
    [failure] = ask(f"get_dynamodb('{rule}', 'id', 'lamp', '{ROLE}') AS item")
    assert (failure["failedAction"], "get_dynamodb" in failure["errorMessage"]) == ("FunctionExecution", True)
    assert "ResourceNotFoundException" in failure["errorMessage"]


def test_a_secret_comes_from_secrets_manager(ask, moto, rule):
    secrets = moto.client("secretsmanager")
    secrets.create_secret(Name=rule, SecretString='{"user": "u"}')
    assert ask(f"get_secret('{rule}', 'SecretString', 'user', '{ROLE}') AS user, get_secret('{rule}', 'SecretString', '{ROLE}') AS all") == {
        "user": "u", "all": '{"user": "u"}'}


def test_a_secret_that_is_not_there_fails_the_rule(ask):
    [failure] = ask(f"get_secret('nobody', 'SecretString', '{ROLE}') AS s")
    assert "ResourceNotFoundException" in failure["errorMessage"]


def test_a_function_is_asked_and_answers(ask, stub, rule):
    stub.answer = lambda asked: (200, json.dumps({"echo": asked.json}).encode())
    found = ask(f"aws_lambda('{FUNCTION}', {{'n': n + 1, 'rule': '{rule}'}}).echo AS echo")
    assert found == {"echo": {"n": 6, "rule": rule}}
    asked = stub.wait(lambda asked: rule.encode() in asked.body)
    assert (asked.headers["x-amz-invocation-type"], asked.scope) == ("RequestResponse", "us-east-1/lambda")


def test_a_function_gets_the_payload_as_it_came(ask, stub):
    stub.answer = lambda asked: (200, json.dumps({"length": len(asked.body)}).encode())
    payload = b'{"n":   5}'
    assert ask(f"aws_lambda('{FUNCTION}', *).length AS length", payload) == {"length": len(payload)}


def test_a_function_that_is_refused_fails_the_rule(ask, stub):
    stub.answer = lambda asked: (404, json.dumps({"message": "Function not found", "__type": "ResourceNotFoundException"}).encode())
    [failure] = ask(f"aws_lambda('{FUNCTION}', 1) AS x")
    assert "Function not found" in failure["errorMessage"]


def test_secrets_of_a_file_are_read_again_when_it_changes(start_server, new_device_of, secrets_file, tmp_path, rule):
    path = tmp_path / "roost.yaml"
    path.write_text(f"rules:\n  secrets-file: {secrets_file}\n")
    endpoints = vars(start_server("aws", "--config", str(path)).endpoints)
    iot = api.client(endpoints, "iot")
    make(iot, rule,
         f"SELECT get_secret('db', 'SecretString', 'password', '{ROLE}') AS password, get_secret(id, 'SecretString', '{ROLE}') AS token FROM '{rule}/in'",
         {"republish": {"roleArn": ROLE, "topic": f"{rule}/out"}}, errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    with PahoClient(endpoints, new_device_of(endpoints)) as client:
        client.subscribe(f"{rule}/#")
        client.publish(f"{rule}/in", b'{"id": "arn:aws:secretsmanager:us-east-1:1:secret:token-AbCdEf"}')
        client.inbox.wait_payload(b'{"password":"p","token":"t0ken"}')
        secrets_file.write_text(json.dumps({"db": {"password": "changed"}, "token": "new"}))
        client.publish(f"{rule}/in", b'{"id": "token"}')
        client.inbox.wait_payload(b'{"password":"changed","token":"new"}')
        client.publish(f"{rule}/in", b'{"id": "nobody"}')
        report = json.loads(client.inbox.wait(lambda message: message.topic.endswith("/errors")).payload)
        assert "no secret nobody" in report["failures"][0]["errorMessage"]


def test_without_a_place_for_secrets_the_reason_is_told(start_server, new_device_of, rule):
    endpoints = vars(start_server("aws").endpoints)
    make(api.client(endpoints, "iot"), rule, f"SELECT get_secret('db', 'SecretString', '{ROLE}') AS s FROM '{rule}/in'",
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    with PahoClient(endpoints, new_device_of(endpoints)) as client:
        client.subscribe(f"{rule}/errors")
        client.publish(f"{rule}/in", b"{}")
        report = json.loads(client.inbox.wait(lambda message: True).payload)
        assert "secrets-file" in report["failures"][0]["errorMessage"]


@pytest.fixture
def new_device_of(tmp_path, name):
    from fleet.device import make_device

    return lambda endpoints: make_device(endpoints, name, tmp_path, policy=allow_all_policy())


@pytest.mark.parametrize("function", ["machinelearning_predict('m', '{role}', *)", "decode(x, 'proto', 'b', 'k', 'f', 'T')"])
def test_what_is_not_offered_is_refused_by_name(iot, rule, function):
    function = function.format(role=ROLE)
    for sql, topic in [(f"SELECT {function} AS x FROM 'a'", "out"), ("SELECT * FROM 'a'", "out/${" + function + "}")]:
        if "decode" in function and "$" in topic:
            continue  # AWS has no protocol buffers in templates: the syntax itself is refused.
        refusal = api.refused(
            iot.create_topic_rule, "InvalidRequestException", 400, ruleName=rule, topicRulePayload={
                "sql": sql, "awsIotSqlVersion": VERSION, "actions": [{"republish": {"roleArn": ROLE, "topic": topic}}]})
        assert function.split("(")[0] in refusal.message
