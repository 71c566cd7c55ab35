"""The archive on a real file: what is written comes back, once, and what is kept follows the decision."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.wire_texts import AR, FLOOD, OTHER, PLANE, ROCKETS
from tocsin.archive import Archive, Stored, upkeep
from tocsin.archive.articles import REVISIONS
from tocsin.dedup import keys
from tocsin.dedup.keys import prints, words
from tocsin.errors import ArchiveError
from tocsin.model import (
    Article,
    Assessment,
    Change,
    Count,
    Decision,
    Event,
    EventUpdate,
    Facts,
    FeedRun,
    FeedState,
    Item,
    Outcome,
    Place,
    Reason,
    RunReport,
    Said,
    Severity,
    Signal,
    Source,
    Span,
    TextStatus,
    Wire,
)

NOW = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FULL = Article(
    url="https://a.example/1",
    title="Rockets land near Green Zone",
    text=ROCKETS,
    language="en",
    published=NOW,
    updated=NOW + HOUR,
    authors=("A. Author",),
    publisher="A Post",
    section="World",
    origins=("AFP",),
    canonical_url="https://a.example/1",
    feed="a",
    identity="1",
    status=TextStatus.SHORT,
    rung="json-ld",
    wire=Wire("AFP", "urn:1", "2", 1, Signal.LEAD, NOW),
    seen=NOW,
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A new archive in a file."""
    with Archive.open(tmp_path / "deep" / "er" / "tocsin.db") as opened:
        yield opened


def put(archive: Archive, article: Article, now: datetime = NOW) -> tuple[Decision, Stored]:
    """Decide and store as the pipeline does."""
    with archive.transaction():
        found = keys(article)
        decision = archive.decide(article, found, now=now)
        return decision, archive.store(article, found, decision, now=now)


def plain(n: int, text: str, **more: object) -> Article:
    """An article with an address and a text of its own."""
    return replace(Article(f"https://s{n}.example/{n}", f"Story {n}", text, published=NOW), **more)


# ------------------------------------------------------------------ articles


def test_an_article_comes_back_as_it_was(archive: Archive) -> None:
    _, stored = put(archive, FULL)
    assert archive.load_article(stored.id) == FULL
    assert archive.load_article(stored.id + 1) is None


def test_lone_surrogates_do_not_stop_a_story(archive: Archive) -> None:
    decision, stored = put(archive, plain(1, ROCKETS + "\ud800", title="Broken \udfff title"))
    loaded = archive.load_article(stored.id)
    assert decision.outcome is Outcome.NEW
    assert loaded is not None
    assert loaded.title == "Broken \ufffd title"
    assert loaded.text.endswith("\ufffd")


def test_the_same_address_only_moves_last_seen(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS))
    decision, again = put(archive, plain(1, ROCKETS, url="http://www.s1.example/1/?utm_source=rss"), NOW + HOUR)
    row = archive.article(first.id)
    assert (decision.outcome, again.id) == (Outcome.SAME_URL, first.id)
    assert archive.value("SELECT count(*) FROM article") == 1
    assert row is not None
    assert (row["first_seen"], row["last_seen"]) == (NOW.isoformat(), (NOW + HOUR).isoformat())


def test_a_copy_keeps_its_address_and_inherits_who_wrote_it(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS, origins=("Belga",)))
    decision, copy = put(archive, plain(2, ROCKETS, publisher="B Post"))
    _, credited = put(archive, plain(3, ROCKETS, origins=("AFP",)))
    assert (decision.outcome, decision.of) == (Outcome.COPY, first.id)
    loaded = archive.load_article(copy.id)
    assert loaded is not None
    assert (loaded.url, loaded.publisher, loaded.origins) == ("https://s2.example/2", "B Post", ("Belga",))
    row = archive.article(copy.id)
    assert row is not None
    assert (row["copy_of"], [f["id"] for f in row["family"]]) == (first.id, [first.id, copy.id, credited.id])
    assert [f["origins"] for f in row["family"]] == [["Belga"], ["Belga"], ["AFP"]]


