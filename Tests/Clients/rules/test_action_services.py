"""The actions elasticsearch, openSearch, stepFunctions, timestream, iotEvents and lambda: what devices publish gets to the services."""

import base64
import json
import re
import threading

import pytest
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from fleet.rule import ROLE, action, make, refused_field, wait_for
from fleet.stub import Stub

ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:lamp:live"


@pytest.fixture(scope="module")
def stub():
    stub = Stub()
    yield stub
    stub.close()


@pytest.fixture(autouse=True)
def usual_answer(stub):
    """What a test made the stub answer ends with the test."""
    usual = stub.answer
    yield
    stub.answer = usual


@pytest.fixture(scope="module")
def server(module_servers, moto, stub, tmp_path_factory):
    path = tmp_path_factory.mktemp("configuration") / "roost.yaml"
    path.write_text("\n".join([
        "endpoints:", f"  states: {moto.url}", f"  timestream: {moto.url}", f"  lambda: {stub.url}", f"  ioteventsdata: {stub.url}",
        "  es: aws", "credentials:", "  access-key-id: AKIDTEST", "  secret-access-key: secret"]))
    return module_servers("aws", "--config", str(path), "--account", ACCOUNT)


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def failures(iot, client, rule):
    """Makes a rule with an error action, and reads the failures that are reported to it."""

    def make_rule(sql, *actions):
        make(iot, rule, sql, *actions, errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
        client.subscribe(f"{rule}/errors")
        return lambda: json.loads(client.inbox.wait(lambda message: True).payload)["failures"]

    return make_rule


def search(kind, stub, **fields):
    return action(kind, **{"endpoint": stub.url, "index": "readings", "type": "_doc", "id": "${newuuid()}", **fields})


@pytest.mark.parametrize("kind", ["openSearch", "elasticsearch"])
def test_a_document_is_put_at_the_domain(iot, client, rule, stub, kind):
    make(iot, rule, f"SELECT t FROM '{rule}/+/in'", search(kind, stub, index=rule.lower(), id="${topic(2)} ${n}/x"))
    client.publish(f"{rule}/cellar/in", b'{"t": 21.5, "n": 7}')
    asked = stub.wait(lambda asked: rule.lower() in asked.path)
    assert (asked.method, asked.path) == ("PUT", f"/{rule.lower()}/_doc/cellar%207%2Fx")
    assert asked.json == {"t": 21.5}
    assert asked.scope == "us-east-1/es"
    assert "AKIDTEST" in asked.headers["authorization"]


def test_documents_with_one_id_stay_in_their_order(iot, client, rule, stub):
    failed = threading.Event()

    def answer(asked):
        if asked.json["n"] == 3 and not failed.is_set():
            failed.set()
            return 503, b"{}"
        return 200, b"{}"

    stub.answer = answer
    make(iot, rule, f"SELECT n FROM '{rule}/in'", search("openSearch", stub, index=rule.lower(), id="${n % 2}"))
    for number in range(40):
        client.publish(f"{rule}/in", b'{"n": %d}' % number)
    written = lambda id: [asked.json["n"] for asked in stub.asked if asked.path == f"/{rule.lower()}/_doc/{id}"]
    wait_for(lambda: written(0)[-1:] == [38] and written(1)[-1:] == [39])
    assert written(0) == list(range(0, 40, 2))
    assert written(1) == [1, 3] + list(range(3, 40, 2))


def test_what_the_domain_refuses_goes_to_the_error_action(client, rule, stub, failures):
    reason = "the index is read-only"
    stub.answer = lambda asked: (403, json.dumps({"error": {"type": "cluster_block", "reason": reason}, "status": 403}).encode())
    read = failures(f"SELECT * FROM '{rule}/in'", search("openSearch", stub))
    client.publish(f"{rule}/in", b'{"t": 1}')
    failure = read()[0]
    assert (failure["failedAction"], failure["failedResource"]) == ("OpenSearchAction", stub.url)
    assert reason in failure["errorMessage"]


def test_an_execution_starts_with_the_result_as_input(iot, client, rule, moto):
    states = moto.client("stepfunctions")
    machine = states.create_state_machine(
        name=rule[:60], roleArn=ROLE, definition='{"StartAt":"a","States":{"a":{"Type":"Succeed"}}}')["stateMachineArn"]
    make(iot, rule, f"SELECT t FROM '{rule}/in'", action("stepFunctions", stateMachineName=rule[:60], executionNamePrefix="run-${t}-"))
    client.publish(f"{rule}/in", b'{"t": 5}')
    execution = wait_for(lambda: states.list_executions(stateMachineArn=machine)["executions"])[0]
    assert re.fullmatch(r"run-5-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", execution["name"])
    assert json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"]) == {"t": 5}


def test_a_machine_that_is_not_there_goes_to_the_error_action(client, rule, failures):
    read = failures(f"SELECT * FROM '{rule}/in'", action("stepFunctions", stateMachineName="nobody"))
    client.publish(f"{rule}/in", b"{}")
    failure = read()[0]
    assert (failure["failedAction"], failure["failedResource"]) == ("StepFunctionsAction", "nobody")
    assert "StateMachineDoesNotExist" in failure["errorMessage"]


def test_attributes_become_records(iot, client, rule, moto):
    write = moto.client("timestream-write")
    write.create_database(DatabaseName=rule)
    write.create_table(DatabaseName=rule, TableName="readings")
    make(iot, rule, f"SELECT t, n, text, on, list FROM '{rule}/+/in'", action(
        "timestream", databaseName=rule, tableName="readings", dimensions=[{"name": "place", "value": "${topic(2)}"}],
        timestamp={"value": "${at}", "unit": "SECONDS"}))
    client.publish(f"{rule}/cellar/in", json.dumps({
        "t": 21.5, "n": 7, "text": "x", "on": True, "list": [1], "at": 1700000000}).encode())
    from moto.timestreamwrite.models import timestreamwrite_backends

    table = timestreamwrite_backends[ACCOUNT]["us-east-1"].databases[rule].tables["readings"]
    records = wait_for(lambda: table.records)
    assert {(each["MeasureName"], each["MeasureValue"], each["MeasureValueType"]) for each in records} == {
        ("t", "21.5", "DOUBLE"), ("n", "7", "BIGINT"), ("text", "x", "VARCHAR"), ("on", "true", "BOOLEAN"), ("list", "[1]", "VARCHAR")}
    assert {(each["Time"], each["TimeUnit"], json.dumps(each["Dimensions"])) for each in records} == {
        ("1700000000", "SECONDS", '[{"Name": "place", "Value": "cellar"}]')}


def test_a_result_with_too_many_measures_goes_to_the_error_action(client, rule, failures):
    read = failures(f"SELECT * FROM '{rule}/in'", action(
        "timestream", databaseName="d", tableName="t", dimensions=[{"name": "place", "value": "x"}]))
    client.publish(f"{rule}/in", json.dumps({f"m{i}": i for i in range(101)}).encode())
    failure = read()[0]
    assert failure["failedAction"] == "TimestreamAction"
    assert "100" in failure["errorMessage"]


def test_messages_go_to_inputs(iot, client, rule, stub):
    make(iot, rule, f"SELECT t FROM '{rule}/in'", action("iotEvents", inputName="lamps", messageId=f"{rule}-${{t}}"))
    client.publish(f"{rule}/in", b'{"t": 5}')
    asked = stub.wait(lambda asked: rule.encode() in asked.body)
    assert (asked.method, asked.path, asked.scope) == ("POST", "/inputs/messages", "us-east-1/ioteventsdata")
    [message] = asked.json["messages"]
    assert (message["messageId"], message["inputName"]) == (f"{rule}-5", "lamps")
    assert json.loads(base64.b64decode(message["payload"])) == {"t": 5}


def test_a_message_that_is_not_taken_goes_to_the_error_action(client, rule, stub, failures):
    def refuse(asked):
        entries = [{"messageId": each["messageId"], "errorCode": "ResourceNotFoundException", "errorMessage": "no such input"}
                   for each in asked.json["messages"]]
        return 200, json.dumps({"BatchPutMessageErrorEntries": entries}).encode()

    stub.answer = refuse
    read = failures(f"SELECT VALUE list FROM '{rule}/in'", action("iotEvents", inputName=rule, batchMode=True))
    client.publish(f"{rule}/in", b'{"list": [{"a": 1}, {"a": 2}]}')
    failure = read()[0]
    assert (failure["failedAction"], failure["failedResource"]) == ("IotEventsAction", rule)
    assert "no such input" in failure["errorMessage"]
    asked = stub.wait(lambda asked: rule.encode() in asked.body)
    assert [json.loads(base64.b64decode(each["payload"])) for each in asked.json["messages"]] == [{"a": 1}, {"a": 2}]


def test_a_function_is_invoked_with_the_result(iot, client, rule, stub):
    stub.answer = lambda asked: (202, b"")
    make(iot, rule, f"SELECT '{rule}' AS rule, t FROM '{rule}/in'", {"lambda": {"functionArn": FUNCTION}})
    client.publish(f"{rule}/in", b'{"t": 5}')
    asked = stub.wait(lambda asked: rule.encode() in asked.body)
    assert asked.path == f"/2015-03-31/functions/{FUNCTION.replace(':', '%3A')}/invocations"
    assert (asked.headers["x-amz-invocation-type"], asked.scope) == ("Event", "eu-west-1/lambda")
    assert asked.json == {"rule": rule, "t": 5}


def test_a_function_takes_nothing_but_json(client, rule, failures):
    read = failures(f"SELECT * FROM '{rule}/in'", {"lambda": {"functionArn": FUNCTION}})
    client.publish(f"{rule}/in", b"hello")
    failure = read()[0]
    assert (failure["failedAction"], failure["failedResource"]) == ("LambdaAction", FUNCTION)
    assert "JSON" in failure["errorMessage"]


def dimensions(*names):
    return [{"name": name, "value": "x"} for name in names]


@pytest.mark.parametrize("wrong, word", [
    (action("openSearch", endpoint="search.example.com", index="i", type="t", id="1"), "endpoint"),
    (action("elasticsearch", endpoint="https://x", type="t", id="1"), "index"),
    (action("stepFunctions", executionNamePrefix="x"), "stateMachineName"),
    (action("timestream", databaseName="d", tableName="t", dimensions=[]), "dimensions"),
    (action("timestream", databaseName="d", tableName="t", dimensions=dimensions("ts_x")), "ts_x"),
    (action("timestream", databaseName="d", tableName="t", dimensions=dimensions("x"), timestamp={"value": "1", "unit": "DAYS"}), "unit"),
    (action("iotEvents", inputName="x" * 129), "inputName"),
    (action("iotEvents", inputName="x", batchMode=True, messageId="1"), "messageId"),
    ({"lambda": {"functionArn": "lamp"}}, "functionArn"),
    ({"lambda": {}}, "functionArn"),
])
def test_a_wrong_field_is_refused(endpoints, rule, wrong, word):
    refused_field(endpoints, rule, wrong, word)
