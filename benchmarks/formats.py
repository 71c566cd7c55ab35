"""Reading feeds: cost beside feedparser alone, and public parsers' own test documents (``--suite DIR``, unpacked).

``python -m benchmarks formats --suite feedparser-6.0.14/tests`` reads every document there with our reader and
with feedparser itself, and compares what both give; documents in feedparser's manner also hold what they expect
("Expect: ... entries[0]['title'] == ..."), which is looked up where we keep that field. No document is copied.
"""

from __future__ import annotations

import ast
import io
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from benchmarks import measure
from scrapers import feeds
from scrapers.entries import FeedDocument
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched, Item
from tocsin.text import clean_line

NOW = datetime.now(UTC)
FEED = Feed(id="suite", url="https://suite.example/feed.xml")
ENDINGS = {".xml", ".rss", ".rss2", ".atom", ".rdf", ".json"}
_EXPECT = re.compile(rb"Expect:\s*(.*?)\s*(?:-->|\n\s*\n)", re.S)
_HEADER = re.compile(rb"Header:\s*([\w-]+)\s*:\s*(.+?)\s*\n")
ROUNDS = 7


def main() -> None:
    """Print the cost, or how a suite fares."""
    print(measure.machine())
    if "--suite" in sys.argv:
        suite(Path(sys.argv[sys.argv.index("--suite") + 1]))
    else:
        cost()


# --------------------------------------------------------------------------- cost


def cost() -> None:
    """Processor time of our reading beside feedparser's with its sanitiser off, same feeds, same run, rounds mixed."""
    print(f"  {'feed':34s} {'feedparser':>12s} {'ours':>12s} {'ratio':>6s}")
    for name, body in samples():
        alone, ours = [], []
        for _ in range(ROUNDS):
            alone.append(_timed(lambda body=body: feedparser.parse(
                io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)))  # fmt: skip
            ours.append(_timed(lambda body=body: feeds.read(FEED, _fetched(body, ()), now=NOW)))
        a, o = statistics.median(alone), statistics.median(ours)
        print(f"  {name:34s} {a * 1000:9.1f} ms {o * 1000:9.1f} ms {o / a:6.2f}")


def samples() -> Iterator[tuple[str, bytes]]:
    """Feeds of the common sizes, made up."""
    line = "Une bombe artisanale a explosé lundi au passage d'une patrouille au nord de Bagdad, selon la police. "
    for items, paragraphs in ((20, 0), (20, 12), (100, 3), (500, 1)):
        content = f"<content:encoded><![CDATA[{f'<p>{line * 4}</p>' * paragraphs}]]></content:encoded>"
        body = "".join(
            f"<item><title>Irak: {n} soldats tués près de Tarmiya</title><link>https://a.example/{n}?a=1&amp;b={n}</link>"
            f"<guid>https://a.example/{n}</guid><pubDate>Mon, 29 Jun 2026 {n % 24:02}:07:41 GMT</pubDate>"
            f"<dc:creator>Salma Haddad</dc:creator><category>Monde</category><description>{line}</description>"
            f"{content * min(1, paragraphs)}</item>"
            for n in range(items)
        )
        spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        whole = f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel><title>Agence</title>{body}</channel></rss>'
        yield f"{items} items, {len(whole) / 1000:.0f} kB", whole.encode()


def _timed(run: Any) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


# --------------------------------------------------------------------------- suites


def suite(folder: Path) -> None:
    """Read every document below a folder and print what was met."""
    seen, why, fields = Counter[str](), Counter[str](), Counter[str]()
    examples: dict[str, str] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in ENDINGS and p.is_file()):
        body = path.read_bytes()
        group = path.relative_to(folder).parts[0]
        verdict, reason = _compare(body)
        if verdict == "same":
            wrong = _unmet(body, fields)
            verdict, reason = ("same", "") if not wrong else ("field", wrong)
        seen[f"{group}: all"] += 1
        seen[f"{group}: {verdict}"] += 1
        if reason:
            why[reason] += 1
            examples.setdefault(reason, str(path.relative_to(folder)))
    for group in sorted({key.split(":")[0] for key in seen}):
        total = seen[f"{group}: all"]
        parts = {name: seen[f"{group}: {name}"] for name in ("same", "refused", "count", "field", "no feed")}
        print(f"  {group:20s} {total:5d}  " + "  ".join(f"{name} {n}" for name, n in parts.items() if n))
    names = sorted(name for name in fields if " " not in name)
    print("  expectations met: " + ", ".join(f"{name} {fields[f'{name} met']}/{fields[name]}" for name in names))
    for reason, n in why.most_common(40):
        print(f"  {n:5d}  {reason}   (such as {examples[reason]})")


