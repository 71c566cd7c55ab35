"""Write tocsin/common_names.txt: the names that tell no story from another, by how many of the corpus have them."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

from tocsin import names

CORPUS = Path(names.__file__).parent / "flagging" / "corpus"
SHARE = 0.0025  # of the articles of the corpus

# Institutions that half the news of Iraq quotes, whatever the corpus has of them.
QUOTED = (
    "Popular Mobilization Forces", "Popular Mobilisation Forces", "Hachd al-Chaabi", "الحشد الشعبي",
    "Security Media Cell", "خلية الإعلام الأمني", "Joint Operations Command", "قيادة العمليات المشتركة",
    "Islamic State", "Etat Islamique", "Islamischer Staat", "تنظيم داعش",
    "Kurdistan Workers Party", "حزب العمال الكردستاني",
    "National Security Service", "جهاز الأمن الوطني", "Counter Terrorism Service", "جهاز مكافحة الإرهاب",
    "Federal Police", "الشرطة الاتحادية", "Revolutionary Guard Corps", "الحرس الثوري",
    "Kurdistan Region", "إقليم كردستان",
    "Prime Minister", "Interior Ministry", "وزارة الداخلية", "Defence Ministry", "Defense Ministry", "وزارة الدفاع",
    "United States", "الولايات المتحدة", "United Nations", "الأمم المتحدة", "Green Zone", "المنطقة الخضراء",
    "Security Forces", "القوات الأمنية", "مصدر أمني", "Millî Savunma Bakanlığı", "Milli Savunma Bakanlığı",
)  # fmt: skip


def main(corpus: Path = CORPUS) -> None:
    """Count marks over the labelled corpus and keep those of many articles.

    The list of today stays until there is another to put in its place.
    """
    shipped, names.COMMON = names.COMMON, Path(os.devnull)  # all marks are counted, those of the list too
    names.common.cache_clear()
    try:
        kept, told = _counted(corpus)
    finally:
        names.COMMON = shipped
        names.common.cache_clear()
    part = shipped.with_suffix(".part")
    part.write_text("\n".join(kept) + "\n", encoding="utf-8")
    part.replace(shipped)
    sys.stdout.write(told)


def _counted(corpus: Path) -> tuple[list[str], str]:
    """The marks to keep, and a line on how many there are."""
    counts: Counter[str] = Counter()
    articles = 0
    for path in sorted(corpus.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            counts.update(names.marks(f"{one['title']}\n{one['text']}"))
            articles += 1
    least = max(2, round(SHARE * articles))
    quoted = {mark for name in QUOTED for mark in names.marks(name)}
    kept = sorted({mark for mark, n in counts.items() if n >= least} | quoted)
    return kept, f"{len(kept)} of {len(counts)} marks, in {least} or more of {articles} articles\n"


if __name__ == "__main__":
    main()
