"""Weapons and their counts, what was intercepted, what was damaged."""

from __future__ import annotations

from functools import lru_cache

from tocsin.flagging.coder_scene import FLYING, Clause, Scene, labels
from tocsin.flagging.matcher import Hit
from tocsin.flagging.numbers import Number, glued_and
from tocsin.languages import languages, load_language
from tocsin.model import Said, Span, Weapon
from tocsin.text import fold_term

# A general word gives way to a special one in the same event.
_GENERAL = {
    "weapon.rocket": ("weapon.katyusha", "weapon.grad"),
    "weapon.missile": ("weapon.ballistic_missile",),
    "weapon.drone": ("weapon.armed_drone",),
    "weapon.bomb": (
        "weapon.car_bomb", "weapon.ied", "weapon.suicide_vest", "weapon.landmine", "weapon.airstrike_munition",
    ),
    "weapon.explosives": (
        "weapon.car_bomb", "weapon.ied", "weapon.suicide_vest", "weapon.bomb", "weapon.landmine", "weapon.drone",
        "weapon.armed_drone",
    ),
}  # fmt: skip
_MASS = frozenset({"weapon.artillery", "weapon.explosives", "weapon.gun"})  # not counted: "balles" are no guns
_UNITS = {
    "fact.unit.vehicle": ("vehicle", "vehicles"),
    "fact.unit.house": ("house", "houses"),
    "fact.unit.building": ("building", "buildings"),
    "fact.unit.shop": ("shop", "shops"),
}
_HARM = {"fact.damaged": "damaged", "fact.destroyed": "destroyed", "fact.burned": "burned"}
# What an act says of its means where no weapon is named: the type of the event, the act, the weapon's name, and the
# weapons beside which it says nothing more.
_EXPLODING = (
    "weapon.car_bomb",
    "weapon.ied",
    "weapon.suicide_vest",
    "weapon.bomb",
    "weapon.landmine",
    "weapon.grenade",
)
_AIMED = ("weapon.gun", "weapon.sniper", "weapon.knife", "weapon.rpg")
_IMPLIED = (
    ("Air/drone strike", ("act.drone_strike",), "drone", FLYING),
    ("Air/drone strike", ("act.airstrike", "fact.air"), "air strike", FLYING),
    ("Suicide bomb", ("act.suicide_bombing", "fact.suicide"), "suicide bomb",
     ("weapon.car_bomb", "weapon.suicide_vest")),
    ("Remote explosive/landmine/IED", ("act.bombing",), "bomb", (*_EXPLODING, "weapon.explosives")),
    ("Shelling/artillery/missile attack", ("act.rocket_attack",), "rocket", (*FLYING, "weapon.artillery")),
    ("Attack", ("act.shooting",), "gun", (*_AIMED, *_EXPLODING)),
    ("Excessive force against protesters", ("act.shooting",), "gun", _AIMED),
)  # fmt: skip
_COVERED = {
    "air strike": ("weapon.bomb", "weapon.airstrike_munition"),
    "suicide bomb": ("weapon.bomb", "weapon.explosives"),
}
_FIRED = frozenset({"Air/drone strike", "Shelling/artillery/missile attack"})
_STRIKE = "Air/drone strike"
_OF = 2  # words from a depot to what it holds: "of", "full of"
_ALSO_RPG = ("weapon.rocket", "weapon.artillery")
_TOP = 3  # clauses in which an act tells the means of the main event


def weapons(scene: Scene, kind: str = "") -> tuple[Said[Weapon], ...]:
    """The weapons of the main event, each once, with its count where the text gives one.

    Args:
        kind: The type of the event: an air strike, a shooting or a suicide bombing names its means itself.
    """
    spans, counts = _named(scene, kind)
    if kind in _FIRED and not spans.keys().isdisjoint(FLYING):
        spans.pop("weapon.ied", None)  # "engins", "ordigni" are then the rockets themselves
    implied = _implied(scene, kind, frozenset(spans))
    covered = _COVERED.get(implied.value.name, ()) if implied else ()
    named = tuple(
        Said(Weapon(labels().get(name, name), counts[name]), span)
        for name, span in spans.items()
        if name not in covered
    )
    return (implied, *named) if implied else named


def _implied(scene: Scene, kind: str, named: frozenset[str]) -> Said[Weapon] | None:
    """The weapon that the act itself tells; None where the text names one that could be it."""
    for event, acts, name, instead in _IMPLIED:
        if event != kind or not named.isdisjoint(instead):
            continue
        for clause in scene.clauses[:_TOP]:
            for hit in clause.of(*acts):
                return Said(Weapon(name, None), scene.span(clause, hit.start, hit.end))
    return None


