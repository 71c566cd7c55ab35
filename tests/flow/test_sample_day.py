"""The sample wire day through the whole pipeline, against its ground truth and the records of the desks.

The floors are what was measured less a little; they only ever rise.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flows.demo import play
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox

FLOORS = {"events": 0.94, "joined": 0.96, "silent": 0.97, "followed": 0.87, "severity": 0.87, "tolls": 0.88}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The day played once, without Prefect: its folder, and what it said."""
    folder, said = tmp_path_factory.mktemp("day") / "demo", []
    play(folder, said.append, direct=True)
    return folder, said


@pytest.mark.parametrize("measure", sorted(FLOORS))
def test_ground_truth(day: tuple[Path, list[str]], measure: str) -> None:
    """Each measure of the day's own authors stays above its floor."""
    report = json.loads((day[0] / "truth.json").read_text(encoding="utf-8"))
    right, of = report[measure]["right"], report[measure]["of"]
    assert right / of >= FLOORS[measure], f"{measure}: {right} of {of}: {report['misses']}"


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def test_each_alert_reached_each_desk_once(day: tuple[Path, list[str]]) -> None:
    """By the desks' own records: nothing twice, nothing missing, one thread an event."""
    folder, _ = day
    posts = [row for row in _rows(folder, "slack.jsonl") if row["kind"] == "post"]
    mails = _rows(folder, "mail.jsonl")
    keys = Counter(row["metadata"]["event_payload"]["idem"] for row in posts)
    assert max(keys.values()) == 1
    assert len({row["message_id"] for row in mails}) == len(mails)
    with Archive.open(folder / "demo.db") as archive:
        told = Counter(row["channel"] for row in Outbox(archive).list_alerts(limit=1000) if row["state"] == "sent")
        events = {row["id"] for row in archive.list_events(1000)}
    assert (told["desk-slack"], told["desk-mail"]) == (len(posts), len(mails))
    roots = [row for row in posts if not row.get("thread_ts")]
    assert len(roots) <= len(events)


def test_every_alert_quotes_its_source(day: tuple[Path, list[str]]) -> None:
    """No alert without evidence: each mail quotes words and names a web address."""
    for mail in _rows(day[0], "mail.jsonl"):
        assert "http" in mail["text"]
        assert any(mark in mail["text"] for mark in ("“", "> ")), mail["subject"]


def test_search_finds_a_city_in_every_spelling(day: tuple[Path, list[str]]) -> None:
    """Accents, case, Arabic clitics and letter forms aside."""
    with Archive.open(day[0] / "demo.db") as archive:
        for query in ("Bagdad", "bagdad", "بغداد", "ببغداد", "بَغداد"):
            assert archive.search(query, 5), query


def test_the_day_ends_with_its_alerts(day: tuple[Path, list[str]]) -> None:
    """What a newcomer reads: progress, then events with their evidence, then the comparison."""
    text = "\n".join(day[1])
    assert "phase 3 of 3" in text
    assert "Compared with" in text
    assert "“" in text
