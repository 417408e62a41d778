"""Starts the simulator: /usr/bin/python3 tests/sim --dir DIR"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ca import KINDS, Authority
from options import SWITCHES, Options
from server import VERSIONS, Server, tls_context
from world import World

ENDINGS = {signal.SIGTERM, signal.SIGINT}


def main() -> None:
    arguments = _arguments()
    _hold_signals()
    directory = arguments.dir.absolute()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = Authority()
    world = World(dict(arguments.set), authority.pem())
    server_pem = directory / "server.pem"
    _write(
        server_pem, authority.server(arguments.cert, arguments.self_signed)
    )
    try:
        context = tls_context(
            server_pem,
            arguments.tls,
            authority.pem().decode() if arguments.clients else None,
        )
        server = Server(arguments.port, context, world)
    except OSError as error:
        sys.exit(f"tests/sim: port {arguments.port}: {error.strerror}")
    finally:
        server_pem.unlink()  # the key lives in memory from here on
    _write(directory / "ca.pem", authority.pem(), 0o644)
    if arguments.clients:
        key = load_pem_public_key(arguments.clients.read_bytes())
        _write(directory / "client-cert.pem", authority.client_for(key))
        _write(directory / "client.pem", authority.client())
    _write_secrets(directory, world)
    _run(server, world, arguments.ttl)


def _run(server: Server, world: World, ttl_s: float) -> None:
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    try:
        print(f"ready {world.base_url}", flush=True)
        if signal.sigtimedwait(ENDINGS, ttl_s) is None:
            told = f"tests/sim: ends, its {ttl_s:g} s are over (--ttl)"
            print(told, file=sys.stderr)
    finally:
        world.faults.replace([])
        server.shutdown()
        server.server_close()
        serving.join()
    # A thread that still answers would be torn down with the interpreter.
    os._exit(0)


def _hold_signals() -> None:
    """Keeps them pending, in every thread, until _run() waits for them.

    A handler could run while this thread holds the lock of the very event
    that it wants to set.
    """
    for number in ENDINGS:
        signal.signal(number, signal.SIG_DFL)  # a shell's `&` ignores SIGINT
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)


def _write_secrets(directory: Path, world: World) -> None:
    for name, kind in (
        ("pat", "good"),
        ("pat.expired", "expired"),
        ("pat.site", "site"),
    ):
        _write(directory / name, f"{world.store.pats[kind]}\n".encode())
    site = world.store.sites[0]
    settings = {
        "CLOUD_MANAGER_TENANT_ID": world.store.tenant_id,
        "CLOUD_MANAGER_URL": world.base_url,
        "CLOUD_MANAGER_PAT_NAME": "simulator",
        "CLOUD_MANAGER_PAT_SECRET_FILE": str(directory / "pat"),
        "TABLEAU_CLOUD_POD_URL": world.base_url,
        "TABLEAU_CLOUD_SITE_ID": site.content_url,
        "TABLEAU_CLOUD_SITE_LUID": site.luid,
        "TABLEAU_CLOUD_USERNAME": world.store.admin.email,
        "SIGNET_CA_FILE": str(directory / "ca.pem"),
    }
    lines = (f"{name}={_quoted(text)}\n" for name, text in settings.items())
    _write(directory / "sim.env", "".join(lines).encode())


def _quoted(text: str) -> str:
    plain = re.fullmatch(r"[\w./:@-]*", text, re.ASCII)
    return text if plain else f'"{text}"'


def _write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Afresh: a file left by an earlier run may have another mode."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(path, flags, mode), "wb") as file:
        file.write(content)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/sim",
        description="Simulator of Tableau Cloud Manager and Tableau REST.",
        epilog="switches: " + ", ".join(SWITCHES),
    )
    add = parser.add_argument
    add("--dir", type=Path, required=True, help="where ca.pem, pat, … go")
    add("--port", type=int, default=0, help="0: a free one (default)")
    add("--ttl", type=float, default=900, help="stops after SECONDS (900)")
    add(
        "--set",
        type=_switch,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a switch; repeatable",
    )
    add("--self-signed", action="store_true", help="server's own signature")
    add("--tls", choices=VERSIONS, help="this version of TLS only")
    add(
        "--clients",
        type=Path,
        metavar="FILE",
        help="only with certificates; make one for this public key (PEM)",
    )
    add("--cert", choices=KINDS, default="good", help="server certificate")
    return parser.parse_args()


def _switch(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    try:
        Options({name: value})
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return name, value


if __name__ == "__main__":
    main()
