"""What would have changed the outcome: the fewest terms without which the decision would be another."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tocsin.model import Assessment, Reason


def turning(reasons: Sequence[Reason], threshold: float) -> tuple[Reason, ...]:
    """The fewest terms whose absence would turn the decision, largest first; empty when no absence would.

    The terms are taken one by one from the sum, as if their words had not been there; the intercept stays.
    """
    bar = math.log(threshold / (1 - threshold))
    total = sum(r.weight for r in reasons)
    way = 1 if total >= bar else -1
    taken: list[Reason] = []
    for reason in sorted(reasons, key=lambda r: -way * r.weight):
        if way * reason.weight <= 0 or reason.rule == "intercept":
            continue
        taken.append(reason)
        total -= reason.weight
        if (total >= bar) != (way > 0):
            return tuple(taken)
    return ()


def told(assessment: Assessment, threshold: float, most: int = 6) -> str:
    """The same in one line of English."""
    found = turning(assessment.reasons, threshold)
    outcome = "flagged" if assessment.flagged else "not flagged"
    if not found:
        return f"No term's absence would change it: it stays {outcome}."
    shown = ["; ".join(_named(r) for r in found[:most])] + ([f"and {len(found) - most} more"] if found[most:] else [])
    other = "not flagged" if assessment.flagged else "flagged"
    return f"It would be {other} without {', '.join(shown)}."


def _named(reason: Reason) -> str:
    words = f' ("{reason.span.quote}")' if reason.span else ""
    return f"{reason.note or reason.rule}{words} {reason.weight:+.1f}"
