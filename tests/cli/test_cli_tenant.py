"""The tenant, its sites, its users, and how they sign in."""

import json

import pytest

from cli_run import fails, succeeds

SALESFORCE = {
    "enabled": True,
    "knownProviderAlias": "Salesforce",
    "salesforceDomain": "login.salesforce.com",
}
LINK = {
    "linkID": "ce9cad81-cd67-43fb-b952-2441d7b5a751",
    "linkRole": "LINK_ADMIN",
    "idp": "OpenID",
}


@pytest.fixture
def tcm(cloud, signet):
    """signet at Cloud Manager with the PAT."""

    def call(*words, **kwargs):
        return signet(*words, "--pat", **kwargs)

    return call


def numbered_sites(first, count):
    return [
        {"siteUUID": f"00000000-0000-4000-8000-{n:012d}", "contentUrl": f"s{n}"}
        for n in range(first, first + count)
    ]


def answers(cloud, *pages, status=200):
    """The next listings get these instead of the simulator's own."""
    cloud.sim.faults(
        *(
            {
                "match": {"method": "GET", "path-prefix": "/api/v1/tenants"},
                "status": status,
                "body": page,
            }
            for page in pages
        )
    )


def test_tenant_get(cloud, signet):
    shown = signet.json("tenant", "get", "--pat")["tenant"]
    assert shown == {"tenantId": cloud.tenant, "name": "signet-example"}
    lines = signet.ok("tenant", "get", "--pat").splitlines()
    assert f"tenantId     {cloud.tenant}" in lines


def test_the_session_knows_the_tenant(cloud, signet):
    env = {"CLOUD_MANAGER_TENANT_ID": None}
    shown = signet.json("tenant", "get", "--pat", env=env)
    assert shown["tenant"]["tenantId"] == cloud.tenant


def test_a_tenant_that_is_not_ours_is_refused(cloud, tcm):
    env = {"CLOUD_MANAGER_TENANT_ID": "00000000-0000-4000-8000-000000000000"}
    fails(tcm("tenant", "get", env=env), 7, "CLOUD_MANAGER_TENANT_ID")


@pytest.mark.parametrize("paging", ["token", "number"])
def test_site_list_in_either_way_of_paging(cloud, signet, paging):
    cloud.sim.set(sites_paging=paging)
    sites = signet.json("site", "list", "--pat")["sites"]
    assert [site["siteUUID"] for site in sites] == [
        cloud.site["luid"],
        cloud.other_site["luid"],
    ]
    lines = [line.split() for line in signet.ok("site", "list", "--pat").splitlines()]
    assert [words[:2] for words in lines] == [
        [cloud.site["luid"], "harbor"],
        [cloud.other_site["luid"], "lantern"],
    ]


def test_the_pod_is_not_given_for_the_site(cloud, signet):
    (first, _) = signet.ok("site", "list", "--pat").splitlines()
    shown = signet.json("site", "list", "--pat")["sites"][0]
    assert first.split()[0] != shown["instance"]["id"]
    assert first.split()[2] == shown["instance"]["id"]


def test_many_pages_make_one_list(cloud, signet):
    answers(
        cloud,
        {"sites": numbered_sites(0, 100), "pageToken": "a/b"},
        {"sites": numbered_sites(100, 100), "pageToken": "c+d"},
        {"sites": numbered_sites(200, 1), "pageToken": None},
    )
    sites = signet.json("site", "list", "--pat")["sites"]
    assert [site["contentUrl"] for site in sites] == [f"s{n}" for n in range(201)]
    queries = [e["query"] for e in cloud.entries() if e["path"].endswith("/sites")]
    assert [q.get("pageToken") for q in queries] == [None, "a/b", "c+d"]
    assert {q["pageSize"] for q in queries} == {"100"}


def test_a_service_that_heeds_nothing_gives_its_page_once(cloud, signet):
    page = {"sites": numbered_sites(0, 100)}
    answers(cloud, page, page, page)
    assert len(signet.json("site", "list", "--pat")["sites"]) == 100


