"""Operators hear of a trouble once, and once that it is over: over real sockets, and over kills."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import operators, run
from tests.fakes.outlet import Outlet, Story
from tests.fakes.sink import HttpSink
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.archive.troubles import Troubles
from tocsin.config import Config, reading
from tocsin.model import FeedState

NOW = datetime.now(UTC)
TEXT = ["The ministry of water resources said on Monday that the level of the Tigris had risen for the third week."] * 3


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    stories = [Story(f"s{n}", f"Water level {n}", TEXT, published=NOW - timedelta(hours=n + 1)) for n in range(6)]
    with Outlet(stories) as server:
        yield server


@pytest.fixture
def hook() -> Iterator[HttpSink]:
    with HttpSink() as sink:
        yield sink


def config(folder: Path, outlet: Outlet, hook: HttpSink) -> Config:
    """One feed, one channel for operators."""
    path = folder / "config.yaml"
    path.write_text(
        f"""
archive: tocsin.db
http:
  user_agent: "Tocsin/1.0 (+https://tocsin.example/; t@tocsin.example)"
  per_host_delay_seconds: 0
  allow_private_addresses: ["127.0.0.0/8"]
feeds: [{{id: outlet, url: "{outlet.address}/feed.xml", language: en, publisher: Outlet}}]
alerts:
  channels: {{ops: {{kind: webhook, url: "{hook.url}"}}, terminal: {{kind: terminal}}}}
  routes: [{{to: [terminal]}}]
  operators: [ops]
""",
        encoding="utf-8",
    )
    return reading.load(path)


def changed(config: Config, **more: object) -> None:
    """Change what is remembered of the feed, and let it be due."""
    with Archive.open(config.archive) as archive, archive.transaction():
        before = archive.feed_states().get("outlet", FeedState("outlet"))
        due = NOW - timedelta(seconds=1)
        archive.save_feed_state(replace(before, next_attempt_at=due, **more))


def bodies(hook: HttpSink) -> list[dict[str, str]]:
    """Every alert that arrived."""
    return [alert for _, raw in hook.got for alert in json.loads(raw)["alerts"]]


def told(hook: HttpSink) -> list[tuple[str, str]]:
    """Reason and gist of what operators got."""
    return [(body["reason"], body["gist"]) for body in bodies(hook)]


def test_all_feeds_failing_rings_once_and_clears(tmp_path: Path, outlet: Outlet, hook: HttpSink) -> None:
    """Three polls of an outage are one message, in the same run that met it; its end is another in its thread."""
    settled = config(tmp_path, outlet, hook)
    run.poll_direct(settled)
    assert told(hook) == []
    outlet.feed_status = 503
    changed(settled)
    run.poll_direct(settled)
    assert told(hook) == [], "one failure calls nobody"
    for _ in range(3):
        changed(settled, last_success_at=NOW - timedelta(hours=1))
        run.poll_direct(settled)
    assert told(hook) == [("trouble", "The only feed is failing (server_error)")]
    outlet.feed_status = 200
    changed(settled)
    for _ in range(2):
        run.poll_direct(settled)
    assert told(hook)[1:] == [("cleared", "Over: the only feed is failing (server_error)")]
    events = {body["event"] for body in bodies(hook)}
    assert len(events) == 1


def test_a_feed_gone_quiet_rings_reminds_after_a_day_and_clears(
    tmp_path: Path, outlet: Outlet, hook: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed of hourly items answers 304 for a day; then it has news."""
    settled = config(tmp_path, outlet, hook)
    run.poll_direct(settled)
    for hours in (3, 10, 12, 20, 36, 37, 61):
        monkeypatch.setattr(run, "utc_now", lambda hours=hours: NOW + timedelta(hours=hours))
        with Archive.open(settled.archive) as archive:
            archive.record_run(run.skipped(run.utc_now(), "asked, nothing new"))
            run.deliver(settled, archive)
    reasons = [reason for reason, _ in told(hook)]
    assert reasons == ["trouble", "trouble", "trouble"], "past a night, and after a day each"
    assert (
        "Outlet (outlet): gone strangely quiet: nothing new for 13 hours, usually every 60 minutes" in told(hook)[0][1]
    )
    changed(settled, newest_item_at=NOW + timedelta(hours=61))
    with Archive.open(settled.archive) as archive:
        run.deliver(settled, archive)
    assert [reason for reason, _ in told(hook)][3:] == ["cleared"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"suspect": "its links led to a.example and lead to b.example", "status": "hijack_suspected"}, "other hands"),
        ({"status": "frozen", "detail": "its newest item is of 2019-01-01"}, "frozen"),
        ({"status": "gone", "failures": 1.0, "detail": "HTTP 410"}, "gone for good"),
    ],
    ids=["hijack", "frozen", "gone"],
)
def test_each_trouble_of_a_feed_is_told(
    tmp_path: Path, outlet: Outlet, hook: HttpSink, state: dict[str, object], words: str
) -> None:
    """Once, however often deliveries run."""
    settled = config(tmp_path, outlet, hook)
    run.poll_direct(settled)
    changed(settled, **state)
    for _ in range(3):
        with Archive.open(settled.archive) as archive:
            run.deliver(settled, archive)
    assert [words in gist for _, gist in told(hook)] == [True]


