"""The sample day's server over real sockets: every feed and page is what its kind promises."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
import requests
from bs4 import BeautifulSoup

from demo.server import WireDay
from demo.sites import BY_ID, OUTLETS, Outlet
from demo.stories import on_day

BASE = datetime(2026, 11, 22, 9, 10, tzinfo=UTC)
WORKING = [pytest.param(o, id=o.id) for o in OUTLETS if o.template]


@pytest.fixture(scope="module")
def wires() -> Iterator[WireDay]:
    """One served day for the module; tests that move ``phase`` put it back."""
    with WireDay(BASE) as day:
        yield day


@pytest.fixture(scope="module")
def web() -> Iterator[requests.Session]:
    """A client that ignores any proxy of the machine."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def at_the_end(wires: WireDay) -> Iterator[WireDay]:
    """The day as its last poll sees it."""
    wires.phase = wires.data.phases
    yield wires
    wires.phase = 1


def entries(body: bytes) -> list[dict[str, str]]:
    """Title and link of what a feed lists, whatever its format."""
    if body.startswith(b"{"):
        return [{"title": i["title"], "link": i["url"]} for i in json.loads(body)["items"]]
    root = ElementTree.fromstring(body)
    if root.tag.endswith("urlset"):
        ns = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}
        return [
            {"title": u.findtext("n:news/n:title", "", ns), "link": u.findtext("s:loc", "", ns)}
            for u in root.findall("s:url", ns)
        ]
    parsed: Any = feedparser.parse(body, sanitize_html=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return [{"title": e.title, "link": e.link} for e in parsed.entries]


@pytest.mark.parametrize("outlet", WORKING)
def test_a_feed_lists_its_stories_newest_first(at_the_end: WireDay, web: requests.Session, outlet: Outlet):
    """Titles and addresses are those of the stories, as text and not as markup."""
    answer = web.get(at_the_end.press.feed_url(outlet), timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == outlet.feed_type
    expected = at_the_end.data.listed(outlet.id, 3)
    assert [e["title"] for e in entries(answer.content)] == [on_day(s.title, s.language, BASE) for s in expected]
    links = [at_the_end.press.link(s) for s in expected]
    assert [e["link"] for e in entries(answer.content)] == links


@pytest.mark.parametrize("outlet", WORKING)
def test_every_listed_page_carries_its_story(at_the_end: WireDay, web: requests.Session, outlet: Outlet):
    """Title, paragraphs and furniture; a paywalled page stops after three; one page is refused."""
    for story in at_the_end.data.listed(outlet.id, 3):
        address = at_the_end.press.url(story)
        answer = web.get(at_the_end.press.link(story), timeout=5)
        assert bool(answer.history) == outlet.short_links
        assert answer.url.startswith(address)
        if story.blocked:
            assert answer.status_code == 403
            continue
        page = " ".join(BeautifulSoup(answer.content, "lxml").get_text(" ").split())
        shown = story.paragraphs[:3] if outlet.template == "paywall.html.j2" else story.paragraphs
        for paragraph in shown:
            assert " ".join(on_day(paragraph, story.language, BASE).split()) in page
        assert on_day(story.title, story.language, BASE) in page
        for script in BeautifulSoup(answer.text, "lxml").find_all("script", type="application/ld+json"):
            assert json.loads(script.string)["@context"] == "https://schema.org"


def test_each_outlet_has_an_address_and_a_markup_of_its_own(wires: WireDay):
    """Rules per host are real; at least eight page layouts and five feed shapes."""
    roots = {wires.press.roots[o.id] for o in OUTLETS}
    assert len(roots) == len(OUTLETS) >= 11
    assert len({o.template for o in OUTLETS} - {""}) >= 8
    assert len({o.feed for o in OUTLETS}) >= 7


def test_a_feed_that_did_not_change_answers_304_and_a_later_phase_200(wires: WireDay, web: requests.Session):
    """The ETag is of the body, for feeds and pages."""
    url = wires.press.feed_url(BY_ID["tigris-wire"])
    first = web.get(url, timeout=5)
    again = web.get(url, timeout=5, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    wires.phase = 2
    later = web.get(url, timeout=5, headers={"If-None-Match": first.headers["ETag"]})
    wires.phase = 1
    assert later.status_code == 200
    assert len(entries(later.content)) > len(entries(first.content))


def test_a_story_is_not_there_before_its_phase(wires: WireDay, web: requests.Session):
    """Neither listed nor to be had; a revised page shows its old text until then."""
    by_id = {s.id: s for s in wires.data.stories}
    assert web.get(wires.press.url(by_id["harir-last-convoy"]), timeout=5).status_code == 404
    url = wires.press.url(by_id["hilla-supply-convoy-blast"])
    assert "There were no casualties" in web.get(url, timeout=5).text
    wires.phase = 3
    assert "has died of his wounds" in web.get(url, timeout=5).text
    wires.phase = 1


def test_the_faults_that_a_report_must_show(wires: WireDay, web: requests.Session):
    """One feed answers 500, one is a maintenance page, one is slow."""
    assert web.get(wires.press.feed_url(BY_ID["gazette-monts"]), timeout=5).status_code == 500
    odd = web.get(wires.press.feed_url(BY_ID["the-lantern"]), timeout=5)
    assert (odd.status_code, feedparser.parse(odd.content).version) == (200, "")
    slow = web.get(wires.press.feed_url(BY_ID["noordkoerier"]), timeout=5)
    assert slow.elapsed >= timedelta(seconds=BY_ID["noordkoerier"].delay_seconds)


def test_robots_txt_bars_what_no_feed_lists(wires: WireDay, web: requests.Session):
    """A polite client asks, and is allowed."""
    text = web.get(wires.press.roots["messager-meuse"] + "/robots.txt", timeout=5).text
    assert "Disallow: /search" in text
    assert "Disallow: /\n" not in text


def test_the_same_day_is_served_again_on_the_same_ports():
    """Addresses are identities: a second start gives the same bytes at the same places."""
    with WireDay(BASE) as first:
        ports, feed = first.ports, first.press.feed(BY_ID["al-marfa"], 2)
        addresses = first.addresses()
    with WireDay(BASE, ports=ports) as second:
        assert second.ports == ports
        assert second.addresses() == addresses
        assert second.press.feed(BY_ID["al-marfa"], 2) == feed


def test_a_port_that_was_taken_meanwhile_is_given_up():
    """The other outlets keep theirs."""
    with WireDay(BASE) as first:
        ports = first.ports
    outlet = BY_ID["deux-rives"]
    with socket.create_server((outlet.address, ports[outlet.id])), WireDay(BASE, ports=ports) as second:
        changed = {name for name, port in second.ports.items() if port != ports[name]}
    assert changed == {outlet.id}


def test_a_naive_base_time_is_refused():
    """The day is dated; a clock without a zone would shift it."""
    with pytest.raises(ValueError, match="aware"):
        WireDay(datetime(2026, 11, 22))  # noqa: DTZ001 - the mistake under test
