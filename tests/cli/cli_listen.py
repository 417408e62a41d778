"""Hosts on the loopback: one that nobody may come to, one that is not there."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Iterator


@contextlib.contextmanager
def held() -> Iterator[int]:
    """A port that refuses connections and that nobody else is given.

    A simulator that is told to take it (`--port`) can, and the next one after
    it: meanwhile no test that runs beside gets it from the kernel.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@contextlib.contextmanager
def listening() -> Iterator[tuple[str, list[socket.socket]]]:
    """Its URL, and who came."""
    came: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def watch():
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    came.append(server.accept()[0])

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield f"https://localhost:{server.getsockname()[1]}", came
        finally:
            stop.set()
            watcher.join()
            for connection in came:
                connection.close()
