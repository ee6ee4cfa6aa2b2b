"""The flow of the Device SDK's own shadow sample with `awsiot.iotshadow.IotShadowClient`, classic and named, MQTT 3.1.1 and 5."""

import queue

import pytest
from awscrt import mqtt
from awsiot import iotshadow
from fleet.crt_client import Crt3Client, Crt5Client
from fleet.inbox import PATIENCE
from fleet.shadow import own_shadow_policy

QOS = mqtt.QoS.AT_LEAST_ONCE


class Desk:
    """IotShadowClient on one shadow: each kind of message goes to a queue of its own."""

    KINDS = ["get_{}shadow_accepted", "get_{}shadow_rejected", "update_{}shadow_accepted", "update_{}shadow_rejected",
             "delete_{}shadow_accepted", "delete_{}shadow_rejected", "{}shadow_delta_updated_events", "{}shadow_updated_events"]  # fmt: skip

    def __init__(self, connection, thing, name=None):
        self.client = iotshadow.IotShadowClient(connection)
        self.names = {"thing_name": thing, **({"shadow_name": name} if name else {})}
        self.is_named = name is not None
        self.arrived = {kind.format(""): queue.Queue() for kind in self.KINDS}
        for kind in self.KINDS:
            subscribe = getattr(self.client, "subscribe_to_" + kind.format("named_" if self.is_named else ""))
            future, _ = subscribe(self.subscription(kind), QOS, self.arrived[kind.format("")].put)
            future.result(PATIENCE)

    def subscription(self, kind):
        words = kind.format("named_" if self.is_named else "").replace("_accepted", "").replace("_rejected", "").replace("_events", "")
        return getattr(iotshadow, words.title().replace("_", "") + "SubscriptionRequest")(**self.names)

    def ask(self, operation, **fields):
        named = "Named" if self.is_named else ""
        request = getattr(iotshadow, f"{operation.title()}{named}ShadowRequest")(**self.names, **fields)
        publish = getattr(self.client, f"publish_{operation}_{'named_' if self.is_named else ''}shadow")
        publish(request, QOS).result(PATIENCE)

    def next(self, kind):
        found = self.arrived[kind].get(timeout=PATIENCE)
        assert found is not None, f"{kind}: the SDK could not read the message"
        return found


CONNECTIONS = {
    "MQTT 3.1.1": (Crt3Client, lambda client: client.connection),
    "MQTT 5": (Crt5Client, lambda client: client.client),
}


@pytest.fixture(params=CONNECTIONS)
def connect(request):
    kind, inner = CONNECTIONS[request.param]
    opened = []

    def open(*arguments):
        opened.append(kind(*arguments).connect())
        return inner(opened[-1])

    yield open
    for each in opened:
        each.disconnect()


@pytest.mark.parametrize("shadow_name", [None, "settings"], ids=["classic", "named"])
def test_sample(shadow_name, connect, endpoints, new_device, name):
    device_name = new_device(name, policy=own_shadow_policy(endpoints))
    device = Desk(connect(endpoints, name, device_name), name, shadow_name)
    application = Desk(connect(endpoints, f"{name}-application"), name, shadow_name)

    # There is no shadow yet: the sample sets its default then.
    device.ask("get", client_token="first")
    missing = device.next("get_shadow_rejected")
    assert (missing.code, missing.client_token) == (404, "first")
    default = iotshadow.ShadowState(reported={"color": "purple"}, desired={"color": "purple"})
    device.ask("update", state=default, client_token="default")
    accepted = device.next("update_shadow_accepted")
    assert (accepted.client_token, accepted.version, accepted.state.reported) == ("default", 1, {"color": "purple"})
    assert accepted.timestamp is not None and accepted.metadata.reported["color"]["timestamp"]

    # The application desires something else, the device gets the difference and reports it.
    application.ask("update", state=iotshadow.ShadowState(desired={"color": "red"}), client_token="wish")
    delta = device.next("shadow_delta_updated_events")
    assert (delta.state, delta.version, delta.client_token) == ({"color": "red"}, 2, "wish")
    assert delta.metadata["color"]["timestamp"] and delta.timestamp
    device.ask("update", state=iotshadow.ShadowState(reported=delta.state, desired=delta.state))
    events = [application.next("shadow_updated_events") for _ in range(3)]
    assert events[-1].current.state.reported == {"color": "red"}
    assert events[-1].previous.state.reported == {"color": "purple"}
    assert [event.current.version for event in events] == [1, 2, 3]

    # The difference is gone.
    application.ask("get", client_token="check")
    found = application.next("get_shadow_accepted")
    assert (found.state.desired, found.state.reported, found.state.delta) == ({"color": "red"}, {"color": "red"}, None)
    assert (found.version, found.client_token) == (3, "check")
    assert device.arrived["shadow_delta_updated_events"].empty()

    device.ask("update", state=iotshadow.ShadowState(desired={"color": "blue"}), version=2, client_token="late")
    refused = device.next("update_shadow_rejected")
    assert (refused.code, refused.message, refused.client_token) == (409, "Version conflict", "late")

    device.ask("update", state=iotshadow.ShadowState(desired=None, desired_is_nullable=True))
    application.ask("get")
    assert application.next("get_shadow_accepted").state.desired is None

    device.ask("delete", client_token="end")
    deleted = device.next("delete_shadow_accepted")
    assert (deleted.version, deleted.client_token) == (4, "end")
    assert application.next("delete_shadow_accepted").version == 4
    device.ask("delete")
    assert device.next("delete_shadow_rejected").code == 404
