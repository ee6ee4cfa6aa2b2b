"""Packets that no client may send: each ends its own connection, in the protocol's words, and touches nothing else."""

import pytest

from support import mqtt_properties
from support.mqtt_properties import ALL, SAMPLE, WILL, encode_one
from support.mqtt_raw import V5, V311, Filter, Type, build
from support.mqtt_types import varint
from support.statements import both_versions, statement, statement311

pytestmark = pytest.mark.usefixtures("unharmed")

#: The flags that the fixed header of each packet of a client must have (MQTT 5.0 §2.1.3); PUBLISH has its own.
FLAGS = {Type.PUBACK: 0, Type.PUBREC: 0, Type.PUBREL: 2, Type.PUBCOMP: 0, Type.SUBSCRIBE: 2, Type.UNSUBSCRIBE: 2, Type.PINGREQ: 0,
         Type.DISCONNECT: 0}  # fmt: skip


def valid(version):
    """One legal packet of each type that a client sends after CONNECT."""
    return {
        Type.PUBLISH: build.publish("a/b", b"payload", qos=1, packet_id=5, version=version),
        Type.PUBACK: build.acknowledgement(Type.PUBACK, 5),
        Type.PUBREC: build.acknowledgement(Type.PUBREC, 5),
        Type.PUBREL: build.acknowledgement(Type.PUBREL, 5),
        Type.PUBCOMP: build.acknowledgement(Type.PUBCOMP, 5),
        Type.SUBSCRIBE: build.subscribe(5, [Filter("a/b", 1)], version=version),
        Type.UNSUBSCRIBE: build.unsubscribe(5, ["a/b"], version=version),
        Type.PINGREQ: build.pingreq(),
        Type.DISCONNECT: build.disconnect(),
    }


def ends(client, packet, reasons=(0x81, 0x82)):
    """The packet ends the connection: with DISCONNECT and one of the reasons in version 5, silently in 3.1.1.

    A server without QoS 2 may find that (0x9B) before it finds the damage."""
    client.send(packet)
    packets = client.until_closed()
    if client.version == V311:
        assert packets == [], [str(each) for each in packets]
    else:
        assert [each.type for each in packets] == [Type.DISCONNECT], [str(each) for each in packets]
        assert packets[0].reason in (*reasons, 0x9B), str(packets[0])


@both_versions
@statement("MQTT-2.1.3-1", "MQTT-3.6.1-1", "MQTT-3.8.1-1", "MQTT-3.10.1-1", "MQTT-3.14.1-1", "MQTT-4.13.1-1")
@statement311("MQTT-2.2.2-2", "MQTT-3.14.1-1", "MQTT-4.8.0-1")
@pytest.mark.parametrize("type", FLAGS, ids=lambda type: type.name)
def test_reserved_flags(connect, version, type):
    packet = valid(version)[type]
    for flags in sorted(set(range(16)) - {FLAGS[type]}):
        ends(connect(version=version), bytes([type << 4 | flags]) + packet[1:])


@both_versions
@statement("MQTT-3.3.1-4", "MQTT-4.13.1-1")
@pytest.mark.parametrize("flags", [6, 7, 14, 15])
def test_publish_of_qos_3(connect, version, flags):
    ends(connect(version=version), build.publish("a", b"x", packet_id=1, flags=flags, version=version))


@both_versions
@statement("MQTT-3.3.1-2")
def test_dup_with_qos_0(connect, version):
    ends(connect(version=version), build.publish("a", b"x", dup=True, version=version))


@both_versions
@statement("MQTT-4.13.1-1")
@pytest.mark.parametrize("first", [0x00, 0x0F, 0x20, 0x90, 0xB0, 0xD0])
def test_packets_that_only_servers_send(connect, version, first):
    ends(connect(version=version), bytes([first, 0]))
    ends(connect(version=version), bytes([first, 3, 0, 1, 0]))


@both_versions
@statement311("MQTT-2.3.1-1")
@pytest.mark.parametrize("type", [Type.PUBLISH, Type.SUBSCRIBE, Type.UNSUBSCRIBE], ids=lambda type: type.name)
def test_packet_id_0(connect, version, type):
    ends(connect(version=version), {
        Type.PUBLISH: build.publish("a", b"x", qos=1, packet_id=0, version=version),
        Type.SUBSCRIBE: build.subscribe(0, [Filter("a")], version=version),
        Type.UNSUBSCRIBE: build.unsubscribe(0, ["a"], version=version),
    }[type])  # fmt: skip


