"""The way of an item, step by step: the only place that calls the steps in order, and it knows no Prefect.

Slow work (fetching, extraction, scoring) is ``gathering.gather``; everything that decides and writes
is ``Desk.settle``, one transaction per feed. A crash between the two repeats work and loses none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flows import bugs
from flows.gathered import Gathered, Gleaned
from tocsin import dedup, events
from tocsin.alerts import inhibition, reasons
from tocsin.alerts.plan import Scene, plan
from tocsin.archive import Archive
from tocsin.archive.feeds import RETRY_HORIZON
from tocsin.archive.orders import Orders
from tocsin.archive.outbox import Outbox
from tocsin.archive.savepoints import savepoint
from tocsin.bugs import KIND
from tocsin.config import Config
from tocsin.events.areas import areas_near
from tocsin.events.origins import reread
from tocsin.model import (
    Alert,
    AlertReason,
    Article,
    Assessment,
    Decision,
    Event,
    FeedRun,
    FlaggedEvent,
    Item,
    Outcome,
    Planned,
    Signal,
)
from tocsin.urls import masked

OPEN_EVENT_WINDOW = timedelta(hours=72)
RETRY_FIRST = timedelta(minutes=10)
STATED = (Outcome.NEW, Outcome.COPY, Outcome.REVISION)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a feed's transaction did."""

    run: FeedRun
    events: tuple[FlaggedEvent, ...] = ()


def _age(item: Item, now: datetime) -> timedelta:
    """How old the news in an item is: a wire's last version counts, and none is old while its embargo holds."""
    said = [item.published, *((item.updated, item.wire.embargo) if item.wire else ())]
    return now - max(at for at in said if at) if any(said) else timedelta(0)


