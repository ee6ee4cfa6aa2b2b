"""The actions sqs, sns, kinesis and firehose at a stand-in for AWS: what devices publish gets there."""

import base64
import json

import pytest
from fleet.device import allow_all_policy
from fleet.moto import with_endpoints
from fleet.paho_client import PahoClient
from fleet.rule import ROLE, action, make, refused_field, wait_for

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def server(module_servers, moto, tmp_path_factory):
    folder = tmp_path_factory.mktemp("configuration")
    return module_servers("aws", *with_endpoints(folder, moto, "sqs", "sns", "kinesis", "firehose", "s3"), "--account", ACCOUNT)


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def queue(moto, rule):
    return moto.client("sqs").create_queue(QueueName=rule)["QueueUrl"]


def reports_to(rule):
    return {"errorAction": {"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}}}


def failure(client):
    report = json.loads(client.inbox.wait(lambda message: message.topic.endswith("/errors")).payload)
    assert len(report["failures"]) == 1, report
    return report["failures"][0]


def bodies_in(moto, queue, count):
    sqs, found = moto.client("sqs"), []

    def receive():
        found.extend(message["Body"] for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []))
        return len(found) >= count

    wait_for(receive, f"{count} messages in {queue}")
    return found


def test_messages_get_into_a_queue(iot, client, rule, moto, queue):
    make(iot, rule, f"SELECT n, topic(2) AS place FROM '{rule}/+/in'", action("sqs", queueUrl=queue))
    for number in range(40):
        client.publish(f"{rule}/cellar/in", json.dumps({"n": number}).encode())
    bodies = bodies_in(moto, queue, 40)
    assert sorted(json.loads(body)["n"] for body in bodies) == list(range(40))
    assert {json.loads(body)["place"] for body in bodies} == {"cellar"}


def test_bytes_get_into_a_queue_as_base64(iot, client, rule, moto, queue):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("sqs", queueUrl=queue.replace(rule, "${topic(1)}"), useBase64=True))
    client.publish(f"{rule}/in", b"\xff\x00raw")
    assert base64.b64decode(bodies_in(moto, queue, 1)[0]) == b"\xff\x00raw"


def test_bytes_that_are_no_text_go_to_the_error_action(iot, client, rule, moto, queue):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("sqs", queueUrl=queue), **reports_to(rule))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b"\xff")
    found = failure(client)
    assert (found["failedAction"], found["failedResource"]) == ("SqsAction", queue)
    assert "useBase64" in found["errorMessage"]


def test_a_queue_that_is_not_there_goes_to_the_error_action(iot, client, rule, moto):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("sqs", queueUrl=f"{moto.url}/{ACCOUNT}/none"), **reports_to(rule))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b"{}")
    assert "does not exist" in failure(client)["errorMessage"]


@pytest.fixture
def topic(moto, rule, queue):
    """A topic whose messages get into a queue as they are."""
    sns = moto.client("sns")
    arn = sns.create_topic(Name=rule)["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:{rule}", Attributes={"RawMessageDelivery": "true"})
    return arn


def test_messages_get_to_the_subscribers_of_a_topic(iot, client, rule, moto, topic, queue):
    make(iot, rule, f"SELECT n, text FROM '{rule}/in'", action("sns", targetArn=topic))
    for number in range(25):
        client.publish(f"{rule}/in", json.dumps({"n": number, "text": "a&b=<c>+ü"}).encode())
    bodies = [json.loads(body) for body in bodies_in(moto, queue, 25)]
    assert sorted(body["n"] for body in bodies) == list(range(25))
    assert {body["text"] for body in bodies} == {"a&b=<c>+ü"}


def test_a_message_has_a_text_for_each_kind_of_subscriber(iot, client, rule, moto, topic, queue):
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("sns", targetArn=topic, messageFormat="JSON"), **reports_to(rule))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", json.dumps({"default": "d", "sqs": "for queues"}).encode())
    assert bodies_in(moto, queue, 1) == ["for queues"]
    client.publish(f"{rule}/in", b'{"sqs": "for queues"}')
    found = failure(client)
    assert (found["failedAction"], found["failedResource"]) == ("SnsAction", topic)
    assert "default" in found["errorMessage"]


