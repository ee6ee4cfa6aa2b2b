"""A device that comes back receives what was published at QoS 1 while it was away; what was acknowledged outlives SIGKILL."""

import threading
import time

import paho.mqtt.client as paho
import pytest
from fleet import api
from fleet.crt_client import Crt3Client, Crt5Client
from fleet.device import allow_all_policy, make_device
from fleet.inbox import PATIENCE
from fleet.paho_client import PahoClient

CLIENTS = {
    "awsiotsdk MQTT 3.1.1": lambda endpoints, device: Crt3Client(endpoints, device.name, device, persistent=True),
    "awsiotsdk MQTT 5": lambda endpoints, device: Crt5Client(endpoints, device.name, device, persistent=True),
    "paho MQTT 3.1.1": lambda endpoints, device: PahoClient(endpoints, device, version=paho.MQTTv311, persistent=True),
    "paho MQTT 5": lambda endpoints, device: PahoClient(endpoints, device, persistent=True),
}


@pytest.mark.parametrize("kind", CLIENTS)
def test_messages_wait_for_a_device(kind, endpoints, iot_data, new_device, name):
    device = new_device(name)
    with CLIENTS[kind](endpoints, device) as client:
        client.subscribe(f"fleet/{name}/commands")
    for number in range(25):
        iot_data.publish(topic=f"fleet/{name}/commands", qos=1, payload=b"%d" % number)
    iot_data.publish(topic=f"fleet/{name}/commands", qos=0, payload=b"QoS 0 does not wait")
    with CLIENTS[kind](endpoints, device) as client:
        assert client.session_present
        client.inbox.wait_count(25)
        iot_data.publish(topic=f"fleet/{name}/commands", qos=1, payload=b"live")
        client.inbox.wait_payload(b"live")
        assert client.inbox.payloads == [b"%d" % number for number in range(25)] + [b"live"]


def test_messages_wait_over_a_clean_restart(start_server, tmp_path, name):
    server = start_server("aws")
    device = make_device(vars(server.endpoints), name, tmp_path)
    with PahoClient(vars(server.endpoints), device, persistent=True) as client:
        client.subscribe(f"fleet/{name}/commands")
    api.client(vars(server.endpoints), "iot-data").publish(topic=f"fleet/{name}/commands", qos=1, payload=b"before the restart")
    server.restart()
    with PahoClient(vars(server.endpoints), device, persistent=True) as client:
        assert client.session_present
        client.inbox.wait_payload(b"before the restart")


class Stream:
    """Publishes numbered messages at QoS 1 without a pause and remembers which the server acknowledged."""

    IN_FLIGHT = 50
    #: Packet identifiers are used again after 65,535, and then an acknowledgement would no longer name one message.
    MAX_MESSAGES = 60_000

    def __init__(self, endpoints, device, topic, first):
        self.next = first
        # What paho's thread does and what this one does meet in single operations on a set and a dictionary. A lock around
        # paho's publish would meet the lock that paho holds while it calls back.
        self._numbers = {}
        self._acknowledged_ids = set()
        self._topic = topic
        self._stopped = threading.Event()
        self._client = PahoClient(endpoints, device)
        self._client.paho.on_publish = self._on_publish
        self._client.paho.max_inflight_messages_set(self.IN_FLIGHT)

    def _on_publish(self, client, userdata, mid, reason, properties):
        if not reason.is_failure:
            self._acknowledged_ids.add(mid)

    @property
    def acknowledged(self):
        return {self._numbers[mid] for mid in self._acknowledged_ids}

    def _publish(self):
        while not self._stopped.is_set() and not self._client.closed.is_set() and len(self._numbers) < self.MAX_MESSAGES:
            if len(self._numbers) - len(self._acknowledged_ids) >= self.IN_FLIGHT:
                time.sleep(0.001)
                continue
            info = self._client.paho.publish(self._topic, b"%d" % self.next, 1)
            self._numbers[info.mid] = self.next
            self.next += 1

    def run_until(self, count):
        self._client.connect()
        thread = threading.Thread(target=self._publish)
        thread.start()
        deadline = time.monotonic() + PATIENCE
        while len(self._acknowledged_ids) < count and time.monotonic() < deadline and not self._client.closed.is_set():
            time.sleep(0.002)
        return thread

    def end(self, thread):
        self._stopped.set()
        thread.join()
        self._client.paho.loop_stop()


@pytest.mark.parametrize("online", [False, True], ids=["receiver away", "receiver online"])
def test_sigkill_in_the_middle_of_a_stream(online, start_server, tmp_path, name):
    server = start_server("aws")
    endpoints = vars(server.endpoints)
    sender = make_device(endpoints, f"{name}-sender", tmp_path, policy=allow_all_policy())
    receiver = make_device(endpoints, f"{name}-receiver", tmp_path, policy=allow_all_policy())
    topic = f"fleet/{name}/stream"
    with PahoClient(endpoints, receiver, persistent=True) as client:
        client.subscribe(topic)

    acknowledged, received, first = set(), set(), 0
    for _ in range(3):
        reader = PahoClient(vars(server.endpoints), receiver, persistent=True).connect() if online else None
        stream = Stream(vars(server.endpoints), sender, topic, first)
        thread = stream.run_until(300)
        server.kill()
        stream.end(thread)
        if reader is not None:
            reader.paho.loop_stop()
            received |= {int(payload) for payload in reader.inbox.payloads}
        assert len(stream.acknowledged) >= 300, "the server acknowledged too little before it was killed"
        acknowledged |= stream.acknowledged
        first = stream.next
        server.start()

    with PahoClient(vars(server.endpoints), receiver, persistent=True) as client:
        assert client.session_present
        api.client(vars(server.endpoints), "iot-data").publish(topic=topic, qos=1, payload=b"-1")
        client.inbox.wait_payload(b"-1", 60)
        received |= {int(payload) for payload in client.inbox.payloads}
    missing = acknowledged - received
    assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged messages are lost: {sorted(missing)[:20]}"
