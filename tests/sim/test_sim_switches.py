"""Each switch changes the one thing that it names."""

import json
import re
from urllib.parse import quote

import pytest

from scenario import CONFIGS
from simulator import Simulator


@pytest.mark.parametrize("shape", ["bare", "keyed", "other"])
def test_list_envelope(tenant, shape):
    made = tenant.configure()
    tenant.sim.set(list_envelope=shape)
    answer = tenant.tcm("GET", CONFIGS).json()
    if shape == "bare":
        assert answer == [made]
    elif shape == "keyed":
        assert answer == {"uatConfigurations": [made]}
    else:
        lists = [v for v in answer.values() if isinstance(v, list)]
        assert lists == [[made]] and "uatConfigurations" not in answer


def test_id_shape(tenant):
    made = tenant.configure()
    tenant.sim.set(id_shape="object")
    (listed,) = tenant.tcm("GET", CONFIGS).json()
    ids = {"tenantId": tenant.id, "configId": made["configId"]}
    assert listed == {**made, "id": ids}


@pytest.mark.parametrize("create", [200, 201])
@pytest.mark.parametrize("update", [200, 204])
@pytest.mark.parametrize("delete", [200, 204])
def test_success_statuses(tenant, create, update, delete):
    tenant.sim.set(
        create_status=create, update_status=update, delete_status=delete
    )
    body = tenant.config_body()
    created = tenant.tcm("POST", CONFIGS, body)
    path = f"{CONFIGS}/{created.json()['configId']}"
    updated = tenant.tcm("PUT", path, body)
    deleted = tenant.tcm("DELETE", path)
    got = (created.status, updated.status, deleted.status)
    assert got == (create, update, delete)
    assert bool(updated.body) == (update == 200)


@pytest.mark.parametrize("status", [401, 403])
def test_pat_failure(tenant, status):
    tenant.sim.set(pat_failure=status)
    assert tenant.pat_login("pat.expired").status == status


def test_signout(tenant):
    tenant.sim.set(signout="absent")
    assert tenant.tcm("DELETE", "/api/v2/sessions").status == 404
    assert tenant.tcm("GET", f"/api/v1/tenants/{tenant.id}").status == 200


def test_rest_signout_status(tenant):
    tenant.configure()
    tenant.sim.set(rest_signout_status=200)
    token = tenant.signin(tenant.jwt()).json()["credentials"]["token"]
    assert tenant.rest("POST", "auth/signout", token).status == 200


@pytest.mark.parametrize(
    "shape, media_type, start",
    [
        ("json", "application/json", b'{"errorCode"'),
        ("empty", None, b""),
        ("html", "text/html", b"<html>"),
        ("list", "application/json", b'[{"errorCode"'),
        ("xml", "application/xml", b"<error code="),
        ("plain", "text/plain", b"Unauthorized"),
    ],
)
def test_error_shape(tenant, shape, media_type, start):
    tenant.sim.set(error_shape=shape)
    reply = tenant.pat_login("pat.site")
    assert reply.status == 401
    assert reply.headers.get("Content-Type") == media_type
    assert reply.body.startswith(start) and bool(reply.body) == bool(start)


def test_tcm_scope_error(tenant):
    tenant.configure()
    session = tenant.login(tenant.jwt()).json()["sessionToken"]
    path = f"/api/v1/tenants/{tenant.id}/users"
    distinct = tenant.tcm("GET", path, session=session).body
    tenant.sim.set(tcm_scope_error="same")
    same = tenant.tcm("GET", path, session=session).body
    lost = tenant.tcm("GET", path, session="none").body
    assert same == lost != distinct


def test_session_expiration_and_fraction_digits(tenant):
    def expiration():
        return tenant.pat_login().json()["sessionExpiration"]

    late = expiration()
    tenant.sim.set(session_expiration="idle", fraction_digits=6)
    soon = expiration()
    assert soon < late
    assert re.search(r":\d\d\.\d{6}Z$", soon)
    tenant.sim.set(fraction_digits=0)
    assert re.search(r":\d\dZ$", expiration())


def test_list_paging(tenant):
    for name in "abc":
        tenant.configure(name=name)
    whole = tenant.tcm("GET", CONFIGS).json()
    tenant.sim.set(list_envelope="keyed", list_paging="token", list_page_size=2)
    found, query = [], ""
    while query is not None:
        answer = tenant.tcm("GET", CONFIGS + query).json()
        found.append(answer["uatConfigurations"])
        token = answer["nextPageToken"]
        query = f"?pageToken={quote(token, safe='')}" if token else None
    assert found == [whole[:2], whole[2:]]
    tenant.sim.set(list_envelope="bare", list_paging="number")
    for number, page in enumerate([whole[:2], whole[2:], []]):
        path = f"{CONFIGS}?pageNumber={number}"
        assert tenant.tcm("GET", path).json() == page


