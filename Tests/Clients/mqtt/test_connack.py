"""CONNACK: what the server says of itself (MQTT 5.0 §3.2)."""

import pytest

from support.mqtt_raw import V5, Will, build
from support.statements import aws_only, both_versions, departs, open_only, statement, statement311


@both_versions
@statement("MQTT-3.2.2-2", "MQTT-3.2.2-1", "MQTT-3.2.2-3")
@statement311("MQTT-3.2.2-1", "MQTT-3.2.2-2", "MQTT-3.2.2-3")
def test_session_present_tells_whether_there_is_a_session(connect, version, client_id):
    keep = {"properties": {"session_expiry_interval": 60}} if version == V5 else {}
    present = []
    for clean in (False, False, True, False):
        # 3.1.1 has no way to keep a session that began clean, so its last connect finds none.
        client = connect(client_id, version=version, clean=clean, **keep)
        present.append(client.connack.session_present)
        client.disconnect()
    assert present == [False, True, False, version == V5]
    connect(client_id, version=version, clean=True).disconnect()


@statement("MQTT-3.1.2-28", "MQTT-4.12.0-6")
@pytest.mark.parametrize("properties", [None, {"request_response_information": 0}], ids=["absent", "zero"])
def test_nothing_that_was_not_asked_for(connect, properties):
    found = connect(properties=properties).connack.properties
    unasked = {"response_information", "authentication_method", "authentication_data", "assigned_client_identifier", "server_reference"}
    assert not unasked & {name for name, _ in found}


def test_response_information_may_be_asked_for(connect):
    connect(properties={"request_response_information": 1}).ping()


@both_versions
@statement("MQTT-2.2.2-1", "MQTT-1.5.5-1")
def test_connack_is_well_formed(connect, version):
    """The reader of these tests refuses integers that are not in their shortest form, and a missing property length."""
    raw = connect(version=version).connack.raw
    assert raw[0] == 0x20
    assert raw[1] >= 3 if version == V5 else raw[1] == 2


@open_only("AWS IoT has neither QoS 2 nor subscription identifiers, and always says so")
def test_open_profile_restricts_nothing(connect):
    found = connect().connack.properties
    for name in ("retain_available", "wildcard_subscription_available", "subscription_identifier_available"):
        assert found.get(name, 1) == 1, name
    assert found.get("shared_subscription_available", 1) == 1
    assert "maximum_qos" not in found
    assert found.get("receive_maximum", 65535) >= 1
    assert found.get("topic_alias_maximum", 0) > 0


@aws_only
@statement("MQTT-3.2.2-9")
def test_aws_profile_advertises_its_limits(connect):
    found = connect(keep_alive=60, properties={"session_expiry_interval": 100}).connack.properties
    assert found.get("maximum_qos") == 1
    assert found.get("retain_available") == 1
    assert found.get("wildcard_subscription_available") == 1
    assert found.get("subscription_identifier_available") == 0
    assert found.get("shared_subscription_available", 1) == 1
    assert found.get("receive_maximum") == 100
    assert 1 <= found.get("topic_alias_maximum") <= 8
    assert found.get("maximum_packet_size") is not None
    assert found.get("server_keep_alive") == 60
    assert found.get("session_expiry_interval") == 100


@open_only("keep alive is kept between 30 and 1,200 s")
@statement("MQTT-3.2.2-22")
@pytest.mark.parametrize("keep_alive", [0, 1, 65535])
def test_keep_alive_of_the_client_holds(connect, keep_alive):
    found = connect(keep_alive=keep_alive).connack.properties
    assert found.get("server_keep_alive", keep_alive) == keep_alive


@departs("keep alive is kept between 30 and 1,200 s", "MQTT-3.2.2-22")
@pytest.mark.parametrize("asked, effective", [(0, 1200), (1, 30), (29, 30), (30, 30), (1200, 1200), (1201, 1200), (65535, 1200)])
def test_aws_clamps_keep_alive(connect, asked, effective):
    assert connect(keep_alive=asked).connack.properties.get("server_keep_alive") == effective


@aws_only
@pytest.mark.parametrize("asked, effective", [(0xFFFFFFFF, 604_800), (604_801, 604_800), (604_800, 604_800), (10, 10)])
def test_aws_caps_session_expiry(connect, asked, effective):
    client = connect(properties={"session_expiry_interval": asked})
    assert client.connack.properties.get("session_expiry_interval", asked) == effective
    client.disconnect(0, {"session_expiry_interval": 0})


@open_only("session expiry is capped at seven days")
def test_session_expiry_is_granted_as_asked(connect):
    client = connect(properties={"session_expiry_interval": 0xFFFFFFFF})
    assert client.connack.properties.get("session_expiry_interval", 0xFFFFFFFF) == 0xFFFFFFFF
    client.disconnect(0, {"session_expiry_interval": 0})


@statement("MQTT-3.2.2-13")
def test_retained_wills_are_accepted_since_retaining_is_available(connect, topic):
    client = connect(will=Will(topic, retain=True))
    assert client.connack.properties.get("retain_available", 1) == 1
    client.disconnect()


@statement("MQTT-3.2.2-19", "MQTT-3.2.2-20")
def test_connack_fits_the_clients_maximum_packet_size(open_socket, client_id):
    """Where so small a limit is refused, the refusal must fit as well or not be sent."""
    client = open_socket()
    client.send(build.connect(client_id, properties={"maximum_packet_size": 8}), build.disconnect())
    packets = client.until_closed()
    assert all(len(each.raw) <= 8 for each in packets), [str(each) for each in packets]


@statement("MQTT-3.2.2-6")
@statement311("MQTT-3.2.2-4")
@both_versions
def test_refusal_has_session_present_0(connect, open_socket, version, client_id):
    """Here a session exists, and a CONNECT that would resume it is refused for its will."""
    keep = {"properties": {"session_expiry_interval": 60}} if version == V5 else {}
    connect(client_id, version=version, clean=False, **keep).disconnect()
    client = open_socket(version)
    client.send(build.connect(client_id, version=version, clean=False, will=Will("a/#")))
    assert all(each.reason != 0 and not each.session_present for each in client.until_closed())
    connect(client_id, version=version, clean=True).disconnect()
