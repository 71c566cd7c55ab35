"""Deduplication, addresses: real groups of one text of one outlet under several addresses, and who gives them one key.

A group is unified where all its addresses get one key. The parameters that a host adds without a meaning are learned
by the archive as the articles come in; courlan's cleaning is the peer in the same run.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from courlan import clean_url

from tocsin import dedup
from tocsin.archive import Archive
from tocsin.dedup.keys import words
from tocsin.model import Article
from tocsin.urls import canonical, host, without


def run(shared: Path) -> None:
    """Print how many real groups each way unifies, and how many different texts it would merge."""
    path = shared / "data" / "dedup-dev" / "arabic-week.jsonl.gz"
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = sorted(map(json.loads, file), key=lambda row: str(row["published"]))
    articles = [
        Article(
            row["url"],
            row["title"],
            row["text"],
            published=datetime.fromisoformat(row["published"]).replace(tzinfo=UTC),
        )
        for row in rows
    ]
    with Archive.memory() as archive:
        same = sum(_take(archive, article) for article in articles)
        learned = {of: archive.meaningless(of) for of in {host(article.url) for article in articles}}
    ways: dict[str, Callable[[str], str]] = {
        "as it is": str,
        "courlan clean_url": lambda url: clean_url(url) or url,
        "Tocsin, nothing learned": canonical,
        "Tocsin, learned": lambda url: without(canonical(url), learned[host(url)]),
    }
    for name, key in ways.items():
        print(f"addresses, {name}: {_told(articles, key)}")
    print(f"addresses: {sum(map(len, learned.values()))} parameters learned, {same} articles known by their address")


def _take(archive: Archive, article: Article) -> bool:
    found = dedup.keys(article)
    with archive.transaction():
        decision = archive.decide(article, found, now=article.published or datetime.now(UTC))
        archive.store(article, found, decision, now=article.published or datetime.now(UTC))
    return decision.outcome.value in {"same_url", "revision"}


def _told(articles: list[Article], key: Callable[[str], str]) -> str:
    groups: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
    texts: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for article in articles:
        folded = words(article.text)
        if len(folded) >= 24:
            groups[host(article.url), folded].add(article.url)
            texts[key(article.url)].add(folded[:60])
    several = [urls for urls in groups.values() if len(urls) > 1]
    unified = sum(len({key(url) for url in urls}) == 1 for urls in several)
    by_address: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for article in articles:
        if len(words(article.text)) >= 24:
            by_address[article.url].add(words(article.text)[:60])
    revised = sum(len(found) > 1 for found in by_address.values())  # one address, two texts: no key's fault
    wrong = sum(len(found) > 1 for found in texts.values()) - revised
    return f"{unified} of {len(several)} groups, {max(0, wrong)} keys over different texts"
