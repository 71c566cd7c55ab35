"""How well it codes, as floors, on our own lines in ten languages that are kept out of training."""

from __future__ import annotations

import pytest

from benchmarks.coding import held, known_places, score_held

MARKS = [score_held(item, known_places()) for item in held()]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("type", 0.95), ("killed exact", 0.97), ("wounded exact", 0.97), ("weapons", 0.93), ("claim", 0.97),
        ("places exact, sites in towns aside", 0.93), ("severity", 0.97),
    ],
)  # fmt: skip
def test_share_coded_right(name: str, least: float) -> None:
    marks = [mark[name] for mark in MARKS if name in mark]
    assert len(marks) > 30
    assert sum(marks) / len(marks) >= least
