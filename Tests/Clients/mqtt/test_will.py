"""Will messages: when they are published, with what, and when not (MQTT 5.0 §3.1.2.5, §3.1.3.2; MQTT 3.1.1 §3.1.2.5)."""

import time

import pytest

from support.mqtt_raw import V5, Will, build, settle
from support.statements import aws_only, both_versions, open_only, statement, statement311


@pytest.fixture
def watch(connect, topic):
    """A client subscribed to the test's topic."""
    client = connect()
    client.subscribe(topic, qos=2 if client.connack.properties.get("maximum_qos", 2) == 2 else 1)
    return client


@both_versions
@statement("MQTT-3.1.2-7", "MQTT-3.1.2-8", "MQTT-3.1.2-14")
@statement311("MQTT-3.1.2-8")
@pytest.mark.parametrize("how", ["close", "abort"])
def test_lost_connection_publishes_the_will(connect, watch, version, topic, how):
    getattr(connect(version=version, will=Will(topic, b"gone")), how)()
    message = watch.next_publish()
    assert (message.topic, message.payload, message.retain) == (topic, b"gone", False)
    late = connect()
    late.subscribe(topic)
    assert settle(late, connect(), topic + "/end") == [], "a will without retain was retained"


@both_versions
@statement("MQTT-3.1.2-8", "MQTT-4.13.1-1")
def test_protocol_error_publishes_the_will(connect, watch, version, topic):
    client = connect(version=version, will=Will(topic, b"misbehaved"))
    client.send(build.connect("again", version=version))
    client.until_closed()
    assert watch.next_publish().payload == b"misbehaved"


@both_versions
@statement("MQTT-3.1.2-10", "MQTT-3.14.4-3")
@statement311("MQTT-3.1.2-10", "MQTT-3.14.4-3")
def test_disconnect_discards_the_will(connect, watch, version, topic):
    connect(version=version, will=Will(topic, b"must not come")).disconnect()
    assert settle(watch, connect(), topic + "/end") == []


def test_disconnect_with_will_message_publishes_it(connect, watch, topic):
    connect(will=Will(topic, b"asked for")).disconnect(0x04)
    assert watch.next_publish().payload == b"asked for"


@pytest.mark.parametrize("reason", [0x80, 0x82, 0x93, 0x99])
def test_disconnect_with_an_error_publishes_the_will(connect, watch, topic, reason):
    connect(will=Will(topic, b"error")).disconnect(reason)
    assert watch.next_publish().payload == b"error"


@both_versions
@statement("MQTT-3.1.2-10")
def test_will_is_published_once(connect, watch, version, client_id, topic):
    keep = {"properties": {"session_expiry_interval": 60}} if version == V5 else {}
    connect(client_id, version=version, clean=False, will=Will(topic, b"once"), **keep).close()
    assert watch.next_publish().payload == b"once"
    # The session lives on without the will: a further loss of the connection publishes nothing.
    connect(client_id, version=version, clean=False, **keep).close()
    connect(client_id, version=version, clean=True).disconnect()
    assert settle(watch, connect(), topic + "/end") == []


@both_versions
@statement("MQTT-3.1.2-15")
def test_retained_will(connect, watch, version, topic):
    connect(version=version, will=Will(topic, b"state", qos=1, retain=True)).close()
    assert not watch.next_publish().retain
    late = connect()
    late.subscribe(topic, qos=1)
    message = late.next_publish()
    assert (message.payload, message.retain) == (b"state", True)
    late.publish(topic, retain=True)


@both_versions
@statement("MQTT-3.1.2-12")
@pytest.mark.parametrize("qos", [0, 1])
def test_will_has_its_qos(connect, watch, version, topic, qos):
    connect(version=version, will=Will(topic, qos=qos)).close()
    assert watch.next_publish().qos == qos


@both_versions
@statement("MQTT-3.1.2-12")
@open_only("QoS 2 is not supported")
def test_will_of_qos_2(connect, watch, version, topic):
    connect(version=version, will=Will(topic, qos=2)).close()
    assert watch.next_publish().qos == 2


