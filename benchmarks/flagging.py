"""How well the scorer flags: cross-validated on the private labelled set, and what an article costs.

The cross-validation keeps near-twins together; "unseen sources" keeps whole sources (for web pages: hosts) apart,
"unseen languages" whole languages. The own corpus and its bare headlines are in every training part. The shipped
weights are fitted to all of it, so only the cross-validated figures say what to expect on a new feed.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tocsin.config import Watch
from tocsin.flagging import assess
from tocsin.flagging.scorer import probability, weights
from tocsin.flagging.train import fit, headlines, load, table

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2] / "shared"))
DATA = SHARED / "data" / "flagging-dev.jsonl"
OWN = Path(__file__).parents[1] / "tests" / "corpus" / "flags"
FOLDS, TWIN = 8, 0.2  # share of words two items have in common: near-twins stay in one fold


def rating(scores: Sequence[float], labels: Sequence[int], at: float = 0.5) -> str:
    """Precision, recall and F1 in one line."""
    both = sum(s >= at and bool(y) for s, y in zip(scores, labels, strict=True))
    flagged, wanted = sum(s >= at for s in scores), sum(labels)
    precision, recall = both / max(flagged, 1), both / max(wanted, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    wrong = f"{flagged - both} false alarms, {wanted - both} missed"
    return f"P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  ({wrong}, {wanted} of {len(labels)} positive)"


def twins(rows: Sequence[dict[str, Any]]) -> list[int]:
    """The cluster of each row: rows that share many words, directly or through others."""
    words = [set(re.findall(r"\w+", (row["title"] + " " + row["text"][:300]).lower())) for row in rows]
    parent = list(range(len(rows)))
    for i, mine in enumerate(words):
        for j in range(i):
            if len(mine & words[j]) > TWIN * len(mine | words[j]):
                parent = [parent[j] if p == parent[i] else p for p in parent]
    return parent


def cross(rows: list[dict[str, Any]], own: list[dict[str, Any]], groups: Sequence[Hashable], folds: int) -> list[float]:
    """The score of each row by a model that saw none of its group."""
    from sklearn.model_selection import StratifiedGroupKFold

    own = own + headlines(own)
    items, extra = table(rows), table(own)
    labels, more = ([int(row["label"] == "positive") for row in part] for part in (rows, own))
    scores = [0.0] * len(rows)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    for train, test in splitter.split(items, labels, groups):
        weight = [1.0] * len(train) + [row.get("weight", 1.0) for row in own]
        model = fit([items[i] for i in train] + extra, [labels[i] for i in train] + more, weight)
        for i in test:
            scores[i] = probability(model[0] + sum(model[1].get(n, 0.0) * v for n, v in items[i].items()))
    return scores


def reliability(scores: Sequence[float], labels: Sequence[int]) -> None:
    """The Brier score, and how often what is scored so is positive."""
    brier = sum((s - y) ** 2 for s, y in zip(scores, labels, strict=True)) / len(labels)
    print(f"Brier score {brier:.4f}; reliability (scored, positive, items):")
    for low in (0.0, 0.1, 0.25, 0.5, 0.75, 0.9):
        high = {0.0: 0.1, 0.1: 0.25, 0.25: 0.5, 0.5: 0.75, 0.75: 0.9, 0.9: 1.01}[low]
        part = [(s, y) for s, y in zip(scores, labels, strict=True) if low <= s < high]
        if part:
            mean, share = sum(s for s, _ in part) / len(part), sum(y for _, y in part) / len(part)
            print(f"  {mean:.2f}  {share:.2f}  {len(part):4d}  {'#' * round(40 * share)}")


def main() -> None:
    """Print the figures."""
    own = load(sorted(OWN.glob("*.jsonl")))
    if DATA.exists():
        _labelled(load([DATA]), own)
    else:
        print(f"{DATA} is not here: set TOCSIN_SHARED for the cross-validated figures")
    watch = Watch(id="iraq-security")
    shipped = [assess(r["title"], r["text"], language=r["lang"], watch=watch).score for r in own]
    print(
        f"own corpus, shipped weights (fitted on it): {rating(shipped, [int(r['label'] == 'positive') for r in own])}"
    )
    _speed(own, watch)


def _labelled(rows: list[dict[str, Any]], own: list[dict[str, Any]]) -> None:
    labels = [int(row["label"] == "positive") for row in rows]
    scores = cross(rows, own, twins(rows), FOLDS)
    print(f"{len(weights().weight)} weights; cross-validated in {FOLDS} folds, near-twins together:")
    print(f"  all  {rating(scores, labels)}")
    for code in sorted({row["lang"] for row in rows}):
        here = [i for i, row in enumerate(rows) if row["lang"] == code]
        print(f"  {code:4s} {rating([scores[i] for i in here], [labels[i] for i in here])}")
    reliability(scores, labels)
    hosts = [row["source"] if row["source"] != "pages" else urlsplit(row["url_or_repo"]).netloc for row in rows]
    print(f"unseen sources:   {rating(cross(rows, own, hosts, FOLDS), labels)}")
    print(f"unseen languages: {rating(cross(rows, own, [row['lang'] for row in rows], 6), labels)}")


def _speed(own: list[dict[str, Any]], watch: Watch) -> None:
    """Articles of about 350 words, one in five flagged; scoring and coding on one core."""
    texts = []
    for row in own:
        if row["lang"] in {"en", "fr", "ar", "nl", "de"} and (row["label"] == "negative" or row["id"].endswith("1")):
            words = (row["text"] + "\n").split(" ")
            texts.append((row["title"], " ".join((words * (350 // len(words) + 1))[:350]), row["lang"]))
    started = time.perf_counter()
    flagged = sum(assess(title, text, language=code, watch=watch).flagged for title, text, code in texts)
    took = time.perf_counter() - started
    print(
        f"speed: {len(texts) / took:,.0f} articles of 350 words a second ({flagged} of {len(texts)} flagged and coded)"
    )


if __name__ == "__main__":
    print(json.dumps({"data": str(DATA.name)}))
    main()
