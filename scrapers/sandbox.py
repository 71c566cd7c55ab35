"""Reading feeds where they can do no harm: in a process that is killed when it takes too long or too much.

A parser cannot be interrupted, and no rule foresees every document that keeps it busy for minutes. The
processes live on from feed to feed, so that a poll starts one or two; they end with the one that
started them, however that ends, because their pipe does.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from typing import BinaryIO, cast

from scrapers.entries import FeedDocument
from scrapers.parse_worker import CPU_SECONDS, DOCUMENT
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched

WORKERS = 2
WALL_SECONDS = 60.0  # on a busy machine the processor's time comes slowly
_SLOTS = threading.BoundedSemaphore(WORKERS)
_IDLE: list[_Worker] = []
_MUTEX = threading.Lock()
_TOLD: set[str] = set()
MOST_TOLD = 500  # stacks that are remembered, so as not to be logged again
log = logging.getLogger("tocsin")


def read(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """As ``feeds.read``, in a process of its own.

    Raises:
        ParseError: it is no feed, or a bomb: "bomb: ..."; what that was then costs the next feed nothing.
        RuntimeError: reading it laid a bug of ours bare; the words are those of its traceback.
    """
    if not fetched.body:
        raise ParseError(feed.id, "empty: the answer has no body")
    with _SLOTS:
        with _MUTEX:
            worker = _IDLE.pop() if _IDLE else None
        worker = worker or _Worker()
        try:
            reply, said = worker.ask(feed, fetched, now)
        except BaseException:
            worker.end()
            raise
        with _MUTEX:
            _IDLE.append(worker)
    if said:
        _tell(said.decode().rstrip())
    if reply.startswith(b'{"error"'):
        subject, detail = json.loads(reply)["error"]
        raise ParseError(subject, detail)
    return DOCUMENT.validate_json(reply)


def _tell(said: str) -> None:
    """Log what a reader logged; of what was told before, and comes again with each poll, the first line."""
    with _MUTEX:
        again = said in _TOLD
        _TOLD.add(said)
        if len(_TOLD) > MOST_TOLD:
            _TOLD.clear()
    log.error("%s", said.partition("\n")[0] if again else said)


@atexit.register
def close() -> None:
    """End the processes; the next ``read`` starts new ones."""
    with _MUTEX:
        while _IDLE:
            _IDLE.pop().end()


class _Worker:
    """One process and its pipes."""

    def __init__(self) -> None:
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        keep = {name: os.environ[name] for name in ("PATH", "TZ", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "scrapers.parse_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            env=keep | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p) or "."},  # none of our secrets
        )

    def ask(self, feed: Feed, fetched: Fetched, now: datetime) -> tuple[bytes, bytes]:
        """The reply to one document, and what was logged."""
        head = json.dumps(
            {
                "feed": feed.model_dump_json(),
                "now": now.isoformat(),
                "url": fetched.url,
                "final_url": fetched.final_url,
                "status": fetched.status,
                "headers": fetched.headers,
            }
        ).encode()
        deadline = time.monotonic() + WALL_SECONDS
        try:
            pipe = cast(BinaryIO, self._process.stdin)
            for frame in (head, fetched.body):
                pipe.write(len(frame).to_bytes(4, "big") + frame)
            pipe.flush()
            return self._frame(deadline), self._frame(deadline)
        except (BrokenPipeError, EOFError, TimeoutError):
            raise self._fate(feed) from None

    def _frame(self, deadline: float) -> bytes:
        return self._receive(int.from_bytes(self._receive(4, deadline), "big"), deadline)

    def _receive(self, size: int, deadline: float) -> bytes:
        """That many bytes of the reply.

        Raises:
            EOFError: it died.
            TimeoutError: it takes too long.
        """
        pipe = cast(BinaryIO, self._process.stdout)
        parts: list[bytes] = []
        while size:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(pipe.fileno(), min(size, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _fate(self, feed: Feed) -> Exception:
        """What became of it: killed by its limits, or ended by a bug."""
        try:
            code = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return ParseError(feed.id, f"bomb: reading it takes more than {WALL_SECONDS:.0f} s")
        if code < 0:
            return ParseError(feed.id, f"bomb: reading it takes more than {CPU_SECONDS} s of processor time")
        self._words.seek(0)
        words = self._words.read()[-2000:].decode("utf-8", "replace").strip()
        return RuntimeError(words.rpartition("\n")[2] or f"the reader ended with code {code}", words)

    def end(self) -> None:
        """Kill it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._words):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