@both_versions
@statement("MQTT-4.13.1-1")
@pytest.mark.parametrize("type", valid(V5), ids=lambda type: type.name)
def test_body_cut_at_every_length(connect, version, type):
    """The remaining length is honest, the fields do not fit in it. A shorter packet may be legal; then the connection goes on."""
    packet = valid(version)[type]
    for length in range(len(packet) - 2):
        client = connect(version=version)
        client.send(packet[:1] + bytes([length]) + packet[2 : 2 + length], build.pingreq(), build.disconnect())
        packets = client.until_closed()
        assert all(each.type in (Type.PINGRESP, Type.PUBACK, Type.SUBACK, Type.UNSUBACK, Type.DISCONNECT) for each in packets)


@both_versions
@statement("MQTT-4.13.1-1")
@pytest.mark.parametrize("type", [Type.PUBACK, Type.PUBLISH, Type.SUBSCRIBE, Type.UNSUBSCRIBE], ids=lambda type: type.name)
def test_body_too_short_for_its_first_fields(connect, version, type):
    for length in (0, 1):
        ends(connect(version=version), valid(version)[type][:1] + bytes([length]) + b"\0" * length)


@both_versions
@pytest.mark.parametrize("type", [Type.PUBACK, Type.PINGREQ, Type.SUBSCRIBE, Type.UNSUBSCRIBE], ids=lambda type: type.name)
def test_bytes_behind_the_last_field(connect, version, type):
    packet = valid(version)[type]
    for extra in (b"\xff", b"\xff\xff\xff"):
        ends(connect(version=version), packet[:1] + bytes([len(packet) - 2 + len(extra)]) + packet[2:] + extra, (0x81, 0x82, 0x8F))


@both_versions
@statement("MQTT-4.13.1-1")
@pytest.mark.parametrize("first", [0x10, 0x30, 0x32, 0x40, 0x82, 0xC0, 0xE0])
def test_remaining_length_of_five_bytes(connect, version, first):
    ends(connect(version=version), bytes([first]) + b"\xff\xff\xff\xff\x01", (0x81, 0x82, 0x95))
    ends(connect(version=version), bytes([first]) + b"\x80\x80\x80\x80\x00", (0x81, 0x82, 0x95))


@both_versions
def test_remaining_length_in_more_bytes_than_it_needs(connect, version):
    """A client must not (§1.5.5); a server may be lenient, but must not lose its place in the stream."""
    client = connect(version=version)
    client.send(b"\xc0\x80\x00", build.pingreq(), build.disconnect())
    packets = client.until_closed()
    assert [each.type for each in packets] in ([Type.PINGRESP] * 2, [Type.DISCONNECT], [])


LYING = {
    "topic longer than the packet": (0x30, b"\xff\xffab"),
    "topic longer by one": (0x30, b"\0\3ab"),
    "filter longer than the packet": (0x82, b"\0\1\0\xff\xffab\0"),
    "second filter cut": (0x82, b"\0\1\0\0\1a\0\0\5b"),
    "filter without options": (0x82, b"\0\1\0\0\1a"),
    "unsubscribe filter longer than the packet": (0xA2, b"\0\1\0\xff\xffab"),
    "property length longer than the packet": (0x30, b"\0\1a\x7f\1\1"),
    "property length of four bytes": (0x30, b"\0\1a\xff\xff\xff\x7f"),
    "property length of five bytes": (0x30, b"\0\1a\x80\x80\x80\x80\x01"),
    "property length ends inside a property": (0x30, b"\0\1a\2\x02\0\0\0\1"),
    "string property longer than the properties": (0x30, b"\0\1a\5\x03\xff\xffab"),
    "user property without a value": (0x30, b"\0\1a\4\x26\0\1k"),
    "subscription id of five bytes": (0x82, b"\0\1\6\x0b\x80\x80\x80\x80\x01\0\1a\0"),
    "property length but nothing else": (0x40, b"\0\1\0\5"),
    "disconnect property length lies": (0xE0, b"\0\5\x11\0"),
}


