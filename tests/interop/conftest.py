"""Fixtures of the interop tests: those of the command line's tests, and where
the clients are that `make interop` installs."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CLI = HERE.parent / "cli"
sys.path.insert(0, str(CLI))


def _fixtures_of_cli():
    """tests/cli/conftest.py, which has the name of this file."""
    spec = importlib.util.spec_from_file_location(
        "cli_conftest", CLI / "conftest.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_cli = _fixtures_of_cli()
binary, token, pem = _cli.binary, _cli.token, _cli.pem
signet, cloud = _cli.signet, _cli.cloud
running_sim, sim = _cli.running_sim, _cli.sim
public_key = _cli.public_key

from cli_run import BINARY  # noqa: E402
from cli_serve import serving  # noqa: E402
from cli_token import missing  # noqa: E402

CLIENTS = Path(
    os.environ.get("SIGNET_INTEROP", HERE.parents[1] / "build" / "interop")
).resolve()
LIMIT_S = 300


class Clients:
    """Runs the programs of this folder, each with its libraries."""

    def python(self, name, *words, cwd=None, **kwargs):
        """In a folder of its own it is a copy, beside which its .env is."""
        program = HERE / name
        if cwd is not None:
            program = shutil.copy(program, cwd)
        interpreter = CLIENTS / "python" / "bin" / "python"
        return self._run(
            [interpreter, "-B", program, *words], cwd=cwd, **kwargs
        )

    def node_command(self, name, *words):
        """Node looks for packages beside the file, wherever it was named."""
        if not (CLIENTS / "node" / "whole").exists():
            missing("Node")
        place = CLIENTS / "node" / name
        shutil.copyfile(HERE / name, place)
        # Node.js 18, that of Debian 12, has what jose needs behind a switch.
        return ["node", "--experimental-global-webcrypto", place, *words]

    def node(self, name, *words, **kwargs):
        return self._run(self.node_command(name, *words), **kwargs)

    def java(self, name, *words, **kwargs):
        if not (CLIENTS / "java" / "whole").exists() or not shutil.which("java"):
            missing("Java with Maven")
        return self._run(
            ["java", "-cp", CLIENTS / "java" / "*", HERE / name, *words],
            **kwargs,
        )

    def _run(self, command, stdin="", env=None, cwd=None, rc=0):
        done = subprocess.run(
            [str(word) for word in command],
            input=stdin,
            env={"PATH": "/usr/bin:/bin", "HOME": str(CLIENTS), **(env or {})},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=LIMIT_S,
        )
        assert (done.returncode == 0) == (rc == 0), done.stderr
        return done.stdout if rc == 0 else done.stderr


@pytest.fixture(scope="session")
def clients():
    if not (CLIENTS / "python" / "whole").exists():
        missing("what make interop installs")
    return Clients()


@pytest.fixture
def served(signet):
    """The URL of the key set that signet serves."""
    with serving(signet) as server:
        yield server.url


@pytest.fixture
def signet_bin():
    return str(BINARY)
