"""Output that cannot be written, and disks that are full."""

import contextlib
import os
import resource
import subprocess
import time
from pathlib import Path

import pytest

from cli_run import fails, succeeds
from cli_token import bound_by_modes, need


def test_a_full_stdout_is_an_error(signet):
    with open("/dev/full", "wb") as full:
        for words in (["jwt", "sign"], ["version"], ["--help"]):
            result = signet(*words, stdout=full)
            fails(result, 1, "stdout", "No space left")


def closed(*numbers):
    def close():
        for number in numbers:
            os.close(number)

    return close


@pytest.mark.parametrize("words", ["jwt sign", "version", "help"])
def test_a_closed_stdout_is_an_error(signet, words):
    """What was asked for did not arrive, and exit 0 would say it did."""
    result = signet(*words.split(), preexec_fn=closed(1))
    fails(result, 1, "stdout")


def test_a_closed_stdout_ends_in_no_file(cloud, signet):
    """The first file that is opened must not become stdout."""
    signet("login", "tcm", "--pat", preexec_fn=closed(0, 1))
    for kept in signet.cache.glob("*"):
        assert "signed in" not in kept.read_text()


def test_a_closed_stderr_ends_in_no_file(configured, signet):
    words = ["login", "tcm", "--jwt", "--verbose"]
    result = succeeds(signet(*words, preexec_fn=closed(0, 2)))
    assert "signed in" in result.stdout
    for kept in signet.cache.glob("*"):
        assert "signet:" not in kept.read_text()


def test_a_closed_stdin_is_an_empty_one(signet):
    result = signet("jwt", "inspect", preexec_fn=closed(0))
    fails(result, 1, "JWT")


@pytest.mark.parametrize("words", ["key export", "api tcm GET /tenants/{} --pat"])
@pytest.mark.parametrize("path", ["nowhere/file", "."])
def test_an_output_file_that_cannot_be_made(cloud, signet, words, path):
    words = words.format(cloud.tenant).split()
    fails(signet(*words, "-o", path), 1, path)
    assert list(signet.cwd.iterdir()) == []


def test_an_output_file_on_a_full_device(signet):
    fails(signet("key", "export", "-o", "/dev/full"), 1, "/dev/full")


def test_an_output_that_nobody_reads_is_not_waited_for(signet):
    os.mkfifo(signet.cwd / "fifo")
    result = signet("key", "export", "-o", "fifo")
    fails(result, 1, "nobody reads the FIFO", "first")


def test_an_output_that_is_no_file_is_written_to(signet, pem):
    fifo = signet.cwd / "fifo"
    os.mkfifo(fifo)
    end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)  # waits for no writer
    with open(end) as reader:
        signet.ok("key", "export", "-o", "fifo")
        assert reader.read() == pem
    assert signet.ok("key", "export", "-o", "/dev/stdout") == pem
    assert signet.ok("key", "export", "-o", "/dev/null") == ""
    assert Path("/dev/null").is_char_device() and fifo.is_fifo()


def test_an_output_file_is_replaced_whole_or_not_at_all(cloud, signet):
    path = signet.cwd / "sites.json"
    path.write_text("old")
    words = ["api", "tcm", "GET", cloud.sites_path, "--pat", "--no-cache"]
    with limited(100) as limit:
        result = signet(*words, "-o", path, **limit)
    fails(result, 1, str(path), "File too large")
    assert path.read_text() == "old"
    assert list(signet.cwd.iterdir()) == [path]


# The session cache


