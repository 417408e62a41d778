"""HTTPS on the loopback interface: one thread a connection, TLS included.

The handshake runs in the connection's own thread, so a client that connects
and stays silent holds up nobody else.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import struct
import traceback
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from dispatch import answer
from era import Over
from faults import Fault
from wire import Request, Response
from world import World

MAX_BODY = 1024 * 1024
MAX_DRAINED = 8 * MAX_BODY
BODILESS = (204, 304)
SILENCE_S = 30
DRIP_PAUSE_S = 0.02


# Python 3.13 has another phrase for the last.
TURNED_AWAY = {
    411: "body-length-required",
    400: "body-bad-request",
    413: "body-request-entity-too-large",
}
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def tls_context(
    server_pem: Path, only: str | None = None, clients: str | None = None
) -> ssl.SSLContext:
    """For one version only, and for clients with certificates only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSIONS[only or "1.2"]
    if only is not None:
        context.maximum_version = VERSIONS[only]
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients)
    context.load_cert_chain(server_pem)
    return context


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, context: ssl.SSLContext, world: World) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.context = context
        self.world = world
        self.connections = itertools.count(1)
        world.base_url = f"https://localhost:{self.server_port}"

    def server_bind(self) -> None:
        """HTTPServer's own looks the host name up, which can take seconds.

        A port that was asked for may be held by who asks: cli_listen.held.
        """
        if self.server_address[1] != 0:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        socket.socket.bind(self.socket, self.server_address)
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def get_request(self):
        """In the order of arrival. All come from one address: the era counts."""
        connection, _ = super().get_request()
        return connection, self.world.era

    def finish_request(self, request, era) -> None:
        request.settimeout(SILENCE_S)
        with contextlib.suppress(OSError):  # ssl.SSLError is one
            with self.context.wrap_socket(request, server_side=True) as tls:
                handler = self.RequestHandlerClass(tls, era, self)
                if not handler.broken:
                    tls.setblocking(False)
                    tls.unwrap()  # sends close_notify, awaits nothing

    def handle_error(self, request, era) -> None:
        """Only for faults of our own: a client that leaves raises OSError."""
        trace = traceback.format_exc()
        self.world.log.add(reason="simulator-error", note=trace)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one piece
    disable_nagle_algorithm = True
    server: Server
    broken = False

    def setup(self) -> None:
        super().setup()
        self.number = next(self.server.connections)
        self.era = self.client_address

    def serve(self) -> None:
        try:
            self._answer()
        except Over:
            self._break()

    def _answer(self) -> None:
        body = self._read_body()
        if body is None:
            return
        target = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=target.path,
            query=dict(parse_qsl(target.query, keep_blank_values=True)),
            headers=self.headers,
            body=body,
            connection=self.number,
        )
        response, fault = answer(self.server.world, request, self.era)
        try:
            self._deliver(response, fault)
            self.wfile.flush()
        finally:
            if response.then:
                response.then()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = serve
    do_OPTIONS = serve

    def log_message(self, *_: object) -> None:
        """Nothing is printed per request; dispatch.py keeps the log."""

    def _read_body(self) -> bytes | None:
        """The body, or None once the request was answered for lack of one."""
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding"):
            return self._turn_away(HTTPStatus.LENGTH_REQUIRED)
        if not (length.isascii() and length.isdecimal()):
            return self._turn_away(HTTPStatus.BAD_REQUEST)
        if int(length) > MAX_BODY:
            # Read some of it: closing at once would reset the connection
            # before the client has seen why.
            self.rfile.read(min(int(length), MAX_DRAINED))
            return self._turn_away(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionError("the client left in mid-body")
        return body

    def _turn_away(self, status: HTTPStatus) -> None:
        self.close_connection = True
        with self.era.work():
            self.server.world.log.add(
                method=self.command,
                path=urlsplit(self.path).path,
                status=int(status),
                reason=TURNED_AWAY[status],
            )
        self._deliver(Response(int(status)), None)

    def _deliver(self, response: Response, fault: Fault | None) -> None:
        action = fault.action if fault else ""
        message = self._head(response)
        if self.command != "HEAD" and response.status not in BODILESS:
            message += response.body
        if action == "drip":
            self._drip(message, fault)
        elif action == "hold":
            fault.ended.wait()
            self.wfile.write(message)
        elif action == "silence":
            fault.ended.wait(float(fault.argument or SILENCE_S))
            self._break()
        elif action == "truncate":
            self.wfile.write(message[: -(len(response.body) // 2 or 1)])
            self._break()
        elif action == "reset":
            linger = struct.pack("ii", 1, 0)
            option = (socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.setsockopt(*option)
            self._break()
        elif action == "close":
            self._break()
        else:
            self.wfile.write(message)

    def _break(self) -> None:
        self.close_connection = True
        self.broken = True

    def _drip(self, message: bytes, fault: Fault) -> None:
        pause_s = float(fault.argument or DRIP_PAUSE_S)
        for octet in message:
            self.wfile.write(bytes((octet,)))
            self.wfile.flush()
            if fault.ended.wait(pause_s):
                self._break()
                return

    def _date(self) -> str:
        return formatdate(self.server.world.clock.now(), usegmt=True)

    def _head(self, response: Response) -> bytes:
        headers = {"Server": "signet-sim", "Date": self._date()}
        if response.content_type:
            headers["Content-Type"] = response.content_type
        if response.status not in BODILESS:
            headers["Content-Length"] = str(len(response.body))
        if self.close_connection:
            headers["Connection"] = "close"
        headers |= response.headers
        try:
            phrase = HTTPStatus(response.status).phrase
        except ValueError:
            phrase = "Status"
        lines = [f"HTTP/1.1 {response.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
