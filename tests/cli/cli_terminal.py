"""A terminal with somebody at it: a pseudo-terminal that a test types into."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import termios
import time

from cli_run import LIMIT_S



class Terminal:
    """Start signet with **terminal.popen; then wait_for() and type()."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.shown = b""
        self.popen = {
            "pass_fds": [self.slave],
            "preexec_fn": self._take,
        }

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.master)
        os.close(self.slave)

    def _take(self) -> None:
        """In the child."""
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def _read(self, wait_s: float) -> bool:
        if not select.select([self.master], [], [], wait_s)[0]:
            return False
        self.shown += os.read(self.master, 4096)
        return True

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + LIMIT_S
        while text.encode() not in self.shown:
            assert time.monotonic() < end, f"no {text!r} in {self.shown!r}"
            self._read(0.1)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def all_shown(self) -> str:
        while self._read(0):
            pass
        return self.shown.decode()
