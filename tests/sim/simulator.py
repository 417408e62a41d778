"""Starts a simulator for tests, steers it, and stops it without fail.

    with Simulator(tmp_path) as sim:
        subprocess.run([...], env={**os.environ, **sim.env})
        assert sim.log()[-1]["reason"] == "ok"
"""

from __future__ import annotations

import http.client
import json
import select
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# PyJWT and cryptography are Debian's: no other interpreter will do.
PYTHON = "/usr/bin/python3"
# For what takes less than a second where nothing else runs.
LIMIT_S = 120


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Simulator:
    def __init__(self, directory: Path, *arguments: str) -> None:
        self.directory = Path(directory)
        here = Path(__file__).parent
        command = [PYTHON, "-B", str(here), "--dir", str(directory)]
        self.process = subprocess.Popen(
            [*command, "--ttl", "1800", *arguments], stdout=subprocess.PIPE
        )
        self.url = self._ready()
        self.env = dict(self._settings())

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> int:
        """Stops it; its exit status."""
        self.process.terminate()
        try:
            status = self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status

    def file(self, name: str) -> str:
        """One of the files it wrote, without the final newline."""
        return (self.directory / name).read_text().rstrip("\n")

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        timeout_s: float = LIMIT_S,
    ) -> Reply:
        """One request on a connection of its own; objects go as JSON."""
        trust = ssl.create_default_context(cafile=self.directory / "ca.pem")
        if (self.directory / "client.pem").exists():
            trust.load_cert_chain(self.directory / "client.pem")
        host = urlsplit(self.url).netloc
        connection = http.client.HTTPSConnection(
            host, timeout=timeout_s, context=trust
        )
        sent = {"Accept": "application/json"}
        if body is not None and not isinstance(body, bytes):
            sent["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        try:
            connection.request(method, path, body, {**sent, **(headers or {})})
            reply = connection.getresponse()
            return Reply(reply.status, dict(reply.headers), reply.read())
        finally:
            connection.close()

    # The control API

    def control(self, method: str, name: str, body: Any = None) -> Any:
        reply = self.request(method, f"/_sim/{name}", body)
        if reply.status >= 300:
            raise ValueError(reply.body.decode())
        return reply.json() if reply.body else None

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        return self.control("GET", f"log?since={since}")

    def last_reason(self) -> str:
        return self.log()[-1]["reason"]

    def state(self) -> dict[str, Any]:
        return self.control("GET", "state")

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_s": seconds})

    def set(self, **switches: object) -> None:
        """Switch names with `_` for `-`: set(max_lifetime=60)."""
        named = {name.replace("_", "-"): v for name, v in switches.items()}
        self.control("POST", "options", named)

    def faults(self, *faults: dict[str, Any]) -> None:
        self.control("POST", "faults", list(faults))

    def publish(self, jwks: Any) -> str:
        """Stores a key set; the URL it is served at."""
        self.control("PUT", "jwks", jwks)
        return f"{self.url}/_sim/jwks.json"

    def drop_sessions(self) -> int:
        return self.control("POST", "drop-sessions")["dropped"]

    def reset(self) -> None:
        self.control("POST", "reset")

    def _ready(self) -> str:
        stdout = self.process.stdout
        assert stdout is not None
        readable, _, _ = select.select([stdout], [], [], LIMIT_S)
        line = stdout.readline().decode() if readable else ""
        if not line.startswith("ready "):
            self.close()
            raise RuntimeError("the simulator did not start")
        return line.split()[1]

    def _settings(self):
        for line in self.file("sim.env").splitlines():
            name, _, value = line.partition("=")
            yield name, value.strip('"')
