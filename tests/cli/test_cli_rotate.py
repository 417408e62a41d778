"""uat rotate: a configuration with a public key, from one key to the next."""

import json
import signal
import subprocess

import pytest

from cli_backend import PRESENT
from cli_cloud import CONFIGS, ISSUER, JWT_LOGIN, SCOPES, SIGN_IN
from cli_foreign import pkcs11_tool
from cli_rotate import OLD_KEY, Killer, Rotation, User, wait_for_line
from cli_run import fails, succeeds, write
from cli_token import LABEL, bound_by_modes, missing, need

VERBS = ("create", "read", "update", "delete")
UAT_SCOPES = [f"tableau:tcm_uat_configs:{verb}" for verb in VERBS]


@pytest.fixture
def rotation(cloud, own_token):
    return Rotation(cloud, own_token)


def changes(cloud):
    return [a for a in cloud.asked() if CONFIGS in a and not a.startswith("GET")]


# The whole of it


def test_a_rotation_in_words(rotation):
    told = rotation.ok()
    rotation.is_rotated()
    assert rotation.setting("SIGNET_KEY") in told
    assert rotation.setting("SIGNET_ISSUER") in told
    assert len(rotation.keys()) == 2  # the old one is kept
    after = rotation.file.read_text()
    new = rotation.setting("SIGNET_KEY")
    issuer = rotation.setting("SIGNET_ISSUER")
    undone = after.replace(new, OLD_KEY).replace(f'"{issuer}"', f'"{ISSUER}"')
    assert undone == rotation.before


def test_a_rotation_in_json(rotation):
    shown = rotation.signet.json(
        "uat", "rotate", "signet", "--wait", "0", "--delete-old-key", "--pat"
    )
    rotation.is_rotated()
    (config,) = rotation.cloud.configs()
    assert shown["key"] == rotation.setting("SIGNET_KEY")
    assert shown["way"] == "forward"
    assert shown["configId"] == config["configId"]
    assert shown["issuer"] == config["issuer"]
    assert shown["name"] == config["name"]
    assert shown["kid"] == rotation.signet.json("key", "show")["thumbprint"]
    assert len(rotation.keys()) == 1


def test_the_second_configuration_is_like_the_first(rotation):
    rotation.ok()
    (config,) = rotation.cloud.configs()
    same = ("usernameClaim", "resourceIds", "enabled", "tenantId", "jwksUri")
    assert [config[n] for n in same] == [rotation.old[n] for n in same]
    assert sorted(config["scopes"]) == sorted(rotation.old["scopes"])


def test_both_keys_are_tried_everywhere_before_the_switch(rotation):
    rotation.ok("--quiet")
    asked = rotation.cloud.asked()
    made = asked.index(f"POST {CONFIGS}")
    disabled = next(i for i, a in enumerate(asked) if a.startswith("PUT"))
    for way in (JWT_LOGIN, SIGN_IN):
        assert asked[:made].count(way) == 1  # the old key, before it begins
        assert asked[made:disabled].count(way) == 3
    logins = [e for e in rotation.cloud.entries() if e["path"].endswith("login")]
    assert {e["reason"] for e in logins} == {"ok"}


def test_somebody_signs_in_all_the_while(rotation):
    with User(rotation, wait_s=3) as user:
        user.signs_in(3)
        rotation.ok("--delete-old-key", "--wait", "3")
        user.signs_in(3)
    assert user.failures == []
    rotation.is_rotated()
    assert len(rotation.keys()) == 1


def test_somebody_signs_in_through_ends_and_ways_back(rotation):
    def killed(at, wait="3"):
        process = rotation.started(at, "--wait", wait)
        process.kill()
        rotation.signet.finish(process)

    with User(rotation, wait_s=3) as user:
        user.signs_in(1)
        killed("sign in with the new key")
        rotation.ok("--rollback", "--wait", "3")
        killed("wait 600 s", "600")
        rotation.ok("--resume", "--wait", "3")
        killed("disable")
        rotation.ok("--rollback", "--wait", "3")
        user.signs_in(1)
    assert user.failures == []


