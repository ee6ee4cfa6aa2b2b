"""The flows of QoS 0, 1 and 2 within one connection (MQTT 5.0 §4.3)."""

import time

import pytest

from support.mqtt_raw import V5, Type, build, settle
from support.statements import aws_only, both_versions, departs, open_only, statement, statement311

NO_QOS_2 = "QoS 2 is not supported"


@both_versions
@statement("MQTT-4.3.1-1", "MQTT-3.3.1-2", "MQTT-2.2.1-2", "MQTT-3.3.4-1")
@statement311("MQTT-2.3.1-5")
def test_qos_0(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic)
    client.publish(topic, b"zero")
    message = client.next_publish()
    assert (message.payload, message.qos, message.dup, message.packet_id) == (b"zero", 0, False, None)
    client.ping()
    assert not client.inbox, "QoS 0 is not answered"


@both_versions
@statement("MQTT-4.3.2-1", "MQTT-4.3.2-2", "MQTT-4.3.2-4", "MQTT-2.2.1-4", "MQTT-2.2.1-5", "MQTT-3.3.4-1", "MQTT-3.4.2-1")
@pytest.mark.parametrize("packet_id", [1, 0x1234, 65535])
def test_qos_1(connect, version, topic, packet_id):
    client = connect(version=version)
    client.subscribe(topic, qos=1)
    ack = client.publish(topic, b"one", qos=1, packet_id=packet_id)
    assert (ack.packet_id, ack.reason) == (packet_id, 0)
    message = client.wait(Type.PUBLISH)
    assert (message.payload, message.qos, message.dup) == (b"one", 1, False)
    client.acknowledge(message)
    client.ping()
    assert not client.inbox


@both_versions
@statement("MQTT-4.3.2-1", "MQTT-4.3.2-3", "MQTT-2.2.1-4")
def test_messages_in_flight_have_ids_of_their_own(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic, qos=1)
    publisher = connect()
    for number in range(20):
        publisher.publish(topic, b"%d" % number, qos=1)
    found = [client.next_publish(ack=False) for _ in range(20)]
    assert len({each.packet_id for each in found}) == 20
    for each in found:
        client.acknowledge(each)
    publisher.publish(topic, b"last", qos=1)
    assert client.next_publish().payload == b"last"


@both_versions
@statement("MQTT-4.3.2-5", "MQTT-3.3.1-3")
@pytest.mark.parametrize("dup", [False, True])
def test_qos_1_id_used_again_is_a_new_message(connect, version, topic, dup):
    client = connect(version=version)
    client.subscribe(topic, qos=1)
    client.publish(topic, b"first", qos=1, packet_id=7)
    client.publish(topic, b"second", qos=1, packet_id=7, dup=dup)
    found = [client.next_publish() for _ in range(2)]
    assert [each.payload for each in found] == [b"first", b"second"]
    assert not any(each.dup for each in found), "DUP of the publisher was forwarded [MQTT-3.3.1-3]"


@both_versions
@statement("MQTT-3.4.2-1")
def test_qos_1_without_subscribers(connect, version, topic):
    assert connect(version=version).publish(topic, b"nobody", qos=1).reason in (0x00, 0x10)


@aws_only
def test_aws_does_not_tell_that_nobody_listens(connect, topic):
    assert connect().publish(topic, b"nobody", qos=1).reason == 0x00


@both_versions
@open_only(NO_QOS_2)
@statement("MQTT-4.3.3-2", "MQTT-4.3.3-4", "MQTT-4.3.3-8", "MQTT-4.3.3-11", "MQTT-2.2.1-5", "MQTT-3.5.2-1", "MQTT-3.6.2-1", "MQTT-3.7.2-1")
def test_qos_2(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic, qos=2)
    done = client.publish(topic, b"two", qos=2, packet_id=0x4321)
    assert (done.type, done.packet_id, done.reason) == (Type.PUBCOMP, 0x4321, 0)
    message = client.wait(Type.PUBLISH)
    assert (message.payload, message.qos, message.dup) == (b"two", 2, False)
    client.acknowledge(message)
    client.ping()
    assert not client.inbox


