"""How well it flags, as floors: own lines never trained on, other genres in war's words, the labelled set if here.

The floors are what was measured less what chance moves; they only ever rise.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import coding
from tocsin.config import Watch
from tocsin.flagging import assess
from tocsin.flagging.matcher import load_concepts
from tocsin.flagging.reading import read
from tocsin.flagging.scorer import score
from tocsin.languages import languages, load_language

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


URGENT = [
    ("fr", "URGENT Irak: deux roquettes s'abattent près de l'ambassade américaine à Bagdad"),
    ("fr", "URGENT - Irak: trois roquettes tombent près de l'aéroport de Bagdad"),
    ("fr", "Irak: un drone s'écrase près du consulat américain à Erbil"),
    ("de", "EIL - Zwei Raketen schlagen nahe US-Botschaft in Bagdad ein"),
    ("en", "URGENT Two rockets land near US embassy in Baghdad"),
    ("nl", "Twee raketten komen neer bij Amerikaanse ambassade in Bagdad"),
    ("ar", "عاجل | سقوط صاروخين قرب السفارة الأميركية في بغداد"),
    ("es", "URGENTE Irak: dos cohetes caen cerca de la embajada de EEUU en Bagdad"),
    ("it", "URGENTE Iraq: due razzi cadono vicino all'ambasciata Usa a Baghdad"),
    ("tr", "SON DAKİKA Bağdat'ta ABD büyükelçiliği yakınına iki roket düştü"),
]


@pytest.mark.parametrize(("language", "title"), URGENT)
def test_one_line_of_an_urgent_is_enough(language: str, title: str) -> None:
    """What fell near what is an attack, without a text and without the word; clear of the threshold."""
    assert score(read(title, "", language))[0] > 0.8


SILENT = [
    pytest.param(
        "en", "Iraq executes 11 for 'terrorism'",
        "Eleven men were hanged in Nasiriyah on Wednesday after being convicted under the anti-terrorism law.",
        id="an execution after a trial, en",
    ),
    pytest.param(
        "fr", "Irak: onze condamnés pour terrorisme pendus à Nassiriya",
        "Onze Irakiens condamnés à mort pour terrorisme ont été exécutés par pendaison, a annoncé une source lundi.",
        id="an execution after a trial, fr",
    ),
    pytest.param(
        "ar", "العراق ينفذ حكم الإعدام بحق 11 مدانا بالإرهاب",
        "أعلنت وزارة العدل العراقية، الاثنين، تنفيذ حكم الإعدام شنقا بحق 11 مدانا بالإرهاب في سجن الناصرية المركزي.",
        id="an execution after a trial, ar",
    ),
    pytest.param(
        "de", "Irak richtet elf verurteilte Terroristen hin",
        "Im Gefängnis von Nasirija sind am Montag elf wegen Terrorismus verurteilte Männer gehängt worden.",
        id="an execution after a trial, de",
    ),
    pytest.param(
        "en", "Nisour Square families remember",
        "Every year on the same morning, relatives of those shot dead by Blackwater contractors at Nisour Square "
        "gather at the roundabout in western Baghdad. Seventeen Iraqis were killed in the shooting of 2007.",
        id="a day of remembrance, en",
    ),
    pytest.param(
        "nl", "Nisour, jaren later",
        "De families van de 17 burgers die door bewakers van Blackwater werden doodgeschoten op het Nisourplein in "
        "Bagdad wachten nog altijd op gerechtigheid.",
        id="a day of remembrance, nl",
    ),
    pytest.param(
        "de", "Die Bücherstraße von Bagdad lebt wieder",
        "2007 riss eine Autobombe in der Mutanabbi-Straße in Bagdad mehr als 30 Menschen in den Tod. Heute drängen "
        "sich dort wieder Leser, Dichter und Buchhändler.",
        id="a street of books, de",
    ),
    pytest.param(
        "ar", "شارع المتنبي.. ذاكرة بغداد التي لم تحترق",
        "قبل سنوات هز انفجار سيارة مفخخة شارع المتنبي وسط بغداد وأودى بحياة العشرات. اليوم يعود باعة الكتب كل جمعة.",
        id="a street of books, ar",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text"), SILENT)
def test_courts_and_looks_back_are_silent(language: str, title: str, text: str) -> None:
    assert not assess(title, text, language=language, watch=WATCH).flagged


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "Islamic State executes 11 captured policemen near Hawija", "The men were shot on Monday, police said."),
        ("fr", "Daech exécute onze policiers près de Hawija", "Ils ont été abattus lundi, selon la police."),
        ("de", "IS richtet elf Polizisten nahe Hawidscha hin", "Sie wurden am Montag erschossen, sagte die Polizei."),
        ("ar", "داعش يعدم 11 شرطيا قرب الحويجة", "قال مصدر أمني إن التنظيم أعدم الاثنين 11 شرطيا رميا بالرصاص."),
    ],
)
def test_executions_by_armed_groups_are_flagged(language: str, title: str, text: str) -> None:
    assert assess(title, text, language=language, watch=WATCH).flagged


@pytest.mark.parametrize("declared", [None, "fr", "fr-FR"])
def test_a_short_urgent_is_read_in_its_own_language(declared: str | None) -> None:
    """Letter statistics took these 150 characters for Spanish."""
    title = "URGENT - Un militaire français tué en Irak (Elysée)"
    text = "Un militaire français a été tué mardi en Irak lors d'une opération antiterroriste, annonce l'Elysée."
    found = assess(title, text, language=declared, watch=WATCH)
    assert found.language == "fr"
    assert found.flagged


BLIND = [
    json.loads(line)
    for path in sorted((HELD.parent / "blind").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]


def test_items_by_others_are_flagged() -> None:
    """F1 on lines by people who had not seen the rules; their faults were mended by class afterwards."""
    marks = [
        (row["label"] == "positive", assess(row["title"], row["text"], language=row["lang"], watch=WATCH).flagged)
        for row in BLIND
    ]
    right = sum(wanted and flagged for wanted, flagged in marks)
    wrong = sum(wanted != flagged for wanted, flagged in marks)
    assert len(marks) > 300
    assert 2 * right / (2 * right + wrong) >= 0.985


@functools.cache
def _coded() -> list[dict[str, bool]]:
    known = coding.known_places()
    return [coding.score(row, known)[0] for row in BLIND if row["label"] == "positive"]


@pytest.mark.parametrize(("name", "least"), [("killed exact", 0.98), ("wounded exact", 0.975), ("type", 0.96)])
def test_items_by_others_are_coded(name: str, least: float) -> None:
    marks = _coded()
    assert len(marks) > 200
    assert sum(mark[name] for mark in marks) / len(marks) >= least
