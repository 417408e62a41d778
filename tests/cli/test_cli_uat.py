"""uat: the configurations of a tenant, one change at a time."""

import json
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cli_cloud import CONFIGS, ISSUER, SCOPES
from cli_jose import jwk, public_pem, thumbprint
from cli_run import fails, write
from cli_token import need

OTHER_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def other_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def uat(cloud, signet):
    """Runs a uat command in a session of the PAT."""

    def run(*words, **kwargs):
        return signet("uat", *words, "--pat", **kwargs)

    return run


@pytest.fixture(params=["id", "name"])
def named(request, cloud):
    """A configuration, and one of the two ways to name it."""
    config = cloud.configure(name="by day")
    return config["configId"] if request.param == "id" else "by day"


def only(cloud):
    (config,) = cloud.configs()
    return config


# Reading


def test_list_shows_every_configuration(cloud, signet):
    first = cloud.configure(name="first")
    second = cloud.configure(name="second", issuer="https://b", enabled=False)
    lines = signet.ok("uat", "list", "--pat").splitlines()
    assert len(lines) == 2
    for line, config in zip(lines, (first, second)):
        for name in ("configId", "name", "issuer"):
            assert config[name] in line
    assert "enabled" in lines[0] and "disabled" in lines[1]
    found = signet.json("uat", "list", "--pat")["configurations"]
    assert found == cloud.configs()


def test_an_empty_list_is_no_error(cloud, signet):
    assert signet.ok("uat", "list", "--pat") == ""
    assert signet.json("uat", "list", "--pat")["configurations"] == []


def test_get_takes_id_or_name(cloud, signet, named):
    found = signet.json("uat", "get", named, "--pat")
    assert found["configuration"] == cloud.config(found["configId"])
    text = signet.ok("uat", "get", named, "--pat")
    assert found["configId"] in text and "-----BEGIN PUBLIC KEY-----" in text


@pytest.mark.parametrize(
    "words", ["get", "update --name x", "enable", "disable", "delete --yes"]
)
def test_what_does_not_exist_is_refused(cloud, uat, words):
    verb, *options = words.split()
    cloud.configure()
    fails(uat(verb, "nosuch", *options), 5, "nosuch", "signet uat list")
    fails(uat(verb, OTHER_ID, *options), 5, "404")
    assert only(cloud)["name"] == "signet"


@pytest.mark.parametrize(
    "verb",
    ["get", "update --name x", "enable", "disable", "delete --yes", "delete --dry-run"],
)
def test_an_ambiguous_name_lists_the_ids(cloud, uat, verb):
    ids = [OTHER_ID, OTHER_ID.replace("4000", "4001")]
    twins = [{"configId": i, "name": "twin", "issuer": "https://a"} for i in ids]
    cloud.sim.faults(
        {
            "match": {"method": "GET", "path-prefix": CONFIGS},
            "status": 200,
            "body": twins,
        }
    )
    verb, *options = verb.split()
    fails(uat(verb, "twin", *options), 2, '"twin"', *ids)
    assert cloud.asked()[-1] == f"GET {CONFIGS}"


# Creating


def test_create_takes_everything_from_the_command_line(cloud, signet, other_key):
    pem = public_pem(other_key.public_key())
    path = write(signet.cwd / "k.pem", pem)
    words = ["--name", "mine", "--issuer", "https://mine.example"]
    words += ["--username-claim", "sub", "--scope", "tableau:users:*"]
    words += ["--resource", cloud.other_site["luid"], "--disabled"]
    words += ["--public-key", path]
    # With the key in a file no token is needed.
    env = {"SIGNET_KEY": None, "SIGNET_PIN_SOURCE": None}
    made = signet.json("uat", "create", *words, env=env)
    config = only(cloud)
    assert made["configuration"] == config
    assert config["publicKeyActive"] == pem
    assert config["usernameClaim"] == "sub" and config["enabled"] is False
    assert config["resourceIds"] == [cloud.other_site["luid"]]
    assert config["scopes"] == ["tableau:users:*"]
    assert config["issuer"] == "https://mine.example"


