"""Each rule about a JWT: what it accepts, what it refuses, and why in the log."""

import time

import jwt
import pytest

from scenario import ISSUER, SCOPES, TENANT_CLAIM, key_set, public_pem

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
HOUR = 3600


def now():
    return int(time.time())


def at(claims, start):
    """The claims with each `after` as the time that it stands for."""
    return {k: v(start) if callable(v) else v for k, v in claims.items()}


def after(seconds):
    """The test's start, not that of the run, which may be long before."""
    return lambda start: start + seconds


# Reason -> changes to a good JWT: refused, and the nearest that is accepted.
CLAIM_RULES = [
    ("tenant-mismatch", {TENANT_CLAIM: UNKNOWN_ID}, {}),
    ("issuer-unknown", {"iss": ISSUER + "/"}, {"iss": ISSUER}),
    ("time-not-number", {"exp": "soon"}, {"exp": after(300.5)}),
    ("time-not-number", {"iat": True}, {"iat": after(-5)}),
    ("iat-future", {"iat": after(120)}, {"iat": after(30)}),
    ("nbf-future", {"nbf": after(120)}, {"nbf": after(-5)}),
    ("expired", {"exp": after(-1)}, {"exp": after(60)}),
    (
        "lifetime-too-long",
        {"iat": after(0), "exp": after(601)},
        {"iat": after(0), "exp": after(600)},
    ),
    ("jti-missing", {"jti": ""}, {"jti": "1234"}),
    ("username-missing", {"email": 7}, {}),
    ("user-unknown", {"email": "nobody@signet.example"}, {}),
    ("scp-not-array", {"scp": " ".join(SCOPES)}, {"scp": SCOPES}),
    ("scp-not-array", {"scp": [1]}, {"scp": SCOPES[:1]}),
    ("scp-empty", {"scp": []}, {"scp": SCOPES[:1]}),
    ("scope-grammar", {"scp": ["tableau:*"]}, {"scp": SCOPES[:1]}),
    ("scope-wildcard", {"scp": ["tableau:users:*"]}, {"scp": SCOPES[:1]}),
    ("scope-not-in-config", {"scp": ["tableau:jobs:read"]}, {}),
]


@pytest.mark.parametrize("reason, refused, accepted", CLAIM_RULES)
def test_claim_rule_refuses_one_and_accepts_its_twin(
    tenant, reason, refused, accepted
):
    tenant.configure()
    assert tenant.verdict(tenant.jwt(**at(refused, now()))) == reason
    assert tenant.verdict(tenant.jwt(**at(accepted, now()))) == "ok"


@pytest.mark.parametrize(
    "claim, reason",
    [
        ("exp", "exp-missing"),
        ("iss", "issuer-unknown"),
        ("jti", "jti-missing"),
        ("email", "username-missing"),
        ("scp", "scp-not-array"),
        (TENANT_CLAIM, "tenant-mismatch"),
        ("iat", "ok"),
    ],
)
def test_required_claim_must_be_there(tenant, claim, reason):
    tenant.configure()
    assert tenant.verdict(tenant.jwt(claim)) == reason


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"alg": "RS256"}, "ok"),
        ({"alg": "RS384"}, "alg-not-rs256"),
        ({"alg": "PS256"}, "alg-not-rs256"),
        ({"alg": "HS256", "key": "a shared secret"}, "alg-not-rs256"),
        ({"alg": "none", "key": ""}, "malformed"),  # no third part
        ({"headers": {"kid": "any"}}, "ok"),
        ({"headers": {"typ": "at+jwt"}}, "typ-not-jwt"),
    ],
)
def test_header_rule(tenant, changes, reason):
    tenant.configure()
    key = changes.pop("key", tenant.key)
    if changes.get("alg") == "none":
        token = jwt.encode(tenant.claims(), None, "none")
    else:
        token = tenant.jwt(key=key, **changes)
    assert tenant.verdict(token) == reason


