"""Destinations of Terraform (aws_iot_topic_rule_destination): applied, planned clean, switched off, destroyed."""

DESTINATION = """
resource "aws_iot_topic_rule_destination" "brokers" {
  enabled = %s
  vpc_configuration {
    role_arn        = "arn:aws:iam::000000000000:role/rules"
    security_groups = ["sg-1"]
    subnet_ids      = ["subnet-1", "subnet-2"]
    vpc_id          = "vpc-1"
  }
}
"""


def test_a_destination_is_applied_switched_and_destroyed(terraform, iot):
    terraform.apply(DESTINATION % "true")
    [made] = iot.list_topic_rule_destinations()["destinationSummaries"]
    assert (made["status"], made["vpcDestinationSummary"]["vpcId"]) == ("ENABLED", "vpc-1")

    terraform.apply(DESTINATION % "false")
    [found] = iot.list_topic_rule_destinations()["destinationSummaries"]
    assert (found["arn"], found["status"]) == (made["arn"], "DISABLED")

    terraform.destroy()
    assert iot.list_topic_rule_destinations()["destinationSummaries"] == []
