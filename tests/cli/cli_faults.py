"""The service in trouble: runs any kind of call with a fault at its request.

Whatever comes back, a run ends in bounded time and memory, and what is kept on
disk stays whole: that is checked here, of each run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from cli_cloud import CONFIGS, JWT_LOGIN, PAT_LOGIN, SIGN_IN, Cloud
from cli_limits import Taken, measured, taken
from cli_run import LIMIT_S, Result, fails, is_sanitized, succeeds

MIB = 2**20
# 16 MiB of an answer at most, while it grows; and the program itself.
PEAK_KIB = 48 * 1024
KEPT = (".json", ".lock", ".state")
# For an answer that does not come: a slow machine has time for the others.
TIMEOUT_S = 6


def put_off(status: int, until: str) -> dict[str, Any]:
    return {"status": status, "headers": {"Retry-After": until}}


# Every status that is no success; Retry-After has two forms, and none.
STATUSES: dict[str, dict[str, Any]] = {
    **{str(status): {"status": status} for status in (401, 403, 409, 500)},
    **{str(status): {"status": status} for status in (429, 502, 503, 504)},
    "429-soon": put_off(429, "1"),
    "429-date": put_off(429, "Thu, 31 Dec 2099 23:59:59 GMT"),
    "503-late": put_off(503, "3600"),
    "503-huge": put_off(503, "9" * 40),
    "html": {
        "status": 403,
        "headers": {"Content-Type": "text/html"},
        "body": "<!doctype html><title>Proxy</title>",
    },
}
# What is asked again.
TRANSIENT = ("429", "502", "503", "504", "429-soon")
TOO_LATE = ("429-date", "503-late", "503-huge")


def told(status: str) -> list[str]:
    """What is said of it, beside the number."""
    if status == "html":
        return ["HTML"]
    return ["try again in"] if status in TOO_LATE else []


def tries(status: str) -> int:
    """How often a GET is sent, in a session that lives."""
    return 3 if status in TRANSIENT else 1


# An answer that does not come, or not whole; and one that is none. What is
# slow takes longer than a run may.
BREAKS: dict[str, dict[str, Any]] = {
    "reset": {"action": "reset"},
    "truncate": {"action": "truncate"},
    "lost": {"action": "reset", "after": True},
    "silence": {"action": f"silence:{2 * LIMIT_S}"},
    "drip": {"action": f"drip:{LIMIT_S / 30}"},
}
NO_ANSWERS: dict[str, dict[str, Any]] = {
    "cut": {"status": 200, "body": '{"sessionToken":"'},
    "twice": {"status": 200, "body": '{"configId":"a","configId":"b"}'},
}


@dataclass(frozen=True)
class Call:
    """A command, and the one of its requests that suffers."""

    words: str
    request: str
    session: str = "login tcm --pat"  # made before, and in the cache

    @property
    def method(self) -> str:
        return self.request.split()[0]

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @property
    def changes(self) -> bool:
        """Changes a configuration, which can be looked at afterwards."""
        return self.request.split()[1] == CONFIGS and not self.is_read


VERSION = "GET /api/3.4/serverinfo"
CALLS = {
    "pat": Call("login tcm --pat", PAT_LOGIN, ""),
    "jwt": Call("login tcm --jwt", JWT_LOGIN, ""),
    "version": Call("login tableau", VERSION, ""),
    "site": Call("login tableau", SIGN_IN, ""),
    "list": Call("uat list --pat", f"GET {CONFIGS}"),
    "get": Call("uat get ID --pat", f"GET {CONFIGS}"),
    "create": Call("uat create --name new --pat", f"POST {CONFIGS}"),
    "update": Call("uat update ID --name new --pat", f"PUT {CONFIGS}"),
    "delete": Call("uat delete ID --yes --pat", f"DELETE {CONFIGS}"),
    "api-tcm": Call("api tcm GET SITES --pat", "GET /api/v1/tenants"),
    "api-tableau": Call(
        "api tableau GET WORKBOOKS", "GET /api/3.28/sites", "login tableau"
    ),
}


@dataclass
class Run:
    result: Result
    taken: Taken
    asked: list[str] = field(default_factory=list)

    def times(self, call: Call) -> int:
        """How often the request that suffers was sent."""
        return sum(line.startswith(call.request) for line in self.asked)


def with_names(words: str, cloud: Cloud, config_id: str) -> list[str]:
    names = {
        "ID": config_id,
        "SITES": cloud.sites_path,
        "WORKBOOKS": cloud.workbooks_path,
    }
    return [names.get(word, word) for word in words.split()]


def run(cloud: Cloud, call: Call, fault: dict[str, Any], tmp_path) -> Run:
    """With a session in the cache, and everything well but for the fault."""
    signet = cloud.signet
    made = cloud.configure()["configId"]
    if call.session:
        signet.ok(*call.session.split())
    words = with_names(call.words, cloud, made)
    ended = run_words(cloud, words, call.request, fault, tmp_path)
    is_whole(signet)
    return ended


def timeout(fault: dict[str, Any]) -> list[str]:
    is_slow = fault in (BREAKS["silence"], BREAKS["drip"])
    return ["--timeout", f"{TIMEOUT_S}s"] if is_slow else []


def run_words(
    cloud: Cloud, words: list[str], request: str, fault: dict[str, Any], tmp_path
) -> Run:
    """In bounded time and memory, with the fault at each such request."""
    before = len(cloud.asked())
    method, path = request.split()
    match = {"method": method, "path-prefix": path}
    cloud.sim.faults({**fault, "match": match, "times": None})
    report = tmp_path / "taken.json"
    result = cloud.signet(*words, *timeout(fault), under=measured(report))
    asked = cloud.asked()[before:]
    cloud.sim.faults()
    ended = Run(result, taken(report), asked)
    if not is_sanitized():
        assert ended.taken.peak_kib < PEAK_KIB
    return ended


def is_whole(signet) -> None:
    """What is kept can be read, nothing half-made lies about, and all works."""
    files = [p for p in signet.home.rglob("*") if p.is_file()]
    for file in files:
        assert file.suffix in KEPT, f"{file} is left over"
        if file.suffix == ".json":
            json.loads(file.read_text())
    succeeds(signet("uat", "list", "--pat"))


def ends(run: Run, rc: int, *words: str) -> None:
    """Well, or as users are promised."""
    assert run.result.rc == rc, run.result.stderr
    if rc == 0:
        assert run.result.stderr == ""
    else:
        fails(run.result, rc, *words)
