"""Sessions: kept, used again, renewed once, and never twice at a time."""

import fcntl
import os
import re
import stat
import time
from pathlib import Path

import pytest

from cli_cloud import JWT_LOGIN, PAT_LOGIN, SIGN_IN
from cli_run import fails, strict_json, succeeds, wait_until

IDLE_S, WHOLE_S = 31 * 60, 4 * 3600
USERS = "tableau:users:read"


@pytest.fixture(params=["pat", "jwt"])
def tcm(request, configured, signet):
    """Calls Cloud Manager in a session of either kind."""

    def call(*options):
        way = f"--{request.param}"
        return signet("api", "tcm", "GET", configured.sites_path, way, *options)

    return call


@pytest.fixture
def site(configured, signet):
    def call(*options):
        return signet("api", "tableau", "GET", configured.workbooks_path, *options)

    return call


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# Kept


def test_one_sign_in_serves_many_calls(configured, tcm, site):
    for _ in range(3):
        succeeds(tcm())
        succeeds(site())
    assert configured.logins() == 2
    assert len(configured.asked()) == 3 + 3 + 3  # and one for the version


def test_files_are_private_and_none_is_left_over(signet, tcm, site):
    old = os.umask(0)
    try:
        succeeds(tcm())
        succeeds(site())
    finally:
        os.umask(old)
    assert mode(signet.cache) == 0o700
    files = list(signet.cache.iterdir())
    assert all(mode(file) == 0o600 for file in files)
    assert {file.suffix for file in files} <= {".json", ".lock"}
    for lock in signet.cache.glob("*.lock"):
        assert lock.read_bytes() == b""
    assert len(signet.kept()) == 2


def test_neither_jwt_nor_pat_is_kept(configured, signet, tcm, site):
    succeeds(tcm())
    succeeds(site())
    for file in signet.cache.iterdir():
        text = file.read_text()
        assert "eyJ" not in text and signet.secrets[1] not in text


@pytest.mark.parametrize("service", ["tcm", "site"])
def test_no_cache_leaves_no_file(configured, signet, tcm, site, service):
    call = tcm if service == "tcm" else site
    for _ in range(2):
        succeeds(call("--no-cache"))
    assert configured.logins() == 2
    assert not signet.cache.exists()


def test_no_cache_does_not_use_what_is_kept(configured, tcm):
    succeeds(tcm())
    succeeds(tcm("--no-cache"))
    assert configured.logins() == 2


def test_the_folder_can_be_named(configured, signet):
    folder = signet.home / "else" / "where"
    env = {"SIGNET_CACHE_DIR": str(folder)}
    signet.ok("login", "tcm", "--pat", env=env)
    assert mode(folder) == 0o700 and len(list(folder.glob("*.json"))) == 1
    xdg = {"XDG_CACHE_HOME": str(signet.home / "xdg")}
    signet.ok("login", "tcm", "--pat", env=xdg)
    assert list((signet.home / "xdg" / "signet").glob("*.json"))


def test_a_folder_open_to_others_is_refused(cloud, signet):
    signet.cache.mkdir(parents=True)
    signet.cache.chmod(0o755)
    result = signet("login", "tcm", "--pat")
    line = fails(result, 8, str(signet.cache), "chmod 700", "--no-cache")
    assert cloud.logins() == 0
    # What status says of it is the same.
    assert fails(signet("status"), 8).removeprefix("signet: ") in line


@pytest.mark.parametrize("what", ["empty", "garbage", "open"])
def test_a_bad_file_is_replaced_by_a_new_session(configured, signet, tcm, what):
    succeeds(tcm())
    (file,) = signet.cache.glob("*.json")
    if what == "open":
        file.chmod(0o644)
    else:
        file.write_text("" if what == "empty" else '{"version":1,')
    succeeds(tcm())
    succeeds(tcm())
    assert configured.logins() == 2


# Told apart


