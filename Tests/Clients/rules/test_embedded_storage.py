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
