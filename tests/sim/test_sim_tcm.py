"""Tableau Cloud Manager: sign-in, sessions, scopes, configurations, lists."""

import re
from urllib.parse import quote

import pytest

from scenario import CONFIGS, LOGIN, SCOPES, public_pem, new_key

HOUR, MINUTE = 3600, 60
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")


def test_pat_sign_in_answers_the_four_fields(tenant):
    reply = tenant.pat_login()
    assert reply.status == 200
    answer = reply.json()
    assert set(answer) == {
        "sessionToken",
        "userId",
        "tenantId",
        "sessionExpiration",
    }
    assert answer["tenantId"] == tenant.id
    assert TIME.fullmatch(answer["sessionExpiration"])


@pytest.mark.parametrize("pat", ["pat.expired", "pat.site"])
def test_wrong_pat_is_refused_opaquely(tenant, pat):
    reply = tenant.pat_login(pat)
    assert (reply.status, reply.json()["message"]) == (401, "Unauthorized")
    assert tenant.sim.last_reason() == pat.replace(".", "-")


def test_sign_in_body_must_be_one_json_object_with_a_token(sim):
    as_json = {"Content-Type": "application/json; charset=utf-8"}
    for body, reason in (
        (b"{", "body-not-json"),
        (b'{"token":"a","token":"b"}', "body-not-json"),
        (b"[" * 100000, "body-not-json"),
        (b"[]", "body-not-object"),
        (b"{}", "token-missing"),
    ):
        assert sim.request("POST", LOGIN, body, as_json).status == 400
        assert sim.last_reason() == reason
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert sim.request("POST", LOGIN, b"{}", form).status == 415


def test_session_dies_after_30_idle_minutes(tenant):
    path = f"/api/v1/tenants/{tenant.id}"
    tenant.tcm("GET", path)
    tenant.sim.advance(25 * MINUTE)
    assert tenant.tcm("GET", path).status == 200
    tenant.sim.advance(30 * MINUTE)
    assert tenant.tcm("GET", path).status == 401
    assert tenant.sim.last_reason() == "session-idle"


def test_session_dies_after_4_hours_however_busy(tenant):
    path = f"/api/v1/tenants/{tenant.id}"
    for _ in range(12):
        assert tenant.tcm("GET", path).status == 200
        tenant.sim.advance(20 * MINUTE)
    assert tenant.tcm("GET", path).status == 401
    assert tenant.sim.last_reason() == "session-expired"


def test_dropped_and_missing_sessions_are_refused(tenant):
    path = f"/api/v1/tenants/{tenant.id}"
    assert tenant.tcm("GET", path).status == 200
    assert tenant.sim.drop_sessions() == 1
    assert tenant.tcm("GET", path).status == 401
    assert tenant.sim.last_reason() == "session-unknown"
    assert tenant.sim.request("GET", path).status == 401
    assert tenant.sim.last_reason() == "session-missing"


def test_sign_out_ends_the_session(tenant):
    assert tenant.tcm("GET", "/api/v2/sessions").status == 200
    assert tenant.tcm("DELETE", "/api/v2/sessions").status == 204
    assert tenant.tcm("GET", "/api/v2/sessions").status == 401


def test_rest_token_is_no_tcm_session(tenant):
    tenant.configure()
    token = tenant.signin(tenant.jwt()).json()["credentials"]["token"]
    path = f"/api/v1/tenants/{tenant.id}"
    assert tenant.tcm("GET", path, session=token).status == 401


def test_jwt_session_is_bound_by_its_scopes_and_a_pat_session_is_not(tenant):
    tenant.configure()
    session = tenant.login(tenant.jwt()).json()["sessionToken"]
    sites, users = (f"/api/v1/tenants/{tenant.id}/{x}" for x in ("sites", "users"))
    assert tenant.tcm("GET", sites, session=session).status == 200
    refused = tenant.tcm("GET", users, session=session)
    assert (refused.status, refused.json()["errorCode"]) == (401, "401002")
    entry = tenant.sim.log()[-1]
    assert entry["reason"] == "scope-missing"
    assert entry["note"] == "tableau:tcm_users:read"
    assert tenant.tcm("GET", users).status == 200


