"""exec: sessions in a command's environment, given back whatever happens."""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from cli_cloud import JWT_LOGIN, PAT_LOGIN, SIGN_IN
from cli_run import BINARY, LIMIT_S, fails, succeeds, wait_until
from cli_terminal import Terminal
from cli_token import KEY, LABEL, need

TCM_OUT = "DELETE /api/v2/sessions"
REST_OUT = "POST /api/3.28/auth/signout"
DUMP = "import os, json; print(json.dumps(dict(os.environ)))"
SHOW_ENV = ["/usr/bin/python3", "-c", DUMP]
UNTIL_GO = "until [ -e go ]; do sleep 0.05; done"
# Says that it runs, and then waits.
SLEEP = "echo $$ > started.new; mv started.new started; while :; do sleep 0.05; done"


@pytest.fixture
def both(configured, signet):
    def call(*words, **kwargs):
        return signet("exec", "--tcm", "--tableau", "--", *words, **kwargs)

    return call


def environment(result):
    return json.loads(succeeds(result).stdout)


def started(signet):
    """The process id that SLEEP told, once it runs."""
    file = signet.cwd / "started"
    wait_until(file.exists)
    return int(file.read_text())


def command_line(pid):
    """Of the process; nothing once there is none."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def all_out(cloud, *lines):
    """Each session that was made has been given back: none is left."""
    asked = cloud.asked()
    return all(asked.count(line) == 1 for line in lines)


def sessions_left(cloud):
    return cloud.sim.state()["sessions"]


# What the command gets


def test_both_sessions_work_and_are_signed_out(configured, signet, both):
    before = sessions_left(configured)
    env = environment(both(*SHOW_ENV))
    for path, header, name in (
        ("/api/3.28/sessions/current", "X-Tableau-Auth", "TABLEAU_AUTH_TOKEN"),
        (
            f"/api/v1{configured.sites_path}",
            "x-tableau-session-token",
            "TABLEAU_SESSION_TOKEN",
        ),
    ):
        reply = configured.sim.request("GET", path, headers={header: env[name]})
        assert reply.status == 401
    assert env["TABLEAU_API_VERSION"] == "3.28"
    assert env["TABLEAU_SITE_LUID"] == configured.site["luid"]
    assert env["TABLEAU_CLOUD_SITE_LUID"] == configured.site["luid"]
    assert env["TABLEAU_CLOUD_SITE_ID"] == "harbor"
    assert env["TABLEAU_CLOUD_POD_URL"] == configured.sim.url
    assert env["CLOUD_MANAGER_URL"] == configured.sim.url
    assert env["CLOUD_MANAGER_TENANT_ID"] == configured.tenant
    assert all_out(configured, SIGN_IN, JWT_LOGIN, TCM_OUT, REST_OUT)
    assert sessions_left(configured) == before


def test_curl_can_use_them(configured, signet, both):
    need("curl")
    text = (
        'curl -sS --fail --cacert "$SIGNET_CA_FILE" -H "Accept: application/json"'
        ' -H "X-Tableau-Auth: $TABLEAU_AUTH_TOKEN"'
        ' "$TABLEAU_CLOUD_POD_URL/api/$TABLEAU_API_VERSION/sessions/current"'
        ' && curl -sS --fail --cacert "$SIGNET_CA_FILE"'
        ' -H "x-tableau-session-token: $TABLEAU_SESSION_TOKEN"'
        ' "$CLOUD_MANAGER_URL/api/v1/tenants/$CLOUD_MANAGER_TENANT_ID/sites"'
    )
    out = succeeds(both("sh", "-c", text)).stdout
    assert '"harbor"' in out and configured.other_site["luid"] in out


def test_another_site(configured, signet):
    ids = [configured.other_site["luid"]]
    configured.configure(name="two", issuer="https://two.example", resourceIds=ids)
    words = ["--tableau", "--site", "lantern", "--issuer", "https://two.example"]
    env = environment(signet("exec", *words, "--", *SHOW_ENV))
    assert env["TABLEAU_SITE_LUID"] == configured.other_site["luid"]
    assert env["TABLEAU_CLOUD_SITE_ID"] == "lantern"
    assert "TABLEAU_SESSION_TOKEN" not in env


def test_the_cache_is_left_alone(configured, signet, both):
    """A session that others use is neither taken nor signed out."""
    signet.ok("login", "tcm", "--jwt")
    signet.ok("login", "tableau")
    kept = signet.kept()
    succeeds(both("true"))
    assert signet.kept() == kept
    signet.ok("api", "tableau", "GET", "/sessions/current")
    signet.ok("api", "tcm", "GET", configured.sites_path, "--jwt")
    assert configured.asked().count(SIGN_IN) == 2


def test_without_a_key_the_pat_is_used_and_not_passed_on(cloud, signet):
    pat = cloud.sim.file("pat")
    env = {"SIGNET_KEY": None, "CLOUD_MANAGER_PAT_SECRET": pat}
    result = signet("exec", "--tcm", "--", *SHOW_ENV, env=env)
    shown = environment(result)
    assert "CLOUD_MANAGER_PAT_SECRET" not in shown
    assert all_out(cloud, PAT_LOGIN, TCM_OUT)


@pytest.mark.parametrize(
    "words, hidden",
    [
        ([], "SIGNET_PIN_SOURCE"),
        ([], "SIGNET_KEY"),
        (["--key", f"pkcs11:token={LABEL};object={KEY}"], "SIGNET_KEY"),
        (["--pin-source", "file:{pin}"], "SIGNET_PIN_SOURCE"),
    ],
)
def test_the_pin_in_the_environment_is_not_passed_on(
    configured, signet, token, words, hidden
):
    env = {"MY_PIN": token.pin, "SIGNET_PIN_SOURCE": None}
    if hidden == "SIGNET_KEY":
        env["SIGNET_KEY"] = signet.env["SIGNET_KEY"] + "?pin-source=env:MY_PIN"
    else:
        env["SIGNET_PIN_SOURCE"] = "env:MY_PIN"
    words = [word.format(pin=token.pin_file) for word in words]
    result = signet("exec", "--tableau", *words, "--", *SHOW_ENV, env=env)
    shown = environment(result)
    assert "MY_PIN" not in shown and token.pin not in shown.values()


def test_no_descriptor_of_ours_is_passed_on(configured, signet, token, both):
    mine, _ = os.pipe()
    pin, write = os.pipe()
    os.write(write, token.pin.encode())
    os.close(write)
    result = both(
        *("sh", "-c", "ls -l /proc/self/fd"),
        env={"SIGNET_PIN_SOURCE": f"fd:{pin}"},
        pass_fds=[mine, pin],
    )
    lines = [line.split() for line in succeeds(result).stdout.splitlines()[1:]]
    shown = {int(words[-3]) for words in lines}
    assert mine in shown and pin not in shown
    # The last is ls's own, of the folder that it lists.
    assert len(shown) == len({0, 1, 2, mine}) + 1


def test_no_token_stands_in_an_argument(configured, signet):
    look = "cat /proc/$$/cmdline /proc/$PPID/cmdline; echo"
    script = f"{look}; echo $TABLEAU_AUTH_TOKEN"
    result = signet("exec", "--tableau", "--", "sh", "-c", script)
    *lines, token = succeeds(result).stdout.splitlines()
    assert "exec" in lines[0] and len(token) > 10
    assert not any(token in line for line in lines)


def test_the_command_has_our_umask_streams_and_no_core(configured, signet, both):
    script = 'umask; ulimit -c; cat; echo err >&2'
    result = both("sh", "-c", script, stdin="in\n", preexec_fn=lambda: os.umask(0o027))
    assert result.stdout == "0027\n0\nin\n" and result.stderr == "err\n"


# How it ends


@pytest.mark.parametrize(
    "script, status",
    [
        ("exit 0", 0),
        ("exit 5", 5),
        ("exit 255", 255),
        ("kill -9 $$", 137),
        ("kill -TERM $$", 143),
    ],
)
def test_the_exit_status_is_the_command_s(configured, both, script, status):
    result = both("sh", "-c", script)
    assert result.rc == status and result.stderr == ""
    assert all_out(configured, SIGN_IN, JWT_LOGIN, TCM_OUT, REST_OUT)


def test_a_command_that_is_not_there(configured, signet, both):
    fails(both("no-such-command"), 127, "no-such-command")
    assert all_out(configured, TCM_OUT, REST_OUT)
    plain = signet.config("#!/bin/sh\n", "plain", 0o644)
    fails(both(plain), 126, str(plain))


def test_a_sign_in_that_fails_runs_nothing(configured, signet):
    """The other session, which was there already, is given back."""
    fault = {"match": {"path-prefix": "/api/v1/jwt"}, "status": 503}
    configured.sim.faults(fault)
    fails(signet("exec", "--tcm", "--tableau", "--", "touch", "ran"), 5, "503")
    assert not (signet.cwd / "ran").exists()
    assert configured.asked().count(REST_OUT) == 1


def test_a_sign_out_that_fails_is_a_hint(configured, signet):
    configured.sim.faults({"match": {"method": "DELETE"}, "status": 500})
    result = signet("exec", "--tcm", "--", "sh", "-c", "exit 4")
    assert result.rc == 4 and "ends by itself" in result.stderr


def test_a_service_without_sign_out(configured, signet):
    configured.sim.set(signout="absent")
    result = signet("exec", "--tcm", "--", "true")
    assert result.rc == 0 and result.stderr == ""


@pytest.mark.parametrize(
    "name", ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "WINCH"]
)
def test_a_signal_is_passed_on(configured, signet, name):
    script = f"trap 'exit 9' {name}; {SLEEP}"
    process = signet.start("exec", "--tcm", "--tableau", "--", "sh", "-c", script)
    started(signet)
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert signet.finish(process).rc == 9
    assert all_out(configured, SIGN_IN, JWT_LOGIN, TCM_OUT, REST_OUT)


def test_a_command_that_heeds_the_signal_ends_both(configured, signet):
    process = signet.start("exec", "--tcm", "--", "sh", "-c", SLEEP)
    child = started(signet)
    assert SLEEP.encode() in command_line(child)
    process.terminate()
    assert signet.finish(process).rc == 128 + signal.SIGTERM
    assert configured.asked().count(TCM_OUT) == 1
    assert SLEEP.encode() not in command_line(child)


def is_ended_in_mid_sign_in(configured, signet, words, sign_in):
    """By a signal, while the service has made the session and not yet told."""
    hold = {"match": {"path-prefix": sign_in.split()[1]}, "action": "hold"}
    configured.sim.faults(hold)
    process = signet.start("exec", *words, "--", "touch", "ran")
    wait_until(lambda: sign_in in configured.asked())
    process.terminate()
    configured.sim.faults()
    assert signet.finish(process).rc == -signal.SIGTERM
    assert not (signet.cwd / "ran").exists()


def test_a_signal_during_the_second_sign_in(configured, signet):
    """The first session is given back, and the command never runs."""
    words = ["--tcm", "--tableau"]
    is_ended_in_mid_sign_in(configured, signet, words, JWT_LOGIN)
    assert all_out(configured, SIGN_IN, JWT_LOGIN, TCM_OUT, REST_OUT)


@pytest.mark.parametrize(
    "words, sign_in, sign_out",
    [
        (["--tcm", "--jwt"], JWT_LOGIN, TCM_OUT),
        (["--tcm", "--pat"], PAT_LOGIN, TCM_OUT),
        (["--tableau"], SIGN_IN, REST_OUT),
    ],
)
def test_a_signal_during_the_first_sign_in(
    configured, signet, words, sign_in, sign_out
):
    """The session is there before its answer is: it is given back, too."""
    is_ended_in_mid_sign_in(configured, signet, words, sign_in)
    assert all_out(configured, sign_in, sign_out)


def test_control_c_at_a_terminal_reaches_the_command_once(configured, signet):
    script = f"trap 'echo got >> got' INT; echo up; {UNTIL_GO}; exit 7"
    with Terminal() as terminal:
        popen = {**terminal.popen, "stdin": terminal.slave}
        words = ["exec", "--tcm", "--", "sh", "-c", script]
        process = signet.start(*words, **{**popen, "stdout": terminal.slave})
        terminal.wait_for("up")
        terminal.type("\x03")
        wait_until((signet.cwd / "got").exists)
        (signet.cwd / "go").touch()
        assert signet.finish(process).rc == 7
    assert (signet.cwd / "got").read_text() == "got\n"
    assert configured.asked().count(TCM_OUT) == 1


def test_control_z_stops_both_and_fg_goes_on(configured, signet):
    with Terminal() as terminal:
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal.slave)
        shell = subprocess.Popen(
            ["/bin/bash", "--norc", "-i"],
            env={**signet.env, "SIGNET": BINARY, "PS1": "", "TERM": "dumb"},
            cwd=signet.cwd,
            start_new_session=True,
            **terminal.popen,
            **streams,
        )
        # What is typed is shown, too, and is not to be taken for an answer.
        script = f'echo is-u""p; {UNTIL_GO}; echo is-ov""er; exit 6'
        terminal.type(f"\"$SIGNET\" exec --tcm -- sh -c '{script}'\n")
        terminal.wait_for("is-up")
        terminal.type("\x1a")
        terminal.wait_for("Stopped")
        (signet.cwd / "go").touch()
        terminal.type("fg\n")
        terminal.wait_for("is-over")
        terminal.type('echo "status"=$?; exit\n')
        terminal.wait_for("status=6")
        assert shell.wait(LIMIT_S) == 0
    assert configured.asked().count(TCM_OUT) == 1


def test_control_c_at_the_question_for_the_pin(configured, signet):
    with Terminal() as terminal:
        words = ["exec", "--tableau", "--", "touch", "ran"]
        env = {"SIGNET_PIN_SOURCE": None}
        process = signet.start(*words, env=env, **terminal.popen)
        terminal.wait_for("PIN of token")
        terminal.type("\x03")
        assert signet.finish(process).rc == -signal.SIGINT
    assert not (signet.cwd / "ran").exists()
    assert SIGN_IN not in configured.asked()


def test_what_is_ignored_stays_so(configured, signet):
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    script = 'kill -HUP $$; kill -HUP $PPID; exit 3'
    result = signet("exec", "--tcm", "--", "sh", "-c", script, preexec_fn=ignore)
    assert result.rc == 3


def test_who_ignores_the_end_of_children_is_told_how_it_ended(configured, signet):
    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    words = ("exec", "--tcm", "--", "sh", "-c", "exit 5")
    assert signet(*words, preexec_fn=ignore).rc == 5


def test_a_pipe_that_breaks_ends_the_command_as_usual(configured, signet):
    words = ["exec", "--tcm", "--", "sh", "-c", "yes; exit $?"]
    process = signet.start(*words)
    process.stdout.read(10)
    process.stdout.close()
    process.stdout = None
    process.wait(LIMIT_S)
    assert process.returncode == 128 + signal.SIGPIPE
    process.stderr.close()
    assert configured.asked().count(TCM_OUT) == 1


# The command line


def test_a_session_must_be_named(cloud, signet):
    fails(signet("exec", "--", "true"), 2, "--tcm")
    fails(signet("exec", "--tcm"), 2, "COMMAND")
    fails(signet("exec", "--tcm", "--json", "--", "true"), 2, "--json")
    assert cloud.asked() == []


def test_options_behind_the_command_are_its_own(configured, signet):
    result = signet("exec", "--tcm", "echo", "--json", "--", "-v")
    assert succeeds(result).stdout == "--json -- -v\n"


def test_help_names_the_variables(signet):
    text = signet.ok("exec", "--help")
    for name in ("AUTH_TOKEN", "SITE_LUID", "SESSION_TOKEN"):
        assert f"TABLEAU_{name}" in text


def test_one_exec_in_another(configured, signet):
    words = ["exec", "--tcm", "--", BINARY, "exec", "--tableau", "--"]
    env = environment(signet(*words, *SHOW_ENV))
    assert env["TABLEAU_AUTH_TOKEN"] and env["TABLEAU_SESSION_TOKEN"]
