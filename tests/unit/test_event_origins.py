"""What the archive learns of an article after its event was told: the event counts its sources anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.assessing import assess
from flows.pipeline import Desk
from tests.fakes.wire_texts import ROCKETS
from tocsin.archive import Archive
from tocsin.config import Config, reading
from tocsin.events.origins import reread
from tocsin.model import Article, Decision, Event

NOW = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
TITLE = "Rockets land near Green Zone in Baghdad"
LINES = ROCKETS.split("\n")
FIRST, SECOND = "\n".join(LINES[:3]), f"Police: {LINES[2].split(',')[1]}.\n" + "\n".join(LINES[3:])


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The shipped watch and no feeds."""
    path = tmp_path / "config.yaml"
    agent = 'http: {user_agent: "Tocsin/1.0 (+https://tocsin.example/; t@tocsin.example)"}'
    feeds = 'feeds: [{id: outlet, url: "https://s1.example/feed.xml", language: en, publisher: Outlet}]'
    path.write_text(f"archive: tocsin.db\n{agent}\n{feeds}\n", encoding="utf-8")
    return reading.load(path)


def take(desk: Desk, config: Config, n: int, text: str, **more: object) -> Decision:
    """One article through the desk."""
    article = Article(f"https://s{n}.example/{n}", TITLE, text, language="en", published=NOW, publisher=f"Outlet {n}")
    article = replace(article, **more)
    with desk.archive.transaction():
        return desk.take(article, assess(article, config), age=timedelta(0), now=NOW)[0]


def origins(archive: Archive) -> list[tuple[str, ...]]:
    """The origins of each event."""
    events = archive.open_events("iraq-security", NOW - timedelta(days=1))
    return [event.origins for event in events]


def test_two_families_that_prove_one_story_are_one_origin(config: Config) -> None:
    with Archive.memory() as archive:
        desk = Desk(archive, config, {})
        take(desk, config, 1, FIRST)
        take(desk, config, 2, SECOND)
        assert origins(archive) == [("Outlet 1", "Outlet 2")], "two texts, told apart, of one event"
        decision = take(desk, config, 3, ROCKETS)
        assert decision.joins == (2,)
        assert origins(archive) == [("Outlet 1",)]


def test_a_credit_line_found_later_names_the_origin_of_all(config: Config) -> None:
    with Archive.memory() as archive:
        desk = Desk(archive, config, {})
        take(desk, config, 1, ROCKETS)
        take(desk, config, 2, f"{ROCKETS}\n(AFP)", origins=("AFP",))
        assert origins(archive) == [("AFP",)]


def test_an_event_whose_sources_are_as_known_is_left_alone(config: Config) -> None:
    with Archive.memory() as archive:
        desk = Desk(archive, config, {})
        take(desk, config, 1, ROCKETS)
        event: Event = archive.open_events("iraq-security", NOW - timedelta(days=1))[0]
        assert reread(event, {7: ("AFP",)}) is event
        assert reread(event, {1: ()}) is event
