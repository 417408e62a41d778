"""Where a PIN comes from, and how carefully it is spent."""

import glob
import os
import threading

import pytest

from cli_jose import header
from cli_run import LIMIT_S, fails, succeeds, write
from cli_token import LABEL, missing


@pytest.fixture
def pin_signs(signet, token):
    """Does signing work with the PIN from this source?"""
    del signet.env["SIGNET_PIN_SOURCE"]

    def sign(source, **kwargs):
        signed = signet.ok("jwt", "sign", "--pin-source", source, **kwargs)
        return header(signed)["alg"] == "RS256"

    return sign


def script(signet, text):
    return write(signet.home / "pin.sh", f"#!/bin/sh\n{text}\n", 0o700)


# Files


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("prefix", ["file:", ""])
def test_a_file_may_end_in_a_newline(signet, token, pin_signs, end, prefix):
    path = write(signet.home / "pin", token.pin + end)
    assert pin_signs(f"{prefix}{path}")


def test_a_blank_is_part_of_the_pin(signet, own_token):
    signet.env.update(own_token.env)
    write(own_token.pin_file, own_token.pin + " ")
    fails(signet("jwt", "sign"), 3, "CKR_PIN_INCORRECT")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o604])
def test_a_file_that_others_reach_is_refused(signet, token, mode):
    path = write(signet.home / "pin", token.pin, mode)
    result = signet("jwt", "sign", "--pin-source", f"file:{path}")
    fails(result, 8, str(path), f"chmod 600 {path}")


@pytest.mark.root
def test_a_file_of_someone_else_is_refused(signet, token):
    path = write(signet.home / "pin", token.pin)
    os.chown(path, 65534, 65534)
    result = signet("jwt", "sign", "--pin-source", f"file:{path}")
    fails(result, 8, str(path))


def test_a_file_that_is_not_there_is_named(signet):
    result = signet("jwt", "sign", "--pin-source", "file:/nowhere/pin")
    fails(result, 3, "/nowhere/pin")


@pytest.mark.parametrize("size", [4097, 100_000])
def test_a_file_that_is_no_pin_is_not_sent(signet, size):
    path = write(signet.home / "pin", "1" * size)
    result = signet("jwt", "sign", "--pin-source", f"file:{path}")
    fails(result, 3, str(path), "4096")


def test_a_fifo_is_read_to_its_end(signet, token, pin_signs):
    path = signet.home / "pin"
    os.mkfifo(path, 0o600)
    feeder = threading.Thread(
        target=path.write_text, args=(token.pin,), daemon=True
    )
    feeder.start()
    assert pin_signs(f"file:{path}")
    feeder.join(LIMIT_S)
    assert not feeder.is_alive()


def test_a_fifo_that_others_reach_is_refused(signet):
    path = signet.home / "pin"
    os.mkfifo(path, 0o600)
    path.chmod(0o644)
    keeper = os.open(path, os.O_RDWR)
    try:
        result = signet("jwt", "sign", "--pin-source", f"file:{path}")
    finally:
        os.close(keeper)
    fails(result, 8, "chmod 600")


# Descriptors, variables, credentials


def test_a_descriptor_is_read(token, pin_signs):
    ends = os.pipe()
    os.write(ends[1], token.pin.encode() + b"\n")
    os.close(ends[1])
    try:
        assert pin_signs(f"fd:{ends[0]}", pass_fds=[ends[0]])
    finally:
        os.close(ends[0])


def test_stdin_is_a_descriptor_too(token, pin_signs):
    assert pin_signs("fd:0", stdin=token.pin)


@pytest.mark.parametrize("text", ["x", "-1", "1x", "", "99999999999999999999"])
def test_a_descriptor_that_is_no_number_is_refused(signet, text):
    result = signet("jwt", "sign", "--pin-source", f"fd:{text}")
    fails(result, 8, "fd:")


def test_a_descriptor_that_is_closed_is_told(signet):
    result = signet("jwt", "sign", "--pin-source", "fd:99")
    fails(result, 3, "99", "not open")


def test_a_variable_is_read(token, pin_signs):
    assert pin_signs("env:THE_PIN", env={"THE_PIN": token.pin})


def test_a_variable_that_is_not_set_is_named(signet):
    result = signet("jwt", "sign", "--pin-source", "env:THE_PIN")
    fails(result, 3, "THE_PIN", "not set")


def test_a_systemd_credential_is_read(signet, token, pin_signs):
    folder = signet.home / "credentials"
    write(folder / "hsm-pin", token.pin, 0o400)
    env = {"CREDENTIALS_DIRECTORY": str(folder)}
    assert pin_signs("cred:hsm-pin", env=env)


@pytest.mark.parametrize("name", ["../pin", "a/b", "", ".", ".."])
def test_a_credential_stays_in_its_folder(signet, name):
    write(signet.home / "pin", "1234")
    env = {"CREDENTIALS_DIRECTORY": str(signet.home / "credentials")}
    result = signet("jwt", "sign", "--pin-source", f"cred:{name}", env=env)
    fails(result, 8, "credential")


