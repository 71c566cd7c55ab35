"""The slow half of a poll: one feed fetched, read, scraped and assessed; nothing is decided or written here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from flows import bugs
from flows.assessing import assess
from flows.gathered import Gathered, Gleaned
from flows.patience import Patience
from scrapers import folder, guids, moves, pages, rhythm, sandbox, schedule
from scrapers.feeds import FeedDocument
from scrapers.http import Http
from tocsin.archive import Archive, KnownItem
from tocsin.config import Config, Feed
from tocsin.errors import FetchError, ParseError
from tocsin.model import Article, FeedState, Fetched, Item, Outcome, Page, Signal, TextStatus
from tocsin.urls import masked

PAGE_WINDOW = timedelta(hours=48)  # older items are stored on the feed's words: nobody is alerted on them
PAGES_PER_POLL = 60  # of one feed; the other items are told on their words now, their pages follow at the next polls
RETRIES_PER_POLL = 50  # of these at most, once what is new was asked for
Clock = Callable[[], datetime]  # minutes may pass between the start of a poll and an answer: each is timed as it comes


def gather(
    feed: Feed,
    state: FeedState,
    archive: Archive,
    http: Http,
    config: Config,
    *,
    clock: Clock,
    hung: Counter[tuple[str, str]] | None = None,
) -> Gathered:
    """Poll one feed and scrape, extract and assess what is new in it, and what could not be had before.

    Args:
        hung: Time-outs of each host, by kind of request, over the feeds of a poll.
    """
    started = time.monotonic()
    state = schedule.recalled(feed, state)
    patience = Patience(PAGES_PER_POLL, config.http.feed_pages_seconds, Counter() if hung is None else hung)
    reader = _Reader(feed, http, config, patience, clock)
    look = _ask(reader, state, archive) if feed.path is None else _look_into(reader, state, archive)
    fresh = _fresh(look.items, look.known, clock())
    gleaned = [_glean(item, _tries(look.known, item), reader) or _told_later(item, reader) for item in fresh]
    return Gathered(
        feed,
        look.state,
        (*reversed(gleaned), *_again(archive, fresh, reader)),  # asked for the newest first, settled the oldest first
        unchanged=len(look.items) - len(fresh),
        first_poll=state.last_success_at is None,
        elapsed=time.monotonic() - started,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the items of one feed are read with."""

    feed: Feed
    http: Http
    config: Config
    patience: Patience
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Look:
    """What a feed or a folder showed; nothing when it could not be read."""

    state: FeedState  # to be saved with what comes of the items
    items: tuple[Item, ...] = ()
    known: Mapping[str, KnownItem] = field(default_factory=dict)


def _ask(reader: _Reader, state: FeedState, archive: Archive) -> _Look:
    """One request for the feed; its pause begins with the answer, however long its turn had to be waited for."""
    feed, clock = reader.feed, reader.clock
    etag, last_modified = schedule.validators(state, clock())
    document: FeedDocument | None = None
    try:
        address = moves.address(feed, state)
        get = partial(reader.http.get, address, kind="feed", etag=etag, last_modified=last_modified, robots=feed.robots)
        fetched = reader.patience.feed(address, lambda: get(now=clock()))
        now = clock()
        fetched = replace(fetched, at=now)
        if not (fetched.not_modified or schedule.same_body(state, fetched)):
            document = sandbox.read(feed, fetched, now=now)
    except (FetchError, ParseError) as error:
        return _Look(schedule.next_state(feed, state, now=clock(), error=error))
    state, items, known = _recognised(feed, state, document.items if document else (), archive)
    after = schedule.next_state(
        feed, state, now=now, fetched=fetched, document=document, known=len(known) if state.last_success_at else 0
    )
    if document is not None:
        after = rhythm.learned(state, after, document, now=now)
    return _Look(after, items, known)


def _look_into(reader: _Reader, state: FeedState, archive: Archive) -> _Look:
    """One look into a folder; most of its documents carry their text, so that no page is asked for."""
    feed, config, now = reader.feed, reader.config, reader.clock()
    home = config.path.parent if config.path else Path()
    where = home / Path(str(feed.path)).expanduser()
    try:
        drop = folder.look(feed, where, state, limit=config.http.max_feed_bytes, now=now)
    except FetchError as error:
        return _Look(schedule.next_state(feed, state, now=now, error=error))
    items = drop.document.items[::-1]  # files come the oldest first
    known = archive.known_items(feed.id, [item.identity for item in items])
    after = rhythm.learned(state, folder.next_state(feed, state, drop, now=now), drop.document, now=now)
    return _Look(after, items, known)


def _recognised(
    feed: Feed, state: FeedState, items: tuple[Item, ...], archive: Archive
) -> tuple[FeedState, tuple[Item, ...], dict[str, KnownItem]]:
    """The items of a feed, and which of them it showed before: by their ids, unless those change at every poll."""
    items = guids.by_address(items) if state.by_address else items
    known = archive.known_items(feed.id, [item.identity for item in items])
    if not items or (len(known) >= len(items) / 3 and not state.by_address):
        return state, items, known
    strange = archive.known_addresses(feed.id, [item.url for item in items if item.identity not in known])
    if not state.by_address and guids.unstable(items, known, strange):
        state, items = replace(state, by_address=True), guids.by_address(items)
    return state, items, {**strange, **known} if state.by_address else known


