"""CONNECT: what the server accepts, and what ends the connection (MQTT 5.0 §3.1, MQTT 3.1.1 §3.1)."""

import pytest

from support.mqtt_properties import encode
from support.mqtt_raw import V5, V311, Type, Will, build
from support.mqtt_types import binary, utf8
from support.statements import aws_only, both_versions, open_only, statement, statement311


def refusal(client):
    """Reads to the close that must follow a refused CONNECT; the CONNACK that came before it, if there was one."""
    packets = client.until_closed()
    assert len(packets) <= 1 and all(each.type == Type.CONNACK for each in packets), [str(each) for each in packets]
    assert all(each.reason != 0 for each in packets), str(packets[0])
    return packets[0] if packets else None


@both_versions
@statement("MQTT-3.1.4-5", "MQTT-3.2.0-1", "MQTT-3.2.2-8", "MQTT-4.2-1")
def test_connect_is_acknowledged(connect, version):
    client = connect(version=version)
    assert client.connack.reason == 0
    client.ping()


@statement("MQTT-3.1.3-5", "MQTT-3.1.3-3")
@statement311("MQTT-3.1.3-5")
@both_versions
@pytest.mark.parametrize("length", [1, 22, 23])
def test_short_alphanumeric_client_ids_are_allowed(connect, version, length, unique):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: max(0, length - 22)] + unique("0123456789abcdefghijkl"[: max(1, length - 12)])
    connect(letters[-length:], version=version)


@both_versions
def test_client_ids_of_128_bytes_and_any_characters_are_allowed(connect, version, unique):
    connect((unique() + "-_.:ßλ漢😀" * 20).encode()[:100].decode(errors="ignore") + " ok", version=version)


@aws_only
@both_versions
@statement("MQTT-3.1.3-8")
def test_client_id_longer_than_128_bytes_is_refused(open_socket, version):
    client = open_socket(version)
    client.send(build.connect("c" * 129, version=version))
    connack = refusal(client)
    assert connack is None or connack.reason == (0x85 if version == V5 else 2), str(connack)


@statement("MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16")
def test_empty_client_id_gets_a_new_one(connect):
    clients = [connect("") for _ in range(5)]
    assigned = [each.connack.properties.get("assigned_client_identifier") for each in clients]
    assert all(assigned) and len(set(assigned)) == 5, assigned
    # The id works as if the client had named it: a second connection of that id takes the session over.
    connect(assigned[0])
    taken_over = clients[0].until_closed()
    assert [each.reason for each in taken_over] == [0x8E]


@statement("MQTT-3.1.3-6", "MQTT-3.1.3-7")
def test_assigned_client_id_has_a_session_to_come_back_to(connect):
    first = connect("", clean=False, properties={"session_expiry_interval": 60})
    first.disconnect()
    again = connect(first.client_id, clean=False, properties={"session_expiry_interval": 0})
    assert again.connack.session_present
    assert "assigned_client_identifier" not in again.connack.properties


@statement311("MQTT-3.1.3-6")
def test_v311_empty_client_ids_are_kept_apart(connect, topic):
    first, second = connect("", version=V311), connect("", version=V311)
    first.ping()
    second.ping()


@statement311("MQTT-3.1.3-7", "MQTT-3.1.3-8", "MQTT-3.2.2-5")
def test_v311_empty_client_id_with_a_kept_session_is_refused(open_socket):
    client = open_socket(V311)
    client.send(build.connect("", version=V311, clean=False))
    connack = refusal(client)
    assert connack is not None and connack.reason == 2


@both_versions
@statement("MQTT-3.1.2-1", "MQTT-3.1.4-1", "MQTT-3.14.0-1")
@pytest.mark.parametrize("name", ["", "M", "mqtt", "MQTt", "MQTTX", "HTTP", "M" * 3000])
def test_unknown_protocol_name_ends_the_connection(open_socket, version, name, client_id):
    client = open_socket(version)
    client.send(build.connect(client_id, version=version, protocol_name=name))
    connack = refusal(client)
    assert connack is None or connack.reason in (1, 0x84, 0x81, 0x82), str(connack)


@statement("MQTT-3.1.2-2", "MQTT-3.2.2-7")
@statement311("MQTT-3.1.2-2")
@pytest.mark.parametrize("level", [0, 1, 2, 6, 0x7F, 0xFF])
def test_unknown_protocol_level_is_told_so(open_socket, level, client_id):
    client = open_socket(V5)
    client.send(build.connect(client_id, level=level))
    connack = refusal(client)
    assert connack is not None and connack.reason in (0x01, 0x84), f"level {level}: {connack}"


@both_versions
@statement("MQTT-3.1.2-3", "MQTT-2.1.3-1", "MQTT-3.1.4-1")
@statement311("MQTT-2.2.2-2")
def test_reserved_connect_flag_ends_the_connection(open_socket, version, client_id):
    client = open_socket(version)
    client.send(build.connect(client_id, version=version, connect_flags=0x03))
    refusal(client)


