"""Two tenants, sites, users, keys, PAT and JWT beside each other in one cache."""

import itertools
import json

import pytest

from cli_cloud import JWT_LOGIN, PAT_LOGIN, SCOPES, SIGN_IN, Cloud
from cli_run import succeeds
from simulator import Simulator

LOGINS = (PAT_LOGIN, JWT_LOGIN, SIGN_IN)


@pytest.fixture(scope="module")
def second_sim(tmp_path_factory):
    with Simulator(tmp_path_factory.mktemp("second") / "dir") as simulator:
        yield simulator


@pytest.fixture
def keys(own_token, signet):
    """Two keys of one token, as URI and PEM."""
    signet.env.update(own_token.env)
    first = signet.env["SIGNET_KEY"]
    made = signet.json("key", "generate", "--label", "second")["uri"]
    return {
        uri: signet.ok("key", "export", env={"SIGNET_KEY": uri})
        for uri in (first, made)
    }


@pytest.fixture
def clouds(sim, second_sim, signet, keys):
    second_sim.reset()
    found = []
    for simulator in (sim, second_sim):
        pems = list(keys.values())
        cloud = Cloud(simulator, signet, pems[0])
        ids = [cloud.tenant, cloud.site["luid"], cloud.other_site["luid"]]
        for number, pem in enumerate(pems):
            cloud.configure(name=f"k{number}", publicKey=pem, resourceIds=ids)
        signet.secrets.append(simulator.file("pat"))
        found.append(cloud)
    return found


def environment(cloud, key, user, site):
    trusted = cloud.sim.env
    return {
        **trusted,
        "SIGNET_KEY": key,
        "TABLEAU_CLOUD_USERNAME": user,
        "TABLEAU_CLOUD_SITE_ID": site["contentUrl"],
        "TABLEAU_CLOUD_SITE_LUID": site["luid"],
    }


def everyone(clouds, keys):
    """Each way to be someone: command, environment, what the answer says."""
    for cloud in clouds:
        site, key = cloud.site, next(iter(keys))
        own = {"tenantId": cloud.tenant}
        tcm = ["api", "tcm", "GET", "/api/v2/sessions"]
        env = environment(cloud, key, cloud.admin, site)
        yield cloud, [*tcm, "--pat"], env, own
        for key, scopes in itertools.product(keys, (SCOPES, SCOPES[:1])):
            env = environment(cloud, key, cloud.admin, site)
            env["SIGNET_SCOPES"] = " ".join(scopes)
            yield cloud, [*tcm, "--jwt"], env, own
        rest = ["api", "tableau", "GET", "/sessions/current"]
        for key, (user, site) in itertools.product(
            keys,
            [
                (cloud.admin, cloud.site),
                (cloud.admin, cloud.other_site),
                (cloud.viewer, cloud.site),
            ],
        ):
            env = environment(cloud, key, user, site)
            yield cloud, rest, env, {"user": user, "site": site["luid"]}


def said(text):
    value = json.loads(text)
    if "session" in value:
        session = value["session"]
        return {"user": session["user"]["name"], "site": session["site"]["id"]}
    return {"tenantId": value["tenantId"]}


def test_no_two_of_them_share_a_session(clouds, keys, signet):
    all_of_them = list(everyone(clouds, keys))
    assert len(all_of_them) == 22
    for order in (all_of_them, all_of_them[::-1]):
        for _, words, env, expected in order:
            result = succeeds(signet(*words, env=env))
            assert said(result.stdout) == expected
    # Every one signed in once, and each has a file of its own.
    assert sum(cloud.logins() for cloud in clouds) == len(all_of_them)
    assert len(signet.kept()) == len(all_of_them)
    # What is dropped in one tenant is renewed there, and only there.
    first, second = clouds
    first.sim.drop_sessions()
    before = first.logins(), second.logins()
    for _, words, env, expected in all_of_them:
        assert said(succeeds(signet(*words, env=env)).stdout) == expected
    assert first.logins() == before[0] + len(all_of_them) // 2
    assert second.logins() == before[1]


def test_logout_ends_each_at_its_own_service(clouds, keys, signet):
    for _, words, env, _ in everyone(clouds, keys):
        succeeds(signet(*words, env=env))
    # One CA file for both: each simulator has a CA of its own.
    bundle = signet.home / "both.pem"
    bundle.write_text("".join(c.sim.file("ca.pem") + "\n" for c in clouds))
    signet.ok("logout", env={"SIGNET_CA_FILE": str(bundle)})
    assert signet.kept() == []
    for cloud in clouds:
        assert cloud.sim.state()["sessions"] == 1  # the test's own


def test_ten_of_each_kind_at_once(clouds, keys, signet):
    """Ten runs of each of three identities make three sign-ins."""
    cloud, key = clouds[0], next(iter(keys))
    env = environment(cloud, key, cloud.admin, cloud.site)
    kinds = [
        ["api", "tcm", "GET", cloud.sites_path, "--pat"],
        ["api", "tcm", "GET", cloud.sites_path, "--jwt"],
        ["api", "tableau", "GET", cloud.workbooks_path],
    ]
    running = [signet.start(*kind, env=env) for kind in kinds * 10]
    for process in running:
        succeeds(signet.finish(process))
    assert cloud.logins() == 3
    logins = [line for line in cloud.asked() if line in LOGINS]
    assert sorted(logins) == sorted(LOGINS)