def test_a_credential_without_systemd_is_explained(signet):
    result = signet("jwt", "sign", "--pin-source", "cred:pin")
    fails(result, 3, "cred:pin", "CREDENTIALS_DIRECTORY")


# Commands


def test_a_command_is_run(signet, token, pin_signs):
    assert pin_signs(f"cmd:cat {token.pin_file}")


def test_a_command_gets_its_words_and_no_shell(signet, token, pin_signs):
    told = signet.home / "told"
    body = f'printf "%s\\n" "$@" >{told}; cat {token.pin_file}'
    path = script(signet, body)
    words = """$HOME 'a  b' "c \\"d\\"" e\\ f '' `id` ; touch x > y *"""
    assert pin_signs(f"cmd:{path} {words}")
    assert told.read_text().splitlines() == [
        *("$HOME", "a  b", 'c "d"', "e f", "", "`id`"),
        *(";", "touch", "x", ">", "y", "*"),
    ]
    assert list(signet.cwd.iterdir()) == []


def test_a_variable_in_a_command_is_literal(signet, own_token):
    signet.env.update(own_token.env)
    env = {"SECRET_PIN": own_token.pin}
    source = "cmd:printf %s $SECRET_PIN"
    result = signet("jwt", "sign", "--pin-source", source, env=env)
    fails(result, 3, "PIN")


def test_a_command_that_fails_gives_no_pin(signet, token):
    path = script(signet, f"cat {token.pin_file}; exit 1")
    result = signet("jwt", "sign", "--pin-source", f"cmd:{path}")
    fails(result, 3, str(path), "failed")


def test_a_command_that_is_killed_gives_no_pin(signet, token):
    path = script(signet, f"cat {token.pin_file}; kill -9 $$")
    result = signet("jwt", "sign", "--pin-source", f"cmd:{path}")
    fails(result, 3, str(path), "failed")


@pytest.mark.parametrize(
    "command, rc, word",
    [
        ("", 8, "command"),
        ("   ", 8, "command"),
        ("'cat", 8, "quote"),
        ('cat "x', 8, "quote"),
        ("/nowhere/tool x", 3, "/nowhere/tool"),
        ("cat " + "x " * 70, 8, "too many words"),
    ],
)
def test_a_command_that_cannot_run_is_told(signet, command, rc, word):
    result = signet("jwt", "sign", "--pin-source", f"cmd:{command}")
    fails(result, rc, word)


def test_a_command_does_not_read_our_stdin(signet, token, pin_signs):
    path = script(signet, f"cat >/dev/null; cat {token.pin_file}")
    sign = ["--claims", "-", "--pin-source", f"cmd:{path}"]
    signed = signet.ok("jwt", "sign", *sign, stdin='{"a":"1"}')
    assert header(signed)["alg"] == "RS256"


def test_a_source_that_does_not_end_is_given_up(signet, spied):
    """It would keep a job for ever, and with it whoever waits for its lock."""
    path = signet.home / "pin"
    os.mkfifo(path, 0o600)
    waits = script(signet, "exec sleep 1000")
    sign = ["jwt", "sign", "--timeout", "10s", "--pin-source"]
    fails(signet(*sign, f"file:{path}"), 6, str(path), "within 10 s")
    fails(signet(*sign, f"cmd:{waits}"), 6, str(waits), "--timeout")
    assert spied() == 0


@pytest.mark.parametrize("source", ["nosuch", "pin", "1234", "FILE:/x"])
def test_a_source_that_does_not_exist_lists_those_that_do(signet, source):
    result = signet("jwt", "sign", "--pin-source", source)
    fails(result, 8, "file:PATH", "cmd:COMMAND")


# In the URI


def test_the_uri_may_name_the_source(signet, token):
    del signet.env["SIGNET_PIN_SOURCE"]
    uri = f"pkcs11:object=uat?pin-source=file:{token.pin_file}"
    signet.ok("jwt", "sign", "--key", uri)


def test_the_option_comes_before_the_uri_of_the_setting(signet, token):
    uri = "pkcs11:object=uat?pin-source=file:/nowhere"
    source = f"file:{token.pin_file}"
    env = {"SIGNET_KEY": uri, "SIGNET_PIN_SOURCE": None}
    signet.ok("jwt", "sign", "--pin-source", source, env=env)
    fails(signet("jwt", "sign", env=env), 3, "/nowhere")


