"""The embedded Firehose: delivery streams as boto3 sees them, and what rules put into them."""

import json

import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from fleet.rule import ROLE, action, make, target_records, wait_for


@pytest.fixture(scope="module")
def firehose(endpoints):
    return api.client(endpoints, "firehose")


@pytest.fixture
def stream(firehose, name):
    firehose.create_delivery_stream(DeliveryStreamName=name)
    return name


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


def test_records_are_kept(firehose, stream, endpoints):
    firehose.put_record(DeliveryStreamName=stream, Record={"Data": b"first\n"})
    answer = firehose.put_record_batch(DeliveryStreamName=stream, Records=[{"Data": b"second"}, {"Data": b"\xff"}])
    assert (answer["FailedPutCount"], len(answer["RequestResponses"])) == (0, 2)
    records = target_records(endpoints, "firehose", stream)
    assert [record.get("body", record.get("bodyBase64")) for record in records] == ["first\n", "second", "/w=="]
    assert [record["key"] for record in records[1:]] == [each["RecordId"] for each in answer["RequestResponses"]]


def test_records_get_into_a_bucket(firehose, name, endpoints, iot, new_device, rule):
    s3, bucket = api.client(endpoints, "s3"), name.replace("_", "-")
    destination = {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{bucket}", "Prefix": "lamps/", "FileExtension": ".jsonl",
                   "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}, "CompressionFormat": "UNCOMPRESSED"}
    assert bucket in api.refused(
        firehose.create_delivery_stream, "InvalidArgumentException", DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration=destination).message
    s3.create_bucket(Bucket=bucket)
    firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination)
    found, = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]["Destinations"]
    described = found["ExtendedS3DestinationDescription"]
    assert {key: described[key] for key in destination} == destination
    make(iot, rule, f"SELECT n FROM '{rule}/in'", action("firehose", deliveryStreamName=name, separator="\n"))
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        for number in range(100):
            client.publish(f"{rule}/in", json.dumps({"n": number}).encode())

    def content():
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix="lamps/2").get("Contents", [])]
        assert all(key.count("/") == 5 and key.endswith(".jsonl") and f"/{name}-1-" in key for key in keys), keys
        return b"".join(s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys).splitlines()

    lines = wait_for(lambda: len(content()) == 100 and content())
    assert sorted(json.loads(line)["n"] for line in lines) == list(range(100))


def test_delivery_streams_are_described_listed_and_deleted(firehose, stream):
    description = firehose.describe_delivery_stream(DeliveryStreamName=stream)["DeliveryStreamDescription"]
    assert (description["DeliveryStreamStatus"], description["Destinations"]) == ("ACTIVE", [])
    firehose.tag_delivery_stream(DeliveryStreamName=stream, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    firehose.untag_delivery_stream(DeliveryStreamName=stream, TagKeys=["b"])
    assert firehose.list_tags_for_delivery_stream(DeliveryStreamName=stream)["Tags"] == [{"Key": "a", "Value": "1"}]
    listed = firehose.list_delivery_streams(Limit=1, ExclusiveStartDeliveryStreamName=stream[:-1])
    assert listed["DeliveryStreamNames"] == [stream]
    api.refused(firehose.create_delivery_stream, "ResourceInUseException", 400, DeliveryStreamName=stream)
    firehose.delete_delivery_stream(DeliveryStreamName=stream)
    with pytest.raises(firehose.exceptions.ResourceNotFoundException):
        firehose.put_record(DeliveryStreamName=stream, Record={"Data": b"x"})


def test_wrong_requests_are_refused_as_in_firehose(firehose, stream, name):
    destination = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::bucket"}
    wrong = "InvalidArgumentException"
    assert "HttpEndpointDestinationConfiguration" in api.refused(
        firehose.create_delivery_stream, wrong, DeliveryStreamName=f"{name}-b", HttpEndpointDestinationConfiguration={
            "EndpointConfiguration": {"Url": "https://x.example"}, "S3Configuration": destination}).message
    assert "GZIP" in api.refused(
        firehose.create_delivery_stream, wrong, DeliveryStreamName=f"{name}-b",
        ExtendedS3DestinationConfiguration={**destination, "CompressionFormat": "GZIP"}).message
    assert "!{" in api.refused(
        firehose.create_delivery_stream, wrong, DeliveryStreamName=f"{name}-b",
        S3DestinationConfiguration={**destination, "Prefix": "!{timestamp:yyyy}/"}).message
    assert "KinesisStreamAsSource" in api.refused(
        firehose.create_delivery_stream, wrong, DeliveryStreamName=f"{name}-b", DeliveryStreamType="KinesisStreamAsSource").message
    api.refused(firehose.put_record_batch, "ValidationException", DeliveryStreamName=stream, Records=[{"Data": b"x"}] * 501)
    assert "not offered" in api.refused(
        firehose.stop_delivery_stream_encryption, "UnknownOperationException", DeliveryStreamName=stream).message


def test_rules_put_into_delivery_streams_that_nobody_made(iot, endpoints, new_device, name, rule):
    make(iot, rule, f"SELECT VALUE list FROM '{rule}/in'", action("firehose", deliveryStreamName=f"{name}-d", separator="\n"),
         action("firehose", deliveryStreamName=f"{name}-e", separator="\n", batchMode=True))
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        client.publish(f"{rule}/in", json.dumps({"list": [1, "two"]}).encode())

    def bodies(stream, count):
        return wait_for(lambda: (found := target_records(endpoints, "firehose", stream)) and len(found) == count and found)

    assert [record["body"] for record in bodies(f"{name}-d", 1)] == ['[1,"two"]\n']
    assert [record["body"] for record in bodies(f"{name}-e", 2)] == ["1\n", '"two"\n']
