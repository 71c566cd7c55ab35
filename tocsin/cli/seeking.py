"""How ``tocsin feeds add`` and ``import`` come by feeds: candidates asked step by step, each read once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from scrapers import discovery, opml
from tocsin.urls import canonical, masked

if TYPE_CHECKING:
    from scrapers.entries import FeedDocument
    from scrapers.http import Http
    from tocsin.config import Config
    from tocsin.model import Fetched


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was read."""

    entry: dict[str, Any]  # as it would stand in the config
    title: str
    items: int
    newest: datetime | None
    known: str  # the id under which the config has it, or ""

    def as_json(self) -> dict[str, Any]:
        """The find as one object."""
        newest = self.newest.isoformat(timespec="seconds") if self.newest else None
        return {
            **self.entry,
            "title": self.title,
            "items": self.items,
            "newest_item": newest,
            "known": self.known or None,
        }

    def cells(self, number: int) -> list[Any]:
        """The find as a row of a table."""
        from tocsin.cli import terminal

        newest = terminal.when(self.newest.isoformat()) if self.newest else ""
        note = f" (in the config as {self.known})" if self.known else ""
        return [
            str(number),
            terminal.outside(masked(str(self.entry["url"])), 100),
            str(self.items),
            newest,
            terminal.outside(f"{self.title}{note}", 60),
        ]


def seek(url: str, settings: Config, http: Http, *, now: datetime) -> list[Found]:
    """The feeds of a site that can be read, in the order in which it offers them; a feed's own address gives itself.

    Raises:
        FetchError: the address itself cannot be had.
    """
    front = http.get(url, kind="feed", now=now)
    taken = {feed.id for feed in settings.feeds}
    if (own := _read(front, settings, taken, now)) is not None:
        return [own]
    found: dict[str, Found] = {}
    for candidates in _steps(front, http, now):
        for each in _ask(candidates, settings, http, taken, now):
            if each.items or not found:
                found.setdefault(canonical(str(each.entry["url"])), each)
                taken.add(str(each.entry["id"]))
        if any(each.items for each in found.values()):
            break
    return list(found.values())


def entries(outlines: Iterable[opml.Outline], settings: Config) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Subscriptions as feeds of the config, and those left out with the reason."""
    known = {canonical(feed.url): feed.id for feed in settings.feeds}
    taken = {feed.id for feed in settings.feeds}
    chosen: list[dict[str, Any]] = []
    refused: list[tuple[str, str]] = []
    for outline in outlines:
        parts = urlsplit(outline.url)
        key = canonical(outline.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            refused.append((masked(outline.url)[:200], "not an http or https address"))
        elif key in known:
            refused.append((masked(outline.url), f"already there as {known[key]}"))
        else:
            name = discovery.feed_id(outline.url, taken)
            taken.add(name)
            known[key] = name
            more = {"language": outline.language} if re.fullmatch(r"[a-z]{2,3}", outline.language) else {}
            titled = {"publisher": outline.title} if outline.title else {}
            chosen.append({"id": name, "url": outline.url, **more, **titled})
    return chosen, refused


def _steps(front: Fetched, http: Http, now: datetime) -> Iterator[list[str]]:
    """Addresses to ask, the likeliest first; a later step is taken when the earlier ones gave nothing."""
    yield discovery.declared(front.body, front.final_url)
    yield discovery.linked(front.body, front.final_url)
    yield discovery.common(front.final_url)
    robots = _get(urljoin(front.final_url, "/robots.txt"), http, now)
    listed = discovery.sitemaps(robots.body[:500_000].decode("utf-8", "replace")) if robots is not None else []
    opened = [(_get(url, http, now), url) for url in listed[:3]]
    yield [child for answer, url in opened if answer for child in (discovery.children(answer.body)[:3] or [url])]


def _ask(urls: list[str], settings: Config, http: Http, taken: set[str], now: datetime) -> list[Found]:
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(lambda url: _get(url, http, now), urls))
    found = (_read(answer, settings, taken, now) for answer in answers if answer is not None)
    return [each for each in found if each is not None]


def _get(url: str, http: Http, now: datetime) -> Fetched | None:
    from tocsin.errors import FetchError

    try:
        return http.get(url, kind="feed", now=now)
    except FetchError:
        return None


def _read(fetched: Fetched, settings: Config, taken: set[str], now: datetime) -> Found | None:
    from scrapers import sandbox
    from tocsin.config import Feed
    from tocsin.errors import ParseError

    try:
        document: FeedDocument = sandbox.read(Feed(id="found", url=fetched.final_url), fetched, now=now)
    except ParseError:
        return None
    url = fetched.final_url if fetched.permanent else fetched.url
    known = {canonical(feed.url): feed.id for feed in settings.feeds}
    entry = discovery.proposal(url, document, taken)
    taken.add(str(entry["id"]))
    newest = max((item.published for item in document.items if item.published), default=None)
    return Found(entry, document.title, len(document.items), newest, known.get(canonical(url), ""))
