"""The facts of the main event, each with the words that say it; the parts are coded in the coder_* modules."""

from __future__ import annotations

from datetime import datetime

from tocsin.flagging.coder_claim import claim
from tocsin.flagging.coder_kind import event_type
from tocsin.flagging.coder_places import places
from tocsin.flagging.coder_scene import Clause, Scene, labels, outermost, scene
from tocsin.flagging.coder_tolls import harmed, tolls
from tocsin.flagging.coder_weapons import damage, intercepted, weapons
from tocsin.flagging.coder_when import when
from tocsin.flagging.mainevent import main_sentences
from tocsin.flagging.matcher import Hit
from tocsin.flagging.reading import Reading
from tocsin.model import Facts, Said

# Of the targets named, the one an analyst asks for first.
_TARGETS = (
    "force.embassy", "force.airport", "force.base", "force.convoy", "force.oil_site", "force.pipeline",
    "force.power_line", "force.checkpoint", "force.patrol", "force.mosque", "force.church", "force.school",
    "force.hospital", "force.market", "force.hotel", "force.bus", "force.prison", "force.un", "force.us_troops",
    "force.coalition_troops",
    "force.pilgrims", "force.politician", "force.judge", "force.journalist", "force.activist",
    "force.counter_terrorism", "force.peshmerga", "force.asayish", "force.border_guards", "force.iraqi_army",
    "force.iraqi_police", "force.pmf", "force.security_forces", "force.civilians", "force.vehicle",
)  # fmt: skip
_UNNAMED = frozenset({"actor.gunmen", "actor.insurgents", "actor.militia", "actor.tribe", "actor.smugglers"})
_UNAIMED = frozenset({
    "Arrests", "Agreement", "Change to group/activity", "Disrupted weapons use", "Excessive force against protesters",
    "Protest with intervention", "Peaceful protest", "Abduction/forced disappearance", "Government regains territory",
    "Non-state actor overtakes territory",
    "Other",
})  # fmt: skip
_OWNED = ("force.embassy", "force.base", "force.convoy")  # "US embassy": the owner is worth saying
_GREEN_ZONE = "place:green-zone"
_STATES = frozenset({"actor.us_forces", "actor.coalition", "actor.peshmerga", "actor.turkish_forces", "actor.pmf"})
_GUESTS = frozenset({"actor.us_forces", "actor.coalition"})
_HOSTS = ("base", "embassy", "convoy", "airport", "Green Zone", "troops")  # targets that stand for them
_COUNTS = 12  # characters from a number to the forces that it counts
_AIM_REACH = 45  # characters between "targeted" and its target
_SITES = 20  # so many of _TARGETS are things; the rest are people, targets only where a word of aiming says so


def code(reading: Reading, published: datetime | None) -> Facts:
    """Code the main event of an article; a field that no words carry stays empty.

    Args:
        published: When the article came out, aware; "Sunday" is resolved against it.
    """
    return code_scene(main_event(reading, published), published)


def main_event(reading: Reading, published: datetime | None) -> Scene:
    """The sentences of the main event, sorted for the coder and the rubric alike."""
    return scene(reading, main_sentences(reading, published))


def code_scene(view: Scene, published: datetime | None) -> Facts:
    """``code`` for a reading that is cut down already."""
    if not view.clauses:
        return Facts()
    killed, wounded = tolls(view)
    kind = event_type(view)
    aimed = target(view) if kind is None or kind.value not in _UNAIMED else None
    return Facts(
        event_type=kind,
        places=places(view),
        weapons=weapons(view, kind.value if kind else ""),
        intercepted=intercepted(view),
        target=aimed,
        killed=killed,
        wounded=wounded,
        harmed=None if killed or wounded else harmed(view),
        damage=damage(view),
        actors=actors(view, aimed),
        claim=claim(view),
        when=when(view, published),
    )


def target(view: Scene) -> Said[str] | None:
    """What was aimed at: after a word of aiming, else the weightiest site named near the top, or the Green Zone."""
    for clause in view.clauses[:4]:
        aims = clause.of("fact.aimed")
        hits = [h for h in clause.of("force") if any(0 <= h.start - aim.end <= _AIM_REACH for aim in aims)]
        if clause.rank <= 1:
            hits += [h for h in clause.of("force") if h.concept in _TARGETS[:_SITES]]
        speakers = clause.of("fact.speaker")  # "hospital officials said"
        hits = [h for h in hits if not any(s.start <= h.start < s.end for s in speakers)]
        ranked = sorted((h for h in hits if h.concept in _TARGETS), key=lambda h: _TARGETS.index(h.concept))
        site = clause.of(_GREEN_ZONE)
        if site and (not ranked or ranked[0].concept not in _TARGETS[:_SITES]):
            return Said("Green Zone", view.span(clause, site[0].start, site[0].end))
        if ranked:
            return _named_target(view, clause, ranked[0])
    return None


def _named_target(view: Scene, clause: Clause, hit: Hit) -> Said[str]:
    name, start, end = labels().get(hit.concept, hit.concept), hit.start, hit.end
    if hit.concept in _OWNED:
        for owner in clause.of("fact.owner", "dem"):
            covers = [p for p in clause.of("place") if p.start <= owner.start and owner.end <= p.end]
            if any(not p.start <= hit.start < p.end for p in covers):
                continue  # the Assad of "Ain al-Assad"
            gap = min(abs(owner.start - hit.end), abs(hit.start - owner.end))
            if gap <= 2 or (owner.start <= hit.start < owner.end) or (hit.start <= owner.start < hit.end):
                us = owner.concept in ("fact.owner.us", "dem.us")
                adjective = "US" if us else labels().get(owner.concept, "")
                name, start, end = f"{adjective} {name}", min(start, owner.start), max(end, owner.end)
                break
    return Said(name, view.span(clause, start, end))


def actors(view: Scene, aimed: Said[str] | None = None) -> tuple[Said[str], ...]:
    """The armed actors of the main event, each once, in order; "gunmen" only where no name is given.

    Args:
        aimed: The target; foreign forces named in a report of an attack on their base did not attack it.
    """
    found: dict[str, Said[str]] = {}
    ignored = {"actor.unknown"}
    if aimed is not None and any(word in aimed.value for word in _HOSTS):
        ignored |= _GUESTS
    for clause in view.clauses[:4]:
        for hit in outermost(clause.of("actor")):
            if hit.concept not in found and hit.concept not in ignored and not _is_victim(clause, hit):
                name = labels().get(hit.concept, hit.concept)
                found[hit.concept] = Said(name, view.span(clause, hit.start, hit.end))
    named = [said for concept, said in found.items() if concept not in _UNNAMED]
    return tuple(named or found.values())


def _is_victim(clause: Clause, hit: Hit) -> bool:
    """True for forces that a number counts beside a word of harm: "three Peshmerga wounded"."""
    if hit.concept not in _STATES or not clause.has("fact.killed", "fact.wounded"):
        return False
    return any(0 <= hit.start - n.end <= _COUNTS for n in clause.numbers)
