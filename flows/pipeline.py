"""The way of an item, step by step: the only place that calls the steps in order, and it knows no Prefect.

Slow work (fetching, extraction, scoring) is ``gather``; everything that decides and writes is
``settle``, one transaction per feed. A crash between the two repeats work and loses none.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scrapers import feeds as feed_reader
from scrapers import pages, schedule
from scrapers.feeds import FeedDocument
from scrapers.http import Http
from tocsin import dedup, events, flagging
from tocsin.alerts import reasons, routing
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Config, Feed
from tocsin.errors import FetchError, ParseError, TocsinError
from tocsin.model import (
    Alert,
    AlertReason,
    Article,
    Assessment,
    Decision,
    Event,
    FeedRun,
    FeedState,
    Fetched,
    FlaggedEvent,
    Item,
    Outcome,
    Page,
    TextStatus,
)

OPEN_EVENT_WINDOW = timedelta(hours=72)
PAGE_WINDOW = timedelta(hours=48)  # older items are stored on the feed's words: nobody is alerted on them
PAGES_PER_POLL = 60  # of one feed; the rest follows at the next poll
RETRY_FIRST = timedelta(minutes=10)
RETRY_HORIZON = timedelta(hours=48)
STATED = (Outcome.NEW, Outcome.COPY, Outcome.REVISION)


@dataclass(frozen=True, slots=True)
class Gleaned:
    """One item with what was made of it before anything is decided."""

    item: Item
    article: Article
    assessments: tuple[Assessment, ...]
    blocked: str = ""  # why the page could not be had; the article then holds the feed's own words
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """One feed's news, everything slow done: ready to be settled."""

    feed: Feed
    state: FeedState
    gleaned: tuple[Gleaned, ...] = ()
    unchanged: int = 0
    failed: tuple[str, ...] = ()  # items that gave no article at all, with why
    first_poll: bool = False
    elapsed: float = 0.0

    @property
    def down(self) -> bool:
        """True when the feed itself could not be read."""
        return self.state.failures > 0


@dataclass(frozen=True, slots=True)
class Settled:
    """What a feed's transaction did."""

    run: FeedRun
    events: tuple[FlaggedEvent, ...] = ()


def gather(feed: Feed, state: FeedState, archive: Archive, http: Http, config: Config, *, now: datetime) -> Gathered:
    """Poll one feed and scrape, extract and assess what is new in it."""
    started = time.monotonic()
    try:
        fetched = http.get(
            state.url or feed.url, kind="feed", now=now, etag=state.etag, last_modified=state.last_modified
        )
        if fetched.not_modified or schedule.same_body(state, fetched):
            after = schedule.next_state(feed, state, now=now, fetched=fetched)
            return Gathered(feed, after, elapsed=time.monotonic() - started)
        document = feed_reader.read(feed, fetched, now=now)
    except (FetchError, ParseError) as error:
        after = schedule.next_state(feed, state, now=now, error=error)
        return Gathered(feed, after, elapsed=time.monotonic() - started)
    gathered = _glean(feed, state, document, fetched, archive, http, config, now=now)
    return replace(gathered, elapsed=time.monotonic() - started)


def _glean(
    feed: Feed,
    state: FeedState,
    document: FeedDocument,
    fetched: Fetched,
    archive: Archive,
    http: Http,
    config: Config,
    *,
    now: datetime,
) -> Gathered:
    known = archive.known_items(feed.id, [item.identity for item in document.items])
    fresh: list[tuple[Item, int]] = []
    unchanged = 0
    for item in document.items:
        seen = known.get(item.identity)
        retry = seen is not None and seen.retry_at is not None and seen.retry_at <= now
        if seen is None or seen.content_hash != item.content_hash or retry:
            fresh.append((item, seen.tries if seen else 0))
        else:
            unchanged += 1
    fresh.sort(key=lambda pair: pair[0].published or now)
    newest_first = fresh[-PAGES_PER_POLL:]
    gleaned, failed = [], []
    for item, tries in newest_first:
        try:
            article, blocked = scrape(item, feed, http, now=now)
        except TocsinError as error:
            failed.append(str(error))
            continue
        gleaned.append(Gleaned(item, article, assess(article, config), blocked, tries))
    after = schedule.next_state(
        feed, state, now=now, fetched=fetched, document=document, known=len(known) if state.last_success_at else 0
    )
    if len(newest_first) < len(fresh):  # come back for the rest: without validators the feed will answer in full
        after = replace(after, etag=None, last_modified=None, body_hash=None, next_attempt_at=now)
    first = state.last_success_at is None
    return Gathered(feed, after, tuple(gleaned), unchanged, tuple(failed), first_poll=first)


def scrape(item: Item, feed: Feed, http: Http, *, now: datetime) -> tuple[Article, str]:
    """The article of an item and, where its page could not be had, why: then the feed's own words are kept.

    Raises:
        ParseError: Neither the page nor the feed gives a word.
    """
    from_feed = pages.from_feed(item, feed, now=now)
    old = item.published is not None and now - item.published > PAGE_WINDOW
    if from_feed.status is TextStatus.FULL or old or not item.url:
        return from_feed, ""
    try:
        fetched = http.get(item.url, kind="page", now=now)
        page = Page(item.url, pages.decode(fetched), now, fetched.final_url)
        return pages.read(page, item=item, feed=feed, now=now), ""
    except (FetchError, ParseError) as error:
        return from_feed, f"{error.reason}: {error.detail or error.subject}"


