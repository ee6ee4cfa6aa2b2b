"""Queues, topics, streams and delivery streams of the embedded services with Terraform: applied, planned clean, destroyed."""

import pytest
from fleet import api

CONFIGURATION = """
resource "aws_sqs_queue" "dead" {
  name = "dead"
}

resource "aws_sqs_queue" "orders" {
  name                       = "orders"
  visibility_timeout_seconds = 60
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 4 })
  tags                       = { place = "cellar" }
}

resource "aws_sns_topic" "alarms" {
  name         = "alarms"
  display_name = "Alarms"
  tags         = { place = "cellar" }
}

resource "aws_sns_topic_subscription" "orders" {
  topic_arn            = aws_sns_topic.alarms.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.orders.arn
  raw_message_delivery = true
}

resource "aws_kinesis_stream" "telemetry" {
  name             = "telemetry"
  shard_count      = 2
  retention_period = 48
  tags             = { place = "cellar" }
}

resource "aws_kinesis_firehose_delivery_stream" "archive" {
  name        = "archive"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn           = "arn:aws:iam::000000000000:role/archive"
    bucket_arn         = "arn:aws:s3:::archive"
    prefix             = "lamps/"
    buffering_interval = 60
  }
  tags = { place = "cellar" }
}
"""


@pytest.mark.slow
def test_terraform_makes_queues_topics_and_streams(terraform, endpoints):
    api.client(endpoints, "s3").create_bucket(Bucket="archive")
    terraform.apply(CONFIGURATION)
    sqs, sns = api.client(endpoints, "sqs"), api.client(endpoints, "sns")
    topic, = [each["TopicArn"] for each in sns.list_topics()["Topics"]]
    sns.publish(TopicArn=topic, Message="hot")
    queue = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    assert [message["Body"] for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]] == ["hot"]
    stream = api.client(endpoints, "kinesis").describe_stream_summary(StreamName="telemetry")["StreamDescriptionSummary"]
    assert (stream["OpenShardCount"], stream["RetentionPeriodHours"]) == (2, 48)
    terraform.destroy()
    assert "QueueUrls" not in sqs.list_queues()
