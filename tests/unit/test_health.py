"""What operators must hear of feeds: both sides of every limit, and the rhythm that silence is measured by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scrapers import rhythm
from scrapers.entries import FeedDocument
from tocsin import health
from tocsin.alerts import operators
from tocsin.alerts.render import view
from tocsin.config import Alerts, ChannelSpec, Feed, Quiet, Route
from tocsin.model import FeedState, Item, Severity

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
FEED = Feed(id="ina", url="https://ina.example/rss", publisher="INA")
HOUR = 3600
BUSY = {"usual_gap_seconds": 60, "longest_gap_seconds": 90}
LAST_WEEK = NOW - timedelta(days=9)


def state(**more: Any) -> FeedState:
    """A feed that answered a minute ago and brings something every hour."""
    well = {
        "status": "unchanged",
        "last_attempt_at": NOW - timedelta(minutes=1),
        "last_success_at": NOW - timedelta(minutes=1),
        "newest_item_at": NOW - timedelta(hours=1),
        "usual_gap_seconds": HOUR,
        "longest_gap_seconds": HOUR,
    }
    return FeedState("ina", **(well | more))


def kinds(*states: FeedState, **more: Any) -> list[str]:
    """The kinds of trouble of some feeds."""
    feeds = [FEED.model_copy(update={"id": f"f{n}"}) for n in range(len(states))]
    found = health.troubles(
        feeds, {f.id: replace(s, feed=f.id) for f, s in zip(feeds, states, strict=True)}, now=NOW, **more
    )
    return [trouble.kind for trouble in found]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, [], id="all is well"),
        pytest.param({"newest_item_at": NOW - timedelta(hours=5)}, [], id="5 usual gaps: not yet"),
        pytest.param({"newest_item_at": NOW - timedelta(hours=5, minutes=1)}, ["quiet"], id="past 5 usual gaps"),
        pytest.param(
            {"newest_item_at": NOW - timedelta(hours=11), "longest_gap_seconds": 8 * HOUR}, [], id="nights are long"
        ),
        pytest.param(
            {"newest_item_at": NOW - timedelta(hours=13), "longest_gap_seconds": 8 * HOUR}, ["quiet"], id="past a night"
        ),
        pytest.param({**BUSY, "newest_item_at": NOW - timedelta(minutes=59)}, [], id="a busy feed pauses"),
        pytest.param({"newest_item_at": NOW - timedelta(days=3), "usual_gap_seconds": 0}, [], id="no rhythm known"),
        pytest.param({"newest_item_at": LAST_WEEK, "status": "frozen"}, ["frozen"], id="frozen, not quiet too"),
        pytest.param({"status": "hijack_suspected", "suspect": "its title was A"}, ["hijack"], id="hijack"),
        pytest.param({"suspect": "its title was A", "status": "unchanged"}, ["hijack"], id="still suspect after a 304"),
        pytest.param({"status": "gone", "failures": 1.0}, ["gone"], id="gone"),
    ],
)  # fmt: skip
def test_the_troubles_of_one_feed(more: dict[str, Any], expected: list[str]) -> None:
    """Beside a feed that is well, so that not all are failing."""
    assert kinds(state(), state(**more)) == expected


def test_a_failing_feed_is_told_after_a_day_and_only_when_it_ever_worked() -> None:
    """Hiccups are not told; what never worked is for ``tocsin check``."""
    down = {"status": "timeout", "failures": 3.0}
    assert kinds(state(), state(**down, last_success_at=NOW - timedelta(hours=24))) == []
    assert kinds(state(), state(**down, last_success_at=NOW - timedelta(hours=24, minutes=1))) == ["failing"]
    assert kinds(state(), state(**down, last_success_at=None)) == []


def test_all_feeds_failing_is_a_trouble_of_its_own() -> None:
    """Whatever each of them says; what is gone for good is known to be."""
    down = state(status="dns", failures=0.25, last_success_at=NOW - timedelta(minutes=31))
    assert kinds(down, down) == ["all_failing"]
    assert kinds(down, replace(down, suspect="x", failures=1.0)) == ["all_failing", "hijack"]
    assert kinds(down, state(status="gone", failures=1.0)) == ["all_failing", "gone"]
    assert kinds(state(status="gone", failures=1.0)) == ["gone"]
    assert kinds(down, state()) == []
    assert kinds() == []
    assert kinds(FeedState("never")) == []


@pytest.mark.parametrize(
    ("ago", "interval", "told"),
    [
        pytest.param([15], [300], False, id="one time-out, an answer 15 minutes ago"),
        pytest.param([30], [300], False, id="half an hour: not yet"),
        pytest.param([31], [300], True, id="past half an hour"),
        pytest.param([61], [3600], False, id="asked each hour, one time-out"),
        pytest.param([121], [3600], True, id="asked each hour, two turns without an answer"),
        pytest.param([31, 61], [300, 6 * 3600], True, id="one of them missed two turns"),
        pytest.param([29, 600], [300, 300], False, id="one answered not long ago"),
        pytest.param([None], [300], True, id="none has ever answered"),
        pytest.param([None, 61], [300, 3600], False, id="what never answered proves nothing of the others"),
    ],
)
def test_operators_are_called_when_all_feeds_have_failed_for_long(
    ago: list[int | None], interval: list[int], told: bool
) -> None:
    """Both sides of each limit; an operator called for one time-out learns not to listen."""
    since = [None if minutes is None else NOW - timedelta(minutes=minutes) for minutes in ago]
    down = [
        state(status="timeout", failures=0.25, last_success_at=at, interval_seconds=pause)
        for at, pause in zip(since, interval, strict=True)
    ]
    assert kinds(*down) == (["all_failing"] if told else [])


def test_a_bug_of_ours_is_told_at_once_and_as_ours() -> None:
    """Not as a fault of the feed, nor of this machine's network when it is all that fails."""
    stopped = state(status="bug", detail="KeyError: 'links'", failures=1.0, last_success_at=LAST_WEEK)
    (one,) = health.troubles([FEED], {"ina": state()}, now=NOW, bugs={"ina": (2, "IndexError: out of range")})
    assert one.what == "INA (ina): a bug in Tocsin met 2 items, tried again later: IndexError: out of range"
    assert kinds(state(), stopped) == ["bug"]
    whole = health.troubles([FEED], {"ina": stopped}, now=NOW)
    assert [trouble.kind for trouble in whole] == ["all_failing", "bug"]
    assert all("tocsin-bugs.log" in trouble.mend and "network" not in trouble.mend for trouble in whole)


