# SPDX-License-Identifier: Apache-2.0
"""signet's commands with a module that hangs, is slow, or signs wrong."""
import concurrent.futures
import os
import pathlib
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.append(str(ROOT / "tests/cli"))

from cli_run import JWT, Signet  # noqa: E402
from cli_token import make_token  # noqa: E402

BUILD = pathlib.Path(os.environ.get("SIGNET_BUILD", ROOT / "build"))
MODULE = BUILD / "tests/fault/fault_module.so"
# Again, and longer: the host may have stood still in a call.
TIMEOUTS_S = (1, 3, 4)
BOUND_S = 15  # beyond the timeout
# They come when the JWT is out: it stays so, and the status with it.
AFTER_THE_JWT = ("C_CloseSession", "C_Finalize")


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    return make_token(tmp_path_factory.mktemp("token") / "softhsm")


def new_signet(token, place, **env):
    """In a copy of the token: SoftHSM's processes do not bear each other."""
    place.mkdir()
    token = token.copy(place / "softhsm")
    signet = Signet(place, {
        **token.env, "SIGNET_MODULE": str(MODULE),
        "SG_FAULT_MODULE": token.module,
        "CLOUD_MANAGER_TENANT_ID": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        "TABLEAU_CLOUD_USERNAME": "admin@example.com",
        "SIGNET_ISSUER": "https://signet.example.com",
        "SIGNET_SCOPES": "tableau:users:read", **env})
    signet.secrets.append(token.pin)
    return signet


def calls(token, place):
    """What signing calls, as the module saw it."""
    count = place / "calls"
    signet = new_signet(token, place / "count", SG_FAULT_COUNT=str(count))
    signet.ok("jwt", "sign")
    lines = count.read_text(encoding="ascii").splitlines()
    return sorted({line.split()[1] for line in lines})


def in_the_end(trouble):
    """What is wrong whatever the timeout; None when nothing is."""
    wrong = None
    for timeout_s in TIMEOUTS_S:
        wrong = trouble(timeout_s)
        if wrong is None:
            break
    return wrong


def trouble(token, place, function, timeout_s):
    """What is wrong when this function hangs; None when nothing is."""
    signet = new_signet(token, place / f"{function}-{timeout_s}",
                        SG_FAULT=f"{function} hang")
    before = time.monotonic()
    result = signet("--timeout", f"{timeout_s}s", "jwt", "sign")
    took_s = time.monotonic() - before
    late = function in AFTER_THE_JWT
    name = "dlopen" if function == "C_GetFunctionList" else function
    told = (f"signet: the PKCS#11 module did not return from {name} within "
            f"{timeout_s} s")
    is_right = (result.rc == (0 if late else 6)
                and bool(JWT.fullmatch(result.stdout.strip())) == late
                and (late or result.out == b"")
                and result.stderr.startswith(told)
                and result.stderr.count("\n") == 1
                and timeout_s <= took_s < timeout_s + BOUND_S)
    return None if is_right else f"{function}, {took_s:.1f} s: {result}"


def test_a_module_that_hangs_is_told_in_time(token, tmp_path):
    functions = calls(token, tmp_path)
    assert {"C_GetFunctionList", "C_Login", "C_Sign"} <= set(functions)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        wrong = list(filter(None, pool.map(
            lambda name: in_the_end(
                lambda timeout_s: trouble(token, tmp_path, name, timeout_s)),
            functions)))
    assert not wrong, "\n".join(wrong)


def test_a_slow_module_is_no_hang(token, tmp_path):
    """Each call is well within the limit, all of them together are not."""
    def trouble_within(timeout_s):
        signet = new_signet(token, tmp_path / f"slow-{timeout_s}",
                            SG_FAULT=f"* sleep={150 * timeout_s}")
        before = time.monotonic()
        result = signet("--timeout", f"{timeout_s}s", "jwt", "sign")
        took_s = time.monotonic() - before
        is_right = (result.rc == 0 and JWT.fullmatch(result.stdout.strip())
                    and took_s > timeout_s)
        return None if is_right else f"{took_s:.1f} s: {result}"

    wrong = in_the_end(trouble_within)
    assert wrong is None, wrong


def test_a_recovery_that_hangs_is_told_in_time(token, tmp_path):
    rules = "C_SignInit restart times=1; C_Login hang from=2"

    def trouble_within(timeout_s):
        signet = new_signet(token, tmp_path / f"recovery-{timeout_s}",
                            SG_FAULT=rules)
        result = signet("--timeout", f"{timeout_s}s", "jwt", "sign")
        is_right = (result.rc == 6 and result.out == b""
                    and "did not return from C_Login" in result.stderr)
        return None if is_right else str(result)

    wrong = in_the_end(trouble_within)
    assert wrong is None, wrong


def test_a_module_that_signs_wrong_is_found_by_the_doctor(token, tmp_path):
    signet = new_signet(token, tmp_path / "flip", SG_FAULT="C_Sign flip=5")
    result = signet("doctor", "--module", "--json")
    assert result.rc == 4, result
    assert '"signaturesVerify":false' in result.stdout
    assert "do not verify" in result.stderr
