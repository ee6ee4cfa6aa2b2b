"""Things: CreateThing, DescribeThing, UpdateThing, DeleteThing, ListThings (reference: registry)."""

import uuid

import pytest
from fleet.api import refused
from fleet.device import arn


def test_create_and_describe(iot, endpoints, name):
    created = iot.create_thing(thingName=name, attributePayload={"attributes": {"model": "R-1", "site": "north"}})
    assert created["thingName"] == name
    assert created["thingArn"] == arn(endpoints, f"thing/{name}")
    uuid.UUID(created["thingId"])
    described = iot.describe_thing(thingName=name)
    assert described["attributes"] == {"model": "R-1", "site": "north"}
    assert described["version"] == 1
    assert described["defaultClientId"] == name
    assert described["thingId"] == created["thingId"]
    assert described["thingArn"] == created["thingArn"]
    assert "thingTypeName" not in described


def test_names_with_every_legal_character(iot, endpoints):
    odd = "a:B_c-9" + "x" * 121
    assert len(odd) == 128
    iot.create_thing(thingName=odd)
    assert iot.describe_thing(thingName=odd)["thingArn"] == arn(endpoints, f"thing/{odd}")


def test_creating_the_same_again_answers_the_same(iot, name):
    first = iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "1"}})
    again = iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "1"}})
    assert (again["thingId"], again["thingArn"]) == (first["thingId"], first["thingArn"])


def test_creating_another_of_the_same_name_is_refused(iot, name):
    iot.create_thing(thingName=name)
    refused(
        iot.create_thing, "ResourceAlreadyExistsException", 409, thingName=name, attributePayload={"attributes": {"a": "1"}}
    )
    assert iot.describe_thing(thingName=name)["attributes"] == {}


@pytest.mark.parametrize(
    "attributes", [{"a b": "1"}, {"a": "sp ace"}, {"a": "x" * 801}, {"n" * 129: "1"}, {str(i): "1" for i in range(4)}],
    ids=["name pattern", "value pattern", "value length", "name length", "more than three without a type"],
)  # fmt: skip
def test_bad_attributes(attributes, iot, name):
    refused(iot.create_thing, "InvalidRequestException", 400, thingName=name, attributePayload={"attributes": attributes})
    refused(iot.describe_thing, "ResourceNotFoundException", 404, thingName=name)


def test_an_unknown_type_is_refused(iot, name):
    refused(iot.create_thing, "ResourceNotFoundException", 404, thingName=name, thingTypeName="no-such-type")


def test_describing_what_is_not_there(iot):
    refusal = refused(iot.describe_thing, "ResourceNotFoundException", 404, thingName="no-such-thing")
    assert refusal.message
    assert refusal.headers["x-amzn-errortype"].startswith("ResourceNotFoundException")
    uuid.UUID(refusal.headers["x-amzn-requestid"])


def test_update_merges_replaces_and_removes(iot, name):
    iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "1", "b": "2"}})

    def update(merge, **attributes):
        iot.update_thing(thingName=name, attributePayload={"attributes": attributes, "merge": merge})
        described = iot.describe_thing(thingName=name)
        return described["attributes"], described["version"]

    assert update(True, b="3", c="4") == ({"a": "1", "b": "3", "c": "4"}, 2)
    assert update(True, a="") == ({"b": "3", "c": "4"}, 3)
    assert update(False, d="5") == ({"d": "5"}, 4)


def test_only_an_empty_map_of_attributes_removes_them_all(iot, name):
    iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "1"}})
    for payload in ({}, {"merge": False}, {"merge": True}, {"merge": True, "attributes": {}}):
        iot.update_thing(thingName=name, attributePayload=payload)
        assert iot.describe_thing(thingName=name)["attributes"] == {"a": "1"}
    iot.update_thing(thingName=name, attributePayload={"attributes": {}})
    described = iot.describe_thing(thingName=name)
    assert (described["attributes"], described["version"]) == ({}, 6)


def test_an_update_that_is_refused_changes_nothing(iot, name):
    iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "1", "b": "2"}})
    for attributes in ({"c": "3", "d": "4"}, {"c": "sp ace"}):
        refused(
            iot.update_thing, "InvalidRequestException", 400,
            thingName=name, attributePayload={"attributes": attributes, "merge": True},
        )  # fmt: skip
    refused(iot.update_thing, "ResourceNotFoundException", 404, thingName=name, thingTypeName="no-such-type")
    described = iot.describe_thing(thingName=name)
    assert (described["attributes"], described["version"]) == ({"a": "1", "b": "2"}, 1)


