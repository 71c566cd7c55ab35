"""What joining costs: one flagged article against many open events, reading them from the archive included."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmarks.wiredays import days
from flows.assessing import assess
from flows.pipeline import Desk
from tocsin.archive import Archive
from tocsin.config import Config, Http, Watch
from tocsin.events.merge import begin
from tocsin.flagging.gazetteer import entries
from tocsin.model import Article, Assessment, Event, Said, Source

SIZES = (100, 300, 1_000, 10_000)
ROUNDS = 20
WATCH = "iraq-security"


def main() -> None:
    """Milliseconds per flagged article at each size, and articles a second."""
    config = Config(http=Http(user_agent="tocsin-benchmark/1"), watches=(Watch(id=WATCH),))
    told = [one for one in days("a") if one.truth]
    thoughts = {one.id: assess(one.article, config) for one in told}
    flagged = [(one.article, thoughts[one.id][0]) for one in told if thoughts[one.id][0].flagged]
    for size in SIZES:
        with Archive.memory() as archive:
            now = _fill(archive, flagged, size)
            desk = Desk(archive, config, {})
            took = []
            for n in range(ROUNDS):
                article, thought = flagged[n * 3 % len(flagged)]
                fresh = _another(article, n, now)
                began = time.perf_counter()
                with archive.transaction():
                    desk.take(fresh, (thought,), age=timedelta(0), now=now)
                took.append((time.perf_counter() - began) * 1000)
            took = sorted(took[1:])  # the first fills what later ones find
            middle, worst = took[len(took) // 2], took[-1]
            rate = f"{1000 / middle:.0f} a second"
            print(f"  {size:6d} open events: {middle:7.1f} ms an article (worst {worst:.1f}), {rate}")


def _fill(archive: Archive, flagged: list[tuple[Article, Assessment]], size: int) -> datetime:
    """Open so many events of three days in all the gazetteer's Iraqi places; the time after the last of them."""
    places = [entry.place for entry in entries().values() if entry.place.country == "IQ"]
    start = datetime(2026, 4, 14, tzinfo=UTC)
    with archive.transaction():
        for n in range(size):
            article, thought = flagged[n % len(flagged)]
            archive.keep_event(_event(article, thought, places[n * 7 % len(places)], n, start, size))
    return start + timedelta(hours=70)


def _event(article: Article, thought: Assessment, place: object, n: int, start: datetime, size: int) -> Event:
    facts = thought.facts
    where = tuple(replace(said, value=place) for said in facts.places[:1])
    seen = start + timedelta(hours=70 * n / size)
    source = Source(n, f"https://e{n}.example.org", article.title, article.publisher, article.language, (), seen, seen)
    when: Said[datetime] | None = None
    return begin(f"ev-{n:010x}", source, replace(thought, facts=replace(facts, places=where, when=when)))


def _another(article: Article, n: int, now: datetime) -> Article:
    """The same news as another outlet's own article."""
    words = article.text.split()
    text = " ".join([*words[n % 7 :], *words[: n % 7]]) + f" ({n})"
    url = f"https://n{n}.example.net/{n}"
    return replace(article, url=url, identity="", text=text, publisher=f"outlet {n}", published=now, seen=now)


if __name__ == "__main__":
    main()