@both_versions
@open_only(NO_QOS_2)
@statement("MQTT-4.3.3-10", "MQTT-4.3.3-12")
def test_qos_2_repeated_publish_is_delivered_once(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic, qos=0)
    publisher = connect(version=version)
    for dup in (False, True, True):
        publisher.send(build.publish(topic, b"once", qos=2, packet_id=5, dup=dup, version=version))
        assert publisher.next(Type.PUBREC).packet_id == 5
    for _ in range(2):
        # A PUBREL may come again when its PUBCOMP was lost; it is answered again.
        publisher.send(build.acknowledgement(Type.PUBREL, 5))
        assert publisher.next(Type.PUBCOMP).packet_id == 5
    publisher.publish(topic, b"new", qos=2, packet_id=5)
    assert [client.next_publish().payload for _ in range(2)] == [b"once", b"new"]
    assert settle(client, publisher, topic + "/end") == []


@both_versions
@open_only(NO_QOS_2)
@statement("MQTT-4.3.3-1", "MQTT-4.3.3-3", "MQTT-4.3.3-5")
def test_qos_2_messages_in_flight_interleave(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic, qos=2)
    publisher = connect()
    for number in range(5):
        publisher.publish(topic, b"%d" % number, qos=2)
    found = [client.next_publish(ack=False) for _ in range(5)]
    assert len({each.packet_id for each in found}) == 5
    client.send(*(build.acknowledgement(Type.PUBREC, each.packet_id) for each in found))
    assert [client.next(Type.PUBREL).packet_id for _ in found] == [each.packet_id for each in found]
    client.send(*(build.acknowledgement(Type.PUBCOMP, each.packet_id) for each in reversed(found)))
    publisher.publish(topic, b"last", qos=2)
    assert client.next_publish().payload == b"last"


@open_only(NO_QOS_2)
@statement("MQTT-3.7.2-1", "MQTT-3.6.2-1")
def test_unknown_packet_ids_are_told_so(connect):
    client = connect()
    client.send(build.acknowledgement(Type.PUBREL, 321))
    unknown = client.next(Type.PUBCOMP)
    assert (unknown.packet_id, unknown.reason) == (321, 0x92)
    client.send(build.acknowledgement(Type.PUBREC, 322))
    unknown = client.next(Type.PUBREL)
    assert (unknown.packet_id, unknown.reason) == (322, 0x92)
    client.send(build.acknowledgement(Type.PUBACK, 323), build.acknowledgement(Type.PUBCOMP, 324))
    client.ping()


@open_only(NO_QOS_2)
@statement("MQTT-4.4.0-2", "MQTT-4.3.3-9", "MQTT-4.3.3-4")
def test_pubrec_with_an_error_ends_the_flow(connect, topic):
    client = connect(properties={"receive_maximum": 1})
    client.subscribe(topic, qos=2)
    publisher = connect()
    publisher.publish(topic, b"refused", qos=2)
    publisher.publish(topic, b"next", qos=2)
    message = client.next_publish(ack=False)
    client.send(build.acknowledgement(Type.PUBREC, message.packet_id, 0x83))
    message = client.next_publish()
    assert message.payload == b"next", "after the refusal the window is free and no PUBREL comes"


@statement("MQTT-4.4.0-2")
@pytest.mark.parametrize("reason", [0x10, 0x80, 0x97])
def test_puback_with_an_error_ends_the_flow(connect, client_id, topic, reason):
    keep = {"receive_maximum": 1, "session_expiry_interval": 60}
    client = connect(client_id, properties=keep)
    client.subscribe(topic, qos=1)
    publisher = connect()
    publisher.publish(topic, b"refused", qos=1)
    publisher.publish(topic, b"next", qos=1)
    client.send(build.acknowledgement(Type.PUBACK, client.next_publish(ack=False).packet_id, reason, {"reason_string": "no"}))
    assert client.next_publish(ack=False).payload == b"next"
    client.close()
    again = connect(client_id, clean=False)
    assert again.next_publish().payload == b"next", "what was refused came again"