def test_a_new_thing_of_an_old_name_is_another(iot, name):
    iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "1"}})
    iot.update_thing(thingName=name, attributePayload={"attributes": {"a": "2"}})
    old = iot.describe_thing(thingName=name)
    iot.delete_thing(thingName=name, expectedVersion=2)
    iot.create_thing(thingName=name)
    new = iot.describe_thing(thingName=name)
    assert (new["version"], new["attributes"]) == (1, {})
    assert new["thingId"] != old["thingId"]


def test_update_with_an_expected_version(iot, name):
    iot.create_thing(thingName=name)
    attributes = {"attributes": {"a": "1"}}
    refusal = refused(
        iot.update_thing, "VersionConflictException", 409, thingName=name, attributePayload=attributes, expectedVersion=7
    )
    assert refusal.message == f"The version for thing {name} does not match the expected version."
    iot.update_thing(thingName=name, attributePayload=attributes, expectedVersion=1)
    assert iot.describe_thing(thingName=name)["version"] == 2


def test_updating_what_is_not_there(iot):
    refused(iot.update_thing, "ResourceNotFoundException", 404, thingName="no-such-thing", attributePayload={"attributes": {}})


def test_delete(iot, name):
    iot.create_thing(thingName=name)
    refused(iot.delete_thing, "VersionConflictException", 409, thingName=name, expectedVersion=9)
    iot.delete_thing(thingName=name)
    refused(iot.describe_thing, "ResourceNotFoundException", 404, thingName=name)
    iot.delete_thing(thingName=name)


def test_a_thing_with_a_principal_cannot_be_deleted(iot, name):
    iot.create_thing(thingName=name)
    certificate = iot.create_keys_and_certificate()["certificateArn"]
    iot.attach_thing_principal(thingName=name, principal=certificate)
    refusal = refused(iot.delete_thing, "InvalidRequestException", 400, thingName=name)
    assert refusal.message.startswith(f"Cannot delete. Thing {name} is still attached to one or more principals")
    iot.detach_thing_principal(thingName=name, principal=certificate)
    iot.delete_thing(thingName=name)


class TestList:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def fleet(cls, iot):
        for number in range(7):
            colour = "red" if number % 2 else "green"
            iot.create_thing(thingName=f"listed-{number}", attributePayload={"attributes": {"colour": colour}})

    def names(self, page):
        return [thing["thingName"] for thing in page["things"]]

    def test_pages_hold_each_thing_once(self, iot):
        pages = list(iot.get_paginator("list_things").paginate(PaginationConfig={"PageSize": 2}))
        names = [name for page in pages for name in self.names(page)]
        assert all(len(page["things"]) <= 2 for page in pages)
        assert len(names) == len(set(names))
        assert {f"listed-{number}" for number in range(7)} <= set(names)

    def test_an_attribute_filter(self, iot):
        page = iot.list_things(attributeName="colour", attributeValue="red")
        assert sorted(self.names(page)) == ["listed-1", "listed-3", "listed-5"]
        assert all(thing["attributes"] == {"colour": "red"} and thing["version"] == 1 for thing in page["things"])

    def test_a_prefix_filter(self, iot):
        page = iot.list_things(attributeName="colour", attributeValue="gr", usePrefixAttributeValue=True)
        assert len(page["things"]) == 4
        assert iot.list_things(attributeName="colour", attributeValue="gr")["things"] == []

    def test_an_attribute_of_any_value(self, iot):
        iot.create_thing(thingName="listed-plain", attributePayload={"attributes": {"size": "1"}})
        pages = iot.get_paginator("list_things").paginate(attributeName="colour", PaginationConfig={"PageSize": 3})
        assert [name for page in pages for name in self.names(page)] == [f"listed-{number}" for number in range(7)]
        assert self.names(iot.list_things(attributeName="no-such-attribute")) == []

    def test_a_prefix_is_no_pattern(self, iot):
        iot.create_thing(thingName="listed-odd", attributePayload={"attributes": {"odd": "a_b"}})
        for prefix, count in (("a_", 1), ("a_b", 1), ("aX", 0), ("A_", 0), ("a_bc", 0)):
            assert len(iot.list_things(attributeName="odd", attributeValue=prefix, usePrefixAttributeValue=True)["things"]) == count

    def test_a_value_needs_its_attribute(self, iot):
        refused(iot.list_things, "InvalidRequestException", 400, attributeValue="red")

    def test_a_filter_over_pages(self, iot):
        first = iot.list_things(attributeName="colour", attributeValue="green", maxResults=3)
        assert len(first["things"]) == 3
        second = iot.list_things(attributeName="colour", attributeValue="green", maxResults=3, nextToken=first["nextToken"])
        assert len(second["things"]) == 1
        assert "nextToken" not in second
