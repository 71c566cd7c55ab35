"""Does the simulator bite? Each guarantee is broken on purpose, in the source, and a history must show it.

A mutant is the module's own text with one line changed; the line must stand there exactly once, so that a mutant
that has rotted is told. The same histories, unchanged, are green in ``test_outbox_simulator``.
"""

from __future__ import annotations

import importlib
import inspect
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from demo.desk_slack import SlackDesk
from tests.fakes import alerts
from tests.fakes.clock import Clock
from tests.fakes.kill_world import utc_now
from tests.fakes.outbox_world import Blind, Desk, Result, World, history
from tocsin.alerts.channels import build
from tocsin.alerts.dispatch import dispatch
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import ChannelSpec
from tocsin.errors import ArchiveError

MOST = 80  # seeds until a violation must have shown


def mutate(monkeypatch: pytest.MonkeyPatch, module: str, owner: str, old: str, new: str) -> None:
    """Put the mutant of a class's methods, or of a function, in the place of the original."""
    real = importlib.import_module(module)
    source = inspect.getsource(real)
    assert source.count(old) == 1, f"the mutant no longer fits: {old!r} stands {source.count(old)} times in {module}"
    space: dict[str, Any] = {"__name__": module}
    exec(compile(source.replace(old, new), f"mutant of {module}", "exec"), space)
    mutant, original = space[owner], getattr(real, owner)
    if not isinstance(original, type) or owner == "_Sender":
        monkeypatch.setattr(real, owner, mutant)
        return
    for name, method in vars(mutant).items():
        if inspect.isfunction(method):
            monkeypatch.setattr(original, name, method)


def violation(kind: type[Desk] = Desk, *, storm: int = 30, **settings: Any) -> tuple[int, Result] | None:
    """The first seed whose history loses, doubles, disorders or differs; None when all are as they should be."""
    for seed in range(MOST):
        world = World(seed)
        with suppress(AssertionError):
            result = history(world, kind.of(world, **settings), storm=storm, runs=25)
            doubled = result.doubled if kind is Desk else 0
            if result.lost or doubled or result.order_broken or (kind is Blind and result.differing):
                return seed, result
    return None


DISPATCH, OUTBOX, DECIDE = "tocsin.alerts.dispatch", "tocsin.archive.outbox", "tocsin.alerts.outbox"


@pytest.mark.parametrize(
    ("module", "owner", "old", "new", "shows"),
    [
        pytest.param(
            DISPATCH, "_Sender",
            "timedelta(seconds=self.channel.settle_seconds) if", "timedelta(0) if", "doubled",
            id="settle time zero",
        ),
        pytest.param(
            DISPATCH, "_Sender",
            "self.store.mark_committing(ids, now=self.now())", "pass", "doubled",
            id="the instant before sending is not marked",
        ),
        pytest.param(
            DISPATCH, "_Sender",
            "            self._not_looked_up(deliveries, error)\n            return\n",
            "            receipt = None\n", "doubled",
            id="a look-up that failed counts as not there",
        ),
        pytest.param(
            OUTBOX, "Outbox",
            "state = CASE WHEN committing IS NULL THEN 'pending' ELSE 'unknown' END", "state = 'dead'", "lost",
            id="mark, then send",
        ),
        pytest.param(
            OUTBOX, "Outbox",
            "state = CASE WHEN committing IS NULL THEN 'pending' ELSE 'unknown' END", "state = 'pending'", "doubled",
            id="what a dead process left is sent again",
        ),
        pytest.param(
            OUTBOX, "Outbox",
            "AND e.recipient = d.recipient AND e.id < d.id AND e.state IN {OPEN})",
            "AND e.recipient = d.recipient AND e.id < d.id AND e.state = 'sending')", "order_broken",
            id="an update does not wait for its first message",
        ),
        pytest.param(
            DECIDE, "wrong_clock",
            "leapt = settle is not None and now - claimed > settle + SETTLED_BY", "leapt = False", "doubled",
            id="a clock that leapt is believed",
        ),
    ],
)  # fmt: skip
def test_the_simulator_shows(
    monkeypatch: pytest.MonkeyPatch, module: str, owner: str, old: str, new: str, shows: str
) -> None:
    mutate(monkeypatch, module, owner, old, new)
    found = violation()
    assert found is not None, "the simulator does not bite"
    assert getattr(found[1], shows) > 0


def test_the_simulator_shows_a_missing_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was stopped in the middle of a message wakes up beside the one that took over."""
    old = "        if name in self._held:\n            yield False\n            return\n"
    mutate(monkeypatch, "tocsin.archive.store", "Store", old, "")
    found = violation()
    assert found is not None
    assert found[1].doubled > 0


def test_the_simulator_shows_a_list_that_is_sent_again_with_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver tells a double by its Message-ID; another list has another one."""
    mutate(
        monkeypatch, DECIDE, "_message", "return delivery.recipient, delivery.batch", 'return delivery.recipient, ""'
    )
    found = violation(Blind, storm=3)
    assert found is not None
    assert found[1].differing > 0


@pytest.mark.parametrize("retry", [False, True], ids=["as shipped", "the library's own retry"])
def test_the_retry_of_slack_sdk_alone_doubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, retry: bool) -> None:
    """Its default posts again after a reset, although the message may have arrived."""
    if retry:
        mutate(monkeypatch, "tocsin.alerts.channels.slack", "Slack", "            retry_handlers=[],\n", "")
    with SlackDesk(tmp_path / "slack.jsonl") as desk, Archive.memory() as archive:
        settings = {"token": desk.token, "channel": "#iraq-desk", "api_url": desk.api_url}
        channel = build("slack", ChannelSpec(kind="slack", **settings, settle_seconds=0.05, pace_seconds=0))
        desk.fail_next(*["reset_after", ""] * 3)
        clock = Clock()
        for n in range(3):
            it = alerts.alert(event=alerts.event(id=f"ev-{n}"))
            Outbox(archive).enqueue(it, [("slack", "#iraq-desk")], now=utc_now())
        for _ in range(5):
            dispatch(Outbox(archive), {"slack": channel}, now=clock.now, sleep=clock.sleep, deadline_seconds=50)
        seen = Counter(m["metadata"]["event_payload"]["idem"] for m in desk.messages())
    assert len(seen) == 3
    assert (max(seen.values()) > 1) is retry


@pytest.mark.parametrize("deferred", [False, True], ids=["as shipped", "a deferred BEGIN"])
def test_two_writers_that_read_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deferred: bool) -> None:
    """With a deferred BEGIN what was read may have changed before the first write: SQLite refuses at once."""
    if deferred:
        mutate(monkeypatch, "tocsin.archive.store", "Store", "immediate(self.connection)", "self.db.atomic()")
    refused: list[str] = []
    path = tmp_path / "tocsin.db"
    Archive.open(path).close()

    def settle(name: str) -> None:
        with Archive.open(path) as archive:
            outbox = Outbox(archive)
            for n in range(25):
                it = alerts.alert(event=alerts.event(id=f"{name}-{n}"))
                try:
                    with archive.transaction():
                        if not outbox.rang(it.event.id):  # as a poll does: the look-up that decides, then the write
                            outbox.enqueue(it, [("slack", "#desk")], now=utc_now())
                except ArchiveError as error:
                    refused.append(type(error.__cause__).__name__)

    writers = [threading.Thread(target=settle, args=(name,)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert set(refused) == ({"OperationalError"} if deferred else set())
    with Archive.open(path) as archive:
        assert sum(Outbox(archive).pending_counts().values()) == 50 - len(refused)
