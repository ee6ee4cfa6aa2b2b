"""SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK (MQTT 5.0 §3.8 to §3.11)."""

import pytest

from support.mqtt_raw import V5, V311, Filter, Type, build, settle
from support.statements import aws_only, both_versions, departs, open_only, statement, statement311


@both_versions
@statement("MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-3.8.4-5", "MQTT-3.8.4-6", "MQTT-3.8.4-7", "MQTT-3.9.3-1", "MQTT-3.9.3-2", "MQTT-2.2.1-6")
@statement311("MQTT-3.9.3-2")
def test_one_suback_with_a_code_for_each_filter_in_order(connect, version, topic):
    client = connect(version=version)
    filters = [Filter(f"{topic}/{number}", qos) for number, qos in enumerate((1, 0, 0, 1, 1, 0))]
    client.send(build.subscribe(0xABCD, filters, version=version))
    suback = client.next(Type.SUBACK)
    assert (suback.packet_id, suback.codes) == (0xABCD, [1, 0, 0, 1, 1, 0])
    client.publish(topic + "/3", b"x", qos=1)
    assert client.wait(Type.PUBLISH).topic == topic + "/3"


@both_versions
@statement("MQTT-3.2.2-10", "MQTT-3.8.4-7")
@open_only("QoS 2 is not supported")
def test_qos_2_is_granted(connect, version, topic):
    assert connect(version=version).subscribe(topic, qos=2).codes == [2]


@both_versions
@statement("MQTT-3.8.4-3")
@statement311("MQTT-3.8.4-3")
def test_subscribing_again_replaces(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic, qos=0)
    client.subscribe(topic, qos=1)
    publisher = connect()
    publisher.publish(topic, b"once", qos=1)
    assert client.next_publish().qos == 1
    client.subscribe(topic, qos=0)
    publisher.publish(topic, b"lower", qos=1)
    assert client.next_publish().qos == 0
    assert settle(client, publisher, topic + "/end") == [], "a replaced subscription still delivers"


@statement("MQTT-3.8.4-4")
def test_nothing_is_lost_while_a_subscription_is_replaced(connect, topic):
    client = connect()
    client.subscribe(topic, qos=1)
    publisher = connect()
    for number in range(50):
        publisher.send(build.publish(topic, b"%d" % number, qos=1, packet_id=number + 1))
        client.send(build.subscribe(number + 1, [Filter(topic, 1)]))
    payloads = []
    while len(payloads) < 50:
        packet = client.next()
        if packet.type == Type.PUBLISH:
            client.acknowledge(packet)
            payloads.append(int(packet.payload))
    assert payloads == list(range(50))


@both_versions
@statement("MQTT-3.8.4-5")
def test_the_same_filter_twice_in_one_subscribe(connect, version, topic):
    client = connect(version=version)
    assert client.subscribe(Filter(topic, 0), Filter(topic, 1)).codes == [0, 1]
    publisher = connect()
    publisher.publish(topic, b"x", qos=1)
    assert client.next_publish().qos == 1
    assert settle(client, publisher, topic + "/end") == []


@statement("MQTT-3.8.3-3")
def test_no_local(connect, topic):
    client, other = connect(), connect()
    client.subscribe(topic, qos=1, no_local=True)
    client.publish(topic, b"mine", qos=1)
    other.publish(topic, b"another's", qos=1)
    message = client.wait(Type.PUBLISH)
    assert message.payload == b"another's"


@statement("MQTT-3.8.3-3")
def test_no_local_concerns_one_subscription_only(connect, topic):
    client = connect()
    client.subscribe(Filter(topic, 1, no_local=True), Filter(topic + "/#", 1))
    client.publish(topic + "/below", b"heard", qos=1)
    assert client.wait(Type.PUBLISH).payload == b"heard"


@statement("MQTT-3.8.3-3")
def test_no_local_holds_for_the_client_id_not_the_connection(connect, client_id, topic):
    """What a session published before it came back is its own as well."""
    keep = {"session_expiry_interval": 60}
    client = connect(client_id, properties=keep)
    client.subscribe(topic, qos=1, no_local=True)
    client.disconnect()
    client = connect(client_id, clean=False)
    client.publish(topic, b"mine", qos=1)
    assert settle(client, connect(), topic + "/end") == []


@statement("MQTT-3.8.3-4")
def test_no_local_on_a_shared_subscription(connect, topic):
    client = connect()
    client.send(build.subscribe(1, [Filter("$share/group/" + topic, no_local=True)]))
    assert [(each.type, each.reason) for each in client.until_closed()] == [(Type.DISCONNECT, 0x82)]


BAD_OPTIONS = {"qos 3": Filter("a", 3), "retain handling 3": Filter("a", retain_handling=3), "bit 6": Filter("a", reserved=1),
               "bit 7": Filter("a", reserved=2)}  # fmt: skip


@statement("MQTT-3.8.3-5", "MQTT-4.13.1-1")
@pytest.mark.parametrize("bad", BAD_OPTIONS.values(), ids=BAD_OPTIONS.keys())
def test_illegal_subscription_options(connect, bad):
    client = connect()
    client.send(build.subscribe(1, [bad]))
    packets = client.until_closed()
    assert [(each.type, each.reason in (0x81, 0x82)) for each in packets] == [(Type.DISCONNECT, True)]


