"""Modules, tokens and keys that are absent, unfit or not alone."""

import re
from pathlib import Path

import pytest

from cli_foreign import BROKEN, allow, pkcs11_tool
from cli_jose import header
from cli_run import fails, write
from cli_token import KEY, LABEL, bound_by_modes

URI = re.compile(r"pkcs11:[^\s,]+")


def test_a_module_that_is_not_there(signet):
    result = signet("jwt", "sign", "--module-path", "/nowhere/module.so")
    fails(result, 4, "/nowhere/module.so", "SIGNET_MODULE")


def test_a_module_of_the_uri_that_is_not_there(signet):
    uri = "pkcs11:object=uat?module-path=/nowhere/module.so"
    result = signet("jwt", "sign", "--key", uri)
    fails(result, 4, "/nowhere/module.so", "module-path")


def test_a_module_that_cannot_be_read(signet):
    path = write(signet.home / "module.so", "", 0o000)
    result = signet("jwt", "sign", "--module-path", path, under=bound_by_modes())
    fails(result, 4, str(path), "Permission denied")


@pytest.mark.parametrize("what", ["text", "library", "empty", "folder"])
def test_a_module_that_is_none(signet, what):
    paths = {
        "text": write(signet.home / "text.so", "hello"),
        "empty": write(signet.home / "empty.so", ""),
        "library": some_library(),
        "folder": signet.home,
    }
    path = paths[what]
    fails(signet("jwt", "sign", "--module-path", path), 4, str(path), "PKCS#11")


def some_library():
    """A library without C_GetFunctionList; Python itself has one open."""
    maps = Path("/proc/self/maps").read_text()
    return re.search(r"/\S*/libc\.so\.6", maps).group()


def test_a_token_that_is_not_there(signet):
    result = signet("jwt", "sign", "--key", "pkcs11:token=absent")
    fails(result, 4, "pkcs11:token=absent", "signet token list")


def test_a_key_that_is_not_there(signet):
    result = signet("jwt", "sign", "--key", "pkcs11:object=absent")
    fails(result, 4, "pkcs11:object=absent", LABEL, "signet key list")


def test_a_token_folder_that_is_empty(signet, own_token):
    signet.env.update(own_token.env)
    conf = own_token.folder / "softhsm2.conf"
    (own_token.folder / "none").mkdir()
    conf.write_text(conf.read_text().replace("/tokens", "/none"))
    fails(signet("jwt", "sign"), 4, LABEL, "signet token list")


@pytest.mark.parametrize(
    "uri, word",
    [
        ("uat", "pkcs11:"),
        ("pkcs11:nosuch=1", "nosuch"),
        ("pkcs11:object=a;object=b", "twice"),
        ("pkcs11:object=a b", "%20"),
        ("pkcs11:object=%zz", "URI"),
        ("pkcs11:type=nosuch", "URI"),
        ("pkcs11:serial=a%00b", "NUL"),
    ],
)
def test_a_uri_that_is_none(signet, uri, word):
    fails(signet("jwt", "sign", "--key", uri), 2, word)
    fails(signet("jwt", "sign", env={"SIGNET_KEY": uri}), 8, word, "SIGNET_KEY")


# Not alone


def make_elsewhere(token, kind, label, key_id):
    """A key that signet did not make."""
    pkcs11_tool(
        token,
        *("--keypairgen", "--key-type", kind, "--usage-sign"),
        *("--label", label, "--id", key_id),
    )


@pytest.fixture
def twin_keys(signet, own_token):
    """Two keys with one label, as another tool makes them."""
    signet.env.update(own_token.env)
    make_elsewhere(own_token, "rsa:2048", KEY, "0a0b")


def test_two_keys_with_one_label_are_listed_as_uris(signet, twin_keys):
    line = fails(signet("jwt", "sign"), 4, "--key", "SIGNET_KEY")
    uris = URI.findall(line)
    assert len(uris) == 2
    words = allow(*BROKEN)
    kids = {
        header(signet.ok("jwt", "sign", *words, "--key", uri))["kid"]
        for uri in uris
    }
    assert len(kids) == 2
    assert sorted(signet.ok("key", "list").split()) == sorted(uris)


def test_two_tokens_that_fit_are_listed_as_uris(signet, own_token):
    signet.env.update(own_token.env)
    own_token.add_token("second")
    result = signet("jwt", "sign", "--key", f"pkcs11:object={KEY}")
    uris = URI.findall(fails(result, 4, "2 tokens", "--key"))
    assert len(uris) == 2
    (good,) = [uri for uri in uris if f"token={LABEL}" in uri]
    signet.ok("jwt", "sign", "--key", f"{good};object={KEY}")
    # The other one has no key, and says so.
    (other,) = [uri for uri in uris if "token=second" in uri]
    fails(signet("jwt", "sign", "--key", other), 4, "no private key", "second")


def test_two_tokens_with_one_label_are_told_apart(signet, own_token):
    """The label alone is no name; the URIs that are listed are."""
    signet.env.update(own_token.env)
    own_token.add_token("second")
    for path in own_token.folder.glob("tokens/*/token.object"):
        text = path.read_bytes()
        path.write_bytes(
            text.replace(b"second".ljust(32), LABEL.encode().ljust(32))
        )
    line = fails(signet("jwt", "sign"), 4, "2 tokens")
    uris = URI.findall(line)
    assert len(set(uris)) == 2
    signed = [
        signet("jwt", "sign", "--key", f"{uri};object={KEY}").rc for uri in uris
    ]
    assert sorted(signed) == [0, 4]


# A key that is not as it should be


def test_a_key_that_is_too_short_is_not_used(signet, own_token):
    signet.env.update(own_token.env)
    make_elsewhere(own_token, "rsa:1024", "short", "0c")
    result = signet("jwt", "sign", "--key", "pkcs11:object=short")
    assert result.rc in (1, 4, 7)
    fails(result, result.rc, "2048")
