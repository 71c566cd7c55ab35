"""The filters: one answer per line, in order, flushed at once; a bad line is answered in its place."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_cli import TOCSIN, tocsin
from tocsin.cli.filters import answer
from tocsin.errors import ParseError

PAGE = (
    "<!doctype html><html lang=en><head><title>Two rockets hit Baghdad airport</title></head><body><article>"
    "<h1>Two rockets hit Baghdad airport</h1><p>Two Katyusha rockets landed near Baghdad airport on Friday and "
    "wounded three soldiers, a security source said, in the second such attack of the month.</p>"
    "</article></body></html>"
)
STORY = {
    "id": "s1",
    "title": "Three Katyusha rockets hit Balad air base, two soldiers wounded",
    "text": "Three Katyusha rockets struck Balad air base north of Baghdad on Monday, wounding two Iraqi soldiers, "
    "a security official said. No group claimed responsibility.",
}


def echo(obj: dict[str, Any]) -> dict[str, Any]:
    """A filter that answers with what it got; some lines are beyond it."""
    if obj.get("title") == "bad":
        raise ParseError("line", 'needs a "text"')
    if obj.get("title") == "bug":
        raise ZeroDivisionError("oh")
    str(obj.get("title")).encode()  # what every step does sooner or later
    return {"id": obj.get("id"), "ok": True}


@pytest.mark.parametrize(
    ("raw", "id_", "error"),
    [
        pytest.param(b'{"id": 7}\n', 7, None, id="a good line"),
        pytest.param(b'\xef\xbb\xbf{"id": 7}\r\n', 7, None, id="a byte order mark and a Windows line end"),
        pytest.param(b"\n", None, "empty line", id="an empty line"),
        pytest.param(b"nonsense", None, "not JSON", id="not JSON"),
        pytest.param(b'{"id": "x7", "title": ', "x7", "not JSON", id="a line cut short keeps its id"),
        pytest.param(b'{"id": 1, "title": "caf\xe9"}', 1, "not UTF-8", id="latin-1 keeps its id"),
        pytest.param(b"\xff\xfe\x00", None, "not UTF-8", id="bytes"),
        pytest.param(b"[1, 2]", None, "not a JSON object but an array", id="a list"),
        pytest.param(b"null", None, "not a JSON object", id="null"),
        pytest.param(b'{"id": 2, "title": "bad"}', 2, 'needs a "text"', id="a line that the step refuses"),
        pytest.param(b'{"id": 3, "title": "bug"}', 3, "this is a bug: ZeroDivisionError", id="a line that meets a bug"),
        pytest.param(b'{"id": 4, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 4, "nested", id="a deep line"),
        pytest.param(b'{"id": 5, "n": ' + b"9" * 10_000 + b"}", 5, "not JSON", id="a number beyond measure"),
        pytest.param(b'{"id": {"a": 1}, "title": "bad"}', {"a": 1}, "needs", id="an id of any shape comes back"),
        pytest.param(b'{"id": 6, "n": NaN}', 6, "NaN is no JSON value", id="NaN is not JSON"),
        pytest.param(b'{"id": "\\ud800", "title": "\\ud83d"}', "\ud800", None, id="half a surrogate pair"),
        pytest.param(b'{"title": "bad"}', None, "needs", id="no id"),
    ],
)
def test_each_line_has_its_answer(raw: bytes, id_: Any, error: str | None) -> None:
    """The id comes back where it can be made out."""
    got = answer(raw, echo)
    assert got["id"] == id_
    assert (error is None) == ("error" not in got)
    assert error is None or error in got["error"]


def test_one_answer_per_line_in_order() -> None:
    """Bad lines included, and a huge one."""
    huge = {"id": "huge", "url": "https://x.example/h", "html": PAGE + "<p>" + "word " * 400_000 + "</p>"}
    good = {"id": "good", "url": "https://x.example/a", "html": PAGE}
    lines = [json.dumps(good), "nonsense", "", json.dumps(huge), json.dumps({**good, "id": "last"})]
    done = tocsin("extract", stdin="\n".join(lines))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [each["id"] for each in answers] == ["good", None, None, "huge", "last"]
    assert [bool(each.get("error")) for each in answers] == [False, True, True, False, False]


def test_files_and_gzip_and_standard_input(tmp_path: Path) -> None:
    """As many as are named, in that order."""
    line = json.dumps({"id": "X", "url": "https://x.example/a", "html": PAGE}) + "\n"
    (tmp_path / "a.jsonl").write_text(line.replace("X", "plain", 1), encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(line.replace("X", "packed", 1).encode()))
    done = tocsin("extract", str(tmp_path / "a.jsonl"), "-", str(tmp_path / "b.jsonl.gz"), stdin=line)
    assert [json.loads(each)["id"] for each in done.stdout.splitlines()] == ["plain", "X", "packed"]


def test_a_page_on_disk_is_found_beside_the_list(tmp_path: Path) -> None:
    """Gzip or not; with standard input, from the current folder."""
    (tmp_path / "page.html").write_bytes(gzip.compress(PAGE.encode()))
    line = json.dumps({"id": 1, "url": "https://x.example/a", "path": "page.html"})
    (tmp_path / "list.jsonl").write_text(line, encoding="utf-8")
    assert json.loads(tocsin("extract", str(tmp_path / "list.jsonl")).stdout)["title"].startswith("Two rockets")
    assert "page.html: cannot be read" in json.loads(tocsin("extract", stdin=line).stdout)["error"]


def test_extract_keys() -> None:
    """The contract of the filter, key by key."""
    done = tocsin("extract", stdin=json.dumps({"id": 1, "url": "https://x.example/a", "html": PAGE}))
    got = json.loads(done.stdout)
    keys = ["id", "url", "title", "text", "published", "authors", "language", "publisher", "origin", "error"]
    assert list(got) == keys
    assert got["title"] == "Two rockets hit Baghdad airport"


def test_assess_keys() -> None:
    """The contract of the filter, key by key."""
    got = json.loads(tocsin("assess", stdin=json.dumps(STORY)).stdout)
    keys = {"id", "watch", "flagged", "score", "severity", "event_type", "places", "weapons", "intercepted", "target"}
    keys |= {"killed", "wounded", "damage", "actors", "claim", "when", "gist", "reasons"}
    assert keys <= set(got)
    assert got["flagged"] is True
    assert 0 <= got["score"] <= 1
    for reason in got["reasons"]:
        assert {"rule", "field", "quote", "start", "end", "weight"} <= set(reason)
        if reason["quote"]:
            assert STORY[reason["field"]][reason["start"] : reason["end"]] == reason["quote"]


def test_replay_keys() -> None:
    """A story, the same again, and its copy elsewhere: one event."""
    base = {**STORY, "published": "2026-11-20T10:00:00Z", "source": "Agency"}
    lines = [
        {**base, "id": "a", "url": "https://a.example/1"},
        {**base, "id": "b", "url": "https://a.example/1"},
        {**base, "id": "c", "url": "https://b.example/2", "source": "Paper"},
    ]
    done = tocsin("replay", stdin="\n".join(map(json.dumps, lines)))
    got = [json.loads(each) for each in done.stdout.splitlines()]
    assert [each["outcome"] for each in got] == ["new", "same_url", "copy"]
    assert [each["of"] for each in got] == [None, "a", "a"]
    assert len({each["event"] for each in got}) == 1
    assert [alert["reason"] for alert in got[0]["alerts"]] == ["first"]
    assert set(got[0]) == {"id", "outcome", "of", "event", "flagged", "severity", "alerts"}
    told = json.loads(tocsin("replay", "--why", stdin="\n".join(map(json.dumps, lines))).stdout.splitlines()[2])
    assert (told["why"], told["relation"], told["joins"]) == ("the same text as article a", "copy", [])


def test_a_program_may_wait_for_each_answer() -> None:
    """Line, answer, line, answer: nothing is read ahead, nothing held back; an answer kept for 20 s fails the test."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen([TOCSIN, "assess"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        watchdog = threading.Timer(20, child.kill)
        watchdog.start()
        for number in range(3):
            child.stdin.write(b'{"id": %d, "title": "Rain"}\n' % number)  # the answer fits any buffer
            child.stdin.flush()
            line = child.stdout.readline()
            assert line, "no answer to a line before the next one was written"
            assert json.loads(line)["id"] == number
        child.stdin.close()
        assert child.wait(10) == 0
        watchdog.cancel()