def test_a_uri_that_was_printed_keeps_the_configured_source(signet, token):
    """It has no PIN source and no module; SIGNET_KEY's are meant."""
    path, module = token.pin_file, signet.env["SIGNET_MODULE"]
    uri = f"pkcs11:object=uat?pin-source=file:{path}&module-path={module}"
    nothing = {"SIGNET_PIN_SOURCE": None, "SIGNET_MODULE": None}
    env = {**nothing, "SIGNET_KEY": uri}
    (printed,) = signet.ok("key", "list", env=env).splitlines()
    assert "pin-source" not in printed and "module-path" not in printed
    for words in (["key", "show", printed], ["jwt", "sign", "--key", printed]):
        signet.ok(*words, env=env)


@pytest.mark.parametrize("where", ["option", "setting", "operand"])
def test_a_pin_in_the_uri_is_refused_and_not_repeated(signet, token, where):
    uri = f"pkcs11:token={LABEL};object=uat?pin-value={token.pin}"
    if where == "option":
        result = signet("jwt", "sign", "--key", uri)
    elif where == "setting":
        result = signet("jwt", "sign", env={"SIGNET_KEY": uri})
    else:
        result = signet("key", "show", uri)
    rc = 8 if where == "setting" else 2
    line = fails(result, rc, "pin-value", "pin-source=file:PATH")
    assert token.pin not in line


# Spent with care


@pytest.fixture
def spied(signet, own_token, tmp_path):
    """OpenSC's spy stands before the module and writes every call down."""
    found = glob.glob("/usr/lib/*/pkcs11-spy.so")
    if not found:
        missing("pkcs11-spy.so")
    log = tmp_path / "spy.log"
    signet.env["ASAN_OPTIONS"] = "detect_leaks=0"  # the spy has one
    spy = {"PKCS11SPY": own_token.module, "PKCS11SPY_OUTPUT": str(log)}
    signet.env.update(own_token.env, **spy, SIGNET_MODULE=found[0])

    def logins():
        return log.read_text().count(": C_Login\n")

    return logins


def test_one_login_signs(signet, spied):
    signet.ok("jwt", "sign")
    assert spied() == 1


def test_a_wrong_pin_is_sent_once_and_asked_for_once(signet, spied):
    asked = signet.home / "asked"
    path = script(signet, f"echo x >>{asked}; echo 000000")
    result = signet("jwt", "sign", "--pin-source", f"cmd:{path}")
    fails(result, 3, LABEL, "wrong", "not tried again")
    assert asked.read_text() == "x\n" and spied() == 1


@pytest.mark.parametrize("source", ["file", "cmd", "env"])
def test_an_empty_pin_is_not_sent(signet, spied, source):
    """It is never the PIN, and would cost one of few tries."""
    sources = {
        "file": f"file:{write(signet.home / 'pin', '')}",
        "cmd": "cmd:true",
        "env": "env:THE_PIN",
    }
    env = {"THE_PIN": ""}
    words = ["--pin-source", sources[source]]
    result = signet("jwt", "sign", *words, env=env)
    fails(result, 3, "PIN")
    assert spied() == 0


@pytest.mark.parametrize(
    "before, after, said",
    [
        (b"", b"\n\n", "more than one line"),
        (b"", b"\r", "more than one line"),
        (b"", b"\nlater\n", "more than one line"),
        (b"", b"\0", "NUL byte"),
        (b"\xef\xbb\xbf", b"", "byte order mark"),
    ],
)
def test_a_spoiled_pin_is_not_sent(signet, spied, own_token, before, after, said):
    path = signet.home / "pin"
    path.write_bytes(before + own_token.pin.encode() + after)
    path.chmod(0o600)
    result = signet("jwt", "sign", "--pin-source", f"file:{path}")
    fails(result, 3, str(path), said)
    assert spied() == 0


def test_after_a_wrong_pin_the_next_run_says_so(signet, own_token):
    signet.env.update(own_token.env)
    wrong = {"SIGNET_PIN_SOURCE": "env:WRONG", "WRONG": "000000000000"}
    fails(signet("jwt", "sign", env=wrong), 3, "CKR_PIN_INCORRECT")
    result = succeeds(signet("jwt", "sign"))
    assert "a wrong PIN was given" in result.stderr


@pytest.mark.parametrize("pin", ["1", "123", "1" * 300])
def test_a_pin_that_cannot_be_right_is_not_sent(signet, spied, pin):
    wrong = {"SIGNET_PIN_SOURCE": "env:WRONG", "WRONG": pin}
    fails(signet("jwt", "sign", env=wrong), 3, "not sent")
    assert spied() == 0


def test_a_descriptor_of_signets_own_is_no_source(signet):
    """Those that signet opens itself close on exec; one given to it does not."""
    for number in range(3, 8):
        result = signet("jwt", "sign", "--pin-source", f"fd:{number}")
        fails(result, 3, "not given")


def test_no_pin_is_spent_on_a_key_that_cannot_be_named(signet, spied):
    fails(signet("jwt", "sign", "--key", "pkcs11:token=nosuch"), 4)
    fails(signet("jwt", "sign", "--key", "nonsense"), 2)
    assert spied() == 0