def test_sites_paging(tenant):
    tenant.sim.set(sites_paging="number")
    base = f"/api/v1/tenants/{tenant.id}/sites?pageSize=1&pageNumber="
    found = [tenant.tcm("GET", f"{base}{n}").json() for n in range(3)]
    assert [len(answer["sites"]) for answer in found] == [1, 1, 0]
    assert "pageToken" not in found[0]


def test_users_page_key(tenant):
    tenant.sim.set(users_page_key="pageToken")
    answer = tenant.tcm("GET", f"/api/v1/tenants/{tenant.id}/users").json()
    assert set(answer) == {"users", "pageToken"}


def test_rest_version(tenant):
    tenant.configure()
    tenant.sim.set(rest_version="3.30")
    info = tenant.sim.request("GET", "/api/3.4/serverinfo").json()
    assert info["serverInfo"]["restApiVersion"] == "3.30"
    assert tenant.signin(tenant.jwt(), version="3.30").status == 200


def test_max_lifetime(tenant):
    tenant.configure()
    tenant.sim.set(max_lifetime=120)
    assert tenant.verdict(tenant.jwt()) == "lifetime-too-long"
    tenant.sim.set(max_lifetime=0)  # no bound
    assert tenant.verdict(tenant.jwt(exp=4102444800)) == "ok"


def test_clock_skew(tenant):
    tenant.configure()
    token = tenant.jwt()
    tenant.sim.set(clock_skew=1000)
    tenant.sim.advance(-900)
    assert tenant.verdict(token) == "ok"
    tenant.sim.set(clock_skew=0)
    assert tenant.verdict(token) == "iat-future"


def test_tcm_jwt_size(tenant):
    tenant.configure()
    long = tenant.jwt(pad="x" * 9000)
    assert tenant.verdict(long) == "too-large"
    tenant.sim.set(tcm_jwt_size=0)  # no bound
    assert tenant.verdict(long) == "ok"
    assert tenant.signin(long).status == 401  # this bound is established


def test_switches_set_at_start_survive_a_reset(tmp_path):
    arguments = ("--set", "create-status=201", "--set", "rest-version=3.30")
    with Simulator(tmp_path, *arguments) as sim:
        sim.set(create_status=200)
        sim.reset()
        options = sim.control("GET", "options")
    assert options["create-status"] == "201"
    assert options["rest-version"] == "3.30"


@pytest.mark.parametrize(
    "changes", [{"nothing": 1}, {"jti-replay": "maybe"}, {"max-lifetime": "x"}]
)
def test_bad_switch_changes_nothing(sim, changes):
    body = {"create-status": 201, **changes}
    reply = sim.request("POST", "/_sim/options", body)
    assert reply.status == 400, json.dumps(changes)
    assert sim.control("GET", "options")["create-status"] == "200"


def test_etags(tenant):
    made = tenant.configure()
    path = f"{CONFIGS}/{made['configId']}"
    assert "ETag" not in tenant.tcm("GET", path).headers
    tenant.sim.set(etags="on")
    first = tenant.tcm("GET", path).headers["ETag"]
    body = tenant.config_body(enabled=False)
    assert tenant.tcm("PUT", path, body, if_match='"other"').status == 412
    assert tenant.tcm("GET", path).headers["ETag"] == first
    assert tenant.tcm("PUT", path, body, if_match=first).status == 200
    assert tenant.tcm("GET", path).headers["ETag"] != first
    assert tenant.tcm("PUT", path, body).status == 200


@pytest.mark.parametrize(
    "route, member, status",
    [
        ("POST /api/v1/uat-revocations", "jti", 200),
        ("PUT /api/v2/revoked", "id", 204),
        ("DELETE /api/v1/uat-configurations/{config}/jwts/{jti}", "jti", 201),
    ],
)
def test_revocation_takes_the_form_that_is_set(tenant, route, member, status):
    config = tenant.configure()["configId"]
    tenant.sim.set(
        revoke_route=route, revoke_member=member, revoke_status=status
    )
    method, _, path = route.partition(" ")
    revoked, other = (tenant.jwt(jti=jti) for jti in ("j1", "j2"))
    assert tenant.verdict(revoked) == "ok"
    path = path.format(config=config, jti="j1")
    body = None if "j1" in path else {member: "j1"}
    assert tenant.tcm(method, path, body).status == status
    assert tenant.verdict(revoked) == "jti-revoked"
    assert tenant.verdict(other) == "ok"


def test_revocation_can_be_absent_or_ask_for_another_body(tenant):
    path = "/api/v1/uat-revocations"
    assert tenant.tcm("POST", path, {"id": "j"}).status == 400
    assert tenant.tcm("PUT", path, {"jti": "j"}).status == 405
    tenant.sim.set(revoke_route="none")
    assert tenant.tcm("POST", path, {"jti": "j"}).status == 404
