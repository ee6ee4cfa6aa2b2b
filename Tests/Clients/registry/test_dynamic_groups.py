"""Dynamic thing groups: their members are what their queries find, at any time (AWS IoT Developer Guide, dynamic thing groups)."""

import json

import pytest
from fleet import api
from fleet.api import refused
from fleet.device import allowing, arn
from fleet.inbox import eventually


@pytest.fixture
def server(start_server):
    return start_server("aws")


@pytest.fixture
def endpoints(server):
    return vars(server.endpoints)


@pytest.fixture
def indexed(iot):
    iot.update_indexing_configuration(thingIndexingConfiguration={"thingIndexingMode": "REGISTRY_AND_SHADOW"})
    return iot


@pytest.fixture
def iot(endpoints):
    return api.client(endpoints, "iot")


@pytest.fixture
def iot_data(endpoints):
    return api.client(endpoints, "iot-data")


def members(iot, group):
    return iot.list_things_in_thing_group(thingGroupName=group)["things"]


def is_active(iot, group):
    return eventually(lambda: iot.describe_thing_group(thingGroupName=group)["status"] == "ACTIVE" or None)


def thing(iot, name, **attributes):
    iot.create_thing(thingName=name, attributePayload={"attributes": attributes})


def test_members_follow_attributes_and_shadows(server, indexed, iot_data):
    iot = indexed
    thing(iot, "a", room="hall")
    thing(iot, "b", room="attic")
    created = iot.create_dynamic_thing_group(thingGroupName="hall", queryString="attributes.room:hall OR shadow.reported.room:hall")
    assert (created["indexName"], created["queryVersion"]) == ("AWS_Things", "2017-09-30")
    assert is_active(iot, "hall")
    assert members(iot, "hall") == ["a"]
    thing(iot, "c", room="Hall")
    assert members(iot, "hall") == ["a", "c"]
    iot.update_thing(thingName="a", attributePayload={"attributes": {"room": "attic"}})
    assert members(iot, "hall") == ["c"]
    iot_data.update_thing_shadow(thingName="b", payload=json.dumps({"state": {"reported": {"room": "hall"}}}))
    assert eventually(lambda: members(iot, "hall") == ["b", "c"] or None)
    assert [group["groupName"] for group in iot.list_thing_groups_for_thing(thingName="b")["thingGroups"]] == ["hall"]
    assert eventually(lambda: len(iot.search_index(queryString="thingGroupNames:hall")["things"]) == 2 or None)
    iot.update_dynamic_thing_group(thingGroupName="hall", thingGroupProperties={}, queryString="attributes.room:attic")
    assert is_active(iot, "hall")
    assert members(iot, "hall") == ["a", "b"]
    assert iot.describe_thing_group(thingGroupName="hall")["version"] == 2
    server.restart(kill=True)
    iot = api.client(vars(server.endpoints), "iot")
    thing(iot, "d", room="attic")
    assert members(iot, "hall") == ["a", "b", "d"]
    refused(iot.delete_thing_group, "InvalidRequestException", 400, thingGroupName="hall")
    iot.delete_dynamic_thing_group(thingGroupName="hall")
    iot.delete_dynamic_thing_group(thingGroupName="hall")
    assert iot.list_thing_groups_for_thing(thingName="a")["thingGroups"] == []


def test_what_is_refused(endpoints, iot):
    make = iot.create_dynamic_thing_group
    refused(make, "InvalidRequestException", 400, thingGroupName="g", queryString="attributes.a:b")
    iot.update_indexing_configuration(thingIndexingConfiguration={"thingIndexingMode": "REGISTRY"})
    refused(make, "InvalidQueryException", 400, thingGroupName="g", queryString="a:(")
    refused(make, "InvalidQueryException", 400, thingGroupName="g", queryString="a OR b OR c OR d OR e OR f")
    refused(make, "InvalidRequestException", 400, thingGroupName="g", queryString="*", indexName="AWS_ThingGroups")
    refused(make, "InvalidRequestException", 400, thingGroupName="g", queryString="*", queryVersion="1")
    first = make(thingGroupName="g", queryString="attributes.a:b")
    assert make(thingGroupName="g", queryString="attributes.a:b")["thingGroupId"] == first["thingGroupId"]
    refused(make, "ResourceAlreadyExistsException", 409, thingGroupName="g", queryString="attributes.a:c")
    thing(iot, "x")
    refused(iot.add_thing_to_thing_group, "InvalidRequestException", 400, thingName="x", thingGroupName="g")
    refused(iot.remove_thing_from_thing_group, "InvalidRequestException", 400, thingName="x", thingGroupName="g")
    refused(iot.update_thing_group, "InvalidRequestException", 400, thingGroupName="g", thingGroupProperties={})
    refused(iot.create_thing_group, "InvalidRequestException", 400, thingGroupName="child", parentGroupName="g")
    iot.create_policy(policyName="p", policyDocument=allowing())
    refused(iot.attach_policy, "InvalidRequestException", 400, policyName="p", target=arn(endpoints, "thinggroup/g"))
    off = {"thingIndexingMode": "OFF"}
    refused(iot.update_indexing_configuration, "InvalidRequestException", 400, thingIndexingConfiguration=off)
    refused(
        iot.update_dynamic_thing_group, "VersionConflictException", 409,
        thingGroupName="g", thingGroupProperties={}, expectedVersion=7,
    )  # fmt: skip
    refused(iot.update_dynamic_thing_group, "ResourceNotFoundException", 404, thingGroupName="none", thingGroupProperties={})
    refused(iot.delete_dynamic_thing_group, "VersionConflictException", 409, thingGroupName="g", expectedVersion=7)


def test_a_hundred_groups_and_ten_for_a_thing(indexed):
    iot = indexed
    for number in range(100):
        iot.create_dynamic_thing_group(thingGroupName=f"g{number:03}", queryString="attributes.a:b" if number < 12 else f"attributes.n:{number}")
    refused(iot.create_dynamic_thing_group, "LimitExceededException", 410, thingGroupName="more", queryString="*")
    iot.create_thing_group(thingGroupName="static")
    thing(iot, "x", a="b")

    def groups():
        return [group["groupName"] for group in iot.list_thing_groups_for_thing(thingName="x")["thingGroups"]]

    # The oldest win.
    assert groups() == [f"g{number:03}" for number in range(10)]
    refused(iot.add_thing_to_thing_group, "InvalidRequestException", 400, thingName="x", thingGroupName="static")
    iot.add_thing_to_thing_group(thingName="x", thingGroupName="static", overrideDynamicGroups=True)
    assert groups() == [f"g{number:03}" for number in range(9)] + ["static"]
    # A change of the thing does not bring the one back that had to go.
    iot.update_thing(thingName="x", attributePayload={"attributes": {"a": "b", "c": "d"}})
    assert groups() == [f"g{number:03}" for number in range(9)] + ["static"]
