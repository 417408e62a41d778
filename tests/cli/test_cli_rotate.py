"""uat rotate: a configuration with a public key, from one key to the next."""

import pytest

from cli_cloud import ISSUER
from cli_rotate import OLD_KEY, Rotation, User
from cli_run import fails


@pytest.fixture
def rotation(cloud, own_token):
    return Rotation(cloud, own_token)


def test_a_rotation_in_words(rotation):
    told = rotation.ok()
    rotation.is_rotated()
    assert rotation.setting("SIGNET_KEY") in told
    assert rotation.setting("SIGNET_ISSUER") in told
    assert len(rotation.keys()) == 2  # the old one is kept
    after = rotation.file.read_text()
    new = rotation.setting("SIGNET_KEY")
    issuer = rotation.setting("SIGNET_ISSUER")
    undone = after.replace(new, OLD_KEY).replace(f'"{issuer}"', f'"{ISSUER}"')
    assert undone == rotation.before


def test_somebody_signs_in_all_the_while(rotation):
    with User(rotation) as user:
        rotation.ok("--delete-old-key")
    assert user.failures == []
    assert user.count > 5
    rotation.is_rotated()
    assert len(rotation.keys()) == 1