def test_alg_none_is_refused_even_with_a_signature(tenant):
    tenant.configure()
    unsigned = jwt.encode(tenant.claims(), None, "none")
    assert tenant.verdict(unsigned + "AAAA") == "alg-not-rs256"


def test_signature_must_be_of_the_registered_key(tenant, other_key):
    tenant.configure()
    assert tenant.verdict(tenant.jwt(key=other_key)) == "bad-signature"
    head, _, signature = tenant.jwt().rpartition(".")
    flipped = ("A" if signature[9] != "A" else "B").join(
        (signature[:9], signature[10:])
    )
    assert tenant.verdict(f"{head}.{flipped}") == "bad-signature"
    assert tenant.verdict(f"{head}.{signature}") == "ok"


def test_compact_form_must_be_canonical_base64url_and_strict_json(tenant):
    tenant.configure()
    good = tenant.jwt()
    for token in (
        good + "=",
        good.replace(".", "..", 1),
        good + ".e30",
        " " + good,
        good[:20] + "\n" + good[20:],
        "x",
    ):
        assert tenant.verdict(token) == "malformed"
    twice = b'{"iss":"%s","iss":"%s"}' % ((ISSUER.encode(),) * 2)
    token = jwt.api_jws.encode(twice, tenant.key, "RS256")
    assert tenant.verdict(token) == "malformed"
    assert tenant.verdict(good) == "ok"


