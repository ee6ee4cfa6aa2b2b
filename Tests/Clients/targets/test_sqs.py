"""The embedded SQS: queues as boto3 sees them, and what rules send to them."""

import json
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError
from fleet import api
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from fleet.rule import action, make, target_records, wait_for


@pytest.fixture(scope="module")
def sqs(endpoints):
    return api.client(endpoints, "sqs")


@pytest.fixture
def queue(sqs, name):
    return sqs.create_queue(QueueName=name)["QueueUrl"]


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


def receive(sqs, queue, **options):
    return sqs.receive_message(QueueUrl=queue, **{"MaxNumberOfMessages": 10, **options}).get("Messages", [])


def counts(sqs, queue):
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return tuple(int(found[f"ApproximateNumberOfMessages{kind}"]) for kind in ["", "NotVisible", "Delayed"])


def test_a_message_comes_back_with_its_attributes(sqs, queue):
    attributes = {
        "place": {"DataType": "String", "StringValue": "cellar"}, "height": {"DataType": "Number.int", "StringValue": "-3"},
        "picture": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sent = sqs.send_message(QueueUrl=queue, MessageBody="hello ✓", MessageAttributes=attributes, MessageSystemAttributes={
        "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}})
    message, = receive(sqs, queue, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "hello ✓")
    assert message["MessageAttributes"] == attributes
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    system = message["Attributes"]
    assert system["ApproximateReceiveCount"] == "1"
    assert system["AWSTraceHeader"].startswith("Root=")
    assert abs(int(system["SentTimestamp"]) / 1000 - time.time()) < 60
    assert receive(sqs, queue) == []
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    again, = receive(sqs, queue, MessageAttributeNames=["pl.*", "x.*", "height"], AttributeNames=["ApproximateReceiveCount"])
    assert set(again["MessageAttributes"]) == {"height", "place"}
    assert again["Attributes"] == {"ApproximateReceiveCount": "2"}


def test_what_is_deleted_does_not_come_back(sqs, queue):
    entries = [{"Id": f"m{number}", "MessageBody": str(number)} for number in range(10)]
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert [each["Id"] for each in answer["Successful"]] == [entry["Id"] for entry in entries]
    messages = receive(sqs, queue, VisibilityTimeout=100)
    assert [message["Body"] for message in messages] == [str(number) for number in range(10)]
    assert counts(sqs, queue) == (0, 10, 0)
    handles = [message["ReceiptHandle"] for message in messages]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=handles[0])
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=handles[0])
    deleted = sqs.delete_message_batch(QueueUrl=queue, Entries=[
        {"Id": "a", "ReceiptHandle": handles[1]}, {"Id": "b", "ReceiptHandle": "nothing"}])
    assert [each["Id"] for each in deleted["Successful"]] == ["a"]
    assert [(each["Id"], each["Code"], each["SenderFault"]) for each in deleted["Failed"]] == [("b", "ReceiptHandleIsInvalid", True)]
    shown = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=[
        {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0} for number, handle in enumerate(handles[:3])])
    assert [each["Id"] for each in shown["Successful"]] == ["2"]
    assert [message["Body"] for message in receive(sqs, queue)] == ["2"]
    sqs.purge_queue(QueueUrl=queue)
    assert counts(sqs, queue) == (0, 0, 0)


def test_a_receiver_that_waits_gets_what_comes(sqs, queue, endpoints):
    """Both waits end long before their 20 s: with the message, and with the end of its delay."""
    found = []
    waiting = threading.Thread(target=lambda: found.extend(receive(api.client(endpoints, "sqs"), queue, WaitTimeSeconds=20)))
    waiting.start()
    sqs.send_message(QueueUrl=queue, MessageBody="first")
    waiting.join(15)
    assert [message["Body"] for message in found] == ["first"]
    sqs.send_message(QueueUrl=queue, MessageBody="later", DelaySeconds=1)
    assert counts(sqs, queue) == (0, 1, 1)
    assert [message["Body"] for message in receive(sqs, queue, WaitTimeSeconds=20)] == ["later"]


def test_a_wait_without_messages_ends(sqs, queue):
    assert receive(sqs, queue, WaitTimeSeconds=1) == []
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"ReceiveMessageWaitTimeSeconds": "1"})
    assert receive(sqs, queue) == []


def test_a_server_stops_although_somebody_waits(start_server):
    server = start_server("aws")
    sqs = api.client(vars(server.endpoints), "sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    answers = []

    def wait():
        try:
            answers.extend(receive(sqs, url, WaitTimeSeconds=20))
        except BotoCoreError:
            pass  # The server stopped before it took the request.

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert server.stop() == 0
    waiting.join()
    assert answers == []


def test_dead_letters_move(sqs, queue, name):
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    source = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})})
    sent = sqs.send_message(QueueUrl=queue, MessageBody="poison")
    for _ in range(2):
        assert len(receive(sqs, queue, VisibilityTimeout=0)) == 1
    assert receive(sqs, queue) == []
    message, = receive(sqs, dead, AttributeNames=["All"])
    assert message["MessageId"] == sent["MessageId"]
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == source
    assert counts(sqs, queue) == (0, 0, 0)


