"""What every command owes to who types it."""

import re

import pytest

from cli_run import BINARY, fails, succeeds

OPTION = re.compile(r"^  --([\w-]+)(?: ([A-Z|=:-]+))?(?:, -(\w))?(?: |$)", re.M)
COMMAND = re.compile(r"^  (\w+(?: [a-z]+)?)\b", re.M)
COMMANDS = [
    *("token list", "key generate", "key list", "key show", "key export"),
    *("key audit", "key evidence", "key csr", "key cert", "key delete"),
    *("jwt sign", "jwt inspect", "jwt verify"),
    *("jwks build", "jwks check", "jwks serve"),
    *("uat create", "uat list", "uat get", "uat check", "uat update"),
    *("uat enable", "uat disable", "uat delete", "uat revoke"),
    *("uat rotate", "uat stop"),
    *("login tcm", "login tableau", "logout", "status"),
    *("api tcm", "api tableau", "api download", "exec"),
    *("tenant get", "site list", "user list", "user add"),
    *("oidc get", "oidc set", "doctor"),
    *("version", "help"),
]
NOUNS = ["token", "key", "jwt", "jwks", "uat", "login", "api", "tenant"]
NOUNS += ["site", "user", "oidc"]
MANY = {"scope", "claim", "resource", "allow", "dns", "merge", "retire"}
MANY |= {"canary-site"}


@pytest.fixture
def bare(signet):
    """Without any setting: manners need none."""
    signet.env = {
        name: value
        for name, value in signet.env.items()
        if not name.startswith(("SIGNET", "SOFTHSM2", "CLOUD", "TABLEAU"))
    }
    return signet


def help_of(bare, command):
    return bare.ok(*command.split(), "--help")


def options_of(text):
    """(name, what it takes or "", letter or "") of each option shown."""
    return OPTION.findall(text)


# Help


def test_help_lists_every_command(bare):
    found = COMMAND.findall(bare.ok("help").partition("Options")[0])
    assert found == COMMANDS


@pytest.mark.parametrize("way", [["help"], ["--help"], ["-h"]])
def test_overview_can_be_had_in_every_way(bare, way):
    result = succeeds(bare(*way))
    assert "Usage: signet" in result.stdout and result.stderr == ""
    assert "Exit status" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_goes_to_stdout(bare, command):
    words = command.split()
    result = succeeds(bare(*words, "--help"))
    assert result.stderr == ""
    assert result.stdout.startswith(f"Usage: signet {command}")
    assert bare.ok("help", *words) == result.stdout
    assert bare.ok("--help", *words) == result.stdout
    assert bare.ok(*words, "-h") == result.stdout


@pytest.mark.parametrize("noun", NOUNS)
def test_help_of_a_noun_lists_its_verbs(bare, noun):
    text = bare.ok("help", noun)
    for command in COMMANDS:
        assert (f"  {command} " in text) == command.startswith(noun + " ")


def test_help_fits_a_terminal(bare):
    for command in COMMANDS:
        longest = max(map(len, help_of(bare, command).splitlines()))
        assert longest <= 80, command


@pytest.mark.parametrize(
    "words",
    [["nosuch"], ["nosuch", "verb"], ["key", "nosuch"], ["login", "x"]],
)
def test_help_of_what_does_not_exist_is_an_error(bare, words):
    fails(bare("help", *words), 2, "signet help")


# Options


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_that_help_shows_is_taken(bare, command):
    text = help_of(bare, command)
    options = options_of(text)
    assert len(options) >= 10
    # Each line of an option was understood by this test.
    assert len(options) == len(re.findall(r"^  --", text, re.M))
    long, short = [], []
    for name, takes, letter in options:
        value = ["x"] if takes else []
        long += [f"--{name}", *value]
        short += [f"-{letter}", *value] if letter else []
    assert bare.ok(*command.split(), *long) == text
    assert bare.ok(*command.split(), *short) == text


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_that_help_does_not_show_is_refused(bare, command):
    shown = {name for name, _, _ in options_of(help_of(bare, command))}
    everywhere = {"scope", "label", "data", "yes", "site", "all"}
    for name in sorted(everywhere - shown):
        result = bare(*command.split(), f"--{name}=x")
        fails(result, 2, f"--{name}")