def test_one_rotation_after_another(rotation):
    rotation.ok("--wait", "0", "--delete-old-key")
    (first,) = rotation.cloud.configs()
    rotation.ok("--wait", "0", "--delete-old-key")
    (second,) = rotation.cloud.configs()
    # the mark of the first key gave way to that of the second
    assert len(second["issuer"]) == len(first["issuer"])
    assert len(second["name"]) == len(first["name"])
    assert second["issuer"].startswith(ISSUER + "/key-")
    (key,) = rotation.keys()
    assert key.count("uat-") == 1
    rotation.is_rotated()


def test_with_a_jwt_in_place_of_a_pat(cloud, own_token):
    rotation = Rotation(cloud, own_token, scopes=SCOPES + UAT_SCOPES)
    rotation.signet.env["SIGNET_SCOPES"] = " ".join(SCOPES + UAT_SCOPES)
    rotation.signet.ok("uat", "rotate", "--jwt", "--wait", "0")
    rotation.is_rotated()
    assert "POST /api/v1/pat/login" not in cloud.asked()


def test_names_of_ones_own(rotation):
    issuer = "https://new.example/x"
    rotation.ok(
        *("--label", "next", "--bits", "3072", "--name", "second"),
        *("--issuer", issuer),
    )
    rotation.is_rotated()
    (config,) = rotation.cloud.configs()
    assert (config["name"], config["issuer"]) == ("second", issuer)
    key = rotation.signet.json("key", "show")
    assert (key["label"], key["bits"]) == ("next", 3072)


def test_the_same_issuer_again(rotation):
    rotation.ok("--issuer", ISSUER)
    (config,) = rotation.cloud.configs()
    assert config["issuer"] == ISSUER == rotation.setting("SIGNET_ISSUER")
    assert rotation.setting("SIGNET_KEY") != OLD_KEY
    rotation.signs_in()


def test_what_the_uri_says_beside_the_key_is_kept(rotation, own_token):
    places = f"module-path={own_token.module}&pin-source=file:{own_token.pin_file}"
    uri = f"{OLD_KEY}?{places}"
    rotation.file.write_text(rotation.before.replace(OLD_KEY, uri))
    for name in ("SIGNET_MODULE", "SIGNET_PIN_SOURCE"):
        rotation.signet.env.pop(name)
    rotation.ok()
    rotation.is_rotated()
    path, _, query = rotation.setting("SIGNET_KEY").partition("?")
    assert query == places
    assert path.startswith(f"pkcs11:token={LABEL};")


def test_a_link_and_a_mode_stay(rotation):
    real = rotation.file.rename(rotation.file.with_name("real.env"))
    real.chmod(0o640)
    rotation.file.symlink_to(real.name)
    rotation.ok()
    assert rotation.file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    rotation.is_rotated()


# The plan


def test_a_plan_changes_nothing(rotation):
    shown = rotation.ok("--plan")
    for word in ("generate", "configure", "try", "switch", "wait", "delete"):
        assert word in shown
    assert rotation.old["configId"] in shown and "harbor" in shown
    assert str(rotation.file) in shown
    assert changes(rotation.cloud) == []
    assert JWT_LOGIN not in rotation.cloud.asked()
    rotation.is_as_before()


def test_a_plan_in_json(rotation):
    shown = rotation.signet.json("uat", "rotate", "--plan", "--pat")
    plan, record = shown["plan"], shown["rotation"]
    assert record["configId"] == rotation.old["configId"]
    assert record["newLabel"] == f"uat-{record['newId'][:8]}"
    assert record["settingsFile"] == str(rotation.file)
    assert record["targets"][0] == "tcm" and len(record["targets"]) == 2
    assert [step["step"] for step in plan] == [
        *("generate", "configure", "try", "switch", "wait"),
        *("disable", "delete"),
    ]
    assert {step["state"] for step in plan} == {"to do"}
    assert "wait 66 s" in plan[4]["does"]  # a tenth more than the lifetime


