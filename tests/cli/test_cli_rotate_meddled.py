"""uat rotate: what it makes and what it ends, while somebody else changes it."""

import signal

import pytest

from cli_cloud import ISSUER
from cli_rotate import OLD_KEY, Killer, Rotation
from cli_run import fails, settings

NO_WAIT = ("--wait", "0")
# After these saves of the journal it stands before the step, or in it.
WAIT = 9
STEPS = {WAIT: "wait"}


@pytest.fixture(scope="module")
def killer(tmp_path_factory):
    return Killer(tmp_path_factory.mktemp("killer"))


@pytest.fixture
def rotation(cloud, own_token):
    return Rotation(cloud, own_token)


@pytest.fixture
def killed(killer, rotation):
    """killed(n) begins the rotation and kills it after the n-th save."""

    def begin(at, *args):
        env = killer.env(at, True, "rotation-")
        done = rotation(*args, *NO_WAIT, env=env)
        assert done.rc == -signal.SIGKILL
        journal = rotation.journal()
        assert journal["step"] == STEPS.get(at, journal["step"])
        return journal

    return begin


# The settings


@pytest.mark.parametrize("change", ["file", "issuer alone", "another name"])
def test_settings_that_were_put_back_keep_the_old_key(rotation, killed, change):
    killed(WAIT, "--delete-old-key")
    text = {
        "file": rotation.before,
        "issuer alone": rotation.file.read_text() + f"SIGNET_ISSUER={ISSUER}\n",
        "another name": settings({"UAT_ISSUER": ISSUER, "SIGNET_KEY": OLD_KEY}),
    }[change]
    rotation.file.write_text(text)
    done = rotation("--resume", "--delete-old-key", "--quiet", *NO_WAIT)
    line = fails(done, 8, str(rotation.file), "SIGNET_ISSUER='", "--resume")
    assert "--rollback" in line
    assert len(rotation.cloud.configs()) == 2 and len(rotation.keys()) == 2
    assert rotation.cloud.config(rotation.old["configId"])["enabled"]
    journal = rotation.journal()
    new = {n: journal[f"new{n}"] for n in ("Setting", "Issuer")}
    rotation.file.write_text(
        settings({"SIGNET_KEY": new["Setting"], "SIGNET_ISSUER": new["Issuer"]})
    )
    rotation.ok("--resume", *NO_WAIT)
    rotation.is_rotated()
    assert len(rotation.keys()) == 1


def test_settings_that_are_put_back_during_the_wait(rotation):
    process = rotation.signet.start(
        "uat", "rotate", "--pat", "--wait", "3", "--delete-old-key"
    )
    for line in process.stderr:
        if b"wait 3 s" in line:
            break
    rotation.file.write_text(rotation.before)
    assert rotation.signet.finish(process).rc == 8
    rotation.signs_in()
    rotation.ok("--rollback", *NO_WAIT)
    rotation.is_as_before()


def test_a_way_back_asks_what_the_settings_say_too(rotation, killer, killed):
    killed(WAIT)
    switched = rotation.file.read_text()
    env = killer.env(7, True, "rotation-")  # before it waits
    assert rotation("--rollback", *NO_WAIT, env=env).rc == -signal.SIGKILL
    assert rotation.journal()["step"] == "wait" and rotation.journal()["back"]
    rotation.file.write_text(switched)
    fails(rotation("--rollback", "--quiet", *NO_WAIT), 8, f"SIGNET_KEY='{OLD_KEY}'")
    rotation.signs_in()
    rotation.file.write_text(rotation.before)
    rotation.ok("--rollback", *NO_WAIT)
    rotation.is_as_before()


def test_settings_that_name_the_new_key_in_other_words(rotation, killed):
    new = killed(WAIT)["newId"]
    token = OLD_KEY.partition(";")[0]
    by_id = "".join(f"%{new[i:i + 2]}" for i in range(0, len(new), 2))
    text = rotation.file.read_text()
    setting = rotation.setting("SIGNET_KEY")
    rotation.file.write_text(text.replace(setting, f"{token};id={by_id}"))
    rotation.ok("--resume", *NO_WAIT)
    rotation.is_rotated()
