"""Assessments, the events that articles report, and the runs that found them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from tocsin.archive.parsed import Parsed
from tocsin.archive.rows import from_column, pack, plain, to_column, unpack
from tocsin.archive.store import Store
from tocsin.events.areas import areas_of
from tocsin.model import Assessment, Event, EventUpdate, RunReport

_PARSED = Parsed()


class Events(Store):
    """Assessments, events and runs."""

    def save_assessment(self, article_id: int, assessment: Assessment, *, now: datetime) -> None:
        """Remember what a watch thinks of an article; the latest thought counts."""
        self.execute(
            """INSERT INTO assessment (article, watch, flagged, review, score, severity, at, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (article, watch) DO UPDATE SET flagged = excluded.flagged, review = excluded.review,
                score = excluded.score, severity = excluded.severity, at = excluded.at, body = excluded.body""",
            [
                article_id,
                assessment.watch,
                int(assessment.flagged),
                int(assessment.review),
                assessment.score,
                assessment.severity.value if assessment.severity else None,
                to_column(now),
                plain(pack(assessment)),
            ],
        )

    def assessment(self, article_id: int, watch: str) -> Assessment | None:
        """What a watch thinks of an article, or None when it never saw it."""
        body = self.value("SELECT body FROM assessment WHERE article = ? AND watch = ?", [article_id, watch])
        return None if body is None else unpack(Assessment, body)

    def open_events(
        self, watch: str, since: datetime, *, withdrawn: bool = False, areas: Collection[str] | None = None
    ) -> list[Event]:
        """The open events of a watch that were reported since then, oldest first; the withdrawn ones too if asked.

        Args:
            areas: Only events of one of these areas, as ``events.areas`` names them, or into which one of them was
                merged; None for all.
        """
        where, parameters = "", [watch, withdrawn, to_column(since)]
        if areas is not None:
            marks = ",".join("?" * len(areas))
            where = f"""AND id IN (SELECT coalesce(m.target, a.event) FROM event_area a
                LEFT JOIN event_merged m ON m.event = a.event WHERE a.area IN ({marks}))"""  # noqa: S608 - question marks
            parameters += sorted(areas)
        rows = self.query(
            f"""SELECT id, body FROM event
            WHERE watch = ? AND (state = 'open' OR (? AND state = 'withdrawn')) AND last_seen >= ? {where}
            ORDER BY first_seen, id""",  # noqa: S608 - question marks
            parameters,
        )
        return [_PARSED.event(row["id"], row["body"]) for row in rows]

    def event(self, event_id: str) -> Event | None:
        """An event as it stands now, or None."""
        body = self.value("SELECT body FROM event WHERE id = ?", [event_id])
        return None if body is None else _PARSED.event(event_id, body)

    def event_of_article(self, article_id: int, watch: str) -> str | None:
        """The id of the event that an article reports to a watch, or None."""
        found = self.value("SELECT event FROM event_article WHERE article = ? AND watch = ?", [article_id, watch])
        return None if found is None else str(found)

    def save_event(self, update: EventUpdate, article_id: int, *, now: datetime) -> None:
        """Write an event as an article left it, that the article belongs to it, and what it changed."""
        event = update.event
        with self.transaction():
            self.keep_event(event)
            self.execute(
                """INSERT INTO event_article (article, watch, event, at, why) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (article, watch) DO UPDATE
                SET event = excluded.event, at = excluded.at, why = excluded.why""",
                [article_id, event.watch, event.id, to_column(now), plain(update.why)],
            )
            self.executemany(
                "INSERT INTO event_change (event, version, at, article, field, old, new) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (event.id, event.version, to_column(now), article_id, c.field, plain(c.old), plain(c.new))
                    for c in update.changes
                ],
            )

    def keep_event(self, event: Event) -> None:
        """Write an event as it stands."""
        self.execute(
            """INSERT INTO event (id, watch, state, version, severity, gist, first_seen, last_seen, happened, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                state = excluded.state, version = excluded.version, severity = excluded.severity,
                gist = excluded.gist, first_seen = excluded.first_seen, last_seen = excluded.last_seen,
                happened = excluded.happened, body = excluded.body""",
            [
                event.id,
                event.watch,
                event.state,
                event.version,
                event.severity.value,
                plain(event.gist),
                to_column(event.first_seen),
                to_column(event.last_seen),
                to_column(event.happened),
                plain(pack(event)),
            ],
        )
        self.execute("DELETE FROM event_area WHERE event = ?", [event.id])
        self.executemany(
            "INSERT INTO event_area (event, area) VALUES (?, ?)",
            [(event.id, plain(area)) for area in sorted(areas_of(event.facts))],
        )

    def events_of(self, articles: Sequence[int]) -> list[Event]:
        """The events that any of these articles reports."""
        marks = ",".join("?" * len(articles))
        rows = self.query(
            f"""SELECT DISTINCT e.id, e.body FROM event_article j JOIN event e ON e.id = j.event
            WHERE j.article IN ({marks}) ORDER BY e.id""",  # noqa: S608 - question marks
            articles,
        )
        return [_PARSED.event(row["id"], row["body"]) for row in rows]

    def record_run(self, report: RunReport) -> None:
        """Keep the report of a run; one in which no feed was due is good while some feed can be read."""
        ok = any(not run.down for run in report.feeds)
        if not report.feeds:
            ok = bool(self.value("SELECT count(*) FROM feed WHERE failures = 0 AND last_success_at IS NOT NULL"))
        self.execute(
            "INSERT INTO run (started, finished, ok, body) VALUES (?, ?, ?, ?)",
            [to_column(report.started), to_column(report.finished), int(ok), plain(pack(report))],
        )

    def last_success(self) -> datetime | None:
        """When a run last ended well: it read a feed, or none was due and one can be read. None: never."""
        return from_column(self.value("SELECT max(finished) FROM run WHERE ok"))

    def runs(self, limit: int) -> list[RunReport]:
        """The latest runs, latest first."""
        return [
            unpack(RunReport, row["body"])
            for row in self.query("SELECT body FROM run ORDER BY id DESC LIMIT ?", [limit])
        ]
