# SPDX-License-Identifier: Apache-2.0
"""`signet`: the built one with a module's token, once for each module."""
import json
import os
import pathlib
import subprocess
from dataclasses import dataclass

import pytest

from kinds import BUILD, HERE, KINDS, RUN, fits, skip_or_fail

BINARY = os.environ.get("SIGNET_BIN", str(BUILD / "signet"))
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
    assert signet.process.wait(60) == 0


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(words): of modules/table")


def pytest_generate_tests(metafunc):
    if "signet" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("needs")
    kinds = [k for k in KINDS if mark is None or fits(k, mark.args[0])]
    metafunc.parametrize("signet", kinds, indirect=True, scope="module")


@pytest.fixture(scope="module")
def signet(request):
    running = start(request.param)
    yield running
    stop(running)
