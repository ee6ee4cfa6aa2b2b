"""TestAuthorization and GetEffectivePolicies: the same evaluation that connections go through (reference: evaluation)."""

import json

import pytest
from fleet.api import refused
from fleet.device import arn, own_topics_policy


def policy(iot, name, *statements):
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iot.create_policy(policyName=name, policyDocument=document)
    return name


def statement(effect, action, *resources, **more):
    return {"Effect": effect, "Action": action, "Resource": list(resources), **more}


def decide(iot, action, *resources, **arguments):
    results = iot.test_authorization(authInfos=[{"actionType": action, "resources": list(resources)}], **arguments)["authResults"]
    assert len(results) == 1
    return results[0]


@pytest.fixture
def certificate(iot):
    return iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]


def test_three_decisions_and_who_decided(iot, endpoints, name, certificate):
    topics = arn(endpoints, "topic/a/*")
    allow = policy(iot, f"{name}-allow", statement("Allow", "iot:Publish", topics))
    deny = policy(iot, f"{name}-deny", statement("Deny", "iot:Publish", arn(endpoints, "topic/a/secret")))
    for each in (allow, deny):
        iot.attach_policy(policyName=each, target=certificate)

    allowed = decide(iot, "PUBLISH", arn(endpoints, "topic/a/b"), principal=certificate)
    assert allowed["authDecision"] == "ALLOWED"
    assert [p["policyName"] for p in allowed["allowed"]["policies"]] == [allow]
    assert allowed["authInfo"] == {"actionType": "PUBLISH", "resources": [arn(endpoints, "topic/a/b")]}

    explicit = decide(iot, "PUBLISH", arn(endpoints, "topic/a/secret"), principal=certificate)
    assert explicit["authDecision"] == "EXPLICIT_DENY"
    assert [p["policyName"] for p in explicit["denied"]["explicitDeny"]["policies"]] == [deny]

    implicit = decide(iot, "PUBLISH", arn(endpoints, "topic/b"), principal=certificate)
    assert implicit["authDecision"] == "IMPLICIT_DENY"
    assert decide(iot, "SUBSCRIBE", arn(endpoints, "topicfilter/a/b"), principal=certificate)["authDecision"] == "IMPLICIT_DENY"


def test_several_questions_at_once(iot, endpoints, name, certificate):
    iot.attach_policy(policyName=policy(iot, name, statement("Allow", "iot:Connect", "*")), target=certificate)
    infos = [
        {"actionType": "CONNECT", "resources": [arn(endpoints, "client/x")]},
        {"actionType": "RECEIVE", "resources": [arn(endpoints, "topic/x")]},
    ]
    results = iot.test_authorization(principal=certificate, authInfos=infos)["authResults"]
    assert [result["authDecision"] for result in results] == ["ALLOWED", "IMPLICIT_DENY"]


def test_thing_variables_follow_the_client_id(iot, endpoints, name, certificate):
    iot.create_thing(thingName=name)
    iot.attach_thing_principal(thingName=name, principal=certificate)
    iot.create_policy(policyName=name, policyDocument=json.dumps(own_topics_policy(endpoints)))
    iot.attach_policy(policyName=name, target=certificate)
    question = {"principal": certificate, "clientId": name}
    assert decide(iot, "CONNECT", arn(endpoints, f"client/{name}"), **question)["authDecision"] == "ALLOWED"
    assert decide(iot, "PUBLISH", arn(endpoints, f"topic/fleet/{name}/t"), **question)["authDecision"] == "ALLOWED"
    assert decide(iot, "PUBLISH", arn(endpoints, "topic/fleet/other/t"), **question)["authDecision"] == "IMPLICIT_DENY"
    without = decide(iot, "CONNECT", arn(endpoints, f"client/{name}"), principal=certificate)
    assert without["authDecision"] == "IMPLICIT_DENY"
    assert any("Thing.ThingName" in value for value in without["missingContextValues"])


def test_policies_to_add_and_to_skip(iot, endpoints, name, certificate):
    allow = policy(iot, f"{name}-allow", statement("Allow", "iot:Connect", "*"))
    deny = policy(iot, f"{name}-deny", statement("Deny", "iot:Connect", "*"))
    client = arn(endpoints, "client/x")
    assert decide(iot, "CONNECT", client, principal=certificate)["authDecision"] == "IMPLICIT_DENY"
    assert decide(iot, "CONNECT", client, principal=certificate, policyNamesToAdd=[allow])["authDecision"] == "ALLOWED"
    iot.attach_policy(policyName=deny, target=certificate)
    assert decide(iot, "CONNECT", client, principal=certificate, policyNamesToAdd=[allow])["authDecision"] == "EXPLICIT_DENY"
    skipped = decide(iot, "CONNECT", client, principal=certificate, policyNamesToAdd=[allow], policyNamesToSkip=[deny])
    assert skipped["authDecision"] == "ALLOWED"
    refused(
        iot.test_authorization, "ResourceNotFoundException", 404,
        principal=certificate, policyNamesToAdd=["no-such-policy"], authInfos=[{"actionType": "CONNECT", "resources": [client]}],
    )  # fmt: skip


@pytest.mark.parametrize(
    "resource, topic, decision",
    [
        ("topic/a/*", "a/b/c", "ALLOWED"),
        ("topic/a/?", "a/b", "ALLOWED"),
        ("topic/a/?", "a/bc", "IMPLICIT_DENY"),
        ("topic/a/+", "a/b", "IMPLICIT_DENY"),
        ("topic/a/#", "a/b", "IMPLICIT_DENY"),
        ("topic/*/end", "a/b/end", "ALLOWED"),
        ("topic/A", "a", "IMPLICIT_DENY"),
        ("topic/${*}", "anything", "IMPLICIT_DENY"),
        ("topic/${*}", "*", "ALLOWED"),
    ],
)
def test_wildcards(resource, topic, decision, iot, endpoints, name, certificate):
    iot.attach_policy(policyName=policy(iot, name, statement("Allow", "iot:Publish", arn(endpoints, resource))), target=certificate)
    assert decide(iot, "PUBLISH", arn(endpoints, f"topic/{topic}"), principal=certificate)["authDecision"] == decision


def test_conditions(iot, endpoints, name, certificate):
    condition = {"ForAnyValue:StringEquals": {"iot:ConnectAttributes": ["PersistentConnect"]}}
    iot.attach_policy(
        policyName=policy(iot, name, statement("Allow", "iot:Connect", "*", Condition=condition)), target=certificate
    )
    assert decide(iot, "CONNECT", arn(endpoints, "client/x"), principal=certificate)["authDecision"] == "IMPLICIT_DENY"


def test_unknown_principal(iot, endpoints, certificate):
    infos = [{"actionType": "CONNECT", "resources": [arn(endpoints, "client/x")]}]
    refused(
        iot.test_authorization, "ResourceNotFoundException", 404, principal=certificate[:-64] + "0" * 64, authInfos=infos
    )


def test_effective_policies(iot, endpoints, name, certificate):
    iot.create_thing(thingName=name)
    iot.attach_thing_principal(thingName=name, principal=certificate)
    made = policy(iot, name, statement("Allow", "iot:Connect", "*"))
    iot.attach_policy(policyName=made, target=certificate)
    for question in ({"principal": certificate}, {"principal": certificate, "thingName": name}):
        effective = iot.get_effective_policies(**question)["effectivePolicies"]
        assert [p["policyName"] for p in effective] == [made]
        assert effective[0]["policyArn"] == arn(endpoints, f"policy/{name}")
        assert json.loads(effective[0]["policyDocument"])["Statement"][0]["Action"] == "iot:Connect"
