"""jwks serve as a test sees it: started, asked, and ended well."""

from __future__ import annotations

import contextlib
import http.client
import signal
import socket
from urllib.parse import urlsplit

from cli_run import LIMIT_S

PATH = "/.well-known/jwks.json"
ANYWHERE = ("--listen", "127.0.0.1:0")


class Server:
    def __init__(self, process, url):
        self.process = process
        self.url = url
        self.port = urlsplit(url).port

    def ask(self, method="GET", path=PATH, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, LIMIT_S)
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        connection.request(method, path, headers=named)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply.status, reply.headers, body

    def send(self, data, limit_s=LIMIT_S):
        """What comes back for these bytes, up to the end, which must come."""
        got = b""
        with socket.create_connection(("127.0.0.1", self.port)) as sock:
            sock.settimeout(limit_s)
            try:
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)
                while more := sock.recv(65536):
                    got += more
            except TimeoutError:
                raise
            except OSError:
                pass  # it was shown out
        return got


@contextlib.contextmanager
def serving(signet, *words):
    process = signet.start("jwks", "serve", *ANYWHERE, *words)
    try:
        yield Server(process, process.stdout.readline().decode().strip())
        process.send_signal(signal.SIGTERM)
        result = signet.finish(process)
        assert result.rc == 0 and result.out == b"", result
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