def test_a_revision_keeps_the_old_text_with_a_diff(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS))
    new = plain(1, ROCKETS.replace("caused no casualties", "killed 2 guards"))
    decision, stored = put(archive, new, NOW + HOUR)
    assert (decision.outcome, stored.id) == (Outcome.REVISION, first.id)
    assert "[-caused no casualties,-] {+killed 2 guards,+}" in stored.diff
    row = archive.article(first.id)
    assert row is not None
    assert (row["version"], row["text"], row["diff"]) == (2, new.text, stored.diff)
    assert [(v["version"], v["text"], v["relation"]) for v in row["versions"]] == [(1, ROCKETS, "update")]
    assert [hit["id"] for hit in archive.search("guards killed")] == [first.id]
    assert archive.search("casualties") == []


def test_a_revision_that_missed_the_credit_keeps_it(archive: Archive) -> None:
    _, first = put(archive, FULL)
    put(archive, replace(FULL, text=FLOOD, origins=(), authors=(), published=None), NOW + HOUR)
    loaded = archive.load_article(first.id)
    assert loaded is not None
    assert (loaded.text, loaded.origins, loaded.authors, loaded.published) == (FLOOD, ("AFP",), ("A. Author",), NOW)


def test_a_revision_without_a_date_stays_where_its_article_stands_in_time(archive: Archive) -> None:
    """Three weeks later the same form is another story; the window is measured from the date that is kept."""
    _, first = put(archive, plain(1, ROCKETS))
    changed = plain(
        1, ROCKETS.replace("caused no casualties", "killed 2 guards"), published=None, seen=NOW + 500 * HOUR
    )
    assert put(archive, changed, NOW + 500 * HOUR)[0].outcome is Outcome.REVISION
    assert archive.value("SELECT at FROM article WHERE id = ?", [first.id]) == NOW.isoformat()
    near, late = f"{changed.text} (AFP)", f"{changed.text} (Reuters)"
    assert put(archive, plain(2, near, published=NOW + HOUR))[0].of == first.id
    assert put(archive, plain(3, late, published=NOW + 500 * HOUR))[0].outcome is Outcome.NEW


def test_a_revision_brings_the_date_that_its_article_had_not(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS, published=None))
    put(archive, plain(1, f"{ROCKETS} More follows.", published=NOW - 9 * HOUR), NOW + HOUR)
    assert archive.value("SELECT at FROM article WHERE id = ?", [first.id]) == (NOW - 9 * HOUR).isoformat()


def test_the_look_up_by_prints_says_what_is_wrong_with_the_file(archive: Archive) -> None:
    put(archive, plain(1, ROCKETS))
    archive.close()
    with pytest.raises(ArchiveError, match=r"tocsin\.db"):
        archive.sharing((1, 2, 3), NOW)
    with pytest.raises(ArchiveError, match=r"tocsin\.db"):
        archive.post(1, (1, 2, 3), NOW)


def test_an_address_that_tells_another_story_is_that_story_s_and_the_first_stays(archive: Archive) -> None:
    rockets = plain(1, ROCKETS, title="Rockets land near Green Zone")
    floods = plain(1, FLOOD, title="Water cuts the road to Duhok")
    _, first = put(archive, rockets)
    decision, second = put(archive, floods, NOW + HOUR)
    assert decision.outcome is Outcome.NEW
    for again, of in ((rockets, first.id), (floods, second.id), (rockets, first.id)):
        decision, stored = put(archive, again, NOW + 2 * HOUR)
        assert (decision.outcome, stored.id) == (Outcome.SAME_URL, of)
    newer = replace(floods, text=f"{FLOOD} The governor said it opens on Monday.", title="Road to Duhok stays cut")
    assert put(archive, newer, NOW + 3 * HOUR)[1].id == second.id
    assert archive.value("SELECT count(*) FROM article") == 2
    loaded = archive.load_article(first.id)
    assert loaded is not None
    assert loaded.text == ROCKETS


def test_stories_that_only_a_bare_number_names_are_two(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS, url="https://s.example/story.php?12345"))
    decision, second = put(archive, plain(1, OTHER, url="https://s.example/story.php?67890"))
    assert (decision.outcome, second.id) == (Outcome.NEW, first.id + 1)


def test_a_revision_is_found_by_its_new_text_and_no_longer_by_its_old(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS))
    put(archive, plain(1, FLOOD), NOW + HOUR)
    assert put(archive, plain(2, FLOOD))[0].of == first.id
    assert put(archive, plain(3, ROCKETS))[0].outcome is Outcome.NEW


