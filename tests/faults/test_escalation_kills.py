"""Two overlapping deliveries killed at random while grave events wait for an answer: the phone rings once for each.

Truth is what the Slack server holds.
"""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.desk_slack import SlackDesk
from flows import outgoing
from tests.fakes.alerts import alert, event
from tests.unit.test_archive_orders import store_event
from tocsin.alerts.channels.slack import Slack
from tocsin.archive import Archive
from tocsin.archive.orders import Orders
from tocsin.archive.outbox import Outbox, idem_of
from tocsin.config import Alerts, Escalate
from tocsin.model import Ack, AlertReason, Severity

FORK = multiprocessing.get_context("fork")  # a fresh interpreter takes half a second
RULES = Alerts(escalate=(Escalate(after_minutes=10, to=("phone",)),))


def phone(slack: SlackDesk) -> Slack:
    return Slack(token=slack.token, channel="#alerts", api_url=slack.api_url, pace_seconds=0, settle_seconds=0.6)


def deliver(path: Path, slack: SlackDesk) -> None:
    """One delivery, as the flow does it: one at a time by the archive's lock."""
    with Archive.open(path) as archive, archive.lock("deliver") as mine:
        if mine:
            outgoing.send(archive, RULES, {"phone": phone(slack)}, clock=lambda: datetime.now(UTC), seconds=2)


def ring(path: Path, names: list[str], *, answered: bool = False) -> None:
    """Grave events that rang eleven minutes ago on a channel that is long off."""
    rang = datetime.now(UTC) - timedelta(minutes=11)
    with Archive.open(path) as archive, archive.transaction():
        for name in names:
            it = event(id=name, severity=Severity.CRITICAL)
            store_event(archive, it)
            Outbox(archive).enqueue(alert(event=it), [("desk", "")], now=rang)
            if answered:
                Orders(archive).acknowledge(Ack(name, "amal", rang))


def called(slack: SlackDesk) -> Counter[str]:
    """How often the phone rang for each escalation, by its key, lists included."""
    told = [m["metadata"]["event_payload"]["idem"] for m in slack.messages()]
    return Counter(key for keys in told for key in keys.split())


def key(name: str) -> str:
    it = event(id=name, severity=Severity.CRITICAL)
    return idem_of(alert(AlertReason.UNACKNOWLEDGED, event=it), "phone", "#alerts")


def loop(tmp_path: Path, kills: int, *, seed: int) -> None:
    dice, path, hits, n = random.Random(seed), tmp_path / "t.db", 0, 0
    with SlackDesk(tmp_path / "slack.jsonl") as slack:
        ring(path, ["ev-answered"], answered=True)
        while hits < kills:
            ring(path, [f"ev-{n}", f"ev-{n + 1}"])
            n += 2
            children = [FORK.Process(target=deliver, args=(path, slack)) for _ in range(2)]
            for child in children:
                child.start()
            time.sleep(dice.uniform(0.01, 0.2))
            for child in children:
                child.kill()
                child.join(10)
                hits += child.exitcode == -signal.SIGKILL
        until = time.monotonic() + 30
        while len(called(slack)) < n and time.monotonic() < until:
            child = FORK.Process(target=deliver, args=(path, slack))
            child.start()
            child.join(20)
        child = FORK.Process(target=deliver, args=(path, slack))
        child.start()
        child.join(20)
        assert called(slack) == {key(f"ev-{i}"): 1 for i in range(n)}
    with Archive.open(path) as archive:
        assert archive.check() == []


def test_killed_at_random(tmp_path: Path) -> None:
    """The short form."""
    loop(tmp_path, 6, seed=5)


@pytest.mark.torture
@pytest.mark.timeout(1200)
def test_killed_at_random_two_hundred_times(tmp_path: Path) -> None:
    """The long form."""
    loop(tmp_path, 200, seed=6)
