"""What passes between the server and the services behind it.

A service takes a Request and gives a Response; on its failing paths it raises
Refused, which keeps the true reason for the log apart from the opaque answer
that the client gets to see.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Callable

JSON_TYPE = "application/json"


class Refused(Exception):
    """A request turned down: `reason` is for the log, the rest for the wire."""

    def __init__(
        self,
        reason: str,
        status: int = 401,
        code: str = "",
        message: str = "",
        note: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.code = code or f"{status}000"
        self.message = message
        self.note = note


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: Message
    body: bytes
    connection: int = 0

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def wants_json(self) -> bool:
        return JSON_TYPE in self.header("Accept").lower()

    @property
    def sends_json(self) -> bool:
        media_type = self.header("Content-Type").split(";")[0]
        return media_type.strip().lower() == JSON_TYPE

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object, or a 400."""
        try:
            value = strict_json(self.body)
        except ValueError as error:
            raise Refused("body-not-json", 400, note=str(error)) from None
        if not isinstance(value, dict):
            raise Refused("body-not-object", 400)
        return value


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = "ok"
    note: str = ""
    then: Callable[[], None] | None = None  # once it has been sent


def json_response(value: Any, status: int = 200) -> Response:
    """`value` as JSON; a 204 never has a body."""
    if status == 204:
        return Response(204)
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(status, body, JSON_TYPE)


def strict_json(text: bytes) -> Any:
    """JSON without duplicate members, NaN or bytes outside UTF-8.

    The standard parser lets the last duplicate win, which would hide a client
    that writes one claim twice.
    """
    try:
        return json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_unique_members,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member occurs twice")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