def test_a_page_that_changes_for_ever_does_not_grow_for_ever(archive: Archive) -> None:
    for n in range(REVISIONS + 4):
        _, stored = put(archive, plain(1, f"{ROCKETS} Update {n}."), NOW + n * HOUR)
    row = archive.article(stored.id)
    assert row is not None
    assert row["version"] == REVISIONS + 4
    assert sum(v["text"] is not None for v in row["versions"]) == REVISIONS
    assert len(row["versions"]) == REVISIONS + 3


def test_a_wire_story_is_known_at_another_address(archive: Archive) -> None:
    _, first = put(archive, FULL)
    decision, stored = put(archive, replace(FULL, url="https://a.example/2", identity="2", text=OTHER))
    assert (decision.outcome, stored.id) == (Outcome.REVISION, first.id)
    row = archive.article(first.id)
    assert row is not None
    assert row["url"] == FULL.url
    assert {"u:https://a.example/1", "u:https://a.example/2"} <= set(row["names"])


def test_entries_that_point_to_the_front_page_are_not_one_article(archive: Archive) -> None:
    put(
        archive,
        Article("https://a.example/", "Bomb wounds two soldiers in Kirkuk", "A bomb went off at noon, police said."),
    )
    decision, _ = put(
        archive, Article("https://a.example/", "Oil exports rise", "Exports rose by a tenth, said the ministry.")
    )
    assert decision.outcome is Outcome.NEW


def test_boilerplate_without_end_does_not_hide_a_copy(archive: Archive) -> None:
    """A print with more than 64 postings is skipped, the others still find the original."""
    boiler = "Follow us for live updates and download our mobile application today."
    for n in range(80):
        put(archive, plain(n, f"{boiler}\n" + " ".join(f"word{n}x{i}" for i in range(60))))
    _, first = put(archive, plain(200, f"{boiler}\n{ROCKETS}"))
    assert put(archive, plain(201, f"{ROCKETS}\n{boiler}"))[0].of == first.id
    assert len(archive.sharing(prints(words(boiler)), NOW)) < 5  # of 82 that share it


def test_a_sentence_finds_the_long_story_that_it_begins(archive: Archive) -> None:
    """One in eight shingles is kept: without those of the first sentence most of these would be missed."""
    for n in range(12):
        lead = " ".join(f"{'abcdefghijkl'[n]}{'mnopqrstuvwxyz'[i % 14] * (1 + i // 14)}" for i in range(25))
        rest = " ".join(f"{'abcdefghijkl'[n]}{'mnopqrstuvwxyz'[i % 14]}{'mnopqrstuvwxyz'[i // 14]}" for i in range(190))
        _, story = put(archive, plain(n, f"{lead}. {rest}", title=f"Story of {'abcdefghijkl'[n] * 9} and more"))
        decision, _ = put(
            archive, plain(n, lead, url=f"https://b.example/{n}", title=f"Story of {'abcdefghijkl'[n] * 9} and more")
        )
        assert (decision.outcome, decision.of) == (Outcome.COPY, story.id)


def test_an_address_learnt_on_the_way_is_remembered(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS))
    short = plain(1, ROCKETS, url="https://s1.example/s/x", canonical_url="https://s1.example/1")
    assert put(archive, short)[0].outcome is Outcome.SAME_URL
    decision, _ = put(archive, replace(short, text=FLOOD, canonical_url=""))
    assert (decision.outcome, decision.of) == (Outcome.REVISION, first.id)


def test_a_name_stays_with_the_article_that_had_it_first(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS, feed="f", identity="7"))
    decision, other = put(archive, plain(2, OTHER, feed="f", identity="7"))
    assert (decision.outcome, other.id != first.id) == (Outcome.NEW, True)
    assert archive.value("SELECT article FROM name WHERE key = 'f:f 7'") == first.id


def test_a_revision_leaves_only_its_new_prints(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS))
    put(archive, plain(1, FLOOD))
    postings = [row["h"] for row in archive.query(f"SELECT h FROM fp_{NOW:%Y%m} WHERE d = ? ORDER BY h", [first.id])]
    assert tuple(postings) == keys(plain(1, FLOOD)).prints


def test_the_original_is_asked_even_where_only_its_copy_came_up(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS, title="Rockets land near Green Zone"))
    both = "\n".join([ROCKETS, FLOOD, PLANE])
    decision, _ = put(archive, plain(2, both, title="Rockets land near Green Zone"))
    assert (decision.outcome, decision.of) == (Outcome.COPY, first.id)
    assert put(archive, plain(3, f"{FLOOD}\n{PLANE}", title="Flash floods in the north"))[0].outcome is Outcome.NEW


