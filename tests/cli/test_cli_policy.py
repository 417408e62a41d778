"""The policy for keys: what signs, what is shown, what --allow does."""

import jwt
import pytest

from cli_foreign import BROKEN, add_foreign_key, allow
from cli_run import fails, strict_json, succeeds


@pytest.fixture
def foreign(signet, own_token):
    """signet with a token that holds a second key, made by pkcs11-tool."""
    signet.env.update(own_token.env)
    signet.env["SIGNET_KEY"] = add_foreign_key(own_token)
    return signet


def verdicts(audit):
    return {row["attribute"]: row["verdict"] for row in audit["policy"]}


def test_own_key_keeps_every_rule(signet):
    audit = signet.json("key", "audit")
    assert audit["keepsPolicy"] is True
    assert set(verdicts(audit).values()) == {"pass"}
    names = [row["rule"] for row in audit["policy"]]
    assert {"extractable", "sensitive", "local", "mechanisms"} <= set(names)


def test_audit_as_text_has_a_line_for_each_attribute(signet):
    lines = signet.ok("key", "audit").splitlines()
    assert lines[0].startswith("uri ")
    assert all(line.startswith("pass ") for line in lines[1:])
    assert any(
        line.split() == ["pass", "extractable", "CKA_EXTRACTABLE", "false"]
        for line in lines
    )


def test_audit_of_a_bad_key_prints_the_verdict_and_exits_7(foreign):
    result = foreign("key", "audit", "--json")
    assert result.rc == 7
    audit = strict_json(result.stdout)
    assert audit["keepsPolicy"] is False
    assert verdicts(audit)["CKA_DECRYPT"] == "FAIL"
    assert verdicts(audit)["CKA_MODIFIABLE"] == "FAIL"
    assert verdicts(audit)["CKA_LOCAL"] == "pass"
    assert verdicts(audit)["CKA_ALLOWED_MECHANISMS"] == "unknown"
    assert result.stderr == (
        "signet: the key breaks the policy: sign-only, modifiable\n"
    )


def test_audit_does_not_listen_to_allow(foreign):
    assert foreign("key", "audit", *allow(*BROKEN)).rc == 7


@pytest.mark.parametrize("command", [["jwt", "sign"], ["key", "evidence"]])
def test_a_key_that_breaks_rules_does_not_sign(foreign, command):
    line = fails(foreign(*command), 7, "CKA_DECRYPT is true", "key audit")
    assert "--allow sign-only --allow modifiable" in line


@pytest.mark.parametrize("rule", BROKEN)
def test_one_allowed_rule_is_not_both(foreign, rule):
    (other,) = set(BROKEN) - {rule}
    words = ["--quiet", *allow(rule)]
    line = fails(foreign("jwt", "sign", *words), 7, f"--allow {other}")
    assert f"--allow {rule}" not in line


@pytest.mark.parametrize("by_setting", [False, True])
def test_allowed_rules_may_be_broken(foreign, by_setting):
    words = [] if by_setting else allow(*BROKEN)
    env = {"SIGNET_ALLOW": " ".join(BROKEN)} if by_setting else {}
    result = succeeds(foreign("jwt", "sign", *words, env=env))
    assert jwt.get_unverified_header(result.stdout.strip())["alg"] == "RS256"
    assert 'the rule "modifiable"' in result.stderr
    assert 'the rule "sign-only"' in result.stderr


def test_a_bad_key_can_be_looked_at(foreign):
    assert len(foreign.ok("key", "list").splitlines()) == 2
    shown = foreign.json("key", "show")
    assert shown["attributes"]["CKA_DECRYPT"] is True
    exported = foreign.json("key", "export", "--format", "jwk")
    assert shown["thumbprint"] == exported["thumbprint"]


def test_a_checkout_cannot_loosen_the_policy(foreign):
    foreign.local_env("SIGNET_ALLOW=sign-only,modifiable\n")
    fails(foreign("jwt", "sign"), 8, "./.env may not loosen", "--allow")


@pytest.mark.parametrize(
    "rule, words",
    [
        ("all", ["no rule", "extractable", "sign-only"]),
        ("bits", ["cannot be allowed", "2048"]),
    ],
)
def test_what_cannot_be_allowed_is_refused_before_a_pin_is_sent(
    signet, rule, words
):
    env = {"SIGNET_PIN_SOURCE": "file:/nowhere"}
    fails(signet("jwt", "sign", "--allow", rule, env=env), 2, *words)


def test_doctor_signs_with_no_bad_key(foreign):
    report = foreign.json("doctor", "--module")
    assert "sign-only" in report["notSigned"]
    assert report["signMicroseconds"] is None
    report = foreign.json("doctor", "--module", *allow(*BROKEN))
    assert report["notSigned"] is None
    assert report["signMicroseconds"] > 0


def test_doctor_tells_what_softhsm_does(signet):
    report = signet.json("doctor", "--module")
    assert report["secondLogin"] == "CKR_USER_ALREADY_LOGGED_IN"
    assert report["loginIsShared"] is True
    assert report["lastSessionLogsOut"] is True
    assert report["mechanismsAgree"] is True
    assert report["handleInChild"].startswith("CKR_")
    mechanisms = {m["name"]: m for m in report["mechanisms"]}
    assert mechanisms["CKM_SHA256_RSA_PKCS"]["signs"]
    assert mechanisms["CKM_RSA_PKCS_KEY_PAIR_GEN"]["maxSize"] >= 4096
    quirks = {quirk["name"] for quirk in report["quirks"]}
    assert "describes-removed-mechanisms" in quirks


def test_doctor_as_text_names_each_quirk(signet):
    text = signet.ok("doctor", "--module")
    assert "quirk                  spare-slot: " in text
    assert "mechanisms agree       yes\n" in text
