"""A whole fleet as Terraform describes it: types, groups, members, principals, authorities, what is indexed, announced and logged."""

import pytest
from fleet import api, certificates

FLEET = """
resource "aws_iot_thing_type" "lamp" {
  name = "tf-lamp"
  properties {
    description           = "Lamps"
    searchable_attributes = ["room"]
  }
  deprecated = %(deprecated)s
  tags       = { owner = "facilities" }
}

resource "aws_iot_thing" "lamp" {
  count           = %(lamps)d
  name            = "tf-fleet-lamp-${count.index}"
  thing_type_name = aws_iot_thing_type.lamp.name
  attributes      = { room = "%(room)s" }
}

resource "aws_iot_thing_group" "house" {
  name = "tf-house"
  properties {
    description = "%(description)s"
    attribute_payload { attributes = { street = "Elm" } }
  }
  tags = { owner = "%(owner)s" }
}

resource "aws_iot_thing_group" "hall" {
  name              = "tf-hall"
  parent_group_name = aws_iot_thing_group.house.name
}

resource "aws_iot_thing_group_membership" "lamp" {
  count            = %(lamps)d
  thing_name       = aws_iot_thing.lamp[count.index].name
  thing_group_name = aws_iot_thing_group.hall.name
}

resource "aws_iot_billing_group" "north" {
  name = "tf-north"
  properties { description = "%(description)s" }
  tags = { owner = "%(owner)s" }
}

resource "aws_iot_certificate" "own" {
  active = true
}

resource "aws_iot_certificate" "requested" {
  csr    = file("device.csr")
  active = %(active)s
}

resource "aws_iot_ca_certificate" "fleet" {
  active                       = %(active)s
  allow_auto_registration      = false
  certificate_mode             = "DEFAULT"
  ca_certificate_pem           = file("ca.pem")
  verification_certificate_pem = file("proof.pem")
  tags                         = { owner = "%(owner)s" }
}

resource "aws_iot_ca_certificate" "other" {
  active                  = true
  allow_auto_registration = false
  certificate_mode        = "SNI_ONLY"
  ca_certificate_pem      = file("other.pem")
}

resource "aws_iot_policy" "lamps" {
  name   = "tf-lamps"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["iot:Connect", "iot:AssumeRoleWithCertificate"], Resource = "*" }]
  })
}

resource "aws_iot_policy_attachment" "house" {
  policy = aws_iot_policy.lamps.name
  target = aws_iot_thing_group.house.arn
}

resource "aws_iot_thing_principal_attachment" "lamp" {
  principal = aws_iot_certificate.own.arn
  thing     = aws_iot_thing.lamp[0].name
}

resource "aws_iam_role" "lamps" {
  name               = "tf-lamps"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "credentials.iot.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "lamps" {
  name   = "own"
  role   = aws_iam_role.lamps.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iot:Publish", Resource = "*" }] })
}

resource "aws_iot_role_alias" "lamps" {
  alias               = "tf-lamps"
  role_arn            = aws_iam_role.lamps.arn
  credential_duration = %(seconds)d
  tags                = { owner = "%(owner)s" }
}

resource "aws_iot_event_configurations" "all" {
  event_configurations = {
    THING                  = %(active)s
    THING_GROUP            = false
    THING_TYPE             = false
    THING_GROUP_MEMBERSHIP = true
    THING_GROUP_HIERARCHY  = false
    THING_TYPE_ASSOCIATION = false
    JOB                    = false
    JOB_EXECUTION          = false
    POLICY                 = false
    CERTIFICATE            = false
    CA_CERTIFICATE         = false
  }
}

resource "aws_iot_indexing_configuration" "all" {
  thing_group_indexing_configuration {
    thing_group_indexing_mode = "ON"
  }
  thing_indexing_configuration {
    thing_indexing_mode              = "REGISTRY_AND_SHADOW"
    thing_connectivity_indexing_mode = "STATUS"
    named_shadow_indexing_mode       = "ON"
    filter { named_shadow_names = ["thermostat"] }
    custom_field {
      name = "attributes.room"
      type = "String"
    }
    custom_field {
      name = "shadow.reported.%(field)s"
      type = "Number"
    }
  }
}

resource "aws_iot_logging_options" "all" {
  default_log_level = "%(level)s"
  role_arn          = aws_iam_role.lamps.arn
}

resource "aws_iot_topic_rule" "copy" {
  name        = "tf_fleet_copy"
  enabled     = true
  sql         = "SELECT * FROM 'tf/fleet/+'"
  sql_version = "2016-03-23"
  republish {
    role_arn = aws_iam_role.lamps.arn
    topic    = "tf/copies"
  }
}

data "aws_iot_endpoint" "data" {
  endpoint_type = "iot:Data-ATS"
}

data "aws_iot_endpoint" "credentials" {
  endpoint_type = "iot:CredentialProvider"
}

data "aws_iot_registration_code" "code" {}

output "code" {
  value = data.aws_iot_registration_code.code.registration_code
}
"""