def test_no_poll_is_told_while_deliveries_run_and_not_after_a_night_switched_off(
    tmp_path: Path, outlet: Outlet, hook: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that slept did not fail to poll."""
    settled = config(tmp_path, outlet, hook)
    run.poll_direct(settled)
    start = datetime.now(UTC)
    for minutes in (5, 14, 23, 29):
        monkeypatch.setattr(run, "utc_now", lambda m=minutes: start + timedelta(minutes=m))
        with Archive.open(settled.archive) as archive:
            run.deliver(settled, archive)
    assert told(hook) == []
    monkeypatch.setattr(run, "utc_now", lambda: start + timedelta(minutes=90))  # asleep for an hour
    with Archive.open(settled.archive) as archive:
        run.deliver(settled, archive)
    assert told(hook) == []
    for minutes in range(95, 126, 5):
        monkeypatch.setattr(run, "utc_now", lambda m=minutes: start + timedelta(minutes=m))
        with Archive.open(settled.archive) as archive:
            run.deliver(settled, archive)
    assert [gist[:32] for _, gist in told(hook)] == ["No poll has ended well for 35 mi"]


def test_an_outage_is_one_message_however_many_feeds_have_been_silent_for_a_day(
    tmp_path: Path, outlet: Outlet, hook: HttpSink
) -> None:
    """The single feeds are not told while all fail; one that was told before is not called mended."""
    settled = config(tmp_path, outlet, hook)
    feeds = tuple(settled.feeds[0].model_copy(update={"id": name}) for name in ("outlet", "other"))
    settled = settled.model_copy(update={"feeds": feeds})
    old = NOW - timedelta(days=2)
    well = FeedState("other", status="ok", last_attempt_at=NOW, last_success_at=NOW)
    down = FeedState("outlet", status="dns", failures=2.0, last_attempt_at=NOW, last_success_at=old)
    with Archive.open(settled.archive) as archive:
        for other in (well, replace(well, status="dns", failures=2.0, last_success_at=old)):
            archive.save_feed_state(down)
            archive.save_feed_state(other)
            operators.tell(settled, archive, {"ops": ("",)}, now=NOW)
        run.deliver(settled, archive)
    assert sorted(gist.split(":")[0] for _, gist in told(hook)) == ["All 2 feeds are failing (dns)", "Outlet (outlet)"]


@pytest.mark.parametrize("broken", ["enqueue", "save"])
def test_a_death_between_message_and_note_tells_neither_half(
    tmp_path: Path, outlet: Outlet, hook: HttpSink, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """Both stand in one transaction: what comes next tells it, once."""
    settled = config(tmp_path, outlet, hook)
    run.poll_direct(settled)
    changed(settled, failures=1.0, status="dns", last_success_at=NOW - timedelta(hours=1))

    class Death(BaseException):
        """What no handler catches."""

    def die(*_: object, **__: object) -> None:
        raise Death

    with Archive.open(settled.archive) as archive:
        with monkeypatch.context() as patch:
            patch.setattr(Outbox if broken == "enqueue" else Troubles, broken, die)
            with pytest.raises(Death):
                operators.tell(settled, archive, {"ops": ("",)}, now=NOW)
        assert Outbox(archive).list_alerts() == []
        assert operators.tell(settled, archive, {"ops": ("",)}, now=NOW) == 1
        assert operators.tell(settled, archive, {"ops": ("",)}, now=NOW) == 0


@pytest.mark.parametrize("kills", [2, pytest.param(40, marks=pytest.mark.torture)])
def test_kill_after_kill_one_trouble_is_one_message(tmp_path: Path, outlet: Outlet, hook: HttpSink, kills: int) -> None:
    """``tocsin run --direct`` on a dead feed, killed at any moment, then left alone: one alert in the archive.

    A webhook may get it twice, which is by design: nobody can ask a webhook; its id is then the same.
    """
    settled = config(tmp_path, outlet, hook)
    outlet.feed_status = 503
    command = [str(Path(sys.executable).with_name("tocsin")), "run", "--direct", "--config", str(settled.path)]
    chance = random.Random(kills)
    for _ in range(kills):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(chance.uniform(0.5, 1.6))
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        changed(settled)
    for _ in range(2):
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        changed(settled)
    with Archive.open(settled.archive) as archive:
        assert [row["reason"] for row in Outbox(archive).list_alerts()] == ["trouble"]
    assert len({body["id"] for body in bodies(hook)}) == 1


def test_a_site_scraper_that_no_longer_fits_rings_once(
    tmp_path: Path, outlet: Outlet, hook: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of a claimed host that are read otherwise, six in a row; those of other hosts are no trouble."""
    settled = config(tmp_path, outlet, hook)
    run.poll_direct(settled)
    assert told(hook) == []
    with Archive.open(settled.archive) as archive:
        assert {rung for _, rung, _ in Troubles(archive).texts("outlet")} <= {"generic", "json-ld", "feed"}
    monkeypatch.setattr(Troubles, "texts", lambda *_: [("https://www.bbc.com/news/a", "generic", "full")] * 6)
    for _ in range(2):
        run.poll_direct(settled)
    assert told(hook) == [("trouble", "Outlet (outlet): its site scraper read none of its last 6 pages")]


def test_a_feed_whose_pages_give_no_text_rings_once_and_clears(tmp_path: Path, outlet: Outlet, hook: HttpSink) -> None:
    """It answers, and so it looks well; every item of it is judged on two lines."""
    fresh = NOW - timedelta(minutes=9)
    outlet.stories = [Story(f"n{n}", f"Water level {n}", TEXT, fresh, page_status=403) for n in range(10)]
    settled = config(tmp_path, outlet, hook)
    for _ in range(2):
        run.poll_direct(settled)
        changed(settled)
    assert told(hook) == [("trouble", "Outlet (outlet): none of its last 10 pages gave a text")]
    outlet.stories = [Story("open", "Water level falls", TEXT, fresh), *outlet.stories]
    run.poll_direct(settled)
    assert told(hook)[1:] == [("cleared", "Over: Outlet (outlet): none of its last 10 pages gave a text")]
