"""Which policy is on which certificate, which certificate on which thing (reference: attachment, thing principals)."""

import pytest
from fleet.api import needs_operation, refused
from fleet.device import allowing as document


@pytest.fixture
def certificate(iot):
    return iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]


@pytest.fixture
def policy(iot, name):
    iot.create_policy(policyName=name, policyDocument=document())
    return name


@pytest.fixture
def thing(iot, name):
    iot.create_thing(thingName=name)
    return name


def test_policy_attachment_from_both_sides(iot, policy, certificate):
    iot.attach_policy(policyName=policy, target=certificate)
    iot.attach_policy(policyName=policy, target=certificate)
    attached = iot.list_attached_policies(target=certificate)["policies"]
    assert [(p["policyName"], set(p)) for p in attached] == [(policy, {"policyName", "policyArn"})]
    assert iot.list_targets_for_policy(policyName=policy)["targets"] == [certificate]
    iot.detach_policy(policyName=policy, target=certificate)
    assert iot.list_attached_policies(target=certificate)["policies"] == []
    assert iot.list_targets_for_policy(policyName=policy)["targets"] == []


def test_detaching_what_is_not_attached(iot, policy, certificate):
    refused(iot.detach_policy, "ResourceNotFoundException", 404, policyName=policy, target=certificate)


def test_attaching_to_or_of_what_is_not_there(iot, endpoints, policy, certificate):
    nobody = certificate[: -64] + "0" * 64
    refused(iot.attach_policy, "ResourceNotFoundException", 404, policyName=policy, target=nobody)
    refused(iot.attach_policy, "ResourceNotFoundException", 404, policyName="no-such-policy", target=certificate)
    refused(iot.attach_policy, "InvalidRequestException", 400, policyName=policy, target="not an ARN")
    refused(iot.list_targets_for_policy, "ResourceNotFoundException", 404, policyName="no-such-policy")


def test_ten_policies_on_a_certificate_at_most(iot, name, certificate):
    for number in range(11):
        iot.create_policy(policyName=f"{name}-{number}", policyDocument=document())
    for number in range(10):
        iot.attach_policy(policyName=f"{name}-{number}", target=certificate)
    refused(iot.attach_policy, "LimitExceededException", 410, policyName=f"{name}-10", target=certificate)


def test_policies_of_a_target_in_pages(iot, name, certificate):
    for number in range(5):
        iot.create_policy(policyName=f"{name}-{number}", policyDocument=document())
        iot.attach_policy(policyName=f"{name}-{number}", target=certificate)
    pages = list(iot.get_paginator("list_attached_policies").paginate(target=certificate, PaginationConfig={"PageSize": 2}))
    assert [len(page["policies"]) for page in pages] == [2, 2, 1]
    assert {p["policyName"] for page in pages for p in page["policies"]} == {f"{name}-{n}" for n in range(5)}


def test_thing_principals_from_both_sides(iot, thing, certificate):
    iot.attach_thing_principal(thingName=thing, principal=certificate)
    iot.attach_thing_principal(thingName=thing, principal=certificate)
    assert iot.list_thing_principals(thingName=thing)["principals"] == [certificate]
    assert iot.list_principal_things(principal=certificate)["things"] == [thing]
    iot.detach_thing_principal(thingName=thing, principal=certificate)
    assert iot.list_thing_principals(thingName=thing)["principals"] == []
    assert iot.list_principal_things(principal=certificate)["things"] == []


def test_one_certificate_on_many_things(iot, name, certificate):
    names = [f"{name}-{number}" for number in range(5)]
    for each in names:
        iot.create_thing(thingName=each)
        iot.attach_thing_principal(thingName=each, principal=certificate)
    pages = list(iot.get_paginator("list_principal_things").paginate(principal=certificate, PaginationConfig={"PageSize": 2}))
    assert [len(page["things"]) for page in pages] == [2, 2, 1]
    assert sorted(thing for page in pages for thing in page["things"]) == names