FIRST = {
    "deprecated": "false", "lamps": 2, "room": "hall", "description": "The first", "owner": "a", "active": "true", "seconds": 3600,
    "field": "brightness", "level": "WARN",
}  # fmt: skip
SECOND = {
    "deprecated": "false", "lamps": 1, "room": "attic", "description": "The second", "owner": "b", "active": "false", "seconds": 900,
    "field": "power", "level": "INFO",
}  # fmt: skip


@pytest.fixture
def server(start_server):
    """Its singletons are set by nobody else."""
    return start_server("aws")


@pytest.fixture
def endpoints(server):
    return vars(server.endpoints)


@pytest.fixture
def iot(endpoints):
    return api.client(endpoints, "iot")


def members(iot, group):
    return iot.list_things_in_thing_group(thingGroupName=group)["things"]


@pytest.mark.timeout(900)
def test_a_fleet_is_applied_changed_and_destroyed(terraform, iot):
    authority = certificates.Authority("tf-fleet")
    (terraform.folder / "ca.pem").write_text(authority.pem)
    (terraform.folder / "proof.pem").write_text(authority.issue(iot.get_registration_code()["registrationCode"])[0])
    (terraform.folder / "other.pem").write_text(certificates.Authority("tf-fleet").pem)
    (terraform.folder / "device.csr").write_text(certificates.certificate_request(certificates.new_key(), "tf-device"))

    terraform.apply(FLEET % FIRST)
    thing = iot.describe_thing(thingName="tf-fleet-lamp-0")
    assert (thing["thingTypeName"], thing["attributes"]) == ("tf-lamp", {"room": "hall"})
    assert sorted(members(iot, "tf-hall")) == ["tf-fleet-lamp-0", "tf-fleet-lamp-1"]
    assert iot.list_thing_groups(parentGroup="tf-house")["thingGroups"][0]["groupName"] == "tf-hall"
    assert len(iot.list_thing_principals(thingName="tf-fleet-lamp-0")["principals"]) == 1
    assert iot.describe_role_alias(roleAlias="tf-lamps")["roleAliasDescription"]["credentialDurationSeconds"] == 3600
    assert iot.get_v2_logging_options()["defaultLogLevel"] == "WARN"
    found = iot.search_index(queryString="attributes.room:hall")["things"]
    assert {thing["thingName"] for thing in found} == {"tf-fleet-lamp-0", "tf-fleet-lamp-1"}
    assert len(iot.list_ca_certificates()["certificates"]) == 2
    group_arn = iot.describe_thing_group(thingGroupName="tf-house")["thingGroupArn"]
    assert iot.list_targets_for_policy(policyName="tf-lamps")["targets"] == [group_arn]

    terraform.apply(FLEET % SECOND)
    assert iot.describe_thing(thingName="tf-fleet-lamp-0")["attributes"] == {"room": "attic"}
    assert members(iot, "tf-hall") == ["tf-fleet-lamp-0"]
    house = iot.describe_thing_group(thingGroupName="tf-house")
    assert house["thingGroupProperties"]["thingGroupDescription"] == "The second"
    assert iot.list_tags_for_resource(resourceArn=group_arn)["tags"] == [{"Key": "owner", "Value": "b"}]
    assert iot.describe_event_configurations()["eventConfigurations"]["THING"] == {"Enabled": False}
    assert iot.get_v2_logging_options()["defaultLogLevel"] == "INFO"
    fields = iot.get_indexing_configuration()["thingIndexingConfiguration"]["customFields"]
    assert {field["name"] for field in fields} == {"attributes.room", "shadow.reported.power"}

    # A deprecated type is for no new thing, but those that have it stay.
    terraform.apply(FLEET % {**SECOND, "deprecated": "true"})
    assert iot.describe_thing_type(thingTypeName="tf-lamp")["thingTypeMetadata"]["deprecated"] is True

    terraform.destroy()
    for listing, key in [
        (iot.list_things, "things"), (iot.list_thing_types, "thingTypes"), (iot.list_thing_groups, "thingGroups"),
        (iot.list_billing_groups, "billingGroups"), (iot.list_certificates, "certificates"),
        (iot.list_ca_certificates, "certificates"), (iot.list_policies, "policies"), (iot.list_role_aliases, "roleAliases"),
        (iot.list_topic_rules, "rules"),
    ]:  # fmt: skip
        assert listing()[key] == [], key


@pytest.mark.timeout(900)
def test_what_was_made_by_hand_is_imported(terraform, iot):
    iot.create_thing_type(thingTypeName="by-hand", thingTypeProperties={"thingTypeDescription": "By hand"})
    iot.create_thing_group(thingGroupName="by-hand", thingGroupProperties={"thingGroupDescription": "By hand"})
    configuration = """
import {
  to = aws_iot_thing_type.one
  id = "by-hand"
}

import {
  to = aws_iot_thing_group.one
  id = "by-hand"
}

resource "aws_iot_thing_type" "one" {
  name = "by-hand"
  properties { description = "By hand" }
}

resource "aws_iot_thing_group" "one" {
  name = "by-hand"
  properties { description = "By hand" }
}
"""
    terraform.apply(configuration)
    described = iot.describe_thing_group(thingGroupName="by-hand")
    assert (described["version"], described["thingGroupProperties"]) == (1, {"thingGroupDescription": "By hand"})
