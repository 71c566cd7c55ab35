"""One English line that says why an article is, or is not, flagged: the refusals have names that desks use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from tocsin.flagging.watching import ruled_out
from tocsin.model import Reason

# The first family whose terms speak against an article, in this order of interest, names the refusal.
_REFUSALS = (
    ("Iraq is nowhere", "Iraq is not in it"),
    ("Iraq only in a name", "Iraq only in the name of a group or a war"),
    ("sport", "Iraq, but sport"),
    ("frame.anniversary", "an anniversary, not an event"),
    ("an anniversary throughout", "an anniversary, not an event"),
    ("a court case throughout", "a court case, not an event"),
    ("culture throughout", "culture or a look back"),
    ("markets throughout", "business, not security"),
    ("a debate abroad", "politics of another country"),
    ("an election throughout", "an election"),
    ("an accident throughout", "an accident, not an attack"),
    ("a drill, not", "a drill, not an attack"),
    ("told as an accident", "an accident, not an attack"),
    ("a year long past", "history"),
    ("only at the polls", "an election"),
    ("an attack, but no weapon", "a figure of speech: no weapon, no toll, no armed side"),
    ("a green zone", "a green zone that is not Baghdad's"),
    ("embassy abroad", "an embassy abroad"),
    ("frame.trial", "a court case, not an event"),
    ("frame.sentence", "a court case, not an event"),
    ("frame.film", "a film or a series"),
    ("frame.book", "a book"),
    ("frame.memoir", "a life story"),
    ("frame.veteran", "a veteran's story"),
    ("frame.roundup", "a round-up of many subjects"),
    ("frame.oil_price", "oil, not security"),
    ("frame.elsewhere_org", "politics of another country"),
    ("frame.pandemic", "an epidemic"),
    ("frame.culture", "culture"),
    ("frame.history", "history"),
    ("Iraq condemns", "Iraq condemns what happened elsewhere"),
    ("elsewhere", "security event, but elsewhere"),
    ("another theatre", "security event, but elsewhere"),
    ("another country", "mostly about another country"),
    ("no violence", "Iraq, but no security event"),
    ("Iraq only in the body", "Iraq only in the background"),
    ("Iraq is not in the head", "Iraq only in the background"),
)


def verdict(
    chance: float, flagged: bool, review: bool, reasons: Sequence[Reason], named: Callable[[str], str] = str
) -> str:
    """The verdict of a watch in one line, such as ``Not flagged (3 %): Iraq, but sport``.

    Args:
        named: Exchanges the name of Iraq for that of the watch's home.
    """
    share = f"{chance:.0%}".replace("%", " %")
    if flagged:
        return f"Flagged ({share}): {_list(reasons, 1)}"
    state = "For review" if review else "Not flagged"
    return f"{state} ({share}): {ruled_out(tuple(reasons)) or refusal(reasons, named)}"


def refusal(reasons: Sequence[Reason], named: Callable[[str], str] = str) -> str:
    """What speaks against an article, in the words of a desk."""
    against = [r for r in reasons if r.weight < 0 and r.rule != "intercept"]
    if any(r.rule.startswith(named("Iraq is nowhere")) for r in against):
        masked = any(r.rule == named("Iraq only in a name") for r in against)
        return named("Iraq only in the name of a group or a war" if masked else "Iraq is not in it")
    weights = {label: 0.0 for _, label in _REFUSALS}
    plain = named("Iraqi") == "Iraqi"
    for reason in against:
        label = _label(reason.rule) if plain else _named_label(reason.rule, named)
        if label:
            weights[label] += reason.weight
    label, weight = min(weights.items(), key=lambda kv: kv[1])
    unlike = next((r for r in against if r.rule == "watch.examples.unlike" and r.weight < weight), None)
    if unlike:
        return unlike.note
    return named(label if weight < -0.3 else "too little speaks for an Iraq security event")


def _named_label(rule: str, named: Callable[[str], str]) -> str | None:
    return next((label for part, label in _REFUSALS if named(part) in rule), None)


@lru_cache(maxsize=4096)  # the rules of the shipped watch are few
def _label(rule: str) -> str | None:
    return _named_label(rule, str)


def _list(reasons: Sequence[Reason], way: int) -> str:
    best = [r for r in reasons if r.weight * way > 0 and r.span][:3]
    return "; ".join(f'{r.note} ("{r.span.quote}")' for r in best if r.span)
