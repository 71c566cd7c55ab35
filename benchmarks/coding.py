"""How well the coder reads: places, tolls, type and severity on the private labelled set, and what an article costs."""

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
LEVELS = [level.value for level in Severity]


def items() -> Iterator[dict[str, Any]]:
    """The labelled positives, as given."""
    with DATA.open(encoding="utf-8") as file:
        yield from (item for item in map(json.loads, file) if item["label"] == "positive")


def _known() -> dict[str, str]:
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


def main(arguments: list[str] | None = None) -> None:
    """Print the figures; with --show, every item that was coded otherwise than labelled."""
    arguments = arguments or []
    if not DATA.exists():
        print("coding: the private labelled set is not here (TOCSIN_SHARED); nothing measured")
        return
    known = _known()
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
    for name, good in right.items():
        shares = "  ".join(f"{lang} {c[name] / c['n']:.2f}" for lang, c in sorted(by_language.items()) if c["n"] > 9)
        print(f"  {name:36} {good / n:.3f}   {shares}")
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
