"""The article's steps and tableauserverclient, with JWTs that signet signs."""

import json

import pytest

from cli_cloud import CONFIGS, ISSUER, SCOPES, SIGN_IN
from cli_run import settings, write


@pytest.fixture
def desk(cloud, signet_bin):
    """The article's working folder: its .env, and the public key's file."""
    signet = cloud.signet
    base = cloud.sim.url
    # The article's names, spaces around the = and all.
    text = settings(
        {
            "CLOUD_MANAGER_TENANT_ID": cloud.tenant,
            "CLOUD_MANAGER_PAT_NAME": "bootstrap",
            "CLOUD_MANAGER_PAT_SECRET": cloud.sim.file("pat"),
            "CLOUD_MANAGER_PAT_LOGIN_URL": f"{base}/api/v1/pat/login",
            "CLOUD_MANAGER_JWT_LOGIN_URL": f"{base}/api/v1/jwt/login",
            "CLOUD_MANAGER_UAT_CONFIGS_URL": f"{base}{CONFIGS}",
            "TABLEAU_CLOUD_POD_URL": base,
            "TABLEAU_CLOUD_SITE_ID": cloud.site["contentUrl"],
            "TABLEAU_CLOUD_SITE_LUID": cloud.site["luid"],
            "TABLEAU_CLOUD_USERNAME": cloud.admin,
        }
    )
    write(signet.cwd / ".env", text.replace('="', ' = "'))
    signet.ok("key", "export", "-o", signet.cwd / "public_key.pem")
    names = ("SIGNET_", "SOFTHSM2_")
    env = {k: v for k, v in signet.env.items() if k.startswith(names)}
    return {
        "HOME": str(signet.home),
        "SIGNET_BIN": signet_bin,
        "REQUESTS_CA_BUNDLE": env["SIGNET_CA_FILE"],
        "CLOUD_MANAGER_URL": base,
        "JWKS_URI": cloud.sim.publish(json.loads(signet.ok("jwks", "build"))),
        **env,
    }


@pytest.mark.parametrize("variant", ["key", "jwks"])
def test_every_step_of_the_article_works(cloud, clients, desk, variant):
    # Its tableauserverclient signs in before it asks for the version.
    cloud.sim.set(old_signin="allow")
    cwd = cloud.signet.cwd
    told = json.loads(clients.python("article.py", variant, env=desk, cwd=cwd))
    made = told["created"]
    assert made["issuer"] == ISSUER and set(made["scopes"]) == set(SCOPES)
    if variant == "key":
        assert made["publicKeyActive"].split() == cloud.pem.split()
    else:
        assert made["jwksUri"] == desk["JWKS_URI"]
    assert [c["configId"] for c in told["listed"]] == [made["configId"]]
    assert told["got"]["configId"] == made["configId"]
    assert told["tenant"] == cloud.tenant and told["sites"] == 200
    assert told["site"]["id"] == cloud.site["luid"] and told["work"] == 200
    assert told["tsc"]["signedIn"] and told["tsc"]["signedOut"]
    assert told["tsc"]["version"] == "3.28" and told["tsc"]["workbooks"]
    assert told["updated"] in (200, 204) and told["refused"]
    assert told["deleted"] in (200, 204) and told["left"] == []
    reasons = [entry["reason"] for entry in cloud.sim.log()]
    assert "config-disabled" in reasons and "simulator-error" not in reasons


def test_tableauserverclient_signs_in_lists_and_signs_out(
    cloud, clients, desk
):
    """By XML, as the log of the service has it."""
    cloud.configure()
    told = json.loads(
        clients.python("tsc.py", env=desk, cwd=cloud.signet.cwd)
    )
    assert told["site"] == cloud.site["luid"] and told["user"]
    assert told["workbooks"] and told["projects"]
    assert told["afterwards"] is False
    asked = [
        f"{entry['method']} {entry['path']}"
        for entry in cloud.sim.log()
        if "tableauserverclient" in (entry["user_agent"] or "").lower()
        or "/auth/" in entry["path"]
    ]
    signs_in = [line for line in asked if line.endswith("/auth/signin")]
    assert signs_in and asked[-1].endswith("/auth/signout")
    assert signs_in[0].split("/")[:2] == SIGN_IN.split("/")[:2]
    assert all(entry["reason"] == "ok" for entry in cloud.sim.log())