def sized(tenant, limit):
    """A JWT just within the limit and one just over it."""
    spare = limit - len(tenant.jwt(pad=""))
    within = ""
    for length in range(spare * 3 // 4 - 8, spare):
        token = tenant.jwt(pad="x" * length)
        if len(token) > limit:
            return within, token
        within = token
    raise AssertionError("not reached")


def test_size_bound_is_8192_bytes_and_answers_101002(tenant):
    tenant.configure()
    within, over = sized(tenant, 8192)
    assert tenant.verdict(within) == "ok"
    assert tenant.verdict(over) == "too-large"
    assert tenant.signin(within).status == 200
    reply = tenant.signin(over)
    assert reply.status == 401
    assert reply.json()["error"]["code"] == "401001"
    assert "Signin Error (101002)" in reply.json()["error"]["detail"]


def test_disabled_configuration_is_its_own_reason(tenant):
    config = tenant.configure()
    path = f"/api/v1/uat-configurations/{config['configId']}"
    tenant.tcm("PUT", path, tenant.config_body(enabled=False))
    assert tenant.verdict(tenant.jwt()) == "config-disabled"
    tenant.tcm("PUT", path, tenant.config_body())
    assert tenant.verdict(tenant.jwt()) == "ok"


def test_every_configuration_of_the_issuer_is_tried(tenant, other_key):
    tenant.configure(name="old", publicKey=public_pem(other_key))
    tenant.configure(name="new")
    assert tenant.verdict(tenant.jwt()) == "ok"
    assert tenant.verdict(tenant.jwt(key=other_key)) == "ok"
    # The refusal comes from the candidate whose key it is.
    token = tenant.jwt(key=other_key, scp=["tableau:jobs:read"])
    assert tenant.verdict(token) == "scope-not-in-config"


def test_username_claim_is_the_one_the_configuration_names(tenant):
    tenant.configure(usernameClaim="upn")
    assert tenant.verdict(tenant.jwt()) == "username-missing"
    assert tenant.verdict(tenant.jwt("email", upn=tenant.admin)) == "ok"


def test_configuration_without_scopes_bounds_none(tenant):
    tenant.configure(scopes=None)
    assert tenant.verdict(tenant.jwt(scp=["tableau:users:*"])) == "ok"
    assert tenant.verdict(tenant.jwt(scp=["tableau:*"])) == "scope-grammar"


def test_resource_must_be_listed(tenant):
    tenant.configure(name="site", resourceIds=[tenant.site["luid"]])
    assert tenant.verdict(tenant.jwt()) == "resource-not-listed"
    assert tenant.signin(tenant.jwt()).status == 200
    tenant.sim.reset()
    fresh = type(tenant)(tenant.sim, tenant.key)
    fresh.configure(resourceIds=[tenant.id])
    assert fresh.verdict(fresh.jwt()) == "ok"
    assert fresh.signin(fresh.jwt()).status == 401
    assert fresh.sim.last_reason() == "resource-not-listed"


def test_only_a_cloud_admin_gets_a_tcm_session(tenant):
    tenant.configure()
    assert tenant.verdict(tenant.jwt(email=tenant.viewer)) == "not-cloud-admin"
    assert tenant.verdict(tenant.jwt(email=tenant.admin)) == "ok"
    assert tenant.signin(tenant.jwt(email=tenant.viewer)).status == 200


def test_user_must_be_on_the_site(tenant):
    luids = [tenant.site["luid"], tenant.other_site["luid"]]
    tenant.configure(resourceIds=luids)
    other = tenant.other_site["contentUrl"]
    token = tenant.jwt(email=tenant.viewer)
    assert tenant.signin(token, other).status == 401
    assert tenant.sim.last_reason() == "not-on-site"
    assert tenant.signin(tenant.jwt(), other).status == 200


def test_expiry_follows_the_movable_clock(tenant):
    tenant.configure()
    token = tenant.jwt()
    assert tenant.verdict(token) == "ok"
    tenant.sim.advance(HOUR)
    assert tenant.verdict(token) == "expired"
    start = now() + HOUR
    later = tenant.jwt(iat=start, exp=start + 300)
    assert tenant.verdict(later) == "ok"


def test_jti_may_repeat_unless_the_switch_refuses_it(tenant):
    tenant.configure()
    token = tenant.jwt()
    assert tenant.verdict(token) == "ok"
    assert tenant.verdict(token) == "ok"
    tenant.sim.set(jti_replay="refuse")
    assert tenant.verdict(token) == "jti-replayed"
    assert tenant.verdict(tenant.jwt()) == "ok"


class TestKeySet:
    """A configuration with a jwksUri, which is really fetched."""

    def configure(self, tenant, uri):
        tenant.configure(publicKey=None, jwksUri=uri)

    def test_kid_picks_the_key(self, tenant, key, other_key):
        keys = key_set(other_key, "k0")["keys"] + key_set(key, "k1")["keys"]
        self.configure(tenant, tenant.sim.publish({"keys": keys}))
        assert tenant.verdict(tenant.jwt()) == "kid-missing"
        for kid, reason in (
            ("k1", "ok"),
            ("k0", "bad-signature"),
            ("k2", "kid-unknown"),
        ):
            token = tenant.jwt(headers={"kid": kid})
            assert tenant.verdict(token) == reason

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda jwks: b"{",
            lambda jwks: [],
            lambda jwks: {"keys": jwks["keys"] * 2},
            lambda jwks: {"keys": [{**jwks["keys"][0], "kty": "EC"}]},
            lambda jwks: {"keys": [{**jwks["keys"][0], "d": "AQAB"}]},
            lambda jwks: {"keys": [{**jwks["keys"][0], "use": "enc"}]},
            lambda jwks: {**jwks, "filler": "x" * 65536},
        ],
    )
    def test_unusable_set_is_refused(self, tenant, key, spoil):
        token = tenant.jwt(headers={"kid": "k1"})
        self.configure(tenant, tenant.sim.publish(spoil(key_set(key))))
        assert tenant.verdict(token) == "jwks-invalid"
        tenant.sim.publish(key_set(key))
        assert tenant.verdict(token) == "ok"

    def test_unreachable_set_is_refused(self, tenant, key):
        token = tenant.jwt(headers={"kid": "k1"})
        self.configure(tenant, f"{tenant.sim.url}/_sim/jwks.json")
        assert tenant.verdict(token) == "jwks-unreachable"
        tenant.sim.publish(key_set(key))
        tenant.sim.faults(
            {"match": {"path-prefix": "/_sim/jwks.json"}, "action": "reset"}
        )
        assert tenant.verdict(token) == "jwks-unreachable"
        assert tenant.verdict(token) == "ok"
