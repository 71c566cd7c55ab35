"""Events that people joined or parted: what belongs where since, what it was before, and who said so."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tocsin.archive.events import Events
from tocsin.archive.rows import plain, to_column, unpack
from tocsin.events.hands import Account
from tocsin.model import Assessment, Event, Source


class Hands(Events):
    """Events corrected by hand; later articles join as the corrections say.

    An event that was merged into another stays as it was: its face. A later report that fits the face joins the event
    that it was merged into, also where that one, which tells both by now, looks different.
    """

    def accounts(self, event: Event) -> list[Account]:
        """The articles of an event with what its watch thinks of each."""
        return [self._account(source, event.watch) for source in event.sources]

    def _account(self, source: Source, watch: str) -> Account:
        thought = self.assessment(source.article, watch) or Assessment(watch, 0.0, False)
        length = self.value("SELECT length(text) FROM article WHERE id = ?", [source.article])
        return Account(source, thought, int(length or 0))

    def join_events(self, kept: Event, gone: Event, *, by: str, note: str, now: datetime) -> None:
        """Write that ``gone`` is ``kept``, which tells both by now; ``gone`` stays as it was, without articles."""
        articles = [source.article for source in gone.sources]
        with self.transaction():
            self.keep_event(kept)
            self.keep_event(gone)
            self.execute("UPDATE event SET state = 'merged' WHERE id = ?", [gone.id])
            self._move(articles, kept, f"merged by {by}", now)
            self.execute("UPDATE event_merged SET target = ? WHERE target = ?", [kept.id, gone.id])
            self.execute("INSERT OR REPLACE INTO event_merged (event, target) VALUES (?, ?)", [gone.id, kept.id])
            self._signed("merge", kept, gone, articles, by, note, now)

    def part_event(self, rest: Event, new: Event, *, by: str, note: str, now: datetime) -> None:
        """Write that some articles of ``rest`` are ``new``; a face with one of them brings ``rest`` no more reports."""
        articles = [source.article for source in new.sources]
        with self.transaction():
            self.keep_event(rest)
            self.keep_event(new)
            self._move(articles, new, f"parted from {rest.id} by {by}", now)
            self.execute("DELETE FROM event_merged WHERE event = ?", [new.id])
            for face in self._faces_of(rest.id):
                if {source.article for source in face.sources} & set(articles):
                    self.execute("UPDATE event_merged SET face = 0 WHERE event = ?", [face.id])
            self._signed("split", rest, new, articles, by, note, now)

    def merged_into(self, event_id: str) -> str | None:
        """The event that this one was merged into, or None."""
        found = self.value("SELECT target FROM event_merged WHERE event = ?", [event_id])
        return None if found is None else str(found)

    def faces(self, watch: str, since: datetime) -> dict[str, list[Event]]:
        """What was merged into the events of a watch, as it was, by the event's id."""
        rows = self.query(
            """SELECT m.target, e.body FROM event_merged m JOIN event e ON e.id = m.event
            WHERE m.face AND e.watch = ? AND e.state = 'merged' AND e.last_seen >= ? ORDER BY e.first_seen, e.id""",
            [watch, to_column(since)],
        )
        found: defaultdict[str, list[Event]] = defaultdict(list)
        for row in rows:
            found[row["target"]].append(unpack(Event, row["body"]))
        return dict(found)

    def list_hands(self, event_id: str) -> list[dict[str, Any]]:
        """What people joined to an event or parted from it, oldest first."""
        rows = self.query(
            "SELECT at, verb, event, other, articles, by, note FROM event_hand WHERE ? IN (event, other) ORDER BY id",
            [event_id],
        )
        return [{**row, "articles": json.loads(row["articles"])} for row in rows]

    def _faces_of(self, event_id: str) -> list[Event]:
        rows = self.query(
            "SELECT e.body FROM event_merged m JOIN event e ON e.id = m.event WHERE m.face AND m.target = ?",
            [event_id],
        )
        return [unpack(Event, row["body"]) for row in rows]

    def _move(self, articles: Sequence[int], to: Event, why: str, now: datetime) -> None:
        self.executemany(
            "UPDATE event_article SET event = ?, why = ?, at = ? WHERE article = ? AND watch = ?",
            [(to.id, plain(why), to_column(now), article, to.watch) for article in articles],
        )

    def _signed(
        self, verb: str, event: Event, other: Event, articles: Sequence[int], by: str, note: str, now: datetime
    ) -> None:
        self.execute(
            "INSERT INTO event_hand (at, verb, event, other, articles, by, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [to_column(now), verb, event.id, other.id, json.dumps(articles), plain(by), plain(note)],
        )
