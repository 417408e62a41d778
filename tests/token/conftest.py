# SPDX-License-Identifier: Apache-2.0
"""What the tests run: programs, each in a token of its own, and `signet`, with
one token for each module."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
from dataclasses import dataclass

import pytest

from kinds import BUILD, HERE, KINDS, ROOT, RUN, fits, skip_or_fail

BINARY = os.environ.get("SIGNET_BIN", str(BUILD / "signet"))
LIMIT_S = 1800
CLAIMS = {
    "CLOUD_MANAGER_TENANT_ID": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    "TABLEAU_CLOUD_USERNAME": "admin@example.com",
    "SIGNET_ISSUER": "https://signet.example.com",
    "SIGNET_SCOPES": "tableau:users:read",
}


@dataclass(frozen=True)
class Result:
    rc: int
    out: str
    err: str


class Signet:
    """signet(*args) runs it with the token; no run may show the PIN."""

    def __init__(self, kind, process, env):
        self.kind = kind
        self.process = process
        self.key = None  # set by the first test that wants one
        self.token_uri = env["SIGNET_KEY"]
        self.label = env["SG_TOKEN_LABEL"]
        source = env["SIGNET_PIN_SOURCE"]
        self.pin_file = pathlib.Path(source[len("file:"):])
        self.pin = self.pin_file.read_text().strip()

    def __call__(self, *args, env=None):
        result = self.run(BINARY, *args, env=env)
        assert self.pin not in result.out + result.err
        return result

    def run(self, *argv, env=None, stdin=""):
        asked = {"argv": [str(arg) for arg in argv],
                 "env": {**CLAIMS, **(env or {})}, "input": stdin}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return Result(**json.loads(self.process.stdout.readline()))

    def ok(self, *args, env=None):
        result = self(*args, env=env)
        assert result.rc == 0, result.err
        return result.out

    def json(self, *args):
        return json.loads(self.ok(*args, "--json"))

    def fails(self, rc, *args, env=None):
        """What it says; the module itself may have had its say before."""
        result = self(*args, env=env)
        assert result.rc == rc, result
        assert result.out == ""
        return result.err

    def with_wrong_pin(self, length=None):
        """The environment that gives another PIN of the same length."""
        first = "1" if self.pin[0] == "0" else "0"
        wrong = self.pin_file.with_name("wrong")
        wrong.write_text((first + self.pin[1:])[:length])
        wrong.chmod(0o600)
        return {"SIGNET_PIN_SOURCE": f"file:{wrong}"}


def start(kind):
    """A worker in a token of its own."""
    process = subprocess.Popen(
        [RUN, "--module", kind, HERE / "worker.py"], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    line = process.stdout.readline()
    if not line:
        status = process.wait()
        if status == 77:
            skip_or_fail(f"the module {kind} is missing")
        pytest.fail(f"{kind} did not start: exit status {status}")
    return Signet(kind, process, json.loads(line))


def stop(signet):
    signet.process.stdin.close()
    assert signet.process.wait(LIMIT_S) == 0


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(words): of modules/table")


def pytest_generate_tests(metafunc):
    mark = metafunc.definition.get_closest_marker("needs")
    kinds = [k for k in KINDS if mark is None or fits(k, mark.args[0])]
    for name in {"signet", "own_signet"} & set(metafunc.fixturenames):
        metafunc.parametrize(name, kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def signets():
    """{module: its Signet}, each started when it is first asked for."""
    running = {}
    yield running
    for each in running.values():
        stop(each)


@pytest.fixture(scope="session")
def signet(request, signets):
    if request.param not in signets:
        signets[request.param] = start(request.param)
    return signets[request.param]


@pytest.fixture
def own_signet(request):
    """For a test that spoils the token."""
    running = start(request.param)
    yield running
    stop(running)


def run_program(program, kind):
    return subprocess.run(
        [RUN, "--module", kind, BUILD / "tests/token" / program],
        env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP"), cwd=ROOT,
        stdin=subprocess.DEVNULL, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S,
        check=False)


@pytest.fixture(scope="session", autouse=True)
def runs(request):
    """{(program, kind): how its run ends}, for the cases asked for. They run
    beside all the other tests, one for each processor."""
    wanted = {}
    for item in request.session.items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        if "program" in params:
            wanted[params["program"], params["kind"]] = None
    pool = concurrent.futures.ThreadPoolExecutor(
        min(4, len(os.sched_getaffinity(0))))
    for each in wanted:
        wanted[each] = pool.submit(run_program, *each)
    yield wanted
    pool.shutdown(cancel_futures=True)
