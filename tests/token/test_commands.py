# SPDX-License-Identifier: Apache-2.0
"""The commands that reach a token, with each module; others judge them:
openssl, PyJWT and cryptography."""
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from conftest import BINARY


@pytest.fixture
def key(signet):
    """What key generate --json told of a key that signet made."""
    if signet.key is None:
        signet.key = signet.json("key", "generate", "--label", "uat",
                                 "--id", "0a0b")
    return signet.key


def public_numbers(signet, uri):
    pem = signet.ok("key", "export", uri)
    return load_pem_public_key(pem.encode()).public_numbers()


def test_the_token_is_listed(signet):
    tokens = signet.json("token", "list")["tokens"]
    (ours,) = [t for t in tokens if t["label"] == signet.label]
    assert ours["initialized"] and ours["generatesRsa"]
    assert f"token={signet.label}".replace(" ", "%20") in ours["uri"]


def test_a_new_key_is_read_back_as_it_was_made(signet, key):
    shown = signet.json("key", "show", key["uri"])
    assert (shown["label"], shown["id"]) == ("uat", "0a0b")
    assert (shown["type"], shown["bits"]) == ("RSA", 2048)
    assert shown["thumbprint"] == key["thumbprint"]
    facts = shown["attributes"]
    assert facts["CKA_SENSITIVE"] and facts["CKA_NEVER_EXTRACTABLE"]
    assert not facts["CKA_EXTRACTABLE"] and not facts["CKA_DECRYPT"]


@pytest.mark.parametrize("part", [
    "object=uat", "id=%0A%0B", "object=uat;id=%0A%0B", "type=private;id=%0A%0B",
])
def test_a_key_is_found_by_each_of_its_names(signet, key, part):
    shown = signet.json("key", "show", f"{signet.token_uri};{part}")
    assert shown["uri"] == key["uri"]


def test_what_is_listed_is_accepted_back(signet, key):
    lines = signet.ok("key", "list").splitlines()
    assert key["uri"] in lines
    for uri in lines:
        assert signet.ok("key", "list", "--key", uri) == uri + "\n"


def test_openssl_reads_what_is_exported(signet, key):
    pem = signet.ok("key", "export", key["uri"])
    read = signet.run("openssl", "pkey", "-pubin", "-noout", "-text",
                      stdin=pem)
    assert read.rc == 0
    assert read.out.startswith("Public-Key: (2048 bit)")
    assert "Exponent: 65537" in read.out


def test_a_jwt_is_signed_by_the_key_and_no_other(signet, key):
    token = signet.ok("jwt", "sign", "--key", key["uri"]).strip()
    public = public_numbers(signet, key["uri"]).public_key()
    claims = jwt.decode(token, public, algorithms=["RS256"],
                        options={"verify_aud": False})
    assert claims["iss"] == "https://signet.example.com"
    assert jwt.get_unverified_header(token)["kid"] == key["thumbprint"]


def test_each_signature_of_many_is_good(signet, key):
    public = public_numbers(signet, key["uri"]).public_key()
    tokens = {signet.ok("jwt", "sign", "--key", key["uri"]).strip()
              for _ in range(5)}
    assert len(tokens) == 5
    for token in tokens:
        jwt.decode(token, public, algorithms=["RS256"],
                   options={"verify_aud": False})


@pytest.mark.parametrize("name", ["--label=uat", "--id=0a0b"])
def test_a_name_in_use_is_not_used_again(signet, key, name):
    other = ("--id=77",) if name.startswith("--label") else ("--label=other",)
    before = signet.ok("key", "list")
    assert "already" in signet.fails(4, "key", "generate", name, *other)
    assert signet.ok("key", "list") == before
    assert key["uri"] in before


def test_an_absent_key_or_token_is_not_found(signet, key):
    assert "gone" in signet.fails(4, "key", "show", "pkcs11:token=gone")
    uri = f"{signet.token_uri};object=gone"
    assert "gone" in signet.fails(4, "jwt", "sign", "--key", uri)
    assert key["uri"] in signet.ok("key", "list")


def test_stdout_holds_the_product_alone(signet, key):
    """Modules write to stderr, whatever they think of it."""
    assert signet.ok("jwt", "sign", "--key", key["uri"]).count("\n") == 1
    assert signet.ok("key", "list", "--key", key["uri"]) == key["uri"] + "\n"


@pytest.mark.needs("pin")
def test_a_wrong_pin_ends_with_3_and_is_not_tried_again(signet, key):
    env = signet.with_wrong_pin()
    said = signet.fails(3, "jwt", "sign", "--key", key["uri"], env=env)
    assert "PIN" in said
    # Not one more try, in whatever process: the right PIN is still taken.
    for _ in range(5):
        signet.fails(3, "jwt", "sign", "--key", key["uri"], env=env)
    signet.ok("jwt", "sign", "--key", key["uri"])


@pytest.mark.needs("pin")
def test_an_empty_pin_is_not_sent(signet, key):
    env = signet.with_wrong_pin(length=0)
    for _ in range(5):
        signet.fails(3, "jwt", "sign", "--key", key["uri"], env=env)
    signet.ok("jwt", "sign", "--key", key["uri"])


@pytest.mark.needs("!pin")
def test_a_token_without_a_pin_reads_no_source(signet, key):
    env = {"SIGNET_PIN_SOURCE": "file:/nowhere"}
    signet.ok("jwt", "sign", "--key", key["uri"], env=env)


@pytest.mark.needs("locks tools")
def test_a_locked_token_ends_with_3(own_signet):
    wrong = own_signet.with_wrong_pin()["SIGNET_PIN_SOURCE"][len("file:"):]
    for _ in range(6):
        own_signet.run(
            "sh", "-c", f'PIN=$(cat {wrong}) pkcs11-tool '
            '--module "$SIGNET_MODULE" --token-label "$SG_TOKEN_LABEL" '
            "--login --pin env:PIN --list-objects --type privkey")
    said = own_signet.fails(3, "key", "generate", "--label", "uat")
    assert "locked" in said.lower()


def test_a_new_key_keeps_the_policy(signet, key):
    audit = signet.json("key", "audit", key["uri"])
    assert audit["keepsPolicy"] is True
    verdicts = {row["verdict"] for row in audit["policy"]}
    assert verdicts <= {"pass", "unknown"}


def test_the_doctor_finds_out_what_the_module_does(signet, key):
    report = signet.json("doctor", "--module", "--key", key["uri"])
    assert report["notSigned"] is None and report["signMicroseconds"] > 0
    signs = {report["signSha256RsaPkcs"], report["signRsaPkcs"]}
    assert "CKR_OK" in signs
    assert report["mechanismsAgree"] is (True if signs == {"CKR_OK"} else None)
    for tried in ("handleInChild", "startInChild"):
        assert report[tried] not in ("", "not tried")


def test_a_certificate_of_the_key_is_good(signet, key):
    cert = signet.ok("key", "cert", key["uri"], "--subject", "CN=signet")
    shown = signet.run("openssl", "x509", "-noout", "-pubkey", stdin=cert)
    assert shown.out == signet.ok("key", "export", key["uri"])


def test_evidence_is_verified_without_the_token(signet, key):
    bundle = signet.ok("key", "evidence", key["uri"])
    read = signet.run(BINARY, "key", "evidence", "--verify", "-",
                      stdin=bundle)
    assert read.rc == 0, read.err
    assert f"thumbprint   {key['thumbprint']}\n" in read.out