# Where it may stop


def test_an_interrupt_in_the_wait(rotation):
    process = rotation.started("wait 600 s", "--wait", "600")
    process.send_signal(signal.SIGINT)
    done = rotation.signet.finish(process)
    assert done.rc == -signal.SIGINT
    assert "--resume" in done.stderr and "--rollback" in done.stderr
    assert rotation.journal()["step"] == "wait"
    rotation.signs_in()
    fails(rotation(), 7, "not finished", "--resume", "--rollback", "--plan")
    plan = rotation.signet.json("uat", "rotate", "--plan", "--pat")["plan"]
    assert [step["state"] for step in plan][3:6] == ["done", "begun", "to do"]
    rotation.ok("--resume", "--wait", "2")
    rotation.is_rotated()


def test_the_wait_counts_from_the_switch(rotation):
    process = rotation.started("wait 600 s", "--wait", "600")
    process.kill()
    rotation.signet.finish(process)
    (file,) = rotation.journals
    journal = json.loads(file.read_text())
    journal["switchedAt"] -= 599
    file.write_text(json.dumps(journal))
    rotation.signet.ok("uat", "rotate", "--resume", "--pat")  # not 600 s more
    rotation.is_rotated()


def test_a_second_one_meanwhile_is_kept_out(rotation):
    process = rotation.started("step 1", "--wait", "600")
    for words in ((), ("--resume",), ("--rollback",)):
        fails(rotation(*words), 7, "another signet uat rotate")
    # Not before: SoftHSM does not bear to be killed at a write of its own.
    wait_for_line(process, "wait 600 s")
    process.kill()
    rotation.signet.finish(process)
    rotation.ok("--rollback")
    rotation.is_as_before()


def test_nothing_to_finish(rotation):
    for word in ("--resume", "--rollback"):
        fails(rotation(word), 7, "no rotation")


def test_a_new_key_that_does_not_sign_in_is_not_switched_to(rotation):
    """The copy is made, and the service does not know it."""
    made = {"method": "POST", "path-prefix": "/api/v1/jwt/login"}
    real = {"match": made, "times": 1, "delay_s": 0}
    refused = {"match": made, "times": None, "status": 401}
    rotation.cloud.sim.faults(real, refused)
    fails(rotation("--quiet"), 5, "new key", "tcm")
    assert rotation.file.read_text() == rotation.before
    assert rotation.journal()["step"] == "try"
    rotation.cloud.sim.faults()
    rotation.ok("--rollback", "--keep-new-key")
    assert len(rotation.keys()) == 2
    assert rotation.file.read_text() == rotation.before
    assert not rotation.journals and len(rotation.cloud.configs()) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("action", [{"action": "reset"}, {"status": 502}])
def test_an_answer_that_is_lost(rotation, method, after, action):
    """Done or not, the outcome is the same: at once, or with --resume."""
    match = {"method": method, "path-prefix": CONFIGS}
    rotation.cloud.sim.faults({"match": match, "after": after, **action})
    done = rotation("--wait", "0")
    if done.rc != 0:
        assert "--resume" in done.stderr
        rotation.signs_in()
        rotation.ok("--resume", "--wait", "0")
    rotation.is_rotated()


def test_a_journal_that_cannot_be_written_stops_it(rotation):
    rotation.signet.ok("jwt", "sign")  # makes the folder
    (rotation.signet.home / ".local/state/signet").chmod(0o500)
    under = bound_by_modes()
    fails(rotation("--quiet", under=under), 1, "rotation")
    assert changes(rotation.cloud) == []
    (rotation.signet.home / ".local/state/signet").chmod(0o700)
    assert len(rotation.keys()) == 1


