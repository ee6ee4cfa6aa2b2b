"""Fleet indexing with boto3: what is indexed, the query language, pages, aggregations, and what they refuse (AWS IoT Developer Guide, fleet
indexing)."""

import json
import statistics

import pytest
from fleet.api import refused
from fleet.device import allow_all_policy
from fleet.inbox import eventually
from fleet.paho_client import PahoClient

COUNT = 30


@pytest.fixture(scope="module")
def fleet(iot):
    """Things with attributes, a third of them in a group, and the index of the registry."""
    iot.update_indexing_configuration(
        thingIndexingConfiguration={
            "thingIndexingMode": "REGISTRY",
            "customFields": [{"name": "attributes.level", "type": "Number"}, {"name": "attributes.room", "type": "String"}],
        },
        thingGroupIndexingConfiguration={"thingGroupIndexingMode": "ON"},
    )
    iot.create_thing_group(thingGroupName="Thirds", thingGroupProperties={"thingGroupDescription": "Every third lamp"})
    iot.create_thing_group(thingGroupName="below", parentGroupName="Thirds")
    for number in range(COUNT):
        attributes = {"level": str(number), "room": "hall" if number % 2 else "Attic", "serial": f"SN-{number:03}"}
        iot.create_thing(thingName=f"lamp-{number}", attributePayload={"attributes": attributes})
        if number % 3 == 0:
            iot.add_thing_to_thing_group(thingName=f"lamp-{number}", thingGroupName="Thirds")
    return [f"lamp-{number}" for number in range(COUNT)]


def found(iot, query, size=7):
    names, token = [], None
    while True:
        options = {} if token is None else {"nextToken": token}
        page = iot.search_index(queryString=query, maxResults=size, **options)
        assert len(page["things"]) <= size
        names += [thing["thingName"] for thing in page["things"]]
        token = page.get("nextToken")
        if token is None:
            return names


@pytest.mark.parametrize(
    "query, wanted",
    [
        ("thingName:lamp-*", lambda n: True),
        ("thingName:lamp-7", lambda n: n == 7),
        ("attributes.room:HALL", lambda n: n % 2),
        ("attributes.room:attic AND attributes.level>20", lambda n: n % 2 == 0 and n > 20),
        ("attributes.level:[3 TO 5} OR attributes.serial:sn-01?", lambda n: n in (3, 4) or 10 <= n < 20),
        ("thingGroupNames:thirds -attributes.level<10", lambda n: n % 3 == 0 and n >= 10),
        ("thingName:lamp-* NOT thingGroupNames:*", lambda n: n % 3),
        ("sn-012", lambda n: n == 12),
        ("attributes.none:x", lambda n: False),
        ("thingName:(lamp-1 OR lamp-2)", lambda n: n in (1, 2)),
        ("registry.thingGroupNames:thirds AND registry.version:1", lambda n: n % 3 == 0),
        ("registry.version>1", lambda n: False),
    ],
)
def test_queries(iot, fleet, query, wanted):
    assert found(iot, query) == [name for number, name in enumerate(fleet) if wanted(number)]


def test_the_shape_of_a_result(iot, fleet):
    thing = iot.search_index(queryString="thingName:lamp-3")["things"][0]
    described = iot.describe_thing(thingName="lamp-3")
    assert thing == {
        "thingName": "lamp-3", "thingId": described["thingId"], "thingGroupNames": ["Thirds"], "attributes": described["attributes"],
    }  # fmt: skip


def test_a_change_is_found_at_once(iot, fleet, name):
    iot.create_thing(thingName=name, attributePayload={"attributes": {"mark": "one"}})
    assert found(iot, "attributes.mark:one") == [name]
    iot.update_thing(thingName=name, attributePayload={"attributes": {"mark": "two"}})
    assert (found(iot, "attributes.mark:one"), found(iot, "attributes.mark:two")) == ([], [name])
    iot.delete_thing(thingName=name)
    assert found(iot, f"thingName:{name} OR attributes.mark:*") == []


