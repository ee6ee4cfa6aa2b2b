"""IoT policies and their versions, with the texts that AWS answers (reference: policies, message texts)."""

import json

import pytest
from fleet.api import refused
from fleet.device import allow_all_policy, allowing as document, arn


def test_create_and_get(iot, endpoints, name):
    text = json.dumps(allow_all_policy(), indent=3)
    created = iot.create_policy(policyName=name, policyDocument=text)
    assert created["policyArn"] == arn(endpoints, f"policy/{name}")
    assert (created["policyName"], created["policyVersionId"], created["policyDocument"]) == (name, "1", text)
    got = iot.get_policy(policyName=name)
    assert (got["policyName"], got["policyArn"], got["defaultVersionId"]) == (name, created["policyArn"], "1")
    # Terraform compares: what comes back is the text that went in.
    assert got["policyDocument"] == text


def test_a_name_twice(iot, name):
    iot.create_policy(policyName=name, policyDocument=document())
    refusal = refused(iot.create_policy, "ResourceAlreadyExistsException", 409, policyName=name, policyDocument=document())
    assert refusal.message == f"Policy cannot be created - name already exists (name={name})"


def test_unknown_policy(iot):
    assert refused(iot.get_policy, "ResourceNotFoundException", 404, policyName="none").message == "Policy not found"
    for call in (iot.list_policy_versions, iot.delete_policy):
        refused(call, "ResourceNotFoundException", 404, policyName="none")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '"document"',
        "[]",
        "not JSON",
        '{"Version":"2012-10-17"}',
        '{"Version":"2001-01-01","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps","Action":"iot:*","Resource":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":7,"Resource":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot: *","Resource":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*","Principal":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*","Condition":{"NoSuch":{"a":"b"}}}]}',
        "[" * 5000,
    ],
)
def test_malformed_documents(text, iot, name):
    refused(iot.create_policy, "MalformedPolicyException", 400, policyName=name, policyDocument=text)
    refused(iot.get_policy, "ResourceNotFoundException", 404, policyName=name)


def test_size_counts_without_white_space(iot, name):
    def sized(characters):
        frame = json.dumps(json.loads(document(action="iot:")), separators=(",", ":"))
        return document(action="iot:" + "a" * (characters - len(frame)))

    spaced = json.dumps(json.loads(sized(2048)), indent=16)
    assert len(spaced) > 2048
    iot.create_policy(policyName=name, policyDocument=spaced)
    refused(iot.create_policy, "MalformedPolicyException", 400, policyName=f"{name}-large", policyDocument=sized(2049))


def test_versions(iot, name):
    iot.create_policy(policyName=name, policyDocument=document())
    second = iot.create_policy_version(policyName=name, policyDocument=document("iot:Publish"))
    assert (second["policyVersionId"], second["isDefaultVersion"]) == ("2", False)
    third = iot.create_policy_version(policyName=name, policyDocument=document("iot:Receive"), setAsDefault=True)
    assert (third["policyVersionId"], third["isDefaultVersion"]) == ("3", True)
    assert iot.get_policy(policyName=name)["defaultVersionId"] == "3"
    got = iot.get_policy_version(policyName=name, policyVersionId="2")
    assert (got["policyDocument"], got["isDefaultVersion"]) == (document("iot:Publish"), False)

    iot.set_default_policy_version(policyName=name, policyVersionId="2")
    versions = iot.list_policy_versions(policyName=name)["policyVersions"]
    assert {v["versionId"]: v["isDefaultVersion"] for v in versions} == {"1": False, "2": True, "3": False}
    assert iot.get_policy(policyName=name)["policyDocument"] == document("iot:Publish")

    refusal = refused(iot.delete_policy_version, "DeleteConflictException", 409, policyName=name, policyVersionId="2")
    assert refusal.message.startswith("Cannot delete the default version of a policy")
    iot.delete_policy_version(policyName=name, policyVersionId="3")
    refused(iot.get_policy_version, "ResourceNotFoundException", 404, policyName=name, policyVersionId="3")
    # Numbers are never used again.
    assert iot.create_policy_version(policyName=name, policyDocument=document())["policyVersionId"] == "4"


def test_five_versions_at_most(iot, name):
    iot.create_policy(policyName=name, policyDocument=document())
    for _ in range(4):
        iot.create_policy_version(policyName=name, policyDocument=document())
    refusal = refused(iot.create_policy_version, "VersionsLimitExceededException", 409, policyName=name, policyDocument=document())
    assert refusal.message == f"The policy {name} already has the maximum number of versions (5)"


def test_a_malformed_version_leaves_the_default(iot, name):
    iot.create_policy(policyName=name, policyDocument=document())
    refused(iot.create_policy_version, "MalformedPolicyException", 400, policyName=name, policyDocument="{", setAsDefault=True)
    assert iot.get_policy(policyName=name)["defaultVersionId"] == "1"


def test_unknown_versions(iot, name):
    iot.create_policy(policyName=name, policyDocument=document())
    for call in (iot.get_policy_version, iot.set_default_policy_version, iot.delete_policy_version):
        refused(call, "ResourceNotFoundException", 404, policyName=name, policyVersionId="9")


def test_delete(iot, name):
    iot.create_policy(policyName=name, policyDocument=document())
    iot.create_policy_version(policyName=name, policyDocument=document())
    refusal = refused(iot.delete_policy, "DeleteConflictException", 409, policyName=name)
    assert refusal.message == f"Cannot delete the policy because it has one or more policy versions attached to it (name={name})"
    iot.delete_policy_version(policyName=name, policyVersionId="2")
    certificate = iot.create_keys_and_certificate()["certificateArn"]
    iot.attach_policy(policyName=name, target=certificate)
    refusal = refused(iot.delete_policy, "DeleteConflictException", 409, policyName=name)
    assert refusal.message == f"The policy cannot be deleted as the policy is attached to one or more principals (name={name})"
    iot.detach_policy(policyName=name, target=certificate)
    iot.delete_policy(policyName=name)
    refused(iot.get_policy, "ResourceNotFoundException", 404, policyName=name)


def test_list_in_pages(iot):
    for number in range(5):
        iot.create_policy(policyName=f"listed-{number}", policyDocument=document())
    pages = list(iot.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 2}))
    assert all(len(page["policies"]) <= 2 for page in pages)
    listed = [policy["policyName"] for page in pages for policy in page["policies"]]
    assert len(listed) == len(set(listed))
    assert {f"listed-{number}" for number in range(5)} <= set(listed)
    assert set(pages[0]["policies"][0]) == {"policyName", "policyArn"}
