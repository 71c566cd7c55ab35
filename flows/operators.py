"""Tells operators of troubles, once each, and when they are over: that is written down with the messages themselves.

Called before each delivery. One transaction reads what is known, decides, and puts messages into the outbox: a
process that is killed has told everything or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from scrapers import registry
from tocsin import health
from tocsin.alerts import operators
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.archive.troubles import Told, Troubles
from tocsin.config import Config


def tell(config: Config, archive: Archive, recipients: Mapping[str, tuple[str, ...]], *, now: datetime) -> int:
    """Put what operators must hear into the outbox; how many messages that are."""
    with archive.transaction():
        book, outbox = Troubles(archive), Outbox(archive)
        known = book.open()
        states, unpolled = archive.feed_states(), _unpolled(config, archive, book, now)
        wrong = {
            t.key: t
            for t in health.troubles(
                config.feeds, states, now=now, unpolled=unpolled, bugs=book.bugs(now), **_read(config, book)
            )
        }
        made = 0
        blind = any(trouble.kind == "all_failing" for trouble in wrong.values())
        for trouble in wrong.values():
            if blind and trouble.kind == "failing" and trouble.key not in known:
                continue  # the network is out, not eighty sites
            told = _next(trouble, known.get(trouble.key), now)
            if told is not None:
                message = operators.alert(trouble, told.event, told.version, since=told.since, now=now)
                outbox.enqueue(message, operators.planned(trouble, config.alerts, recipients, now=now), now=now)
                book.save(told)
                made += 1
        for key, told in known.items():
            if key not in wrong:
                message = operators.alert(
                    told.trouble, told.event, told.version + 1, since=told.since, now=now, over=True
                )
                outbox.enqueue(message, outbox.told(told.event), now=now)
                book.close(key)
                made += 1
    return made


def _read(config: Config, book: Troubles) -> dict[str, dict[str, list[str]]]:
    """Of each feed how its last pages were read, and what their texts are worth."""
    last = {feed.id: book.texts(feed.id) for feed in config.feeds if feed.enabled}
    return {
        "rungs": {name: [rung for url, rung, _ in rows if registry.find(url)] for name, rows in last.items()},
        "texts": {name: [status for _, _, status in rows if status] for name, rows in last.items()},
    }


def _next(trouble: health.Trouble, told: Told | None, now: datetime) -> Told | None:
    """What is told now of a trouble; None when it was told before and no reminder is due."""
    if told is None:
        return Told(trouble, operators.event_id(trouble, now), 1, since=now, last=now)
    if trouble.kind in health.REMINDED and now - told.last >= health.REMIND:
        return replace(told, trouble=trouble, version=told.version + 1, last=now)
    return None


def _unpolled(config: Config, archive: Archive, book: Troubles, now: datetime) -> timedelta | None:
    """How long no poll has ended well while deliveries ran, when that is too long; None before the first one did."""
    since, last = book.beat("deliver", now), archive.last_success()
    if last is None:
        return None
    silent = now - max(last, since)
    return silent if silent > max(health.NO_POLL, 3 * timedelta(minutes=config.schedule.poll_minutes)) else None
