"""jwt inspect and jwt verify: what is believed, and with which key."""

import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import cli_jose as jose
from cli_cloud import ISSUER, TENANT, USER
from cli_run import fails, succeeds, write

WHERE = ["stdin", "dash", "file"]


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def pem_file(signet, key):
    return write(signet.cwd / "key.pem", jose.public_pem(key.public_key()))


def body(**changes):
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "iat": now,
        "exp": now + 300,
        "jti": "1",
        jose.TENANT_CLAIM: TENANT,
        "email": USER,
        "scp": ["tableau:content:read"],
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def make(key, head=None, **changes):
    head = {"alg": "RS256", "typ": "JWT"} if head is None else head
    return jose.compact(head, body(**changes), jose.rs256(key))


def verify(signet, token, *options, **kwargs):
    return signet("jwt", "verify", *options, stdin=token + "\n", **kwargs)


# Where the JWT comes from


@pytest.mark.parametrize("verb", ["inspect", "verify"])
@pytest.mark.parametrize("where", WHERE)
def test_the_jwt_is_read_from_stdin_or_a_file(signet, where, verb):
    token = signet.ok("jwt", "sign")
    if where == "file":
        path = write(signet.cwd / "t.jwt", token)
        text = signet.ok("jwt", verb, path)
    else:
        operand = ["-"] if where == "dash" else []
        text = signet.ok("jwt", verb, *operand, stdin=token)
    assert text == "valid\n" if verb == "verify" else ISSUER in text


@pytest.mark.parametrize("verb", ["inspect", "verify"])
def test_a_jwt_on_the_command_line_is_refused(signet, verb):
    token = signet.ok("jwt", "sign").strip()
    line = fails(signet("jwt", verb, token), 2, "command line", "stdin")
    assert token[:20] not in line


# jwt inspect


def test_inspect_tells_that_nothing_was_verified(signet, key):
    token = make(key, exp=1)
    assert "not verified" in signet.ok("jwt", "inspect", stdin=token)
    value = signet.json("jwt", "inspect", stdin=token)
    assert value["verified"] is False
    assert value["header"] == jose.header(token)
    assert value["claims"] == jose.claims(token)


def test_inspect_writes_times_that_people_can_read(signet, key):
    text = signet.ok("jwt", "inspect", stdin=make(key, iat=0, exp=951868799))
    assert "1970-01-01T00:00:00Z" in text
    assert "2000-02-29T23:59:59Z" in text


def test_inspect_lets_no_claim_drive_the_terminal(signet, key):
    result = signet("jwt", "inspect", stdin=make(key, email="\x1b[2J\x07"))
    assert b"\x1b" not in succeeds(result).out and b"\x07" not in result.out


@pytest.mark.parametrize("verb", ["inspect", "verify"])
@pytest.mark.parametrize(
    "text",
    ["", "\n", "hello", "a.b", "a.b.c.d", "e30.e30.!!", "e30.bm90IGpzb24.AA"],
)
def test_what_is_no_jwt_is_refused(signet, verb, text):
    fails(signet("jwt", verb, stdin=text), 1, "JWT")


@pytest.mark.parametrize("part", [0, 1])
def test_a_member_given_twice_is_refused(signet, key, part):
    parts = make(key).split(".")
    twice = b'{"alg":"RS256","alg":"RS256"}'
    parts[part] = jose.b64(twice)
    fails(signet("jwt", "inspect", stdin=".".join(parts)), 1, "JWT")


def test_an_absurdly_long_jwt_is_refused(signet):
    result = signet("jwt", "inspect", stdin="eyJh" * 100_000)
    fails(result, 2, "JWT")


# jwt verify: keys


def test_the_tokens_own_key_is_the_default(signet, key):
    own = signet.ok("jwt", "sign").strip()
    assert succeeds(verify(signet, own)).stdout == "valid\n"
    fails(verify(signet, make(key)), 1, "signature")


@pytest.mark.parametrize("shape", ["pem", "jwk", "jwks", "jwks-option"])
def test_a_key_file_may_be_pem_jwk_or_jwks(signet, key, shape):
    public = key.public_key()
    one = jose.jwk(public, "k1")
    texts = {"pem": jose.public_pem(public), "jwk": json.dumps(one)}
    text = texts.get(shape, json.dumps({"keys": [one]}))
    path = write(signet.cwd / "key", text)
    option = "--jwks" if shape == "jwks-option" else "--key"
    token = make(key, {"alg": "RS256", "kid": "k1"})
    # No token is needed, nor its settings.
    env = {"SIGNET_KEY": None, "SIGNET_MODULE": None, "SIGNET_PIN_SOURCE": None}
    result = verify(signet, token, option, path, env=env)
    assert succeeds(result).stdout == "valid\n"


def test_of_a_jwks_the_key_with_the_kid_is_taken(signet, key):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    keys = [jose.jwk(other.public_key(), "k1"), jose.jwk(key.public_key(), "k2")]
    path = write(signet.cwd / "jwks", json.dumps({"keys": keys}))
    good = make(key, {"alg": "RS256", "kid": "k2"})
    assert succeeds(verify(signet, good, "--jwks", path)).stdout == "valid\n"
    crossed = make(key, {"alg": "RS256", "kid": "k1"})
    fails(verify(signet, crossed, "--jwks", path), 1, "signature")
    unknown = make(key, {"alg": "RS256", "kid": "k3"})
    fails(verify(signet, unknown, "--jwks", path), 1, str(path), "kid")


