"""What an operator must hear of feeds: pure decisions over what is remembered of them and the time.

A feed that answers may still be blind: it has gone quiet, shows last year's items, or somebody else's.
Feeds that never worked are no trouble of the night; ``tocsin check`` tells of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tocsin.bugs import FILE, KIND
from tocsin.config import Feed
from tocsin.english import counted
from tocsin.model import FeedState, Severity, TextStatus

Kind = Literal["quiet", "frozen", "hijack", "failing", "gone", "layout", "no_text", "bug", "all_failing", "no_poll"]

QUIET_GAPS = 5  # usual gaps without a new item
QUIET_LONGEST = 1.5  # times the longest gap of late: nights and weekends are no alarm
QUIET_LEAST = timedelta(hours=1)
FAILING = timedelta(hours=24)  # since the last answer
NO_POLL = timedelta(minutes=30)
LAYOUT = 6  # pages in a row that a site scraper could not read: the site has a new layout
WORDLESS = 10  # pages in a row without a text: the feed answers, but only its own words are judged
REMIND = timedelta(hours=24)  # of a trouble that lasts, where silence would be forgotten
REMINDED: frozenset[Kind] = frozenset({"quiet", "all_failing", "no_poll"})
GRAVE: frozenset[Kind] = frozenset({"hijack", "all_failing", "no_poll"})
GOOD = frozenset({"ok", "unchanged", "degraded"})  # feed states in which silence means silence
_EVERY_FEED = ""
_SEND = f"{FILE}, beside the archive, has the details: please send it; all else goes on"
_NO_TEXT = frozenset({TextStatus.FEED_ONLY.value, TextStatus.BOILERPLATE.value})
_OTHERWISE = frozenset({"generic", "json-ld", "script-data"})  # how a page is read where its scraper fails


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong now."""

    kind: Kind
    feed: str  # "" for all of them
    what: str  # one line for people
    mend: str
    url: str = ""

    @property
    def key(self) -> str:
        """Names the trouble for as long as it lasts."""
        return f"{self.kind}:{self.feed}"

    @property
    def severity(self) -> Severity:
        """How loud an operator is told."""
        return Severity.HIGH if self.kind in GRAVE else Severity.LOW


def quiet_after(state: FeedState) -> timedelta | None:
    """How long a feed may bring nothing before that is strange; None while its rhythm is not known.

    >>> quiet_after(FeedState("a", usual_gap_seconds=3600, longest_gap_seconds=8 * 3600))
    datetime.timedelta(seconds=43200)
    """
    if not state.usual_gap_seconds:
        return None
    usual = timedelta(seconds=QUIET_GAPS * state.usual_gap_seconds)
    return max(usual, timedelta(seconds=QUIET_LONGEST * state.longest_gap_seconds), QUIET_LEAST)


def status(feed: Feed, state: FeedState, now: datetime) -> tuple[str, str]:
    """The status of a feed as of now, and why: a feed that answered well may since have gone quiet."""
    limit = quiet_after(state)
    newest = state.newest_item_at
    if not feed.alert or state.status not in GOOD or limit is None or newest is None or now - newest <= limit:
        return state.status, state.detail
    usual = _span(timedelta(seconds=state.usual_gap_seconds))
    return "quiet", f"gone strangely quiet: nothing new for {_span(now - newest)}, usually every {usual}"


def troubles(
    feeds: Iterable[Feed],
    states: Mapping[str, FeedState],
    *,
    now: datetime,
    unpolled: timedelta | None = None,
    rungs: Mapping[str, Sequence[str]] | None = None,
    texts: Mapping[str, Sequence[str]] | None = None,
    bugs: Mapping[str, tuple[int, str]] | None = None,
) -> tuple[Trouble, ...]:
    """Everything that is wrong now, the gravest first.

    Args:
        unpolled: How long no poll has ended well although Tocsin runs; None where that is not too long.
        rungs: Of each feed, which way the text of its last articles was had whose host a site scraper claims.
        texts: Of each feed, the text status of its last articles whose pages were asked for, the newest first.
        bugs: Of each feed that has any, how many items met a bug of ours, and what one of them met.
    """
    asked = [(feed, states[feed.id]) for feed in feeds if feed.enabled and feed.id in states]
    asked = [(feed, state) for feed, state in asked if state.last_attempt_at is not None]
    found: list[Trouble] = []
    there = [(feed, state) for feed, state in asked if state.status != "gone"]
    if there and all(state.failures > 0 for _, state in there) and _blind([state for _, state in there], now):
        found.append(_all_failing(there))
    elif unpolled is not None:
        what = f"no poll has ended well for {_span(unpolled)}"
        mend = "see the last runs of poll in the Prefect UI, or run: tocsin run --direct"
        found.append(Trouble("no_poll", _EVERY_FEED, what, mend))
    each = (_of_one(feed, state, now) for feed, state in asked)
    layouts = (_layout(feed, (rungs or {}).get(feed.id, ())) for feed, _ in asked)
    wordless = (_wordless(feed, (texts or {}).get(feed.id, ())) for feed, _ in asked)
    met = (_bug(feed, state, (bugs or {}).get(feed.id)) for feed, state in asked)
    return (*found, *(trouble for trouble in (*each, *layouts, *wordless, *met) if trouble is not None))


