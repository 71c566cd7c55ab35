"""The outbox through thousands of kills in a simulated world: nothing lost, nothing doubled, and it always drains."""

from __future__ import annotations

import pytest

from tests.fakes.outbox_world import Blind, Desk, Result, World, history

SEEDS = 100
TORTURE = 3000


def lives(
    kind: type[Desk], seeds: int, *, start: int = 0, storm: int = 30, busy: float = 0.0, **settings
) -> list[Result]:
    found = []
    for seed in range(start, start + seeds):
        world = World(seed, busy=busy)
        found.append(history(world, kind.of(world, **settings), storm=storm))
    return found


def total(results: list[Result], name: str) -> int:
    return sum(getattr(result, name) for result in results)


def check_exactly_once(results: list[Result]) -> None:
    assert total(results, "crashes") > 5 * len(results)
    assert (total(results, "lost"), total(results, "doubled"), total(results, "order_broken")) == (0, 0, 0)
    assert max(result.calm_seconds for result in results) < 600


def test_exactly_once_with_a_look_up():
    """Truth is what the server holds: every alert once, updates after their first message."""
    check_exactly_once(lives(Desk, SEEDS))


def test_exactly_once_in_a_storm_sent_as_lists():
    """A list that may have arrived is looked up alert by alert."""
    check_exactly_once(lives(Desk, SEEDS // 2, start=10_000, storm=3))


def test_exactly_once_while_another_process_locks_the_archive():
    """An answer received is never forgotten."""
    check_exactly_once(lives(Desk, SEEDS // 4, start=20_000, busy=0.3))


def test_never_lost_without_a_look_up():
    """At least once: doubles there are, losses none."""
    results = lives(Blind, SEEDS // 2, start=30_000)
    assert total(results, "lost") == 0
    assert total(results, "doubled") > 0


def test_the_simulator_bites_when_a_look_up_does_not_wait():
    """Settle time zero: a message that cannot be found yet is sent again."""
    assert total(lives(Desk, SEEDS // 2, settle_seconds=0), "doubled") > 0


def test_the_simulator_bites_when_committing_is_not_marked(monkeypatch):
    """Without the mark, a message that had left is taken for one that never did."""
    monkeypatch.setattr("tocsin.archive.outbox.Outbox.mark_committing", lambda *_, **__: None)
    assert total(lives(Desk, SEEDS // 2), "doubled") > 0


def test_the_simulator_bites_when_a_claim_counts_as_sent(monkeypatch):
    """Mark, then send: what was on its way when the process died is lost."""

    def forget(self, channel, *, settle, now):
        return self._archive.execute("UPDATE delivery SET state = 'dead' WHERE state = 'sending'")

    monkeypatch.setattr("tocsin.archive.outbox.Outbox.recover", forget)
    assert total(lives(Desk, SEEDS // 4), "lost") > 0


@pytest.mark.torture
def test_exactly_once_for_long():
    """The long form of the above."""
    check_exactly_once(lives(Desk, TORTURE, start=100_000, busy=0.05))
    check_exactly_once(lives(Desk, TORTURE // 3, start=200_000, storm=3))
