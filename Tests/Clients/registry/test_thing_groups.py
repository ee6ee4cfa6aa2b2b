"""Static thing groups with boto3: hierarchy, membership, listings, tags, and what they refuse (AWS IoT Developer Guide, static thing groups)."""

import json

import pytest
from fleet.api import refused
from fleet.device import allow_all_policy, arn
from fleet.paho_client import PahoClient


@pytest.fixture
def group(iot, name):
    iot.create_thing_group(thingGroupName=name)
    return name


@pytest.fixture
def thing(iot, name):
    iot.create_thing(thingName=name)
    return name


def groups_of(iot, thing):
    pages = iot.get_paginator("list_thing_groups_for_thing").paginate(thingName=thing, PaginationConfig={"PageSize": 3})
    return [group["groupName"] for page in pages for group in page["thingGroups"]]


def things_in(iot, group, **options):
    pages = iot.get_paginator("list_things_in_thing_group").paginate(
        thingGroupName=group, PaginationConfig={"PageSize": 2}, **options
    )
    return [thing for page in pages for thing in page["things"]]


def test_a_group_from_its_creation_to_its_end(iot, endpoints, name):
    properties = {"thingGroupDescription": "The first floor", "attributePayload": {"attributes": {"floor": "1"}}}
    created = iot.create_thing_group(thingGroupName=name, thingGroupProperties=properties)
    assert created["thingGroupArn"] == arn(endpoints, f"thinggroup/{name}")
    assert iot.create_thing_group(thingGroupName=name, thingGroupProperties=properties)["thingGroupId"] == created["thingGroupId"]
    refused(iot.create_thing_group, "ResourceAlreadyExistsException", 409, thingGroupName=name)
    described = iot.describe_thing_group(thingGroupName=name)
    assert (described["version"], described["thingGroupProperties"]) == (1, properties)
    assert set(described["thingGroupMetadata"]) == {"creationDate"}
    updated = iot.update_thing_group(thingGroupName=name, thingGroupProperties={"thingGroupDescription": "Ground"}, expectedVersion=1)
    assert updated["version"] == 2
    refused(
        iot.update_thing_group, "VersionConflictException", 409, thingGroupName=name, thingGroupProperties={}, expectedVersion=1
    )  # fmt: skip
    refused(iot.delete_thing_group, "VersionConflictException", 409, thingGroupName=name, expectedVersion=1)
    iot.delete_thing_group(thingGroupName=name, expectedVersion=2)
    iot.delete_thing_group(thingGroupName=name)
    refused(iot.describe_thing_group, "ResourceNotFoundException", 404, thingGroupName=name)
    refused(iot.update_thing_group, "ResourceNotFoundException", 404, thingGroupName=name, thingGroupProperties={})


def test_a_hierarchy(iot, name):
    root, child, leaf = f"{name}:root", f"{name}:child", f"{name}:leaf"
    iot.create_thing_group(thingGroupName=root)
    iot.create_thing_group(thingGroupName=child, parentGroupName=root)
    iot.create_thing_group(thingGroupName=leaf, parentGroupName=child)
    refused(iot.create_thing_group, "ResourceNotFoundException", 404, thingGroupName=f"{name}-x", parentGroupName="no-such-group")
    metadata = iot.describe_thing_group(thingGroupName=leaf)["thingGroupMetadata"]
    assert metadata["parentGroupName"] == child
    assert [group["groupName"] for group in metadata["rootToParentThingGroups"]] == [root, child]

    def listed(**options):
        return [group["groupName"] for group in iot.list_thing_groups(namePrefixFilter=name, **options)["thingGroups"]]

    assert listed() == sorted([root, child, leaf])
    assert listed(recursive=False) == [root]
    assert listed(parentGroup=root) == sorted([child, leaf])
    assert listed(parentGroup=root, recursive=False) == [child]
    refused(iot.list_thing_groups, "ResourceNotFoundException", 404, parentGroup="no-such-group")
    refusal = refused(iot.delete_thing_group, "InvalidRequestException", 400, thingGroupName=child)
    assert refusal.message == f"Cannot delete thing group : {child} when there are still child groups attached to it."
    iot.create_thing(thingName=name)
    iot.add_thing_to_thing_group(thingName=name, thingGroupName=leaf)
    assert things_in(iot, root) == []
    assert things_in(iot, root, recursive=True) == [name]
    refused(iot.add_thing_to_thing_group, "InvalidRequestException", 400, thingName=name, thingGroupName=root)


