"""Thing types and billing groups with boto3 (AWS IoT Developer Guide)."""

import pytest
from fleet.api import refused
from fleet.device import arn, make_device
from fleet.paho_client import PahoClient


def test_a_type_from_its_creation_to_its_end(iot, endpoints, name):
    properties = {"thingTypeDescription": "Lamps of the hall", "searchableAttributes": ["room", "model"]}
    created = iot.create_thing_type(thingTypeName=name, thingTypeProperties=properties)
    assert created["thingTypeArn"] == arn(endpoints, f"thingtype/{name}")
    assert iot.create_thing_type(thingTypeName=name, thingTypeProperties=properties)["thingTypeId"] == created["thingTypeId"]
    refused(iot.create_thing_type, "ResourceAlreadyExistsException", 409, thingTypeName=name)
    described = iot.describe_thing_type(thingTypeName=name)
    assert described["thingTypeProperties"] == properties
    assert set(described["thingTypeMetadata"]) == {"deprecated", "creationDate"}
    iot.create_thing(thingName=name, thingTypeName=name)
    assert [thing["thingName"] for thing in iot.list_things(thingTypeName=name)["things"]] == [name]
    assert iot.describe_thing(thingName=name)["thingTypeName"] == name
    iot.deprecate_thing_type(thingTypeName=name)
    assert iot.describe_thing_type(thingTypeName=name)["thingTypeMetadata"]["deprecated"] is True
    refused(iot.create_thing, "InvalidRequestException", 400, thingName=f"{name}-new", thingTypeName=name)
    refused(iot.delete_thing_type, "InvalidRequestException", 400, thingTypeName=name)
    iot.deprecate_thing_type(thingTypeName=name, undoDeprecate=True)
    assert "deprecationDate" not in iot.describe_thing_type(thingTypeName=name)["thingTypeMetadata"]
    refused(iot.delete_thing_type, "InvalidRequestException", 400, thingTypeName=name)
    iot.update_thing(thingName=name, removeThingType=True)
    iot.deprecate_thing_type(thingTypeName=name)
    iot.delete_thing_type(thingTypeName=name)
    refused(iot.describe_thing_type, "ResourceNotFoundException", 404, thingTypeName=name)
    refused(iot.delete_thing_type, "ResourceNotFoundException", 404, thingTypeName=name)
    refused(iot.deprecate_thing_type, "ResourceNotFoundException", 404, thingTypeName=name)


def test_types_in_pages_and_by_name(iot, name):
    names = [f"{name}-{number}" for number in range(5)]
    for each in names:
        iot.create_thing_type(thingTypeName=each)
    pages = iot.get_paginator("list_thing_types").paginate(PaginationConfig={"PageSize": 2})
    found = [item["thingTypeName"] for page in pages for item in page["thingTypes"]]
    assert [each for each in found if each in names] == names
    assert [item["thingTypeName"] for item in iot.list_thing_types(thingTypeName=names[3])["thingTypes"]] == [names[3]]
    assert iot.list_thing_types(thingTypeName="none")["thingTypes"] == []


def test_fifty_attributes_with_a_type(iot, name):
    iot.create_thing_type(thingTypeName=name)
    attributes = {f"a{number}": "x" for number in range(51)}
    refused(
        iot.create_thing, "InvalidRequestException", 400,
        thingName=name, thingTypeName=name, attributePayload={"attributes": attributes},
    )  # fmt: skip
    del attributes["a50"]
    iot.create_thing(thingName=name, thingTypeName=name, attributePayload={"attributes": attributes})
    assert iot.describe_thing(thingName=name)["attributes"] == attributes
    refused(iot.update_thing, "InvalidRequestException", 400, thingName=name, removeThingType=True)


def test_policies_see_the_type_of_a_thing_at_once(iot, endpoints, folder, name):
    statement = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}
    only = {**statement, "Condition": {"StringEquals": {"iot:Connection.Thing.ThingTypeName": [f"{name}-lamp"]}}}
    connect = {**statement, "Action": "iot:Connect"}
    device = make_device(endpoints, name, folder, policy={"Version": "2012-10-17", "Statement": [connect, only]})
    iot.create_thing_type(thingTypeName=f"{name}-lamp")
    with PahoClient(endpoints, device) as client:
        assert client.subscribe("x")[0].value >= 0x80
        iot.update_thing(thingName=name, thingTypeName=f"{name}-lamp")
        assert client.subscribe("x")[0].value < 0x80
        iot.update_thing(thingName=name, removeThingType=True)
        assert client.subscribe("x")[0].value >= 0x80