@statement("MQTT-3.1.3-10", "MQTT-3.3.2-4", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-20")
def test_will_properties_are_those_of_the_message(connect, watch, topic):
    properties = {
        "payload_format_indicator": 1,
        "message_expiry_interval": 100,
        "content_type": "text/plain",
        "response_topic": "answers/here",
        "correlation_data": b"\0\1\2",
        "user_property": [("z", "1"), ("a", "2"), ("z", "1"), ("", "")],
    }
    connect(will=Will(topic, b"bye", properties=properties)).close()
    found = watch.next_publish().properties
    assert 98 <= found.get("message_expiry_interval") <= 100
    for name in ("payload_format_indicator", "content_type", "response_topic", "correlation_data"):
        assert found.get(name) == properties[name], name
    assert found.all("user_property") == properties["user_property"]
    assert "will_delay_interval" not in found


@statement("MQTT-3.1.2-8")
def test_will_waits_for_its_delay(connect, watch, client_id, topic):
    client = connect(client_id, will=Will(topic, b"late", properties={"will_delay_interval": 2}), properties={"session_expiry_interval": 60})
    client.close()
    closed = time.monotonic()
    assert watch.next_publish(timeout=20).payload == b"late"
    assert time.monotonic() - closed > 1.5, "the will did not wait"


@statement("MQTT-3.1.3-9", "MQTT-3.1.2-8")
def test_reconnect_within_the_delay_cancels_the_will(connect, watch, client_id, topic):
    keep = {"session_expiry_interval": 60}
    connect(client_id, will=Will(topic, b"must not come", properties={"will_delay_interval": 1}), properties=keep).close()
    back = connect(client_id, clean=False, properties={"session_expiry_interval": 0})
    assert back.connack.session_present
    time.sleep(2.5)
    assert settle(watch, connect(), topic + "/end") == []


@statement("MQTT-3.1.2-8")
def test_will_comes_at_the_latest_when_the_session_ends(connect, watch, topic):
    delayed = Will(topic, b"session over", properties={"will_delay_interval": 600})
    client = connect(will=delayed, properties={"session_expiry_interval": 1})
    client.close()
    assert watch.next_publish(timeout=20).payload == b"session over"


def test_will_delay_without_a_session_to_wait_for(connect, watch, topic):
    """The session ends with the connection, so the will is due at once (§3.1.3.2.2)."""
    connect(will=Will(topic, b"at once", properties={"will_delay_interval": 600})).close()
    assert watch.next_publish().payload == b"at once"


@statement("MQTT-3.1.2-8")
def test_clean_start_within_the_delay_ends_the_session_and_sends_the_will(connect, watch, client_id, topic):
    delayed = Will(topic, b"old session over", properties={"will_delay_interval": 600})
    connect(client_id, will=delayed, properties={"session_expiry_interval": 600}).close()
    connect(client_id, clean=True)
    assert watch.next_publish().payload == b"old session over"


def test_takeover_respects_the_will_delay(connect, watch, client_id, topic):
    keep = {"session_expiry_interval": 60}
    connect(client_id, will=Will(topic, b"must not come", properties={"will_delay_interval": 600}), properties=keep)
    connect(client_id, clean=False, properties={"session_expiry_interval": 0})
    assert settle(watch, connect(), topic + "/end") == []


def test_each_connection_brings_its_own_will(connect, watch, client_id, topic):
    keep = {"session_expiry_interval": 60}
    connect(client_id, will=Will(topic, b"first"), properties=keep).disconnect()
    connect(client_id, clean=False, will=Will(topic, b"second")).close()
    assert watch.next_publish().payload == b"second"


@both_versions
def test_empty_will_payload(connect, watch, version, topic):
    connect(version=version, will=Will(topic, b"")).close()
    assert watch.next_publish().payload == b""


@aws_only
@both_versions
def test_aws_refuses_a_retained_will_on_a_dollar_topic(open_socket, version, client_id):
    client = open_socket(version)
    client.send(build.connect(client_id, version=version, will=Will("$aws/things/x/will", retain=True)))
    assert all(each.reason != 0 for each in client.until_closed())
