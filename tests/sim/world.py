"""Everything that one running simulator shares between its threads."""

from __future__ import annotations

import itertools
import ssl
from typing import Any, Mapping

from clock import Clock
from era import Era
from faults import Faults
from options import Options
from store import Store


class Log:
    """One entry per request, in memory only."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._entries: list[dict[str, Any]] = []

    def add(self, **entry: Any) -> None:
        self._entries.append({"n": next(self._numbers), **entry})

    def entries(self, since: int = 0) -> list[dict[str, Any]]:
        return [entry for entry in list(self._entries) if entry["n"] > since]

    def clear(self) -> None:
        self._entries = []


class World:
    def __init__(self, initial: Mapping[str, object], ca_pem: bytes) -> None:
        self.clock = Clock()
        self.options = Options(initial)
        self.store = Store(self.clock)
        self.faults = Faults()
        self.log = Log()
        self.jwks: bytes | None = None
        self.base_url = ""  # known once the port is
        self.era = Era()
        # Fetching a jwksUri trusts what Tableau would, and our own CA.
        self.trust = ssl.create_default_context()
        self.trust.load_verify_locations(cadata=ca_pem.decode())

    def reset(self) -> None:
        self.faults.replace([])
        self.era.end()
        self.clock.reset()
        self.options.reset()
        self.store.reset()
        self.log.clear()
        self.jwks = None
        self.era = Era()
