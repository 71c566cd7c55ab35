"""Extraction: text, title, time and authors of real pages beside plain trafilatura in the same run; feeds per second.

The pages and their truth are only there at run time (``TOCSIN_SHARED``): a folder ``data/pages-dev`` with gzip pages
and ``truth.jsonl.gz`` (id, corpus, url, path, texts, titles, published, authors). Text is scored as 4-gram precision,
recall and F1 against the best of a page's acceptable texts, as in the scrapinghub benchmark.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import trafilatura

from scrapers import extract, feeds, pages
from tocsin.config import Feed
from tocsin.model import Fetched

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2] / "shared"))
PAGES = SHARED / "data" / "pages-dev"
CORPORA = ("sh", "fundus")
Score = tuple[float, float, float]


def main() -> None:
    """Print the figures that the documentation quotes."""
    _feeds()
    if not (PAGES / "truth.jsonl.gz").exists():
        print(f"no pages under {PAGES}: the quality part is left out (set TOCSIN_SHARED)")
        return
    with gzip.open(PAGES / "truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        truth = [row for row in map(json.loads, lines) if row["corpus"] in CORPORA and row.get("texts")]
    for corpus in CORPORA:
        _corpus(corpus, [row for row in truth if row["corpus"] == corpus])


def _corpus(name: str, rows: list[dict[str, Any]]) -> None:
    readers: dict[str, Callable[[dict[str, Any]], str]] = {
        "tocsin": _ours,
        "trafilatura precision": lambda row: _theirs(row, precise=True),
        "trafilatura default": lambda row: _theirs(row, precise=False),
    }
    _ours(rows[0])  # imports and tables are loaded once, not per page
    print(f"{name}, {len(rows)} pages")
    for reader, read in readers.items():
        started = time.process_time()
        texts = [read(row) for row in rows]
        each = 1000 * (time.process_time() - started) / len(rows)
        scores = [
            max((_score(t, text) for t in row["texts"]), key=lambda s: s[2])
            for row, text in zip(rows, texts, strict=True)
        ]
        low, high = _interval([s[2] for s in scores])
        precision, recall, f1 = (fmean(column) for column in zip(*scores, strict=True))
        lost = sum(s[2] < 0.5 for s in scores) / len(scores)
        print(
            f"  {reader:22} F1 {f1:.4f} [{low:.3f}-{high:.3f}] P {precision:.3f} R {recall:.3f}"
            f" lost {lost:.3f} {each:4.0f} ms"
        )
    _metadata(rows)


def _ours(row: dict[str, Any]) -> str:
    return extract.line({"id": row["id"], "url": row["url"], "path": row["path"]}, base=PAGES)["text"] or ""


def _theirs(row: dict[str, Any], *, precise: bool) -> str:
    html = pages.decode_bytes(gzip.decompress((PAGES / row["path"]).read_bytes()))
    return trafilatura.extract(html, url=row["url"], favor_precision=precise, include_comments=False) or ""


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def _score(truth: str, text: str) -> Score:
    wanted, got = _grams(truth), _grams(text)
    shared = sum((wanted & got).values())
    precision = shared / sum(got.values()) if got else 0.0
    recall = shared / sum(wanted.values()) if wanted else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if shared else 0.0


def _interval(values: list[float]) -> tuple[float, float]:
    """95 % bootstrap of the mean."""
    chance = random.Random(1)
    means = sorted(fmean(chance.choices(values, k=len(values))) for _ in range(1000))
    return means[25], means[974]


def _metadata(rows: list[dict[str, Any]]) -> None:
    titles: list[bool] = []
    days: list[bool] = []
    minutes: list[bool] = []
    authors: list[bool] = []
    for row in rows:
        got = extract.line({"id": row["id"], "url": row["url"], "path": row["path"]}, base=PAGES)
        if row.get("titles"):
            titles.append(_squeeze([got["title"] or ""]) <= _squeeze(row["titles"]))
        if row.get("authors"):
            authors.append(_squeeze(got["authors"] or ()) == _squeeze(row["authors"]))
        if row.get("published"):
            wanted = datetime.fromisoformat(row["published"].replace("Z", "+00:00"))
            found = datetime.fromisoformat(got["published"]) if got["published"] else None
            days.append(found is not None and found.date() == wanted.date())
            if len(row["published"]) > 10 and wanted.tzinfo is not None:
                minutes.append(found is not None and abs((found - wanted).total_seconds()) < 60)
    shares = {"title exact": titles, "day": days, "minute": minutes, "authors": authors}
    told = [f"{name} {fmean(hits):.3f} ({len(hits)})" for name, hits in shares.items() if hits]
    if told:
        print("  " + ", ".join(told))


def _squeeze(texts: Iterable[str]) -> set[str]:
    return {" ".join(re.findall(r"\w+", text.lower())) for text in texts}


def _feeds() -> None:
    """Reading speed on a feed of 100 items with 2 kB of HTML each."""
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    item = (
        "<item><title>Drone shot down near base, story {n}</title><link>https://a.example/{n}</link><guid>g{n}</guid>"
        "<pubDate>Mon, 29 Jun 2026 15:07:00 CEST</pubDate><description>{d}</description></item>"
    )
    body = "".join(item.format(n=n, d="&lt;p&gt;Officials said on Monday.&lt;/p&gt;" * 50) for n in range(100))
    answer = Fetched("", "", 200, (), f"<rss><channel>{body}</channel></rss>".encode(), now, 0.0)
    feed = Feed(id="bench", url="https://a.example/rss")
    feeds.read(feed, answer, now=now)
    started = time.process_time()
    for _ in range(5):
        feeds.read(feed, answer, now=now)
    print(f"a feed of 100 items, {len(answer.body) // 1000} kB: {200 * (time.process_time() - started):.0f} ms")
