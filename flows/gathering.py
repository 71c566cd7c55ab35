"""The slow half of a poll: one feed fetched, read, scraped and assessed; nothing is decided or written here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scrapers import feeds as feed_reader
from scrapers import pages, schedule
from scrapers.feeds import FeedDocument
from scrapers.http import Http
from tocsin import flagging
from tocsin.archive import Archive
from tocsin.config import Config, Feed
from tocsin.errors import FetchError, ParseError
from tocsin.model import Article, Assessment, FeedState, Fetched, Item, Page, TextStatus

PAGE_WINDOW = timedelta(hours=48)  # older items are stored on the feed's words: nobody is alerted on them
PAGES_PER_POLL = 60  # of one feed; the rest follows at the next poll
RETRIES_PER_POLL = 50


@dataclass(frozen=True, slots=True)
class Gleaned:
    """One item with what was made of it before anything is decided."""

    item: Item
    article: Article | None  # None when neither the page nor the feed gave a word
    assessments: tuple[Assessment, ...] = ()
    blocked: str = ""  # why the page could not be had; the article then holds the feed's own words
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """One feed's news, everything slow done: ready to be settled."""

    feed: Feed
    state: FeedState
    gleaned: tuple[Gleaned, ...] = ()
    unchanged: int = 0
    first_poll: bool = False
    elapsed: float = 0.0

    @property
    def down(self) -> bool:
        """True when the feed itself could not be read."""
        return self.state.failures > 0


def gather(feed: Feed, state: FeedState, archive: Archive, http: Http, config: Config, *, now: datetime) -> Gathered:
    """Poll one feed and scrape, extract and assess what is new in it, and what could not be had before."""
    started = time.monotonic()
    etag, last_modified = schedule.validators(state, now)
    fetched: Fetched | None = None
    document: FeedDocument | None = None
    try:
        fetched = http.get(state.url or feed.url, kind="feed", now=now, etag=etag, last_modified=last_modified)
        if not (fetched.not_modified or schedule.same_body(state, fetched)):
            document = feed_reader.read(feed, fetched, now=now)
    except (FetchError, ParseError) as error:
        after = schedule.next_state(feed, state, now=now, error=error)
        return Gathered(feed, after, elapsed=time.monotonic() - started)
    items = document.items if document else ()
    known = archive.known_items(feed.id, [item.identity for item in items])
    fresh = [
        item for item in items if item.identity not in known or known[item.identity].content_hash != item.content_hash
    ]
    fresh.sort(key=lambda item: item.published or now)
    newest = fresh[-PAGES_PER_POLL:]
    after = schedule.next_state(
        feed, state, now=now, fetched=fetched, document=document, known=len(known) if state.last_success_at else 0
    )
    if len(newest) < len(fresh):  # come back for the rest: without validators the feed answers in full
        after = replace(after, etag=None, last_modified=None, body_hash=None, next_attempt_at=now)
    again = list(_to_retry(feed, archive, {item.identity for item in newest}, now))
    tries = {identity: seen.tries for identity, seen in known.items()}
    tries |= {i: k.tries for i, k in archive.known_items(feed.id, [item.identity for item in again]).items()}
    gleaned = tuple(_glean(item, feed, http, config, tries.get(item.identity, 0), now) for item in newest + again)
    first = state.last_success_at is None
    return Gathered(feed, after, gleaned, len(items) - len(fresh), first, time.monotonic() - started)


def _to_retry(feed: Feed, archive: Archive, skip: set[str], now: datetime) -> Iterator[Item]:
    for item in archive.items_to_retry(now, RETRIES_PER_POLL, feed=feed.id):
        if item.identity not in skip:
            yield item


def _glean(item: Item, feed: Feed, http: Http, config: Config, tries: int, now: datetime) -> Gleaned:
    try:
        article, blocked = scrape(item, feed, http, now=now)
    except ParseError as error:
        return Gleaned(item, None, blocked=str(error), tries=tries)
    return Gleaned(item, article, assess(article, config), blocked, tries)


def scrape(item: Item, feed: Feed, http: Http, *, now: datetime) -> tuple[Article, str]:
    """The article of an item and, where its page could not be had, why: then the feed's own words are kept.

    Raises:
        ParseError: Neither the page nor the feed gives a word.
    """
    old = item.published is not None and now - item.published > PAGE_WINDOW
    if item.content or old or not item.url:
        from_feed = pages.from_feed(item, feed, now=now)
        if from_feed.status is TextStatus.FULL or old or not item.url:
            return from_feed, ""
    try:
        fetched = http.get(item.url, kind="page", now=now)
        page = Page(item.url, pages.decode(fetched), now, fetched.final_url)
        return pages.read(page, item=item, feed=feed, now=now), ""
    except (FetchError, ParseError) as error:
        return pages.from_feed(item, feed, now=now), f"{error.reason}: {error.detail or error.subject}"


def assess(article: Article, config: Config) -> tuple[Assessment, ...]:
    """What each watch thinks of an article."""
    return tuple(
        flagging.assess(
            article.title, article.text, language=article.language, published=article.published, watch=watch
        )
        for watch in config.watches
    )
