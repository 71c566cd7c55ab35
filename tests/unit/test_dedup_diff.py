"""What changed: words as people read them, facts as the desk needs them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tocsin.dedup.diff import kind, material, words
from tocsin.model import Change, Count, Facts, Place, Said, Span, Weapon

SPAN = Span("text", 0, 1, "x")
LONG = " ".join(f"w{n}" for n in range(30))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("a b c", "a b c", "", id="nothing"),
        pytest.param("a  b\nc", "a b c", "", id="only spaces"),
        pytest.param("2 men died", "3 men died", "[-2-] {+3+} men died", id="a word at the beginning"),
        pytest.param("men died", "men died in Kirkuk", "men died {+in Kirkuk+}", id="words added at the end"),
        pytest.param("", "a b", "{+a b+}", id="all of it new"),
        pytest.param("a b", "", "[-a b-]", id="all of it gone"),
        pytest.param("مقتل جنديين أمس", "مقتل ثلاثة جنود أمس", "مقتل [-جنديين-] {+ثلاثة جنود+} أمس", id="Arabic"),
        pytest.param(
            LONG, LONG.replace("w15", "x"), "… w9 w10 w11 w12 w13 w14 [-w15-] {+x+} w16 w17 w18 w19 w20 w21 …",
            id="far words are left out",
        ),
    ],
)  # fmt: skip
def test_words(old: str, new: str, expected: str) -> None:
    assert words(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("Updated: 10:45. Two died.", "Updated: 11:02. Two died.", "counter", id="the time of the page"),
        pytest.param("آخر تحديث 10:45 مقتل جندي", "آخر تحديث 11:02 مقتل جندي", "counter", id="the same in Arabic"),
        pytest.param("Two died. 12 views", "Two died. 1,312 views", "counter", id="a counter"),
        pytest.param("A blast at 10:45.", "A blast at 11:02.", "material", id="the time of the blast"),
        pytest.param("Two died.", "Three died.", "material", id="a toll in words"),
        pytest.param("2 died.", "3 died.", "material", id="a toll in figures"),
        pytest.param("Worth 10.45 dollars", "Worth 11.02 dollars", "material", id="a price"),
        pytest.param("Two were kiled", "Two were killed", "silent", id="a typing mistake"),
        pytest.param("Two died in Kirkuk", "Two died in Kirkuk.", "silent", id="a full stop"),
        pytest.param("Two died in Kirkuk", "Two died in Basra", "material", id="another town"),
        pytest.param("Two died", "Two died, police said", "material", id="words added"),
        pytest.param("No one died", "One died", "material", id="a word taken away"),
        pytest.param("Troops were kiled. 2 views", "Troops were killed. 9 views", "silent", id="both"),
    ],
)
def test_kinds_of_edits(old: str, new: str, expected: str) -> None:
    assert kind(old, new) == expected


def said(value: object) -> Said[object]:
    """A value with some words that say it."""
    return Said(value, SPAN)


KIRKUK, DIBIS = (Place(name, 35.0, 44.0, "town", "IQ", "Kirkuk") for name in ("Kirkuk", "Dibis"))
BASE = Facts(killed=said(Count(0, 0)), places=(said(KIRKUK),), claim=said("unclaimed"))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, (), id="nothing"),
        pytest.param({"killed": said(Count(1, 1))}, (Change("killed", "0", "1"),), id="a toll"),
        pytest.param({"wounded": said(Count(2, 3))}, (Change("wounded", "", "2-3"),), id="a toll where there was none"),
        pytest.param({"killed": None}, (), id="a toll left out is no change"),
        pytest.param({"claim": said("claimed")}, (Change("claim", "unclaimed", "claimed"),), id="a claim"),
        pytest.param({"intercepted": said(2)}, (Change("intercepted", "", "2"),), id="intercepted"),
        pytest.param(
            {"places": (said(KIRKUK), said(DIBIS))}, (Change("places", "Kirkuk", "Kirkuk, Dibis"),), id="a place more"
        ),
        pytest.param({"places": ()}, (), id="a place less"),
        pytest.param({"weapons": (said(Weapon("drone", 2)),)}, (Change("weapons", "", "drone"),), id="a weapon"),
        pytest.param({"actors": (said("Islamic State"),)}, (Change("actors", "", "Islamic State"),), id="an actor"),
        pytest.param(
            {"when": said(datetime(2026, 3, 14, tzinfo=UTC))},
            (Change("when", "", "2026-03-14 00:00:00+00:00"),),
            id="when",
        ),
    ],
)
def test_material(changed: dict[str, object], expected: tuple[Change, ...]) -> None:
    assert material(BASE, replace(BASE, **changed)) == expected