def _blind(failing: Sequence[FeedState], now: datetime) -> bool:
    """Whether feeds that all fail have failed for long enough: one time-out of the only feed calls nobody.

    None has answered for half an hour, and one of them for two of its intervals; at once where none ever answered.
    """
    ages = [(now - s.last_success_at, s.interval_seconds) for s in failing if s.last_success_at is not None]
    least = all(age > NO_POLL for age, _ in ages)
    return not ages or (least and any(age > timedelta(seconds=2 * interval) for age, interval in ages))


def fallen(rungs: Sequence[str]) -> bool:
    """True when a site scraper reads none of a feed's pages any more.

    Args:
        rungs: Which way the text of the last articles was had whose host it claims, the newest first.

    >>> fallen(["generic"] * 6), fallen(["generic"] * 5 + ["site:Outlet"]), fallen(["feed"] * 9)
    (True, False, False)
    """
    of_pages = [rung for rung in rungs if rung.startswith("site:") or rung in _OTHERWISE][:LAYOUT]
    return len(of_pages) == LAYOUT and not any(rung.startswith("site:") for rung in of_pages)


def _layout(feed: Feed, rungs: Sequence[str]) -> Trouble | None:
    if not fallen(rungs):
        return None
    what = f"{feed.publisher or feed.id} ({feed.id}): its site scraper read none of its last {LAYOUT} pages"
    mend = "they were read generically; for a new layout see docs/adding-a-site.md and tocsin extract --why"
    return Trouble("layout", feed.id, what, mend, feed.url)


def _wordless(feed: Feed, texts: Sequence[str]) -> Trouble | None:
    """A feed whose pages give no text any more; none of one that carries it, or whose pages nobody wants."""
    last = texts[:WORDLESS]
    if feed.body != "unknown" or feed.path or len(last) < WORDLESS or not _NO_TEXT.issuperset(last):
        return None
    what = f"{feed.publisher or feed.id} ({feed.id}): none of its last {WORDLESS} pages gave a text"
    mend = f"its items are judged on the feed's words; tocsin check --feed {feed.id} says why, body: summary accepts it"
    return Trouble("no_text", feed.id, what, mend, feed.url)


def _bug(feed: Feed, state: FeedState, items: tuple[int, str] | None) -> Trouble | None:
    """A bug of ours that a feed, or some of its items, laid bare: told at once, for nobody but us can mend it."""
    name = f"{feed.publisher or feed.id} ({feed.id})"
    if state.status == KIND:
        what = f"{name}: a bug in Tocsin {'left files of it unread' if feed.path else 'stops it'}: {state.detail}"
    elif items is not None:
        what = f"{name}: a bug in Tocsin met {counted(items[0], 'item')}, tried again later: {items[1]}"
    else:
        return None
    return Trouble("bug", feed.id, what, _SEND, feed.url)


def _all_failing(asked: list[tuple[Feed, FeedState]]) -> Trouble:
    reasons = sorted({state.status for _, state in asked})
    n = len(asked)
    what = f"{'all ' + str(n) + ' feeds are' if n > 1 else 'the only feed is'} failing ({', '.join(reasons)[:200]})"
    mend = _SEND if reasons == [KIND] else "check this machine's network and name server; then: tocsin check"
    return Trouble("all_failing", _EVERY_FEED, what, mend)


def _of_one(feed: Feed, state: FeedState, now: datetime) -> Trouble | None:
    kind: Kind
    word, why = status(feed, state, now)
    why = why.removeprefix(f"{word}: ")
    if state.suspect or word == "hijack_suspected":
        kind, what = "hijack", f"it may have fallen into other hands: {state.suspect or why}"
        mend = f"open it in a browser; if all is well: tocsin feeds trust {feed.id}. Until then nothing of it rings"
    elif word == "quiet":
        kind, what, mend = "quiet", why, "see the site's home page: it may have a newer feed"
    elif word == "frozen":
        kind, what, mend = (
            "frozen",
            f"it is frozen: {why}",
            "the site may have a newer feed: tocsin feeds add its address",
        )
    elif word == "gone":
        kind, what, mend = "gone", f"it is gone for good ({why})", "find the present feed, or: tocsin check --write"
    elif (
        word != KIND
        and state.failures > 0
        and state.last_success_at is not None
        and now - state.last_success_at > FAILING
    ):
        kind, what = "failing", f"no answer for {_span(now - state.last_success_at)}: {why or word}"
        mend = f"tocsin check --feed {feed.id} tells what helps"
    else:
        return None
    return Trouble(kind, feed.id, f"{feed.publisher or feed.id} ({feed.id}): {what}", mend, feed.url)


def _span(time: timedelta) -> str:
    """A time in one word: "45 minutes", "6 hours", "3 days"."""
    minutes = max(1, round(time.total_seconds() / 60))
    for size, name in ((2880, "day"), (120, "hour")):
        if minutes >= size:
            n = round(minutes / (1440 if name == "day" else 60))
            return f"{n} {name}s"
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