def records_of(moto, stream):
    kinesis = moto.client("kinesis")
    records = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        records += kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    return records


def test_records_get_into_a_stream(iot, client, rule, moto):
    moto.client("kinesis").create_stream(StreamName=rule, ShardCount=2)
    make(iot, rule, f"SELECT n FROM '{rule}/+/in'", action("kinesis", streamName=rule, partitionKey="${topic(2)}"),
         action("kinesis", streamName=rule))
    for number in range(30):
        client.publish(f"{rule}/cellar/in", json.dumps({"n": number}).encode())
    records = wait_for(lambda: (found := records_of(moto, rule)) and len(found) == 60 and found, "60 records")
    keys = [record["PartitionKey"] for record in records]
    assert keys.count("cellar") == 30 and len(set(keys)) == 31
    assert sorted(json.loads(record["Data"])["n"] for record in records) == sorted(list(range(30)) * 2)


def test_an_empty_partition_key_goes_to_the_error_action(iot, client, rule, moto):
    moto.client("kinesis").create_stream(StreamName=rule, ShardCount=1)
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("kinesis", streamName=rule, partitionKey="${none}"), **reports_to(rule))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b"{}")
    found = failure(client)
    assert (found["failedAction"], found["failedResource"]) == ("KinesisAction", rule)
    assert "partitionKey" in found["errorMessage"]


@pytest.fixture
def delivery_stream(moto, rule):
    """A delivery stream into a bucket: a function that returns all that was put."""
    bucket = rule.replace("_", "-")
    s3 = moto.client("s3")
    s3.create_bucket(Bucket=bucket)
    moto.client("firehose").create_delivery_stream(
        DeliveryStreamName=rule, ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{bucket}"})

    def content():
        found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return b"".join(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in found)

    return content


def test_records_get_into_a_delivery_stream(iot, client, rule, delivery_stream):
    make(iot, rule, f"SELECT n FROM '{rule}/in'", action("firehose", deliveryStreamName=rule, separator="\n"))
    for number in range(30):
        client.publish(f"{rule}/in", json.dumps({"n": number}).encode())
    lines = wait_for(lambda: (found := delivery_stream().splitlines()) and len(found) == 30 and found, "30 records")
    assert sorted(json.loads(line)["n"] for line in lines) == list(range(30))


def test_each_element_becomes_a_record(iot, client, rule, delivery_stream):
    make(iot, rule, f"SELECT VALUE list FROM '{rule}/in'",
         action("firehose", deliveryStreamName=rule, separator=",", batchMode=True), **reports_to(rule))
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b'{"list": [1, {"a": 2}, 3]}')
    wait_for(lambda: delivery_stream() == b'1,{"a":2},3,', "three records")
    client.publish(f"{rule}/in", json.dumps({"list": [0] * 501}).encode())
    found = failure(client)
    assert (found["failedAction"], found["failedResource"]) == ("FirehoseAction", rule)
    assert "501" in found["errorMessage"]


@pytest.mark.parametrize("wrong, word", [
    (action("sqs"), "queueUrl"),
    (action("sqs", queueUrl="orders"), "queueUrl"),
    (action("sqs", queueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/a.fifo"), "FIFO"),
    (action("sqs", queueUrl="https://x/1/a", useBase64="yes"), "useBase64"),
    (action("sqs", queueUrl="https://x/1/${"), "queueUrl"),
    ({"sqs": {"queueUrl": "https://x/1/a"}}, "roleArn"),
    (action("sns", targetArn="lamps"), "targetArn"),
    (action("sns", targetArn="arn:aws:sns:us-east-1:123456789012:lamps.fifo"), "FIFO"),
    (action("sns", targetArn="arn:aws:sns:us-east-1:123456789012:lamps", messageFormat="XML"), "messageFormat"),
    (action("kinesis", partitionKey="a"), "streamName"),
    (action("kinesis", streamName="a", partitionKey="${"), "partitionKey"),
    (action("firehose"), "deliveryStreamName"),
    (action("firehose", deliveryStreamName="a", separator=";"), "separator"),
    (action("firehose", deliveryStreamName="a", batchMode="yes"), "batchMode"),
])
def test_wrong_fields_are_refused(endpoints, rule, wrong, word):
    refused_field(endpoints, rule, wrong, word)
