"""``replay``: decisions and alerts for a stream of articles, as checked from outside."""

from __future__ import annotations

import pytest

from flows.replay import Replay
from tocsin.config.reading import defaults
from tocsin.errors import ParseError

LEAD = (
    "Three Katyusha rockets struck Camp Taji north of Baghdad early on Tuesday, wounding two Iraqi soldiers, the "
    "Security Media Cell said. The rockets were fired from a truck abandoned in the Rashidiya area, and a fourth "
    "launch tube was found loaded. No group has claimed responsibility for the attack, the army said in a statement."
)
KEYS = {"id", "outcome", "of", "event", "flagged", "severity", "alerts"}


def _line(number: int, text: str = LEAD, title: str = "Three rockets hit Camp Taji, two soldiers wounded", **more):
    return {
        "id": f"a{number}",
        "title": title,
        "text": text,
        "url": f"https://outlet{number}.example/story-{number}",
        "published": f"2026-11-17T0{number}:00:00+00:00",
        "source": f"Outlet {number}",
        **more,
    }


def test_first_copy_update_and_something_else() -> None:
    """A first alert, a silent copy, a new toll that rings, a second event, all with the contract's keys."""
    replay = Replay(defaults())
    first = replay.line(_line(1))
    copy = replay.line(_line(2))
    update = replay.line(
        _line(
            3,
            LEAD.replace("wounding two Iraqi soldiers", "killing one Iraqi soldier and wounding three"),
            title="One soldier killed, three wounded as rockets hit Camp Taji",
        )
    )
    other = replay.line(
        _line(
            4,
            "Gunmen shot dead a tribal sheikh in front of his house in Basra on Tuesday evening, police said. "
            "The attackers fled on a motorcycle. The sheikh had led talks in a feud over land.",
            title="Gunmen kill tribal sheikh in Basra",
        )
    )
    for answer in (first, copy, update, other):
        assert set(answer) == KEYS
    assert (first["outcome"], first["flagged"], first["severity"]) == ("new", True, "high")
    assert first["alerts"] == [{"reason": "first", "severity": "high"}]
    assert (copy["outcome"], copy["of"], copy["alerts"]) == ("copy", "a1", [])
    assert copy["event"] == update["event"] == first["event"]
    assert [a["reason"] for a in update["alerts"]] in (["casualties"], ["escalated"])
    assert other["event"] not in (None, first["event"])


def test_same_address_same_text_is_same_url() -> None:
    """Sent twice, nothing rings twice, and the event is still told."""
    replay = Replay(defaults())
    first, again = replay.line(_line(1)), replay.line(_line(1))
    assert (again["outcome"], again["of"], again["alerts"]) == ("same_url", "a1", [])
    assert again["event"] == first["event"]


def test_what_is_not_flagged_has_no_event() -> None:
    """Football stays silent."""
    text = (
        "Iraq's striker fired home a late winner in Basra on Tuesday as the hosts beat Jordan in a cup qualifier. "
        "The coach praised the attack and said the side would go on the offensive in the second leg next week."
    )
    answer = Replay(defaults()).line(_line(1, text, title="Late strike sends Iraq past Jordan"))
    assert (answer["flagged"], answer["event"], answer["severity"], answer["alerts"]) == (False, None, None, [])


@pytest.mark.parametrize(
    ("title", "outcome", "rings"),
    [
        pytest.param("Rockets hit US embassy in Baghdad", "new", True, id="33 characters"),
        pytest.param("Blast in Baghdad", "new", True, id="16 characters"),
        pytest.param("انفجار في بغداد", "new", True, id="15 characters, Arabic"),
        pytest.param("Bagdad: explosion", "new", True, id="17 characters, French"),
        pytest.param("Late winner in Basra", "too_short", False, id="football"),
        pytest.param("Baghdad", "too_short", False, id="a place alone"),
    ],
)
def test_a_bare_headline_rings_when_it_is_flagged(title: str, outcome: str, rings: bool) -> None:
    """Nothing that is flagged is too short; what is not stays silent and has no severity."""
    answer = Replay(defaults()).line(_line(1, "", title=title))
    assert (answer["outcome"], answer["flagged"], bool(answer["event"])) == (outcome, rings, rings)
    assert bool(answer["severity"]) == rings
    assert [alert["reason"] for alert in answer["alerts"]] == (["first"] if rings else [])


def test_an_alert_and_its_story_are_one_event() -> None:
    replay = Replay(defaults())
    alert = replay.line(_line(1, "", title="Rockets hit Camp Taji"))
    again = replay.line(_line(2, "", title="Rockets hit Camp Taji"))
    story = replay.line(_line(3))
    assert (alert["outcome"], again["outcome"], again["alerts"]) == ("new", "copy", [])
    assert alert["event"] == again["event"] == story["event"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param({"id": 1}, "title", id="neither title nor text"),
        pytest.param({"id": 1, "title": 3, "text": "x"}, "title must be a string", id="a number for a title"),
        pytest.param({"id": 1, "title": "x", "language": 5}, "language must be a string", id="a number for a language"),
        pytest.param({"id": 1, "title": "x", "url": ["x"]}, "url must be a string", id="a list for an address"),
        pytest.param({"id": 1, "title": "x", "text": "y", "published": "yesterday"}, "ISO 8601", id="no date"),
    ],
)
def test_bad_lines_say_what_is_wrong(line: dict[str, object], words: str) -> None:
    """The error names the id and the mend."""
    with pytest.raises(ParseError, match=words):
        Replay(defaults()).line(line)