@pytest.mark.parametrize(
    "options, env",
    [
        (["--scope", USERS], {}),
        ([], {"TABLEAU_CLOUD_USERNAME": "viewer@signet.example"}),
        (["--site", "lantern"], {"TABLEAU_CLOUD_SITE_LUID": None}),
    ],
    ids=["scopes", "user", "site"],
)
def test_another_identity_never_shares_a_session(cloud, signet, options, env):
    ids = [cloud.site["luid"], cloud.other_site["luid"], cloud.tenant]
    cloud.configure(resourceIds=ids)
    path = "/sessions/current"
    signet.ok("api", "tableau", "GET", path)
    signet.ok("api", "tableau", "GET", path, *options, env=env)
    assert cloud.logins() == 2 and len(signet.kept()) == 2


def test_neither_order_nor_repeats_of_scopes_matter(configured, signet):
    scopes = configured.signet.env["SIGNET_SCOPES"].split()
    for order in (scopes, scopes[::-1], scopes + scopes[:1]):
        env = {"SIGNET_SCOPES": ",".join(order)}
        signet.ok("api", "tableau", "GET", "/sessions/current", env=env)
    assert configured.logins() == 1


# Ended


def test_dropped_sessions_are_renewed_once_and_the_call_repeated(
    configured, tcm, site
):
    succeeds(tcm())
    succeeds(site())
    configured.sim.drop_sessions()
    # The site is asked for the session itself before it is given up.
    for call, refusals in ((tcm, 1), (site, 2)):
        before = len(configured.asked())
        assert succeeds(call()).stdout
        statuses = [e["status"] for e in configured.entries()[before:]]
        assert statuses.count(401) == refusals and statuses[-1] == 200
    assert configured.logins() == 4
    succeeds(tcm())
    succeeds(site())
    assert configured.logins() == 4


def test_an_idle_session_is_renewed(configured, signet, tcm):
    """The service's clock runs ahead at first, and so must its skew."""
    configured.sim.set(clock_skew=str(WHOLE_S))
    configured.sim.advance(-IDLE_S)
    succeeds(tcm())
    configured.sim.advance(IDLE_S)
    succeeds(tcm())
    reasons = [entry["reason"] for entry in configured.entries()]
    assert reasons == ["ok", "ok", "session-idle", "ok", "ok"]


def test_a_session_older_than_four_hours_is_renewed(configured, signet):
    call = ["api", "tcm", "GET", configured.sites_path, "--pat"]
    signet.ok(*call)
    for _ in range(8):
        configured.sim.advance(29 * 60)
        signet.ok(*call)
    configured.sim.advance(29 * 60)
    signet.ok(*call)
    reasons = [e["reason"] for e in configured.entries()]
    assert reasons.count("session-expired") == 1
    assert configured.logins() == 2


def test_a_session_known_to_have_ended_is_not_tried(configured, signet):
    call = ["api", "tcm", "GET", configured.sites_path, "--pat"]
    signet.ok(*call)
    (file,) = signet.cache.glob("*.json")
    ended = re.sub(r'"expires":\d+', f'"expires":{int(time.time())}', file.read_text())
    file.write_text(ended)
    assert signet.json("status")["sessions"][0]["valid"] is False
    signet.ok(*call)
    assert [e["reason"] for e in configured.entries()] == ["ok"] * 4


def test_login_signs_in_anew_whatever_is_kept(configured, signet):
    for _ in range(2):
        signet.ok("login", "tcm", "--pat")
    assert configured.asked() == [PAT_LOGIN] * 2
    assert len(signet.kept()) == 1


def test_a_renewal_that_fails_is_tried_once(configured, signet):
    """The session is gone and so is the configuration."""
    call = ["api", "tcm", "GET", configured.sites_path, "--jwt"]
    signet.ok(*call)
    config = configured.configs()[0]["configId"]
    configured.rest("DELETE", f"/api/v1/uat-configurations/{config}")
    configured.sim.drop_sessions()
    before = len(configured.asked())
    fails(signet(*call), 5, "401")
    assert configured.asked()[before:] == [
        f"GET /api/v1{configured.sites_path}",
        JWT_LOGIN,
    ]


