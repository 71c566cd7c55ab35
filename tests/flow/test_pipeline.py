"""The way of an item over a real loopback server and a real archive file, without Prefect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import run
from tests.fakes.outlet import Outlet, Story
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Config, reading
from tocsin.model import AlertReason, RunReport

ROCKETS = Story(
    "rockets-taji",
    "Three rockets hit Camp Taji north of Baghdad, two soldiers wounded",
    [
        "Three Katyusha rockets struck Camp Taji north of Baghdad early on Tuesday, wounding two Iraqi soldiers, "
        "the Security Media Cell said in a statement.",
        "The rockets were fired from a truck abandoned in the Rashidiya area. A fourth launch tube was found loaded.",
        "No group has claimed responsibility for the attack, which comes weeks after a similar strike on the base. "
        "The army said it had opened an investigation and was searching farmland along the Tigris.",
    ],
)
FOOTBALL = Story(
    "football",
    "Iraq striker fires late winner against Jordan in Basra",
    [
        "Iraq's attack came alive in the last minutes as the striker fired home a late winner in Basra on Tuesday.",
        "The coach praised his defence and said the side would go on the offensive in the second leg next week.",
        "The match drew sixty thousand to the Basra International Stadium, the federation said in a statement.",
    ],
)


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with Outlet() as server:
        yield server


def _config(folder: Path, address: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(
        f"""
archive: tocsin.db
http:
  user_agent: "Tocsin/1.0 (+https://tocsin.example/; t@tocsin.example)"
  per_host_delay_seconds: 0
  allow_private_addresses: ["127.0.0.0/8"]
feeds: [{{id: outlet, url: "{address}/feed.xml", language: en, publisher: Outlet}}]
alerts:
  channels: {{terminal: {{kind: terminal}}}}
  routes: [{{to: [terminal]}}]
""",
        encoding="utf-8",
    )
    return reading.load(path)


def _again(config: Config) -> RunReport:
    """Poll once more, whatever the feed's own due time says."""
    with Archive.open(config.archive) as archive, archive.transaction():
        from dataclasses import replace

        for state in archive.feed_states().values():
            archive.save_feed_state(replace(state, next_attempt_at=datetime.now(UTC) - timedelta(seconds=1)))
    return run.poll_direct(config)


def _alerts(config: Config) -> list[str]:
    with Archive.open(config.archive) as archive:
        return sorted({(row["event"], row["reason"]) for row in Outbox(archive).list_alerts(limit=100)})


def test_a_positive_rings_once_and_a_match_report_stays_silent(outlet: Outlet, tmp_path: Path) -> None:
    """One event, one first alert; the football story is stored and silent; a second poll rings nothing."""
    outlet.stories = [ROCKETS, FOOTBALL]
    config = _config(tmp_path, outlet.address)
    report = run.poll_direct(config)
    assert report.outcomes == {"new": 2}
    assert [flagged.reasons for flagged in report.events] == [(AlertReason.FIRST,)]
    assert report.sent == 1
    again = _again(config)
    assert again.outcomes in ({}, {"unchanged": 2})
    assert len(_alerts(config)) == 1
    assert outlet.hits["/rockets-taji.html"] == 1, "a known item is not fetched again"


def test_an_unchanged_feed_is_asked_with_its_validator(outlet: Outlet, tmp_path: Path) -> None:
    """The second poll is answered 304 and is told as unchanged."""
    outlet.stories = [FOOTBALL]
    config = _config(tmp_path, outlet.address)
    run.poll_direct(config)
    report = _again(config)
    assert [feed.status for feed in report.feeds] == ["unchanged"]


def test_a_blocked_page_is_assessed_on_the_feeds_words_and_tried_again(outlet: Outlet, tmp_path: Path) -> None:
    """A 403 on the page neither loses nor delays the alert; the full text follows when the page answers."""
    story = Story(**{**{f: getattr(ROCKETS, f) for f in ROCKETS.__dataclass_fields__}, "page_status": 403})
    outlet.stories = [story]
    config = _config(tmp_path, outlet.address)
    report = run.poll_direct(config)
    assert report.outcomes == {"blocked": 1}
    assert len(report.events) == 1
    story.page_status = 200
    with Archive.open(config.archive) as archive:
        assert archive.items_to_retry(datetime.now(UTC) + timedelta(minutes=30), 10)


def test_a_flash_of_three_words_rings_though_its_page_is_refused(outlet: Outlet, tmp_path: Path) -> None:
    """The feed's title is all there is; one that no watch wants is too short and silent."""
    outlet.stories = [
        Story("flash", "Blast in Baghdad", [""], page_status=403),
        Story("scores", "Late winner", [""], page_status=403),
    ]
    config = _config(tmp_path, outlet.address)
    report = run.poll_direct(config)
    assert (report.outcomes, report.sent) == ({"blocked": 2}, 1)
    assert [flagged.reasons for flagged in report.events] == [(AlertReason.FIRST,)]


def test_an_old_item_is_stored_but_never_rings(outlet: Outlet, tmp_path: Path) -> None:
    """What is older than max_age_hours is archive, not news."""
    old = Story("old", ROCKETS.title, ROCKETS.paragraphs, published=datetime.now(UTC) - timedelta(hours=9))
    outlet.stories = [old]
    config = _config(tmp_path, outlet.address)
    report = run.poll_direct(config)
    assert report.outcomes == {"old": 1}
    assert report.sent == 0
    assert _alerts(config) == []


def test_a_dead_feed_is_told_and_is_not_asked_again_at_once(outlet: Outlet, tmp_path: Path) -> None:
    """A 500 makes the feed down with its reason, and puts its next attempt off."""
    outlet.feed_status = 500
    config = _config(tmp_path, outlet.address)
    report = run.poll_direct(config)
    assert [(feed.down, "500" in feed.detail) for feed in report.feeds] == [(True, True)]
    later = run.poll_direct(config)
    assert later.feeds == ()
    assert "no feed is due" in later.skipped
    assert outlet.hits["/feed.xml"] == 1


def test_a_changed_page_is_a_revision_and_a_new_toll_rings(outlet: Outlet, tmp_path: Path) -> None:
    """The same address with a new toll: one event, a second alert for the casualties."""
    outlet.stories = [ROCKETS]
    config = _config(tmp_path, outlet.address)
    run.poll_direct(config)
    title = "Three rockets hit Camp Taji north of Baghdad, one soldier killed and four wounded"
    lead = ROCKETS.paragraphs[0].replace("wounding two Iraqi soldiers", "killing one Iraqi soldier and wounding four")
    outlet.stories = [Story(ROCKETS.slug, title, [lead, *ROCKETS.paragraphs[1:]], summary=lead)]
    report = _again(config)
    assert report.outcomes == {"revision": 1}
    assert len({event for event, _ in _alerts(config)}) == 1
    assert [flagged.reasons for flagged in report.events] in (
        [(AlertReason.CASUALTIES,)],
        [(AlertReason.ESCALATED,)],
    )


def test_two_polls_at_once_are_one(outlet: Outlet, tmp_path: Path) -> None:
    """While the archive's lock is held, another poll says so and does nothing."""
    outlet.stories = [ROCKETS]
    config = _config(tmp_path, outlet.address)
    with Archive.open(config.archive) as archive, archive.lock("poll") as mine:
        assert mine
        report = run.poll_direct(config)
    assert report.skipped == "another poll is running"
    assert outlet.hits == {}
