"""Real channels against the recording desks, and processes that die at named points: the world of the kill tests.

Truth is what the outside wrote down. A child of ``deliver`` does what the flow does, in a process of its own; it is
told at which point, and in which channel, to end itself with SIGKILL.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import random
import signal
import smtplib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.desk_slack import SlackDesk
from demo.desk_smtp import SmtpDesk
from tests.fakes.alerts import alert, event
from tests.fakes.imap_desk import ARCHIVE, ImapDesk
from tests.fakes.sink import HttpSink
from tocsin.alerts.channels import build
from tocsin.alerts.channels.base import Channel
from tocsin.alerts.dispatch import dispatch
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox, idem_of
from tocsin.config import ChannelSpec
from tocsin.errors import DeliveryError
from tocsin.model import AlertReason, Severity

FORK = multiprocessing.get_context("fork")  # a fresh interpreter takes half a second
TARGETS = {
    "slack": "#iraq-desk",
    "mail": "desk@example.org",
    "archived": "archived@example.org",
    "hook": "",
}
# every durable step before and after it, and every moment on the wire; what must go wrong for it to be reached
# (what is looked up, the points before it left doubtful)
POINTS = {
    "recover": "", "recovered": "", "claim": "", "claimed": "", "send": "",
    "commit mark": "", "commit marked": "", "on the wire": "", "answered": "", "sent mark": "", "sent marked": "",
    "refused": "no", "refusal mark": "no", "refusal marked": "no",
    "doubt": "lost", "doubt mark": "lost", "doubt marked": "lost", "look-up": "", "looked up": "",
}  # fmt: skip
LOOK_UPS = {"look-up", "looked up"}
SLACK_RATES = {
    "429": 0.04, "500_before": 0.03, "500_after": 0.04, "reset_before": 0.03, "reset_after": 0.04, "hang_after": 0.02,
    "fatal_error": 0.02, "html": 0.02,
}  # fmt: skip
MAIL_RATES = {"greylist": 0.05, "reset_before": 0.05, "reset_after": 0.07, "hang_after": 0.03, "hang": 0.02}


def utc_now() -> datetime:
    return datetime.now(UTC)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class World:
    """The servers, and the settings of the channels that lead to them."""

    path: Path  # of the archive
    slack: SlackDesk
    mail: SmtpDesk
    box: ImapDesk
    sink: HttpSink
    settle: float = 0.8
    timeout: float = 0.4
    wanted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # channel -> keys that must arrive
    first_of: dict[str, str] = field(default_factory=dict)  # key of an update -> key of the first alert of its event

    def channels(self) -> dict[str, Channel]:
        """One of each kind that reaches another machine."""
        mail = {"kind": "email", "smtp": self.mail.url, "from": "tocsin@example.org", "answer_seconds": self.timeout}
        settings: dict[str, dict[str, Any]] = {
            "slack": {
                "kind": "slack", "token": self.slack.token, "channel": "#iraq-desk", "api_url": self.slack.api_url,
                "pace_seconds": 0.01, "settle_seconds": self.settle,
            },
            "mail": {**mail, "to": TARGETS["mail"]},
            "archived": {
                **mail, "to": TARGETS["archived"], "archive_to": ARCHIVE, "archive_imap": self.box.url,
                "settle_seconds": self.settle,
            },
            "hook": {"kind": "webhook", "url": self.sink.url, "secret": "s"},
        }  # fmt: skip
        return {
            name: build(name, ChannelSpec(**block, timeout_seconds=self.timeout)) for name, block in settings.items()
        }

    def fill(self, first: int, n: int, *, to: tuple[str, ...] = tuple(TARGETS)) -> None:
        """Put alerts, and an update of every third, into the outbox."""
        with Archive.open(self.path) as archive:
            for i in range(first, first + n):
                opened = alert(event=event(id=f"ev-{i}", severity=list(Severity)[i % 4]))
                told = [opened]
                if i % 3 == 0:
                    told.append(alert(AlertReason.CASUALTIES, event=replace(opened.event, version=2)))
                for it in told:
                    Outbox(archive).enqueue(it, [(name, TARGETS[name]) for name in to], now=utc_now())
                    for name in to:
                        key = idem_of(it, name, TARGETS[name])
                        self.wanted[name].add(key)
                        self.first_of[key] = idem_of(opened, name, TARGETS[name])

    def trouble(self, share: float) -> None:
        """Let this share of the requests go wrong, as real servers do; 0 ends it."""
        for desk, rates in ((self.slack, SLACK_RATES), (self.mail, MAIL_RATES)):
            desk.rates = {name: rate * share / sum(rates.values()) for name, rate in rates.items()} if share else {}
        dice = random.Random(5)
        self.sink.chance = lambda: dice.choice([503, 500, "reset"]) if dice.random() < share else 200

    def order(self, channel: str, fault: str) -> None:
        """Order one fault of the next message of a channel: a plain "no", or an answer that is "lost"."""
        for orders in (self.slack._orders, self.mail._orders, self.sink.orders):
            orders.clear()  # of a process that died before it met its fault
        if channel == "slack":
            self.slack.fail_next({"no": "429", "lost": "reset_after"}[fault])
        elif channel == "hook":
            self.sink.orders.append({"no": 429, "lost": "reset"}[fault])
        else:
            self.mail.fail_next({"no": "rcpt:450", "lost": "reset_after"}[fault])

    def start(self, *, point: str = "", channel: str = "", seconds: float = 5.0) -> multiprocessing.process.BaseProcess:
        """A delivery in a process of its own."""
        child = FORK.Process(target=deliver, args=(self, point, channel, seconds))
        child.start()
        return child

    def wait_for(self, messages: int, seconds: float) -> None:
        """Until the outside got so many more messages, or so long."""
        before, until = self._held(), time.monotonic() + seconds
        while messages > 0 and time.monotonic() < until:
            time.sleep(0.004)
            now = self._held()
            messages, before = messages - (now != before), now

    def _held(self) -> tuple[int, int, int]:
        record = self.mail.record
        return len(self.slack._messages), len(self.sink.got), record.stat().st_size if record.exists() else 0

    def drain(self, seconds: float = 40) -> None:
        """Nobody is killed and nothing goes wrong any more: everything must arrive within seconds."""
        self.trouble(0)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.start().join(20)
            with Archive.open(self.path) as archive:
                if not Outbox(archive).open_channels():
                    return
        raise AssertionError("the outbox does not drain")

    def check(self) -> dict[str, int]:
        """Compare what was to arrive with what the outside holds; gives the doubles of each channel."""
        doubles = {name: self._check_keys(name, messages) for name, messages in self.arrived().items()}
        assert doubles["slack"] == 0, "doubled on Slack"
        assert doubles["archived"] == 0, "a mail came twice although its archive was searched"
        self._check_threads()
        with Archive.open(self.path) as archive:
            assert Outbox(archive).pending_counts() == {"sent": sum(map(len, self.wanted.values()))}
            assert archive.check() == []
        return doubles

    def arrived(self) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
        """What each channel's outside holds: for every message the name by which doubles are known, and its keys."""
        found: dict[str, list[tuple[str, tuple[str, ...]]]] = {name: [] for name in TARGETS}
        for message in self.slack.messages():
            keys = message["metadata"]["event_payload"]["idem"].split()
            found["slack"].append((message["ts"], tuple(keys)))
        for row in self.mail.mails():
            name = next(n for n in ("mail", "archived") if TARGETS[n] in row["recipients"])
            keys = dict(row["headers"])["X-Tocsin-Delivery"].split()
            same = json.dumps({k: v for k, v in row.items() if k != "at"}, sort_keys=True)
            found[name].append((same, tuple(keys)))
        for headers, body in self.sink.got:
            if len(body) < int(headers["Content-Length"]):
                continue  # its sender was killed half-way: no server takes that
            keys = [each["key"] for each in json.loads(body)["alerts"]]
            found["hook"].append((headers["Idempotency-Key"], tuple(keys)))
        return found

    def _check_keys(self, channel: str, messages: list[tuple[str, tuple[str, ...]]]) -> int:
        seen = Counter(key for _, keys in messages for key in keys)
        assert self.wanted[channel] - set(seen) == set(), f"lost on {channel}"
        assert set(seen) - self.wanted[channel] == set(), f"not asked for on {channel}"
        names: dict[str, set[str]] = defaultdict(set)
        for name, keys in messages:
            for key in keys:
                names[key].add(name)
        if channel != "slack":  # where every message has its own ts
            different = {key for key, its in names.items() if len(its) > 1}
            assert different == set(), f"a double on {channel} that is not the very same message"
        return sum(seen.values()) - len(seen)

    def _check_threads(self) -> None:
        """Every update stands in the thread of its first message, where that one was no list; never before it."""
        at: dict[str, tuple[str, bool]] = {}
        for message in self.slack.messages():
            keys = message["metadata"]["event_payload"]["idem"].split()
            for key in keys:
                opened = self.first_of[key]
                if key == opened:
                    at[key] = message["ts"], len(keys) == 1
                    continue
                assert opened in at, "an update came before its first message"
                ts, alone = at[opened]
                if alone and len(keys) == 1:
                    assert message.get("thread_ts") == ts, "an update outside its thread"


