"""What ``tocsin check`` finds out about a feed: whether it and one of its pages can be read, and what mends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import click

if TYPE_CHECKING:
    from scrapers.entries import FeedDocument
    from scrapers.http import Http
    from tocsin.config import Config, Feed
    from tocsin.model import Fetched, Item

TEXT = 100  # characters; a page that gives less was not understood, even if it is a flash
DEAD = frozenset({"gone", "not_found", "dns", "not_a_feed"})  # with --write, switched off where nothing replaces them
MOVED = frozenset({"gone", "not_found", "not_a_feed", "empty"})  # the site may have another feed

MENDS = {  # the status of a feed -> what helps
    "dns": "check the host's spelling, and that this machine has a network",
    "timeout": "try again later; if it stays so, the site may refuse this network",
    "unreachable": "try again later; check that this machine has a network",
    "tls": "the site's certificate is wrong or the network intercepts it; open the address in a browser",
    "challenge": "the site asks for a browser; write to the publisher, or set enabled: false",
    "consent": "the site shows a consent page instead; write to the publisher, or set enabled: false",
    "blocked": "the site may refuse this network or this user agent; write to the publisher",
    "not_found": "no feed there any more; try: tocsin feeds add with the site's address",
    "gone": "gone for good; remove the feed, or: tocsin check --write",
    "rate_limited": "asked too often; raise its poll_minutes",
    "server_error": "the site has trouble; try again later",
    "too_many_redirects": "the address leads in a circle; find the site's present feed address",
    "refused": "our own guard said no; for your intranet, add its network to http.allow_private_addresses",
    "too_large": "raise http.max_feed_bytes if it is the right address",
    "not_a_feed": "a web page, perhaps; try: tocsin feeds add with the same address",
    "xml_entities": "not safe to read; write to the publisher",
    "bug": "a bug in Tocsin; please send tocsin-bugs.log, which lies beside the archive",
    "empty": "look at the address in a browser; it may have moved",
    "frozen": "the site may have a newer feed; see its home page",
    "moved": "write the new address as its url, or: tocsin check --write",
    "no_text": "its items are judged on the feed's words; body: summary asks for no pages",
}
_LATER = "try again later"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing that was probed fares."""

    name: str
    ok: bool
    status: str
    detail: str = ""
    mend: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)  # what --write writes into the feed

    def as_json(self) -> dict[str, Any]:
        """The finding as one object."""
        return {
            "id": self.name,
            "ok": self.ok,
            "status": self.status,
            "detail": self.detail,
            "mend": self.mend,
            **self.more,
            **({"changes": self.changes} if self.changes else {}),
        }


def probe_feeds(settings: Config, feeds: list[Feed], *, quiet: bool, search: bool = False) -> list[Finding]:
    """Probe feeds side by side, with a bar that moves as each answers.

    Args:
        search: Look for another feed on the sites whose feed is gone.
    """
    from scrapers.http import Http
    from tocsin.archive.hosts import HostLedger

    http, now = Http(settings.http, ledger=HostLedger.of(settings.archive)), datetime.now(UTC)
    found: dict[str, Finding] = {}
    try:
        with ThreadPoolExecutor(settings.http.workers) as pool:
            home = settings.path.parent if settings.path else Path()
            jobs = [pool.submit(probe_feed, feed, http, now, home=home) for feed in feeds]
            shown = click.progressbar(length=len(jobs), label=f"Probing {len(jobs)} feeds", hidden=quiet)
            with shown as bar:
                for job in as_completed(jobs):
                    found[job.result().name] = job.result()
                    bar.update(1)
        findings = [found[feed.id] for feed in feeds]
        return (
            [_mended(f, feed, settings, http, now) for f, feed in zip(findings, feeds, strict=True)]
            if search
            else findings
        )
    finally:
        http.close()


def probe_feed(feed: Feed, http: Http, now: datetime, *, home: Path) -> Finding:
    """Fetch and read one feed once, and one of its pages.

    Args:
        home: What the path of a folder is relative to.
    """
    from scrapers import sandbox as reader
    from scrapers import schedule
    from tocsin.errors import FetchError, ParseError
    from tocsin.urls import masked

    more: dict[str, Any] = {"url": masked(feed.url), "items": 0, "newest_item": None, "page": None}
    if feed.path is not None:
        return _probe_folder(feed, home / Path(feed.path).expanduser(), more, now)
    try:
        fetched = http.get(feed.url, kind="feed", now=now)
        document = reader.read(feed, fetched, now=now)
    except (FetchError, ParseError) as exc:
        status = schedule.status_of(exc)
        detail = (exc.detail or exc.reason).removeprefix(f"{status}: ")
        return Finding(feed.id, False, status, detail, MENDS.get(status, _LATER), more)
    finding = _of_document(feed, fetched, document, more, now)
    return _with_page(finding, feed, document, http, now)


