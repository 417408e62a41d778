"""uat rotate, killed at every change of its journal, is finished or taken back.

As the journal is changed before and after each effect, that is before and after
each effect. One test is killed before the first change, after the second and so
on; the other after the first, before the second.
"""

import signal

import pytest

from cli_cloud import Cloud
from cli_rotate import Killer, Rotation
from cli_run import fails

NO_WAIT = ("--wait", "0")
JOURNAL = "rotation-"


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
        cloud = Cloud(sim, signet, pem)
        return Rotation(cloud, token.copy(tmp_path / f"token{count}"))

    return make


def kills(killer, fresh, parity):
    """Each rotation that was killed, until one is not."""
    at = 0
    while True:
        at += 1
        rotation = fresh()
        env = killer.env(at, at % 2 == parity, JOURNAL)
        done = rotation(*NO_WAIT, "--delete-old-key", env=env)
        if done.rc != -signal.SIGKILL:
            assert done.rc == 0 and at > 15, (at, done.stderr)
            return
        rotation.signs_in()
        yield rotation


def test_killed_anywhere_it_is_finished(killer, fresh):
    for rotation in kills(killer, fresh, 0):
        if rotation.journals:
            rotation.ok("--resume", *NO_WAIT)
        elif len(rotation.cloud.configs()) == 1 and len(rotation.keys()) == 1:
            continue  # before it began, or after its end
        rotation.is_rotated()
        assert len(rotation.keys()) == 1


def test_killed_anywhere_it_is_taken_back(killer, fresh):
    late = 0
    for rotation in kills(killer, fresh, 1):
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
    assert 0 < late < 6


def ways_back(killer, fresh):
    """Each rotation that had disabled its old configuration and whose way back
    was killed; until one is not."""
    at = 0
    while True:
        at += 1
        rotation = fresh()
        env = killer.env(13, False, JOURNAL)
        assert rotation(*NO_WAIT, env=env).rc == -signal.SIGKILL
        assert rotation.journal()["step"] == "disable"
        assert rotation.cloud.config(rotation.old["configId"])["enabled"] is False
        env = killer.env(at, at % 2 == 0, JOURNAL)
        done = rotation("--rollback", *NO_WAIT, env=env)
        if done.rc != -signal.SIGKILL:
            assert done.rc == 0 and at > 12, (at, done.stderr)
            return
        rotation.signs_in()
        yield rotation


def test_killed_on_its_way_back_it_goes_on_with_that(killer, fresh):
    for rotation in ways_back(killer, fresh):
        if rotation.journals and rotation.journal()["back"]:
            fails(rotation("--resume"), 7, "on its way back", "--rollback")
        if rotation.journals:
            rotation.ok("--rollback", *NO_WAIT)
        rotation.is_as_before()
