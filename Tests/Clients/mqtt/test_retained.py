"""Retained messages (MQTT 5.0 §3.3.1.3, §3.8.3.1; MQTT 3.1.1 §3.3.1.3)."""

import time

import pytest

from support.mqtt_raw import V5, Filter, build, settle
from support.statements import both_versions, departs, open_only, statement, statement311

EXACT_ONLY = "only a filter without wildcards receives retained messages"


@pytest.fixture
def retain(connect):
    """`retain(topic, payload)` retains a message; all are removed after the test."""
    publisher = connect()
    topics = []

    def publish(topic, payload=b"retained", qos=1, **fields):
        topics.append(topic)
        publisher.publish(topic, payload, qos=qos, retain=True, **fields)

    yield publish
    for topic in topics:
        publisher.publish(topic, b"", qos=1, retain=True)


def retained_in(connect, topic, **options):
    """The retained messages that a new subscriber of `topic` gets."""
    client = connect()
    client.subscribe(topic, qos=1, **options)
    return settle(client, connect(), topic.rstrip("#+") + "/settled")


@both_versions
@statement("MQTT-3.3.1-5", "MQTT-3.3.1-9")
@statement311("MQTT-3.3.1-8", "MQTT-3.3.1-9")
def test_new_subscribers_get_the_retained_message(connect, retain, version, topic):
    retain(topic, b"state")
    client = connect(version=version)
    client.subscribe(topic, qos=1)
    first = client.next_publish()
    assert (first.payload, first.retain, first.qos, first.topic) == (b"state", True, 1, topic)
    retain(topic, b"change")
    live = client.next_publish()
    assert (live.payload, live.retain) == (b"change", False)


@statement("MQTT-3.3.1-5")
def test_the_last_one_is_kept(connect, retain, topic):
    for payload in (b"1", b"2", b"3"):
        retain(topic, payload)
    assert [each.payload for each in retained_in(connect, topic)] == [b"3"]


@pytest.mark.parametrize("qos", [0, 1])
@statement("MQTT-3.3.1-5")
def test_retained_in_every_qos(connect, retain, topic, qos):
    retain(topic, qos=qos)
    assert [(each.qos, each.retain) for each in retained_in(connect, topic)] == [(qos, True)]


@both_versions
@statement("MQTT-3.3.1-6", "MQTT-3.3.1-7")
@statement311("MQTT-3.3.1-10")
def test_empty_payload_removes_it_and_is_delivered_live(connect, retain, version, topic):
    retain(topic)
    client = connect(version=version)
    client.subscribe(topic)
    assert client.next_publish().payload == b"retained"
    connect(version=version).publish(topic, b"", qos=1, retain=True)
    live = client.next_publish()
    assert (live.payload, live.retain) == (b"", False)
    assert retained_in(connect, topic) == []


@statement("MQTT-3.3.1-7")
def test_removing_what_is_not_there(connect, retain, topic):
    retain(topic, b"")
    assert retained_in(connect, topic) == []


@both_versions
@statement("MQTT-3.3.1-8")
def test_messages_without_retain_leave_it_alone(connect, retain, version, topic):
    retain(topic, b"kept")
    publisher = connect(version=version)
    publisher.publish(topic, b"passing", qos=1)
    publisher.publish(topic, b"", qos=1)
    assert [each.payload for each in retained_in(connect, topic)] == [b"kept"]


@open_only(EXACT_ONLY)
@both_versions
@statement("MQTT-3.3.1-9")
@pytest.mark.parametrize("filter", ["{}/#", "{}/+", "{}/+/#", "+/a", "#"])
def test_wildcards_receive_retained_messages(connect, retain, version, topic, filter):
    retain(topic + "/a", b"a")
    retain(topic + "/b", b"b")
    client = connect(version=version)
    client.subscribe(filter.format(topic), qos=1)
    expected = {b"a"} if filter == "+/a" else {b"a", b"b"}
    found = set()
    while not expected <= found:
        message = client.next_publish()
        assert message.retain
        if message.topic.startswith(topic):
            found.add(message.payload)


@departs(EXACT_ONLY, "MQTT-3.3.1-9", "MQTT-3.3.1-10", "MQTT-3.8.4-4")
@both_versions
@pytest.mark.parametrize("filter", ["{}/#", "{}/+", "+/a"])
def test_aws_wildcards_receive_no_retained_messages(connect, retain, version, topic, filter):
    retain(topic + "/a", b"a")
    client = connect(version=version)
    client.subscribe(filter.format(topic), qos=1)
    found = settle(client, connect(), topic + "-settled")
    assert [each.payload for each in found if each.topic.startswith(topic)] == []


@statement("MQTT-3.3.1-9", "MQTT-3.8.4-4", "MQTT-3.8.4-3")
@statement311("MQTT-3.8.4-3")
@both_versions
def test_subscribing_again_sends_it_again(connect, retain, version, topic):
    retain(topic)
    client = connect(version=version)
    for _ in range(3):
        client.subscribe(topic, qos=1)
        assert client.next_publish().retain


