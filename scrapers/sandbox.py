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
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from scrapers import parse_worker
from scrapers.entries import FeedDocument
from scrapers.parse_worker import CPU_SECONDS, DOCUMENT, READY
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched

WORKERS = 2
TRIES = 2
START_SECONDS = 60.0
WALL_SECONDS = 60.0  # on a busy machine the processor's time comes slowly
LAST_WORDS = 4000  # bytes
_SLOTS = threading.BoundedSemaphore(WORKERS)
_IDLE: list[_Worker] = []
_MUTEX = threading.Lock()
_TOLD: set[str] = set()
MOST_TOLD = 500  # stacks that are remembered, so as not to be logged again
log = logging.getLogger("tocsin")


def read(feed: Feed, fetched: Fetched, *, now: datetime) -> FeedDocument:
    """As ``feeds.read``, in a process of its own.

    Raises:
        ParseError: it is no feed, or a bomb: "bomb: ...", or it laid a bug of ours bare: "bug: ..."; what that was then
            costs the next feed nothing.
        RuntimeError: no reader can be started, whatever the feed; the words are its last.
    """
    if not fetched.body:
        raise ParseError(feed.id, "empty: the answer has no body")
    with _SLOTS:
        reply, said = _asked(feed, fetched, now)
    if said:
        _tell(said.decode().rstrip())
    if reply.startswith(b'{"error"'):
        subject, detail = json.loads(reply)["error"]
        raise ParseError(subject, detail)
    return DOCUMENT.validate_json(reply)


def _asked(feed: Feed, fetched: Fetched, now: datetime) -> tuple[bytes, bytes]:
    """The reply of an idle process or a new one; a second one is asked when the first dies.

    Not every death is the document's doing: the system kills what it likes when memory is short. But a process that
    has had all its time for one document has shown enough.
    """
    deaths: list[str] = []
    while True:
        worker = (None if deaths else _idle()) or _Worker()
        try:
            answer = worker.ask(feed, fetched, now)
        except TimeoutError:
            worker.end()
            raise ParseError(feed.id, f"bomb: reading it takes more than {WALL_SECONDS:.0f} s") from None
        except (BrokenPipeError, EOFError):
            death = worker.death()
            if death == signal.SIGXCPU.name:
                raise ParseError(
                    feed.id, f"bomb: reading it takes more than {CPU_SECONDS} s of processor time"
                ) from None
            deaths.append(death)
            if len(deaths) == TRIES:
                raise ParseError(feed.id, f"bomb: {TRIES} readers died over it ({', '.join(deaths)})") from None
        except BaseException:
            worker.end()
            raise
        else:
            with _MUTEX:
                _IDLE.append(worker)
            return answer


def _idle() -> _Worker | None:
    """A process that waits for a feed, if there is one; those that died meanwhile are buried."""
    with _MUTEX:
        while _IDLE:
            worker = _IDLE.pop()
            if worker.is_alive:
                return worker
            worker.end()
    return None


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
        path = dict.fromkeys([*filter(None, sys.path), str(Path(parse_worker.__file__).parents[1])])
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "scrapers.parse_worker"],  # -P: no code of the current folder
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            env=keep | {"PYTHONPATH": os.pathsep.join(path)},  # none of our secrets
        )
        try:
            self._receive(len(READY), time.monotonic() + START_SECONDS)
        except (EOFError, TimeoutError) as why:
            words = self.end()
            last = words.rpartition("\n")[2] or type(why).__name__
            raise RuntimeError(f"no reader of feeds can be started: {last}", words) from None

    @property
    def is_alive(self) -> bool:
        """False once it ended, whatever ended it."""
        return self._process.poll() is None

    def ask(self, feed: Feed, fetched: Fetched, now: datetime) -> tuple[bytes, bytes]:
        """The reply to one document, and what was logged.

        Raises:
            BrokenPipeError: it died.
            EOFError: it died.
            TimeoutError: it takes too long.
        """
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
        pipe = cast(BinaryIO, self._process.stdin)
        for frame in (head, fetched.body):
            pipe.write(len(frame).to_bytes(4, "big") + frame)
        pipe.flush()
        return self._frame(deadline), self._frame(deadline)

    def _frame(self, deadline: float) -> bytes:
        return self._receive(int.from_bytes(self._receive(4, deadline), "big"), deadline)

    def _receive(self, size: int, deadline: float) -> bytes:
        """That many bytes of what it says."""
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

    def death(self) -> str:
        """What ended it, "SIGSEGV" or "exit code 1"; its last words go to the log."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1.0)  # its pipe has ended, and so will it
        words = self.end()
        code = self._process.returncode
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}" if code < 0 else f"exit code {code}"
        if words and name != signal.SIGXCPU.name:
            _tell(f"a reader of feeds died ({name})\n{words}")
        return name

    def end(self) -> str:
        """Kill it, whatever it is doing; what it complained of last."""
        self._process.kill()
        self._process.wait()
        self._words.seek(-min(LAST_WORDS, self._words.seek(0, os.SEEK_END)), os.SEEK_END)
        words = self._words.read().decode("utf-8", "replace").strip()
        for pipe in (self._process.stdin, self._process.stdout, self._words):
            with suppress(BrokenPipeError):
                cast(BinaryIO, pipe).close()
        return words
