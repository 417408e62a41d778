"""uat rotate: what it makes and what it ends, while somebody else changes it."""

import os
import signal
import subprocess

import pytest

from cli_cloud import CONFIGS, ISSUER
from cli_foreign import pkcs11_tool
from cli_rotate import OLD_KEY, Killer, Rotation
from cli_run import fails, settings, succeeds, wait_until
from cli_token import KEY

NO_WAIT = ("--wait", "0")
# After these saves of the journal it stands before the step, or in it.
TRY, SWITCH, WAIT, IN_WAIT, DELETE, IN_DELETE = 5, 7, 9, 10, 13, 14
STEPS = {TRY: "try", SWITCH: "switch", WAIT: "wait", DELETE: "delete"}


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


def other_key():
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "RSA"], check=True, capture_output=True
    )
    shown = ["openssl", "pkey", "-pubout"]
    return subprocess.run(
        shown, input=made.stdout, check=True, capture_output=True
    ).stdout.decode()


def remove(rotation, config_id):
    assert rotation.cloud.rest("DELETE", f"{CONFIGS}/{config_id}").status == 204


def put(rotation, config_id, **changes):
    """Change a configuration as another program does."""
    now = rotation.cloud.config(config_id)
    body = {n: now[n] for n in rotation.cloud.config_body() if n in now}
    body["publicKey"] = now["publicKeyActive"]
    body.update(changes)
    reply = rotation.cloud.rest("PUT", f"{CONFIGS}/{config_id}", body)
    assert reply.status == 200, reply.body


def destroy(token, key):
    for kind in ("privkey", "pubkey"):
        pkcs11_tool(token, "--delete-object", "--type", kind, "--label", key)


def ids(rotation):
    return {config["configId"] for config in rotation.cloud.configs()}


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


def test_settings_that_are_put_back_during_the_wait(rotation, killer):
    """It is stopped meanwhile, so that it cannot be over too soon."""
    env = killer.env(IN_WAIT, True, "rotation-", signal.SIGSTOP)
    words = ("uat", "rotate", "--pat", "--wait", "1", "--delete-old-key")
    process = rotation.signet.start(*words, env=env)
    ends = os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG
    wait_until(lambda: os.waitid(os.P_PID, process.pid, ends))
    journal = rotation.journal()
    assert (journal["step"], journal["inStep"]) == ("wait", True)
    rotation.file.write_text(rotation.before)
    process.send_signal(signal.SIGCONT)
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


# The configurations


@pytest.mark.parametrize("at", [DELETE, IN_DELETE])
def test_the_old_configuration_stays_when_the_new_one_is_gone(
    rotation, killed, at
):
    journal = killed(at)
    assert journal["step"] == "delete"
    remove(rotation, journal["newConfigId"])
    fails(rotation("--resume", "--quiet"), 5, "new key")
    assert ids(rotation) == {rotation.old["configId"]}
    rotation.ok("--rollback", *NO_WAIT)
    rotation.is_as_before()


@pytest.mark.parametrize("at", [TRY, SWITCH])
def test_where_only_the_new_key_signs_in_it_goes_on(rotation, killed, at):
    """Another host took its own rotation to the end."""
    killed(at)
    remove(rotation, rotation.old["configId"])
    fails(rotation("--rollback", *NO_WAIT), 7, "too late", "--resume")
    done = succeeds(rotation("--resume", *NO_WAIT))
    assert at != TRY or "the old key is refused" in done.stderr
    rotation.is_rotated()


@pytest.mark.parametrize("at", [TRY, WAIT, DELETE])
def test_what_works_is_not_taken_away(rotation, killed, own_token, at):
    """The old key was destroyed: there is no way back to it."""
    killed(at)
    destroy(own_token, KEY)
    fails(rotation("--rollback", "--quiet", *NO_WAIT), 7, "too late", "--resume")
    assert len(rotation.cloud.configs()) == 2 and not rotation.journal()["back"]
    rotation.ok("--resume", *NO_WAIT)
    rotation.is_rotated()


