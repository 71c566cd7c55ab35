"""An HTTP server on 127.0.0.1 that answers as told and keeps what it got."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HttpSink:
    """Answers 200 "ok", or the orders of ``answer_next``: a status, or "reset" to break off after taking the body."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.orders: deque[Any] = deque()
        self.chance: Callable[[], Any] = lambda: 200  # what is answered where nothing was ordered
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                """Quiet."""

            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                order = sink.orders.popleft() if sink.orders else sink.chance()
                status = 200 if order == "reset" else order
                if status < 300:
                    sink.got.append((dict(self.headers), body))
                if order == "reset":
                    self.connection.close()
                    return
                self.send_response(status)
                self.send_header("Content-Length", "2")
                if status == 429:
                    self.send_header("Retry-After", "7")
                if status in (301, 302, 307, 308):
                    self.send_header("Location", sink.url + "elsewhere")
                self.end_headers()
                self.wfile.write(b"ok")

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook/"

    def __enter__(self) -> HttpSink:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
