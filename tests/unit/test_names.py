"""Names and figures across scripts: what meets, and what must not."""

from __future__ import annotations

import pytest

from tocsin.names import common, figures, marks, names, skeleton


@pytest.mark.parametrize(
    "spellings",
    [
        ("Muqdadiyah", "Mouqdadiya", "المقدادية"),
        ("Khafaji", "الخفاجي", "Khafadji"),
        ("Kerkük", "Kirkuk", "Kirkouk", "كركوك"),
        ("Hashd", "الحشد"),
        ("Tcharkh", "چرخ"),
        ("Dschuburi", "Jubouri", "الجبوري", "Joubouri"),
    ],
    ids=lambda spellings: spellings[0],
)
def test_one_name_in_several_scripts(spellings):
    """Each script's spelling has the same consonants."""
    assert len({skeleton(one) for one in spellings}) == 1, [skeleton(one) for one in spellings]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("police said Judge Raed Hamid was shot", "اغتال مسلحون القاضي رائد حميد قرب منزله"),
        ("Sheikh Abdul Karim al-Jubouri was killed", "قُتل الشيخ عبد الكريم الجبوري"),
        ("Le juge Raëd Hamid a été abattu", "قاضی رائد حمید ترور شد"),
    ],
    ids=["judge", "sheikh", "in Persian"],
)
def test_people_meet_across_scripts(one, other):
    """Two words in a row, articles between them aside."""
    assert marks(one) & marks(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gunmen killed two people in the city on Tuesday", "قتل شخصان في المدينة يوم الثلاثاء"),
        ("the Popular Mobilization Forces said on Monday", "fighters of the Popular Mobilization Forces"),
        ("attacks since 2014 and 2003", "هجمات منذ 2014 و2003"),
    ],
    ids=["no name", "what every story has", "years"],
)
def test_what_is_common_is_no_mark(one, other):
    """Small words, institutions and years tell no story from another."""
    assert not marks(one) & marks(other)


def test_clitics_and_endings_are_read_both_ways():
    """The first letter may be a preposition or the name's own."""
    assert skeleton("Bristol") in names("من بريستول")
    assert skeleton("Kirkuk") in names("في بكركوك")
    assert skeleton("Livingston") in names("لە لیڤینگستۆندا")


@pytest.mark.parametrize("text", ["1,700 cadets", "1.700 Kadetten", "1 700 élèves", "١٧٠٠ طالب", "۱۷۰۰ دانشجو"])
def test_thousands_are_one_figure(text):
    """However they are set off."""
    assert figures(text) == {"1700"}


def test_the_list_of_common_names_is_there():
    """It ships with the package."""
    assert len(common()) > 100
