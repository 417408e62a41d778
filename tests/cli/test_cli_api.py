"""api: any verb, every page, and answers and logs into files of any size."""

import contextlib
import gzip
import json
import os
import signal
import stat
from pathlib import Path

import pytest

from cli_run import fails, succeeds, wait_until
from cli_terminal import Terminal


@pytest.fixture
def tcm(cloud, signet):
    def call(*words, **kwargs):
        return signet("api", "tcm", *words, "--pat", **kwargs)

    return call


def canned(cloud, path, *answers):
    cloud.sim.faults(*({"match": {"path-prefix": path}, **a} for a in answers))


# Verbs


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "PUT", "DELETE", "HEAD"])
def test_any_verb_is_sent(cloud, tcm, method):
    canned(cloud, "/api/v1/x", {"status": 200, "body": {"ok": 1}})
    result = succeeds(tcm(method.lower(), "/x"))
    assert cloud.asked()[-1] == f"{method} /api/v1/x"
    shown = "" if method == "HEAD" else {"ok": 1}
    assert (result.stdout and json.loads(result.stdout)) == shown


def test_a_body_goes_with_a_patch(cloud, tcm, signet):
    file = signet.config('{"a": 1.10}', "body.json")
    path = f"/tenants/{cloud.tenant}"
    result = tcm("PATCH", path, "--data", file)
    assert result.rc == 5 and cloud.asked()[-1] == f"PATCH /api/v1{path}"


# Pages


def test_log_files_of_every_page(cloud, signet):
    path = f"/tenants/{cloud.tenant}/activitylog?pageSize=1"
    words = ["api", "tcm", "GET", path, "--pat", "--paginate"]
    files = json.loads(signet.ok(*words))["files"]
    assert len({file["path"] for file in files}) == 3
    asked = [e for e in cloud.entries() if e["path"].endswith("/activitylog")]
    assert len(asked) == 3 and {e["query"]["pageSize"] for e in asked} == {"1"}
    shown = signet.json(*words)
    assert shown["pages"] == 3 and shown["body"] == {"files": files}


def test_rest_pages_follow_the_pagination(configured, signet):
    path = f"{configured.workbooks_path}?pageSize=1"
    words = ["api", "tableau", "GET", path]
    one = json.loads(signet.ok(*words))
    assert one["pagination"]["totalAvailable"] == "2"
    all_pages = json.loads(signet.ok(*words, "--paginate"))
    names = [w["name"] for w in all_pages["workbooks"]["workbook"]]
    assert names == ["Tides", "Fleet"] and "pagination" not in all_pages


def test_a_bare_array_stays_one(configured, tcm):
    result = succeeds(tcm("GET", "/uat-configurations", "--paginate"))
    assert [c["name"] for c in json.loads(result.stdout)] == ["signet"]


def test_what_is_no_list_is_given_as_it_is(cloud, tcm):
    result = succeeds(tcm("GET", f"/tenants/{cloud.tenant}", "--paginate"))
    assert json.loads(result.stdout)["tenantId"] == cloud.tenant


@pytest.mark.parametrize(
    "answer, words",
    [
        ({"status": 200, "body": "<html>hm</html>"}, ["HTML"]),
        ({"status": 200, "body": "plain"}, ["not JSON"]),
        ({"status": 403, "body": {}}, ["403"]),
    ],
)
def test_a_page_that_is_none_is_an_error(cloud, tcm, answer, words):
    first = {"status": 200, "body": {"files": [{}], "pageToken": "a"}}
    canned(cloud, "/api/v1/tenants", first, answer)
    path = f"/tenants/{cloud.tenant}/activitylog"
    fails(tcm("GET", path, "--paginate"), 5, *words)


def test_no_content_is_no_page(cloud, tcm):
    canned(cloud, "/api/v1/x", {"status": 204, "body": ""})
    assert succeeds(tcm("GET", "/x", "--paginate")).stdout == ""


