"""The flow of the Device SDK's own shadow sample with `awsiot.iotshadow.IotShadowClientV2`: requests with answers, and streams."""

import queue

import awsiot
import pytest
from awscrt import mqtt_request_response as rr
from awsiot import iotshadow
from fleet.crt_client import Crt3Client, Crt5Client
from fleet.inbox import PATIENCE
from fleet.shadow import own_shadow_policy

CONNECTIONS = {
    "MQTT 3.1.1": (Crt3Client, lambda client: client.connection),
    "MQTT 5": (Crt5Client, lambda client: client.client),
}


class Desk:
    """IotShadowClientV2 on one shadow."""

    def __init__(self, connection, thing, name=None):
        options = rr.ClientOptions(max_request_response_subscriptions=4, max_streaming_subscriptions=2, operation_timeout_in_seconds=PATIENCE)
        self.client = iotshadow.IotShadowClientV2(connection, options)
        self.names = {"thing_name": thing, **({"shadow_name": name} if name else {})}
        self.title, self.words = ("Named", "named_") if name else ("", "")
        self.deltas, self.events = queue.Queue(), queue.Queue()
        self._streams = [
            self._open(f"create_{self.words}shadow_delta_updated_stream", f"{self.title}ShadowDeltaUpdatedSubscriptionRequest", self.deltas),
            self._open(f"create_{self.words}shadow_updated_stream", f"{self.title}ShadowUpdatedSubscriptionRequest", self.events),
        ]

    def _open(self, method, request, events):
        status = queue.Queue()
        options = awsiot.ServiceStreamOptions(
            incoming_event_listener=events.put,
            subscription_status_listener=status.put,
            deserialization_failure_listener=lambda failure: events.put(failure),
        )
        stream = getattr(self.client, method)(getattr(iotshadow, request)(**self.names), options)
        stream.open()
        established = status.get(timeout=PATIENCE)
        assert established.type == rr.SubscriptionStatusEventType.SUBSCRIPTION_ESTABLISHED, established
        return stream

    def ask(self, operation, **fields):
        request = getattr(iotshadow, f"{operation.title()}{self.title}ShadowRequest")(**self.names, **fields)
        return getattr(self.client, f"{operation}_{self.words}shadow")(request).result(PATIENCE)

    def refused(self, operation, **fields):
        with pytest.raises(awsiot.V2ServiceException) as raised:
            self.ask(operation, **fields)
        assert raised.value.modeled_error is not None, raised.value.inner_error
        return raised.value.modeled_error


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
    device = Desk(connect(endpoints, name, new_device(name, policy=own_shadow_policy(endpoints))), name, shadow_name)
    application = Desk(connect(endpoints, f"{name}-application"), name, shadow_name)

    assert device.refused("get").code == 404
    accepted = device.ask("update", state=iotshadow.ShadowState(reported={"color": "purple"}))
    assert (accepted.version, accepted.state.reported) == (1, {"color": "purple"})

    wish = application.ask("update", state=iotshadow.ShadowState(desired={"color": "red"}))
    assert (wish.version, wish.state.desired) == (2, {"color": "red"})
    delta = device.deltas.get(timeout=PATIENCE)
    assert (delta.state, delta.version) == ({"color": "red"}, 2)
    assert application.ask("get").state.delta == {"color": "red"}

    assert device.ask("update", state=iotshadow.ShadowState(reported=delta.state)).version == 3
    events = [application.events.get(timeout=PATIENCE) for _ in range(3)]
    assert [event.current.version for event in events] == [1, 2, 3]
    assert (events[2].previous.state.reported, events[2].current.state.reported) == ({"color": "purple"}, {"color": "red"})
    found = application.ask("get")
    assert (found.state.desired, found.state.reported, found.state.delta) == ({"color": "red"}, {"color": "red"}, None)
    assert device.deltas.empty()

    conflict = application.refused("update", state=iotshadow.ShadowState(desired={"color": "blue"}), version=1)
    assert (conflict.code, conflict.message) == (409, "Version conflict")
    assert application.refused("update").message == "Missing required node: state"

    assert device.ask("delete").version == 3
    assert application.refused("get").code == 404
    assert application.refused("delete").code == 404
