"""Answers that no service should give: none is believed, none is fatal."""

import pytest

from cli_cloud import CONFIGS
from cli_run import fails, succeeds

HTML = "<!doctype html><html><title>Proxy login</title><p>\x1b[31mHi</html>"


def canned(cloud, path, body, status=200, media_type="application/json"):
    cloud.sim.faults(
        {
            "match": {"path-prefix": path},
            "status": status,
            "headers": {"Content-Type": media_type},
            "body": body,
            "times": None,
        }
    )


LOGINS = [
    ("login tcm --pat", "/api/v1/pat/login"),
    ("login tcm --jwt", "/api/v1/jwt/login"),
    ("login tableau", "/api/3.28/auth/signin"),
    ("login tableau", "/api/3.4/serverinfo"),
]


@pytest.mark.parametrize("words, path", LOGINS)
@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        '{"sessionToken":',
        [],
        ["a"],
        {},
        {"sessionToken": 7, "credentials": {"token": 7}},
        {"sessionToken": "", "credentials": {"token": ""}},
        {"sessionToken": "a\r\nb: c", "credentials": {"token": "a\r\nb"}},
        {"sessionToken": None, "credentials": None},
        "<tsResponse>",
        "<tsResponse><credentials/></tsResponse>",
        '{"sessionToken":"a","sessionToken":"b"}',
    ],
    ids=[
        *("nothing", "text", "cut", "list", "strings", "object", "number"),
        *("empty", "newline", "null", "xml", "bare-xml", "twice"),
    ],
)
def test_a_sign_in_without_a_session_is_refused(cloud, signet, words, path, body):
    canned(cloud, path, body)
    fails(signet(*words.split()), 5)
    assert signet.kept() == []


@pytest.mark.parametrize("words, path", LOGINS)
@pytest.mark.parametrize("status", [200, 403, 500])
def test_an_html_page_is_told_as_one(cloud, signet, words, path, status):
    canned(cloud, path, HTML, status, "text/html; charset=utf-8")
    result = signet(*words.split())
    if "serverinfo" in path and status == 200:
        fails(result, 5, "TABLEAU_CLOUD_POD_URL")
    else:
        fails(result, 5, "HTML")


@pytest.mark.parametrize(
    "body, word",
    [
        ("", "empty"),
        ("hello", "JSON"),
        ('[{"configId":"', "JSON"),
        ("{}", "list"),
        ('"text"', "list"),
        ("[1]", ""),
        ('{"a":1,"a":[]}', ""),
    ],
    ids=["nothing", "text", "cut", "object", "string", "numbers", "twice"],
)
def test_a_list_that_is_none_is_refused(cloud, signet, body, word):
    signet.ok("login", "tcm", "--pat")
    canned(cloud, CONFIGS, body)
    fails(signet("uat", "list", "--pat"), 5, word)


def test_a_list_where_one_configuration_is_due(cloud, signet):
    made = cloud.configure()
    signet.ok("login", "tcm", "--pat")
    canned(cloud, CONFIGS, "[]")
    for verb in ("get", "disable"):
        fails(signet("uat", verb, made["configId"], "--pat"), 5)


def test_an_answer_cut_off_by_the_network(cloud, signet):
    fault = {"match": {"path-prefix": "/api/v1/tenants"}, "action": "truncate"}
    cloud.sim.faults({**fault, "times": None})
    fails(signet("api", "tcm", "GET", cloud.sites_path, "--pat"), 6)


@pytest.mark.parametrize("words, path", LOGINS[:3])
def test_a_sign_in_cut_off_by_the_network(configured, signet, words, path):
    configured.sim.faults({"match": {"path-prefix": path}, "action": "truncate"})
    fails(signet(*words.split()), 6)
    assert signet.kept() == []


