"""Certificate authorities of the user's own: registration in both modes, and what happens to them (reference: CA certificates)."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fleet.api import refused
from fleet.certificates import Authority
from fleet.device import arn


def identifier(pem):
    return hashlib.sha256(x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)).hexdigest()


def describe(iot, certificate_id):
    return iot.describe_ca_certificate(certificateId=certificate_id)["certificateDescription"]


@pytest.fixture
def code(iot):
    return iot.get_registration_code()["registrationCode"]


def test_the_registration_code_is_stable(iot, code):
    assert len(code) == 64 and int(code, 16) >= 0
    assert iot.get_registration_code()["registrationCode"] == code


def test_default_mode_with_proof_of_possession(iot, endpoints, code):
    authority = Authority("Factory CA")
    proof, _ = authority.issue(code)
    registered = iot.register_ca_certificate(caCertificate=authority.pem, verificationCertificate=proof)
    assert registered["certificateId"] == identifier(authority.pem)
    assert registered["certificateArn"] == arn(endpoints, f"cacert/{registered['certificateId']}")
    described = describe(iot, registered["certificateId"])
    assert described["status"] == "INACTIVE"
    assert described["autoRegistrationStatus"] == "DISABLE"
    assert described["certificateMode"] == "DEFAULT"
    assert described["certificatePem"].strip() == authority.pem.strip()
    assert described["validity"]["notBefore"] < described["validity"]["notAfter"]


def test_flags_at_registration(iot, code):
    authority = Authority("Active CA")
    registered = iot.register_ca_certificate(
        caCertificate=authority.pem, verificationCertificate=authority.issue(code)[0], setAsActive=True, allowAutoRegistration=True
    )
    described = describe(iot, registered["certificateId"])
    assert (described["status"], described["autoRegistrationStatus"]) == ("ACTIVE", "ENABLE")


def test_a_proof_with_another_code(iot):
    authority = Authority("Wrong Code CA")
    refused(
        iot.register_ca_certificate, "RegistrationCodeValidationException", 400,
        caCertificate=authority.pem, verificationCertificate=authority.issue("0" * 64)[0],
    )  # fmt: skip


def test_a_proof_by_another_authority(iot, code):
    refused(
        iot.register_ca_certificate, "CertificateValidationException", 400,
        caCertificate=Authority("Claimed CA").pem, verificationCertificate=Authority("Other CA").issue(code)[0],
    )  # fmt: skip


def test_default_mode_without_a_proof(iot):
    refused(iot.register_ca_certificate, "InvalidRequestException", 400, caCertificate=Authority("Silent CA").pem)


def test_a_certificate_that_is_no_authority(iot):
    refused(
        iot.register_ca_certificate, "CertificateValidationException", 400,
        caCertificate=Authority("Leaf", authority=False).pem, certificateMode="SNI_ONLY",
    )  # fmt: skip


def test_sni_only_mode(iot, code):
    authority = Authority("SNI CA")
    refused(
        iot.register_ca_certificate, "InvalidRequestException", 400,
        caCertificate=authority.pem, verificationCertificate=authority.issue(code)[0], certificateMode="SNI_ONLY",
    )  # fmt: skip
    registered = iot.register_ca_certificate(caCertificate=authority.pem, certificateMode="SNI_ONLY")
    assert describe(iot, registered["certificateId"])["certificateMode"] == "SNI_ONLY"
    refused(
        iot.register_ca_certificate, "ResourceAlreadyExistsException", 409,
        caCertificate=authority.pem, certificateMode="SNI_ONLY",
    )  # fmt: skip


def test_update_and_delete(iot):
    certificate_id = iot.register_ca_certificate(caCertificate=Authority("Short CA").pem, certificateMode="SNI_ONLY")["certificateId"]
    iot.update_ca_certificate(certificateId=certificate_id, newStatus="ACTIVE", newAutoRegistrationStatus="ENABLE")
    described = describe(iot, certificate_id)
    assert (described["status"], described["autoRegistrationStatus"]) == ("ACTIVE", "ENABLE")
    refused(iot.delete_ca_certificate, "CertificateStateException", 406, certificateId=certificate_id)
    iot.update_ca_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    iot.delete_ca_certificate(certificateId=certificate_id)
    refused(iot.describe_ca_certificate, "ResourceNotFoundException", 404, certificateId=certificate_id)


def test_list_in_pages(iot):
    made = {
        iot.register_ca_certificate(caCertificate=Authority(f"Listed {n}").pem, certificateMode="SNI_ONLY")["certificateId"] for n in range(3)
    }
    pages = list(iot.get_paginator("list_ca_certificates").paginate(PaginationConfig={"PageSize": 2}))
    assert all(len(page["certificates"]) <= 2 for page in pages)
    listed = [certificate["certificateId"] for page in pages for certificate in page["certificates"]]
    assert len(listed) == len(set(listed)) and made <= set(listed)


def test_certificates_of_an_authority(iot):
    authority = Authority("Listing CA")
    ca = iot.register_ca_certificate(caCertificate=authority.pem, certificateMode="SNI_ONLY", setAsActive=True)["certificateId"]
    made = {
        iot.register_certificate(certificatePem=authority.issue(f"d{n}")[0], caCertificatePem=authority.pem)["certificateId"] for n in range(3)
    }
    pages = list(iot.get_paginator("list_certificates_by_ca").paginate(caCertificateId=ca, PaginationConfig={"PageSize": 2}))
    assert [len(page["certificates"]) for page in pages] == [2, 1]
    assert {each["certificateId"] for page in pages for each in page["certificates"]} == made


def test_a_deleted_registration_code_is_replaced(iot, code):
    iot.delete_registration_code()
    assert iot.get_registration_code()["registrationCode"] != code


def test_several_authorities_with_one_subject(iot):
    first, second = Authority("Same Name"), Authority("Same Name")
    # A renewed certificate: the same name and the same key.
    renewed = Authority("Same Name", key=first.key)
    for authority in (first, second, renewed):
        iot.register_ca_certificate(caCertificate=authority.pem, certificateMode="SNI_ONLY", setAsActive=True)

    def authority_of(**certificate):
        registered = iot.register_certificate(**certificate)["certificateId"]
        return iot.describe_certificate(certificateId=registered)["certificateDescription"]["caCertificateId"]

    # The signature tells which of two keys it was.
    assert authority_of(certificatePem=second.issue("d1")[0]) == identifier(second.pem)
    ambiguous = first.issue("d2")[0]
    refused(iot.register_certificate, "CertificateConflictException", 409, certificatePem=ambiguous)
    refused(
        iot.register_certificate, "CertificateValidationException", 400, certificatePem=ambiguous, caCertificatePem=second.pem,
    )  # fmt: skip
    assert authority_of(certificatePem=ambiguous, caCertificatePem=renewed.pem) == identifier(renewed.pem)


def test_at_most_ten_authorities_with_one_subject(iot):
    for _ in range(10):
        iot.register_ca_certificate(caCertificate=Authority("Eleventh").pem, certificateMode="SNI_ONLY")
    refused(
        iot.register_ca_certificate, "LimitExceededException", 410, caCertificate=Authority("Eleventh").pem, certificateMode="SNI_ONLY",
    )  # fmt: skip


def test_devices_of_an_inactive_or_deleted_authority_stay(iot):
    authority = Authority("Leaving CA")
    ca = iot.register_ca_certificate(caCertificate=authority.pem, certificateMode="SNI_ONLY", setAsActive=True)["certificateId"]
    device = iot.register_certificate(certificatePem=authority.issue("d1")[0], caCertificatePem=authority.pem, status="ACTIVE")["certificateId"]
    iot.update_ca_certificate(certificateId=ca, newStatus="INACTIVE")
    assert iot.describe_certificate(certificateId=device)["certificateDescription"]["status"] == "ACTIVE"
    iot.delete_ca_certificate(certificateId=ca)
    assert iot.describe_certificate(certificateId=device)["certificateDescription"]["status"] == "ACTIVE"
    refused(iot.register_certificate, "CertificateValidationException", 400, certificatePem=authority.issue("d2")[0])
