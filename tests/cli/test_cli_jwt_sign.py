"""jwt sign: what the JWT says, and that others can verify it."""

import json
import subprocess
import time
import uuid

import jwt
import pytest

from cli_cloud import ISSUER, SCOPES, TENANT, USER
from cli_jose import TENANT_CLAIM, claims, header, thumbprint, unb64
from cli_run import fails, write
from cli_token import need


def sign(signet, *options, **kwargs):
    text = signet.ok("jwt", "sign", *options, **kwargs)
    assert text.endswith("\n") and text.count("\n") == 1
    return text.rstrip("\n")


def verified(token, key):
    names = ["iss", "iat", "exp", "jti", TENANT_CLAIM, "email", "scp"]
    return jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        issuer=ISSUER,
        options={"require": names, "verify_aud": True},
    )


def test_pyjwt_verifies_it_with_the_exported_key(signet, public_key):
    assert verified(sign(signet), public_key)["email"] == USER


def test_openssl_verifies_it_with_the_exported_pem(signet, pem):
    message, _, signature = sign(signet).rpartition(".")
    key = write(signet.cwd / "key.pem", pem)
    proof = write(signet.cwd / "jwt.sig", unb64(signature))
    command = [need("openssl"), "dgst", "-sha256", "-verify", key]
    done = subprocess.run(
        [*command, "-signature", proof], input=message.encode(), check=False
    )
    assert done.returncode == 0


def test_exported_jwks_verifies_it_by_its_kid(signet):
    token = sign(signet)
    exported = signet.ok("key", "export", "--format", "jwks")
    keys = jwt.PyJWKSet.from_json(exported)
    (key,) = [k for k in keys.keys if k.key_id == header(token)["kid"]]
    assert verified(token, key.key)


def test_header_is_exact(signet, public_key):
    text = unb64(sign(signet).split(".")[0]).decode()
    kid = thumbprint(public_key)
    assert text == f'{{"alg":"RS256","typ":"JWT","kid":"{kid}"}}'


def test_claims_are_exact(signet):
    before = int(time.time())
    found = claims(sign(signet))
    after = int(time.time())
    jti = uuid.UUID(found.pop("jti"))
    assert jti.version == 4
    assert before <= found["iat"] <= after
    assert found == {
        "iss": ISSUER,
        "iat": found["iat"],
        "exp": found["iat"] + 300,
        TENANT_CLAIM: TENANT,
        "email": USER,
        "scp": SCOPES,
    }


def test_each_jwt_has_its_own_jti(signet):
    assert claims(sign(signet))["jti"] != claims(sign(signet))["jti"]


def test_json_shows_the_jwt_and_what_it_says(signet):
    value = signet.json("jwt", "sign")
    assert value["header"] == header(value["jwt"])
    assert value["claims"] == claims(value["jwt"])


# kid


@pytest.mark.parametrize("way", ["option", "setting"])
@pytest.mark.parametrize("text", ["key-id-1", "schlüssel 1", '"quoted"'])
def test_kid_is_the_text_that_was_given(signet, text, way):
    if way == "option":
        token = sign(signet, "--kid", text)
    else:
        token = sign(signet, env={"SIGNET_KID": text})
    assert header(token)["kid"] == text


def test_kid_none_leaves_it_out(signet):
    assert header(sign(signet, "--kid", "none")) == {
        "alg": "RS256",
        "typ": "JWT",
    }


def test_kid_thumbprint_can_be_named(signet, public_key):
    token = sign(signet, "--kid", "thumbprint", env={"SIGNET_KID": "other"})
    assert header(token)["kid"] == thumbprint(public_key)


# lifetime


@pytest.mark.parametrize(
    "text, seconds", [("1s", 1), ("10m", 600), ("600s", 600), ("90s", 90)]
)
def test_lifetime_is_the_one_asked_for(signet, text, seconds):
    found = claims(sign(signet, "--lifetime", text))
    assert found["exp"] - found["iat"] == seconds


def test_a_jwt_can_be_dated_back(signet):
    plain = claims(sign(signet))
    assert "nbf" not in plain
    before = int(time.time())
    dated = [
        claims(sign(signet, "--backdate", "5s")),
        claims(sign(signet, env={"SIGNET_JWT_BACKDATE": "5"})),
    ]
    after = int(time.time())
    for found in dated:
        assert found["nbf"] == found["iat"]
        assert found["exp"] - found["iat"] == 305
        assert before <= found["iat"] + 5 <= after
    assert "nbf" not in claims(sign(signet, "--backdate", "0s"))


def test_a_jwt_is_not_dated_back_too_far(signet):
    fails(signet("jwt", "sign", "--backdate", "61s"), 2, "--backdate", "60 s")
    words = ("jwt", "sign", "--backdate", "1s", "--lifetime", "10m")
    fails(signet(*words), 2, "dated back", "lifetime")


@pytest.mark.parametrize("text", ["0s", "601s", "11m", "1h"])
def test_lifetime_out_of_bounds_is_refused(signet, text):
    fails(signet("jwt", "sign", "--lifetime", text), 2, "lifetime", "1 s")


@pytest.mark.parametrize("text", ["", "-1s", "five", "5m5", "1e2s", "5 m x"])
def test_lifetime_that_is_no_duration_is_refused(signet, text):
    fails(signet("jwt", "sign", "--lifetime", text), 2, "lifetime")


# further claims


