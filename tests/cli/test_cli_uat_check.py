"""uat check: each fault is found by its own point, and by no other."""

import base64
import json
import textwrap
from dataclasses import dataclass, field
from typing import Any, Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cli_cloud import CONFIGS, ISSUER, JWT_LOGIN, PAT_LOGIN, SCOPES, SIGN_IN, Cloud
from cli_foreign import BROKEN, add_foreign_key, allow
from cli_jose import jwk, public_pem
from cli_listen import held
from cli_run import Result, fails, strict_json

OTHER_TENANT = "1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b"
CHECK_READS = "tableau:tcm_uat_configs:read"


@dataclass
class Verdict:
    result: Result
    value: dict[str, Any]

    def named(self, result: str) -> list[str]:
        points = self.value["points"]
        return [p["name"] for p in points if p["result"] == result]

    def point(self, name: str) -> dict[str, Any]:
        (point,) = [p for p in self.value["points"] if p["name"] == name]
        return point


def check(signet, *words, env=None, stdin=None) -> Verdict:
    """A run, which tells the same on stdout, on stderr and by its exit."""
    kept = signet.kept()
    result = signet("uat", "check", *words, "--json", env=env, stdin=stdin)
    verdict = Verdict(result, strict_json(result.stdout))
    failed, unknown = verdict.named("fail"), verdict.named("unknown")
    for name in failed + unknown:
        assert verdict.point(name)["fix"], f"{name} says no way out"
    last = result.stderr.splitlines()[-1:] if failed or unknown else []
    told = failed or unknown
    if told:
        assert last[0].endswith(": " + ", ".join(told)), result.stderr
    assert result.rc == (7 if failed else 1 if unknown else 0), result.stderr
    worst = "fail" if failed else "unknown" if unknown else None
    if worst:
        assert verdict.value["result"] == worst
    else:
        assert verdict.value["result"] in ("pass", "warn")
    assert signet.kept() == kept, "a check leaves the sessions alone"
    return verdict


def judgements(cloud: Cloud) -> list[str]:
    """What the service truly thought of each JWT that was sent."""
    sign_ins = (JWT_LOGIN, SIGN_IN)
    return [
        entry["reason"]
        for entry in cloud.entries()
        if f"{entry['method']} {entry['path']}" in sign_ins
    ]


# Each fault alone


@dataclass
class Fault:
    """What is wrong, which point must find it, and what the service says."""

    point: str
    reason: str = ""
    words: list[str] = field(default_factory=list)
    env: dict[str, str | None] = field(default_factory=dict)
    config: Callable[[Cloud], dict[str, Any]] = lambda cloud: {}
    before: Callable[[Cloud], None] = lambda cloud: None
    refused: tuple[str, ...] = ("sign-in-tcm", "sign-in-site")
    told: tuple[str, ...] = ()


def foreign_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return public_pem(key.public_key())


def from_jwks(publish: Callable[[Cloud], Any]):
    def change(cloud):
        uri = cloud.sim.publish(publish(cloud))
        return {"publicKey": None, "jwksUri": uri}

    return change


def own_set(cloud, **changes):
    return json.loads(
        cloud.signet.ok("key", "export", "--format", "jwks")
    ) | changes


def other_kid(cloud):
    keys = own_set(cloud)
    keys["keys"][0]["kid"] = "another"
    return keys


def other_key(cloud):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = own_set(cloud)["keys"][0]["kid"]
    return {"keys": [jwk(key.public_key(), kid)]}


def unreachable(cloud):
    return {"publicKey": None, "jwksUri": f"{cloud.sim.url}/_sim/jwks.json"}


