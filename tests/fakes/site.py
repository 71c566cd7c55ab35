"""A site on a loopback socket whose every answer a test writes, and the client that may talk to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from scrapers.hosts import Ledger
from scrapers.http import Http
from tocsin import config

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
AGENT = "Tocsin/1.0 (+https://tocsin.example; desk@example.org)"
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers what its routes say, and writes down what it was asked."""

    protocol_version = "HTTP/1.1"
    routes: ClassVar[dict[str, Answer]]
    seen: ClassVar[list[tuple[str, dict[str, str], float]]]

    def do_GET(self) -> None:
        self.seen.append((self.path, dict(self.headers), time.monotonic()))
        self.routes.get(self.path.split("?")[0], reply(404))(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - their name
        return


def reply(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """An answer with those headers (``Retry_After`` for Retry-After)."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if body:
            handler.wfile.write(body)

    return answer


def hang(handler: Handler) -> None:
    """Say nothing for longer than anybody waits."""
    time.sleep(3)


class Site:
    """A running server: its base address, its answers, and the requests that it saw."""

    def __init__(self, port: int, routes: dict[str, Answer], seen: list[tuple[str, dict[str, str], float]]) -> None:
        self.base, self.port, self.routes, self.seen = f"http://127.0.0.1:{port}", port, routes, seen

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [path for path, _, _ in self.seen]


class Quiet(ThreadingHTTPServer):
    """Says nothing of clients that hang up."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        return  # clients hang up on purpose here


@contextmanager
def serve(routes: dict[str, Answer]) -> Iterator[Site]:
    """A server on a free port."""
    kind = type("Served", (Handler,), {"routes": routes, "seen": []})
    with Quiet(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Site(server.server_address[1], routes, kind.seen)
        server.shutdown()


def http(*, ledger: Ledger | None = None, **more: Any) -> Http:
    """A client that may talk to 127.0.0.0/8 and does not dawdle."""
    given = {"per_host_delay_seconds": 0, "feed_deadline_seconds": 0.6, "page_deadline_seconds": 0.6, "read_seconds": 5}
    settings = config.Http(user_agent=AGENT, **({"allow_private_addresses": ("127.0.0.0/8",)} | given | more))
    return Http(settings, ledger=ledger)


def get(client: Http, url: str, **more: Any) -> Any:
    """One GET of a feed."""
    return client.get(url, **({"kind": "feed", "now": NOW} | more))


@contextmanager
def memory_growth() -> Iterator[list[int]]:
    """How far the peak of this process's memory rises above where it stood, in bytes, once the block ends; 0 unseen."""
    if not Path("/proc/self/clear_refs").exists():
        yield [0]
        return
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, grown = _status("VmRSS"), [0]
    try:
        yield grown
    finally:
        grown[0] = _status("VmHWM") - before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024
