"""The simulator's clock: wall time plus an offset that tests can move.

Session lifetimes and JWT expiry are hours and minutes; a test moves this
clock instead of waiting. TLS is not under it: certificates see wall time.
"""

from __future__ import annotations

import threading
import time

NS = 1_000_000_000


class Clock:
    def __init__(self) -> None:
        self._offset_ns = 0
        self._lock = threading.Lock()

    def now_ns(self) -> int:
        return time.time_ns() + self._offset_ns

    def now(self) -> float:
        """Seconds since 1970, as in a JWT's NumericDate."""
        return self.now_ns() / NS

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._offset_ns += int(seconds * NS)

    def reset(self) -> None:
        self._offset_ns = 0


def rfc3339(ns: int, digits: int = 9) -> str:
    """UTC with a fraction of exactly `digits` digits, none at all for 0."""
    seconds, fraction = divmod(ns, NS)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    if digits:
        text += "." + f"{fraction:09d}"[:digits]
    return text + "Z"
