"""The outbox through thousands of kills in a simulated world: nothing lost, nothing doubled, and it always drains."""

from __future__ import annotations

import pytest

from tests.fakes.outbox_world import Blind, Desk, Result, World, history

SEEDS = 300  # in all, in the tests of what holds
TORTURE = 3000


def lives(
    kind: type[Desk], seeds: int, *, start: int = 0, storm: int = 30, busy: float = 0.0, held: float = 0.0, **settings
) -> list[Result]:
    found = []
    for seed in range(start, start + seeds):
        world = World(seed, busy=busy, held=held)
        found.append(history(world, kind.of(world, **settings), storm=storm))
    return found


def total(results: list[Result], name: str) -> int:
    return sum(getattr(result, name) for result in results)


def check_exactly_once(results: list[Result]) -> None:
    assert total(results, "crashes") > 5 * len(results)
    assert min(total(results, "leapt"), total(results, "stopped")) > len(results) / 4
    wrong = [
        (n, r.lost, r.doubled, r.order_broken) for n, r in enumerate(results) if r.lost + r.doubled + r.order_broken
    ]
    assert wrong == [], "seeds with lost, doubled, out of order"
    assert max(result.calm_seconds for result in results) < 600


def test_exactly_once_with_a_look_up():
    """Truth is what the server holds: every alert once, updates after their first message."""
    check_exactly_once(lives(Desk, SEEDS // 2))


def test_exactly_once_in_a_storm_sent_as_lists():
    """A list that may have arrived is looked up alert by alert."""
    check_exactly_once(lives(Desk, SEEDS // 5, start=10_000, storm=3))


def test_exactly_once_where_alerts_wait_for_summaries():
    """One list or one message, or its place taken by a later alert; clocks leap here, too."""
    check_exactly_once(lives(Desk, SEEDS // 15, start=40_000, held=0.5))


def test_exactly_once_while_another_process_locks_the_archive():
    """An answer received is never forgotten."""
    check_exactly_once(lives(Desk, SEEDS // 10, start=20_000, busy=0.3))


@pytest.mark.parametrize("storm", [30, 3], ids=["one by one", "lists"])
def test_never_lost_without_a_look_up(storm):
    """At least once: doubles there are, each the very same message; losses none."""
    results = lives(Blind, SEEDS // 10, start=30_000 + storm, storm=storm)
    assert (total(results, "lost"), total(results, "differing")) == (0, 0)
    assert total(results, "doubled") > 0


@pytest.mark.torture
@pytest.mark.timeout(1200)
def test_exactly_once_for_long():
    """The long form of the above, and its figures."""
    check_exactly_once(lives(Desk, TORTURE, start=100_000, busy=0.05))
    check_exactly_once(lives(Desk, TORTURE // 3, start=200_000, storm=3))
    check_exactly_once(lives(Desk, TORTURE // 3, start=300_000, held=0.5))
