"""Questions at the terminal: the PIN, and whether to delete."""

import signal
import tempfile

import pytest

from cli_run import fails, succeeds
from cli_terminal import Terminal
from cli_token import LABEL


@pytest.fixture
def terminal():
    with Terminal() as terminal:
        yield terminal


def asked_for_pin(signet, terminal, *words, **kwargs):
    env = {"SIGNET_PIN_SOURCE": None}
    popen = {**terminal.popen, **kwargs}
    process = signet.start("jwt", "sign", *words, env=env, **popen)
    terminal.wait_for(f'PIN of token "{LABEL}": ')
    return process


def test_the_pin_is_asked_for_without_echo(signet, token, terminal):
    assert terminal.echoes()
    process = asked_for_pin(signet, terminal)
    assert not terminal.echoes()
    terminal.type(token.pin + "\n")
    result = succeeds(signet.finish(process))
    assert result.stdout.startswith("eyJ") and result.stderr == ""
    assert terminal.echoes()
    assert token.pin not in terminal.all_shown()


def test_prompt_can_be_named_as_the_source(signet, token, terminal):
    process = asked_for_pin(signet, terminal, "--pin-source", "prompt")
    terminal.type(token.pin + "\n")
    succeeds(signet.finish(process))


def test_what_was_typed_ahead_is_no_answer(signet, own_token, terminal):
    signet.env.update(own_token.env)
    terminal.type("typed before\n")
    terminal.wait_for("typed before")  # by the echo: it is there to be read
    process = asked_for_pin(signet, terminal)
    terminal.type(own_token.pin + "\n")
    succeeds(signet.finish(process))


def test_a_redirected_stdin_is_not_asked(signet, token, terminal):
    """The claims come on stdin and the PIN from the terminal."""
    with tempfile.TemporaryFile() as claims:
        claims.write(b'{"a":"b"}')
        claims.seek(0)
        words = ["--claims", "-"]
        process = asked_for_pin(signet, terminal, *words, stdin=claims)
        terminal.type(token.pin + "\n")
        succeeds(signet.finish(process))


def test_no_answer_is_no_pin(signet, terminal):
    process = asked_for_pin(signet, terminal)
    terminal.type("\x04")  # end of file
    fails(signet.finish(process), 3, "no answer", "PIN")
    assert terminal.echoes()


@pytest.mark.parametrize(
    "key, number", [("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)]
)
def test_an_interrupt_gives_the_echo_back(signet, terminal, key, number):
    process = asked_for_pin(signet, terminal)
    terminal.type("12" + key)
    result = signet.finish(process)
    assert result.rc == -number and result.out == b""
    assert terminal.echoes()


def test_a_kill_gives_the_echo_back(signet, terminal):
    process = asked_for_pin(signet, terminal)
    process.terminate()
    assert signet.finish(process).rc == -signal.SIGTERM
    assert terminal.echoes()


def test_without_a_terminal_the_source_is_explained(signet):
    result = signet("jwt", "sign", env={"SIGNET_PIN_SOURCE": None})
    fails(result, 3, "no terminal", "SIGNET_PIN_SOURCE=file:PATH")


@pytest.mark.parametrize(
    "answer, gone", [("yes", True), ("y", False), ("", False)]
)
def test_a_delete_is_confirmed_with_the_whole_word(
    cloud, signet, terminal, answer, gone
):
    cloud.configure(name="by day")
    words = ["uat", "delete", "by day", "--pat"]
    process = signet.start(*words, **terminal.popen)
    terminal.wait_for('"by day"')
    terminal.wait_for("yes")
    terminal.type(answer + "\n")
    result = signet.finish(process)
    if gone:
        succeeds(result)
    else:
        fails(result, 7, "not confirmed", "nothing was changed")
    assert (cloud.configs() == []) is gone


def test_an_answer_cannot_command_the_terminal(cloud, signet, terminal):
    body = "a\x1b]0;x\x07\tb\u009b2J\n\u202ec\x00d"
    fault = {"match": {"path-prefix": "/api/v1/tenants"}, "status": 200}
    cloud.sim.faults({**fault, "body": body})
    process = signet.start(
        "api", "tcm", "GET", cloud.sites_path, "--pat",
        **{**terminal.popen, "stdout": terminal.slave},
    )
    terminal.wait_for("d\r\n")
    assert signet.finish(process).rc == 0
    assert terminal.all_shown() == "a?]0;x?\tb??2J\r\n???c?d\r\n"
