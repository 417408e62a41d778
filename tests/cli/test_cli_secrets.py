"""Nothing secret on a command line, in an environment, in a log or a core."""

import os
import re
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from cli_cloud import SIGN_IN
from cli_run import BINARY, JWT, Result, holds_no_secret, is_sanitized, wait_until
from cli_token import need

STEPS = [
    "login tcm --pat",
    "uat create --name signet",
    "login tcm --jwt",
    "login tableau",
    "api tcm GET {sites} --jwt",
    "api tableau GET {workbooks}",
    "status",
    "uat list --pat",
]
LAST = "logout"
# A file that has no name yet is shown as deleted.
WRITE = re.compile(r"^(?:\d+ +)?write\((\d+)<([^>]*)>(?:\(deleted\))?, (.*)$")


def steps(cloud):
    paths = {"sites": cloud.sites_path, "workbooks": cloud.workbooks_path}
    return [step.format(**paths).split() for step in STEPS]


def octets(text):
    """What strace -xx shows of these octets."""
    return "".join(f"\\x{octet:02x}" for octet in text.encode())


@pytest.fixture
def traced(signet, tmp_path):
    """Runs signet under strace; every execve and write goes to a file."""
    log = tmp_path / "strace.log"
    under = (need("strace"), "-f", "-qq", "-y", "-xx", "-s", "1000000")
    under += ("-A", "-o", str(log), "-e", "trace=execve,write,writev")
    # The leak checker cannot run under another tracer.
    signet.env["ASAN_OPTIONS"] = "detect_leaks=0"

    def run(*words):
        result = signet(*words, under=under)
        assert result.rc == 0, result.stderr
        return result

    run.log = log
    return run


def readable(line):
    """A line of strace -xx, its hexadecimal octets as text."""
    return re.sub(
        r"\\x([0-9a-f]{2})", lambda m: chr(int(m.group(1), 16)), line
    )


@pytest.mark.parametrize("verbose", [[], ["--verbose"]], ids=["plain", "verbose"])
def test_the_job_shows_its_secrets_to_nobody(cloud, signet, traced, verbose):
    script = f"cmd:cat {signet.env['SIGNET_PIN_SOURCE'][5:]}"
    signet.env["SIGNET_PIN_SOURCE"] = script
    for words in steps(cloud):
        traced(*words, *verbose)
    secrets = signet.known_secrets()
    assert len(secrets) == 4 + 3  # the PIN, three PATs, three sessions
    traced(*LAST.split(), *verbose)

    lines = [readable(line) for line in traced.log.read_text().splitlines()]
    runs = [line for line in lines if "execve(" in line]
    assert len(runs) > len(STEPS) and any("cat" in run for run in runs)
    for run in runs:
        assert not JWT.search(run)
        assert not [secret for secret in secrets if secret in run]
    check_writes(lines, signet, secrets)


def check_writes(lines, signet, secrets):
    """Session tokens go into the cache, and no secret anywhere else."""
    pin = signet.secrets[0]
    kept = 0
    for line in lines:
        found = WRITE.match(line)
        if not found:
            continue
        number, path, text = found.groups()
        shown = [s for s in secrets if s in text]
        if path.startswith("pipe:") and shown == [pin]:
            continue  # cat gives the PIN to signet
        assert not JWT.search(text), f"a JWT is written to {path}"
        if shown:
            assert path.startswith(str(signet.cache)), path
            assert not set(shown) & set(signet.secrets), path
            kept += 1
    assert kept >= 3


def test_the_trace_would_have_shown_a_secret(signet, traced):
    """The test above is only worth something if this JWT is seen."""
    traced("jwt", "sign")
    lines = map(readable, traced.log.read_text().splitlines())
    assert any(JWT.search(line) for line in lines if "write(1<" in line)


