"""The published key set in trouble while uat rotate looks at it."""

import json

import pytest

from cli_faults import MIB
from cli_run import LIMIT_S, fails
from test_cli_rotate_jwks import (  # noqa: F401
    Publisher,
    is_rotated,
    old_kid,
    other,
    other_key,
    rotation,
)

HTML = {"Content-Type": "text/html"}
FAULTS = {
    "500": {"status": 500},
    "html": {"status": 200, "body": "<html>down</html>", "headers": HTML},
    "reset": {"action": "reset"},
    "silence": {"delay_s": 2 * LIMIT_S},
    "20-mb": {"action": f"big:{20 * MIB}"},
    "redirect": {"action": "redirect:https://localhost:1/"},
}
BY_FAULT = pytest.mark.parametrize("fault", FAULTS)


def trouble(rotation, fault, times):
    match = {"method": "GET", "path-prefix": "/_sim/jwks.json"}
    faults = {**FAULTS[fault], "match": match, "times": times}
    rotation.cloud.sim.faults(faults)


def timeout(fault, seconds):
    """Where all of the time would be waited for."""
    return ("--timeout", f"{seconds}s") if fault == "silence" else ()


@BY_FAULT
def test_nothing_is_begun_on_a_set_that_cannot_be_had(rotation, fault):
    trouble(rotation, fault, None)
    done = rotation("--quiet", *timeout(fault, 2))
    assert done.rc in (1, 5, 6)
    fails(done, done.rc)
    assert not rotation.journals and len(rotation.keys()) == 1
    rotation.cloud.sim.faults()
    rotation.signs_in()


@BY_FAULT
def test_it_is_looked_at_again(rotation, tmp_path, old_kid, fault):
    path = tmp_path / "jwks.json"
    words = ("--quiet", "--publish-timeout", "1", "--jwks-output", path)
    assert rotation(*words).rc == 6
    assert rotation.journal()["step"] == "check"
    rotation.cloud.sim.publish(json.loads(path.read_text()))
    trouble(rotation, fault, 2)
    with Publisher(rotation, path):
        words = ("--resume", "--wait", "0", "--publish-timeout", "60")
        rotation.ok(*words, *timeout(fault, 8))
    is_rotated(rotation, old_kid)
