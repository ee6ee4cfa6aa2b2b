"""Topic rules of Terraform (aws_iot_topic_rule) with every action block that Roost offers: applied, planned clean, changed, destroyed."""

ROLE = "arn:aws:iam::000000000000:role/rules"

#: The block of each action with all its fields, by the action's name in the API.
ACTIONS = {
    "republish": """
  republish {
    role_arn = "%(role)s"
    topic    = "out/$${topic(2)}"
    qos      = 1
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
