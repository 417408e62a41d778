"""Every status that is no success, at each kind of call; see cli_faults.py."""

import pytest

from cli_faults import CALLS, ends, run

STATUSES = {
    **{str(status): {"status": status} for status in (401, 403, 409, 500)},
    **{str(status): {"status": status} for status in (429, 502, 503, 504)},
    "429-soon": {"status": 429, "headers": {"Retry-After": "1"}},
    "503-late": {"status": 503, "headers": {"Retry-After": "3600"}},
    "html": {
        "status": 403,
        "headers": {"Content-Type": "text/html"},
        "body": "<!doctype html><title>Proxy</title>",
    },
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_told(cloud, tmp_path, name, status):
    call, fault = CALLS[name], STATUSES[status]
    ended = run(cloud, call, fault, tmp_path)
    words = ["HTML"] if status == "html" else []
    ends(ended, 5, f"HTTP {fault['status']}", *words)
    times = ended.times(call)
    if status == "401" and call.session:
        assert times == 2, "once more in a new session"
    elif call.is_read and status in ("429", "502", "503", "504"):
        assert times in (2, 3), "as often as there is time"
    elif call.is_read and status == "429-soon":
        assert times >= 2 and ended.taken.wall_s > 1
    else:
        assert times == 1
