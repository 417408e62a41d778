"""tableau-mcp's claim set, built by us from the same settings, is the same."""

import json
import time

import pytest

from cli_jose import claims, header
from cli_run import write

INPUTS = {
    "UAT_TENANT_ID": "36a9d526-1111-4222-8333-944444444444",
    "UAT_ISSUER": "https://mcp.example/issuer",
    "UAT_USERNAME_CLAIM": "ada@example.com",
    "UAT_KEY_ID": "uat-key-1",
}
SCOPES = ["tableau:content:read", "tableau:viz_data_service:read"]
TIMES = ("exp", "nbf", "iat")
EXTRA = {"https://tableau.com/oda": "true", "region": ["EU", 1, None]}


def since_iat(claims):
    """Each may have been made in a second of its own."""
    times = {name: claims[name] - claims["iat"] for name in TIMES}
    return {**claims, **times}


@pytest.mark.parametrize(
    "more, extra",
    [({}, {}), ({"UAT_USERNAME_CLAIM_NAME": "upn"}, EXTRA)],
)
def test_claims_equal_theirs_but_for_jti(signet, clients, more, extra):
    inputs = {**INPUTS, **more}
    for name in [n for n in signet.env if n.startswith(("CLOUD", "TABLEAU"))]:
        del signet.env[name]
    for name in ("SIGNET_ISSUER", "SIGNET_SCOPES"):
        del signet.env[name]
    signet.env.update(inputs)
    words = ["--backdate", "5s"]
    for scope in SCOPES:
        words += ["--scope", scope]
    if extra:
        words += ["--claims", write(signet.cwd / "extra.json", json.dumps(extra))]
    env = {**inputs, "JWT_ADDITIONAL_PAYLOAD": json.dumps(extra)}
    began = int(time.time())
    theirs = clients.node("mcp_jwt.mjs", *SCOPES, env=env).strip()
    ours = signet.ok("jwt", "sign", *words).strip()
    ended = time.time()
    our_claims, their_claims = claims(ours), claims(theirs)
    # Theirs comes twice within a second; ours never.
    assert their_claims.pop("jti") == (
        f"{inputs['UAT_ISSUER']}-{their_claims['iat']}"
    )
    assert our_claims.pop("jti") != claims(signet.ok("jwt", "sign", *words))["jti"]
    for made in (our_claims, their_claims):
        assert began <= made["iat"] + 5 <= ended
    assert since_iat(our_claims) == since_iat(their_claims)
    assert header(ours) == header(theirs)