def test_create_without_scopes_says_what_that_means(cloud, signet):
    env = {"SIGNET_SCOPES": None}
    result = signet("uat", "create", "--name", "x", "--pat", env=env)
    assert result.rc == 0 and "no scopes" in result.stderr
    assert only(cloud)["scopes"] == []


def test_a_private_key_is_never_uploaded(cloud, signet, uat):
    private = signet.cwd / "private.pem"
    command = [need("openssl"), "genrsa", "-out", str(private), "2048"]
    subprocess.run(command, check=True, capture_output=True)
    result = uat("create", "--name", "x", "--public-key", private)
    line = fails(result, 7, "private")
    assert "BEGIN" not in line and cloud.configs() == []


@pytest.mark.parametrize(
    "words, rc, word",
    [
        (["--name", "x", "--public-key", "absent.pem"], 1, "absent.pem"),
        (["--name", "x", "--public-key", "empty.pem"], 2, "PEM"),
        (["--name", "x", "--scope", "tableau:*"], 2, "tableau:*"),
        (["--name", "x", "--resource", "acme"], 2, "acme"),
        (["--name", "x", "--jwks-uri", "http://a.example/j"], 8, "https"),
        (["--name", "x", "--issuer", ""], 2, "issuer"),
        (["--name", ""], 2, "name"),
        ([], 2, "--name"),
    ],
    ids=lambda v: v[-1] if isinstance(v, list) and v else None,
)
def test_a_create_that_would_be_refused_is_not_sent(
    cloud, signet, uat, words, rc, word
):
    write(signet.cwd / "empty.pem", "")
    fails(uat("create", *words), rc, word)
    assert f"POST {CONFIGS}" not in cloud.asked()


def test_a_name_in_use_is_refused_and_what_has_it_is_told(cloud, uat):
    config = cloud.configure(name="signet", usernameClaim="sub")
    told = [config["configId"], "differs in: username claim;"]
    fails(uat("create", "--name", "signet"), 5, "of this name exists", "409", *told)


def test_key_and_jwks_uri_exclude_each_other(cloud, uat):
    words = ["--jwks-uri", "https://a.example/j", "--public-key", "k.pem"]
    fails(uat("create", "--name", "x", *words), 2, "--jwks-uri", "--public-key")


# Changing


@pytest.mark.parametrize(
    "words, change",
    [
        (["--name", "night"], {"name": "night"}),
        (["--issuer", "https://n.example"], {"issuer": "https://n.example"}),
        (["--username-claim", "sub"], {"usernameClaim": "sub"}),
        (["--scope", SCOPES[0]], {"scopes": [SCOPES[0]]}),
    ],
    ids=lambda v: v[0] if isinstance(v, list) else None,
)
def test_update_keeps_all_that_it_was_not_told_to_change(
    cloud, signet, named, words, change
):
    before = only(cloud)
    shown = signet.json("uat", "update", named, *words, "--pat")
    after = only(cloud)
    # The service keeps scopes in an order of its own.
    before["scopes"].sort(), after["scopes"].sort()
    assert after == {**before, **change}
    shown["configuration"]["scopes"].sort()
    assert shown["configuration"] == after


def test_update_of_a_disabled_configuration_leaves_it_disabled(cloud, uat):
    cloud.configure(enabled=False)
    assert uat("update", "signet", "--name", "night").rc == 0
    assert only(cloud)["enabled"] is False


def test_enable_and_disable_change_nothing_else(cloud, signet, named):
    before = only(cloud)
    before["scopes"].sort()
    for verb, enabled in (("disable", False), ("enable", True)):
        shown = signet.json("uat", verb, named, "--pat")
        after = only(cloud)
        after["scopes"].sort()
        assert after == {**before, "enabled": enabled}
        assert shown["configuration"]["enabled"] is enabled


