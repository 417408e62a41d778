# SPDX-License-Identifier: Apache-2.0
"""Each case of the programs here, in a SoftHSM token of its own.

A program runs once; then its cases are told one by one. The programs are in
$SIGNET_BUILD, else in build.
"""
import functools
import os
import pathlib
import re
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("SIGNET_BUILD", ROOT / "build"))
PROGRAMS = sorted(source.stem for source in HERE.glob("test_*.c"))
CASE = re.compile(r"^\s*(?:CASE|cmocka_unit_test\w*)\(\s*(\w+)", re.M)
RESULT = re.compile(r"^(not )?ok \d+(?: - | )?(\S+)(.*)$", re.M)
LIMIT_S = 3600


def cases():
    for program in PROGRAMS:
        text = (HERE / f"{program}.c").read_text(encoding="utf-8")
        for case in CASE.findall(text):
            yield pytest.param(program, case, id=f"{program}-{case}")


@functools.lru_cache(maxsize=None)
def run(program):
    done = subprocess.run(
        [ROOT / "tests/token/run", BUILD / "tests/fault" / program],
        env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP"), cwd=ROOT,
        stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=LIMIT_S, check=False)
    if done.returncode == 77 and not RESULT.search(done.stdout):
        pytest.skip(done.stdout.strip())
    return done


@pytest.mark.parametrize("program, case", cases())
def test_case(program, case):
    done = run(program)
    told = {name: (failed, rest)
            for failed, name, rest in RESULT.findall(done.stdout)}
    assert case in told, f"status {done.returncode}\n{done.stdout}"
    failed, rest = told[case]
    if "# SKIP" in rest:
        pytest.skip(done.stdout)
    assert not failed, done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_ends_well(program):
    """A leak, or a fault after the last case, shows in the status alone."""
    done = run(program)
    told = RESULT.findall(done.stdout)
    if not any(failed and "# SKIP" not in rest for failed, _, rest in told):
        assert done.returncode == 0, done.stdout
