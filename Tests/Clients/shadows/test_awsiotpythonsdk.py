"""`AWSIoTPythonSDK`, the first generation's device SDK: the flow of its basicShadow samples (classic shadows are all that it knows)."""

import json
import queue
import threading

import pytest
from AWSIoTPythonSDK.MQTTLib import AWSIoTMQTTShadowClient
from fleet.device import host_and_port
from fleet.inbox import PATIENCE, eventually
from fleet.shadow import own_shadow_policy


class Handler:
    """One shadow handler with its callbacks' payloads in queues."""

    def __init__(self, endpoints, device, thing, client_id, persistent):
        self.client = AWSIoTMQTTShadowClient(client_id)
        _, port = host_and_port(endpoints["mqtts"])
        self.client.configureEndpoint("localhost", port)
        self.client.configureCredentials(endpoints["caFile"], device.key_file, device.certificate_file)
        self.client.configureAutoReconnectBackoffTime(1, 32, 20)
        self.client.configureConnectDisconnectTimeout(PATIENCE)
        self.client.configureMQTTOperationTimeout(PATIENCE)
        assert self.client.connect()
        self.shadow = self.client.createShadowHandlerWithName(thing, persistent)
        self.answers, self.deltas = queue.Queue(), queue.Queue()

    def listen(self):
        self.shadow.shadowRegisterDeltaCallback(lambda payload, status, token: self.deltas.put((status, json.loads(payload))))

    def _answered(self, payload, status, token):
        self.answers.put((status, payload, token))

    def _answer(self, token):
        status, payload, found = self.answers.get(timeout=PATIENCE * 2)
        assert found == token
        assert status != "timeout", "no answer"
        return status, json.loads(payload)

    def get(self):
        return self._answer(self.shadow.shadowGet(self._answered, PATIENCE))

    def update(self, **state):
        return self._answer(self.shadow.shadowUpdate(json.dumps({"state": state}), self._answered, PATIENCE))

    def delete(self):
        return self._answer(self.shadow.shadowDelete(self._answered, PATIENCE))


@pytest.fixture
def handler(endpoints, new_device, name):
    device = new_device(name, policy=own_shadow_policy(endpoints))
    opened = []

    def open(persistent=True):
        opened.append(Handler(endpoints, device, name, name, persistent))
        return opened[-1]

    yield open
    # It unsubscribes in threads of its own, which a disconnection would disturb.
    eventually(lambda: not any("Unsubscribe" in thread.name for thread in threading.enumerate()))
    for each in opened:
        each.client.disconnect()


def test_delta_listener_and_updater(handler, iot_data, name):
    device = handler()
    assert device.delete()[0] == "rejected"
    device.listen()
    iot_data.update_thing_shadow(thingName=name, payload=json.dumps({"state": {"desired": {"property": 1}}}))
    status, delta = device.deltas.get(timeout=PATIENCE)
    assert status == f"delta/{name}"
    assert (delta["state"], delta["version"]) == ({"property": 1}, 1)

    status, accepted = device.update(reported=delta["state"])
    assert (status, accepted["state"], accepted["version"]) == ("accepted", {"reported": {"property": 1}}, 2)
    status, document = device.get()
    assert (status, document["version"]) == ("accepted", 2)
    assert document["state"] == {"desired": {"property": 1}, "reported": {"property": 1}}
    assert device.deltas.empty()

    status, refused = device.update(desired={"list": [None]})
    assert (status, refused["code"]) == ("rejected", 400)

    status, deleted = device.delete()
    assert (status, deleted["version"]) == ("accepted", 2)
    status, refused = device.get()
    assert (status, refused["code"]) == ("rejected", 404)
    device.shadow.shadowUnregisterDeltaCallback()


def test_without_persistent_subscriptions(handler):
    """It subscribes and unsubscribes for each request."""
    device = handler(persistent=False)
    status, accepted = device.update(reported={"a": 1})
    assert (status, accepted["version"]) == ("accepted", 1)
    status, document = device.get()
    assert (status, document["state"]) == ("accepted", {"reported": {"a": 1}})
