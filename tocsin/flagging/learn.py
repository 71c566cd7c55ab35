"""Learning from the desk: the shipped weights, moved as far as the desk's labels ask for, and what that changes.

A logistic regression that is pulled towards the weights that Tocsin ships instead of towards zero, so that
a handful of labels moves what they speak of and leaves the rest. The lines of the shipped corpus hold it in
place: each asks for the score that it has today, and for its label where that score is wrong; and what many
of them show is moved less than what few do, for a desk's taste is in the rare things. What it would do on
articles that it has not seen is measured before anything is switched: each fold is judged by weights that
were fitted without it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.config import Watch
from tocsin.errors import ConfigError
from tocsin.flagging.features import features
from tocsin.flagging.home import home_of
from tocsin.flagging.reading import read
from tocsin.flagging.scorer import Weights, probability
from tocsin.flagging.tongue import tongue
from tocsin.flagging.train import KEEP, load
from tocsin.text import fold_term

CORPUS = Path(__file__).parent / "corpus"
PULL = 1.0  # towards the shipped weights, in the units of the loss
COMMON = 20  # lines of the corpus that show a feature and double the pull on it
OWN = 2.0  # a label of the desk counts as much as so many lines of the corpus
FOLDS = 5
STEPS = 400  # of the descent, at most
STILL = 2e-4  # a step that moves no weight by more is the last one
SEEN = 2  # a feature in fewer items is not moved


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled text as the model sees it."""

    title: str
    watch: str
    wanted: bool
    own: bool  # a label of the desk, not a line of the shipped corpus
    values: Mapping[str, float]

    @property
    def fold(self) -> int:
        """The fold it is judged in; the same title is never on both sides."""
        digest = hashlib.sha1(fold_term(self.title).encode(), usedforsecurity=False).digest()
        return digest[0] % FOLDS


@dataclass(frozen=True, slots=True)
class Figures:
    """How well weights do on some items, at the thresholds of their watches."""

    items: int
    wanted: int
    precision: float
    recall: float
    f1: float
    brier: float


@dataclass(frozen=True, slots=True)
class Changed:
    """A held-out item whose decision is another with the new weights."""

    title: str
    watch: str
    wanted: bool
    own: bool
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Trial:
    """Before and after on held-out folds, for the desk's labels and for the shipped corpus."""

    before: dict[str, Figures]
    after: dict[str, Figures]
    changed: tuple[Changed, ...]

    @property
    def worse(self) -> bool:
        """True when the new weights do worse on the labels of the desk, by F1 and by Brier score."""
        was, now = self.before["own"], self.after["own"]
        return now.f1 < was.f1 and now.brier > was.brier


def shipped() -> list[dict[str, Any]]:
    """The lines of the corpus that Tocsin ships."""
    return load(sorted(CORPUS.glob("*.jsonl")))


def labels(path: Path) -> list[dict[str, Any]]:
    """The labelled lines of a file: title, text, label (positive, negative), and perhaps lang and watch.

    Raises:
        ConfigError: It cannot be read, or a line is not such an object.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # a text may hold what splitlines takes for an end
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "not UTF-8"
        raise ConfigError(str(path), f"cannot be read ({why}); give a file of JSON lines in UTF-8") from None
    found: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line) if line.strip() else None
        except ValueError as exc:
            raise ConfigError(f"{path} line {number}", f"not JSON: {exc}") from None
        if row is None:
            continue
        if not isinstance(row, dict) or row.get("label") not in {"positive", "negative", "borderline"}:
            raise ConfigError(f"{path} line {number}", 'needs "title", "text" and a "label": positive or negative')
        if row["label"] != "borderline":
            found.append(row)
    return found


def items(rows: Sequence[Mapping[str, Any]], watches: Mapping[str, Watch], *, own: bool) -> list[Item]:
    """Labelled rows as the model sees them; a row's watch is the first one where it names none."""
    first = next(iter(watches.values()))
    return [_item(row, watches.get(str(row.get("watch") or ""), first), own) for row in rows]


def _item(row: Mapping[str, Any], watch: Watch, own: bool) -> Item:
    title, text = str(row.get("title") or ""), str(row.get("text") or "")
    reading = read(title, text, tongue(title, text, row.get("lang")), home_of(watch))
    values = {name: feature.value for name, feature in features(reading).items()}
    return Item(title or text[:80], watch.id, row["label"] == "positive", own, values)