def test_a_jwks_is_fetched_over_https(cloud, signet, public_key):
    url = cloud.sim.publish(
        {"keys": [jose.jwk(public_key, jose.thumbprint(public_key))]}
    )
    own = signet.ok("jwt", "sign").strip()
    result = verify(signet, own, "--jwks", url)
    assert succeeds(result).stdout == "valid\n"
    assert cloud.asked() == ["GET /_sim/jwks.json"]


def test_a_jwks_is_never_fetched_over_http(signet):
    own = signet.ok("jwt", "sign").strip()
    url = "http://localhost/jwks.json"
    fails(verify(signet, own, "--jwks", url), 8, url, "https")


@pytest.mark.parametrize(
    "text", [b"hello", b"{}", b'{"keys":{}}', b'{"keys":[]}', b"[]"]
)
def test_a_jwks_that_is_none_is_refused(cloud, signet, text):
    own = signet.ok("jwt", "sign").strip()
    url = cloud.sim.publish(text)
    fails(verify(signet, own, "--jwks", url), 1, url)


def test_a_jwks_that_is_not_there_is_refused(cloud, signet):
    own = signet.ok("jwt", "sign").strip()
    url = f"{cloud.sim.url}/_sim/jwks.json"
    fails(verify(signet, own, "--jwks", url), 5, "404")


def test_a_key_file_that_is_not_there_is_named(signet, key):
    fails(verify(signet, make(key), "--key", "absent.pem"), 1, "absent.pem")


# jwt verify: what it refuses


def test_json_says_verified_only_when_it_is(signet, key, pem_file):
    token = make(key)
    value = signet.json("jwt", "verify", "--key", pem_file, stdin=token)
    assert value["verified"] is True and value["claims"] == jose.claims(token)
    bad = verify(signet, make(key, exp=1), "--key", pem_file, "--json")
    fails(bad, 1, "expired")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_any_tampered_part_is_refused(signet, key, pem_file, part):
    parts = make(key).split(".")
    octets = bytearray(jose.unb64(parts[part]))
    if part == 2:
        octets[100] ^= 1
    else:
        octets = octets.replace(b"JWT", b"JWt").replace(b"ada@", b"eva@")
    parts[part] = jose.b64(bytes(octets))
    result = verify(signet, ".".join(parts), "--key", pem_file)
    fails(result, 1, "signature")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "RS512", "rs256"])
def test_another_alg_is_refused_before_anything_else(signet, key, pem_file, alg):
    head = {"alg": alg, "typ": "JWT"}
    for sign in (jose.unsigned, jose.rs256(key)):
        token = jose.compact(head, body(), sign)
        fails(verify(signet, token, "--key", pem_file), 1, "RS256")


def test_a_public_key_is_no_hmac_secret(signet, key, pem_file):
    """RFC 8725, section 2.1: HS256 made with the RSA key's own text."""
    secret = pem_file.read_bytes()
    for octets in (secret, secret.strip()):
        for alg in ("HS256", "RS256"):
            head = {"alg": alg, "typ": "JWT"}
            token = jose.compact(head, body(), jose.hs256(octets))
            fails(verify(signet, token, "--key", pem_file), 1)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"exp": int(time.time()) - 3600}, ["expired"]),
        ({"exp": None}, ["exp"]),
        ({"exp": "tomorrow"}, ["exp"]),
        ({"nbf": int(time.time()) + 3600}, ["nbf"]),
        ({"iat": int(time.time()) + 3600}, ["iat"]),
        ({"iss": "https://other.example"}, ["https://other.example", ISSUER]),
        ({"iss": ISSUER + "/"}, [ISSUER + "/"]),
        ({"iss": None}, ["iss"]),
        ({jose.TENANT_CLAIM: TENANT[::-1]}, [TENANT[::-1], TENANT]),
        ({jose.TENANT_CLAIM: None}, ["tenantId"]),
    ],
    ids=lambda value: None if isinstance(value, list) else ",".join(value),
)
def test_a_wrong_claim_is_named(signet, key, pem_file, changes, words):
    result = verify(signet, make(key, **changes), "--key", pem_file)
    fails(result, 1, *words)


@pytest.mark.parametrize(
    "head, word",
    [
        ({"alg": "RS256", "crit": ["exp"]}, "crit"),
        ({"alg": "RS256", "typ": "at+jwt"}, "typ"),
        ({"alg": "RS256", "kid": 7}, "kid"),
        ({"typ": "JWT"}, "RS256"),
    ],
    ids=["crit", "typ", "kid", "no-alg"],
)
def test_a_wrong_header_is_named(signet, key, pem_file, head, word):
    fails(verify(signet, make(key, head), "--key", pem_file), 1, word)


def test_clocks_may_differ_by_less_than_a_minute(signet, key, pem_file):
    now = int(time.time())
    late = make(key, exp=now - 30, iat=now - 300)
    early = make(key, iat=now + 30)
    for token in (late, early):
        assert verify(signet, token, "--key", pem_file).rc == 0


def test_the_issuer_can_be_named_on_the_command_line(signet, key, pem_file):
    token = make(key, iss="https://other.example")
    options = ["--key", pem_file, "--issuer", "https://other.example"]
    assert verify(signet, token, *options).rc == 0
