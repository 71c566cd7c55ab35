"""``tocsin ack``, ``silence``, ``alerts drop`` and ``reroute``: what they do and what they refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.alerts import alert, event
from tests.unit.test_archive_orders import store_event
from tests.unit.test_cli import tocsin
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.model import DeliveryState, Planned, Severity

NOW = datetime.now(UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A config with an archive: one event sent to the terminal, one that waits for a channel that is gone."""
    file = tmp_path / "config.yaml"
    file.write_text(
        'archive: t.db\nhttp: {user_agent: "Test/1.0 (+https://t.example; t@t.example)"}\n'
        "alerts: {channels: {terminal: {kind: terminal}}}\n",
        encoding="utf-8",
    )
    with Archive.open(tmp_path / "t.db") as archive:
        outbox = Outbox(archive)
        for name, to in (("ev-told", "terminal"), ("ev-waits", "old")):
            it = event(id=name, severity=Severity.LOW)
            store_event(archive, it)
            outbox.enqueue(alert(event=it), [(to, "")], now=NOW)
        outbox.claim([1], now=NOW)
        outbox.mark_sent([1], remote_id=None, thread=None, now=NOW)
    return file


def do(desk: Path, *args: str) -> str:
    done = tocsin("--config", desk, *args)
    assert done.exit_code == 0, done.output
    return done.output


def refused(desk: Path, *args: str) -> str:
    done = tocsin("--config", desk, *args)
    assert done.exit_code == 2, done.output
    return done.output


def read(desk: Path, *args: str) -> Any:
    return json.loads(tocsin("--config", desk, *args, "--json").stdout)


def test_ack(desk: Path) -> None:
    """Shown wherever the event is; the first word counts; it can be taken back."""
    assert "acknowledged by amal" in do(desk, "ack", "ev-told", "--by", "amal", "--note", "on it")
    assert "already acknowledged by amal" in do(desk, "ack", "ev-told", "--by", "omar")
    found = {row["id"]: row["acknowledged"] for row in read(desk, "events")}
    assert found["ev-waits"] is None
    assert (found["ev-told"]["by"], found["ev-told"]["note"]) == ("amal", "on it")
    assert [row["id"] for row in read(desk, "events", "--unacknowledged")] == ["ev-waits"]
    assert read(desk, "ack", "ev-told", "--by", "omar")["by"] == "amal"
    assert [row["acknowledged_by"] for row in read(desk, "alerts", "--event", "ev-told")] == ["amal"]
    assert "amal" in do(desk, "events")
    assert "Acknowledged by amal" in do(desk, "show", "ev-told")
    assert "nobody looks after it any more" in do(desk, "ack", "ev-told", "--undo")
    assert read(desk, "show", "ev-told")[0]["acknowledged"] is None


def test_an_event_that_does_not_exist(desk: Path) -> None:
    """Is told with the mend."""
    assert "tocsin events lists their ids" in refused(desk, "ack", "ev-nothing", "--by", "amal")
    assert "tocsin events lists" in refused(
        desk, "silence", "add", "--event", "ev-no", "--for", "1h", "--by", "a", "--why", "x"
    )


def test_silence(desk: Path) -> None:
    """Added, listed, ended; what still waited is silenced with it, and shown so."""
    said = do(desk, "silence", "add", "--event", "ev-waits", "--for", "6h", "--by", "amal", "--why", "known sweep")
    assert "event ev-waits, up to high; 1 waiting deliveries silenced" in said
    (row,) = read(desk, "silence", "list")
    assert (row["event"], row["by"], row["why"], row["active"]) == ("ev-waits", "amal", "known sweep", True)
    assert datetime.fromisoformat(row["until"]) - datetime.fromisoformat(row["at"]) == timedelta(hours=6)
    assert "silence 1 by amal" in do(desk, "alerts", "--state", "silenced")
    assert "known sweep" in do(desk, "silence", "list")
    assert "Silence 1 has ended" in do(desk, "silence", "end", "1", "--by", "omar")
    assert "No silence holds" in do(desk, "silence", "list")
    assert "ended by omar" in do(desk, "silence", "list", "--all")
    assert "no silence of that number" in refused(desk, "silence", "end", "1", "--by", "omar")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        pytest.param(["--for", "1h"], "Say what to silence", id="everything"),
        pytest.param(["--event-type", "Arests", "--for", "1h"], "did you mean 'Arrests'?", id="a type misspelt"),
        pytest.param(["--watch", "iraq", "--for", "1h"], "iraq-security", id="a watch that is none"),
        pytest.param(["--channel", "desk", "--for", "1h"], "terminal", id="a channel that is none"),
        pytest.param(["--watch", "iraq-security"], "Say how long", id="for ever"),
        pytest.param(["--watch", "iraq-security", "--for", "soon"], "like 30m, 6h or 2d", id="a time that is none"),
        pytest.param(["--watch", "iraq-security", "--for", "0h"], "like 30m, 6h or 2d", id="no time at all"),
        pytest.param(["--watch", "iraq-security", "--until", "2020-01-01"], "is past", id="until the past"),
        pytest.param(["--watch", "iraq-security", "--for", "1h", "--until", "2099-01-01"], "Say how long", id="both"),
        pytest.param(["--watch", "iraq-security", "--for", "1h", "--by", " "], "who says so", id="by nobody"),
    ],
)
def test_a_silence_that_makes_no_sense(desk: Path, args: list[str], words: str) -> None:
    """Is refused with the mend, and nothing is silenced."""
    assert words in refused(desk, "silence", "add", "--by", "amal", "--why", "x", *args)
    assert read(desk, "silence", "list", "--all") == []


