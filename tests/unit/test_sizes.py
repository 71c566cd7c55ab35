"""How much the boxes of a page hold, counted twice; and the end of a page that holds too much."""

from __future__ import annotations

import pytest

from scrapers import blocks, sizes
from scrapers.nodes import whole_text

PAGE = (
    "<html><body> <h1>Rockets  hit <b>Taji</b></h1>\n<div>one <p>two<br>three</p> four <ul><li>five<li> </ul></div>"
    "<div>\u00a0six<!-- no --> <span>seven</span>\tend</div></body></html>"
)


def body_of(html: str):
    """The body of a page."""
    tree = blocks.parse(html)
    assert tree is not None
    return tree.find("body")


def test_a_walk_finds_what_reading_each_box_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """White space apart, tails with the box that they stand in."""
    body = body_of(PAGE)
    boxes = list(body.iter())
    one_by_one = sizes.of_page(body)
    apart = [one_by_one.of(box) for box in boxes]
    monkeypatch.setattr(sizes, "_READ", 0)
    together = sizes.of_page(body)
    assert [together.of(box) for box in [body, *boxes]][1:] == apart
    assert together.whole == apart[0]
    assert apart == [len("".join(whole_text(box).split())) for box in boxes]
    assert apart[0] == len("Rocketshit" + "Taji" + "onetwothreefourfive" + "sixsevenend")


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>word</p>" * 200, 99),
        ("<div><p>word</p></div>tail" * 200, 49),
        ("<div>" * 50 + "<p>word</p>" * 200, 12),
        ("<div>" * 30 + "word " * 400, 0),
        ("<p>word</p>" * 3 + "word " * 4_000 + "<p>word</p>" * 100, 3),
    ],
    ids=["paragraphs", "boxes", "boxes in boxes", "a text deep down", "a long text between"],
)
def test_the_end_of_too_much_is_cut_off(monkeypatch: pytest.MonkeyPatch, html: str, kept: int) -> None:
    """What stands first is the story; what is behind it goes, tails and all."""
    monkeypatch.setattr(sizes, "MOST_ELEMENTS", 100)
    monkeypatch.setattr(sizes, "MOST_LEVELS", 2_000)
    monkeypatch.setattr(sizes, "MOST_CHARACTERS", 10_000)
    body = body_of(f"<html><body>{html}</body></html>")
    held = sizes.of_page(body)
    assert held.whole == len("".join(whole_text(body).split()))
    assert len(list(body.iter("p"))) == kept
    assert len(list(body.iter())) <= 100


def test_a_page_as_people_write_them_stays_whole() -> None:
    """A live report of a thousand paragraphs, in boxes."""
    html = f"<html><body>{'<div>' * 30}{'<p>Two rockets hit Taji, police said.</p>' * 1_000}</body></html>"
    body = body_of(html)
    before = whole_text(body)
    sizes.of_page(body)
    assert whole_text(body) == before
