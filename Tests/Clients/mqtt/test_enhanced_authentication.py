"""Enhanced authentication is not offered; these are the refusals that the specification asks for (MQTT 5.0 §4.12, §3.15)."""

import pytest

from support.mqtt_raw import V311, Type, build
from support.statements import statement


@statement(
    "MQTT-4.12.0-1", "MQTT-4.12.0-2", "MQTT-4.12.0-4", "MQTT-4.12.0-5", "MQTT-3.15.2-1", "MQTT-3.15.2-2", "MQTT-3.15.2-3", "MQTT-3.2.2-7",
    "MQTT-3.14.0-1",
)  # fmt: skip
@pytest.mark.parametrize("method", ["SCRAM-SHA-1", "GS2-KRB5", "x", ""])
@pytest.mark.parametrize("data", [{}, {"authentication_data": b"client-first"}], ids=["no data", "data"])
def test_any_method_is_refused_without_an_exchange(open_socket, client_id, method, data):
    """No AUTH is ever sent, so none can be too large or have a wrong reason."""
    client = open_socket()
    client.send(build.connect(client_id, properties={"authentication_method": method, **data}))
    assert [(each.type, each.reason) for each in client.until_closed()] == [(Type.CONNACK, 0x8C)]


@statement("MQTT-4.12.0-7", "MQTT-4.12.0-6", "MQTT-4.12.1-1", "MQTT-4.13.1-1")
@pytest.mark.parametrize("reason", [0x00, 0x18, 0x19])
@pytest.mark.parametrize("properties", [{}, {"authentication_method": "SCRAM-SHA-1"}], ids=["bare", "method"])
def test_auth_without_a_method_in_connect_is_a_protocol_error(connect, reason, properties):
    client = connect()
    client.send(build.auth(reason, properties))
    packets = client.until_closed()
    assert [(each.type, each.reason in (0x82, 0x81, 0x8C)) for each in packets] == [(Type.DISCONNECT, True)]


@statement("MQTT-3.15.1-1", "MQTT-2.1.3-1")
@pytest.mark.parametrize("flags", [1, 2, 4, 8, 15])
def test_auth_with_reserved_flags(connect, flags):
    client = connect()
    client.send(build.auth(0x19, {"authentication_method": "x"}, flags))
    packets = client.until_closed()
    assert [(each.type, each.reason in (0x81, 0x82)) for each in packets] == [(Type.DISCONNECT, True)]


def test_auth_does_not_exist_in_v311(connect):
    client = connect(version=V311)
    client.send(build.auth(0x19))
    assert client.until_closed() == []
