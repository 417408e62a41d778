"""key evidence: a bundle that another program verifies, and a foreign one."""

import json
import time
from datetime import datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cli_foreign import BROKEN, add_foreign_key, allow
from cli_jose import b64, jwk, public_pem, rs256, thumbprint, unb64
from cli_run import fails, succeeds, write

TYPE = "signet-evidence+json"
# On a machine without the token.
NO_TOKEN = {
    "SIGNET_MODULE": "/nowhere.so",
    "SIGNET_KEY": None,
    "SIGNET_PIN_SOURCE": "file:/nowhere",
}


@pytest.fixture
def bundle(signet):
    return json.loads(signet.ok("key", "evidence"))


@pytest.fixture(scope="session")
def stranger():
    return rsa.generate_private_key(65537, 2048)


def compact(bundle):
    return ".".join(
        bundle[part] for part in ("protected", "payload", "signature")
    )


def payload(bundle):
    return json.loads(unb64(bundle["payload"]))


def forge(key, said, **header):
    head = {
        "alg": "RS256",
        "typ": TYPE,
        "kid": thumbprint(key.public_key()),
        **header,
    }
    parts = {
        "protected": b64(json.dumps(head).encode()),
        "payload": b64(json.dumps(said).encode()),
    }
    text = f"{parts['protected']}.{parts['payload']}".encode()
    return json.dumps({**parts, "signature": b64(rs256(key)(text))})


def verify(signet, text, *words):
    path = write(signet.cwd / "evidence.json", text)
    command = ["key", "evidence", "--verify", path, *words]
    return signet(*command, env=NO_TOKEN)


def test_pyjwt_verifies_what_the_token_signed(signet, public_key):
    begun = time.time()
    bundle = json.loads(signet.ok("key", "evidence"))
    ended = time.time()
    assert set(bundle) == {"payload", "protected", "signature"}
    header = jwt.get_unverified_header(compact(bundle))
    assert header == {"alg": "RS256", "typ": TYPE,
                      "kid": thumbprint(public_key)}
    said = jwt.decode(compact(bundle), public_key, algorithms=["RS256"])
    assert said["key"]["thumbprint"] == thumbprint(public_key)
    assert said["key"]["attributes"]["CKA_EXTRACTABLE"] is False
    assert said["key"]["keepsPolicy"] is True
    assert said["token"]["label"] == "signet-cli"
    assert said["uatConfigurations"] is None
    made = datetime.fromisoformat(said["time"].replace("Z", "+00:00"))
    # In whole seconds, and by a clock that may have been set.
    assert begun - 2 < made.timestamp() < ended + 2


def test_it_is_no_uat_jwt(signet, bundle):
    said = payload(bundle)
    assert not {"iss", "exp", "sub", "scp", "jti", "email"} & set(said)
    result = signet("jwt", "verify", stdin=compact(bundle))
    fails(result, 1, "typ")


def test_it_is_verified_without_the_token(signet, bundle, pem):
    write(signet.cwd / "key.pem", pem)
    result = succeeds(verify(signet, json.dumps(bundle)))
    assert "consistent in itself" in result.stdout
    assert "--public-key or --jwks" in result.stdout
    result = verify(signet, json.dumps(bundle), "--public-key", "key.pem")
    assert "signed by the expected key" in succeeds(result).stdout


def test_jwks_of_the_key_is_the_expected_key(signet, bundle, public_key):
    keys = {"keys": [jwk(public_key, "any")]}
    write(signet.cwd / "keys.json", json.dumps(keys))
    words = ["--jwks", "keys.json", "--json"]
    result = succeeds(verify(signet, json.dumps(bundle), *words))
    assert json.loads(result.stdout)["isExpectedKey"] is True


def test_a_strangers_bundle_is_only_consistent(signet, bundle, pem, stranger):
    said = payload(bundle)
    said["key"]["jwk"] = jwk(stranger.public_key(), "x")
    said["key"]["thumbprint"] = thumbprint(stranger.public_key())
    text = forge(stranger, said)
    assert "consistent in itself" in succeeds(verify(signet, text)).stdout
    write(signet.cwd / "key.pem", pem)
    fails(verify(signet, text, "--public-key", "key.pem"), 1, "another key")
    write(signet.cwd / "own.pem", public_pem(stranger.public_key()))
    succeeds(verify(signet, text, "--public-key", "own.pem"))


def test_a_stranger_cannot_sign_for_the_key(signet, bundle, stranger):
    said = payload(bundle)
    fails(verify(signet, forge(stranger, said)), 1, "signature")


@pytest.mark.parametrize("part", ["payload", "protected", "signature"])
def test_changed_parts_are_refused(signet, bundle, part):
    text = bundle[part]
    bundle[part] = ("A" if text[9] != "A" else "B").join((text[:9], text[10:]))
    fails(verify(signet, json.dumps(bundle)), 1, "verify the evidence")


def test_praise_does_not_help_bad_attributes(signet, bundle, stranger):
    """Attributes are judged anew, whatever the bundle says of them."""
    said = payload(bundle)
    said["key"]["jwk"] = jwk(stranger.public_key(), "x")
    said["key"]["thumbprint"] = thumbprint(stranger.public_key())
    said["key"]["attributes"]["CKA_EXTRACTABLE"] = True
    said["key"]["attributes"]["CKA_LOCAL"] = None
    result = verify(signet, forge(stranger, said))
    assert result.rc == 7
    rows = [line.split()[:3] for line in result.stdout.splitlines()]
    assert ["FAIL", "extractable", "CKA_EXTRACTABLE"] in rows
    assert ["pass", "extractable", "CKA_NEVER_EXTRACTABLE"] in rows
    assert ["unknown", "local", "CKA_LOCAL"] in rows
    assert "breaks the policy" in result.stderr


@pytest.mark.parametrize(
    "header, word",
    [({"alg": "none"}, "alg"), ({"alg": "HS256"}, "alg"),
     ({"typ": "JWT"}, "typ"), ({"crit": ["exp"]}, "crit")],
)
def test_headers_of_other_things_are_refused(
    signet, bundle, stranger, header, word
):
    fails(verify(signet, forge(stranger, payload(bundle), **header)), 1, word)


def test_evidence_of_a_foreign_key_says_what_it_breaks(signet, own_token):
    signet.env.update(own_token.env)
    uri = add_foreign_key(own_token)
    out = signet.cwd / "out.json"
    words = ["key", "evidence", uri, *allow(*BROKEN), "-o", out]
    assert signet.ok(*words) == ""
    said = payload(json.loads(out.read_text()))
    assert said["key"]["keepsPolicy"] is False
    assert verify(signet, out.read_text()).rc == 7


def test_the_configuration_that_carries_the_key_is_named(configured, pem):
    signet = configured.signet
    signet.ok("uat", "list", "--pat")
    said = payload(json.loads(signet.ok("key", "evidence")))
    (config,) = said["uatConfigurations"]
    assert config["name"] == "signet"
    assert config["tenantId"] == configured.tenant
