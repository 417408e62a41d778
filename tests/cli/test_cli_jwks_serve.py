"""jwks serve: one set over HTTP, whatever is sent to it, until a signal."""

import concurrent.futures
import contextlib
import json
import os
import random
import re
import signal
import socket
import time
import urllib.request

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cli_cloud import ISSUER
from cli_jose import jwk
from cli_run import fails, succeeds, wait_until, write
from cli_serve import ANYWHERE, PATH, Server, serving

# As agent/jwks_server.h has it.
CONNECTIONS = 64


@pytest.fixture(scope="module")
def foreign():
    return rsa.generate_private_key(65537, 2048).public_key()


@pytest.fixture
def server(signet):
    with serving(signet) as server:
        yield server


def test_the_set_verifies_what_signet_signs(signet, server):
    token = signet.ok("jwt", "sign").strip()
    key = jwt.PyJWKClient(server.url).get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key.key, algorithms=["RS256"])
    assert claims["iss"] == ISSUER


def test_the_set_is_that_of_build(signet, server):
    status, headers, body = server.ask()
    assert status == 200
    assert body.decode() == signet.ok("jwks", "build")
    assert headers["Content-Type"] == "application/jwk-set+json"
    assert headers["Cache-Control"] == "public, max-age=300"
    assert re.fullmatch(r'"[0-9a-f]{32}"', headers["ETag"])
    assert int(headers["Content-Length"]) == len(body)


def test_head_and_conditions_send_no_set(server):
    _, headers, body = server.ask()
    status, of_head, nothing = server.ask("HEAD")
    assert (status, nothing) == (200, b"")
    assert of_head["Content-Length"] == str(len(body))
    assert of_head["ETag"] == headers["ETag"]
    status, again, nothing = server.ask(If_None_Match=headers["ETag"])
    assert (status, nothing) == (304, b"")
    assert again["ETag"] == headers["ETag"]
    assert server.ask(If_None_Match='"other"')[0] == 200


def test_nothing_else_is_there(server):
    assert server.ask(path="/")[0] == 404
    assert server.ask(path="/.env")[0] == 404
    assert server.ask(path=f"{PATH}/..")[0] == 404
    status, headers, _ = server.ask("POST")
    assert status == 405 and headers["Allow"] == "GET, HEAD"
    assert server.ask("DELETE")[0] == 405


def test_the_same_keys_have_the_same_tag(signet):
    tags = []
    for _ in range(2):
        with serving(signet) as server:
            tags.append(server.ask()[1]["ETag"])
    assert tags[0] == tags[1]


def test_a_file_is_served_without_a_token(signet):
    path = write(signet.cwd / "set.json", signet.ok("jwks", "build"))
    signet.env.pop("SIGNET_KEY")
    signet.env["SIGNET_MODULE"] = "/nowhere.so"
    with serving(signet, "--merge", path) as server:
        assert server.ask()[2] == path.read_bytes()


def kids(body):
    return {key["kid"] for key in json.loads(body)["keys"]}


def test_a_key_is_served_until_its_time_is_over(signet, foreign):
    """The time may be over before the first look: what was told is judged."""
    key = {"keys": [jwk(foreign, "old")]}
    path = write(signet.cwd / "set.json", json.dumps(key))
    words = ("--merge", path, "--retire", "old=+6s", "--json")
    process = signet.start("jwks", "serve", *ANYWHERE, *words)
    told = json.loads(process.stdout.readline())
    assert "old" in told["kids"] and len(told["kids"]) == 2
    server = Server(process, told["url"])
    first = server.ask()
    end = time.monotonic() + 60
    while "old" in kids((last := server.ask())[2]):
        assert time.monotonic() < end
        assert (last[2], last[1]["ETag"]) == (first[2], first[1]["ETag"])
        time.sleep(0.05)
    assert kids(last[2]) == set(told["kids"]) - {"old"}
    process.send_signal(signal.SIGTERM)
    result = succeeds(signet.finish(process))
    assert result.stderr == "signet: left out, its time is over: old\n"


