# SPDX-License-Identifier: Apache-2.0
"""The README's tour, and the manual's examples, do what they say."""
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIGNET = Path(os.environ.get("SIGNET_BIN", ROOT / "build" / "signet"))


def clean_environment(tmp_path):
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path),
            "TMPDIR": str(tmp_path), "LANG": "C.UTF-8"}


def test_the_tour_works_when_pasted(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tour, = re.findall(r"```sh\n(.*?)```", readme, re.S)
    tour = tour.replace("PATH=$PWD/build:", f"PATH={SIGNET.parent}:")
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour], cwd=ROOT, timeout=120,
        env=clean_environment(tmp_path), capture_output=True, text=True,
        check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("signed in ") == 3
    assert run.stdout.count("signed out ") == 3
    assert "\nvalid\n" in run.stdout
    assert not list(tmp_path.glob("tmp.*")), "the tour cleans up"


def test_the_demo_works_and_leaves_nothing(tmp_path):
    run = subprocess.run(
        [ROOT / "tests" / "demo.sh", SIGNET], timeout=120, cwd=tmp_path,
        env=clean_environment(tmp_path), capture_output=True, text=True,
        check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("signed out ") == 3
    assert not list(tmp_path.iterdir()), "the demo cleans up"
