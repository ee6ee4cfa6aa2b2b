"""Maximum Packet Size, both ways (MQTT 5.0 §3.1.2.11.4, §3.2.2.3.6)."""

import pytest

from support.mqtt_raw import Type, build
from support.statements import aws_only, both_versions, open_only, statement


@statement("MQTT-3.1.2-24", "MQTT-3.1.2-25")
@pytest.mark.parametrize("qos", [0, 1])
def test_a_message_too_large_for_a_client_is_dropped_for_it_alone(connect, topic, qos):
    small = connect(properties={"maximum_packet_size": 600})
    large = connect()
    for each in (small, large):
        each.subscribe(topic, qos=1)
    publisher = connect()
    publisher.publish(topic, b"x" * 1000, qos=qos)
    publisher.publish(topic, b"fits", qos=qos)
    assert [large.next_publish().payload for _ in range(2)] == [b"x" * 1000, b"fits"]
    assert small.next_publish().payload == b"fits"


@statement("MQTT-3.1.2-25", "MQTT-4.9.0-2")
def test_dropped_messages_do_not_use_the_window_up(connect, topic):
    """A message too large counts as delivered, so a receive maximum of 1 is free again after it."""
    small = connect(properties={"maximum_packet_size": 600, "receive_maximum": 1})
    small.subscribe(topic, qos=1)
    publisher = connect()
    for _ in range(5):
        publisher.publish(topic, b"x" * 1000, qos=1)
    publisher.publish(topic, b"fits", qos=1)
    assert small.next_publish().payload == b"fits"


@statement("MQTT-3.1.2-25")
def test_too_large_for_the_session_that_comes_back(connect, client_id, topic):
    connect(client_id, properties={"session_expiry_interval": 60}).subscribe(topic, qos=1)
    connect(client_id, clean=False, properties={"session_expiry_interval": 60}).disconnect()
    publisher = connect()
    publisher.publish(topic, b"x" * 1000, qos=1)
    publisher.publish(topic, b"fits", qos=1)
    client = connect(client_id, clean=False, properties={"maximum_packet_size": 600})
    assert client.connack.session_present
    assert client.next_publish().payload == b"fits"


@statement("MQTT-3.1.2-24")
def test_the_exact_size_is_allowed(connect, topic):
    client = connect(properties={"maximum_packet_size": 600})
    client.subscribe(topic)
    publisher = connect()
    # Fixed header 3, topic length 2, property length 1.
    exact = 600 - 3 - 2 - len(topic) - 1
    publisher.publish(topic, b"x" * (exact + 1))
    publisher.publish(topic, b"y" * exact)
    message = client.next_publish()
    assert (message.payload[:1], len(message.raw)) == (b"y", 600)


@statement(
    "MQTT-3.4.2-2", "MQTT-3.4.2-3", "MQTT-3.5.2-2", "MQTT-3.5.2-3", "MQTT-3.6.2-2", "MQTT-3.6.2-3", "MQTT-3.7.2-2", "MQTT-3.7.2-3",
    "MQTT-3.9.2-1", "MQTT-3.9.2-2", "MQTT-3.11.2-1", "MQTT-3.11.2-2", "MQTT-3.14.2-3", "MQTT-3.14.2-4",
)  # fmt: skip
def test_reasons_are_left_out_where_they_do_not_fit(connect, broker, topic):
    """In 32 bytes there is room for every answer but for no sentence; each answer here would otherwise have reason to explain."""
    size = 32 if broker.profile == "open" else 512
    client = connect(properties={"maximum_packet_size": size, "request_problem_information": 1})
    answers = [Type.PUBACK, Type.UNSUBACK, Type.SUBACK]
    client.send(build.publish("no/one/listens", b"x", qos=1, packet_id=1))
    if broker.profile == "open":
        answers += [Type.PUBREC, Type.PUBCOMP, Type.PUBREL]
        client.send(build.publish("no/one/listens", b"x", qos=2, packet_id=2))
        client.send(build.acknowledgement(Type.PUBREL, 99), build.acknowledgement(Type.PUBREC, 98))
    client.send(build.unsubscribe(3, ["never/subscribed"]), build.subscribe(4, [build.Filter(topic)]))
    packets = [client.wait(type) for type in answers]
    client.send(build.connect("a second time"))
    packets += client.until_closed()
    assert packets[-1].type == Type.DISCONNECT
    assert all(len(each.raw) <= size for each in packets), [str(each) for each in packets]


def test_a_packet_above_the_servers_maximum_is_refused_by_its_header(connect):
    """The remaining length alone says that it is too large; the server need not and does not wait for the body."""
    client = connect()
    maximum = client.connack.properties.get("maximum_packet_size", 268_435_460)
    if maximum > 268_435_455:
        pytest.skip("this server announces no maximum")
    client.send(build.packet(Type.PUBLISH, 0, b"\0\1a", remaining=b"\xff\xff\xff\x7f"))
    assert [(each.type, each.reason) for each in client.until_closed()] == [(Type.DISCONNECT, 0x95)]


@pytest.mark.roost_process
def test_a_stranger_is_not_given_the_room_of_a_message(open_socket):
    """A CONNECT has only texts and user properties: one that says it is as large as a message is refused by its header."""
    client = open_socket()
    client.send(build.packet(Type.CONNECT, 0, b"\0\4MQTT\5", remaining=b"\x80\x80\x80\x01"))
    assert [each.type for each in client.until_closed()] in ([], [Type.CONNACK])


@both_versions
def test_a_large_message_passes_whole(connect, version, topic):
    payload = bytes(range(256)) * 500  # 128,000 bytes: below the 128 KB of the aws profile
    client = connect(version=version)
    client.subscribe(topic, qos=1)
    client.publish(topic, payload, qos=1)
    assert client.wait(Type.PUBLISH).payload == payload


@aws_only
@both_versions
def test_aws_payload_of_128_kib_is_the_most(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic, qos=1)
    client.publish(topic, b"x" * 131_072, qos=1)
    client.acknowledge(client.wait(Type.PUBLISH))
    client.send(build.publish(topic, b"x" * 131_073, qos=1, packet_id=9, version=version))
    packets = client.until_closed()
    expected = [(Type.DISCONNECT, 0x95)] if version == 5 else []
    assert [(each.type, each.reason) for each in packets] == expected


@open_only("payloads are at most 128 KB")
def test_a_message_of_10_mib_passes_whole(connect, topic):
    payload = bytes(range(256)) * 40_960
    client = connect()
    client.subscribe(topic, qos=1)
    client.publish(topic, payload, qos=1)
    assert client.wait(Type.PUBLISH).payload == payload
