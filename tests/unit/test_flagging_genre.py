"""What kind of text it is: each sign of a genre, and what may not be taken for one."""

from __future__ import annotations

import pytest

from tocsin.flagging.features import features
from tocsin.flagging.genre import REPORTED
from tocsin.flagging.reading import read

SPORT = "The coach praised his striker. The goalkeeper was injured. A league match in Basra."
SHOT = "Gunmen shot dead a lawyer in Basra on Monday, police said."


@pytest.mark.parametrize(
    ("title", "text", "name", "there"),
    [
        pytest.param("Basra", SPORT, "sport throughout", True, id="many words of a genre"),
        pytest.param("Basra", "The coach spoke.", "sport throughout", False, id="one word is none"),
        pytest.param("Basra", "The coach, the coach and the coach.", "sport throughout", False, id="one word thrice"),
        pytest.param(
            "Bomb kills coach in Basra",
            SPORT,
            "sport throughout, beside a bombing or killing",
            True,
            id="a genre beside a bombing has a name of its own",
        ),
        pytest.param(
            "Battle for Baghdad", "Lists attack.", "an attack, but no weapon, toll or armed side", True, id="soft acts"
        ),
        pytest.param(
            "Battle for Baghdad",
            "Rockets fell.",
            "an attack, but no weapon, toll or armed side",
            False,
            id="soft acts with a weapon",
        ),
        pytest.param(
            "Battle for Baghdad",
            "Three were killed.",
            "an attack, but no weapon, toll or armed side",
            False,
            id="soft acts with a toll",
        ),
        pytest.param(
            "Battle for Baghdad",
            "Voters go to the polls.",
            "an attack, but only at the polls",
            True,
            id="soft acts at the polls",
        ),
        pytest.param("", "Mosul was bombed in 2016.", "an act with a year, in the head", True, id="a year by an act"),
        pytest.param("", "Mosul had a fair in 2016.", "an act with a year, in the head", False, id="a year, no act"),
        pytest.param("", "Mosul was bombed, 2,016 fled.", "an act with a year, in the head", False, id="no year"),
        pytest.param("", "In 1916 Kut fell.", "a year long past, in the head", True, id="long past"),
        pytest.param("", "Shots at the Iraqi embassy.", "an Iraqi embassy abroad", True, id="there is none in Iraq"),
        pytest.param(
            "", "Shots at the embassy of Iraq in Athens.", "an Iraqi embassy abroad", True, id="of Iraq, in a town"
        ),
        pytest.param("", "Shots at the US embassy in Iraq.", "an Iraqi embassy abroad", False, id="an embassy in Iraq"),
        pytest.param(
            "", "Iraqi police guard the embassy in Baghdad.", "an Iraqi embassy abroad", False, id="a place in Iraq"
        ),
        pytest.param("Green zone for vans", "", "a green zone, and nothing else of Iraq", True, id="some green zone"),
        pytest.param(
            "Green zone in Baghdad", "", "a green zone, and nothing else of Iraq", False, id="the one of Baghdad"
        ),
        pytest.param("", SHOT, REPORTED, True, id="a killing reported"),
        pytest.param("", SHOT.replace("on Monday", "in 2006"), REPORTED, False, id="a killing of long ago"),
        pytest.param("", SHOT.replace(" on Monday", ""), REPORTED, False, id="a killing on no day"),
        pytest.param("", SHOT.replace("in Basra", "in Athens"), REPORTED, False, id="a killing elsewhere"),
    ],
)
def test_signs_of_a_genre(title: str, text: str, name: str, there: bool) -> None:
    """Each sign, and its nearest relative that is none."""
    assert (name in features(read(title, text, "en"))) is there


def test_a_trade_is_no_genre_where_a_killing_is_reported() -> None:
    """The frame of the dead lawyer counts for less than that of a lawyer at work."""
    dead, alive = (features(read("", text, "en")) for text in (SHOT, "A lawyer spoke in Basra on Monday."))
    assert dead["head.frame.trial"].value == pytest.approx(0.3 * alive["head.frame.trial"].value)


def test_guards_of_the_border_are_in_the_country() -> None:
    """The Iraqi border is a line on a map; Iraqi border guards are Iraqis."""
    assert "head.Iraqi" in features(read("", "Iraqi border guards came under fire.", "en"))
    assert "head.Iraqi" not in features(read("", "Three died near the Iraqi border.", "en"))


def test_a_name_inside_a_place_is_no_people() -> None:
    """Ain al-Asad is a base, not the family of a president of Syria."""
    assert "head.elsewhere.people" not in features(read("هجوم على قاعدة عين الأسد", "", "ar"))


def test_a_place_far_off_in_an_endless_sentence_is_not_the_scene() -> None:
    """Beyond 300 characters a place says nothing about where an act is."""
    near, far = (f"A bomb exploded {'and then some more ' * n}while in Mosul a fair opened." for n in (2, 20))
    assert "head.violent act in Iraq" in features(read("", near, "en"))
    assert "head.violent act in Iraq" not in features(read("", far, "en"))
