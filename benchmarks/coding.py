"""How well the coder reads: places, tolls, type, weapons, claim and severity, and what an article costs.

On the private labelled set where it is at hand, and on our own lines that are kept out of training; those were coded
before the coder had read them, and its general faults were mended afterwards.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tocsin.flagging.coder import code, code_scene, main_event
from tocsin.flagging.coder_kind import label_types
from tocsin.flagging.gazetteer import entries
from tocsin.flagging.reading import read
from tocsin.flagging.severity import rate, rate_scene
from tocsin.model import Facts, Severity
from tocsin.text import fold_term

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2] / "shared"))
DATA = SHARED / "data" / "flagging-dev.jsonl"
HELD = Path(__file__).parents[1] / "tests" / "corpus" / "held"
BLIND = HELD.parent / "blind"  # written and labelled by people who had not seen the rules
LEVELS = [level.value for level in Severity]
# How our own lines call a weapon, and the words of the coder that mean it.
WEAPONS = {
    "rocket": ("rocket",), "missile": ("missile",), "mortar": ("mortar",), "drone": ("drone",),
    "ied": ("IED", "bomb", "explosives"),
    "car_bomb": ("car bomb",), "suicide_vest": ("suicide",), "gun": ("gun",), "sniper": ("sniper",),
    "grenade": ("grenade", "IED"), "landmine": ("landmine", "bomb"),
    "airstrike": ("air strike", "air-dropped", "drone"),
}  # fmt: skip


def items() -> Iterator[dict[str, Any]]:
    """The labelled positives, as given."""
    with DATA.open(encoding="utf-8") as file:
        yield from (item for item in map(json.loads, file) if item["label"] == "positive")


def known_places() -> dict[str, str]:
    """The gazetteer name of every spelling, folded."""
    names: dict[str, str] = {}
    for entry in entries().values():
        for _, spelling in entry.names:
            names.setdefault(fold_term(spelling).removeprefix("al-"), entry.place.name)
    return names


def _place(label: str, known: dict[str, str]) -> str:
    """The gazetteer's name of a labelled place; "southwest of Baghdad" is Baghdad."""
    name = fold_term(label)
    if " of " in name:
        name = name.rpartition(" of ")[2]
    name = name.removeprefix("al-").strip()
    return known.get(name, name)


def _towns(facts: Facts) -> set[str]:
    """The coded places without the sites that lie in a coded town: the labels never name a quarter beside its town."""
    places = [said.value for said in facts.places]
    towns = {p.governorate for p in places if p.precision in ("town", "district")}
    return {p.name for p in places if not (p.precision == "site" and p.governorate in towns)}


def score(item: dict[str, Any], known: dict[str, str]) -> tuple[dict[str, bool], Facts]:
    """What was coded right in one labelled item."""
    reading = read(item["title"], item["text"], item["lang"])
    facts = code(reading, None)
    gold = item["facts"]
    labelled = {_place(p, known) for p in gold["places"]}
    coded = {said.value.name for said in facts.places}
    accepted: set[str] = set().union(*(label_types().get(t, frozenset()) for t in gold["event_types"]))
    return {
        "places exact": coded == labelled,
        "places exact, sites in towns aside": labelled in (coded, _towns(facts)),
        "places any": bool(coded & labelled) or not labelled,
        "killed exact": (facts.killed.value.min if facts.killed else None) == gold["killed"],
        "wounded exact": (facts.wounded.value.min if facts.wounded else None) == gold["wounded"],
        "type": bool(facts.event_type and facts.event_type.value in accepted),
    }, facts


def kappa(pairs: Iterable[tuple[int, int]], levels: int = 4) -> float:
    """Cohen's kappa with quadratic weights."""
    table = Counter(pairs)
    total = sum(table.values())
    rows = Counter[int]()
    columns = Counter[int]()
    for (a, b), n in table.items():
        rows[a] += n
        columns[b] += n
    seen = sum(n * (a - b) ** 2 for (a, b), n in table.items()) / total
    chance = sum(rows[a] * columns[b] * (a - b) ** 2 for a in range(levels) for b in range(levels)) / total**2
    return 1 - seen / chance if chance else 1.0