def test_queues_are_listed_tagged_and_deleted(sqs, name):
    urls = [sqs.create_queue(QueueName=f"{name}-{number}", tags={"n": str(number)})["QueueUrl"] for number in range(3)]
    assert sqs.list_queues(QueueNamePrefix=name)["QueueUrls"] == urls
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=name, PaginationConfig={"PageSize": 2})
    assert [url for page in pages for url in page["QueueUrls"]] == urls
    assert sqs.get_queue_url(QueueName=f"{name}-1")["QueueUrl"] == urls[1]
    assert sqs.create_queue(QueueName=f"{name}-1")["QueueUrl"] == urls[1]
    sqs.tag_queue(QueueUrl=urls[1], Tags={"place": "cellar"})
    sqs.untag_queue(QueueUrl=urls[1], TagKeys=["n"])
    assert sqs.list_queue_tags(QueueUrl=urls[1])["Tags"] == {"place": "cellar"}
    sqs.delete_queue(QueueUrl=urls[1])
    refusal = api.refused(sqs.send_message, "AWS.SimpleQueueService.NonExistentQueue", 400, QueueUrl=urls[1], MessageBody="x")
    assert refusal.message == "The specified queue does not exist."
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName=f"{name}-1")


def test_wrong_requests_are_refused_as_in_sqs(sqs, queue, name):
    unsupported = "AWS.SimpleQueueService.UnsupportedOperation"
    assert "FIFO" in api.refused(sqs.create_queue, unsupported, QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"}).message
    assert "Policy" in api.refused(sqs.set_queue_attributes, unsupported, QueueUrl=queue, Attributes={"Policy": "{}"}).message
    api.refused(sqs.set_queue_attributes, "InvalidAttributeName", QueueUrl=queue, Attributes={"Colour": "red"})
    api.refused(sqs.set_queue_attributes, "InvalidAttributeValue", QueueUrl=queue, Attributes={"VisibilityTimeout": "50000"})
    api.refused(sqs.set_queue_attributes, "InvalidParameterValue", QueueUrl=queue, Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:none", "maxReceiveCount": 2})})
    api.refused(sqs.create_queue, "QueueAlreadyExists", QueueName=name, Attributes={"DelaySeconds": "7"})
    api.refused(sqs.create_queue, "InvalidParameterValue", QueueName="a b")
    api.refused(sqs.receive_message, "InvalidParameterValue", QueueUrl=queue, MaxNumberOfMessages=11)
    api.refused(sqs.receive_message, "InvalidParameterValue", QueueUrl=queue, WaitTimeSeconds=21)
    api.refused(sqs.delete_message, "ReceiptHandleIsInvalid", QueueUrl=queue, ReceiptHandle="x")
    api.refused(sqs.send_message, "InvalidMessageContents", QueueUrl=queue, MessageBody="\x01")
    prefix = "AWS.SimpleQueueService."
    api.refused(sqs.send_message_batch, prefix + "EmptyBatchRequest", QueueUrl=queue, Entries=[])
    entry = {"Id": "a", "MessageBody": "x"}
    api.refused(sqs.send_message_batch, prefix + "BatchEntryIdsNotDistinct", QueueUrl=queue, Entries=[entry, entry])
    api.refused(sqs.send_message_batch, prefix + "TooManyEntriesInBatchRequest", QueueUrl=queue,
                Entries=[{"Id": str(number), "MessageBody": "x"} for number in range(11)])
    message = "not offered"
    assert message in api.refused(sqs.list_dead_letter_source_queues, "UnknownOperationException", QueueUrl=queue).message
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"MaximumMessageSize": "1024"})
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=[entry, {"Id": "b", "MessageBody": "x" * 1025}])
    assert [each["Id"] for each in answer["Successful"]] == ["a"]
    assert [(each["Id"], each["Code"]) for each in answer["Failed"]] == [("b", "InvalidParameterValue")]


def test_messages_outlive_a_crash(start_server):
    server = start_server("aws")
    sqs = api.client(vars(server.endpoints), "sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    for number in range(30):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    server.restart(kill=True)
    sqs = api.client(vars(server.endpoints), "sqs")
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    found = [message["Body"] for _ in range(3) for message in receive(sqs, url)]
    assert found == [str(number) for number in range(30)]


def test_rules_send_to_queues_that_nobody_made(iot, endpoints, new_device, sqs, name, rule):
    url = f"https://sqs.eu-west-1.amazonaws.com/123456789012/{name}-orders"
    make(iot, rule, f"SELECT n FROM '{rule}/in'", action("sqs", queueUrl=url), action("sqs", queueUrl=url, useBase64=True))
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        for number in range(50):
            client.publish(f"{rule}/in", json.dumps({"n": number}).encode())
    records = wait_for(lambda: (found := target_records(endpoints, "sqs", f"{name}-orders", limit=200)) and len(found) == 100 and found)
    bodies = [record["body"] for record in records]
    assert sorted(json.loads(body)["n"] for body in bodies if body.startswith("{")) == list(range(50))
    own = sqs.get_queue_url(QueueName=f"{name}-orders")["QueueUrl"]
    message = receive(sqs, own, MessageSystemAttributeNames=["SenderId"])[0]
    assert message["Attributes"]["SenderId"] == "iot.amazonaws.com"
    # As consumers are written: a resource that finds its queue by name.
    session = api.session(endpoints)
    resource = session.resource("sqs", endpoint_url=endpoints["api"], config=api.CONFIG, verify=endpoints["caFile"])
    assert resource.get_queue_by_name(QueueName=f"{name}-orders").receive_messages(MaxNumberOfMessages=1)
