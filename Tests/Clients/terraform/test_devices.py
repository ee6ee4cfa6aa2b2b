"""What a fleet's Terraform describes of its devices: applied, planned clean, changed, destroyed."""

import json

import pytest
from fleet import api

DEVICES = """
resource "aws_iot_policy" "devices" {
  name   = "tf-devices"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = %(actions)s, Resource = "*" }]
  })
  tags = { fleet = "north" }
}

resource "aws_iot_thing" "lamp" {
  name       = "tf-lamp"
  attributes = { place = "%(place)s" }
}

resource "aws_iot_certificate" "lamp" {
  active = true
}

resource "aws_iot_policy_attachment" "lamp" {
  policy = aws_iot_policy.devices.name
  target = aws_iot_certificate.lamp.arn
}

resource "aws_iot_thing_principal_attachment" "lamp" {
  principal = aws_iot_certificate.lamp.arn
  thing     = aws_iot_thing.lamp.name
}

data "aws_iot_endpoint" "data" {
  endpoint_type = "iot:Data-ATS"
}
"""


@pytest.mark.timeout(900)
def test_devices_are_applied_changed_and_destroyed(terraform, iot):
    terraform.apply(DEVICES % {"actions": '["iot:Connect"]', "place": "cellar"})
    thing = iot.describe_thing(thingName="tf-lamp")
    assert thing["attributes"] == {"place": "cellar"}
    principal = iot.list_thing_principals(thingName="tf-lamp")["principals"][0]
    assert [policy["policyName"] for policy in iot.list_attached_policies(target=principal)["policies"]] == ["tf-devices"]

    terraform.apply(DEVICES % {"actions": '["iot:Connect", "iot:Publish"]', "place": "attic"})
    assert iot.describe_thing(thingName="tf-lamp")["attributes"] == {"place": "attic"}
    document = json.loads(iot.get_policy(policyName="tf-devices")["policyDocument"])
    assert document["Statement"][0]["Action"] == ["iot:Connect", "iot:Publish"]

    terraform.destroy()
    api.refused(iot.describe_thing, "ResourceNotFoundException", 404, thingName="tf-lamp")
    assert iot.list_certificates()["certificates"] == []
