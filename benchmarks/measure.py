"""Rates with their uncertainty: precision and recall with bootstrap intervals, reliability, and the machine's line."""

from __future__ import annotations

import os
import platform
import random
from collections.abc import Sequence
from pathlib import Path

DRAWS = 1000  # bootstrap samples
EDGES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)  # of the bins of scores


def rates(marks: Sequence[tuple[bool, bool]]) -> tuple[float, float, float]:
    """Precision, recall and F1 of pairs (flagged, wanted)."""
    both = sum(f and w for f, w in marks)
    flagged, wanted = sum(f for f, _ in marks), sum(w for _, w in marks)
    return both / max(flagged, 1), both / max(wanted, 1), 2 * both / max(flagged + wanted, 1)


def interval(marks: Sequence[tuple[bool, bool]], draws: int = DRAWS) -> list[tuple[float, float]]:
    """The 95 % bootstrap interval of precision, recall and F1; the same each time it is drawn."""
    pick = random.Random(7)
    samples = [rates(pick.choices(marks, k=len(marks))) for _ in range(draws)]
    spread = [sorted(sample[i] for sample in samples) for i in range(3)]
    return [(s[round(0.025 * draws)], s[round(0.975 * draws) - 1]) for s in spread]


def row(name: str, scores: Sequence[float], labels: Sequence[int], at: float = 0.5) -> str:
    """One line of a table: precision, recall and F1, each with its interval, and the counts behind them."""
    marks = [(s >= at, bool(y)) for s, y in zip(scores, labels, strict=True)]
    cells = "  ".join(
        f"{value:.3f} [{low:.2f}, {high:.2f}]" for value, (low, high) in zip(rates(marks), interval(marks), strict=True)
    )
    false, missed = sum(f and not w for f, w in marks), sum(w and not f for f, w in marks)
    return f"  {name:24s} {cells}  {sum(labels):4d} of {len(labels):4d} {false:4d} {missed:4d}"


HEAD = f"  {'':24s} {'precision':20s} {'recall':20s} {'F1':20s} {'positive':>12s} {'false':>5s} {'missed':>6s}"


def brier(scores: Sequence[float], labels: Sequence[int]) -> float:
    """The mean squared distance of a score from what came true."""
    return sum((s - y) ** 2 for s, y in zip(scores, labels, strict=True)) / max(len(labels), 1)


def bins(scores: Sequence[float], labels: Sequence[int]) -> list[tuple[float, float, int]]:
    """Mean score, share of positives and number of items of each bin that holds any."""
    found = []
    for low, high in zip(EDGES, (*EDGES[1:-1], 1.01), strict=False):
        part = [(s, y) for s, y in zip(scores, labels, strict=True) if low <= s < high]
        if part:
            found.append((sum(s for s, _ in part) / len(part), sum(y for _, y in part) / len(part), len(part)))
    return found


def picture(found: Sequence[tuple[float, float, int]], title: str) -> str:
    """A reliability plot as SVG: a dot a bin, its area by the items in it, on the diagonal when the score is honest."""
    size, edge = 320, 48

    def x(value: float) -> float:
        return round(edge + value * size, 1)

    def y(value: float) -> float:
        return round(edge + (1 - value) * size, 1)

    ticks = "".join(
        f'<text x="{x(v)}" y="{y(0) + 16}" text-anchor="middle">{v:g}</text>'
        f'<text x="{x(0) - 6}" y="{y(v) + 4}" text-anchor="end">{v:g}</text>'
        for v in (0, 0.25, 0.5, 0.75, 1)
    )
    dots = "".join(
        f'<circle cx="{x(mean)}" cy="{y(share)}" r="{round(3 + n**0.5 / 2, 1)}"><title>{n} items</title></circle>'
        for mean, share, n in found
    )
    whole = size + 2 * edge
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" width="{whole}" height="{whole}" '
        f'font-family="sans-serif" font-size="12" fill="#333"><rect width="{whole}" height="{whole}" fill="#fff"/>'
        f'<text x="{whole / 2}" y="24" text-anchor="middle" font-size="14">{title}</text>'
        f'<path d="M{x(0)} {y(0)}H{x(1)}V{y(1)}H{x(0)}Z" fill="none" stroke="#999"/>'
        f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#999" stroke-dasharray="4 4"/>{ticks}'
        f'<g fill="#b3261e" fill-opacity="0.75">{dots}</g>'
        f'<text x="{whole / 2}" y="{whole - 10}" text-anchor="middle">probability that Tocsin gives</text>'
        f'<text transform="translate(14 {whole / 2}) rotate(-90)" text-anchor="middle">share that is positive</text>'
        "</svg>\n"
    )


def machine() -> str:
    """What the figures were measured on."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [
            line.partition(":")[2].strip()
            for line in info.read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ]
        name = models[0] if models else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
