"""Training the scorer: ``python -m tocsin.flagging.train FILE.jsonl ...`` writes weights.json from labelled lines.

A line holds ``title``, ``text``, ``label`` (positive, negative; borderline is left out) and perhaps ``lang``.
Where both title and text are there, the title alone is learned from too, at half weight: feeds give bare headlines.
Logistic regression with a penalty on the squares and, for features whose meaning is known, a bound on the
sign: a weapon may not speak against an item, football not for it. Needs scikit-learn's companions (development only).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tocsin.flagging.features import features
from tocsin.flagging.reading import read
from tocsin.flagging.scorer import WEIGHTS
from tocsin.text import language

PENALTY = 3.0  # chosen by grouped cross-validation
MIN_ITEMS = 4  # a feature seen in fewer items is not learned
KEEP = 0.02  # smaller weights are dropped

FOR = (
    "troops or hostages", "act in Iraq", " and Iraq", "in Iraq", "Iraqi unit", "Iraqi place", "violence and Iraq",
    "violence, Iraq and its means", "share of Iraq", ".Iraq", "sentence in Iraq", "effect.", "weapon", "armed group",
    "act.", "a killing on a day", "a killing reported",
)  # fmt: skip
AGAINST = (
    "Iraq is", "Iraq only", "deaths without", "Iraq condemns",
    "another country", "another theatre", "many countries", "no violence",
    "frame.", "mask.", "masked Iraq", "act in elsewhere",
    "throughout", "no weapon, toll or armed side", "nothing else of Iraq", "an act with a year", "embassy abroad",
    "only at the polls", "a year long past",
    "no day is named", "a drill, not", "told as an accident",
)  # fmt: skip
# What we hold true before we see data, in log-odds: the penalty pulls towards these, not towards zero.
PRIORS = (
    ("opening.frame.", -0.5), ("head.frame.", -0.3), ("lead.frame.", -0.1),
    ("opening.violent act in Iraq", 0.5), ("head.violent act in Iraq", 0.5), ("head.military act in Iraq", 0.5),
    ("opening.posture act in Iraq", 0.5), ("head.posture act in Iraq", 0.5), ("troops or hostages", 0.8),
    ("deaths without an attack", -0.8), ("Iraq is nowhere", -3.0), ("another theatre", -0.5),
    ("head.violent act in elsewhere", -0.5), ("opening.violent act in elsewhere", -0.5), ("many countries", -0.5),
    ("Iraq only in", -0.5), ("Iraq condemns", -1.5), ("an attack, but no weapon", -1.5),
    ("an attack, but only at", -1.5), ("a green zone", -2.0),
    ("an Iraqi embassy abroad", -2.0), ("an act with a year, in the head", -0.5), ("a year long past", -1.0),
    ("a drill, not", -4.0), ("told as an accident", -2.0),
    ("a killing on a day", 0.5),
    ("a killing reported", 1.0),
    ("sport throughout, beside", -1.0), ("sport throughout", -3.0), ("culture throughout", -1.5),
    ("a debate abroad throughout", -1.0), ("a court case throughout", -0.7), ("an accident throughout", -1.0),
    ("an anniversary throughout", -1.0),
    ("markets throughout", -0.7), ("an election throughout", -0.3),
)  # fmt: skip
# Frames that a report of an attack often holds as well have no prior; those that name a genre have twice the prior.
NEUTRAL = frozenset({
    "background", "diplomacy", "visit", "religion", "humanitarian", "poll", "accident", "election", "economy",
    "technology", "health", "opinion", "exercise",
})  # fmt: skip
GENRES = frozenset({
    "sport", "film", "anniversary", "roundup", "oil_price", "memoir", "veteran", "trial", "sentence", "weather", "book",
    "obituary", "pandemic", "crime", "drill",
})  # fmt: skip


def sign(name: str) -> int:
    """Which way a feature may speak: 1, -1, or 0 for both."""
    if name.endswith("mask.both"):
        return 0
    if any(part in name for part in AGAINST):
        return -1
    return 1 if any(part in name for part in FOR) else 0


def prior(name: str) -> float:
    """The weight that a feature is expected to have."""
    zone, _, frame = name.partition(".frame.")
    if frame in NEUTRAL:
        return 0.0
    best = next((value for start, value in PRIORS if name.startswith(start)), 0.0)
    return best * 2 if frame in GENRES and zone in {"opening", "head"} else best


def table(rows: Iterable[dict[str, Any]]) -> list[dict[str, float]]:
    """The features of labelled rows."""
    return [_row(row.get("title") or "", row.get("text") or "", row.get("lang")) for row in rows]


def _row(title: str, text: str, hint: str | None) -> dict[str, float]:
    code = language(f"{title}\n{text}", hint)
    return {name: feature.value for name, feature in features(read(title, text, code)).items()}


def headlines(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Copies without their text of the rows whose title says enough, at half weight."""
    bare = [{**row, "text": "", "weight": 0.5} for row in rows if row.get("title") and row.get("text")]
    return [
        row
        for row in bare
        if row["label"] == "negative" or "Iraq is nowhere" not in _row(row["title"], "", row["lang"])
    ]


def fit(
    items: Sequence[dict[str, float]],
    labels: Sequence[int],
    sample: Sequence[float] | None = None,
    penalty: float = PENALTY,
) -> tuple[float, dict[str, float]]:
    """Intercept and weights of a sign-bounded logistic regression."""
    import numpy as np
    from scipy.optimize import minimize

    seen: dict[str, int] = {}
    for item in items:
        for name in item:
            seen[name] = seen.get(name, 0) + 1
    names = sorted(name for name, times in seen.items() if times >= MIN_ITEMS)
    place = {name: i for i, name in enumerate(names)}
    x = np.zeros((len(items), len(names) + 1))
    x[:, -1] = 1.0
    for row, item in enumerate(items):
        for name, value in item.items():
            if name in place:
                x[row, place[name]] = value
    y = np.asarray(labels, dtype=float) * 2 - 1
    w = np.ones(len(items)) if sample is None else np.asarray(sample, dtype=float)

    mean = np.asarray([prior(name) for name in names] + [0.0])

    def loss(beta: Any) -> tuple[float, Any]:
        margin = y * (x @ beta)
        value = (w * np.logaddexp(0, -margin)).sum() + penalty / 2 * ((beta - mean)[:-1] ** 2).sum()
        slope = -(w * y / (1 + np.exp(np.clip(margin, -40, 40)))) @ x
        slope[:-1] += penalty * (beta - mean)[:-1]
        return float(value), slope

    bounds: list[tuple[float | None, float | None]] = [
        {1: (0, None), -1: (None, 0), 0: (None, None)}[sign(n)] for n in names
    ]
    answer = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    beta = answer.x
    return round(float(beta[-1]), 3), {
        n: round(float(b), 3) for n, b in zip(names, beta, strict=False) if abs(b) >= KEEP
    }


def load(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Labelled lines, borderline ones left out."""
    rows = [
        json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    return [row for row in rows if row["label"] in {"positive", "negative"}]


def main(paths: Sequence[str]) -> None:
    """Train on the files and write weights.json."""
    rows = load(map(Path, paths))
    rows += headlines(rows)
    labels = [int(row["label"] == "positive") for row in rows]
    intercept, weight = fit(table(rows), labels, [row.get("weight", 1.0) for row in rows])
    data = {
        "source": f"python -m tocsin.flagging.train, {len(rows)} labelled texts",
        "intercept": intercept,
        "weights": dict(sorted(weight.items(), key=lambda kv: -abs(kv[1]))),
    }
    WEIGHTS.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
