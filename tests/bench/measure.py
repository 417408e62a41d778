# SPDX-License-Identifier: Apache-2.0
"""How the bench measures: whole processes, rates, pairs taken in turn."""
import os
import statistics
import subprocess
import sys
import time


class Row:
    """One line of the table: a figure and, where it has one, its goal."""

    def __init__(self, name, samples, unit="", goal=None, note=""):
        self.name, self.samples, self.unit = name, list(samples), unit
        self.goal, self.note = goal, note  # goal: ("<=" or ">=", number)
        self.value = statistics.median(self.samples)

    def verdict(self):
        if self.goal is None:
            return ""
        sign, limit = self.goal
        met = self.value <= limit if sign == "<=" else self.value >= limit
        return "met" if met else "missed"

    def cells(self):
        def text(number):
            return (f"{number:.0f}" if number == int(number) or number >= 1000
                    else f"{number:.3g}" if number < 10 else f"{number:.1f}")
        goal = f"{self.goal[0]} {self.goal[1]:g}" if self.goal else ""
        return [self.name, text(self.value), self.unit,
                f"{text(min(self.samples))} to {text(max(self.samples))}",
                goal, self.verdict(), self.note]

    def as_json(self):
        return {"name": self.name, "median": self.value,
                "min": min(self.samples), "max": max(self.samples),
                "samples": self.samples, "unit": self.unit,
                "goal": " ".join(map(str, self.goal)) if self.goal else None,
                "verdict": self.verdict() or None, "note": self.note}


def told(argv, env=None):
    """What a program prints; the bench ends where it fails."""
    done = subprocess.run(
        [str(arg) for arg in argv], env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {argv[0]} {argv[1]} ended with {done.returncode}: "
                 f"{done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def wall_ms(argv, env):
    """From before the start of a process until it has ended."""
    argv = [str(arg) for arg in argv]
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0)
             for fd in (0, 1, 2)]
    before = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, env, file_actions=quiet)
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - before
    if status != 0:
        sys.exit(f"bench: {argv[0]} {argv[1]} ended with status {status}")
    return took * 1000


def in_turn(rounds, *measures):
    """A B A B …: the samples of each, so that a slow moment hits them all."""
    samples = [[] for _ in measures]
    for number in range(rounds + 1):
        for measure, into in zip(measures, samples):
            value = measure()
            if number > 0:  # the first fills the caches
                into.append(value)
    return samples


def ratios(of, to):
    return [a / b for a, b in zip(of, to)]


def print_table(rows):
    cells = [["what", "median", "", "min to max", "goal", "", ""]]
    cells += [row.cells() for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(7)]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width
                        in zip(row, widths)).rstrip())
