"""Publishers and receivers whose bookkeeping survives the end of a connection, as a device's own storage would."""

from __future__ import annotations

import threading
from typing import Callable, Optional

from . import mqtt_build as build
from .mqtt_raw import ConnectionEnded, DeadlinePassed, MQTTClient, Packet, Type


class QoS1Publisher:
    """Streams numbered messages with a window of unacknowledged ones until its connection ends; remembers which were acknowledged."""

    def __init__(self, topic: str, window: int = 50):
        self.topic = topic
        self.window = window
        self.next_number = 0
        self.acknowledged: list = []
        self._in_flight: dict = {}
        self._progress = threading.Condition()

    def run(self, client: MQTTClient) -> None:
        """Publishes until the connection ends. What was not acknowledged is given up: it may or may not arrive."""
        self._in_flight = {}
        try:
            while True:
                while len(self._in_flight) < self.window:
                    self._publish_one(client)
                packet = client.next(Type.PUBACK)
                assert packet.reason in (0, 0x10), str(packet)
                with self._progress:
                    self.acknowledged.append(self._in_flight.pop(packet.packet_id))
                    self._progress.notify_all()
        except (ConnectionEnded, OSError):
            pass

    def _publish_one(self, client: MQTTClient) -> None:
        packet_id = client.packet_id()
        self._in_flight[packet_id] = self.next_number
        client.send(build.publish(self.topic, b"%d" % self.next_number, qos=1, packet_id=packet_id, version=client.version))
        self.next_number += 1

    def wait_for(self, count: int, timeout: float = 60) -> None:
        """Until that many are acknowledged in all."""
        with self._progress:
            assert self._progress.wait_for(lambda: len(self.acknowledged) >= count, timeout), (
                f"{len(self.acknowledged)} of {count} messages were acknowledged in {timeout} s"
            )


class QoS2Publisher:
    """The sender of QoS 2 with its state kept across connections (MQTT 5.0 §4.3.3): what is unfinished goes on where it stopped."""

    def __init__(self, topic: str, window: int = 10):
        self.topic = topic
        self.window = window
        self.next_number = 0
        self.completed: list = []
        #: packet id -> (number, whether PUBREC has come)
        self.unfinished: dict = {}
        self._next_packet_id = 0
        self._progress = threading.Condition()

    def run(self, client: MQTTClient, until: Optional[Callable[[], bool]] = None) -> None:
        """Resends what is unfinished and publishes on until the connection ends; with `until` it then only finishes what is begun."""
        try:
            for packet_id, (number, received) in self.unfinished.items():
                self._send(client, packet_id, number, received, dup=True)
            while True:
                while len(self.unfinished) < self.window and not (until and until()):
                    self._begin(client)
                if not self.unfinished:
                    return
                self._progress_with(client, client.next())
        except (ConnectionEnded, OSError):
            pass

    def _send(self, client, packet_id: int, number: int, received: bool, dup: bool) -> None:
        if received:
            client.send(build.acknowledgement(Type.PUBREL, packet_id))
        else:
            client.send(build.publish(self.topic, b"%d" % number, qos=2, packet_id=packet_id, dup=dup))

    def _begin(self, client) -> None:
        self._next_packet_id = self._next_packet_id % 65535 + 1
        self.unfinished[self._next_packet_id] = (self.next_number, False)
        self._send(client, self._next_packet_id, self.next_number, received=False, dup=False)
        self.next_number += 1

    def _progress_with(self, client, packet: Packet) -> None:
        number, _ = self.unfinished[packet.packet_id]
        if packet.type == Type.PUBREC:
            assert packet.reason in (0, 0x10), str(packet)
            self.unfinished[packet.packet_id] = (number, True)
            client.send(build.acknowledgement(Type.PUBREL, packet.packet_id))
            return
        assert packet.type == Type.PUBCOMP, str(packet)
        with self._progress:
            del self.unfinished[packet.packet_id]
            self.completed.append(number)
            self._progress.notify_all()

    def wait_for(self, count: int, timeout: float = 60) -> None:
        with self._progress:
            assert self._progress.wait_for(lambda: len(self.completed) >= count, timeout), (
                f"{len(self.completed)} of {count} messages were completed in {timeout} s"
            )


class QoS2Receiver:
    """The receiver of QoS 2 with its state kept across connections: a message counts once, at its first PUBLISH."""

    def __init__(self):
        self.received: list = []
        self._open_ids: set = set()

    def take(self, client: MQTTClient, packet: Packet) -> None:
        if packet.type == Type.PUBLISH:
            if packet.packet_id not in self._open_ids:
                self._open_ids.add(packet.packet_id)
                self.received.append(int(packet.payload))
            client.send(build.acknowledgement(Type.PUBREC, packet.packet_id))
        elif packet.type == Type.PUBREL:
            self._open_ids.discard(packet.packet_id)
            client.send(build.acknowledgement(Type.PUBCOMP, packet.packet_id))

    def run(self, client: MQTTClient) -> None:
        """Takes until the connection ends."""
        try:
            while True:
                self.take(client, client.next(timeout=60))
        except (ConnectionEnded, OSError):
            pass

    def take_until(self, client: MQTTClient, wanted: set, timeout: float = 30) -> None:
        """Takes until all of `wanted` have come."""
        while not wanted <= set(self.received):
            try:
                self.take(client, client.next(timeout=timeout))
            except DeadlinePassed:
                raise AssertionError(f"lost: {sorted(wanted - set(self.received))[:20]}") from None


def in_background(task: Callable, *arguments) -> threading.Thread:
    thread = threading.Thread(target=task, args=arguments, daemon=True)
    thread.start()
    return thread
