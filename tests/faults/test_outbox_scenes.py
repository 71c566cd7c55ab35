"""What happens to a desk's machine: stopped processes, a full disk, a locked archive, clocks set wrong, an old backup,
Slack gone for an hour. Truth is what the outside holds; nothing is lost, nothing doubled, and it drains."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from demo.desk_slack import SlackDesk
from tests.fakes import kill_world
from tests.fakes.alerts import alert, event
from tests.fakes.clock import Clock
from tests.fakes.kill_world import FORK, TARGETS, World, utc_now, world
from tests.faults.test_outbox_mutations import mutate
from tocsin.alerts.channels import build
from tocsin.alerts.dispatch import dispatch
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import ChannelSpec
from tocsin.errors import ArchiveError


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as it:
        yield it


# ----------------------------------------------------------------- a process that is stopped, and another beside it


def stop_in_the_middle(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop a delivery between its mark and its message, let another one run, wake the first one up."""
    monkeypatch.setattr(kill_world, "die", lambda: os.kill(os.getpid(), signal.SIGSTOP))
    it.fill(1, 1, to=("slack",))  # of one message: it would stop at each
    first = it.start(point="commit marked", channel="slack", seconds=3)
    assert first.pid
    for _ in range(200):
        if _state(first.pid) == "T":
            break
        time.sleep(0.02)
    assert _state(first.pid) == "T"
    second = it.start(channel="slack")
    second.join(20)
    os.kill(first.pid, signal.SIGCONT)
    first.join(20)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_stopped_delivery_wakes_up_beside_another(outside: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's lock outlives the stop: the other one has nothing to do."""
    stop_in_the_middle(outside, monkeypatch)
    outside.drain()
    outside.check()


def test_without_the_lock_a_stopped_delivery_doubles(outside: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the test above would show it."""
    old = "fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)"
    mutate(monkeypatch, "tocsin.archive.store", "Store", old, "pass")
    stop_in_the_middle(outside, monkeypatch)
    outside.drain()
    with pytest.raises(AssertionError, match="doubled on Slack"):
        outside.check()


# ----------------------------------------------------------------- the archive


def _on_a_full_disk(it: World, room: int) -> None:
    """A delivery whose archive cannot grow."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    wal = Path(f"{it.path}-wal")
    size = max(it.path.stat().st_size, wal.stat().st_size if wal.exists() else 0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, size + room))
    kill_world.deliver(it, "", "", 1.0)


@pytest.mark.parametrize("room", [0, 12_000, 60_000], ids=["none", "a few pages", "more"])
def test_a_disk_that_fills_up_while_delivering(outside: World, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """A limit on file size stands for it: every write over it fails, at whatever step it comes."""
    monkeypatch.setattr("tocsin.alerts.dispatch.MARK_PAUSES", (0.02, 0.05))
    outside.fill(0, 4)
    with Archive.open(outside.path) as held:  # the log is not folded back when the child closes the archive
        child = FORK.Process(target=_on_a_full_disk, args=(outside, room))
        child.start()
        child.join(30)
        assert child.exitcode is not None
        assert held.check() == []
    outside.drain()
    outside.check()


@pytest.mark.torture
def test_a_small_file_system_that_is_full(tmp_path: Path) -> None:
    """The same with a real one, made larger in the end."""
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(mount)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        with world(tmp_path) as it:
            it.path = mount / "tocsin.db"
            refused = 0
            for n in range(40):
                try:
                    it.fill(3 * n, 3)
                except ArchiveError:
                    refused += 1
                    it.wanted = {name: _known(it, name) for name in TARGETS}
                it.start(seconds=0.5).join(20)
            assert refused > 0, "it never filled up"
            subprocess.run(["mount", "-o", "remount,size=50m", str(mount)], check=True)
            it.drain()
            it.check()
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=True)  # this process may still hold the archive


def _known(it: World, channel: str) -> set[str]:
    """The keys that the archive promised to send; an alert that it refused comes again with the next poll."""
    with sqlite3.connect(it.path) as database:
        rows = database.execute("SELECT idem FROM delivery WHERE channel = ?", [channel]).fetchall()
    return {key for (key,) in rows}


_HOLD = """
import sqlite3, sys, time
archive = sqlite3.connect(sys.argv[1], isolation_level=None)
archive.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
archive.execute("ROLLBACK")
"""


def locked(it: World, seconds: float) -> float:
    """Let another process hold the write lock while a delivery runs; how long that took."""
    it.fill(0, 3)
    # a process of its own: what SQLite knows of a lock must not be inherited by the delivery
    command = [sys.executable, "-c", _HOLD, str(it.path), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline()
        began = time.monotonic()
        it.start(seconds=seconds + 20).join(60)
        took = time.monotonic() - began
    it.drain()
    it.check()
    return took


def test_an_archive_that_another_process_locks(outside: World) -> None:
    assert locked(outside, 0.8) > 0.8


@pytest.mark.torture
def test_an_archive_that_another_process_locks_for_14_seconds(outside: World) -> None:
    assert locked(outside, 14) > 14


def test_an_answer_outlives_a_lock_longer_than_any_wait(outside: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is out, its mark fails, the process ends: looked up, not sent again."""
    monkeypatch.setattr("tocsin.alerts.dispatch.MARK_PAUSES", (0.01,))
    outside.fill(0, 1, to=("slack",))
    with Archive.open(outside.path) as archive:
        outbox = Outbox(archive)

        def refuse(*_: object, **__: object) -> None:
            raise ArchiveError("db", "database is locked")

        monkeypatch.setattr(outbox, "mark_sent", refuse)
        report = dispatch(outbox, {"slack": outside.channels()["slack"]}, now=utc_now, deadline_seconds=2)
        assert any("locked" in line for line in report.problems)
    outside.drain()
    outside.check()


def test_an_old_backup_with_restored(outside: World) -> None:
    """What was sent after the backup is found on the other side, not sent again; what was not is sent."""
    outside.fill(0, 3)
    outside.start().join(20)
    backup = outside.path.with_name("backup.db")
    with Archive.open(outside.path) as archive:
        archive.backup(backup)
    outside.fill(30, 4)
    outside.start().join(20)
    for name in ("", "-wal", "-shm"):
        Path(f"{outside.path}{name}").unlink(missing_ok=True)
    shutil.copy(backup, outside.path)
    outside.fill(30, 4)  # the poll finds them again
    outside.fill(60, 2)
    with Archive.open(outside.path) as archive:
        for name, channel in outside.channels().items():
            if channel.looks_up:
                assert Outbox(archive).doubt_all(name, now=utc_now()) > 0
    outside.drain()
    doubles = outside.check()
    assert doubles["mail"] > 0, "a channel that cannot be asked repeats itself, with the same Message-ID"


# ----------------------------------------------------------------- clocks


@pytest.mark.parametrize("hours", [-2, 2, -1, 1])
@pytest.mark.parametrize("when", ["before the kill", "after the kill"])
def test_a_clock_that_is_hours_wrong(tmp_path: Path, hours: int, when: str) -> None:
    """Killed after the message, the clock set wrong: found, and the rest drains in less than a minute."""
    wrong = timedelta(hours=hours)
    with SlackDesk(tmp_path / "slack.jsonl") as desk, Archive.memory() as archive:
        settings = {"token": desk.token, "channel": "#iraq-desk", "api_url": desk.api_url}
        channel = build("slack", ChannelSpec(kind="slack", **settings))
        clock = Clock()
        clock.at += wrong if when == "before the kill" else timedelta(0)
        for n in range(3):
            it = alert(event=event(id=f"ev-{n}"))
            Outbox(archive).enqueue(it, [("slack", "#iraq-desk")], now=clock.now())
        outbox, first = Outbox(archive), Outbox(archive).waiting("slack", now=clock.now())[0]
        (claimed,) = outbox.claim([first.id], now=clock.now())
        outbox.mark_committing([first.id], now=clock.now())
        channel.send(claimed, committing=lambda: None)  # and here the process is killed
        clock.at += -wrong if when == "before the kill" else wrong
        began = clock.at
        while outbox.open_channels():
            dispatch(outbox, {"slack": channel}, now=clock.now, sleep=clock.sleep, deadline_seconds=50)
            clock.sleep(5)
            assert clock.at - began < timedelta(minutes=2), "it does not drain"
        seen = [m["metadata"]["event_payload"]["idem"] for m in desk.messages()]
        assert sorted(seen) == sorted(set(seen))
        assert len(seen) == 3


def test_a_clock_that_is_set_back_while_delivering_does_not_freeze_it(tmp_path: Path) -> None:
    """The pauses that were planned by the old clock are planned anew; the turn still ends in time."""
    clock = Clock()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.at += timedelta(seconds=seconds)
        if len(slept) == 2:
            clock.at -= timedelta(hours=2)

    with SlackDesk(tmp_path / "slack.jsonl") as desk, Archive.memory() as archive:
        settings = {"token": desk.token, "channel": "#iraq-desk", "api_url": desk.api_url}
        channel = build("slack", ChannelSpec(kind="slack", **settings))
        for n in range(6):
            it = alert(event=event(id=f"ev-{n}"))
            Outbox(archive).enqueue(it, [("slack", "#iraq-desk")], now=clock.now())
        report = dispatch(Outbox(archive), {"slack": channel}, now=clock.now, sleep=sleep, deadline_seconds=50)
        assert (report.sent, len(desk.messages())) == (6, 6)
    assert max(slept) < 30


# ----------------------------------------------------------------- the other side


@pytest.mark.parametrize("how", ["error:service_unavailable", "status:503", "refused"])
def test_slack_down_for_an_hour_then_up(tmp_path: Path, how: str) -> None:
    """Everything that waited arrives within minutes of its coming back, once, while mail went on."""
    clock = Clock()
    desk = SlackDesk(tmp_path / "slack.jsonl").start()
    try:
        settings = {"token": desk.token, "channel": "#iraq-desk", "api_url": desk.api_url, "timeout_seconds": 2}
        channel = build("slack", ChannelSpec(kind="slack", **settings))
        with Archive.memory() as archive:
            outbox = Outbox(archive)

            def minutes(n: int) -> None:
                for _ in range(n):
                    dispatch(outbox, {"slack": channel}, now=clock.now, sleep=clock.sleep, deadline_seconds=50)
                    clock.sleep(60)

            if how == "refused":
                desk.stop()
            else:
                desk.fail_next(*[how] * 10_000)
            for n in range(6):
                outbox.enqueue(alert(event=event(id=f"ev-{n}")), [("slack", "#iraq-desk")], now=clock.now())
                minutes(4)
            minutes(10)
            assert desk.messages() == []
            if how == "refused":
                desk.start()
            desk._orders.clear()
            back = clock.at
            while outbox.open_channels():
                minutes(1)
                assert clock.at - back < timedelta(minutes=8), "it takes too long after the line is back"
            seen = [m["metadata"]["event_payload"]["event"] for m in desk.messages()]
            assert sorted(" ".join(seen).split()) == [f"ev-{n}" for n in range(6)]
    finally:
        desk.stop()
