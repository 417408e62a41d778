"""A host on the loopback that nobody may come to."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Iterator


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
