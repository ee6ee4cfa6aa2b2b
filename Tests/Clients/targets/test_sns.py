"""The embedded SNS: topics as boto3 sees them, their queues, and what rules publish to them."""

import json

import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.functions import BOOTSTRAP, create, zip_of
from fleet.paho_client import PahoClient
from fleet.rule import ROLE, action, make, target_records, wait_for


@pytest.fixture(scope="module")
def sns(endpoints):
    return api.client(endpoints, "sns")


@pytest.fixture(scope="module")
def sqs(endpoints):
    return api.client(endpoints, "sqs")


@pytest.fixture
def topic(sns, name):
    return sns.create_topic(Name=name)["TopicArn"]


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


def make_queue(sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def received(sqs, queue):
    return sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get("Messages", [])


def test_queues_get_what_is_published(sns, sqs, topic, name):
    enveloped, enveloped_arn = make_queue(sqs, f"{name}-e")
    raw, raw_arn = make_queue(sqs, f"{name}-r")
    first = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=enveloped_arn)["SubscriptionArn"]
    second = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=raw_arn, Attributes={"RawMessageDelivery": "true"})["SubscriptionArn"]
    assert sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=enveloped_arn)["SubscriptionArn"] == first
    attributes = {"place": {"DataType": "String", "StringValue": "cellar"}, "picture": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    message = sns.publish(TopicArn=topic, Message="a<b>&\"ü\"", Subject="hello", MessageAttributes=attributes)["MessageId"]
    envelope = json.loads(received(sqs, enveloped)[0]["Body"])
    assert envelope["Timestamp"].endswith("Z")
    assert {key: envelope[key] for key in ["Type", "MessageId", "TopicArn", "Subject", "Message", "MessageAttributes"]} == {
        "Type": "Notification", "MessageId": message, "TopicArn": topic, "Subject": "hello", "Message": "a<b>&\"ü\"",
        "MessageAttributes": {"place": {"Type": "String", "Value": "cellar"}, "picture": {"Type": "Binary", "Value": "AP8="}},
    }
    found, = received(sqs, raw)
    assert (found["Body"], found["MessageAttributes"]) == ("a<b>&\"ü\"", attributes)
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert {(each["SubscriptionArn"], each["Protocol"], each["Endpoint"]) for each in listed} == {
        (first, "sqs", enveloped_arn), (second, "sqs", raw_arn)}
    assert {first, second} <= {each["SubscriptionArn"] for each in sns.list_subscriptions()["Subscriptions"]}
    assert sns.get_subscription_attributes(SubscriptionArn=second)["Attributes"]["RawMessageDelivery"] == "true"
    sns.set_subscription_attributes(SubscriptionArn=first, AttributeName="RawMessageDelivery", AttributeValue="true")
    sns.unsubscribe(SubscriptionArn=second)
    sns.publish(TopicArn=topic, Message=json.dumps({"default": "d", "sqs": "q"}), MessageStructure="json")
    assert [each["Body"] for each in received(sqs, enveloped)] == ["q"]
    assert received(sqs, raw) == []


def test_functions_get_what_is_published(sns, topic, name, endpoints):
    functions = api.client(endpoints, "lambda")
    function = create(functions, name, zip_of({"bootstrap": BOOTSTRAP}))["FunctionArn"]
    functions.add_permission(
        FunctionName=name, StatementId="sns", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com", SourceArn=topic)
    subscription = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["Endpoint"] == function
    message = sns.publish(TopicArn=topic, Message="hello", Subject="s")["MessageId"]
    found = wait_for(lambda: [
        record["body"] for record in target_records(endpoints, "logs", f"/aws/lambda/{name}", limit=100) if message in record["body"]])
    assert '"EventSource"' in found[0] and subscription in found[0] and '"hello"' in found[0]
    other = function.replace(name, f"{name}-none")
    assert "none" in api.refused(sns.subscribe, "InvalidParameter", TopicArn=topic, Protocol="lambda", Endpoint=other).message


def test_messages_are_published_in_batches(sns, sqs, topic, name, endpoints):
    queue, arn = make_queue(sqs, name)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    entries = [{"Id": f"m{number}", "Message": str(number)} for number in range(9)]
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
        *entries, {"Id": "wrong", "Message": "no object", "MessageStructure": "json"}])
    assert [each["Id"] for each in answer["Successful"]] == [entry["Id"] for entry in entries]
    failed, = answer["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == ("wrong", "InvalidParameter", True)
    assert [each["Body"] for each in received(sqs, queue)] == [str(number) for number in range(9)]
    assert [record["body"] for record in target_records(endpoints, "sns", name)] == [str(number) for number in range(9)]
    api.refused(sns.publish_batch, "TooManyEntriesInBatchRequest", TopicArn=topic,
                PublishBatchRequestEntries=[{"Id": str(number), "Message": "x"} for number in range(11)])
    api.refused(sns.publish_batch, "BatchEntryIdsNotDistinct", TopicArn=topic, PublishBatchRequestEntries=[entries[0]] * 2)


def test_topics_are_listed_described_and_deleted(sns, name):
    arn = sns.create_topic(Name=name, Attributes={"DisplayName": "Lamps"}, Tags=[{"Key": "a", "Value": "1"}])["TopicArn"]
    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}])
    sns.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}]
    assert sns.create_topic(Name=name)["TopicArn"] == arn
    assert arn in [each["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for each in page["Topics"]]
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (attributes["TopicArn"], attributes["DisplayName"], attributes["SubscriptionsConfirmed"]) == (arn, "Lamps", "0")
    sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="Lights")
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "Lights"
    sns.delete_topic(TopicArn=arn)
    sns.delete_topic(TopicArn=arn)
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.publish(TopicArn=arn, Message="x")
    api.refused(sns.get_topic_attributes, "NotFound", 404, TopicArn=arn)


def test_wrong_requests_are_refused_as_in_sns(sns, topic, name):
    wrong = "InvalidParameter"
    assert "FIFO" in api.refused(sns.create_topic, wrong, 400, Name=f"{name}.fifo", Attributes={"FifoTopic": "true"}).message
    assert "Policy" in api.refused(sns.create_topic, wrong, Name=name, Attributes={"Policy": "{}"}).message
    assert "email" in api.refused(sns.subscribe, wrong, TopicArn=topic, Protocol="email", Endpoint="a@b.example").message
    queue = "arn:aws:sqs:us-east-1:000000000000:none"
    assert "none" in api.refused(sns.subscribe, wrong, TopicArn=topic, Protocol="sqs", Endpoint=queue).message
    assert "FilterPolicy" in api.refused(
        sns.subscribe, wrong, TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"FilterPolicy": "{}"}).message
    assert "default" in api.refused(sns.publish, wrong, TopicArn=topic, Message="{}", MessageStructure="json").message
    api.refused(sns.publish, wrong, TopicArn=topic, Message="x" * (256 * 1024 + 1))
    assert "PhoneNumber" in api.refused(sns.publish, wrong, PhoneNumber="+491234", Message="x").message
    assert "not offered" in api.refused(sns.list_platform_applications, "UnknownOperationException").message


def test_rules_publish_to_topics_that_nobody_made(iot, endpoints, new_device, sns, name, rule):
    arn = f"arn:aws:sns:eu-west-1:123456789012:{name}-alarms"
    make(iot, rule, f"SELECT * FROM '{rule}/in'", action("sns", targetArn=arn), action("sns", targetArn=arn, messageFormat="JSON"),
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        client.subscribe(f"{rule}/errors")
        client.publish(f"{rule}/in", b'{"default": "hot"}')
        client.publish(f"{rule}/in", b'{"n": 1}')
        report = json.loads(client.inbox.wait(lambda message: True).payload)
    assert [failure["failedResource"] for failure in report["failures"]] == [arn]
    records = wait_for(lambda: (found := target_records(endpoints, "sns", f"{name}-alarms")) and len(found) == 3 and found)
    assert sorted(record["body"] for record in records) == ['{"default":"hot"}', '{"default":"hot"}', '{"n":1}']
    assert [record["attributes"].get("messageStructure") for record in records].count("json") == 1
