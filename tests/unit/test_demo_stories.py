"""The sample wire day as data: complete, consistent, varied, and written for this project."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from demo.press import Press
from demo.sites import BY_ID, OUTLETS, arabic, summer_time
from demo.stories import FOLDER, Story, WireDayData, load, on_day
from tocsin.model import Severity

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2] / "../shared"))
DATA = load()
EVENTS = {event.key: event for event in DATA.events}
NEG_KINDS = {
    "iraq_non_security", "security_elsewhere", "retrospective_or_culture", "foreign_domestic_politics",
    "court_case_or_prisoners", "passing_mention_or_roundup", "other",
}  # fmt: skip
# ACLED codebook, 2023: the sub-event names that the sample day needs
SUB_EVENTS = {
    "Shelling/artillery/missile attack", "Air/drone strike", "Attack", "Armed clash", "Remote explosive/landmine/IED",
    "Arrests", "Disrupted weapons use", "Abduction/forced disappearance", "Mob violence", "Change to group/activity",
    "Other", "Excessive force against protesters", "Violent demonstration",
}  # fmt: skip
ALL = [pytest.param(story, id=story.id) for story in DATA.stories]


def test_the_day_is_large_and_varied_enough():
    """At least 66 stories, five languages, enough of what must ring and of what must not."""
    assert len(DATA.stories) >= 66
    least = {"fr": 18, "en": 18, "ar": 14, "nl": 8, "de": 8}
    languages = Counter(story.language for story in DATA.stories)
    assert {code: n for code, n in least.items() if languages[code] < n} == {}
    assert sum(not story.truth.positive for story in DATA.stories) >= 25
    assert {story.truth.neg_kind for story in DATA.stories} - {None} == NEG_KINDS
    assert {"copy", "translation", "update", "correction", "kill"} <= {s.truth.relation for s in DATA.stories}
    assert {story.phase for story in DATA.stories} == {1, 2, 3}


@pytest.mark.parametrize("story", ALL)
def test_a_story_is_consistent(story: Story):
    """Its site speaks its language, its truth fits its kind, its event is known."""
    truth = story.truth
    assert BY_ID[story.site].language == story.language
    assert BY_ID[story.site].template, "its site's feed never works"
    assert (truth.event in EVENTS) == truth.positive
    assert (truth.neg_kind in NEG_KINDS) != truth.positive
    assert truth.severity is None or Severity(truth.severity)
    assert story.words >= 40
    assert not re.search(r"[{}]", on_day(" ".join(story.paragraphs), story.language, datetime.now(UTC)))
    assert "  " not in story.title


def test_every_event_is_reported_and_its_toll_is_that_of_a_story():
    """What events.yaml says last is what a story says."""
    for event in EVENTS.values():
        stories = [s for s in DATA.stories if s.truth.event == event.key]
        assert stories, event.key
        assert Severity(event.severity)
        assert event.places
        assert set(event.types) <= SUB_EVENTS
        assert event.types
        for name in ("killed", "wounded"):
            if getattr(event, name) is not None:
                assert getattr(event, name) in {getattr(s.truth, name) for s in stories}, (event.key, name)


def test_a_new_version_stands_at_the_old_address_later():
    """``revises`` means the same site, a later phase, a later minute."""
    by_id = {story.id: story for story in DATA.stories}
    revisions = [story for story in DATA.stories if story.revises]
    assert revisions
    for story in revisions:
        old = by_id[story.revises or ""]
        assert (story.site, story.slug) == (old.site, old.slug)
        assert (story.phase, -story.minutes) > (old.phase, -old.minutes)
        assert story.paragraphs != old.paragraphs


def test_a_feed_lists_each_address_once_in_its_latest_version():
    """Phase by phase, a feed only grows, and a revision takes its original's place."""
    for outlet in OUTLETS:
        before: set[str] = set()
        for phase in range(1, DATA.phases + 1):
            listed = DATA.listed(outlet.id, phase)
            slugs = [story.slug for story in listed]
            assert len(slugs) == len(set(slugs))
            assert before <= set(slugs)
            before = set(slugs)
    last = {story.id for story in DATA.listed("tigris-wire", 3)}
    assert "hilla-supply-convoy-driver-dies" in last
    assert "hilla-supply-convoy-blast" not in last


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        pytest.param("fr", "de {yesterday} à {today}", "de samedi à dimanche", id="fr"),
        pytest.param("ar", "فجر {today}", "فجر الأحد", id="ar"),
        pytest.param("de", "am {tomorrow}", "am Montag", id="de"),
    ],
)
def test_the_weekday_is_that_of_the_day_in_baghdad(language: str, text: str, expected: str):
    """22 November 2026 is a Sunday; 21:30 UTC is past midnight in Baghdad, and still belongs to Sunday's wire."""
    for at in (datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 22, 21, 30, tzinfo=UTC)):
        assert on_day(text, language, at) == expected


