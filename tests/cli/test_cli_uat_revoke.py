"""uat revoke: one JWT, in whichever form the service takes that."""

import json

import jwt as pyjwt
import pytest

from cli_run import fails, strict_json, succeeds, write

PATH = "/api/v1/uat-revocations"
SCOPE = "tableau:tcm_uat_revocations:create"
FORMS = {
    "default": ({}, {}),
    "other-member": (
        {"revoke_route": "PUT /api/v2/revocations", "revoke_member": "tokenId"},
        {
            "SIGNET_REVOKE_METHOD": "PUT",
            "SIGNET_REVOKE_PATH": "/api/v2/revocations",
            "SIGNET_REVOKE_BODY": '{"tenant":"{tenantId}","tokenId":"{jti}"}',
        },
    ),
    "in-path": (
        {"revoke_route": "DELETE /api/v1/uat-configurations/{config}/jwts/{jti}"},
        {
            "SIGNET_REVOKE_METHOD": "DELETE",
            "SIGNET_REVOKE_PATH": "/uat-configurations/{configId}/jwts/{jti}",
            "SIGNET_REVOKE_BODY": "none",
        },
    ),
}


@pytest.fixture
def signed(configured, signet):
    """A JWT as signet signs it, its jti, and how to sign in with it."""

    class Signed:
        text = signet.ok("jwt", "sign").strip()
        jti = pyjwt.decode(text, options={"verify_signature": False})["jti"]

        def signs_in(self):
            login = {"token": self.text}
            sim = configured.sim
            return sim.request("POST", "/api/v1/jwt/login", login).status == 200

    return Signed()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", ["jti", "file", "stdin"])
@pytest.mark.parametrize("status", ["200", "204"])
def test_a_revoked_jwt_signs_in_no_more(
    configured, signet, signed, form, way, status
):
    switches, env = FORMS[form]
    configured.sim.set(revoke_status=status, **switches)
    words, stdin = ["--jti", signed.jti], None
    if way == "file":
        words = [write(signet.cwd / "jwt", signed.text + "\n")]
    elif way == "stdin":
        words, stdin = ["-"], signed.text
    if form == "in-path":
        words += ["--configuration", "signet"]
    assert signed.signs_in()
    result = signet(
        *["uat", "revoke", *words, "--pat", "--json"], env=env, stdin=stdin
    )
    value = strict_json(succeeds(result).stdout)
    assert value["jti"] == signed.jti and value["status"] == int(status)
    assert ("expires" in value) is (way != "jti")
    assert "not established" in result.stderr
    assert signed.text not in result.stderr
    assert not signed.signs_in()
    # Another of the same key still does.
    signet.ok("login", "tcm", "--jwt")


def test_what_is_not_there_says_what_to_set(configured, signet):
    configured.sim.set(revoke_route="none")
    words = ["uat", "revoke", "--jti", "j", "--pat"]
    told = ["404", "not established", "SIGNET_REVOKE_PATH", "signet uat disable"]
    fails(signet(*words), 5, *told)
    configured.sim.set(revoke_route=f"PUT {PATH}")
    fails(signet(*words), 5, "405", "SIGNET_REVOKE_PATH")
    configured.sim.set(revoke_route=f"POST {PATH}", revoke_member="id")
    fails(signet(*words), 5, "400", "SIGNET_REVOKE_BODY")


@pytest.mark.parametrize("action", ["reset", "close"])
def test_a_lost_answer_is_no_success(configured, signet, signed, action):
    match = {"method": "POST", "path-prefix": PATH}
    configured.sim.faults({"match": match, "action": action, "after": True})
    words = ["uat", "revoke", "--jti", signed.jti, "--pat"]
    fails(signet(*words), 6, "not known", "run it again")
    assert configured.asked().count(f"POST {PATH}") == 1


def test_the_scope_that_it_needs_is_named(configured, signet):
    fails(signet("uat", "revoke", "--jti", "j", "--jwt"), 5, "401002", SCOPE)


@pytest.mark.parametrize(
    "words, env, rc, told",
    [
        ([], {}, 2, "--jti"),
        (["--jti", "j", "f"], {}, 2, "--jti"),
        (["absent"], {}, 1, "absent"),
        (["text"], {}, 2, ""),
        (["--jti", "j"], {"SIGNET_REVOKE_BODY": "jti={jti}"}, 8, "JSON"),
        (["--jti", "j"], {"SIGNET_REVOKE_PATH": "/{jit}"}, 8, "{jti}"),
        (["--jti", "j"], {"SIGNET_REVOKE_PATH": "/{configId}"}, 2, "configId"),
        (["--jti", "j"], {"SIGNET_REVOKE_PATH": "https://x.example/y"}, 7, "x.example"),
        (["--jti", "j"], {"SIGNET_REVOKE_METHOD": "post"}, 2, "post"),
    ],
)
def test_what_is_malformed_is_not_sent(cloud, signet, words, env, rc, told):
    write(signet.cwd / "text", "hello")
    fails(signet("uat", "revoke", *words, "--pat", env=env), rc, told)
    assert not any(PATH in line for line in cloud.asked())


def test_a_jwt_of_another_tenant_is_not_sent(configured, signet):
    other = "11111111-2222-4333-8444-555555555555"
    env = {"CLOUD_MANAGER_TENANT_ID": other}
    path = write(signet.cwd / "jwt", signet.ok("jwt", "sign", env=env))
    told = [other, "CLOUD_MANAGER_TENANT_ID"]
    fails(signet("uat", "revoke", path, "--pat"), 2, *told)
    assert configured.asked() == []


def test_a_jwt_on_the_command_line_is_refused(configured, signet, signed):
    fails(signet("uat", "revoke", signed.text, "--pat"), 2, "every process")


def test_a_dry_run_shows_the_request(configured, signet):
    words = ["uat", "revoke", "--jti", 'a"b', "--pat", "--dry-run"]
    first, body = signet.ok(*words).splitlines()
    assert first == f"POST {configured.sim.url}{PATH}"
    assert json.loads(body) == {"jti": 'a"b'}
    assert configured.asked() == []
    assert signet.json(*words)["request"]["body"] == {"jti": 'a"b'}


@pytest.mark.parametrize(
    "path, url",
    [
        ("uat-revocations", "{}/api/v1/uat-revocations"),
        ("//api/v2/x/{jti}", "{}/api/v2/x/j"),
        ("{}/api/v1/x?a=b", "{}/api/v1/x?a=b"),
        ("HTTPS:{}/api/v1/x", "HTTPS:{}/api/v1/x"),
    ],
)
def test_a_path_is_read_as_by_every_other_call(configured, signet, path, url):
    host = configured.sim.url
    host = host.removeprefix("https:") if path.startswith("HTTPS") else host
    env = {"SIGNET_REVOKE_PATH": path.replace("{}", host)}
    words = ["uat", "revoke", "--jti", "j", "--pat", "--dry-run"]
    shown = signet.json(*words, env=env)["request"]
    assert shown["url"] == url.replace("{}", host)
