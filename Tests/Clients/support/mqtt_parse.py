"""Strict reading of the packets that a server sends: what the specification forbids a server to send fails the test at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from .mqtt_properties import Properties, parse as parse_properties
from .mqtt_types import V5, MalformedByServer, Reader, Type

#: The reason codes that each packet may carry (MQTT 5.0 §2.4 and the tables of chapter 3).
REASONS = {
    Type.CONNACK: {0x00, *range(0x80, 0x8B), 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F},
    Type.PUBACK: {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
    Type.PUBREC: {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
    Type.PUBREL: {0x00, 0x92},
    Type.PUBCOMP: {0x00, 0x92},
    Type.SUBACK: {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2},
    Type.UNSUBACK: {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91},
    # 0x04 (with will message) is the client's alone.
    Type.DISCONNECT: {
        0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
        0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
    },
    Type.AUTH: {0x00, 0x18, 0x19},
}  # fmt: skip

RETURN_CODES_311 = {Type.CONNACK: set(range(6)), Type.SUBACK: {0, 1, 2, 0x80}}

#: Packets that only clients send.
FROM_CLIENTS = {Type.CONNECT, Type.SUBSCRIBE, Type.UNSUBSCRIBE, Type.PINGREQ}


@dataclass
class Packet:
    type: Type
    flags: int
    raw: bytes
    packet_id: Optional[int] = None
    #: The reason code of MQTT 5 or the return code of a 3.1.1 CONNACK; 0 where the packet leaves it out.
    reason: int = 0
    #: One code for each filter of a SUBACK or UNSUBACK.
    codes: list = field(default_factory=list)
    session_present: bool = False
    properties: Properties = field(default_factory=Properties)
    topic: str = ""
    payload: bytes = b""

    @property
    def qos(self) -> int:
        return self.flags >> 1 & 3

    @property
    def retain(self) -> bool:
        return bool(self.flags & 1)

    @property
    def dup(self) -> bool:
        return bool(self.flags & 8)

    def __str__(self) -> str:
        shown = self.raw if len(self.raw) <= 96 else self.raw[:96] + b"..."
        return f"{self.type.name} [{shown.hex(' ')}]"


def parse(raw: bytes, body: bytes, version: int) -> Packet:
    """The packet whose bytes are `raw` and whose variable header and payload are `body`."""
    if raw[0] >> 4 == 0:
        raise MalformedByServer(f"packet type 0: {raw.hex(' ')}")
    parsed = Packet(Type(raw[0] >> 4), raw[0] & 0x0F, raw)
    if parsed.type in FROM_CLIENTS or (version != V5 and parsed.type in (Type.AUTH, Type.DISCONNECT)):
        raise MalformedByServer(f"a server must not send {parsed} to a client of protocol level {version}")
    _check_flags(parsed)
    reader = Reader(body, parsed.type.name)
    if parsed.type == Type.CONNACK:
        _connack(parsed, reader, version)
    elif parsed.type == Type.PUBLISH:
        _publish(parsed, reader, version)
    elif parsed.type in (Type.SUBACK, Type.UNSUBACK):
        _suback(parsed, reader, version)
    elif parsed.type in (Type.DISCONNECT, Type.AUTH):
        _reason_and_properties(parsed, reader)
    elif parsed.type != Type.PINGRESP:
        parsed.packet_id = _packet_id(reader)
        if version == V5:
            _reason_and_properties(parsed, reader)
    reader.done()
    _check_reasons(parsed, version)
    return parsed


def _check_flags(parsed: Packet) -> None:
    if parsed.type == Type.PUBLISH:
        if parsed.qos == 3:
            raise MalformedByServer(f"both QoS bits are set [MQTT-3.3.1-4]: {parsed}")
        if parsed.qos == 0 and parsed.dup:
            raise MalformedByServer(f"DUP with QoS 0 [MQTT-3.3.1-2]: {parsed}")
    elif parsed.flags != (2 if parsed.type == Type.PUBREL else 0):
        raise MalformedByServer(f"reserved flags [MQTT-2.1.3-1]: {parsed}")


def _packet_id(reader: Reader) -> int:
    packet_id = reader.u16()
    if packet_id == 0:
        raise MalformedByServer(f"{reader.what} with packet id 0 [MQTT-2.2.1-4]")
    return packet_id


def _connack(parsed: Packet, reader: Reader, version: int) -> None:
    flags = reader.byte()
    if flags & 0xFE:
        raise MalformedByServer(f"reserved connect acknowledge flags [MQTT-3.2.2-1]: {parsed}")
    parsed.session_present = bool(flags)
    parsed.reason = reader.byte()
    # A server that does not speak the client's version may answer in the form of 3.1.1, without properties.
    if version == V5 and not (reader.remaining == 0 and parsed.reason in RETURN_CODES_311[Type.CONNACK]):
        parsed.properties = parse_properties(reader, Type.CONNACK)
    if parsed.reason and parsed.session_present:
        raise MalformedByServer(f"session present with a refusal [MQTT-3.2.2-6]: {parsed}")


def _publish(parsed: Packet, reader: Reader, version: int) -> None:
    parsed.topic = reader.utf8()
    if "#" in parsed.topic or "+" in parsed.topic:
        raise MalformedByServer(f"wildcard in a topic name [MQTT-3.3.2-2]: {parsed}")
    if parsed.qos:
        parsed.packet_id = _packet_id(reader)
    if version == V5:
        parsed.properties = parse_properties(reader, Type.PUBLISH)
    if not parsed.topic and "topic_alias" not in parsed.properties:
        raise MalformedByServer(f"empty topic without an alias [MQTT-4.7.3-1]: {parsed}")
    parsed.payload = reader.rest()


def _suback(parsed: Packet, reader: Reader, version: int) -> None:
    parsed.packet_id = _packet_id(reader)
    if version == V5:
        parsed.properties = parse_properties(reader, parsed.type)
    parsed.codes = list(reader.rest())
    if version != V5 and parsed.type == Type.UNSUBACK and parsed.codes:
        raise MalformedByServer(f"a 3.1.1 UNSUBACK has no payload: {parsed}")


def _reason_and_properties(parsed: Packet, reader: Reader) -> None:
    if reader.remaining:
        parsed.reason = reader.byte()
    if reader.remaining:
        parsed.properties = parse_properties(reader, parsed.type)


def _check_reasons(parsed: Packet, version: int) -> None:
    table = REASONS if version == V5 else RETURN_CODES_311
    allowed = table.get(parsed.type)
    if allowed is None:
        return
    # The 3.1.1 form of a refusal that `_connack` lets through.
    if parsed.type == Type.CONNACK and len(parsed.raw) == 4:
        allowed = allowed | RETURN_CODES_311[Type.CONNACK]
    for code in parsed.codes or [parsed.reason]:
        if code not in allowed:
            raise MalformedByServer(f"reason code 0x{code:02x} does not belong in {parsed}")
    if parsed.type == Type.DISCONNECT and "session_expiry_interval" in parsed.properties:
        raise MalformedByServer(f"session expiry interval in a server's DISCONNECT [MQTT-3.14.2-2]: {parsed}")
