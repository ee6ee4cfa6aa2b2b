"""Role aliases and the roles behind them (AWS IoT Core Developer Guide, authorizing direct calls to AWS services)."""

import json

import pytest
from botocore.config import Config
from fleet import api
from fleet.api import refused
from fleet.device import arn

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "credentials.iot.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


@pytest.fixture(scope="module")
def iam(endpoints):
    return api.client(endpoints, "iam")


def role_arn(endpoints, name):
    return f"arn:aws:iam::{endpoints['account']}:role/{name}"


def test_an_alias_from_its_creation_to_its_end(iot, endpoints, name):
    created = iot.create_role_alias(roleAlias=name, roleArn=role_arn(endpoints, "r"), tags=[{"Key": "a", "Value": "b"}])
    assert created["roleAliasArn"] == arn(endpoints, f"rolealias/{name}")
    refused(iot.create_role_alias, "ResourceAlreadyExistsException", 409, roleAlias=name, roleArn=role_arn(endpoints, "r"))
    described = iot.describe_role_alias(roleAlias=name)["roleAliasDescription"]
    assert (described["roleArn"], described["credentialDurationSeconds"]) == (role_arn(endpoints, "r"), 3600)
    assert described["owner"] == endpoints["account"]
    iot.update_role_alias(roleAlias=name, credentialDurationSeconds=900)
    described = iot.describe_role_alias(roleAlias=name)["roleAliasDescription"]
    assert (described["roleArn"], described["credentialDurationSeconds"]) == (role_arn(endpoints, "r"), 900)
    assert iot.list_tags_for_resource(resourceArn=created["roleAliasArn"])["tags"] == [{"Key": "a", "Value": "b"}]
    iot.delete_role_alias(roleAlias=name)
    for call in (iot.describe_role_alias, iot.delete_role_alias, iot.update_role_alias):
        refused(call, "ResourceNotFoundException", 404, roleAlias=name)


def test_what_an_alias_cannot_be(iot, endpoints, name):
    good = role_arn(endpoints, "r")
    for wrong in ("arn:aws:iam::000000000000:user/x", "not an ARN but long enough", "arn:aws:s3:::role/xxxxxxxxxxx"):
        refused(iot.create_role_alias, "InvalidRequestException", 400, roleAlias=name, roleArn=wrong)
    # What boto3 would not send.
    unchecked = api.session(endpoints).client(
        "iot", endpoint_url=endpoints["api"], verify=endpoints["caFile"], config=Config(parameter_validation=False)
    )
    for seconds in (899, 43201):
        refused(
            unchecked.create_role_alias, "InvalidRequestException", 400, roleAlias=name, roleArn=good, credentialDurationSeconds=seconds
        )  # fmt: skip
    refused(unchecked.create_role_alias, "InvalidRequestException", 400, roleAlias="a b", roleArn=good)


def test_a_hundred_aliases_in_pages(start_server):
    endpoints = vars(start_server("aws").endpoints)
    iot = api.client(endpoints, "iot")
    names = [f"alias-{number:03}" for number in range(100)]
    for each in names:
        iot.create_role_alias(roleAlias=each, roleArn=role_arn(endpoints, "r"))
    refused(iot.create_role_alias, "LimitExceededException", 410, roleAlias="more", roleArn=role_arn(endpoints, "r"))
    pages = list(iot.get_paginator("list_role_aliases").paginate(PaginationConfig={"PageSize": 30}))
    assert [len(page["roleAliases"]) for page in pages] == [30, 30, 30, 10]
    assert [alias for page in pages for alias in page["roleAliases"]] == names
    assert iot.list_role_aliases(ascendingOrder=False, pageSize=2)["roleAliases"] == names[:-3:-1]


def test_a_role_from_its_creation_to_its_end(iam, endpoints, name):
    created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Description="Of lamps", Tags=[{"Key": "a", "Value": "b"}])["Role"]
    assert created["Arn"] == role_arn(endpoints, name)
    assert created["AssumeRolePolicyDocument"] == json.loads(TRUST)
    refused(iam.create_role, "EntityAlreadyExists", 409, RoleName=name, AssumeRolePolicyDocument=TRUST)
    refused(iam.create_role, "MalformedPolicyDocument", 400, RoleName=f"{name}-x", AssumeRolePolicyDocument="{}")
    role = iam.get_role(RoleName=name)["Role"]
    assert (role["Description"], role["Tags"], role["MaxSessionDuration"]) == ("Of lamps", [{"Key": "a", "Value": "b"}], 3600)
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:Publish", "Resource": "*"}]})
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["own"]
    assert iam.get_role_policy(RoleName=name, PolicyName="own")["PolicyDocument"] == json.loads(document)
    refused(iam.put_role_policy, "MalformedPolicyDocument", 400, RoleName=name, PolicyName="x", PolicyDocument="{}")
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached == [{"PolicyName": name, "PolicyArn": policy}]
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 1
    assert iam.get_policy_version(PolicyArn=policy, VersionId="v1")["PolicyVersion"]["Document"] == json.loads(document)
    refused(iam.delete_policy, "DeleteConflict", 409, PolicyArn=policy)
    refused(iam.delete_role, "DeleteConflict", 409, RoleName=name)
    iam.detach_role_policy(RoleName=name, PolicyArn=policy)
    refused(iam.detach_role_policy, "NoSuchEntity", 404, RoleName=name, PolicyArn=policy)
    refused(iam.delete_role, "DeleteConflict", 409, RoleName=name)
    iam.delete_role_policy(RoleName=name, PolicyName="own")
    iam.delete_policy(PolicyArn=policy)
    iam.delete_role(RoleName=name)
    refused(iam.get_role, "NoSuchEntity", 404, RoleName=name)
    refused(iam.create_user, "UnknownOperationException", UserName="ann")
