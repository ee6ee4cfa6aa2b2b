"""Device certificates: create, register, describe, list, change status, delete (reference: certificates)."""

import datetime
import hashlib
import json
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, load_pem_public_key
from fleet.api import refused, refused_with_any
from fleet.certificates import Authority, certificate_request, new_key
from fleet.device import allow_all_policy, arn


def identifier(pem):
    return hashlib.sha256(x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)).hexdigest()


def status(iot, certificate_id):
    return iot.describe_certificate(certificateId=certificate_id)["certificateDescription"]["status"]


def test_create_keys_and_certificate(iot, endpoints):
    made = iot.create_keys_and_certificate()
    certificate = x509.load_pem_x509_certificate(made["certificatePem"].encode())
    assert made["certificateId"] == identifier(made["certificatePem"])
    assert made["certificateArn"] == arn(endpoints, f"cert/{made['certificateId']}")
    assert "BEGIN RSA PRIVATE KEY" in made["keyPair"]["PrivateKey"]
    assert "BEGIN PUBLIC KEY" in made["keyPair"]["PublicKey"]
    private = load_pem_private_key(made["keyPair"]["PrivateKey"].encode(), None)
    assert isinstance(private, rsa.RSAPrivateKey) and private.key_size == 2048
    public = load_pem_public_key(made["keyPair"]["PublicKey"].encode())
    assert private.public_key() == public == certificate.public_key()
    assert certificate.subject.rfc4514_string() == "CN=AWS IoT Certificate"
    assert certificate.not_valid_after_utc == datetime.datetime(2049, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc)
    assert status(iot, made["certificateId"]) == "INACTIVE"


