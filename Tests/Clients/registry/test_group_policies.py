"""What is attached to a group, or to a group above it, counts for its things' connections, at once (AWS IoT Developer Guide, policies)."""

import json

import pytest
from fleet.api import refused
from fleet.device import allowing, arn
from fleet.paho_client import PahoClient

CONNECT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["iot:Connect", "iot:Receive"], "Resource": "*"}]}


def policy_for(endpoints, topic, effect="Allow"):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": effect, "Action": "iot:Subscribe", "Resource": arn(endpoints, f"topicfilter/{topic}")}],
        }
    )


@pytest.fixture
def groups(iot, endpoints, name):
    """A parent and a child group, and their ARNs."""
    parent, child = f"{name}-parent", f"{name}-child"
    iot.create_thing_group(thingGroupName=parent)
    iot.create_thing_group(thingGroupName=child, parentGroupName=parent)
    return {each: arn(endpoints, f"thinggroup/{each}") for each in (parent, child)}


@pytest.fixture
def policy(iot, endpoints, name):
    iot.create_policy(policyName=name, policyDocument=policy_for(endpoints, name))
    return name


def may(client, topic):
    """Whether a subscription is granted at this moment."""
    return client.subscribe(topic)[0].value < 0x80


def test_a_live_connection_follows_its_groups(iot, endpoints, new_device, groups, policy, name):
    (parent, parent_arn), (child, _) = groups.items()
    device = new_device(f"{name}-device", policy=CONNECT)
    with PahoClient(endpoints, device) as client:
        assert not may(client, name)
        iot.attach_policy(policyName=policy, target=parent_arn)
        assert not may(client, name)
        iot.add_thing_to_thing_group(thingName=device.name, thingGroupName=child)
        assert may(client, name)
        iot.detach_policy(policyName=policy, target=parent_arn)
        assert not may(client, name)
        iot.attach_policy(policyName=policy, target=groups[child])
        assert may(client, name)
        iot.create_policy_version(policyName=policy, policyDocument=policy_for(endpoints, name, "Deny"), setAsDefault=True)
        assert not may(client, name)
        iot.set_default_policy_version(policyName=policy, policyVersionId="1")
        assert may(client, name)
        iot.remove_thing_from_thing_group(thingName=device.name, thingGroupName=child)
        assert not may(client, name)
        iot.add_thing_to_thing_group(thingName=device.name, thingGroupName=child)
        assert may(client, name)
        iot.delete_thing_group(thingGroupName=child)
        assert not may(client, name)
    assert iot.list_targets_for_policy(policyName=policy)["targets"] == []


def test_only_the_thing_with_the_client_id_counts(iot, endpoints, new_device, groups, policy, name):
    device = new_device(f"{name}-device", policy=CONNECT)
    iot.attach_policy(policyName=policy, target=next(iter(groups.values())))
    iot.add_thing_to_thing_group(thingName=device.name, thingGroupName=next(iter(groups)))
    with PahoClient(endpoints, device, client_id=f"{name}-other") as other:
        assert not may(other, name)
    with PahoClient(endpoints, device) as client:
        assert may(client, name)
        iot.detach_thing_principal(thingName=device.name, principal=device.certificate_arn)
        assert not may(client, name)


def test_a_group_alone_can_let_a_device_connect(iot, endpoints, new_device, groups, name):
    device = new_device(f"{name}-device", policy=CONNECT)
    iot.detach_policy(policyName=device.policy_name, target=device.certificate_arn)
    iot.create_policy(policyName=name, policyDocument=json.dumps(CONNECT))
    iot.attach_policy(policyName=name, target=list(groups.values())[0])
    PahoClient(endpoints, device).connect(expect_success=False)
    iot.add_thing_to_thing_group(thingName=device.name, thingGroupName=list(groups)[1])
    with PahoClient(endpoints, device):
        pass


def test_attaching_listing_and_asking(iot, endpoints, new_device, groups, policy, name):
    (parent, parent_arn), (child, child_arn) = groups.items()
    device = new_device(f"{name}-device", policy=CONNECT)
    iot.add_thing_to_thing_group(thingName=device.name, thingGroupName=child)
    for number in range(3):
        iot.create_policy(policyName=f"{name}-{number}", policyDocument=allowing())
    iot.attach_policy(policyName=policy, target=parent_arn)
    iot.attach_policy(policyName=f"{name}-0", target=child_arn)
    iot.attach_policy(policyName=f"{name}-1", target=child_arn)
    refused(iot.attach_policy, "LimitExceededException", 410, policyName=f"{name}-2", target=child_arn)
    refusal = refused(iot.attach_policy, "ResourceNotFoundException", 404, policyName=policy, target=child_arn + "-none")
    assert child_arn + "-none" in refusal.message

    def attached(**options):
        return [item["policyName"] for item in iot.list_attached_policies(target=child_arn, **options)["policies"]]

    assert attached() == [f"{name}-0", f"{name}-1"]
    assert attached(recursive=True) == sorted([policy, f"{name}-0", f"{name}-1"])
    assert iot.list_targets_for_policy(policyName=policy)["targets"] == [parent_arn]
    effective = iot.get_effective_policies(principal=device.certificate_arn, thingName=device.name)["effectivePolicies"]
    assert {item["policyName"] for item in effective} == {device.policy_name, policy, f"{name}-0", f"{name}-1"}
    alone = iot.get_effective_policies(thingName=device.name)["effectivePolicies"]
    assert {item["policyName"] for item in alone} == {policy, f"{name}-0", f"{name}-1"}
    question = [{"actionType": "SUBSCRIBE", "resources": [arn(endpoints, f"topicfilter/{name}")]}]

    def decision(**options):
        answer = iot.test_authorization(principal=device.certificate_arn, authInfos=question, **options)
        return answer["authResults"][0]["authDecision"]

    assert decision(clientId=device.name) == "ALLOWED"
    assert decision(clientId="other") == "IMPLICIT_DENY"