def test_pages_into_a_file(cloud, tcm, signet):
    out = signet.cwd / "out.json"
    path = f"/tenants/{cloud.tenant}/activitylog?pageSize=2"
    result = succeeds(tcm("GET", path, "--paginate", "-o", out))
    assert result.stdout == "" and len(json.loads(out.read_text())["files"]) == 3


def test_compressed_bytes_that_nobody_asked_for(cloud, tcm, signet):
    """Nothing is decompressed; into a file it goes as it came."""
    bomb = gzip.compress(b"[" + b" " * 10_000_000 + b"]").decode("latin-1")
    answer = {"status": 200, "body": bomb, "headers": {"Content-Encoding": "gzip"}}
    canned(cloud, "/api/v1/x", answer, answer)
    fails(tcm("GET", "/x", "--paginate"), 6, "compressed, which was not asked for")
    out = signet.cwd / "out"
    succeeds(tcm("GET", "/x", "-o", out))
    assert 1000 < out.stat().st_size < 100_000


# Into a file


def test_a_large_answer_goes_to_a_file(cloud, tcm, signet):
    """Far more than an answer in memory may have."""
    out = signet.cwd / "big"
    size = 100 * 2**20
    canned(cloud, "/api/v1/x", {"action": f"big:{size}"}, {"action": f"big:{size}"})
    fails(tcm("GET", "/x"), 6, "larger than")
    result = succeeds(tcm("GET", "/x", "-o", out, "--json"))
    shown = json.loads(result.stdout)
    assert shown["bytes"] == size == out.stat().st_size
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.plain("a sanitizer keeps what is freed")
def test_memory_does_not_grow_with_the_file(cloud, tcm, signet):
    canned(cloud, "/api/v1/x", {"action": f"big:{200 * 2**20}"})
    under = ("/usr/bin/python3", "-c", LIMITED)
    succeeds(tcm("GET", "/x", "-o", "/dev/null", under=under))


