# SPDX-License-Identifier: Apache-2.0
"""The README's tour, and the manual's examples, do what they say."""
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 600  # they take seconds
SIGNET = Path(os.environ.get("SIGNET_BIN", ROOT / "build" / "signet"))


def clean_environment(tmp_path):
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path),
            "TMPDIR": str(tmp_path), "LANG": "C.UTF-8"}


def lines(run, beginning):
    """How many lines of the output begin like that."""
    return sum(line.startswith(beginning) for line in run.stdout.splitlines())


def test_the_tour_works_when_pasted(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tour, = re.findall(r"```sh\n(.*?)```", readme, re.S)
    tour = tour.replace("PATH=$PWD/build:", f"PATH={SIGNET.parent}:")
    tour += "env | sed -n 's/^\\(SIGNET\\|SOFTHSM2\\)_/left behind: &/p'\n"
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour], cwd=ROOT, timeout=LIMIT_S,
        env=clean_environment(tmp_path), capture_output=True, text=True,
        check=False)
    assert run.returncode == 0, run.stderr
    assert lines(run, "signed in") == lines(run, "signed out") == 3
    assert lines(run, "valid") == lines(run, "rotated") == 1
    assert lines(run, "pass     sign-in-") == 4
    assert lines(run, "FAIL") == lines(run, "unknown") == 0
    assert "\ntcm          refused, as it must be: https://" in run.stdout
    assert not list(tmp_path.glob("tmp.*")), "the tour cleans up"
    assert lines(run, "left behind") == 0


def test_the_demo_works_and_leaves_nothing(tmp_path):
    run = subprocess.run(
        [ROOT / "tests" / "demo.sh", SIGNET], timeout=LIMIT_S, cwd=tmp_path,
        env=clean_environment(tmp_path), capture_output=True, text=True,
        check=False)
    assert run.returncode == 0, run.stderr
    assert lines(run, "signed out") == 3
    assert lines(run, "pass     sign-in-") == 2
    assert not list(tmp_path.iterdir()), "the demo cleans up"
