"""Shadows over HTTP with boto3's `iot-data` (AWS IoT Developer Guide, device shadows), and what the topics show of it."""

import json
import time

import pytest
from fleet.api import refused
from fleet.shadow import Shadow
from fleet.signed import signed


@pytest.fixture(params=["classic", "named"])
def names(request, name):
    return {"thingName": name, **({"shadowName": "settings"} if request.param == "named" else {})}


@pytest.fixture
def watched(application, names):
    """The same shadow's topics."""
    return Shadow(application, names["thingName"], names.get("shadowName"))


def body(response):
    return json.loads(response["payload"].read())


def update(iot_data, names, **request):
    return body(iot_data.update_thing_shadow(**names, payload=json.dumps(request)))


def get(iot_data, names):
    return body(iot_data.get_thing_shadow(**names))


def test_flow(iot_data, names):
    refused(iot_data.get_thing_shadow, "ResourceNotFoundException", 404, **names)
    first = update(iot_data, names, state={"desired": {"color": "red"}, "reported": {"color": "blue"}}, clientToken="t")
    t = first["timestamp"]
    assert abs(t - time.time()) < 60
    assert first == {
        "state": {"desired": {"color": "red"}, "reported": {"color": "blue"}},
        "metadata": {"desired": {"color": {"timestamp": t}}, "reported": {"color": {"timestamp": t}}},
        "version": 1, "timestamp": t, "clientToken": "t",
    }  # fmt: skip
    found = get(iot_data, names)
    assert abs(found.pop("timestamp") - t) < 60
    assert found == {
        "state": {"desired": {"color": "red"}, "reported": {"color": "blue"}, "delta": {"color": "red"}},
        "metadata": {"desired": {"color": {"timestamp": t}}, "reported": {"color": {"timestamp": t}}},
        "version": 1,
    }
    assert update(iot_data, names, state={"reported": {"color": "red"}})["version"] == 2
    assert get(iot_data, names)["state"] == {"desired": {"color": "red"}, "reported": {"color": "red"}}
    deleted = body(iot_data.delete_thing_shadow(**names))
    assert set(deleted) == {"version", "timestamp"}
    assert deleted["version"] == 2
    refused(iot_data.get_thing_shadow, "ResourceNotFoundException", 404, **names)
    refused(iot_data.delete_thing_shadow, "ResourceNotFoundException", 404, **names)
    assert update(iot_data, names, state={"desired": {"color": "red"}})["version"] in (3, 4)


def test_an_update_is_seen_on_the_topics(iot_data, names, watched):
    update(iot_data, names, state={"desired": {"a": 1}}, clientToken="t")
    watched.wait_said("update/accepted")
    assert [each.what for each in watched.said] == ["update/delta", "update/documents", "update/accepted"]
    assert {each.json["clientToken"] for each in watched.said} == {"t"}
    assert watched.said[0].json["state"] == {"a": 1}
    assert watched.said[1].json["current"]["state"] == {"desired": {"a": 1}}


def test_a_deletion_is_seen_and_a_get_is_not(iot_data, names, watched):
    update(iot_data, names, state={"reported": {"a": 1}})
    get(iot_data, names)
    iot_data.delete_thing_shadow(**names)
    watched.wait_said("delete/accepted")
    assert [each.what for each in watched.said] == ["update/documents", "update/accepted", "delete/accepted"]