def test_groups(iot, fleet):
    def groups(query):
        return iot.search_index(indexName="AWS_ThingGroups", queryString=query)["thingGroups"]

    assert [group["thingGroupName"] for group in groups("description:\"third lamp\"")] == ["Thirds"]
    assert groups("parentGroupNames:thirds")[0]["parentGroupNames"] == ["Thirds"]
    assert len(groups("*")) == 2


@pytest.mark.parametrize("query", ["thingName:", "(a", "a AND", "a~1", "a^2", "/a/", "a:[1 TO", "a" * 1001, " OR ".join("abcdefghijklm")])
def test_no_query(iot, fleet, query):
    refusal = refused(iot.search_index, "InvalidQueryException", 400, queryString=query)
    assert refusal.message.startswith("Invalid query: ")


def test_what_else_is_refused(iot, fleet):
    refused(iot.search_index, "ResourceNotFoundException", 404, queryString="*", indexName="AWS_Cars")
    refused(iot.search_index, "InvalidRequestException", 400, queryString="*", queryVersion="1999-01-01")
    refused(iot.search_index, "InvalidRequestException", 400, queryString="*", nextToken="not-a-token")
    refused(iot.search_index, "InvalidRequestException", 400, queryString="*", maxResults=501)
    token = iot.search_index(queryString="thingName:lamp*", maxResults=1)["nextToken"]
    refused(iot.search_index, "InvalidRequestException", 400, queryString="*", nextToken=token)


def test_aggregations(iot, fleet):
    levels = list(range(COUNT))
    answer = iot.get_statistics(queryString="thingName:lamp-*", aggregationField="attributes.level")["statistics"]
    assert (answer["count"], answer["minimum"], answer["maximum"], answer["sum"]) == (COUNT, 0, COUNT - 1, sum(levels))
    assert answer["average"] == statistics.mean(levels)
    assert answer["sumOfSquares"] == sum(level * level for level in levels)
    assert answer["variance"] == pytest.approx(statistics.pvariance(levels))
    assert answer["stdDeviation"] == pytest.approx(statistics.pstdev(levels))
    assert iot.get_statistics(queryString="thingName:lamp-*")["statistics"]["maximum"] == 1
    assert iot.get_statistics(queryString="*", aggregationField="attributes.room")["statistics"] == {"count": COUNT}
    assert iot.get_statistics(queryString="thingName:none", aggregationField="attributes.level")["statistics"] == {"count": 0}
    assert iot.get_cardinality(queryString="*", aggregationField="attributes.room")["cardinality"] == 2
    assert iot.get_cardinality(queryString="thingName:none", aggregationField="attributes.room")["cardinality"] == 0
    percentiles = iot.get_percentiles(queryString="*", aggregationField="attributes.level", percents=[0, 50, 100])["percentiles"]
    assert percentiles == [{"percent": 0, "value": 0}, {"percent": 50, "value": 14.5}, {"percent": 100, "value": 29}]
    assert len(iot.get_percentiles(queryString="*", aggregationField="attributes.level")["percentiles"]) == 7
    assert iot.get_percentiles(queryString="thingName:none", aggregationField="attributes.level")["percentiles"] == []
    kind = {"termsAggregation": {"maxBuckets": 1}}
    buckets = iot.get_buckets_aggregation(
        queryString="attributes.level<11", aggregationField="attributes.room", bucketsAggregationType=kind
    )
    assert (buckets["totalCount"], buckets["buckets"]) == (11, [{"keyValue": "Attic", "count": 6}])
    for call in (iot.get_statistics, iot.get_cardinality, iot.get_percentiles):
        refused(call, "InvalidAggregationException", 400, queryString="*", aggregationField="attributes.serial")
    refused(iot.get_percentiles, "InvalidAggregationException", 400, queryString="*", aggregationField="attributes.room")
    refused(iot.get_statistics, "InvalidQueryException", 400, queryString="(")


# Sources beside the registry, on servers of their own: what is indexed is one setting of the account.


def things(mode, **others):
    return {"thingIndexingMode": mode, **others}