@statement("MQTT-3.3.1-10")
def test_retain_handling_1_sends_it_for_a_new_subscription_only(connect, retain, topic):
    retain(topic)
    client = connect()
    client.subscribe(topic, qos=1, retain_handling=1)
    assert client.next_publish().retain
    client.subscribe(topic, qos=1, retain_handling=1)
    client.subscribe(topic, qos=0, retain_handling=1)
    assert settle(client, connect(), topic + "/end") == []
    client.unsubscribe(topic)
    client.subscribe(topic, qos=1, retain_handling=1)
    assert client.next_publish().retain


@statement("MQTT-3.3.1-10")
def test_retain_handling_1_knows_the_subscriptions_of_a_resumed_session(connect, retain, client_id, topic):
    retain(topic)
    keep = {"session_expiry_interval": 60}
    client = connect(client_id, properties=keep)
    client.subscribe(topic, qos=1)
    client.next_publish()
    client.disconnect()
    client = connect(client_id, clean=False)
    client.subscribe(topic, qos=1, retain_handling=1)
    assert settle(client, connect(), topic + "/end") == []


@statement("MQTT-3.3.1-11")
def test_retain_handling_2_does_not_send_it(connect, retain, topic):
    retain(topic)
    client = connect()
    client.subscribe(topic, qos=1, retain_handling=2)
    assert settle(client, connect(), topic + "/end") == []


@statement("MQTT-3.3.1-12", "MQTT-3.3.1-13")
@pytest.mark.parametrize("as_published", [False, True])
@pytest.mark.parametrize("retain_flag", [False, True])
def test_retain_as_published(connect, topic, as_published, retain_flag):
    client = connect()
    client.subscribe(topic, qos=1, retain_as_published=as_published)
    publisher = connect()
    publisher.publish(topic, b"live", qos=1, retain=retain_flag)
    assert client.next_publish().retain == (as_published and retain_flag)
    publisher.publish(topic, b"", qos=1, retain=True)


@statement("MQTT-3.3.1-12", "MQTT-3.3.1-13")
def test_retain_as_published_while_absent(connect, client_id, topic):
    """What waited in the session keeps the flag that its subscription asked for."""
    keep = {"session_expiry_interval": 60}
    client = connect(client_id, properties=keep)
    client.subscribe(Filter(topic + "/as", 1, retain_as_published=True), Filter(topic + "/not", 1))
    client.disconnect()
    publisher = connect()
    for end in ("/as", "/not"):
        publisher.publish(topic + end, b"x", qos=1, retain=True)
    client = connect(client_id, clean=False)
    assert {each.topic[len(topic) :]: each.retain for each in (client.next_publish() for _ in range(2))} == {"/as": True, "/not": False}
    for end in ("/as", "/not"):
        publisher.publish(topic + end, b"", qos=1, retain=True)


@statement("MQTT-3.3.2-4", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-17", "MQTT-3.3.2-18", "MQTT-3.3.2-20")
def test_retained_messages_keep_their_properties(connect, retain, topic):
    properties = {
        "payload_format_indicator": 1,
        "content_type": "text/plain",
        "response_topic": "answer/here",
        "correlation_data": b"\1\2",
        "user_property": [("b", "1"), ("a", "2"), ("b", "1")],
    }
    retain(topic, properties=properties)
    (found,) = retained_in(connect, topic)
    assert {name: found.properties.get(name) for name in properties if name != "user_property"} == {
        name: value for name, value in properties.items() if name != "user_property"
    }
    assert found.properties.all("user_property") == properties["user_property"]


@statement("MQTT-3.3.2-5", "MQTT-3.3.2-6")
def test_retained_messages_expire(connect, retain, topic):
    retain(topic + "/short", b"short", properties={"message_expiry_interval": 1})
    retain(topic + "/long", b"long", properties={"message_expiry_interval": 100})
    time.sleep(2)
    assert retained_in(connect, topic + "/short") == []
    (long,) = retained_in(connect, topic + "/long")
    assert 90 <= long.properties.get("message_expiry_interval") <= 98


def test_no_local_does_not_concern_retained_messages_of_another(connect, retain, topic):
    retain(topic)
    client = connect()
    client.subscribe(topic, qos=1, no_local=True)
    assert client.next_publish().payload == b"retained"


@both_versions
def test_retained_delivery_has_the_lower_qos(connect, retain, version, topic):
    retain(topic, qos=1)
    client = connect(version=version)
    client.subscribe(topic, qos=0)
    assert client.next_publish().qos == 0


@statement("MQTT-4.7.2-1")
@open_only(EXACT_ONLY)
def test_wildcards_do_not_find_retained_dollar_topics(connect, retain, topic):
    retain("$" + topic + "/a", b"hidden")
    retain(topic + "/a", b"seen")
    client = connect()
    client.subscribe("+/a", qos=1)
    found = [each for each in settle(client, connect(), topic + "-end") if topic in each.topic]
    assert [each.payload for each in found] == [b"seen"]


@departs("a retained PUBLISH to a $-topic is refused", "MQTT-3.3.1-5")
@both_versions
def test_aws_refuses_retained_dollar_topics(connect, version):
    client = connect(version=version)
    client.send(build.publish("$aws/things/x/shadow/update", b"{}", qos=1, packet_id=1, retain=True, version=version))
    if version == V5:
        answer = client.next()
        assert answer.reason >= 0x80, str(answer)
    else:
        assert client.until_closed() == []
