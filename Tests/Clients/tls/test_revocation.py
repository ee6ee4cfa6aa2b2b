"""A change of rights acts on connections that are there already, at once and without a reconnect."""

import json
import time

import paho.mqtt.client as paho
import pytest
from fleet import command
from fleet.device import allow_all_policy, arn
from fleet.inbox import eventually
from fleet.paho_client import PahoClient

#: AWS needs minutes; here it is at once. A debug build on a busy machine still keeps this, in seconds.
AT_ONCE = 3


@pytest.mark.parametrize("version", [paho.MQTTv311, paho.MQTTv5], ids=["3.1.1", "5"])
@pytest.mark.parametrize("status", ["INACTIVE", "REVOKED"])
def test_deactivation_ends_connections(version, status, endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    clients = [PahoClient(endpoints, device, client_id=f"{name}-{number}", version=version).connect() for number in range(3)]
    bystander = PahoClient(endpoints, new_device(f"{name}-bystander", policy=allow_all_policy())).connect()
    iot.update_certificate(certificateId=device.certificate_id, newStatus=status)
    for client in clients:
        client.wait_closed(AT_ONCE)
    bystander.publish("still/here", b"x")
    bystander.disconnect()


def test_a_kept_https_connection_is_refused_after_it(endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    assert command.curl(endpoints, device, "/topics/t", "--data-binary", "x")[0] == 200
    iot.update_certificate(certificateId=device.certificate_id, newStatus="INACTIVE")
    try:
        assert command.curl(endpoints, device, "/topics/t", "--data-binary", "x")[0] == 403
    except ConnectionError:
        pass


def replace(iot, device, document):
    iot.create_policy_version(policyName=device.policy_name, policyDocument=json.dumps(document), setAsDefault=True)


def only(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def test_a_new_policy_version_takes_a_right_away(endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    with PahoClient(endpoints, device) as client:
        assert not client.publish(f"{name}/t", b"x").is_failure
        replace(iot, device, only({"Effect": "Allow", "Action": ["iot:Connect", "iot:Subscribe"], "Resource": "*"}))
        eventually(lambda: client.publish(f"{name}/t", b"x").value == 0x87, AT_ONCE)
        replace(iot, device, allow_all_policy())
        eventually(lambda: not client.publish(f"{name}/t", b"x").is_failure, AT_ONCE)


def test_receive_is_asked_at_every_delivery(endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    with PahoClient(endpoints, device) as client, PahoClient(endpoints, client_id=f"{name}-sender", listener="mqtt") as sender:
        client.subscribe(f"{name}/#")
        sender.publish(f"{name}/t", b"before")
        client.inbox.wait_payload(b"before")
        allowed = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}
        denied = {"Effect": "Deny", "Action": "iot:Receive", "Resource": arn(endpoints, f"topic/{name}/t")}
        replace(iot, device, only(allowed, denied))
        time.sleep(0.2)
        sender.publish(f"{name}/t", b"withheld")
        sender.publish(f"{name}/other", b"after")
        client.inbox.wait_payload(b"after")
        assert b"withheld" not in client.inbox.payloads


def test_detaching_the_policy(endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    with PahoClient(endpoints, device) as client:
        iot.detach_policy(policyName=device.policy_name, target=device.certificate_arn)
        eventually(lambda: client.publish(f"{name}/t", b"x").value == 0x87, AT_ONCE)
        iot.attach_policy(policyName=device.policy_name, target=device.certificate_arn)
        eventually(lambda: not client.publish(f"{name}/t", b"x").is_failure, AT_ONCE)


def test_detaching_the_thing_takes_its_variables_away(endpoints, iot, new_device, name):
    device = new_device(name)
    with PahoClient(endpoints, device) as client:
        assert not client.publish(f"fleet/{name}/t", b"x").is_failure
        iot.detach_thing_principal(thingName=name, principal=device.certificate_arn)
        eventually(lambda: client.publish(f"fleet/{name}/t", b"x").value == 0x87, AT_ONCE)


def test_an_attribute_of_the_thing_is_read_anew(endpoints, iot, new_device, name):
    attribute = "${iot:Connection.Thing.Attributes[site]}"
    statements = [
        {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"},
        {"Effect": "Allow", "Action": "iot:Publish", "Resource": arn(endpoints, f"topic/site/{attribute}/t")},
    ]
    device = new_device(name, policy=only(*statements))
    iot.update_thing(thingName=name, attributePayload={"attributes": {"site": "north"}})
    with PahoClient(endpoints, device) as client:
        assert not client.publish("site/north/t", b"x").is_failure
        iot.update_thing(thingName=name, attributePayload={"attributes": {"site": "south"}})
        eventually(lambda: client.publish("site/north/t", b"x").value == 0x87, AT_ONCE)
        assert not client.publish("site/south/t", b"x").is_failure