@pytest.fixture
def own(start_server):
    server = start_server("aws")
    return server


def clients(server):
    from fleet import api

    endpoints = vars(server.endpoints)
    return endpoints, api.client(endpoints, "iot"), api.client(endpoints, "iot-data")


def is_active(iot):
    return eventually(lambda: iot.describe_index(indexName="AWS_Things")["indexStatus"] == "ACTIVE" or None)


def test_configuration(own):
    _, iot, _ = clients(own)
    off = iot.get_indexing_configuration()
    assert off["thingIndexingConfiguration"]["thingIndexingMode"] == "OFF"
    assert off["thingGroupIndexingConfiguration"]["thingGroupIndexingMode"] == "OFF"
    refused(iot.search_index, "IndexNotReadyException", 400, queryString="*")
    refused(iot.describe_index, "ResourceNotFoundException", 404, indexName="AWS_Things")
    refused(iot.get_thing_connectivity_data, "ResourceNotFoundException", 404, thingName="none")
    assert iot.list_indices()["indexNames"] == []
    for wrong in (
        things("OFF", thingConnectivityIndexingMode="STATUS"),
        things("REGISTRY", customFields=[{"name": "shadow.reported.x", "type": "Number"}]),
        things("REGISTRY", customFields=[{"name": f"attributes.a{number}", "type": "Number"} for number in range(6)]),
        things("REGISTRY", deviceDefenderIndexingMode="VIOLATIONS"),
        things("REGISTRY", filter={"namedShadowNames": ["config"]}),
        things("REGISTRY", namedShadowIndexingMode="ON"),
        things("REGISTRY", filter={"geoLocations": [{"name": "shadow.reported.place", "order": "LatLon"}]}),
        things("REGISTRY_AND_SHADOW", filter={"geoLocations": [{"name": f"shadow.reported.p{n}"} for n in range(2)]}),
    ):
        refused(iot.update_indexing_configuration, "InvalidRequestException", 400, thingIndexingConfiguration=wrong)
    wanted = things(
        "REGISTRY_AND_SHADOW", thingConnectivityIndexingMode="STATUS", namedShadowIndexingMode="ON",
        filter={"namedShadowNames": ["config"], "geoLocations": [{"name": "shadow.reported.place", "order": "LonLat"}]},
        customFields=[{"name": "shadow.name.config.desired.rate", "type": "Number"}],
    )  # fmt: skip
    iot.update_indexing_configuration(thingIndexingConfiguration=wanted)
    answer = iot.get_indexing_configuration()["thingIndexingConfiguration"]
    managed = {field["name"] for field in answer.pop("managedFields")}
    assert {"registry.version", "shadow.hasDelta", "connectivity.connected"} <= managed
    assert answer == {**wanted, "deviceDefenderIndexingMode": "OFF"}
    assert is_active(iot)
    assert iot.describe_index(indexName="AWS_Things")["schema"] == "MULTI_INDEXING_MODE"
    iot.update_indexing_configuration(thingIndexingConfiguration=things("OFF"))
    assert iot.list_indices()["indexNames"] == []


