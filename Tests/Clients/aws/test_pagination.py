"""Page tokens are the server's own: forged, changed or carried into another query they are refused (reference: pagination)."""

import pytest
from fleet.api import refused
from fleet.device import allowing as document
from fleet.signed import signed


@pytest.fixture(scope="module", autouse=True)
def content(iot):
    for number in range(6):
        iot.create_thing(thingName=f"paged-{number}", attributePayload={"attributes": {"colour": "blue"}})
        iot.create_policy(policyName=f"paged-{number}", policyDocument=document())


@pytest.fixture
def token(iot):
    return iot.list_things(maxResults=2)["nextToken"]


def test_a_token_works_more_than_once(iot, token):
    pages = [iot.list_things(maxResults=2, nextToken=token)["things"] for _ in range(2)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("forged", ["x", "AAAA", "e30=", "{}", "../../etc/passwd", "x" * 4000, "\u00e9"])
def test_forged_tokens(forged, iot):
    refused(iot.list_things, "InvalidRequestException", 400, nextToken=forged)


def test_a_token_with_one_character_changed(iot, token):
    for position in (0, len(token) // 2, len(token) - 2):
        changed = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        refused(iot.list_things, "InvalidRequestException", 400, maxResults=2, nextToken=changed)


def test_a_token_of_another_query(iot, token):
    refused(
        iot.list_things, "InvalidRequestException", 400,
        maxResults=2, nextToken=token, attributeName="colour", attributeValue="blue",
    )  # fmt: skip


def test_a_token_of_another_operation(iot, token):
    refused(iot.list_policies, "InvalidRequestException", 400, pageSize=2, marker=token)


@pytest.mark.parametrize("size", ["0", "-1", "251", "many", ""])
def test_page_sizes_out_of_range(size, endpoints):
    answer = signed(endpoints, "GET", f"/things?maxResults={size}")
    assert (answer.status, answer.error) == (400, "InvalidRequestException"), answer


def test_what_is_made_while_paging_neither_repeats_nor_hides(iot, token):
    seen = {thing["thingName"] for thing in iot.list_things(maxResults=2)["things"]}
    iot.create_thing(thingName="paged-in-between")
    iot.delete_thing(thingName=sorted(seen)[0])
    while token:
        page = iot.list_things(maxResults=2, nextToken=token)
        names = [thing["thingName"] for thing in page["things"]]
        assert not seen & set(names)
        seen |= set(names)
        token = page.get("nextToken")
    assert {f"paged-{number}" for number in range(6)} <= seen