def test_exclusive_things(iot, name, thing, certificate):
    iot.create_thing(thingName=f"{name}-other")
    iot.attach_thing_principal(thingName=thing, principal=certificate, thingPrincipalType="EXCLUSIVE_THING")
    refused(iot.attach_thing_principal, "InvalidRequestException", 400, thingName=f"{name}-other", principal=certificate)


def test_exclusive_where_it_is_attached_elsewhere(iot, name, thing, certificate):
    iot.create_thing(thingName=f"{name}-other")
    iot.attach_thing_principal(thingName=f"{name}-other", principal=certificate)
    refused(
        iot.attach_thing_principal, "InvalidRequestException", 400,
        thingName=thing, principal=certificate, thingPrincipalType="EXCLUSIVE_THING",
    )  # fmt: skip


def test_principals_that_are_not_there(iot, thing, certificate):
    nobody = certificate[: -64] + "0" * 64
    refused(iot.attach_thing_principal, "ResourceNotFoundException", 404, thingName=thing, principal=nobody)
    refused(iot.attach_thing_principal, "ResourceNotFoundException", 404, thingName="no-such-thing", principal=certificate)
    refusal = refused(iot.list_thing_principals, "ResourceNotFoundException", 404, thingName="no-such-thing")
    assert refusal.message == "Failed to list principals for thing no-such-thing because the thing does not exist in your account"


def test_principals_with_their_kind(iot, name, thing, certificate):
    needs_operation(iot, "list_thing_principals_v2")
    other = iot.create_keys_and_certificate()["certificateArn"]
    iot.attach_thing_principal(thingName=thing, principal=certificate, thingPrincipalType="EXCLUSIVE_THING")
    iot.attach_thing_principal(thingName=thing, principal=other)
    found = iot.list_thing_principals_v2(thingName=thing)["thingPrincipalObjects"]
    assert {each["principal"]: each["thingPrincipalType"] for each in found} == {
        certificate: "EXCLUSIVE_THING", other: "NON_EXCLUSIVE_THING",
    }  # fmt: skip
    only = iot.list_thing_principals_v2(thingName=thing, thingPrincipalType="EXCLUSIVE_THING")["thingPrincipalObjects"]
    assert [each["principal"] for each in only] == [certificate]
    assert iot.list_principal_things_v2(principal=certificate)["principalThingObjects"] == [
        {"thingName": thing, "thingPrincipalType": "EXCLUSIVE_THING"}
    ]


def test_the_older_operations_see_the_same_attachments(iot, policy, certificate):
    iot.attach_principal_policy(policyName=policy, principal=certificate)
    assert [p["policyName"] for p in iot.list_attached_policies(target=certificate)["policies"]] == [policy]
    assert [p["policyName"] for p in iot.list_principal_policies(principal=certificate)["policies"]] == [policy]
    assert iot.list_policy_principals(policyName=policy)["principals"] == [certificate]
    iot.detach_principal_policy(policyName=policy, principal=certificate)
    assert iot.list_targets_for_policy(policyName=policy)["targets"] == []


def test_tags(iot, name):
    made = iot.create_policy(policyName=name, policyDocument=document(), tags=[{"Key": "team", "Value": "north"}])
    arn = made["policyArn"]
    iot.tag_resource(resourceArn=arn, tags=[{"Key": "team", "Value": "south"}, {"Key": "stage", "Value": "test"}])
    tags = {tag["Key"]: tag["Value"] for tag in iot.list_tags_for_resource(resourceArn=arn)["tags"]}
    assert tags == {"team": "south", "stage": "test"}
    iot.untag_resource(resourceArn=arn, tagKeys=["stage", "unknown"])
    assert iot.list_tags_for_resource(resourceArn=arn)["tags"] == [{"Key": "team", "Value": "south"}]
    refused(iot.list_tags_for_resource, "ResourceNotFoundException", 404, resourceArn=arn + "-none")
