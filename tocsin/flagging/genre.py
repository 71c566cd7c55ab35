"""What kind of text it is, counted over the whole of it: a report of an event, or sport, a film, markets, a debate.

One word of football does not make a football report; five different ones do. A frame's words are therefore counted
by how many different ones there are. The same count from the other side: an "attack" or a "battle" with no weapon,
no toll, no force and no armed side anywhere near it is most often a figure of speech.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tocsin.flagging.gazetteer import entries
from tocsin.flagging.matcher import Hit
from tocsin.flagging.reading import Field, Sentence

Place = tuple[Field, int, int]
Found = dict[str, tuple[float, Place | None]]

GENRES = {
    "sport": ("frame.sport",),
    "culture": ("frame.film", "frame.book", "frame.culture", "frame.memoir", "frame.veteran", "frame.history"),
    "markets": ("frame.economy", "frame.oil_price"),
    "a debate abroad": ("frame.elsewhere_org", "frame.inquiry"),
    "a court case": ("frame.trial", "frame.sentence"),
    "an anniversary": ("frame.anniversary",),
    "an accident": ("frame.accident", "frame.mishap", "frame.weather"),
    "an election": ("frame.election",),
}
_GENRE = {frame: genre for genre, frames in GENRES.items() for frame in frames}
# Acts whose words are used of matches, markets, elections and debates as well.
SOFT = frozenset({
    "act.attack", "act.shooting", "act.battle", "act.clash", "act.offensive", "act.siege", "act.threat", "act.raid",
    "act.shelling", "act.operation", "act.ultimatum", "act.execution", "act.liberation", "act.find",
    "act.coup",
})  # fmt: skip
_WEAK = (
    "act.protest", "act.condemn", "act.claim_statement", "act.release", "act.deployment", "act.withdrawal",
    "act.departure",
)  # fmt: skip
HARD = frozenset({
    "act.bombing", "act.suicide_bombing", "act.rocket_attack", "act.drone_strike", "act.airstrike", "act.ambush",
    "act.assassination", "act.kidnapping", "act.hostage", "act.sabotage", "act.tribal_clash", "act.infiltration",
})  # fmt: skip
ARMED = frozenset({
    "force.iraqi_army", "force.security_forces", "force.counter_terrorism", "force.border_guards", "force.peshmerga",
    "force.asayish", "force.pmf", "force.coalition_troops", "force.us_troops", "force.convoy", "force.base",
    "force.checkpoint", "force.embassy", "force.iraqi_police",
})  # fmt: skip
GUNMEN = frozenset({"actor.gunmen", "actor.unknown", "actor.militia", "actor.insurgents", "weapon.gun"})
DAY = ("fact.weekday.", "fact.day.", "fact.part.")
TRADES = frozenset({
    "frame.sport", "frame.film", "frame.book", "frame.culture", "frame.trial", "frame.election", "frame.economy",
    "frame.oil_price",
})  # fmt: skip
MISHAP = "told as an accident"
REPORTED = "a killing reported, in Iraq"  # by whom or what, and on which day
_PARTIES = frozenset({"actor.coalition"})
AMBIGUOUS = frozenset({"place:green-zone"})  # its name is a common word: of traffic, of pandemics
_MEANT = frozenset({  # nobody does these by accident
    "act.suicide_bombing", "act.rocket_attack", "act.drone_strike", "act.airstrike", "act.ambush", "act.assassination",
    "act.kidnapping", "act.hostage", "act.tribal_clash", "act.execution", "act.infiltration",
})  # fmt: skip
_YEAR = re.compile(r"(?<![\d/.,-])(?:19[4-9]\d|20[0-2]\d)(?![\d/-])")
_OLD = re.compile(r"(?<![\d/.,-])19\d\d(?![\d/-])")
NEAR = 5  # characters between "embassy" and the country whose embassy it is


def genre(zoned: Iterable[tuple[int, Sentence]], here: Callable[[str], bool]) -> Found:
    """Features of the text as a whole, by name: a value, and the first words that gave it.

    Args:
        here: Whether a concept says Iraq, or the home of another watch.
    """
    words: dict[str, dict[str, Place]] = {}
    near, far = set[str](), set[str]()  # the concepts of the head, and of head and lead
    found: Found = {}
    count = days = 0
    for zone, sentence in zoned:
        count += 1
        _frames(words, sentence)
        if zone < 2:
            concepts = _concepts(sentence)
            days += any(c.startswith(DAY) for c in concepts)
            far |= concepts
            near |= concepts if not zone else set()
            _sentence(found, zone, sentence, here)
    _figures(found, near, far, here)
    meant = MISHAP not in found
    hard = meant and "effect.killed" in near and bool(near & HARD or ("act.shooting" in near and near & GUNMEN))
    for name, seen in words.items():
        if len(seen) > 1:
            beside = ", beside a bombing or killing" if hard else ""
            found[f"{name} throughout{beside}"] = (min(len(seen) - 1, 4) / 2, next(iter(seen.values())))
    if days and "effect.killed" in near and any(map(here, near)):
        found["a killing on a day, in Iraq"] = (1.0, None)
        dated = "an act with a year, in the head" in found or "frame.anniversary" in near
        if hard and any(c.startswith(DAY) for c in near) and not dated:
            found[REPORTED] = (1.0, None)
    if count > 4 and not days:
        found["no day is named"] = (1.0, None)
    return found


def _frames(words: dict[str, dict[str, Place]], sentence: Sentence) -> None:
    """Note the words of each genre in a sentence, once each."""
    for concept, start, end in sentence.hits:
        if concept in _GENRE:
            said = sentence.text[start - sentence.start : end - sentence.start]
            words.setdefault(_GENRE[concept], {}).setdefault(said, (sentence.field, start, end))


def _concepts(sentence: Sentence) -> set[str]:
    """The concepts of a sentence that no set phrase covers."""
    masks = masked(sentence)
    if not masks:
        return {h.concept for h in sentence.hits}
    return {c for c, start, end in sentence.hits if not any(s <= start and end <= e for s, e in masks)}


def damped(name: str) -> bool:
    """Whether a feature is a genre's word that, where a killing is reported, is most often the trade of the dead."""
    return name.partition(".")[2] in TRADES


