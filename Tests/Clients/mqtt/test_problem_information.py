"""Request Problem Information: without it no packet but PUBLISH, CONNACK and DISCONNECT explains itself (MQTT 5.0 §3.1.2.11.7)."""

import pytest

from support.mqtt_raw import Type, build
from support.statements import statement

EXPLAINING = (Type.PUBLISH, Type.CONNACK, Type.DISCONNECT)


def provoke(client, *, qos_2):
    """Sends what the server has reason to explain, and returns its answers."""
    packets = [
        build.unsubscribe(1, ["never/subscribed"]),
        build.publish("nobody/listens", b"x", qos=1, packet_id=2),
        build.subscribe(3, [build.Filter("a#")]),
    ]
    if qos_2:
        packets[:0] = [build.acknowledgement(Type.PUBREL, 5), build.acknowledgement(Type.PUBREC, 6)]
    found = []
    for each in packets:
        client.send(each)
        found.append(client.next())
    return found


@statement("MQTT-3.1.2-29")
def test_no_explanations_when_none_are_wanted(connect, broker):
    found = provoke(connect(properties={"request_problem_information": 0}), qos_2=broker.profile == "open")
    for each in found:
        if each.type not in EXPLAINING:
            assert "reason_string" not in each.properties and "user_property" not in each.properties, str(each)


@pytest.mark.roost_process
def test_refusals_explain_themselves_otherwise(connect):
    """Not demanded by the specification, but by people who have to find out why."""
    client = connect()
    client.send(build.connect(client.client_id))
    (goodbye,) = client.until_closed()
    assert goodbye.properties.get("reason_string"), str(goodbye)


@statement("MQTT-3.1.2-29")
def test_user_properties_of_messages_come_all_the_same(connect, topic):
    client = connect(properties={"request_problem_information": 0})
    client.subscribe(topic)
    connect().publish(topic, b"x", properties={"user_property": [("k", "v")]})
    assert client.next_publish().properties.all("user_property") == [("k", "v")]
