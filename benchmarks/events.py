"""Which articles are one event: sample days in ten languages, in order and shuffled, beside two simpler methods.

python -m benchmarks events             days A to D; --mistakes adds every mistake
python -m benchmarks events --a         days A alone, with every mistake: what to tune on; so --b, --c, --d
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.clusters import Scores, by_languages, mean, score, together
from benchmarks.event_peers import PEERS, tuned
from benchmarks.wiredays import Told, days
from flows.assessing import assess
from flows.pipeline import Desk
from tocsin.archive import Archive
from tocsin.config import Config, Http, Watch
from tocsin.model import Assessment

DAYS = "abcd"
SHUFFLES = 10
HEAD = f"  {'':32s} {'pair P':>7s} {'pair R':>7s} {'B3 P':>7s} {'B3 R':>7s} {'B3 F1':>7s} merged split missed"


def config() -> Config:
    """The shipped watch and nothing else."""
    return Config(http=Http(user_agent="tocsin-benchmark/1"), watches=(Watch(id="iraq-security"),))


def assessed(told: Sequence[Told], settings: Config) -> dict[str, tuple[Assessment, ...]]:
    """What the watch thinks of each article: scored and coded once, joined many times."""
    return {one.id: assess(one.article, settings) for one in told}


def play(
    told: Sequence[Told], thoughts: Mapping[str, tuple[Assessment, ...]], settings: Config
) -> tuple[dict[str, str], dict[str, str]]:
    """The event of each article, and why it joined, when they arrive in this order."""
    with Archive.memory() as archive:
        desk = Desk(archive, settings, {})
        now, stored = datetime.min.replace(tzinfo=UTC), {}
        for one in told:
            assert one.article.published is not None
            now = max(now, one.article.published + timedelta(minutes=1))
            with archive.transaction():
                _, stored[one.id], _ = desk.take(one.article, thoughts[one.id], age=timedelta(0), now=now)
        watch = settings.watches[0].id
        found = {name: archive.event_of_article(article, watch) for name, article in stored.items()}
        whys = {str(row["article"]): str(row["why"]) for row in archive.query("SELECT article, why FROM event_article")}
    return (
        {name: event for name, event in found.items() if event},
        {name: whys.get(str(article), "") for name, article in stored.items()},
    )


def orders(told: Sequence[Told], count: int = SHUFFLES) -> list[list[Told]]:
    """The articles in other orders of arrival, the same ones each time."""
    return [random.Random(seed).sample(list(told), len(told)) for seed in range(count)]


def line(name: str, found: Scores) -> str:
    """One line of the table."""
    rates = (found.precision, found.recall, found.cubed_precision, found.cubed_recall, found.cubed_f1)
    counts = f"{found.merged:6.1f} {found.split:5.1f} {found.missed:6.1f}"
    return f"  {name:32s} " + " ".join(f"{rate:7.3f}" for rate in rates) + f" {counts}"


def half(name: str, settings: Config, *, mistakes: bool, limits: Mapping[str, float]) -> None:
    """Play the days of one file in order, shuffled and by the peers, and print what came of it."""
    told = days(name)
    thoughts = assessed(told, settings)
    flagged = [one for one in told if any(t.flagged for t in thoughts[one.id])]
    events = {one.truth for one in told} - {""}
    said = f"{len(told)} articles on {len(events)} events in {len({t.article.language for t in told})} languages"
    should = [one for one in told if one.truth]
    print(f"\nDays {name.upper()}: {said}; {sum(o in flagged for o in should)} of {len(should)} reports flagged")
    print(HEAD)
    cluster, whys = play(told, thoughts, settings)
    print(line("Tocsin, as published", score(told, cluster)))
    shuffled = [score(order, play(order, thoughts, settings)[0]) for order in orders(told)]
    print(line(f"Tocsin, {SHUFFLES} other orders, mean", mean(shuffled)))
    print(line("  the worst of them", min(shuffled, key=lambda s: s.cubed_f1)))
    for peer, method in PEERS.items():
        print(line(f"{peer}, limit {limits[peer]:.2f} from A", score(told, method(flagged)(limits[peer]))))
    pairs = by_languages(told, cluster)
    print("  joined by languages: " + ", ".join(f"{a}-{b} {right}/{of}" for (a, b), (right, of) in pairs.items()))
    bridged = sum(one.id in cluster for one in told if not one.scored)
    print(f"  round-ups that joined an event or opened one: {bridged} of {sum(not o.scored for o in told)}")
    if mistakes:
        _mistakes(told, cluster, whys, {one.id for one in flagged})


def _mistakes(told: Sequence[Told], cluster: Mapping[str, str], whys: Mapping[str, str], flagged: set[str]) -> None:
    """Every article that stands apart from its event's first report or with another's."""
    anchors: dict[str, Told] = {}
    for one in told:
        if not one.scored:
            continue
        event = cluster.get(one.id)
        if one.truth and one.id not in flagged:
            print(f"  not flagged  {one.id} {one.article.language} {one.article.title}")
            continue
        strangers = [o.id for o in told if o.scored and o is not one and cluster.get(o.id) == event and event]
        wrong = [name for o in told if (name := o.id) in strangers and together(one, o) is False]
        first = anchors.setdefault(one.truth, one) if one.truth else one
        if wrong:
            print(f"  false merge  {one.id} {one.article.language} with {', '.join(wrong)}: {whys[one.id]}")
        elif first is not one and cluster.get(first.id) != event:
            print(f"  split        {one.id} {one.article.language} from {first.id}: {one.article.title}")


def main() -> None:
    """All days, or those that are named; the peers' limits come from A."""
    settings, args = config(), set(sys.argv[1:])
    a = days("a")
    thoughts = assessed(a, settings)
    flagged = [one for one in a if any(t.flagged for t in thoughts[one.id])]
    limits = {name: tuned(a, method(flagged)) for name, method in PEERS.items()}
    named = [name for name in DAYS if f"--{name}" in args]
    for name in named or DAYS:
        half(name, settings, mistakes=bool(named) or "--mistakes" in args, limits=limits)
