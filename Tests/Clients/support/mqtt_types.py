"""MQTT data representation (MQTT 5.0 §1.5, §2.1): packet types, strings, integers; writing and strict reading."""

from __future__ import annotations

from enum import IntEnum
from typing import Union


class Type(IntEnum):
    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


#: CONNECT's protocol level for each version that the tests speak.
V311 = 4
V5 = 5


class MalformedByServer(AssertionError):
    """The server sent what the specification forbids."""


def varint(value: int) -> bytes:
    """A Variable Byte Integer in its shortest form (§1.5.5); more than 268,435,455 does not fit and is the caller's mistake."""
    assert 0 <= value <= 268_435_455, value
    out = bytearray()
    while True:
        value, digit = value >> 7, value & 0x7F
        out.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(out)


def utf8(text: Union[str, bytes]) -> bytes:
    """A UTF-8 Encoded String; bytes go out as they are, so that a test can send what is not UTF-8."""
    return binary(text.encode() if isinstance(text, str) else text)


def binary(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


class Reader:
    """Reads one packet's body and refuses everything that a server must not send."""

    def __init__(self, data: bytes, what: str):
        self.data = data
        self.what = what
        self.offset = 0

    @property
    def remaining(self) -> int:
        return len(self.data) - self.offset

    def take(self, count: int, field: str) -> bytes:
        if count > self.remaining:
            raise MalformedByServer(f"{self.what}: {field} needs {count} bytes, {self.remaining} are left in {self.data.hex(' ')}")
        self.offset += count
        return self.data[self.offset - count : self.offset]

    def rest(self) -> bytes:
        return self.take(self.remaining, "rest")

    def byte(self) -> int:
        return self.take(1, "byte")[0]

    def u16(self) -> int:
        return int.from_bytes(self.take(2, "two byte integer"), "big")

    def u32(self) -> int:
        return int.from_bytes(self.take(4, "four byte integer"), "big")

    def varint(self) -> int:
        value, start = 0, self.offset
        for shift in (0, 7, 14, 21):
            digit = self.byte()
            value |= (digit & 0x7F) << shift
            if not digit & 0x80:
                if self.offset - start != len(varint(value)):
                    raise MalformedByServer(f"{self.what}: {value} is not in its shortest form [MQTT-1.5.5-1]")
                return value
        raise MalformedByServer(f"{self.what}: variable byte integer of more than 4 bytes")

    def binary(self) -> bytes:
        return self.take(self.u16(), "binary data")

    def utf8(self) -> str:
        raw = self.binary()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedByServer(f"{self.what}: string is not UTF-8 [MQTT-1.5.4-1]: {raw.hex(' ')}") from error
        if "\0" in text:
            raise MalformedByServer(f"{self.what}: string holds U+0000 [MQTT-1.5.4-2]")
        return text

    def done(self) -> None:
        if self.remaining:
            raise MalformedByServer(f"{self.what}: {self.remaining} bytes after its end in {self.data.hex(' ')}")
