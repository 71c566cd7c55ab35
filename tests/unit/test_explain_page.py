"""The page for people: outside text is inert, every term and fact is there, the turning terms are the fewest."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.unit.test_cli import tocsin
from tocsin.cli.explain_page import Shown, collapsed, page, runs
from tocsin.config import Watch
from tocsin.flagging import assess
from tocsin.flagging.whatif import told, turning
from tocsin.model import Reason, Span

HOSTILE = (
    "Two rockets hit Baghdad airport <script>alert(1)</script>",
    '</div><img src="https://spy.example/p.png" onerror="alert(1)"> {{ 7 * 7 }} & "javascript:alert(1)" Erbil\u202e.',
)
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "article", "h1", "h2", "span", "bdi", "p", "ul", "li", "mark",
    "div", "table", "tr", "td", "svg", "line", "rect", "q", "b",
}  # fmt: skip


class Tags(HTMLParser):
    """Every tag and attribute of a page, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def made(title: str, text: str, url: str = "") -> tuple[str, Tags]:
    """The page of one story."""
    found = assess(title, text, watch=Watch(id="iraq-security"))
    html = page([Shown(title, text, url, found, 0.5)])
    tags = Tags()
    tags.feed(html)
    return html, tags


def test_hostile_text_is_only_text() -> None:
    """No tag, handler, link or template of an outsider survives; the text is there whole."""
    _, tags = made(*HOSTILE, url='javascript:alert(1)"><script>')
    assert tags.tags <= ALLOWED
    assert not {name for name, _ in tags.attributes if name.startswith("on") or name in {"href", "src", "srcset"}}
    words = "".join(tags.words)
    assert HOSTILE[0] in words
    assert HOSTILE[1] in words


def test_nothing_is_loaded() -> None:
    """No address outside the text, and a policy that would forbid it."""
    html, tags = made("Two rockets hit Baghdad airport", "")
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in tags.attributes
    assert not re.search(r"url\(|@import|https?://", html)
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize(
    ("title", "direction"),
    [("سقوط صاروخين على مطار بغداد وإصابة ثلاثة جنود", "rtl"), ("Deux roquettes tirées sur Bagdad", "ltr")],
    ids=["Arabic", "French"],
)
def test_the_text_runs_its_own_way(title: str, direction: str) -> None:
    """From the right where its script does."""
    _, tags = made(title, "")
    assert ("dir", direction) in tags.attributes


def test_the_page_says_it_all() -> None:
    """Each term over 0.1 and the sum, facts with their words, the evidence in its colour, what would turn it."""
    title = "Two Katyusha rockets hit Baghdad airport, three soldiers wounded"
    found = assess(title, "", watch=Watch(id="iraq-security"))
    html, tags = made(title, "")
    words = "".join(tags.words)
    for reason in collapsed(found.reasons)[0]:
        assert f"{reason.weight:+.2f}" in words
        assert reason.note in words
    assert f"{sum(r.weight for r in found.reasons):+.2f}" in words
    assert found.gist in words
    assert told(found, 0.5) in words
    assert re.search(r'<mark class="place"[^>]*>Baghdad', html)
    assert {("class", role) for role in ("act", "place", "actor")} <= tags.attributes


def test_small_terms_are_one_row() -> None:
    """Under 0.1 either way; facts are no terms."""
    weights = (0.5, -0.09, 0.04, 0.1, 0.0, -3.0)
    shown, rest, count = collapsed([Reason(f"r{w}", None, w) for w in weights])
    assert [r.weight for r in shown] == [-3.0, 0.5, 0.1]
    assert (pytest.approx(rest), count) == (-0.05, 2)


def test_runs_keep_every_character_and_the_heaviest_reason() -> None:
    """Overlapping evidence is coloured once, a span over the end is cut."""
    text = "rockets hit Baghdad"
    reasons = [
        Reason("head.weapon", Span("text", 0, 11, ""), 2.0),
        Reason("head.act.attack in Iraq", Span("text", 8, 19, ""), 1.0),
        Reason("head.Iraqi place", Span("text", 12, 99, ""), 1.5),
        Reason("head.frame.sport", Span("title", 0, 3, ""), 9.0),
    ]
    found = runs(text, reasons, "text")
    assert "".join(words for _, _, words in found) == text
    assert [(role, words) for role, _, words in found] == [
        ("weapon", "rockets hit"), ("act", " "), ("place", "Baghdad"),
    ]  # fmt: skip


def terms(*weights: float) -> list[Reason]:
    """Reasons of these weights, after an intercept of -2."""
    return [Reason("intercept", None, -2.0), *(Reason(f"r{i}", None, w) for i, w in enumerate(weights))]


@pytest.mark.parametrize(
    ("weights", "threshold", "turns"),
    [
        pytest.param((1.0, 3.0), 0.5, [3.0], id="the largest alone turns it"),
        pytest.param((2.0, 1.5, 1.2), 0.5, [2.0, 1.5], id="two are needed"),
        pytest.param((3.0, -1.5), 0.5, [-1.5], id="what speaks against"),
        pytest.param((1.0, -0.5), 0.5, [], id="nothing would: too little speaks for it"),
        pytest.param((3.0,), 0.8, [], id="nothing speaks against, the threshold is high"),
        pytest.param((3.5,), 0.8, [3.5], id="at another threshold"),
    ],
)
def test_the_fewest_terms_turn_the_decision(weights: tuple[float, ...], threshold: float, turns: list[float]) -> None:
    """And no smaller set does."""
    reasons = terms(*weights)
    found = turning(reasons, threshold)
    assert [r.weight for r in found] == turns
    bar = math.log(threshold / (1 - threshold))
    total = sum(r.weight for r in reasons)
    if found:
        assert (total >= bar) != (total - sum(turns) >= bar)
        assert (total >= bar) == (total - sum(turns[:-1]) >= bar)


def test_the_command_writes_the_page_and_the_terminal_says_what_would_turn_it(tmp_path: Path) -> None:
    """A file for a browser; in the terminal one line at the end."""
    story, out = tmp_path / "s.txt", tmp_path / "why.html"
    story.write_text("\n".join(HOSTILE), encoding="utf-8")
    done = tocsin("explain", story, "--html", out)
    assert done.exit_code == 0, done.output
    assert "<script" not in out.read_text(encoding="utf-8")
    shown = tocsin("explain", story).output
    assert "It would be not flagged without" in " ".join(shown.split())
    assert not [row for row in shown.splitlines() if re.match(r"\s*[+-]0\.0\d ", row) and "terms under" not in row]
    assert tocsin("explain", story, "--html", tmp_path / "none" / "x.html").exit_code == 2
    assert tocsin("explain", story, "--watch", "nothing").exit_code == 2
