"""Who gets past the handshake: only a certificate that is registered, ACTIVE and within its dates (mutual TLS 1.2 and 1.3)."""

import datetime
import json
import socket
import ssl

import pytest
from fleet.certificates import Authority, new_key
from fleet.device import Device, allow_all_policy, allowing, arn, host_and_port, write_identity
from fleet.paho_client import PahoClient
from fleet.handshake import context, is_refused, mqtt_over_tls
from support.mqtt_raw import MQTTClient

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
IDS = ["TLS 1.2", "TLS 1.3"]


@pytest.fixture
def register(iot, endpoints, folder, name):
    """Registers a certificate of one's own making and attaches a policy that allows all."""
    policy = f"{name}-policy"

    def make(certificate_pem, key_pem, status="ACTIVE"):
        registered = iot.register_certificate_without_ca(certificatePem=certificate_pem, status=status)
        try:
            iot.create_policy(policyName=policy, policyDocument=allowing("iot:*"))
        except iot.exceptions.ResourceAlreadyExistsException:
            pass
        iot.attach_policy(policyName=policy, target=registered["certificateArn"])
        files = write_identity(folder, name, certificate_pem, key_pem)
        return Device(name, registered["certificateId"], registered["certificateArn"], policy, *files, endpoints["caFile"])

    return make


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_a_registered_certificate(version, endpoints, new_device, name):
    client = mqtt_over_tls(endpoints, new_device(name, policy=allow_all_policy()), tls_version=version)
    assert client.connect(name).reason == 0
    assert client.socket.version() == {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]
    client.disconnect()


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_no_certificate(version, endpoints):
    assert is_refused(endpoints, context(endpoints, tls_version=version))


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_an_unregistered_certificate(version, endpoints, folder, name):
    files = write_identity(folder, name, *Authority("Stranger").issue(name))
    assert is_refused(endpoints, context(endpoints, *files, tls_version=version))


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_what_a_stranger_may_learn(version, endpoints, iot, folder, new_device, name):
    """An unknown, an inactive and a revoked certificate look the same from outside."""
    stranger = write_identity(folder, name, *Authority("Stranger").issue(name))
    revoked = new_device(f"{name}-revoked")
    iot.update_certificate(certificateId=revoked.certificate_id, newStatus="REVOKED")
    seen = {refusal_text(endpoints, context(endpoints, *files, tls_version=version)) for files in
            (stranger, (revoked.certificate_file, revoked.key_file))}  # fmt: skip
    assert len(seen) == 1, seen


def refusal_text(endpoints, made):
    try:
        with socket.create_connection(host_and_port(endpoints["mqtts"]), timeout=10) as bare:
            with made.wrap_socket(bare, server_hostname="localhost") as secure:
                return secure.recv(64).hex()
    except ssl.SSLError as error:
        return error.reason
    except ConnectionResetError:
        return "reset"


@pytest.mark.parametrize("status", ["INACTIVE", "REVOKED"])
def test_a_certificate_that_is_not_active(status, endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy())
    made = context(endpoints, device.certificate_file, device.key_file)
    assert not is_refused(endpoints, made)
    iot.update_certificate(certificateId=device.certificate_id, newStatus=status)
    assert is_refused(endpoints, made)


def test_activating_lets_it_in(endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy(), active=False)
    made = context(endpoints, device.certificate_file, device.key_file)
    assert is_refused(endpoints, made)
    iot.update_certificate(certificateId=device.certificate_id, newStatus="ACTIVE")
    assert not is_refused(endpoints, made)


def test_a_deleted_certificate(endpoints, iot, new_device, name):
    device = new_device(name, policy=allow_all_policy(), active=False)
    iot.detach_thing_principal(thingName=name, principal=device.certificate_arn)
    iot.delete_certificate(certificateId=device.certificate_id, forceDelete=True)
    assert is_refused(endpoints, context(endpoints, device.certificate_file, device.key_file))


@pytest.mark.parametrize("days", [(-10, -1), (1, 10)], ids=["expired", "not yet valid"])
@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_outside_its_dates(version, days, endpoints, register, name):
    now = datetime.datetime.now(datetime.timezone.utc)
    starts, ends = (now + datetime.timedelta(days=day) for day in days)
    device = register(*Authority("Any").issue(name, starts=starts, ends=ends))
    assert is_refused(endpoints, context(endpoints, device.certificate_file, device.key_file, tls_version=version))


def test_a_certificate_of_ones_own_authority(endpoints, register, name):
    device = register(*Authority("Any").issue(name))
    with PahoClient(endpoints, device) as client:
        client.subscribe("own/ca")
        client.publish("own/ca", b"x")
        client.inbox.wait_payload(b"x")


@pytest.mark.parametrize("key", ["RSA 2048", "P-256", "P-384"])
def test_kinds_of_keys(key, endpoints, register, name):
    device = register(*Authority("Any").issue(name, key=new_key(key)))
    with PahoClient(endpoints, device):
        pass


def test_a_registered_certificate_with_another_ones_key(endpoints, folder, new_device, name):
    """The certificate is public; without its key it is worth nothing."""
    device = new_device(name, policy=allow_all_policy())
    imitation, key = Authority("Imitator").issue("AWS IoT Certificate")
    files = write_identity(folder, f"{name}-imitation", imitation, key)
    with pytest.raises(ssl.SSLError):
        context(endpoints, device.certificate_file, files[1])
    assert is_refused(endpoints, context(endpoints, *files))


def test_tls_1_1_is_refused(endpoints, new_device, name):
    device = new_device(name)
    made = context(endpoints, device.certificate_file, device.key_file)
    try:
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
        made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_1
    except (ssl.SSLError, ValueError):
        pytest.skip("this Python cannot speak TLS 1.1")
    assert is_refused(endpoints, made)


def test_plain_mqtt_on_the_tls_port(server, endpoints):
    client = MQTTClient(server.mqtts_address)
    client.send(b"\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03foo")
    client.socket.settimeout(10)
    try:
        # A TLS alert (record type 21) or nothing; never MQTT.
        assert client.socket.recv(64)[:1] in (b"", b"\x15")
    except ConnectionResetError:
        pass


def test_certificate_variables_in_a_policy(endpoints, iot, register, name):
    device = register(*Authority("Any").issue(f"{name}-unit", ORGANIZATION_NAME="Acme"))
    iot.detach_policy(policyName=device.policy_name, target=device.certificate_arn)
    variables = "${iot:Certificate.Subject.Organization}/${iot:Certificate.Subject.CommonName}/${iot:CertificateId}"
    statements = [
        {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"},
        {"Effect": "Allow", "Action": "iot:Publish", "Resource": arn(endpoints, f"topic/{variables}")},
    ]
    iot.create_policy(policyName=f"{name}-own", policyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    iot.attach_policy(policyName=f"{name}-own", target=device.certificate_arn)
    with PahoClient(endpoints, device) as client:
        assert not client.publish(f"Acme/{name}-unit/{device.certificate_id}", b"x").is_failure
        assert client.publish(f"Other/{name}-unit/{device.certificate_id}", b"x").value == 0x87
