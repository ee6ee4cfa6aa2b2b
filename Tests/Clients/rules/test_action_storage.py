"""The actions s3, dynamoDB and dynamoDBv2 at a stand-in for AWS: what devices publish is stored there."""

import json

import pytest
from fleet.device import allow_all_policy
from fleet.moto import with_endpoints
from fleet.paho_client import PahoClient
from fleet.rule import action, make, refused_field, wait_for


@pytest.fixture(scope="module")
def server(module_servers, moto, tmp_path_factory):
    folder = tmp_path_factory.mktemp("configuration")
    return module_servers("aws", *with_endpoints(folder, moto, "s3", "dynamodb"))


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def s3(moto):
    return moto.client("s3")


@pytest.fixture
def bucket(s3, name):
    made = name.replace("_", "-")
    s3.create_bucket(Bucket=made)
    return made


@pytest.fixture
def new_table(moto, rule):
    """Makes a table with a hash key, and a range key if one is named; returns its reader."""
    dynamodb = moto.client("dynamodb")

    def make_table(**keys):
        kinds = list(zip(keys.items(), ("HASH", "RANGE")))
        dynamodb.create_table(
            TableName=rule, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": kind} for (key, _), kind in kinds],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": letter} for (key, letter), _ in kinds])
        return lambda: dynamodb.scan(TableName=rule)["Items"]

    return make_table


def objects(s3, bucket):
    return {each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"]) for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def error_report(client):
    return json.loads(client.inbox.wait(lambda message: message.topic.endswith("/errors")).payload)


def errors(rule):
    return {"errorAction": action("republish", topic=f"{rule}/errors")}


def test_results_become_objects(iot, client, rule, s3, bucket):
    make(iot, rule, f"SELECT t FROM '{rule}/+/in'", action(
        "s3", bucketName=bucket, key="days/${topic(2)}/ä ?&+=%.json", cannedAcl="bucket-owner-read"))
    client.publish(f"{rule}/cellar/in", b'{"t": 21.5}')
    found = wait_for(lambda: objects(s3, bucket))
    assert list(found) == ["days/cellar/ä ?&+=%.json"]
    stored = found["days/cellar/ä ?&+=%.json"]
    assert (stored["Body"].read(), stored["ContentType"]) == (b'{"t":21.5}', "application/json")


def test_what_is_no_json_is_stored_as_it_came(iot, client, rule, s3, bucket):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("s3", bucketName=bucket, key="raw"))
    client.publish(f"{rule}/in", b"\xff\x00picture")
    found = wait_for(lambda: objects(s3, bucket))
    assert (found["raw"]["Body"].read(), found["raw"]["ContentType"]) == (b"\xff\x00picture", "application/octet-stream")


def test_a_bucket_that_is_not_there_goes_to_the_error_action(iot, client, rule):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("s3", bucketName="nobody-made-this", key="${x}"), **errors(rule))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b'{"x": "a"}')
    failure = error_report(client)["failures"][0]
    assert (failure["failedAction"], failure["failedResource"]) == ("S3Action", "nobody-made-this")
    assert "NoSuchBucket" in failure["errorMessage"]


def test_each_member_becomes_an_attribute(iot, client, rule, new_table):
    items = new_table(device="S")
    make(iot, rule, f"SELECT *, topic(2) AS device FROM '{rule}/+/in'", action("dynamoDBv2", putItem={"tableName": rule}))
    sent = {"t": 21.5, "big": 12345678901234567890, "on": True, "tags": ["a", 1, None], "place": {"hall": 1}, "none": None, "text": ""}
    client.publish(f"{rule}/cellar/in", json.dumps(sent).encode())
    assert wait_for(items) == [{
        "device": {"S": "cellar"}, "t": {"N": "21.5"}, "big": {"N": "12345678901234567890"}, "on": {"BOOL": True},
        "tags": {"L": [{"S": "a"}, {"N": "1"}, {"NULL": True}]}, "place": {"M": {"hall": {"N": "1"}}}, "none": {"NULL": True},
        "text": {"S": ""}}]


