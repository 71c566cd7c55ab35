"""A wire that drops files into a folder: read once, in order, with its corrections, kills and embargoes."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import gathering, run
from scrapers import folder, sandbox
from tests.fakes.newsroom import rss, slug
from tests.fakes.site import reply, serve
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import Config, Feed, reading
from tocsin.errors import ConfigError, FetchError
from tocsin.model import FeedState

NOW = datetime.now(UTC)
HEAD = "Two Iraqi soldiers killed in roadside bomb attack near Tarmiya"
BODY = (
    "<p>A roadside bomb killed two Iraqi soldiers and wounded three on a road near Tarmiya, north of Baghdad, on "
    "Monday, "
    "the Security Media Cell said.</p><p>The blast hit a military patrol of the army's 6th division. No group claimed "
    "responsibility for the attack, which came a week after a similar bombing in the same district.</p>"
)


@pytest.fixture
def wire(tmp_path: Path) -> Path:
    """The folder."""
    made = tmp_path / "wire"
    made.mkdir()
    return made


@pytest.fixture
def config(tmp_path: Path, wire: Path) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(
        """
archive: tocsin.db
http: {user_agent: "Tocsin/1.0 (+https://tocsin.example/; t@tocsin.example)"}
feeds: [{id: wire, path: wire, language: en, publisher: The Wire}]
alerts: {channels: {terminal: {kind: terminal}}, routes: [{to: [terminal]}]}
""",
        encoding="utf-8",
    )
    return reading.load(path)


def drop(wire: Path, name: str, **more: Any) -> Path:
    """A story in ninjs, complete."""
    at = (NOW - timedelta(minutes=20)).isoformat()
    story = {"uri": "tag:wire.example,2026:1", "version": "1", "firstcreated": at, "versioncreated": at,
             "pubstatus": "usable", "urgency": 2, "language": "en", "headline": HEAD, "body_html": BODY}  # fmt: skip
    path = wire / name
    path.write_text(json.dumps(story | more), encoding="utf-8")
    return path


def poll(
    config: Config, monkeypatch: pytest.MonkeyPatch, *, after: timedelta = timedelta(seconds=10)
) -> dict[str, int]:
    """One poll, some time from now: what was just written has been left alone by then."""
    at = datetime.now(UTC) + after
    monkeypatch.setattr(run, "utc_now", lambda: at)
    return run.poll_direct(config).outcomes


def rang(config: Config) -> list[str]:
    """Why alerts were made, in order."""
    with Archive.open(config.archive) as archive:
        return [row["reason"] for row in reversed(Outbox(archive).list_alerts())]


def test_a_story_its_copy_and_its_kill(config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file once; the kill finds the story by the agency's id, and takes the alert back."""
    drop(wire, "0001.json")
    assert poll(config, monkeypatch) == {"new": 1}
    assert rang(config) == ["first"]
    assert poll(config, monkeypatch) == {}
    drop(wire, "0002.json", version="2", pubstatus="canceled", versioncreated=NOW.isoformat())
    poll(config, monkeypatch, after=timedelta(seconds=20))
    assert rang(config) == ["first", "withdrawn"]
    with Archive.open(config.archive) as archive:
        assert archive.feed_states()["wire"].status == "ok"


