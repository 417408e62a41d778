# SPDX-License-Identifier: Apache-2.0
"""The modules of modules/table, and what each can do."""
import os
import pathlib
import ssl

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("SIGNET_BUILD", ROOT / "build"))
RUN = HERE / "run"


def read_table():
    """{name: the words of its row}."""
    rows = {}
    text = (HERE / "modules/table").read_text(encoding="utf-8")
    for line in text.splitlines():
        name, *can = line.split()
        if not name.startswith("#"):
            rows[name] = can
    return rows


KINDS = read_table()


def fits(kind, needs):
    """Has the module all the words, and none of those with an "!"?"""
    can = KINDS[kind]
    assert not any(word.lstrip("!") + "?" in can for word in needs.split())
    return all((word.lstrip("!") in can) != word.startswith("!")
               for word in needs.split())


def sources():
    """The programs. Debian 12 has OpenSSL's engine; from 3.2 on it is the
    provider that is installed."""
    is_new = ssl.OPENSSL_VERSION_INFO >= (3, 2)
    other = "test_door_engine" if is_new else "test_door_provider"
    return [source for source in sorted(HERE.glob("test_*.c"))
            if source.stem != other]


def skip_or_fail(told):
    """What exit 77 means: at a desk a module may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(told)
    pytest.skip(told)
