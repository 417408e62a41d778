"""key export: one public key in four formats."""

import json
import stat

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
    load_pem_public_key,
)
from jwt.algorithms import RSAAlgorithm

from cli_jose import number, public_pem, thumbprint
from cli_run import LIMIT_S, fails, strict_json
from cli_token import KEY, LABEL


def test_all_formats_hold_the_same_public_key(signet):
    numbers = [
        load_pem_public_key(
            signet.ok("key", "export").encode()
        ).public_numbers(),
        load_der_public_key(
            signet("key", "export", "--format", "der").out
        ).public_numbers(),
        RSAAlgorithm.from_jwk(
            signet.ok("key", "export", "--format", "jwk")
        ).public_numbers(),
        jwt.PyJWKSet.from_json(signet.ok("key", "export", "--format", "jwks"))
        .keys[0]
        .key.public_numbers(),
    ]
    assert numbers == [numbers[0]] * 4


def test_jwk_has_exactly_the_public_members(signet, public_key):
    exported = strict_json(signet.ok("key", "export", "--format", "jwk"))
    numbers = public_key.public_numbers()
    assert exported == {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": thumbprint(public_key),
        "n": number(numbers.n),
        "e": number(numbers.e),
    }


def test_the_pem_is_written_as_openssl_writes_it(signet, pem):
    assert pem == public_pem(load_pem_public_key(pem.encode()))


@pytest.mark.parametrize("text, kid", [("none", None), ("k-1", "k-1")])
def test_exported_kid_follows_the_setting(signet, text, kid):
    exported = signet.ok("key", "export", "--format", "jwk", "--kid", text)
    assert json.loads(exported).get("kid") == kid


def test_output_goes_to_the_file_and_not_to_stdout(signet, pem):
    path = signet.cwd / "key.pem"
    assert signet.ok("key", "export", "-o", path) == ""
    assert path.read_text() == pem
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_json_carries_the_key_as_text(signet, pem, public_key):
    value = signet.json("key", "export")
    assert value["format"] == "pem" and value["key"] == pem
    assert value["thumbprint"] == thumbprint(public_key)


def test_json_cannot_carry_der(signet):
    result = signet("key", "export", "--format", "der", "--json")
    fails(result, 2, "DER")


def test_a_format_that_does_not_exist_lists_those_that_do(signet):
    fails(signet("key", "export", "--format", "pkcs1"), 2, "pem, der, jwk")


def test_every_uri_that_is_listed_is_accepted_back(signet):
    (uri,) = signet.ok("key", "list").splitlines()
    shown = signet.json("key", "show", uri)
    assert (shown["uri"], shown["label"]) == (uri, KEY)
    assert signet.ok("key", "list", "--key", uri) == uri + "\n"


def test_key_list_json_tells_the_attributes(signet):
    (key,) = signet.json("key", "list")["keys"]
    facts = key["attributes"]
    assert facts["CKA_SENSITIVE"] and facts["CKA_NEVER_EXTRACTABLE"]
    assert not facts["CKA_EXTRACTABLE"] and not facts["CKA_DECRYPT"]
    assert (key["type"], key["bits"]) == ("RSA", 2048)


def test_token_list_names_the_token_without_a_pin(signet):
    nothing = {"SIGNET_PIN_SOURCE": None, "SIGNET_KEY": None}
    assert f"token={LABEL}" in signet.ok("token", "list", env=nothing)
    tokens = signet.json("token", "list", env=nothing)["tokens"]
    ours = [t for t in tokens if t["label"] == LABEL]
    assert len(ours) == 1 and ours[0]["signsRs256"] is True


def test_a_generated_key_signs_at_once(signet, own_token):
    signet.env.update(own_token.env)
    made = signet.json("key", "generate", "--label", "next", "--id", "0a0B")
    assert (made["label"], made["id"]) == ("next", "0a0b")
    signed = signet.ok("jwt", "sign", "--key", made["uri"]).strip()
    assert jwt.get_unverified_header(signed)["kid"] == made["thumbprint"]


def test_a_label_in_use_is_not_used_again(signet, own_token):
    signet.env.update(own_token.env)
    result = signet("key", "generate", "--label", KEY)
    fails(result, 4, LABEL, "label already", "signet key list")
    assert len(signet.ok("key", "list").splitlines()) == 1


def test_of_many_that_want_one_label_one_gets_it(signet, own_token):
    signet.env.update(own_token.env)
    runs = [signet.start("key", "generate", "--label", "same") for _ in range(6)]
    ended = []
    for run in runs:
        run.communicate(timeout=LIMIT_S)
        ended.append(run.returncode)
    assert sorted(ended) == [0, 4, 4, 4, 4, 4]
    assert signet.ok("key", "list").count("object=same") == 1


@pytest.mark.parametrize(
    "options, word",
    [
        (["--label", "x", "--bits", "1024"], "2048, 3072 or 4096"),
        (["--label", "x", "--id", "xyz"], "--id"),
        ([], "--label"),
    ],
)
def test_a_malformed_request_makes_no_key(signet, own_token, options, word):
    signet.env.update(own_token.env)
    fails(signet("key", "generate", *options), 2, word)
    assert len(signet.ok("key", "list").splitlines()) == 1
