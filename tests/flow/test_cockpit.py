"""What operators read: one-line headlines, inert outside text, the brief, upkeep; no Prefect server needed."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import cockpit, run, settings, upkeep
from flows.brief import write
from tests.fakes.alerts import alert
from tests.fakes.outlet import Outlet, Story
from tests.flow.test_pipeline import FOOTBALL, ROCKETS, _config
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Config, Feed, Http, reading
from tocsin.errors import ArchiveError
from tocsin.model import DeliveryState, FeedRun, FeedState, Planned, RunReport, Source

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GOOD = FeedRun("a", "https://a.example/feed", "ok", outcomes=(("new", 3), ("unchanged", 4)), items=7)
BAD = FeedRun("b", "https://b.example/feed", "server_error", "HTTP 500", down=True)


def _report(*feeds: FeedRun, skipped: str = "", failed: int = 0) -> RunReport:
    return RunReport(NOW, NOW + timedelta(seconds=3), feeds, (), skipped=skipped, failed=failed)


@pytest.mark.parametrize(
    ("report", "line"),
    [
        pytest.param(_report(GOOD), "3 new, 0 events, 1 feed", id="all well"),
        pytest.param(_report(GOOD, BAD), "3 new, 0 events, 1/2 feeds down", id="one feed down"),
        pytest.param(_report(GOOD, failed=2), "3 new, 0 events, 1 feed, 2 deliveries failed", id="failed deliveries"),
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


def test_the_ledger_counts_what_was_kept_back(tmp_path: Path) -> None:
    """Sent, held, silenced, inhibited: each by its name, so that nobody takes a silence for a loss."""
    fates = {
        "now": Planned("slack", "now"),
        "night": Planned("slack", "night", held_until=NOW + timedelta(hours=6), why="quiet hours"),
        "quiet": Planned("slack", "quiet", DeliveryState.SILENCED, why="silence 1"),
        "part": Planned("slack", "part", DeliveryState.INHIBITED, why="part of an operation"),
    }
    with Archive.open(tmp_path / "t.db") as archive:
        outbox = Outbox(archive)
        assert cockpit.ledger_line(outbox, NOW).endswith("of all: none")
        outbox.enqueue(alert(), list(fates.values()), now=NOW)
        assert cockpit.ledger_line(outbox, NOW).endswith("of all: 1 waiting, 1 held, 1 silenced, 1 inhibited")
        (sent,) = [d for d in outbox.waiting("slack", now=NOW) if d.recipient == "now"]
        outbox.claim([sent.id], now=NOW)
        outbox.mark_sent([sent.id], remote_id="1", thread=None, now=NOW)
        assert cockpit.ledger_line(outbox, NOW).endswith("of all: 1 sent, 1 held, 1 silenced, 1 inhibited")
        why = {row["recipient"]: cockpit._ledger_row(row)["why"] for row in outbox.list_alerts()}
    assert why["night"] == "quiet hours"
    assert why["quiet"] == "silence 1"


@pytest.fixture
def polled(tmp_path: Path) -> Config:
    """A config whose archive holds one event and one match report."""
    with Outlet([ROCKETS, FOOTBALL]) as outlet:
        config = _config(tmp_path, outlet.address)
        run.poll_direct(config)
    return config


def test_brief_lists_the_events_of_the_last_day(polled: Config) -> None:
    """One event, with its gravity and a link to its source; nothing a day later."""
    text, count = write(polled, now=datetime.now(UTC))
    assert count == 1
    assert "1 events: 1 high" in text
    assert "rockets-taji.html" in text
    assert write(polled, now=datetime.now(UTC) + timedelta(days=2))[1] == 0


def test_upkeep_backs_up_what_can_be_restored(polled: Config) -> None:
    """A backup is one file that is put in the archive's place and goes on; the eighth oldest goes."""
    for day in range(9):
        done, sound = upkeep.care(polled, now=NOW + timedelta(days=day))
        assert sound
        assert "written and read back" in done[0]
    folder = polled.archive.parent / "backups"
    backups = sorted(folder.glob("*.db"))
    assert len(backups) == polled.keep.backups
    assert sorted(folder.iterdir()) == backups, "no -wal or -shm beside a backup"
    for beside in polled.archive.parent.glob("tocsin.db*"):
        beside.unlink()
    shutil.copy(backups[-1], polled.archive)  # as docs/running.md says
    with Archive.open(polled.archive) as restored:
        assert restored.check() == []
        assert len(restored.list_events(10)) == 1
    assert run.poll_direct(polled).skipped.startswith("no feed is due")


