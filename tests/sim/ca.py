"""A certificate authority for one run, and the server certificates it makes.

The good certificate passes OpenSSL's strict checks; the others are each wrong
in exactly one way. No private key of the authority is ever written down.
"""

from __future__ import annotations

import datetime
import ipaddress
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
KINDS = ("good", "wrong-name", "expired")


class Authority:
    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("signet simulator CA")
        builder = _builder(self._name, self._key.public_key(), self._name)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        ).add_extension(
            _key_usage(key_cert_sign=True, crl_sign=True), critical=True
        )
        self._certificate = _signed(builder, self._key)

    def pem(self) -> bytes:
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def server(self, kind: str = "good", self_signed: bool = False) -> bytes:
        """Key and certificate of the server, as one PEM text."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name("localhost")
        builder = _builder(
            subject,
            key.public_key(),
            subject if self_signed else self._name,
            ends_in=-DAY if kind == "expired" else 30 * DAY,
        )
        for extension, critical in (
            (x509.SubjectAlternativeName(_names(kind)), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_key_usage(digital_signature=True), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        ):
            builder = builder.add_extension(extension, critical)
        certificate = _signed(builder, key if self_signed else self._key)
        return _plain(key) + certificate.public_bytes(
            serialization.Encoding.PEM
        )

    def client(self) -> bytes:
        """Key and certificate of a client, as one PEM text."""
        key = ec.generate_private_key(ec.SECP256R1())
        return _plain(key) + self.client_for(key.public_key())

    def client_for(self, public_key: Any) -> bytes:
        """The certificate of a client whose private key is elsewhere."""
        builder = _builder(_name("client"), public_key, self._name)
        for extension, critical in (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_key_usage(digital_signature=True), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        ):
            builder = builder.add_extension(extension, critical)
        certificate = _signed(builder, self._key)
        return certificate.public_bytes(serialization.Encoding.PEM)


def _plain(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _names(kind: str) -> list[x509.GeneralName]:
    if kind == "wrong-name":
        return [x509.DNSName("elsewhere.invalid")]
    loopback = ipaddress.ip_address("127.0.0.1")
    return [x509.DNSName("localhost"), x509.IPAddress(loopback)]


def _builder(
    subject: x509.Name,
    public_key: Any,
    issuer: x509.Name,
    ends_in: datetime.timedelta = 30 * DAY,
) -> x509.CertificateBuilder:
    now = datetime.datetime.utcnow()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * DAY)
        .not_valid_after(now + ends_in)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public_key), False
        )
    )


def _signed(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(
        key.public_key()
    )
    return builder.add_extension(authority, False).sign(key, hashes.SHA256())


def _key_usage(**granted: bool) -> x509.KeyUsage:
    usages = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**(usages | granted))
