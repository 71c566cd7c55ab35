"""One story or two of one form: each sign, and the invented pairs of the benchmark."""

from __future__ import annotations

from datetime import timedelta

import pytest

from benchmarks.siblings import auc, edits, pairs, scores
from tests.fakes.wire_texts import AR, EXECUTION, OTHER, PLANE, ROCKETS
from tocsin.dedup.guard import body
from tocsin.dedup.likeness import Signs, signs

HOUR = timedelta(hours=1)


def of(one: tuple[str, str], other: tuple[str, str], apart: timedelta = HOUR) -> Signs:
    """The signs of two texts with their titles."""
    return signs(body(*one), body(*other), apart, clash=False)


FORMS = {
    "the same text": (("Rockets", ROCKETS), ("Rockets", ROCKETS), {}),
    "another person and province": (
        ("Man executed", EXECUTION),
        ("Man executed", EXECUTION.replace("of smuggling drugs in the Basra", "of hoarding weapons in the Wasit")),
        {"strange": True},
    ),
    "one lead is told in the longer text": (("Rockets", ROCKETS), ("Rockets", f"{OTHER}\n{ROCKETS}"), {}),
    "another weekday": (("Plane", PLANE), ("Plane", PLANE.replace("Sunday", "Tuesday")), {"weekday": True}),
    "another weekday in Arabic": (
        ("انفجار", AR),
        ("انفجار", AR.replace("مساء السبت", "مساء الأحد")),
        {"weekday": True},
    ),
    "another part of the day": (
        ("Dollar", "The dollar stood at 1,480 dinars in Baghdad on Monday morning."),
        ("Dollar", "The dollar stood at 1,480 dinars in Baghdad on Monday evening."),
        {"strange": True, "weekday": True},
    ),
    "an ordinal that only one title has": (
        ("Second relief plane lands", ROCKETS),
        ("Relief plane lands", ROCKETS),
        {"ordinal": True},
    ),
    "another figure in each lead": (("Plane", PLANE), ("Plane", PLANE.replace("twelve", "thirty")), {"figures": True}),
}


@pytest.mark.parametrize(("one", "other", "found"), FORMS.values(), ids=FORMS)
def test_signs(one: tuple[str, str], other: tuple[str, str], found: dict[str, bool]) -> None:
    for seen in (of(one, other), of(other, one)):
        told = {"strange": seen.strange > 0.05, "ordinal": seen.ordinal, "figures": seen.figures > 0}
        assert told | {"weekday": seen.weekday} == dict.fromkeys((*told, "weekday"), False) | found


@pytest.mark.parametrize(
    ("hours", "less"),
    [pytest.param(3, 12, id="hours"), pytest.param(12, 48, id="days"), pytest.param(72, 99, id="end")],
)
def test_what_comes_later_is_less_likely_the_same(hours: int, less: int) -> None:
    one = ("Rockets", ROCKETS)
    sooner, later = (of(one, one, timedelta(hours=h)).likeness for h in (hours, less))
    assert sooner > later or (hours == 72 and sooner == later)


def test_copies_are_told_from_siblings_of_one_form() -> None:
    made = pairs()
    assert auc(scores(made), [pair.same for pair in made]) >= 0.98


def test_edits_are_told_from_siblings_of_one_desk() -> None:
    made = edits()
    assert (len(made), sum(pair.same for pair in made)) == (60, 30)
    assert auc(scores(made), [pair.same for pair in made]) >= 0.98
