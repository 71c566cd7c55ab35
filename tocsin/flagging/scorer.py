"""The linear model: weights of the features as trained, and its terms as reasons.

A score is the logistic function of the intercept and the terms; every term is a ``Reason`` whose
weight is in log-odds, so the reasons of an article add up to the logit of its score.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tocsin.errors import ConfigError
from tocsin.flagging.features import Feature, features
from tocsin.flagging.reading import Reading
from tocsin.model import Reason, Span

WEIGHTS = Path(__file__).parent / "weights.json"
_ZONES = {
    "opening": "in the first sentence", "head": "in the headline or first sentences", "lead": "in the lead",
    "body": "further down",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """The intercept and the weight of each feature, in log-odds."""

    intercept: float
    weight: dict[str, float]


@lru_cache(maxsize=4)
def weights(path: Path = WEIGHTS) -> Weights:
    """The trained weights, from a weights.json.

    Raises:
        ConfigError: The file cannot be read or holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Weights(float(data["intercept"]), {str(k): float(v) for k, v in data["weights"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ConfigError(str(path), f"no weights of the scorer ({exc}); remove it, or run tocsin train --use") from exc


def score(reading: Reading, path: Path | None = None) -> tuple[float, tuple[Reason, ...]]:
    """The probability that an article is an item of the watch, with reasons that add up to its logit.

    Args:
        path: The weights to use; those that Tocsin ships when None.
    """
    model, named = weights(path or WEIGHTS), reading.home.named
    reasons = [Reason("intercept", None, model.intercept, "before anything is read")]
    logit = model.intercept
    for name, feature in features(reading).items():
        weight = model.weight.get(name)
        if weight:
            term = weight * feature.value
            logit += term
            reasons.append(Reason(named(name), _span(reading, feature), term, named(explain(name))))
    reasons.sort(key=lambda r: -abs(r.weight))
    return probability(logit), tuple(reasons)


def probability(logit: float) -> float:
    """The logistic function, safe at both ends."""
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, logit))))


def _span(reading: Reading, feature: Feature) -> Span | None:
    return reading.span(feature.field, feature.start, feature.end) if feature.field else None


@lru_cache(maxsize=4096)
def explain(name: str) -> str:
    """A feature's name as words for people."""
    zone, dot, rest = name.partition(".")
    if not dot or zone not in _ZONES:
        return name
    where = _ZONES[zone]
    return f"{rest.replace('frame.', 'frame: ').replace('mask.', 'set phrase: ').replace('_', ' ')}, {where}"
