"""The embedded Kinesis: streams as boto3 sees them, and what rules put into them."""

import datetime
import hashlib
import json

import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from fleet.rule import action, make, target_records, wait_for


@pytest.fixture(scope="module")
def kinesis(endpoints):
    return api.client(endpoints, "kinesis")


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def stream(kinesis, name):
    kinesis.create_stream(StreamName=name, ShardCount=3)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    return name


def read(kinesis, stream, shard, type="TRIM_HORIZON", **options):
    """All records of a shard from a place on, two at a time, and the iterator behind them."""
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType=type, **options)["ShardIterator"]
    return follow(kinesis, iterator)


def follow(kinesis, iterator):
    records = []
    while True:
        page = kinesis.get_records(ShardIterator=iterator, Limit=2)
        records += page["Records"]
        iterator = page["NextShardIterator"]
        if page["MillisBehindLatest"] == 0 and not page["Records"]:
            return records, iterator


def test_records_come_back_from_their_shards_in_order(kinesis, stream):
    shards = kinesis.list_shards(StreamName=stream)["Shards"]
    ranges = [(int(shard["HashKeyRange"]["StartingHashKey"]), int(shard["HashKeyRange"]["EndingHashKey"])) for shard in shards]
    assert ranges[0][0] == 0 and ranges[-1][1] == 2**128 - 1
    assert [end + 1 for _, end in ranges[:-1]] == [start for start, _ in ranges[1:]]
    put = {}
    for number in range(12):
        key = f"lamp-{number % 4}"
        answer = kinesis.put_record(StreamName=stream, Data=bytes([number, 255]), PartitionKey=key)
        hash_key = int(hashlib.md5(key.encode()).hexdigest(), 16)
        start, end = ranges[int(answer["ShardId"].rpartition("-")[2])]
        assert start <= hash_key <= end
        put.setdefault(answer["ShardId"], []).append((answer["SequenceNumber"], key, bytes([number, 255])))
    for shard in shards:
        records, _ = read(kinesis, stream, shard["ShardId"])
        found = [(record["SequenceNumber"], record["PartitionKey"], record["Data"]) for record in records]
        assert found == put.get(shard["ShardId"], [])
        assert found == sorted(found)


def test_readers_start_where_they_say(kinesis, name):
    kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    hash_key = str(2**128 - 1)
    answer = kinesis.put_records(StreamName=name, Records=[
        {"Data": str(number).encode(), "PartitionKey": "k", "ExplicitHashKey": hash_key} for number in range(5)])
    assert answer["FailedRecordCount"] == 0
    assert {record["ShardId"] for record in answer["Records"]} == {"shardId-000000000003"}
    shard = answer["Records"][0]["ShardId"]
    sequence = answer["Records"][2]["SequenceNumber"]

    def data(*arguments, **options):
        return [record["Data"] for record in read(kinesis, name, shard, *arguments, **options)[0]]

    assert data() == [b"0", b"1", b"2", b"3", b"4"]
    assert data("AT_SEQUENCE_NUMBER", StartingSequenceNumber=sequence) == [b"2", b"3", b"4"]
    assert data("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=sequence) == [b"3", b"4"]
    arrival = read(kinesis, name, shard)[0][0]["ApproximateArrivalTimestamp"]
    assert data("AT_TIMESTAMP", Timestamp=arrival) == [b"0", b"1", b"2", b"3", b"4"]
    assert data("AT_TIMESTAMP", Timestamp=arrival + datetime.timedelta(hours=1)) == []
    latest, iterator = read(kinesis, name, shard, "LATEST")
    assert latest == []
    kinesis.put_record(StreamARN=kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"],
                       Data=b"new", PartitionKey="k", ExplicitHashKey=hash_key)
    assert [record["Data"] for record in follow(kinesis, iterator)[0]] == [b"new"]


def test_streams_are_described_listed_and_deleted(kinesis, stream, name):
    description = kinesis.describe_stream(StreamName=stream, Limit=2)["StreamDescription"]
    assert (description["StreamStatus"], len(description["Shards"]), description["HasMoreShards"]) == ("ACTIVE", 2, True)
    assert kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["OpenShardCount"] == 3
    first = kinesis.list_shards(StreamName=stream, MaxResults=2)
    rest = kinesis.list_shards(NextToken=first["NextToken"])
    assert [shard["ShardId"] for shard in first["Shards"] + rest["Shards"]] == [f"shardId-00000000000{number}" for number in range(3)]
    kinesis.create_stream(StreamName=f"{name}-b", ShardCount=1)
    listed = [each for page in kinesis.get_paginator("list_streams").paginate(Limit=1) for each in page["StreamNames"]]
    assert {stream, f"{name}-b"} <= set(listed)
    api.refused(kinesis.create_stream, "ResourceInUseException", 400, StreamName=stream, ShardCount=1)
    kinesis.delete_stream(StreamName=stream)
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException):
        kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="k")
    api.refused(kinesis.describe_stream, "ResourceNotFoundException", 400, StreamName=stream)