@contextmanager
def world(folder: Path, **settings: Any) -> Iterator[World]:
    """The servers, up."""
    record = folder / "mail.jsonl"
    with ExitStack() as stack:
        slack = stack.enter_context(SlackDesk(folder / "slack.jsonl", lag_seconds=0.15, page=1000))
        mail = stack.enter_context(SmtpDesk(record))
        box = stack.enter_context(ImapDesk(record, lag_seconds=0.15))
        sink = stack.enter_context(HttpSink())
        yield World(folder / "tocsin.db", slack, mail, box, sink, **settings)


# ----------------------------------------------------------------- in the child


def deliver(where: World, point: str, channel: str, seconds: float) -> None:
    """What the flow ``deliver`` does."""
    with Archive.open(where.path) as archive, archive.lock("deliver") as mine:
        if not mine:
            return
        channels = where.channels()
        if channel:
            channels = {channel: channels[channel]}
        mortal = _Mortal(archive, point)
        for each in channels.values():
            _make_mortal(each, point)
        dispatch(mortal, channels, now=utc_now, deadline_seconds=seconds, storm=8)


class _Mortal(Outbox):
    """An outbox whose process ends right before, or right after, a durable step."""

    def __init__(self, archive: Archive, point: str) -> None:
        super().__init__(archive)
        self.point = point

    def _around(self, before: str, after: str, step: Callable[[], Any]) -> Any:
        if self.point == before:
            die()
        done = step()
        if self.point == after:
            die()
        return done

    def recover(self, channel: str, **what: Any) -> int:
        return int(self._around("recover", "recovered", lambda: super(_Mortal, self).recover(channel, **what)))

    def claim(self, ids: Any, **what: Any) -> Any:
        return self._around("claim", "claimed", lambda: super(_Mortal, self).claim(ids, **what))

    def mark_committing(self, ids: Any, **what: Any) -> None:
        self._around("commit mark", "commit marked", lambda: super(_Mortal, self).mark_committing(ids, **what))

    def mark_sent(self, ids: Any, **what: Any) -> None:
        self._around("sent mark", "sent marked", lambda: super(_Mortal, self).mark_sent(ids, **what))

    def mark(self, ids: Any, state: Any, **what: Any) -> None:
        kind = "doubt" if state == "unknown" else "refusal"
        self._around(f"{kind} mark", f"{kind} marked", lambda: super(_Mortal, self).mark(ids, state, **what))