# ------------------------------------------------------------------ feeds and items


def test_feed_states_come_back(archive: Archive) -> None:
    state = FeedState("a", '"x"', "Sat", "h", "ok", "", 0.5, 900, NOW, NOW, NOW - HOUR, NOW, "https://a.example/f", "A")
    archive.save_feed_state(FeedState("a"))
    archive.save_feed_state(state)
    archive.save_feed_state(FeedState("b", status="timeout"))
    assert archive.feed_states() == {"a": state, "b": FeedState("b", status="timeout")}
    assert [(f["id"], f["status"], f["items"]) for f in archive.list_feeds()] == [("a", "ok", 0), ("b", "timeout", 0)]


def test_items_are_known_by_feed_and_identity(archive: Archive) -> None:
    item = Item("a", "1", "https://a.example/1", "Title", content_hash="h1")
    archive.save_item(item, Outcome.FAILED, article=None, now=NOW, detail="timeout")
    archive.save_item(item, Outcome.FAILED, article=None, now=NOW + HOUR)
    assert archive.known_items("a", ["1", "2"])["1"].tries == 2
    assert archive.known_items("b", ["1"]) == {}
    _, stored = put(archive, FULL)
    archive.save_item(replace(item, content_hash="h2"), Outcome.NEW, article=stored.id, now=NOW + 2 * HOUR)
    known = archive.known_items("a", ["1"])["1"]
    assert (known.content_hash, known.article, known.outcome, known.tries) == ("h2", stored.id, Outcome.NEW, 0)
    archive.save_item(item, Outcome.FAILED, article=None, now=NOW + 3 * HOUR)
    assert archive.known_items("a", ["1"])["1"].article == stored.id
    row = archive.article(stored.id)
    assert row is not None
    assert row["items"][0]["first_seen"] == NOW.isoformat()


def test_more_identities_than_sqlite_takes_at_once(archive: Archive) -> None:
    with archive.transaction():
        for n in range(1200):
            archive.save_item(Item("a", str(n), "", ""), Outcome.NEW, article=None, now=NOW)
    assert len(archive.known_items("a", [str(n) for n in range(1100, 40_000)])) == 100


@pytest.mark.parametrize(
    ("outcome", "retry", "age", "found"),
    [
        pytest.param(Outcome.BLOCKED, 0, 1, True, id="its time has come"),
        pytest.param(Outcome.BLOCKED, 1, 1, False, id="not yet"),
        pytest.param(Outcome.BLOCKED, 0, 47, True, id="47 hours old"),
        pytest.param(Outcome.BLOCKED, 0, 49, False, id="given up after 48 hours"),
        pytest.param(Outcome.NEW, 0, 1, True, id="read on the feed's words, its page waits for its turn"),
        pytest.param(Outcome.NEW, None, 1, False, id="it was had in the end"),
    ],
)
def test_items_to_retry(archive: Archive, outcome: Outcome, retry: int | None, age: int, found: bool) -> None:
    item = Item("a", "1", "https://a.example/1", "Title", "Summary", published=NOW, wire=Wire("AFP"))
    retry_at = None if retry is None else NOW + retry * HOUR
    archive.save_item(item, outcome, article=None, now=NOW - age * HOUR, retry_at=retry_at)
    assert archive.items_to_retry(NOW, 10) == ([item] if found else [])


# ------------------------------------------------------------------ assessments, events, runs

SPAN = Span("title", 0, 7, "Rockets")
BAGHDAD = Place("Baghdad", 33.3, 44.4, "town", "IQ", "Baghdad")
FACTS = Facts(places=(Said(BAGHDAD, SPAN),), killed=Said(Count(1, 2), SPAN), when=Said(NOW, SPAN))
ASSESSMENT = Assessment(
    "iraq-security", 0.93, True, False, Severity.HIGH, FACTS, "Rockets", (Reason("r", SPAN, 1.5),), "why", "en"
)


def event(id_: str = "e1", watch: str = "iraq-security", seen: datetime = NOW, **more: object) -> Event:
    """An event with one source."""
    source = Source(1, "https://a.example/1", "Rockets", "A Post", "en", (), NOW, NOW, killed=Count(1, 2))
    return replace(Event(id_, watch, 1, Severity.HIGH, "Rockets", FACTS, (source,), NOW, seen), **more)


