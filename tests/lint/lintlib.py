# SPDX-License-Identifier: Apache-2.0
"""What the lint scripts share: which files there are, and C without noise.

Each script takes the root of the tree as its only argument (default: the
tree it lies in), prints one line a violation, and exits 1 on any, 2 when a
tool that it needs is missing.
"""
import os
import re
import shutil
import sys

LAYERS = ("base", "pkcs11", "signer", "client", "agent", "cli")

_NOISE = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


def root():
    if len(sys.argv) > 1:
        return os.path.abspath(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    return os.path.dirname(os.path.dirname(here))


def files(folders, endings, top=None):
    """Paths relative to the root of what lies below the folders, sorted."""
    top = top or root()
    found = []
    for folder in folders:
        for where, below, names in os.walk(os.path.join(top, folder)):
            below[:] = [d for d in below
                        if d not in ("build", "__pycache__", ".git")]
            found += [os.path.relpath(os.path.join(where, name), top)
                      for name in names if name.endswith(tuple(endings))]
    return sorted(found)


def read(path, top=None):
    with open(os.path.join(top or root(), path), encoding="utf-8") as file:
        return file.read()


def _blank(match, keep_strings):
    text = match.group()
    if text[0] in "\"'" and keep_strings:
        return text
    hollow = re.sub(r"[^\n]", " ", text)
    return text[0] + hollow[1:-1] + text[0] if text[0] in "\"'" else hollow


def strip(text, keep_strings=False):
    """C with comments (and what is in strings) blanked; lines stay."""
    return _NOISE.sub(lambda m: _blank(m, keep_strings), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def need(tool):
    if shutil.which(tool) is None:
        print(f"{os.path.basename(sys.argv[0])}: {tool} is not installed",
              file=sys.stderr)
        sys.exit(2)


def finish(violations):
    """Print (path, line, what) rows and end the process."""
    for path, line, what in sorted(violations):
        print(f"{path}:{line}: {what}")
    sys.exit(1 if violations else 0)
