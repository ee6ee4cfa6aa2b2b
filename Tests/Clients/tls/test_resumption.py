"""A session that is resumed brings its certificate along, and is no way around what became of the certificate since."""

import ssl

import pytest
from fleet.device import allow_all_policy, host_and_port
from fleet.handshake import context, mqtt_over_tls
from support.mqtt_raw import MQTTClient, build
from support.mqtt_types import V5

VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])


class Resuming:
    """A TLS context as `MQTTClient` takes it, that offers a session of before."""

    def __init__(self, made, session):
        self.made = made
        self.session = session

    def wrap_socket(self, bare, server_hostname):
        return self.made.wrap_socket(bare, server_hostname=server_hostname, session=self.session)


class Resumer:
    """A device that keeps the session of its last connection."""

    def __init__(self, endpoints, device, listener, version):
        self.address = host_and_port(endpoints[listener])
        self.name = device.name
        alpn = ["x-amzn-mqtt-ca"] if listener == "https" else []
        self.made = context(endpoints, device.certificate_file, device.key_file, alpn=alpn, tls_version=version)
        self.session = None

    def open(self):
        return MQTTClient(self.address, tls=Resuming(self.made, self.session), server_name="localhost")

    def connect(self):
        """Whether the connection, which the server must take, resumed the session."""
        client = self.open()
        assert client.connect(self.name).reason == 0
        # With TLS 1.3 the session comes with the first data.
        self.session = client.socket.session
        is_resumed = client.socket.session_reused
        client.disconnect()
        return is_resumed

    def is_refused(self):
        """Whether the server ends the connection that resumes the session without a byte of MQTT."""
        try:
            client = self.open()
        except (ssl.SSLError, ConnectionResetError):
            return True
        assert client.socket.session_reused, "the session was not resumed: this shows nothing"
        client.send(build.connect(self.name, version=V5))
        return client.until_closed() == []


@VERSIONS
@pytest.mark.parametrize("listener", ["mqtts", "https"])
def test_a_resumed_session_of_a_certificate_that_was_deactivated(listener, version, endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    resumer = Resumer(endpoints, device, listener, version)
    assert not resumer.connect()
    assert resumer.connect()
    iot.update_certificate(certificateId=device.certificate_id, newStatus="INACTIVE")
    assert resumer.is_refused()
    iot.update_certificate(certificateId=device.certificate_id, newStatus="ACTIVE")
    assert resumer.connect()
    iot.update_certificate(certificateId=device.certificate_id, newStatus="REVOKED")
    assert resumer.is_refused()


@VERSIONS
def test_a_resumed_session_of_a_certificate_that_was_deleted(version, endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    resumer = Resumer(endpoints, device, "mqtts", version)
    resumer.connect()
    iot.update_certificate(certificateId=device.certificate_id, newStatus="INACTIVE")
    iot.detach_thing_principal(thingName=name, principal=device.certificate_arn)
    iot.delete_certificate(certificateId=device.certificate_id, forceDelete=True)
    assert resumer.is_refused()


@VERSIONS
def test_a_resumed_session_goes_by_the_policy_of_now(version, endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    resumer = Resumer(endpoints, device, "mqtts", version)
    resumer.connect()
    iot.detach_policy(policyName=device.policy_name, target=device.certificate_arn)
    client = resumer.open()
    assert client.connect(name).reason == 0x87
    client.until_closed()


@VERSIONS
@pytest.mark.parametrize("status", ["INACTIVE", "REVOKED"])
def test_a_certificate_that_is_deactivated_between_handshake_and_connect(status, version, endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    # Once before, so that the server knows the certificate without looking it up.
    before = mqtt_over_tls(endpoints, device, tls_version=version)
    assert before.connect(name).reason == 0
    before.disconnect()
    client = mqtt_over_tls(endpoints, device, tls_version=version)
    iot.update_certificate(certificateId=device.certificate_id, newStatus=status)
    client.send(build.connect(name, version=V5))
    packets = client.until_closed()
    assert not [packet for packet in packets if packet.reason == 0], packets
