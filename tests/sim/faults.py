"""Faults to order: what a network or a service in trouble does to one request.

A fault either takes the place of the answer (status, big, redirect, gzip-bomb),
or lets the service act and spoils the delivery (drip, truncate, silence, hold),
or breaks the connection (reset, close). With `after`, the service acts first in every case:
the request took effect and the client cannot know.

A list that takes the place of another ends what the faults of that one still do.
"""

from __future__ import annotations

import functools
import json
import threading
import zlib
from dataclasses import dataclass, field
from typing import Any

from wire import JSON_TYPE, Request, Response

BREAKS = ("reset", "close")
SPOILS = ("drip", "truncate", "silence", "hold")
CANNED = ("big", "redirect", "gzip-bomb")
SIZED = ("big", "gzip-bomb")
MAX_BIG = 256 * 1024 * 1024
CHUNK = 1024 * 1024
MEMBERS = {
    *("match", "times", "status", "headers", "body"),
    *("delay_s", "action", "after"),
}


@dataclass
class Fault:
    method: str = ""
    path_prefix: str = ""
    times: int | None = 1
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    action: str = ""
    argument: str = ""
    after: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    def matches(self, request: Request) -> bool:
        return (
            self.times != 0
            and self.method in ("", request.method)
            and request.path.startswith(self.path_prefix)
        )

    @property
    def breaks(self) -> bool:
        return self.action in BREAKS

    @property
    def serves_first(self) -> bool:
        """Does the service see the request at all?"""
        replaced = self.status is not None or self.action in CANNED
        return self.after or not (replaced or self.breaks)

    def answer(self) -> Response | None:
        """The canned answer, or None to keep the service's own."""
        reason = f"fault:{self.action or self.status}"
        headers, body, status = dict(self.headers), self.body, self.status
        if self.action == "redirect":
            headers["Location"] = self.argument
            status = status or 301
        elif self.action == "big":
            body = _filler(int(self.argument))
            status = status or 200
        elif self.action == "gzip-bomb":
            headers["Content-Encoding"] = "gzip"
            body = _bomb(int(self.argument))
            status = status or 200
        if status is None:
            return None
        media_type = headers.pop("Content-Type", JSON_TYPE if body else "")
        return Response(status, body, media_type, headers, reason)


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def replace(self, faults: list[Fault]) -> None:
        with self._lock:
            for fault in self._faults:
                fault.ended.set()
            self._faults = faults

    def take(self, request: Request) -> Fault | None:
        """The first fault that matches and has times left; one is used up."""
        with self._lock:
            for fault in self._faults:
                if fault.matches(request):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def left(self) -> int:
        return sum(1 for fault in self._faults if fault.times != 0)


def parse(value: Any) -> list[Fault]:
    """The control API's list of faults; ValueError says what is wrong."""
    if not isinstance(value, list):
        raise ValueError("faults are a list")
    return [_parse_one(item) for item in value]


def _parse_one(item: Any) -> Fault:
    if not isinstance(item, dict) or item.keys() - MEMBERS:
        raise ValueError(f"a fault is an object of {', '.join(sorted(MEMBERS))}")
    match = item.get("match", {})
    if not isinstance(match, dict) or match.keys() - {"method", "path-prefix"}:
        raise ValueError("match holds method and path-prefix")
    action, _, argument = str(item.get("action", "")).partition(":")
    _check_action(action, argument)
    body = item.get("body", "")
    status = item.get("status")
    times = item.get("times", 1)
    return Fault(
        method=str(match.get("method", "")),
        path_prefix=str(match.get("path-prefix", "")),
        times=None if times is None else int(times),
        status=None if status is None else int(status),
        headers={k: str(v) for k, v in item.get("headers", {}).items()},
        body=(body if isinstance(body, str) else json.dumps(body)).encode(),
        delay_s=float(item.get("delay_s", 0)),
        action=action,
        argument=argument,
        after=bool(item.get("after", False)),
    )


def _check_action(action: str, argument: str) -> None:
    if action not in ("", *BREAKS, *SPOILS, *CANNED):
        raise ValueError(f"no action is named '{action}'")
    if action in SIZED and not 0 < int(argument or 0) <= MAX_BIG:
        raise ValueError(f"{action} takes 1 to {MAX_BIG} bytes")
    if action == "redirect" and not argument:
        raise ValueError("redirect takes a URL")
    if action in ("drip", "silence"):
        float(argument or 0)


@functools.lru_cache(maxsize=2)
def _bomb(size: int) -> bytes:
    """Gzip that unpacks to `size` bytes of valid JSON, or nearly so."""
    squeeze = zlib.compressobj(1, wbits=31)
    parts = [squeeze.compress(b'{"filler":"')]
    for start in range(0, size, CHUNK):
        parts.append(squeeze.compress(b"x" * min(CHUNK, size - start)))
    return b"".join([*parts, squeeze.compress(b'"}'), squeeze.flush()])


def _filler(size: int) -> bytes:
    """Valid JSON of exactly `size` bytes, where it can be."""
    frame = b'{"filler":""}'
    if size < len(frame):
        return b" " * size
    return frame[:-2] + b"x" * (size - len(frame)) + frame[-2:]
