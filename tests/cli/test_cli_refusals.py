"""Sign-ins that Tableau refuses: the true reason, and what signet says."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cli_cloud import JWT_LOGIN, PAT_LOGIN
from cli_jose import public_pem
from cli_run import fails


def refused(cloud, words, reason, *told):
    line = fails(cloud.signet(*words.split()), 5, "HTTP 401", *told)
    assert cloud.reason() == reason
    assert reason not in line, "the service does not tell its reason"
    assert cloud.signet.kept() == []


BOTH = pytest.mark.parametrize("login", ["login tcm --jwt", "login tableau"])


@BOTH
def test_wrong_issuer(configured, login):
    words = f"{login} --issuer https://other.example"
    refused(configured, words, "issuer-unknown", "issuer")


@BOTH
def test_scope_that_the_configuration_lacks(configured, login):
    words = f"{login} --scope tableau:tcm_users:read"
    refused(configured, words, "scope-not-in-config", "scopes")


@BOTH
def test_wildcard_against_explicit_scopes(configured, login):
    words = f"{login} --scope tableau:users:*"
    refused(configured, words, "scope-wildcard", "scopes")


@BOTH
def test_disabled_configuration(cloud, login):
    cloud.configure(enabled=False)
    refused(cloud, login, "config-disabled", "enabled")


@BOTH
def test_unknown_user(configured, login):
    words = f"{login} --user nobody@signet.example"
    refused(configured, words, "user-unknown", "user")


@BOTH
def test_the_command_that_is_advised_exists(cloud, signet, login):
    line = fails(signet(*login.split()), 5)
    for words in re.findall(r"(?:run|see|with): signet ((?:[a-z]+ ?)+)", line):
        signet.ok("help", *words.split())


@BOTH
def test_another_key(cloud, login):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    cloud.configure(publicKey=public_pem(key.public_key()))
    refused(cloud, login, "bad-signature", "key")


@BOTH
def test_another_name_for_the_user_claim(cloud, login):
    cloud.configure(usernameClaim="sub")
    refused(cloud, login, "username-missing", "user")


def test_viewer_at_cloud_manager(configured):
    words = f"login tcm --jwt --user {configured.viewer}"
    refused(configured, words, "not-cloud-admin", "cloud administrator")


def test_viewer_at_a_site_is_welcome(configured, signet):
    words = ["login", "tableau", "--user", configured.viewer]
    assert signet.json(*words)["site"] == configured.site["contentUrl"]


def test_tenant_that_the_configuration_does_not_list(cloud):
    cloud.configure(resourceIds=[cloud.site["luid"]])
    refused(cloud, "login tcm --jwt", "resource-not-listed", "tenant")


def test_site_that_the_configuration_does_not_list(cloud):
    cloud.configure(resourceIds=[cloud.tenant])
    refused(cloud, "login tableau", "resource-not-listed", "site")


def test_site_that_does_not_exist(configured):
    refused(configured, "login tableau --site nowhere", "site-unknown", "site")


def test_site_with_another_luid_is_signed_out_again(cloud, signet):
    cloud.configure()
    env = {"TABLEAU_CLOUD_SITE_LUID": cloud.other_site["luid"]}
    ids = [cloud.site["luid"], cloud.other_site["luid"]]
    result = signet("login", "tableau", env=env)
    fails(result, 7, "TABLEAU_CLOUD_SITE_LUID", *ids, "signed out")
    assert cloud.asked()[-1].endswith("/auth/signout")
    assert signet.kept() == []


@pytest.mark.parametrize("kind", ["expired", "site"])
def test_pat_that_is_no_good(cloud, signet, kind):
    path = str(cloud.sim.directory / f"pat.{kind}")
    env = {"CLOUD_MANAGER_PAT_SECRET_FILE": path}
    result = signet("login", "tcm", "--pat", env=env)
    fails(result, 5, "401", "expired", "not one of a site")
    assert cloud.reason() == f"pat-{kind}"


def test_a_clock_that_is_wrong_is_told(configured, signet):
    """Seen from here it is the server's that is off; the gap is the same."""
    configured.sim.faults(
        {
            "match": {"path-prefix": "/api/v1/jwt/login"},
            "status": 401,
            "headers": {"Date": "Mon, 01 Jan 2024 00:00:00 GMT"},
        }
    )
    fails(signet("login", "tcm", "--jwt"), 5, "clock", "ahead")


def test_a_refused_sign_in_is_not_tried_again(cloud, signet):
    fails(signet("login", "tcm", "--jwt"), 5)
    env = {"CLOUD_MANAGER_PAT_SECRET_FILE": str(cloud.sim.directory / "pat.site")}
    fails(signet("login", "tcm", "--pat", env=env), 5)
    assert cloud.asked() == [JWT_LOGIN, PAT_LOGIN]
    fails(signet("api", "tcm", "GET", cloud.sites_path, "--jwt"), 5)
    assert cloud.asked()[2:] == [JWT_LOGIN]


def test_pat_and_jwt_exclude_each_other(cloud, signet):
    fails(signet("login", "tcm", "--pat", "--jwt"), 2, "--pat", "--jwt")