def assess(article: Article, config: Config) -> tuple[Assessment, ...]:
    """What each watch thinks of an article."""
    return tuple(
        flagging.assess(
            article.title, article.text, language=article.language, published=article.published, watch=watch
        )
        for watch in config.watches
    )


class Desk:
    """Settles articles against one archive: decides, stores, joins events, rings; all in the caller's transaction."""

    def __init__(self, archive: Archive, config: Config, recipients: Mapping[str, tuple[str, ...]]) -> None:
        self.archive, self.config, self.recipients = archive, config, recipients
        self.outbox = Outbox(archive)

    def settle(self, gathered: Gathered, *, now: datetime) -> Settled:
        """One feed, one transaction: items, validators, articles, assessments, events and outbox rows together."""
        counts: dict[Outcome, int] = {}
        touched: list[FlaggedEvent] = []
        with self.archive.transaction():
            for gleaned in gathered.gleaned:
                outcome, flagged = self._item(gleaned, gathered, now=now)
                counts[outcome] = counts.get(outcome, 0) + 1
                touched += flagged
            self.archive.save_feed_state(gathered.state)
        for outcome, n in ((Outcome.UNCHANGED, gathered.unchanged), (Outcome.FAILED, len(gathered.failed))):
            if n:
                counts[outcome] = counts.get(outcome, 0) + n
        run = FeedRun(
            feed=gathered.feed.id,
            url=gathered.feed.url,
            status=gathered.state.status,
            detail=gathered.state.detail or "; ".join(gathered.failed[:3]),
            items=sum(counts.values()),
            outcomes=tuple((k.value, v) for k, v in counts.items()),
            elapsed=round(gathered.elapsed, 3),
            down=gathered.down,
        )
        return Settled(run, tuple(touched))

    def _item(self, gleaned: Gleaned, gathered: Gathered, *, now: datetime) -> tuple[Outcome, list[FlaggedEvent]]:
        item = gleaned.item
        age = now - item.published if item.published else timedelta(0)
        max_age = timedelta(hours=self.config.alerts.max_age_hours)
        if item.published is None and gathered.first_poll:
            age = max_age * 2  # an undated item of a feed never read before: no way to tell news from archive
        decision, article_id, touched = self.take(
            gleaned.article, gleaned.assessments, age=age, now=now, ring=gathered.feed.alert
        )
        outcome = decision.outcome
        if outcome is Outcome.NEW and age > max_age:
            outcome = Outcome.OLD
        retry_at = None
        if gleaned.blocked:
            outcome = Outcome.BLOCKED
            wait = RETRY_FIRST * 2 ** min(gleaned.tries, 6)
            retry_at = now + wait if age + wait < RETRY_HORIZON else None
        self.archive.save_item(
            item, outcome, article=article_id, now=now, retry_at=retry_at, detail=gleaned.blocked or decision.why
        )
        return outcome, touched

    def take(
        self,
        article: Article,
        assessments: Iterable[Assessment],
        *,
        age: timedelta,
        now: datetime,
        ring: bool = True,
    ) -> tuple[Decision, int, list[FlaggedEvent]]:
        """Decide on one article, store it, join it to its event and put what must be said into the outbox."""
        keys = dedup.keys(article)
        decision = self.archive.decide(article, keys, now=now)
        stored = self.archive.store(article, keys, decision, now=now)
        touched: list[FlaggedEvent] = []
        for assessment in assessments:
            if decision.outcome in STATED:
                self.archive.save_assessment(stored.id, assessment, now=now)
                flagged = self._event(stored.id, article, assessment, decision, age=age, now=now, ring=ring)
                touched += [flagged] if flagged else []
        return decision, stored.id, touched

    def _event(
        self,
        article_id: int,
        article: Article,
        assessment: Assessment,
        decision: Decision,
        *,
        age: timedelta,
        now: datetime,
        ring: bool,
    ) -> FlaggedEvent | None:
        watch = assessment.watch
        original = self.archive.event_of_article(decision.of, watch) if decision.of is not None else None
        update = events.attach(
            article_id,
            article,
            assessment,
            decision,
            self.archive.open_events(watch, now - OPEN_EVENT_WINDOW),
            now=now,
            event_of_original=original,
        )
        if update is None:
            return None
        self.archive.save_event(update, article_id, now=now)
        reason = reasons.why_send(
            update, article_age=age, max_age=timedelta(hours=self.config.alerts.max_age_hours)
        )
        if reason is not None and ring:
            self._ring(update.event, reasons.alert_for(update, reason, article_id, assessment, now=now), now=now)
        rang: tuple[AlertReason, ...] = (reason,) if reason is not None and ring else ()
        return FlaggedEvent(update.event, rang, update.is_new)

    def _ring(self, event: Event, alert: Alert, *, now: datetime) -> None:
        told = self.outbox.told(event.id)
        targets = routing.deliveries_for(alert, self.config.alerts, self.recipients, told=told)
        self.outbox.enqueue(alert, targets, now=now)