def test_shadows(own):
    _, iot, data = clients(own)
    iot.create_thing(thingName="old")
    state = {"desired": {"mode": "eco"}, "reported": {"mode": "full", "place": [-122.3, 47.6], "log": [{"a": 1}], "none": None}}
    data.update_thing_shadow(thingName="old", payload=json.dumps({"state": state}))
    data.update_thing_shadow(thingName="old", shadowName="config", payload=json.dumps({"state": {"desired": {"rate": 5}}}))
    data.update_thing_shadow(thingName="later", payload=json.dumps({"state": {"reported": {"mode": "full"}}}))
    iot.update_indexing_configuration(
        thingIndexingConfiguration=things(
            "REGISTRY_AND_SHADOW", namedShadowIndexingMode="ON",
            filter={"namedShadowNames": ["config"], "geoLocations": [{"name": "shadow.reported.place", "order": "LonLat"}]},
        )
    )  # fmt: skip
    assert is_active(iot)
    assert found(iot, "shadow.reported.mode:full") == ["old"]
    assert found(iot, "shadow.delta.mode:eco AND shadow.hasDelta:true") == ["old"]
    assert found(iot, "shadow.name.config.desired.rate>4") == ["old"]
    assert found(iot, "shadow.reported.place:geo_distance,47.61,-122.3,2km") == ["old"]
    assert found(iot, "shadow.reported.place:geo_distance,47.61,-122.3,1km") == []
    assert found(iot, "shadow.reported.log.a:1 OR shadow.reported.none:*") == []
    shadow = json.loads(iot.search_index(queryString="thingName:old")["things"][0]["shadow"])
    assert (shadow["reported"]["mode"], shadow["hasDelta"], shadow["name"]["config"]["desired"]) == ("full", True, {"rate": 5})
    assert found(iot, "shadow.version:1 AND shadow.name.config.version<2") == ["old"]
    # A thing that comes after its shadow.
    iot.create_thing(thingName="later")
    assert found(iot, "shadow.reported.mode:full") == ["old", "later"]
    # An acknowledged change is found.
    for number in range(20):
        data.update_thing_shadow(thingName="later", payload=json.dumps({"state": {"reported": {"mode": f"m{number}"}}}))
        assert found(iot, f"shadow.reported.mode:m{number}") == ["later"]
    own.restart(kill=True)
    _, iot, data = clients(own)
    assert found(iot, "shadow.reported.mode:m19") == ["later"]
    data.delete_thing_shadow(thingName="later")
    assert found(iot, "shadow.reported.mode:*") == ["old"]
    iot.update_indexing_configuration(thingIndexingConfiguration=things("REGISTRY"))
    assert is_active(iot)
    assert found(iot, "shadow.reported.mode:*") == []
    assert "shadow" not in iot.search_index(queryString="thingName:old")["things"][0]


def test_connectivity(own, tmp_path):
    from fleet.device import make_device

    endpoints, iot, _ = clients(own)
    device = make_device(endpoints, "lamp", tmp_path, policy=allow_all_policy())
    iot.create_thing(thingName="never")
    with PahoClient(endpoints, device):
        iot.update_indexing_configuration(
            thingIndexingConfiguration=things(
                "REGISTRY", thingConnectivityIndexingMode="STATUS",
                filter={"connectivity": {"includeSocketInformation": ["GET_THING_CONNECTIVITY_DATA"]}},
            )
        )  # fmt: skip
        assert is_active(iot)
        assert found(iot, "connectivity.connected:true") == ["lamp"]
        assert found(iot, "connectivity.connected:false") == ["never"]
        answer = iot.get_thing_connectivity_data(thingName="lamp", includeSocketInformation=True)
        assert (answer["connected"], answer["disconnectReason"], answer["clientId"]) == (True, "NONE", "lamp")
        assert answer["sourceIp"] == "127.0.0.1" and answer["targetPort"] == int(endpoints["mqtts"].rsplit(":", 1)[1])
        never = iot.get_thing_connectivity_data(thingName="never")
        assert (never["connected"], never["disconnectReason"]) == (False, "UNKNOWN")
    assert eventually(lambda: found(iot, "connectivity.disconnectReason:CLIENT_INITIATED_DISCONNECT") == ["lamp"] or None)
    gone = iot.get_thing_connectivity_data(thingName="lamp")
    assert (gone["connected"], gone["disconnectReason"]) == (False, "CLIENT_INITIATED_DISCONNECT")
    assert found(iot, "connectivity.connected:false") == ["lamp", "never"]
    with PahoClient(endpoints, device):
        assert eventually(lambda: found(iot, "connectivity.connected:true") == ["lamp"] or None)
        own.restart(kill=True)
    _, iot, _ = clients(own)
    assert found(iot, "connectivity.connected:true") == []
    assert iot.search_index(queryString="thingName:lamp")["things"][0]["connectivity"]["disconnectReason"] == "SERVER_ERROR"
