"""uat rotate: a configuration with a jwksUri, from one key to the next."""

import json
import signal
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cli_cloud import ISSUER
from cli_jose import jwk, thumbprint
from cli_rotate import OLD_KEY, Killer, Rotation, User
from cli_run import fails, wait_until


class Publisher:
    """Puts what signet writes to a file before the world, a little later."""

    def __init__(self, rotation, path):
        self.rotation, self.path = rotation, path
        self.published = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _work(self):
        while not self._stop.wait(0.1):
            if not self._is_done():
                text = self.path.read_text()
                self.rotation.cloud.sim.publish(json.loads(text))
                self.published.append(text)

    def _is_done(self):
        if not self.path.exists():
            return True
        return self.path.read_text() in self.published[-1:]

    def sets(self):
        """All that were published, once that includes what is in the file."""
        wait_until(self._is_done)
        return [json.loads(text)["keys"] for text in self.published]

    def kids(self):
        return [{key["kid"] for key in keys} for keys in self.sets()]


@pytest.fixture
def old_kid(public_key):
    return thumbprint(public_key)


@pytest.fixture
def other(other_key):
    """The key of another host that publishes in the same set."""
    return jwk(other_key.public_key(), "of another host")


@pytest.fixture
def other_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def rotation(cloud, own_token, public_key, old_kid, other):
    url = cloud.sim.publish({"keys": [jwk(public_key, old_kid), other]})
    return Rotation(cloud, own_token, publicKey=None, jwksUri=url)


@pytest.fixture
def publisher(rotation, tmp_path):
    with Publisher(rotation, tmp_path / "jwks.json") as publisher:
        yield publisher


def options(publisher, *args):
    patience = ("--publish-timeout", "60")
    return [*args, *patience, "--jwks-output", publisher.path]


def kid_of(rotation):
    return rotation.signet.json("key", "show")["thumbprint"]


def is_rotated(rotation, old_kid):
    (config,) = rotation.cloud.configs()
    assert config["configId"] == rotation.old["configId"]
    assert config["enabled"] and not rotation.journals
    assert rotation.setting("SIGNET_KEY") != OLD_KEY
    assert rotation.setting("SIGNET_ISSUER") == ISSUER
    assert kid_of(rotation) != old_kid
    rotation.signs_in()


def test_a_set_is_published_with_both_and_then_with_the_new_one(
    rotation, publisher, old_kid
):
    with User(rotation, wait_s=3) as user:
        user.signs_in(3)
        told = rotation.ok(*options(publisher, "--wait", "3"))
        user.signs_in(3)
    assert user.failures == []
    is_rotated(rotation, old_kid)
    new_kid = kid_of(rotation)
    assert new_kid in told
    assert publisher.kids() == [
        {"of another host", old_kid, new_kid},
        {"of another host", new_kid},
    ]


def test_back_from_the_wait(rotation, publisher, old_kid):
    with User(rotation, wait_s=3) as user:
        user.signs_in(1)
        words = options(publisher, "--wait", "600")
        process = rotation.started("wait 600 s", *words)
        process.kill()
        rotation.signet.finish(process)
        assert rotation.journal()["step"] == "wait"
        assert kid_of(rotation) != old_kid
        rotation.ok("--rollback", "--wait", "3")
        user.signs_in(1)
    assert user.failures == []
    rotation.is_as_before()
    assert publisher.kids()[-1] == {"of another host", old_kid}


def test_without_a_file_each_set_is_printed_for_somebody(rotation, old_kid):
    """Exit 8 with the set on stdout, as often as one has to be published."""

    def next_set(*args):
        done = rotation(*args, "--quiet", "--wait", "0")
        assert done.rc == 8, done
        assert "publish the key set" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        keys = json.loads(done.stdout)
        return keys, {key["kid"] for key in keys["keys"]}

    both, kids = next_set()
    assert len(kids) == 3 and old_kid in kids
    assert next_set("--resume") == (both, kids)  # nobody published it
    rotation.cloud.sim.publish(both)
    new_alone, kids = next_set("--resume")
    assert len(kids) == 2 and old_kid not in kids
    rotation.signs_in()
    done = rotation("--resume", "--quiet", "--json")
    assert json.loads(json.loads(done.stdout)["publish"]) == new_alone
    rotation.cloud.sim.publish(new_alone)
    rotation.ok("--resume")
    is_rotated(rotation, old_kid)