@statement("MQTT-4.13.1-1")
@pytest.mark.parametrize("first, body", LYING.values(), ids=LYING.keys())
def test_lengths_that_lie(connect, first, body):
    ends(connect(), build.packet(first >> 4, first & 15, body))


#: Where each packet that a client may send has its properties.
CARRIERS = {
    Type.PUBLISH: lambda properties: build.publish("a", b"x", properties=properties),
    Type.PUBACK: lambda properties: build.acknowledgement(Type.PUBACK, 1, 0, properties),
    Type.PUBREC: lambda properties: build.acknowledgement(Type.PUBREC, 1, 0, properties),
    Type.PUBREL: lambda properties: build.acknowledgement(Type.PUBREL, 1, 0, properties),
    Type.PUBCOMP: lambda properties: build.acknowledgement(Type.PUBCOMP, 1, 0, properties),
    Type.SUBSCRIBE: lambda properties: build.subscribe(1, [Filter("a")], properties=properties),
    Type.UNSUBSCRIBE: lambda properties: build.unsubscribe(1, ["a"], properties=properties),
    Type.DISCONNECT: lambda properties: build.disconnect(0, properties=properties),
}


@statement("MQTT-4.13.1-1")
@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda type: type.name)
def test_properties_on_the_wrong_packet(connect, broker, carrier):
    for property in ALL:
        if carrier in property.packets:
            continue
        packet = CARRIERS[carrier](encode_one(property.name, SAMPLE[property.kind]))
        ends(connect(), packet)


@statement("MQTT-3.1.4-1", "MQTT-4.13.1-1")
def test_properties_that_do_not_belong_in_connect(open_socket, client_id):
    for property in ALL:
        for place in (Type.CONNECT, WILL):
            if place in property.packets:
                continue
            wrong = encode_one(property.name, SAMPLE[property.kind])
            client = open_socket()
            if place == WILL:
                client.send(build.connect(client_id, will=build.Will("a", properties=wrong)))
            else:
                client.send(build.connect(client_id, properties=wrong))
            packets = client.until_closed()
            assert all(each.type == Type.CONNACK and each.reason in (0x81, 0x82) for each in packets), f"{property.name} in {place}"


@statement("MQTT-4.13.1-1")
@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda type: type.name)
def test_properties_that_stand_twice(connect, carrier):
    for property in ALL:
        if carrier not in property.packets or property.repeatable:
            continue
        packet = CARRIERS[carrier](encode_one(property.name, SAMPLE[property.kind]) * 2)
        ends(connect(), packet, (0x81, 0x82, 0x94, 0xA1))


@statement("MQTT-3.1.4-1")
def test_properties_that_stand_twice_in_connect(open_socket, client_id):
    for property in ALL:
        if Type.CONNECT not in property.packets or property.repeatable:
            continue
        client = open_socket()
        client.send(build.connect(client_id, properties=encode_one(property.name, SAMPLE[property.kind]) * 2))
        packets = client.until_closed()
        assert all(each.type == Type.CONNACK and each.reason in (0x81, 0x82, 0x8C) for each in packets), property.name


@statement("MQTT-4.13.1-1")
@pytest.mark.parametrize("code", [0, 4, 0x0A, 0x14, 0x1B, 0x2B, 0x7F, 0x80, 0xFF])
def test_unknown_properties(connect, code):
    ends(connect(), build.publish("a", b"x", properties=varint(code) + b"\0\0\0\0"))


@statement("MQTT-4.13.1-1")
@pytest.mark.parametrize("type", [Type.PUBACK, Type.PUBREC, Type.PUBREL, Type.PUBCOMP], ids=lambda type: type.name)
def test_unknown_reason_codes(connect, type):
    """Protocol errors that a server need not detect; the connection ends or goes on as a whole."""
    for reason in (0x01, 0x7F, 0xFF):
        client = connect()
        client.send(build.acknowledgement(type, 1, reason), build.pingreq(), build.disconnect())
        packets = client.until_closed()
        assert packets and packets[-1].type in (Type.PINGRESP, Type.DISCONNECT), [str(each) for each in packets]


def test_the_tables_of_this_suite_are_whole():
    """Every property of the specification is known, and each is tried on packets where it does not belong."""
    assert len(mqtt_properties.BY_CODE) == 27
    assert all(any(type not in property.packets for type in CARRIERS) or property.repeatable for property in ALL)