def test_type_events(iot, endpoints, folder, name):
    device = make_device(endpoints, name, folder, policy={"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]})  # fmt: skip
    kinds = ("THING", "THING_TYPE", "THING_TYPE_ASSOCIATION")
    iot.update_event_configurations(eventConfigurations={kind: {"Enabled": True} for kind in kinds})
    with PahoClient(endpoints, device) as client:
        client.subscribe("$aws/events/#")
        iot.create_thing_type(thingTypeName=name)
        iot.update_thing(thingName=name, thingTypeName=name)
        association = f"$aws/events/thingTypeAssociation/thing/{name}/thingType/{name}/added"
        wanted = {f"$aws/events/thingType/{name}/created", f"$aws/events/thing/{name}/updated", association}
        client.inbox.wait_all(lambda messages: wanted <= {message.topic for message in messages})
        iot.update_event_configurations(eventConfigurations={kind: {"Enabled": False} for kind in kinds})
        client.inbox.clear()
        iot.update_thing(thingName=name, removeThingType=True)
        iot.update_event_configurations(eventConfigurations={"THING": {"Enabled": True}})
        iot.update_thing(thingName=name)
        client.inbox.wait_count(1)
        assert [message.topic for message in client.inbox.messages] == [f"$aws/events/thing/{name}/updated"]


@pytest.fixture
def billing(iot, name):
    iot.create_billing_group(billingGroupName=name)
    return name


def test_a_billing_group_from_its_creation_to_its_end(iot, endpoints, name):
    properties = {"billingGroupDescription": "Paid by the hall"}
    created = iot.create_billing_group(billingGroupName=name, billingGroupProperties=properties, tags=[{"Key": "a", "Value": "b"}])
    resource = arn(endpoints, f"billinggroup/{name}")
    assert created["billingGroupArn"] == resource
    assert iot.create_billing_group(billingGroupName=name, billingGroupProperties=properties)["billingGroupId"] == created["billingGroupId"]
    refused(iot.create_billing_group, "ResourceAlreadyExistsException", 409, billingGroupName=name)
    described = iot.describe_billing_group(billingGroupName=name)
    assert (described["version"], described["billingGroupProperties"]) == (1, properties)
    assert iot.list_tags_for_resource(resourceArn=resource)["tags"] == [{"Key": "a", "Value": "b"}]
    assert iot.update_billing_group(billingGroupName=name, billingGroupProperties={}, expectedVersion=1)["version"] == 2
    assert iot.describe_billing_group(billingGroupName=name)["billingGroupProperties"] == {}
    refused(
        iot.update_billing_group, "VersionConflictException", 409, billingGroupName=name, billingGroupProperties={}, expectedVersion=1
    )  # fmt: skip
    assert [group["groupName"] for group in iot.list_billing_groups(namePrefixFilter=name)["billingGroups"]] == [name]
    refused(iot.delete_billing_group, "VersionConflictException", 409, billingGroupName=name, expectedVersion=1)
    iot.delete_billing_group(billingGroupName=name, expectedVersion=2)
    refused(iot.delete_billing_group, "ResourceNotFoundException", 404, billingGroupName=name)
    refused(iot.describe_billing_group, "ResourceNotFoundException", 404, billingGroupName=name)


def test_the_things_of_a_billing_group(iot, endpoints, billing, name):
    names = [f"{name}-{number}" for number in range(5)]
    for each in names:
        iot.create_thing(thingName=each, billingGroupName=billing)
    pages = iot.get_paginator("list_things_in_billing_group").paginate(billingGroupName=billing, PaginationConfig={"PageSize": 2})
    assert [thing for page in pages for thing in page["things"]] == names
    refused(iot.create_thing, "ResourceNotFoundException", 404, thingName=f"{name}-x", billingGroupName="none")
    iot.create_billing_group(billingGroupName=f"{name}-other")
    other = {"billingGroupArn": arn(endpoints, f"billinggroup/{name}-other"), "thingArn": arn(endpoints, f"thing/{names[0]}")}
    iot.add_thing_to_billing_group(**other)
    assert iot.describe_thing(thingName=names[0])["billingGroupName"] == f"{name}-other"
    assert iot.list_things_in_billing_group(billingGroupName=billing)["things"] == names[1:]
    iot.remove_thing_from_billing_group(**other)
    iot.remove_thing_from_billing_group(**other)
    assert "billingGroupName" not in iot.describe_thing(thingName=names[0])
    refused(iot.add_thing_to_billing_group, "ResourceNotFoundException", 404, thingName="none", billingGroupName=billing)
    refused(iot.add_thing_to_billing_group, "InvalidRequestException", 400, thingName=names[0])
    refused(iot.list_things_in_billing_group, "ResourceNotFoundException", 404, billingGroupName="none")
