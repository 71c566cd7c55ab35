"""No overlap, no pile-up: whatever happens exactly one poll does the work; the archive's lock has the last word."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows import run
from tests.fakes.outlet import Outlet, Story
from tests.fakes.serving import TOCSIN, Served, environment, until
from tests.flow.test_pipeline import ROCKETS, _config
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Config


class SlowOutlet(Outlet):
    """Its feed answers after ``delay`` seconds."""

    delay = 0.0

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """As every outlet, later."""
        if path == "/feed.xml":
            time.sleep(self.delay)
        return super().answer(path)


ENDED = {"COMPLETED", "CANCELLED", "FAILED", "CRASHED"}


def _alerts(config: Config) -> int:
    with Archive.open(config.archive) as archive:
        return len(Outbox(archive).list_alerts(limit=100))


def _make_due(config: Config, at: datetime) -> None:
    with Archive.open(config.archive) as archive, archive.transaction():
        for state in archive.feed_states().values():
            archive.save_feed_state(replace(state, next_attempt_at=at))


def test_a_slow_poll_is_not_joined_by_the_next(tmp_path: Path) -> None:
    """The second finds the lock taken, says so and asks nobody."""
    with SlowOutlet([ROCKETS]) as outlet:
        config = _config(tmp_path, outlet.address)
        outlet.delay = 1.0
        slow = threading.Thread(target=run.poll_direct, args=(config,))
        slow.start()
        until("the first poll's request", lambda: outlet.hits.get("/feed.xml"), 20)
        second = run.poll_direct(config)
        slow.join()
    assert second.skipped == "another poll is running"
    assert outlet.hits["/feed.xml"] == 1
    assert _alerts(config) == 1


def test_after_a_killed_run_the_next_does_all_of_its_work(tmp_path: Path) -> None:
    """SIGKILL in the middle of a poll: the kernel frees the lock, and the next poll finds everything still to do."""
    with SlowOutlet([ROCKETS]) as outlet:
        config = _config(tmp_path, outlet.address)
        outlet.delay = 30.0
        words = [*TOCSIN, "run", "--direct", "--config", str(config.path)]
        killed = subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL)
        until("the request of the poll to be killed", lambda: outlet.hits.get("/feed.xml"), 30)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        outlet.delay = 0.0
        report = run.poll_direct(config)
        again = run.poll_direct(config)
    assert (report.skipped, report.outcomes) == ("", {"new": 1})
    assert again.skipped.startswith("no feed is due")
    assert _alerts(config) == 1


def test_after_an_outage_one_poll_catches_up_and_the_rest_end_at_once(tmp_path: Path) -> None:
    """Twelve polls that were missed in an hour: the first does the work of all."""
    with SlowOutlet([]) as outlet:
        config = _config(tmp_path, outlet.address)
        run.poll_direct(config)
        _make_due(config, datetime.now(UTC) - timedelta(hours=1))
        outlet.stories = [ROCKETS]
        reports = [run.poll_direct(config) for _ in range(12)]
    assert [bool(report.feeds) for report in reports] == [True] + [False] * 11
    assert outlet.hits["/feed.xml"] == 2
    assert _alerts(config) == 1


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=-1)], ids=str)
def test_a_clock_change_neither_doubles_nor_stops_the_polls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    """After the clock is set forward or back one poll asks the feed, and the next that it is not due."""
    with SlowOutlet([]) as outlet:
        config = _config(tmp_path, outlet.address)
        run.poll_direct(config)
        outlet.stories = [ROCKETS]
        monkeypatch.setattr(run, "utc_now", lambda: datetime.now(UTC) + jump)
        reports = [run.poll_direct(config) for _ in range(3)]
    assert [bool(report.feeds) for report in reports] == [True, False, False]
    assert outlet.hits["/feed.xml"] == 2


@pytest.mark.parametrize("year_day", [(2026, 3, 28), (2026, 10, 24)], ids=["summer time begins", "summer time ends"])
def test_schedules_keep_their_step_when_summer_time_changes(tmp_path: Path, year_day: tuple[int, int, int]) -> None:
    """Polls stay five minutes apart, and the brief comes once a day at its local hour."""
    from prefect.server.schemas.schedules import CronSchedule, IntervalSchedule

    from flows.runner import deployments

    config = _config(tmp_path, "http://127.0.0.1:9")
    config = config.model_copy(update={"schedule": config.schedule.model_copy(update={"timezone": "Europe/Brussels"})})
    zone = ZoneInfo("Europe/Brussels")
    start = datetime(*year_day, 12, tzinfo=zone)
    made = {d.flow_name: d for d in deployments(config, now=start)}
    poll, brief = made["poll"].schedules[0].schedule, made["brief"].schedules[0].schedule

    async def dates() -> tuple[list[datetime], list[datetime]]:
        every = IntervalSchedule(interval=poll.interval, anchor_date=poll.anchor_date, timezone=poll.timezone)
        daily = CronSchedule(cron=brief.cron, timezone=brief.timezone)
        return (await every.get_dates(n=300, start=start), await daily.get_dates(n=3, start=start))

    polls, briefs = asyncio.run(dates())
    steps = {b.timestamp() - a.timestamp() for a, b in pairwise(polls)}
    assert steps == {300.0}
    assert [b.astimezone(zone).hour for b in briefs] == [6, 6, 6]
    assert len({b.astimezone(zone).date() for b in briefs}) == 3


# --------------------------------------------------------------------------- the same under a real `tocsin serve`


@pytest.mark.flow
@pytest.mark.torture
def test_serve_ends_in_one_good_poll_after_kill_outage_and_a_second_serve(tmp_path: Path) -> None:
    """A slow poll, its kill, a power cut with an hour's backlog: each time one poll works, within two intervals."""
    with SlowOutlet([]) as outlet:
        config = _config(tmp_path, outlet.address)
        assert config.path is not None
        text = config.path.read_text(encoding="utf-8")
        config.path.write_text(text + "schedule: {poll_minutes: 60, deliver_minutes: 60}\n", encoding="utf-8")
        with Served(config.path) as served:
            until("the first poll", lambda: served.runs("poll", "COMPLETED"))
            _slow_poll(served, config, outlet)
            killed = _killed_run(served, config, outlet)
            outage = _power_cut(served, config, outlet)
            _second_serve(served, config)
    print(f"\nkilled run to the end of the next good poll: {killed:.1f} s; power cut, restart included: {outage:.1f} s")  # noqa: T201 what docs/running.md quotes
    assert max(killed, outage) < 120  # two intervals of the shortest schedule


