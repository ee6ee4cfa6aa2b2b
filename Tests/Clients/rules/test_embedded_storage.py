"""Rules that deliver to this server's own S3 and DynamoDB: nobody made a bucket or a table, and boto3 reads what came."""

import json

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


def error_report(client):
    return json.loads(client.inbox.wait(lambda message: message.topic.endswith("/errors")).payload)


def test_results_become_objects(iot, client, rule, name, endpoints, server):
    bucket = name.replace("_", "-")
    make(iot, rule, f"SELECT t FROM '{rule}/+/in'", action("s3", bucketName=bucket, key="days/${topic(2)}/${t}.json"))
    for number in range(3):
        client.publish(f"{rule}/cellar/in", b'{"t": %d}' % number)
    found = wait_for(lambda: len(found := target_records(endpoints, "s3", bucket)) == 3 and found)
    assert {record["key"]: record["body"] for record in found} == {f"days/cellar/{n}.json": f'{{"t":{n}}}' for n in range(3)}
    assert found[0]["attributes"]["content-type"] == "application/json"
    s3 = api.client(endpoints, "s3")
    assert s3.get_object(Bucket=bucket, Key="days/cellar/2.json")["Body"].read() == b'{"t":2}'
    path = server.data / found[0]["attributes"]["path"]
    wait_for(path.exists, str(path))
    assert json.loads(path.read_bytes()) == json.loads(found[0]["body"])


def test_a_bucket_that_cannot_be_goes_to_the_error_action(iot, client, rule):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("s3", bucketName="No_Bucket", key="k"),
         errorAction=action("republish", topic=f"{rule}/errors"))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b"{}")
    failure = error_report(client)["failures"][0]
    assert (failure["failedAction"], failure["failedResource"]) == ("S3Action", "No_Bucket")
    assert "InvalidBucketName" in failure["errorMessage"]


@pytest.fixture
def dynamodb(endpoints):
    return api.client(endpoints, "dynamodb")


def test_members_become_items_of_a_table_that_the_server_counts(iot, client, rule, endpoints, dynamodb):
    make(iot, rule, f"SELECT *, topic(2) AS device FROM '{rule}/+/in'", action("dynamoDBv2", putItem={"tableName": rule}))
    for number in range(40):
        client.publish(f"{rule}/cellar/in", b'{"t": %d.5, "tags": ["a", null]}' % number)
    found = wait_for(lambda: len(found := target_records(endpoints, "dynamodb", rule, 100)) == 40 and found)
    assert sorted(json.loads(record["body"])["t"] for record in found) == [number + 0.5 for number in range(40)]
    items = dynamodb.scan(TableName=rule)["Items"]
    assert sorted(int(item["#seq"]["N"]) for item in items) == list(range(1, 41))
    assert {"S": "a"} == items[0]["tags"]["L"][0]
    assert dynamodb.describe_table(TableName=rule)["Table"]["KeySchema"] == [{"AttributeName": "#seq", "KeyType": "HASH"}]
    first = dynamodb.get_item(TableName=rule, Key={"#seq": {"N": "1"}})["Item"]
    assert first["device"] == {"S": "cellar"}


def test_members_become_items_of_a_table_that_is_there(iot, client, rule, dynamodb):
    dynamodb.create_table(
        TableName=rule, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "device", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "device", "AttributeType": "S"}])
    make(iot, rule, f"SELECT n, topic(2) AS device FROM '{rule}/+/in'", action("dynamoDBv2", putItem={"tableName": rule}))
    for number in range(60):
        client.publish(f"{rule}/{number % 20}/in", b'{"n": %d}' % number)
    found = wait_for(lambda: len(found := dynamodb.scan(TableName=rule)["Items"]) == 20 and found)
    assert {item["device"]["S"] for item in found} == {str(number) for number in range(20)}


def test_the_whole_result_is_kept_under_the_actions_key(iot, client, rule, endpoints, dynamodb):
    make(iot, rule, f"SELECT * FROM '{rule}/+/in'", action(
        "dynamoDB", tableName=rule, hashKeyField="device", hashKeyValue="${topic(2)}", rangeKeyField="at", rangeKeyType="NUMBER",
        rangeKeyValue="${at}", payloadField="content", operation="${operation}"))
    for number in range(30):
        client.publish(f"{rule}/cellar/in", b'{"at": %d, "t": 1}' % number)
    found = wait_for(lambda: len(found := target_records(endpoints, "dynamodb", rule, 100)) == 30 and found)
    assert {record["key"] for record in found} == {f"cellar/{number}" for number in range(30)}
    page = dynamodb.query(
        TableName=rule, KeyConditionExpression="device = :d AND #at >= :from", ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={":d": {"S": "cellar"}, ":from": {"N": "8"}}, Limit=3)
    assert [item["at"]["N"] for item in page["Items"]] == ["8", "9", "10"]
    assert page["Items"][0]["content"] == {"M": {"at": {"N": "8"}, "t": {"N": "1"}}}
    key = {"device": {"S": "cellar"}, "at": {"N": "5"}}
    client.publish(f"{rule}/cellar/in", b'{"at": 5, "t": 2, "operation": "UPDATE"}')
    wait_for(lambda: dynamodb.get_item(TableName=rule, Key=key)["Item"]["content"]["M"]["t"] == {"N": "2"})
    client.publish(f"{rule}/cellar/in", b'{"at": 5, "operation": "DELETE"}')
    wait_for(lambda: "Item" not in dynamodb.get_item(TableName=rule, Key=key))


def test_an_item_without_the_tables_key_goes_to_the_error_action(iot, client, rule, dynamodb):
    dynamodb.create_table(
        TableName=rule, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "device", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "device", "AttributeType": "S"}])
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("dynamoDBv2", putItem={"tableName": rule}),
         errorAction=action("republish", topic=f"{rule}/errors"))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b'{"t": 1}')
    failure = error_report(client)["failures"][0]
    assert (failure["failedAction"], failure["failedResource"]) == ("DynamoActionV2", rule)
    assert "Missing the key device" in failure["errorMessage"]
