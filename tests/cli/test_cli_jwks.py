"""jwks build and jwks check: what is published, and what the world sees."""

import concurrent.futures
import json
import socket
import stat
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from cli_jose import thumbprint
from cli_listen import held
from cli_run import fails, succeeds, write
from cli_token import KEY, LABEL

POINTS = ["answer", "status", "type", "cache", "size", "form", "public"]
POINTS += ["keys", "kids", "key", "kid"]
TWO = [f"pkcs11:token={LABEL};object={name}" for name in (KEY, "second")]


@pytest.fixture(scope="module")
def foreign():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key, **members):
    return {**json.loads(RSAAlgorithm.to_jwk(key)), **members}


def foreign_set(place, key, name="foreign.json", **members):
    text = json.dumps({"keys": [jwk(key.public_key(), **members)]})
    return write(place / name, text)


def kids(text):
    return [key["kid"] for key in json.loads(text)["keys"]]


# Build


def test_a_set_of_one_key_is_what_key_export_gives(signet):
    exported = signet.ok("key", "export", "--format", "jwks")
    assert signet.ok("jwks", "build") == exported


def test_several_keys_in_any_order_make_the_same_bytes(own_token, signet):
    signet.env.update(own_token.env)
    signet.ok("key", "generate", "--label", "second")
    one = signet.ok("jwks", "build", *TWO)
    other = signet.ok("jwks", "build", *reversed(TWO), TWO[0])
    assert one == other
    keys = jwt.PyJWKSet.from_json(one).keys
    assert [thumbprint(k.key) for k in keys] == kids(one)
    assert kids(one) == sorted(kids(one)) and len(set(kids(one))) == 2
    for name in TWO:
        token = signet.ok("jwt", "sign", "--key", name).strip()
        kid = jwt.get_unverified_header(token)["kid"]
        key = keys[kids(one).index(kid)].key
        assert jwt.decode(token, key, algorithms=["RS256"])


def test_the_pin_of_one_token_is_read_once(own_token, signet):
    signet.env.update(own_token.env)
    signet.ok("key", "generate", "--label", "second")
    env = {"SIGNET_PIN_SOURCE": "fd:0"}
    text = signet.ok("jwks", "build", *TWO, env=env, stdin=own_token.pin)
    assert len(kids(text)) == 2


def test_keys_of_several_tokens_come_together(own_token, signet):
    own_token.add_token("other")
    signet.env.update(own_token.env)
    other = "pkcs11:token=other;object=second"
    where = ("--key", "pkcs11:token=other")
    signet.ok("key", "generate", "--label", "second", *where)
    text = signet.ok("jwks", "build", TWO[0], other)
    assert len(set(kids(text))) == 2


def test_another_hosts_set_is_merged(signet, foreign, public_key):
    path = foreign_set(signet.cwd, foreign, kid="theirs", x5u="https://x/")
    text = signet.ok("jwks", "build", "--merge", path)
    assert set(kids(text)) == {"theirs", thumbprint(public_key)}
    assert "x5u" not in text
    again = write(signet.cwd / "again.json", text)
    assert signet.ok("jwks", "build", "--merge", again) == text


def test_merging_alone_needs_no_token(signet, foreign):
    one = foreign_set(signet.cwd, foreign)
    env = {"SIGNET_KEY": None, "SIGNET_MODULE": "/nowhere.so"}
    text = signet.ok("jwks", "build", "--merge", one, env=env)
    assert kids(text) == [thumbprint(foreign.public_key())]
    piped = signet.ok("jwks", "build", "--merge", "-", env=env, stdin=text)
    assert piped == text


@pytest.mark.parametrize(
    "change, word",
    [
        (lambda k: {"keys": [jwk(k)]}, "private"),
        (lambda k: {"keys": [jwk(k.public_key(), use="enc")]}, "use"),
        (lambda k: {"keys": [jwk(k.public_key(), alg="none")]}, "alg"),
        (lambda k: {"keys": [jwk(k.public_key(), kid=1)]}, "kid"),
        (lambda k: {"keys": [jwk(k.public_key(), exp="soon")]}, "exp"),
        (lambda k: {"keys": ["x"]}, "kty"),
        (lambda k: jwk(k.public_key()), "keys"),
        (lambda k: [], "keys"),
    ],
)
def test_what_is_no_set_of_public_keys_is_refused(
    signet, foreign, change, word
):
    path = write(signet.cwd / "bad.json", json.dumps(change(foreign)))
    result = signet("jwks", "build", "--merge", path)
    fails(result, 1, f"merge {path}", word)