def test_versions_that_come_together_are_read_in_their_order(
    config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when their first times are the same and their names are not in order."""
    drop(wire, "b.json")
    later = (NOW - timedelta(minutes=5)).isoformat()
    drop(
        wire,
        "a.json",
        version="2",
        versioncreated=later,
        headline=HEAD.replace("Two", "Three"),
        body_html=BODY.replace("killed two", "killed three"),
    )
    assert poll(config, monkeypatch) == {"new": 1, "revision": 1}
    with Archive.open(config.archive) as archive:
        (article,) = archive.list_events(5)[0]["sources"][:1]
        row = archive.article(article["article"])
    assert row is not None
    assert (row["version"], row["title"]) == (2, HEAD.replace("Two", "Three"))


def test_an_embargo_holds_and_then_rings_although_the_story_is_days_old(
    config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is stored or told before; the age that matters is that of the embargo's end."""
    until = datetime.now(UTC) + timedelta(days=3)
    drop(wire, "0001.json", embargoed=until.isoformat())
    assert poll(config, monkeypatch) == {"held": 1}
    assert poll(config, monkeypatch, after=timedelta(days=3, minutes=-5)) == {}
    assert rang(config) == []
    with Archive.open(config.archive) as archive:
        assert archive.list_events(5) == []
    assert poll(config, monkeypatch, after=timedelta(days=3, minutes=5)) == {"new": 1}
    assert rang(config) == ["first"]


def test_an_embargo_that_ends_is_told_although_its_page_has_to_wait(
    config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the document's own words, at once."""
    monkeypatch.setattr(gathering, "PAGES_PER_POLL", 0)
    until = datetime.now(UTC) + timedelta(hours=3)
    drop(wire, "0001.json", embargoed=until.isoformat(), body_html="", webUrl="https://wire.example/story")
    assert poll(config, monkeypatch) == {"held": 1}
    assert poll(config, monkeypatch, after=timedelta(hours=3, minutes=5)) == {"new": 1}
    assert rang(config) == ["first"]


def test_a_kill_under_embargo_ends_the_story(config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was killed before its time is never told."""
    until = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    drop(wire, "0001.json", embargoed=until)
    poll(config, monkeypatch)
    drop(wire, "0002.json", version="2", pubstatus="canceled", embargoed=until, versioncreated=NOW.isoformat())
    poll(config, monkeypatch, after=timedelta(seconds=20))
    poll(config, monkeypatch, after=timedelta(hours=4))
    assert rang(config) == []


def test_what_is_no_document_is_named_and_the_rest_goes_on(
    config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unfinished files, hidden ones, links and folders are left alone."""
    drop(wire, "good.json")
    for name in (".hidden.json", "half.json.part", "~lock"):
        drop(wire, name, uri=name)
    (wire / "notes.txt").write_text("call me", encoding="utf-8")
    (wire / "sub").mkdir()
    (wire / "link.json").symlink_to("/etc/hostname")
    assert poll(config, monkeypatch) == {"new": 1}
    with Archive.open(config.archive) as archive:
        state = archive.feed_states()["wire"]
    assert state.status == "degraded"
    assert "notes.txt: not_a_feed" in state.detail
    assert "link" not in state.detail


def test_documents_without_text_cost_no_more_pages_a_poll_than_a_feed(
    config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are stored and told on their own words at once; the pages of the newest are read, the others' follow."""
    monkeypatch.setattr(gathering, "PAGES_PER_POLL", 2)
    monkeypatch.setattr(gathering, "RETRIES_PER_POLL", 2)
    http = config.http.model_copy(
        update={"allow_private_addresses": ("127.0.0.0/8",), "per_host_delay_seconds": 0.0, "max_hops": 4}
    )
    titles = [f"Mortar round number {n} falls near a checkpoint in Kirkuk" for n in range(6)]
    pages = [f"/{slug(title)}" for title in titles]
    with serve({path: reply(403) for path in pages}) as site:
        (wire / "0001.xml").write_bytes(rss(*titles, base=site.base, at=NOW))
        assert sum(poll(config.model_copy(update={"http": http}), monkeypatch).values()) == 6
        asked = [path for path in site.paths() if path in pages]
    assert asked == pages[:2]
    with Archive.open(config.archive) as archive:
        assert archive.value("SELECT count(*) FROM item WHERE article IS NOT NULL AND retry_at IS NOT NULL") == 6


# an item that feedparser 6.0 fails on: coordinates outside their element
POISON = (
    "<rss><channel><title>T</title><item><guid>1</guid><title>x</title><gml:pos>36 43</gml:pos></item></channel></rss>"
)


def test_a_file_that_no_reader_survives_is_named_and_the_wire_goes_on(
    config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an emoji is no poison. What is stays named while nothing else comes, and operators hear of it once."""
    (wire / "1.xml").write_text(POISON, encoding="utf-8")
    drop(wire, "2.json", headline="Cut inside an emoji \ud83d", uri="tag:wire.example,2026:2")
    drop(wire, "3.json")
    assert poll(config, monkeypatch) == {"new": 1, "copy": 1}
    named = "1.xml: bug: rss_atom: KeyError: 'where'"
    for seconds in (0, 20):
        with Archive.open(config.archive) as archive:
            state = archive.feed_states()["wire"]
            told = [row for row in Outbox(archive).list_alerts() if row["reason"] == "trouble"]
        assert (state.status, state.detail, len(told)) == ("bug", named, 1)
        assert f"left files of it unread: {named}" in str(told)
        assert seconds or poll(config, monkeypatch, after=timedelta(seconds=20)) == {}
    drop(wire, "4.json", version="2", versioncreated=NOW.isoformat())
    poll(config, monkeypatch, after=timedelta(seconds=30))
    with Archive.open(config.archive) as archive:
        assert archive.feed_states()["wire"].status == "ok"
    assert sorted(rang(config)) == ["cleared", "first", "trouble"]


def test_while_no_reader_can_be_started_no_file_is_passed_over(
    config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no fault of theirs: they are read when it is mended."""
    drop(wire, "1.json")
    with monkeypatch.context() as broken:
        broken.setattr(sandbox, "_asked", lambda *args: (_ for _ in ()).throw(RuntimeError("no reader can be started")))
        assert poll(config, monkeypatch) == {}
    with Archive.open(config.archive) as archive:
        assert archive.feed_states()["wire"].status == "bug"
    assert poll(config, monkeypatch, after=timedelta(hours=2)) == {"new": 1}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file name is text")
def test_a_file_name_of_any_bytes_is_read_once(config: Config, wire: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How far we have read, and the name of a bad file, are text that the archive can hold."""
    drop(wire, "plain.json").rename(wire / os.fsdecode(b"caf\xe9.json"))
    (wire / os.fsdecode(b"\xff.txt")).write_text("call me", encoding="utf-8")
    assert poll(config, monkeypatch) == {"new": 1}
    with Archive.open(config.archive) as archive:
        assert "\ufffd.txt: not_a_feed" in archive.feed_states()["wire"].detail
    assert poll(config, monkeypatch, after=timedelta(seconds=20)) == {}


FEED = Feed(id="wire", url="folder:wire", path="wire")


def look(wire: Path, state: FeedState, seconds: float = 10) -> folder.Drop:
    """A look some seconds from now."""
    return folder.look(FEED, wire, state, limit=100_000, now=datetime.now(UTC) + timedelta(seconds=seconds))


def test_a_file_is_read_when_it_has_been_left_alone_whatever_its_date(wire: Path) -> None:
    """A back-dated file that is moved in is new; one just written waits; one written over is read again."""
    first = drop(wire, "z.json")
    assert look(wire, FeedState("wire"), seconds=0).files == 0
    seen = look(wire, FeedState("wire"))
    state = FeedState("wire", etag=seen.reached)
    assert (seen.files, look(wire, state).files) == (1, 0)
    old = drop(wire.parent, "a.json")
    os.utime(old, (1, 1))
    old.rename(wire / "a.json")
    assert look(wire, state).files == 1
    state = FeedState("wire", etag=look(wire, state).reached)
    first.write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    assert look(wire, state).files == 1


def test_a_full_folder_is_read_in_portions_and_nothing_is_left_out(wire: Path) -> None:
    """Fifty at a time, each once."""
    for n in range(folder.FILES * 2 + 3):
        drop(wire, f"{n % 7}-{n}.json", uri=f"tag:{n}")
    state, seen = FeedState("wire"), []
    for _ in range(3):
        got = look(wire, state)
        seen += [item.identity for item in got.document.items]
        state = FeedState("wire", etag=got.reached)
    assert sorted(seen) == sorted(f"tag:{n}" for n in range(folder.FILES * 2 + 3))
    assert not got.more


def test_a_look_that_takes_long_goes_on_at_the_next_poll(wire: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty bombs of ten seconds each would hold back the first alert for eight minutes."""
    for n in range(3):
        drop(wire, f"{n}.json", uri=f"tag:{n}")
    monkeypatch.setattr(folder, "SECONDS", 0.0)
    state, read = FeedState("wire"), []
    for more in (True, True, False):
        got = look(wire, state)
        read += [item.identity for item in got.document.items]
        assert (got.files, got.more) == (1, more)
        state = FeedState("wire", etag=got.reached)
    assert read == ["tag:0", "tag:1", "tag:2"]


def test_a_file_that_is_moved_on_while_we_look_costs_no_other(wire: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agency's software renames what it has finished."""
    for name in ("gone.json", "here.json"):
        drop(wire, name)
    real = folder._is_document

    def moving(entry: os.DirEntry[str]) -> bool:
        (wire / "gone.json").unlink(missing_ok=True)
        return real(entry)

    monkeypatch.setattr(folder, "_is_document", moving)
    assert look(wire, FeedState("wire")).files == 1


def test_a_folder_that_is_not_there_is_a_feed_that_is_not_there(wire: Path) -> None:
    """With its path."""
    with pytest.raises(FetchError, match="nowhere"):
        look(wire / "nowhere", FeedState("wire"))


def test_a_feed_is_an_address_or_a_folder(tmp_path: Path) -> None:
    """Not both, not neither, and a folder once."""
    head = 'http: {user_agent: "Tocsin/1.0 (+https://tocsin.example/)"}\nfeeds:\n'
    path = tmp_path / "config.yaml"
    for feeds, word in (
        ("- {id: a, path: w, url: 'https://a.example/'}", "not both"),
        ("- {id: a}", "url"),
        ("- {id: a, path: w}\n- {id: b, path: w}", "the folder of"),
    ):
        path.write_text(head + feeds, encoding="utf-8")
        with pytest.raises(ConfigError, match=word):
            reading.load(path)
