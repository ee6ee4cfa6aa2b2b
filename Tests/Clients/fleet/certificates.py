"""Keys, certificates and authorities of the tests' own making."""

from __future__ import annotations

import datetime
import ipaddress
from typing import Optional, Sequence, Tuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

_CURVES = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}


def new_key(kind: str = "P-256"):
    return rsa.generate_private_key(65537, 2048) if kind == "RSA 2048" else ec.generate_private_key(_CURVES[kind]())


def key_pem(key) -> str:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def pem_of(certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def subject_named(common_name: str, **more: str) -> x509.Name:
    names = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    return x509.Name(names + [x509.NameAttribute(getattr(NameOID, kind), value) for kind, value in more.items()])


def certificate_request(key, common_name: str = "device") -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject_named(common_name))
    return pem_of(builder.sign(key, hashes.SHA256()))


class Authority:
    """A certificate authority; `issue` makes device certificates."""

    def __init__(self, common_name: str, authority: bool = True, key=None) -> None:
        self.key = key or new_key()
        self.name = subject_named(common_name)
        self.certificate = self._build(self.name, self.key.public_key(), authority=authority)
        self.pem = pem_of(self.certificate)

    def issue(
        self,
        common_name: str,
        key=None,
        starts: Optional[datetime.datetime] = None,
        ends: Optional[datetime.datetime] = None,
        addresses: Sequence[str] = (),
        **subject: str,
    ) -> Tuple[str, str]:
        """PEM of a certificate and of its key."""
        key = key or new_key()
        made = self._build(subject_named(common_name, **subject), key.public_key(), False, starts, ends, addresses)
        return pem_of(made), key_pem(key)

    def _build(self, subject, public_key, authority: bool, starts=None, ends=None, addresses=()):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(starts or now - datetime.timedelta(hours=1))
            .not_valid_after(ends or now + datetime.timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if addresses:
            names = [x509.IPAddress(ipaddress.ip_address(a)) if a[0].isdigit() else x509.DNSName(a) for a in addresses]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())
