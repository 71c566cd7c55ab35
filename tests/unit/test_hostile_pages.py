"""Pages made to harm, and pages that are none: each costs little time and is an answer in its line."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from scrapers import crew, extract
from tocsin.cli import main

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
SECONDS = 8.0  # of processor time; on a quiet machine none takes three
QUICK = 4.0  # on a quiet machine none takes two
OPEN = "<html><body>"
ATTRIBUTES = " ".join(f"a{i}=1" for i in range(200_000))
DEEP = '{"a":' * 100_000
LONG = pytest.mark.torture
STORY = "<p>Three soldiers were killed on Wednesday when a bomb hit their convoy near Tarmiya, officials said.</p>" * 5


@pytest.mark.parametrize(
    ("html", "error"),
    [
        pytest.param(OPEN + STORY * 39_000, "too_big", id="20 MB of paragraphs"),
        pytest.param(OPEN + "<div>" * 100_000 + STORY, "too_big", id="100,000 nested tags"),
        pytest.param(OPEN + "<div><b>" * 5_000 + STORY, "no article", id="10,000 nested tags"),
        pytest.param(OPEN + "<div><b>" * 29_000 + STORY, "no article", id="58,000 nested tags", marks=LONG),
        pytest.param(OPEN + "<p>" + "bomb near Tarmiya " * 30_000, "", id="half a MB in one line"),
        pytest.param(OPEN + "<p>" + "bomb near Tarmiya " * 290_000, "", id="5 MB in one line", marks=LONG),
        pytest.param(OPEN + "<a href=/x>Oil exports rise</a>" * 3_000, "", id="6,000 tags of links"),
        pytest.param(OPEN + "<a href=/x>Oil exports rise</a>" * 29_000, "", id="58,000 tags of links", marks=LONG),
        pytest.param(OPEN + "<h1>Bomb near Tarmiya</h1>" * 14_000 + STORY, "", id="14,000 headlines", marks=LONG),
        pytest.param(f"{OPEN}<p {ATTRIBUTES}>x{STORY}", "", id="200,000 attributes"),
        pytest.param(OPEN + '<script>"' + "\\\\" * 200_000 + "</script>" + STORY, "", id="backslashes"),
        pytest.param(OPEN + "<script>" + '"\\u003cp' * 50_000 + "</script>" + STORY, "", id="half strings"),
        pytest.param(f"<script type='application/ld+json'>{DEEP}</script>{STORY}", "", id="deep JSON"),
        pytest.param("<" * 50_000, "no article", id="angle brackets"),
        pytest.param("", "empty", id="empty"),
        pytest.param(" \n\t", "empty", id="white space"),
        pytest.param('{"error": 404}', "no article", id="JSON"),
    ],
)  # fmt: skip
def test_a_hostile_page_costs_bounded_time(html: str, error: str) -> None:
    """An error in its line, or an article of bounded length, within seconds."""
    started = time.process_time()
    answer = extract.line({"id": 1, "url": "https://outlet.example/a", "html": html}, base=None, now=NOW)
    assert time.process_time() - started < SECONDS
    if error:
        assert error in answer["error"]
    else:
        assert len(answer["text"] or "") <= 300_000


H1 = "<h1>Bomb kills three near Tarmiya</h1>"
WORDS = "<p>" + "bomb near Tarmiya, officials said on Wednesday. " * 110_000  # 5 MB


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div><h2>Most read</h2>" * 240 + WORDS, id="boxes in boxes, each opened by a heading"),
        pytest.param('<div class="related">' * 240 + WORDS, id="boxes in boxes of a telling name"),
        pytest.param("<article>" * 240 + H1 + WORDS, id="stories in stories"),
        pytest.param("<article>" * 240 + H1 + STORY * 5_500, id="stories in stories, of paragraphs"),
        pytest.param('<span class="byline">' * 240 + H1 + WORDS, id="bylines in bylines"),
        pytest.param(f'{H1}<p class="{"byline " * 700_000}">x</p>{STORY}', id="a name of 5 MB"),
        pytest.param(H1 + "<div><b>Most read</b>" + "<h3>Most read</h3>" * 14_000 + WORDS, id="headings in one box"),
        pytest.param(
            H1 + "<p>" + ('<div class="related">x</div>' + "word said " * 15) * 25_000, id="furniture between the words"
        ),
        pytest.param("<div>" * 200 + H1 + '<div class="related">x y z</div>' * 28_000, id="furniture deep down"),
        pytest.param("<table><tr><td>" * 80 + "<b>x</b><br>" * 19_000 + STORY, id="tables in tables of many lines"),
        pytest.param("<table><tr><td>" * 80 + STORY * 5_000, id="tables in tables of paragraphs"),
        pytest.param(H1 + "<p>a word or two</p>" * 29_000, id="paragraphs too short to be text"),
        pytest.param(H1 + '<div class="picture">' + "<b> </b>" * 12_000 + "<p>a caption</p>" * 15_000, id="captions"),
        pytest.param(H1 + '<i class="source photo">AFP' * 5_000 + WORDS, id="sources in sources"),
        pytest.param(H1 + "<i class=author>x</i>" * 28_000 + STORY, id="thousands of authors"),
    ],
)  # fmt: skip
def test_boxes_in_boxes_are_measured_once(html: str) -> None:
    """Each of 240 boxes around 5 MB was read whole, some twice: half a minute a page."""
    started = time.process_time()
    extract.line({"id": 1, "url": "https://outlet.example/a", "html": OPEN + html}, base=None, now=NOW)
    assert time.process_time() - started < QUICK


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pages of every kind: a good one, a broken gzip, an empty one, one below, and a file that is no page."""
    pages = tmp_path / "pages"
    (pages / "more").mkdir(parents=True)
    head = '<html><head><link rel="canonical" href="https://outlet.example/a/{}"></head><body><article>'
    for name in ("b.html", "more/d.html", "a.html"):
        (pages / name).write_text(head.format(name[0]) + "<h1>Bomb near Tarmiya</h1>" + STORY, encoding="utf-8")
    (pages / "c.html.gz").write_bytes(b"\x1f\x8bnot gzip at all")
    (pages / "e.htm").write_text("", encoding="utf-8")
    (pages / "notes.txt").write_text("no page", encoding="utf-8")
    return pages


