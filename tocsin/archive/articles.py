"""Articles: looking up what one may repeat, storing it with its names, prints and versions, and reading it back.

What shares prints is the business of ``postings``; what of it is a copy that of ``tocsin.dedup``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tocsin import dedup
from tocsin.archive.addresses import Addresses
from tocsin.archive.parts import Parts
from tocsin.archive.postings import Postings
from tocsin.archive.rows import (
    ARTICLE_COLUMNS,
    article_columns,
    pack_prints,
    plain,
    plain_row,
    to_article,
    to_column,
    to_known,
    unpack_prints,
)
from tocsin.dedup import Keys, Known, diff
from tocsin.dedup.keys import titled
from tocsin.model import Article, Decision, Outcome

CREDITED = 0.7  # overlap over which a copy's credit line holds for the whole family
REVISIONS = 24  # whose text is kept; later ones leave their hash
_KNOWN = "id, copy_of, text_hash, version_hash, prints, title, text, at, status, relation"


@dataclass(frozen=True, slots=True)
class Stored:
    """Where an article went."""

    id: int
    origins: tuple[str, ...] = ()  # who wrote it, as far as its credit line or a text that it repeats tells
    diff: str = ""  # against the version it replaced
    credited: tuple[int, ...] = ()  # ids of articles stored before whose family or origins this one changed


class Articles(Postings, Addresses, Parts):
    """Articles and their index."""

    def decide(self, article: Article, keys: Keys, *, now: datetime, flagged: bool = False) -> Decision:
        """Say what an article is to the archive; inside a transaction the answer stays true until its commit.

        Args:
            flagged: A watch wants it, so that it is never too short.
        """
        with self._mutex, self._errors():
            keys = self._with_learned(keys)
            candidates = self._candidates(keys, _at(article, now))
            return dedup.decide(article, keys, candidates, now=now, flagged=flagged)

    def _candidates(self, keys: Keys, at: datetime) -> list[Known]:
        """By identity, by text hash, by prints: each article once."""
        found: dict[int, Known] = {}
        for key in keys.identities:
            for row in self._archived("id = (SELECT article FROM name WHERE key = ?)", plain(key)):
                found.setdefault(row["id"], to_known(row, key))
        for row in self._archived("text_hash = ? ORDER BY id DESC LIMIT 3", keys.text_hash):
            found.setdefault(row["id"], to_known(row, None))
        for number in self.sharing(keys.prints, at):
            if number not in found:
                for row in self._archived("id = ?", number):
                    found[number] = to_known(row, None)
        for root in {known.root for known in found.values()} - found.keys():
            for row in self._archived("id = ?", root):  # the rules ask the original as well
                found[root] = to_known(row, None)
        return list(found.values())

    def _archived(self, where: str, *parameters: object) -> list[dict[str, Any]]:
        return self.query(f"SELECT {_KNOWN} FROM article WHERE {where}", parameters)  # noqa: S608 - ours

    def store(self, article: Article, keys: Keys, decision: Decision, *, now: datetime) -> Stored:
        """Write an article as its decision says; call it in the transaction that decided.

        New articles and copies get a row of their own. A revision replaces the text of its article,
        whose old version is kept with a diff. The same address again only moves ``last_seen``.
        """
        with self.transaction():
            keys = self._with_learned(keys)
            match decision.outcome:
                case Outcome.SAME_URL if decision.of is not None:
                    self.execute("UPDATE article SET last_seen = ? WHERE id = ?", [to_column(now), decision.of])
                    self._name(decision.of, keys)
                    return Stored(decision.of, article.origins)
                case Outcome.REVISION if decision.of is not None:
                    return self._revise(decision.of, article, keys, decision, now)
                case _:
                    return self._insert(article, keys, decision, now)

    def _insert(self, article: Article, keys: Keys, decision: Decision, now: datetime) -> Stored:
        article, credited = self._credits(article, decision)
        if decision.outcome is Outcome.COPY and decision.overlap == 1:
            self._learn(keys)
        elif decision.outcome is Outcome.NEW and keys.learned_key:
            taken = self.value("SELECT article FROM name WHERE key = ?", [keys.learned_key])
            if taken is not None:
                self._doubt(keys)
        at = _at(article, now)
        row = article_columns(article) | _index_columns(keys, at)
        row |= {
            "copy_of": decision.of if decision.outcome is Outcome.COPY else None,
            "relation": decision.relation,
            "overlap": decision.overlap,
            "why": decision.why,
            "first_seen": to_column(now),
            "last_seen": to_column(now),
        }
        number = self.insert("article", plain_row(row))
        for other in decision.joins:
            credited += self._join(other, decision.of, number)
        self.keep_parts(number, decision.parts)
        self._take_over(keys)
        self._name(number, keys)
        self.post(number, keys.prints, at)
        self.execute("INSERT INTO unread (article) VALUES (?)", [number])
        return Stored(number, article.origins, credited=tuple(dict.fromkeys(credited)))

    def _revise(self, number: int, article: Article, keys: Keys, decision: Decision, now: datetime) -> Stored:
        old = self.query(
            "SELECT title, text, version, version_hash, prints, at, seen, last_seen FROM article WHERE id = ?", [number]
        )[0]
        changed = diff.words(f"{old['title']}\n{old['text']}", f"{article.title}\n{article.text}")
        keep = old["version"] <= REVISIONS
        self.db.table("revision").insert(
            {
                "article": number,
                "version": old["version"],
                "version_hash": old["version_hash"],
                "title": old["title"] if keep else None,
                "text": old["text"] if keep else None,
                "seen": old["seen"] or old["last_seen"],
                "replaced": to_column(now),
                "relation": decision.relation,
                "diff": plain(changed) if keep else "",
            }
        )
        was = datetime.fromisoformat(old["at"])
        at = article.published or was  # a reading that missed the date leaves the article where it stands in time
        row = article_columns(article) | _index_columns(keys, at)
        row |= {"last_seen": to_column(now), "version": old["version"] + 1}
        for name in ("url", "feed", "identity"):  # where it was first met stays
            del row[name]
        for name, found in (
            ("origins", article.origins),
            ("authors", article.authors),
            ("published", article.published),
        ):
            if not found:  # a reading that missed them takes nothing away
                del row[name]
        self.db.table("article", pk="id").update(number, plain_row(row))
        self._name(number, keys)
        self.unpost(number, unpack_prints(old["prints"]), was)
        self.post(number, keys.prints, at)
        self.keep_parts(number, decision.parts)
        self.execute("INSERT OR IGNORE INTO unread (article) VALUES (?)", [number])
        return Stored(number, article.origins, changed)

    def _join(self, original: int, into: int | None, by: int) -> list[int]:
        """Make the family of ``original`` part of that of ``into``; the ids of its articles, whose reason says so."""
        moved = [row["id"] for row in self.query("SELECT id FROM article WHERE id = ?1 OR copy_of = ?1", [original])]
        self.execute(
            """UPDATE article SET copy_of = ?1, why = why || ?2, relation = coalesce(nullif(relation, ''), 'copy')
            WHERE id = ?3 OR copy_of = ?3""",
            [into, f"; was original {original}, joined by article {by}", original],
        )
        return moved

    def _credits(self, article: Article, decision: Decision) -> tuple[Article, list[int]]:
        """The article, with the origins of the text it repeats if it names none; the ids of articles that get its.

        Where most of a text stands in that of another family, the name of one agency holds for both: an excerpt is no
        new source.
        """
        if decision.outcome is Outcome.COPY and decision.of is not None:
            if not article.origins:  # no credit line of its own: who wrote the original wrote this
                return replace(article, origins=self._origins(decision.of)), []
            return article, self._credit(decision.of, article.origins) if decision.overlap >= CREDITED else []
        credited: list[int] = []
        for part in decision.parts:
            if part.share < CREDITED:
                continue
            theirs = self._origins(part.of)
            if part.contains and len(article.origins) == 1 and not theirs:
                credited += self._credit(part.of, article.origins)
            elif not part.contains and not article.origins and len(theirs) == 1:
                article = replace(article, origins=theirs)
        return article, credited

    def _credit(self, member: int, origins: tuple[str, ...]) -> list[int]:
        """Give a family that names no agency these origins; the ids of articles whose origins changed."""
        root = self.value("SELECT coalesce(copy_of, id) FROM article WHERE id = ?", [member])
        if self._origins(root):
            return []
        nameless = "(id = ?1 OR copy_of = ?1) AND origins = '[]'"
        found = [row["id"] for row in self.query(f"SELECT id FROM article WHERE {nameless}", [root])]  # noqa: S608 - ours
        sql = f"UPDATE article SET origins = ?2 WHERE {nameless}"  # noqa: S608 - ours
        self.execute(sql, [root, json.dumps(origins, ensure_ascii=False)])
        return found

    def writers(self, articles: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Who wrote each article: its agencies, else those of its original, else the outlet of that."""
        marks = ",".join("?" * len(articles))
        rows = self.query(
            f"""SELECT a.id, a.origins, o.origins AS first, o.publisher FROM article a
            JOIN article o ON o.id = coalesce(a.copy_of, a.id) WHERE a.id IN ({marks})""",  # noqa: S608 - question marks
            articles,
        )
        found = {
            row["id"]: json.loads(row["origins"]) or json.loads(row["first"]) or [row["publisher"]] for row in rows
        }
        return {number: tuple(name for name in names if name) for number, names in found.items()}

    def _take_over(self, keys: Keys) -> None:
        """Free an address for the new story that it tells; the story before keeps it beside its title."""
        sql = "SELECT a.id, a.title FROM name n JOIN article a ON a.id = n.article WHERE n.key = ?"
        for row in self.query(sql, [plain(keys.url_key)]):
            name = plain(titled(keys.url_key, row["title"]))
            self.execute("INSERT OR IGNORE INTO name (key, article) VALUES (?, ?)", [name, row["id"]])
            self.execute("DELETE FROM name WHERE key = ?", [plain(keys.url_key)])

    def _name(self, number: int, keys: Keys) -> None:
        """Give an article the names it does not have; a name that another article has stays there."""
        self.executemany(
            "INSERT OR IGNORE INTO name (key, article) VALUES (?, ?)",
            [(plain(key), number) for key in keys.identities if key != keys.titled_key],
        )

    def _origins(self, number: int) -> tuple[str, ...]:
        return tuple(json.loads(self.value("SELECT origins FROM article WHERE id = ?", [number]) or "[]"))

    def load_article(self, article_id: int) -> Article | None:
        """An article as it stands now, or None."""
        rows = self.query(f"SELECT {ARTICLE_COLUMNS} FROM article a WHERE a.id = ?", [article_id])  # noqa: S608 - ours
        return to_article(rows[0]) if rows else None


def _index_columns(keys: Keys, at: datetime) -> dict[str, object]:
    """What of an article the look-ups read."""
    return {
        "text_hash": keys.text_hash,
        "version_hash": keys.version_hash,
        "prints": pack_prints(keys.prints),
        "at": to_column(at),
    }


def _at(article: Article, now: datetime) -> datetime:
    """When an article stands in time: published, else first seen."""
    return article.published or article.seen or now
