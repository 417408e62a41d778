"""Killed at any write: what is kept is whole, and the next run puts it right.

With a PAT, since SoftHSM does not bear to be killed at a write of its own.
"""

import json
import os
import signal
import time

import pytest

from cli_cloud import PAT_LOGIN
from cli_run import is_sanitized, succeeds
from cli_token import need

# Every call that the writing of a file is made of.
STEPS = ("write", "fchmod", "fsync", "linkat", "rename")
MOST = 400


@pytest.fixture
def killed(signet):
    """Kills signet at the n-th call of a kind; false when it got to its end."""

    def run(step, number, *words):
        inject = f"inject={step}:signal=SIGKILL:when={number}"
        under = (need("strace"), "-f", "-qqq", "-o", "/dev/null")
        under += ("-e", f"trace={step}", "-e", inject)
        result = signet(*words, under=under)
        if result.rc == 0:
            return False
        assert result.rc in (-signal.SIGKILL, 128 + signal.SIGKILL), result
        return True

    return run


def leftovers(folder):
    return [path for path in folder.glob("*") if ".signet-" in path.name]


def whole_or_absent(folder):
    """Every file that a run would read is one whole JSON object."""
    for path in folder.glob("*.json"):
        assert isinstance(json.loads(path.read_text()), dict)
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(is_sanitized(), reason="makes calls of its own")
@pytest.mark.parametrize("step", STEPS)
def test_a_session_is_kept_whole_or_not_at_all(configured, signet, killed, step):
    call = ["api", "tcm", "GET", configured.sites_path, "--pat"]
    for number in range(1, MOST):
        for path in signet.cache.glob("*.json"):
            path.unlink()
        if not killed(step, number, *call):
            break
        whole_or_absent(signet.cache)
        assert all(p.stat().st_mode & 0o077 == 0 for p in leftovers(signet.cache))
    else:
        pytest.fail(f"more than {MOST} calls of {step}")
    assert number > 1 or step == "linkat"  # not on every file system
    succeeds(signet(*call))


@pytest.mark.skipif(is_sanitized(), reason="makes calls of its own")
def test_what_a_killed_run_left_is_removed_later(configured, signet, killed):
    call = ["login", "tcm", "--pat"]
    number = 1
    while killed("rename", number, *call) and not leftovers(signet.cache):
        number += 1
    left = leftovers(signet.cache)
    assert left
    old = time.time() - 3600
    for path in left:
        os.utime(path, (old, old))
    assert signet.ok("status") == ""  # it was never a session
    assert leftovers(signet.cache) == []
    before = configured.logins()
    signet.ok(*call)
    assert configured.logins() == before + 1
    assert configured.asked()[-1] == PAT_LOGIN


@pytest.mark.skipif(is_sanitized(), reason="makes calls of its own")
def test_a_lock_of_a_killed_run_holds_nobody_up(configured, signet, killed):
    """Killed while it holds the lock: the kernel lets go of it."""
    killed("rename", 1, "login", "tcm", "--pat")
    start = time.monotonic()
    signet.ok("login", "tcm", "--pat")
    assert time.monotonic() - start < 10
