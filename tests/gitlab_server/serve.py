"""The HTTP server: reads requests, plays faults, writes answers; what they mean is decided elsewhere."""

import contextlib
import select
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.gitlab_server.faults import Fault
from tests.gitlab_server.web import Reply

RESET = struct.pack("ii", 1, 0)


class GoneError(Exception):
    """The connection ended by a fault: there is nobody to answer."""


class Exchange:
    """One request on its connection; `respond(exchange) -> Reply` of the application answers it."""

    def __init__(self, handler, raw) -> None:
        self.method = handler.command
        self.path, _, self.query = handler.path.partition("?")
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.raw = raw
        self._handler = handler

    def suffer(self, fault: Fault) -> Reply | None:
        """Play a fault; gives the answer that replaces the true one, or None. Raises GoneError."""
        if fault.kind == "status":
            return Reply(fault.code, fault.body, dict(fault.headers))
        if fault.kind == "call":
            fault.callback()
            return None
        if fault.kind == "kill":
            fault.callback()
        if fault.kind == "silence":
            self._handler.wait(fault.seconds)
        self._handler.reset()
        raise GoneError


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version, sys_version = "nginx", ""

    def _serve(self):
        with contextlib.suppress(GoneError, ConnectionError, BrokenPipeError):
            self._write(self.server.respond(Exchange(self, self._body())))

    def do_GET(self):
        self._serve()

    def do_POST(self):
        self._serve()

    def do_PUT(self):
        self._serve()

    def do_DELETE(self):
        self._serve()

    def do_HEAD(self):
        self._serve()

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self):
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _write(self, reply):
        payload, headers = reply.encoded()
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def wait(self, seconds):
        """Until the client hangs up, the server closes, or the time is over."""
        while seconds > 0 and not self.server.closing.is_set():
            ready, _, _ = select.select([self.connection], [], [], min(0.05, seconds))
            if ready and not self.connection.recv(1, socket.MSG_PEEK):
                return
            seconds -= 0.05

    def reset(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.connection.close()

    def finish(self):
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, respond) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond = respond
        self.closing = threading.Event()

    def shutdown_request(self, request):
        with contextlib.suppress(OSError):
            super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that hangs up in the middle is no event; what crashes inside is kept by the application."""


@contextlib.contextmanager
def listening(respond):
    """Serve on a free port of loopback; yields the address."""
    server = _Server(respond)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
