"""What people say about events: these two are one, this one is two. Written, remembered, told to whoever was told.

Each is one transaction: the events as they are now, where each article belongs, who said so, and what must be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flows.pipeline import OPEN_EVENT_WINDOW, Desk
from tocsin.alerts import reasons
from tocsin.dedup import diff
from tocsin.errors import ConfigError
from tocsin.events import event_id, fresh_id
from tocsin.events.hands import joined, parted
from tocsin.model import AlertReason, Assessment, Change, Event, EventUpdate, Signal

CORRECTED = AlertReason.CORRECTED


def merge(desk: Desk, keep_id: str, gone_id: str, *, by: str, note: str = "", now: datetime) -> Event:
    """Make one event of two, under the first one's id; who was told of the second hears where it went.

    Raises:
        ConfigError: One of them is not known, was merged already, or belongs to another watch.
    """
    archive = desk.archive
    with archive.transaction():
        keep, gone = _event(desk, keep_id), _event(desk, gone_id)
        if keep.id == gone.id:
            raise ConfigError(f"merge {gone_id}", "is the same event; name two")
        if keep.watch != gone.watch:
            raise ConfigError(f"merge {gone_id}", f"is an event of the watch {gone.watch}, not of {keep.watch}")
        one = joined(keep, gone, [*archive.accounts(keep), *archive.accounts(gone)])
        gone = replace(gone, version=gone.version + 1)
        where = Change("event", gone.id, f"{one.id}: {one.gist}")
        archive.join_events(one, gone, by=by, note=note, now=now)
        _tell(desk, gone, (where,), now=now)
        _tell(desk, one, _news(keep, one), now=now)
    return one


def split(
    desk: Desk, of: str, articles: Sequence[int], *, by: str, note: str = "", now: datetime
) -> tuple[Event, Event]:
    """Make two events of one: what stays, and the one that these articles tell; the second rings if it is news.

    Raises:
        ConfigError: The event is not known, an article is none of its own, or one side would tell nothing.
    """
    archive = desk.archive
    with archive.transaction():
        event = _event(desk, of)
        strangers = set(articles) - {source.article for source in event.sources}
        if strangers or not articles:
            named = ", ".join(map(str, sorted(strangers))) or "none"
            raise ConfigError(f"split {of}", f"articles {named}: not of this event; tocsin show lists its own")
        fresh, version = _fresh(desk, event, articles)
        try:
            rest, new = parted(event, archive.accounts(event), set(articles), fresh, version)
        except ValueError as exc:
            raise ConfigError(f"split {of}", f"would leave nothing that tells an event ({exc})") from exc
        archive.part_event(rest, new, by=by, note=note, now=now)
        parts = Change("event", event.id, f"{len(new.sources)} articles are {new.id}: {new.gist}")
        _tell(desk, rest, (parts, *_news(event, rest)), now=now)
        _tell(desk, new, (), now=now, new=True)
    return rest, new


def _event(desk: Desk, name: str) -> Event:
    event = desk.archive.event(name)
    if event is None:
        raise ConfigError(name, "no such event; tocsin events lists their ids")
    target = desk.archive.merged_into(name)
    if target is not None:
        raise ConfigError(name, f"was merged into {target}; name that one")
    return event


def _fresh(desk: Desk, event: Event, articles: Sequence[int]) -> tuple[str, int]:
    """The id of what leaves an event, and its version so far: an event that had been merged gets its own back."""
    archive = desk.archive
    first = min((s for s in event.sources if s.article in articles), key=lambda s: (s.seen, s.article))
    article = archive.load_article(first.article)
    if article is None:
        raise ConfigError(f"split {event.id}", f"article {first.article} is no longer in the archive")
    own = event_id(event.watch, article)
    lives = archive.event(own) is not None and archive.merged_into(own) is None
    fresh = fresh_id(event.watch, article, first.article, {own} if lives else ())
    known = archive.event(fresh)
    return fresh, known.version if known else 0


def _news(before: Event, after: Event) -> tuple[Change, ...]:
    """What the readers of an event must hear after it was put together anew: tolls, claim, severity."""
    changes = [c for c in diff.material(before.facts, after.facts) if c.field in {"killed", "wounded", "claim"}]
    if before.severity is not after.severity:
        changes.append(Change("severity", before.severity.value, after.severity.value))
    return tuple(changes)


def _tell(desk: Desk, event: Event, changes: tuple[Change, ...], *, now: datetime, new: bool = False) -> None:
    """Ring where somebody was told what has changed; what was parted rings as any new event, when it is fresh."""
    told = desk.outbox.rang(event.id)
    if not new and not (told and changes):
        return
    number = event.evidence or event.sources[-1].article
    article = desk.archive.load_article(number)
    if article is None:
        return  # forgotten with the rest of its time: nobody acts on it any more
    update = EventUpdate(event, False, changes, "corrected by hand", Signal.CORRECTION, article=number)
    age = now - max(source.published or source.seen for source in event.sources)
    reason = reasons.why_send(update, article_age=age, max_age=desk.max_age, told=told) if new else CORRECTED
    if reason is not None:
        thought = desk.archive.assessment(number, event.watch) or Assessment(event.watch, 0.0, False)
        near = desk.archive.open_events(event.watch, now - OPEN_EVENT_WINDOW)
        desk.ring(reasons.alert_for(update, reason, article, thought, now=now), near, now=now)
