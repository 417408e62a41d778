"""The ways in which Tableau's lists are cut into pages."""

from __future__ import annotations

from typing import Any, Sequence

from wire import Refused

DEFAULT_SIZE = 100
LARGEST = 1000


def page_by_token(
    items: Sequence[Any], size: str, token: str
) -> tuple[list[Any], str | None]:
    """A page and the token of the next one; None after the last.

    The token holds characters that a client must percent-encode.
    """
    start, count = _start(token), _count(size)
    end = start + count
    following = f"+{end}/=" if end < len(items) else None
    return list(items[start:end]), following


def page_by_number(
    items: Sequence[Any], size: str, number: str, first: int = 0
) -> list[Any]:
    count = _count(size)
    start = (_whole(number or str(first)) - first) * count
    if start < 0:
        raise Refused("paging-invalid", 400)
    return list(items[start : start + count])


def _count(size: str) -> int:
    count = _whole(size or str(DEFAULT_SIZE))
    if not 0 < count <= LARGEST:
        raise Refused("paging-invalid", 400)
    return count


def _start(token: str) -> int:
    if not token:
        return 0
    if not (token.startswith("+") and token.endswith("/=")):
        raise Refused("paging-invalid", 400)
    return _whole(token[1:-2])


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Refused("paging-invalid", 400)
    return int(text)
