"""Values to columns and back: times as ISO 8601 in UTC, sets of prints as bytes, the rest as JSON."""

from __future__ import annotations

import json
import struct
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar, overload

from pydantic import TypeAdapter

from tocsin.dedup import Known
from tocsin.model import Article, TextStatus, Wire

T = TypeVar("T")


@overload
def to_column(at: datetime) -> str: ...
@overload
def to_column(at: datetime | None) -> str | None: ...
def to_column(at: datetime | None) -> str | None:
    """A time as stored: ISO 8601 in UTC, so that text order is time order."""
    return None if at is None else at.astimezone(UTC).isoformat()


def from_column(text: str | None) -> datetime | None:
    """A stored time as an aware datetime."""
    return None if text is None else datetime.fromisoformat(text)


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def adapter(kind: type[T]) -> TypeAdapter[T]:
    """The (un)packer of one of our dataclasses, made once."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def pack(value: Any) -> str:
    """One of our dataclasses as JSON."""
    return adapter(type(value)).dump_json(value).decode()


def unpack(kind: type[T], body: str) -> T:
    """The dataclass that ``pack`` wrote."""
    return adapter(kind).validate_json(body)


def plain(text: str) -> str:
    """A text that SQLite can hold: lone surrogates, which no encoding has, become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def plain_row(row: dict[str, Any]) -> dict[str, Any]:
    """The same for every text of a row."""
    return {name: plain(value) if isinstance(value, str) else value for name, value in row.items()}


def pack_prints(prints: tuple[int, ...]) -> bytes:
    """Prints as six bytes each."""
    return b"".join(print_.to_bytes(6, "little") for print_ in prints)


def unpack_prints(blob: bytes) -> tuple[int, ...]:
    """The prints that ``pack_prints`` wrote."""
    return tuple(low | high << 32 for low, high in struct.iter_unpack("<IH", blob))


def article_columns(article: Article) -> dict[str, Any]:
    """The columns that mirror the fields of an article."""
    return {
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "language": article.language,
        "published": to_column(article.published),
        "updated": to_column(article.updated),
        "authors": json.dumps(article.authors, ensure_ascii=False),
        "publisher": article.publisher,
        "section": article.section,
        "origins": json.dumps(article.origins, ensure_ascii=False),
        "canonical_url": article.canonical_url,
        "feed": article.feed,
        "identity": article.identity,
        "status": article.status.value,
        "rung": article.rung,
        "wire": None if article.wire is None else pack(article.wire),
        "seen": to_column(article.seen),
    }


_ARTICLE_FIELDS = tuple(field.name for field in fields(Article))
ARTICLE_COLUMNS = ", ".join(f"a.{name}" for name in _ARTICLE_FIELDS)


def to_article(row: dict[str, Any]) -> Article:
    """An article from the columns of ``ARTICLE_COLUMNS``."""
    values = {name: row[name] for name in _ARTICLE_FIELDS}
    for name in ("published", "updated", "seen"):
        values[name] = from_column(values[name])
    for name in ("authors", "origins"):
        values[name] = tuple(json.loads(values[name]))
    values["status"] = TextStatus(values["status"])
    values["wire"] = None if values["wire"] is None else unpack(Wire, values["wire"])
    return Article(**values)


def to_known(row: dict[str, Any], key: str | None) -> Known:
    """An archived article as the decision needs it."""
    return Known(
        id=row["id"],
        root=row["copy_of"] or row["id"],
        key=key,
        text_hash=row["text_hash"],
        version_hash=row["version_hash"],
        prints=unpack_prints(row["prints"]),
        title=row["title"],
        text=row["text"],
        at=datetime.fromisoformat(row["at"]),
        status=TextStatus(row["status"]),
        round_up=row["relation"] == "round-up",
    )