def test_without_any_key_left_it_ends(signet, foreign):
    key = {"keys": [jwk(foreign, "old")]}
    path = write(signet.cwd / "set.json", json.dumps(key))
    words = ("--merge", path, "--retire", "old=+6s", "--quiet")
    result = signet("jwks", "serve", *ANYWHERE, *words, env={"SIGNET_KEY": None})
    assert result.rc == 1 and result.stdout.endswith(f"{PATH}\n")
    assert result.stderr.startswith("signet: no key is left to publish")


def test_the_token_is_closed_before_anything_is_served(signet):
    trace = signet.cwd / "trace"
    with serving(signet, "--trace", trace):
        lines = trace.read_text().splitlines()
        assert any("C_Login" in line for line in lines)
        assert "C_Finalize" in lines[-2] and "dlclose" in lines[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_json_is_printed_at_once_and_a_signal_ends_it(signet, number):
    process = signet.start("jwks", "serve", *ANYWHERE, "--json")
    value = json.loads(process.stdout.readline())
    assert value["version"] == 1 and value["url"].endswith(PATH)
    with urllib.request.urlopen(value["url"]) as reply:
        served = json.load(reply)
    assert value["kids"] == [key["kid"] for key in served["keys"]]
    process.send_signal(number)
    assert signet.finish(process).rc == 0


def test_a_port_in_use_is_told(signet, server):
    where = f"127.0.0.1:{server.port}"
    fails(signet("jwks", "serve", "--listen", where), 1, where, "in use")


@pytest.mark.parametrize("where", ["8080", "localhost:1", "[::1", "1.2.3.4:x"])
def test_what_is_no_address_is_told(signet, where):
    fails(signet("jwks", "serve", "--listen", where), 2, "--listen", where)


# Whatever is sent

GOOD = f"GET {PATH} HTTP/1.1\r\nHost: x\r\n".encode()
MALFORMED = [
    b"",
    b"\0" * 4096,
    b"\r\n" * 9000,
    b"GET",
    b"GET  \r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%00%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n",
    GOOD + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    GOOD + b"A: b\r\n" * 10_000 + b"\r\n",
    GOOD + b"no colon\r\n\r\n",
    GOOD + b"Content-Length: 5, 6\r\n\r\nabc",
    GOOD + b"Content-Length: -5\r\n\r\nabc",
    GOOD + b"Content-Length: 18446744073709551617\r\n\r\nabc",
    GOOD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    GOOD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    GOOD + b"If-None-Match: " + b'"' * 3000 + b"\r\n\r\n",
    GOOD + b"If-None-Match: " + b",W/" * 3000 + b"\r\n\r\n",
    GOOD + b"If-None-Match: \xff\xfe\r\n\r\n",
    GOOD + b"\r\n" + GOOD + b"\r\n" + GOOD,
    b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\n"
    b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000,
]


def resident_kb(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_a_malformed_request_gets_an_answer_or_none(server, number):
    got = server.send(MALFORMED[number])
    assert got == b"" or re.match(rb"HTTP/1\.[01] [2-5]\d\d ", got)
    assert server.ask()[0] == 200


def test_many_bad_guests_at_once_do_no_harm(server):
    """Random cuts and noise; then the good are served, in the same memory."""
    rng = random.Random(20260615)
    server.ask()
    before = resident_kb(server.process)

    def bother(_):
        data = bytearray(rng.choice(MALFORMED + [GOOD + b"\r\n"]))
        for _ in range(rng.randrange(4)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        with contextlib.suppress(TimeoutError):  # it waits for the rest
            server.send(bytes(data[: rng.randrange(len(data) + 1)]), 0.2)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(bother, range(800)))
    assert server.ask()[0] == 200
    # Those who left may still have to be noticed.
    wait_until(lambda: len(os.listdir(f"/proc/{server.process.pid}/fd")) < 40)
    assert resident_kb(server.process) - before < 32 * 1024


def test_who_holds_all_places_is_shown_out(server):
    """Idle connections fill the server; they are not waited for."""
    guests = [
        socket.create_connection(("127.0.0.1", server.port))
        for _ in range(CONNECTIONS)
    ]
    assert server.ask()[0] == 200
    for guest in guests:
        guest.close()