@both_versions
@statement("MQTT-3.1.2-11", "MQTT-3.1.2-13")
@pytest.mark.parametrize("flags", [0x0A, 0x12, 0x1A, 0x22, 0x3A])
def test_will_qos_or_retain_without_will_ends_the_connection(open_socket, version, flags, client_id):
    client = open_socket(version)
    client.send(build.connect(client_id, version=version, connect_flags=flags))
    refusal(client)


@both_versions
@statement("MQTT-3.1.2-12")
def test_will_qos_3_ends_the_connection(open_socket, version, client_id, topic):
    client = open_socket(version)
    client.send(build.connect(client_id, version=version, will=Will(topic, qos=3)))
    refusal(client)


@both_versions
@statement("MQTT-3.1.2-9", "MQTT-3.1.2-17", "MQTT-3.1.2-19", "MQTT-3.1.4-1")
@pytest.mark.parametrize("flags", [0x06, 0x82, 0xC2, 0xC6], ids=["will", "user name", "password", "all"])
def test_flag_without_its_field_ends_the_connection(open_socket, version, flags, client_id):
    client = open_socket(version)
    client.send(build.connect(client_id, version=version, connect_flags=flags))
    refusal(client)


@both_versions
@statement("MQTT-3.1.2-16", "MQTT-3.1.2-18", "MQTT-3.1.3-1", "MQTT-3.1.4-1")
@pytest.mark.parametrize("extra", [utf8("user"), utf8("user") + binary(b"secret"), b"\0"], ids=["user name", "both", "a byte"])
def test_field_without_its_flag_ends_the_connection(open_socket, version, extra, client_id):
    client = open_socket(version)
    client.send(build.connect(version=version, payload=utf8(client_id) + extra))
    refusal(client)


@statement311("MQTT-3.1.2-22")
def test_v311_password_without_user_name_ends_the_connection(open_socket, client_id):
    client = open_socket(V311)
    client.send(build.connect(client_id, version=V311, password=b"secret"))
    refusal(client)


@statement("MQTT-3.1.2-16", "MQTT-3.1.2-19")
def test_password_without_user_name_is_legal_in_version_5(connect):
    connect(password=b"secret").ping()


@both_versions
@statement("MQTT-3.1.2-17", "MQTT-3.1.2-19", "MQTT-3.1.2-9", "MQTT-3.1.3-1", "MQTT-3.1.3-11", "MQTT-3.1.3-12")
def test_all_payload_fields_together(connect, version, topic):
    client = connect(version=version, will=Will(topic + "/wïll", b"\0\xff", qos=1), username="üser", password=b"\0\xff\xfe")
    client.ping()


@both_versions
@statement("MQTT-3.1.3-1", "MQTT-3.1.3-3")
def test_connect_without_client_id_ends_the_connection(open_socket, version):
    client = open_socket(version)
    client.send(build.connect(version=version, payload=b""))
    refusal(client)


@both_versions
@statement("MQTT-3.1.3-4", "MQTT-3.1.3-11", "MQTT-3.1.3-12", "MQTT-1.5.4-1", "MQTT-1.5.4-2")
@statement311("MQTT-1.5.3-1", "MQTT-1.5.3-2")
@pytest.mark.parametrize("bad", [b"a\xc3", b"\xed\xa0\x80", b"a\0b", b"\xf5\x80\x80\x80"], ids=["cut", "surrogate", "null", "beyond"])
@pytest.mark.parametrize("where", ["client id", "will topic", "user name"])
def test_bad_utf8_in_the_payload_ends_the_connection(open_socket, version, bad, where, client_id, topic):
    fields = {"client id": {}, "will topic": {"will": Will(bad)}, "user name": {"username": bad}}[where]
    client = open_socket(version)
    client.send(build.connect(bad if where == "client id" else client_id, version=version, **fields))
    refusal(client)


@both_versions
@statement("MQTT-3.1.0-2", "MQTT-3.2.0-2", "MQTT-4.13.1-1", "MQTT-4.13.2-1", "MQTT-3.14.4-2")
@statement311("MQTT-3.1.0-2")
def test_second_connect_ends_the_connection(connect, version):
    client = connect(version=version)
    client.send(build.connect(client.client_id, version=version))
    packets = client.until_closed()
    assert [(each.type, each.reason) for each in packets] == ([(Type.DISCONNECT, 0x82)] if version == V5 else [])


FIRST_PACKETS = {
    "PUBLISH": build.publish("a", b"x"),
    "SUBSCRIBE": build.subscribe(1, [build.Filter("a")]),
    "UNSUBSCRIBE": build.unsubscribe(1, ["a"]),
    "PINGREQ": build.pingreq(),
    "PUBACK": build.acknowledgement(Type.PUBACK, 1),
    "PUBREC": build.acknowledgement(Type.PUBREC, 1),
    "PUBREL": build.acknowledgement(Type.PUBREL, 1),
    "PUBCOMP": build.acknowledgement(Type.PUBCOMP, 1),
    "DISCONNECT": build.disconnect(),
    "AUTH": build.auth(0x19, {"authentication_method": "x"}),
    "CONNACK": bytes.fromhex("20 03 00 00 00"),
    "PINGRESP": bytes.fromhex("d0 00"),
}