def test_no_poll_for_long_is_a_trouble() -> None:
    """Whoever measures it says that it is too long."""
    assert kinds(state(), unpolled=timedelta(minutes=31)) == ["no_poll"]
    assert kinds(state(), unpolled=None) == []


@pytest.mark.parametrize("more", [{"enabled": False}, {"alert": False}], ids=["disabled", "archive only"])
def test_nobody_waits_for_a_feed_that_is_off_or_never_rings(more: dict[str, Any]) -> None:
    """Silence of an archive feed is no alarm."""
    silent = state(newest_item_at=NOW - timedelta(days=2))
    feed = FEED.model_copy(update=more)
    assert health.troubles([feed], {"ina": silent}, now=NOW) == ()
    assert health.troubles([FEED], {"ina": silent}, now=NOW)[0].kind == "quiet"


def document(*hours_ago: float) -> FeedDocument:
    """A feed whose items were published so long ago."""
    items = [Item("ina", f"i{n}", "", "t", published=NOW - timedelta(hours=hours)) for n, hours in enumerate(hours_ago)]
    return FeedDocument("INA", tuple(items))


def test_a_rhythm_is_learned_and_follows_slowly() -> None:
    """The median, not the mean; the longest gap at once; both without what a pinned item shows."""
    fresh = FeedState("ina")
    first = rhythm.learned(fresh, fresh, document(1, 2, 3, 4, 12, 13, 9000), now=NOW)
    assert (first.usual_gap_seconds, first.longest_gap_seconds) == (HOUR, 8 * HOUR)
    before = replace(first, last_success_at=NOW - timedelta(days=7))
    later = rhythm.learned(before, before, document(0, 2, 4, 6), now=NOW)
    assert later.usual_gap_seconds == pytest.approx(1.3 * HOUR, abs=1)
    assert later.longest_gap_seconds == 4 * HOUR, "half of a week ago"


def test_a_first_look_that_saw_no_night_assumes_one() -> None:
    """Four items of one afternoon; from the second look on only what is seen counts."""
    fresh = FeedState("ina")
    first = rhythm.learned(fresh, fresh, document(1, 2, 3, 4), now=NOW)
    assert (first.usual_gap_seconds, first.longest_gap_seconds) == (HOUR, 8 * HOUR)
    known = replace(fresh, usual_gap_seconds=HOUR, longest_gap_seconds=2 * HOUR, last_success_at=NOW)
    assert rhythm.learned(known, known, document(1, 2, 3, 4), now=NOW).longest_gap_seconds == 2 * HOUR


def test_too_few_items_teach_nothing() -> None:
    """Nor do undated ones."""
    known = state()
    assert rhythm.learned(known, known, document(1, 9), now=NOW) == known
    assert rhythm.learned(known, known, FeedDocument("x", ()), now=NOW) == known


