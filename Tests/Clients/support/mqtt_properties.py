"""MQTT 5 properties (§2.2.2): their codes, their types and the packets that may carry them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Mapping, Union

from .mqtt_types import MalformedByServer, Reader, Type, binary, utf8, varint

#: The will's properties are a place of their own in a CONNECT (§3.1.3.2), so they count as a packet here.
WILL = "WILL"


@dataclass(frozen=True)
class Property:
    code: int
    name: str
    kind: str  # byte, u16, u32, varint, utf8, binary, pair
    packets: frozenset
    repeatable: bool = False  # more than once in any packet that carries it


_MESSAGE = {Type.PUBLISH, WILL}
_ACKS = {Type.PUBACK, Type.PUBREC, Type.PUBREL, Type.PUBCOMP, Type.SUBACK, Type.UNSUBACK}
_EVERY = _MESSAGE | _ACKS | {Type.CONNECT, Type.CONNACK, Type.SUBSCRIBE, Type.UNSUBSCRIBE, Type.DISCONNECT, Type.AUTH}

_TABLE = [
    (0x01, "payload_format_indicator", "byte", _MESSAGE),
    (0x02, "message_expiry_interval", "u32", _MESSAGE),
    (0x03, "content_type", "utf8", _MESSAGE),
    (0x08, "response_topic", "utf8", _MESSAGE),
    (0x09, "correlation_data", "binary", _MESSAGE),
    (0x0B, "subscription_identifier", "varint", {Type.PUBLISH, Type.SUBSCRIBE}),
    (0x11, "session_expiry_interval", "u32", {Type.CONNECT, Type.CONNACK, Type.DISCONNECT}),
    (0x12, "assigned_client_identifier", "utf8", {Type.CONNACK}),
    (0x13, "server_keep_alive", "u16", {Type.CONNACK}),
    (0x15, "authentication_method", "utf8", {Type.CONNECT, Type.CONNACK, Type.AUTH}),
    (0x16, "authentication_data", "binary", {Type.CONNECT, Type.CONNACK, Type.AUTH}),
    (0x17, "request_problem_information", "byte", {Type.CONNECT}),
    (0x18, "will_delay_interval", "u32", {WILL}),
    (0x19, "request_response_information", "byte", {Type.CONNECT}),
    (0x1A, "response_information", "utf8", {Type.CONNACK}),
    (0x1C, "server_reference", "utf8", {Type.CONNACK, Type.DISCONNECT}),
    (0x1F, "reason_string", "utf8", _ACKS | {Type.CONNACK, Type.DISCONNECT, Type.AUTH}),
    (0x21, "receive_maximum", "u16", {Type.CONNECT, Type.CONNACK}),
    (0x22, "topic_alias_maximum", "u16", {Type.CONNECT, Type.CONNACK}),
    (0x23, "topic_alias", "u16", {Type.PUBLISH}),
    (0x24, "maximum_qos", "byte", {Type.CONNACK}),
    (0x25, "retain_available", "byte", {Type.CONNACK}),
    (0x26, "user_property", "pair", _EVERY),
    (0x27, "maximum_packet_size", "u32", {Type.CONNECT, Type.CONNACK}),
    (0x28, "wildcard_subscription_available", "byte", {Type.CONNACK}),
    (0x29, "subscription_identifier_available", "byte", {Type.CONNACK}),
    (0x2A, "shared_subscription_available", "byte", {Type.CONNACK}),
]

ALL = [Property(code, name, kind, frozenset(packets), name == "user_property") for code, name, kind, packets in _TABLE]
BY_CODE = {property.code: property for property in ALL}
BY_NAME = {property.name: property for property in ALL}

#: A value that is legal for each kind, for tests that only care where the property stands.
SAMPLE = {"byte": 1, "u16": 1, "u32": 60, "varint": 1, "utf8": "sample", "binary": b"sample", "pair": ("key", "value")}


class Properties(list):
    """The properties of one packet in the order of the wire: a list of (name, value)."""

    def get(self, name: str, default=None):
        return next((value for key, value in self if key == name), default)

    def all(self, name: str) -> list:
        return [value for key, value in self if key == name]

    def __contains__(self, name) -> bool:
        return any(key == name for key, _ in self)


#: How tests write properties: name -> value (a list repeats the property), or pairs in wire order, or raw bytes of the caller's making.
PropertyInput = Union[Mapping[str, object], Iterable[tuple], bytes, None]


def encode_one(name: str, value) -> bytes:
    property = BY_NAME[name]
    return bytes([property.code]) + _encode_value(property.kind, value)


def _encode_value(kind: str, value) -> bytes:
    if kind == "byte":
        return bytes([value])
    if kind == "u16":
        return value.to_bytes(2, "big")
    if kind == "u32":
        return value.to_bytes(4, "big")
    if kind == "varint":
        return varint(value)
    if kind == "utf8":
        return utf8(value)
    if kind == "binary":
        return binary(value)
    return utf8(value[0]) + utf8(value[1])


def encode(properties: PropertyInput) -> bytes:
    """The property length and the properties. Bytes are taken as the properties themselves, so that a test can break them."""
    if isinstance(properties, bytes):
        body = properties
    else:
        body = b"".join(encode_one(name, value) for name, value in _pairs(properties))
    return varint(len(body)) + body


def _pairs(properties: PropertyInput):
    if properties is None:
        return
    items = properties.items() if isinstance(properties, Mapping) else properties
    for name, value in items:
        for each in value if isinstance(value, list) else [value]:
            yield name, each


def parse(reader: Reader, packet: Type) -> Properties:
    """The properties of a packet that the server sent; anything that the specification forbids there is an error."""
    body = Reader(reader.take(reader.varint(), "properties"), f"{packet.name} properties")
    found = Properties()
    while body.remaining:
        code = body.varint()
        property = BY_CODE.get(code)
        if property is None or packet not in property.packets:
            raise MalformedByServer(f"property 0x{code:02x} is not allowed in {packet.name}")
        may_repeat = property.repeatable or (packet == Type.PUBLISH and property.name == "subscription_identifier")
        if property.name in found and not may_repeat:
            raise MalformedByServer(f"{property.name} stands twice in {packet.name}")
        found.append((property.name, _parse_value(body, property.kind)))
    return found


def _parse_value(body: Reader, kind: str):
    if kind == "byte":
        return body.byte()
    if kind == "u16":
        return body.u16()
    if kind == "u32":
        return body.u32()
    if kind == "varint":
        return body.varint()
    if kind == "utf8":
        return body.utf8()
    if kind == "binary":
        return body.binary()
    return body.utf8(), body.utf8()
