"""Answers that are lost, none, or too much, at each kind of call.

See cli_faults.py for what is checked of each run.
"""

import pytest

from cli_faults import BREAKS, CALLS, MIB, NO_ANSWERS, ends, run
from cli_listen import listening

BY_CALL = pytest.mark.parametrize("name", CALLS)


# An answer that does not come, or not whole



@pytest.mark.parametrize(
    "name, what",
    [
        (name, what)
        for name, call in CALLS.items()
        for what in BREAKS
        if not (call.is_read and what == "lost")  # to a reader, a reset
    ],
)
def test_an_answer_that_is_lost(cloud, tmp_path, name, what):
    call = CALLS[name]
    ended = run(cloud, call, BREAKS[what], tmp_path)
    if not call.is_read:
        assert ended.times(call) == 1, "it may have been done"
    if call.changes and what != "reset":
        # It was done, and that is found out.
        ends(ended, 0)
        names = [config["name"] for config in cloud.configs()]
        after = {"create": ["new", "signet"], "update": ["new"], "delete": []}
        assert sorted(names) == after[name]
        return
    ends(ended, 6, call.request.split()[1])
    if what in ("silence", "drip"):
        assert "SIGNET_TIMEOUT" in ended.result.stderr
    if call.changes:
        assert [config["name"] for config in cloud.configs()] == ["signet"]


# An answer that is none



@BY_CALL
@pytest.mark.parametrize("what", NO_ANSWERS)
def test_json_that_is_none(cloud, tmp_path, name, what):
    call = CALLS[name]
    ended = run(cloud, call, NO_ANSWERS[what], tmp_path)
    if name.startswith("api"):
        ends(ended, 0)
        assert ended.result.stdout.rstrip("\n") == NO_ANSWERS[what]["body"]
    elif name == "delete":
        ends(ended, 5, "still there")  # which nobody had to believe
    else:
        ends(ended, 5)
    assert ended.times(call) == 1


@pytest.mark.parametrize("what", NO_ANSWERS)
def test_what_was_deleted_is_gone_whatever_the_answer(cloud, tmp_path, what):
    ended = run(cloud, CALLS["delete"], {**NO_ANSWERS[what], "after": True}, tmp_path)
    ends(ended, 0)
    assert cloud.configs() == [] and ended.times(CALLS["delete"]) == 1


@BY_CALL
@pytest.mark.parametrize("status", [200, 500])
def test_twenty_megabytes(cloud, tmp_path, name, status):
    call = CALLS[name]
    fault = {"action": f"big:{20 * MIB}", "status": status}
    ended = run(cloud, call, fault, tmp_path)
    ends(ended, 6, "larger")
    assert ended.times(call) == 1


@BY_CALL
def test_a_gzip_bomb_is_not_unpacked(cloud, tmp_path, name):
    call = CALLS[name]
    ended = run(cloud, call, {"action": f"gzip-bomb:{200 * MIB}"}, tmp_path)
    is_login = not call.session  # whose answers are short
    told = "larger" if is_login else "compressed"
    ends(ended, 6, told)
    assert ended.times(call) == 1


@BY_CALL
@pytest.mark.parametrize("status", [301, 307])
def test_another_host_gets_nothing(cloud, tmp_path, name, status):
    call = CALLS[name]
    with listening() as (elsewhere, came):
        fault = {"action": f"redirect:{elsewhere}/x", "status": status}
        ended = run(cloud, call, fault, tmp_path)
        assert came == []
    told = "nothing was sent there" if name == "site" else "not followed"
    ends(ended, 7 if name == "site" else 5, told)
    assert ended.times(call) == 1
