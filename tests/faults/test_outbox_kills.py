"""Real processes, real SIGKILL, a real file and a real socket: every alert arrives exactly once all the same.

The child kills itself at named points, which beats luck, and is killed at random ones. Truth is what the server holds.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.fakes.alerts import alert, event
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.alerts.dispatch import dispatch
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox, idem_of
from tocsin.errors import DeliveryError
from tocsin.model import Delivery, Severity, Thread

FORK = multiprocessing.get_context("fork")  # a fresh interpreter takes half a second
POINTS = ("claimed", "before committing", "committing", "accepted", "before sent", "sent")
LAG, SETTLE, TIMEOUT = 0.15, 0.4, 0.2  # seconds


class Server(socketserver.ThreadingTCPServer):
    """Holds what arrived; a message can be found a little after it was taken."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: list[tuple[float, list[str]]] = []
        self.dice = random.Random(7)
        self.faults = 0.0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def seen(self) -> Counter[str]:
        return Counter(key for _, keys in self.messages for key in keys)


class _Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        request = json.loads(self.rfile.readline())
        if "find" in request:
            late = time.monotonic() - LAG
            found = [n for n, (at, keys) in enumerate(self.server.messages) if request["find"] in keys and at < late]
            self.wfile.write(json.dumps({"ts": found[0] if found else None}).encode() + b"\n")
            return
        fault = self.server.dice.random()
        if fault < self.server.faults / 2:
            return  # dropped before it was taken
        self.server.messages.append((time.monotonic(), request["keys"]))
        if fault < self.server.faults:
            return  # dropped after it was taken
        time.sleep(self.server.dice.uniform(0, 0.02))
        self.wfile.write(json.dumps({"ts": len(self.server.messages) - 1}).encode() + b"\n")


def die(at: str, point: str) -> None:
    if at == point:
        os.kill(os.getpid(), signal.SIGKILL)


class Remote(Channel):
    """Posts to the server over a socket; dies where it is told."""

    kind: ClassVar[str] = "remote"
    can_look_up: ClassVar[bool] = True
    settle_seconds: float = SETTLE
    pace_seconds: float = 0.04
    port: int
    point: str = ""

    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        return self.send_digest((delivery,), committing=committing)

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        die(self.point, "before committing")
        committing()
        die(self.point, "committing")
        answer = self._ask({"keys": [d.idem for d in deliveries]})
        die(self.point, "accepted")
        return Receipt(str(answer["ts"]), Thread(str(answer["ts"])) if len(deliveries) == 1 else None)

    def find(self, delivery: Delivery) -> Receipt | None:
        answer = self._ask({"find": delivery.idem})
        return None if answer["ts"] is None else Receipt(str(answer["ts"]), None)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT) as line:
                line.sendall(json.dumps(request).encode() + b"\n")
                said = line.makefile().readline()
                if not said:
                    raise ConnectionResetError
                return dict(json.loads(said))
        except OSError as error:
            raise DeliveryError("remote", type(error).__name__, retryable=True, sure=False) from None


class Mortal(Outbox):
    """An outbox whose process ends right after, or right before, a durable step."""

    def __init__(self, archive: Archive, point: str) -> None:
        super().__init__(archive)
        self.point = point

    def claim(self, ids: Any, *, now: datetime) -> tuple[Delivery, ...]:
        taken = super().claim(ids, now=now)
        die(self.point, "claimed")
        return taken

    def mark_sent(self, ids: Any, **what: Any) -> None:
        die(self.point, "before sent")
        super().mark_sent(ids, **what)
        die(self.point, "sent")


def utc_now() -> datetime:
    return datetime.now(UTC)


def deliver(path: Path, port: int, point: str, seconds: float) -> None:
    """What the flow ``deliver`` does, in a process of its own."""
    with Archive.open(path) as archive, archive.lock("deliver") as mine:
        if mine:
            channel = Remote(port=port, point=point)
            dispatch(Mortal(archive, point), {"remote": channel}, now=utc_now, deadline_seconds=seconds, storm=8)


def start(path: Path, port: int, point: str = "", seconds: float = 5.0) -> multiprocessing.process.BaseProcess:
    child = FORK.Process(target=deliver, args=(path, port, point, seconds))
    child.start()
    return child


@pytest.fixture
def server():
    with Server() as it:
        threading.Thread(target=it.serve_forever, args=(0.05,), daemon=True).start()
        yield it
        it.shutdown()


def fill(path: Path, first: int, n: int) -> set[str]:
    """Put alerts into the outbox; the keys that must arrive."""
    keys = set()
    with Archive.open(path) as archive:
        for i in range(first, first + n):
            it = alert(event=event(id=f"ev-{i}", severity=list(Severity)[i % 4]))
            Outbox(archive).enqueue(it, [("remote", "#desk"), ("remote", "#night")], now=utc_now())
            keys |= {idem_of(it, "remote", who) for who in ("#desk", "#night")}
    return keys


def drain(path: Path, server: Server) -> None:
    """Nobody is killed any more: everything must arrive within seconds."""
    server.faults = 0.0
    until = time.monotonic() + 20
    while time.monotonic() < until:
        start(path, server.port).join(10)
        with Archive.open(path) as archive:
            if not Outbox(archive).open_channels():
                return
    raise AssertionError("the outbox does not drain")


def check(path: Path, server: Server, wanted: set[str]) -> None:
    seen = server.seen()
    assert wanted - set(seen) == set(), "lost"
    assert {key: n for key, n in seen.items() if n > 1} == {}, "doubled"
    with Archive.open(path) as archive:
        assert Outbox(archive).pending_counts() == {"sent": len(wanted)}
        assert archive.value("PRAGMA integrity_check") == "ok"
        assert archive.query("PRAGMA foreign_key_check") == []


def test_killed_at_every_named_point(tmp_path, server):
    """Each point is reached, and none loses or doubles."""
    path, wanted, killed = tmp_path / "tocsin.db", set(), []
    for n, point in enumerate(POINTS):
        wanted |= fill(path, 3 * n, 3)
        child = start(path, server.port, point)
        child.join(10)
        killed.append(child.exitcode)
    assert killed == [-signal.SIGKILL] * len(POINTS)
    drain(path, server)
    check(path, server, wanted)


def loop(path: Path, server: Server, kills: int, workers: int) -> None:
    """Kill overlapping deliveries at random times while alerts come in and the server errs."""
    dice, wanted, hits = random.Random(11), fill(path, 0, 6), 0
    server.faults = 0.2
    for n in range(kills):
        wanted |= fill(path, 100 + 2 * n, 2)
        children = [start(path, server.port, seconds=2) for _ in range(workers)]
        time.sleep(dice.uniform(0.02, 0.25))
        for child in children:
            child.kill()
            child.join(10)
            hits += child.exitcode == -signal.SIGKILL
    assert hits > kills / 4
    drain(path, server)
    check(path, server, wanted)


def test_killed_at_random(tmp_path, server):
    """The short form."""
    loop(tmp_path / "tocsin.db", server, kills=12, workers=2)


@pytest.mark.torture
def test_killed_at_random_for_long(tmp_path, server):
    """The long form."""
    loop(tmp_path / "tocsin.db", server, kills=600, workers=2)
