"""A SoftHSM token in a folder, made by the scripts of softhsm/."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli_run import BINARY, ROOT

LABEL = "signet-cli"
KEY = "uat"


def missing(what: str) -> None:
    """Skips at a desk, where a tool may be missing; fails in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


def need(tool: str) -> str:
    path = shutil.which(tool)
    if path is None:
        missing(tool)
    return path


def bound_by_modes() -> tuple[str, ...]:
    """What to run a program under so that file modes bind it, even as root."""
    if os.geteuid() != 0:
        return ()
    lost = "-dac_override,-dac_read_search"
    return (need("setpriv"), f"--bounding-set={lost}", "--")


@dataclass(frozen=True)
class Token:
    folder: Path
    module: str

    @property
    def pin(self) -> str:
        return (self.folder / "pin").read_text().strip()

    @property
    def pin_file(self) -> Path:
        return self.folder / "pin"

    @property
    def env(self) -> dict[str, str]:
        return {
            "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf"),
            "SIGNET_MODULE": self.module,
            "SIGNET_PIN_SOURCE": f"file:{self.pin_file}",
            "SIGNET_KEY": f"pkcs11:token={LABEL};object={KEY}",
        }

    def copy(self, folder: Path) -> Token:
        """The same token elsewhere, for a test that changes it."""
        shutil.copytree(self.folder, folder)
        conf = folder / "softhsm2.conf"
        text = conf.read_text()
        conf.write_text(text.replace(str(self.folder), str(folder)))
        return Token(folder, self.module)

    def add_token(self, label: str) -> None:
        """One more token beside it, with the same PINs and no key."""
        _provision(self.folder, self.module, label)


def make_token(folder: Path) -> Token:
    """A token, and a key in it that signet made."""
    token = Token(folder, find_module())
    folder.mkdir(mode=0o700)
    _shell('fill_folder "$1"', folder)
    (folder / "tokens").mkdir()
    token.add_token(LABEL)
    subprocess.run(
        [BINARY, "key", "generate", "--label", KEY],
        env={**token.env, "HOME": str(folder), "PATH": "/usr/bin:/bin"},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return token


def find_module() -> str:
    found = _shell("find_module || :")
    if not found:
        missing("SoftHSM")
    return found


def _shell(command: str, *arguments: object) -> str:
    common = ROOT / "softhsm" / "common.sh"
    done = subprocess.run(
        ["sh", "-c", f'. "$0" && {command}', common, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _provision(folder: Path, module: str, label: str) -> None:
    command = ["/usr/bin/python3", str(ROOT / "softhsm" / "provision.py")]
    command += ["init", "--module", module, "--label", label]
    command += ["--pin-file", str(folder / "pin")]
    command += ["--so-pin-file", str(folder / "so-pin")]
    conf = str(folder / "softhsm2.conf")
    env = {**os.environ, "SOFTHSM2_CONF": conf}
    subprocess.run(command, env=env, check=True)