@both_versions
@open_only(NO_QOS_2)
@statement("MQTT-4.3.3-13", "MQTT-4.3.3-7")
def test_qos_2_flow_outlives_the_message_expiry(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic, qos=2)
    publisher = connect()
    publisher.publish(topic, b"sent", qos=2, properties={"message_expiry_interval": 1})
    message = client.next_publish(ack=False)
    publisher.send(build.publish(topic, b"received", qos=2, packet_id=3, properties={"message_expiry_interval": 1}))
    assert publisher.next(Type.PUBREC).reason == 0
    time.sleep(1.5)
    client.send(build.acknowledgement(Type.PUBREC, message.packet_id))
    assert client.wait(Type.PUBREL, message.packet_id).reason == 0
    client.send(build.acknowledgement(Type.PUBCOMP, message.packet_id))
    publisher.send(build.acknowledgement(Type.PUBREL, 3))
    assert publisher.next(Type.PUBCOMP).reason == 0


@both_versions
@statement("MQTT-3.8.4-8")
@pytest.mark.parametrize("published", [0, 1])
@pytest.mark.parametrize("granted", [0, 1])
def test_the_lower_qos_wins(connect, version, topic, published, granted):
    client = connect(version=version)
    assert client.subscribe(topic, qos=granted).codes == [granted]
    client.publish(topic, b"x", qos=published)
    assert client.wait(Type.PUBLISH).qos == min(published, granted)


@both_versions
@open_only(NO_QOS_2)
@statement("MQTT-3.8.4-8")
@pytest.mark.parametrize("published, granted", [(2, 0), (2, 1), (0, 2), (1, 2), (2, 2)])
def test_the_lower_qos_wins_with_qos_2(connect, version, topic, published, granted):
    client = connect(version=version)
    assert client.subscribe(topic, qos=granted).codes == [granted]
    client.publish(topic, b"x", qos=published)
    assert client.wait(Type.PUBLISH).qos == min(published, granted)


@both_versions
@departs(
    NO_QOS_2, "MQTT-4.3.3-1", "MQTT-4.3.3-2", "MQTT-4.3.3-3", "MQTT-4.3.3-4", "MQTT-4.3.3-5", "MQTT-4.3.3-6", "MQTT-4.3.3-7",
    "MQTT-4.3.3-8", "MQTT-4.3.3-9", "MQTT-4.3.3-10", "MQTT-4.3.3-11", "MQTT-4.3.3-12", "MQTT-4.3.3-13", "MQTT-3.5.2-1", "MQTT-3.6.2-1",
    "MQTT-3.7.2-1", "MQTT-3.5.2-2", "MQTT-3.5.2-3", "MQTT-3.6.2-2", "MQTT-3.6.2-3", "MQTT-3.7.2-2", "MQTT-3.7.2-3", "MQTT-4.8.2-4",
    "MQTT-4.8.2-5",
)  # fmt: skip
def test_aws_refuses_a_publish_of_qos_2(connect, version, topic):
    client = connect(version=version)
    client.send(build.publish(topic, b"two", qos=2, packet_id=1, version=version))
    packets = client.until_closed()
    assert [(each.type, each.reason) for each in packets] == ([(Type.DISCONNECT, 0x9B)] if version == V5 else [])


@both_versions
@departs("a subscription of QoS 2 is refused by closing the connection", "MQTT-3.2.2-10")
def test_aws_refuses_a_subscription_of_qos_2(connect, version, topic):
    client = connect(version=version)
    client.send(build.subscribe(1, [build.Filter(topic, 2)], version=version))
    packets = client.until_closed()
    assert [(each.type, each.reason) for each in packets] == ([(Type.DISCONNECT, 0x9B)] if version == V5 else [])


@both_versions
@departs(NO_QOS_2, "MQTT-4.3.3-11")
@pytest.mark.parametrize("type", [Type.PUBREC, Type.PUBREL, Type.PUBCOMP])
def test_aws_refuses_the_packets_of_qos_2(connect, version, type):
    client = connect(version=version)
    client.send(build.acknowledgement(type, 1))
    packets = client.until_closed()
    assert all(each.type == Type.DISCONNECT and each.reason in (0x82, 0x9B) for each in packets), [str(each) for each in packets]
    assert len(packets) == (1 if version == V5 else 0)
