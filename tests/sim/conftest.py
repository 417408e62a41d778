"""One simulator for all tests of this folder, reset before each."""

import pytest

from scenario import Tenant, new_key
from simulator import Simulator


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    with Simulator(tmp_path_factory.mktemp("sim") / "dir") as simulator:
        yield simulator


@pytest.fixture
def sim(running):
    running.reset()
    return running


@pytest.fixture(scope="session")
def key():
    return new_key()


@pytest.fixture(scope="session")
def other_key():
    return new_key()


@pytest.fixture
def tenant(sim, key):
    return Tenant(sim, key)