def test_a_folder_is_read_in_the_order_of_its_paths(folder: Path) -> None:
    """One answer a page, the bad ones in their places, the address from the page, and a count at the end."""
    done = CliRunner().invoke(main, ["extract", "--jobs", "2", "--why", str(folder)])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["a.html", "b.html", "c.html.gz", "e.htm", "more/d.html"]
    assert [line["url"] for line in lines if not line["error"]] == [f"https://outlet.example/a/{n}" for n in "abm"]
    assert [bool(line["error"]) for line in lines] == [False, False, True, True, False]
    assert (lines[0]["rung"], lines[0]["status"]) == ("generic", "short")
    assert "5 pages" in done.stderr
    assert "2 with an error" in done.stderr


def _odd(question: int) -> int:
    """Answers, or dies, or never answers."""
    if question == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if question == 5:
        time.sleep(60)
    return question * 10


def test_a_process_that_dies_or_hangs_costs_its_own_answer_alone() -> None:
    """The others come, in order; the crew has new processes for them."""

    def questions() -> Iterator[int]:
        yield from range(9)

    got = list(crew.in_order(questions(), _odd, lambda q, why: f"{q}: {why}", jobs=2, seconds=0.6))
    assert got[3] == "3: its reader ended before it had an answer"
    assert got[5] == "5: reading it takes more than 1 s"
    assert [a for a in got if isinstance(a, int)] == [0, 10, 20, 40, 60, 70, 80]
