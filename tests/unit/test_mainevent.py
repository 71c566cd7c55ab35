"""Which sentences tell the main event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tocsin.flagging.mainevent import main_sentences
from tocsin.flagging.reading import read

LEAD = "Three rockets hit an air base near Balad on Monday, police said. Two landed inside the fence. "
SUNDAY = datetime(2024, 3, 17, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param(LEAD + "Nobody was hurt, a captain said on Monday.", (1, 2, 3), id="the same day"),
        pytest.param(LEAD + "Last month six soldiers died in an attack there.", (1, 2), id="last month"),
        pytest.param(LEAD + "The attack comes as US troops prepare to leave.", (1, 2), id="context"),
        pytest.param(LEAD + "A man fell. A previous toll was ten. A guard was hurt.", (1, 2, 3, 5), id="superseded"),
        pytest.param(LEAD + "In 2014 militants overran the base.", (1, 2), id="another year"),
        pytest.param(LEAD + "In October, a drone struck the runway.", (1, 2), id="another month"),
        pytest.param(LEAD + "On March 11 the base was put on alert.", (1, 2, 3), id="this month"),
        pytest.param(LEAD + "A guard ran. On Thursday a mortar fell there.", (1, 2, 3), id="another weekday"),
        pytest.param(
            LEAD + "A guard ran. In recent months, bases were hit. Ten men died. Monday's rockets fell short.",
            (1, 2, 3, 6),
            id="what follows a look back is out until the event's day returns",
        ),
    ],
)
def test_main_sentences(text: str, kept: tuple[int, ...]) -> None:
    assert main_sentences(read("", text, "en"), SUNDAY) == kept


def test_the_title_and_the_first_sentence_always_tell_the_event() -> None:
    """Even a lead that looks back is what the item is about."""
    reading = read("Bombing last year", "Last month, a bomb went off in Mosul.", "en")
    assert main_sentences(reading, SUNDAY) == (0, 1)


@pytest.mark.parametrize("hours", [0, 3, -8])
def test_the_month_is_that_of_baghdad_in_whatever_zone_the_time_is_given(hours: int) -> None:
    """21:40 on the last of March in UTC is April there."""
    published = datetime(2026, 3, 31, 21, 40, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    text = LEAD + "A guard ran. In April, five men died at the gate."
    assert main_sentences(read("Attack", text, "en"), published) == (0, 1, 2, 3, 4)