def test_update_can_put_another_key_in_force(cloud, signet, uat, other_key, pem):
    other = public_pem(other_key.public_key())
    cloud.configure(publicKey=other)
    assert uat("update", "signet", "--token-key").rc == 0
    assert only(cloud)["publicKeyActive"] == pem
    path = write(signet.cwd / "other.pem", other)
    assert uat("update", "signet", "--public-key", path).rc == 0
    assert only(cloud)["publicKeyActive"] == other


def test_update_goes_from_key_to_jwks_uri_and_back(cloud, uat, pem):
    cloud.configure()
    url = "https://keys.example/jwks.json"
    assert uat("update", "signet", "--jwks-uri", url).rc == 0
    config = only(cloud)
    assert (config["jwksUri"], config["publicKeyActive"]) == (url, None)
    assert uat("update", "signet", "--name", "still").rc == 0
    assert only(cloud)["jwksUri"] == url
    assert uat("update", "still", "--token-key").rc == 0
    config = only(cloud)
    assert (config["jwksUri"], config["publicKeyActive"]) == (None, pem)


def test_update_replaces_the_resources(cloud, uat):
    cloud.configure()
    ids = [cloud.site["luid"], cloud.other_site["luid"]]
    options = [word for i in ids for word in ("--resource", i)]
    assert uat("update", "signet", *options).rc == 0
    assert only(cloud)["resourceIds"] == ids


def test_an_update_of_nothing_is_not_sent(cloud, uat):
    cloud.configure()
    fails(uat("update", "signet"), 2, "nothing to change", "--name")
    assert cloud.asked() == []


def test_members_that_signet_does_not_know_are_sent_back(cloud, signet, uat):
    """A PUT replaces everything, so a new member of Tableau's must survive."""
    config = {**cloud.configure(), "newMember": {"a": 1}}
    path = f"{CONFIGS}/{config['configId']}"
    cloud.sim.faults(
        {
            "match": {"method": "GET", "path-prefix": path},
            "status": 200,
            "body": config,
            "times": 2,  # before the merge, and before the PUT
        }
    )
    sizes = []
    for _ in range(2):  # the answer above, then the service's own
        assert uat("update", config["configId"], "--name", "signet").rc == 0
        sizes.append(cloud.entries()[-1]["body_bytes"])
    assert sizes[0] - sizes[1] == len(',"newMember":{"a":1}')


# Deleting


def test_delete_takes_id_or_name(cloud, signet, named):
    assert named in signet.ok("uat", "delete", named, "--yes", "--pat")
    assert cloud.configs() == []


def test_delete_in_json(cloud, signet, named):
    value = signet.json("uat", "delete", named, "--yes", "--pat")
    assert value["deleted"] == named and cloud.configs() == []


def test_delete_asks_and_nobody_is_there_to_answer(cloud, uat):
    cloud.configure()
    fails(uat("delete", "signet"), 2, "terminal", "--yes")
    assert len(cloud.configs()) == 1


# jwksUri


def test_sign_in_through_a_published_key_set(cloud, signet):
    exported = signet.ok("key", "export", "--format", "jwks")
    url = cloud.sim.publish(json.loads(exported))
    made = signet.json("uat", "create", "--name", "j", "--jwks-uri", url, "--pat")
    assert made["configuration"]["jwksUri"] == url
    assert made["configuration"]["publicKeyActive"] is None
    signet.ok("login", "tcm", "--jwt")
    signet.ok("login", "tableau")
    fetched = [e for e in cloud.sim.log() if e["path"] == "/_sim/jwks.json"]
    assert len(fetched) == 2


@pytest.mark.parametrize(
    "kid, reason", [("none", "kid-missing"), ("other", "kid-unknown")]
)
def test_a_kid_that_is_not_published_is_refused(
    cloud, signet, public_key, kid, reason
):
    url = cloud.sim.publish({"keys": [jwk(public_key, thumbprint(public_key))]})
    cloud.configure(publicKey=None, jwksUri=url)
    fails(signet("login", "tcm", "--jwt", "--kid", kid), 5, "401", "key")
    assert cloud.reason() == reason
    assert ISSUER == only(cloud)["issuer"]
