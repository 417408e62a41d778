"""The Tableau REST API: server info, sign-in in JSON and XML, scopes."""

import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

import pytest

NS = {"t": "http://tableau.com/api"}
HOUR, MINUTE = 3600, 60
SIGNIN = "/api/3.28/auth/signin"
XML = {"Content-Type": "application/xml", "Accept": "application/xml"}


@pytest.fixture
def configured(tenant):
    tenant.configure()
    return tenant


def rest_token(tenant, **claims):
    reply = tenant.signin(tenant.jwt(**claims))
    assert reply.status == 200, reply.body
    return reply.json()["credentials"]["token"]


def xml_signin(tenant, jwt, is_uat="true", xmlns=""):
    site = quoteattr(tenant.site["contentUrl"])
    body = (
        f'<tsRequest{xmlns}><credentials jwt="{jwt}" isUat="{is_uat}">'
        f"<site contentUrl={site}/></credentials></tsRequest>"
    )
    return tenant.sim.request("POST", SIGNIN, body.encode(), XML)


def test_server_info_comes_as_xml_unless_json_is_asked_for(sim):
    as_json = sim.request("GET", "/api/3.4/serverinfo").json()
    assert as_json["serverInfo"]["restApiVersion"] == "3.28"
    reply = sim.request("GET", "/api/2.0/serverinfo", None, {"Accept": "*/*"})
    info = ET.fromstring(reply.body).find("t:serverInfo", NS)
    assert info.findtext("t:restApiVersion", None, NS) == "3.28"
    assert info.find("t:productVersion", NS).get("build")


def test_json_sign_in(configured):
    answer = configured.signin(configured.jwt()).json()["credentials"]
    assert answer["site"] == {
        "id": configured.site["luid"],
        "contentUrl": configured.site["contentUrl"],
    }
    assert answer["user"]["id"] and answer["token"]
    assert configured.rest("GET", "sessions/current", answer["token"]).json()[
        "session"
    ]["user"]["name"] == configured.admin


@pytest.mark.parametrize("xmlns", ["", ' xmlns="http://tableau.com/api"'])
def test_xml_sign_in(configured, xmlns):
    reply = xml_signin(configured, configured.jwt(), xmlns=xmlns)
    assert reply.status == 200
    credentials = ET.fromstring(reply.body).find("t:credentials", NS)
    site = credentials.find("t:site", NS)
    assert site.get("id") == configured.site["luid"]
    assert credentials.find("t:user", NS).get("id")
    token = credentials.get("token")
    answer = configured.rest("GET", "sessions/current", token)
    assert answer.status == 200


def test_is_uat_must_be_true_in_its_own_type(configured):
    jwt = configured.jwt()
    assert xml_signin(configured, jwt, is_uat="false").status == 401
    site = {"contentUrl": configured.site["contentUrl"]}
    for is_uat in ("true", False, 1, None):
        body = {"credentials": {"jwt": jwt, "isUat": is_uat, "site": site}}
        reply = configured.sim.request("POST", SIGNIN, body)
        assert reply.json()["error"]["code"] == "401001"
        assert configured.sim.last_reason() == "not-uat"


def test_an_old_version_may_be_let_in(configured):
    configured.sim.set(old_signin="allow")
    assert configured.signin(configured.jwt(), version="2.4").status == 200


def test_uat_needs_version_3_27_and_no_more_than_the_server_has(configured):
    jwt = configured.jwt()
    for version, status, reason in (
        ("3.21", 401, "version-too-old"),
        ("3.26", 401, "version-too-old"),
        ("3.27", 200, "ok"),
        ("3.29", 404, "version-unknown"),
        ("latest", 404, "version-unknown"),
    ):
        assert configured.signin(jwt, version=version).status == status
        assert configured.sim.last_reason() == reason


def test_site_is_named_by_content_url(configured):
    jwt = configured.jwt()
    for wrong in (configured.site["luid"], "", "nowhere"):
        assert configured.signin(jwt, wrong).status == 401
        assert configured.sim.last_reason() == "site-unknown"


def test_errors_are_json_or_xml_by_accept(configured):
    bad = configured.jwt(jti="")
    error = configured.signin(bad).json()["error"]
    assert error == {
        "code": "401001",
        "summary": "Signin Error",
        "detail": "Error signing in to Tableau Server",
    }
    reply = xml_signin(configured, bad)
    element = ET.fromstring(reply.body).find("t:error", NS)
    assert (reply.status, element.get("code")) == (401, "401001")
    assert element.findtext("t:summary", None, NS) == "Signin Error"


@pytest.mark.parametrize(
    "body", [b"", b"<", b"<tsRequest/>", b"<a/>", b"<!DOCTYPE a><tsRequest/>"]
)
def test_malformed_xml_is_400000(sim, body):
    reply = sim.request("POST", SIGNIN, body, {"Content-Type": "text/xml"})
    assert reply.json()["error"]["code"] == "400000"


def test_reads_need_their_scope(configured):
    site = f"sites/{configured.site['luid']}"
    content = rest_token(configured, scp=["tableau:content:read"])
    users = rest_token(configured, scp=["tableau:users:read"])
    for path, right, wrong in (
        (site, content, users),
        (f"{site}/workbooks", content, users),
        (f"{site}/projects", content, users),
        (f"{site}/users", users, content),
    ):
        assert configured.rest("GET", path, right).status == 200
        refused = configured.rest("GET", path, wrong)
        assert refused.status == 401
        assert refused.json()["error"]["code"] == "401002"
        assert configured.sim.last_reason() == "scope-missing"


def test_scopes_add_nothing_to_the_users_own_rights(configured):
    path = f"sites/{configured.site['luid']}/users"
    admin = rest_token(configured)
    viewer = rest_token(configured, email=configured.viewer)
    assert len(configured.rest("GET", path, admin).json()["users"]["user"]) == 2
    assert configured.rest("GET", path, viewer).status == 403


def test_list_reads_alike_in_xml(configured):
    path = f"sites/{configured.site['luid']}/users?pageSize=1&pageNumber=2"
    token = rest_token(configured)
    reply = configured.rest("GET", path, token, Accept="application/xml")
    root = ET.fromstring(reply.body)
    assert root.find("t:pagination", NS).get("totalAvailable") == "2"
    (user,) = root.findall("t:users/t:user", NS)
    assert user.get("name") == configured.viewer


def test_session_lasts_2_hours_and_is_bound_to_its_site(configured):
    token = rest_token(configured)
    other = f"sites/{configured.other_site['luid']}"
    assert configured.rest("GET", other, token).status == 404
    configured.sim.advance(2 * HOUR - 10 * MINUTE)
    assert configured.rest("GET", "sessions/current", token).status == 200
    configured.sim.advance(10 * MINUTE)
    lost = configured.rest("GET", "sessions/current", token)
    assert lost.json()["error"]["code"] == "401002"
    assert configured.sim.last_reason() == "session-expired"


def test_sign_out_ends_the_session(configured):
    token = rest_token(configured)
    assert configured.rest("POST", "auth/signout", token).status == 204
    assert configured.rest("GET", "sessions/current", token).status == 401


def test_missing_token_and_wrong_method_have_their_codes(sim):
    missing = sim.request("GET", "/api/3.28/sessions/current")
    assert missing.json()["error"]["code"] == "401000"
    get = sim.request("GET", SIGNIN)
    assert get.json()["error"]["code"] == "405000"
    nowhere = sim.request("GET", "/api/3.28/nothing")
    assert nowhere.json()["error"]["code"] == "404003"