def test_pages_in_a_circle_are_an_error(cloud, tcm):
    one = {"sites": numbered_sites(0, 100), "pageToken": "a"}
    two = {"sites": numbered_sites(100, 100), "pageToken": "a"}
    answers(cloud, one, two)
    fails(tcm("site", "list"), 5, "circle")


@pytest.mark.parametrize("key", ["nextPageToken", "pageToken"])
def test_user_list_with_either_token(cloud, signet, key):
    cloud.sim.set(users_page_key=key)
    for number in range(150):
        path = f"/api/v1/tenants/{cloud.tenant}/users"
        body = {"linkRoles": [LINK], "email": f"u{number}@signet.example"}
        assert cloud.rest("POST", path, body).status == 200
    users = signet.json("user", "list", "--pat")["users"]
    emails = [user["email"] for user in users]
    assert len(emails) == len(set(emails)) == 152
    assert emails[-1] == "u149@signet.example"
    text = signet.ok("user", "list", "--pat")
    assert text.splitlines()[-1].split()[1] == "u149@signet.example"


def test_user_add_by_options(cloud, signet):
    words = ["user", "add", "--pat", "--link-id", LINK["linkID"]]
    words += ["--link-role", LINK["linkRole"], "--idp", LINK["idp"]]
    user = signet.json(*words)["user"]
    assert user["linkRoles"] == [LINK]
    assert user["userId"] in signet.ok("user", "list", "--pat")


def test_user_add_sends_the_file_as_it_is(cloud, signet):
    body = {"linkRoles": [LINK], "email": "new@signet.example", "x": [1.25, None]}
    file = signet.config(json.dumps(body), "user.json")
    user = signet.json("user", "add", "--pat", "--data", file)["user"]
    assert {name: user[name] for name in body} == body


def test_a_lost_answer_is_told_and_nothing_sent_twice(cloud, tcm, signet):
    file = signet.config(json.dumps({"linkRoles": [LINK]}), "user.json")
    cloud.sim.faults(
        {"match": {"method": "POST", "path-prefix": "/api/v1/tenants"},
         "action": "close", "after": True},
    )
    fails(tcm("user", "add", "--data", file), 6, "may be there", "user list")
    posts = [a for a in cloud.asked() if a.startswith("POST /api/v1/tenants")]
    assert len(posts) == 1
    assert len(signet.ok("user", "list", "--pat").splitlines()) == 3


def test_a_user_without_a_role_is_not_sent(cloud, tcm):
    fails(tcm("user", "add", "--link-id", "x", "--idp", "OpenID"), 2, "--link-role")
    assert cloud.asked() == []


def test_oidc_of_salesforce_by_options(cloud, signet):
    words = ["--provider", "Salesforce"]
    words += ["--salesforce-domain", "login.salesforce.com"]
    assert signet.json("oidc", "set", "--pat", *words)["oidc"] == SALESFORCE
    assert signet.json("oidc", "get", "--pat")["oidc"] == SALESFORCE
    path = f"/api/v1/resources/{cloud.tenant}/oidcconfiguration"
    assert cloud.rest("GET", path).json() == SALESFORCE
    assert "enabled      true\n" in signet.ok("oidc", "get", "--pat")


def test_oidc_of_google_by_options(cloud, signet):
    signet.ok("oidc", "set", "--pat", "--provider", "Google", "--disabled")
    shown = signet.json("oidc", "get", "--pat")["oidc"]
    assert shown == {"enabled": False, "knownProviderAlias": "Google"}


def test_oidc_of_a_site_from_a_file(cloud, signet):
    body = {"enabled": True, "clientId": "c", "unknown": {"deep": [1, 2.5]}}
    site = ["--resource", cloud.site["luid"]]
    signet.ok("oidc", "set", "--pat", *site, "--data", "-", stdin=json.dumps(body))
    assert signet.json("oidc", "get", "--pat", *site)["oidc"] == body
    assert signet("oidc", "get", "--pat").rc == 5  # the tenant has none


def test_scopes_are_what_the_service_says(configured, signet):
    result = signet("oidc", "get", "--jwt")
    fails(result, 5, "401002")
    assert configured.reason() == "scope-missing"
    succeeds(signet("site", "list", "--jwt"))
