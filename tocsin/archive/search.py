"""Full-text search in every script: what is indexed, and how a query becomes an FTS5 expression.

Texts and queries are folded alike (case, accents, Arabic letter forms, digits). Arabic glues "and",
"in", "the" to words, so ``stems`` holds each Arabic word also without them, and a query looks for both.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from tocsin.archive.store import Store
from tocsin.flagging import gazetteer
from tocsin.text import fold, fold_term, fold_text

_WORD = re.compile(r"[^\W_]+")
_ARABIC = re.compile(r"[\u0621-\u06ff]")
_CLITICS = re.compile(r"^(?:[وف]?(?:بال|كال|لل|ال)|[وف][بكل]|[وفبكل])(?=.{3})")
_PHRASE = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
SNIPPET = 160  # characters
BATCH = 200  # articles that the index reads in one transaction


@lru_cache(maxsize=65536)
def stems(word: str) -> frozenset[str]:
    """The forms an Arabic word may have without what is glued before it; empty for other scripts.

    >>> sorted(stems("وببغداد"))
    ['ببغداد', 'بغداد', 'غداد']
    """
    found: set[str] = set()
    rest = word if _ARABIC.match(word) else ""
    while (match := _CLITICS.match(rest)) and len(found) < 4:
        rest = rest[match.end() :]
        found.add(rest)
        if len(match.group()) > 1 and match.group()[0] in "وف" and match.group()[1:] not in {"ال", "لل"}:
            found.add(word[1:])
    return frozenset(found)


def searchable(title: str, text: str) -> tuple[str, str, str]:
    """The folded title and text of an article, and the stems of their Arabic words."""
    title, text = fold_text(title), fold_text(text)
    extra: set[str] = set()
    if _ARABIC.search(title) or _ARABIC.search(text):
        extra.update(*map(stems, {*_WORD.findall(title), *_WORD.findall(text)}))
    return title, text, " ".join(sorted(extra))


def expression(query: str) -> str:
    """A query as FTS5 reads it; "" when nothing is asked.

    Words are all wanted, "a phrase" in a row, begin* at the beginning of a word, -word and -"a phrase" not at all.
    A place is looked for under all its names.

    >>> expression("météo -neige")
    '("meteo") NOT ("neige")'
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word in _PHRASE.findall(query):
        folded = _WORD.findall(fold_term(phrase or word))
        if (phrase and folded) or (minus and len(folded) > 1):  # -al-asad leaves out the name, not each "al"
            (unwanted if minus else wanted).append(_any({" ".join(folded)} | other_names(" ".join(folded))))
            continue
        for n, one in enumerate(folded, 1):
            if n == len(folded) and word.endswith("*"):
                term = f'"{one}"*'
            else:
                term = _any({one} | other_names(one) | (stems(one) if len(one) > 4 else set()))
            (unwanted if minus else wanted).append(term)
    if not wanted:
        return ""
    return " AND ".join(wanted) + "".join(f" NOT {term}" for term in unwanted)


def _any(forms: set[str]) -> str:
    return "(" + " OR ".join(f'"{form}"' for form in sorted(forms)) + ")"


def other_names(name: str) -> set[str]:
    """What else the places of that folded name are called, in any language; empty for other words."""
    ids = {place for form in {name} | stems(name) for place in _places().get(form, ())}
    return {other for place in ids for other in _names()[place]}


@lru_cache(maxsize=1)
def _names() -> dict[str, set[str]]:
    """The folded names of each place."""
    return {
        key: {" ".join(_WORD.findall(fold_term(spelling))) for _, spelling in entry.names} - {""}
        for key, entry in gazetteer.entries().items()
    }


@lru_cache(maxsize=1)
def _places() -> dict[str, set[str]]:
    """The places of each folded name."""
    found: dict[str, set[str]] = {}
    for place, names in _names().items():
        for name in names:
            found.setdefault(name, set()).add(place)
    return found


class Search(Store):
    """Full-text search, over an index that reads new articles after they are stored (note 0092)."""

    def read_new(self) -> int:
        """Let the index read what was stored since; the number of articles. A poll may write between two batches."""
        total = 0
        while True:
            with self.transaction():
                rows = self.query(
                    "SELECT a.id, a.title, a.text FROM unread u JOIN article a ON a.id = u.article LIMIT ?", [BATCH]
                )
                self.executemany(
                    "INSERT OR REPLACE INTO article_fts (rowid, title, text, stems) VALUES (?, ?, ?, ?)",
                    [(row["id"], *searchable(row["title"], row["text"])) for row in rows],
                )
                self.executemany("DELETE FROM unread WHERE article = ?", [(row["id"],) for row in rows])
            total += len(rows)
            if len(rows) < BATCH:
                return total

    def search(self, query: str, limit: int = 20) -> list[dict[str, Any]]:
        """Articles that hold what is asked for, best first, the latest stored included; no syntax is an error."""
        asked = expression(query)
        if not asked:
            return []
        if self.value("SELECT EXISTS (SELECT 1 FROM unread)"):
            self.read_new()
        rows = self.query(
            """SELECT a.id, a.url, a.title, a.language, a.publisher, a.origins, a.published, a.first_seen, a.copy_of,
                a.text,
                (SELECT max(s.flagged) FROM assessment s WHERE s.article = a.id) AS flagged,
                (SELECT e.event FROM event_article e WHERE e.article = a.id LIMIT 1) AS event
            FROM article_fts JOIN article a ON a.id = article_fts.rowid
            WHERE article_fts MATCH ? ORDER BY bm25(article_fts, 4.0, 1.0, 0.5), a.id DESC LIMIT ?""",
            [asked, max(0, limit)],
        )
        words = re.findall(r'"([^"]+)"', asked.partition(" NOT ")[0])
        for row in rows:
            row["snippet"] = snippet(row.pop("text"), words)
            row["origins"] = json.loads(row["origins"])
            row["flagged"] = None if row["flagged"] is None else bool(row["flagged"])
        return rows


def snippet(text: str, words: list[str]) -> str:
    """The stretch of a text around the first of the folded words, else its beginning."""
    folded = fold(text)
    found = [at for word in words if (at := folded.text.find(word)) >= 0]
    at = folded.origin(min(found), min(found) + 1)[0] if found else 0
    start = max(0, at - SNIPPET // 3)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    piece = text[start : start + SNIPPET]
    if start + SNIPPET < len(text):
        piece = piece.rsplit(" ", 1)[0] + " …"
    return ("… " if start else "") + " ".join(piece.split())
