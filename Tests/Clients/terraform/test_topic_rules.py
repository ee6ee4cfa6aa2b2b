"""Topic rules of Terraform (aws_iot_topic_rule) with every action block that Roost offers: applied, planned clean, changed, destroyed."""

import pytest

ROLE = "arn:aws:iam::000000000000:role/rules"

#: The block of each action with all its fields, by the action's name in the API.
ACTIONS = {
    "cloudwatchAlarm": """
  cloudwatch_alarm {
    role_arn     = "%(role)s"
    alarm_name   = "overheated"
    state_reason = "$${temperature}"
    state_value  = "ALARM"
  }""",
    "cloudwatchLogs": """
  cloudwatch_logs {
    role_arn       = "%(role)s"
    log_group_name = "telemetry"
    batch_mode     = false
  }""",
    "cloudwatchMetric": """
  cloudwatch_metric {
    role_arn         = "%(role)s"
    metric_name      = "temperature"
    metric_namespace = "fleet"
    metric_unit      = "None"
    metric_value     = "$${temperature}"
  }""",
    "dynamoDB": """
  dynamodb {
    role_arn        = "%(role)s"
    table_name      = "telemetry"
    hash_key_field  = "device"
    hash_key_value  = "$${topic(2)}"
    hash_key_type   = "STRING"
    range_key_field = "at"
    range_key_value = "$${timestamp()}"
    range_key_type  = "NUMBER"
    operation       = "INSERT"
    payload_field   = "content"
  }""",
    "dynamoDBv2": """
  dynamodbv2 {
    role_arn = "%(role)s"
    put_item {
      table_name = "telemetry"
    }
  }""",
    "elasticsearch": """
  elasticsearch {
    role_arn = "%(role)s"
    endpoint = "https://search-fleet.us-east-1.es.amazonaws.com"
    index    = "telemetry"
    type     = "_doc"
    id       = "$${newuuid()}"
  }""",
    "firehose": """
  firehose {
    role_arn             = "%(role)s"
    delivery_stream_name = "telemetry"
    separator            = "\\n"
    batch_mode           = true
  }""",
    "http": """
  http {
    url              = "https://localhost:8443/telemetry/$${topic(2)}"
    confirmation_url = "https://localhost:8443/telemetry"
    http_header {
      key   = "x-device"
      value = "$${topic(2)}"
    }
  }""",
    "iotEvents": """
  iot_events {
    role_arn   = "%(role)s"
    input_name = "telemetry"
    message_id = "$${newuuid()}"
  }""",
    "kafka": """
  kafka {
    destination_arn = "arn:aws:iot:us-east-1:000000000000:ruledestination/vpc/5f0e3b2c-0000-4000-8000-000000000000"
    topic           = "telemetry"
    key             = "$${topic(2)}"
    partition       = "0"
    client_properties = {
      "bootstrap.servers" = "localhost:9092"
      "acks"              = "1"
      "compression.type"  = "gzip"
      "security.protocol" = "SSL"
      "key.serializer"    = "org.apache.kafka.common.serialization.StringSerializer"
      "value.serializer"  = "org.apache.kafka.common.serialization.ByteBufferSerializer"
    }
    header {
      key   = "device"
      value = "$${topic(2)}"
    }
  }""",
    "kinesis": """
  kinesis {
    role_arn      = "%(role)s"
    stream_name   = "telemetry"
    partition_key = "$${topic(2)}"
  }""",
    "lambda": """
  lambda {
    function_arn = "arn:aws:lambda:us-east-1:000000000000:function:overheated"
  }""",
    "republish": """
  republish {
    role_arn = "%(role)s"
    topic    = "out/$${topic(2)}"
    qos      = 1
  }""",
    "s3": """
  s3 {
    role_arn    = "%(role)s"
    bucket_name = "telemetry"
    key         = "$${topic(2)}/$${timestamp()}"
    canned_acl  = "private"
  }""",
    "sns": """
  sns {
    role_arn       = "%(role)s"
    target_arn     = "arn:aws:sns:us-east-1:000000000000:alarms"
    message_format = "RAW"
  }""",
    "sqs": """
  sqs {
    role_arn   = "%(role)s"
    queue_url  = "https://sqs.us-east-1.amazonaws.com/000000000000/alarms"
    use_base64 = false
  }""",
    "stepFunctions": """
  step_functions {
    role_arn              = "%(role)s"
    state_machine_name    = "repair"
    execution_name_prefix = "device-"
  }""",
    "timestream": """
  timestream {
    role_arn      = "%(role)s"
    database_name = "fleet"
    table_name    = "telemetry"
    dimension {
      name  = "device"
      value = "$${topic(2)}"
    }
    timestamp {
      unit  = "MILLISECONDS"
      value = "$${timestamp()}"
    }
  }""",
}

RULE = """
resource "aws_iot_topic_rule" "%(name)s" {
  name        = "%(name)s"
  description = "%(description)s"
  enabled     = %(enabled)s
  sql         = "SELECT temperature, topic(2) AS device FROM 'dt/+/telemetry' WHERE temperature > 30"
  sql_version = "2016-03-23"
%(actions)s
  error_action {
    republish {
      role_arn = "%(role)s"
      topic    = "errors"
    }
  }
  tags = { fleet = "north" }
}
"""


def rules(description: str, enabled: str) -> str:
    return "".join(
        RULE % {"name": f"tf_{action}", "description": description, "enabled": enabled, "role": ROLE,
                "actions": block % {"role": ROLE}}
        for action, block in ACTIONS.items())


@pytest.mark.timeout(900)
def test_rules_are_applied_changed_and_destroyed(terraform, iot):
    terraform.apply(rules("first", "true"))
    for action in ACTIONS:
        rule = iot.get_topic_rule(ruleName=f"tf_{action}")["rule"]
        assert (rule["description"], rule["ruleDisabled"]) == ("first", False)
        assert [list(found) for found in rule["actions"]] == [[action]]
        assert "republish" in rule["errorAction"]
        arn = iot.get_topic_rule(ruleName=f"tf_{action}")["ruleArn"]
        assert iot.list_tags_for_resource(resourceArn=arn)["tags"] == [{"Key": "fleet", "Value": "north"}]

    terraform.apply(rules("second", "false"))
    for action in ACTIONS:
        rule = iot.get_topic_rule(ruleName=f"tf_{action}")["rule"]
        assert (rule["description"], rule["ruleDisabled"]) == ("second", True)

    terraform.destroy()
    assert iot.list_topic_rules()["rules"] == []