def test_names_in_a_silence_are_taken_as_they_are_known(desk: Path) -> None:
    """Whatever their case; a governorate that Iraq does not have is a note, as a watch may look elsewhere."""
    do(desk, "silence", "add", "--governorate", "anbar", "--type", "arrests", "--for", "1h", "--by", "a", "--why", "x")
    said = do(desk, "silence", "add", "--governorate", "Idlib", "--for", "1h", "--by", "a", "--why", "x")
    assert "note: no governorate of Iraq is called 'Idlib'" in said
    assert {(row["governorate"], row["event_type"]) for row in read(desk, "silence", "list")} == {
        ("Anbar", "Arrests"),
        ("Idlib", ""),
    }


def test_what_waits_for_a_channel_that_is_gone(desk: Path) -> None:
    """``check`` says so; ``drop`` gives it up, on record; ``reroute`` sends it another way."""
    assert "1 alerts wait for channel old" in do(desk, "check", "--offline")
    assert "Nothing waits for odl; what waits: 1 for old." in do(
        desk, "alerts", "drop", "--channel", "odl", "--by", "amal"
    )
    assert "1 deliveries to old go to terminal: 1 new ones" in do(
        desk, "alerts", "reroute", "--channel", "old", "--to", "terminal", "--by", "amal"
    )
    rows = {row["channel"]: row for row in read(desk, "alerts", "--event", "ev-waits")}
    assert (rows["old"]["state"], rows["old"]["error"]) == ("dead", "sent to terminal instead, by amal")
    assert rows["terminal"]["state"] == "pending"
    assert "1 deliveries to terminal dropped" in do(desk, "alerts", "drop", "--channel", "terminal", "--by", "amal")
    assert "Nothing waits for old" in do(desk, "alerts", "drop", "--channel", "old", "--by", "amal")


def test_rerouting_to_a_channel_that_refused_it(desk: Path) -> None:
    """The alert keeps waiting, and the command says where else to turn."""
    with Archive.open(desk.with_name("t.db")) as archive:
        outbox = Outbox(archive)
        outbox.enqueue(alert(event=event(id="ev-waits", severity=Severity.LOW)), [("terminal", "")], now=NOW)
        outbox.mark([3], DeliveryState.DEAD, error="refused", not_before=NOW)
    words = refused(desk, "alerts", "reroute", "--channel", "old", "--to", "terminal", "--by", "amal")
    assert "1 still wait for old" in words
    assert [row["channel"] for row in read(desk, "alerts", "--state", "pending")] == ["old"]


@pytest.mark.parametrize(("to", "words"), [("termnal", "did you mean 'terminal'?"), ("old", "no channel is called")])
def test_rerouting_to_a_channel_that_is_none(desk: Path, to: str, words: str) -> None:
    """Nothing is dropped."""
    assert words in refused(desk, "alerts", "reroute", "--channel", "old", "--to", to, "--by", "amal")
    assert [row["state"] for row in read(desk, "alerts", "--state", "pending")] == ["pending"]


def test_dropping_waits_for_a_delivery_that_runs(desk: Path) -> None:
    """What is on its way cannot be dropped."""
    with Archive.open(desk.with_name("t.db")) as archive, archive.lock("deliver"):
        done = tocsin("--config", desk, "alerts", "drop", "--channel", "old", "--by", "amal")
    assert (done.exit_code, "a delivery is running" in done.output) == (1, True)