@pytest.mark.parametrize("way", ["--resume", "--rollback"])
def test_the_kill_switch_holds_it_up(rotation, tmp_path, way):
    env = Killer(tmp_path).env(13, False, "rotation-")  # the old is disabled
    assert rotation("--wait", "0", env=env).rc == -signal.SIGKILL
    rotation.signet("uat", "stop", "--pat")
    stopped = [config["enabled"] for config in rotation.cloud.configs()]
    journal = rotation.journal()
    fails(rotation(way, "--wait", "0"), 7, "uat stop --lift")
    assert [c["enabled"] for c in rotation.cloud.configs()] == stopped
    assert rotation.journal() == journal
    assert any(stopped) is False


# What it cannot switch


def by_hand(text):
    """The settings that the message asks for."""
    words = [w for w in text.split() if w.startswith("SIGNET_")]
    return {n: v.strip("'") for n, _, v in (w.partition("=") for w in words) if v}


def test_settings_of_the_environment_are_asked_for(rotation):
    rotation.signet.env.pop("SIGNET_CONFIG")
    rotation.signet.env.update(SIGNET_KEY=OLD_KEY, SIGNET_ISSUER=ISSUER)
    line = fails(rotation("--quiet"), 8, "--resume", "SIGNET_KEY='pkcs11:")
    wanted = by_hand(line)
    assert set(wanted) == {"SIGNET_KEY", "SIGNET_ISSUER"}
    assert fails(rotation("--resume", "--quiet"), 8) == line
    half = {"SIGNET_KEY": wanted["SIGNET_KEY"]}
    fails(rotation("--resume", "--quiet", env=half), 8, "SIGNET_ISSUER")
    succeeds(rotation("--resume", env=wanted))
    (config,) = rotation.cloud.configs()
    assert config["issuer"] == wanted["SIGNET_ISSUER"]
    rotation.signet.env.update(wanted)
    rotation.signs_in()


def test_a_key_of_the_command_line_is_asked_for(rotation):
    line = fails(rotation("--key", OLD_KEY, "--quiet"), 8, "SIGNET_KEY=")
    new = by_hand(line)["SIGNET_KEY"]
    fails(rotation("--rollback", "--key", new, "--quiet"), 8, "--rollback")
    rotation.ok("--rollback")
    rotation.is_as_before()


@pytest.mark.root
def test_a_file_that_is_mounted_by_itself_is_asked_for(rotation, tmp_path):
    """As in a container: nothing can be renamed over it, only written to."""
    inside = rotation.signet.home / "mounted.env"
    inside.write_text("")
    rotation.signet.env["SIGNET_CONFIG"] = str(inside)
    script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
    words = [need("unshare"), "-m", "--propagation", "private", "sh", "-c"]
    under = (*words, script, "sh", str(rotation.file), str(inside))
    probe = subprocess.run([*under, "true"], capture_output=True)
    if probe.returncode != 0:
        missing("the right to mount")
    shown = succeeds(rotation("--plan", under=under))
    assert "for you to set" in shown.stdout
    wanted = by_hand(fails(rotation("--quiet", under=under), 8, "--resume"))
    assert rotation.file.read_text() == rotation.before
    text = rotation.before.replace(OLD_KEY, wanted["SIGNET_KEY"])
    rotation.file.write_text(text.replace(f'"{ISSUER}"', wanted["SIGNET_ISSUER"]))
    succeeds(rotation("--resume", under=under))
    rotation.signet.env["SIGNET_CONFIG"] = str(rotation.file)
    rotation.is_rotated()


