"""Write tocsin/common_names.txt: the names that tell no story from another, by how many of the corpus have them."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from tocsin import names

CORPUS = Path(names.__file__).parent / "flagging" / "corpus"
SHARE = 0.0025  # of the articles of the corpus


def main() -> None:
    """Count marks over the labelled corpus and keep those of many articles."""
    names.COMMON.write_text("", encoding="utf-8")
    names.common.cache_clear()
    counts: Counter[str] = Counter()
    articles = 0
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            counts.update(names.marks(f"{one['title']}\n{one['text']}"))
            articles += 1
    least = max(2, round(SHARE * articles))
    kept = sorted(mark for mark, n in counts.items() if n >= least)
    names.COMMON.write_text("\n".join(kept) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(kept)} of {len(counts)} marks, in {least} or more of {articles} articles\n")


if __name__ == "__main__":
    main()
