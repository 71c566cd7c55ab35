"""Names of Iraqi places as each language writes them: its letters, its word for a town, a mark for a space."""

from __future__ import annotations

import pytest

from tocsin.flagging.gazetteer import entries
from tocsin.flagging.gazetteer.spelling import borrowed, designated, rewritten
from tocsin.flagging.reading import read


def found(language: str, text: str) -> set[str]:
    """The names of the places that a text speaks of."""
    hits = [h for sentence in read("", text, language).sentences for h in sentence.hits]
    return {entries()[h.concept[6:]].place.name for h in hits if h.concept.startswith("place:")}


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        pytest.param(
            "en", "Two tribes fought in the Al-Islah subdistrict.", "Islah", id="a common word, beside its kind"
        ),
        pytest.param("en", "A mortar fell on Rashad district.", "Rashad", id="the kind after the name"),
        pytest.param(
            "fr", "Une bombe a explosé dans la localité d'al-Islah.", "Islah", id="elision before the article"
        ),
        pytest.param("tr", "Islah nahiyesinde çatışma çıktı.", "Islah", id="the kind glued on"),
        pytest.param("ar", "انفجار في قضاء الإصلاح", "Islah", id="Arabic, beside its kind"),
        pytest.param("fr", "Les raids ont visé Akachat.", "Akashat", id="ch for sh"),
        pytest.param("de", "In der Stadt Chalis starben drei Menschen.", "Khalis", id="ch for kh"),
        pytest.param("es", "El cuartel está cerca de Yalula.", "Jalawla", id="y for j"),
        pytest.param("tr", "Celavla yakınlarında bir bomba patladı.", "Jalawla", id="c for j"),
        pytest.param("nl", "De basis ligt bij Akasjat.", "Akashat", id="sj for sh"),
        pytest.param("fa", "انفجار در حویجه", "Hawija", id="Persian leaves out the article"),
        pytest.param("fa", "حمله به پایگاه عین‌الاسد", "Ain al-Asad Air Base", id="bound by a mark that folding drops"),
        pytest.param("fa", "حمله به پایگاه عین الاسد", "Ain al-Asad Air Base", id="parted by a space"),
        pytest.param("ckb", "هێرش بۆ سەر چەمچەماڵ", "Chamchamal", id="Sorani's own name"),
    ],
)
def test_a_place_is_found(language: str, text: str, name: str) -> None:
    assert name in found(language, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("en", "It was good karma and a nice hit.", id="names that are words"),
        pytest.param("tr", "Hastanın ur bölgesi ameliyat edildi.", id="too short beside a word for a place"),
        pytest.param("en", "Shops shut in Riyadh district.", id="a name that a capital elsewhere has"),
        pytest.param("fa", "او یک حله پوشید", id="short without its article"),
    ],
)
def test_no_place_of_iraq_is_found(language: str, text: str) -> None:
    assert all(entry.place.country != "IQ" for entry in entries().values() if entry.place.name in found(language, text))


def test_spelling_rules_mix() -> None:
    """Each rule may be used or not; one that ends in $ is for the end of a word."""
    assert set(rewritten("sinjar", [["j", "dj"], ["a$", "ah"]])) == {"sindjar"}
    assert set(rewritten("baquba", [["a$", "ah"], ["q", "k"]])) == {"baqubah", "bakuba", "bakubah"}
    assert list(rewritten("erbil", [])) == []


def test_a_name_beside_its_kind() -> None:
    assert list(designated("Abbasi", ["ville d'{}"], "x")) == ["ville d'Abbasi", "ville d'al-Abbasi"]
    assert list(designated("Hit", ["{} ilçesi*"], "x")) == ["Hit ilçesi*"]
    assert list(designated("هيت", ["قضاء {}"], "a")) == ["قضاء هيت"]


@pytest.mark.parametrize(
    ("spelling", "bare", "alone"),
    [("الحويجة", "حويجة", True), ("الحلة", "حلة", False), ("سامراء", "سامراء", True), ("قاعدة بلد", "قاعدة بلد", True)],
)
def test_a_borrowed_name(spelling: str, bare: str, alone: bool) -> None:
    assert borrowed(spelling, {"from": "ar", "without": "ال"}) == (bare, alone)