def test_assessments_come_back_and_the_latest_counts(archive: Archive) -> None:
    _, stored = put(archive, FULL)
    archive.save_assessment(stored.id, replace(ASSESSMENT, flagged=False), now=NOW)
    archive.save_assessment(stored.id, ASSESSMENT, now=NOW + HOUR)
    assert archive.assessment(stored.id, "iraq-security") == ASSESSMENT
    assert archive.assessment(stored.id, "other") is None
    row = archive.article(stored.id)
    assert row is not None
    assert row["assessments"][0]["facts"]["killed"]["value"] == {"min": 1, "max": 2}


def test_events_come_back_with_their_articles(archive: Archive) -> None:
    _, stored = put(archive, FULL)
    update = EventUpdate(event(), True, (Change("killed", "0", "1-2"),), "first report")
    archive.save_event(update, stored.id, now=NOW)
    archive.save_event(
        replace(update, event=event(version=2, severity=Severity.CRITICAL), is_new=False), stored.id, now=NOW
    )
    assert archive.event("e1") == event(version=2, severity=Severity.CRITICAL)
    assert archive.event("e2") is None
    assert archive.event_of_article(stored.id, "iraq-security") == "e1"
    assert archive.event_of_article(stored.id, "other") is None
    assert [(c["field"], c["old"], c["new"]) for c in archive.event_history("e1")] == [("killed", "0", "1-2")] * 2
    (row,) = archive.list_events(10)
    assert (row["id"], row["severity"], row["origins"]) == ("e1", "critical", ["A Post"])
    json.dumps(archive.list_events(10))


def test_open_events_are_those_of_the_watch_still_reported(archive: Archive) -> None:
    _, stored = put(archive, FULL)
    for one in (event("e1"), event("e2", "other"), event("e3", seen=NOW - 5 * HOUR), event("e4", state="withdrawn")):
        archive.save_event(EventUpdate(one, True, (), ""), stored.id, now=NOW)
    assert [e.id for e in archive.open_events("iraq-security", NOW - HOUR)] == ["e1"]
    assert [e.id for e in archive.open_events("iraq-security", NOW - 5 * HOUR)] == ["e1", "e3"]
    assert [e["id"] for e in archive.list_events(10, since=NOW - HOUR, watch="other")] == ["e2"]


@pytest.mark.parametrize(
    ("feeds", "skipped", "success"),
    [
        pytest.param((FeedRun("a", "u", "ok"),), "", True, id="a feed answered"),
        pytest.param(
            (FeedRun("a", "u", "timeout", down=True), FeedRun("b", "u", "unchanged")), "", True, id="one of two"
        ),
        pytest.param((FeedRun("a", "u", "timeout", down=True),), "", False, id="none did"),
        pytest.param((), "another poll is running", False, id="skipped"),
    ],
)
def test_last_success_is_a_run_that_reached_a_feed(
    archive: Archive, feeds: tuple[FeedRun, ...], skipped: str, success: bool
) -> None:
    report = RunReport(NOW, NOW + HOUR, feeds, (), skipped=skipped)
    archive.record_run(report)
    assert archive.runs(5) == [report]
    assert archive.last_success() == (NOW + HOUR if success else None)


# ------------------------------------------------------------------ transactions, upkeep


def test_a_transaction_is_all_or_nothing_also_nested(archive: Archive) -> None:
    def half() -> None:
        with archive.transaction():
            put(archive, plain(1, ROCKETS))
            with archive.transaction():
                put(archive, plain(2, OTHER))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert archive.value("SELECT count(*) FROM article") == 0
    assert archive.months() == []
    assert put(archive, plain(1, ROCKETS))[0].outcome is Outcome.NEW


def test_prune_forgets_the_old_but_not_what_an_event_rests_on(archive: Archive) -> None:
    _, old = put(archive, plain(1, ROCKETS), NOW - 100 * HOUR)
    _, evidence = put(archive, plain(2, OTHER), NOW - 100 * HOUR)
    _, fresh = put(archive, plain(3, FLOOD), NOW)
    archive.save_event(EventUpdate(event(), True, (), ""), evidence.id, now=NOW)
    archive.save_assessment(old.id, ASSESSMENT, now=NOW)
    archive.save_item(Item("a", "1", "", ""), Outcome.NEW, article=old.id, now=NOW - 100 * HOUR)
    archive.read_new()
    _, unread = put(archive, plain(4, AR), NOW - 100 * HOUR)
    assert archive.prune(NOW - HOUR) == 2
    assert archive.read_new() == 0, unread
    assert [archive.load_article(n) is None for n in (old.id, evidence.id, fresh.id)] == [True, False, False]
    assert archive.value("SELECT count(*) FROM article_fts") == 2
    assert archive.value(f"SELECT count(*) FROM fp_{NOW:%Y%m} WHERE d = ?", [old.id]) == 0
    assert archive.known_items("a", ["1"]) == {}
    assert archive.check() == []
    assert put(archive, plain(4, ROCKETS))[0].outcome is Outcome.NEW


