"""Work on many things at once in processes that may be killed, with the answers in the order of the questions.

A parser in native code cannot be interrupted, and it may take the whole process with it. So each
question goes to one of a few processes; one that dies or takes too long costs its own answer and no other.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")
AHEAD = 32  # questions a worker that may be answered before the one that is printed next


def in_order(
    questions: Iterable[Q],
    work: Callable[[Q], A],
    lost: Callable[[Q, str], A],
    *,
    jobs: int,
    seconds: float,
) -> Iterator[A]:
    """The answers to all questions, each given by one of ``jobs`` processes.

    Args:
        work: Answers one question; runs in a forked process, so that it need not pickle. Answers do.
        lost: The answer to a question whose process died or was killed, from the question and why.
        seconds: Wall time that one question may take.
    """
    source, answers = enumerate(questions), dict[int, A]()
    idle = [_Worker[Q, A](work) for _ in range(jobs)]
    busy: dict[int, tuple[_Worker[Q, A], Q, float]] = {}  # by number of the question, with its deadline
    told, more = 0, True
    try:
        while more or busy:
            while more and idle and (not busy or max(busy) - told < AHEAD * jobs):
                number, question = next(source, (-1, None))
                if number < 0 or question is None:
                    more = False
                    break
                worker = idle.pop()
                worker.ask(question)
                busy[number] = (worker, question, time.monotonic() + seconds)
            for number, worker, answer in _finished(busy, lost, work, seconds):
                del busy[number]
                idle.append(worker)
                answers[number] = answer
            while told in answers:
                yield answers.pop(told)
                told += 1
    finally:
        for worker in (*idle, *(one for one, _, _ in busy.values())):
            worker.end()


def _finished(
    busy: dict[int, tuple[_Worker[Q, A], Q, float]],
    lost: Callable[[Q, str], A],
    work: Callable[[Q], A],
    seconds: float,
) -> list[tuple[int, _Worker[Q, A], A]]:
    """What has been answered or lost since, with the worker that takes the next question; waits for one at least."""
    now = time.monotonic()
    first = min((deadline for _, _, deadline in busy.values()), default=now)
    ready = set(wait([worker.pipe for worker, _, _ in busy.values()], max(0.0, first - now)) if busy else [])
    done: list[tuple[int, _Worker[Q, A], A]] = []
    for number, (worker, question, deadline) in busy.items():
        why = ""
        if worker.pipe in ready:
            try:
                done.append((number, worker, worker.pipe.recv()))
                continue
            except (EOFError, OSError):
                why = "its reader ended before it had an answer"
        elif time.monotonic() >= deadline:
            why = f"reading it takes more than {seconds:.0f} s"
        if why:
            worker.end()
            done.append((number, _Worker(work), lost(question, why)))
    return done


class _Worker(Generic[Q, A]):
    """One process and the pipe to it."""

    def __init__(self, work: Callable[[Q], A]) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, question: Q) -> None:
        """Hand it a question; the answer comes through ``pipe``. One that is dead answers with the end of its pipe."""
        try:
            self.pipe.send(question)
        except BrokenPipeError:
            return

    def end(self) -> None:
        """Kill it, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _serve(pipe: Connection, work: Callable[[Q], A]) -> None:
    while True:
        try:
            question = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        pipe.send(work(question))