def test_set_as_active(iot):
    made = iot.create_keys_and_certificate(setAsActive=True)
    described = iot.describe_certificate(certificateId=made["certificateId"])["certificateDescription"]
    assert described["status"] == "ACTIVE"
    assert described["certificatePem"] == made["certificatePem"]
    assert described["certificateArn"] == made["certificateArn"]
    assert described["certificateMode"] == "DEFAULT"
    assert described["validity"]["notBefore"] < described["validity"]["notAfter"]
    assert abs(described["creationDate"] - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(minutes=1)


@pytest.mark.parametrize("key", ["RSA 2048", "P-256", "P-384", "P-521"])
def test_create_from_csr(key, iot):
    private = new_key(key)
    request = certificate_request(private, common_name="gateway 7")
    made = iot.create_certificate_from_csr(certificateSigningRequest=request, setAsActive=True)
    certificate = x509.load_pem_x509_certificate(made["certificatePem"].encode())
    assert certificate.public_key() == private.public_key()
    assert certificate.subject.rfc4514_string() == "CN=gateway 7"
    assert made["certificateId"] == identifier(made["certificatePem"])
    assert status(iot, made["certificateId"]) == "ACTIVE"


def test_the_same_csr_gives_another_certificate_each_time(iot):
    request = certificate_request(new_key("P-256"))
    first, second = (iot.create_certificate_from_csr(certificateSigningRequest=request) for _ in range(2))
    assert first["certificateId"] != second["certificateId"]


@pytest.mark.parametrize("request_pem", ["nonsense", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"])
def test_a_bad_csr(request_pem, iot):
    refused_either(iot.create_certificate_from_csr, certificateSigningRequest=request_pem)


def test_a_csr_with_a_weak_key(iot):
    # 1,024 bits are below what AWS takes.
    weak = rsa.generate_private_key(65537, 1024)
    refused_either(iot.create_certificate_from_csr, certificateSigningRequest=certificate_request(weak))


def refused_either(call, **arguments):
    """AWS answers bad certificates with either of two errors; which, it does not say."""
    return refused_with_any(call, ["CertificateValidationException", "InvalidRequestException"], 400, **arguments)


def test_register_certificate_of_a_registered_authority(iot):
    authority = Authority("Registered CA")
    iot.register_ca_certificate(caCertificate=authority.pem, certificateMode="SNI_ONLY", setAsActive=True)
    device, _ = authority.issue("device 1")
    registered = iot.register_certificate(certificatePem=device, caCertificatePem=authority.pem, status="ACTIVE")
    assert registered["certificateId"] == identifier(device)
    described = iot.describe_certificate(certificateId=registered["certificateId"])["certificateDescription"]
    assert described["status"] == "ACTIVE"
    assert described["caCertificateId"] == identifier(authority.pem)


def test_register_certificate_of_an_unknown_authority(iot):
    device, _ = Authority("Unknown CA").issue("device 2")
    refused(iot.register_certificate, "CertificateValidationException", 400, certificatePem=device)


def test_register_without_ca(iot):
    device, _ = Authority("Anybody").issue("device 3")
    registered = iot.register_certificate_without_ca(certificatePem=device, status="ACTIVE")
    described = iot.describe_certificate(certificateId=registered["certificateId"])["certificateDescription"]
    assert described["certificateMode"] == "SNI_ONLY"
    assert described["status"] == "ACTIVE"
    again = refused(iot.register_certificate_without_ca, "ResourceAlreadyExistsException", 409, certificatePem=device)
    assert again.message == "The certificate is already provisioned or registered"
    assert again.response["resourceId"] == registered["certificateId"]
    assert again.response["resourceArn"] == registered["certificateArn"]


def test_register_nonsense(iot):
    refused_either(iot.register_certificate_without_ca, certificatePem="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")


def test_statuses(iot):
    certificate_id = iot.create_keys_and_certificate()["certificateId"]
    for new in ("ACTIVE", "INACTIVE", "ACTIVE", "REVOKED"):
        iot.update_certificate(certificateId=certificate_id, newStatus=new)
        assert status(iot, certificate_id) == new


def test_revoked_is_for_good(iot):
    certificate_id = iot.create_keys_and_certificate(setAsActive=True)["certificateId"]
    iot.update_certificate(certificateId=certificate_id, newStatus="REVOKED")
    for new in ("ACTIVE", "INACTIVE"):
        refused(iot.update_certificate, "CertificateStateException", 406, certificateId=certificate_id, newStatus=new)
    iot.update_certificate(certificateId=certificate_id, newStatus="REVOKED")
    assert status(iot, certificate_id) == "REVOKED"
    iot.delete_certificate(certificateId=certificate_id)


@pytest.mark.parametrize("new", ["PENDING_TRANSFER", "PENDING_ACTIVATION"])
def test_statuses_that_no_caller_sets(new, iot):
    certificate_id = iot.create_keys_and_certificate()["certificateId"]
    refused(iot.update_certificate, "InvalidRequestException", 400, certificateId=certificate_id, newStatus=new)
    assert status(iot, certificate_id) == "INACTIVE"


def test_unknown_certificates(iot):
    refused(iot.describe_certificate, "ResourceNotFoundException", 404, certificateId="0" * 64)
    refused(iot.update_certificate, "ResourceNotFoundException", 404, certificateId="0" * 64, newStatus="ACTIVE")
    refused(iot.delete_certificate, "ResourceNotFoundException", 404, certificateId="0" * 64)


def test_an_id_that_is_none(iot):
    refusal = refused(iot.describe_certificate, "InvalidRequestException", 400, certificateId="Z" * 64)
    assert re.search("1 validation error detected: Value .* at 'certificateId' failed to satisfy constraint", refusal.message)


def test_delete_in_the_order_that_aws_demands(iot, name):
    made = iot.create_keys_and_certificate(setAsActive=True)
    certificate_id, certificate_arn = made["certificateId"], made["certificateArn"]
    iot.create_thing(thingName=name)
    iot.attach_thing_principal(thingName=name, principal=certificate_arn)
    iot.create_policy(policyName=name, policyDocument=json.dumps(allow_all_policy()))
    iot.attach_policy(policyName=name, target=certificate_arn)

    active = refused(iot.delete_certificate, "CertificateStateException", 406, certificateId=certificate_id)
    assert active.message.startswith("Certificate must be deactivated (not ACTIVE) before deletion.")
    iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    with_thing = refused(iot.delete_certificate, "DeleteConflictException", 409, certificateId=certificate_id)
    assert with_thing.message == f"Things must be detached before deletion (arn: {certificate_arn})"
    refused(iot.delete_certificate, "DeleteConflictException", 409, certificateId=certificate_id, forceDelete=True)
    iot.detach_thing_principal(thingName=name, principal=certificate_arn)
    with_policy = refused(iot.delete_certificate, "DeleteConflictException", 409, certificateId=certificate_id)
    assert with_policy.message == f"Certificate policies must be detached before deletion (arn: {certificate_arn})"
    iot.delete_certificate(certificateId=certificate_id, forceDelete=True)
    refused(iot.describe_certificate, "ResourceNotFoundException", 404, certificateId=certificate_id)


def test_list_certificates_in_pages(iot):
    made = {iot.create_certificate_from_csr(certificateSigningRequest=certificate_request(new_key("P-256")))["certificateId"] for _ in range(5)}
    pages = list(iot.get_paginator("list_certificates").paginate(PaginationConfig={"PageSize": 2}))
    assert all(len(page["certificates"]) <= 2 for page in pages)
    listed = [certificate["certificateId"] for page in pages for certificate in page["certificates"]]
    assert len(listed) == len(set(listed))
    assert made <= set(listed)
    for order in (True, False):
        dates = [c["creationDate"] for c in iot.list_certificates(ascendingOrder=order, pageSize=250)["certificates"]]
        assert dates == sorted(dates, reverse=not order)


def test_private_keys_are_not_kept(iot, server):
    """The key is handed out once; nothing that the server keeps contains it."""
    made = iot.create_keys_and_certificate()
    inner = made["keyPair"]["PrivateKey"].splitlines()[5].encode()
    for path in server.data.rglob("*"):
        if path.is_file():
            assert inner not in path.read_bytes(), path

