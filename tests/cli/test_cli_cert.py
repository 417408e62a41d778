"""key csr and key cert, as openssl and cryptography see them."""

import stat
import subprocess

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from cli_run import fails
from cli_token import need

SUBJECT = "CN=signet \\, one,O=Exämple,C=DE"
NAMES = ["signet.example", "*.hosts.example"]


def options(*more):
    dns = [word for name in NAMES for word in ("--dns", name)]
    return ["--subject", SUBJECT, *dns, *more]


def openssl(*args, text=""):
    done = subprocess.run(
        [need("openssl"), *args],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout


def check_subject(name):
    values = {
        oid: name.get_attributes_for_oid(oid)[0].value
        for oid in (
            NameOID.COMMON_NAME,
            NameOID.ORGANIZATION_NAME,
            NameOID.COUNTRY_NAME,
        )
    }
    assert list(values.values()) == ["signet , one", "Exämple", "DE"]


def dns_of(extensions):
    names = extensions.get_extension_for_oid(
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME
    )
    return names.value.get_values_for_type(x509.DNSName)


def test_request_is_what_was_asked_for(signet, public_key):
    pem = signet.ok("key", "csr", *options())
    assert "verify OK" in openssl("req", "-verify", "-noout", text=pem)
    request = x509.load_pem_x509_csr(pem.encode())
    assert request.is_signature_valid
    assert request.signature_hash_algorithm.name == "sha256"
    numbers = request.public_key().public_numbers()
    assert numbers == public_key.public_numbers()
    check_subject(request.subject)
    assert dns_of(request.extensions) == NAMES


def test_certificate_is_what_was_asked_for(signet, public_key, tmp_path):
    path = tmp_path / "cert.pem"
    assert signet.ok("key", "cert", *options("--days", "30"), "-o", path) == ""
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    strict = ["-x509_strict", "-check_ss_sig"]
    checked = openssl("verify", *strict, "-CAfile", str(path), str(path))
    assert checked.endswith(": OK\n")
    cert = x509.load_pem_x509_certificate(path.read_bytes())
    numbers = cert.public_key().public_numbers()
    assert numbers == public_key.public_numbers()
    assert cert.issuer == cert.subject
    check_subject(cert.subject)
    assert dns_of(cert.extensions) == NAMES
    life = cert.not_valid_after - cert.not_valid_before
    assert (life.days, life.seconds) == (30, 0)
    constraints = cert.extensions.get_extension_for_oid(
        ExtensionOID.BASIC_CONSTRAINTS
    )
    assert constraints.critical and constraints.value.ca is False


def test_no_two_certificates_have_one_serial_number(signet):
    serials = {
        x509.load_pem_x509_certificate(
            signet.ok("key", "cert", "--subject", "CN=a").encode()
        ).serial_number
        for _ in range(3)
    }
    assert len(serials) == 3
    assert all(0 < serial < 1 << 159 for serial in serials)


def test_json_carries_the_pem(signet):
    for verb, member in (("csr", "request"), ("cert", "certificate")):
        value = signet.json("key", verb, "--subject", "CN=a")
        assert value[member].startswith("-----BEGIN CERTIFICATE")
        assert len(value["thumbprint"]) == 43


@pytest.mark.parametrize(
    "words, said",
    [
        ([], "--subject"),
        (["--subject", "signet"], "CN=signet"),
        (["--subject", "CN=a,C=DEU"], "C"),
        (["--subject", "CN=a", "--dns", "a b"], "--dns"),
    ],
)
def test_bad_names_are_refused_before_a_pin_is_sent(signet, words, said):
    env = {"SIGNET_PIN_SOURCE": "file:/nowhere"}
    fails(signet("key", "cert", *words, env=env), 2, said)
