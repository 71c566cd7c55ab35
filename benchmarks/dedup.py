"""Deduplication: speed at 100,000 articles, and quality on a generated wire stress set beside MinHash in the same run.

The stress set is made from texts that are only there at run time (``TOCSIN_SHARED``); without them the
quality part says so and is left out. BENCH_DOCS sets the size of the archive, BENCH_SOURCES of the stress set.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from tocsin import dedup
from tocsin.archive import Archive
from tocsin.archive.rows import pack_prints
from tocsin.dedup.keys import SAMPLE, shingles, words
from tocsin.model import Article, Outcome

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2] / "shared"))
NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
DOCS = int(os.environ.get("BENCH_DOCS", "100000"))
SOURCES = int(os.environ.get("BENCH_SOURCES", "120"))
PRINTS = 47  # of an article of 280 words

_ROW = """INSERT INTO article (
    id, url, title, text, language, authors, publisher, section, origins, canonical_url, feed, identity, status, rung,
    text_hash, version_hash, prints, at, relation, overlap, why, first_seen, last_seen)
    VALUES (?, ?, 'Title', ?, 'en', '[]', '', '', '[]', '', '', '', 'full', '', ?, ?, ?, ?, '', 0, '', ?, ?)"""


def main() -> None:
    """Print the figures of both parts."""
    speed()
    quality()


# ------------------------------------------------------------------ speed


def speed() -> None:
    """Look-ups and whole writes in a file of ``DOCS`` articles."""
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "tocsin.db") as archive:
        r = random.Random(1)
        fill(archive, r)
        size = archive.value("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        lexicon = ["".join(r.choices("abcdefghijklmnoprstuvy", k=r.randint(2, 9))) for _ in range(20_000)]
        texts = [" ".join(r.choices(lexicon, k=280)) for _ in range(1000)]
        found = [dedup.keys(Article(f"https://n.example/{n}", f"Story {n}", text)) for n, text in enumerate(texts)]
        known = [tuple(sorted(r.sample(range(SAMPLE), PRINTS))) for _ in range(500)]
        look_ups = [timed(lambda p=p: archive._sharing(p)) for p in [k.prints for k in found[:500]] + known]
        print(f"{DOCS} articles, {size / DOCS:.0f} B each without their text")
        print("look-up of one article's prints, ms CPU:", spread(look_ups))
        writes = []
        start, cpu = time.perf_counter(), time.process_time()
        for n, text in enumerate(texts):
            writes.append(timed(lambda n=n, text=text: write(archive, n, text), time.perf_counter))
        wall, used = time.perf_counter() - start, time.process_time() - cpu
        print(f"keys + decide + store, one durable transaction each: {len(texts) / used:.0f} docs/cpu-s,", end=" ")
        print(f"{len(texts) / wall:.0f} docs/s wall; ms wall: {spread(writes)}")


def fill(archive: Archive, r: random.Random) -> None:
    """Synthetic articles: a third are near-copies of an earlier one, every one carries some boilerplate."""
    boiler = [r.randrange(SAMPLE) for _ in range(200)]
    recent: list[list[int]] = []
    at = NOW.isoformat()
    for start in range(0, DOCS, 5000):
        rows, postings = [], []
        for n in range(start + 1, min(start + 5000, DOCS) + 1):
            prints = [r.randrange(SAMPLE) for _ in range(PRINTS - 3)] + r.sample(boiler, 3)
            if recent and r.random() < 0.35:
                prints = r.choice(recent)[: r.randint(24, PRINTS)] + prints[: r.randint(4, 16)]
            recent = [*recent[-500:], prints]
            kept = tuple(sorted(set(prints)))
            rows.append((n, f"https://s.example/{n}", "A text.", f"h{n}", f"v{n}", pack_prints(kept), at, at, at))
            postings += [(h, n) for h in kept]
        with archive.transaction():
            archive.executemany(_ROW, rows)
            archive.executemany("INSERT OR IGNORE INTO fp (h, d) VALUES (?, ?)", sorted(postings))


def write(archive: Archive, n: int, text: str) -> None:
    """One article, as the pipeline writes it."""
    article = Article(f"https://n.example/{n}", f"Story {n}", text, published=NOW)
    keys = dedup.keys(article)
    with archive.transaction():
        archive.store(article, keys, archive.decide(article, keys, now=NOW), now=NOW)


def timed(action: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Milliseconds that an action takes."""
    start = clock()
    action()
    return (clock() - start) * 1000


def spread(values: list[float]) -> str:
    """Median and 99th percentile."""
    return f"p50 {statistics.median(values):.2f}, p99 {sorted(values)[int(len(values) * 0.99)]:.2f}"


# ------------------------------------------------------------------ quality