class Desk:
    """Settles articles against one archive: decides, stores, joins events, rings; all in the caller's transaction."""

    def __init__(self, archive: Archive, config: Config, recipients: Mapping[str, tuple[str, ...]]) -> None:
        self.archive, self.config, self.recipients = archive, config, recipients
        self.outbox, self.orders = Outbox(archive), Orders(archive)
        self.max_age = timedelta(hours=config.alerts.max_age_hours)

    def settle(self, gathered: Gathered, *, now: datetime) -> Settled:
        """One feed, one transaction: items, validators, articles, assessments, events and outbox rows together."""
        counts: dict[Outcome, int] = {}
        touched: list[FlaggedEvent] = []
        with self.archive.transaction():
            for gleaned in gathered.gleaned:
                outcome, flagged = self._apart(gleaned, gathered, now=now)
                counts[outcome] = counts.get(outcome, 0) + 1
                touched += flagged
            self.archive.save_feed_state(gathered.state)
        bugs.apart(self.archive.read_new, "the search index", self.config)  # the feed itself is stored
        if gathered.unchanged:
            counts[Outcome.UNCHANGED] = gathered.unchanged
        run = FeedRun(
            feed=gathered.feed.id,
            url=gathered.feed.url,
            status=gathered.state.status,
            detail=gathered.state.detail,
            items=sum(counts.values()),
            outcomes=tuple((k.value, v) for k, v in counts.items()),
            elapsed=round(gathered.elapsed, 3),
            down=gathered.down,
        )
        return Settled(run, tuple(touched))

    def _apart(self, gleaned: Gleaned, gathered: Gathered, *, now: datetime) -> tuple[Outcome, list[FlaggedEvent]]:
        """One item; where it lays a bug bare, it alone is undone and marked as failed, and comes again."""

        def settle() -> tuple[Outcome, list[FlaggedEvent]]:
            with savepoint(self.archive):
                return self._item(gleaned, gathered, now=now)

        about = f"{gathered.feed.id}: {masked(gleaned.item.url or gleaned.item.identity)}"
        made = bugs.apart(settle, about, self.config, known=gleaned.tries > 0)
        if isinstance(made, bugs.Bug):
            failed = Gleaned(gleaned.item, None, blocked=made.words, tries=gleaned.tries)
            return self._item(failed, gathered, now=now)
        return made

    def _item(self, gleaned: Gleaned, gathered: Gathered, *, now: datetime) -> tuple[Outcome, list[FlaggedEvent]]:
        item, article = gleaned.item, gleaned.article
        age = _age(item, now)
        if gleaned.ageless or (item.published is None and gathered.first_poll):
            age = self.max_age * 2
        touched: list[FlaggedEvent] = []
        outcome, article_id, why = Outcome.FAILED, None, gleaned.blocked
        if article is not None:
            decision, article_id, touched = self.take(
                article, gleaned.assessments, age=age, now=now, ring=gathered.rings
            )
            outcome, why = decision.outcome, gleaned.blocked or decision.why
            if outcome is Outcome.NEW and age > self.max_age:
                outcome = Outcome.OLD
        retry_at = None
        if gleaned.blocked:
            outcome = Outcome.FAILED if article is None else Outcome.BLOCKED
            wait = RETRY_FIRST * 2 ** min(gleaned.tries, 6)
            ours = gleaned.blocked.startswith(KIND)  # whatever its age: somebody is told, and mends it
            retry_at = now + wait if ours or age + wait < RETRY_HORIZON else None
        if gleaned.later:
            retry_at = now
        if gleaned.held is not None:
            outcome, retry_at, why = Outcome.HELD, gleaned.held, f"embargoed until {gleaned.held:%Y-%m-%d %H:%M} UTC"
        self.archive.save_item(item, outcome, article=article_id, now=now, retry_at=retry_at, detail=why)
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
        keys, assessments = dedup.keys(article), tuple(assessments)
        decision = self.archive.decide(article, keys, now=now, flagged=any(a.flagged for a in assessments))
        stored = self.archive.store(article, keys, decision, now=now)
        self._recount(stored.credited)
        article = replace(article, origins=stored.origins)
        touched: list[FlaggedEvent] = []
        for assessment in assessments:
            if decision.outcome in STATED:
                self.archive.save_assessment(stored.id, assessment, now=now)
                flagged = self._event(stored.id, article, assessment, decision, age=age, now=now, ring=ring)
                touched += [flagged] if flagged else []
        return decision, stored.id, touched

    def _recount(self, articles: Sequence[int]) -> None:
        """Count the sources of events anew where an article showed that others were written by someone else."""
        if not articles:
            return
        writers = self.archive.writers(articles)
        for event in self.archive.events_of(articles):
            self.archive.keep_event(reread(event, writers))

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
        if (
            not assessment.flagged
            and original is None
            and not decision.relation
            and events.signal_of(article) is Signal.NEW
        ):
            return None  # most articles: spare the events their reading
        near = self._near(article, assessment, original, now)
        own = events.event_id(watch, article)
        taken = {own} if self.archive.event(own) is not None else frozenset[str]()
        faces = self.archive.faces(watch, now - OPEN_EVENT_WINDOW)
        update = events.attach(
            article_id, article, assessment, decision, near,
            now=now, event_of_original=original, faces=faces, taken=taken,
        )  # fmt: skip
        if update is None:
            return None
        self.archive.save_event(update, article_id, now=now)
        reason = reasons.why_send(update, article_age=age, max_age=self.max_age, told=self.outbox.rang(update.event.id))
        if reason is not None and ring:
            self.ring(reasons.alert_for(update, reason, article, assessment, now=now), near, now=now)
        rang: tuple[AlertReason, ...] = (reason,) if reason is not None and ring else ()
        return FlaggedEvent(update.event, rang, update.is_new)

    def _near(self, article: Article, assessment: Assessment, original: str | None, now: datetime) -> list[Event]:
        """The events that an article may belong to, and that of its original however long ago that was."""
        watch, plain = assessment.watch, events.signal_of(article) in {Signal.NEW, Signal.UPDATE, Signal.LEAD}
        areas = areas_near(assessment.facts) if plain and assessment.flagged else None
        near = self.archive.open_events(watch, now - OPEN_EVENT_WINDOW, withdrawn=True, areas=areas)
        if original is not None and all(event.id != original for event in near):
            old = self.archive.event(original)
            near += [old] if old is not None else []
        return near

    def ring(self, alert: Alert, near: Sequence[Event], *, now: datetime) -> None:
        """Put an alert into the outbox for everyone whom it concerns; ``near``: the open events beside it."""
        self.outbox.enqueue(alert, self.planned(alert, near, now=now), now=now)

    def planned(self, alert: Alert, near: Iterable[Event], *, now: datetime) -> tuple[Planned, ...]:
        """What becomes of an alert for each recipient, as things stand."""
        event, config = alert.event, self.config.alerts
        operation = inhibition.operation_over(event, near, config.inhibit, now=now)
        scene = Scene(
            self.recipients,
            told=tuple(self.outbox.told(event.id)),
            reached=self.outbox.reached(event.id),
            silences=self.orders.silences(now),
            operation=operation,
            briefed=self.outbox.reached(operation.id) if operation is not None else frozenset(),
        )
        return plan(alert, config, scene, now=now)