def test_odd_dates_are_odd_in_the_way_that_was_meant():
    """One clock two hours ahead of UTC under a zone name, one in Arabic month names without a zone."""
    at = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
    assert summer_time(at) == "Sun, 22 Nov 2026 23:30:00 CEST"
    assert arabic(at) == "23 تشرين الثاني 2026 00:30"
    assert arabic(at + timedelta(days=60)).split()[1:3] == ["كانون", "الثاني"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([{"id": "a", "copy_of": "b"}], "b, which is not there", id="copy of nothing"),
        pytest.param([{"id": "a", "text": " ", "site": "x"}], "no text", id="no text"),
        pytest.param([{"id": "a", "text": "t"}, {"id": "a", "text": "t"}], "share an id", id="one id twice"),
        pytest.param(
            [{"id": "a", "text": "t", "truth": {"positive": True, "relation": "rumour"}}], "rumour", id="word"
        ),
    ],
)
def test_a_mistake_in_the_stories_is_named(tmp_path: Path, rows: list[dict[str, object]], said: str):
    """Whoever adds a story is told what is wrong with it."""
    (tmp_path / "events.yaml").write_text("[]")
    (tmp_path / "xx.yaml").write_text(yaml.safe_dump(rows))
    with pytest.raises(ValueError, match=said):
        load(tmp_path)


def _pieces(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + 5]) for i in range(len(words) - 4)}


def _foreign_texts() -> Iterator[str]:
    yield (SHARED / "seed.txt").read_text(encoding="utf-8")
    for line in (SHARED / "data" / "flagging-dev.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)["text"]
    for path in sorted((SHARED / "data" / "dedup-dev").glob("arabic-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield " ".join(str(value) for value in json.loads(line).values())


@pytest.mark.skipif(not (SHARED / "seed.txt").exists(), reason="the evaluation texts are not on this machine")
def test_no_story_is_taken_from_the_evaluation_texts():
    """Every story is our own: next to no run of five words stands in a text that others wrote."""
    ours = {story.id: _pieces(" ".join(story.paragraphs)) for story in DATA.stories}
    wanted = set().union(*ours.values())
    foreign: set[str] = set()
    for text in _foreign_texts():
        foreign |= _pieces(text) & wanted
    shares = {name: len(pieces & foreign) / max(1, len(pieces)) for name, pieces in ours.items()}
    assert {name: share for name, share in shares.items() if share > 0.2} == {}


def test_the_files_hold_no_unknown_keys():
    """A misspelt key would be ignored in silence."""
    known = {
        "id", "site", "language", "phase", "minutes", "title", "byline", "section", "summary", "text", "truth",
        "copy_of", "revises", "blocked", "lead", "drop", "more",
    }  # fmt: skip
    for path in FOLDER.glob("??.yaml"):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            assert set(row) <= known, row["id"]


def test_a_reprint_is_its_original_after_the_edits(tmp_path: Path):
    """Paragraphs dropped from either end, the first one rewritten, something added; the truth is inherited."""
    rows = [
        {
            "id": "a", "site": "tigris-wire", "language": "en", "minutes": 60, "title": "A",
            "text": "one\n\ntwo\n\nlast",
            "truth": {"positive": True, "event": "e", "killed": 3},
        },
        {
            "id": "b", "site": "northline", "minutes": 50, "copy_of": "a", "lead": "ONE,\n rewritten", "drop": [1, -1],
            "more": "added", "truth": {"relation": "copy"},
        },
    ]  # fmt: skip
    (tmp_path / "events.yaml").write_text("[]")
    (tmp_path / "xx.yaml").write_text(yaml.safe_dump(rows))
    reprint = next(story for story in load(tmp_path).stories if story.id == "b")
    assert reprint.paragraphs == ("ONE, rewritten", "added")
    assert (reprint.language, reprint.title, reprint.summary) == ("en", "A", "ONE, rewritten")
    assert (reprint.truth.event, reprint.truth.relation, reprint.truth.killed) == ("e", "copy", 3)


def test_of_two_versions_in_one_phase_the_later_minute_is_listed():
    """A story may be revised twice between two polls."""
    first = next(story for story in DATA.stories if story.id == "six-held-garma")
    again = [replace(first, id=f"again-{n}", revises=first.id, minutes=n) for n in (5, 30)]
    assert [s.id for s in WireDayData((*again, first), ()).listed(first.site, 1)] == ["again-5"]


def test_no_text_can_end_the_script_that_carries_it():
    """Structured data stands inside a script element; a headline may hold any characters."""
    title = 'He said "</script><b>" & left'
    story = replace(DATA.listed("noordkoerier", 1)[0], title=title)
    press = Press(WireDayData((story,), ()), datetime.now(UTC), {"noordkoerier": "http://127.0.1.19:1"})
    page = BeautifulSoup(press.page(story, 1), "lxml")
    script = page.find("script", type="application/ld+json")
    assert script is not None
    assert json.loads(script.string or "")["headline"] == title
    assert page.find("b") is None
