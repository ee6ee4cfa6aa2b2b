"""One port for three protocols: what the client asks for in ALPN decides (reference: ports and ALPN)."""

import http.client
import ssl

import pytest
from fleet.crt_client import Crt5Client
from fleet.device import allow_all_policy, host_and_port
from fleet.handshake import context, is_refused, mqtt_over_tls
from support.mqtt_raw import MQTTClient


@pytest.fixture(scope="module")
def device(new_device):
    return new_device("alpn-device", policy=allow_all_policy())


@pytest.mark.parametrize("token", ["x-amzn-mqtt-ca", "mqtt"])
@pytest.mark.parametrize("tls_version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
def test_mqtt(token, tls_version, endpoints, device):
    client = mqtt_over_tls(endpoints, device, "https", alpn=[token], tls_version=tls_version)
    assert client.socket.selected_alpn_protocol() == token
    assert client.connect(device.name).reason == 0
    client.disconnect()


@pytest.mark.parametrize("version, refusal", [(4, 5), (5, 0x87)], ids=["3.1.1", "5"])
def test_a_custom_authorizer_is_refused_in_words(version, refusal, endpoints):
    """`mqtt` without a certificate asks for a custom authorizer; there are none, and the client is told so rather than hung up on."""
    made = context(endpoints, alpn=["mqtt"])
    client = MQTTClient(host_and_port(endpoints["https"]), version=version, tls=made, server_name="localhost")
    assert client.socket.selected_alpn_protocol() == "mqtt"
    assert client.connect("hopeful", username="user?x-amz-customauthorizer-name=none", password=b"secret").reason == refusal
    client.until_closed()


@pytest.mark.parametrize("alpn", [["x-amzn-http-ca"], ["http/1.1"], []])
def test_https(alpn, endpoints, device):
    made = context(endpoints, device.certificate_file, device.key_file, alpn=alpn)
    _, port = host_and_port(endpoints["https"])
    connection = http.client.HTTPSConnection("localhost", port, context=made, timeout=10)
    connection.request("POST", "/topics/alpn/t?qos=1", b"x")
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    if alpn:
        assert connection.sock.selected_alpn_protocol() == alpn[0]
    connection.close()


def test_the_first_that_the_server_knows(endpoints, device):
    client = mqtt_over_tls(endpoints, device, "https", alpn=["from-the-future", "x-amzn-mqtt-ca"])
    assert client.socket.selected_alpn_protocol() == "x-amzn-mqtt-ca"
    assert client.connect(device.name).reason == 0
    client.disconnect()


def test_nothing_that_the_server_knows(endpoints, device):
    """It ends in a refusal, never in a guess that speaks MQTT."""
    made = context(endpoints, device.certificate_file, device.key_file, alpn=["from-the-future"])
    assert is_refused(endpoints, made, "https")


def test_mqtt_without_a_certificate(endpoints):
    assert is_refused(endpoints, context(endpoints, alpn=["x-amzn-mqtt-ca"]), "https")


def test_websocket_with_the_device_sdk(endpoints):
    with Crt5Client(endpoints, "alpn-websocket") as client:
        client.publish("alpn/t", b"x")