@pytest.mark.root
def test_a_file_that_is_mounted_later_is_asked_for(rotation, tmp_path):
    """What was begun outside of the container is finished in it."""
    env = Killer(tmp_path).env(7, True, "rotation-")  # before the switch
    assert rotation("--wait", "0", env=env).rc == -signal.SIGKILL
    file = str(rotation.file)
    script = 'mount --bind "$1" "$1" && shift && exec "$@"'
    words = [need("unshare"), "-m", "--propagation", "private", "sh", "-c"]
    under = (*words, script, "sh", file)
    probe = subprocess.run([*under, "true"], capture_output=True)
    if probe.returncode != 0:
        missing("the right to mount")
    done = rotation("--resume", under=under)
    line = fails(rotation("--resume", "--quiet", under=under), 8, "SIGNET_KEY='")
    assert done.rc == 8 and "mounted by itself" in done.stderr
    wanted = by_hand(line)
    text = rotation.before.replace(OLD_KEY, wanted["SIGNET_KEY"])
    rotation.file.write_text(text.replace(f'"{ISSUER}"', wanted["SIGNET_ISSUER"]))
    succeeds(rotation("--resume", under=under))
    rotation.is_rotated()


def test_a_journal_that_others_can_read_is_mended_by_its_mode(rotation):
    state = rotation.signet.home / ".local/state/signet"
    state.mkdir(parents=True, mode=0o700)
    file = write(state / "rotation-0.json", "{")
    file.chmod(0o644)
    line = fails(rotation("--resume"), 8, f"chmod 600 {file}")
    assert "by hand" not in line and "remove" not in line


def test_a_damaged_journal_says_what_to_do(rotation):
    state = rotation.signet.home / ".local/state/signet"
    state.mkdir(parents=True, mode=0o700)
    file = state / "rotation-0.json"
    write(file, "{").chmod(0o600)
    for words in ((), ("--plan",), ("--resume",), ("--rollback",)):
        line = fails(rotation(*words), 8, str(file), "uat list", "remove")
        assert "by hand" in line
    file.unlink()
    succeeds(rotation("--plan"))


def test_a_journal_of_a_newer_signet_is_left_to_that(rotation):
    state = rotation.signet.home / ".local/state/signet"
    state.mkdir(parents=True, mode=0o700)
    file = write(state / "rotation-0.json", '{"version":2}', 0o600)
    before = rotation.cloud.configs()
    for words in ((), ("--plan",), ("--resume",), ("--rollback",)):
        line = fails(rotation(*words), 8, str(file), "newer version of signet")
        assert "remove" not in line and "by hand" not in line
    assert file.read_text() == '{"version":2}'
    assert rotation.cloud.configs() == before


def test_a_rotation_of_a_file_is_not_finished_without_it(rotation):
    process = rotation.started("wait 600 s", "--wait", "600")
    process.kill()
    rotation.signet.finish(process)
    env = {"SIGNET_KEY": OLD_KEY}
    fails(rotation("--resume", env=env), 8, str(rotation.file), "environment")
    other = rotation.signet.config(rotation.before, "other.env")
    env = {"SIGNET_CONFIG": str(other)}
    fails(rotation("--resume", env=env), 8, str(rotation.file), "--config")
    rotation.ok("--resume")
    rotation.is_rotated()


# What would be unsafe


def nothing_was_made(rotation):
    assert changes(rotation.cloud) == [] and not rotation.journals
    token = f"pkcs11:token={LABEL}"
    assert len(rotation.signet.ok("key", "list", "--key", token).splitlines()) == 1


def test_a_setting_that_names_no_key(rotation):
    text = rotation.before.replace(OLD_KEY, f"pkcs11:token={LABEL}")
    rotation.file.write_text(text)
    fails(rotation(), 7, "SIGNET_KEY", "object=uat")
    nothing_was_made(rotation)


def test_a_configuration_of_another_key(rotation, public_key):
    path = f"{CONFIGS}/{rotation.old['configId']}"
    other = rotation.cloud.configure(name="other", issuer=ISSUER + "/other")
    fails(rotation(other["configId"]), 7, "issuer", ISSUER)
    fails(rotation("nobody's"), 5, "nobody's")
    body = rotation.cloud.config_body(enabled=False)
    rotation.cloud.rest("PUT", path, body)
    fails(rotation("signet"), 7, "disabled", "enable")
    assert not rotation.journals