@contextlib.contextmanager
def limited(size):
    """Files may not grow beyond `size` bytes; not for runs that use the token,
    whose files SoftHSM would cut. Python ignores SIGXFSZ, and leaves that to
    its children when told not to restore signals."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    yield {"preexec_fn": limit, "restore_signals": False}


@contextlib.contextmanager
def small_disk(folder):
    """A disk of 64 KiB in a mount namespace: how it looks from outside, and
    what to run signet under so that it lies there."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    mount = f'mount -t tmpfs -o size=64k,mode=700 tmpfs "{folder}"'
    keeper = subprocess.Popen(
        [need("unshare"), "--mount", *as_root]
        + ["sh", "-c", f"{mount} && echo mounted && exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    enter = [need("nsenter"), f"--target={keeper.pid}", "--mount"]
    enter += ["--user", "--preserve-credentials"] if as_root else []
    try:
        if keeper.stdout.readline() != b"mounted\n":
            yield None, ()
            return
        outside = Path(f"/proc/{keeper.pid}/root{folder}")
        yield outside, (*enter, f"--wd={folder}", "--")
    finally:
        keeper.communicate()


def fill(folder):
    with open(folder / "filler", "wb", buffering=0) as filler:
        with contextlib.suppress(OSError):
            while True:
                filler.write(b"x" * 4096)
        with contextlib.suppress(OSError):
            while True:
                filler.write(b"x")


def check_cache_is_as_before(cloud, folder, before):
    entries = {f: f.read_bytes() for f in folder.glob("*.json")}
    assert entries == before
    names = {f.suffix for f in folder.iterdir() if f.name != "filler"}
    assert names <= {".json", ".lock"}
    # The session that could not be kept was signed out again.
    assert cloud.asked()[-1] == "DELETE /api/v2/sessions"


def check_without_a_disk(cloud, signet):
    """Where nothing may be mounted, as in a container: a limit on files."""
    signet.ok("login", "tcm", "--pat")
    folder = Path(signet.env["SIGNET_CACHE_DIR"])
    before = {f: f.read_bytes() for f in folder.glob("*.json")}
    assert len(before) == 1
    with limited(0) as limit:
        result = signet("login", "tcm", "--pat", **limit)
    fails(result, 1, "File too large", "--no-cache")
    check_cache_is_as_before(cloud, folder, before)


def test_a_full_disk_leaves_the_old_session(cloud, signet):
    place = signet.home / "disk"
    place.mkdir(mode=0o700)
    signet.env["SIGNET_CACHE_DIR"] = str(place)
    with small_disk(place) as (folder, under):
        if folder is None:
            return check_without_a_disk(cloud, signet)
        signet.ok("login", "tcm", "--pat", under=under)
        before = {f: f.read_bytes() for f in folder.glob("*.json")}
        assert len(before) == 1
        fill(folder)
        result = signet("login", "tcm", "--pat", under=under)
        fails(result, 1, "No space left", str(place), "--no-cache")
        check_cache_is_as_before(cloud, folder, before)
        words = ["api", "tcm", "GET", cloud.sites_path, "--pat"]
        signet.ok(*words, under=under)
        assert cloud.logins() == 2
    assert list(place.iterdir()) == []


def test_a_file_size_limit_leaves_the_old_session(cloud, signet):
    signet.ok("login", "tcm", "--pat")
    before = {f: f.read_bytes() for f in signet.cache.glob("*.json")}
    with limited(64) as limit:
        result = signet("login", "tcm", "--pat", **limit)
    fails(result, 1, "File too large", "--no-cache")
    check_cache_is_as_before(cloud, signet.cache, before)


def test_a_cache_that_is_no_folder(cloud, signet):
    signet.cache.parent.mkdir()
    signet.cache.write_text("")
    result = signet("login", "tcm", "--pat")
    assert result.rc in (1, 8)
    fails(result, result.rc, str(signet.cache), "--no-cache")
    signet.ok("api", "tcm", "GET", cloud.sites_path, "--pat", "--no-cache")


def test_no_home_and_no_cache_folder(cloud, signet):
    words = ["api", "tcm", "GET", cloud.sites_path, "--pat"]
    result = signet(*words, env={"HOME": None})
    fails(result, 8, "HOME", "SIGNET_CACHE_DIR", "--no-cache")
    signet.ok(*words, "--no-cache", env={"HOME": None})


def test_a_cache_that_cannot_be_written(cloud, signet):
    signet.cache.mkdir(parents=True)
    signet.cache.chmod(0o500)
    result = signet("login", "tcm", "--pat", under=bound_by_modes())
    fails(result, 1, str(signet.cache), "--no-cache")


# Bodies


def binary(cloud, body):
    fault = {"match": {"path-prefix": "/api/v1/tenants"}, "status": 200}
    cloud.sim.faults({**fault, "body": body})


def test_a_body_goes_out_byte_for_byte(cloud, signet):
    binary(cloud, "PK\x03\x04\x00zip")
    result = succeeds(signet("api", "tcm", "GET", cloud.sites_path, "--pat"))
    assert result.out == b"PK\x03\x04\x00zip"


def test_a_body_that_is_no_text_is_base64url_in_json(cloud, signet):
    binary(cloud, "PK\x00abc")
    words = ["api", "tcm", "GET", cloud.sites_path, "--pat"]
    assert signet.json(*words)["base64url"] == "UEsAYWJj"


def test_nothing_is_sent_when_the_answer_has_no_place(cloud, signet):
    signet.ok("login", "tcm", "--pat")
    before = cloud.asked()
    data = signet.cwd / "body.json"
    data.write_text("{}")
    words = ["api", "tcm", "POST", "/uat-configurations", "--pat"]
    fails(signet(*words, "--data", data, "-o", "/nowhere/x"), 1, "/nowhere/x")
    assert cloud.asked() == before


def put_old(path):
    """A file that nobody wrote to for an hour."""
    path.write_text("mine")
    then = time.time() - 3600
    os.utime(path, (then, then))
    return path


def test_files_beside_an_output_file_are_left_alone(signet):
    """The folder is the user's, whatever the names in it look like."""
    names = ["app.signet-config", "k.signet-AbC123", ".k.signet-tmp-0123456789abcdef"]
    files = [put_old(signet.cwd / name) for name in names]
    signet.ok("key", "export", "-o", str(signet.cwd / "pub.pem"))
    assert [path.name for path in files if not path.exists()] == []
    assert "PUBLIC KEY" in (signet.cwd / "pub.pem").read_text()
