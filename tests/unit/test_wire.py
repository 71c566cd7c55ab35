"""What wire documents say of their stories: urgency, signals, status, embargo; and XML and JSON that mean harm."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from scrapers import feeds, telex, wire
from scrapers.wire import Marks
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched, Item, Signal

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("urgency", "provider", "level"),
    [
        ("1", "AFP", 1),
        ("3", "AFP", 2),
        ("4", "AFP", 3),
        ("3", "Belga", 3),
        ("2", "BELGA", 2),
        ("3", "Kyodo", 2),
        ("8", "", 4),
        ("f", "AP", 1),
        ("b", "", 2),
        ("urg:2", "", 2),
        ("", "AFP", None),
        ("soon", "AFP", None),
    ],
)
def test_urgency_is_read_by_the_table_of_the_agency(urgency: str, provider: str, level: int | None) -> None:
    """Agencies disagree on 3 and 4; who has no table of its own is read by the IPTC's."""
    assert wire.level(urgency, provider) == level


@pytest.mark.parametrize(
    ("status", "marks", "signal"),
    [
        ("usable", ("sig:update",), Signal.UPDATE),
        ("stat:usable", ("sig:correction", "sig:update"), Signal.CORRECTION),
        ("stat:canceled", ("sig:update",), Signal.KILL),
        ("Withheld", (), Signal.KILL),
        ("usable", ("2e LEAD",), Signal.LEAD),
        ("usable", ("3RD LEAD",), Signal.LEAD),
        ("usable", ("RECTIFICATIF",), Signal.CORRECTION),
        ("usable", ("Versión corregida",), Signal.CORRECTION),
        ("usable", ("إعادة",), Signal.REPEAT),
        ("usable", ("AdvisoryLine",), Signal.ADVISORY),
        ("usable", ("ATTENTION USERS",), Signal.ADVISORY),
        ("usable", ("MANDATORY KILL",), Signal.KILL),
        ("usable", ("NEWS", "Irak-attentat", ""), Signal.NEW),
        ("", (), Signal.NEW),
    ],
)
def test_status_and_signals_make_one_signal(status: str, marks: tuple[str, ...], signal: Signal) -> None:
    """A status that takes a story back wins; of several signals the gravest."""
    assert wire.signal(status, marks) is signal


@pytest.mark.parametrize(
    ("status", "said", "until"),
    [
        ("embargoed", "2026-07-02T06:00:00Z", datetime(2026, 7, 2, 6, tzinfo=UTC)),
        ("embargoed", "20260702T080000+0200", datetime(2026, 7, 2, 6, tzinfo=UTC)),
        ("embargoed", "20260702T080000", datetime(2026, 7, 2, 6, tzinfo=UTC)),
        ("embargoed", "until the press conference", NOW + wire.HOLD),
        ("embargoed", "", NOW + wire.HOLD),
        ("usable", "", None),
    ],
    ids=["with Z", "compact with offset", "in the agency's zone", "words", "no time at all", "free"],
)
def test_an_embargo_is_a_time_and_never_ends_early(status: str, said: str, until: datetime | None) -> None:
    """What cannot be read is held, not let through."""
    marks = Marks(status=status, embargo=said, timezone="Europe/Brussels")
    assert wire.read(marks, now=NOW).embargo == until


def read(body: bytes, **more: Any) -> list[Item]:
    """The items of a document."""
    url = "https://wire.example/d"
    answer = Fetched(url, url, 200, (), body, NOW, 0.1)
    return list(feeds.read(Feed(id="wire", url=url, **more), answer, now=NOW).items)


def ninjs(**more: Any) -> str:
    """One story in ninjs."""
    story = {
        "uri": "tag:x,2026:1",
        "versioncreated": "2026-06-29T15:00:00Z",
        "headline": "Blast",
        "body_html": "<p>a</p>",
    }
    return json.dumps(story | more)


def test_of_the_versions_in_one_document_the_last_counts_whatever_their_order() -> None:
    """A list that shows an old version below the new one would turn the story back at every poll."""
    one = ninjs(version="1", headline="Blast: 1 dead")
    two = ninjs(version="2", headline="Blast: 2 dead", versioncreated="2026-06-29T15:30:00Z")
    for order in ((one, two), (two, one)):
        items = read(f"[{','.join(order)}]".encode())
        assert [(item.title, item.identity) for item in items] == [("Blast: 2 dead", "tag:x,2026:1")]


def test_a_kill_with_the_same_words_is_another_version() -> None:
    """Else it would pass for an item that is known."""
    (told,), (killed,) = read(ninjs().encode()), read(ninjs(pubstatus="canceled").encode())
    assert (told.title, told.content) == (killed.title, killed.content)
    assert told.content_hash != killed.content_hash
    assert killed.wire is not None
    assert killed.wire.signal is Signal.KILL


def test_the_notepad_for_editors_is_never_read() -> None:
    """Telephone numbers of the newsroom stay in the document."""
    body = b"""{"version_created": "2026-06-29T17:00:00+02:00", "urn": "urn:newsml:d:1", "headline": "x",
        "article_html": "<p>y</p>", "notepad": {"nonpublic_html": "call +49 30 1234"}}"""
    assert "1234" not in repr(read(body))


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE NewsML [<!ENTITY a "b">]><NewsML><NewsItem>&a;</NewsItem></NewsML>',
        b'<!DOCTYPE nitf [<!ENTITY f SYSTEM "file:///etc/passwd">]><nitf><body>&f;</body></nitf>',
        b"<newsMessage>" + b"<a>" * 300_001,
        b'{"versioncreated": ' + b"[" * 200_000,
        b'{"version_created": "2026',
    ],
    ids=["entity", "external entity", "tags", "nested JSON", "cut JSON"],
)
def test_a_hostile_document_is_refused_in_words(body: bytes) -> None:
    """No entity is expanded, no file opened, no stack overrun."""
    with pytest.raises(ParseError, match="wire"):
        read(body)


@pytest.mark.parametrize("cut", [200, 700, 1500, 2500])
def test_a_document_that_was_cut_keeps_what_came(cut: int) -> None:
    """A file still being written, a line that broke: nothing is raised but ParseError."""
    item = b'<newsItem guid="g%d"><contentMeta><headline>H%d</headline></contentMeta></newsItem>'
    whole = b"<newsMessage><itemSet>" + b"".join(item % (n, n) for n in range(40)) + b"</itemSet></newsMessage>"
    assert len(read(whole[:cut])) >= cut // 100 - 1


def test_hostile_telex_is_text() -> None:
    """Markup in a text of the telex age is what it says, not markup."""
    body = b"\x01abc1 2 pl 9 dpa\n\x02Head <script>x</script> =\n  Text <b>bold</b> & more\n\x03311500\n\x04"
    (item,) = read(body)
    assert item.content == "<p>Text &lt;b&gt;bold&lt;/b&gt; &amp; more</p>"


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("291507 Jun 26", "2026-06-29T15:07"),
        ("301507", "2026-06-30T15:07"),
        ("021507", "2026-07-02T15:07"),
        ("031507", "2026-06-03T15:07"),
        ("no stamp", ""),
    ],
    ids=["whole", "yesterday", "tomorrow: a clock ahead", "last month", "none"],
)
def test_a_stamp_without_month_is_of_the_nearest_past(stamp: str, moment: str) -> None:
    """At a turn of the month "30" was yesterday."""
    assert telex.moment(stamp, NOW) == moment
