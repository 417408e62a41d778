"""uat stop: the kill switch, and what it can and cannot show."""

import fcntl
import os
import signal
from contextlib import ExitStack, contextmanager

import pytest

from cli_cloud import CONFIGS, ISSUER, JWT_LOGIN, SCOPES, SIGN_IN
from cli_listen import held
from cli_rotate import Killer, Rotation
from cli_jose import jwk, public_pem, thumbprint
from cli_run import fails, strict_json, succeeds
from cryptography.hazmat.primitives.asymmetric import rsa

ADMIN_SCOPES = ["tableau:tcm_uat_configs:read", "tableau:tcm_uat_configs:update"]


@pytest.fixture
def stop(signet):
    """Runs uat stop: its exit status, its object, and what it told."""

    def run(*words, **kwargs):
        result = signet("uat", "stop", *words, "--json", **kwargs)
        return result.rc, strict_json(result.stdout), result.stderr

    return run


def enabled(cloud):
    return sorted(c["name"] for c in cloud.configs() if c["enabled"])


def other_pem():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return public_pem(key.public_key())


def mark(signet):
    (path,) = signet.home.glob("**/stopped.json")
    return path


def test_what_carries_the_key_is_disabled_and_nothing_signs(cloud, signet, stop):
    cloud.configure(name="one")
    cloud.configure(name="two", issuer="https://two.example")
    other = {"publicKey": other_pem(), "issuer": "https://o.example"}
    cloud.configure(name="of another key", **other)
    signet.ok("login", "tcm", "--jwt")
    rc, value, told = stop()
    assert rc == 0, told
    assert enabled(cloud) == ["of another key"]
    done = value["configurations"]
    assert sorted(c["name"] for c in done) == ["one", "two"]
    assert all(c["disabled"] for c in done)
    assert value["confirmed"] is True
    # Each is asked with the issuer that it takes.
    ways = [(c["service"], c["issuer"]) for c in value["confirmations"]]
    issuers = (ISSUER, "https://two.example")
    assert ways == [(s, i) for i in issuers for s in ("tcm", "tableau")]
    assert all("HTTP 401" in c["answer"] for c in value["confirmations"])
    # The service was asked, and it was the configuration that it refused.
    refused = [e for e in cloud.entries() if e["reason"] == "config-disabled"]
    assert [e["status"] for e in refused] == [401] * 4
    assert value["stopped"] == str(mark(signet))
    assert mark(signet).stat().st_mode & 0o777 == 0o600
    before = len(cloud.asked())
    for words in ("jwt sign", "login tcm --jwt", "login tableau", "key evidence"):
        told = ["was stopped", "signet uat stop --lift"]
        fails(signet(*words.split()), 7, *told)
    assert not {JWT_LOGIN, SIGN_IN} & set(cloud.asked()[before:])


def test_the_stop_is_lifted_and_the_configuration_enabled(configured, signet, stop):
    assert stop()[0] == 0
    assert signet.json("uat", "stop", "--lift")["lifted"] is True
    # Here it signs again; there it is still refused.
    fails(signet("login", "tcm", "--jwt"), 5, "401")
    signet.ok("uat", "enable", "signet", "--pat")
    signet.ok("login", "tcm", "--jwt")
    again = signet("uat", "stop", "--lift")
    assert "not stopped" in succeeds(again).stderr


def test_what_is_named_is_disabled(cloud, signet, stop):
    cloud.configure(name="one")
    cloud.configure(name="two", publicKey=other_pem())
    rc, value, _ = stop("two", "one")
    assert rc == 0 and enabled(cloud) == []
    assert [c["name"] for c in value["configurations"]] == ["two", "one"]


def test_a_refusal_that_the_stop_did_not_bring_confirms_nothing(cloud, stop):
    cloud.configure(name="one")
    cloud.configure(name="two", publicKey=other_pem())
    nobody = {"TABLEAU_CLOUD_USERNAME": "nobody@example.com"}
    rc, value, told = stop("two", env=nobody)
    assert rc == 5 and "not confirmed" in told and "none of the stop" in told
    assert value["confirmed"] is False and enabled(cloud) == ["one"]
    rc, value, _ = stop("one", env=nobody)
    assert rc == 0 and value["confirmed"] is True and enabled(cloud) == []


def published(cloud, *keys):
    url = cloud.sim.publish({"keys": [jwk(k, thumbprint(k)) for k in keys]})
    return {"publicKey": None, "jwksUri": url}


def other_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.public_key()