# A scope that is missing is no session that ended


def test_a_new_session_is_not_renewed_for_a_missing_scope(configured, signet):
    path = configured.workbooks_path
    options = ["--scope", USERS]
    result = signet("api", "tableau", "GET", path, *options)
    fails(result, 5, "401002", "scope", "SIGNET_SCOPES")
    assert configured.asked().count(SIGN_IN) == 1


@pytest.mark.parametrize("error", ["distinct", "same"])
def test_a_new_tcm_session_is_not_renewed_either(configured, signet, error):
    configured.sim.set(tcm_scope_error=error)
    path = f"/tenants/{configured.tenant}/users"
    fails(signet("api", "tcm", "GET", path, "--jwt"), 5, "401", "scope")
    assert configured.asked().count(JWT_LOGIN) == 1


def test_a_kept_session_is_not_renewed_for_a_missing_scope_of_tcm(
    configured, signet
):
    """Cloud Manager's code for it is not the code of a lost session."""
    signet.ok("login", "tcm", "--jwt")
    path = f"/tenants/{configured.tenant}/users"
    fails(signet("api", "tcm", "GET", path, "--jwt"), 5, "401002", "scope")
    assert configured.asked().count(JWT_LOGIN) == 1


def test_a_kept_site_session_is_not_renewed_for_a_missing_scope(
    configured, signet
):
    """There 401002 can mean either, so the session itself is asked for."""
    options = ["--scope", USERS]
    signet.ok("login", "tableau", *options)
    path = configured.workbooks_path
    told = ["401002", "tableau:content:read", "has not ended"]
    fails(signet("api", "tableau", "GET", path, *options), 5, *told)
    assert configured.asked().count(SIGN_IN) == 1
    assert configured.asked()[-1] == "GET /api/3.28/sessions/current"


@pytest.mark.parametrize("answer", [404, 500])
def test_a_pod_that_cannot_tell_costs_one_renewal(configured, signet, answer):
    options = ["--scope", USERS]
    signet.ok("login", "tableau", *options)
    match = {"method": "GET", "path-prefix": "/api/3.28/sessions/current"}
    configured.sim.faults({"match": match, "status": answer, "times": None})
    path = configured.workbooks_path
    told = ["401002", "tableau:content:read"]
    fails(signet("api", "tableau", "GET", path, *options), 5, *told)
    assert configured.asked().count(SIGN_IN) == 2


@pytest.mark.parametrize(
    "path, scope",
    [
        ("/tenants/{tenant}/users", "tableau:tcm_users:read"),
        ("/tenants/{tenant}/activitylog", "tableau:tcm_tenants_logs:read"),
        ("/uat-configurations", "tableau:tcm_uat_configs:read"),
    ],
)
def test_the_scope_that_a_method_needs_is_named(configured, signet, path, scope):
    path = path.format(tenant=configured.tenant)
    fails(signet("api", "tcm", "GET", path, "--jwt"), 5, "401002", scope)


# Many at once


@pytest.mark.parametrize("service", ["pat", "jwt", "site"])
def test_ten_at_once_make_one_sign_in(configured, signet, service):
    # Slow enough that all ten find the cache empty.
    paths = {"pat": PAT_LOGIN, "jwt": JWT_LOGIN, "site": SIGN_IN}
    prefix = paths[service].split()[1]
    configured.sim.faults({"match": {"path-prefix": prefix}, "delay_s": 0.5})
    if service == "site":
        words = ["api", "tableau", "GET", configured.workbooks_path]
    else:
        words = ["api", "tcm", "GET", configured.sites_path, f"--{service}"]
    running = [signet.start(*words) for _ in range(10)]
    for process in running:
        succeeds(signet.finish(process))
    assert configured.logins() == 1
    assert configured.sim.state()["sessions"] <= 2


def has_open(process, path):
    for link in Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            if os.path.samefile(link, path):
                return True
        except FileNotFoundError:
            pass  # closed since it was listed
    return False


