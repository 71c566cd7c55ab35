"""Extraction: text, title, time and authors of real pages beside every extractor at hand, in one run; feeds per second.

The pages and their truth are only there at run time (``TOCSIN_SHARED``): a folder ``data/pages-dev`` with gzip pages
and ``truth.jsonl.gz`` (id, corpus, url, path, texts, segments, titles, published, authors). Text is scored as 4-gram
precision, recall and F1 against the best of a page's acceptable texts, as in the scrapinghub benchmark; pages that
come with segments only, by how many wanted and unwanted ones are in the text. trafilatura is always there;
readability, resiliparse, newspaper4k, goose3, jusText and boilerpy3 where they are installed (``anchors.txt``).
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, median
from typing import Any

from benchmarks import anchors, measure
from scrapers import extract, feeds, pages, registry
from tocsin.config import Feed
from tocsin.model import Fetched

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2] / "shared"))
PAGES = SHARED / "data" / "pages-dev"
CORPORA = ("sh", "fundus", "readability")
POOLED = ("sh", "fundus")
_UNSEEN = dict.fromkeys(map(ord, "\xad\u200b\u200c\u200d\u2060\ufeff"))  # no letters: some keep them, some do not
Score = tuple[float, float, float]
Row = dict[str, Any]


def main() -> None:
    """Print the figures that the documentation quotes."""
    _feeds()
    if not (PAGES / "truth.jsonl.gz").exists():
        print(f"no pages under {PAGES}: the quality part is left out (set TOCSIN_SHARED)")
        return
    print(measure.machine())
    with gzip.open(PAGES / "truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        truth: list[Row] = [json.loads(line) for line in lines]
    print(_HEAD)
    for name in ("tocsin", *anchors.available()):
        # a process for each, so that memory and tables of one are not counted for the next
        with get_context("spawn").Pool(1) as process:
            results, peak = process.apply(_read_all, (name, truth))
        _report(name, truth, results, peak)


def _read_all(name: str, truth: list[Row]) -> tuple[dict[str, dict[str, Any]], int]:
    """What one extractor makes of every page, with its CPU time in ms; and the peak memory of it all, in MiB."""
    if name == "tocsin":
        registry.all_sites = dict  # the generic rung alone: no site is known to it
    read = _ours if name == "tocsin" else anchors.reader(name)
    read(_html(truth[0]), truth[0]["url"])  # imports and tables are loaded once, not per page
    results = {}
    for row in truth:
        html = _html(row)
        started = time.process_time()
        results[row["id"]] = {**read(html, row["url"]), "ms": 1000 * (time.process_time() - started)}
    return results, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _html(row: Row) -> str:
    return pages.decode_bytes(gzip.decompress((PAGES / row["path"]).read_bytes()))


def _ours(html: str, url: str) -> dict[str, Any]:
    return extract.line({"id": 0, "url": url, "html": html}, base=None, more=True)


_HEAD = (
    f"{'':27}{'corpus':12} {'F1':6} {'95 %':13} {'P':6} {'R':6} {'lost':>5} {'ms median':>9} {'mean':>5}   peak MiB;"
    " rung and its ms"
)


def _report(name: str, truth: list[Row], results: dict[str, dict[str, Any]], peak: int) -> None:
    whole = {corpus: [row for row in truth if row["corpus"] == corpus and row["texts"]] for corpus in CORPORA}
    for corpus, rows in (*whole.items(), ("pooled", [row for c in POOLED for row in whole[c]])):
        scores = [
            max((_score(t, results[row["id"]]["text"] or "") for t in row["texts"]), key=lambda s: s[2]) for row in rows
        ]
        low, high = _interval([s[2] for s in scores])
        precision, recall, f1 = (fmean(column) for column in zip(*scores, strict=True))
        each = [results[row["id"]]["ms"] for row in rows]
        lost = sum(s[2] < 0.5 for s in scores)
        print(
            f"{name:27}{corpus:12} {f1:.4f} [{low:.3f}-{high:.3f}] {precision:.4f} {recall:.4f} {lost:5} "
            f"{median(each):9.1f} {fmean(each):5.1f}" + (f" {peak:10}" if corpus == "pooled" else "")
        )
    print(f"{name:27}{_segments([row for row in truth if row['segments_in']], results)}")
    _metadata(name, [row for row in truth if row["titles"]], results)
    if name == "tocsin":
        _rungs(truth, results)
    sys.stdout.flush()


def _segments(rows: list[Row], results: dict[str, dict[str, Any]]) -> str:
    """Share of wanted and unwanted pieces of text that were taken, over all pages."""
    wanted = taken = false = 0
    for row in rows:
        text = " ".join((results[row["id"]]["text"] or "").split())
        wanted += len(row["segments_in"])
        taken += sum(" ".join(s.split()) in text for s in row["segments_in"])
        false += sum(" ".join(s.split()) in text for s in row["segments_out"])
    f1 = 2 * taken / max(wanted + taken + false, 1)
    return f"segments     {f1:.4f} P {taken / max(taken + false, 1):.4f} R {taken / max(wanted, 1):.4f}"


def _rungs(truth: list[Row], results: dict[str, dict[str, Any]]) -> None:
    """How often each rung was taken on the pages with known text, and what it cost."""
    spent: dict[str, list[float]] = {}
    for row in truth:
        result = results[row["id"]]
        if row["corpus"] in POOLED and result["rung"]:
            spent.setdefault(result["rung"], []).append(result["ms"])
    print(f"{'':27}rungs: " + ", ".join(f"{rung} {len(ms)} (median {median(ms):.1f} ms)" for rung, ms in spent.items()))


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.translate(_UNSEEN))
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


def _metadata(name: str, rows: list[Row], results: dict[str, dict[str, Any]]) -> None:
    marks: dict[str, list[bool]] = {"title exact": [], "day": [], "minute": [], "authors": []}
    for row in rows:
        got = results[row["id"]]
        if row["corpus"] != "fundus" or "title" not in got:
            continue
        marks["title exact"].append(_squeeze([got["title"] or ""]) <= _squeeze(row["titles"]))
        if row["authors"]:
            marks["authors"].append(_squeeze(got.get("authors") or ()) == _squeeze(row["authors"]))
        wanted = datetime.fromisoformat(row["published"].replace("Z", "+00:00"))
        found = datetime.fromisoformat(got["published"]) if got.get("published") else None
        marks["day"].append(found is not None and found.date() == wanted.date())
        if len(row["published"]) > 10 and wanted.tzinfo is not None:
            close = found is not None and found.tzinfo is not None and abs((found - wanted).total_seconds()) < 60
            marks["minute"].append(close)
    told = [f"{what} {fmean(hits):.3f} ({len(hits)})" for what, hits in marks.items() if hits]
    if told:
        print(f"{name:27}fundus: {', '.join(told)}")


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