def _named(scene: Scene, kind: str) -> tuple[dict[str, Span], dict[str, int | None]]:
    """The words of each weapon named, by concept, and its count."""
    flying = scene.has(*FLYING)
    renamed = _said_as_rpg(scene)
    counts: dict[str, int | None] = {}
    spans: dict[str, Span] = {}
    for clause, hit in scene.hits("weapon"):
        if (
            _covered(clause, hit)
            or (flying and _is_firing(clause, hit))
            or (clause.rank > 1 and clause.has("act.find", "act.arrest", "fact.seized"))
            or (kind == _STRIKE and _in_store(clause, hit))
            or (hit.concept in renamed and not _are_several(clause, hit))
        ):
            continue  # what police seized afterwards, or what a bombed depot held, is not what was used
        number = None if hit.concept in _MASS else count_before(clause, hit)
        if hit.concept not in spans or (counts[hit.concept] is None and number is not None):
            start = min(number.start, hit.start) if number else hit.start
            counts[hit.concept] = number.low if number else None
            spans[hit.concept] = scene.span(clause, start, hit.end)
    for general, special in _GENERAL.items():
        better = [name for name in special if name in spans]
        if general in spans and better:
            if counts[better[0]] is None and counts[general] is not None:
                counts[better[0]] = counts[general]
                spans[better[0]] = _wider(spans[better[0]], spans[general])
            del spans[general]
    return spans, counts


def _in_store(clause: Clause, hit: Hit) -> bool:
    """True for the drones of "a depot of drones", "Drohnenlager": what was hit, not what hit it."""
    for store in clause.of("fact.store"):
        if store.start < hit.end and hit.start < store.end:
            return True
        first, last = sorted((store, hit), key=lambda h: h.start)
        end = clause.word_end(first.end)
        words = clause.between(end, last.start).split()
        held = first is store and len(words) <= _OF and words and words[0].startswith(_holds(clause.language))
        if not words or held:
            return True
    return False


@lru_cache(maxsize=16)
def _holds(language: str) -> tuple[str, ...]:
    """How the words between a depot and what it holds begin: "of", "full of", Arabic "للطائرات"."""
    data = load_language(language if language in languages() else "en")
    return tuple(fold_term(str(word)) for word in data.get("holds", ()))


def _said_as_rpg(scene: Scene) -> frozenset[str]:
    """The general words that a grenade launcher is also called by, where nothing tells two weapons: "قذيفة صاروخية"."""
    if not scene.has("weapon.rpg"):
        return frozenset()
    both = [c for c in scene.clauses if c.has("weapon.rpg") and c.has(*_ALSO_RPG)]
    if any(_two_weapons(clause) for clause in both):
        return frozenset()
    return frozenset(_ALSO_RPG)


def _are_several(clause: Clause, hit: Hit) -> bool:
    number = count_before(clause, hit)
    return number is not None and number.high > 1


def _two_weapons(clause: Clause) -> bool:
    """True where "and" or a comma parts the general word from the launcher: "mortars, rockets and RPGs"."""
    for hit in clause.of(*_ALSO_RPG):
        for rpg in clause.of("weapon.rpg"):
            first, last = sorted((hit, rpg), key=lambda h: h.start)
            joined = any(first.end <= h.start and h.end <= last.start for h in clause.of("fact.and", "fact.either"))
            glued = glued_and(clause.language)
            joined = joined or (bool(glued) and f" {glued}" in clause.between(first.end, last.start + 1))
            if joined or "," in clause.between(first.end, last.start):
                return True
    return False


def _wider(special: Span, general: Span) -> Span:
    """The span that shows the count, when it is in the same field; the special word's own otherwise."""
    return general if general.field == special.field else special


def _covered(clause: Clause, hit: Hit) -> bool:
    return any(
        o.concept != hit.concept and o.start <= hit.start and hit.end <= o.end and o.end - o.start > hit.end - hit.start
        for o in clause.of("weapon")
    )


def _is_firing(clause: Clause, hit: Hit) -> bool:
    """True for a word that is of firing as much as of guns: "tirs", which may be of rockets."""
    return hit.concept == "weapon.gun" and any(
        h.start == hit.start and h.end == hit.end for h in clause.of("act.shooting")
    )


def count_before(clause: Clause, hit: Hit) -> Number | None:
    """The number that counts a weapon: before it ("two Katyusha rockets", "deux tirs de roquettes") or in it."""
    best: Number | None = None
    for number in clause.numbers:
        if number.kind in ("vague", "ordinal"):
            continue
        if number.start <= hit.start < number.end and not _part_of_name(number, hit):
            return number  # a dual, or one word with what it counts
        gap = clause.between(number.end, hit.start)
        if number.end <= hit.start and len(gap.split()) <= 3 and not _blocked(clause, number, hit, gap):
            best = number
    return best


def _part_of_name(number: Number, hit: Hit) -> bool:
    """True for the "one" of "one way attack drones"."""
    return number.kind == "exact" and number.start == hit.start and number.end < hit.end


