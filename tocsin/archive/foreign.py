"""Reading archives that others made: JSON Lines, CSV, SQLite (another Tocsin's too), as articles with their line.

The names of the columns are guessed from a short list of usual ones. A row that cannot be read is
answered by its reason, never dropped in silence.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from tocsin import origins
from tocsin.archive.rows import ARTICLE_COLUMNS, to_article
from tocsin.errors import ArchiveError, ParseError
from tocsin.model import Article
from tocsin.text import clean_line, clean_text, language

Row: TypeAlias = tuple[int, Article | str]  # line or row number, and the article or why there is none
NAMES = {
    "title": ("title", "headline", "titre", "head"),
    "text": ("text", "body", "content", "article", "fulltext", "full_text", "maintext", "story"),
    "url": ("url", "link", "href", "address", "uri", "source_url"),
    "published": ("published", "published_at", "date", "pubdate", "pub_date", "datetime", "timestamp", "created_at"),
    "language": ("language", "lang"),
    "publisher": ("publisher", "source", "outlet", "site", "domain", "newspaper"),
    "authors": ("authors", "author", "byline"),
}
_SQLITE = b"SQLite format 3\x00"
FIELD_LIMIT = 10_000_000  # characters of one CSV field


def read(path: Path, table: str | None = None) -> Iterator[Row]:
    """The rows of a file, oldest first where it is a database.

    Raises:
        ArchiveError: It cannot be opened, or no table or column in it holds a title or a text.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
        if head == _SQLITE:
            yield from _database(path, table)
            return
        with path.open("rb") as plain:
            raw = cast(IO[bytes], gzip.GzipFile(fileobj=plain)) if head[:2] == b"\x1f\x8b" else plain
            if path.name.removesuffix(".gz").endswith((".csv", ".tsv")):
                yield from _csv(raw, path)
            else:
                yield from _lines(raw)
    except (OSError, EOFError) as exc:
        raise ArchiveError(str(path), f"cannot be read ({getattr(exc, 'strerror', None) or exc})") from exc
    except sqlite3.Error as exc:
        raise ArchiveError(str(path), f"cannot be read ({exc})") from exc


def _lines(raw: IO[bytes]) -> Iterator[Row]:
    for number, line in enumerate(raw, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as exc:
            yield number, f"no JSON: {str(exc)[:80]}"
            continue
        yield number, _article(found) if isinstance(found, dict) else "no JSON object"


def _csv(raw: IO[bytes], path: Path) -> Iterator[Row]:
    csv.field_size_limit(FIELD_LIMIT)
    with io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="") as text:
        yield from _table(text, path)


def _table(text: IO[str], path: Path) -> Iterator[Row]:
    first = text.readline()
    delimiter = max(",;\t", key=first.count)
    columns = next(csv.reader([first], delimiter=delimiter), [])
    _need({name.strip().lower() for name in columns}, path)
    reader = csv.DictReader(text, columns, delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            yield reader.line_num + 1, f"no CSV: {exc}"
            continue
        yield reader.line_num + 1, _article({k: v for k, v in row.items() if isinstance(k, str)})


def _database(path: Path, table: str | None) -> Iterator[Row]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        columns = {
            str(name): {str(row["name"]).lower() for row in db.execute(f'PRAGMA table_info("{name}")')}
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        }
        if table is not None and table not in columns:
            raise ArchiveError(str(path), f"has no table {table!r}; it has {', '.join(sorted(columns))}")
        if table in (None, "article") and {"text_hash", "version_hash", "prints"} <= columns.get("article", set()):
            for row in db.execute(f"SELECT a.id AS number, {ARTICLE_COLUMNS} FROM article a ORDER BY a.id"):  # noqa: S608 - ours
                yield row["number"], to_article(dict(row))
            return
        chosen = table or max(columns, key=lambda name: (_fitness(columns[name]), name), default="")
        _need(columns.get(chosen, set()), path)
        dated = next((name for name in NAMES["published"] if name in columns[chosen]), None)
        order = f' ORDER BY "{dated}"' if dated else ""
        quoted = chosen.replace('"', '""')
        for number, row in enumerate(db.execute(f'SELECT * FROM "{quoted}"{order}'), 1):  # noqa: S608 - quoted
            yield number, _article(dict(row))


def _fitness(columns: set[str]) -> int:
    return sum(any(name in columns for name in names) for names in NAMES.values())


def _need(columns: set[str], path: Path) -> None:
    if not columns & {*NAMES["title"], *NAMES["text"]}:
        wanted = ", ".join((*NAMES["title"][:2], *NAMES["text"][:3]))
        raise ArchiveError(str(path), f"has no column for a title or a text ({wanted} …); --table names a table")


def _article(row: Mapping[str, Any]) -> Article | str:
    """One row as an article, or why it is none."""
    low = {str(key).strip().lower(): value for key, value in row.items()}
    got = {field: next((low[n] for n in names if low.get(n) not in (None, "")), "") for field, names in NAMES.items()}
    if not isinstance(got["title"], str) or not isinstance(got["text"], str):
        return "title and text must be strings"
    title, text = clean_line(got["title"]), clean_text(got["text"])
    if not title and not text:
        return "has neither a title nor a text"
    try:
        published = moment_of(got["published"])
    except ParseError as exc:
        return str(exc)
    publisher = clean_line(str(got["publisher"]), 200)
    authors = got["authors"] if isinstance(got["authors"], list) else [got["authors"]] if got["authors"] else []
    digest = hashlib.sha256(f"{title}\n{text}\n{published}".encode("utf-8", "replace")).hexdigest()[:24]
    return Article(
        url=clean_line(str(got["url"])) or f"urn:tocsin:{digest}",
        title=title,
        text=text,
        language=language(f"{title}\n{text}", str(got["language"]) or None),
        published=published,
        authors=tuple(clean_line(str(name), 200) for name in authors),
        publisher=publisher,
        origins=origins.find(title, text, publisher=publisher),
    )


def moment_of(raw: Any) -> datetime | None:
    """A date as others write it: ISO 8601, RFC 2822, seconds or milliseconds since 1970; without a zone it is UTC.

    Raises:
        ParseError: It is none of these.
    """
    said = str(raw).strip()
    if not said:
        return None
    try:
        if said.replace(".", "", 1).isdigit() and len(said.partition(".")[0]) in (9, 10, 13):
            seconds = float(said) / (1000 if len(said.partition(".")[0]) == 13 else 1)
            return datetime.fromtimestamp(seconds, UTC)
        time = datetime.fromisoformat(said)
    except ValueError:
        try:
            time = parsedate_to_datetime(said)
        except (ValueError, TypeError, IndexError):
            raise ParseError("date", f"not a date: {said[:60]!r}") from None
    return time if time.utcoffset() is not None else time.replace(tzinfo=UTC)
