"""uat rotate, killed at every change of a file, is finished or taken back."""

import signal

import pytest

from cli_cloud import Cloud
from cli_rotate import Killer, Rotation, User
from cli_run import fails, succeeds

NO_WAIT = ("--wait", "0")


@pytest.fixture(scope="module")
def killer(tmp_path_factory):
    return Killer(tmp_path_factory.mktemp("killer"))


@pytest.fixture
def fresh(sim, signet, token, pem, tmp_path):
    """fresh() is a rotation in a new token, cloud and state."""
    count = 0
    signet.secrets += [sim.file(f) for f in ("pat", "pat.expired", "pat.site")]

    def make():
        nonlocal count
        count += 1
        sim.reset()
        signet.env.update({**token.env, **sim.env})
        signet.env["SIGNET_ISSUER"] = "taken away by Rotation"
        for name in ("STATE", "CACHE"):
            folder = tmp_path / f"{name}{count}"
            signet.env[f"SIGNET_{name}_DIR"] = str(folder)
        rotation = Rotation(
            Cloud(sim, signet, pem), token.copy(tmp_path / f"token{count}")
        )
        return rotation

    return make


def kills(killer, fresh, *before):
    """Each rotation that was killed, at the n-th change of its journal, before
    it or after it, until one is not killed. As the journal is changed before
    and after each effect, that is before and after each effect."""
    for after in (False, True):
        at = 0
        while True:
            at += 1
            rotation = fresh()
            env = killer.env(at, after, "rotation-")
            done = rotation(*NO_WAIT, "--delete-old-key", env=env)
            if done.rc != -signal.SIGKILL:
                assert done.rc == 0 and at > 15, (at, done.stderr)
                break
            rotation.a_key_signs_in()
            yield rotation


def test_killed_anywhere_it_is_finished(killer, fresh):
    for rotation in kills(killer, fresh):
        if rotation.journals:
            rotation.ok("--resume", *NO_WAIT)
        elif len(rotation.cloud.configs()) == 1 and len(rotation.keys()) == 1:
            continue  # before it began, or after its end
        rotation.is_rotated()
        assert len(rotation.keys()) == 1


def test_killed_anywhere_it_is_taken_back(killer, fresh):
    late = 0
    for rotation in kills(killer, fresh):
        if not rotation.journals:
            continue
        done = rotation("--rollback", *NO_WAIT)
        if done.rc == 0:
            rotation.is_as_before()
            continue
        late += 1
        fails(done, 7, "too late", "--resume")
        rotation.ok("--resume", *NO_WAIT)
        rotation.is_rotated()
    assert 0 < late < 12
