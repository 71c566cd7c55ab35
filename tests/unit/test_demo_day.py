"""The driver of the sample day: goes on after a kill, starts afresh after an end, leaves other files alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from demo.day import CHANNELS, FRESH_FOR, POLL_TRIES, Day
from tocsin.archive import Archive
from tocsin.config import reading
from tocsin.errors import ArchiveError, ConfigError
from tocsin.model import FeedRun, FeedState, RunReport

NOW = datetime(2026, 11, 22, 9, 10, tzinfo=UTC)
REPORT = RunReport(NOW, NOW, (FeedRun("the-lantern", "http://x", "not_a_feed", "an HTML page"),), ())


class Polls:
    """A pipeline that only notes what it was asked; it can stop the day at a phase."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.phases: list[int] = []
        self.feeds: dict[str, str] = {}
        self.stop_at = stop_at

    def __call__(self, config_path: Path, phase: int) -> RunReport:
        config = reading.load(config_path)
        self.feeds = {feed.id: feed.url for feed in config.feeds}
        self.phases.append(phase)
        Archive.open(config.archive).close()
        if phase == self.stop_at:
            raise KeyboardInterrupt
        return REPORT


def day(folder: Path, at: datetime = NOW) -> Day:
    return Day(folder, clock=lambda: at)


def marker(folder: Path) -> dict[str, object]:
    row: dict[str, object] = json.loads((folder / "day.json").read_text())
    return row


def interrupted(folder: Path, phase: int = 2) -> Polls:
    polls = Polls(stop_at=phase)
    with pytest.raises(KeyboardInterrupt):
        day(folder).run(polls, lambda _: None)
    return polls


def test_a_day_is_polled_phase_by_phase_and_scored(tmp_path: Path):
    """A pipeline that finds nothing gets every event as a miss, the failing feed in the progress, and False."""
    polls, said = Polls(), list[str]()
    assert day(tmp_path).run(polls, said.append) is False
    assert polls.phases == [1, 2, 3]
    assert any("the-lantern: not_a_feed, an HTML page" in line for line in said)
    assert sum("never told" in line for line in said) == 17
    assert marker(tmp_path)["finished"] is True
    assert "iraq-desk" in (tmp_path / "slack.html").read_text(encoding="utf-8")
    assert len(json.loads((tmp_path / "truth.json").read_text())["misses"]) > 17


def test_the_configuration_is_valid_and_reaches_only_this_machine(tmp_path: Path):
    """Thirteen feeds and three channels, none of them off; every feed answers while the day is played."""
    answers: dict[str, int] = {}

    def poll(path: Path, phase: int) -> RunReport:
        config = reading.load(path)
        assert config.channels_off == ()
        assert tuple(config.alerts.channels) == CHANNELS
        assert config.archive == tmp_path / "demo.db"
        if phase == 1:
            with requests.Session() as web:
                web.trust_env = False
                answers.update({feed.id: web.get(feed.url, timeout=5).status_code for feed in config.feeds})
        return REPORT

    day(tmp_path).run(poll, lambda _: None)
    assert len(answers) == 13
    assert {name for name, status in answers.items() if status != 200} == {"gazette-monts"}


def test_an_interrupted_day_goes_on_with_the_same_clock_addresses_and_archive(tmp_path: Path):
    """The phase that did not end is polled again; what was stored stays stored."""
    first = interrupted(tmp_path)
    with Archive.open(tmp_path / "demo.db") as archive:
        archive.save_feed_state(FeedState("kept", next_attempt_at=NOW + timedelta(hours=1)))
    before, second, said = marker(tmp_path), Polls(), list[str]()
    day(tmp_path, NOW + timedelta(minutes=20)).run(second, said.append)
    assert second.phases == [2, 3]
    assert second.feeds == first.feeds
    assert marker(tmp_path)["base_time"] == before["base_time"]
    assert said[0].startswith("Going on with the sample day of 09:10 UTC after poll 1 of 3")
    with Archive.open(tmp_path / "demo.db") as archive:
        assert archive.feed_states()["kept"].next_attempt_at is None  # every feed is due again at each phase


def test_a_killed_day_goes_on(tmp_path: Path):
    """kill -9 in the middle of a poll: no lock is left behind, the marker is whole."""
    script = (
        "import os, sys; from pathlib import Path; from demo.day import Day\n"
        "def poll(path, phase):\n"
        "    os.kill(os.getpid(), 9) if phase == 2 else None\n"
        "    from tests.unit.test_demo_day import REPORT\n"
        "    return REPORT\n"
        "Day(Path(sys.argv[1])).run(poll, lambda line: None)\n"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    polls = Polls()
    Day(tmp_path).run(polls, lambda _: None)
    assert polls.phases == [2, 3]


@pytest.mark.parametrize("case", ["finished", "stale", "from the future"])
def test_what_cannot_go_on_starts_afresh(tmp_path: Path, case: str):
    """A finished day, one whose news is too old to ring, and one of a clock that was set back."""
    if case == "finished":
        day(tmp_path).run(Polls(), lambda _: None)
    else:
        interrupted(tmp_path)
    later = {"finished": timedelta(minutes=5), "stale": FRESH_FOR, "from the future": -timedelta(minutes=5)}[case]
    with Archive.open(tmp_path / "demo.db") as archive:
        archive.save_feed_state(FeedState("old"))
    marked, resumed = day(tmp_path, NOW + later).prepare()
    assert (resumed, marked.phase, marked.start) == (False, 0, NOW + later)
    assert not (tmp_path / "demo.db").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path):
    """Somebody's own config.yaml is neither overwritten nor removed."""
    (tmp_path / "config.yaml").write_text("archive: mine.db\n")
    with pytest.raises(ConfigError, match=r"config\.yaml that no demo made"):
        day(tmp_path).run(Polls(), lambda _: None)
    assert (tmp_path / "config.yaml").read_text() == "archive: mine.db\n"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kind": "other"}', '{"kind": "tocsin demo", "odd": 1}'])
def test_a_marker_that_is_not_ours_is_no_marker(tmp_path: Path, text: str):
    """A damaged or foreign day.json starts a day afresh, it does not end the command."""
    (tmp_path / "day.json").write_text(text)
    assert day(tmp_path).prepare()[1] is False


def test_two_demos_do_not_share_a_folder(tmp_path: Path):
    """The second says so at once."""
    errors: list[str] = []

    def poll(_path: Path, _phase: int) -> RunReport:
        with pytest.raises(ConfigError) as caught:
            day(tmp_path).run(Polls(), lambda _: None)
        errors.append(str(caught.value))
        return REPORT

    day(tmp_path).run(poll, lambda _: None)
    assert len(errors) == 3
    assert "another demo is playing here" in errors[0]


def test_a_phase_that_was_not_polled_is_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Another poll of the archive may be at work: waited for a little, then said, and polled at the next start."""
    monkeypatch.setattr("demo.day.time.sleep", lambda _: None)
    asked: list[int] = []

    def busy(_path: Path, phase: int) -> RunReport:
        asked.append(phase)
        return replace(REPORT, skipped="" if len(asked) == 2 else "another poll is running")

    with pytest.raises(ArchiveError, match="phase 2 was not polled: another poll is running"):
        day(tmp_path).run(busy, lambda _: None)
    assert asked == [1, 1, *[2] * POLL_TRIES]
    assert marker(tmp_path)["phase"] == 1
