# SPDX-License-Identifier: Apache-2.0
"""Each case of the programs here, with each module that can do what it needs.

A program runs once for each module, in a token of its own; then its cases are
told one by one. The programs are in $SIGNET_BUILD, else in build.
"""
import re

import pytest

from kinds import HERE, KINDS, fits, skip_or_fail, sources

CASE = re.compile(r'^\s*TOKEN_CASE(?:_IF)?\(\s*(\w+)(?:,\s*"([^"]*)")?\)', re.M)
RESULT = re.compile(r"^(not )?ok \d+(?: - | )?(.*)$", re.M)


def cases_of(source, kind):
    return [name for name, needs in
            CASE.findall(source.read_text(encoding="utf-8"))
            if fits(kind, needs)]


def all_cases():
    for source in sources():
        for kind in KINDS:
            for case in cases_of(source, kind):
                yield pytest.param(source.stem, kind, case,
                                   id=f"{source.stem}-{kind}-{case}")


def programs():
    for source in sources():
        for kind in KINDS:
            if cases_of(source, kind):
                yield pytest.param(source.stem, kind,
                                   id=f"{source.stem}-{kind}")


@pytest.mark.parametrize("program, kind, case", all_cases())
def test_case(runs, program, kind, case):
    done = runs[program, kind].result()
    told = {name.split(" # ")[0].split()[-1]: (failed, name)
            for failed, name in RESULT.findall(done.stdout)}
    if done.returncode == 77 and not told:
        skip_or_fail(done.stdout.strip())
    assert case in told, f"status {done.returncode}\n{done.stdout}"
    failed, name = told[case]
    if "# SKIP" in name:
        skip_or_fail(done.stdout)
    assert not failed, done.stdout


@pytest.mark.parametrize("program, kind", programs())
def test_it_ends_well(runs, program, kind):
    """A leak, or a fault after the last case, shows in the status alone; and
    no more is run than is told."""
    done = runs[program, kind].result()
    if done.returncode == 77:
        skip_or_fail(done.stdout.strip())
    told = RESULT.findall(done.stdout)
    assert len(told) == len(cases_of(HERE / f"{program}.c", kind))
    if not any(failed and "# SKIP" not in name for failed, name in told):
        assert done.returncode == 0, done.stdout
