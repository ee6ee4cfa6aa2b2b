"""SIGKILL in the middle of 10,000 updates over several shadows: what was accepted is there, and nothing is there half."""

import json
import threading
import time

import pytest
from fleet import api
from fleet.inbox import PATIENCE
from fleet.paho_client import PahoClient
from fleet.shadow import shadow_prefix

TOTAL = 10_000
SHADOWS = [None, "a", "b", "c", "d"]
#: Unacknowledged updates of one shadow.
WINDOW = 40
#: Updates rotate over so many keys, so that an update that was lost on the way shows as an old value.
KEYS = 25


class Stream:
    """Updates one shadow, one after the other, over connections that end at any time. The n-th update of all that were ever sent sets
    `reported.kK` and `reported.n` to its number."""

    def __init__(self, thing, name, total):
        self.thing, self.name, self.total = thing, name, total
        self.prefix = shadow_prefix(thing, name)
        #: Version and number of what was accepted, in the order of arrival.
        self.accepted = []
        #: How many updates are on disk at least, as the acknowledgements say.
        self.acknowledged = 0
        self._next = 0

    def _on_accepted(self, message):
        document = json.loads(message.payload)
        self.accepted.append((document["version"], document["state"]["reported"]["n"]))

    def run(self, endpoints):
        """Until all are acknowledged or the connection ends."""
        client = PahoClient(endpoints, client_id=f"{self.thing}-{self.name}", listener="mqtt")
        window = threading.Semaphore(WINDOW)

        def on_publish(client, userdata, mid, reason, properties):
            assert not reason.is_failure, reason
            self.acknowledged += 1
            window.release()

        self.acknowledged = self._next
        client.paho.on_publish = on_publish
        client.inbox.put = self._on_accepted
        client.connect()
        client.subscribe(f"{self.prefix}/update/accepted")
        while self._next < self.total and not client.closed.is_set():
            if window.acquire(timeout=0.05):
                client.paho.publish(f"{self.prefix}/update", self.request(self._next), 1)
                self._next += 1
        for _ in range(WINDOW):
            while not client.closed.is_set() and not window.acquire(timeout=0.05):
                pass
        client.disconnect()

    @staticmethod
    def request(number):
        return json.dumps({"state": {"reported": {f"k{number % KEYS}": number, "n": number}}})

    def resume(self, document):
        """Goes on behind what the server has: what it has not seen of those that were sent is sent again."""
        self._next = document["state"]["reported"]["n"] + 1 if document else 0


def expected_state(number):
    """After the updates up to `number`."""
    values = {f"k{each % KEYS}": each for each in range(max(0, number - KEYS + 1), number + 1)}
    return {**values, "n": number}


def stored(endpoints, thing, name):
    iot_data = api.client(endpoints, "iot-data")
    try:
        return json.loads(iot_data.get_thing_shadow(thingName=thing, **({"shadowName": name} if name else {}))["payload"].read())
    except iot_data.exceptions.ResourceNotFoundException:
        return None


def started(streams, endpoints):
    threads = [threading.Thread(target=each.run, args=(endpoints,)) for each in streams]
    for each in threads:
        each.start()
    return threads


def run_to_the_end(streams, endpoints):
    threads = started(streams, endpoints)
    for each in threads:
        each.join(PATIENCE * 6)
        assert not each.is_alive(), [len(each.accepted) for each in streams]
    return threads


def run_until(streams, endpoints, count):
    """Returns when that many updates are accepted in all; the streams go on."""
    threads = started(streams, endpoints)
    deadline = time.monotonic() + PATIENCE * 6
    while sum(len(each.accepted) for each in streams) < count:
        assert time.monotonic() < deadline, [len(each.accepted) for each in streams]
        time.sleep(0.002)
    return threads


@pytest.mark.timeout(280)
def test_sigkill_in_the_middle(start_server, name):
    server = start_server("aws")
    streams = [Stream(name, each, TOTAL // len(SHADOWS)) for each in SHADOWS]
    # In the last round all that is left is sent and acknowledged, and then comes the kill.
    for goal in (2_000, 5_000, 8_000, None):
        threads = run_until(streams, vars(server.endpoints), goal) if goal else run_to_the_end(streams, vars(server.endpoints))
        server.kill()
        for each in threads:
            each.join()
        server.start()
        for each in streams:
            check(each, stored(vars(server.endpoints), each.thing, each.name))
    for each in streams:
        assert stored(vars(server.endpoints), each.thing, each.name)["version"] == each.total


def check(stream, document):
    versions = [version for version, _ in stream.accepted]
    assert versions == sorted(set(versions)), "a version came twice or went back"
    if document is None:
        assert not stream.accepted and not stream.acknowledged, "an accepted shadow is gone"
        return
    # Each update is one version, so the version tells the whole state.
    assert document["version"] >= max(versions, default=0), "an accepted update is lost"
    assert document["version"] >= stream.acknowledged, "an acknowledged update is lost"
    number = document["version"] - 1
    assert document["state"] == {"reported": expected_state(number)}
    assert set(document["metadata"]["reported"]) == set(document["state"]["reported"])
    assert all(version == sent + 1 for version, sent in stream.accepted)
    stream.resume(document)
