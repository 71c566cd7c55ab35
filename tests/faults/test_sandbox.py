"""Reading feeds in a process that may be killed: bombs end, the next feed is read, and nothing leaks in or out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path

import pytest

from scrapers import feeds, parse_worker, sandbox
from tests.fakes.site import NOW, memory_growth
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Fetched

FEED = Feed(id="a", url="https://a.example/rss")
ROOT = Path(__file__).parents[2]


def fetched(body: bytes) -> Fetched:
    """An answer with that body."""
    headers = (("content-type", "application/rss+xml"),)
    return Fetched(FEED.url, FEED.url, 200, headers, body, NOW, 0.1)


def rss(inner: str) -> Fetched:
    """A feed with that in its channel."""
    return fetched(f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{inner}</channel></rss>'.encode())


GOOD = rss("<item><guid>1</guid><title>Rockets near Ain al-Asad</title><link>https://a.example/1</link></item>")


@pytest.fixture
def fresh() -> Iterator[None]:
    """No process of another test, and none left for the next."""
    sandbox.close()
    yield
    sandbox.close()


@pytest.mark.usefixtures("fresh")
def test_what_comes_back_is_what_would_be_read_here() -> None:
    """Item for item, and by one process for all feeds."""
    assert sandbox.read(FEED, GOOD, now=NOW) == feeds.read(FEED, GOOD, now=NOW)
    first = sandbox._IDLE[0]._process.pid
    assert sandbox.read(FEED, GOOD, now=NOW).items
    assert sandbox._IDLE[0]._process.pid == first


def test_what_is_no_feed_says_so_and_the_process_lives_on() -> None:
    """A ParseError crosses the pipe with its words."""
    with pytest.raises(ParseError, match="not_a_feed: an HTML page") as caught:
        sandbox.read(FEED, fetched(b"<!doctype html><title>Sorry</title>"), now=NOW)
    assert caught.value.subject == "a"
    with pytest.raises(ParseError, match="empty: "):
        sandbox.read(FEED, fetched(b""), now=NOW)
    assert sandbox._IDLE


_ENDLESS = "import sys; sys.path.insert(0, {root!r}); from scrapers import feeds, parse_worker as w; {bad}; w.main()"


def _with_a_reader_that(bad: str, monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Make the processes read feeds in another way; those that are started are listed."""
    real, started = subprocess.Popen, []

    def start(command: list[str], **more: object) -> subprocess.Popen[bytes]:
        code = _ENDLESS.format(root=str(ROOT), bad=bad)
        started.append(real([sys.executable, "-c", code], **more))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("bad", "wall", "says"),
    [
        ("w.CPU_SECONDS = 1; feeds.read = lambda *a, **k: [0 for _ in iter(int, 1)]", 60.0, "bomb: .* processor time"),
        ("feeds.read = lambda *a, **k: bytearray(4 << 30)", 60.0, "bomb: reading it takes more than 1024 MB"),
        ("feeds.read = lambda *a, **k: __import__('time').sleep(60)", 1.5, "bomb: reading it takes .* s"),
    ],
    ids=["burns the processor", "eats the memory", "sleeps"],
)
def test_a_document_that_never_ends_is_ended(bad: str, wall: float, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the parser does, the poll goes on: the next feed is read by a new process."""
    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "WALL_SECONDS", wall)
        _with_a_reader_that(bad, patched)
        started = time.monotonic()
        with memory_growth() as grown, pytest.raises(ParseError, match=says):
            sandbox.read(FEED, GOOD, now=NOW)
    assert time.monotonic() - started < 12
    assert grown[0] < 20_000_000
    sandbox.close()
    assert sandbox.read(FEED, GOOD, now=NOW).items


@pytest.mark.usefixtures("fresh")
def test_a_bug_in_a_format_costs_its_document_and_is_told_with_its_stack_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The error names the format and the exception, the log has the stack, and the process lives on."""
    bad = "real = feeds.read; feeds.read = lambda f, a, **k: 1 / 0 if b'Rockets' in a.body else real(f, a, **k)"
    _with_a_reader_that(bad, monkeypatch)
    for _ in range(2):
        with pytest.raises(ParseError, match=r"^a: bug: rss_atom: ZeroDivisionError: division by zero$"):
            sandbox.read(FEED, GOOD, now=NOW)
    assert sandbox.read(FEED, rss("<item><title>Calm</title></item>"), now=NOW).items
    assert len(sandbox._IDLE) == 1
    first, second = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "in reply" in first
    assert first.startswith(second)
    assert "Traceback" not in second


@pytest.mark.usefixtures("fresh")
def test_a_process_that_died_while_it_waited_costs_no_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs out of memory kills the idle first; it is not asked, be there another try or not."""
    sandbox.read(FEED, GOOD, now=NOW)
    first = sandbox._IDLE[0]._process
    first.kill()
    os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)
    monkeypatch.setattr(sandbox, "TRIES", 1)
    assert sandbox.read(FEED, GOOD, now=NOW).items
    assert sandbox._IDLE[0]._process.pid != first.pid


@pytest.mark.usefixtures("fresh")
def test_a_process_that_dies_over_a_feed_is_replaced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a fresh one, not by another that may be as worn: the document is as innocent as any."""
    _with_a_reader_that(
        "import os; real, seen = feeds.read, []; feeds.read = lambda *a, **k: "
        "os.kill(os.getpid(), 9) if seen else (seen.append(1), real(*a, **k))[1]",
        monkeypatch,
    )
    worn = [sandbox._Worker(), sandbox._Worker()]
    for worker in worn:
        worker.ask(FEED, GOOD, NOW)
    sandbox._IDLE.extend(worn)
    assert sandbox.read(FEED, GOOD, now=NOW).items
    assert [worker.is_alive for worker in worn] == [True, False]


@pytest.mark.usefixtures("fresh")
def test_what_one_document_took_is_not_counted_against_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two documents no limit runs: one that took nearly all its time would leave none to receive the next."""
    _with_a_reader_that(
        "import resource; real = w.receive; w.receive = lambda source: "
        "(real(source), resource.getrlimit(resource.RLIMIT_CPU)[0] == resource.RLIM_INFINITY or 1 / 0)[0]",
        monkeypatch,
    )
    monkeypatch.setattr(sandbox, "TRIES", 1)
    assert [len(sandbox.read(FEED, GOOD, now=NOW).items) for _ in range(2)] == [1, 1]


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("bad", "says", "logged"),
    [
        ("os.kill(os.getpid(), 9)", "bomb: 2 readers died over it (SIGKILL, SIGKILL)", ""),
        ("os.kill(os.getpid(), 11)", "bomb: 2 readers died over it (SIGSEGV, SIGSEGV)", "in reply"),
        ("os._exit(3)", "bomb: 2 readers died over it (exit code 3, exit code 3)", ""),
        ("os.kill(os.getpid(), 24)", "bomb: reading it takes more than 10 s of processor time", ""),
    ],
    ids=["killed", "crashed", "left", "out of time"],
)
def test_a_death_is_called_by_its_name(
    bad: str, says: str, logged: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Of native code that crashes the log has the place; only one signal says that time ran out, and is not tried."""
    with monkeypatch.context() as patched:
        started = _with_a_reader_that(f"import os; feeds.read = lambda *a, **k: {bad}", patched)
        with pytest.raises(ParseError) as caught:
            sandbox.read(FEED, GOOD, now=NOW)
    assert caught.value.detail == says
    assert logged in caplog.text
    assert len(started) == (1 if "time" in says else 2)
    assert all(process.returncode is not None for process in started)
    assert sandbox._IDLE == []


@pytest.mark.usefixtures("fresh")
def test_a_reader_that_cannot_start_is_no_fault_of_the_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No ParseError: a folder would pass its file over."""
    _with_a_reader_that("raise ImportError('no module named lxml')", monkeypatch)
    with pytest.raises(RuntimeError, match="no reader of feeds can be started: ImportError: no module named lxml"):
        sandbox.read(FEED, GOOD, now=NOW)


_READ = f"""
from scrapers import sandbox
from tocsin.config import Feed
from tocsin.model import Fetched
from datetime import UTC, datetime
now = datetime.now(UTC)
answer = Fetched("u", "u", 200, (), {GOOD.body!r}, now, 0.1)
print(len(sandbox.read(Feed(id="a", url="https://a.example/"), answer, now=now).items))
"""


@pytest.mark.parametrize("path", [str(ROOT), None], ids=["from the source tree", "as installed"])
def test_no_code_of_the_current_folder_is_run(path: str | None, tmp_path: Path) -> None:
    """Whoever calls us in a folder of downloads runs none of them."""
    if path is None and not list(distributions(name="tocsin")):
        pytest.skip("Tocsin is not installed here, only its source tree is on the path")
    for name in ("yaml", "lxml", "scrapers", "tocsin", "json", "feedparser"):
        (tmp_path / f"{name}.py").write_text(f"open('{name}.ran', 'w').close()", encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", _READ],
        cwd=tmp_path,
        env=plain | ({"PYTHONPATH": path} if path else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert list(tmp_path.glob("*.ran")) == []


def _laughs(n: int) -> bytes:
    entities = "".join(f'<!ENTITY l{i} "{"&l" + str(i - 1) + ";" if i else "ha"}&l0;">' for i in range(1, n))
    return f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{entities}]><rss><channel/></rss>'.encode()


_SITEMAP = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (_laughs(12), "xml_entities"),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + _SITEMAP, "xml_entities"),
        (b"<rss><channel>" + b"<a>" * 50_000, ""),
        (b"<rss><channel>" + b"<a>" * 2_000_000, "not_a_feed: 2000002 tags"),
        (b"<rss><channel><title>" + b"&lt;" * 300_000, ""),
        (b"<rss " + b" ".join(b'a%d="1"' % n for n in range(50_000)) + b"><channel>", "not_a_feed: a tag with more"),
        (_SITEMAP + b"<url>" * 100_000, ""),
    ],
    ids=["billion laughs", "external entity", "deep", "two million tags", "a long title", "attributes", "deep sitemap"],
)
def test_markup_made_to_hurt_is_over_soon(body: bytes, says: str) -> None:
    """Refused by name, or read in far less than the ten seconds that a process has."""
    started = time.monotonic()
    with memory_growth() as grown:
        try:
            sandbox.read(FEED, fetched(body), now=NOW)
            said = ""
        except ParseError as error:
            said = error.detail
    assert said.startswith(says) if says else "bomb" not in said
    assert time.monotonic() - started < 10
    assert grown[0] < 50_000_000


@pytest.mark.parametrize("body", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:{port}/feed", "README.md"])
def test_a_body_that_names_a_file_or_an_address_is_neither_opened_nor_asked(body: str) -> None:
    """feedparser would, given bytes or text; it only ever gets a file object. No format may."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        answer = fetched(body.format(port=server.getsockname()[1]).encode())
        with pytest.raises(ParseError, match="not_a_feed"):
            feeds.read(FEED, answer, now=NOW)
        for reader in feeds.all_formats().values():
            with suppress(ParseError):
                assert reader.parse(FEED, answer, now=NOW).items == ()
        with pytest.raises(TimeoutError):
            server.accept()


def test_many_threads_share_two_processes() -> None:
    """Each gets its own answer."""
    answers = [rss(f"<item><guid>{n}</guid><title>Story {n}</title></item>") for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        documents = list(pool.map(lambda answer: sandbox.read(FEED, answer, now=NOW), answers))
    assert [document.items[0].identity for document in documents] == [str(n) for n in range(24)]
    assert len(sandbox._IDLE) <= sandbox.WORKERS


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux shows the environment of a process")
def test_the_process_knows_none_of_our_secrets_and_ends_with_us() -> None:
    """Its environment is bare; when the one that started it is killed, its pipe ends and so does it."""
    code = (
        "import os, signal; from scrapers import sandbox; worker = sandbox._Worker(); pid = worker._process.pid;"
        "print(pid, 'SLACK' in open(f'/proc/{pid}/environ').read(), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"SLACK_BOT_TOKEN": "xoxb-1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    pid, leaked = done.stdout.split()
    assert leaked == "False"
    end = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()


def test_the_limits_are_what_the_documents_say() -> None:
    """Ten seconds of processor time, a gigabyte of address space."""
    assert (parse_worker.CPU_SECONDS, parse_worker.MEMORY) == (10, 1 << 30)
