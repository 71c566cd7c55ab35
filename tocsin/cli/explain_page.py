"""``tocsin explain --html``: one file that a browser shows with no network; outside text is only ever text.

Everything is escaped, nothing is a link, nothing is fetched, and the page's own policy forbids scripts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.flagging.whatif import told

if TYPE_CHECKING:
    from markupsafe import Markup

    from tocsin.model import Assessment, Reason

SMALL = 0.1  # log-odds: smaller terms are one row
MAX_TEXT = 20_000  # characters of a text that are shown
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "fa"})
LEGEND = (
    ("act", "act"), ("weapon", "weapon"), ("place", "place or people"), ("actor", "actor, force or target"),
    ("effect", "toll or damage"), ("frame", "kind of text"), ("fact", "coded fact"), ("other", "other"),
)  # fmt: skip
_ROLES = (
    ("frame.", "frame"), ("mask.", "frame"), ("condemns", "frame"), ("throughout", "frame"), ("weapon", "weapon"),
    ("effect.", "effect"), (" act", "act"), ("act.", "act"), ("violence", "act"), ("posture", "act"),
    ("armed group", "actor"), ("unit", "actor"), ("force", "actor"), ("target", "actor"), ("actor", "actor"),
    ("day or hour", "other"), ("elsewhere", "place"), ("place", "place"), ("theatre", "place"), ("masked", "place"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """What is explained: a story, what a watch thinks of it, and the watch's threshold."""

    title: str
    text: str
    url: str
    assessment: Assessment
    threshold: float


def role(reason: Reason) -> str:
    """What the words of a reason are, for their colour."""
    if reason.rule.startswith(("fact.", "severity.")):
        return "fact"
    rule = reason.rule.partition(".")[2] or reason.rule
    return next((name for part, name in _ROLES if part in rule), "place" if reason.span else "other")


def collapsed(reasons: Iterable[Reason]) -> tuple[list[Reason], float, int]:
    """The terms of a score, largest first, and the sum and number of those under SMALL."""
    scored = sorted((r for r in reasons if r.weight), key=lambda r: -abs(r.weight))
    small = [r for r in scored if abs(r.weight) < SMALL]
    return [r for r in scored if abs(r.weight) >= SMALL], sum(r.weight for r in small), len(small)


def page(pages: Sequence[Shown]) -> str:
    """The whole file."""
    from jinja2 import Environment, PackageLoader

    made = Environment(loader=PackageLoader("tocsin.cli"), autoescape=True, trim_blocks=True)
    template = made.get_template("explain.html.j2")
    return template.render(pages=[_values(each) for each in pages], legend=LEGEND, runs=_marked)


def _values(one: Shown) -> dict[str, Any]:
    found = one.assessment
    terms, rest, count = collapsed(found.reasons)
    widest = max((abs(r.weight) for r in terms), default=1.0)
    rows = [_row(r, r.weight / widest) for r in terms]
    if count:
        rows.append({"weight": f"{rest:+.2f}", "width": 0, "note": f"{count} terms under {SMALL}", "quote": ""})
    outcome = "flagged" if found.flagged else "for review" if found.review else "not flagged"
    text = one.text[:MAX_TEXT]
    return {
        "title": one.title, "url": one.url, "outcome": outcome, "flagged": found.flagged, "watch": found.watch,
        "severity": found.severity.value if found.severity else "", "score": f"{found.score:.3f}",
        "threshold": f"{one.threshold:g}", "language": found.language, "verdict": found.verdict, "gist": found.gist,
        "turn": told(found, one.threshold), "direction": "rtl" if found.language in RIGHT_TO_LEFT else "ltr",
        "title_runs": runs(one.title, found.reasons, "title"), "text_runs": runs(text, found.reasons, "text"),
        "terms": rows, "sum": f"{sum(r.weight for r in found.reasons):+.2f}",
        "facts": [_row(r, 0) for r in found.reasons if not r.weight],
    }  # fmt: skip


def _row(reason: Reason, share: float) -> dict[str, Any]:
    quote = reason.span.quote if reason.span else ""
    note = reason.note or reason.rule
    rule = reason.rule.removeprefix("fact.")
    return {"weight": f"{reason.weight:+.2f}", "width": round(100 * share), "note": note, "quote": quote, "rule": rule}


def runs(text: str, reasons: Sequence[Reason], field: str) -> list[tuple[str, str, str]]:
    """A field cut into (role, tooltip, words); the heaviest reason colours words that several rest on."""
    owner: list[Reason | None] = [None] * len(text)
    for reason in sorted(reasons, key=lambda r: (abs(r.weight), not r.rule.startswith("fact."))):
        if reason.span and reason.span.field == field:
            for i in range(max(reason.span.start, 0), min(reason.span.end, len(text))):
                owner[i] = reason
    found: list[tuple[str, str, str]] = []
    start = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or owner[i] is not owner[start]:
            who = owner[start]
            tip = f"{who.note or who.rule}{f' {who.weight:+.2f}' if who.weight else ''}" if who else ""
            found.append((role(who) if who else "", tip, text[start:i]))
            start = i
    return found


def _marked(pieces: Sequence[tuple[str, str, str]]) -> Markup:
    """The runs as HTML, each escaped."""
    from markupsafe import Markup, escape

    made = [
        Markup('<mark class="{}" title="{}">{}</mark>').format(name, tip, words) if name else escape(words)
        for name, tip, words in pieces
    ]
    return Markup("").join(made)