def test_short_keys_and_other_kinds_are_refused(signet):
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    for number, member in enumerate(
        [jwk(short.public_key()), json.loads(ECAlgorithm.to_jwk(curve))]
    ):
        text = json.dumps({"keys": [member]})
        path = write(signet.cwd / f"bad{number}.json", text)
        fails(signet("jwks", "build", "--merge", path), 1, "key 1")


def test_one_kid_for_two_keys_is_refused(signet, foreign):
    path = foreign_set(signet.cwd, foreign, kid="k")
    result = signet("jwks", "build", "--kid", "k", "--merge", path)
    fails(result, 1, '"k"', "two keys")


def test_a_retired_key_is_kept_until_then(signet, foreign, public_key):
    path = foreign_set(signet.cwd, foreign, kid="old")
    before = int(time.time())
    when = ("--retire", "old=+1h")
    signet.ok("jwks", "build", "--merge", path, *when, "-o", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    keys = json.loads(path.read_text())["keys"]
    (old,) = [key for key in keys if key["kid"] == "old"]
    assert before + 3600 <= old["exp"] <= int(time.time()) + 3600
    assert jwt.PyJWKSet.from_json(path.read_text()).keys
    path = foreign_set(signet.cwd, foreign, kid="old", exp=before - 1)
    result = succeeds(signet("jwks", "build", "--merge", path))
    assert kids(result.stdout) == [thumbprint(public_key)]
    assert "old" in result.stderr


def test_many_at_once_lose_no_key(signet):
    """Each adds one key to the same file."""
    shared = signet.cwd / "all.json"
    env = {"SIGNET_KEY": None}
    keys = [
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        for _ in range(6)
    ]
    paths = [
        foreign_set(signet.cwd, key, f"{number}.json")
        for number, key in enumerate(keys)
    ]
    signet.ok("jwks", "build", "--merge", paths[0], "-o", shared, env=env)

    def add(path):
        words = ("jwks", "build", "--merge", path, "--merge", shared)
        return signet(*words, "-o", shared, env=env)

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for result in pool.map(add, paths):
            succeeds(result)
    wanted = sorted(thumbprint(key.public_key()) for key in keys)
    assert kids(shared.read_text()) == wanted


def test_readers_see_a_whole_set_always(signet, foreign):
    shared = foreign_set(signet.cwd, foreign, "all.json")
    done = threading.Event()
    seen = set()

    def read():
        while not done.is_set():
            seen.add(len(json.loads(shared.read_text())["keys"]))

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        try:
            for _ in range(5):
                signet.ok("jwks", "build", "--merge", shared, "-o", shared)
        finally:
            done.set()
        reader.result()
    assert seen <= {1, 2}


# Check


def points(result):
    value = json.loads(result.stdout)
    names = [point["name"] for point in value["points"]]
    assert names == POINTS
    for point in value["points"]:
        told = point["result"] in ("fail", "warn")
        assert told == (point["fix"] is not None) or point["name"] == "answer"
    return {point["name"]: point["result"] for point in value["points"]}


def bad_points(result):
    return {
        name: result
        for name, result in points(result).items()
        if result in ("fail", "warn")
    }


@pytest.fixture
def published(cloud):
    """The URL of the set that signet built."""
    return cloud.sim.publish(json.loads(cloud.signet.ok("jwks", "build")))


def answers(cloud, text, status=200, **headers):
    """The next answer for the key set; caching is fine unless said."""
    named = {"Content-Type": "application/json", "Cache-Control": "max-age=60"}
    named.update({k.replace("_", "-").title(): v for k, v in headers.items()})
    body = text if isinstance(text, str) else json.dumps(text)
    cloud.sim.faults(
        {
            "match": {"path-prefix": "/_sim/jwks.json"},
            "times": None,
            "status": status,
            "headers": {k: v for k, v in named.items() if v is not None},
            "body": body,
        }
    )


def check(cloud, url, *words):
    return cloud.signet("jwks", "check", url, "--json", *words)


def test_what_signet_built_passes(cloud, published):
    result = succeeds(check(cloud, published))
    assert bad_points(result) == {"cache": "warn"}  # it says nothing of it
    text = cloud.signet.ok("jwks", "check", published)
    told = [line for line in text.splitlines() if line[:1] != " "]
    assert "FAIL" not in text and len(told) == len(POINTS)
    entry = cloud.entries()[-1]
    assert entry["method"] == "GET" and not entry.get("auth_headers")


def test_the_key_may_come_from_a_file(cloud, published, pem):
    path = write(cloud.signet.cwd / "key.pem", pem)
    env = {"SIGNET_MODULE": "/nowhere.so", "SIGNET_KEY": None}
    words = ("jwks", "check", published)
    cloud.signet.ok(*words, "--public-key", path, env=env)
    result = succeeds(cloud.signet(*words, env=env))
    assert "unknown  key" in result.stdout


def test_another_key_is_missed(cloud, foreign):
    url = cloud.sim.publish({"keys": [jwk(foreign.public_key(), kid="x")]})
    result = check(cloud, url)
    assert result.rc == 1 and "fails at: key" in result.stderr
    assert bad_points(result)["key"] == "fail"
    assert points(result)["kid"] == "unknown"


def test_the_kid_must_be_that_of_the_jwts(cloud, published):
    result = check(cloud, published, "--kid", "another")
    assert result.rc == 1
    assert bad_points(result)["kid"] == "fail"
    result = check(cloud, published, "--kid", "none")
    assert result.rc == 1 and "kid" in result.stderr


FAULTS = [
    ("status", {"status": 404}),
    ("status", {"status": 302, "location": "https://elsewhere.test/"}),
    ("type", {"content_type": "text/html"}),
    ("form", {"text": "<html>no</html>"}),
    ("form", {"text": '{"keys":[],"keys":[]}'}),
    ("form", {"text": '{"keys":[]}'}),
]


@pytest.mark.parametrize("point, fault", FAULTS)
def test_each_fault_of_the_answer_is_found(cloud, published, point, fault):
    good = cloud.signet.ok("jwks", "build")
    answers(cloud, fault.pop("text", good), **fault)
    result = check(cloud, published)
    assert result.rc == 1
    assert bad_points(result) == {point: "fail"}


@pytest.mark.parametrize(
    "point, verdict, change",
    [
        ("public", "fail", lambda own, key: [own, jwk(key, kid="x")]),
        ("kids", "fail", lambda own, key: [own, own]),
        ("kids", "warn", lambda own, key: [own, jwk(key.public_key())]),
        ("keys", "warn", lambda own, key: [own, {"kty": "EC", "kid": "e"}]),
        ("key", "fail", lambda own, key: [{**own, "use": "enc"}]),
        ("key", "warn", lambda own, key: [{**own, "exp": 1000}]),
        ("kid", "fail", lambda own, key: [{**own, "kid": "x"}]),
    ],
)
def test_each_fault_of_the_set_is_found(
    cloud, foreign, published, point, verdict, change
):
    (own,) = json.loads(cloud.signet.ok("jwks", "build"))["keys"]
    answers(cloud, {"keys": change(own, foreign)})
    result = check(cloud, published)
    assert result.rc == (1 if verdict == "fail" else 0)
    assert bad_points(result)[point] == verdict
    others = set(bad_points(result)) - {point}
    assert others <= {"keys"}  # a key that is not usable is told there too


@pytest.mark.parametrize(
    "control, verdict",
    [
        ("max-age=300", "pass"),
        ("public, max-age=86400", "warn"),
        ("no-store", "pass"),
        (None, "warn"),
    ],
)
def test_slow_caches_are_warned_of(cloud, published, control, verdict):
    answers(
        cloud,
        cloud.signet.ok("jwks", "build"),
        cache_control=control,
        etag='"v1"',
        age="5",
    )
    result = succeeds(check(cloud, published))
    assert points(result)["cache"] == verdict
    assert '\\"v1\\"' in result.stdout and "Age 5" in result.stdout


def test_a_set_that_never_ends_is_not_read(cloud, published):
    cloud.sim.faults({"action": "big:20000000", "times": None})
    result = check(cloud, published)
    assert result.rc == 6
    assert points(result)["answer"] == "fail"


def test_no_answer_and_no_trust_are_the_networks_fault(cloud, published):
    with held() as port:
        result = check(cloud, f"https://localhost:{port}/jwks.json")
    assert result.rc == 6 and points(result)["answer"] == "fail"
    result = cloud.signet(
        "jwks", "check", published, "--json", env={"SIGNET_CA_FILE": None}
    )
    assert result.rc == 6 and points(result)["answer"] == "fail"


def test_what_a_host_says_cannot_drive_the_terminal(cloud, published):
    answers(cloud, '{"keys":[{"kid":"\\u001b[31m"},{"kid":"\\u001b[31m"}]}')
    result = cloud.signet("jwks", "check", published)
    assert result.rc == 1 and "\x1b" not in result.stdout


def test_an_address_without_tls_is_refused(signet):
    fails(signet("jwks", "check", "http://localhost/"), 2, "https")
