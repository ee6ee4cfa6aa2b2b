"""One shadow's updates are serial: delta, documents and accepted of each leave in this order, and versions in theirs."""

import json
import threading

import pytest
from fleet.api import client as aws_client
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow, shadow_prefix

#: Of the aws profile's 100 messages that may be unacknowledged.
IN_FLIGHT = 50


def send_all(client, prefix, tokens, state=lambda number: {"desired": {"n": number}, "reported": {"m": number}}):
    """Sends an update for each token without waiting for answers."""
    infos = []
    for number, token in enumerate(tokens):
        request = json.dumps({"state": state(number), "clientToken": token})
        infos.append(client.paho.publish(f"{prefix}/update", request, 1))
        if len(infos) >= IN_FLIGHT:
            infos[-IN_FLIGHT].wait_for_publish(20)


def check_order(said, count):
    """Exactly delta, documents, accepted of version 1, then of version 2, and so on; each trio with one token. Returns the tokens."""
    expected = [(f"update/{kind}", version) for version in range(1, count + 1) for kind in ("delta", "documents", "accepted")]
    parsed = [(each.what, each.json) for each in said]
    assert [(what, json["current"]["version"] if what == "update/documents" else json["version"]) for what, json in parsed] == expected
    tokens = [document["clientToken"] for _, document in parsed]
    assert tokens[::3] == tokens[1::3] == tokens[2::3]
    for (_, one), (_, next_one) in zip(parsed[1::3], parsed[4::3]):
        assert next_one["previous"] == one["current"]
    return tokens[::3]


@pytest.mark.parametrize("shadow_name", [None, "settings"])
def test_of_one_client(shadow_name, application, name):
    shadow = Shadow(application, name, shadow_name)
    tokens = [f"t{number}" for number in range(200)]
    send_all(application, shadow.prefix, tokens)
    shadow.wait_said("update/accepted", len(tokens))
    assert check_order(shadow.said, len(tokens)) == tokens


def test_of_several_clients(endpoints, shadow, name):
    clients = [PahoClient(endpoints, client_id=f"{name}-{number}", listener="mqtt").connect() for number in range(5)]
    wanted = [[f"c{client}-{number}" for number in range(60)] for client in range(len(clients))]
    threads = [threading.Thread(target=send_all, args=(client, shadow.prefix, each)) for client, each in zip(clients, wanted)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    shadow.wait_said("update/accepted", 300)
    tokens = check_order(shadow.said, 300)
    for number, each in enumerate(wanted):
        assert [token for token in tokens if token.startswith(f"c{number}-")] == each, "one client's updates are taken in its order"
    for each in clients:
        each.disconnect()


def test_of_several_shadows_at_once(endpoints, application, name):
    shadows = [Shadow(application, name, f"s{number}") for number in range(4)]
    senders = [PahoClient(endpoints, client_id=f"{name}-{number}", listener="mqtt").connect() for number in range(4)]
    tokens = [f"t{number}" for number in range(80)]
    threads = [threading.Thread(target=send_all, args=(sender, shadow.prefix, tokens)) for sender, shadow in zip(senders, shadows)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for each in shadows:
        each.wait_said("update/accepted", len(tokens))
        assert check_order(each.said, len(tokens)) == tokens
    for each in senders:
        each.disconnect()


def test_with_http_in_between(endpoints, application, shadow, name):
    iot_data = aws_client(endpoints, "iot-data")
    sending = threading.Thread(target=send_all, args=(application, shadow.prefix, [f"m{number}" for number in range(60)]))
    sending.start()
    versions = []
    for number in range(20):
        payload = json.dumps({"state": {"desired": {"h": number}}, "clientToken": f"h{number}"})
        versions.append(json.loads(iot_data.update_thing_shadow(thingName=name, payload=payload)["payload"].read())["version"])
    sending.join()
    shadow.wait_said("update/accepted", 80)
    assert versions == sorted(set(versions))
    tokens = check_order(shadow.said, 80)
    assert [tokens[version - 1] for version in versions] == [f"h{number}" for number in range(20)]


def test_a_get_sees_what_was_accepted_before_it(endpoints, shadow, name):
    """A get that is sent after an update of the same client, without waiting, is answered after it and with it."""
    with PahoClient(endpoints, client_id=f"{name}-other", listener="mqtt") as other:
        for number in range(50):
            other.paho.publish(f"{shadow.prefix}/update", json.dumps({"state": {"reported": {"n": number}}}), 1)
            other.paho.publish(f"{shadow.prefix}/get", json.dumps({"clientToken": f"{number}"}), 1).wait_for_publish(20)
        shadow.wait_said("get/accepted", 50)
    seen = 0
    for each in shadow.said:
        if each.what == "update/accepted":
            seen = each.json["version"]
        elif each.what == "get/accepted":
            assert each.json["version"] >= seen
            assert each.json["state"]["reported"]["n"] >= int(each.json["clientToken"])


def test_a_conflict_is_decided_in_order(endpoints, shadow, name):
    """Of ten updates that all know version 1, one is taken."""
    shadow.update(desired={"n": 0})
    shadow.forget()
    clients = [PahoClient(endpoints, client_id=f"{name}-{number}", listener="mqtt").connect() for number in range(10)]
    for number, each in enumerate(clients):
        each.paho.publish(f"{shadow_prefix(name)}/update", json.dumps({"state": {"desired": {"n": number}}, "version": 1}), 1)
    shadow.wait_said("update/rejected", 9)
    shadow.wait_said("update/accepted", 1)
    assert shadow.get()["version"] == 2
    assert {each.json["code"] for each in shadow.said if each.what == "update/rejected"} == {409}
    for each in clients:
        each.disconnect()