def test_nothing_works_and_nothing_was_configured(rotation, killed, own_token):
    """Then the new key is no help, and can go."""
    killed(3)
    remove(rotation, rotation.old["configId"])
    fails(rotation("--resume", "--quiet"), 5)
    rotation.ok("--rollback")
    assert not rotation.journals and len(rotation.keys()) == 1


@pytest.mark.parametrize("lost", ["configuration", "key"])
def test_a_way_back_that_ends_nowhere_is_turned(
    rotation, killed, killer, own_token, lost
):
    killed(DELETE)
    env = killer.env(2, False, "rotation-")
    assert rotation("--rollback", env=env).rc == -signal.SIGKILL
    assert rotation.journal()["back"]
    if lost == "key":
        destroy(own_token, KEY)
    else:
        remove(rotation, rotation.old["configId"])
    done = rotation("--rollback", "--quiet", *NO_WAIT)
    assert done.rc in (4, 5) and "--resume" in done.stderr, done
    rotation.signs_in()
    rotation.ok("--resume", *NO_WAIT)
    rotation.is_rotated()


@pytest.mark.parametrize("at", [WAIT, DELETE])
def test_another_key_in_the_old_configuration(rotation, killed, at):
    """It is somebody else's now."""
    killed(at)
    put(rotation, rotation.old["configId"], publicKey=other_key())
    done = rotation("--resume", "--quiet", *NO_WAIT)
    fails(done, 7, rotation.old["configId"], "another key")
    assert len(rotation.cloud.configs()) == 2
    fails(rotation("--rollback", "--quiet", *NO_WAIT), 7, "too late")
    put(rotation, rotation.old["configId"], publicKey=rotation.cloud.pem)
    rotation.ok("--resume", *NO_WAIT)
    rotation.is_rotated()


@pytest.mark.parametrize(
    "part, change",
    [
        ("scopes", {"scopes": ["tableau:content:read"]}),
        ("username claim", {"usernameClaim": "name"}),
    ],
)
def test_a_change_of_the_old_configuration_is_not_lost(
    rotation, killed, part, change
):
    new = killed(WAIT)["newConfigId"]
    put(rotation, rotation.old["configId"], **change)
    fails(rotation("--resume", "--quiet", *NO_WAIT), 7, part, "uat update", new)
    assert rotation.cloud.config(rotation.old["configId"])["enabled"]
    put(rotation, rotation.old["configId"], **{n: rotation.old[n] for n in change})
    rotation.ok("--resume", *NO_WAIT)
    rotation.is_rotated()


def test_a_change_of_both_configurations_is_no_hindrance(rotation, killed):
    new = killed(WAIT)["newConfigId"]
    more = [*rotation.old["scopes"], "tableau:views:download"]
    put(rotation, rotation.old["configId"], scopes=more)
    fails(rotation("--resume", "--quiet", *NO_WAIT), 7, "scopes")
    put(rotation, new, scopes=more)
    rotation.ok("--resume", *NO_WAIT)
    rotation.is_rotated()
    (config,) = rotation.cloud.configs()
    assert sorted(config["scopes"]) == sorted(more)


def test_a_change_of_the_new_configuration_is_no_hindrance(rotation, killed):
    new = killed(WAIT)["newConfigId"]
    put(rotation, new, scopes=[*rotation.old["scopes"], "tableau:views:download"])
    rotation.ok("--resume", *NO_WAIT)
    rotation.is_rotated()


@pytest.mark.parametrize("enabled", [True, False])
def test_an_old_key_that_another_configuration_carries(rotation, enabled):
    """Nobody here has seen it before."""
    second = {"name": "second", "issuer": ISSUER + "/second", "enabled": enabled}
    rotation.cloud.configure(**second)
    done = succeeds(rotation("signet", "--delete-old-key", *NO_WAIT))
    assert "second" in done.stderr and "stays in the token" in done.stderr
    assert len(rotation.keys()) == 2
    assert "second" in {c["name"] for c in rotation.cloud.configs()}
