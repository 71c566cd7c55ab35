"""Deduplication, speed: look-ups and whole writes at 100 thousand and 1 million articles; two writers.

BENCH_DOCS names the sizes, such as "100000,1000000"; ``--full`` adds 5 million. Prints are synthetic (a third
near-copies, all with boilerplate), spread over three months as the hot window keeps them; older articles have no
postings. The texts are stubs: bytes are those of everything but the text.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tocsin import dedup
from tocsin.archive import Archive
from tocsin.archive.rows import pack_prints
from tocsin.dedup.keys import SAMPLE
from tocsin.errors import ArchiveError
from tocsin.model import Article

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
PRINTS = 47  # of an article of 280 words
SHARED = 10_000  # articles that two writers both bring

_ROW = """INSERT INTO article (
    id, url, title, text, language, authors, publisher, section, origins, canonical_url, feed, identity, status, rung,
    text_hash, version_hash, prints, at, relation, overlap, why, first_seen, last_seen)
    VALUES (?, ?, 'Title', ?, 'en', '[]', '', '', '[]', '', '', '', 'full', '', ?, ?, ?, ?, '', 0, '', ?, ?)"""


def main() -> None:
    """Print the figures of every size, then of two writers."""
    sizes = [int(size) for size in os.environ.get("BENCH_DOCS", "100000,1000000").split(",")]
    if "--full" in sys.argv:
        sizes.append(5_000_000)
    for size in sizes:
        measure(size)
    writers()


def measure(size: int) -> None:
    """Look-ups and whole writes in a file of ``size`` articles."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tocsin.db"
        start = time.process_time()
        with Archive.open(path) as archive:
            known = fill(archive, size)
            pages = archive.value("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        each = pages / size
        took = time.process_time() - start
        print(f"{size:,} articles: {each:.0f} B each without their text, filled in {took:.0f} s CPU", flush=True)
        evict(path)
        start = time.perf_counter()
        with Archive.open(path) as archive:
            archive.sharing(known[0], NOW)
            print(f"  open and first look-up, file not cached: {(time.perf_counter() - start) * 1000:.1f} ms")
            rounds = [("cold", known[1:301]), ("warm", known[1:301])]
            for name, prints in rounds:
                timed_both(f"look-up, {name}", [lambda p=p: archive.sharing(p, NOW) for p in prints])
            r = random.Random(2)
            lexicon = ["".join(r.choices("abcdefghijklmnoprstuvy", k=r.randint(2, 9))) for _ in range(20_000)]
            texts = [" ".join(r.choices(lexicon, k=280)) for _ in range(1500)]
            texts = [text if n % 3 else texts[n - 1][:1500] for n, text in enumerate(texts)]
            timed_both("whole path", [lambda n=n, t=t: write(archive, n, t) for n, t in enumerate(texts)])
            cpu, wall = time.process_time(), time.perf_counter()
            read = archive.read_new()
            spent = (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000
            each = f"{spent[0] / read:.2f} ms CPU, {spent[1] / read:.2f} ms wall an article"
            print(f"  search index, after the fact: {each}")
            for name, low in (("1 word", 1), ("3 words", 3)):
                asked = [" ".join(r.sample(lexicon, low)) for _ in range(100)]
                timed_both(f"search, {name}", [lambda q=q: archive.search(q) for q in asked])


def fill(archive: Archive, size: int) -> list[tuple[int, ...]]:
    """Synthetic articles, the last 40 % of them in the three months of the hot window; prints of some."""
    r = random.Random(1)
    boiler = [r.randrange(SAMPLE) for _ in range(200)]
    recent: list[list[int]] = []
    known: list[tuple[int, ...]] = []
    hot = {"fp_202601": (0.6, 0.74), "fp_202602": (0.74, 0.87), "fp_202603": (0.87, 1.0)}
    step = size // 100
    for start in range(0, size, step):
        table = next((name for name, (a, b) in hot.items() if a <= start / size < b), None)
        at = (NOW - timedelta(days=90 * (1 - start / size) / 0.4)).isoformat()
        rows, names, postings = [], [], []
        for n in range(start + 1, min(start + step, size) + 1):
            prints = [r.randrange(SAMPLE) for _ in range(PRINTS - 3)] + r.sample(boiler, 3)
            if recent and r.random() < 0.35:
                prints = r.choice(recent)[: r.randint(24, PRINTS)] + prints[: r.randint(4, 16)]
            recent = [*recent[-500:], prints]
            kept = tuple(sorted(set(prints)))
            if table == "fp_202603" and len(known) < 400:
                known.append(kept)
            rows.append(
                (n, f"https://s.example/{n}", "A text.", f"h{n:031}", f"v{n:031}", pack_prints(kept), at, at, at)
            )
            names.append((f"u:https://s.example/{n}", n))
            if table:
                postings += [(h, n) for h in kept]
        with archive.transaction():
            archive.executemany(_ROW, rows)
            archive.executemany("INSERT INTO name (key, article) VALUES (?, ?)", names)
            if table:
                archive.post_all(sorted(postings), table)
    return known


def write(archive: Archive, n: int, text: str) -> None:
    """One article, as the pipeline writes it; the search index reads it later."""
    article = Article(f"https://n.example/{n}", f"Story {n}", text, published=NOW)
    keys = dedup.keys(article)
    with archive.transaction():
        archive.store(article, keys, archive.decide(article, keys, now=NOW), now=NOW)


def evict(path: Path) -> None:
    """Ask the kernel to forget the file's pages."""
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)


def timed_both(name: str, actions: list[Callable[[], object]]) -> None:
    """CPU and wall of each action, in milliseconds."""
    cpu, wall = [], []
    for action in actions:
        c, w = time.process_time(), time.perf_counter()
        action()
        cpu.append((time.process_time() - c) * 1000)
        wall.append((time.perf_counter() - w) * 1000)
    rate = f"{1000 * len(actions) / sum(wall):.0f}/s wall, {1000 * len(actions) / sum(cpu):.0f}/s CPU"
    print(f"  {name}, ms: CPU {spread(cpu)}; wall {spread(wall)}; {rate}", flush=True)


def spread(values: list[float]) -> str:
    """Median, mean and 99th percentile."""
    p99 = sorted(values)[int(len(values) * 0.99)]
    return f"p50 {statistics.median(values):.2f} mean {statistics.mean(values):.2f} p99 {p99:.2f}"


def writers(shared: int = SHARED) -> None:
    """Two processes bring the same articles at the same time: each text may be stored as original once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tocsin.db"
        Archive.open(path).close()
        start = time.perf_counter()
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            errors = sum(pool.starmap(_writer, [(str(path), name, shared) for name in "ab"]))
        with Archive.open(path) as archive:
            originals = "SELECT 1 FROM article WHERE copy_of IS NULL GROUP BY text_hash HAVING count(*) > 1"
            twice = archive.value(f"SELECT count(*) FROM ({originals})")
            stored, copies = (archive.value(f"SELECT count({what}) FROM article") for what in ("*", "copy_of"))
        took = time.perf_counter() - start
        print(
            f"two writers, {shared:,} articles each: {twice} stored twice as new, {errors} lock errors, "
            f"{stored - copies} originals, {copies} copies, "
            f"{2 * shared / took:.0f}/s together"
        )


def _writer(path: str, name: str, shared: int) -> int:
    errors = 0
    with Archive.open(Path(path)) as archive:
        for n in range(shared):
            words = random.Random(n)
            text = " ".join("".join(words.choices("abcdefghij", k=7)) for _ in range(60))
            article = Article(f"https://{name}.example/{n}", f"Story {text[:30]}", text, published=NOW)
            keys = dedup.keys(article)
            try:
                with archive.transaction():
                    archive.store(article, keys, archive.decide(article, keys, now=NOW), now=NOW)
            except ArchiveError:
                errors += 1
    return errors
