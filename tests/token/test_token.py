# SPDX-License-Identifier: Apache-2.0
"""Each case of the programs here, in both kinds of token.

A program runs once for each kind, in a SoftHSM token of its own; then its
cases are told one by one. The programs are in $SIGNET_BUILD, else in build.
"""
import functools
import os
import pathlib
import re
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("SIGNET_BUILD", HERE.parents[1] / "build"))
CASE = re.compile(r"^\s*cmocka_unit_test\w*\(\s*(\w+)", re.M)
RESULT = re.compile(r"^(not )?ok \d+(?: - | )?(.*)$", re.M)
KINDS = {"rs256": [], "digest": ["--digest"]}
LIMIT_S = 120


def cases():
    for source in sorted(HERE.glob("test_*.c")):
        for kind in KINDS:
            for case in CASE.findall(source.read_text(encoding="utf-8")):
                yield pytest.param(source.stem, kind, case,
                                   id=f"{source.stem}-{kind}-{case}")


@functools.lru_cache(maxsize=None)
def run(program, kind):
    return subprocess.run(
        [HERE / "run", *KINDS[kind], BUILD / "tests/token" / program],
        env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP"),
        cwd=HERE.parents[1], stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S,
        check=False)


@pytest.mark.parametrize("program, kind, case", cases())
def test_case(program, kind, case):
    done = run(program, kind)
    told = {name.split(" # ")[0].split()[-1]: (failed, name)
            for failed, name in RESULT.findall(done.stdout)}
    if done.returncode == 77 and not told:
        pytest.skip(done.stdout.strip())
    assert case in told, f"status {done.returncode}\n{done.stdout}"
    failed, name = told[case]
    if "# SKIP" in name:
        pytest.skip(done.stdout)
    assert not failed, done.stdout


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "program", sorted(source.stem for source in HERE.glob("test_*.c")))
def test_it_ends_well(program, kind):
    """A leak, or a fault after the last case, shows in the status alone."""
    done = run(program, kind)
    if done.returncode == 77:
        pytest.skip(done.stdout.strip())
    told = RESULT.findall(done.stdout)
    if not any(failed and "# SKIP" not in name for failed, name in told):
        assert done.returncode == 0, done.stdout
