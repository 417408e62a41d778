"""The whole job: from a PAT to two sessions that a token's key signed for."""

import pytest

from cli_cloud import ISSUER, JWT_LOGIN, PAT_LOGIN, SCOPES, SIGN_IN
from cli_run import strict_json, succeeds

STEPS = [
    "login tcm --pat",
    "uat create --name signet",
    "login tcm --jwt",
    "login tableau",
]


@pytest.fixture
def signed_in(cloud, signet):
    for step in STEPS:
        signet.ok(*step.split())
    return cloud


def test_the_job_in_words(cloud, signet):
    assert "signed in" in signet.ok("login", "tcm", "--pat")
    made = signet.ok("uat", "create", "--name", "signet")
    (config,) = cloud.configs()
    assert config["configId"] in made and ISSUER in made

    told = signet.ok("login", "tcm", "--jwt")
    assert cloud.tenant in told
    told = signet.ok("login", "tableau")
    assert cloud.site["luid"] in told and cloud.site["contentUrl"] in told

    sites = signet.ok("api", "tcm", "GET", cloud.sites_path, "--jwt")
    assert cloud.site["luid"] in sites
    workbooks = signet.ok("api", "tableau", "GET", cloud.workbooks_path)
    assert "Tides" in workbooks

    assert len(signet.ok("status").splitlines()) == 3
    assert signet.ok("logout").count("signed out") == 3
    assert signet.ok("status") == ""
    assert cloud.logins() == 3
    assert {entry["reason"] for entry in cloud.entries()} == {"ok"}


def test_the_job_in_json(cloud, signet):
    session = signet.json("login", "tcm", "--pat")
    assert (session["service"], session["with"]) == ("tcm", "pat")
    config = signet.json("uat", "create", "--name", "signet")
    assert config["configId"] == cloud.configs()[0]["configId"]
    assert config["configuration"] == cloud.config(config["configId"])

    session = signet.json("login", "tcm", "--jwt")
    assert (session["with"], session["tenantId"]) == ("jwt", cloud.tenant)
    session = signet.json("login", "tableau")
    assert session["siteId"] == cloud.site["luid"]
    assert session["site"] == cloud.site["contentUrl"]
    assert session["apiVersion"] == "3.28"

    reply = signet.json("api", "tcm", "GET", cloud.sites_path, "--jwt")
    assert reply["status"] == 200 and len(reply["body"]["sites"]) == 2
    reply = signet.json("api", "tableau", "GET", cloud.workbooks_path)
    assert reply["status"] == 200 and "workbooks" in reply["body"]

    sessions = signet.json("status")["sessions"]
    kinds = sorted((s["service"], s["with"]) for s in sessions)
    assert kinds == [("tableau", "jwt"), ("tcm", "jwt"), ("tcm", "pat")]
    assert all(s["valid"] for s in sessions)
    assert {s["user"] for s in sessions} == {"simulator", cloud.admin}
    ended = signet.json("logout")["sessions"]
    assert [s["signedOut"] for s in ended] == [True] * 3
    assert signet.json("status")["sessions"] == []


def test_sign_ins_go_out_as_documented(signed_in, signet):
    assert signed_in.asked() == [
        PAT_LOGIN,
        "POST /api/v1/uat-configurations",
        JWT_LOGIN,
        "GET /api/3.4/serverinfo",
        SIGN_IN,
    ]
    sent = {entry["path"]: entry["auth"] for entry in signed_in.entries()}
    assert sent["/api/v1/uat-configurations"] == ["x-tableau-session-token"]
    assert sent["/api/v1/pat/login"] == sent["/api/3.4/serverinfo"] == []


def test_created_configuration_holds_what_was_asked(signed_in, pem):
    (config,) = signed_in.configs()
    assert config["publicKeyActive"] == pem
    assert config["issuer"] == ISSUER and config["usernameClaim"] == "email"
    ids = {signed_in.tenant, signed_in.site["luid"]}
    assert set(config["resourceIds"]) == ids
    assert set(config["scopes"]) == set(SCOPES) and config["enabled"] is True


@pytest.mark.parametrize(
    "words, left",
    [
        (["tcm"], {("tableau", "jwt")}),
        (["tcm", "--pat"], {("tableau", "jwt"), ("tcm", "jwt")}),
        (["tcm", "--jwt"], {("tableau", "jwt"), ("tcm", "pat")}),
        (["tableau"], {("tcm", "jwt"), ("tcm", "pat")}),
        (["--site", "lantern"], None),
        ([], set()),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_logout_ends_the_sessions_that_were_named(signed_in, signet, words, left):
    every = {("tcm", "pat"), ("tcm", "jwt"), ("tableau", "jwt")}
    before = signed_in.sim.state()["sessions"]
    signet.ok("logout", *words)
    kept = {(k["session"]["service"], k["session"]["kind"]) for k in signet.kept()}
    assert kept == (every if left is None else left)
    ended = len(every) - len(kept)
    assert signed_in.sim.state()["sessions"] == before - ended


def test_logout_without_sessions_is_no_error(cloud, signet):
    result = succeeds(signet("logout"))
    assert result.stdout == "" and "no such session" in result.stderr
    assert cloud.asked() == []


def test_api_passes_a_body_on(configured, signet):
    body = '{"email":"new@signet.example","linkRoles":[]}'
    path = f"/tenants/{configured.tenant}/users"
    text = signet.ok("api", "tcm", "POST", path, "--pat", "--data", "-", stdin=body)
    assert strict_json(text)["email"] == "new@signet.example"
    file = signet.cwd / "body.json"
    file.write_text(body)
    signet.ok("api", "tcm", "post", path, "--pat", "--data", file)
    (first, second) = configured.entries()[-2:]
    assert first["body_bytes"] == second["body_bytes"] == len(body)


def test_api_takes_every_form_of_a_path(configured, signet):
    path = f"/api/v1{configured.sites_path}"
    for form in (
        configured.sites_path,
        configured.sites_path[1:],
        path,
        path[1:],
        configured.sim.url + path,
    ):
        assert "siteUUID" in signet.ok("api", "tcm", "GET", form + "?pageSize=1")
        assert configured.entries()[-1]["path"] == path
        assert configured.entries()[-1]["query"] == {"pageSize": "1"}


def test_api_writes_to_a_file(configured, signet):
    file = signet.cwd / "sites.json"
    words = ["api", "tcm", "GET", configured.sites_path, "-o", file]
    assert signet.ok(*words) == ""
    assert len(strict_json(file.read_text())["sites"]) == 2


def test_an_answer_without_body_prints_nothing(configured, signet):
    config = configured.configs()[0]["configId"]
    path = f"/uat-configurations/{config}"
    assert signet.ok("api", "tcm", "DELETE", path, "--pat") == ""
    assert configured.configs() == []


def test_another_site_can_be_named(cloud, signet):
    cloud.configure(resourceIds=[cloud.other_site["luid"]])
    session = signet.json("login", "tableau", "--site", "lantern")
    assert session["siteId"] == cloud.other_site["luid"]
