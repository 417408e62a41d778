"""jwt sign: scopes, and the 8,192 bytes that Tableau takes."""

import re

import pytest

from cli_jose import b64, claims, unb64
from cli_run import ROOT, fails, succeeds

READ, USERS = "tableau:content:read", "tableau:users:*"
NO_SCOPES = {"SIGNET_SCOPES": None}
MAX = 8192


def scp(signet, *options, **kwargs):
    return claims(signet.ok("jwt", "sign", *options, **kwargs))["scp"]


def known_scopes():
    text = (ROOT / "signer" / "scope_list.c").read_text()
    return re.findall(r'"(tableau:\w+:\w+)"', text)


def test_scope_options_replace_the_setting(signet):
    assert scp(signet, "--scope", USERS, "--scope", READ) == [USERS, READ]


@pytest.mark.parametrize(
    "text",
    [f"{READ} {USERS}", f"{READ},{USERS}", f"  {READ} ,\t{USERS}, "],
    ids=["space", "comma", "both"],
)
def test_the_setting_takes_spaces_and_commas(signet, text):
    assert scp(signet, env={"SIGNET_SCOPES": text}) == [READ, USERS]


def test_one_option_may_hold_several_scopes(signet):
    assert scp(signet, "--scope", f"{READ},{USERS}") == [READ, USERS]


def test_duplicates_are_dropped(signet):
    options = ["--scope", READ, "--scope", USERS, "--scope", READ]
    assert scp(signet, *options) == [READ, USERS]


@pytest.mark.parametrize("text", [None, "", " , "])
def test_a_jwt_without_scope_is_refused(signet, text):
    result = signet("jwt", "sign", env={"SIGNET_SCOPES": text})
    fails(result, 2, "scope", "--scope", "SIGNET_SCOPES")


@pytest.mark.parametrize(
    "scope",
    [
        "tableau:*",
        "tableau:*:read",
        "tableau:*:*",
        "tableau:users",
        "tableau:users:",
        "tableau::read",
        "tableau:users:re*",
        "tableau:users:read:more",
        "Tableau:users:read",
        "tableau:Users:read",
        "content:read",
        "*",
    ],
)
def test_what_is_no_scope_is_refused_by_name(signet, scope):
    fails(signet("jwt", "sign", "--scope", scope), 2, f'"{scope}"')


def test_a_wildcard_resource_is_explained(signet):
    result = signet("jwt", "sign", "--scope", "tableau:*")
    fails(result, 2, "action only", "tableau:users:*")


def test_an_undocumented_scope_is_signed_with_a_hint(signet):
    result = succeeds(signet("jwt", "sign", "--scope", "tableau:content:raed"))
    assert claims(result.stdout)["scp"] == ["tableau:content:raed"]
    (line,) = result.stderr.splitlines()
    assert line.startswith("signet: ")
    assert "tableau:content:raed" in line and f"did you mean {READ}?" in line


def test_quiet_keeps_the_hint_back(signet):
    scope = "tableau:content:raed"
    result = succeeds(signet("jwt", "sign", "--scope", scope, "--quiet"))
    assert result.stderr == ""


@pytest.mark.parametrize("scope", [READ, USERS])
def test_a_documented_scope_gets_no_hint(signet, scope):
    result = succeeds(signet("jwt", "sign", "--scope", scope))
    assert result.stderr == ""


def test_every_known_scope_is_documented_to_signet(signet):
    scopes = known_scopes()
    assert len(scopes) > 200
    half = len(scopes) // 2
    for part in (scopes[:half], scopes[half:]):
        env = {"SIGNET_SCOPES": ",".join(part)}
        result = succeeds(signet("jwt", "sign", env=env))
        assert result.stderr == ""
        assert claims(result.stdout)["scp"] == part


def test_too_many_scopes_are_refused_with_the_number_that_fits(signet):
    scopes = known_scopes()
    result = signet("jwt", "sign", env={"SIGNET_SCOPES": " ".join(scopes)})
    line = fails(result, 2, str(MAX), f"its {len(scopes)} scopes")
    fit = int(re.search(r"first (\d+) fit", line).group(1))

    fitting = {"SIGNET_SCOPES": " ".join(scopes[:fit])}
    assert len(signet.ok("jwt", "sign", env=fitting).rstrip("\n")) <= MAX
    one_more = {"SIGNET_SCOPES": " ".join(scopes[: fit + 1])}
    fails(signet("jwt", "sign", env=one_more), 2, f"first {fit} fit")


def test_the_bound_is_met_to_the_byte(signet):
    """What has 8,192 bytes or less is signed, and nothing longer."""

    def padded(size):
        return signet("jwt", "sign", "--claim", "pad=" + "x" * size)

    signed, refused = 5000, 7000
    while refused - signed > 1:
        middle = (signed + refused) // 2
        if padded(middle).rc == 0:
            signed = middle
        else:
            refused = middle
    fails(padded(refused), 2, str(MAX))
    head, body, signature = succeeds(padded(signed)).stdout.strip().split(".")
    longer = b64(unb64(body) + b"x")
    assert len(".".join((head, body, signature))) <= MAX
    assert len(".".join((head, longer, signature))) > MAX


def test_claims_that_are_too_long_alone_are_told(signet):
    result = signet("jwt", "sign", "--claim", "pad=" + "x" * 7000)
    fails(result, 2, str(MAX), "other claims")
