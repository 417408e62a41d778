"""Runs a program and measures what it took: time, and memory at its peak."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

# From a process of its own, since a child's peak begins with its parent's size.
SCRIPT = """
import json, os, sys, time
started = time.monotonic()
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
status, usage = os.wait4(pid, 0)[1:]
taken = {"wall_s": time.monotonic() - started, "peak_kib": usage.ru_maxrss}
with open(sys.argv[1], "w") as file:
    json.dump(taken, file)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


@dataclass(frozen=True)
class Taken:
    wall_s: float
    peak_kib: int


def measured(report: Path) -> tuple[str, ...]:
    """What to run a program under; taken() then tells."""
    return ("/usr/bin/python3", "-I", "-S", "-c", SCRIPT, str(report))


def taken(report: Path) -> Taken:
    return Taken(**json.loads(report.read_text()))