def test_pruning_looks_without_the_lock_and_spares_what_was_shown_since(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll writes while every article is looked at; each is looked at once, however many batches that makes."""
    monkeypatch.setattr(upkeep, "BATCH", 2)
    numbers = [put(archive, plain(n, text), NOW - 100 * HOUR)[1].id for n, text in enumerate((ROCKETS, OTHER, FLOOD))]
    look, looked = archive._old, []

    def poll(among: str, limits: dict[str, object]) -> list[dict[str, Any]]:
        found = look(among, limits)
        if "after" in limits:
            looked.append(limits["after"])
            with Archive.open(archive.path) as other:
                other.execute("UPDATE article SET last_seen = ? WHERE id = ?", [NOW.isoformat(), numbers[0]])
        return found

    monkeypatch.setattr(archive, "_old", poll)
    assert archive.prune(NOW - HOUR) == 2
    assert looked == [0, *numbers[1:]]
    assert [archive.load_article(n) is None for n in numbers] == [False, True, True]


def test_a_backup_is_a_whole_archive(archive: Archive, tmp_path: Path) -> None:
    _, stored = put(archive, FULL)
    copy = tmp_path / "backup" / "tocsin.db"
    for _ in range(2):  # over an existing one, too
        archive.backup(copy)
    with Archive.open(copy) as restored:
        assert restored.load_article(stored.id) == FULL
        assert put(restored, plain(9, ROCKETS))[0].of == stored.id
    assert [p.name for p in copy.parent.iterdir() if p.suffix == ".part"] == []


def test_a_backup_that_cannot_be_written_names_its_file(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match=r"file/x\.db"):
        archive.backup(tmp_path / "file" / "x.db")


def test_optimise_changes_nothing_that_is_read(archive: Archive) -> None:
    put(archive, FULL)
    before = archive.query("SELECT * FROM article")
    archive.optimise()
    assert archive.query("SELECT * FROM article") == before
    assert archive.check() == []


# ------------------------------------------------------------------ search

TEXTS = {
    1: ("Rockets land near Green Zone in Baghdad", ROCKETS),
    2: ("إصابة جنديين بانفجار", AR.replace("الموصل", "ببغداد")),
    3: ("Trois blessés à Bagdad", "L’attaque a visé une base des forces irakiennes près de l’aéroport, selon l’armée."),
    4: ("Überfall in Erbil", "Die Straße zum Flughafen ist gesperrt, sagte ein Sprecher der Peschmerga am Sonntag."),
    5: ("وصول تعزيزات", "أعلنت قيادة العمليات وصول تعزيزات إلى بغداد والأنبار بعد الهجوم على المطار بثلاث مسيّرات."),
}

QUERIES = {
    "a word": ("rockets", {1}),
    "in capitals": ("ROCKETS", {1}),
    "without accents": ("blesses", {3}),
    "with accents": ("BLESSÉS", {3}),
    "an umlaut": ("uberfall", {4}),
    "sharp s": ("Strase", {4}),
    "behind an apostrophe": ("aéroport", {3}),
    "Arabic, bare": ("بغداد", {1, 2, 3, 5}),
    "Arabic, with a preposition": ("ببغداد", {1, 2, 3, 5}),
    "Arabic, with vowels": ("بَغْدَاد", {1, 2, 3, 5}),
    "Arabic, hamza left out": ("الانبار", {5}),
    "Arabic, with article": ("الهجوم", {5}),
    "Arabic, without article": ("هجوم", {5}),
    "Arabic, 'and' before the article": ("والأنبار", {5}),
    "Arabic, stretched": ("بغـــداد", {1, 2, 3, 5}),
    "a place under its French name": ("bagdad", {1, 2, 3, 5}),
    "a place of several words": ('"zone verte"', {1}),
    "a word without a name": ("Peschmerga", {4}),
    "a place under its Kurdish name": ("Hewlêr", {4}),
    "two words are both wanted": ("green baghdad", {1}),
    "two words, never together": ("rockets erbil", set()),
    "a phrase": ('"green zone"', {1}),
    "a phrase in another order": ('"zone green"', set()),
    "a word that must not be": ("bagdad -aéroport", {1, 2, 5}),
    "a phrase that must not be": ('baghdad -"green zone"', {2, 3, 5}),
    "a phrase that must not be, first": ('-"green zone" baghdad', {2, 3, 5}),
    "a phrase that must not be, in another order": ('baghdad -"zone green"', {1, 2, 3, 5}),
    "a name of two parts that must not be": ("baghdad -green-near", {1, 2, 3, 5}),
    "a lone sign before a phrase": ('- "green zone"', {1}),
    "only what must not be": ('-"green zone"', set()),
    "operators are words": ("rockets AND OR NOT", set()),
    "nothing": ("", set()),
    "only signs": ('*"()^:', set()),
    "an open quote": ('"rockets', {1}),
    "a column name": ("title:rockets", set()),
    "a beginning": ("rocket*", {1}),
    "a beginning in Arabic": ("تعزيز*", {5}),
    "no beginning": ("ocket*", set()),
    "a lone surrogate": ("rockets \ud800", {1}),
}


@pytest.fixture(scope="module")
def library() -> Archive:
    """An archive with a few texts in four languages."""
    archive = Archive.memory()
    for number, (title, text) in TEXTS.items():
        put(archive, Article(f"https://l.example/{number}", title, text))
    return archive


@pytest.mark.parametrize(("query", "expected"), QUERIES.values(), ids=QUERIES)
def test_search(library: Archive, query: str, expected: set[int]) -> None:
    assert {row["id"] for row in library.search(query)} == expected


def test_search_shows_the_words_as_they_were_written(library: Archive) -> None:
    (row,) = library.search("aeroport")
    assert "l’aéroport" in row["snippet"]
    assert set(row) >= {"id", "url", "title", "language", "publisher", "origins", "published", "flagged", "event"}
    json.dumps(row)


def test_search_stops_at_its_limit(library: Archive) -> None:
    assert len(library.search("بغداد", limit=1)) == 1


def test_a_word_of_the_title_counts_more() -> None:
    with Archive.memory() as archive:
        put(
            archive,
            Article("https://l.example/1", "Weather", "Rain fell on the bridge and on the road beside the old bridge."),
        )
        _, wanted = put(
            archive, Article("https://l.example/2", "Bridge blown up", "The army closed the road on Sunday evening.")
        )
        put(
            archive,
            Article("https://l.example/3", "Traffic", "Cars queued for an hour before the bridge was open again."),
        )
        assert archive.search("bridge")[0]["id"] == wanted.id


def test_a_page_that_changes_at_every_fetch_does_not_flood(archive: Archive) -> None:
    """A counter makes no version; new words make one each, but only so many texts are kept."""
    put(archive, plain(1, f"{ROCKETS}\nUpdated 08:00, 3 views"))
    for n in range(40):
        decision, _ = put(archive, plain(1, f"{ROCKETS}\nUpdated 08:{n + 10}, {n + 4} views"))
        assert decision.outcome is Outcome.SAME_URL
    assert archive.value("SELECT count(*) FROM revision") == 0
    for n in range(40):
        put(archive, plain(1, f"{ROCKETS}\nRead also: story {'abcdefghij'[n % 10] * (4 + n // 10)} of the day"))
    kept = archive.value("SELECT count(*) FROM revision WHERE text IS NOT NULL")
    assert (archive.value("SELECT count(*) FROM article"), kept) == (1, 24)


def test_a_spelling_mend_is_a_silent_revision(archive: Archive) -> None:
    put(archive, plain(1, ROCKETS.replace("embassy", "embasy")))
    decision, stored = put(archive, plain(1, ROCKETS))
    assert (decision.outcome, decision.relation) == (Outcome.REVISION, "silent")
    assert "[-embasy-] {+embassy+}" in stored.diff


GUIDS = {
    "one guid for every entry": (["same", "same", "same"], [Outcome.NEW, Outcome.NEW, Outcome.NEW]),
    "a guid used again for another story": (["7", "8", "7"], [Outcome.NEW, Outcome.NEW, Outcome.NEW]),
}


@pytest.mark.parametrize(("guids", "outcomes"), GUIDS.values(), ids=GUIDS)
def test_feeds_that_lie_about_their_ids_lose_no_story(
    guids: list[str], outcomes: list[Outcome], archive: Archive
) -> None:
    texts = (ROCKETS, FLOOD, OTHER)
    found = [
        put(archive, plain(n, text, feed="f", identity=guid, url=f"https://f.example/story/{n}"))[0].outcome
        for n, (guid, text) in enumerate(zip(guids, texts, strict=True))
    ]
    assert found == outcomes


def test_a_guid_that_changes_at_every_poll_makes_no_second_article(archive: Archive) -> None:
    for n in range(5):
        decision, _ = put(archive, plain(1, ROCKETS, feed="f", identity=f"poll-{n}"))
        assert decision.outcome is (Outcome.SAME_URL if n else Outcome.NEW)
    assert archive.value("SELECT count(*) FROM article") == 1


def test_two_halves_of_a_story_become_one_family_when_the_whole_arrives(archive: Archive) -> None:
    lines = ROCKETS.split("\n")
    title = "Rockets launched at Baghdad embassy"
    _, first = put(archive, plain(1, "\n".join(lines[:3]), title=title))
    later = f"{lines[2].split(',')[1]}.\n" + "\n".join(lines[3:])  # of the third sentence only its end
    decision, second = put(archive, plain(2, later, title=title))
    assert decision.outcome is Outcome.NEW
    _, copied = put(archive, plain(3, f"{later}\n(INA)", title=title))
    decision, whole = put(archive, plain(4, ROCKETS, title=title))
    assert (decision.outcome, decision.of, decision.joins) == (Outcome.COPY, first.id, (second.id,))
    rows = archive.query("SELECT id, copy_of, why FROM article WHERE copy_of IS NOT NULL ORDER BY id")
    assert [(row["id"], row["copy_of"]) for row in rows] == [(n, first.id) for n in (second.id, copied.id, whole.id)]
    assert rows[0]["why"].endswith(f"was original {second.id}, joined by article {whole.id}")
    assert archive.check() == []


def test_two_texts_without_a_word_in_common_stay_two_families(archive: Archive) -> None:
    """A caller's two stories under titles about him, in one article: its copy and its part, not one story."""
    lines = ROCKETS.split("\n")
    title = "Rockets launched at Baghdad embassy"
    put(archive, plain(1, "\n".join(lines[:2]), title=title))
    put(archive, plain(2, "\n".join(lines[3:]), title=title))
    decision, _ = put(archive, plain(3, ROCKETS, title=title))
    assert (decision.outcome, decision.joins, [part.of for part in decision.parts]) == (Outcome.COPY, (), [2])


def test_a_live_page_joins_no_two_stories(archive: Archive) -> None:
    put(archive, plain(1, f"{ROCKETS}\n{FLOOD}", title="Live 14/03"))
    put(archive, plain(2, ROCKETS, title="Rockets launched at Baghdad embassy"))
    put(archive, plain(3, FLOOD, title="Floods cut the road to Duhok"))
    assert put(archive, plain(4, f"{ROCKETS}\n(INA)", title="Rockets launched at Baghdad embassy"))[0].joins == ()
    assert put(archive, plain(5, f"{FLOOD}\n(INA)", title="Floods cut the road to Duhok"))[0].joins == ()
    roots = archive.query("SELECT DISTINCT coalesce(copy_of, id) AS root FROM article WHERE id > 1")
    assert len(roots) == 2


def test_a_credit_line_found_later_holds_for_the_whole_family(archive: Archive) -> None:
    _, first = put(archive, plain(1, ROCKETS, publisher="La Une"))
    put(archive, plain(2, f"{ROCKETS}\nMore on our site.", publisher="La Deux"))
    put(archive, plain(3, f"{ROCKETS}\n(Belga)", publisher="La Trois", origins=("Belga",)))
    put(archive, plain(4, f"{ROCKETS}\n(AFP)", publisher="La Trois", origins=("AFP",)))
    shown = archive.article(first.id)
    assert shown is not None
    assert (len(shown["family"]), shown["outlets"]) == (4, ["La Une", "La Deux", "La Trois"])
    assert shown["family_origins"] == ["Belga", "AFP"]
