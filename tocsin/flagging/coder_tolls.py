"""Killed and wounded: which number belongs to which verb or noun, and which of several tolls counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from tocsin.flagging.coder_ages import without_ages
from tocsin.flagging.coder_counted import counted
from tocsin.flagging.coder_denied import DENIED, denied, none_said, of_a_body, says_none
from tocsin.flagging.coder_one import one_victim
from tocsin.flagging.coder_scene import Clause, Scene, outermost
from tocsin.flagging.coder_sources import claimed, taken_back
from tocsin.flagging.coder_sums import (
    besides,
    each_apart,
    follows_another,
    in_a_row,
    is_listed,
    names_two,
    unparted,
    with_kin,
    witnessed,
)
from tocsin.flagging.matcher import Hit
from tocsin.flagging.numbers import Number, glued_and
from tocsin.model import Count, Said, Span

REACH = 13  # words between a number and the verb it belongs to
UNMATCHED = 25.0  # words that a verb of killing without a number weighs
BEAM = 24  # assignments kept while trying them
_JOINT = "fact.joint"
_PART = "fact.including"
_OTHER_FATES = ("act.kidnapping", "act.arrest", "act.hostage", "act.release", "fact.displaced")
_KIND_COST = {"article": 1.0, "further": 4.0}
_PERSON = 12  # characters of "soldiers" between a number and its verb
_OF = 4  # characters of " de "
_ONE_MORE = 3  # words between "a fourth" and what befell him
NEAR = 3  # sentences after the first toll in which a newer one of the same event may stand
MAX_CLAUSES = 6  # of the main event; tolls further down are of other incidents


@dataclass(frozen=True, slots=True)
class _Toll:
    """One number, or a sum of numbers, read as a toll."""

    kind: str  # fact.killed or fact.wounded
    low: int
    high: int
    rank: int  # of its clause
    span: Span
    vague: bool
    attacker: bool  # counts attackers only
    more: bool  # "another 47", "in a second attack": a count beside the first, not instead of it
    claimed: bool  # what the attackers say of their victims
    at: int  # where the number stands
    words: int  # numbers that it sums
    army: bool  # "neutralised": what one side says of its enemies, wherever it was


def tolls(scene: Scene) -> tuple[Said[Count] | None, Said[Count] | None]:
    """Killed and wounded of the main event; None where the text does not say."""
    found = [toll for clause in scene.clauses[:MAX_CLAUSES] for toll in _summed(scene, clause)]
    killed = _chosen(scene, [t for t in found if t.kind == "fact.killed" and not t.army])
    wounded = _chosen(scene, [t for t in found if t.kind == "fact.wounded"])
    killed = killed or one_victim(scene, "fact.killed", _of_people)
    killed = killed or _chosen(scene, [t for t in found if t.army])
    wounded = wounded or one_victim(scene, "fact.wounded", _of_people)
    hurt = killed or wounded  # then "no casualties" is of somebody else: of the embassy's own staff
    killed = killed or none_said(scene, "fact.killed", bool(hurt and hurt.value.max), MAX_CLAUSES)
    wounded = wounded or none_said(scene, "fact.wounded", bool(hurt and hurt.value.max), MAX_CLAUSES)
    return killed, wounded


def harmed(scene: Scene) -> Said[str] | None:
    """That people were killed or wounded, where the text gives no figure: "several were hurt"."""
    for clause in scene.clauses[:MAX_CLAUSES]:
        denied = clause.of("fact.none", "fact.nobody", "fact.negation")
        for hit in clause.of("fact.killed", "fact.wounded"):
            if things_fell(clause, hit) or any(h.start <= hit.start <= h.end + DENIED for h in denied):
                continue
            return Said(_kind(hit).rpartition(".")[2], scene.span(clause, hit.start, hit.end))
    return None


def _chosen(scene: Scene, found: list[_Toll]) -> Said[Count] | None:
    """The toll that counts: exact before vague, victims before attackers, then the highest near the top."""
    pool = [t for t in found if not t.claimed] or found
    pool = [t for t in pool if not t.attacker] or pool
    pool = [t for t in pool if not t.vague] or pool
    if not pool:
        return None
    first = min(t.rank for t in pool)
    near = [t for t in pool if t.rank <= first + NEAR]
    best = max(near, key=lambda t: (t.high, t.low, -t.rank))
    for one, other in pairwise(near):
        beside = other.more and not one.more and one.span.field == other.span.field
        if beside and other.rank - one.rank <= 1 and one.low + other.low > best.low:
            return Said(Count(one.low + other.low, one.high + other.high), _both(scene, one.span, other.span))
    return Said(Count(best.low, best.high), best.span)


def _both(scene: Scene, one: Span, other: Span) -> Span:
    """The words of both parts of a sum, with what stands between; of the first part alone across fields."""
    if one.field != other.field:
        return one
    raw = scene.reading.raw_title if one.field == "title" else scene.reading.raw_text
    start, end = min(one.start, other.start), max(one.end, other.end)
    return Span(one.field, start, end, raw[start:end])


# --------------------------------------------------------------------------- inside a clause


def _summed(scene: Scene, clause: Clause) -> list[_Toll]:
    """The tolls of a sentence; those of its first blast and its second as one."""
    found = list(_in_clause(scene, clause))
    killed = [t for t in found if t.kind == "fact.killed" and not t.vague]
    if len(killed) < 2 or not each_apart(clause, [t.at for t in killed]):
        return found
    low, high = sum(t.low for t in killed), sum(t.high for t in killed)
    whole = replace(killed[0], low=low, high=high, span=_both(scene, killed[0].span, killed[-1].span))
    return [whole, *(t for t in found if t not in killed)]


def _in_clause(scene: Scene, clause: Clause) -> Iterator[_Toll]:
    triggers = _triggers(clause)
    if not triggers:
        return
    nobody = clause.of("fact.nobody")  # its "one" is no number
    counts = [
        n
        for n in with_kin(clause, without_ages(clause, counted))
        if _may_count_people(clause, n) and not any(h.start <= n.start and n.end <= h.end for h in nobody)
    ]
    options = {t: _options(clause, t, triggers, counts) for t in triggers}
    taken = {number: trigger for trigger, number in _best(triggers, options).items()}
    free = [n for n in counts if n not in taken]
    for number, trigger in sorted(taken.items(), key=lambda pair: pair[0].start):
        if trigger.concept == _JOINT or _is_joint(clause, number, triggers) or taken_back(clause, number.start):
            continue
        toll = _toll(scene, clause, trigger, number, unparted(number, free, triggers))
        if toll.words == 1 and follows_another(clause, number):
            if not names_two(clause, number):
                continue
            toll = replace(toll, low=toll.low + 1, high=toll.high + 1)
        yield toll


def _options(clause: Clause, trigger: Hit, triggers: list[Hit], counts: list[Number]) -> list[tuple[float, Number]]:
    """The numbers that a trigger may have, the likeliest three first."""
    found = [(cost, n) for n in counts if (cost := _cost(clause, trigger, n, triggers, counts)) is not None]
    return sorted(found, key=lambda pair: (pair[0], pair[1].start))[:3]


def _best(triggers: list[Hit], options: dict[Hit, list[tuple[float, Number]]]) -> dict[Hit, Number]:
    """Each trigger with a number of its own, at the least cost in all: "killed 27 and wounded 60"."""
    ways: list[tuple[float, dict[Hit, Number]]] = [(0.0, {})]
    for trigger in triggers:
        more = [(cost + UNMATCHED, way) for cost, way in ways]
        for extra, number in options[trigger]:
            more += [(cost + extra, {**way, trigger: number}) for cost, way in ways if number not in way.values()]
        ways = sorted(more, key=lambda way: way[0])[:BEAM]
    return ways[0][1]


def _triggers(clause: Clause) -> list[Hit]:
    """The words of killing and wounding; those of "killed and wounded" as one kind, whose number is of both."""
    harm = [*clause.of("fact.killed", "fact.wounded"), *says_none(clause)]
    hits = [h for h in outermost(harm) if not denied(clause, h) and not of_a_body(clause, h)]
    if clause.has("fact.toll"):
        hits = outermost([*hits, *clause.of("fact.rises")])
    joint: set[Hit] = set()
    for one, other in pairwise(hits):
        alike = _kind(one) != _kind(other) and _side(one) == _side(other)
        if alike and _only_and(clause, one.end, other.start) and not _counted_apart(clause, one, other):
            joint |= {one, other}
    died = [*clause.of("fact.one.killed"), *clause.of("fact.partitive")]
    means = clause.of("fact.means") if len(hits) > 1 else []
    hits = [h for h in hits if not any(m.start <= h.start < m.end for m in means)] or hits
    hits = [h for h in hits if not h.concept.startswith("fact.none") and not (died and _died_of(h, died))]
    return [Hit(_JOINT, h.start, h.end) if h in joint else h for h in hits]


def _counted_apart(clause: Clause, one: Hit, other: Hit) -> bool:
    """True for the Arabic "four soldiers were killed and were wounded five", where each verb has its number."""
    before = any(0 <= one.start - n.end <= _PERSON for n in clause.numbers)
    return before and any(0 <= n.start - other.end <= 1 for n in clause.numbers)


def _died_of(hit: Hit, died: list[Hit]) -> bool:
    """True for the wounds of "died of his wounds" and the wounded of "two of the wounded died"."""
    return _kind(hit) == "fact.wounded" and any(d.start < hit.end and hit.start < d.end for d in died)


def _is_joint(clause: Clause, number: Number, triggers: list[Hit]) -> bool:
    """True for the number of "250 people killed or wounded", whichever verb stands before it."""
    joint = [t for t in triggers if t.concept == _JOINT and t.start >= number.end]
    return any(len(clause.between(number.end, t.start).split()) <= NEAR for t in joint)


def _only_and(clause: Clause, start: int, end: int) -> bool:
    gap = clause.between(clause.word_end(start), end).strip()
    return (bool(gap) and gap == glued_and(clause.language)) or any(
        start <= h.start and h.end <= end and gap == clause.between(h.start, h.end)
        for h in clause.of("fact.and", "fact.either", "fact.then")
    )


def _kind(trigger: Hit) -> str:
    return "fact.wounded" if trigger.concept.startswith("fact.wounded") else "fact.killed"


def _side(trigger: Hit) -> str:
    if trigger.concept == "fact.rises":
        return "after"
    return trigger.concept.rpartition(".")[2] if trigger.concept.count(".") == 2 else "either"


def _of_people(clause: Clause, number: Number) -> bool:
    """`_may_count_people` for a number that may be an age."""
    return _may_count_people(clause, number) and number in without_ages(clause, counted)


def _may_count_people(clause: Clause, number: Number) -> bool:
    """False for numbers of years, kilometres, rockets; true for a bare number or one of people."""
    if number.kind in ("ordinal", "thing") or (number.kind == "vague" and number.low < 10):
        return False  # "several" is no figure
    if number.kind == "further":  # of a person, or of nothing named: "a fourth was hurt", not "a fourth attack"
        following = counted(clause, number)
        return following is None or following.concept == "fact.unit.person"
    if number.kind == "noun":
        return True
    if any(h.end <= number.start <= h.end + 2 for h in clause.of("fact.numbered")):
        return False  # the 23rd brigade, not 23 men
    if any(h.end <= number.start <= h.end + 1 for h in clause.of("fact.partitive")):
        return True  # Turkish "of the wounded three"
    following = counted(clause, number)
    if following and following.concept != "fact.unit.person":
        return False
    return number.kind != "article" or following is not None or _is_one_dead(clause, number)


def _is_one_dead(clause: Clause, number: Number) -> bool:
    """True for the article of "ein Toter": the noun of death or injury follows at once."""
    nouns = clause.of("fact.killed.before", "fact.wounded.before")
    return any(h.start >= number.end and not clause.between(number.end, h.start).strip() for h in nouns)


def _cost(clause: Clause, trigger: Hit, number: Number, triggers: list[Hit], counts: list[Number]) -> float | None:
    """How badly a number and a trigger fit; None when they cannot."""
    after = number.start >= trigger.end
    if not after and number.end > trigger.start:
        return None if trigger.concept == _JOINT else 0.0  # a noun that is its own number
    if number.kind != "noun" and things_fell(clause, trigger) and counted(clause, number) is None:
        return None  # "deux ont été abattus" is of drones, unless people are named
    side = _side(trigger)
    if not after and side == "first" and things_fell(clause, trigger):
        return None  # what falls is told after "سقوط"
    if (side == "after" and not after) or (side == "before" and after):
        return None
    first, last = (trigger.end, number.start) if after else (number.end, trigger.start)
    gap = clause.between(first, last)
    words = len(gap.split())
    if words > (REACH - 4 if after else REACH):
        return None
    if any(first <= t.start and t.end <= last for t in triggers) or _other_fate(clause, first, last, after):
        return None
    if (number.kind in ("article", "further") and "," in gap) or (number.kind == "further" and words > _ONE_MORE):
        return None
    return words + _strain(clause, trigger, number, triggers, counts)


def _strain(clause: Clause, trigger: Hit, number: Number, triggers: list[Hit], counts: list[Number]) -> float:
    """What speaks against a number and a trigger that may belong together, beside the words between them."""
    after, side = number.start >= trigger.end, _side(trigger)
    first, last = (trigger.end, number.start) if after else (number.end, trigger.start)
    gap = clause.between(first, last)
    cost = _KIND_COST.get(number.kind, 0.0)
    cost += 2.5 * sum(first <= n.start and n.end <= last and n.kind != "article" for n in counts)
    cost += 4.0 * sum(gap.count(mark) for mark in (";", ":")) + 1.5 * gap.count(",")
    if after and side == "either":
        cost += 10.0 if _opens_another(clause, gap, first) else 1.5
    if side == "first" and not after:
        cost += 4.0
    if after and _is_of_another(clause, trigger, number, triggers):
        cost += 6.0
    if any(h.end <= number.start and len(clause.between(h.end, number.start).split()) <= 1 for h in clause.of(_PART)):
        cost += 12.0
    return cost


def _other_fate(clause: Clause, start: int, end: int, after: bool) -> bool:
    """True where another fate stands between, as in "ten arrested, man killed"; not for "kidnapped and killed"."""
    fates = [h for h in clause.of(*_OTHER_FATES) if start <= h.start and h.end <= end]
    return any(after or not _only_and(clause, h.end, end) for h in fates)


def _is_of_another(clause: Clause, trigger: Hit, number: Number, triggers: list[Hit]) -> bool:
    """True where the noun that a number counts is of the other kind: "dejó dos docenas de heridos"."""
    return any(
        0 <= t.start - number.end <= _OF and "," not in clause.between(number.end, t.start)
        for t in triggers
        if _kind(t) != _kind(trigger) and _side(t) in ("before", "either")
    )


def _opens_another(clause: Clause, gap: str, start: int) -> bool:
    """True where only "and" or a comma parts a verb from the number: "one was killed and two of them were hurt"."""
    words = gap.strip()
    joined = any(0 <= h.start - start <= 2 and clause.between(h.start, h.end) == words for h in clause.of("fact.and"))
    return words == "," or joined


def things_fell(clause: Clause, trigger: Hit) -> bool:
    """True for a word of killing that is also one of shooting down, or of falling: "سقط ثلاثة" may be rockets."""
    hits = clause.of("fact.intercepted", "fact.fell")
    return any(h.start < trigger.end and trigger.start < h.end for h in hits)


def _toll(scene: Scene, clause: Clause, trigger: Hit, number: Number, free: list[Number]) -> _Toll:
    group = [number]
    row = sorted([number, *free], key=lambda n: n.start)
    for other in sorted(free, key=lambda n: abs(n.start - number.start)):
        if other.start > group[-1].end and _adds(clause, trigger, group[-1], other, row):
            group.append(other)
        elif other.end < group[0].start and _adds(clause, trigger, other, group[0], row):
            group.insert(0, other)
    start, end = group[0].start, group[-1].end
    attacker = any(0 <= h.start - number.end <= 12 for h in clause.of("fact.attacker"))
    more = any(0 <= h.start - number.end <= 2 or 0 <= number.start - h.end <= 2 for h in clause.of("fact.more"))
    kind = _kind(trigger)
    others = more or any(h.end <= start or h.start >= end for h in clause.of("fact.second"))
    more = (
        number.kind == "further"
        or (others and kind == "fact.killed")
        or (kind == "fact.wounded" and besides(clause, trigger, number))
    )
    army = any(h.start < trigger.end and trigger.start < h.end for h in clause.of("fact.neutralised"))
    span = scene.span(clause, min(start, trigger.start), max(end, trigger.end))
    him = any(0 <= start - h.end <= 1 for h in clause.of("fact.him"))  # "killing him and two of his guards"
    low, high = sum(n.low for n in group) + him, sum(n.high for n in group) + him
    vague = number.kind == "vague"
    return _Toll(
        kind, low, high, clause.rank, span, vague, attacker, more, claimed(clause, start), start, len(group), army
    )


def _adds(clause: Clause, trigger: Hit, one: Number, other: Number, row: list[Number]) -> bool:
    """True for "35 children and seven adults": side by side, joined, both people, no "including"."""
    if "vague" in (one.kind, other.kind) or one.end <= trigger.start < other.start:
        return False
    gap = clause.between(one.end, other.start)
    if len(gap.split()) > 8 or any(m in gap for m in (";", ":", ". ")) or _including(clause, one.start, other.start):
        return False
    if witnessed(clause, one, other):
        return False
    listed = is_listed(clause, gap, other) or in_a_row(clause, gap, one, other, row)
    if other.kind == "article" and "," in gap and not (listed or follows_another(clause, other)):
        return False  # "five of his family, police and a morgue official said"
    joined = listed or any(one.end <= h.start and h.end <= other.start for h in clause.of("fact.and"))
    glued = glued_and(clause.language)
    joined = joined or (bool(glued) and clause.between(other.start, other.start + len(glued)) == glued)
    unit, second = counted(clause, one), counted(clause, other)
    people = one.kind == "noun" or (unit is not None and unit.end <= other.start)
    others = other.kind == "noun" or (second is not None and second.concept == "fact.unit.person")
    return joined and people and others  # "killing six guards and burning two vehicles" are not eight dead


def _including(clause: Clause, start: int, end: int) -> bool:
    """True when "including", "dont", "بينهم" stands a little before, or between two offsets."""
    return any(start - 25 <= h.start and h.end <= end for h in clause.of("fact.including"))