@pytest.mark.root
@pytest.mark.parametrize("service", ["tcm", "tableau"])
def test_ten_logins_at_once_make_one_sign_in(configured, signet, service):
    """Held up until all of them wait for their turn."""
    words = ["login", service, *(["--jwt"] if service == "tcm" else [])]
    signet.ok(*words)
    (lock,) = signet.cache.glob("*.lock")
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        running = [signet.start(*words) for _ in range(10)]
        for process in running:
            wait_until(lambda p=process: p.poll() is not None or has_open(p, lock))
            assert process.poll() is None
    for process in running:
        succeeds(signet.finish(process))
    assert configured.logins() == 2


def test_ten_at_once_renew_a_dropped_session_once(configured, signet):
    words = ["api", "tcm", "GET", configured.sites_path, "--pat"]
    signet.ok(*words)
    configured.sim.drop_sessions()
    prefix = PAT_LOGIN.split()[1]
    configured.sim.faults({"match": {"path-prefix": prefix}, "delay_s": 0.5})
    running = [signet.start(*words) for _ in range(10)]
    for process in running:
        succeeds(signet.finish(process))
    assert configured.logins() == 2


# Kept apart


@pytest.mark.parametrize(
    "words",
    [["--claim", "https://tableau.com/oda=true"], ["--kid", "other"]],
)
def test_a_jwt_that_says_more_has_a_session_of_its_own(configured, site, words):
    succeeds(site())
    succeeds(site(*words))
    assert configured.logins() == 2
    succeeds(site(*words))
    succeeds(site())
    assert configured.logins() == 2


def test_another_pat_has_a_session_of_its_own(cloud, signet):
    words = ["api", "tcm", "GET", cloud.sites_path, "--pat"]
    signet.ok(*words)
    other = {"CLOUD_MANAGER_PAT_SECRET": "other", "CLOUD_MANAGER_PAT_SECRET_FILE": ""}
    fails(signet(*words, env=other), 5, "401")


def test_a_session_that_is_not_kept_is_signed_out(tcm, configured):
    succeeds(tcm("--no-cache"))
    assert configured.asked()[-1] == "DELETE /api/v2/sessions"


def test_a_session_that_looks_ended_is_signed_out_all_the_same(configured, signet, site):
    succeeds(site())
    path, = signet.cache.glob("*.json")
    aged = re.sub(r'"(made\w*|used\w*)":\d+', r'"\1":1000000000', path.read_text())
    path.write_text(aged)
    path.chmod(0o600)
    signet.ok("logout")
    assert configured.asked()[-1].endswith("/auth/signout")


@pytest.mark.parametrize(
    "words",
    ["api tcm GET {} --no-cache", "uat check", "uat check --online"],
)
def test_a_sign_out_that_fails_is_told_alike(configured, signet, words):
    """A session that is kept nowhere is left at the service."""
    match = {"method": "DELETE", "path-prefix": "/api/v2/sessions"}
    configured.sim.faults({"match": match, "status": 500, "times": None})
    result = signet(*words.format(configured.sites_path).split(), "--pat")
    assert "the session ends by itself" in result.stderr


@pytest.mark.parametrize("failing", [1, 2])
def test_a_logout_tells_of_each_session(configured, signet, failing):
    """One that cannot be signed out keeps no other from it, nor hides it."""
    signet.ok("login", "tableau")
    for way in ("--pat", "--jwt"):
        signet.ok("login", "tcm", way)
    match = {"method": "DELETE", "path-prefix": "/api/v2/sessions"}
    configured.sim.faults({"match": match, "status": 500, "times": failing})
    result = signet("logout", "--json")
    assert result.rc == 5
    value = strict_json(result.stdout)
    assert len(value["sessions"]) == 3 - failing
    assert all(session["signedOut"] for session in value["sessions"])
    assert result.stderr.count("forgotten, but not signed out") == failing
    assert signet.kept() == []
    assert configured.sim.state()["sessions"] == 1 + failing, "and the test's"
