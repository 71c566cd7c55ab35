"""Real processes, real SIGKILL, real channels over real sockets: what the Slack and mail servers hold in the end.

The child kills itself at named points, which beats luck, and is killed at random ones. 0 lost on every channel;
0 doubled on Slack and on mail with an archive mailbox; elsewhere a double is the very same message.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.kill_world import LOOK_UPS, POINTS, TARGETS, World, world


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as it:
        yield it


def die_at(it: World, n: int, point: str, channel: str) -> int | None:
    """Let a delivery through one channel end itself at a point; its exit code."""
    it.fill(3 * n, 1, to=(channel,))
    if POINTS[point]:
        it.order(channel, POINTS[point])
    child = it.start(point=point, channel=channel)
    child.join(20)
    return child.exitcode


def cases(every: bool) -> list[tuple[str, str]]:
    """Each point in each channel where it exists, or in the channels by turns."""
    found = []
    for n, point in enumerate(POINTS):
        able = ["slack", "archived"] if point in LOOK_UPS else list(TARGETS)
        # by turns, but a look-up wants the doubt that the points before it left
        chosen = able if every else able[:1] if POINTS[point] == "lost" or point in LOOK_UPS else [able[n % 4]]
        found += [(point, name) for name in chosen]
    return found


def at_every_point(it: World, every: bool) -> None:
    missed = [
        (point, channel)
        for n, (point, channel) in enumerate(cases(every))
        if die_at(it, n, point, channel) != -signal.SIGKILL
    ]
    assert missed == [], "points that were not reached"
    it.drain()
    it.check()


def test_killed_at_every_named_point(outside: World) -> None:
    """Each point is reached, in one channel or another; none loses, none doubles."""
    at_every_point(outside, every=False)


@pytest.mark.torture
def test_killed_at_every_named_point_of_every_channel(outside: World) -> None:
    """The long form."""
    at_every_point(outside, every=True)


def loop(it: World, kills: int, workers: int, share: float, *, seed: int) -> dict[str, int]:
    """Kill overlapping deliveries at random, some messages on, while alerts come in and the servers err."""
    dice, hits, n = random.Random(seed), 0, 0
    it.fill(0, 6)
    it.trouble(share)
    while hits < kills:
        n += 1
        it.fill(100 + 2 * n, 1)
        children = [it.start(seconds=2) for _ in range(workers)]
        it.wait_for(dice.randint(0, 5), seconds=3)
        time.sleep(dice.uniform(0, 0.05))
        for child in children:
            child.kill()
            child.join(10)
            hits += child.exitcode == -signal.SIGKILL
    sent = sum(map(len, it.arrived().values()))
    it.drain(420)  # the longest pause is five minutes
    doubles = it.check()
    wanted = {name: len(keys) for name, keys in it.wanted.items()}
    what = f"{hits} kills, {workers} workers, {share:.0%} faults, {sent} messages before the calm"
    print(f"{what}: wanted {wanted}, lost 0, doubled {doubles}")  # noqa: T201 - shown by make torture
    return doubles


def test_killed_at_random(outside: World) -> None:
    """The short form."""
    loop(outside, kills=8, workers=2, share=0.2, seed=11)


@pytest.mark.torture
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("workers", "share"), [(2, 0.3), (3, 0.15)])
def test_killed_at_random_six_hundred_times(tmp_path: Path, workers: int, share: float) -> None:
    """The long form."""
    with world(tmp_path, settle=1.5) as outside:
        loop(outside, kills=600, workers=workers, share=share, seed=workers)
