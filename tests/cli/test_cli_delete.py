"""key delete: asks, spares keys in use, and takes both halves."""

import json

import pytest

from cli_foreign import pkcs11_tool
from cli_run import fails, succeeds
from cli_terminal import Terminal
from cli_token import KEY, LABEL


@pytest.fixture
def own(signet, own_token):
    """signet with a token that may be emptied, and the URI of its key."""
    signet.env.update(own_token.env)
    (uri,) = signet.ok("key", "list").splitlines()
    return signet, uri


@pytest.fixture
def in_use(configured, own):
    """The key is that of a configuration that signet has seen."""
    signet, uri = own
    signet.ok("uat", "list", "--pat")
    return configured, signet, uri


def keys(signet):
    return signet.ok("key", "list").splitlines()


def test_both_halves_are_deleted(own, own_token):
    signet, uri = own
    assert f"label:      {KEY}" in pkcs11_tool(own_token, "-O")
    assert signet.json("key", "delete", "--yes", uri)["deleted"] == uri
    assert "Object" not in pkcs11_tool(own_token, "-O")
    fails(signet("key", "delete", "--yes", uri), 4, "no private key")


@pytest.mark.parametrize("typed, rc", [("yes", 0), ("no", 7), ("", 7)])
def test_it_asks_at_the_terminal(own, typed, rc):
    signet, uri = own
    with Terminal() as terminal:
        process = signet.start("key", "delete", uri, **terminal.popen)
        terminal.wait_for(f"Delete the key {uri}? It cannot be brought back.")
        terminal.wait_for("Type yes to go on: ")
        terminal.type(typed + "\n")
        result = signet.finish(process)
    assert result.rc == rc, result.stderr
    assert len(keys(signet)) == (0 if rc == 0 else 1)


def test_without_a_terminal_it_wants_yes(own):
    signet, uri = own
    fails(signet("key", "delete", uri), 2, "--yes")
    assert keys(signet) == [uri]


def test_the_key_has_to_be_named(own):
    signet, uri = own
    fails(signet("key", "delete", "--yes"), 2, "usage")
    assert keys(signet) == [uri]


def test_a_key_in_use_is_spared(in_use):
    _, signet, uri = in_use
    fails(signet("key", "delete", "--yes", uri), 7, '"signet"', "--force")
    assert keys(signet) == [uri]
    succeeds(signet("key", "delete", "--yes", "--force", uri))
    assert keys(signet) == []


def test_a_deleted_configuration_uses_no_key(in_use):
    _, signet, uri = in_use
    signet.ok("uat", "delete", "--pat", "--yes", "signet")
    succeeds(signet("key", "delete", "--yes", uri))


def test_a_key_that_cannot_do_rs256_is_nobodys(in_use, own_token):
    """It does not tell an RSA key, and has none."""
    _, signet, uri = in_use
    pkcs11_tool(
        own_token,
        *("--keypairgen", "--key-type", "EC:prime256v1"),
        *("--label", "curve", "--id", "66", "--usage-sign"),
    )
    result = signet("key", "delete", "--yes", f"pkcs11:token={LABEL};object=curve")
    succeeds(result)
    assert "public key" in result.stderr
    assert keys(signet) == [uri]


def test_what_a_list_leaves_out_is_not_forgotten(in_use):
    """It may be a page of many: only who knows better says --force."""
    cloud, signet, uri = in_use
    (config,) = cloud.configs()
    cloud.rest("DELETE", f"/api/v1/uat-configurations/{config['configId']}")
    signet.ok("uat", "list", "--pat")
    fails(signet("key", "delete", "--yes", uri), 7, "uat update", "--force")
    succeeds(signet("key", "delete", "--yes", "--force", uri))


def test_every_command_that_shows_a_configuration_remembers(cloud, own):
    signet, uri = own
    signet.ok("uat", "create", "--pat", "--name", "made")
    fails(signet("key", "delete", "--yes", uri), 7, '"made"')
    signet.ok("uat", "update", "--pat", "made", "--name", "renamed")
    fails(signet("key", "delete", "--yes", uri), 7, '"renamed"')
    signet.ok("uat", "delete", "--pat", "--yes", "renamed")
    succeeds(signet("key", "delete", "--yes", uri))


def test_what_is_known_is_private_and_holds_no_secret(in_use):
    _, signet, _ = in_use
    folder = signet.home / ".local" / "state" / "signet"
    path = folder / "known-uat.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    (config,) = json.loads(path.read_text())["configurations"]
    assert set(config) == {
        *("tenantId", "configId", "name", "issuer", "enabled", "thumbprint")
    }


def test_a_record_that_cannot_be_read_deletes_nothing(in_use):
    _, signet, uri = in_use
    path = signet.home / ".local" / "state" / "signet" / "known-uat.json"
    path.write_text("{")
    fails(signet("key", "delete", "--yes", uri), 8, str(path))
    assert keys(signet) == [uri]