@pytest.mark.parametrize("name", ["assess", "extract", "replay"])
def test_a_filter_starts_in_under_a_second(name: str, tmp_path: Path) -> None:
    """In processor time, which other processes on the machine do not lengthen much; the best of three."""
    times = []
    while len(times) < 3 and min(times, default=9.0) >= 0.9:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([TOCSIN, name], stdin=subprocess.DEVNULL, cwd=tmp_path, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert min(times) < 0.9


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"no gzip", "Not a gzipped file", id="not gzip"),
        pytest.param(
            gzip.compress(b'{"id": 1, "title": "Two rockets hit Baghdad", "text": ""}\n')[:-9], "end", id="cut"
        ),
    ],
)
@pytest.mark.parametrize("name", ["assess", "extract", "replay"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, body: bytes, words: str) -> None:
    """It is no bug of ours: the file, and what may be wrong with it."""
    file = tmp_path / "lines.jsonl.gz"
    file.write_bytes(body)
    done = tocsin(name, str(file))
    assert done.exit_code == 2
    assert f"{file}: cannot be read to its end" in done.stderr
    assert words in done.stderr


def test_explained_lines_may_hold_any_character(tmp_path: Path) -> None:
    """A line separator inside a text ends no line."""
    file = tmp_path / "two.jsonl"
    file.write_text(
        '{"title": "One", "text": "a\\u2028b"}\n{"title": "Two", "text": "c"}\n'.replace("\\u2028", "\u2028")
    )
    assert len(json.loads(tocsin("explain", str(file), "--json").stdout)) == 2