def test_upkeep_forgets_by_age_and_by_the_policy_of_the_feed(tmp_path: Path) -> None:
    """A feed's own keep_days wins over keep.articles_days, shorter and longer."""
    stories = {
        name: Story(name, f"{FOOTBALL.title} {name}", [f"{p} {name}" for p in FOOTBALL.paragraphs]) for name in "abc"
    }
    with Outlet([stories["a"]]) as one, Outlet([stories["b"]]) as two, Outlet([stories["c"]]) as three:
        config = _config(tmp_path, one.address)
        first = config.feeds[0]
        feeds = (
            first,
            first.model_copy(update={"id": "short", "url": f"{two.address}/feed.xml", "keep_days": 5}),
            first.model_copy(update={"id": "long", "url": f"{three.address}/feed.xml", "keep_days": 400}),
        )
        keep = config.keep.model_copy(update={"articles_days": 30})
        config = config.model_copy(update={"feeds": feeds, "keep": keep})
        run.poll_direct(config)
        now = datetime.now(UTC)
        left = []
        for days in (4, 10, 31, 401):
            upkeep.care(config, now=now + timedelta(days=days))
            with Archive.open(config.archive) as archive:
                left.append(len(archive.search("Basra", 10)))
    assert left == [3, 2, 1, 0]


def test_upkeep_warns_of_a_full_disk_before_it_is_too_late(polled: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """No backup that would fill the disk, and the run is red; with a little more room the warning comes first."""
    size = polled.archive.stat().st_size
    usage = shutil.disk_usage(polled.archive.parent)
    reserve = int(polled.keep.free_disk_gb * 10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=reserve + size - 1))
    done, sound = upkeep.care(polled, now=NOW)
    assert not sound
    assert "make room" in done[0]
    assert not list((polled.archive.parent / "backups").glob("*.db"))
    for backups, warned in ((2, True), (9, False)):
        free = reserve + backups * size
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: usage._replace(free=free))
        done, sound = upkeep.care(polled, now=NOW)
        assert sound
        assert ("before it is too late" in done[0]) is warned


def test_upkeep_keeps_good_backups_when_the_archive_is_damaged(polled: Config) -> None:
    """A damaged archive is told with the mend, and no backup is written over the good ones."""
    upkeep.care(polled, now=NOW)
    with polled.archive.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(ArchiveError, match="restore"):
        upkeep.care(polled, now=NOW + timedelta(days=1))
    assert len(list((polled.archive.parent / "backups").glob("*.db"))) == 1


