"""One feed polled through hours that pass at once: real sockets, a real archive, a clock that a test turns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any

from flows.gathered import Gathered
from flows.gathering import gather
from flows.pipeline import Desk, Settled
from scrapers.http import Http
from tests.fakes.site import AGENT
from tocsin import config
from tocsin.archive import Archive
from tocsin.config import Feed
from tocsin.model import FeedState

START = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Newsroom:
    """Polls when its feed is due, and goes to that time at once."""

    def __init__(self, archive: Archive, url: str, *, seconds: float = 45.0, **feed: Any) -> None:
        self.feed = Feed(**({"id": "outlet", "url": url, "language": "en", "poll_minutes": 15} | feed))
        self.now = START
        http = config.Http(
            user_agent=AGENT,
            per_host_delay_seconds=0,
            allow_private_addresses=("127.0.0.0/8", "::1/128"),
            max_hops=5,
            page_deadline_seconds=seconds,
        )
        self.config = config.Config(http=http, feeds=(self.feed,))
        self.archive = archive
        self.desk = Desk(archive, self.config, {})
        self.http = Http(http, clock=lambda: self.now.timestamp(), sleep=lambda _: None)

    @property
    def state(self) -> FeedState:
        """What is remembered of the feed."""
        return self.archive.feed_states().get(self.feed.id) or FeedState(self.feed.id)

    def gather(self) -> Gathered:
        """Everything slow, at the time when the feed is due."""
        self.now = max(self.now, self.state.next_attempt_at or self.now)
        return gather(self.feed, self.state, self.archive, self.http, self.config, clock=lambda: self.now)

    def poll(self) -> Settled:
        """One poll when the feed is due."""
        return self.desk.settle(self.gather(), now=self.now)


@contextmanager
def newsroom(url: str, **feed: Any) -> Iterator[Newsroom]:
    """A newsroom with an archive in memory."""
    with Archive.memory() as archive:
        yield Newsroom(archive, url, **feed)


def slug(title: str) -> str:
    """The path of an item's page."""
    return "-".join(re.findall(r"\w+", title.lower()))


def rss(*titles: str, base: str = "https://outlet.example", title: str = "Outlet", at: datetime = START) -> bytes:
    """A feed with one item a title, the newest first; its guids are their titles."""
    items = "".join(
        f"<item><guid>{escape(name)}</guid><title>{escape(name)}</title><link>{base}/{slug(name)}</link>"
        f"<description>{escape(name)}, the Security Media Cell said in a statement on Tuesday.</description>"
        f"<pubDate>{format_datetime(at - timedelta(minutes=number))}</pubDate></item>"
        for number, name in enumerate(titles)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()
