"""The switches: one for each thing that is not established about the service.

The client must survive either answer, so tests run it against both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Mapping

NUMBER = r"\d{1,9}"


@dataclass(frozen=True)
class Switch:
    name: str
    default: str
    values: tuple[str, ...] = ()
    pattern: str = ""

    def check(self, value: str) -> str:
        if self.values and value not in self.values:
            raise ValueError(f"{self.name} takes {'|'.join(self.values)}")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise ValueError(f"{self.name} does not take '{value}'")
        return value


SWITCHES = {
    switch.name: switch
    for switch in (
        Switch("list-envelope", "bare", ("bare", "keyed", "other")),
        Switch("list-paging", "off", ("off", "token", "number")),
        Switch("list-page-size", "100", pattern=r"[1-9]\d{0,2}"),
        Switch("id-shape", "string", ("string", "object")),
        Switch("create-status", "200", ("200", "201")),
        Switch("update-status", "200", ("200", "204")),
        Switch("etags", "off", ("off", "on")),
        Switch(
            "revoke-route",
            "POST /api/v1/uat-revocations",
            pattern=r"none|(POST|PUT|DELETE) /api/v\d/[\w/{}-]+",
        ),
        Switch("revoke-member", "jti", pattern=r"\w+"),
        Switch("revoke-status", "200", ("200", "201", "204")),
        Switch("delete-status", "204", ("200", "204")),
        Switch("pat-failure", "401", ("401", "403")),
        Switch("signout", "present", ("present", "absent")),
        Switch("rest-signout-status", "204", ("200", "204")),
        Switch(
            "error-shape",
            "json",
            ("json", "empty", "html", "list", "xml", "plain"),
        ),
        Switch("tcm-scope-error", "distinct", ("distinct", "same")),
        Switch("session-expiration", "absolute", ("absolute", "idle")),
        Switch("fraction-digits", "9", pattern=r"[0-9]"),
        Switch("sites-paging", "token", ("token", "number")),
        Switch("users-page-key", "nextPageToken", ("nextPageToken", "pageToken")),
        Switch("rest-version", "3.28", pattern=r"\d+\.\d+"),
        Switch("old-signin", "refuse", ("refuse", "allow")),
        Switch("max-lifetime", "600", pattern=NUMBER),
        Switch("clock-skew", "60", pattern=NUMBER),
        Switch("jti-replay", "allow", ("allow", "refuse")),
        Switch("tcm-jwt-size", "8192", pattern=NUMBER),
    )
}


class Options:
    """Current values. A reset returns to those the simulator started with."""

    def __init__(self, initial: Mapping[str, object] | None = None) -> None:
        self._values = {s.name: s.default for s in SWITCHES.values()}
        self.update(initial or {})
        self._initial = dict(self._values)

    def update(self, changes: Mapping[str, object]) -> None:
        """All of them or, on the first bad one, none (ValueError)."""
        checked = {}
        for name, value in changes.items():
            if name not in SWITCHES:
                raise ValueError(f"no switch is named '{name}'")
            checked[name] = SWITCHES[name].check(str(value))
        self._values.update(checked)

    def reset(self) -> None:
        self._values = dict(self._initial)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def number(self, name: str) -> int:
        return int(self._values[name])

    def as_dict(self) -> dict[str, str]:
        return dict(self._values)