def test_a_set_that_holds_the_key_makes_a_carrier(cloud, signet, stop, public_key):
    """Of two configurations with one set both take it, whatever the issuer."""
    shared = published(cloud, other_key(), public_key)
    cloud.configure(name="ours", issuer=ISSUER, **shared)
    cloud.configure(name="also", issuer="https://also.example", **shared)
    other = {"SIGNET_ISSUER": "https://also.example"}
    for env in ({}, other):
        signet.ok("login", "tcm", "--jwt", env=env)
    rc, value, told = stop()
    assert rc == 0, told
    assert enabled(cloud) == []
    issuers = {c["issuer"] for c in value["confirmations"]}
    assert issuers == {ISSUER, "https://also.example"}


def test_a_set_is_looked_into_where_no_issuer_fits(cloud, stop, public_key):
    cloud.configure(
        name="also", issuer="https://also.example", **published(cloud, public_key)
    )
    rc, value, told = stop()
    assert rc == 0, told
    assert enabled(cloud) == [] and value["confirmed"] is True


def test_a_set_without_the_key_is_somebody_elses(cloud, stop):
    cloud.configure(name="ours")
    theirs = {"name": "theirs", "issuer": "https://they.example"}
    cloud.configure(**theirs, **published(cloud, other_key()))
    assert stop()[0] == 0
    assert enabled(cloud) == ["theirs"]


def test_a_set_that_cannot_be_had_is_told(cloud, stop):
    """Nobody knows then whether the key still signs in."""
    cloud.configure(name="ours")
    url = cloud.sim.url + "/_sim/jwks.json"
    theirs = {"name": "theirs", "issuer": "https://they.example"}
    made = cloud.configure(**theirs, publicKey=None, jwksUri=url)
    rc, value, told = stop()
    assert rc == 6 and made["configId"] in told and "404" in told
    assert enabled(cloud) == ["theirs"]


def test_nothing_found_is_no_success(cloud, stop):
    cloud.configure(name="theirs", publicKey=other_pem())
    rc, value, told = stop()
    assert rc == 5 and "no UAT configuration was found" in told
    assert value["configurations"] == []
    assert enabled(cloud) == ["theirs"]


EMPTY = {"match": {"method": "GET", "path-prefix": CONFIGS}, "status": 200}


def test_a_list_that_hides_it_is_no_success(configured, signet, stop):
    configured.sim.faults({**EMPTY, "body": [], "times": None})
    rc, value, told = stop()
    assert rc == 5 and "STILL SIGNS IN" in told
    assert "no UAT configuration was found" in told


def test_what_is_known_is_disabled_though_it_is_not_listed(
    configured, signet, stop
):
    signet.ok("uat", "list", "--pat")
    gone = configured.configure(name="gone")
    signet.ok("uat", "list", "--pat")
    configured.rest("DELETE", f"{CONFIGS}/{gone['configId']}")
    configured.sim.faults({**EMPTY, "body": [], "times": 1})
    rc, value, told = stop()
    assert rc == 0, told
    assert "not there any more" in told and gone["configId"] in told
    assert enabled(configured) == []
    assert len(value["configurations"]) == 1


def test_another_claim_for_the_user_is_tried(cloud, stop):
    cloud.configure(name="one", usernameClaim="upn", issuer="https://two.example")
    rc, value, told = stop()
    assert rc == 0, told
    refused = [e for e in cloud.entries() if e["reason"] == "config-disabled"]
    assert [e["status"] for e in refused] == [401, 401]


def test_a_sign_in_that_still_works_is_loud_and_signed_out(cloud, signet, stop):
    """One of two configurations that take the key is left."""
    cloud.configure(name="one")
    cloud.configure(name="two")
    cloud.rest("GET", CONFIGS)
    sessions = cloud.sim.state()["sessions"]
    rc, value, told = stop("one", "--no-cache")
    assert rc == 5 and "STILL SIGNS IN" in told
    assert value["confirmed"] is False
    assert {c["signIn"] for c in value["confirmations"]} == {"STILL WORKS"}
    assert cloud.sim.state()["sessions"] == sessions
    fails(signet("jwt", "sign"), 7)


def test_a_change_that_is_slow_to_take_effect_is_waited_for(
    configured, signet, stop
):
    """The first sign-in after the change still works."""
    answer = {
        "sessionToken": "late+/=",
        "userId": "u",
        "tenantId": configured.tenant,
        "sessionExpiration": "2099-12-31T00:00:00Z",
    }
    match = {"method": "POST", "path-prefix": JWT_LOGIN.split()[1]}
    configured.sim.faults({"match": match, "status": 200, "body": answer})
    rc, value, told = stop()
    assert rc == 0, told
    assert value["confirmed"] is True
    assert configured.asked().count(JWT_LOGIN) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_in_trouble_confirms_nothing(configured, signet, stop, status):
    match = {"method": "POST", "path-prefix": JWT_LOGIN.split()[1]}
    fault = {"match": match, "status": status, "times": None}
    configured.sim.faults(fault)
    rc, value, told = stop()
    assert rc == 6 and "not confirmed" in told and str(status) in told
    assert value["confirmed"] is False
    assert [c["signIn"] for c in value["confirmations"]] == [
        "not confirmed",
        "refused, as it must be",
    ]
    assert enabled(configured) == []


