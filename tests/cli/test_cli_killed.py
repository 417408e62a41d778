"""Killed at any write: what is kept is whole, and the next run puts it right.

With a PAT, since SoftHSM does not bear to be killed at a write of its own.
"""

import json
import os
import signal
import time

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from cli_cloud import PAT_LOGIN
from cli_jose import jwk
from cli_run import succeeds
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
    return [path for path in folder.glob("*") if ".signet-tmp-" in path.name]


def whole_or_absent(folder):
    """Every file that a run would read is one whole JSON object."""
    for path in folder.glob("*.json"):
        assert isinstance(json.loads(path.read_text()), dict)
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.plain("a sanitizer makes calls of its own")
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


@pytest.mark.plain("a sanitizer makes calls of its own")
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


@pytest.mark.plain("a sanitizer makes calls of its own")
def test_a_lock_of_a_killed_run_holds_nobody_up(configured, signet, killed):
    """Killed while it holds the lock: the kernel lets go of it, and the next
    run does not come to the end of its patience, which is a failure."""
    assert killed("rename", 1, "login", "tcm", "--pat")
    signet.ok("login", "tcm", "--pat")


# Other files


def each_kill(killed, step, words_of):
    """Runs that were killed, one call later each time; the last one was not."""
    for number in range(1, MOST):
        was_killed = killed(step, number, *words_of(number))
        yield number
        if not was_killed:
            # linkat is not used on every file system
            assert number > 1 or step == "linkat", "it was never killed"
            return
    pytest.fail(f"more than {MOST} calls of {step}")


@pytest.mark.plain("a sanitizer makes calls of its own")
@pytest.mark.parametrize("step", STEPS)
def test_what_is_known_of_configurations_stays_whole(cloud, signet, killed, step):
    signet.ok("uat", "list", "--pat")
    pem = signet.config(cloud.pem, "key.pem")

    def create(number):
        words = ["uat", "create", "--name", f"n{number}", "--pat"]
        return [*words, "--if-absent", "--public-key", str(pem)]

    state = signet.home / ".local" / "state" / "signet"
    for number in each_kill(killed, step, create):
        whole_or_absent(state)
        signet.ok(*create(number))
        names = [config["name"] for config in cloud.configs()]
        assert names.count(f"n{number}") == 1, "made once, however often tried"
        known = json.loads((state / "known-uat.json").read_text())
        assert f"n{number}" in [c["name"] for c in known["configurations"]]


@pytest.mark.plain("a sanitizer makes calls of its own")
def test_what_a_killed_run_left_of_the_state_is_removed(cloud, signet, killed):
    state = signet.home / ".local" / "state" / "signet"
    number = 1
    while killed("rename", number, "uat", "list", "--pat") and not leftovers(state):
        number += 1
    left = leftovers(state)
    assert left
    for path in left:
        os.utime(path, (time.time() - 3600,) * 2)
    signet.ok("uat", "list", "--pat")
    assert leftovers(state) == []


@pytest.mark.plain("a sanitizer makes calls of its own")
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("what", ["jwks", "api"])
def test_an_output_file_is_the_old_or_the_new(cloud, signet, killed, step, what):
    public = load_pem_public_key(cloud.pem.encode())
    keys = signet.config(json.dumps({"keys": [jwk(public, "k")]}), "keys.json")
    words = {
        "jwks": ["jwks", "build", "--merge", str(keys)],
        "api": ["api", "tcm", "GET", cloud.sites_path, "--pat"],
    }[what]
    del signet.env["SIGNET_KEY"]
    new = succeeds(signet(*words)).out
    out, old = signet.cwd / "out.json", b"what was there before\n" * 100
    for _ in each_kill(killed, step, lambda _: [*words, "-o", str(out)]):
        if out.exists():
            assert out.read_bytes() in (old, new)
        out.write_bytes(old)
    succeeds(signet(*words, "-o", str(out)))
    assert out.read_bytes() == new