def test_a_key_that_signs_in_nowhere(rotation):
    env = {"TABLEAU_CLOUD_USERNAME": "nobody@signet.example"}
    fails(rotation("--quiet", env=env), 5, "the key in use")
    nothing_was_made(rotation)


def test_a_user_of_one_site_is_tried_there_alone(rotation):
    env = {"TABLEAU_CLOUD_USERNAME": rotation.cloud.viewer}
    done = succeeds(rotation(env=env))
    assert "refused at tcm" in done.stderr
    rotation.is_rotated()


def test_each_site_is_looked_up(cloud, own_token):
    ids = [cloud.tenant, cloud.site["luid"], cloud.other_site["luid"]]
    rotation = Rotation(cloud, own_token, resourceIds=ids)
    rotation.ok()
    rotation.is_rotated()
    # before it begins, before the switch both, before each of the ends
    assert cloud.asked().count(SIGN_IN) == 2 * 5


def test_a_site_that_cannot_be_looked_up(cloud, own_token):
    luid, url = cloud.other_site["luid"], cloud.other_site["contentUrl"]
    rotation = Rotation(cloud, own_token, resourceIds=[cloud.tenant, luid])
    listing = {"path-prefix": f"/api/v1{cloud.sites_path}"}
    cloud.sim.faults({"match": listing, "times": None, "status": 500})
    fails(rotation(), 8, luid, "--canary-site")
    nothing_was_made(rotation)
    rotation.ok("--canary-site", f"{luid}={url}")
    (config,) = cloud.configs()
    assert config["configId"] != rotation.old["configId"]


def test_a_name_that_is_taken(rotation, other_pem):
    rotation.cloud.configure(name="taken", publicKey=other_pem)
    fails(rotation("signet", "--name", "taken", "--quiet"), 7, "taken", "--name")
    assert len(rotation.keys()) == 1 and not rotation.journals


def test_a_name_that_is_taken_meanwhile(rotation, other_pem, tmp_path):
    env = Killer(tmp_path).env(4, False, "rotation-")  # the key is made
    assert rotation("signet", "--name", "mine", env=env).rc == -signal.SIGKILL
    theirs = rotation.cloud.configure(name="mine", publicKey=other_pem)
    fails(rotation("--resume", "--quiet"), 7, "mine", "--name")
    rotation.ok("--rollback")
    assert len(rotation.keys()) == 1 and not rotation.journals
    ids = {config["configId"] for config in rotation.cloud.configs()}
    assert ids == {rotation.old["configId"], theirs["configId"]}


@pytest.fixture
def other_pem():
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "RSA"],
        check=True,
        capture_output=True,
    )
    shown = subprocess.run(
        ["openssl", "pkey", "-pubout"],
        input=made.stdout,
        check=True,
        capture_output=True,
    )
    return shown.stdout.decode()


def test_what_a_cut_off_generation_leaves(rotation, own_token, other_pem, tmp_path):
    """A public key with the new id stands in the way: the key gets another."""
    env = Killer(tmp_path).env(2, True, "rotation-")
    assert rotation(env=env).rc == -signal.SIGKILL
    journal = rotation.journal()
    assert (journal["step"], journal["inStep"]) == ("generate", True)
    pem = write(tmp_path / "other.pem", other_pem)
    der = tmp_path / "other.der"
    command = ["openssl", "pkey", "-pubin", "-in", pem, "-outform", "DER"]
    subprocess.run([*command, "-out", der], check=True)
    pkcs11_tool(
        own_token,
        *("--write-object", str(der), "--type", "pubkey"),
        *("--id", journal["newId"], "--label", "stray"),
    )
    done = succeeds(rotation("--resume"))
    assert "another id" in done.stderr
    rotation.is_rotated()


@pytest.mark.parametrize("backend", PRESENT)
def test_by_way_of_openssl(rotation, backend):
    rotation.signet.env["SIGNET_BACKEND"] = backend
    rotation.ok("--delete-old-key")
    rotation.is_rotated()
    assert len(rotation.keys()) == 1
