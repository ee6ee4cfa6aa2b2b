"""What is sent again when a session comes back: unacknowledged PUBLISH and PUBREL, same ids, same order (MQTT 5.0 §4.4)."""

import time

import pytest

from support.mqtt_raw import V5, Type, build
from support.statements import both_versions, open_only, statement, statement311

NO_QOS_2 = "QoS 2 is not supported"


@pytest.fixture
def come(connect, client_id):
    """`come(version)`: the test's client, its session resumed if there is one. The session is removed after the test."""
    used = set()

    def come_back(version=V5, **properties):
        used.add(version)
        extra = {"properties": {"session_expiry_interval": 120, **properties}} if version == V5 else {}
        return connect(client_id, version=version, clean=False, **extra)

    yield come_back
    for version in used:
        connect(client_id, version=version, clean=True).disconnect()


def fields(packet):
    return packet.payload, packet.packet_id, packet.dup


@both_versions
@statement("MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-4.3.2-3", "MQTT-4.6.0-5")
@statement311("MQTT-4.4.0-1", "MQTT-4.6.0-6")
@pytest.mark.parametrize("how", ["close", "abort", "disconnect"])
def test_qos_1_comes_again_with_its_ids_and_order(come, connect, version, topic, how):
    client = come(version)
    client.subscribe(topic, qos=1)
    publisher = connect()
    for number in range(6):
        publisher.publish(topic, b"%d" % number, qos=1)
    first = [client.next_publish(ack=False) for _ in range(6)]
    for acknowledged in (first[0], first[2]):
        client.acknowledge(acknowledged)
    client.ping()
    getattr(client, how)()
    publisher.publish(topic, b"6", qos=1)
    again = come(version)
    assert again.connack.session_present
    expected = [(each.payload, each.packet_id, True) for index, each in enumerate(first) if index not in (0, 2)]
    assert [fields(again.next_publish(ack=False)) for _ in range(4)] == expected
    fresh = again.next_publish(ack=False)
    assert fresh.payload == b"6"
    # A lost connection may still have been there for the server when this was published; an ended one was not.
    assert how != "disconnect" or not fresh.dup
    assert fresh.packet_id not in {each[1] for each in expected}


@both_versions
@statement("MQTT-4.4.0-1")
def test_it_comes_again_at_every_return(come, connect, version, topic):
    client = come(version)
    client.subscribe(topic, qos=1)
    connect().publish(topic, b"stubborn", qos=1)
    seen = client.next_publish(ack=False)
    for _ in range(3):
        client.close()
        client = come(version)
        assert fields(client.next_publish(ack=False)) == (b"stubborn", seen.packet_id, True)
    client.send(build.acknowledgement(Type.PUBACK, seen.packet_id))
    client.ping()
    client.close()
    client = come(version)
    client.ping()
    assert not client.inbox, "an acknowledged message came again"


@both_versions
@statement("MQTT-4.4.0-1")
def test_nothing_is_sent_again_within_a_connection(connect, version, topic):
    """AWS IoT resends after minutes; within the time of a test neither profile may."""
    client = connect(version=version)
    client.subscribe(topic, qos=1)
    connect().publish(topic, b"x", qos=1)
    client.next_publish(ack=False)
    for _ in range(10):
        time.sleep(0.2)
        client.ping()
    assert not client.inbox


@both_versions
@statement("MQTT-4.4.0-1")
def test_discarded_session_resends_nothing(come, connect, version, client_id, topic):
    client = come(version)
    client.subscribe(topic, qos=1)
    connect().publish(topic, b"x", qos=1)
    client.next_publish(ack=False)
    client.close()
    again = connect(client_id, version=version, clean=True)
    again.ping()
    assert not again.inbox


@both_versions
@open_only(NO_QOS_2)
@statement("MQTT-4.4.0-1", "MQTT-4.3.3-3", "MQTT-3.3.1-1")
def test_qos_2_publish_comes_again(come, connect, version, topic):
    client = come(version)
    client.subscribe(topic, qos=2)
    publisher = connect()
    for number in range(3):
        publisher.publish(topic, b"%d" % number, qos=2)
    first = [client.next_publish(ack=False) for _ in range(3)]
    client.close()
    again = come(version)
    found = [again.next_publish(ack=False) for _ in range(3)]
    assert [fields(each) for each in found] == [(each.payload, each.packet_id, True) for each in first]
    for each in found:
        again.acknowledge(each)