HTML = {"Content-Type": "text/html"}


@pytest.mark.parametrize(
    "headers, body",
    [(HTML, "<html><title>Blocked</title></html>"), ({}, "Access denied"), ({}, "")],
)
@pytest.mark.parametrize("status", [401, 403])
def test_a_proxy_that_refuses_confirms_nothing(
    configured, stop, status, headers, body
):
    """Its word is not the service's, which would have to refuse the JWT."""
    faults = [
        {
            "match": {"method": "POST", "path-prefix": path.split()[1]},
            "status": status,
            "headers": headers,
            "body": body,
            "times": None,
        }
        for path in (JWT_LOGIN, SIGN_IN)
    ]
    configured.sim.faults(*faults)
    rc, value, told = stop()
    assert rc == 6 and "not confirmed" in told and str(status) in told
    assert value["confirmed"] is False
    ways = {c["signIn"] for c in value["confirmations"]}
    assert ways == {"not confirmed"}
    assert enabled(configured) == []


def test_a_site_that_cannot_be_reached_is_not_confirmed(configured, stop):
    match = {"method": "POST", "path-prefix": SIGN_IN.split()[1]}
    configured.sim.faults({"match": match, "action": "reset"})
    rc, value, told = stop()
    assert rc == 6 and value["confirmed"] is False
    assert enabled(configured) == []


def test_without_a_network_nothing_here_signs(configured, signet, stop):
    with held() as port:
        url = f"https://localhost:{port}"
        env = {"CLOUD_MANAGER_URL": url, "TABLEAU_CLOUD_POD_URL": url}
        rc, value, told = stop(env=env)
    assert rc == 6 and "signing is stopped here" in told
    assert value["confirmed"] is False and value["configurations"] == []
    assert mark(signet).exists()
    fails(signet("jwt", "sign"), 7)
    assert enabled(configured) == ["signet"]


GONE = {"SIGNET_MODULE": "/nowhere/none.so", "SIGNET_KEY": "pkcs11:object=gone"}


def test_without_its_token_what_is_known_is_disabled(configured, signet, stop):
    signet.ok("uat", "list", "--pat")  # which key it carries is remembered
    rc, value, told = stop(env=GONE)
    assert rc == 4 and "not confirmed" in told and "/nowhere/none.so" in told
    assert enabled(configured) == []
    assert value["configurations"][0]["disabled"] is True
    assert value["confirmed"] is False
    fails(signet("jwt", "sign"), 7)


def test_without_its_token_several_keys_are_not_guessed(cloud, signet, stop):
    cloud.configure(name="one")
    cloud.configure(name="two", publicKey=other_pem())
    signet.ok("uat", "list", "--pat")
    rc, value, told = stop(env=GONE)
    assert rc == 2 and "name the configurations" in told
    assert enabled(cloud) == ["one", "two"] and mark(signet).exists()
    rc, value, told = stop("one", env=GONE)
    assert rc == 4 and enabled(cloud) == ["two"]


def test_without_its_token_the_issuer_tells_the_key(cloud, signet, stop):
    """Where nothing is known here: the host may be new to it."""
    cloud.configure(name="one")
    cloud.configure(name="two", issuer="https://two.example")
    other = {"publicKey": other_pem(), "issuer": "https://o.example"}
    cloud.configure(name="of another key", **other)
    rc, value, told = stop(env=GONE)
    assert rc == 4 and enabled(cloud) == ["of another key"]


def test_without_a_pat_it_signs_in_once_more_by_jwt(cloud, signet, stop):
    scopes = SCOPES + ADMIN_SCOPES
    cloud.configure(scopes=scopes)
    env = {
        "SIGNET_SCOPES": " ".join(scopes),
        "CLOUD_MANAGER_PAT_SECRET_FILE": None,
    }
    rc, value, told = stop(env=env)
    assert rc == 0, told
    assert enabled(cloud) == [] and value["confirmed"] is True