def held(folder: Path = HELD) -> list[dict[str, Any]]:
    """The lines of a folder with labelled facts that no weights have seen."""
    rows = [
        json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    return [row for row in rows if row.get("facts")]


def score_held(item: dict[str, Any], known: dict[str, str]) -> dict[str, bool]:
    """What was coded right in one of our own lines; a weapon only where the line names one."""
    reading = read(item["title"], item["text"], item["lang"])
    gold = item["facts"]
    marks, facts = score(item, known)
    right = {name: bool(marks[name]) for name in ("killed exact", "wounded exact", "type")}
    coded = {fold_term(said.value.name) for said in facts.places}
    towns = {fold_term(name) for name in _towns(facts)}
    labelled = {fold_term(_place(p, known)) for p in gold["places"]}
    right["places exact, sites in towns aside"] = labelled in (coded, towns) or (not labelled and coded == {"iraq"})
    if gold["weapons"]:
        names = [said.value.name for said in facts.weapons]
        right["weapons"] = all(any(w in name for w in WEAPONS[kind] for name in names) for kind in gold["weapons"])
    right["claim"] = (facts.claim.value if facts.claim else None) == gold["claim"]
    right["severity"] = rate(reading, facts)[0] == item["severity"]
    return right


def _own() -> None:
    known = known_places()
    _shares("own lines kept out of training", [score_held(item, known) for item in held()])
    _shares("items by others", [score(item, known)[0] for item in held(BLIND)])


def _shares(what: str, marks: list[dict[str, bool]]) -> None:
    print(f"coding: {len(marks)} {what}")
    for name in dict.fromkeys(name for mark in marks for name in mark):
        here = [mark[name] for mark in marks if name in mark]
        print(f"  {name:36} {sum(here) / len(here):.3f}   of {len(here)}")


def main(arguments: list[str] | None = None) -> None:
    """Print the figures; with --show, every item that was coded otherwise than labelled."""
    arguments = arguments or []
    _own()
    if not DATA.exists():
        print("coding: the private labelled set is not here (TOCSIN_SHARED)")
        return
    known = known_places()
    right: Counter[str] = Counter()
    by_language: dict[str, Counter[str]] = {}
    n = 0
    for item in items():
        if not item["facts"]:
            continue
        n += 1
        marks, facts = score(item, known)
        here = by_language.setdefault(item["lang"], Counter())
        here["n"] += 1
        for name, good in marks.items():
            right[name] += good
            here[name] += good
        if "--show" in arguments and not all(marks.values()):
            _show(item, marks, facts)
    print(f"coding: {n} labelled items")
    for name, hits in right.items():
        shares = "  ".join(f"{lang} {c[name] / c['n']:.2f}" for lang, c in sorted(by_language.items()) if c["n"] > 9)
        print(f"  {name:36} {hits / n:.3f}   {shares}")
    _severity(arguments)
    _speed()


def _severity(arguments: list[str]) -> None:
    pairs = []
    for item in items():
        reading = read(item["title"], item["text"], item["lang"])
        level, reasons = rate(reading, code(reading, None))
        pairs.append((LEVELS.index(item["severity"]), level.rank))
        if "--severity" in arguments and level != item["severity"]:
            note = f"{reasons[0].rule} {reasons[0].span.quote if reasons[0].span else ''}"
            print(f"- {item['id']} {item['lang']} {item['severity']} coded {level} {note}")
            print(f"    {item['title']} | {item['text'][:250]}")
    same = sum(a == b for a, b in pairs) / len(pairs)
    print(f"  severity ({len(pairs)} positives): quadratic kappa {kappa(pairs):.3f}, same level {same:.3f}")


def _speed() -> None:
    texts = [(read(i["title"], i["text"], i["lang"]), i) for i in items() if len(i["text"]) > 900]
    rate(texts[0][0], code(texts[0][0], None))  # the tables are loaded
    started = time.process_time()
    for reading, _ in texts:
        event = main_event(reading, None)
        rate_scene(event, code_scene(event, None))
    spent = time.process_time() - started
    words = sum(len(i["text"].split()) for _, i in texts) / len(texts)
    print(f"  coding and rating: {1000 * spent / len(texts):.2f} ms an article of {words:.0f} words")


def _show(item: dict[str, Any], marks: dict[str, bool], facts: Facts) -> None:
    wrong = ", ".join(name for name, good in marks.items() if not good)
    print(f"- {item['id'][3:7]} {item['lang']} [{wrong}] {item['title']} | {item['text'][:380]}")
    print(f"    labelled {item['facts']}")
    tolls = [said and (str(said.value), said.span.quote) for said in (facts.killed, facts.wounded)]
    kind = facts.event_type and (facts.event_type.value, facts.event_type.span.quote)
    print(f"    coded {kind} {[p.value.name for p in facts.places]} killed, wounded {tolls}")


if __name__ == "__main__":
    main(sys.argv[1:])