def test_twenty_megabytes_are_cut_off(cloud, signet):
    fault = {"match": {"path-prefix": "/api/v1/tenants"}}
    cloud.sim.faults({**fault, "action": f"big:{20 * 2**20}", "times": None})
    result = signet("api", "tcm", "GET", cloud.sites_path, "--pat")
    fails(result, 6, "larger", "ask for less")


@pytest.mark.parametrize("words, path", LOGINS)
def test_a_sign_in_of_megabytes_is_cut_off(configured, signet, words, path):
    fault = {"match": {"path-prefix": path}, "action": f"big:{2**20}"}
    configured.sim.faults({**fault, "times": None})
    fails(signet(*words.split()), 6, "larger")


def test_fifteen_megabytes_are_passed_on(cloud, signet):
    size = 15 * 2**20
    fault = {"match": {"path-prefix": "/api/v1/tenants"}}
    cloud.sim.faults({**fault, "action": f"big:{size}"})
    result = signet("api", "tcm", "GET", cloud.sites_path, "--pat")
    assert len(succeeds(result).out) == size


def test_an_error_of_megabytes_is_one_short_line(cloud, signet):
    canned(cloud, "/api/v1/tenants", "x" * 2**19, 400, "text/plain")
    result = signet("api", "tcm", "GET", cloud.sites_path, "--pat")
    assert len(fails(result, 5, "400")) < 2048


def test_an_error_cannot_drive_the_terminal(cloud, signet):
    body = {"message": "a\x1b[2Jb\nc\u0085\x07"}
    canned(cloud, "/api/v1/tenants", body, 400)
    fails(signet("api", "tcm", "GET", cloud.sites_path, "--pat"), 5, "400")


def test_an_error_that_repeats_what_was_sent_shows_no_secret(cloud, signet):
    """Checked by every run: no PAT and no session token is shown."""
    pat = cloud.sim.file("pat")
    canned(cloud, "/api/v1/pat", {"message": f"bad token {pat}"}, 400)
    fails(signet("login", "tcm", "--pat"), 5, "400")


@pytest.mark.parametrize(
    "body, media_type",
    [
        ("plain\ntext", "text/plain"),
        ("", "application/json"),
        ('{"a":1,"a":2}', "application/json"),
        ("\ufeff[]", "application/json"),
    ],
    ids=["text", "nothing", "twice", "bom"],
)
def test_api_json_carries_what_is_no_json(cloud, signet, body, media_type):
    canned(cloud, "/api/v1/tenants", body, 200, media_type)
    words = ["api", "tcm", "GET", cloud.sites_path, "--pat"]
    value = signet.json(*words)
    assert value["status"] == 200 and value["text"] == body
    plain = signet.ok(*words)
    assert plain.rstrip("\n") == body.rstrip("\n")


def test_a_status_that_is_none_of_the_usual(cloud, signet):
    for status in (418, 451, 599):
        canned(cloud, "/api/v1/tenants", {}, status)
        result = signet("api", "tcm", "GET", cloud.sites_path, "--pat")
        fails(result, 5, str(status))


@pytest.mark.parametrize(
    "text", ["not json", "", '{"a":1,"a":2}', '{"a":'], ids=lambda t: t or "empty"
)
def test_a_body_that_is_no_json_is_not_sent(cloud, signet, text):
    words = ["api", "tcm", "POST", "/x", "--pat", "--data", "-"]
    fails(signet(*words, stdin=text), 2, "--data")
    assert "POST /api/v1/x" not in cloud.asked()


@pytest.mark.parametrize("method", ["", "G ET", "GET\r\nX: y", "1", "A" * 40])
def test_a_method_that_is_none_is_not_sent(cloud, signet, method):
    fails(signet("api", "tcm", method, "/x", "--pat"), 2, "method")


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: y", "/\x7f", "/a#b"])
def test_a_path_that_no_url_can_hold_is_not_sent(cloud, signet, path):
    result = signet("api", "tcm", "GET", path, "--pat")
    assert result.rc in (2, 8)
    fails(result, result.rc)
    assert not [line for line in cloud.asked() if line.startswith("GET")]
