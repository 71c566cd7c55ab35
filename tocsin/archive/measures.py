"""How large the archive is and how it grows: bytes per article, postings by month, articles by what they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tocsin.archive.postings import HOT_MONTHS, Postings
from tocsin.archive.rows import to_column

WALKED = 2**30  # bytes: the tables of a larger file are not measured page by page
_INDEX = ("fp_", "name", "article_text", "article_at", "article_family")
_SEARCH = "article_fts"
_POLLED = "count(*) FROM article WHERE feed <> ''"  # an import is no growth


class Measures(Postings):
    """Figures for ``tocsin archive stats``."""

    def measures(self, *, now: datetime) -> dict[str, Any]:
        """Everything about size and growth; bytes by part are None where the file is too large to walk through."""
        total = int(self.value("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
        articles = int(self.value("SELECT count(*) FROM article"))
        parts = self._parts() if total <= WALKED else None
        month = int(self.value(f"SELECT {_POLLED} AND first_seen >= ?", [to_column(now - timedelta(days=30))]))
        since = self.value("SELECT min(first_seen) FROM article WHERE feed <> ''")
        days = min(30.0, max(1.0, (now - datetime.fromisoformat(since)).total_seconds() / 86400)) if since else 1.0
        each = total / articles if articles else 0.0
        postings = {m: int(self.value(f"SELECT count(*) FROM fp_{m}")) for m in self.months()}  # noqa: S608 - digits
        return {
            "articles": articles,
            "bytes": total,
            "bytes_per_article": round(each),
            "bytes_by_part": parts,
            "kinds": self._kinds(),
            "revisions": int(self.value("SELECT count(*) FROM revision")),
            "outcomes": self._counted("SELECT outcome AS name, count(*) AS n FROM item GROUP BY 1 ORDER BY 1"),
            "languages": self._counted(
                "SELECT language AS name, count(*) AS n FROM article GROUP BY 1 ORDER BY 2 DESC"
            ),
            "postings": postings,
            "postings_per_article": round(sum(postings.values()) / articles, 1) if articles else 0.0,
            "hot_months": HOT_MONTHS + 1,
            "articles_per_day": round(month / days, 1),
            "bytes_per_day": round(month / days * each),
            "bytes_in_a_year": round(total + 365 * month / days * each),
            "learned_parameters": self.query(
                "SELECT host, param, equal FROM host_param WHERE other = 0 AND equal >= 3 ORDER BY host, param"
            ),
        }

    def _kinds(self) -> dict[str, int]:
        name = "coalesce(nullif(relation, ''), 'original')"
        return self._counted(f"SELECT {name} AS name, count(*) AS n FROM article GROUP BY 1 ORDER BY 2 DESC")  # noqa: S608 - ours

    def _counted(self, sql: str) -> dict[str, int]:
        return {str(row["name"]): int(row["n"]) for row in self.query(sql)}

    def _parts(self) -> dict[str, int]:
        """Bytes of texts, of the index that finds copies, of the search index, and of the rest."""
        found = {"articles": 0, "index": 0, "search": 0, "rest": 0}
        for row in self.query("SELECT name, sum(pgsize) AS n FROM dbstat GROUP BY 1"):
            name = str(row["name"])
            if name.startswith(_SEARCH):
                part = "search"
            elif name.startswith(_INDEX) or name.startswith("sqlite_autoindex_name"):
                part = "index"
            else:
                part = "articles" if name in {"article", "revision"} else "rest"
            found[part] += int(row["n"])
        return found
