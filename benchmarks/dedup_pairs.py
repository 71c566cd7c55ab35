"""Deduplication, pair by pair: copies against siblings of one form, invented ones and ones judged by hand.

``data/judged.tsv`` holds ids and judgements only; the texts are there where TOCSIN_SHARED is. The weights of
the score were fitted to the invented pairs and to "hard" and "joined before"; "held out" was drawn like "hard" and
judged afterwards; "sample" was drawn from what is joined, for its precision (note 0093). A "report" tells the same
story in words of its own: no copy, and no sibling.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.siblings import auc, containment, edits, joined, likeness, pairs
from tocsin.dedup.keys import words
from tocsin.model import Article
from tocsin.text import language

JUDGED = Path(__file__).parent / "data" / "judged.tsv"
PER_HOUR = 18  # Reuters items of 1987, which are numbered and not dated
START = datetime(1987, 3, 1, tzinfo=UTC)
Row = tuple[Article, Article, bool]


def run(shared: Path) -> None:
    """Print the figures of invented pairs, and of judged ones where their texts are."""
    told("invented pairs", [(p.first, p.second, p.same) for p in pairs()])
    told("edits and siblings, none fitted", [(p.first, p.second, p.same) for p in edits()])
    if not (shared / "data" / "dedup-dev").exists():
        return
    rows = judged(shared / "data" / "dedup-dev")
    for name, drawn in (("judged, fitted", ("hard", "joined")), ("judged, held out", ("held out",))):
        some = [(a, b, what) for how, a, b, what in rows if how.startswith(drawn)]
        told(name, [(a, b, what == "copy") for a, b, what in some if what in {"copy", "sibling"}])
        told(f"{name}, with other reports", [(a, b, what != "sibling") for a, b, what in some if what != "unsure"])


def told(name: str, rows: Sequence[Row]) -> None:
    """One line for ours and one for each peer."""
    same = [copy for *_, copy in rows]
    print(f"{name}: {sum(same)} copies, {len(same) - sum(same)} siblings")
    scores: dict[str, Callable[[Article, Article], float]] = {
        "Tocsin's likeness": likeness,
        "containment of 5-word shingles": containment,
        "MinHash (rensa 128)": jaccard,
    }
    for peer, score in scores.items():
        print(f"  {peer}: AUC {auc([score(a, b) for a, b, _ in rows], same):.3f}")
    found = [joined(a, b) for a, b, _ in rows]
    both = sum(f and s for f, s in zip(found, same, strict=True))
    precision, recall = both / max(1, sum(found)), both / max(1, sum(same))
    f1 = 2 * both / max(1, sum(found) + sum(same))
    print(f"  Tocsin's decision: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}", flush=True)


def jaccard(first: Article, second: Article) -> float:
    """What MinHash says of two texts."""
    from rensa import RMinHash

    sketches = []
    for article in (first, second):
        folded = words(article.text)
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update([" ".join(folded[i : i + 3]) for i in range(max(1, len(folded) - 2))])
        sketches.append(sketch)
    return float(sketches[0].jaccard(sketches[1]))


def judged(folder: Path) -> list[tuple[str, Article, Article, str]]:
    """How each pair was drawn, its articles, the earlier first, and the judgement."""
    known = {name: _articles(folder / f"{name}.jsonl.gz") for name in ("arabic-week", "reuters-even")}
    with JUDGED.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        (row["drawn"], known[row["collection"]][row["one"]], known[row["collection"]][row["other"]], row["judged"])
        for row in rows
    ]


def _articles(path: Path) -> dict[str, Article]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return {row["id"]: _article(row) for row in map(json.loads, file)}


def _article(row: dict[str, Any]) -> Article:
    at = START + timedelta(hours=row["n"] / PER_HOUR) if "n" in row else datetime.fromisoformat(row["published"])
    # pairs of one address would be one article
    title, text = row["title"], row["text"]
    tongue = language(f"{title}\n{text}")
    return Article(f"https://{row['id']}.example/a", title, text, tongue, published=at.replace(tzinfo=UTC))
