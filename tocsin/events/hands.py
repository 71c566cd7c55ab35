"""Events that people correct: two that are one, one that is two. What is known is worked out anew from the articles.

Nothing of the wrong event is patched: its articles tell it again from the first, as if they alone had come.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tocsin.events.merge import begin, leading, merge
from tocsin.events.roundups import ROUND_UP
from tocsin.model import Assessment, Event, Signal, Source

_SIGNALS = {"kill": Signal.KILL, "correction": Signal.CORRECTION, "update": Signal.UPDATE}


@dataclass(frozen=True, slots=True)
class Account:
    """One article of an event: the source that it is, and what the watch thinks of it."""

    source: Source
    assessment: Assessment
    length: int  # of its text, in characters


def retold(event_id: str, version: int, accounts: Sequence[Account]) -> Event:
    """The event that these articles tell, oldest first; its version is the given one.

    Raises:
        ValueError: None of them tells an event.
    """
    in_order = sorted(accounts, key=lambda a: (a.source.seen, a.source.article))
    first = next((a for a in in_order if a.assessment.flagged and a.source.relation != "kill"), None)
    if first is None:
        raise ValueError(f"{event_id}: none of the articles was flagged")
    relation = first.source.relation if first.source.relation == ROUND_UP else "report"
    event = begin(event_id, replace(first.source, relation=relation), first.assessment)
    for account in in_order:
        if account is not first:
            signal = _SIGNALS.get(account.source.relation, Signal.NEW)
            event, _, _ = merge(event, account.source, leading(event, account.assessment, account.length), signal)
    return replace(event, version=version, first_seen=min(a.source.seen for a in accounts))


def joined(keep: Event, gone: Event, accounts: Sequence[Account]) -> Event:
    """One event of two, under the id of the first."""
    return retold(keep.id, max(keep.version, gone.version) + 1, accounts)


def parted(
    event: Event, accounts: Sequence[Account], out: Collection[int], fresh: str, version: int = 0
) -> tuple[Event, Event]:
    """What stays of an event and what leaves it.

    Args:
        out: Numbers of the articles that leave.
        fresh: The id of the event that they become.
        version: The version which that event has already, where it was known before.

    Raises:
        ValueError: One side would have no article that tells an event.
    """
    rest = [a for a in accounts if a.source.article not in out]
    left = [a for a in accounts if a.source.article in out]
    return retold(event.id, event.version + 1, rest), retold(fresh, version + 1, left)
