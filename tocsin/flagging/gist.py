"""One English line from the coded facts, whatever the article's language, and the facts as reasons."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.model import Count, Facts, Place, Reason, Said, Weapon

# ACLED names in the words of a desk; where a weapon says more, `_kind` uses it.
_KINDS = {
    "Attack": "Attack",
    "Armed clash": "Clashes",
    "Air/drone strike": "Air strike",
    "Shelling/artillery/missile attack": "Shelling",
    "Remote explosive/landmine/IED": "Bombing",
    "Suicide bomb": "Suicide bombing",
    "Grenade": "Grenade attack",
    "Abduction/forced disappearance": "Kidnapping",
    "Excessive force against protesters": "Violence against protesters",
    "Protest with intervention": "Protest, with intervention",
    "Peaceful protest": "Protest",
    "Violent demonstration": "Violent protest",
    "Mob violence": "Mob violence",
    "Arrests": "Arrests",
    "Disrupted weapons use": "Weapons found",
    "Looting/property destruction": "Sabotage",
    "Government regains territory": "Territory retaken",
    "Non-state actor overtakes territory": "Territory lost",
    "Change to group/activity": "Force posture",
    "Agreement": "Cease-fire",
    "Other": "Security development",
}
# Where silence about casualties is news: none were reported; elsewhere the text may only give no figure.
_QUIET = frozenset({"Rocket attack", "Missile attack", "Mortar attack", "Drone attack", "Shelling"})
_STATES = frozenset(
    {"US forces", "the Coalition", "Turkish forces", "Israeli forces", "Peshmerga"}
)  # claim by statement
_PLURALS = {"artillery": "artillery", "explosives": "explosives", "sniper rifle": "sniper rifles", "knife": "knives"}


def write(facts: Facts, origins: tuple[str, ...] = ()) -> str:
    """The gist of an event in one line of English.

    Args:
        origins: Who reported it, in brackets at the end.

    >>> write(Facts())
    'Security item, Iraq'
    """
    head = f"{_kind(facts)}, {_where(facts.places)}"
    parts = [part for part in (_means(facts), *_harm(facts), _blame(facts)) if part]
    line = head + (": " + "; ".join(parts) if parts else "")
    return f"{line} ({', '.join(origins)})" if origins else line


def _kind(facts: Facts) -> str:
    if facts.event_type is None:
        return "Security item"
    name = facts.event_type.value
    weapons = [said.value.name for said in facts.weapons]
    if name == "Shelling/artillery/missile attack":
        for word, kind in (("rocket", "Rocket attack"), ("missile", "Missile attack"), ("mortar", "Mortar attack")):
            if any(word in weapon for weapon in weapons):
                return kind
    if name == "Air/drone strike" and any("drone" in weapon for weapon in weapons):
        return "Drone attack"
    return _KINDS.get(name, name)


def _where(places: tuple[Said[Place], ...]) -> str:
    """The broadest town first, finer places in brackets: "Baghdad (Green Zone)"."""
    if not places:
        return "Iraq"
    towns = [p.value.name for p in places if p.value.precision == "town"]
    sites = [p.value.name for p in places if p.value.precision == "site"]
    wider = [p.value.name for p in places if p.value.precision in ("district", "governorate", "country")]
    if towns:
        inside = f" ({', '.join(sites[:2])})" if sites else ""
        return " and ".join(towns[:3]) + inside
    if sites:
        area = wider[0] if wider else places[0].value.governorate
        return f"{', '.join(sites[:2])}" + (f" ({area})" if area and area not in sites else "")
    return " and ".join(wider[:3])


def _means(facts: Facts) -> str:
    counted = [_counted(said.value) for said in facts.weapons if said.value.count]
    if facts.intercepted is not None:
        number = facts.intercepted.value
        return ", ".join([*counted[:2], f"{number} intercepted"])
    if counted:
        return ", ".join(counted[:2])
    if facts.target is not None:
        return f"target {facts.target.value}"
    return ""


def _counted(weapon: Weapon) -> str:
    count = weapon.count or 1
    return f"{count} {weapon.name if count == 1 else _PLURALS.get(weapon.name, weapon.name + 's')}"


def _harm(facts: Facts) -> Iterator[str]:
    if facts.damage is not None:
        yield facts.damage.value
    killed, wounded = facts.killed, facts.wounded
    toll = []
    if killed is not None and killed.value.max:
        toll.append(f"{_toll(killed.value)} killed")
    if wounded is not None and wounded.value.max:
        toll.append(f"{_toll(wounded.value)} wounded")
    if toll:
        yield ", ".join(toll)
    elif facts.harmed is not None:
        yield f"people {facts.harmed.value}, number not given"
    elif (killed is None) == (wounded is None):
        if killed is not None or _kind(facts) in _QUIET:
            yield "no casualties reported"
    else:
        yield "no deaths reported" if killed is not None else "no wounded reported"


def _toll(count: Count) -> str:
    """A toll in figures; what a text calls dozens stays dozens."""
    vague = {(20, 99): "dozens", (24, 99): "dozens", (200, 999): "hundreds", (2000, 9999): "thousands"}
    return vague.get((count.min, count.max), str(count))


def _blame(facts: Facts) -> str:
    names = [said.value for said in facts.actors]
    if facts.claim is None:
        return ", ".join(names[:2])
    groups = [name for name in names if name not in _STATES]
    if facts.claim.value == "claimed" and groups:
        return f"claimed by {groups[0]}"
    if facts.claim.value == "denied" and names:
        return f"{names[0]} denies it"
    return str(facts.claim.value)


def facts_reasons(facts: Facts) -> tuple[Reason, ...]:
    """Every coded fact as a reason of weight 0, with its words."""
    single: tuple[tuple[str, Said[object] | None], ...] = (
        ("event_type", facts.event_type), ("intercepted", facts.intercepted), ("target", facts.target),
        ("killed", facts.killed), ("wounded", facts.wounded), ("damage", facts.damage), ("claim", facts.claim),
        ("when", facts.when),
    )  # fmt: skip
    found = [Reason(f"fact.{name}", said.span, 0.0, str(said.value)) for name, said in single if said is not None]
    found += [Reason("fact.place", said.span, 0.0, said.value.name) for said in facts.places]
    found += [Reason("fact.weapon", said.span, 0.0, _weapon_note(said.value)) for said in facts.weapons]
    found += [Reason("fact.actor", said.span, 0.0, said.value) for said in facts.actors]
    return tuple(found)


def _weapon_note(weapon: Weapon) -> str:
    return weapon.name if weapon.count is None else _counted(weapon)