@pytest.mark.parametrize("slow", ["/api/v1/pat", "/api/v1/jwt"])
def test_a_waiting_process_shows_no_secret(configured, signet, slow):
    """Seen as another process of the same user sees it, mid-sign-in."""
    hold = {"match": {"path-prefix": slow}, "action": "hold"}
    configured.sim.faults(hold)
    kind = slow.rpartition("/")[2]
    process = signet.start("login", "tcm", f"--{kind}")
    proc = Path(f"/proc/{process.pid}")
    try:
        wait_until(configured.asked)
        line = (proc / "cmdline").read_bytes().decode()
        assert line.split("\0")[1:-1] == ["login", "tcm", f"--{kind}"]
        try:
            environment = (proc / "environ").read_bytes().decode()
        except PermissionError:
            environment = ""  # better still
        for secret in signet.secrets:
            assert secret not in line + environment
        assert not JWT.search(line + environment)
    finally:
        configured.sim.faults()
        result = signet.finish(process)
    assert result.rc == 0, result.stderr


@pytest.fixture
def core_dumps_allowed():
    """As far as we may: where they are off, the test below proves less."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.fixture
def public_binary():
    """A copy that any user may run."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(BINARY, folder)
        os.chmod(copy, 0o755)
        yield copy


def test_it_leaves_no_core_dump(public_binary, core_dumps_allowed):
    """Files in /proc of what is not dumpable belong to root. For root they
    always do, so root looks at another user's process."""
    user = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
    process = subprocess.Popen(
        [public_binary, "jwt", "inspect"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        **user,
    )
    proc = Path(f"/proc/{process.pid}")
    try:
        wait_until(lambda: core_limit(proc) == ["0", "0"])
        if not is_sanitized():
            wait_until(lambda: (proc / "mem").stat().st_uid == 0)
    finally:
        process.communicate(b"")


def core_limit(proc):
    """Its soft and hard limit of a core file."""
    lines = (proc / "limits").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("Max core file")]
    return line.split()[4:6]


def test_verbose_names_urls_without_their_queries(configured, signet):
    words = ["api", "tcm", "GET", f"{configured.sites_path}?note=s3cret"]
    result = signet(*words, "--pat", "--verbose")
    assert result.rc == 0 and configured.sites_path in result.stderr
    assert "s3cret" not in result.stderr


def test_the_pat_can_be_given_by_the_environment(cloud, signet):
    env = {
        "CLOUD_MANAGER_PAT_SECRET_FILE": None,
        "CLOUD_MANAGER_PAT_SECRET": cloud.sim.file("pat"),
    }
    signet.ok("login", "tcm", "--pat", env=env)


@pytest.mark.parametrize("mode", [0o644, 0o640])
def test_a_pat_file_that_others_reach_is_refused(cloud, signet, mode):
    path = shutil.copy(cloud.sim.directory / "pat", signet.home / "pat")
    os.chmod(path, mode)
    env = {"CLOUD_MANAGER_PAT_SECRET_FILE": str(path)}
    result = signet("login", "tcm", "--pat", env=env)
    assert result.rc == 8 and f"chmod 600 {path}" in result.stderr
    assert cloud.asked() == []


def test_no_option_takes_a_secret(signet):
    for option in ("--pat-secret", "--token", "--password"):
        result = signet("login", "tcm", f"{option}=hunter2")
        assert result.rc == 2 and "hunter2" not in result.stderr


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_check_of_every_run_can_fail(stream):
    """cli_run looks for secrets in whatever any test runs."""
    out, err = (b"a hunter2 b", b"") if stream == "stdout" else (b"", b"hunter2")
    with pytest.raises(AssertionError):
        holds_no_secret(Result(0, out, err), ["hunter2"])
    holds_no_secret(Result(0, b"eyJhbGciOiJ9.eyJpIjoifQ.AAAA", b""), [])
    with pytest.raises(AssertionError):
        holds_no_secret(Result(0, b"", b"x eyJhbGciOiJ9.eyJpIjoifQ.AAAA"), [])