def _make_mortal(channel: Channel, point: str) -> None:
    """Let the process end around a channel's calls, and between the last byte of a message and its answer."""
    kind = type(channel)
    send, send_digest, find = kind.send, kind.send_digest, kind.find

    def sending(how: Callable[..., Any]) -> Callable[..., Any]:
        def mortal(self: Channel, what: Any, *, committing: Callable[[], None]) -> Any:
            if point == "send":
                die()
            try:
                receipt = how(self, what, committing=committing)
            except DeliveryError as error:
                if point == ("refused" if error.sure else "doubt"):
                    die()
                raise
            if point == "answered":
                die()
            return receipt

        return mortal

    def finding(self: Channel, delivery: Any) -> Any:
        if point == "look-up":
            die()
        found = find(self, delivery)
        if point == "looked up":
            die()
        return found

    kind.send, kind.send_digest, kind.find = sending(send), sending(send_digest), finding
    if point == "on the wire":
        _die_on_the_wire()


def _die_on_the_wire() -> None:
    """After the final dot, or after the body of a post: the other side has it, and nobody heard the answer."""
    smtp_send = smtplib.SMTP.send

    def send(self: smtplib.SMTP, what: Any) -> None:
        smtp_send(self, what)
        if what == b".\r\n":
            die()

    smtplib.SMTP.send = send
    answer = http.client.HTTPConnection.getresponse
    put = http.client.HTTPConnection.putrequest

    def putrequest(self: Any, method: str, url: str, *args: Any, **more: Any) -> None:
        self.posts = method == "POST" and not url.endswith(("conversations.list", "auth.test"))
        put(self, method, url, *args, **more)

    def getresponse(self: Any) -> Any:
        if self.posts:
            die()
        return answer(self)

    http.client.HTTPConnection.putrequest = putrequest
    http.client.HTTPConnection.getresponse = getresponse