FAULTS = {
    "issuer": Fault(
        "issuer",
        "issuer-unknown",
        ["--issuer", "https://other.example"],
        told=("https://other.example", ISSUER),
    ),
    "issuer-slash": Fault(
        "issuer", "issuer-unknown", ["--issuer", f"{ISSUER}/"], told=("slash",)
    ),
    "issuer-case": Fault(
        "issuer",
        "issuer-unknown",
        ["--issuer", ISSUER.replace("signet", "Signet")],
        told=("case",),
    ),
    "issuer-scheme": Fault(
        "issuer",
        "issuer-unknown",
        ["--issuer", ISSUER.replace("https", "http")],
        told=("scheme",),
    ),
    "tenant": Fault(
        "tenant",
        "tenant-mismatch",
        env={"CLOUD_MANAGER_TENANT_ID": OTHER_TENANT},
        told=(OTHER_TENANT,),
    ),
    "disabled": Fault(
        "enabled", "config-disabled", config=lambda cloud: {"enabled": False}
    ),
    "username-claim": Fault(
        "username-claim",
        "username-missing",
        config=lambda cloud: {"usernameClaim": "sub"},
        told=('"email"', '"sub"'),
    ),
    "scope": Fault(
        "scopes",
        "scope-not-in-config",
        ["--scope", "tableau:tcm_users:read,tableau:content:read"],
        told=("tableau:tcm_users:read",),
    ),
    "wildcard": Fault(
        "wildcards",
        "scope-wildcard",
        ["--scope", "tableau:users:*", "--scope", SCOPES[0]],
        told=("tableau:users:*",),
    ),
    "resource-tenant": Fault(
        "resource-tenant",
        "resource-not-listed",
        config=lambda cloud: {"resourceIds": [cloud.site["luid"]]},
        refused=("sign-in-tcm",),
    ),
    "resource-site": Fault(
        "resource-site",
        "resource-not-listed",
        config=lambda cloud: {"resourceIds": [cloud.tenant]},
        refused=("sign-in-site",),
    ),
    "key": Fault(
        "public-key",
        "bad-signature",
        config=lambda cloud: {"publicKey": foreign_pem()},
        told=("thumbprint",),
    ),
    "kid-missing": Fault(
        "kid", "kid-missing", ["--kid", "none"], config=from_jwks(own_set)
    ),
    "kid-unknown": Fault("jwks", "kid-unknown", config=from_jwks(other_kid)),
    "jwks-key": Fault("jwks", "bad-signature", config=from_jwks(other_key)),
    "jwks-invalid": Fault(
        "jwks", "jwks-invalid", config=from_jwks(lambda cloud: [])
    ),
    "jwks-unreachable": Fault("jwks", "jwks-unreachable", config=unreachable),
    "clock-ahead": Fault(
        "clock",
        "iat-future",
        before=lambda cloud: cloud.sim.advance(-120),
        told=("ahead",),
    ),
    "clock-behind": Fault(
        "clock",
        "expired",
        before=lambda cloud: cloud.sim.advance(400),
        told=("behind",),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_by_its_point_alone(cloud, signet, name):
    fault = FAULTS[name]
    cloud.configure(**fault.config(cloud))
    fault.before(cloud)
    offline = check(signet, *fault.words, env=fault.env)
    assert offline.named("fail") == [fault.point]
    assert offline.named("unknown") == []
    for word in fault.told:
        assert word in offline.point(fault.point)["found"]
    assert judgements(cloud) == []

    online = check(signet, *fault.words, "--online", env=fault.env)
    assert online.named("fail") == [fault.point, *fault.refused]
    wanted = [
        fault.reason if point in fault.refused else "ok"
        for point in ("sign-in-tcm", "sign-in-site")
    ]
    assert judgements(cloud) == wanted


def test_nothing_is_found_where_nothing_is_wrong(configured, signet):
    assert check(signet).named("pass")[:2] == ["key", "policy"]
    verdict = check(signet, "--online")
    assert verdict.named("pass") == [p["name"] for p in verdict.value["points"]]
    assert judgements(configured) == ["ok", "ok"]
    assert "DELETE /api/v2/sessions" == configured.asked()[2]
    assert configured.asked()[-1].endswith("/auth/signout")
    assert signet.kept() == []


def test_the_user_may_be_in_a_claim_of_ones_own(cloud, signet):
    """It fits the configuration, though no setting names the claim."""
    cloud.configure(usernameClaim="x")
    words = ("--claim", f"x={cloud.admin}")
    offline = check(signet, *words)
    assert offline.named("fail") == offline.named("unknown") == []
    assert "only --online" in offline.point("user")["found"]
    online = check(signet, *words, "--online")
    assert online.named("fail") == online.named("unknown") == []
    assert online.point("user")["found"] == f"named: {cloud.admin}"
    assert judgements(cloud) == ["ok", "ok"]


def test_a_published_key_set_is_looked_at(cloud, signet):
    cloud.configure(**from_jwks(own_set)(cloud))
    verdict = check(signet, "--online")
    assert verdict.named("fail") == verdict.named("unknown") == []
    assert verdict.point("jwks")["result"] in ("pass", "warn")
    assert verdict.point("kid")["result"] == "pass"
    assert judgements(cloud) == ["ok", "ok"]


def padded(cloud):
    keys = own_set(cloud)
    keys["keys"][0]["n"] += "=="
    return keys


def zero_in_front(cloud):
    keys = own_set(cloud)
    jwk = keys["keys"][0]
    number = base64.urlsafe_b64decode(jwk["n"] + "==")
    jwk["n"] = base64.urlsafe_b64encode(b"\0" + number).decode().rstrip("=")
    return keys


def for_signing(cloud):
    keys = own_set(cloud)
    keys["keys"][0]["key_ops"] = ["sign"]
    return keys


@pytest.mark.parametrize("publish", [padded, zero_in_front, for_signing])
def test_what_a_service_overlooks_is_a_warning(cloud, signet, publish):
    made = cloud.configure(**from_jwks(publish)(cloud))
    verdict = check(signet, "--online")
    assert verdict.named("fail") == verdict.named("unknown") == []
    assert verdict.point("jwks")["result"] == "warn"
    assert judgements(cloud) == ["ok", "ok"]
    points = signet.json("jwks", "check", made["jwksUri"])["points"]
    results = {p["name"]: p["result"] for p in points}
    assert results["keys"] == results["key"] == "warn"


def large(cloud):
    return own_set(cloud, pad="x" * 70_000)


def test_a_set_that_may_be_too_large_is_unknown(cloud, signet):
    """How much Tableau reads is not established; the simulator stops."""
    cloud.configure(**from_jwks(large)(cloud))
    verdict = check(signet)
    assert verdict.named("fail") == []
    assert verdict.named("unknown") == ["jwks"]
    assert "bytes" in verdict.point("jwks")["found"]
    check(signet, "--online")
    assert judgements(cloud) == ["jwks-invalid", "jwks-invalid"]


def test_a_set_that_comes_late_is_unknown(cloud, signet):
    cloud.configure(**from_jwks(own_set)(cloud))
    match = {"path-prefix": "/_sim/jwks"}
    cloud.sim.faults({"match": match, "delay_s": 5.1})
    verdict = check(signet)
    assert verdict.named("fail") == []
    assert verdict.named("unknown") == ["jwks"]
    assert "over trusted TLS, but" in verdict.point("jwks")["found"]


# What keeps a JWT from being made: no sign-in is tried


@pytest.mark.parametrize(
    "words, env, point, told",
    [
        ([], {"TABLEAU_CLOUD_USERNAME": None}, "user", "TABLEAU_CLOUD_USERNAME"),
        ([], {"SIGNET_ISSUER": None}, "issuer", "SIGNET_ISSUER"),
        ([], {"SIGNET_ISSUER": "YOUR-ISSUER"}, "issuer", "SIGNET_ISSUER"),
        ([], {"CLOUD_MANAGER_TENANT_ID": "mine"}, "tenant", "UUID"),
        ([], {"CLOUD_MANAGER_TENANT_ID": None}, "tenant", "not set"),
        ([], {"SIGNET_SCOPES": None}, "scope-grammar", "no scope"),
        (["--scope", "tableau:*"], {}, "scope-grammar", "tableau:*"),
        (["--scope", "content:read"], {}, "scope-grammar", "content:read"),
        (["--lifetime", "11m"], {}, "lifetime", "10 minutes"),
        ([], {"SIGNET_JWT_LIFETIME": "0"}, "lifetime", "1 s"),
        (["--claim", "scp=x"], {}, "jwt", "scp"),
        ([], {"SIGNET_KEY": "pkcs11:object=none"}, "key", "none"),
    ],
)
def test_what_cannot_be_signed_is_not_sent(
    configured, signet, words, env, point, told
):
    verdict = check(signet, *words, "--online", env=env)
    assert verdict.named("fail") == [point]
    assert told in verdict.point(point)["found"]
    assert judgements(configured) == []
    for name in verdict.named("unknown"):
        assert name in ("sign-in-tcm", "sign-in-site", "public-key")


def test_a_jwt_that_is_too_large(cloud, signet):
    scopes = [f"tableau:made_up_for_this_test_{i}:read" for i in range(250)]
    cloud.configure(scopes=scopes)
    verdict = check(signet, "--online", env={"SIGNET_SCOPES": " ".join(scopes)})
    assert verdict.named("fail") == ["jwt"]
    assert "8192" in verdict.point("jwt")["found"]
    assert judgements(cloud) == []


def test_a_missing_pin_is_unknown_and_no_fault(configured, signet):
    env = {"SIGNET_PIN_SOURCE": None}
    verdict = check(signet, env=env)
    assert verdict.named("fail") == []
    assert verdict.named("unknown") == ["key", "public-key"]


def test_a_key_that_breaks_the_policy(cloud, signet, own_token):
    env = {**own_token.env, "SIGNET_KEY": add_foreign_key(own_token)}
    cloud.configure(publicKey=signet.ok("key", "export", env=env))
    verdict = check(signet, "--online", env=env)
    assert verdict.named("fail") == ["policy"]
    assert verdict.named("unknown") == ["sign-in-tcm", "sign-in-site"]
    for rule in BROKEN:
        assert rule in verdict.point("policy")["found"]
    assert judgements(cloud) == []
    verdict = check(signet, "--online", *allow(*BROKEN), env=env)
    assert verdict.named("fail") == verdict.named("unknown") == []
    assert judgements(cloud) == ["ok", "ok"]


# What only a sign-in shows


@pytest.mark.parametrize(
    "words, switches, refused, reasons",
    [
        (
            ["--user", "nobody@signet.example"],
            {},
            ["sign-in-tcm", "sign-in-site"],
            ["user-unknown", "user-unknown"],
        ),
        (["--user", "VIEWER"], {}, ["sign-in-tcm"], ["not-cloud-admin", "ok"]),
        (
            [],
            {"max_lifetime": 60},
            ["sign-in-tcm", "sign-in-site"],
            ["lifetime-too-long", "lifetime-too-long"],
        ),
        ([], {"tcm_jwt_size": 500}, ["sign-in-tcm"], ["too-large", "ok"]),
        ([], {"jti_replay": "refuse"}, [], ["ok", "ok"]),
    ],
    ids=["user", "viewer", "lifetime", "size", "replay"],
)
def test_a_sign_in_shows_what_nothing_else_can(
    configured, signet, words, switches, refused, reasons
):
    words = [configured.viewer if w == "VIEWER" else w for w in words]
    configured.sim.set(**switches)
    try:
        assert check(signet, *words).named("fail") == []
        verdict = check(signet, *words, "--online")
    finally:
        configured.sim.set(max_lifetime=600, tcm_jwt_size=8192, jti_replay="allow")
    assert verdict.named("fail") == refused
    assert judgements(configured) == reasons


def test_a_user_who_is_not_on_the_site(cloud, signet):
    cloud.configure(resourceIds=[cloud.other_site["luid"]])
    words = ["--user", cloud.viewer, "--scope", "tableau:content:read"]
    words += ["--site", cloud.other_site["contentUrl"], "--online"]
    verdict = check(signet, *words)
    assert verdict.named("fail") == ["sign-in-site"]
    assert verdict.named("unknown") == []
    assert judgements(cloud) == ["not-on-site"]


def test_a_site_that_does_not_exist(configured, signet):
    verdict = check(signet, "--site", "nowhere", "--online")
    assert verdict.named("fail") == ["resource-site", "sign-in-site"]
    assert judgements(configured) == ["ok", "site-unknown"]


def test_a_site_is_looked_up(cloud, signet):
    """Its id is not known here: with --site, or where it is not set."""
    cloud.configure(resourceIds=[cloud.tenant, cloud.other_site["luid"]])
    verdict = check(signet, "--site", cloud.other_site["contentUrl"], "--online")
    assert verdict.named("fail") == verdict.named("unknown") == []
    assert cloud.other_site["luid"] in verdict.point("resource-site")["found"]
    assert judgements(cloud) == ["ok", "ok"]
    verdict = check(signet, env={"TABLEAU_CLOUD_SITE_LUID": None})
    assert verdict.named("fail") == ["resource-site"]
    assert cloud.site["luid"] in verdict.point("resource-site")["found"]


@pytest.mark.parametrize("member", ["luid", "contentUrl"])
def test_a_site_is_named_by_its_content_url(configured, signet, member):
    """Not by its id, nor in other letters."""
    verdict = check(signet, "--site", configured.site[member].upper(), "--online")
    assert verdict.named("fail") == ["resource-site", "sign-in-site"]
    found = verdict.point("resource-site")["found"]
    assert f'"{configured.site["contentUrl"]}"' in found
    assert judgements(configured) == ["ok", "site-unknown"]


def test_a_site_that_may_not_be_looked_up_is_unknown(cloud, signet):
    scopes = [CHECK_READS, "tableau:content:read"]
    cloud.configure(scopes=scopes)
    words = ["--jwt", "--site", cloud.site["contentUrl"]]
    words += ["--scope", ",".join(scopes)]
    verdict = check(signet, *words)
    assert verdict.named("unknown") == ["resource-site"]
    assert "tableau:tcm_sites:read" in verdict.point("resource-site")["fix"]


def test_another_site_answers(cloud, signet):
    ids = [cloud.tenant, cloud.site["luid"], cloud.other_site["luid"]]
    cloud.configure(resourceIds=ids)
    env = {"TABLEAU_CLOUD_SITE_LUID": cloud.other_site["luid"]}
    verdict = check(signet, "--online", env=env)
    assert verdict.named("fail") == ["sign-in-site"]
    assert "TABLEAU_CLOUD_SITE_LUID" in verdict.point("sign-in-site")["found"]


def test_a_scope_that_nobody_documents_is_settled_by_a_sign_in(cloud, signet):
    scope = "tableau:contents:read"
    cloud.configure(scopes=[])
    words = ["--scope", scope]
    verdict = check(signet, *words)
    assert verdict.named("unknown") == ["scope-names"]
    assert "tableau:content:read" in verdict.point("scope-names")["fix"]
    verdict = check(signet, *words, "--online")
    assert verdict.named("unknown") == []
    assert verdict.result.stderr.count(scope) == 1, "told once"


def test_a_pod_that_is_too_old(configured, signet):
    configured.sim.set(rest_version="3.26")
    try:
        verdict = check(signet)
    finally:
        configured.sim.set(rest_version="3.28")
    assert verdict.named("fail") == ["api-version"]
    assert "3.26" in verdict.point("api-version")["found"]


def test_a_clock_a_little_ahead_is_told_before_it_is_refused(configured, signet):
    configured.sim.advance(-30)
    verdict = check(signet, "--online")
    assert verdict.named("fail") == ["clock"]
    assert judgements(configured) == ["ok", "ok"], "the skew is allowed here"
    assert check(signet, "--backdate", "30s").named("fail") == []


def test_a_stopped_host_is_told(configured, signet):
    signet.ok("uat", "stop", "--pat")
    path = f"{CONFIGS}/{configured.configs()[0]['configId']}"
    configured.rest("PUT", path, configured.config_body())
    verdict = check(signet, "--online")
    assert verdict.named("fail") == ["jwt"]
    assert "signet uat stop --lift" in verdict.point("jwt")["found"]
    assert judgements(configured)[-1] != "ok"
    signet.ok("uat", "stop", "--lift")
    assert check(signet).named("fail") == []


# Which configuration


def test_it_is_named_by_name_or_id(configured, signet):
    made = configured.configure(name="second", enabled=False)
    for name in ("second", made["configId"]):
        verdict = check(signet, name)
        assert verdict.value["configId"] == made["configId"]
        assert verdict.named("fail") == ["enabled"]


@pytest.mark.parametrize("name", ["third", OTHER_TENANT])
def test_a_configuration_that_is_not_there(configured, signet, name):
    verdict = check(signet, name)
    assert verdict.named("fail") == ["configuration"]
    assert "signet uat" in verdict.point("configuration")["fix"]
    assert verdict.point("jwt")["result"] == "pass"


def test_no_configuration_at_all(cloud, signet):
    verdict = check(signet)
    assert verdict.named("fail") == ["configuration"]


def test_of_several_with_the_issuer_the_one_with_the_key(configured, signet):
    configured.configure(name="second", publicKey=foreign_pem())
    verdict = check(signet)
    first = [c for c in configured.configs() if c["name"] == "signet"][0]
    assert verdict.value["configId"] == first["configId"]
    assert verdict.point("same-issuer")["result"] == "warn"
    assert verdict.value["result"] == "warn" and verdict.result.rc == 0


def test_several_that_fit_are_listed(configured, signet):
    made = configured.configure(name="second")
    line = fails(signet("uat", "check"), 2, "second", made["configId"])
    assert all(c["configId"] in line for c in configured.configs())
    assert check(signet, "second").result.rc == 0


def test_of_several_that_bear_a_name_none_is_taken(cloud, signet):
    both = [
        {"configId": OTHER_TENANT, "name": "x"},
        {"configId": OTHER_TENANT[::-1], "name": "x"},
    ]
    file = signet.config(json.dumps(both), "list.json")
    fails(signet("uat", "check", "x", "--config-file", file), 2, OTHER_TENANT)
    assert cloud.asked() == []


# How it is read


def test_the_pat_reads_it_though_the_jwt_is_broken(cloud, signet):
    cloud.configure(enabled=False)
    check(signet)
    assert cloud.asked()[0] == PAT_LOGIN and JWT_LOGIN not in cloud.asked()


@pytest.mark.parametrize("pat", [None, "pat.expired"])
def test_a_jwt_reads_it_where_the_pat_cannot(cloud, signet, pat):
    scopes = [*SCOPES, CHECK_READS]
    cloud.configure(scopes=scopes)
    path = None if pat is None else str(cloud.sim.directory / pat)
    env = {"CLOUD_MANAGER_PAT_SECRET_FILE": path}
    verdict = check(signet, env={**env, "SIGNET_SCOPES": " ".join(scopes)})
    assert verdict.named("fail") == verdict.named("unknown") == []
    assert JWT_LOGIN in cloud.asked()


def test_where_neither_can_the_rest_is_checked_all_the_same(cloud, signet):
    cloud.configure(enabled=False)
    path = str(cloud.sim.directory / "pat.expired")
    verdict = check(signet, env={"CLOUD_MANAGER_PAT_SECRET_FILE": path})
    assert verdict.named("fail") == []
    found = verdict.point("configuration")
    assert found["result"] == "unknown" and "with a JWT" in found["found"]
    for name in ("key", "policy", "jwt", "scope-grammar", "clock"):
        assert verdict.point(name)["result"] == "pass"
    assert verdict.point("issuer")["result"] == "unknown"


def test_without_a_network_the_rest_is_checked_all_the_same(cloud, signet):
    with held() as port:
        url = f"https://localhost:{port}"
        env = {"CLOUD_MANAGER_URL": url, "TABLEAU_CLOUD_POD_URL": url}
        verdict = check(signet, "--online", env=env)
    assert verdict.named("fail") == []
    assert verdict.point("jwt")["result"] == "pass"
    wanted = ("configuration", "clock", "api-version")
    for name in (*wanted, "sign-in-tcm", "sign-in-site"):
        assert verdict.point(name)["result"] == "unknown"


def test_pat_and_jwt_exclude_each_other(cloud, signet):
    fails(signet("uat", "check", "--pat", "--jwt"), 2, "--pat", "--jwt")


# A saved configuration


def saved(signet, config, name="saved.json"):
    return signet.config(json.dumps(config), name)


@pytest.mark.parametrize("shape", ["get", "list", "service"])
def test_a_saved_configuration_is_checked_offline(configured, signet, shape):
    made = configured.configs()[0]
    words = {"get": ["uat", "get", made["configId"]], "list": ["uat", "list"]}
    if shape == "service":
        file = saved(signet, made)
    else:
        text = signet.ok(*words[shape], "--pat", "--no-cache", "--json")
        file = signet.config(text, "saved.json")
    before = len(configured.asked())
    verdict = check(signet, "--config-file", file)
    assert verdict.named("fail") == []
    assert verdict.named("unknown") == ["clock", "api-version"]
    assert len(configured.asked()) == before, "it is offline"
    online = check(signet, "--config-file", file, "--online")
    assert online.named("unknown") == []
    on_stdin = check(
        signet, "--config-file", "-", stdin=file.read_text()
    )
    assert on_stdin.named("fail") == []


@pytest.mark.parametrize(
    "change, point, result",
    [
        ({"publicKeyActive": None}, "key-source", "fail"),
        ({"jwksUri": "https://k.example/jwks"}, "key-source", "unknown"),
        ({"resourceIds": []}, "resources", "fail"),
        ({"resourceIds": [""]}, "resources", "fail"),
        ({"resourceIds": ["YOUR-SITE-LUID"]}, "resources", "fail"),
        ({"publicKeyActive": "garbage"}, "public-key", "fail"),
        ({"scopes": []}, "scopes", "pass"),
        ({"scopes": None}, "scopes", "pass"),
        ({"scopes": ["tableau:*:*"]}, "scopes", "fail"),
        ({"scopes": [*SCOPES[:2], "tableau:users:*"]}, "scopes", "unknown"),
        ({"tenantId": None}, "tenant", "unknown"),
        ({"issuer": None}, "issuer", "fail"),
        ({"usernameClaim": None}, "username-claim", "fail"),
    ],
)
def test_what_the_service_would_not_take_in_a_file(
    configured, signet, change, point, result
):
    config = configured.configs()[0] | change
    file = saved(signet, config)
    verdict = check(signet, "--config-file", file)
    assert verdict.point(point)["result"] == result, verdict.value
    extra = {"resource-tenant", "resource-site"} if point == "resources" else set()
    if result == "fail":
        assert set(verdict.named("fail")) - extra == {point}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda pem: pem.replace("\n", "\r\n"),
        lambda pem: pem.replace("\n", ""),
        lambda pem: pem.replace("\n", " "),
        lambda pem: "\n".join(textwrap.wrap("".join(pem.split("\n")[1:-2]), 76)),
        lambda pem: "\n\n" + pem.strip() + "\n\n",
    ],
    ids=["crlf", "one-line", "spaces", "bare", "padded"],
)
def test_a_key_is_the_same_however_its_text_is_wrapped(configured, signet, wrap):
    config = configured.configs()[0]
    pem = wrap(config["publicKeyActive"])
    if "BEGIN" not in pem:
        pem = f"-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n"
    file = saved(signet, {**config, "publicKeyActive": pem})
    verdict = check(signet, "--config-file", file)
    assert verdict.point("public-key")["result"] == "pass"


@pytest.mark.parametrize("text", ["", "hello", "[1]", '{"a":1,"a":2}', '"x"', "{}"])
def test_a_file_that_holds_no_configuration(cloud, signet, text):
    file = signet.config(text, "saved.json")
    fails(signet("uat", "check", "--config-file", file), 2, "--config-file")


def test_a_file_that_is_not_there(cloud, signet):
    fails(signet("uat", "check", "--config-file", "nope.json"), 1, "nope.json")


# Text that is not ours


def test_the_service_cannot_drive_the_terminal(cloud, signet):
    made = cloud.configure(name="a\x1b[2Jb\u0085")
    result = signet("uat", "check", made["configId"])
    assert result.rc == 0, result.stderr
    assert all(line.isprintable() for line in result.stdout.splitlines())


def test_the_lines_for_people(cloud, signet):
    cloud.configure(enabled=False)
    result = signet("uat", "check")
    assert result.rc == 7
    lines = result.stdout.splitlines()
    (at,) = [i for i, line in enumerate(lines) if line.startswith("FAIL ")]
    assert lines[at].split()[1] == "enabled"
    assert "signet uat enable" in lines[at + 1]
    assert result.stderr == "signet: the check fails: enabled\n"
