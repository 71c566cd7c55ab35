"""A one-feed outlet on loopback, whose items, pages and moods a test sets."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class Story:
    """One item and its page."""

    slug: str
    title: str
    paragraphs: list[str]
    published: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(minutes=20))
    summary: str = ""
    page_status: int = 200


class Outlet:
    """Serves /feed.xml and /<slug>.html; ``hits`` counts what was asked for."""

    def __init__(self, stories: list[Story] | None = None) -> None:
        self.stories = stories or []
        self.feed_status = 200
        self.hits: dict[str, int] = {}
        outlet = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outlet.hits[self.path] = outlet.hits.get(self.path, 0) + 1
                status, kind, body = outlet.answer(self.path)
                etag = f'"{hash(body)}"'
                if self.headers.get("If-None-Match") == etag and status == 200:
                    status, body = 304, b""
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("ETag", etag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(ConnectionError):  # who asked may have been killed
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body of one path."""
        if path == "/feed.xml":
            return self.feed_status, "application/rss+xml; charset=utf-8", self._feed().encode()
        if path == "/robots.txt":
            return 404, "text/plain", b"none"
        story = next((s for s in self.stories if path == f"/{s.slug}.html"), None)
        if story is None:
            return 404, "text/html", b"gone"
        return story.page_status, "text/html; charset=utf-8", _page(story).encode()

    def _feed(self) -> str:
        items = "".join(
            f"<item><guid>{s.slug}</guid><title>{escape(s.title)}</title><link>{self.address}/{s.slug}.html</link>"
            f"<pubDate>{format_datetime(s.published)}</pubDate>"
            f"<description>{escape(s.summary or s.paragraphs[0])}</description></item>"
            for s in self.stories
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet</title>{items}</channel></rss>'

    def __enter__(self) -> Outlet:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def _page(story: Story) -> str:
    body = "".join(f"<p>{escape(p)}</p>" for p in story.paragraphs)
    return (
        f"<!doctype html><html lang=en><head><title>{escape(story.title)} | Outlet</title>"
        f'<meta property="article:published_time" content="{story.published.isoformat()}"></head>'
        f"<body><nav><a href=/>Home</a></nav><main><article><h1>{escape(story.title)}</h1>{body}</article></main>"
        "<footer>Contact</footer></body></html>"
    )
