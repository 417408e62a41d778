#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs commands where a module's token is: modules/NAME.sh -- worker.py.

Reads a JSON line {"argv", "env", "input"} for each command, and answers with
a JSON line {"rc", "out", "err"}; the first answer is the environment.
"""
import json
import os
import subprocess
import sys

LIMIT_S = 300


def answer(value):
    print(json.dumps(value), flush=True)


answer(dict(os.environ))
for line in sys.stdin:
    asked = json.loads(line)
    done = subprocess.run(
        asked["argv"], env={**os.environ, **asked["env"]},
        input=asked["input"], capture_output=True, text=True,
        errors="replace", timeout=LIMIT_S, check=False)
    answer({"rc": done.returncode, "out": done.stdout, "err": done.stderr})
