"""Which articles share text across families: written with the article that showed it, read from either side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.archive.store import Store
from tocsin.model import Part


class Parts(Store):
    """What articles have in common with other families."""

    def keep_parts(self, article: int, parts: Sequence[Part]) -> None:
        """Write down what an article shares; what was written with it before is replaced."""
        self.execute("DELETE FROM part WHERE article = ?", [article])
        self.executemany(
            "INSERT INTO part (article, other, contains, share) VALUES (?, ?, ?, ?)",
            [(article, part.of, int(part.contains), part.share) for part in parts],
        )

    def parts_of(self, article: int) -> list[dict[str, Any]]:
        """What an article and its copies share with other families, the largest share first: one row each.

        ``article`` is the member that shares it, ``contains`` is seen from there; what has become one family since
        is left out.
        """
        rows = self.query(
            """WITH family (id, root) AS (
                SELECT m.id, coalesce(a.copy_of, a.id) FROM article a
                JOIN article m ON m.id = coalesce(a.copy_of, a.id) OR m.copy_of = coalesce(a.copy_of, a.id)
                WHERE a.id = ?1
            ), shared (article, id, contains, share) AS (
                SELECT p.article, p.other, p.contains, p.share FROM part p JOIN family f ON f.id = p.article
                UNION ALL
                SELECT p.other, p.article, 1 - p.contains, p.share FROM part p JOIN family f ON f.id = p.other
            )
            SELECT s.article, s.id, s.contains, s.share, o.title, o.publisher, o.url,
                coalesce(o.copy_of, o.id) AS family
            FROM shared s JOIN article o ON o.id = s.id
            WHERE coalesce(o.copy_of, o.id) NOT IN (SELECT root FROM family)
            GROUP BY family HAVING s.share = max(s.share) ORDER BY s.share DESC, s.id""",
            [article],
        )
        return [row | {"contains": bool(row["contains"])} for row in rows]
