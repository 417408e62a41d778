"""Runs signet in a clean, empty place, and judges how a run ended.

Every run is also searched for secrets: whatever a test is about, no PIN, PAT
or session token may show on stdout or stderr, and no JWT on stderr.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("SIGNET_BIN", ROOT / "build" / "signet")).resolve()
# For a run, and for what is waited for; only what hangs takes so long.
LIMIT_S = 120
JWT = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*", re.ASCII)
# What a sanitizer build needs to be told reaches it.
PASSED_ON = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")


@dataclass(frozen=True)
class Result:
    rc: int
    out: bytes
    err: bytes

    @property
    def stdout(self) -> str:
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def stderr(self) -> str:
        return self.err.decode("utf-8", "surrogateescape")


def is_sanitized() -> bool:
    return b"__asan_init" in BINARY.read_bytes()


def strict_json(text: str) -> Any:
    """One JSON value in which no member is given twice."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        assert len(members) == len(pairs), "a member is given twice"
        return members

    return json.loads(text, object_pairs_hook=unique)


def succeeds(result: Result) -> Result:
    assert result.rc == 0, f"exit {result.rc}: {result.stderr}"
    return result


def fails(result: Result, rc: int, *words: str) -> str:
    """The run failed as users are promised; its one line of stderr.

    `words` name what went wrong and what to do about it.
    """
    shown = f"exit {result.rc}, stdout {result.out!r}, stderr {result.stderr!r}"
    assert result.rc == rc, shown
    assert result.out == b"", shown
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and result.stderr.endswith("\n"), shown
    assert lines[0].startswith("signet: "), shown
    assert lines[0].isprintable(), shown
    for word in words:
        assert word in lines[0], f"no {word!r} in {shown}"
    return lines[0]


def holds_no_secret(result: Result, secrets: list[str]) -> None:
    for secret in secrets:
        assert secret not in result.stdout, "a secret on stdout"
        assert secret not in result.stderr, "a secret on stderr"
    assert not JWT.search(result.stderr), "a JWT on stderr"


class Signet:
    """signet(*args) runs it in an empty folder that is also near its HOME.

    `env` of a call is put over the environment of this object; None there
    takes a variable away.
    """

    def __init__(self, place: Path, env: dict[str, str]) -> None:
        self.home = place / "home"
        self.cwd = place / "cwd"
        for folder in (self.home, self.cwd):
            folder.mkdir(mode=0o700)
        self.cache = self.home / ".cache" / "signet"
        self.secrets: list[str] = []
        self.env = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "LC_ALL": "C",
            **{n: os.environ[n] for n in PASSED_ON if n in os.environ},
            **env,
        }

    def __call__(
        self,
        *args: object,
        env: dict[str, str | None] | None = None,
        stdin: str | bytes | None = None,
        under: tuple[str, ...] = (),
        **popen: Any,
    ) -> Result:
        if stdin is not None:
            popen["stdin"] = subprocess.PIPE
        process = self.start(
            *args,
            env=env,
            under=under,
            **popen,
        )
        data = stdin.encode() if isinstance(stdin, str) else stdin
        return self.finish(process, data)

    def start(
        self,
        *args: object,
        env: dict[str, str | None] | None = None,
        under: tuple[str, ...] = (),
        **popen: Any,
    ) -> subprocess.Popen:
        """Without a controlling terminal: nobody is there to be asked."""
        merged = {**self.env, **(env or {})}
        for stream in ("stdout", "stderr"):
            popen.setdefault(stream, subprocess.PIPE)
        if popen.get("stdin") is None:
            popen["stdin"] = subprocess.DEVNULL
        return subprocess.Popen(
            [*under, str(BINARY), *map(str, args)],
            env={k: v for k, v in merged.items() if v is not None},
            cwd=popen.pop("cwd", self.cwd),
            start_new_session=True,
            **popen,
        )

    def finish(
        self, process: subprocess.Popen, stdin: bytes | None = None
    ) -> Result:
        try:
            out, err = process.communicate(stdin, LIMIT_S)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        result = Result(process.returncode, out or b"", err or b"")
        holds_no_secret(result, self.known_secrets())
        return result

    def ok(self, *args: object, **kwargs: Any) -> str:
        """The stdout of a run that must succeed."""
        return succeeds(self(*args, **kwargs)).stdout

    def json(self, *args: object, **kwargs: Any) -> dict[str, Any]:
        """The one object that a run with --json prints."""
        text = self.ok(*args, "--json", **kwargs)
        assert text.count("\n") == 1 and text.endswith("\n")
        value = strict_json(text)
        assert isinstance(value, dict) and value["version"] == 1
        return value

    def config(
        self, text: str, name: str = "signet.env", mode: int = 0o600
    ) -> Path:
        """A configuration file beside the (still empty) working folder."""
        return write(self.home / name, text, mode)

    def local_env(self, text: str, mode: int = 0o600) -> Path:
        return write(self.cwd / ".env", text, mode)

    def kept(self) -> list[dict[str, Any]]:
        """What is in the session cache, each a file's JSON."""
        files = sorted(self.cache.glob("*.json"))
        return [json.loads(file.read_text()) for file in files]

    def known_secrets(self) -> list[str]:
        kept = re.compile(r'"token":"([^"]+)"')
        tokens = []
        for file in self.cache.glob("*"):
            with contextlib.suppress(FileNotFoundError):  # another run's
                tokens += kept.findall(file.read_text(errors="replace"))
        return [secret for secret in self.secrets if secret] + tokens


def wait_until(fact: Callable[[], object]) -> None:
    """For what comes in its own time; a test fails where it does not come."""
    end = time.monotonic() + LIMIT_S
    while not fact():
        assert time.monotonic() < end, f"not in {LIMIT_S} s"
        time.sleep(0.02)


def write(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def settings(pairs: dict[str, str]) -> str:
    """The text of a dotenv file."""
    return "".join(f'{name}="{value}"\n' for name, value in pairs.items())