def _fresh(items: Sequence[Item], known: Mapping[str, KnownItem], now: datetime) -> list[Item]:
    """What is new or changed, the newest first; of the versions of one story the last."""
    changed = [i for i in items if i.identity not in known or known[i.identity].content_hash != i.content_hash]
    return sorted(changed, key=lambda i: (i.published or now, i.updated or i.published or now), reverse=True)


def _tries(known: Mapping[str, KnownItem], item: Item) -> int:
    return known[item.identity].tries if item.identity in known else 0


def _again(archive: Archive, fresh: Iterable[Item], reader: _Reader) -> Iterator[Gleaned]:
    """The items whose page could not be had before, tried again, whether the feed itself answered or not."""
    shown, now = {item.identity for item in fresh}, reader.clock()
    items = archive.items_to_retry(now, RETRIES_PER_POLL, feed=reader.feed.id)
    items = [item for item in items if item.identity not in shown]
    known = archive.known_items(reader.feed.id, [item.identity for item in items])
    undated = {item.identity for item in items if item.published is None}
    ageless = undated & archive.first_shown(reader.feed.id) if undated else undated
    for item in items:
        gleaned = _glean(item, _tries(known, item), reader)
        if gleaned is None and item.identity in known and known[item.identity].outcome is Outcome.HELD:
            gleaned = _told_later(item, reader)  # its embargo is over: it is told now, page or not
        if gleaned is not None:  # else it stays as it is, and due
            yield replace(gleaned, ageless=item.identity in ageless)


def _told_later(item: Item, reader: _Reader) -> Gleaned:
    """An item on its words, whatever they hold; its page follows."""
    made = bugs.apart(lambda: _on_its_words(item, reader), _about(item), reader.config)
    return Gleaned(item, None, blocked=made.words) if isinstance(made, bugs.Bug) else made


def _on_its_words(item: Item, reader: _Reader) -> Gleaned:
    """An item judged on what the feed says of it."""
    now = reader.clock()
    if (until := _embargo(item, now)) is not None:
        return Gleaned(item, None, held=until)
    try:
        article = pages.from_feed(item, reader.feed, now=now)
    except ParseError:
        return Gleaned(item, None, blocked="its page waits for its turn", later=True)
    return Gleaned(item, article, assess(article, reader.config), later=not _settled_by_feed(item, article, now))


def _embargo(item: Item, now: datetime) -> datetime | None:
    """Until when nothing of an item may be told; a kill is told at once."""
    wire = item.wire
    held = wire is not None and wire.embargo is not None and wire.embargo > now and wire.signal is not Signal.KILL
    return wire.embargo if wire is not None and held else None


def _settled_by_feed(item: Item, article: Article, now: datetime) -> bool:
    """True when the page would add nothing: it is old, there is none, or the feed carries the whole text."""
    return _old(item, now) or not item.url or article.status is TextStatus.FULL


def _old(item: Item, now: datetime) -> bool:
    return item.published is not None and now - item.published > PAGE_WINDOW


def _glean(item: Item, tries: int, reader: _Reader) -> Gleaned | None:
    """What is made of an item, None when its page has to wait; one that lays a bug bare is judged on its words."""
    made = bugs.apart(lambda: _gleaned(item, tries, reader), _about(item), reader.config, known=tries > 0)
    if not isinstance(made, bugs.Bug):
        return made
    return replace(_told_later(item, reader), blocked=made.words, later=False, tries=tries)


def _about(item: Item) -> str:
    return f"{item.feed}: {masked(item.url or item.identity)}"


def _gleaned(item: Item, tries: int, reader: _Reader) -> Gleaned | None:
    feed, clock = reader.feed, reader.clock
    if (until := _embargo(item, clock())) is not None:
        return Gleaned(item, None, held=until, tries=tries)
    try:
        article, blocked = _without_page(item, feed, clock()), ""
        if article is None:
            came = reader.patience.get(item.url, lambda: _page(item, reader.http, clock))
            if came is None:
                return None
            article, blocked = _read(item, feed, came, clock())
    except ParseError as error:
        return Gleaned(item, None, blocked=str(error), tries=tries)
    return Gleaned(item, article, assess(article, reader.config), blocked, tries)


def scrape(item: Item, feed: Feed, http: Http, *, clock: Clock) -> tuple[Article, str]:
    """The article of an item and, where its page could not be had, why: then the feed's own words are kept.

    Raises:
        ParseError: Neither the page nor the feed gives a word.
    """
    if (article := _without_page(item, feed, clock())) is not None:
        return article, ""
    came: Fetched | FetchError
    try:
        came = _page(item, http, clock)
    except FetchError as error:
        came = error
    return _read(item, feed, came, clock())


def _without_page(item: Item, feed: Feed, now: datetime) -> Article | None:
    """The article of an item whose page would add nothing."""
    if item.content or _old(item, now) or not item.url:
        from_feed = pages.from_feed(item, feed, now=now)
        return from_feed if _settled_by_feed(item, from_feed, now) else None
    return None


def _page(item: Item, http: Http, clock: Clock) -> Fetched:
    return http.get(item.url, kind="page", now=clock())


def _read(item: Item, feed: Feed, came: Fetched | FetchError, now: datetime) -> tuple[Article, str]:
    """The article on a page; without one that of the feed's words, and why."""
    try:
        if isinstance(came, FetchError):
            raise came
        page = Page(item.url, pages.decode(came), now, came.final_url)
        return pages.read(page, item=item, feed=feed, now=now), ""
    except (FetchError, ParseError) as error:
        return pages.from_feed(item, feed, now=now), f"{error.reason}: {error.detail or error.subject}"