def test_wildcard_scope_covers_its_resource(tenant):
    tenant.configure(scopes=None)
    token = tenant.jwt(scp=["tableau:tcm_users:*"])
    session = tenant.login(token).json()["sessionToken"]
    base = f"/api/v1/tenants/{tenant.id}"
    assert tenant.tcm("GET", f"{base}/users", session=session).status == 200
    assert tenant.tcm("GET", f"{base}/sites", session=session).status == 401


def test_created_configuration_reads_back_as_the_service_shows_it(tenant):
    made = tenant.configure()
    assert made["publicKey"] is None and made["jwksUri"] is None
    assert made["publicKeyActive"] == public_pem(tenant.key)
    assert made["tenantId"] == tenant.id
    assert made["id"] == (
        f"UatConfigurationId{{tenantId={tenant.id}, "
        f"configId={made['configId']}}}"
    )
    assert made["scopes"] != SCOPES and set(made["scopes"]) == set(SCOPES)
    path = f"{CONFIGS}/{made['configId']}"
    assert tenant.tcm("GET", path).json() == made
    assert tenant.tcm("GET", CONFIGS).json() == [made]
    assert tenant.tcm("DELETE", path).status == 204
    assert tenant.tcm("GET", path).status == 404
    assert tenant.tcm("DELETE", path).status == 404


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": None},
        {"issuer": None},
        {"publicKey": None},
        {"jwksUri": "https://keys.example/jwks.json"},
        {"publicKey": None, "jwksUri": "http://keys.example/jwks.json"},
        {"publicKey": None, "jwksUri": "https://"},
        {"publicKey": "-----BEGIN PUBLIC KEY-----\nAAAA\n"},
        {"publicKey": "-----BEGIN CERTIFICATE-----\nAAAA\n"},
        {"publicKey": public_pem(new_key(1024))},
        {"usernameClaim": None},
        {"resourceIds": []},
        {"resourceIds": None},
        {"resourceIds": [None]},
        {"resourceIds": ["00000000-0000-4000-8000-000000000000"]},
        {"scopes": ["tableau:*"]},
        {"scopes": "tableau:users:read"},
        {"enabled": None},
        {"enabled": "true"},
    ],
)
def test_configuration_rule_holds_for_create_and_put(tenant, change):
    made = tenant.configure()
    body = tenant.config_body(**change)
    created = tenant.tcm("POST", CONFIGS, {**body, "name": body["name"] and "b"})
    put = tenant.tcm("PUT", f"{CONFIGS}/{made['configId']}", body)
    assert (created.status, put.status) == (400, 400)
    assert tenant.tcm("GET", CONFIGS).json() == [made]


def test_bad_resource_id_is_named(tenant):
    body = tenant.config_body(resourceIds=[None])
    reply = tenant.tcm("POST", CONFIGS, body)
    assert "Resource ID 'null'" in reply.json()["message"]


def test_put_replaces_the_whole_configuration(tenant):
    made = tenant.configure()
    path = f"{CONFIGS}/{made['configId']}"
    # What a GET gives cannot be sent back: its publicKey is null.
    assert tenant.tcm("PUT", path, made).status == 400
    body = tenant.config_body(name="renamed")
    del body["scopes"]
    assert tenant.tcm("PUT", path, body).status == 200
    now = tenant.tcm("GET", path).json()
    assert (now["name"], now["scopes"]) == ("renamed", [])
    assert now["configId"] == made["configId"]


def test_name_is_taken_once(tenant):
    first = tenant.configure(name="first")
    tenant.configure(name="second")
    body = tenant.config_body(name="second")
    assert tenant.tcm("POST", CONFIGS, body).status == 409
    path = f"{CONFIGS}/{first['configId']}"
    assert tenant.tcm("PUT", path, body).status == 409
    assert tenant.tcm("PUT", path, {**body, "name": "first"}).status == 200


