"""Counts in every language, and what looks like a count and is none."""

from __future__ import annotations

import pytest

from tocsin.flagging.numbers import find
from tocsin.text import fold


def _counts(text: str, language: str) -> list[tuple[int, int]]:
    return [(n.low, n.high) for n in find(fold(text).text, 0, language) if n.kind != "article"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        pytest.param("en", "twenty-three dead", [(23, 23)], id="en compound"),
        pytest.param("en", "one hundred and five people", [(105, 105)], id="en hundred and"),
        pytest.param("en", "five and twelve", [(5, 5), (12, 12)], id="en and between two counts"),
        pytest.param("en", "twenty and five", [(20, 20), (5, 5)], id="en and joins hundreds only"),
        pytest.param("en", "a dozen men", [(12, 12)], id="en a dozen"),
        pytest.param("en", "half a dozen men", [(6, 6)], id="en half a dozen"),
        pytest.param("en", "half an hour later, a dozen men", [(12, 12)], id="en half of something else"),
        pytest.param("fr", "une demi-douzaine", [(6, 6)], id="fr demi-douzaine"),
        pytest.param("es", "medio centenar", [(50, 50)], id="es medio centenar"),
        pytest.param("de", "ein halbes Dutzend", [(6, 6)], id="de halbes Dutzend"),
        pytest.param("ar", "«50» قتيلا", [(50, 50)], id="ar a number in quotes and its noun"),
        pytest.param("en", "dozens of men", [(24, 99)], id="en dozens"),
        pytest.param("en", "2,500 troops", [(2500, 2500)], id="en thousands comma"),
        pytest.param("en", "the dead, 1,700, were cadets", [(1700, 1700)], id="en thousands between commas"),
        pytest.param("fr", "les morts, 1 700, et", [(1700, 1700)], id="fr thousands between commas"),
        pytest.param("de", "die Toten, 1.700, waren", [(1700, 1700)], id="de thousands between commas"),
        pytest.param("en", "five or six", [(5, 6)], id="en range"),
        pytest.param("en", "10-12 men", [(10, 12)], id="en digit range"),
        pytest.param("fr", "vingt et un morts", [(21, 21)], id="fr et un"),
        pytest.param("fr", "soixante-douze", [(72, 72)], id="fr soixante-douze"),
        pytest.param("fr", "quatre-vingt-dix-sept", [(97, 97)], id="fr quatre-vingt-dix-sept"),
        pytest.param("fr", "une dizaine, des dizaines", [(10, 10), (20, 99)], id="fr dizaine and dizaines"),
        pytest.param("fr", "2.500 militaires", [(2500, 2500)], id="fr thousands point"),
        pytest.param("nl", "vijfentwintig doden", [(25, 25)], id="nl compound"),
        pytest.param("nl", "tientallen, een tiental", [(20, 99), (10, 10)], id="nl tientallen"),
        pytest.param("de", "einunddreißig Tote", [(31, 31)], id="de compound"),
        pytest.param("de", "Dutzende, ein Dutzend", [(24, 99), (12, 12)], id="de Dutzende"),
        pytest.param("ar", "خمسة وعشرين جنديا", [(25, 25)], id="ar units first"),
        pytest.param("ar", "ثلاثة عشر شخصا", [(13, 13)], id="ar teens"),
        pytest.param("ar", "أحد عشر شخصا، يوم الأحد، أي أحد", [(11, 11)], id="ar eleven, Sunday, anybody"),
        pytest.param("ar", "بصاروخين", [(2, 2)], id="ar dual with a preposition"),
        pytest.param("ar", "٣٥ مدنيا", [(35, 35)], id="ar Arabic digits"),
        pytest.param("ar", "100 قتيل", [(100, 100)], id="ar a counted noun is no second count"),
        pytest.param("ar", "العشرات", [(20, 99)], id="ar tens"),
        pytest.param("es", "treinta y cinco", [(35, 35)], id="es y"),
        pytest.param("tr", "on iki kişi", [(12, 12)], id="tr on iki"),
        pytest.param("it", "ventuno feriti", [(21, 21)], id="it elision"),
        pytest.param("fa", "بیست و پنج نفر", [(25, 25)], id="fa joiner"),
        pytest.param("ckb", "چوار گەریلا", [(4, 4)], id="ckb"),
    ],
)
def test_counts(language: str, text: str, expected: list[tuple[int, int]]) -> None:
    assert _counts(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("en", "in 2003", id="year"),
        pytest.param("en", "F-16 and MI-17", id="aircraft"),
        pytest.param("en", "the 39-year-old", id="age"),
        pytest.param("en", "at 7:45 pm, at 9 pm", id="clock"),
        pytest.param("en", "45 percent, 12 %", id="share"),
        pytest.param("en", "$500", id="money"),
        pytest.param("en", "Bush&#39;s", id="broken markup"),
        pytest.param("fr", "le 10e anniversaire, vers 09h00", id="fr ordinal and hour"),
        pytest.param("de", "am 27. Juli", id="de ordinal"),
        pytest.param("ar", "يوم الاثنين", id="Monday is not two"),
    ],
)
def test_what_is_no_count(language: str, text: str) -> None:
    assert _counts(text, language) == []


def test_a_number_at_the_end_of_a_sentence_is_a_count() -> None:
    """English ends a sentence with "wounded 27." where German would mean the 27th."""
    assert _counts("wounded 27. The blast", "en") == [(27, 27)]


def test_offsets_are_of_the_field() -> None:
    """The second argument moves the answer to where the stretch begins."""
    (number,) = find("two men", 100, "en")
    assert (number.start, number.end) == (100, 103)