def test_many_items_of_few_keys_arrive(iot, client, rule, new_table):
    """They share calls, in which no key may be twice."""
    items = new_table(device="S")
    make(iot, rule, f"SELECT n, topic(2) AS device FROM '{rule}/+/in'", action("dynamoDBv2", putItem={"tableName": rule}))
    for number in range(90):
        client.publish(f"{rule}/{number % 30}/in", b'{"n": %d}' % number)
    found = wait_for(lambda: len(found := items()) == 30 and found)
    assert {item["device"]["S"] for item in found} == {str(number) for number in range(30)}


def test_the_whole_result_becomes_one_attribute(iot, client, rule, new_table):
    items = new_table(device="S", at="N")
    make(iot, rule, f"SELECT * FROM '{rule}/+/in'", action(
        "dynamoDB", tableName=rule, hashKeyField="device", hashKeyValue="${topic(2)}", rangeKeyField="at", rangeKeyType="NUMBER",
        rangeKeyValue="${at}", payloadField="content", operation="${operation}"))
    client.publish(f"{rule}/cellar/in", b'{"at": 5, "t": 1}')
    item = wait_for(items)[0]
    assert (item["device"], item["at"]) == ({"S": "cellar"}, {"N": "5"})
    assert item["content"] == {"M": {"at": {"N": "5"}, "t": {"N": "1"}}}
    client.publish(f"{rule}/cellar/in", b'{"at": 5, "t": 2, "operation": "UPDATE"}')
    wait_for(lambda: items()[0]["content"]["M"]["t"] == {"N": "2"})
    client.publish(f"{rule}/cellar/in", b'{"at": 5, "operation": "DELETE"}')
    wait_for(lambda: not items())


def test_bytes_are_stored_as_binary(iot, client, rule, new_table):
    items = new_table(device="S")
    make(iot, rule, f"SELECT * FROM '{rule}/+/in'", action(
        "dynamoDB", tableName=rule, hashKeyField="device", hashKeyValue="${topic(2)}"))
    client.publish(f"{rule}/cellar/in", b"\xff\x00")
    assert wait_for(items)[0]["payload"] == {"B": b"\xff\x00"}


@pytest.mark.parametrize("payload, words", [
    (b'{"at": "soon"}', "no number"), (b'{}', "key attribute at is empty"), (b'{"at": 1, "operation": "MERGE"}', "INSERT, UPDATE and DELETE"),
])
def test_values_that_make_no_item_go_to_the_error_action(iot, client, rule, payload, words):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action(
        "dynamoDB", tableName="t", hashKeyField="device", hashKeyValue="x", rangeKeyField="at", rangeKeyType="NUMBER",
        rangeKeyValue="${at}", operation="${operation}"), **errors(rule))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", payload)
    failure = error_report(client)["failures"][0]
    assert failure["failedAction"] == "DynamoAction"
    assert words in failure["errorMessage"]


@pytest.mark.parametrize("kind, fields, word", [
    ("s3", {"key": "a"}, "bucketName"), ("s3", {"bucketName": "b"}, "key"), ("s3", {"bucketName": "b", "key": "${"}, "key"),
    ("s3", {"bucketName": "b", "key": "k", "cannedAcl": "open"}, "cannedAcl"), ("dynamoDBv2", {}, "putItem"),
    ("dynamoDBv2", {"putItem": {}}, "tableName"), ("dynamoDB", {"tableName": "t"}, "hashKeyField"),
    ("dynamoDB", {"tableName": "t", "hashKeyField": "k"}, "hashKeyValue"),
    ("dynamoDB", {"tableName": "t", "hashKeyField": "k", "hashKeyValue": "v", "hashKeyType": "BINARY"}, "hashKeyType"),
    ("dynamoDB", {"tableName": "t", "hashKeyField": "k", "hashKeyValue": "v", "rangeKeyValue": "1"}, "rangeKeyField"),
    ("dynamoDB", {"tableName": "t", "hashKeyField": "k", "hashKeyValue": "v", "operation": "MERGE"}, "operation"),
])
def test_wrong_fields_are_refused_by_name(endpoints, rule, kind, fields, word):
    refused_field(endpoints, rule, action(kind, **fields), word)
