"""Whatever the real service turns out to do, signet lives with it."""

import time

import pytest

from cli_cloud import CONFIGS, JWT_LOGIN, SIGN_IN
from cli_run import fails, succeeds

SHAPES = ["json", "empty", "html", "list", "xml", "plain"]


@pytest.mark.parametrize("envelope", ["bare", "keyed", "other"])
@pytest.mark.parametrize("shape", ["string", "object"])
def test_every_list_is_understood(cloud, signet, envelope, shape):
    made = cloud.configure(name="mine")
    cloud.configure(name="other", issuer="https://b.example")
    cloud.sim.set(list_envelope=envelope, id_shape=shape)
    assert len(signet.ok("uat", "list", "--pat").splitlines()) == 2
    shown = signet.json("uat", "get", "mine", "--pat")
    assert shown["configId"] == made["configId"]
    signet.ok("uat", "delete", "mine", "--yes", "--pat")
    assert len(signet.json("uat", "list", "--pat")["configurations"]) == 1


@pytest.mark.parametrize("envelope", ["bare", "keyed", "other"])
def test_every_empty_list_is_understood(cloud, signet, envelope):
    cloud.sim.set(list_envelope=envelope)
    assert signet.ok("uat", "list", "--pat") == ""
    fails(signet("uat", "get", "mine", "--pat"), 5, "mine")


@pytest.mark.parametrize("envelope", ["keyed", "other"])
def test_a_list_in_pages_is_read_to_its_end(cloud, signet, envelope):
    """What is looked for stands on the last page."""
    names = [f"n{number}" for number in range(5)]
    made = [cloud.configure(name=name)["configId"] for name in names]
    cloud.sim.set(list_envelope=envelope, list_paging="token", list_page_size=2)
    found = signet.json("uat", "list", "--pat")["configurations"]
    assert [config["configId"] for config in found] == made
    assert signet.json("uat", "get", "n4", "--pat")["configId"] == made[4]
    again = ["uat", "create", "--name", "n4", "--if-absent", "--pat"]
    fails(signet(*again, "--issuer", "https://b.example"), 5, made[4], "issuer")
    signet.ok("uat", "delete", "n4", "--yes", "--pat")
    cloud.sim.set(list_envelope="bare", list_paging="off")
    assert [config["name"] for config in cloud.configs()] == names[:4]


def test_a_lost_create_is_found_on_a_later_page(cloud, signet):
    for number in range(3):
        cloud.configure(name=f"n{number}")
    cloud.sim.set(list_envelope="keyed", list_paging="token", list_page_size=1)
    lost = {"match": {"method": "POST", "path-prefix": CONFIGS}, "after": True}
    cloud.sim.faults({**lost, "action": "close"})
    made = signet.json("uat", "create", "--name", "mine", "--pat")["configId"]
    cloud.sim.set(list_envelope="bare", list_paging="off")
    assert made == cloud.configs()[3]["configId"]


def test_a_long_list_without_a_token_is_read_to_its_end(cloud, signet):
    for number in range(103):
        cloud.configure(name=f"n{number}")
    cloud.sim.set(list_paging="number")
    assert len(signet.json("uat", "list", "--pat")["configurations"]) == 103


@pytest.mark.parametrize("envelope", ["bare", "keyed"])
@pytest.mark.parametrize("count", [20, 23])
def test_a_bound_that_the_service_keeps_to_itself(cloud, signet, envelope, count):
    """Smaller pages than were asked for, and no word of it."""
    for number in range(count):
        cloud.configure(name=f"n{number}")
    cloud.sim.set(list_envelope=envelope, list_paging="number", list_page_size=10)
    found = signet.json("uat", "list", "--pat")["configurations"]
    names = sorted(config["name"] for config in found)
    assert names == sorted(f"n{number}" for number in range(count))
    words = ["api", "tcm", "GET", "/uat-configurations", "--paginate", "--pat"]
    body = signet.json(*words)["body"]
    listed = body if envelope == "bare" else body["uatConfigurations"]
    assert len(listed) == count


@pytest.mark.parametrize("create", ["200", "201"])
@pytest.mark.parametrize("update", ["200", "204"])
@pytest.mark.parametrize("delete", ["200", "204"])
def test_every_status_of_success_is_one(cloud, signet, create, update, delete):
    cloud.sim.set(
        create_status=create, update_status=update, delete_status=delete
    )
    made = signet.json("uat", "create", "--name", "a", "--pat")["configId"]
    text = signet.ok("uat", "update", made, "--name", "b", "--pat")
    assert "b" in text.split()
    shown = signet.json("uat", "disable", made, "--pat")
    assert shown["configId"] == made
    assert shown["configuration"]["enabled"] is False
    (config,) = cloud.configs()
    assert (config["name"], config["enabled"]) == ("b", False)
    signet.ok("uat", "delete", "b", "--yes", "--pat")
    assert cloud.configs() == []


