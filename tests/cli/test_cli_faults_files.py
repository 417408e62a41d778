"""What is looked at, and what goes into a file, with every fault.

The published key set, an answer of the API and a log that is downloaded; the
file that was there stays until there is a whole one. See cli_faults.py for what
is checked of each run.
"""

import json
import os

import pytest

from cli_faults import BREAKS, MIB, NO_ANSWERS, STATUSES, run_words, told, tries
from cli_listen import listening
from cli_run import Result, fails

OLD = "what was there"
NONE = {"status": 200, "body": "<html>hm</html>"}


class Place:
    """The three commands in one cloud, with a session and a file."""

    def __init__(self, cloud, tmp_path):
        self.cloud, self.tmp_path = cloud, tmp_path
        self.signet = cloud.signet
        self.out = self.signet.cwd / "out"
        self.out.write_text(OLD)
        self.signet.ok("login", "tcm", "--pat")

    def run(self, name, fault):
        words, request = getattr(self, name)()
        ended = run_words(self.cloud, words, request, fault, self.tmp_path)
        assert os.listdir(self.signet.cwd) == ["out"]
        ended.count = sum(a.startswith(request) for a in ended.asked)
        return ended

    def api(self):
        path = self.cloud.sites_path
        words = ["api", "tcm", "GET", path, "--pat", "-o", str(self.out)]
        return words, f"GET /api/v1{path}"

    def download(self):
        path = f"/api/v1/tenants/{self.cloud.tenant}/activitylog"
        files = self.cloud.rest("GET", path).json()["files"]
        body = {"files": [files[0]["path"]]}
        (made,) = self.cloud.rest("POST", path, body).json()["files"]
        url = self.signet.config(made["url"], "url")
        self.signet.secrets.append(made["url"].partition("signature=")[2])
        return ["api", "download", str(url), "-o", str(self.out)], "GET /download"

    def check(self):
        text = self.signet.ok("jwks", "build")
        url = self.cloud.sim.publish(json.loads(text))
        return ["jwks", "check", url], "GET /_sim/jwks.json"


@pytest.fixture
def place(cloud, tmp_path):
    return Place(cloud, tmp_path)


def is_told(ended, rc, *words):
    """One line, and of `jwks check` its points before it."""
    fails(Result(ended.result.rc, b"", ended.result.err), rc, *words)


def points(ended):
    return [tuple(line.split()[:2]) for line in ended.result.stdout.splitlines()]


FILES = pytest.mark.parametrize("name", ["api", "download"])


# Into a file


@FILES
@pytest.mark.parametrize("status", STATUSES)
def test_a_refusal_is_no_file(place, name, status):
    ended = place.run(name, STATUSES[status])
    hidden = name == "download"  # its body may hold the URL
    words = [] if hidden else told(status)
    fails(ended.result, 5, f"HTTP {STATUSES[status]['status']}", *words)
    assert place.out.read_text() == OLD
    if status == "401" and not hidden:
        assert ended.count == 2, "once more in a new session"
    else:
        assert ended.count == tries(status)


@FILES
@pytest.mark.parametrize("what", BREAKS)
def test_half_an_answer_is_no_file(place, name, what):
    ended = place.run(name, BREAKS[what])
    words = ["SIGNET_TIMEOUT"] if what in ("silence", "drip") else []
    fails(ended.result, 6, *words)
    assert place.out.read_text() == OLD


@FILES
@pytest.mark.parametrize("what", [*NO_ANSWERS, "html"])
def test_a_file_has_what_came(place, name, what):
    fault = {**NO_ANSWERS, "html": NONE}[what]
    assert place.run(name, fault).result.rc == 0
    assert place.out.read_text() == fault["body"]


@FILES
def test_twenty_megabytes_fit_into_a_file(place, name):
    assert place.run(name, {"action": f"big:{20 * MIB}"}).result.rc == 0
    assert place.out.stat().st_size == 20 * MIB
    ended = place.run(name, {"action": f"big:{20 * MIB}", "status": 500})
    fails(ended.result, 6, "larger")
    assert place.out.stat().st_size == 20 * MIB


@FILES
def test_nothing_is_unpacked_into_a_file(place, name):
    assert place.run(name, {"action": f"gzip-bomb:{200 * MIB}"}).result.rc == 0
    assert place.out.read_bytes()[:2] == b"\x1f\x8b"
    assert place.out.stat().st_size < MIB


@FILES
@pytest.mark.parametrize("status", [301, 307])
def test_a_file_comes_from_no_other_host(place, name, status):
    with listening() as (elsewhere, came):
        fault = {"action": f"redirect:{elsewhere}/x", "status": status}
        ended = place.run(name, fault)
        assert came == []
    fails(ended.result, 5, "not followed")
    assert place.out.read_text() == OLD and ended.count == 1


# The published key set


@pytest.mark.parametrize("status", STATUSES)
def test_a_key_set_that_is_refused(place, status):
    ended = place.run("check", STATUSES[status])
    is_told(ended, 1, "fails at: status")
    assert ("FAIL", "status") in points(ended)
    assert ended.count == tries(status)


@pytest.mark.parametrize("what", BREAKS)
def test_a_key_set_that_does_not_come(place, what):
    ended = place.run("check", BREAKS[what])
    is_told(ended, 6, "cannot be had")
    assert ("FAIL", "answer") in points(ended)


@pytest.mark.parametrize("what", NO_ANSWERS)
def test_a_key_set_that_is_none(place, what):
    ended = place.run("check", NO_ANSWERS[what])
    is_told(ended, 1, "fails at: form")
    assert ended.count == 1


@pytest.mark.parametrize("what", [f"big:{20 * MIB}", f"gzip-bomb:{200 * MIB}"])
def test_a_key_set_without_end(place, what):
    ended = place.run("check", {"action": what})
    is_told(ended, 6, "cannot be had")
    assert ended.count == 1


@pytest.mark.parametrize("status", [301, 307])
def test_a_key_set_of_another_host(place, status):
    with listening() as (elsewhere, came):
        fault = {"action": f"redirect:{elsewhere}/x", "status": status}
        ended = place.run("check", fault)
        assert came == []
    is_told(ended, 1, "fails at: status")
    assert f"a redirect to {elsewhere}/x" in ended.result.stdout
