"""What the recording servers have in common: a port that they keep, faults to order, an end that frees what hangs."""

from __future__ import annotations

import socketserver
import ssl
import threading
from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Self

HANG = 3600.0  # seconds; longer than anyone waits, ended by stop()


class Quiet(socketserver.ThreadingMixIn):
    """A thread for each client, which nobody waits for at the end."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or is sent away, is no news."""


class Session(socketserver.StreamRequestHandler):
    """A conversation in lines; encrypted from the first byte where there is a certificate."""

    tls: ssl.SSLContext | None = None

    def setup(self) -> None:
        """Shake hands."""
        if self.tls:
            self.request = self.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        """The server closes the socket that it knows: not the one that was wrapped around it."""
        super().finish()
        if self.tls:
            self.request.close()


class Listening(ABC):
    """A server of this machine; a context manager that starts and stops it."""

    host: str = "127.0.0.1"
    port: int = 0  # 0: any free one, known after start

    def __post_init__(self) -> None:
        self._orders: deque[str] = deque()
        self._closing = threading.Event()
        self._server: socketserver.TCPServer | None = None

    @abstractmethod
    def server(self, address: tuple[str, int]) -> socketserver.TCPServer:
        """The server itself, bound to an address."""

    def start(self) -> Self:
        """Listen."""
        self._closing.clear()
        self._server = server = self.server((self.host, self.port))
        self.port = int(server.server_address[1])
        name = type(self).__name__
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True, name=name).start()
        return self

    def stop(self) -> None:
        """Stop listening; a record stays."""
        self._closing.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fail_next(self, *faults: str) -> None:
        """Order one fault for each of the next calls; "" lets one through."""
        self._orders.extend(faults)

    def hang(self) -> None:
        """Say nothing until the server stops."""
        self._closing.wait(HANG)
