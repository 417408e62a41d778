"""Each fault does to a request what its name says."""

import contextlib
import gzip
import http.client
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from scenario import CONFIGS, ISSUER
from simulator import LIMIT_S

INFO = "/api/3.28/serverinfo"


def fetch(sim, path=INFO, method="GET"):
    return sim.request(method, path)


@contextlib.contextmanager
def meanwhile(call, *args):
    """The future of a call that is under way in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(call, *args)


def wait_until(fact):
    end = time.monotonic() + LIMIT_S
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextlib.contextmanager
def connection(sim):
    """TLS to the simulator, for a client that does not behave."""
    trust = ssl.create_default_context(cafile=sim.directory / "ca.pem")
    address = ("localhost", urlsplit(sim.url).port)
    with socket.create_connection(address, timeout=LIMIT_S) as plain:
        with trust.wrap_socket(plain, server_hostname="localhost") as tls:
            yield tls


def test_canned_answer_takes_the_place_of_the_real_one(sim):
    sim.faults(
        {
            "match": {"method": "GET", "path-prefix": "/api/3"},
            "times": 2,
            "status": 429,
            "headers": {"Retry-After": 1},
            "body": {"message": "slow down"},
        }
    )
    assert sim.request("GET", "/api/v1/tenants/x").status == 401
    for _ in range(2):
        reply = fetch(sim)
        assert (reply.status, reply.headers["Retry-After"]) == (429, "1")
        assert reply.json() == {"message": "slow down"}
    assert fetch(sim).status == 200
    assert [entry["fault"] for entry in sim.log()] == [
        None,
        "canned",
        "canned",
        None,
    ]


def test_first_fault_with_times_left_wins_and_null_never_ends(sim):
    sim.faults({"status": 503}, {"status": 502, "times": None})
    assert [fetch(sim).status for _ in range(4)] == [503, 502, 502, 502]
    sim.faults()
    assert fetch(sim).status == 200


def test_delay_alone_slows_the_real_answer(sim):
    sim.faults({"delay_s": 0.3})
    started = time.monotonic()
    assert fetch(sim).status == 200
    assert time.monotonic() - started >= 0.3


def test_reset_and_close_break_the_connection(sim):
    sim.faults({"action": "reset"}, {"action": "close"})
    with pytest.raises(ConnectionResetError):
        fetch(sim)
    with pytest.raises((http.client.RemoteDisconnected, OSError)):
        fetch(sim)
    assert [entry["status"] for entry in sim.log()] == [None, None]


@pytest.mark.parametrize("after, made", [(False, 0), (True, 1)])
def test_a_break_leaves_the_request_undone_or_with_after_done(
    tenant, after, made
):
    assert tenant.tcm("GET", CONFIGS).json() == []
    match = {"method": "POST", "path-prefix": CONFIGS}
    tenant.sim.faults({"match": match, "action": "reset", "after": after})
    with pytest.raises(OSError):
        tenant.configure()
    assert len(tenant.tcm("GET", CONFIGS).json()) == made


def test_truncate_sends_less_than_it_announced(sim):
    sim.faults({"action": "truncate"})
    with pytest.raises((http.client.IncompleteRead, OSError)):
        fetch(sim)


def test_drip_sends_the_whole_answer_slowly(sim):
    whole = fetch(sim).body
    sim.faults({"action": "drip:0.001"})
    started = time.monotonic()
    assert fetch(sim).body == whole
    assert time.monotonic() - started > 0.1


def test_drip_outlives_a_client_that_leaves(sim):
    sim.faults({"action": "drip:0.05"})
    with connection(sim) as tls:
        tls.sendall(f"GET {INFO} HTTP/1.1\r\n\r\n".encode())
        assert tls.recv(1) == b"H"
    assert fetch(sim).status == 200
    assert {entry["reason"] for entry in sim.log()} == {"ok"}


def test_hold_acts_and_answers_when_it_is_let_go(tenant):
    assert tenant.tcm("GET", CONFIGS).json() == []
    match = {"method": "POST", "path-prefix": CONFIGS}
    tenant.sim.faults({"match": match, "action": "hold"})
    with meanwhile(tenant.configure) as made:
        wait_until(lambda: tenant.tcm("GET", CONFIGS).json())
        assert not made.done()
        tenant.sim.faults()
        assert made.result(LIMIT_S)["issuer"] == ISSUER


@pytest.mark.parametrize("ending", ["reset", "faults"])
def test_a_request_that_waits_has_no_effect_after_that(tenant, ending):
    assert tenant.tcm("GET", CONFIGS).json() == []
    match = {"method": "POST", "path-prefix": CONFIGS}
    tenant.sim.faults({"match": match, "delay_s": 600})
    with meanwhile(tenant.configure) as made:
        wait_until(lambda: tenant.sim.state()["faults"] == 0)
        getattr(tenant.sim, ending)()
        with pytest.raises((http.client.RemoteDisconnected, OSError)):
            made.result(LIMIT_S)
    asked = [(entry["method"], entry["path"]) for entry in tenant.sim.log()]
    assert ("POST", CONFIGS) not in asked
    assert tenant.sim.state()["configurations"] == 0


def test_what_connected_before_a_reset_is_not_served_after_it(sim):
    with connection(sim) as tls:
        sim.reset()
        sim.faults({"status": 503})
        tls.sendall(f"GET {INFO} HTTP/1.1\r\n\r\n".encode())
        assert tls.recv(1) == b""
    assert sim.log() == [] and sim.state()["faults"] == 1


@pytest.mark.parametrize("size", [1, 12, 5_000_000])
def test_big_sends_exactly_that_many_bytes(sim, size):
    sim.faults({"action": f"big:{size}"})
    assert len(fetch(sim).body) == size


def test_silence_acts_is_logged_at_once_and_says_nothing(tenant):
    tenant.sim.faults({"match": {"method": "POST"}, "action": "silence:0.6"})
    started = time.monotonic()
    with pytest.raises((http.client.RemoteDisconnected, OSError)):
        tenant.login(tenant.jwt())
    assert time.monotonic() - started > 0.5
    assert len(tenant.sim.log()) == 1


def test_a_gzip_bomb_is_small_and_unpacks_to_that_many_bytes(sim):
    size = 20 * 2**20
    sim.faults({"action": f"gzip-bomb:{size}"})
    reply = fetch(sim)
    assert reply.headers["Content-Encoding"] == "gzip"
    assert len(reply.body) < size / 100
    assert len(gzip.decompress(reply.body)) == size + len('{"filler":""}')


def test_redirect_points_where_it_was_told(sim):
    target = "https://elsewhere.invalid/x"
    action = f"redirect:{target}"
    sim.faults({"action": action}, {"action": action, "status": 307})
    replies = [fetch(sim), fetch(sim)]
    assert [reply.status for reply in replies] == [301, 307]
    assert {reply.headers["Location"] for reply in replies} == {target}


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "explode"},
        {"action": "big:0"},
        {"action": "redirect:"},
        {"action": "drip:slowly"},
        {"action": "gzip-bomb:0"},
        {"action": "silence:long"},
        {"match": {"path": "/"}},
        {"staus": 500},
        {"times": "often"},
        {"headers": []},
    ],
)
def test_bad_fault_is_refused_and_the_list_kept(sim, fault):
    sim.faults({"status": 503})
    assert sim.request("POST", "/_sim/faults", [fault]).status == 400
    assert fetch(sim).status == 503


def test_control_api_is_never_faulted(sim):
    sim.faults({"status": 500, "times": None})
    assert sim.state()["faults"] == 1
