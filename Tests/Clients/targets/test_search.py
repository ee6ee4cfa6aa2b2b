"""The embedded OpenSearch: signed requests to documents, and rules."""

import json
from urllib.parse import quote

import pytest
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from fleet.rule import action, make, target_records, wait_for
from fleet.signed import signed


@pytest.fixture
def ask(endpoints):
    def ask(method, target, body=None):
        return signed(endpoints, method, target, b"" if body is None else json.dumps(body).encode(), service="es")

    return ask


@pytest.fixture
def index(name):
    return name.lower()


def test_documents_are_put_read_changed_and_deleted(ask, index):
    made = ask("PUT", f"/{index}/_doc/a%20b", {"t": 1})
    assert (made.status, made.json["result"], made.json["_version"]) == (201, "created", 1)
    changed = ask("PUT", f"/{index}/_doc/a%20b", {"t": 2})
    assert (changed.status, changed.json["result"], changed.json["_version"]) == (200, "updated", 2)
    found = ask("GET", f"/{index}/_doc/a%20b").json
    assert (found["_id"], found["_source"], found["found"]) == ("a b", {"t": 2}, True)
    assert ask("DELETE", f"/{index}/_doc/a%20b").json["result"] == "deleted"
    missing = ask("GET", f"/{index}/_doc/a%20b")
    assert (missing.status, missing.json["found"]) == (404, False)
    assert ask("DELETE", f"/{index}/_doc/a%20b").status == 404
    made = ask("POST", f"/{index}/_doc", {"t": 3}).json
    assert ask("GET", f"/{index}/_doc/{made['_id']}").json["_source"] == {"t": 3}


def test_documents_are_found_and_counted(ask, index):
    for number in range(12):
        ask("PUT", f"/{index}/_doc/{number}", {"n": number, "place": {"room": "attic" if number % 3 else "cellar"}, "tags": ["x", str(number)]})
    assert ask("GET", f"/{index}/_count").json["count"] == 12
    page = ask("POST", f"/{index}/_search", {"query": {"match_all": {}}, "size": 5, "from": 10}).json["hits"]
    assert (page["total"]["value"], [hit["_id"] for hit in page["hits"]]) == (12, ["10", "11"])
    cellar = ask("POST", f"/{index}/_search", {"query": {"term": {"place.room.keyword": {"value": "cellar"}}}}).json["hits"]
    assert [hit["_source"]["n"] for hit in cellar["hits"]] == [0, 3, 6, 9]
    assert ask("POST", f"/{index}/_count", {"query": {"term": {"tags": "7"}}}).json["count"] == 1
    assert len(ask("GET", f"/{index}/_search").json["hits"]["hits"]) == 10


@pytest.mark.parametrize("method, target, body, status, word", [
    ("GET", "/nothing/_doc/1", None, 404, "no such index [nothing]"),
    ("GET", "/nothing/_search", None, 404, "index_not_found_exception"),
    ("PUT", "/Upper/_doc/1", {}, 400, "invalid_index_name_exception"),
    ("PUT", "/x/_doc/1", [1], 400, "mapper_parsing_exception"),
    ("PUT", "/x/_doc/" + "i" * 513, {}, 400, "512"),
    ("POST", "/x/_search", {"query": {"fuzzy": {}}}, 400, "fuzzy"),
    ("POST", "/x/_search", {"aggs": {}}, 400, "aggs"),
    ("POST", "/x/_search?q=a", {}, 400, "[q]"),
    ("POST", "/x/_update/1", {"doc": {}}, 400, "_update"),
    ("POST", "/_bulk", {}, 400, "Bulk"),
    ("GET", "/x/_mapping", None, 400, "GetMapping"),
    ("POST", "/2021-01-01/opensearch/domain", {"DomainName": "x"}, 400, "domains"),
    ("PUT", "/x", {"mappings": {}}, 400, "mappings"),
])
def test_what_is_wrong_or_not_offered_is_refused_by_name(ask, method, target, body, status, word):
    answer = ask(method, target, body)
    assert answer.status == status, answer.body
    assert word in answer.body.decode()


def test_indices_are_made_and_deleted(ask, index):
    assert ask("PUT", f"/{index}").json["acknowledged"] is True
    assert "resource_already_exists_exception" in ask("PUT", f"/{index}").body.decode()
    ask("PUT", f"/{index}/_doc/1", {})
    assert ask("DELETE", f"/{index}").json == {"acknowledged": True}
    assert ask("GET", f"/{index}/_count").status == 404
    assert "version_conflict" not in ask("PUT", f"/{index}/_create/1", {}).body.decode()
    assert ask("PUT", f"/{index}/_create/1", {}).status == 409


def test_a_rule_puts_documents(iot, endpoints, new_device, ask, index, name):
    rule = name.replace("-", "_")
    make(iot, rule, f"SELECT t FROM '{rule}/+/in'", action(
        "openSearch", endpoint="https://search-x.us-east-1.es.amazonaws.com", index=index, type="_doc", id="${topic(2)}/${t}"))
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        client.publish(f"{rule}/cellar/in", b'{"t": 21.5}')
        [record] = wait_for(lambda: target_records(endpoints, "es", index))
        assert (record["key"], json.loads(record["body"])) == ("cellar/21.5", {"t": 21.5})
        assert ask("GET", f"/{index}/_doc/{quote('cellar/21.5', safe='')}").json["_source"] == {"t": 21.5}