def refit(given: Sequence[Item], start: Weights) -> Weights:
    """The weights that fit the items best and stay near those they start from.

    Raises:
        ConfigError: numpy is not installed.
    """
    try:
        import numpy as np
    except ImportError:
        raise ConfigError("tocsin train", "needs numpy; install it: pip install numpy") from None

    names, x = _matrix(given)
    # what is too rare to move keeps its shipped weight
    movable = frozenset(names)
    rest = [{n: v for n, v in item.values.items() if n not in movable} for item in given]
    fixed = np.array([_sum(values, start) for values in rest])
    y = np.array([_target(item, start) for item in given])
    w = np.array([OWN if item.own else 1.0 for item in given])
    mean = np.array([start.weight.get(name, 0.0) for name in names] + [start.intercept])
    common = (x[[not item.own for item in given]] > 0).sum(axis=0)
    pull = PULL * (1 + common / COMMON)
    rate = 1.0 / (0.25 * _steepest(x, w) + float(pull.max()))
    beta = ahead = mean.copy()
    for step in range(STEPS):  # accelerated descent
        chance = 1.0 / (1.0 + np.exp(-np.clip(x @ ahead + fixed, -40, 40)))
        slope = x.T @ (w * (chance - y)) + pull * (ahead - mean)
        before, beta = beta, ahead - rate * slope
        ahead = beta + step / (step + 3) * (beta - before)
        if float(np.abs(beta - before).max()) < STILL:
            break
    moved = {name: round(float(b), 3) for name, b in zip(names, beta, strict=False)}
    kept = {name: value for name, value in (start.weight | moved).items() if abs(value) >= KEEP}
    return Weights(round(float(beta[-1]), 3), kept)


def _matrix(given: Sequence[Item]) -> tuple[list[str], Any]:
    """The features that enough items show, and their values: a row for each item, the intercept last."""
    import numpy as np

    seen = Counter(name for item in given for name in item.values)
    names = sorted(name for name, times in seen.items() if times >= SEEN)
    place = {name: i for i, name in enumerate(names)}
    x = np.zeros((len(given), len(names) + 1))
    x[:, -1] = 1.0
    for row, item in enumerate(given):
        for name, value in item.values.items():
            if name in place:
                x[row, place[name]] = value
    return names, x


def _steepest(x: Any, w: Any) -> float:
    """The largest eigenvalue of the weighted squares, by power iteration, a little too high rather than too low."""
    import numpy as np

    vector, size = np.ones(x.shape[1]), 1.0
    for _ in range(30):
        vector = x.T @ (w * (x @ vector))
        size = float(np.linalg.norm(vector))
        vector /= size
    return 1.05 * size


def _target(item: Item, start: Weights) -> float:
    """The probability that the refitted weights should give an item."""
    today = score(item, start)
    return today if not item.own and (today >= 0.5) == item.wanted else float(item.wanted)


def trial(given: Sequence[Item], start: Weights, thresholds: Mapping[str, float]) -> Trial:
    """What the refitted weights do on items that they have not seen, beside what the present ones do."""
    before = [score(item, start) for item in given]
    after = [0.0] * len(given)
    for fold in range(FOLDS):
        there = [i for i, item in enumerate(given) if item.fold == fold]
        if there:
            model = refit([item for item in given if item.fold != fold], start)
            for i in there:
                after[i] = score(given[i], model)
    changed = [
        Changed(item.title, item.watch, item.wanted, item.own, was, now)
        for item, was, now in zip(given, before, after, strict=True)
        if (was >= thresholds[item.watch]) != (now >= thresholds[item.watch])
    ]
    parts = {name: [i for i, item in enumerate(given) if item.own == (name == "own")] for name in ("own", "shipped")}
    return Trial(
        {
            name: figures([given[i] for i in part], [before[i] for i in part], thresholds)
            for name, part in parts.items()
        },
        {name: figures([given[i] for i in part], [after[i] for i in part], thresholds) for name, part in parts.items()},
        tuple(changed),
    )


def score(item: Item, model: Weights) -> float:
    """The probability that weights give an item."""
    return probability(model.intercept + _sum(item.values, model))


def _sum(values: Mapping[str, float], model: Weights) -> float:
    return sum(model.weight.get(name, 0.0) * value for name, value in values.items())


def figures(given: Sequence[Item], scores: Sequence[float], thresholds: Mapping[str, float]) -> Figures:
    """Precision, recall, F1 and Brier score; 0 where there is nothing to divide by."""
    flagged = [score >= thresholds[item.watch] for item, score in zip(given, scores, strict=True)]
    wanted = sum(item.wanted for item in given)
    both = sum(item.wanted and hit for item, hit in zip(given, flagged, strict=True))
    precision, recall = both / max(sum(flagged), 1), both / max(wanted, 1)
    brier = sum((score - item.wanted) ** 2 for item, score in zip(given, scores, strict=True)) / max(len(given), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return Figures(len(given), wanted, precision, recall, f1, brier)


def write(model: Weights, path: Path, source: str) -> None:
    """Write weights.json, whole or not at all.

    Raises:
        ConfigError: The file cannot be written.
    """
    weight = dict(sorted(model.weight.items(), key=lambda kv: -abs(kv[1])))
    data = {"source": source, "intercept": model.intercept, "weights": weight}
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as exc:
        raise ConfigError(str(path), f"cannot be written ({exc.strerror}); choose another --out") from None