@pytest.mark.parametrize("way", [["--version"], ["-V"], ["key", "show", "-V"]])
def test_the_version_can_be_had_in_every_way(bare, way):
    assert bare.ok(*way) == bare.ok("version")
    assert bare.ok(*way, "--json") == bare.ok("version", "--json")


def test_jwt_verify_tells_that_a_key_may_be_a_file(bare):
    assert "--key FILE" in help_of(bare, "jwt verify").partition("Options:")[2]


def test_an_option_cannot_be_abbreviated(bare):
    """--jwks, of jwt verify, is no --jwks-uri, and --pin no --pin-source."""
    fails(bare("uat", "create", "--jwks=https://a.example"), 2, "--jwks")
    fails(bare("jwt", "sign", "--pin=1234"), 2, "--pin")
    fails(bare("version", "--verb"), 2, "--verb")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_given_twice_is_an_error(bare, command):
    for name, takes, _ in options_of(help_of(bare, command)):
        if name in MANY:
            continue
        once = [f"--{name}", "x"] if takes else [f"--{name}"]
        fails(bare(*command.split(), *once, *once), 2, f"--{name}", "twice")


def test_an_option_before_and_behind_the_command_is_twice(bare):
    fails(bare("--json", "version", "--json"), 2, "--json", "twice")


def test_an_option_may_stand_before_the_command(bare):
    assert bare.ok("--json", "version") == bare.ok("version", "--json")


@pytest.mark.parametrize("option", ["--nosuch", "--nosuch=1", "-x", "--"])
def test_an_unknown_option_is_refused(bare, option):
    words = [option] if option != "--" else ["--", "--nosuch"]
    fails(bare("version", *words), 2)
    fails(bare(*words, "version"), 2)


def test_a_missing_value_is_told(bare):
    fails(bare("jwt", "sign", "--scope"), 2, "--scope", "value")


def test_a_value_where_none_is_taken_is_told(bare):
    fails(bare("version", "--json=yes"), 2, "--json", "no value")


def test_quiet_and_verbose_exclude_each_other(bare):
    fails(bare("version", "--quiet", "--verbose"), 2, "--quiet", "--verbose")


# Words


def test_no_command_is_a_usage_error(bare):
    fails(bare(), 2, "signet help")


@pytest.mark.parametrize("noun", NOUNS)
def test_a_noun_alone_is_a_usage_error(bare, noun):
    fails(bare(noun), 2, f"signet help {noun}")


@pytest.mark.parametrize("words", [["nosuch"], ["key", "nosuch"], ["KEY"], [""]])
def test_an_unknown_command_is_a_usage_error(bare, words):
    fails(bare(*words), 2, "signet help")


@pytest.mark.parametrize("command", COMMANDS)
def test_missing_and_surplus_operands_are_usage_errors(bare, command):
    usage = help_of(bare, command).splitlines()[0]
    operands = usage.removeprefix(f"Usage: signet {command}").split()
    operands = [o for o in operands if o not in ("[options]", "--")]
    needed = [o for o in operands if not o.startswith("[")]
    if needed:
        fails(bare(*command.split(), *["x"] * (len(needed) - 1)), 2, "usage:")
    if command == "exec":
        return  # it takes any number
    result = bare(*command.split(), *["x"] * 17)
    fails(result, 2, f"usage: signet {command}", "--help")


# Output


def test_version_is_printed(bare):
    text = bare.ok("version")
    assert re.fullmatch(r"signet \d+\.\d+\.\d+\n", text)
    assert bare.json("version")["signet"] == text.split()[1]


def test_verbose_tells_what_is_done_on_stderr_alone(signet):
    quiet = succeeds(signet("key", "list"))
    told = succeeds(signet("key", "list", "--verbose"))
    assert told.stdout == quiet.stdout and quiet.stderr == ""
    assert "token: pkcs11:" in told.stderr
    for line in told.stderr.splitlines():
        assert line.startswith("signet: ")


def test_the_binary_needs_no_folder_of_its_own(bare):
    """It runs from /, without HOME, and leaves nothing behind."""
    succeeds(bare("version", env={"HOME": None}, cwd="/"))
    assert list(bare.home.iterdir()) == [] and BINARY.is_file()
