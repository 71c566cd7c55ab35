"""Archives of others taken in: every format, bad rows told, copies joined, twice the same; and the figures of stats."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlite_utils import Database, Migrations

from tests.fakes.wire_texts import FLOOD, OTHER, PLANE, ROCKETS
from tocsin import dedup
from tocsin.archive import Archive, foreign
from tocsin.archive.migrations import m0001_first, m0002_outbox
from tocsin.archive.rows import article_columns, pack_prints, to_column
from tocsin.cli import main
from tocsin.errors import ArchiveError
from tocsin.model import Article

NOW = datetime(2026, 3, 20, 18, 0, tzinfo=UTC)
DAY = "2026-03-14T08:00:00+00:00"
ROWS: list[dict[str, Any]] = [
    {"title": "Rockets land near Green Zone", "text": ROCKETS, "url": "https://a.example/1", "date": DAY},
    {"title": "Rockets land near Green Zone", "text": f"{ROCKETS}\n(AFP)", "url": "https://b.example/2", "date": DAY},
    {"title": "Floods cut road to Duhok", "text": FLOOD, "url": "", "date": "Sat, 14 Mar 2026 09:00:00 +0000"},
]


def as_lines(path: Path) -> Path:
    path = path / "old.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n", encoding="utf-8")
    return path


def as_gzip(path: Path) -> Path:
    path = path / "old.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in ROWS).encode()))
    return path


def as_csv(path: Path) -> Path:
    path = path / "old.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["headline", "body", "link", "pubDate"], delimiter=";")
        writer.writeheader()
        for row in ROWS:
            writer.writerow(dict(zip(writer.fieldnames, row.values(), strict=True)))
    return path


def as_sqlite(path: Path) -> Path:
    path = path / "old.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE meta (title TEXT)")
        db.execute("CREATE TABLE stories (title TEXT, content TEXT, url TEXT, published TEXT)")
        db.executemany("INSERT INTO stories VALUES (?, ?, ?, ?)", [tuple(row.values()) for row in ROWS])
    db.close()
    return path


def as_tocsin(path: Path) -> Path:
    path = path / "other.db"
    with Archive.open(path) as other:
        other.take_in(foreign.read(as_lines(path.parent)), now=NOW)
    return path


@pytest.mark.parametrize("make", [as_lines, as_gzip, as_csv, as_sqlite, as_tocsin])
def test_every_format_gives_the_same_archive_and_twice_changes_nothing(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    with Archive.open(tmp_path / "tocsin.db") as archive:
        first = archive.take_in(foreign.read(make(tmp_path)), now=NOW)
        assert (first.outcomes, first.bad) == ({"new": 2, "copy": 1}, [])
        again = archive.take_in(foreign.read(make(tmp_path)), now=NOW + timedelta(days=1))
        assert again.outcomes == {"same_url": 3}
        rows = archive.query("SELECT url, published, copy_of FROM article ORDER BY id")
    assert {row["published"][:10] for row in rows} == {"2026-03-14"}
    assert sum(row["copy_of"] is not None for row in rows) == 1


def test_bad_rows_are_told_by_their_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    lines = [
        "{",
        "[1]",
        '{"url": "x"}',
        '{"title": 3}',
        json.dumps({**ROWS[0], "date": "soon"}),
        "",
        json.dumps(ROWS[0]),
    ]
    path.write_bytes("\n".join(lines).encode())
    with Archive.memory() as archive:
        taken = archive.take_in(foreign.read(path), now=NOW)
    assert [line for line, _ in taken.bad] == [1, 2, 3, 4, 5]
    assert [reason.partition(":")[0] for _, reason in taken.bad][2] == "has neither a title nor a text"
    assert taken.outcomes == {"new": 1}


def test_an_older_text_of_an_import_takes_nothing_away(tmp_path: Path) -> None:
    live = Article("https://a.example/1", "Rockets", f"{ROCKETS}\nOne guard died.", published=NOW)
    with Archive.memory() as archive:
        keys = dedup.keys(live)
        archive.store(live, keys, archive.decide(live, keys, now=NOW), now=NOW)
        assert archive.take_in(foreign.read(as_lines(tmp_path)), now=NOW).outcomes["revision"] == 0
        later = {**ROWS[0], "date": "2026-03-21T00:00:00Z"}
        (tmp_path / "new.jsonl").write_text(json.dumps(later), encoding="utf-8")
        assert archive.take_in(foreign.read(tmp_path / "new.jsonl"), now=NOW).outcomes == {"revision": 1}


def test_a_cut_off_import_is_run_again(tmp_path: Path) -> None:
    rows = list(foreign.read(as_lines(tmp_path)))
    with Archive.memory() as archive:
        archive.take_in(rows[:2], now=NOW)
        assert archive.take_in(rows, now=NOW).outcomes == {"same_url": 2, "new": 1}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("a.csv", b"one,two\n1,2\n", "no column for a title", id="csv without a text"),
        pytest.param("a.jsonl.gz", b"\x1f\x8bbroken", "cannot be read", id="broken gzip"),
        pytest.param("a.db", b"SQLite format 3\x00broken" * 90, "cannot be read", id="broken database"),
    ],
)
def test_what_cannot_be_read_says_so(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArchiveError, match=said):
        list(foreign.read(tmp_path / name))


@pytest.mark.parametrize(
    ("raw", "stands"),
    [
        pytest.param("2026-03-14", "2026-03-14T00:00:00+00:00", id="a day"),
        pytest.param("2026-03-14T08:00:00+03:00", "2026-03-14T08:00:00+03:00", id="with its zone"),
        pytest.param("Sat, 14 Mar 2026 09:00:00 GMT", "2026-03-14T09:00:00+00:00", id="as in mail"),
        pytest.param(1773446400, "2026-03-14T00:00:00+00:00", id="seconds"),
        pytest.param("1773446400000", "2026-03-14T00:00:00+00:00", id="milliseconds"),
    ],
)
def test_dates_as_others_write_them(raw: object, stands: str) -> None:
    found = foreign.moment_of(raw)
    assert found is not None
    assert found.isoformat() == stands


def test_old_months_are_dropped_whole() -> None:
    with Archive.memory() as archive:
        for n, (month, text) in enumerate(((1, ROCKETS), (3, FLOOD), (4, OTHER), (6, PLANE))):
            at = datetime(2026, month, 10, tzinfo=UTC)
            article = Article(f"https://a.example/{n}", f"Story number {n}", text, published=at)
            archive.store(article, dedup.keys(article), archive.decide(article, dedup.keys(article), now=at), now=at)
        assert archive.months() == ["202601", "202603", "202604", "202606"]
        assert archive.cool() == 2
        assert archive.months() == ["202604", "202606"]
        assert archive.cool() == 0
        at = datetime(2026, 1, 11, tzinfo=UTC)
        late = Article("https://b.example/1", "Late", f"{ROCKETS}\n(AFP)", published=at)
        assert archive.decide(late, dedup.keys(late), now=NOW).of is None
        same = Article("https://c.example/1", "Same", ROCKETS, published=NOW)
        assert archive.decide(same, dedup.keys(same), now=NOW).of == 1  # the very same text needs no postings


def test_a_copy_at_the_turn_of_a_month_is_found() -> None:
    with Archive.memory() as archive:
        at = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
        first = Article("https://a.example/1", "Rockets land", ROCKETS, published=at)
        archive.store(first, dedup.keys(first), archive.decide(first, dedup.keys(first), now=at), now=at)
        for near in (at + timedelta(hours=2), at - timedelta(hours=2)):
            copy = Article("https://b.example/1", "Rockets land", f"{ROCKETS}\n(AFP)", published=near)
            assert archive.decide(copy, dedup.keys(copy), now=at).of == 1


def test_the_commands(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        "archive: a/tocsin.db\nhttp: {user_agent: 'Test/1.0 (+https://a.example/)'}\nfeeds:\n  - {id: a, url: 'https://a.example/feed'}\n",
        encoding="utf-8",
    )
    call = CliRunner().invoke
    done = call(main, ["archive", "--config", str(config), "import", str(as_csv(tmp_path))])
    assert (done.exit_code, done.stdout) == (0, "3 rows: 2 new, 1 copy, 0 bad.\n"), done.output
    told = json.loads(call(main, ["archive", "stats", "--json", "--config", str(config)]).stdout)
    assert (told["articles"], told["kinds"]) == (3, {"original": 2, "copy": 1})
    assert told["bytes_per_article"] > 0
    assert sum(told["bytes_by_part"].values()) <= told["bytes"]
    assert told["hot_months"] == 3
    words = call(main, ["archive", "stats", "--config", str(config)]).stdout
    assert words.startswith("3 articles, ")
    (tmp_path / "bad.jsonl").write_text("nothing\n", encoding="utf-8")
    done = call(main, ["archive", "import", str(tmp_path / "bad.jsonl"), "--config", str(config)])
    assert done.exit_code == 1
    assert "bad.jsonl:1: no JSON" in done.stderr
    done = call(main, ["archive", "import", str(tmp_path / "a" / "tocsin.db"), "--config", str(config)])
    assert done.exit_code == 2


def test_an_archive_of_before_the_months_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its postings move to the table of their month; copies are found as before."""
    old = Migrations("tocsin")
    for module in (m0001_first, m0002_outbox):
        old(name=module.__name__.rpartition(".")[2])(module.migrate)
    db = Database(tmp_path / "tocsin.db")
    old.apply(db)
    first = Article("https://a.example/1", "Rockets land", ROCKETS, published=NOW)
    keys = dedup.keys(first)
    row = article_columns(first) | {
        "text_hash": keys.text_hash,
        "version_hash": keys.version_hash,
        "at": to_column(NOW),
    }
    row |= {"prints": pack_prints(keys.prints), "relation": "", "overlap": 0, "why": ""}
    db.table("article").insert(row | {"id": 1, "first_seen": to_column(NOW), "last_seen": to_column(NOW)})
    with db.conn:
        db.conn.executemany("INSERT INTO fp (h, d) VALUES (?, 1)", [(h,) for h in keys.prints])
    db.conn.close()
    with Archive.open(tmp_path / "tocsin.db") as archive:
        assert archive.months() == ["202603"]
        copy = Article("https://b.example/1", "Rockets land", f"{ROCKETS}\n(AFP)", published=NOW)
        assert archive.decide(copy, dedup.keys(copy), now=NOW).of == 1
        assert archive.check() == []
