"""How well the scorer flags: cross-validated on the private labelled set, and what an article costs.

The cross-validation keeps near-twins together; "unseen sources" keeps whole sources (for web pages: hosts) apart,
"unseen languages" whole languages. The own corpus and its bare headlines are in every training part. The shipped
weights are fitted to all of it, so only the cross-validated figures say what to expect on a new feed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.measure import HEAD, bins, brier, machine, picture, row
from tocsin.config import Watch
from tocsin.flagging import assess
from tocsin.flagging.scorer import probability, weights
from tocsin.flagging.train import fit, headlines, load, table

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2] / "shared"))
DATA = SHARED / "data" / "flagging-dev.jsonl"
OWN = Path(__file__).parents[1] / "tocsin" / "flagging" / "corpus"
HELD = Path(__file__).parents[1] / "tests" / "corpus" / "held"
BLIND = HELD.parent / "blind"  # written and labelled by people who had not seen the rules
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "reliability.svg"
MAIN = ("fr", "en", "ar", "nl", "de")
_ASSESS = """
import sys
from pathlib import Path
from tocsin.cli import main
sys.argv = ["tocsin", "assess"]
try:
    main()
finally:
    status = Path("/proc/self/status")
    print(status.read_text() if status.exists() else "", file=sys.stderr)
"""
FOLDS, TWIN = 8, 0.2  # share of words two items have in common: near-twins stay in one fold


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


def main() -> None:
    """Print the figures; with the labelled set at hand, draw the reliability plot as well."""
    print(machine())
    own, held = load(sorted(OWN.glob("*.jsonl"))), load(sorted(HELD.glob("*.jsonl")))
    watch = Watch(id="iraq-security")
    if DATA.exists():
        _labelled(load([DATA]), own)
    else:
        print(f"{DATA} is not here: set TOCSIN_SHARED for the cross-validated figures")
    blind = load(sorted(BLIND.glob("*.jsonl")))
    for what, rows in ((f"own lines never trained on ({HELD.name})", held), (f"items by others ({BLIND.name})", blind)):
        print(f"{what}, shipped weights:\n{HEAD}")
        _by_language(rows, [assess(r["title"], r["text"], language=r["lang"], watch=watch).score for r in rows])
    _speed(own, watch)
    _start()


def _by_language(rows: Sequence[dict[str, Any]], scores: Sequence[float]) -> None:
    labels = [int(r["label"] == "positive") for r in rows]
    print(row("all", scores, labels))
    few = [code for code in MAIN if any(r["lang"] == code for r in rows)]
    parts = [(code, [i for i, r in enumerate(rows) if r["lang"] == code]) for code in few]
    parts.append(("other languages", [i for i, r in enumerate(rows) if r["lang"] not in MAIN]))
    for name, here in parts:
        if here:
            print(row(name, [scores[i] for i in here], [labels[i] for i in here]))


def _labelled(rows: list[dict[str, Any]], own: list[dict[str, Any]]) -> None:
    labels = [int(r["label"] == "positive") for r in rows]
    scores = cross(rows, own, twins(rows), FOLDS)
    print(f"{len(weights().weight)} weights; labelled set, {FOLDS} folds, near-twins together, 95 % intervals\n{HEAD}")
    _by_language(rows, scores)
    hosts = [r["source"] if r["source"] != "pages" else urlsplit(r["url_or_repo"]).netloc for r in rows]
    print(row("sources never seen", cross(rows, own, hosts, FOLDS), labels))
    print(row("languages never seen", cross(rows, own, [r["lang"] for r in rows], 6), labels))
    found = bins(scores, labels)
    print(f"Brier score {brier(scores, labels):.4f}; reliability (scored, positive, items), drawn in {PICTURE.name}:")
    for mean, share, n in found:
        print(f"  {mean:.2f}  {share:.2f}  {n:4d}  {'#' * round(40 * share)}")
    PICTURE.write_text(picture(found, f"Reliability, {len(rows)} items, cross-validated"), encoding="utf-8")


def _speed(own: list[dict[str, Any]], watch: Watch) -> None:
    """Articles of about 350 words, one in five flagged; scoring and coding on one core."""
    texts = []
    for item in own:
        if item["lang"] in {"en", "fr", "ar", "nl", "de"} and (item["label"] == "negative" or item["id"].endswith("1")):
            words = (item["text"] + "\n").split(" ")
            texts.append((item["title"], " ".join((words * (350 // len(words) + 1))[:350]), item["lang"]))
    for title, text, code in texts[:: len(texts) // 20]:
        assess(title, text, language=code, watch=watch)  # the lexicons are loaded
    best, flagged = float("inf"), 0
    for _ in range(3):
        started = time.process_time()
        flagged = sum(assess(title, text, language=code, watch=watch).flagged for title, text, code in texts)
        best = min(best, time.process_time() - started)
    speed = f"{len(texts) / best:,.0f} articles of 350 words a second on one core"
    print(f"speed: {speed} ({flagged} of {len(texts)} flagged and coded; best of three)")


def _start() -> None:
    """The start of ``tocsin assess`` with one article of each main language, and the memory it takes."""
    firsts = [json.loads((HELD / f"{code}.jsonl").read_text(encoding="utf-8").splitlines()[0]) for code in MAIN]
    lines = "".join(json.dumps({**first, "language": first["lang"]}) + "\n" for first in firsts)
    command = [sys.executable, "-c", _ASSESS]
    first = min(_wall(command, lines.splitlines(keepends=True)[0])[0] for _ in range(3))
    every, peak = _wall(command, lines)
    print(f"start: tocsin assess {first:.2f} s with its first article, {every:.2f} s in five languages; {peak:.0f} MB")


def _wall(command: list[str], given: str) -> tuple[float, float]:
    """Seconds and megabytes of a process."""
    started = time.perf_counter()
    done = subprocess.run(command, input=given, text=True, check=True, capture_output=True)
    took = time.perf_counter() - started
    found = re.search(r"VmHWM:\s*(\d+) kB", done.stderr)
    return took, int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    print(json.dumps({"data": str(DATA.name)}))
    main()