def test_joining_and_leaving_by_name_and_by_arn(iot, endpoints, group, thing):
    both = {"thingName": thing, "thingGroupName": group}
    arns = {"thingArn": arn(endpoints, f"thing/{thing}"), "thingGroupArn": arn(endpoints, f"thinggroup/{group}")}
    iot.add_thing_to_thing_group(**arns)
    iot.add_thing_to_thing_group(**both, **arns)
    assert groups_of(iot, thing) == [group]
    assert things_in(iot, group) == [thing]
    iot.remove_thing_from_thing_group(**arns)
    iot.remove_thing_from_thing_group(**both)
    assert groups_of(iot, thing) == []
    refused(iot.add_thing_to_thing_group, "InvalidRequestException", 400, thingName=thing)
    refused(iot.add_thing_to_thing_group, "InvalidRequestException", 400, **{**both, "thingArn": arn(endpoints, "thing/other")})
    refused(iot.add_thing_to_thing_group, "InvalidRequestException", 400, thingName=thing, thingGroupArn=arn(endpoints, f"thing/{group}"))
    refused(iot.add_thing_to_thing_group, "ResourceNotFoundException", 404, **{**both, "thingGroupName": "no-such-group"})
    refused(iot.remove_thing_from_thing_group, "ResourceNotFoundException", 404, **{**both, "thingName": "no-such-thing"})
    refused(iot.list_thing_groups_for_thing, "ResourceNotFoundException", 404, thingName="no-such-thing")
    refused(iot.list_things_in_thing_group, "ResourceNotFoundException", 404, thingGroupName="no-such-group")


def test_ten_groups_for_a_thing_at_most(iot, name, thing):
    for number in range(11):
        iot.create_thing_group(thingGroupName=f"{name}-{number}")
    for number in range(10):
        iot.add_thing_to_thing_group(thingName=thing, thingGroupName=f"{name}-{number}")
    refused(iot.add_thing_to_thing_group, "InvalidRequestException", 400, thingName=thing, thingGroupName=f"{name}-10")
    refused(
        iot.update_thing_groups_for_thing, "ResourceNotFoundException", 404,
        thingName=thing, thingGroupsToAdd=[f"{name}-10", "no-such-group"], thingGroupsToRemove=[f"{name}-0"],
    )  # fmt: skip
    assert len(groups_of(iot, thing)) == 10
    iot.update_thing_groups_for_thing(thingName=thing, thingGroupsToAdd=[f"{name}-10"], thingGroupsToRemove=[f"{name}-0"])
    assert groups_of(iot, thing) == sorted(f"{name}-{number}" for number in range(1, 11))


def test_the_things_of_a_group_in_pages(iot, name, group):
    names = [f"{name}-{number}" for number in range(5)]
    for each in names:
        iot.create_thing(thingName=each)
        iot.add_thing_to_thing_group(thingName=each, thingGroupName=group)
    assert things_in(iot, group) == names
    iot.delete_thing(thingName=names[2])
    assert things_in(iot, group) == names[:2] + names[3:]
    iot.delete_thing_group(thingGroupName=group)
    assert groups_of(iot, names[0]) == []


def test_tags(iot, endpoints, name):
    iot.create_thing_group(thingGroupName=name, tags=[{"Key": "owner", "Value": "ann"}])
    resource = arn(endpoints, f"thinggroup/{name}")
    iot.tag_resource(resourceArn=resource, tags=[{"Key": "site", "Value": "x"}])
    iot.untag_resource(resourceArn=resource, tagKeys=["owner"])
    assert iot.list_tags_for_resource(resourceArn=resource)["tags"] == [{"Key": "site", "Value": "x"}]
    iot.delete_thing_group(thingGroupName=name)
    refused(iot.list_tags_for_resource, "ResourceNotFoundException", 404, resourceArn=resource)
    # A new group of an old name has nothing of it.
    iot.create_thing_group(thingGroupName=name)
    assert iot.list_tags_for_resource(resourceArn=resource)["tags"] == []


def test_group_events(iot, endpoints, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    kinds = ("THING_GROUP", "THING_GROUP_MEMBERSHIP", "THING_GROUP_HIERARCHY")
    iot.update_event_configurations(eventConfigurations={kind: {"Enabled": True} for kind in kinds})
    with PahoClient(endpoints, device) as client:
        client.subscribe("$aws/events/#", 1)
        iot.create_thing_group(thingGroupName=f"{name}-a")
        iot.create_thing_group(thingGroupName=f"{name}-b", parentGroupName=f"{name}-a")
        iot.add_thing_to_thing_group(thingName=name, thingGroupName=f"{name}-b")
        iot.delete_thing_group(thingGroupName=f"{name}-b")
        events = f"$aws/events/thingGroup/{name}-"
        below = f"$aws/events/thingGroupHierarchy/thingGroup/{name}-a/childThingGroup/{name}-b/"
        member = f"$aws/events/thingGroupMembership/thingGroup/{name}-b/thing/{name}/"
        wanted = {events + "a/created", events + "b/created", below + "added", member + "added",
                  member + "removed", below + "removed", events + "b/deleted"}  # fmt: skip
        client.inbox.wait_all(lambda messages: wanted <= {message.topic for message in messages})
        found = {message.topic: json.loads(message.payload) for message in client.inbox.messages}
    assert {topic for topic in found if name in topic and "/thing" in topic} == wanted
    joined = found[member + "added"]
    assert joined["eventType"] == "THING_GROUP_MEMBERSHIP_EVENT"
    assert (joined["operation"], joined["groupArn"]) == ("ADDED", arn(endpoints, f"thinggroup/{name}-b"))
    assert found[events + "b/created"]["parentGroupName"] == f"{name}-a"