def test_claim_option_adds_strings(signet):
    given = ["region=EMEA", "note=a=b, ü", "empty="]
    options = [word for claim in given for word in ("--claim", claim)]
    found = claims(sign(signet, *options))
    assert found["region"] == "EMEA"
    assert found["note"] == "a=b, ü"
    assert found["empty"] == ""


EXTRA = {
    "https://tableau.com/groups": ["north", "süd"],
    "nested": {"a": [1, 2.5, True, None], "b": {"c": ""}},
    "region": "EMEA",
}


def test_claims_file_adds_any_json(signet):
    path = write(signet.cwd / "claims.json", json.dumps(EXTRA))
    found = claims(sign(signet, "--claims", path))
    assert {name: found[name] for name in EXTRA} == EXTRA


def test_claims_come_from_stdin_too(signet):
    found = claims(sign(signet, "--claims", "-", stdin=json.dumps(EXTRA)))
    assert {name: found[name] for name in EXTRA} == EXTRA


def test_claims_and_claim_can_be_mixed(signet):
    text = '{"region":"EMEA"}'
    found = claims(
        sign(signet, "--claims", "-", "--claim", "desk=7", stdin=text)
    )
    assert (found["region"], found["desk"]) == ("EMEA", "7")


def test_a_claim_given_both_ways_is_refused(signet):
    result = signet(
        "jwt", "sign", "--claims", "-", "--claim", "a=1", stdin='{"a":"2"}'
    )
    fails(result, 2, '"a"', "twice")


@pytest.mark.parametrize(
    "name",
    ["iss", "iat", "exp", "nbf", "jti", "scp", "scope", "email", TENANT_CLAIM],
)
def test_a_claim_of_signet_cannot_be_overridden(signet, name):
    fails(signet("jwt", "sign", "--claim", f"{name}=x"), 2, name)
    text = json.dumps({name: "x"})
    fails(signet("jwt", "sign", "--claims", "-", stdin=text), 2, name)


@pytest.mark.parametrize("text", ["region", "=x"])
def test_a_claim_without_name_or_value_is_refused(signet, text):
    fails(signet("jwt", "sign", "--claim", text), 2, "claim", "=")


@pytest.mark.parametrize(
    "text, word",
    [
        ("not json", "claims.json"),
        ("", "claims.json"),
        ('{"a":1', "claims.json"),
        ('["a"]', "object"),
        ('{"a":1,"a":2}', "claims.json"),
        ('{"b":{"a":1,"a":2}}', "claims.json"),
        ('{"a":NaN}', "claims.json"),
    ],
    ids=["text", "empty", "cut", "list", "twice", "twice-inside", "nan"],
)
def test_a_claims_file_that_is_no_strict_object_is_refused(signet, text, word):
    path = write(signet.cwd / "claims.json", text)
    fails(signet("jwt", "sign", "--claims", path), 2, "claims.json", word)


def test_a_claims_file_that_is_no_utf8_is_refused(signet):
    path = write(signet.cwd / "claims.json", b'{"a":"\xff"}')
    fails(signet("jwt", "sign", "--claims", path), 2, "claims.json")


def test_a_claims_file_that_is_not_there_is_named(signet):
    fails(signet("jwt", "sign", "--claims", "absent.json"), 1, "absent.json")


def test_the_user_claim_can_have_another_name(signet):
    found = claims(sign(signet, env={"SIGNET_USERNAME_CLAIM": "sub"}))
    assert found["sub"] == USER and "email" not in found


@pytest.mark.parametrize(
    "name, word",
    [
        ("SIGNET_ISSUER", "SIGNET_ISSUER"),
        ("CLOUD_MANAGER_TENANT_ID", "CLOUD_MANAGER_TENANT_ID"),
        ("TABLEAU_CLOUD_USERNAME", "TABLEAU_CLOUD_USERNAME"),
    ],
)
def test_a_missing_setting_is_named(signet, name, word):
    fails(signet("jwt", "sign", env={name: None}), 8, word, "set ")


@pytest.mark.parametrize(
    "tenant", ["acme", TENANT[:-1], TENANT + "0", "{" + TENANT]
)
def test_a_tenant_that_is_no_uuid_is_refused(signet, tenant):
    env = {"CLOUD_MANAGER_TENANT_ID": tenant}
    fails(
        signet("jwt", "sign", env=env), 8, "CLOUD_MANAGER_TENANT_ID", "UUID"
    )


def test_an_issuer_that_is_no_uri_is_refused(signet):
    fails(signet("jwt", "sign", "--issuer", "acme"), 8, "acme", "https://")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x1b[31m"])
def test_an_issuer_with_a_control_character_is_refused(signet, end):
    for words in ("jwt sign", "uat create --name n", "uat update n"):
        result = signet(*words.split(), "--issuer", f"https://a{end}")
        fails(result, 2, "--issuer must be one line")
    for words in ("jwt sign", "uat create --name n"):
        result = signet(*words.split(), env={"SIGNET_ISSUER": f"https://a{end}"})
        fails(result, 8, "SIGNET_ISSUER must be one line")


def test_bad_claims_cost_no_login_to_the_token(signet):
    """What can be known to be wrong is told before a PIN is asked for."""
    asked = signet.cwd / "asked"
    env = {"SIGNET_PIN_SOURCE": f"cmd:touch {asked}"}
    fails(signet("jwt", "sign", "--lifetime", "1h", env=env), 2)
    assert not asked.exists()