def test_a_set_that_is_not_published_in_time(rotation, tmp_path, old_kid):
    path = tmp_path / "nobody-looks.json"
    done = rotation("--jwks-output", path, "--quiet")
    fails(done, 6, "/_sim/jwks.json", "published")
    assert rotation.journal()["step"] == "check"
    rotation.cloud.sim.publish(json.loads(path.read_text()))
    with Publisher(rotation, path):
        rotation.ok("--resume", "--publish-timeout", "60")
    is_rotated(rotation, old_kid)


@pytest.mark.parametrize("kid", ["uat-key-1", "none"])
def test_a_kid_that_cannot_tell_the_keys_apart(rotation, kid):
    env = {"SIGNET_KID": kid}
    fails(rotation(env=env), 7, "SIGNET_KID", "thumbprint")
    assert not rotation.journals and len(rotation.keys()) == 1


def test_a_kid_that_is_the_old_thumbprint_is_switched_too(
    rotation, publisher, old_kid
):
    text = rotation.file.read_text() + f"SIGNET_KID={old_kid}\n"
    rotation.file.write_text(text)
    rotation.ok(*options(publisher))
    is_rotated(rotation, old_kid)
    assert rotation.setting("SIGNET_KID") == kid_of(rotation)


@pytest.mark.parametrize("word", ["--name", "--issuer"])
def test_there_is_no_second_configuration_to_name(rotation, word):
    fails(rotation(word, "https://x.example"), 2, word)


def test_a_published_set_that_cannot_be_had(rotation):
    rotation.cloud.sim.faults(
        {"match": {"path-prefix": "/_sim/jwks.json"}, "times": None, "status": 503}
    )
    # the service cannot fetch it either, and nothing is made
    fails(rotation("--quiet"), 5, "the published key set", "503")
    assert not rotation.journals and len(rotation.keys()) == 1


def test_killed_anywhere_it_is_taken_back(
    rotation, publisher, old_kid, tmp_path
):
    """In one tenant, again and again: the state before it is that after it."""
    killer = Killer(tmp_path)
    at = 0
    while True:
        at += 1
        env = killer.env(at, at % 2 == 0, "rotation-")
        done = rotation(*options(publisher), "--wait", "0", env=env)
        rotation.signs_in()
        if done.rc == 0:
            break
        if not rotation.journals:
            continue
        rotation.ok("--rollback", "--wait", "0", "--publish-timeout", "60")
        rotation.is_as_before()
        for kids in publisher.kids()[-1:]:  # none, if it was killed early
            assert kids == {"of another host", old_kid}
    assert at > 14
    is_rotated(rotation, old_kid)


def test_back_from_where_the_old_key_is_published_no_more(
    rotation, publisher, old_kid, tmp_path
):
    """It is still in the token: published again, it signs in again."""
    env = Killer(tmp_path).env(15, False, "rotation-")
    args = options(publisher, "--wait", "0")
    assert rotation(*args, env=env).rc == -signal.SIGKILL
    assert rotation.journal()["step"] == "retire"
    assert old_kid not in publisher.kids()[-1]
    rotation.ok("--rollback", "--wait", "0", "--publish-timeout", "60")
    rotation.is_as_before()


def test_it_is_too_late_when_the_old_key_is_deleted(
    rotation, publisher, old_kid, tmp_path
):
    env = Killer(tmp_path).env(17, False, "rotation-")
    args = options(publisher, "--wait", "0", "--delete-old-key")
    assert rotation(*args, env=env).rc == -signal.SIGKILL
    assert rotation.journal()["step"] == "drop-old"
    assert len(rotation.keys()) == 1
    fails(rotation("--rollback"), 7, "too late", "--resume")
    rotation.ok("--resume")
    is_rotated(rotation, old_kid)


# The keys of others


def members(key):
    return json.dumps(key, sort_keys=True)


