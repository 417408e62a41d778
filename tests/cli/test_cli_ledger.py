"""A refused PIN is remembered across processes, and no try is wasted."""

import json
import subprocess

import pytest

from cli_run import BINARY, LIMIT_S, fails, write

WRONG = "735195173"


@pytest.fixture
def wrong(signet, own_token):
    """A place whose PIN source holds a wrong PIN, in a token of its own."""
    signet.env.update(own_token.env)
    signet.env["SIGNET_STATE_DIR"] = str(signet.home / "state")
    path = write(signet.home / "wrong", WRONG)
    signet.env["SIGNET_PIN_SOURCE"] = f"file:{path}"
    signet.secrets.append(WRONG)
    return path


def logins(trace):
    return trace.read_text().count("C_Login(")


def test_a_refused_pin_is_withheld_from_the_next_run(signet, wrong):
    trace = signet.home / "trace"
    fails(signet("jwt", "sign", "--quiet"), 3, "CKR_PIN_INCORRECT")
    fails(signet("jwt", "sign", "--quiet", "--trace", trace), 3, "refused this PIN",
          "--retry-pin")
    assert logins(trace) == 0


def test_without_a_place_for_it_no_pin_is_sent(signet, wrong):
    """And what sends none goes on."""
    trace = signet.home / "trace"
    nowhere = {"HOME": None, "XDG_STATE_HOME": None, "SIGNET_STATE_DIR": None}
    assert "RS256" in signet.ok("token", "list", env=nowhere)
    result = signet("jwt", "sign", "--quiet", "--trace", trace, env=nowhere)
    fails(result, 8, "SIGNET_STATE_DIR")
    assert logins(trace) == 0


def test_another_pin_in_the_source_is_sent(signet, own_token, wrong):
    fails(signet("jwt", "sign", "--quiet"), 3, "CKR_PIN_INCORRECT")
    write(wrong, own_token.pin)
    signet.ok("jwt", "sign")


def test_retry_pin_sends_it_once_more(signet, wrong):
    trace = signet.home / "trace"
    fails(signet("jwt", "sign", "--quiet"), 3, "CKR_PIN_INCORRECT")
    fails(signet("jwt", "sign", "--quiet", "--retry-pin", "--trace", trace), 3,
          "CKR_PIN_INCORRECT")
    assert logins(trace) == 1
    fails(signet("jwt", "sign", "--quiet"), 3, "refused this PIN")


def test_a_pin_that_was_right_after_all_is_forgotten(
        signet, own_token, wrong):
    fails(signet("jwt", "sign", "--quiet"), 3)
    subprocess.run(
        ["pkcs11-tool", "--module", own_token.module, "--login",
         "--pin", own_token.pin, "--change-pin", "--new-pin", WRONG],
        env={"PATH": "/usr/bin:/bin", **own_token.env}, check=True,
        stdin=subprocess.DEVNULL, capture_output=True)
    fails(signet("jwt", "sign", "--quiet"), 3, "refused this PIN")
    signet.ok("jwt", "sign", "--retry-pin")
    signet.ok("jwt", "sign")


def test_the_ledger_is_private_and_has_no_pin(signet, wrong):
    fails(signet("jwt", "sign", "--quiet"), 3)
    state = signet.home / "state"
    assert state.stat().st_mode & 0o777 == 0o700
    files = list(state.iterdir())
    assert files
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
        assert WRONG not in file.read_text()
    (ledger,) = state.glob("*.json")
    assert len(json.loads(ledger.read_text())["refused"]) == 1


def test_twenty_at_once_spend_one_try(signet, wrong):
    started = [
        subprocess.Popen(
            [BINARY, "jwt", "sign", "--quiet", "--trace", str(signet.home / f"t{i}")],
            env=signet.env, cwd=signet.home, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for i in range(20)]
    for process in started:
        out, err = process.communicate(timeout=LIMIT_S)
        assert (process.returncode, out) == (3, ""), err
    assert sum(logins(signet.home / f"t{i}") for i in range(20)) == 1


def test_without_a_place_for_the_ledger_no_pin_is_sent(signet, own_token):
    signet.env.update(own_token.env)
    trace = signet.home / "trace"
    write(signet.home / "file", "in the way")
    signet.env["SIGNET_STATE_DIR"] = str(signet.home / "file" / "state")
    fails(signet("jwt", "sign", "--quiet", "--trace", trace), 8, "SIGNET_STATE_DIR")
    assert logins(trace) == 0


def test_a_ledger_that_is_broken_is_an_error(signet, own_token, wrong):
    trace = signet.home / "trace"
    fails(signet("jwt", "sign", "--quiet"), 3)
    (ledger,) = (signet.home / "state").glob("*.json")
    ledger.write_text('{"salt":"00","refused":[]}')
    fails(signet("jwt", "sign", "--quiet", "--trace", trace), 8, "SIGNET_STATE_DIR")
    assert logins(trace) == 0


def test_a_trace_tells_each_call_and_no_secret(signet, own_token):
    signet.env.update(own_token.env)
    trace = signet.home / "trace"
    jwt = signet.ok("jwt", "sign", "--trace", trace)
    text = trace.read_text()
    assert trace.stat().st_mode & 0o777 == 0o600
    for call in ("dlopen", "C_Initialize", "C_Login", "C_SignInit", "C_Sign",
                 "C_CloseSession", "C_Finalize"):
        assert f" {call}(" in text
    assert own_token.pin not in text
    assert jwt.split(".")[2][:40] not in text
    assert all(line.endswith(" us") for line in text.splitlines())


def test_a_trace_that_is_not_written_is_told(signet, own_token):
    signet.env.update(own_token.env)
    result = signet("jwt", "sign", "--trace", "/dev/full")
    assert result.rc == 0 and "trace" in result.stderr


def test_a_trace_does_not_mix_with_the_product(signet, own_token):
    signet.env.update(own_token.env)
    with open(signet.home / "out", "w") as out:
        done = subprocess.run(
            [BINARY, "jwt", "sign", "--trace", str(signet.home / "out")],
            env=signet.env, cwd=signet.home, stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.PIPE)
    assert done.returncode == 2 and b"--trace" in done.stderr
    assert (signet.home / "out").read_text() == ""
