"""SIGNET_BACKEND: who signs is chosen, and changes nothing that is seen."""

import jwt
import pytest

from cli_backend import ABSENT, PRESENT
from cli_run import fails, succeeds

PACKAGES = {"engine": "libengine-pkcs11-openssl", "provider": "pkcs11-provider"}


def calls(path, name):
    return sum(name in line for line in path.read_text().splitlines())


@pytest.mark.parametrize("backend", ["native", *PRESENT])
def test_the_jwt_verifies_whoever_signs_it(signet, public_key, backend):
    trace = signet.home / "trace"
    signet.env["SIGNET_BACKEND"] = backend
    result = succeeds(signet("jwt", "sign", "--trace", str(trace)))
    jwt.decode(
        result.stdout.strip(),
        public_key,
        algorithms=["RS256"],
        options={"verify_aud": False},
    )
    signed_by = "C_Sign(" if backend == "native" else f"(by {backend})"
    assert calls(trace, signed_by) == 1
    assert calls(trace, "C_Login(") == 1


@pytest.mark.parametrize("backend", PRESENT)
def test_a_wrong_pin_is_sent_once_and_natively(signet, own_token, backend):
    trace = signet.home / "trace"
    own_token.pin_file.write_text("000000000000\n")
    signet.env.update(own_token.env, SIGNET_BACKEND=backend)
    result = signet("jwt", "sign", "--trace", str(trace))
    fails(result, 3, "CKR_PIN_INCORRECT")
    assert calls(trace, "C_Login(") == 1
    assert calls(trace, f"{backend}(") == 0


@pytest.mark.parametrize("backend", PRESENT)
def test_a_key_that_is_not_there(signet, backend):
    signet.env["SIGNET_BACKEND"] = backend
    result = signet("jwt", "sign", "--key", "pkcs11:object=absent")
    fails(result, 4, "object=absent", "signet key list")


@pytest.mark.parametrize("backend", ABSENT)
def test_a_backend_that_is_not_installed_names_its_package(signet, backend):
    signet.env["SIGNET_BACKEND"] = backend
    fails(signet("jwt", "sign"), 8, backend, PACKAGES[backend], "native")


def test_a_backend_that_does_not_exist_is_told_before_any_pin(signet):
    env = {"SIGNET_BACKEND": "nss", "SIGNET_PIN_SOURCE": "file:/nowhere"}
    result = signet("jwt", "sign", env=env)
    fails(result, 8, "SIGNET_BACKEND", '"nss"', "libp11", "provider")