def _probe_folder(feed: Feed, where: Path, more: dict[str, Any], now: datetime) -> Finding:
    """Read the first documents of a folder, without remembering that they were read."""
    from scrapers import folder
    from tocsin.errors import FetchError
    from tocsin.model import FeedState

    try:
        drop = folder.look(feed, where, FeedState(feed.id), limit=15_000_000, now=now)
    except FetchError as exc:
        return Finding(feed.id, False, "not_found", f"{exc.detail} ({where})", "make it, or correct its path", more)
    state = folder.next_state(feed, FeedState(feed.id), drop, now=now)
    mend = "no format knows them; see docs/adding-a-format.md" if state.status == "degraded" else ""
    detail = state.detail or f"{len(drop.document.items)} items in {drop.files}{'+' if drop.more else ''} documents"
    return Finding(feed.id, True, state.status, detail, mend, more | {"items": len(drop.document.items)})


def _of_document(feed: Feed, fetched: Fetched, document: FeedDocument, more: dict[str, Any], now: datetime) -> Finding:
    from scrapers import schedule
    from tocsin.model import FeedState
    from tocsin.urls import masked

    state = schedule.next_state(feed, FeedState(feed.id), now=now, fetched=fetched, document=document)
    newest = state.newest_item_at
    more |= {"items": len(document.items), "newest_item": newest.isoformat(timespec="seconds") if newest else None}
    if fetched.permanent and fetched.final_url != feed.url and document.items:
        detail = f"moved to {masked(fetched.final_url)}"
        return Finding(feed.id, True, "moved", detail, MENDS["moved"], more, {"url": fetched.final_url})
    detail = state.detail or f"{len(document.items)} items"
    return Finding(feed.id, True, state.status, detail, MENDS.get(state.status, ""), more)


def _with_page(finding: Finding, feed: Feed, document: FeedDocument, http: Http, now: datetime) -> Finding:
    """The finding with what the newest item's page gives, for a feed whose pages are read."""
    item = max((i for i in document.items if i.url), key=lambda i: (i.published or now, i.identity), default=None)
    if item is None or feed.body in {"full", "headline", "summary"}:
        return finding
    page = _page(item, feed, http, now)
    finding = replace(finding, more=finding.more | {"page": page})
    if page["characters"] >= TEXT or finding.status not in {"ok", "degraded"}:
        return finding
    why = page["detail"] or f"only {page['characters']} characters of text"
    return replace(finding, status="no_text", detail=f"{finding.detail}; its newest page: {why}", mend=MENDS["no_text"])


def _page(item: Item, feed: Feed, http: Http, now: datetime) -> dict[str, Any]:
    from flows.gathering import scrape
    from tocsin.errors import ParseError

    try:
        article, why = scrape(replace(item, published=None), feed, http, clock=lambda: now)
    except ParseError as exc:
        return {"url": item.url, "characters": 0, "detail": exc.detail}
    return {"url": item.url, "characters": 0 if why else len(article.text), "detail": why}


def _mended(finding: Finding, feed: Feed, settings: Config, http: Http, now: datetime) -> Finding:
    """The finding with what would mend it: another feed of the site, where its own is gone."""
    from tocsin.cli import seeking
    from tocsin.errors import FetchError

    if finding.status not in MOVED or feed.path is not None:
        return finding
    try:
        found = seeking.seek(urljoin(feed.url, "/"), settings, http, now=now)
    except FetchError:
        return finding
    fresh = [each for each in found if each.items and not each.known]
    if not fresh:
        return finding
    url = str(fresh[0].entry["url"])
    return replace(finding, mend=f"the site now has {url}: see whether it is the same feed", changes={"url": url})


def changes(findings: list[Finding]) -> dict[str, dict[str, Any]]:
    """What to write into each feed: a new address, or that it is off; nothing is switched off while all fail."""
    network = any(finding.ok for finding in findings)
    found = {finding.name: finding.changes for finding in findings if finding.changes}
    if network:
        dead = [f for f in findings if f.status in DEAD and not str(f.more.get("url", "")).startswith("folder:")]
        found |= {f.name: {"enabled": False} for f in dead if f.name not in found}
    return found
