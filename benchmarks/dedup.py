"""Deduplication: quality on generated wire stress sets and real reprints, MinHash in the same run; then speed.

The stress set is made from texts that are only there at run time (``TOCSIN_SHARED``); without them the
quality part says so and is left out.
BENCH_SEEDS and BENCH_SOURCES set the stress sets, BENCH_REAL the number of real articles; ``dedup_speed`` the rest.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks import dedup_pairs, dedup_speed, dedup_urls
from tocsin import dedup
from tocsin.archive import Archive
from tocsin.dedup.keys import shingles, words
from tocsin.model import Article, Outcome

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2] / "shared"))
NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
SEEDS = [int(seed) for seed in os.environ.get("BENCH_SEEDS", "7,11,23").split(",")]
REAL = int(os.environ.get("BENCH_REAL", "8000"))
SOURCES = int(os.environ.get("BENCH_SOURCES", "120"))
WINDOW = timedelta(hours=72)


def main() -> None:
    """Print the quality on the stress sets and on real reprints, then the speed."""
    quality()
    reprints()
    dedup_pairs.run(SHARED)
    dedup_urls.run(SHARED)
    dedup_speed.main()


# ------------------------------------------------------------------ quality


def quality() -> None:
    """B-cubed, missed events and joined copies on the stress set, and the same of MinHash."""
    tool = SHARED / "tools" / "dedup_score.py"
    if not tool.exists():
        print("quality: left out, the texts are not here (TOCSIN_SHARED)")
        return
    score = load(tool)
    for seed in SEEDS:
        docs = score.generate(sources(seed), seed)
        print(f"seed {seed}: {len(docs)} documents of {SOURCES} sources")
        for name, method in (("Tocsin", by_tocsin), ("MinHash (rensa 32 x 4, J .25)", by_minhash)):
            report(score, name, docs, method)


def reprints() -> None:
    """Real reprints: pairs within 72 hours by the exact containment of their 5-word shingles, joined or not.

    "Found" counts, besides copies, pairs whose families the archive says share text (``tocsin show``).
    """
    if not (SHARED / "data" / "dedup-dev").exists():
        return
    with gzip.open(SHARED / "data" / "dedup-dev" / "arabic-week.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = sorted(map(json.loads, file), key=lambda row: str(row["published"]))
    parts = [("looked at", rows[:REAL]), ("held out", rows[REAL : 2 * REAL])]
    for name, some in parts:
        times = [_time(row) for row in some]
        pairs = overlapping(some, times)
        families, shared = by_tocsin_real(some, times)
        minhash = list(by_minhash(some))
        ways: dict[str, Callable[[int, int], bool]] = {
            "Tocsin, copies": lambda a, b, f=families: f[a] == f[b],
            "Tocsin, found": lambda a, b, f=families, s=shared: f[a] == f[b] or (f[a], f[b]) in s or (f[b], f[a]) in s,
            "MinHash (rensa)": lambda a, b, f=minhash: f[a] == f[b],
        }
        for way, joined in ways.items():
            line = []
            for low, high in ((0.8, 1.01), (0.5, 0.8), (0.3, 0.5)):
                banded = [pair for pair, share in pairs.items() if low <= share < high]
                line.append(f">= {low}: {sum(joined(*p) for p in banded) / max(1, len(banded)):.3f} of {len(banded)}")
            print(f"real reprints, {name}, {len(some)} articles, {way}: {', '.join(line)}", flush=True)


def _time(row: dict[str, Any]) -> datetime:
    at = datetime.fromisoformat(row["published"])
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def overlapping(rows: list[dict[str, Any]], times: list[datetime]) -> dict[tuple[int, int], float]:
    """Pairs that share three tenths of the shorter one's 5-word shingles."""
    having: dict[int, list[int]] = {}
    sizes: list[int] = []
    found: dict[tuple[int, int], float] = {}
    for n, row in enumerate(rows):
        folded = words(row["text"])
        grams = {hash(folded[i : i + 5]) for i in range(len(folded) - 4)}
        sizes.append(len(grams))
        shared: Counter[int] = Counter()
        for gram in grams:
            others = having.setdefault(gram, [])
            if len(others) <= 200:
                shared.update(others)
            others.append(n)
        for m, count in shared.items():
            share = count / min(len(grams), sizes[m])
            if share >= 0.3 and min(len(grams), sizes[m]) >= 8 and abs(times[n] - times[m]) <= WINDOW:
                found[m, n] = share
    return found


def by_tocsin_real(rows: list[dict[str, Any]], times: list[datetime]) -> tuple[list[int], set[tuple[int, int]]]:
    """The family of each real article, under its own address, as it is at the end; and which families share text."""
    with Archive.memory() as archive:
        ids = []
        for row, at in zip(rows, times, strict=True):
            article = Article(row["url"], row["title"], row["text"], "ar", published=at)
            keys = dedup.keys(article)
            with archive.transaction():
                ids.append(archive.store(article, keys, archive.decide(article, keys, now=at), now=at).id)
        families = {r["id"]: r["root"] for r in archive.query("SELECT id, coalesce(copy_of, id) AS root FROM article")}
        shared = {
            (families[r["article"]], families[r["other"]]) for r in archive.query("SELECT article, other FROM part")
        }
        return [families[number] for number in ids], shared


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
            article = Article(f"https://s{n % 40}.example/{n}", doc["title"], doc["text"], doc["lang"], published=at)
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
    cut = [label == own[doc["cluster"]] for doc, label in scored if doc["op"] == "cut" and doc["level"] == 3]
    teaser = [label == own[doc["cluster"]] for doc, label in scored if doc["op"] == "teaser" and doc["level"] == 3]
    false = [label == own[doc["source"]] for doc, label in scored if doc["op"] == "neg_background"]
    print(
        f"  {name}: B-cubed F1 {clusters['b3_f1']:.3f} (P {clusters['b3_p']:.3f}, R {clusters['b3_r']:.3f}), "
        f"pairs P {clusters['pair_p']:.3f} R {clusters['pair_r']:.3f} "
        f"F1 {clusters['pair_f1']:.3f}, missed events {alerts['missed']} of {alerts['events']}, "
        f"copies joined {sum(copies) / len(copies):.3f}, "
        f"cut to 30 % {sum(cut) / len(cut):.3f}, one sentence {sum(teaser) / len(teaser):.3f}, "
        f"background false merges {sum(false) / max(1, len(false)):.3f}, "
        f"{len(docs) / used:.0f} docs/cpu-s"
    )
