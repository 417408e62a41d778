"""Route tables: a service lists its methods, and this finds the one meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Sequence
from urllib.parse import unquote

from store import Session
from wire import Refused, Request, Response


@dataclass(frozen=True)
class Call:
    """A request on its way to a handler, with what was learnt about it."""

    request: Request
    params: dict[str, str] = field(default_factory=dict)
    session: Session | None = None
    token: str = ""


@dataclass(frozen=True)
class Route:
    """`scopes`: any one of them lets a JWT-born session in; none asks none."""

    method: str
    template: str
    handler: Callable[[Any, Call], Response]
    scopes: tuple[str, ...] = ()
    needs_session: bool = True

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template))


def find(
    routes: Sequence[Route], request: Request
) -> tuple[Route, dict[str, str]]:
    other_method = False
    for route in routes:
        matched = route.pattern.fullmatch(request.path)
        if not matched:
            continue
        if route.method == request.method:
            found = matched.groupdict()
            return route, {name: unquote(v) for name, v in found.items()}
        other_method = True
    if other_method:
        raise Refused("no-such-method", 405)
    raise Refused("no-such-path", 404, "404003")