def test_what_is_held_says_until_when(desk: Path) -> None:
    """In the list of alerts and in the event."""
    with Archive.open(desk.with_name("t.db")) as archive:
        it = event(id="ev-held")
        store_event(archive, it)
        held = Planned("terminal", "", held_until=NOW + timedelta(hours=2), why="quiet hours")
        muted = Planned("mail", "a@x", DeliveryState.INHIBITED, why="part of ev-told: an operation")
        Outbox(archive).enqueue(alert(event=it), [held, muted], now=NOW)
    assert "quiet hours, until" in do(desk, "alerts", "--state", "held")
    assert "Nothing is held" in do(desk, "alerts", "release", "--channel", "mail")
    assert [row["state"] for row in read(desk, "show", "ev-held")[0]["alerts"]] == ["inhibited", "pending"]
    assert [row["event"] for row in read(desk, "show", "ev-told")[0]["muted"]] == ["ev-held"]
    assert "part of ev-told" in do(desk, "show", "ev-held")
    assert "ev-held" in do(desk, "show", "ev-told")
    assert "1 deliveries go out at the next delivery" in do(desk, "alerts", "release")
    with Archive.open(desk.with_name("t.db")) as archive:
        soon = datetime.now(UTC) + timedelta(minutes=1)
        (it,) = Outbox(archive).waiting("terminal", now=soon)
        assert it.held_until is not None
        assert it.not_before < soon


ROUTES = """alerts:
  channels: {a: {kind: terminal, quiet: {from: "22:00", to: "06:00"}}, b: {kind: terminal}}
  routes:
    - {min_severity: critical, to: [a, b], immediate: true, continue: false}
    - {governorates: [Baghdad], to: [a]}
    - {to: [a, b]}
"""


def test_what_a_config_would_do(desk: Path) -> None:
    """By which routes, at which time, how grave; nothing is written."""
    new = desk.with_name("new.yaml")
    new.write_text(desk.read_text(encoding="utf-8").split("alerts:")[0] + ROUTES, encoding="utf-8")
    night = ["alerts", "plan", "ev-told", "--at", "2026-11-22T20:00"]
    before = read(desk, "alerts")
    rows = [(row["channel"], row["outcome"], row["why"], row["routes"]) for row in read(new, *night)]
    assert rows == [("a", "held", "quiet hours", [1, 2]), ("b", "at once", "", [2])]
    rows = [(row["channel"], row["outcome"], row["routes"]) for row in read(new, *night, "--severity", "critical")]
    assert rows == [("a", "at once", [0]), ("b", "at once", [0])]
    assert "held until 2026-11-23 03:00" in do(new, *night)
    do(desk, "silence", "add", "--event", "ev-told", "--for", "1h", "--by", "amal", "--why", "known")
    assert [row["outcome"] for row in read(new, "alerts", "plan", "ev-told")] == ["silenced", "silenced"]
    assert read(desk, "alerts") == before
    assert "no such event" in refused(new, "alerts", "plan", "ev-nothing")


@pytest.mark.parametrize(
    ("args", "word"),
    [
        pytest.param(
            ["events", "--watch", "iraq"], "Invalid value for --watch: no watch is called 'iraq'", id="events"
        ),
        pytest.param(["review", "--watch", "iraq"], "no watch is called 'iraq'", id="review"),
        pytest.param(["feeds", "trust", "b"], "Invalid value for ID: no feed is called 'b'", id="trust"),
        pytest.param(["events", "--since", "x"], "Invalid value for '--since': 'x' is neither", id="a time"),
        pytest.param(["events", "--since", "999999w"], "'999999w' is neither", id="a time before all times"),
        pytest.param(["alerts", "--limit", "9" * 30], "not in the range", id="more than there can be"),
        pytest.param(["silence", "end", "9" * 30, "--by", "a"], "not in the range", id="no silence has that number"),
        pytest.param(["check", "--alive", "9" * 30], "not in the range", id="longer than there was time"),
        pytest.param(["check", "--offline", "--write"], "leave out --offline", id="nothing is probed, nothing written"),
        pytest.param(["train", "--labels", "no.jsonl"], "no.jsonl: cannot be read (No such file", id="no such labels"),
    ],
)
def test_a_name_or_time_that_is_none_is_a_mistake(desk: Path, args: list[str], word: str) -> None:
    """Not an answer that looks like calm; the option is named."""
    assert word in " ".join(refused(desk, *args).split())


@pytest.mark.parametrize(
    "args",
    [["events"], ["review"], ["silence", "list"], ["alerts"], ["feeds"], ["archive", "stats"]],
    ids=" ".join,
)
def test_where_nothing_was_polled_yet_a_list_is_empty_and_nothing_is_made(desk: Path, args: list[str]) -> None:
    """The archive comes with the first poll, and by no other way."""
    (desk.parent / "t.db").unlink()
    done = tocsin("--config", desk, *args)
    assert done.exit_code == 0
    assert "tocsin run makes it" in done.output
    assert tocsin("--config", desk, "feeds", "trust", "a").exit_code == 2
    assert not (desk.parent / "t.db").exists()


def test_taking_an_acknowledgement_back_speaks_json_too(desk: Path) -> None:
    """Nobody looks after it: null."""
    do(desk, "ack", "ev-told", "--by", "amal")
    assert read(desk, "ack", "ev-told", "--undo") is None