def foreign():
    """Keys that signet has no use for, with all that may stand in a JWK."""
    point = {"x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"}
    point["y"] = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return [
        {"kty": "EC", "kid": "ec", "crv": "P-256", "use": "sig", **point},
        {**jwk(key.public_key(), "ps"), "alg": "PS256", "x5c": ["MIIB"]},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "theirs": {"a": [1, 2.5, None]}},
    ]


@pytest.fixture
def crowded(rotation, public_key, old_kid, other):
    """The published set, with keys of every kind in it."""
    theirs = [{**other, "x5t#S256": "AQ", "exp": 4102444800}, *foreign()]
    rotation.cloud.sim.publish({"keys": [jwk(public_key, old_kid), *theirs]})
    return {members(key) for key in theirs}


def test_keys_of_every_kind_stay_as_they_are(rotation, publisher, crowded, old_kid):
    rotation.ok(*options(publisher))
    is_rotated(rotation, old_kid)
    for keys in publisher.sets():
        assert crowded <= {members(key) for key in keys}


def test_keys_of_every_kind_are_no_hindrance_on_the_way_back(
    rotation, publisher, crowded, old_kid, tmp_path
):
    env = Killer(tmp_path).env(8, True, "rotation-")
    assert rotation(*options(publisher), env=env).rc < 0
    rotation.ok("--rollback", "--publish-timeout", "60")
    rotation.is_as_before()
    last = publisher.sets()[-1]
    assert {members(key) for key in last if key.get("kid") != old_kid} == crowded


def test_a_private_key_in_the_set_is_told_before_anything_is_made(
    rotation, public_key, old_kid
):
    secret = {"kty": "oct", "kid": "s", "k": "AQ"}
    rotation.cloud.sim.publish({"keys": [jwk(public_key, old_kid), secret]})
    for words in ((), ("--plan",)):
        fails(rotation(*words, "--quiet"), 1, "key 2", "private")
        assert not rotation.journals and len(rotation.keys()) == 1


def test_what_stands_in_the_file_counts_before_what_is_published(
    rotation, tmp_path, public_key, old_kid, other
):
    """A cache still shows the set without the third host's key."""
    path = tmp_path / "jwks.json"
    third = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    third = jwk(third.public_key(), "third")
    ours = jwk(public_key, old_kid)
    path.write_text(json.dumps({"keys": [ours, third]}))
    fails(rotation("--jwks-output", path, "--quiet"), 6, "published")
    kids = {key["kid"] for key in json.loads(path.read_text())["keys"]}
    assert kids > {"third", old_kid, "of another host"} and len(kids) == 4
    with Publisher(rotation, path) as publisher:
        rotation.ok("--resume", "--publish-timeout", "60", "--wait", "0")
    is_rotated(rotation, old_kid)
    assert publisher.kids()[-1] == {"third", "of another host", kid_of(rotation)}


def test_no_key_of_another_host_gives_way_to_one_in_the_file(
    rotation, tmp_path, other, other_key
):
    """One kid, two keys: which of them is used nobody here can know."""
    path = tmp_path / "jwks.json"
    newer = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = json.dumps({"keys": [jwk(newer.public_key(), other["kid"])]})
    path.write_text(text)
    told = ['the kid "of another host" names another key']
    fails(rotation("--jwks-output", path, "--quiet"), 1, *told)
    assert path.read_text() == text
    rotation.is_as_before()


@pytest.mark.parametrize("text", ["not JSON", '{"keys": 1}', "[]"])
def test_a_file_that_holds_something_else_is_not_overwritten(
    rotation, tmp_path, text
):
    path = tmp_path / "notes.txt"
    path.write_text(text)
    fails(rotation("--jwks-output", path, "--quiet"), 1, str(path))
    assert path.read_text() == text
    assert not rotation.journals and len(rotation.keys()) == 1


def test_where_nothing_was_published_nothing_is_taken_back(rotation, tmp_path):
    """Though what is published cannot be had just now."""
    env = Killer(tmp_path).env(3, True, "rotation-")  # the key is made
    assert rotation("--quiet", env=env).rc < 0
    rotation.cloud.sim.faults(
        {"match": {"path-prefix": "/_sim/jwks.json"}, "times": None, "status": 503}
    )
    rotation.ok("--rollback")
    rotation.cloud.sim.faults()
    rotation.is_as_before()