def test_logout_where_there_is_no_sign_out(cloud, signet):
    cloud.sim.set(signout="absent")
    signet.ok("login", "tcm", "--pat")
    result = succeeds(signet("logout", "tcm"))
    assert "forgotten" in result.stdout
    assert "ends by itself" in result.stderr
    assert signet.kept() == []
    signet.ok("login", "tcm", "--pat")
    (ended,) = signet.json("logout", "tcm")["sessions"]
    assert ended["signedOut"] is False


@pytest.mark.parametrize("status", ["200", "204"])
def test_sign_out_of_a_site(configured, signet, status):
    configured.sim.set(rest_signout_status=status)
    signet.ok("login", "tableau")
    assert "signed out" in signet.ok("logout", "tableau")
    assert configured.asked()[-1] == "POST /api/3.28/auth/signout"


@pytest.mark.parametrize("shape", SHAPES)
def test_an_error_in_any_shape_is_one_line(cloud, signet, shape):
    cloud.sim.set(error_shape=shape)
    path = f"/tenants/{cloud.tenant}/nothing"
    fails(signet("api", "tcm", "GET", path, "--pat"), 5, "HTTP 404")
    pat = str(cloud.sim.directory / "pat.site")
    env = {"CLOUD_MANAGER_PAT_SECRET_FILE": pat}
    fails(signet("login", "tcm", "--pat", env=env), 5, "HTTP 401", "PAT")
    fails(signet("login", "tcm", "--jwt"), 5, "HTTP 401", "configuration")


@pytest.mark.parametrize("shape", [s for s in SHAPES if s != "empty"])
def test_the_services_own_words_are_passed_on(cloud, signet, shape):
    cloud.sim.set(error_shape=shape)
    cloud.configure(name="x")
    result = signet("uat", "create", "--name", "x", "--pat")
    line = fails(result, 5, "HTTP 409")
    if shape != "html":
        assert "a configuration of this name exists" in line
    else:
        assert "HTML" in line
    if shape in ("json", "list", "xml"):
        assert "409000" in line


@pytest.mark.parametrize("status", ["401", "403"])
def test_a_refused_pat_is_told_with_either_status(cloud, signet, status):
    cloud.sim.set(pat_failure=status)
    pat = str(cloud.sim.directory / "pat.expired")
    env = {"CLOUD_MANAGER_PAT_SECRET_FILE": pat}
    fails(signet("login", "tcm", "--pat", env=env), 5, status, "expired")


@pytest.mark.parametrize("digits", [0, 1, 3, 6, 9])
def test_session_end_is_read_with_any_fraction(cloud, signet, digits):
    """The times of the answer are of one moment but for how long it took."""
    cloud.sim.set(fraction_digits=str(digits), session_expiration="idle")
    begun = time.monotonic()
    signet.ok("login", "tcm", "--pat")
    took_s = time.monotonic() - begun
    (kept,) = signet.kept()
    session = kept["session"]
    lasts_s = session["expires"] - session["made"]
    assert 30 * 60 - took_s - 1 <= lasts_s <= 30 * 60


def test_session_end_may_move_with_the_idle_window(cloud, signet):
    cloud.sim.set(session_expiration="idle")
    signet.ok("login", "tcm", "--pat")
    signet.ok("api", "tcm", "GET", cloud.sites_path)
    assert cloud.logins() == 1


def test_every_jwt_may_be_used_once_only(configured, signet):
    configured.sim.set(jti_replay="refuse")
    signet.ok("login", "tcm", "--jwt")
    signet.ok("login", "tableau")
    signet.ok("login", "tcm", "--jwt")
    assert configured.asked().count(JWT_LOGIN) == 2


def test_a_service_with_a_short_lifetime_is_satisfied(configured, signet):
    configured.sim.set(max_lifetime="60", clock_skew="0")
    fails(signet("login", "tcm", "--jwt"), 5, "401")
    assert configured.reason() == "lifetime-too-long"
    signet.ok("login", "tcm", "--jwt", "--lifetime", "1m")


def test_an_old_pod_is_told_before_a_jwt_goes_out(configured, signet):
    configured.sim.set(rest_version="3.26")
    fails(signet("login", "tableau"), 5, "3.26", "3.27")
    assert SIGN_IN not in configured.asked()
    assert not any("auth" in path for path in configured.asked())


@pytest.mark.parametrize("version", ["3.27", "3.30", "4.0"])
def test_the_pods_own_version_is_spoken(configured, signet, version):
    configured.sim.set(rest_version=version)
    assert signet.json("login", "tableau")["apiVersion"] == version
    signet.ok("api", "tableau", "GET", configured.workbooks_path)
    assert f"/api/{version}/sites/" in configured.asked()[-1]
