"""The scorer: the labelled corpus with its floors, the titles of the bench, near misses, reasons that add up."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tocsin.config import Watch
from tocsin.flagging import assess
from tocsin.flagging.features import features, kind, roles
from tocsin.flagging.gazetteer import entries
from tocsin.flagging.lines import line
from tocsin.flagging.reading import read
from tocsin.flagging.scorer import weights
from tocsin.flagging.tongue import tongue
from tocsin.languages import languages, load_language
from tocsin.model import Assessment

CORPUS = Path(__file__).parents[2] / "tocsin" / "flagging" / "corpus"
WATCH = Watch(id="iraq-security")


def rows(language: str) -> list[dict[str, Any]]:
    """The labelled lines of one language."""
    return [json.loads(text) for text in (CORPUS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()]


def judge(title: str, text: str = "", language: str | None = None) -> Assessment:
    """The assessment by the shipped watch."""
    return assess(title, text, language=language, watch=WATCH)


def logit(share: float) -> float:
    """Log-odds of a probability."""
    return math.log(share / (1 - share))


@pytest.mark.parametrize("language", languages())
def test_corpus_keeps_its_floors(language: str) -> None:
    """Precision and recall of each language on its own corpus are at least 0.93."""
    judged = [
        (row["label"] == "positive", judge(row["title"], row["text"], language).flagged) for row in rows(language)
    ]
    right = sum(wanted and got for wanted, got in judged)
    assert right / sum(got for _, got in judged) >= 0.93
    assert right / sum(wanted for wanted, _ in judged) >= 0.93


@pytest.mark.parametrize(
    ("title", "flagged"),
    [
        ("Two Katyusha rockets fired at Baghdad's Green Zone, one shot down by C-RAM, two vehicles damaged", True),
        ("Deux roquettes Katioucha tirées sur la Zone verte de Bagdad, deux véhicules endommagés", True),
        ("إطلاق صاروخي كاتيوشا على المنطقة الخضراء في بغداد وتضرر عجلتين", True),
        ("Rockets hit Baghdad airport", True),
        ("IED targets coalition convoy south of Baghdad", True),
        ("Mortars land on Balad air base", True),
        ("Suicide attack kills 32 in central Baghdad", True),
        ("IS gunmen kill 11 in Diyala", True),
        ("Drone attack on Erbil airport, no casualties", True),
        ("Green Zone hit by rockets", True),
        ("Attack in Kirkuk", True),
        ("Anschlag in Kirkuk", True),
        ("اشتباكات في البصرة", True),
        ("Iraq shoot down Oman", False),
        ("Irak stunt tegen Japan met late aanval", False),
        ("L'Irak attaque bien son Mondial", False),
        ("Green zone: vans barred from June", False),
        ("Price war breaks out among supermarket chains", False),
        ("Missile maker shares surge", False),
        ("Iraq beat Japan in Asian Cup", False),
        ("Zone verte : ce qui change lundi", False),
    ],
)
def test_bare_headlines(title: str, flagged: bool) -> None:
    """A headline without a text, and without a declared language, is enough."""
    assert judge(title).flagged is flagged


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        pytest.param(
            "Rockets hit US base in Deir ez-Zor",
            "The Islamic State of Iraq and Syria fired them.",
            "en",
            id="the name of a group",
        ),
        pytest.param(
            "Iraqi striker shoots Baghdad club to title",
            "His two goals settled the match.",
            "en",
            id="football",
        ),
        pytest.param(
            "Baghdad marks anniversary of market bombing",
            "Hundreds gathered ten years after.",
            "en",
            id="anniversary",
        ),
        pytest.param(
            "Shots fired at Iraqi embassy in Athens",
            "Greek police arrested a man.",
            "en",
            id="an embassy abroad",
        ),
        pytest.param(
            "Veteran of Iraq writes of roadside bombs",
            "His memoir is out in May.",
            "en",
            id="veteran",
        ),
        pytest.param(
            "Oil rises as Kirkuk exports stop",
            "Brent gained two percent a barrel after attacks at sea.",
            "en",
            id="oil",
        ),
        pytest.param(
            "PKK attack kills three soldiers in Hakkari",
            "The post is near the Iraqi border.",
            "en",
            id="across the border",
        ),
        pytest.param(
            "La zone verte s'étend à trois départements",
            "Le nombre de contaminations baisse.",
            "fr",
            id="pandemic",
        ),
        pytest.param(
            "العراق يدين تفجير كابل",
            "أعربت وزارة الخارجية العراقية عن إدانتها للهجوم في أفغانستان.",
            "ar",
            id="condemns an attack elsewhere",
        ),
        pytest.param(
            "Bağdat Caddesi'nde silahlı saldırı",
            "Kadıköy'de iki kişi yaralandı.",
            "tr",
            id="a street in Istanbul",
        ),
    ],
)
def test_near_misses_are_not_flagged(title: str, text: str, language: str) -> None:
    """What looks like an Iraq security item and is none."""
    assert not judge(title, text, language).flagged


@pytest.mark.parametrize("language", languages())
def test_reasons_add_up_and_quote_exactly(language: str) -> None:
    """The weights of the reasons sum to the logit of the score, and each quote stands where it says."""
    for row in rows(language)[:12]:
        found = judge(row["title"], row["text"], language)
        assert sum(r.weight for r in found.reasons) == pytest.approx(logit(found.score), abs=1e-6)
        for span in (r.span for r in found.reasons if r.span):
            assert row[span.field][span.start : span.end] == span.quote


def test_refusals_say_why() -> None:
    """The verdict of a refusal names its kind."""
    assert "sport" in judge("Iraq beat Japan in Asian Cup", "The coach praised his striker after the match.").verdict
    assert (
        "Iraq is not in it"
        in judge("Tripoli clashes kill five", "Rival militias fought in the Libyan capital.").verdict
    )
    name = judge("Islamic State of Iraq and the Levant bombs Damascus church", "", "en")
    assert "name of a group" in name.verdict
    assert not name.facts.places, "facts are coded only for what is flagged or for review"


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("IS gunmen kill 11 in Diyala", "en"),
        ("Bombenanschlag in Bagdad", "de"),
        ("Bomaanslag in Bagdad", "nl"),
        ("Roquettes sur Bagdad", "fr"),
    ],
)
def test_language_of_a_bare_headline(title: str, language: str) -> None:
    """Short texts go to the lexicon that knows most of them."""
    assert tongue(title, "", None) == language


def test_every_lexicon_concept_is_listed_and_every_language_says_its_source() -> None:
    """concepts.yaml is complete; patterns are strings (YAML reads a bare ``on`` or ``no`` as true or false)."""
    for code in languages():
        data = load_language(code)
        assert data["source"]
        assert not set(data["concepts"]) - set(roles()), code
        patterns = [text for section in ("concepts", "facts") for texts in data[section].values() for text in texts]
        assert all(isinstance(text, str) and text.strip("*") for text in patterns), code


def test_gazetteer_is_whole() -> None:
    """All 19 governorates are there, coordinates are in range, and common words are no names."""
    found = entries().values()
    assert len({e.place.governorate for e in found if e.place.country == "IQ"} - {""}) == 19
    assert all(-90 <= e.place.lat <= 90 and -180 <= e.place.lon <= 180 for e in found)
    for text in ("Two hit, nice karma", "A ballad, an album, alam"):
        assert not [h for h in read(text, "", "en").sentences[0].hits if h.concept.startswith("place:")]


def test_features_have_known_weights_only_and_kinds_are_stable() -> None:
    """The model learned names that the features still give."""
    seen = {
        name for code in languages() for row in rows(code) for name in features(read(row["title"], row["text"], code))
    }
    assert len(seen & set(weights().weight)) >= 0.6 * len(weights().weight)
    assert kind("place:baghdad").where == "IQ"
    assert kind("dem.sy").where == "SY"


@pytest.mark.parametrize(
    ("obj", "error"),
    [
        (["no object"], "not a JSON object"),
        ({"id": 7}, "both empty"),
        ({"id": 7, "title": 5}, "title must be a string"),
        ({"id": 7, "title": "Bomb", "published": "yesterday"}, "ISO 8601"),
    ],
)
def test_a_bad_line_is_an_answer(obj: Any, error: str) -> None:
    """The filter never raises for bad input."""
    assert error in line(obj, WATCH)["error"]


def test_a_line_has_every_key() -> None:
    """The answer of ``tocsin assess``."""
    title = "Two rockets hit Baghdad airport, three wounded"
    found = line({"id": "a", "title": title, "text": "", "published": "2026-03-01T08:00:00Z"}, WATCH)
    assert (found["flagged"], found["watch"]) == (True, "iraq-security")
    assert found["severity"]
    assert {
        "id", "watch", "flagged", "score", "severity", "event_type", "places", "weapons", "intercepted", "target",
        "killed", "wounded", "damage", "actors", "claim", "when", "gist", "reasons",
    } <= found.keys()  # fmt: skip
    quoted = [r for r in found["reasons"] if r["quote"]]
    assert quoted
    assert all(title[r["start"] : r["end"]] == r["quote"] for r in quoted if r["field"] == "title")
    assert any(r["rule"].startswith("fact.") for r in found["reasons"])


@pytest.mark.parametrize(
    ("title", "present", "absent"),
    [
        pytest.param(
            "Blast in Damascus, says a group close to Mosul",
            "opening.violent act in elsewhere",
            "opening.violent act in Iraq",
            id="the nearest place wins",
        ),
        pytest.param(
            "Damascus rebels attack crowded market in Mosul",
            "opening.violent act in Iraq",
            "opening.violent act in elsewhere",
            id="the scene, not the doer",
        ),
        pytest.param(
            "Turkish jets bomb Duhok village",
            "opening.violent act in Iraq",
            "opening.violent act in acting country",
            id="a country that acts in Iraq does not compete",
        ),
        pytest.param(
            "Gunmen attack village", "opening.violent act in no place", "opening.violent act in Iraq", id="nowhere"
        ),
    ],
)
def test_where_an_act_is(title: str, present: str, absent: str) -> None:
    """An act is where the nearest place is."""
    found = features(read(title, "", "en"))
    assert present in found
    assert absent not in found