def quality() -> None:
    """B-cubed, missed events and joined copies on the stress set, and the same of MinHash."""
    tool = SHARED / "tools" / "dedup_score.py"
    if not tool.exists():
        print("quality: left out, the texts are not here (TOCSIN_SHARED)")
        return
    score = load(tool)
    for seed in (7, 11):
        docs = score.generate(sources(seed), seed)
        print(f"seed {seed}: {len(docs)} documents of {SOURCES} sources")
        for name, method in (("Tocsin", by_tocsin), ("MinHash (rensa 32 x 4, J .25)", by_minhash)):
            report(score, name, docs, method)


def load(path: Path) -> ModuleType:
    """A script as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def sources(seed: int) -> list[dict[str, Any]]:
    """Texts in French, English, Arabic and German that share little with each other."""
    r = random.Random(seed)
    pool = [row for name in ("arabic-week", "reuters-even", "ntrex-even") for row in read(name, r)]
    r.shuffle(pool)
    chosen: list[dict[str, Any]] = []
    seen: list[frozenset[int]] = []
    for row in pool:
        those = frozenset(shingles(words(row["text"])))
        if all(len(those & other) < 0.2 * min(len(those), len(other)) for other in seen):
            chosen.append({"id": row["id"], "lang": row["language"], "title": row["title"], "text": row["text"]})
            seen.append(those)
        if len(chosen) == SOURCES:
            break
    return chosen


def read(name: str, r: random.Random) -> Iterator[dict[str, Any]]:
    """Some texts of one collection; of a translated document only one language."""
    with gzip.open(SHARED / "data" / "dedup-dev" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if 600 < len(row["text"]) < 6000]
    if name.startswith("ntrex"):
        events = sorted({row["event"] for row in rows})
        wanted = {event: r.choice(("fr", "en", "de")) for event in events}
        yield from (row for row in rows if row["language"] == wanted[row["event"]])
        return
    yield from r.sample(rows, SOURCES // 2)


def by_tocsin(docs: list[dict[str, Any]]) -> Iterator[object]:
    """The family of each document in turn."""
    with Archive.memory() as archive:
        for n, doc in enumerate(docs):
            at = NOW + timedelta(hours=20 * doc["t"])
            article = Article(f"https://s{n % 40}.example/{n}", doc["title"], doc["text"], published=at)
            keys = dedup.keys(article)
            with archive.transaction():
                decision = archive.decide(article, keys, now=at)
                stored = archive.store(article, keys, decision, now=at)
            yield decision.of if decision.outcome is Outcome.COPY else stored.id


def by_minhash(docs: list[dict[str, Any]]) -> Iterator[object]:
    """The family of each document in turn: that of the most similar earlier one."""
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=0.25, num_perm=128, num_bands=32)
    sketches: list[Any] = []
    family: list[int] = []
    for n, doc in enumerate(docs):
        folded = words(doc["text"])
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update([" ".join(folded[i : i + 3]) for i in range(max(1, len(folded) - 2))])
        best = max(((sketch.jaccard(sketches[m]), -m) for m in index.query(sketch)), default=(0.0, 0))
        family.append(family[-best[1]] if best[0] >= 0.25 else n)
        sketches.append(sketch)
        index.insert(n, sketch)
        yield family[n]


def report(score: ModuleType, name: str, docs: list[dict[str, Any]], method: Callable[..., Iterator[object]]) -> None:
    """One line of figures."""
    start = time.process_time()
    labels = [str(label) for label in method(docs)]
    used = time.process_time() - start
    scored = [(doc, label) for doc, label in zip(docs, labels, strict=True) if doc.get("score") is not False]
    truth = {doc["id"]: doc["cluster"] for doc, _ in scored}
    pred = {doc["id"]: label for doc, label in scored}
    order = [doc["id"] for doc, _ in scored]
    clusters, alerts = score.cluster_scores(truth, pred), score.alert_scores(order, truth, pred)
    own = {doc["cluster"]: label for doc, label in scored if doc["op"] == "source"}
    copies = [
        label == own[doc["cluster"]] for doc, label in scored if doc["op"] not in ("source",) and "neg" not in doc["op"]
    ]
    false = [label == own[doc["source"]] for doc, label in scored if doc["op"] == "neg_background"]
    print(
        f"  {name}: B-cubed F1 {clusters['b3_f1']:.3f} (P {clusters['b3_p']:.3f}, R {clusters['b3_r']:.3f}), "
        f"pairs F1 {clusters['pair_f1']:.3f}, missed events {alerts['missed']} of {alerts['events']}, "
        f"copies joined {sum(copies) / len(copies):.3f}, "
        f"background false merges {sum(false) / max(1, len(false)):.3f}, "
        f"{len(docs) / used:.0f} docs/cpu-s"
    )