def test_streams_have_tags_and_a_retention_period(kinesis, name):
    kinesis.create_stream(StreamName=name, ShardCount=1, Tags={"a": "1"})
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.add_tags_to_stream(StreamName=name, Tags={"b": "2"})
    kinesis.tag_resource(ResourceARN=arn, Tags={"c": "3"})
    kinesis.remove_tags_from_stream(StreamName=name, TagKeys=["a"])
    tags = [{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}]
    assert kinesis.list_tags_for_stream(StreamName=name)["Tags"] == tags
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["b"])
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags[1:]
    kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=48)
    assert kinesis.describe_stream(StreamName=name)["StreamDescription"]["RetentionPeriodHours"] == 48
    api.refused(kinesis.increase_stream_retention_period, "InvalidArgumentException", StreamName=name, RetentionPeriodHours=25)
    kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=24)
    kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k")
    assert len(read(kinesis, name, "shardId-000000000000")[0]) == 1


def test_wrong_requests_are_refused_as_in_kinesis(kinesis, stream, name):
    shard = "shardId-000000000000"
    api.refused(kinesis.get_shard_iterator, "ResourceNotFoundException", StreamName=stream, ShardId="shardId-000000000009",
                ShardIteratorType="LATEST")
    api.refused(kinesis.get_shard_iterator, "InvalidArgumentException", StreamName=stream, ShardId=shard,
                ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber="12")
    api.refused(kinesis.get_records, "InvalidArgumentException", ShardIterator="nothing")
    api.refused(kinesis.put_record, "InvalidArgumentException", StreamName=stream, Data=b"x", PartitionKey="k",
                ExplicitHashKey=str(2**128))
    api.refused(kinesis.put_record, "ValidationException", StreamName=stream, Data=b"x", PartitionKey="k" * 257)
    api.refused(kinesis.create_stream, "LimitExceededException", StreamName=f"{name}-c", ShardCount=101)
    assert "MaxRecordSizeInKiB" in api.refused(
        kinesis.create_stream, "InvalidArgumentException", StreamName=f"{name}-c", ShardCount=1, MaxRecordSizeInKiB=2048).message
    assert "not offered" in api.refused(
        kinesis.split_shard, "UnknownOperationException", StreamName=stream, ShardToSplit=shard, NewStartingHashKey="1").message


def test_rules_put_into_streams_that_nobody_made(iot, endpoints, new_device, kinesis, name, rule):
    make(iot, rule, f"SELECT n FROM '{rule}/+/in'", action("kinesis", streamName=f"{name}-s", partitionKey="${topic(2)}"))
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        for number in range(200):
            client.publish(f"{rule}/cellar/in", json.dumps({"n": number}).encode())
    records = wait_for(lambda: (found := target_records(endpoints, "kinesis", f"{name}-s", limit=500)) and len(found) == 200 and found)
    assert {record["key"] for record in records} == {"cellar"}
    found, _ = read(kinesis, f"{name}-s", "shardId-000000000000")
    assert sorted(json.loads(record["Data"])["n"] for record in found) == list(range(200))
