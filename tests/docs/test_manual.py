# SPDX-License-Identifier: Apache-2.0
"""The examples of the manual pages run as they stand there."""
import os
import re
import subprocess
from pathlib import Path

import pytest

from test_readme import LIMIT_S, ROOT, SIGNET, clean_environment

# A token with a key and a service that knows it, as in README's tour.
WORLD = """
export PATH={bin}:$PATH
{root}/softhsm/setup.sh --dir "$PWD/token" --signet {bin}/signet >config.env
/usr/bin/python3 {root}/tests/sim --dir "$PWD/sim" >ready & sim=$!
trap 'kill $sim; wait' EXIT
until [ -s sim/sim.env ]; do kill -0 $sim; sleep 0.1; done
cat sim/sim.env - >>config.env <<'END'
SIGNET_ISSUER=https://signet.example.com
SIGNET_SCOPES=tableau:tcm_sites:read tableau:content:read
END
export SIGNET_CONFIG=$PWD/config.env SIGNET_CACHE_DIR=$PWD/cache
export SIGNET_STATE_DIR=$PWD/state SOFTHSM2_CONF=$PWD/token/softhsm2.conf
set -a; . sim/sim.env; set +a
export CURL_CA_BUNDLE=$SIGNET_CA_FILE
signet uat create --pat --name automation
"""


def examples(page):
    """What stands in the literal blocks of the section EXAMPLES."""
    text = (ROOT / "man" / page).read_text(encoding="utf-8")
    section = re.search(r"^\.Sh EXAMPLES\n(.*?)(?=^\.Sh |\Z)", text,
                        re.M | re.S)
    blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$",
                        section.group(1), re.M | re.S)
    return "".join(blocks).replace(r"\e", "\\")


PAGES = sorted(page.name for page in (ROOT / "man").glob("*.1"))


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_work_when_pasted(page, tmp_path):
    script = examples(page)
    assert "signet " in script
    world = WORLD.format(root=ROOT, bin=SIGNET.parent)
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", world + script], cwd=tmp_path,
        timeout=LIMIT_S, env=clean_environment(tmp_path), capture_output=True,
        text=True, check=False)
    assert run.returncode == 0, run.stderr
