"""Every status that is no success, at each kind of call; see cli_faults.py."""

import pytest

from cli_faults import CALLS, STATUSES, ends, run, told, tries


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_told(cloud, tmp_path, name, status):
    call, fault = CALLS[name], STATUSES[status]
    ended = run(cloud, call, fault, tmp_path)
    ends(ended, 5, f"HTTP {fault['status']}", *told(status))
    times = ended.times(call)
    if status == "401" and call.session:
        assert times == 2, "once more in a new session"
    elif call.is_read:
        assert times == tries(status)
        assert status != "429-soon" or ended.taken.wall_s > 1
    else:
        assert times == 1