def _begin(served: Served, config: Config, outlet: SlowOutlet, delay: float) -> str:
    """A poll that is at its feed and stays there."""
    _make_due(config, datetime.now(UTC) - timedelta(seconds=1))
    before, outlet.delay = outlet.hits.get("/feed.xml", 0), delay
    run_id = served.start_run("poll")
    until("the slow poll's request", lambda: outlet.hits.get("/feed.xml", 0) > before, 60)
    return run_id


def _good_poll(served: Served, config: Config, outlet: SlowOutlet, slug: str) -> None:
    """Ask for polls until one has read a new story; exactly one does."""
    outlet.delay = 0.0
    outlet.stories = [*outlet.stories, Story(slug, ROCKETS.title, ROCKETS.paragraphs)]

    def worked() -> bool:
        _run = served.start_run("poll")
        until("its end", lambda: served.state(_run)["type"] in ENDED, 60)
        return outlet.hits.get(f"/{slug}.html") == 1

    until("a good poll", worked, 120)


def _slow_poll(served: Served, config: Config, outlet: SlowOutlet) -> None:
    slow = _begin(served, config, outlet, 14.0)
    hits = outlet.hits["/feed.xml"]
    others = [served.start_run("poll") for _ in range(3)]
    until("the others", lambda: all(served.state(r)["type"] not in {"SCHEDULED", "PENDING"} for r in others), 60)
    assert {served.state(r)["type"] for r in others} == {"CANCELLED"}
    assert outlet.hits["/feed.xml"] == hits
    until("the slow one's end", lambda: served.state(slow)["type"] == "COMPLETED", 60)


def _killed_run(served: Served, config: Config, outlet: SlowOutlet) -> float:
    victim = _begin(served, config, outlet, 14.0)
    at = time.monotonic()
    for pid in served.children("prefect.engine") or served.children("prefect.flow_engine"):
        os.kill(pid, signal.SIGKILL)
    _good_poll(served, config, outlet, "after-the-kill")
    until("the victim's state", lambda: served.state(victim)["type"] == "CRASHED", 30)
    return time.monotonic() - at


def _power_cut(served: Served, config: Config, outlet: SlowOutlet) -> float:
    victim = _begin(served, config, outlet, 14.0)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    served.kill_all()
    outlet.delay = 0.0
    outlet.stories = [*outlet.stories, Story("after-the-cut", ROCKETS.title, ROCKETS.paragraphs)]
    at = time.monotonic()
    served.start()
    until("the poll that does the work", lambda: outlet.hits.get("/after-the-cut.html"), 120)
    took = time.monotonic() - at
    missed = [
        served.start_run("poll", due=f"{hour_ago + timedelta(minutes=5 * n):%Y-%m-%dT%H:%M:%SZ}") for n in range(3)
    ]
    until("the missed runs' end", lambda: all(served.state(run)["type"] in ENDED for run in missed), 120)
    assert outlet.hits["/after-the-cut.html"] == 1
    assert served.state(victim)["type"] == "CRASHED"
    return took


def _second_serve(served: Served, config: Config) -> None:
    """A second one for the same archive is refused with the address of the first."""
    words = [*TOCSIN, "serve", "--config", str(config.path), "--port", "1"]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"already at http://127.0.0.1:{served.port}" in done.stderr
