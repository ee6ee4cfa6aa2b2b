"""Every MQTT packet that a client sends, byte for byte, for 3.1.1 and 5; each part can be overridden to make a broken one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Sequence, Union

from .mqtt_properties import PropertyInput, encode
from .mqtt_types import V5, V311, Type, binary, utf8, varint


def packet(type: int, flags: int, body: bytes, remaining: Optional[bytes] = None) -> bytes:
    """A fixed header and a body; `remaining` replaces the remaining length by bytes that may lie."""
    return bytes([type << 4 | flags]) + (varint(len(body)) if remaining is None else remaining) + body


@dataclass
class Will:
    topic: Union[str, bytes]
    payload: bytes = b"will"
    qos: int = 0
    retain: bool = False
    properties: PropertyInput = field(default_factory=dict)


def connect(
    client_id: Union[str, bytes] = "",
    *,
    version: int = V5,
    clean: bool = True,
    keep_alive: int = 60,
    will: Optional[Will] = None,
    username: Union[str, bytes, None] = None,
    password: Optional[bytes] = None,
    properties: PropertyInput = None,
    protocol_name: Union[str, bytes] = "MQTT",
    level: Optional[int] = None,
    connect_flags: Optional[int] = None,
    payload: Optional[bytes] = None,
) -> bytes:
    """`connect_flags`, `level`, `protocol_name` and `payload` replace what follows from the other arguments."""
    if connect_flags is None:
        connect_flags = _connect_flags(clean, will, username, password)
    body = utf8(protocol_name) + bytes([version if level is None else level, connect_flags]) + keep_alive.to_bytes(2, "big")
    if version == V5:
        body += encode(properties)
    return packet(Type.CONNECT, 0, body + (connect_payload(client_id, version, will, username, password) if payload is None else payload))


def _connect_flags(clean: bool, will: Optional[Will], username, password) -> int:
    flags = 0x02 if clean else 0
    if will is not None:
        flags |= 0x04 | will.qos << 3 | (0x20 if will.retain else 0)
    return flags | (0x80 if username is not None else 0) | (0x40 if password is not None else 0)


def connect_payload(client_id, version: int, will: Optional[Will], username, password) -> bytes:
    payload = utf8(client_id)
    if will is not None:
        if version == V5:
            payload += encode(will.properties)
        payload += utf8(will.topic) + binary(will.payload)
    if username is not None:
        payload += utf8(username)
    if password is not None:
        payload += binary(password)
    return payload


def publish(
    topic: Union[str, bytes],
    payload: bytes = b"",
    *,
    qos: int = 0,
    packet_id: Optional[int] = None,
    retain: bool = False,
    dup: bool = False,
    version: int = V5,
    properties: PropertyInput = None,
    flags: Optional[int] = None,
) -> bytes:
    if flags is None:
        flags = (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    body = utf8(topic)
    if packet_id is not None:
        body += packet_id.to_bytes(2, "big")
    if version == V5:
        body += encode(properties)
    return packet(Type.PUBLISH, flags, body + payload)


def acknowledgement(
    type: Type, packet_id: int, reason: Optional[int] = None, properties: PropertyInput = None, flags: Optional[int] = None
) -> bytes:
    """PUBACK, PUBREC, PUBREL or PUBCOMP. Without a reason it is the two byte form, which both versions read."""
    body = packet_id.to_bytes(2, "big")
    if reason is not None:
        body += bytes([reason])
        if properties is not None:
            body += encode(properties)
    if flags is None:
        flags = 2 if type == Type.PUBREL else 0
    return packet(type, flags, body)


@dataclass(frozen=True)
class Filter:
    """A topic filter with its subscription options (§3.8.3.1); the options other than `qos` exist in MQTT 5 only."""

    filter: Union[str, bytes]
    qos: int = 0
    no_local: bool = False
    retain_as_published: bool = False
    retain_handling: int = 0
    reserved: int = 0

    @property
    def options(self) -> int:
        named = self.qos | self.no_local << 2 | self.retain_as_published << 3 | self.retain_handling << 4
        return named | self.reserved << 6


def subscribe(
    packet_id: int, filters: Sequence[Filter], *, version: int = V5, properties: PropertyInput = None, flags: int = 2
) -> bytes:
    body = packet_id.to_bytes(2, "big") + (encode(properties) if version == V5 else b"")
    for each in filters:
        body += utf8(each.filter) + bytes([each.options])
    return packet(Type.SUBSCRIBE, flags, body)


def unsubscribe(
    packet_id: int, filters: Sequence[Union[str, bytes]], *, version: int = V5, properties: PropertyInput = None, flags: int = 2
) -> bytes:
    body = packet_id.to_bytes(2, "big") + (encode(properties) if version == V5 else b"")
    return packet(Type.UNSUBSCRIBE, flags, body + b"".join(utf8(each) for each in filters))


def pingreq(flags: int = 0) -> bytes:
    return packet(Type.PINGREQ, flags, b"")


def disconnect(reason: Optional[int] = None, *, version: int = V5, properties: PropertyInput = None, flags: int = 0) -> bytes:
    body = b""
    if version == V5 and reason is not None:
        body = bytes([reason])
        if properties is not None:
            body += encode(properties)
    return packet(Type.DISCONNECT, flags, body)


def auth(reason: int, properties: PropertyInput = None, flags: int = 0) -> bytes:
    return packet(Type.AUTH, flags, bytes([reason]) + encode(properties))


__all__ = [
    "Filter", "V311", "V5", "Will", "acknowledgement", "auth", "connect", "connect_payload", "disconnect", "packet",
    "pingreq", "publish", "subscribe", "unsubscribe",
]  # fmt: skip