def pages(tenant, what, query, key):
    """All items, following page tokens as a client must: encoded."""
    token, found, calls = "", [], 0
    while token is not None:
        suffix = f"&pageToken={quote(token, safe='')}" if token else ""
        path = f"/api/v1/tenants/{tenant.id}/{what}?{query}{suffix}"
        answer = tenant.tcm("GET", path).json()
        found += next(v for v in answer.values() if isinstance(v, list))
        token, calls = answer[key], calls + 1
    return found, calls


def test_lists_come_in_pages(tenant):
    sites, calls = pages(tenant, "sites", "maxResults=1", "pageToken")
    assert calls == 2
    assert [s["siteUUID"] for s in sites] == [
        tenant.site["luid"],
        tenant.other_site["luid"],
    ]
    assert all(s["instance"]["id"] != s["siteUUID"] for s in sites)
    users, calls = pages(tenant, "users", "maxResults=1", "nextPageToken")
    assert calls == 2 and len(users) == 2
    bad = f"/api/v1/tenants/{tenant.id}/sites?pageToken=1"
    assert tenant.tcm("GET", bad).status == 400


def test_site_and_tenant_by_id(tenant):
    base = f"/api/v1/tenants/{tenant.id}"
    luid = tenant.site["luid"]
    assert tenant.tcm("GET", base).json()["tenantId"] == tenant.id
    assert tenant.tcm("GET", f"{base}/sites/{luid}").json()["siteUUID"] == luid
    assert tenant.tcm("GET", f"{base}/sites/{tenant.id}").status == 404
    assert tenant.tcm("GET", f"/api/v1/tenants/{luid}").status == 404


def test_added_user_is_listed(tenant):
    path = f"/api/v1/tenants/{tenant.id}/users"
    role = {"linkID": tenant.id, "linkRole": "LINK_ADMIN", "idp": "OpenID"}
    made = tenant.tcm("POST", path, {"linkRoles": [role]}).json()
    assert made in tenant.tcm("GET", path).json()["users"]
    assert tenant.tcm("POST", path, {}).status == 400


def test_oidc_configuration_is_put_read_and_deleted(tenant):
    path = f"/api/v1/resources/{tenant.id}/oidcconfiguration"
    body = {"enabled": True, "knownProviderAlias": "Salesforce"}
    assert tenant.tcm("GET", path).status == 404
    assert tenant.tcm("PUT", path, body).json() == body
    assert tenant.tcm("GET", path).json() == body
    assert tenant.tcm("DELETE", path).status == 204
    assert tenant.tcm("GET", path).status == 404


def test_activity_log_urls_work_for_10_minutes_without_the_session(tenant):
    logs, calls = pages(tenant, "activitylog", "pageSize=2", "pageToken")
    assert (len(logs), calls) == (3, 2)
    path = f"/api/v1/tenants/{tenant.id}/activitylog"
    body = {"files": [logs[0]["path"]]}
    (file,) = tenant.tcm("POST", path, body).json()["files"]
    download = file["url"].removeprefix(tenant.sim.url)
    reply = tenant.sim.request("GET", download)
    assert (reply.status, len(reply.body)) == (200, logs[0]["size"])
    assert tenant.tcm("GET", download).status == 400
    assert tenant.sim.last_reason() == "session-header-leaked"
    tenant.sim.advance(10 * MINUTE)
    assert tenant.sim.request("GET", download).status == 403


def test_activity_log_spans_7_days_at_most_and_exists_for_a_site(tenant):
    base, luid = f"/api/v1/tenants/{tenant.id}", tenant.site["luid"]
    span = "?startTime=2026-01-01T00:00:00Z&endTime=2026-01-08T00:00:0"
    for path in (f"{base}/activitylog", f"{base}/sites/{luid}/activitylog"):
        assert len(tenant.tcm("GET", path).json()["files"]) == 3
        assert tenant.tcm("GET", f"{path}{span}0Z").status == 200
        assert tenant.tcm("GET", f"{path}{span}1Z").status == 400


def test_unknown_path_and_method_are_told_apart(tenant):
    assert tenant.tcm("GET", "/api/v1/nothing").status == 404
    assert tenant.tcm("PATCH", CONFIGS).status == 405