@statement311("MQTT-3.8.3-4")
@pytest.mark.parametrize("options", [0x03, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80])
def test_v311_illegal_requested_qos(connect, options):
    client = connect(version=V311)
    client.send(build.packet(Type.SUBSCRIBE, 2, b"\0\1\0\1a" + bytes([options])))
    assert client.until_closed() == []


@both_versions
@statement("MQTT-3.8.3-2", "MQTT-3.10.3-2")
@pytest.mark.parametrize("make", [build.subscribe, build.unsubscribe], ids=["SUBSCRIBE", "UNSUBSCRIBE"])
def test_without_a_filter(connect, version, make):
    client = connect(version=version)
    client.send(make(1, [], version=version))
    packets = client.until_closed()
    assert [each.reason in (0x81, 0x82) for each in packets] == ([True] if version == V5 else [])


@both_versions
@statement("MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-3.10.4-6", "MQTT-3.11.3-1", "MQTT-3.11.3-2", "MQTT-2.2.1-6")
@statement311("MQTT-3.10.4-5")
def test_one_unsuback_with_a_code_for_each_filter_in_order(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic + "/a", topic + "/c")
    client.send(build.unsubscribe(0xFEDC, [topic + "/a", topic + "/b", topic + "/c", topic + "/a"], version=version))
    unsuback = client.next(Type.UNSUBACK)
    assert unsuback.packet_id == 0xFEDC
    assert unsuback.codes == ([0, 0x11, 0, 0x11] if version == V5 else [])


@both_versions
@statement("MQTT-3.10.4-1", "MQTT-3.10.4-2")
@statement311("MQTT-3.10.4-1")
def test_unsubscribe_compares_character_by_character(connect, version, topic):
    client = connect(version=version)
    client.subscribe(topic + "/+", qos=1)
    client.unsubscribe(topic + "/#", topic + "/a", topic, topic.upper() + "/+")
    publisher = connect()
    publisher.publish(topic + "/a", b"still", qos=1)
    assert client.next_publish().payload == b"still"
    client.unsubscribe(topic + "/+")
    publisher.publish(topic + "/a", b"no more", qos=1)
    assert settle(client, publisher, topic + "-end") == []


@both_versions
@statement("MQTT-3.10.4-3")
def test_unsubscribe_lets_deliveries_that_have_begun_end(connect, version, client_id, topic):
    keep = {"properties": {"session_expiry_interval": 60}} if version == V5 else {}
    client = connect(client_id, version=version, clean=False, **keep)
    client.subscribe(topic, qos=1)
    connect().publish(topic, b"begun", qos=1)
    message = client.next_publish(ack=False)
    client.unsubscribe(topic)
    client.close()
    again = connect(client_id, version=version, clean=False, **keep)
    repeated = again.next_publish()
    assert (repeated.payload, repeated.packet_id, repeated.dup) == (b"begun", message.packet_id, True)
    again.ping()
    connect(client_id, version=version).disconnect()


@both_versions
@statement("MQTT-3.3.4-2")
def test_overlapping_subscriptions_deliver_with_the_highest_qos(connect, version, topic):
    client = connect(version=version)
    client.subscribe(Filter(topic + "/a", 0), Filter(topic + "/+", 1), Filter("+/a", 0))
    publisher = connect()
    publisher.publish(topic + "/a", b"x", qos=1)
    copies = [each.qos for each in settle(client, publisher, topic + "-end")]
    assert max(copies) == 1 and len(copies) <= 3, copies


@departs("one SUBSCRIBE has at most 8 filters", "MQTT-3.8.4-5")
@both_versions
def test_aws_takes_8_filters_in_one_subscribe(connect, version, topic):
    client = connect(version=version)
    assert len(client.subscribe(*(f"{topic}/{number}" for number in range(8))).codes) == 8
    client.send(build.subscribe(9, [Filter(f"{topic}/{number}") for number in range(9)], version=version))
    packets = client.until_closed()
    assert all(each.type == Type.DISCONNECT and each.reason >= 0x80 for each in packets)
    assert len(packets) == (1 if version == V5 else 0)


@open_only("one SUBSCRIBE has at most 8 filters")
def test_many_filters_in_one_subscribe(connect, topic):
    client = connect()
    filters = [f"{topic}/{number}" for number in range(500)]
    assert client.subscribe(*filters, qos=1).codes == [1] * 500
    client.publish(topic + "/499", b"x")
    assert client.wait(Type.PUBLISH).topic == topic + "/499"
    assert client.unsubscribe(*filters).codes == [0] * 500


@aws_only
@both_versions
def test_aws_allows_50_subscriptions(connect, version, topic):
    client = connect(version=version)
    for start in range(0, 48, 8):
        client.subscribe(*(f"{topic}/{number}" for number in range(start, start + 8)))
    assert client.subscribe(topic + "/48", topic + "/49").codes == [0, 0]
    assert client.subscribe(topic + "/48").codes == [0], "replacing one is not one more"
    refused = client.subscribe(topic + "/50").codes
    assert refused == [0x97 if version == V5 else 0x80]
    client.unsubscribe(topic + "/0")
    assert client.subscribe(topic + "/50").codes == [0]