@pytest.mark.parametrize("page", [0, 5], ids=["its head is gone", "a page of it is gone"])
def test_a_backup_that_cannot_be_read_back_is_none(polled: Config, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """It never gets the name of one, so the newest file stays good, and no good one goes for it; one bad one stays."""
    folder = polled.archive.parent / "backups"
    upkeep.care(polled, now=NOW)
    good = list(folder.iterdir())
    write = Archive.backup

    def onto_a_bad_disk(archive: Archive, to: Path) -> None:
        write(archive, to)
        with to.open("r+b") as file:
            file.seek(4096 * page)
            file.write(b"\xff" * 4096 * 20)

    monkeypatch.setattr(Archive, "backup", onto_a_bad_disk)
    for day in range(1, 9):
        with pytest.raises(ArchiveError, match=r"\.bad: the backup cannot be read back.*look at the disk"):
            upkeep.care(polled, now=NOW + timedelta(days=day))
    assert sorted(folder.glob("*.db")) == good
    assert [one.name for one in folder.iterdir() if one not in good] == [
        f"tocsin-{NOW + timedelta(days=8):%Y%m%d-%H%M%S}.bad"
    ]


def test_logs_do_not_grow_for_ever(polled: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long one the end is set aside; who has it open writes on in the same file, from its beginning."""
    monkeypatch.setattr(upkeep, "LOG_BYTES", 1000)
    home = settings.home(polled)
    home.mkdir(parents=True, exist_ok=True)
    long, short, stacks = home / "server.log", home / "runner.log", polled.archive.parent / "tocsin-bugs.log"
    short.write_text("one line\n", encoding="utf-8")
    stacks.write_text("a stack\n" * 200, encoding="utf-8")
    with long.open("ab", buffering=0) as child:
        for night in range(2):
            child.write(b"".join(b"night %d line %03d\n" % (night, n) for n in range(300)))
            done, sound = upkeep.care(polled, now=NOW + timedelta(days=night))
            assert sound
            assert [line for line in done if line.startswith("server.log had")]
        child.write(b"morning\n")
    assert long.read_bytes() == b"morning\n"
    assert (home / "server.log.1").read_bytes().endswith(b"\nnight 1 line 299\n")
    assert (home / "server.log.1").stat().st_size == 1000
    assert short.read_text(encoding="utf-8") == "one line\n"
    assert (stacks.stat().st_size, (stacks.parent / "tocsin-bugs.log.1").stat().st_size) == (0, 1000)


def test_a_feed_that_may_not_ring_is_stored_in_silence(tmp_path: Path) -> None:
    """``alert: false`` archives and joins, and sends nothing."""
    with Outlet([ROCKETS]) as outlet:
        path = _config(tmp_path, outlet.address).path
        assert path is not None
        path.write_text(path.read_text().replace("language: en,", "language: en, alert: false,"), encoding="utf-8")
        report = run.poll_direct(reading.load(path))
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
        report = run.poll_direct(config)
    fates = {feed.feed: feed.down for feed in report.feeds}
    assert fates == {"outlet": False, "bad": True}
    told = next((feed.status, feed.detail) for feed in report.feeds if feed.feed == "bad")
    assert told == ("bug", "RuntimeError: an index out of range somewhere")
    assert report.sent == 2, "the alert, and the word to operators"


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
    with monkeypatch.context() as alone:
        for name, value in prefect_settings.DEFAULTS.items():
            alone.setenv(name, value)
        alone.setenv("PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD", str(14 * 86_400))
        vacuum = Settings().server.services.db_vacuum
        assert (vacuum.retention_period, vacuum.enabled_vacuum_types) == (
            timedelta(days=14),
            {"events", "flow_runs", "orphans"},
        )
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "mine"))
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    for name in prefect_settings.DEFAULTS:
        monkeypatch.setenv(name, os.environ.get(name, ""))
    with Outlet([]) as outlet:
        config = _config(tmp_path, outlet.address)
    prefect_settings.apply(config)
    assert os.environ["PREFECT_HOME"] == str(tmp_path / "mine")
    assert os.environ["PREFECT_LOGGING_LEVEL"] == "DEBUG"


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each start is said with the log to look at; the pause doubles, so that a broken install is no busy loop."""
    from flows import serve

    monkeypatch.setattr(serve, "RESTART_SECONDS", 0.1)
    children, said = serve._Children(dict(os.environ), tmp_path), []
    children.start("runner", ["-c", "raise SystemExit(3)"])
    pauses = []
    for _ in range(2):
        before = time.monotonic()
        while len(said) == len(pauses):
            children.revive(said.append)
            time.sleep(0.01)
        pauses.append(time.monotonic() - before)
    children.stop()
    assert said[0] == f"The runner ended with 3, see {tmp_path / 'runner.log'}; starting it again."
    assert children._pauses["runner"] == 0.4


def test_the_table_of_feeds_shows_each_as_of_now_those_in_trouble_first() -> None:
    """A feed that answered well has since gone quiet; one never polled is there, too."""
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    feeds = tuple(Feed(id=name, url=f"https://{name}.example/?token=x") for name in ("never", "well", "silent"))
    config = Config(http=Http(user_agent="Tocsin/1.0 (+https://t.example)"), feeds=feeds)
    state = FeedState("well", status="ok", last_success_at=now, newest_item_at=now, usual_gap_seconds=3600)
    with Archive.memory() as archive:
        archive.save_feed_state(state)
        archive.save_feed_state(replace(state, feed="silent", newest_item_at=now - timedelta(days=1)))
        rows = cockpit.feed_rows(config, archive, now)
    assert [(row["feed"], row["status"]) for row in rows] == [("silent", "quiet"), ("never", "never"), ("well", "ok")]
    assert "strangely quiet" in rows[0]["why"]
    assert {"last success", "newest item", "usual gap", "next poll", "texts"} <= set(rows[0])
    assert "token=x" not in str(rows)