CHANNELS = {"ops": ChannelSpec(kind="terminal"), "desk": ChannelSpec(kind="terminal")}
QUIET = health.Trouble("quiet", "ina", "INA (ina): gone strangely quiet", "see its home page", FEED.url)
ALL = health.Trouble("all_failing", "", "all 9 feeds are failing (dns)", "check the network")
WHO = {"ops": ("",), "desk": ("#desk",)}


@pytest.mark.parametrize(
    ("alerts", "trouble", "names"),
    [
        pytest.param(Alerts(channels=CHANNELS, operators=("ops",)), ALL, ["ops"], id="named"),
        pytest.param(
            Alerts(channels=CHANNELS, routes=(Route(to=("desk", "ops")),)), QUIET, ["desk", "ops"], id="routed"
        ),
        pytest.param(
            Alerts(channels=CHANNELS, routes=(Route(to=("desk",), min_severity=Severity.HIGH), Route(to=("ops",)))),
            QUIET, ["ops"], id="a channel for grave news hears of no single feed",
        ),
        pytest.param(
            Alerts(channels=CHANNELS, routes=(Route(to=("desk",), min_severity=Severity.CRITICAL),)),
            ALL, ["desk"], id="somebody always hears",
        ),
        pytest.param(
            Alerts(channels=CHANNELS, operators=("off",), routes=(Route(to=("desk",)),)),
            ALL, ["desk"], id="the operators' channel is off",
        ),
    ],
)  # fmt: skip
def test_who_hears_of_a_trouble(alerts: Alerts, trouble: health.Trouble, names: list[str]) -> None:
    """The operators, else the desk: never nobody."""
    assert [each.channel for each in operators.planned(trouble, alerts, WHO, now=NOW)] == names


def test_single_feeds_wait_for_the_end_of_quiet_hours_and_blindness_does_not() -> None:
    """A frozen feed at three in the morning wakes nobody."""
    night = ChannelSpec(kind="terminal", quiet=Quiet.model_validate({"from": "00:00", "to": "23:59"}))
    alerts = Alerts(channels={"ops": night}, operators=("ops",))
    assert operators.planned(QUIET, alerts, WHO, now=NOW)[0].held_until is not None
    assert operators.planned(ALL, alerts, WHO, now=NOW)[0].held_until is None


def test_the_message_says_what_is_wrong_and_what_to_do() -> None:
    """In the words of a message about Tocsin, not of a report."""
    from tocsin.alerts import render_terminal

    told = operators.alert(QUIET, "op-1", 1, since=NOW, now=NOW)
    text = render_terminal.message(view(told))
    assert "LOW: A trouble with Tocsin itself" in text
    assert "INA (ina): gone strangely quiet" in text
    assert "What to do\n  - see its home page" in text
    assert "article" not in text.replace("articles", "article").split("What to do")[0]
    over = render_terminal.message(view(operators.alert(QUIET, "op-1", 2, since=NOW, now=NOW, over=True)))
    assert "A trouble is over" in over


@pytest.mark.parametrize(
    ("rungs", "told"),
    [
        (["generic"] * 6, True),
        (["json-ld", "generic", "feed"] * 3, True),
        (["generic"] * 5, False),
        (["generic"] * 5 + ["site:Ina"], False),
        (["site:Ina"] + ["generic"] * 9, False),
        (["feed"] * 12, False),
        ([], False),
    ],
    ids=[
        "six in a row",
        "feed texts between",
        "five",
        "the sixth fits",
        "it fits again",
        "no page was read",
        "nothing",
    ],
)
def test_a_site_scraper_that_no_longer_fits_is_told(rungs: list[str], told: bool) -> None:
    """A new layout: six pages in a row of a claimed host that were read otherwise."""
    assert (kinds(state(), rungs={"f0": rungs}) == ["layout"]) is told


@pytest.mark.parametrize(
    ("texts", "more", "told"),
    [
        pytest.param(["feed_only"] * 10, {}, True, id="ten in a row"),
        pytest.param(["feed_only", "boilerplate"] * 5, {}, True, id="furniture is no text"),
        pytest.param(["feed_only"] * 9, {}, False, id="nine say nothing yet"),
        pytest.param([*["feed_only"] * 9, "short"], {}, False, id="a flash is a text"),
        pytest.param([*["feed_only"] * 10, "full"], {}, True, id="what was before does not count"),
        pytest.param(["feed_only"] * 10, {"body": "summary"}, False, id="nobody asks for its pages"),
        pytest.param(["feed_only"] * 10, {"enabled": False}, False, id="switched off"),
    ],
)
def test_a_feed_whose_pages_give_no_text_is_told(texts: list[str], more: dict[str, Any], told: bool) -> None:
    """What the feed itself says is still judged; nobody should find out by chance that it is all there is."""
    found = health.troubles([FEED.model_copy(update=more)], {"ina": state()}, now=NOW, texts={"ina": texts})
    assert [trouble.kind for trouble in found] == (["no_text"] if told else [])
