"""Fixtures of the command line's tests: a token, a place to run, the cloud.

`signet` has no network and a fixed tenant; `cloud` is a simulator, reset, that
`cloud.signet` is configured for.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

HERE = Path(__file__).resolve().parent
# The signals that tests, terminals and children send.
SENT = {
    *(signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGTSTP),
    signal.SIGCHLD,
}
# Last, because the simulator's own modules have plain names.
sys.path.append(str(HERE.parent / "sim"))

from cli_cloud import ISSUER, SCOPES, TENANT, USER, Cloud  # noqa: E402
from cli_run import BINARY, Signet, is_sanitized  # noqa: E402
from cli_token import make_token  # noqa: E402
from simulator import Simulator  # noqa: E402


def pytest_configure(config):
    # What nohup, `&` in a script or who runs all this has ignored or blocked
    # would be so in signet, too; what is caught is not.
    for number in SENT:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    config.addinivalue_line("markers", "root: only root can set this up")
    config.addinivalue_line("markers", "plain(why): not with a sanitizer")


def pytest_collection_modifyitems(config, items):
    """A test that cannot be here is none, rather than one that is skipped."""
    missing = ["root"] if os.geteuid() != 0 else []
    missing += ["plain"] if is_sanitized() else []
    dropped = [
        item for item in items
        if any(item.get_closest_marker(name) for name in missing)
    ]
    config.hook.pytest_deselected(items=dropped)
    items[:] = [item for item in items if item not in dropped]


@pytest.fixture(scope="session", autouse=True)
def binary():
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"{BINARY} is not built; run: make", returncode=1)


@pytest.fixture(scope="session")
def token(tmp_path_factory):
    """Shared: a test that changes the token takes own_token."""
    return make_token(tmp_path_factory.mktemp("token") / "softhsm")


@pytest.fixture
def own_token(token, tmp_path):
    return token.copy(tmp_path / "softhsm")


@pytest.fixture(scope="session")
def pem(token):
    """The public key of the token's key, by signet; see test_cli_key."""
    done = subprocess.run(
        [BINARY, "key", "export"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(token.folder), **token.env},
        cwd=token.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout.decode()


@pytest.fixture(scope="session")
def public_key(pem):
    return load_pem_public_key(pem.encode())


@pytest.fixture
def signet(token, tmp_path):
    """signet with the shared token, and no network."""
    place = tmp_path / "place"
    place.mkdir()
    claims = {
        "CLOUD_MANAGER_TENANT_ID": TENANT,
        "TABLEAU_CLOUD_USERNAME": USER,
        "SIGNET_ISSUER": ISSUER,
        "SIGNET_SCOPES": " ".join(SCOPES),
    }
    runner = Signet(place, {**token.env, **claims})
    runner.secrets.append(token.pin)
    return runner


@pytest.fixture(scope="session")
def running_sim(tmp_path_factory):
    with Simulator(tmp_path_factory.mktemp("sim") / "dir") as simulator:
        yield simulator


@pytest.fixture
def sim(running_sim):
    running_sim.reset()
    return running_sim


@pytest.fixture
def cloud(sim, signet, pem):
    """The simulator, freshly reset; signet is configured for its tenant."""
    signet.env.update(sim.env)
    signet.secrets += [sim.file(f) for f in ("pat", "pat.expired", "pat.site")]
    return Cloud(sim, signet, pem)


@pytest.fixture
def configured(cloud):
    """The cloud with a UAT configuration for the token's key."""
    cloud.configure()
    return cloud
