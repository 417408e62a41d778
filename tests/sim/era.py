"""What came before a reset leaves no trace after it.

A client that a test has killed, or that gave up, may have a request under way:
served late, it would stand in the log of the next test.
"""

from __future__ import annotations

import contextlib
import threading
from typing import Iterator


class Over(Exception):
    """Nobody waits for this request any more."""


class Era:
    """The time from one reset to the next; each connection belongs to one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy = 0
        self._over = False

    @contextlib.contextmanager
    def work(self) -> Iterator[None]:
        """Something that the end waits for; Over when it came already."""
        with self._changed:
            if self._over:
                raise Over
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def end(self) -> None:
        """No work begins from now on, and what had begun is done."""
        with self._changed:
            self._over = True
            self._changed.wait_for(lambda: self._busy == 0)
