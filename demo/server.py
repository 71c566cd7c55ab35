"""Serves the sample wire day on loopback addresses, one per outlet, the way real news sites answer.

Conditional GET, robots.txt, a slow feed, a feed that answers 500, one that is no feed, pages that answer 403.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from demo.press import Press, number
from demo.sites import OUTLETS, Outlet
from demo.stories import Story, WireDayData, load

_ROBOTS = "User-agent: *\nDisallow: /login\nDisallow: /search\n"


@dataclass(frozen=True, slots=True)
class Hit:
    """One request that the server answered."""

    site: str
    path: str
    status: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    location: str = ""


class WireDay:
    """The sample day, served; ``phase`` says how far the day has come.

    Addresses are 127.0.1.x where the machine has them (Linux), else 127.0.0.1 with a port per outlet.
    """

    def __init__(
        self, base_time: datetime, *, ports: Mapping[str, int] | None = None, data: WireDayData | None = None
    ) -> None:
        if base_time.utcoffset() is None:
            raise ValueError("base_time must be aware")
        self.base_time = base_time.astimezone(UTC).replace(microsecond=0)
        self.data = data or load()
        self.phase = 1
        self.hits: list[Hit] = []
        self._wanted = dict(ports or {})
        self._servers: dict[str, ThreadingHTTPServer] = {}
        self._press: Press | None = None
        self._pages: dict[tuple[str, str], list[Story]] = {}
        self._short: dict[tuple[str, str], str] = {}

    def start(self) -> WireDay:
        """Listen on every outlet's address; ports that were used before are taken again where they are free."""
        for outlet in OUTLETS:
            self._servers[outlet.id] = _listen(outlet, self._wanted.get(outlet.id, 0), self)
        roots = {name: _root(server) for name, server in self._servers.items()}
        self._press = Press(self.data, self.base_time, roots)
        for story in self.data.stories:
            path = next(o for o in OUTLETS if o.id == story.site).path(story, self.base_time)
            self._pages.setdefault((story.site, path), []).append(story)
            self._short[story.site, f"/go/{number(story)}"] = self._press.url(story)
        for name, server in self._servers.items():
            threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"demo-{name}", daemon=True
            ).start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
        self._servers.clear()

    def __enter__(self) -> WireDay:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    @property
    def press(self) -> Press:
        """What prints the pages; knows every address once the server has started."""
        if self._press is None:
            raise RuntimeError("the wire day has not been started")
        return self._press

    @property
    def ports(self) -> dict[str, int]:
        """The port of each outlet, to be handed to the next start."""
        return {name: int(server.server_address[1]) for name, server in self._servers.items()}

    def addresses(self) -> dict[str, tuple[str, ...]]:
        """Story id -> its canonical address and the one in its feed; versions of one story share theirs."""
        return {story.id: (self.press.url(story), self.press.link(story)) for story in self.data.stories}

    def answer(self, outlet: Outlet, path: str) -> _Answer:
        """What an outlet says to a GET of a path; feeds and pages follow ``phase``."""
        if path == "/robots.txt":
            return _Answer(200, _ROBOTS.encode(), "text/plain; charset=utf-8")
        if path == outlet.feed_path:
            return self._feed(outlet)
        if outlet.short_links and (outlet.id, path) in self._short:
            return _Answer(301, b"", location=self._short[outlet.id, path])
        for suffix in ("/amp", outlet.tracking):
            path = path.removesuffix(suffix) if suffix else path
        versions = [s for s in self._pages.get((outlet.id, path), []) if s.phase <= self.phase]
        if not versions:
            return _Answer(404, b"<html><body><h1>404</h1></body></html>")
        story = max(versions, key=lambda s: (s.phase, -s.minutes))
        if story.blocked:
            return _Answer(403, b"<html><body><h1>403 Forbidden</h1></body></html>")
        kind = "text/html; charset=utf-8" if outlet.encoding == "utf-8" else "text/html"
        return _Answer(200, _encoded(self.press.page(story, self.phase), outlet), kind)

    def _feed(self, outlet: Outlet) -> _Answer:
        if outlet.feed == "error":
            return _Answer(500, b"<html><body><h1>Internal Server Error</h1></body></html>")
        if outlet.feed == "maintenance":
            return _Answer(200, self.press.maintenance(outlet).encode())
        time.sleep(outlet.delay_seconds)
        return _Answer(200, _encoded(self.press.feed(outlet, self.phase), outlet), outlet.feed_type)


def _encoded(text: str, outlet: Outlet) -> bytes:
    return text.encode(outlet.encoding, "xmlcharrefreplace")


def _root(server: ThreadingHTTPServer) -> str:
    return f"http://{server.server_address[0]!s}:{server.server_address[1]}"


def _listen(outlet: Outlet, wanted: int, day: WireDay) -> ThreadingHTTPServer:
    """A listener on the outlet's address and port of choice, else on what can be had."""
    handler = _handler(outlet, day)
    for address, port in ((outlet.address, wanted), (outlet.address, 0), ("127.0.0.1", wanted)):
        try:
            return ThreadingHTTPServer((address, port), handler)
        except OSError:  # the port is taken, or the machine has only 127.0.0.1
            continue
    return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def _handler(outlet: Outlet, day: WireDay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10  # seconds an idle connection is kept

        def do_GET(self) -> None:
            answer = day.answer(outlet, self.path)
            etag = f'"{sha256(answer.body).hexdigest()[:20]}"'
            if answer.status == 200 and self.headers.get("If-None-Match") == etag:
                answer = _Answer(304, b"", answer.content_type)
            day.hits.append(Hit(outlet.id, self.path, answer.status, datetime.now(UTC)))
            body = answer.body
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            if answer.location:
                self.send_header("Location", answer.location)
            if len(body) > 1000 and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, mtime=0)
                self.send_header("Content-Encoding", "gzip")
            if answer.status in (200, 304):
                self.send_header("ETag", etag)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name is the base class's)
            """Keep quiet; ``hits`` remembers."""

    return Handler