@pytest.mark.parametrize("at", [6, 9])
def test_of_a_rotation_both_keys_are_stopped(cloud, own_token, stop, tmp_path, at):
    """Killed before and after the settings are switched."""
    rotation = Rotation(cloud, own_token)
    env = Killer(tmp_path).env(at, False, "rotation-")
    assert rotation("--wait", "0", env=env).rc == -signal.SIGKILL
    both = {c["configId"]: c["issuer"] for c in cloud.configs() if c["enabled"]}
    assert len(both) == 2
    rc, value, told = stop()
    assert rc == 0, told
    assert enabled(cloud) == []
    assert {c["configId"] for c in value["configurations"]} == set(both)
    assert {c["issuer"] for c in value["confirmations"]} == set(both.values())
    assert "a rotation is not finished" in told and all(i in told for i in both)
    for way in ("--resume", "--rollback"):
        fails(rotation(way), 7, "was stopped", "signet uat stop --lift")


def test_stopping_twice_is_no_error(configured, signet, stop):
    assert stop()[0] == 0
    first = mark(signet).read_text()
    assert stop()[0] == 0
    assert mark(signet).read_text() == first


def test_text_names_what_was_done(configured, signet):
    config = configured.configs()[0]["configId"]
    lines = signet.ok("uat", "stop").splitlines()
    assert lines[0].split() == ["stopped", str(mark(signet))]
    assert lines[1].split() == ["disabled", config]
    assert [line.split()[0] for line in lines[2:]] == ["tcm", "tableau"]


def test_killed_on_its_way_it_has_stopped_signing(configured, signet):
    """The mark comes first: what is not done is told by running it again."""
    match = {"method": "PUT", "path-prefix": CONFIGS}
    configured.sim.faults({"match": match, "delay_s": 60})
    process = signet.start("uat", "stop")
    configured.wait_for_faults()
    os.killpg(process.pid, signal.SIGKILL)
    signet.finish(process)
    fails(signet("jwt", "sign"), 7)
    configured.sim.faults()
    assert enabled(configured) == ["signet"]
    assert signet("uat", "stop").rc == 0
    assert enabled(configured) == []


def test_the_mark_holds_for_its_folder_alone(configured, signet, stop):
    """As the manual says: elsewhere it is the service that keeps JWTs out."""
    assert stop()[0] == 0
    elsewhere = {"XDG_STATE_HOME": str(signet.home / "elsewhere")}
    signet.ok("jwt", "sign", env=elsewhere)
    fails(signet("login", "tcm", "--jwt", env=elsewhere), 5, "401")
    assert configured.reason() == "config-disabled"


NO_FILES = ("/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh")


@contextmanager
def locked(folder, *names):
    """Another process, stopped in the middle of a change."""
    folder.mkdir(mode=0o700, parents=True)
    with ExitStack() as stack:
        for name in names:
            file = stack.enter_context((folder / name).open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_another_that_hangs_does_not_hold_up_the_stop(cloud, signet, stop):
    """It has both locks, and nobody knows for how long."""
    cloud.configure(name="one")
    cloud.configure(name="two")
    folder = signet.home / "state"
    env = {"SIGNET_STATE_DIR": str(folder)}
    with locked(folder, "uat.lock", "known-uat.json.lock"):
        rc, value, told = stop(env=env)
    assert enabled(cloud) == []
    assert rc == 0 and value["confirmed"] is True, told
    assert told.count("is not kept out: another process has held") == 1
    assert "is not remembered: another process has held" in told


def test_a_lock_that_cannot_be_had_does_not_keep_it_enabled(
    configured, signet, stop
):
    """As on a file system that was made read-only."""
    folder = signet.home / "state"
    (folder / "uat.lock").mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    rc, value, told = stop(env={"SIGNET_STATE_DIR": str(folder)})
    assert enabled(configured) == []
    assert rc == 0 and value["confirmed"] is True, told
    assert "is not kept out: open" in told and "uat.lock" in told


@pytest.mark.parametrize("case", ["a file", "no space"])
def test_a_mark_that_cannot_be_put_keeps_nothing_from_being_disabled(
    configured, signet, stop, case
):
    folder = signet.home / "state"
    if case == "a file":
        folder.write_text("")
    env = {"SIGNET_STATE_DIR": str(folder)}
    under = NO_FILES if case == "no space" else ()
    rc, value, told = stop(env=env, under=under)
    assert rc in (1, 8) and "SIGNING HERE GOES ON" in told and "state" in told
    assert "refuses in" in told  # no confirmation: without its ledger no PIN
    assert value["stopped"] is None and str(folder) in value["error"]
    assert enabled(configured) == [], told
    assert [c["disabled"] for c in value["configurations"]] == [True]
    text = signet("uat", "stop", "signet", env=env, under=under)
    assert text.rc == rc and text.stdout.splitlines()[0].split()[:2] == [
        "stopped",
        "NO:",
    ]