def _blocked(clause: Clause, number: Number, hit: Hit, gap: str) -> bool:
    """True when something else that can be counted, or a stop, stands between a number and a weapon."""
    if any(mark in gap for mark in ",;:.()"):
        return True
    return any(
        number.end <= h.start and h.end <= hit.start
        for h in clause.of("fact.unit", "fact.killed", "fact.wounded", "weapon", "fact.weekday")
        if not (h.concept.startswith("weapon.") and h.end > hit.start - 5)
    )


# --------------------------------------------------------------------------- shot down


def intercepted(scene: Scene) -> Said[int] | None:
    """How many rockets or drones were shot down; None when the text does not say."""
    if not scene.has(*FLYING):
        return None
    for clause, hit in scene.hits("fact.intercepted", "act.intercept"):
        if any(0 <= hit.start - h.end <= 12 for h in clause.of("fact.negation")):
            continue
        found = _all_of_them(scene, clause, hit) or _shot_down(scene, clause, hit)
        if found is not None:
            return found
    return None


def _all_of_them(scene: Scene, clause: Clause, hit: Hit) -> Said[int] | None:
    """The count of the rockets or drones, where the text says that "all" or "they" were shot down."""
    if hit.concept != "fact.intercepted.all":
        return None
    for other, weapon in scene.hits(*FLYING):
        number = count_before(other, weapon)
        if number is not None:
            return Said(number.low, scene.span(clause, hit.start, hit.end))
    return None


def _shot_down(scene: Scene, clause: Clause, hit: Hit) -> Said[int] | None:
    nearest: tuple[int, Number] | None = None
    for number in clause.numbers:
        if number.kind == "vague":
            continue
        first, last = sorted(((number.start, number.end), (hit.start, hit.end)))
        gap = clause.between(first[1], last[0])
        words = len(gap.split())
        if number.kind == "article" and number.start > hit.end and words > 1:
            continue  # "one was shot down and the other fell on a square"
        if words <= 9 and not any(mark in gap for mark in ",;:.") and (nearest is None or words < nearest[0]):
            nearest = (words, number)
    if nearest is not None and not _counts_people(clause, nearest[1]):
        number = nearest[1]
        value = 1 if number.kind == "ordinal" else number.low
        return Said(value, scene.span(clause, min(number.start, hit.start), max(number.end, hit.end)))
    for weapon in clause.of(*FLYING):
        if abs(weapon.start - hit.end) <= 30 or abs(hit.start - weapon.end) <= 30:
            number_of = count_before(clause, weapon)
            start, end = min(weapon.start, hit.start), max(weapon.end, hit.end)
            return Said(number_of.low if number_of else 1, scene.span(clause, start, end))
    return None


def _counts_people(clause: Clause, number: Number) -> bool:
    return any(
        h.start >= number.end and not clause.between(number.end, h.start).strip() for h in clause.of("fact.unit.person")
    )


# --------------------------------------------------------------------------- damage


def damage(scene: Scene) -> Said[str] | None:
    """What was damaged, in English: "2 vehicles damaged"; None when the text does not say."""
    for clause, hit in scene.hits("fact.damaged", "fact.destroyed", "fact.burned"):
        unit = _nearest_unit(clause, hit)
        if unit is not None:
            return _harmed(scene, clause, hit, unit)
    for clause, hit in scene.hits("fact.damage"):
        if hit.concept == "fact.damage.none":
            return Said("no damage", scene.span(clause, hit.start, hit.end))
        if hit.concept == "fact.damage.material":
            return Said("material damage", scene.span(clause, hit.start, hit.end))
    return None


def _nearest_unit(clause: Clause, hit: Hit) -> Hit | None:
    """What was harmed: the nearest thing, on the side where the grammar puts it ("damaging two cars")."""
    best: tuple[int, Hit] | None = None
    for unit in clause.of(*_UNITS):
        first, last = sorted(((unit.start, unit.end), (hit.start, hit.end)))
        gap = clause.between(first[1], last[0])
        words = len(gap.split()) + 3 * gap.count(",")
        if hit.concept.endswith(".after") and unit.end <= hit.start:
            words += 5
        if words <= 6 and (best is None or words < best[0]):
            best = (words, unit)
    return best[1] if best else None


def _harmed(scene: Scene, clause: Clause, hit: Hit, unit: Hit) -> Said[str]:
    one, many = _UNITS[unit.concept]
    before = [
        n
        for n in clause.numbers
        if n.start <= unit.start < n.end
        or (n.end <= unit.start and len(clause.between(n.end, unit.start).split()) <= 2)
    ]
    number = before[-1] if before else None
    start, end = min(unit.start, hit.start), max(unit.end, hit.end)
    harm = _HARM[hit.concept.removesuffix(".after")]
    if number is None or number.kind in ("vague", "ordinal"):
        return Said(f"{many} {harm}", scene.span(clause, start, end))
    noun = one if number.low == 1 else many
    return Said(f"{number.low} {noun} {harm}", scene.span(clause, min(start, number.start), end))