def _fetched(body: bytes, headers: tuple[tuple[str, str], ...]) -> Fetched:
    return Fetched(FEED.url, FEED.url, 200, headers, body, NOW, 0.0)


def _headers(body: bytes) -> tuple[tuple[str, str], ...]:
    return tuple((k.decode().lower(), v.decode("latin-1")) for k, v in _HEADER.findall(body[:4000]))


def _compare(body: bytes) -> tuple[str, str]:
    """Whether we see the entries that feedparser sees, and why not."""
    headers = _headers(body)
    theirs = feedparser.parse(io.BytesIO(body), response_headers={"content-location": FEED.url, **dict(headers)})
    try:
        ours = feeds.read(FEED, _fetched(body, headers), now=NOW)
    except ParseError as error:
        if not theirs.entries:
            return "no feed", ""
        return "refused", error.detail.split(":")[0] + ": " + re.sub(r"\d+", "N", error.detail.partition(": ")[2])[:60]
    named = [entry for entry in theirs.entries if _says_something(entry)]
    if len(ours.items) == len(named):
        return "same", ""
    notes = "; ".join(re.sub(r"\d+", "N", note) for note in ours.notes) or "no note"
    return "count", f"{'fewer' if len(ours.items) < len(named) else 'more'} entries than feedparser ({notes})"


def _says_something(entry: Any) -> bool:
    """Whether an entry has an address or a word, markup aside: what has neither we leave out on purpose."""
    words = [entry.get("title", ""), entry.get("summary", ""), *(c.get("value", "") for c in entry.get("content", ()))]
    return bool(entry.get("link")) or any(clean_line(str(text)) for text in words)


def _unmet(body: bytes, fields: Counter[str]) -> str:
    """The first field of an entry that a document expects and that we read otherwise, or ""."""
    found = _EXPECT.search(body[:6000])
    if found is None:
        return ""
    try:
        tree = ast.parse(found.group(1).decode("utf-8", "replace").strip(), mode="eval")
        document = feeds.read(FEED, _fetched(body, _headers(body)), now=NOW)
    except (SyntaxError, ValueError, ParseError):
        return ""
    theirs = feedparser.parse(io.BytesIO(body), response_headers=dict(_headers(body)))
    for name, path, expected in _expected(tree):
        got = _got(document, name)
        if got is None or not _holds(theirs, path, expected):
            continue
        fields[name] += 1
        if not _akin(name, expected, got):
            return f"{name} is read otherwise"
        fields[f"{name} met"] += 1
    return ""


def _holds(theirs: Any, path: str, expected: Any) -> bool:
    """Whether feedparser itself reads it so here; some documents want a server that is not there."""
    source = theirs.feed if path.startswith("feed") else next(iter(theirs.entries), {})
    return bool(source.get(path.rpartition("[")[2].rstrip("]")) == expected)


def _expected(tree: ast.Expression) -> Iterator[tuple[str, str, Any]]:
    """Each ``entries[0]['field'] == value`` of an expectation, with our name for the field."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)):
            continue
        path = re.sub(r"[\"' ]", "", ast.unparse(node.left))
        wanted = {
            "entries[0][title]": "title", "entries[0][link]": "link", "entries[0][id]": "id", "feed[title]": "feed",
            "entries[0][published_parsed]": "published", "entries[0][updated_parsed]": "updated",
            "entries[0][author]": "author",
        }.get(path)  # fmt: skip
        try:
            value = ast.literal_eval(node.comparators[0])
        except ValueError:
            continue
        if wanted and value not in (None, ""):
            yield wanted, path, value


def _got(document: FeedDocument, name: str) -> Any:
    if name == "feed":
        return document.title
    if not document.items:
        return None
    item: Item = document.items[0]
    if name in {"published", "updated"}:
        return item.updated if name == "updated" else item.published
    return {"title": item.title, "link": item.url, "id": item.identity, "author": ", ".join(item.authors)}[name] or None


def _akin(name: str, expected: Any, got: Any) -> bool:
    """Whether ours is theirs, cleaned: titles lose markup, a time in the future is now."""
    if isinstance(got, datetime):
        try:
            moment = datetime(*expected[:6], tzinfo=UTC)
        except (TypeError, ValueError):
            return True
        return abs((got - min(moment, NOW)).total_seconds()) < 86_400
    if name == "author":
        return str(got).split(",")[0] in str(expected)
    return clean_line(str(expected), 4000).replace(" ", "") == str(got).replace("%20", "").replace(" ", "")
