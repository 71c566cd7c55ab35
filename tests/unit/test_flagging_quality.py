"""How well it flags, as floors: own lines never trained on, other genres in war's words, the labelled set if here.

The floors are what was measured less what chance moves; they only ever rise.
"""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tocsin.config import Watch
from tocsin.flagging import assess
from tocsin.flagging.matcher import languages, load_concepts, load_language
from tocsin.flagging.reading import read
from tocsin.flagging.scorer import score

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared"))
DATA = SHARED / "data" / "flagging-dev.jsonl"
HELD = ROOT / "tests" / "corpus" / "held"
TRAINED = ROOT / "tocsin" / "flagging" / "corpus"
MISSES = yaml.safe_load((ROOT / "tests" / "corpus" / "near_misses.yaml").read_text(encoding="utf-8"))
WATCH = Watch(id="iraq-security")


def held(language: str) -> list[dict[str, Any]]:
    """The lines of a language that no weights have seen."""
    return [json.loads(line) for line in (HELD / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("codes", "least"),
    [
        pytest.param(("en",), 0.85, id="en"),
        pytest.param(("fr",), 0.95, id="fr"),
        pytest.param(("ar",), 0.95, id="ar"),
        pytest.param(("nl",), 0.95, id="nl"),
        pytest.param(("de",), 0.90, id="de"),
        pytest.param(("es", "it", "tr", "fa", "ckb", "pt"), 0.95, id="other languages"),
    ],
)
def test_lines_never_trained_on(codes: tuple[str, ...], least: float) -> None:
    """The share of right decisions of a language on lines kept out of training."""
    rows = [row for code in codes for row in held(code)]
    right = [
        assess(r["title"], r["text"], language=r["lang"], watch=WATCH).flagged == (r["label"] == "positive")
        for r in rows
    ]
    assert sum(right) / len(right) >= least


def test_held_lines_are_in_no_training_file() -> None:
    """What is held out stays out: no title stands in the corpus that ships."""
    trained = {
        (code, json.loads(line)["title"])
        for code in languages()
        for line in (TRAINED / f"{code}.jsonl").read_text(encoding="utf-8").splitlines()
    }
    assert not [row for code in languages() for row in held(code) if (code, row["title"]) in trained]


@pytest.mark.parametrize(
    ("language", "genre"), [(language, genre) for language, genres in MISSES.items() for genre in genres]
)
def test_other_genres_in_the_words_of_war(language: str, genre: str) -> None:
    """Football, cinema, markets and elections in Iraq stay silent, whichever three sentences come together."""
    mixes = list(itertools.permutations(MISSES[language][genre], 3))[::2]
    rung = [" ".join(mix) for mix in mixes if score(read("", " ".join(mix), language))[0] >= WATCH.threshold]
    assert len(rung) <= 0.06 * len(mixes), rung[:3]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param(
            "Bomb at football pitch kills nine in Iskandariya",
            "A suicide bomber blew himself up during the prize-giving after a match between village teams south of "
            "Baghdad on Friday, killing nine players and fans, police said. The stadium was full; the coach of one "
            "team was among the dead. Islamic State claimed the attack.",
            id="a bombing at a match",
        ),
        pytest.param(
            "Gunmen kill Baghdad film-maker",
            "Two men on a motorcycle shot dead a documentary director outside a cinema in Baghdad on Monday night, "
            "police said. His last film on militias had brought him threats. The gunmen escaped.",
            id="the murder of a director",
        ),
        pytest.param(
            "Rocket hits Kirkuk oil company as exports rise",
            "A Katyusha rocket landed in the yard of the North Oil Company in Kirkuk on Tuesday, wounding two guards, "
            "the oil ministry said. Output of 300,000 barrels a day was not affected. Brent rose.",
            id="an attack on an oil company",
        ),
        pytest.param(
            "Candidate killed by sticky bomb days before Iraq election",
            "A bomb under his car killed a candidate for parliament in Tarmiya, north of Baghdad, on Wednesday, the "
            "election commission and police said. The campaign ends on Saturday.",
            id="the murder of a candidate",
        ),
    ],
)
def test_attacks_where_genres_meet(title: str, text: str) -> None:
    """A genre's words do not silence an attack."""
    assert assess(title, text, language="en", watch=WATCH).flagged


@pytest.mark.parametrize("code", languages())
def test_each_concept_has_a_role_a_label_and_each_file_its_source(code: str) -> None:
    """No word in a lexicon without a concept that says what it is for, and none without a source."""
    data, concepts = load_language(code), load_concepts()
    assert len(data["source"]) > 20
    assert data["language"] == code
    for concept, words in data["concepts"].items():
        assert words, concept
        assert concepts[concept]["role"], concept
        assert concepts[concept]["label"], concept


@pytest.mark.skipif(not DATA.exists(), reason="the private labelled set is not on this machine (TOCSIN_SHARED)")
def test_labelled_set_cross_validated() -> None:
    """On the labelled set, by models that did not see the item or its twins: all, and each main language."""
    pytest.importorskip("sklearn")
    flagging = pytest.importorskip("benchmarks.flagging")
    measure = pytest.importorskip("benchmarks.measure")
    train = pytest.importorskip("tocsin.flagging.train")
    rows, own = train.load([DATA]), train.load(sorted(TRAINED.glob("*.jsonl")))
    labels = [row["label"] == "positive" for row in rows]
    scores = flagging.cross(rows, own, flagging.twins(rows), 4)
    marks = [(s >= WATCH.threshold, label) for s, label in zip(scores, labels, strict=True)]
    precision, recall, f1 = measure.rates(marks)
    assert (precision >= 0.95, recall >= 0.94, f1 >= 0.95) == (True, True, True), (precision, recall, f1)
    for code in ("fr", "en", "ar", "nl", "de"):
        here = [mark for mark, row in zip(marks, rows, strict=True) if row["lang"] == code]
        assert measure.rates(here)[2] >= 0.93, code
