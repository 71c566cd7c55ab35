"""What operators read: one-line headlines, inert outside text, the brief, upkeep; no Prefect server needed."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import cockpit, run, upkeep
from flows.brief import write
from tests.fakes.outlet import Outlet
from tests.flow.test_pipeline import FOOTBALL, ROCKETS, _config
from tocsin import settings
from tocsin.archive import Archive
from tocsin.config import Config
from tocsin.errors import ArchiveError
from tocsin.model import FeedRun, RunReport, Source

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GOOD = FeedRun("a", "https://a.example/feed", "ok", outcomes=(("new", 3), ("unchanged", 4)), items=7)
BAD = FeedRun("b", "https://b.example/feed", "server_error", "HTTP 500", down=True)


def _report(*feeds: FeedRun, skipped: str = "", failed: int = 0) -> RunReport:
    return RunReport(NOW, NOW + timedelta(seconds=3), feeds, (), skipped=skipped, failed=failed)


@pytest.mark.parametrize(
    ("report", "line"),
    [
        pytest.param(_report(GOOD), "3 new, 0 events, 1 feeds", id="all well"),
        pytest.param(_report(GOOD, BAD), "3 new, 0 events, 1/2 feeds down", id="one feed down"),
        pytest.param(_report(GOOD, failed=2), "3 new, 0 events, 1 feeds, 2 deliveries failed", id="failed deliveries"),
        pytest.param(_report(skipped="another poll is running"), "another poll is running", id="nothing done"),
    ],
)
def test_headline(report: RunReport, line: str) -> None:
    """The run in one line."""
    assert cockpit.headline(report) == line


HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) ![](https://spy.example/p.png) | `code`\n# big"


def test_outside_text_is_inert_in_markdown() -> None:
    """No tag, link, picture, table cell or heading of an outsider survives."""
    shown = cockpit.text(HOSTILE)
    assert "<" not in shown
    assert "\n" not in shown
    for mark in ("[", "]", "!", "|", "`", "#"):
        assert mark not in shown.replace("\\" + mark, "")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", ""])
def test_only_web_addresses_become_links(url: str) -> None:
    """Anything else is a word, not a link."""
    source = Source(1, url, "t", "Outlet", "en", (), None, NOW)
    assert cockpit.link(source) == "Outlet"


def test_a_link_cannot_break_out_of_its_brackets() -> None:
    """Brackets and spaces of an address are quoted."""
    source = Source(1, "https://x.example/a) [evil](https://y.example", "t", "Out]let", "en", (), None, NOW)
    assert cockpit.link(source) == "[Out\\]let](https://x.example/a%29%20%5Bevil%5D%28https://y.example)"


def test_summary_tells_what_went_wrong_and_where() -> None:
    """Counts by outcome and every feed that is down with its reason."""
    text = cockpit.summary(_report(GOOD, BAD))
    assert "| new | 3 |" in text
    assert "| b | server_error | HTTP 500 |" in text


@pytest.fixture
def polled(tmp_path: Path) -> Config:
    """A config whose archive holds one event and one match report."""
    with Outlet([ROCKETS, FOOTBALL]) as outlet:
        config = _config(tmp_path, outlet.address)
        run.run_once(config, direct=True)
    return config


def test_brief_lists_the_events_of_the_last_day(polled: Config) -> None:
    """One event, with its gravity and a link to its source; nothing a day later."""
    text, count = write(polled, now=datetime.now(UTC))
    assert count == 1
    assert "1 events: 1 high" in text
    assert "rockets-taji.html" in text
    assert write(polled, now=datetime.now(UTC) + timedelta(days=2))[1] == 0


def test_upkeep_backs_up_what_can_be_restored(polled: Config) -> None:
    """The backup opens as an archive with everything in it; the eighth oldest goes."""
    for day in range(9):
        done, sound = upkeep.care(polled, now=NOW + timedelta(days=day))
        assert sound
        assert "integrity ok" in done[0]
    backups = sorted((polled.archive.parent / "backups").glob("*.db"))
    assert len(backups) == upkeep.KEEP_BACKUPS
    with Archive.open(backups[-1]) as restored:
        assert len(restored.list_events(10)) == 1


def test_upkeep_keeps_good_backups_when_the_archive_is_damaged(polled: Config) -> None:
    """A damaged archive is told with the mend, and no backup is written over the good ones."""
    upkeep.care(polled, now=NOW)
    with polled.archive.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(ArchiveError, match="restore"):
        upkeep.care(polled, now=NOW + timedelta(days=1))
    assert len(list((polled.archive.parent / "backups").glob("*.db"))) == 1


def test_a_feed_that_may_not_ring_is_stored_in_silence(tmp_path: Path) -> None:
    """``alert: false`` archives and joins, and sends nothing."""
    with Outlet([ROCKETS]) as outlet:
        path = _config(tmp_path, outlet.address).path
        assert path is not None
        path.write_text(path.read_text().replace("language: en,", "language: en, alert: false,"), encoding="utf-8")
        report = run.run_once(settings.load(path), direct=True)
    assert report.sent == 0
    assert len(report.events) == 1


def test_one_feeds_bug_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the words of one feed is told as that feed's, and the other feed is polled."""
    with Outlet([ROCKETS]) as good, Outlet([FOOTBALL]) as bad:
        config = _config(tmp_path, good.address)
        other = config.feeds[0].model_copy(update={"id": "bad", "url": f"{bad.address}/feed.xml"})
        config = config.model_copy(update={"feeds": (*config.feeds, other)})
        real = run.gather

        def gather(feed, *args, **kwargs):
            if feed.id == "bad":
                raise RuntimeError("an index out of range somewhere")
            return real(feed, *args, **kwargs)

        monkeypatch.setattr(run, "gather", gather)
        report = run.run_once(config, direct=True)
    fates = {feed.feed: feed.down for feed in report.feeds}
    assert fates == {"outlet": False, "bad": True}
    assert "bug" in next(feed.detail for feed in report.feeds if feed.feed == "bad")
    assert replace(report, feeds=()).sent == 1


def test_prefect_settings_are_known_to_this_prefect_and_keep_what_the_user_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every name that the project sets is a setting of the pinned Prefect; the environment wins."""
    from prefect.settings.legacy import _get_settings_fields
    from prefect.settings.models.root import Settings

    from flows import settings as prefect_settings

    known = set(_get_settings_fields(Settings))
    logging = {name for name in prefect_settings.DEFAULTS if name.startswith("PREFECT_LOGGING_HANDLERS_")}
    assert {n for n in prefect_settings.DEFAULTS if n.startswith("PREFECT_")} - logging <= known
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "mine"))
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    for name in prefect_settings.DEFAULTS:
        monkeypatch.setenv(name, os.environ.get(name, ""))
    with Outlet([]) as outlet:
        config = _config(tmp_path, outlet.address)
    prefect_settings.apply(config)
    assert os.environ["PREFECT_HOME"] == str(tmp_path / "mine")
    assert os.environ["PREFECT_LOGGING_LEVEL"] == "DEBUG"