ERRORS = {
    "no JSON": (b"hello", "InvalidRequestException", 400, "Invalid JSON"),
    "nothing": (b"", "InvalidRequestException", 400, None),
    "no state": (b"{}", "InvalidRequestException", 400, "Missing required node: state"),
    "state is no object": (b'{"state":1}', "InvalidRequestException", 400, "State node must be an object"),
    "desired is no object": (b'{"state":{"desired":1}}', "InvalidRequestException", 400, "Desired node must be an object"),
    "a null in an array": (b'{"state":{"desired":{"l":[null]}}}', "InvalidRequestException", 400, "State contains an invalid node"),
    "version": (b'{"state":{"desired":{}},"version":"1"}', "InvalidRequestException", 400, "Invalid version"),
    "token": (b'{"state":{"desired":{}},"clientToken":1}', "InvalidRequestException", 400, "Invalid clientToken"),
    "depth": (
        b'{"state":{"desired":' + b'{"k":' * 9 + b"1" + b"}" * 9 + b"}}", "InvalidRequestException", 400,
        "JSON contains too many levels of nesting; maximum is 8",
    ),
    "conflict": (b'{"state":{"desired":{}},"version":7}', "ConflictException", 409, "Version conflict"),
    "size": (
        b'{"state":{"desired":{"a":"' + b"x" * 8192 + b'"}}}', "RequestEntityTooLargeException", 413,
        "The payload exceeds the maximum size allowed",
    ),
    "encoding": (
        b'{"state":{"desired":{"a":"\xff"}}}', "UnsupportedDocumentEncodingException", 415,
        "Unsupported documented encoding; supported encoding is UTF-8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_publish_nothing(case, iot_data, names, watched):
    payload, code, status, message = ERRORS[case]
    update(iot_data, names, state={"reported": {"a": 1}})
    watched.wait_said("update/accepted")
    watched.forget()
    error = refused(iot_data.update_thing_shadow, code, status, **names, payload=payload)
    if message is not None:
        assert error.message == message
    # What an HTTP request would publish comes before the answer to a later one.
    assert watched.get()["version"] == 1
    assert [each.what for each in watched.said] == ["get/accepted"]


def test_an_unknown_shadow_publishes_nothing(iot_data, names, watched):
    label = names.get("shadowName") or names["thingName"]
    for call in (iot_data.get_thing_shadow, iot_data.delete_thing_shadow):
        assert refused(call, "ResourceNotFoundException", 404, **names).message == f"No shadow exists with name: '{label}'"
    watched.update(reported={"a": 1})
    assert [each.what for each in watched.said] == ["update/documents", "update/accepted"]


def test_the_error_body(endpoints, name):
    answer = signed(endpoints, "GET", f"/things/{name}/shadow", service="iotdata")
    assert (answer.status, answer.error) == (404, "ResourceNotFoundException")
    assert answer.json["message"] == f"No shadow exists with name: '{name}'"
    assert answer.json["traceId"]


@pytest.mark.parametrize("service", ["iotdata", "iotdevicegateway"])
def test_both_service_names(service, endpoints, name):
    assert signed(endpoints, "POST", f"/things/{name}/shadow", b'{"state":{"desired":{"a":1}}}', service=service).status == 200
    assert signed(endpoints, "GET", f"/things/{name}/shadow", service=service).json["version"] == 1


@pytest.mark.parametrize(
    "target",
    ["/things/..%2F..%2Fetc/shadow", "/things/a%20b/shadow", "/things/a%00b/shadow", f"/things/{'x' * 129}/shadow", "/things/a%2Fb/shadow",
     "/things/thing/shadow?name=..%2Fx", "/things/thing/shadow?name=a%20b", f"/things/thing/shadow?name={'x' * 65}", "/things/thing/shadow?name=a%2Fb",
     "/things/thing/shadow?name=%ff"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_bad_names(method, target, endpoints):
    answer = signed(endpoints, method, target, b'{"state":{"desired":{"a":1}}}' if method == "POST" else b"", service="iotdata")
    assert answer.status in (400, 404), answer
    assert answer.error in ("InvalidRequestException", "ResourceNotFoundException", "UnknownOperationException"), answer


def test_an_empty_name_is_no_shadow_of_its_own(endpoints, iot_data, name):
    """`?name=` is refused or means the classic shadow."""
    iot_data.update_thing_shadow(thingName=name, payload=b'{"state":{"desired":{"a":1}}}')
    answer = signed(endpoints, "GET", f"/things/{name}/shadow?name=", service="iotdata")
    assert answer.status == 400 or (answer.status == 200 and answer.json["version"] == 1), answer


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_other_methods(method, endpoints, name):
    answer = signed(endpoints, method, f"/things/{name}/shadow", b"{}", service="iotdata")
    assert answer.status in (404, 405), answer


def test_a_body_far_over_the_limit(endpoints, name):
    large = b'{"state":{"desired":{"a":"' + b"x" * 2_000_000 + b'"}}}'
    answer = signed(endpoints, "POST", f"/things/{name}/shadow", large, service="iotdata")
    assert answer.status == 413, answer


def test_numbers_and_order(endpoints, name):
    text = b'{"zeta":1.0,"alpha":[-0.0,1.50],"m":1234567890123456789012345678901234}'
    answer = signed(endpoints, "POST", f"/things/{name}/shadow", b'{"state":{"desired":' + text + b"}}", service="iotdata")
    assert text in answer.body
    assert text in signed(endpoints, "GET", f"/things/{name}/shadow", service="iotdata").body


class TestListNamedShadows:
    @pytest.fixture
    def filled(self, iot_data, name):
        wanted = [f"shadow-{number:02d}" for number in range(25)]
        for each in wanted:
            iot_data.update_thing_shadow(thingName=name, shadowName=each, payload=b'{"state":{"reported":{"a":1}}}')
        iot_data.update_thing_shadow(thingName=name, payload=b'{"state":{"reported":{"a":1}}}')
        iot_data.update_thing_shadow(thingName=name + "-other", shadowName="other", payload=b'{"state":{"reported":{"a":1}}}')
        return wanted

    def test_all_at_once(self, iot_data, filled, name):
        found = iot_data.list_named_shadows_for_thing(thingName=name)
        assert sorted(found["results"]) == filled
        assert "nextToken" not in found
        assert abs(found["timestamp"] - time.time()) < 60

    @pytest.mark.parametrize("size", [1, 7, 24, 25, 26, 100])
    def test_pages(self, size, iot_data, filled, name):
        found, token = [], {}
        while True:
            page = iot_data.list_named_shadows_for_thing(thingName=name, pageSize=size, **token)
            assert len(page["results"]) <= size
            found += page["results"]
            if "nextToken" not in page:
                break
            assert len(page["results"]) == size
            token = {"nextToken": page["nextToken"]}
        assert sorted(found) == filled

    def test_a_deletion_between_pages(self, iot_data, filled, name):
        first = iot_data.list_named_shadows_for_thing(thingName=name, pageSize=10)
        for each in first["results"]:
            iot_data.delete_thing_shadow(thingName=name, shadowName=each)
        rest = iot_data.list_named_shadows_for_thing(thingName=name, nextToken=first["nextToken"])
        assert sorted(first["results"] + rest["results"]) == filled

    def test_none(self, iot_data, name):
        assert iot_data.list_named_shadows_for_thing(thingName=name)["results"] == []
        iot_data.update_thing_shadow(thingName=name, payload=b'{"state":{"reported":{"a":1}}}')
        assert iot_data.list_named_shadows_for_thing(thingName=name)["results"] == []

    def test_deleted_are_not_listed(self, iot_data, filled, name):
        iot_data.delete_thing_shadow(thingName=name, shadowName=filled[3])
        assert sorted(iot_data.list_named_shadows_for_thing(thingName=name)["results"]) == filled[:3] + filled[4:]

    @pytest.mark.parametrize("query", ["pageSize=0", "pageSize=101", "pageSize=-1", "pageSize=x", "nextToken=nonsense", "nextToken=%ff"])
    def test_bad_pages(self, query, endpoints, name):
        answer = signed(endpoints, "GET", f"/api/things/shadow/ListNamedShadowsForThing/{name}?{query}", service="iotdata")
        assert (answer.status, answer.error) == (400, "InvalidRequestException"), answer