@statement("MQTT-3.1.0-1", "MQTT-3.14.0-1")
@pytest.mark.parametrize("first", FIRST_PACKETS.values(), ids=FIRST_PACKETS.keys())
def test_first_packet_must_be_connect(open_socket, first):
    client = open_socket()
    client.send(first)
    assert client.until_closed() == []


@both_versions
def test_packets_right_behind_connect_are_processed(open_socket, version, client_id, topic):
    """A client need not wait for CONNACK (§3.1.4); the answers come after it and in order."""
    client = open_socket(version)
    client.send(
        build.connect(client_id, version=version),
        build.subscribe(1, [build.Filter(topic, 1)], version=version),
        build.publish(topic, b"early", qos=1, packet_id=2, version=version),
        build.pingreq(),
    )
    assert client.next(Type.CONNACK).reason == 0
    assert client.wait(Type.SUBACK, 1).codes == [1]
    assert client.wait(Type.PUBACK, 2).reason == 0
    assert client.wait(Type.PUBLISH).payload == b"early"
    client.wait(Type.PINGRESP)


@both_versions
@statement("MQTT-3.1.4-6", "MQTT-3.1.4-2")
@statement311("MQTT-3.1.4-5")
def test_nothing_after_a_refused_connect_is_processed(open_socket, connect, version, client_id, topic):
    watcher = connect()
    watcher.subscribe(topic)
    client = open_socket(version)
    client.send(
        build.connect(client_id, version=version, connect_flags=0x03),
        build.publish(topic, b"must not arrive", version=version),
        build.publish(topic, b"must not arrive", qos=1, packet_id=1, version=version),
    )
    refusal(client)
    connect().publish(topic, b"arrives")
    assert watcher.next_publish().payload == b"arrives"


BAD_CONNECT_PROPERTIES = {
    "receive maximum 0": {"receive_maximum": 0},
    "maximum packet size 0": {"maximum_packet_size": 0},
    "request problem information 2": {"request_problem_information": 2},
    "request response information 2": {"request_response_information": 2},
    "authentication data without method": {"authentication_data": b"x"},
}


@statement("MQTT-3.1.4-1", "MQTT-4.13.1-1")
@pytest.mark.parametrize("properties", BAD_CONNECT_PROPERTIES.values(), ids=BAD_CONNECT_PROPERTIES.keys())
def test_illegal_value_of_a_connect_property_ends_the_connection(open_socket, client_id, properties):
    client = open_socket()
    client.send(build.connect(client_id, properties=properties))
    connack = refusal(client)
    assert connack is None or connack.reason in (0x81, 0x82), str(connack)


BAD_WILL_PROPERTIES = {
    "payload format 2": {"payload_format_indicator": 2},
    "wildcard in response topic": {"response_topic": "a/+"},
    "topic alias": encode({"topic_alias": 1})[1:],
    "session expiry": encode({"session_expiry_interval": 1})[1:],
}


@statement("MQTT-3.1.4-1")
@pytest.mark.parametrize("properties", BAD_WILL_PROPERTIES.values(), ids=BAD_WILL_PROPERTIES.keys())
def test_illegal_will_property_ends_the_connection(open_socket, client_id, topic, properties):
    client = open_socket()
    client.send(build.connect(client_id, will=Will(topic, properties=properties)))
    refusal(client)


@both_versions
@statement("MQTT-3.1.4-1", "MQTT-4.7.0-1", "MQTT-4.7.3-1")
@pytest.mark.parametrize("bad", ["a/+", "a/#", "#", ""])
def test_illegal_will_topic_ends_the_connection(open_socket, version, client_id, bad):
    client = open_socket(version)
    client.send(build.connect(client_id, version=version, will=Will(bad)))
    refusal(client)


@statement("MQTT-3.2.2-12")
@aws_only
def test_aws_refuses_a_will_of_qos_2(open_socket, client_id, topic):
    client = open_socket()
    client.send(build.connect(client_id, will=Will(topic, qos=2)))
    connack = refusal(client)
    assert connack is not None and connack.reason == 0x9B


@open_only("the least Maximum Packet Size of a client is 512 bytes")
def test_small_maximum_packet_size_is_accepted(connect):
    connect(properties={"maximum_packet_size": 64}).ping()


@aws_only
def test_aws_refuses_a_maximum_packet_size_below_512(open_socket, connect, client_id):
    client = open_socket()
    client.send(build.connect(client_id, properties={"maximum_packet_size": 511}))
    refusal(client)
    connect(properties={"maximum_packet_size": 512})
