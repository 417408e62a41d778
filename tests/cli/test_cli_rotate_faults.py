"""The service in trouble in the middle of a rotation: it ends in bounded time
with one clear line, somebody signs in all the same, and it can be finished."""

import json

import pytest

from cli_cloud import CONFIGS, JWT_LOGIN
from cli_rotate import Rotation
from cli_run import LIMIT_S

REQUESTS = {
    "create": ("POST", CONFIGS),
    "disable": ("PUT", CONFIGS),
    "delete": ("DELETE", CONFIGS),
    "sign-in": tuple(JWT_LOGIN.split()),
}
HTML = {"body": "<html>down</html>", "headers": {"Content-Type": "text/html"}}
FAULTS = {
    "401": {"status": 401},
    "403": {"status": 403},
    "409": {"status": 409},
    "429": {"status": 429},
    "429-later": {"status": 429, "headers": {"Retry-After": "1"}},
    "500": {"status": 500},
    "503-html": {"status": 503, **HTML},
    "reset": {"action": "reset"},
    "lost": {"action": "reset", "after": True},
    "cut": {"action": "truncate"},
    "drip": {"action": f"drip:{LIMIT_S / 30}"},
    "twice": {"status": 200, "body": '{"a":1,"a":2}', "after": True},
    "20-mb": {"action": f"big:{20 * 2**20}", "after": True},
    "gzip": {"action": f"gzip-bomb:{200 * 2**20}", "after": True},
    "redirect": {"action": "redirect:https://localhost:1/"},
    "silence": {"delay_s": 2 * LIMIT_S},
}
# They take longer than a run may, unless it is told to be less patient.
SLOW = ("drip", "silence")


@pytest.fixture
def rotation(cloud, own_token):
    return Rotation(cloud, own_token)


def finish(rotation):
    """With what the user is told to do; before it began, by beginning."""
    words = ["--resume"] if rotation.journals else []
    rotation.ok(*words, "--wait", "0")


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_it_can_be_finished(rotation, request_, fault):
    method, path = REQUESTS[request_]
    match = {"method": method, "path-prefix": path}
    rotation.cloud.sim.faults({"match": match, **FAULTS[fault]})
    words = ("--timeout", "2s") if fault in SLOW else ()
    done = rotation("--wait", "0", "--quiet", *words)
    rotation.cloud.sim.faults()
    if done.rc != 0:
        assert done.rc in (5, 6), done.stderr
        assert done.stderr.count("\n") == 1 and done.stdout == ""
        rotation.signs_in()
        for journal in rotation.journals:
            assert json.loads(journal.read_text())["version"] == 1
        finish(rotation)
    rotation.is_rotated()


SIGN_INS = {"method": "POST", "path-prefix": JWT_LOGIN.split()[1]}
TROUBLES = {
    "403-html": {"status": 403, **HTML},
    **{n: FAULTS[n] for n in ("429", "500", "503-html")},
}
# With the old key before it begins, with both when the new one is made, and
# with the new one before the old configuration is disabled, and deleted.
ALL_SIGN_INS = 5


def nth(number, fault, times=1):
    """The same request works until then."""
    before = [{"match": SIGN_INS, "times": number - 1}] if number > 1 else []
    return [*before, {"match": SIGN_INS, "times": times, **fault}]


def signed_in(cloud):
    return sum(
        f"{e['method']} {e['path']}" == JWT_LOGIN and e["status"] == 200
        for e in cloud.entries()
    )


@pytest.mark.parametrize("number", range(1, ALL_SIGN_INS + 1))
@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_at_a_sign_in_skips_no_proof(rotation, trouble, number):
    """It says nothing of the key, and the sign-in is tried again."""
    rotation.cloud.sim.faults(*nth(number, TROUBLES[trouble]))
    done = rotation("--wait", "0", "--publish-timeout", "60")
    assert done.rc == 0, done.stderr
    assert "refused" not in done.stderr
    assert rotation.cloud.sim.state()["faults"] == 0
    assert signed_in(rotation.cloud) == ALL_SIGN_INS
    rotation.is_rotated()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_nothing_is_begun_where_no_key_can_be_tried(rotation, trouble):
    rotation.cloud.sim.faults(*nth(1, TROUBLES[trouble], None))
    done = rotation("--wait", "0")
    assert done.rc == 5 and "the key in use" in done.stderr
    rotation.cloud.sim.faults()
    rotation.is_as_before()


def test_the_old_key_is_not_given_up_for_trouble(rotation):
    """Its second sign-in never comes to an answer: it may still be in use."""
    rotation.cloud.sim.faults(*nth(3, FAULTS["503-html"], None))
    done = rotation("--wait", "0")
    assert done.rc == 5 and "with the old key" in done.stderr
    assert "refused already" not in done.stderr
    rotation.cloud.sim.faults()
    assert len([c for c in rotation.cloud.configs() if c["enabled"]]) == 2
    finish(rotation)
    rotation.is_rotated()
