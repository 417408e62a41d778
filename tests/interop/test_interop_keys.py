"""Other people's libraries load our keys and verify our JWTs."""

import json
import subprocess

import pytest

from cli_cloud import ISSUER, SCOPES, TENANT, USER
from cli_jose import TENANT_CLAIM, b64, thumbprint

LIBRARIES = {
    "PyJWT": ("python", "verify.py"),
    "jose": ("node", "verify.mjs"),
    "Nimbus": ("java", "Verify.java"),
}


def forged(token):
    """The same with another user."""
    head, claims, signature = token.split(".")
    body = json.dumps({"iss": ISSUER, "exp": 4102444800, "email": "eve@x"})
    return ".".join((head, b64(body.encode()), signature))


@pytest.fixture(params=LIBRARIES)
def verify(clients, request):
    language, program = LIBRARIES[request.param]

    def run(url, token, **kwargs):
        return getattr(clients, language)(program, url, stdin=token, **kwargs)

    return run


def test_a_remote_key_set_verifies_our_jwts(signet, served, verify):
    claims = json.loads(verify(served, signet.ok("jwt", "sign")))
    assert claims["iss"] == ISSUER and claims["email"] == USER
    assert claims[TENANT_CLAIM] == TENANT and claims["scp"] == SCOPES


def test_and_nothing_else(signet, served, verify):
    verify(served, forged(signet.ok("jwt", "sign").strip()), rc=1)
    other = signet.ok("jwt", "sign", "--kid", "another")
    verify(served, other, rc=1)


def test_express_serves_our_pem_as_the_article_does(
    signet, clients, verify, pem, public_key
):
    """importSPKI takes what key export wrote; the set verifies our JWTs."""
    path = signet.cwd / "public_key.pem"
    signet.ok("key", "export", "-o", path)
    assert path.read_text() == pem
    command = clients.node_command("jwks_app.mjs", path, "key-id-1")
    app = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, text=True
    )
    try:
        url = app.stdout.readline().strip()
        token = signet.ok("jwt", "sign", "--kid", "key-id-1")
        assert json.loads(verify(url, token))["email"] == USER
        verify(url, signet.ok("jwt", "sign"), rc=1)
    finally:
        app.kill()
        app.communicate()
    assert thumbprint(public_key) not in token
