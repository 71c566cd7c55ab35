"""Lost and doubled, four ways to send, when every second answer is lost and every tenth send is killed.

The same faults, in the same order, on the same recording Slack; what counts is what that Slack holds. The clock is
injected, so that pauses cost no time.
"""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from benchmarks.measure import machine
from demo.desk_slack import SlackDesk
from tocsin.alerts.channels import build
from tocsin.alerts.dispatch import dispatch
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.cli.testalert import test_delivery
from tocsin.config import ChannelSpec
from tocsin.model import Alert

EVENTS, KILL_EVERY = 100, 10
START = datetime.now(UTC)


class Killed(BaseException):
    """The process ends here."""


def alerts() -> list[Alert]:
    """A hundred alerts about as many events."""
    base = test_delivery("slack", "#iraq-desk", "iraq-security", START).alert
    return [replace(base, id=f"a-{n}", event=replace(base.event, id=f"ev-{n}")) for n in range(EVENTS)]


def by_hand(desk: SlackDesk, *, own_retry: bool, mark_first: bool) -> None:
    """A list of what is to be sent, sent with slack_sdk, marked before or after; a killed process starts again."""
    handlers: dict[str, Any] = {} if own_retry else {"retry_handlers": []}
    client = WebClient(token=desk.token, base_url=desk.api_url, timeout=5, **handlers)
    sent: set[str] = set()
    sends = kills()
    for _ in range(200):
        try:
            for alert in alerts():
                if alert.event.id not in sent:
                    _post(client, alert.event.id, sent, sends, mark_first=mark_first)
        except (Killed, SlackApiError, SlackClientError, OSError):
            continue
        return


def _post(client: WebClient, event: str, sent: set[str], sends: Iterator[bool], *, mark_first: bool) -> None:
    if mark_first:
        sent.add(event)
    payload = {"event_type": "bench", "event_payload": {"event": event}}
    killed = next(sends)
    if killed and mark_first:
        raise Killed
    client.chat_postMessage(channel="#iraq-desk", text=event, metadata=payload)
    if killed:
        raise Killed
    sent.add(event)


def kills() -> Iterator[bool]:
    """Whether the process dies in this send."""
    n = 0
    while True:
        n += 1
        yield n % KILL_EVERY == 0


class Mortal(Outbox):
    """An outbox whose process dies where the by-hand ways do: after the answer, before the mark."""

    sends: Iterator[bool]

    def mark_sent(self, ids: Any, **what: Any) -> None:
        if next(self.sends):
            raise Killed
        super().mark_sent(ids, **what)


def tocsin(desk: SlackDesk) -> None:
    """The outbox, as shipped, with one alert a message."""
    settings = {"token": desk.token, "channel": "#iraq-desk", "api_url": desk.api_url, "timeout_seconds": 5}
    channel = build("slack", ChannelSpec(kind="slack", **settings))
    clock = [START]

    def sleep(seconds: float) -> None:
        clock[0] += timedelta(seconds=seconds)

    sends = kills()
    with Archive.memory() as archive:
        for alert in alerts():
            Outbox(archive).enqueue(alert, [("slack", "#iraq-desk")], now=START)
        while Outbox(archive).open_channels():
            outbox = Mortal(archive)
            outbox.sends = sends
            try:
                dispatch(
                    outbox, {"slack": channel}, now=lambda: clock[0], sleep=sleep, deadline_seconds=50, storm=EVENTS
                )
            except Killed:
                sleep(1)


def outcome(way: Callable[[SlackDesk], None]) -> tuple[int, int, int]:
    """How many events the Slack holds not at all, more than once, and how many messages in all."""
    with tempfile.TemporaryDirectory() as folder, SlackDesk(Path(folder) / "slack.jsonl") as desk:
        desk.fail_next(*["", "reset_after"] * (4 * EVENTS))
        way(desk)
        posted = [m for m in desk.messages() if m["kind"] == "post"]
        seen = Counter(m["metadata"]["event_payload"]["event"] for m in posted)
    return EVENTS - len(seen), sum(1 for n in seen.values() if n > 1), len(posted)


def main() -> None:
    """Print one row a way."""
    logging.disable(logging.WARNING)
    print(machine())
    print(f"{EVENTS} events; {'way':46} {'lost':>5} {'doubled':>8} {'messages':>9}")
    ways: dict[str, Callable[[SlackDesk], None]] = {
        "send, then mark; the library's own retry": lambda desk: by_hand(desk, own_retry=True, mark_first=False),
        "send, then mark; tried again by us": lambda desk: by_hand(desk, own_retry=False, mark_first=False),
        "mark, then send": lambda desk: by_hand(desk, own_retry=False, mark_first=True),
        "Tocsin: claim, mark, send, look up": tocsin,
    }
    for name, way in ways.items():
        lost, doubled, messages = outcome(way)
        print(f"{'':{len(str(EVENTS)) + 9}}{name:46} {lost:5d} {doubled:8d} {messages:9d}")
    logging.disable(logging.NOTSET)


if __name__ == "__main__":
    main()
