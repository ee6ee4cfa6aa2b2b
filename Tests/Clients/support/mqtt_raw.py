"""A blocking MQTT client on a bare socket. It does only what a test tells it to, sees every byte, and waits with a deadline."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections import deque
from typing import Callable, Optional, Sequence, Union

from . import mqtt_build as build
from .mqtt_build import Filter, Will
from .mqtt_parse import Packet, parse
from .mqtt_types import V5, V311, MalformedByServer, Type, varint

#: How long to wait for what a healthy server does at once. Generous: it is only spent when a test fails.
DEADLINE_SECONDS = float(os.environ.get("ROOST_TEST_DEADLINE_SECONDS", "10"))


class ConnectionEnded(AssertionError):
    """The server closed the connection where the test expected a packet."""


class DeadlinePassed(AssertionError):
    """Nothing came in time."""


class MQTTClient:
    """One connection. `connack` is the answer to CONNECT; `inbox` holds packets that arrived while the test waited for another."""

    def __init__(self, address: tuple, *, version: int = V5, tls: Optional[ssl.SSLContext] = None, server_name: Optional[str] = None):
        self.version = version
        self.inbox: deque = deque()
        self.connack: Optional[Packet] = None
        self.client_id = ""
        self._buffer = bytearray()
        self._aliases: dict = {}
        self._next_packet_id = 0
        self._ended = False
        self.socket = socket.create_connection(address, timeout=DEADLINE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname=server_name or address[0])

    # Bytes

    def send(self, *packets: bytes) -> None:
        """Sends bytes. A server that has closed already is not an error here: what it sent before tells the story."""
        try:
            self.socket.settimeout(DEADLINE_SECONDS)
            self.socket.sendall(b"".join(packets))
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass

    def half_close(self) -> None:
        """Ends the client's direction only. A server that has closed already is not an error."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self) -> None:
        """Ends the connection without DISCONNECT."""
        self.socket.close()

    def abort(self) -> None:
        """Ends the connection with a TCP reset, as a crashed peer does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def _fill(self, deadline: float) -> bool:
        """Reads once; false when the server has ended the connection."""
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise DeadlinePassed("nothing came in time" + (f"; unfinished: {bytes(self._buffer).hex(' ')}" if self._buffer else ""))
        self.socket.settimeout(remaining)
        try:
            chunk = self.socket.recv(65536)
        except (TimeoutError, socket.timeout):
            return self._fill(0)
        except (ConnectionResetError, ssl.SSLError):
            chunk = b""
        self._buffer += chunk
        return bool(chunk)

    def _take_packet(self) -> Optional[Packet]:
        """The next whole packet in the buffer."""
        length = 0
        for index in range(1, 5):
            if index >= len(self._buffer):
                return None
            digit = self._buffer[index]
            length |= (digit & 0x7F) << 7 * (index - 1)
            if not digit & 0x80:
                break
        else:
            raise MalformedByServer(f"remaining length of more than 4 bytes: {bytes(self._buffer[:6]).hex(' ')}")
        if index != len(varint(length)):
            raise MalformedByServer(f"remaining length {length} is not in its shortest form [MQTT-1.5.5-1]")
        if len(self._buffer) < index + 1 + length:
            return None
        raw = bytes(self._buffer[: index + 1 + length])
        del self._buffer[: len(raw)]
        parsed = parse(raw, raw[index + 1 :], self.version)
        if parsed.type == Type.PUBLISH:
            self._resolve_alias(parsed)
        return parsed

    def _resolve_alias(self, parsed: Packet) -> None:
        alias = parsed.properties.get("topic_alias")
        if alias is None:
            return
        if parsed.topic:
            self._aliases[alias] = parsed.topic
        elif alias not in self._aliases:
            raise MalformedByServer(f"topic alias {alias} was never given a topic: {parsed}")
        else:
            parsed.topic = self._aliases[alias]

    # Packets

    def _receive(self, deadline: float) -> Packet:
        while (packet := self._take_packet()) is None:
            if self._ended or not self._fill(deadline):
                self._ended = True
                raise ConnectionEnded("the server closed the connection")
        return packet

    def next(self, type: Optional[Type] = None, timeout: float = DEADLINE_SECONDS) -> Packet:
        """The next packet, whatever it is; with `type` it must be of that type."""
        packet = self.inbox.popleft() if self.inbox else self._receive(time.monotonic() + timeout)
        assert type is None or packet.type == type, f"expected {type.name}, the server sent {packet}"
        return packet

    def wait(self, type: Type, packet_id: Optional[int] = None, timeout: float = DEADLINE_SECONDS) -> Packet:
        """The next packet of a type (and id); what arrives before it stays in the inbox in its order."""
        return self.wait_where(lambda each: each.type == type and packet_id in (None, each.packet_id), timeout, f"{type.name} {packet_id}")

    def wait_where(self, wanted: Callable[[Packet], bool], timeout: float = DEADLINE_SECONDS, what: str = "packet") -> Packet:
        for packet in self.inbox:
            if wanted(packet):
                self.inbox.remove(packet)
                return packet
        deadline = time.monotonic() + timeout
        while True:
            try:
                packet = self._receive(deadline)
            except (ConnectionEnded, DeadlinePassed) as error:
                raise type(error)(f"{error} while waiting for {what}; before it came {[str(each) for each in self.inbox]}") from None
            if wanted(packet):
                return packet
            self.inbox.append(packet)

    def answer(self) -> Optional[Packet]:
        """The next packet, or None when the server closes the connection instead."""
        try:
            return self.next()
        except ConnectionEnded:
            return None

    def until_closed(self, timeout: float = DEADLINE_SECONDS) -> list:
        """Everything that comes until the server closes the connection; it must close it in time."""
        packets, self.inbox = list(self.inbox), deque()
        deadline = time.monotonic() + timeout
        while True:
            try:
                packets.append(self._receive(deadline))
            except ConnectionEnded:
                assert not self._buffer, f"the connection ended inside a packet: {bytes(self._buffer).hex(' ')}"
                return packets
            except DeadlinePassed:
                raise DeadlinePassed(f"the server kept the connection open; it sent {[str(each) for each in packets]}") from None

    # Conversations

    def connect(self, client_id: Union[str, bytes] = "", **fields) -> Packet:
        """Sends CONNECT (see `mqtt_build.connect`) and returns the CONNACK, whatever it says."""
        self.send(build.connect(client_id, version=self.version, **fields))
        self.connack = self.next(Type.CONNACK)
        self.client_id = self.connack.properties.get("assigned_client_identifier", client_id)
        return self.connack

    def packet_id(self) -> int:
        self._next_packet_id = self._next_packet_id % 65535 + 1
        return self._next_packet_id

    def subscribe(self, *filters: Union[str, Filter], qos: int = 0, properties=None, **options) -> Packet:
        """Subscribes; plain strings take `qos` and the options. Returns the SUBACK."""
        packet_id = self.packet_id()
        full = [each if isinstance(each, Filter) else Filter(each, qos, **options) for each in filters]
        self.send(build.subscribe(packet_id, full, version=self.version, properties=properties))
        return self.wait(Type.SUBACK, packet_id)

    def unsubscribe(self, *filters: str, properties=None) -> Packet:
        packet_id = self.packet_id()
        self.send(build.unsubscribe(packet_id, filters, version=self.version, properties=properties))
        return self.wait(Type.UNSUBACK, packet_id)

    def publish(self, topic: Union[str, bytes], payload: bytes = b"", *, qos: int = 0, **fields) -> Optional[Packet]:
        """Publishes and completes the flow of its QoS. Returns the PUBACK, the PUBCOMP, or a PUBREC that refuses."""
        packet_id = fields.pop("packet_id", None) or (self.packet_id() if qos else None)
        self.send(build.publish(topic, payload, qos=qos, packet_id=packet_id, version=self.version, **fields))
        if qos == 0:
            return None
        if qos == 1:
            return self.wait(Type.PUBACK, packet_id)
        received = self.wait(Type.PUBREC, packet_id)
        if received.reason >= 0x80:
            return received
        self.send(build.acknowledgement(Type.PUBREL, packet_id))
        return self.wait(Type.PUBCOMP, packet_id)

    def next_publish(self, *, ack: bool = True, timeout: float = DEADLINE_SECONDS) -> Packet:
        """The next PUBLISH; nothing else may come before it. `ack` completes the flow of its QoS."""
        packet = self.next(Type.PUBLISH, timeout)
        if ack:
            self.acknowledge(packet)
        return packet

    def acknowledge(self, packet: Packet) -> None:
        """The receiver's part of the flow of a PUBLISH, to its end."""
        if packet.qos == 1:
            self.send(build.acknowledgement(Type.PUBACK, packet.packet_id))
        elif packet.qos == 2:
            self.send(build.acknowledgement(Type.PUBREC, packet.packet_id))
            self.wait(Type.PUBREL, packet.packet_id)
            self.send(build.acknowledgement(Type.PUBCOMP, packet.packet_id))

    def ping(self) -> None:
        self.send(build.pingreq())
        self.wait(Type.PINGRESP)

    def disconnect(self, reason: Optional[int] = None, properties=None) -> None:
        """Sends DISCONNECT and waits until the server has closed the connection, so that what follows comes after it."""
        self.send(build.disconnect(reason, version=self.version, properties=properties))
        rest = self.until_closed()
        assert all(each.type == Type.PUBLISH for each in rest), f"after DISCONNECT came {[str(each) for each in rest]}"
        self.close()


def settle(subscriber: MQTTClient, publisher: MQTTClient, topic: str) -> list:
    """Every PUBLISH that reaches `subscriber` (acknowledged) before one that `publisher` sends now to `topic`.

    It is how a test shows that something was *not* delivered without sleeping: messages of one publisher arrive in order, so
    what is not there before the last one will not come. The subscriber must not be subscribed to `topic` already."""
    subscriber.subscribe(topic, qos=1)
    publisher.publish(topic, b"settled", qos=1)
    found = []
    while True:
        packet = subscriber.wait(Type.PUBLISH)
        subscriber.acknowledge(packet)
        if packet.topic == topic:
            return found
        found.append(packet)


__all__: Sequence[str] = [
    "ConnectionEnded", "DEADLINE_SECONDS", "DeadlinePassed", "Filter", "MQTTClient", "MalformedByServer", "Packet", "Type", "V311", "V5",
    "Will", "build", "settle",
]  # fmt: skip
