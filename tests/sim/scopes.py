"""Access scopes: their grammar, and when one covers another."""

from __future__ import annotations

import re
from typing import Iterable

_SCOPE = re.compile(r"tableau:[a-z][a-z0-9_]*:(?:[a-z][a-z0-9_]*|\*)")


def well_formed(scope: object) -> bool:
    """`tableau:<resource>:<action>`; `*` stands for an action only."""
    return isinstance(scope, str) and _SCOPE.fullmatch(scope) is not None


def is_wildcard(scope: str) -> bool:
    return scope.endswith(":*")


def covers(granted: Iterable[str], wanted: str) -> bool:
    granted = set(granted)
    return wanted in granted or wanted.rpartition(":")[0] + ":*" in granted