@both_versions
@open_only(NO_QOS_2)
@statement("MQTT-4.4.0-1", "MQTT-4.3.3-5", "MQTT-4.3.3-6")
def test_qos_2_pubrel_comes_again_and_publish_does_not(come, connect, version, topic):
    client = come(version)
    client.subscribe(topic, qos=2)
    publisher = connect()
    publisher.publish(topic, b"half done", qos=2)
    message = client.next_publish(ack=False)
    client.send(build.acknowledgement(Type.PUBREC, message.packet_id))
    client.next(Type.PUBREL)
    client.close()
    for _ in range(2):
        again = come(version)
        assert again.next(Type.PUBREL).packet_id == message.packet_id
        again.close()
    last = come(version)
    last.next(Type.PUBREL)
    last.send(build.acknowledgement(Type.PUBCOMP, message.packet_id))
    publisher.publish(topic, b"after", qos=2)
    assert last.next_publish().payload == b"after"
    last.close()
    done = come(version)
    done.ping()
    assert not done.inbox


@both_versions
@open_only(NO_QOS_2)
@statement("MQTT-4.4.0-1")
def test_mixed_states_keep_their_order(come, connect, version, topic):
    client = come(version)
    client.subscribe(topic, qos=2)
    publisher = connect()
    for number in range(4):
        publisher.publish(topic, b"%d" % number, qos=2 if number % 2 else 1)
    first = [client.next_publish(ack=False) for _ in range(4)]
    client.send(build.acknowledgement(Type.PUBREC, first[1].packet_id))
    client.next(Type.PUBREL)
    client.close()
    again = come(version)
    found = [again.next() for _ in range(4)]
    published = [fields(each) for each in found if each.type == Type.PUBLISH]
    assert published == [(each.payload, each.packet_id, True) for each in first if each is not first[1]]
    assert [each.packet_id for each in found if each.type == Type.PUBREL] == [first[1].packet_id]
    again.close()


@both_versions
@open_only(NO_QOS_2)
@statement("MQTT-4.3.3-10", "MQTT-4.1.0-1")
def test_qos_2_received_ids_are_part_of_the_session(come, connect, version, topic):
    """A PUBLISH whose PUBREC was lost comes again in the next connection and must not be delivered twice."""
    watcher = connect()
    watcher.subscribe(topic)
    client = come(version)
    client.send(build.publish(topic, b"once", qos=2, packet_id=11, version=version))
    client.next(Type.PUBREC)
    client.close()
    again = come(version)
    again.send(build.publish(topic, b"once", qos=2, packet_id=11, dup=True, version=version))
    assert again.next(Type.PUBREC).packet_id == 11
    again.send(build.acknowledgement(Type.PUBREL, 11))
    assert again.next(Type.PUBCOMP).packet_id == 11
    again.publish(topic, b"end", qos=2)
    assert [watcher.next_publish().payload for _ in range(2)] == [b"once", b"end"]


@open_only(NO_QOS_2)
@statement("MQTT-4.3.3-7")
def test_a_qos_2_message_that_was_sent_does_not_expire(come, connect, topic):
    client = come()
    client.subscribe(topic, qos=2)
    connect().publish(topic, b"sent", qos=2, properties={"message_expiry_interval": 1})
    message = client.next_publish(ack=False)
    client.close()
    time.sleep(2)
    assert fields(come().next_publish()) == (b"sent", message.packet_id, True)


@statement("MQTT-4.9.0-1", "MQTT-3.3.4-9")
def test_redelivery_respects_the_new_connections_receive_maximum(come, connect, topic):
    client = come()
    client.subscribe(topic, qos=1)
    publisher = connect()
    for number in range(5):
        publisher.publish(topic, b"%d" % number, qos=1)
    first = [client.next_publish(ack=False) for _ in range(5)]
    client.close()
    again = come(receive_maximum=2)
    window = [again.next_publish(ack=False) for _ in range(2)]
    again.ping()
    assert not again.inbox, "more than the receive maximum of 2 is in flight"
    for each in window:
        again.acknowledge(each)
    found = window + [again.next_publish() for _ in range(3)]
    assert [(each.payload, each.packet_id) for each in found] == [(each.payload, each.packet_id) for each in first]