def masked(sentence: Sentence) -> list[tuple[int, int]]:
    """The stretches whose words are no places or acts; "Iraqi border" is a place again where guards follow it."""
    found = [h for h in sentence.hits if h.concept.startswith("mask.")]
    if not found:
        return []
    guards = [h for h in sentence.hits if h.concept == "force.border_guards"]
    return [
        (h.start, h.end)
        for h in found
        if not (h.concept == "mask.not_place" and any(g.start < h.end < g.end for g in guards))
    ]


def _sentence(found: Found, zone: int, sentence: Sentence, here: Callable[[str], bool]) -> None:
    """What one sentence of the head or the lead says of its time, and of embassies abroad."""
    acts = [h for h in sentence.hits if h.concept.startswith("act.") and h.concept not in _WEAK]
    year = _YEAR.search(sentence.text) if acts or _kills(sentence) else None
    if year:
        where = "head" if not zone else "lead"
        at = (sentence.field, sentence.start + year.start(), sentence.start + year.end())
        found.setdefault(f"an act with a year, in the {where}", (1.0, at))
    if not zone:
        old = _OLD.search(sentence.text)
        if old:
            at = (sentence.field, sentence.start + old.start(), sentence.start + old.end())
            found.setdefault("a year long past, in the head", (1.0, at))
        embassy = _embassy_abroad(sentence, here)
        if embassy:
            found.setdefault("an Iraqi embassy abroad", (1.0, (sentence.field, embassy.start, embassy.end)))


def _kills(sentence: Sentence) -> bool:
    """True for a weapon and the dead of it, which tell an act without naming one: "2007 riss eine Autobombe ..."."""
    weapon = any(h.concept.startswith("weapon.") for h in sentence.hits)
    return weapon and any(h.concept == "effect.killed" for h in sentence.hits)


def _embassy_abroad(sentence: Sentence, here: Callable[[str], bool]) -> Hit | None:
    """An Iraqi embassy, or that of Iraq in a town elsewhere, in a sentence that names no place in Iraq."""
    embassies = [h for h in sentence.hits if h.concept == "force.embassy"]
    if not embassies:
        return None
    places = {h.concept: h for h in sentence.hits if h.concept.startswith("place:")}
    iraqi = [h for place, h in places.items() if here(place)]
    if any(entries()[h.concept[6:]].kind != "country" for h in iraqi):
        return None
    names = [h for h in sentence.hits if h.concept.startswith("dem.") and here(h.concept)]
    if len(iraqi) < len(places):
        names += iraqi
    return next((e for e in embassies for n in names if n.start - e.end < NEAR and e.start - n.end < NEAR), None)


def _figures(found: Found, near: set[str], far: set[str], here: Callable[[str], bool]) -> None:
    """Acts that may be figures of speech, and a place whose name is a common word."""
    acts = {c for c in near if c.startswith("act.") and c not in _WEAK}
    polls = "frame.election" in near  # then "the coalition" is one of parties
    armed = far & ARMED or any(c.startswith(("weapon.", "actor.")) for c in far if not (polls and c in _PARTIES))
    toll = far & {"effect.killed", "effect.wounded", "effect.damage", "effect.none"}
    if acts and acts <= SOFT and not armed and not toll and not (far & HARD):
        found["an attack, but no weapon, toll or armed side"] = (1.0, None)
        if polls:
            found["an attack, but only at the polls"] = (1.0, None)
    if "frame.drill" in near and "effect.killed" not in far:
        found["a drill, not an attack"] = (1.0, None)
    # bombs set gas alight and burst tyres: where a doer or a weapon is named, no such word takes the report away
    if "frame.mishap" in far and not far & _MEANT and not any(c.startswith(("actor.", "weapon.")) for c in far):
        found[MISHAP] = (1.0, None)
    if far & AMBIGUOUS and not armed and not far & HARD and not any(map(here, far - AMBIGUOUS)):
        found["a green zone, and nothing else of Iraq"] = (1.0, None)
