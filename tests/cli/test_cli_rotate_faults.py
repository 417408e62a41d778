"""The service in trouble in the middle of a rotation: it ends in bounded time
with one clear line, somebody signs in all the same, and it can be finished."""

import json
import time

import pytest

from cli_cloud import CONFIGS, JWT_LOGIN
from cli_rotate import Rotation

TIMEOUT_S = 2
# A step makes a few calls, and one whose answer was lost is looked into.
WALL_S = 30

REQUESTS = {
    "create": ("POST", CONFIGS),
    "disable": ("PUT", CONFIGS),
    "delete": ("DELETE", CONFIGS),
    "sign-in": tuple(JWT_LOGIN.split()),
}
HTML = {"body": "<html>down</html>", "headers": {"Content-Type": "text/html"}}
FAULTS = {
    "403": {"status": 403},
    "429": {"status": 429},
    "429-later": {"status": 429, "headers": {"Retry-After": "1"}},
    "500": {"status": 500},
    "503-html": {"status": 503, **HTML},
    "cut": {"action": "truncate"},
    "twice": {"status": 200, "body": '{"a":1,"a":2}', "after": True},
    "20-mb": {"action": f"big:{20 * 2**20}", "after": True},
    "redirect": {"action": "redirect:https://localhost:1/"},
    "silence": {"delay_s": TIMEOUT_S + 2},
}


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
    begun = time.monotonic()
    done = rotation("--wait", "0", "--quiet", "--timeout", f"{TIMEOUT_S}s")
    assert time.monotonic() - begun < WALL_S
    rotation.cloud.sim.faults()
    if done.rc != 0:
        assert done.rc in (5, 6), done.stderr
        assert done.stderr.count("\n") == 1 and done.stdout == ""
        rotation.signs_in()
        for journal in rotation.journals:
            assert json.loads(journal.read_text())["version"] == 1
        finish(rotation)
    rotation.is_rotated()
