#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The numbers of signet beside those of a program that does the least.

Runs in a SoftHSM token of its own: make bench. Prints a table and writes
BUILD/bench.json. A goal that is missed is said so and is no failure.
"""
import json
import os
import pathlib
import platform
import shutil
import sys
import tempfile

from measure import Row, in_turn, print_table, ratios, told, wall_ms

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("SIGNET_BUILD", HERE.parents[1] / "build"))
SIGNET = BUILD / "signet"
RAW, WARM = BUILD / "tests/bench/raw", BUILD / "tests/bench/warm"
FAULT = BUILD / "tests/fault/fault_module.so"
LABEL, ID = "bench", "62656e6368"
KEYS = 1000
LOOP_MS = 250
LOOPS, POOL_LOOPS, RUNS, SLOW_RUNS = 21, 7, 31, 11  # rounds
THREADS = (1, 2, 4, 16)
SESSIONS = (1, 4, 16, 64)


class Bench:
    """The token, its key, and the programs as they are called."""

    def __init__(self, folder):
        self.module = os.environ["SIGNET_MODULE"]
        self.token = os.environ["SIGNET_KEY"].split("token=")[1]
        self.pin = os.environ["SIGNET_PIN_SOURCE"].split("file:")[1]
        self.uri = f"pkcs11:token={self.token};object={LABEL}"
        self.env = dict(
            os.environ, SIGNET_KEY=self.uri,
            CLOUD_MANAGER_TENANT_ID="0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            TABLEAU_CLOUD_USERNAME="admin@example.com",
            SIGNET_ISSUER="https://signet.example.com",
            SIGNET_SCOPES="tableau:users:read")
        self.folder = pathlib.Path(folder)
        told([SIGNET, "key", "generate", "--label", LABEL, "--id", ID],
             self.env)
        self.message = self.folder / "message"
        jwt = told([SIGNET, "jwt", "sign"], self.env)
        self.message.write_bytes(jwt.strip().rpartition(b".")[0])
        self.pem = self.folder / "key.pem"
        told(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt",
              "rsa_keygen_bits:2048", "-out", self.pem])

    def raw(self, verb, *args, module=None):
        return [RAW, verb, module or self.module, self.token, LABEL, self.pin,
                self.message, *args]

    def warm(self, *args, module=None):
        return [WARM, module or self.module, self.uri, self.pin, *args]

    def wall(self, *argv, **env):
        return lambda: wall_ms(argv, dict(self.env, **env))

    def calls(self, *argv):
        """How many PKCS#11 calls a program makes, as the module saw it."""
        with tempfile.NamedTemporaryFile(dir=self.folder) as count:
            told(argv, dict(self.env, SIGNET_MODULE=str(FAULT),
                            SG_FAULT_MODULE=self.module,
                            SG_FAULT_COUNT=count.name))
            lines = pathlib.Path(count.name).read_text(encoding="ascii")
        return lines.count("\n")


def plural(count, noun="key"):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def warm_rate(bench, threads):
    many = plural(threads, "thread")
    raw, own = in_turn(
        LOOPS, lambda: float(told(bench.raw("loop", threads, LOOP_MS))),
        lambda: float(told(bench.warm("jwt", threads, LOOP_MS))))
    yield Row(f"warm JWT/s over raw loop, {many}", ratios(own, raw),
              goal=(">=", 0.95), note="signature verified")
    yield Row(f"raw loop, {many}", raw, "1/s")
    yield Row(f"warm JWT, {many}", own, "1/s")


def pool(bench, sessions):
    """A token that takes 5 ms a call, and a signature is two calls: S sessions
    can make S / 10 ms of them, if none ever waits for another."""
    env = dict(bench.env, SG_FAULT_MODULE=bench.module,
               SG_FAULT="* recall; C_SignInit sleep=5; C_Sign sleep=5")
    raw, own = in_turn(
        POOL_LOOPS,
        lambda: float(told(bench.raw("loop", sessions, LOOP_MS, module=FAULT),
                           env)),
        lambda: float(told(bench.warm("pool", sessions, LOOP_MS,
                                      module=FAULT), env)))
    many = plural(sessions, "session")
    bound = sessions * 1000 / 10
    yield Row(f"pool at 5 ms a call over its bound, {many}",
              [rate / bound for rate in own], goal=(">=", 0.9),
              note="2 calls each, 2 threads a session")
    yield Row(f"raw loop at 5 ms a call over its bound, {many}",
              [rate / bound for rate in raw], note="1 thread a session")