LIMITED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
sys.exit(done.returncode or (1 if peak > 100_000 else 0))
"""


@pytest.mark.parametrize("action", ["truncate", "reset", "close"])
def test_a_broken_answer_leaves_the_old_file(cloud, tcm, signet, action):
    out = signet.cwd / "out"
    out.write_text("old")
    fault = {"action": action, "times": None}
    canned(cloud, f"/api/v1{cloud.sites_path}", fault)
    fails(tcm("GET", cloud.sites_path, "-o", out), 6)
    assert out.read_text() == "old" and os.listdir(signet.cwd) == ["out"]


def test_one_break_is_mended_from_the_beginning(cloud, tcm, signet):
    out = signet.cwd / "out"
    canned(cloud, f"/api/v1{cloud.sites_path}", {"action": "truncate"})
    succeeds(tcm("GET", cloud.sites_path, "-o", out))
    assert len(json.loads(out.read_text())["sites"]) == 2


def test_a_refusal_leaves_the_old_file(cloud, tcm, signet):
    out = signet.cwd / "out"
    out.write_text("old")
    fails(tcm("GET", "/nothing", "-o", out), 5, "404")
    assert out.read_text() == "old"


def test_a_drip_is_given_up(cloud, tcm, signet):
    out = signet.cwd / "out"
    signet.ok("login", "tcm", "--pat")
    canned(cloud, f"/api/v1{cloud.sites_path}", {"action": "drip:1"})
    words = ["GET", cloud.sites_path, "-o", out, "--timeout", "2s"]
    fails(tcm(*words), 6, "SIGNET_TIMEOUT")  # minutes before its end
    assert not out.exists()


# What comes at once of twice as much, and then no more comes.
HALF = 54321


def has_written(process, size):
    """Is a file of this size open in it?"""
    try:
        for link in Path(f"/proc/{process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # just closed
                found = link.stat()
                if stat.S_ISREG(found.st_mode) and found.st_size == size:
                    return True
    except PermissionError:
        return True  # for who may trace it alone to see
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_killed_while_it_writes(cloud, signet, number):
    out = signet.cwd / "out"
    out.write_text("old")
    signet.ok("login", "tcm", "--pat")
    half = {"headers": {"Content-Length": 2 * HALF}, "body": "x" * HALF}
    canned(cloud, f"/api/v1{cloud.sites_path}", {"status": 200, **half})
    words = ["api", "tcm", "GET", cloud.sites_path, "--pat", "-o", out]
    process = signet.start(*words)
    wait_until(lambda: any("/sites" in line for line in cloud.asked()))
    wait_until(lambda: has_written(process, HALF))
    process.send_signal(number)
    assert signet.finish(process).rc == -number
    assert out.read_text() == "old" and os.listdir(signet.cwd) == ["out"]


def test_a_full_disk_is_told(cloud, tcm, signet):
    canned(cloud, "/api/v1/x", {"action": f"big:{2**20}"})
    fails(tcm("GET", "/x", "-o", "/dev/full"), 1, "/dev/full")


def test_progress_is_for_a_terminal_alone(cloud, signet):
    signet.ok("login", "tcm", "--pat")
    path = f"/api/v1{cloud.sites_path}"
    canned(cloud, path, {"action": "drip:0.005"}, {"action": "drip:0.005"})
    words = ["api", "tcm", "GET", cloud.sites_path, "--pat", "-o"]
    with Terminal() as terminal:
        popen = {**terminal.popen, "stderr": terminal.slave}
        process = signet.start(*words, signet.cwd / "out", **popen)
        assert signet.finish(process).rc == 0
        shown = terminal.all_shown()
    assert "MiB" in shown and shown.endswith("\r\033[K")
    assert signet(*words, signet.cwd / "again").stderr == ""


# Logs by a URL that is the credential


@pytest.fixture
def url(cloud, signet):
    path = f"/tenants/{cloud.tenant}/activitylog"
    listing = json.loads(signet.ok("api", "tcm", "GET", path, "--pat"))
    body = json.dumps({"files": [listing["files"][0]["path"]]})
    words = ["api", "tcm", "POST", path, "--pat", "--data", "-"]
    answer = json.loads(signet.ok(*words, stdin=body))
    url = answer["files"][0]["url"]
    signet.secrets.append(url.partition("signature=")[2])
    return url


def test_a_log_is_downloaded_without_any_credentials(cloud, signet, url):
    out = signet.cwd / "log.json"
    signet.ok("api", "download", "-", "-o", out, stdin=url + "\n")
    assert json.loads(out.read_text())["eventType"] == "login"
    entry = cloud.entries()[-1]
    assert entry["reason"] == "ok" and entry["path"].startswith("/download/")
    assert json.loads(signet.ok("api", "download", "-", stdin=url)) == json.loads(
        out.read_text()
    )


def test_the_signature_shows_nowhere(cloud, signet, url):
    signature = signet.secrets[-1]
    file = signet.config(url, "url")
    process = signet.start("api", "download", file, "--verbose")
    with open(f"/proc/{process.pid}/cmdline", "rb") as line:
        assert signature.encode() not in line.read()
    shown = succeeds(signet.finish(process))
    assert "/download/" in shown.stderr and signature not in shown.stderr
    fails(signet("api", "download", url), 2, "stdin")


def test_a_url_that_is_too_old(cloud, signet, url):
    cloud.sim.advance(11 * 60)
    out = signet.cwd / "log.json"
    result = signet("api", "download", "-", "-o", out, stdin=url)
    fails(result, 5, "403", "new one")
    assert not out.exists()


def test_a_redirect_is_not_followed(cloud, signet, url):
    elsewhere = f"redirect:{cloud.sim.url}/elsewhere?signature=other"
    canned(cloud, "/download/", {"action": elsewhere})
    line = fails(signet("api", "download", "-", stdin=url), 5, "not followed")
    assert "other" not in line
    assert not any("elsewhere" in asked for asked in cloud.asked())


def test_plain_http_is_not_spoken(cloud, signet, url):
    plain = url.replace("https", "http", 1)
    fails(signet("api", "download", "-", stdin=plain), 2, "https")
