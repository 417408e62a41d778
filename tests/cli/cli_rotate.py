"""A rotation as a test sees it: a settings file that it switches, and a user
who signs in all the while with whatever that file selects."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from cli_cloud import ISSUER, SCOPES, Cloud
from cli_run import LIMIT_S, Signet, settings, wait_until
from cli_token import KEY, LABEL, Token, need

OLD_KEY = f"pkcs11:token={LABEL};object={KEY}"


def quick(args: tuple[object, ...]) -> list[str]:
    """No more waiting than a test can stand, unless it says how much."""
    defaults = {"--wait": "1", "--publish-timeout": "1"}
    given = [w for n, v in defaults.items() if n not in args for w in (n, v)]
    return [*given, "--pat"]


class Rotation:
    """signet with its key and issuer in a file, and a configuration for it."""

    def __init__(self, cloud: Cloud, token: Token, **changes: Any) -> None:
        self.cloud, self.signet = cloud, cloud.signet
        self.old = cloud.configure(**changes)
        for name in ("SIGNET_KEY", "SIGNET_ISSUER"):
            self.signet.env.pop(name)
        self.signet.env.update(
            {n: v for n, v in token.env.items() if n != "SIGNET_KEY"}
        )
        self.file = self.signet.config(
            "# the key\n"
            + settings({"SIGNET_KEY": OLD_KEY, "SIGNET_ISSUER": ISSUER})
            + "export SIGNET_JWT_LIFETIME=60 # short\n"
        )
        self.signet.env["SIGNET_CONFIG"] = str(self.file)
        self.before = self.file.read_text()

    def __call__(self, *args: object, **kwargs: Any):
        return self.signet("uat", "rotate", *args, *quick(args), **kwargs)

    def ok(self, *args: object) -> str:
        return self.signet.ok("uat", "rotate", *args, *quick(args))

    def started(self, until: str, *args: object) -> subprocess.Popen:
        """Under way: it has just told a line with this."""
        process = self.signet.start("uat", "rotate", "--pat", *args)
        wait_for_line(process, until)
        return process

    def setting(self, name: str) -> str:
        """The value in the file, by a reader that is not ours."""
        for line in self.file.read_text().splitlines():
            key, _, value = line.partition("=")
            if key == name:
                return value.strip("\"'")
        raise KeyError(name)

    def keys(self) -> list[str]:
        return self.signet.ok("key", "list").splitlines()

    @property
    def journals(self) -> list[Path]:
        state = Path(
            self.signet.env.get(
                "SIGNET_STATE_DIR", self.signet.home / ".local/state/signet"
            )
        )
        return sorted(state.glob("rotation-*.json"))

    def journal(self) -> dict[str, Any]:
        (file,) = self.journals
        assert file.stat().st_mode & 0o777 == 0o600
        return json.loads(file.read_text())

    def signs_in(self) -> None:
        """A fresh JWT of what the settings select is let in, everywhere."""
        token = self.signet.ok("jwt", "sign").strip()
        site = {"contentUrl": self.cloud.site["contentUrl"]}
        credentials = {"jwt": token, "isUat": True, "site": site}
        for path, body in (
            ("/api/v1/jwt/login", {"token": token}),
            ("/api/3.28/auth/signin", {"credentials": credentials}),
        ):
            reply = self.cloud.sim.request("POST", path, body)
            assert reply.status == 200, (path, reply)

    def is_rotated(self) -> None:
        (config,) = self.cloud.configs()
        assert config["configId"] != self.old["configId"]
        assert config["enabled"] and not self.journals
        assert self.setting("SIGNET_KEY") != OLD_KEY
        assert self.setting("SIGNET_ISSUER") == config["issuer"] != ISSUER
        self.signs_in()

    def is_as_before(self) -> None:
        (config,) = self.cloud.configs()
        config["scopes"].sort(), self.old["scopes"].sort()
        assert config == self.old and not self.journals
        assert self.file.read_text() == self.before
        assert len(self.keys()) == 1
        self.signs_in()


def wait_for_line(process: subprocess.Popen, text: str) -> None:
    """On stderr, with this in it."""
    limit = threading.Timer(LIMIT_S, process.kill)
    limit.start()
    found = any(text.encode() in line for line in process.stderr)
    limit.cancel()
    assert found, text


class Killer:
    """Starts signet so that it dies, or stops, at the n-th change of its files."""

    def __init__(self, folder: Path) -> None:
        self.library = folder / "kill_shim.so"
        source = Path(__file__).with_name("kill_shim.c")
        command = [need("cc"), "-D_GNU_SOURCE", "-shared", "-fPIC", "-O1"]
        command += ["-o", str(self.library), str(source), "-ldl"]
        subprocess.run(command, check=True)

    def env(
        self, at: int, after: bool, path: str, number: int = signal.SIGKILL
    ) -> dict[str, str | None]:
        asan = os.environ.get("ASAN_OPTIONS", "")
        return {
            "ASAN_OPTIONS": f"{asan}:verify_asan_link_order=0",
            "LD_PRELOAD": str(self.library),
            "KILL_PATH": path,
            "KILL_AT": str(at),
            "KILL_AFTER": "1" if after else None,
            "KILL_WITH": str(int(number)),
        }


class User:
    """Signs JWTs with the settings of the moment and signs in, over and over.

    A JWT that is older than the rotation waits may be refused: on a machine so
    slow, a failure tells nothing. The wait counts in whole seconds, and may be
    up to one shorter than it is told to be.
    """

    def __init__(self, rotation: Rotation, wait_s: float) -> None:
        self.rotation, self.wait_s = rotation, wait_s - 1
        self.count, self.failures = 0, []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> User:
        self._thread.start()
        return self

    def signs_in(self, times: int) -> None:
        """So often once more, however long it takes."""
        before = self.count
        wait_until(lambda: self.failures or self.count >= before + times)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                self.rotation.signs_in()
                self.count += 1
            except BaseException as failure:  # told by the test
                if time.monotonic() - started < self.wait_s:
                    self.failures.append(repr(failure))