def warm_calls(bench):
    one = bench.calls(*bench.warm("count", 1, 1, module=FAULT))
    many = bench.calls(*bench.warm("count", 1, 101, module=FAULT))
    yield Row("PKCS#11 calls of a warm JWT", [(many - one) / 100],
              goal=("<=", 2))


def cold_calls(bench, keys, slots):
    calls = bench.calls(SIGNET, "jwt", "sign")
    yield Row(f"PKCS#11 calls of a cold jwt sign, {plural(keys)}", [calls],
              goal=("<=", 18 + slots), note=f"{slots} slots")


def cold_wall(bench, keys):
    raw, own = in_turn(RUNS, bench.wall(*bench.raw("sign")),
                       bench.wall(SIGNET, "jwt", "sign"))
    yield Row(f"cold jwt sign over raw program, {plural(keys)}",
              ratios(own, raw), goal=("<=", 1.3))
    yield Row(f"raw program, {plural(keys)}", raw, "ms")
    yield Row(f"cold jwt sign, {plural(keys)}", own, "ms")


def pyjwt(bench):
    peer, own = in_turn(
        RUNS, bench.wall(sys.executable, HERE / "pyjwt_file.py", bench.pem),
        bench.wall(SIGNET, "jwt", "sign"))
    yield Row("cold jwt sign over PyJWT with a key file", ratios(own, peer),
              goal=("<=", 0.1))
    yield Row("PyJWT with a key file", peer, "ms")


def peers(bench):
    """Programs that sign bytes with the token's key: no JWT, no claims."""
    pin = pathlib.Path(bench.pin).read_text(encoding="ascii").strip()
    uri = f"{bench.uri};type=private?pin-source=file:{bench.pin}"
    engine = bench.wall(
        "openssl", "dgst", "-engine", "pkcs11", "-keyform", "engine",
        "-sign", uri, "-sha256", "-out", bench.folder / "engine.sig",
        bench.message, PKCS11_MODULE_PATH=bench.module)
    tool = bench.wall(
        "pkcs11-tool", "--module", bench.module, "--token-label", bench.token,
        "--login", "--pin", "env:BENCH_PIN", "--id", ID, "--sign",
        "--mechanism", "SHA256-RSA-PKCS", "--input-file", bench.message,
        "--output-file", bench.folder / "tool.sig", BENCH_PIN=pin)
    with_engine, with_tool, own = in_turn(
        SLOW_RUNS, engine, tool, bench.wall(SIGNET, "jwt", "sign"))
    yield Row("cold jwt sign over openssl dgst -engine pkcs11",
              ratios(own, with_engine))
    yield Row("cold jwt sign over pkcs11-tool --sign",
              ratios(own, with_tool))
    yield Row("openssl dgst -engine pkcs11", with_engine, "ms")
    yield Row("pkcs11-tool --sign", with_tool, "ms")


def check_peers(bench):
    """All three sign the same bytes alike, or they do not do the same."""
    raw = told(bench.raw("sign"))
    for name in ("engine.sig", "tool.sig"):
        if (bench.folder / name).read_bytes() != raw:
            sys.exit(f"bench: {name} is another signature than the raw one")


def measure(bench):
    slots = int(told([RAW, "slots", bench.module]))
    for threads in THREADS:
        yield from warm_rate(bench, threads)
    for sessions in SESSIONS:
        yield from pool(bench, sessions)
    yield from warm_calls(bench)
    yield from cold_calls(bench, 1, slots)
    yield from cold_wall(bench, 1)
    yield from pyjwt(bench)
    yield from peers(bench)
    check_peers(bench)
    told(bench.raw("fill", KEYS - 1))
    yield from cold_calls(bench, KEYS, slots)
    yield from cold_wall(bench, KEYS)


def main():
    for tool in ("openssl", "pkcs11-tool"):
        if shutil.which(tool) is None:
            sys.exit(f"bench: {tool} is not installed; try: make deps-bench")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for row in measure(Bench(folder)):
            rows.append(row)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print_table(rows)
    (BUILD / "bench.json").write_text(json.dumps({
        "machine": platform.machine(), "cpus": os.cpu_count(),
        "kernel": platform.release(), "rows": [row.as_json() for row in rows],
    }, indent=1) + "\n", encoding="utf-8")
    missed = sum(row.verdict() == "missed" for row in rows)
    print(f"{sum(row.verdict() == 'met' for row in rows)} goals met, "
          f"{missed} missed; all samples in {BUILD / 'bench.json'}")


if __name__ == "__main__":
    main()
