"""``tocsin feeds`` and ``tocsin check --write`` on a loopback site: finding, taking in, mending, handing over."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scrapers import discovery, opml
from tocsin import cli
from tocsin.archive import Archive
from tocsin.config import reading
from tocsin.errors import ParseError
from tocsin.model import FeedState

NOW = datetime.now(UTC)


class Site:
    """Answers with what ``paths`` holds: bytes, a status, or ("301", path)."""

    def __init__(self) -> None:
        self.paths: dict[str, Any] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = site.paths.get(self.path, 404)
                status, body = (200, answer) if isinstance(answer, bytes) else (answer, b"no")
                if isinstance(answer, tuple):
                    status, body = int(answer[0]), b""
                self.send_response(status)
                if isinstance(answer, tuple):
                    self.send_header("Location", answer[1])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


def rss(title: str, link: str = "/page") -> bytes:
    """A feed with one item of an hour ago."""
    at = format_datetime(NOW - timedelta(hours=1))
    item = f"<item><title>Bombe nahe Tarmija</title><link>{link}</link><pubDate>{at}</pubDate></item>"
    return f'<rss version="2.0"><channel><title>{title}</title>{item}</channel></rss>'.encode()


_LINE = "<p>Um {} Uhr hat eine Bombe nahe Tarmija eine Streife getroffen, sagte die Polizei.</p>"
_LINES = "".join(_LINE.format(hour) for hour in range(9))
PAGE = f"<html><body><article><h1>Bombe</h1>{_LINES}</article></body></html>".encode()


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    server.paths["/page"] = PAGE
    yield server
    server.close()


@pytest.fixture
def config(tmp_path: Path, site: Site) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(
        f"""# mine
archive: tocsin.db
http:
  user_agent: "Tocsin/1.0 (+https://tocsin.example/; t@tocsin.example)"
  per_host_delay_seconds: 0
  allow_private_addresses: ["127.0.0.0/8"]
feeds:
  - {{ id: good, url: "{site.url}/good.xml" }} # the good one
""",
        encoding="utf-8",
    )
    site.paths["/good.xml"] = rss("Good")
    return path


def tocsin(config: Path, *words: str) -> Result:
    """Call the command."""
    result = CliRunner().invoke(cli.main, [*words, "--config", str(config)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def addresses(config: Path) -> list[str]:
    """Paths of the feeds that the config now has."""
    return [feed.url.partition("/")[2].partition("/")[2].partition("/")[2] for feed in reading.load(config).feeds]


DECLARED = '<link rel="alternate" type="application/rss+xml"'


@pytest.mark.parametrize(
    ("front", "more", "expected"),
    [
        (f'{DECLARED} href="/x/world.xml">', {"/x/world.xml": rss("World")}, "x/world.xml"),
        (
            '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">'
            '<link rel="alternate" type="application/atom+xml" href="/main.atom">',
            {"/main.atom": rss("Main"), "/comments/feed/": rss("Comments")}, "main.atom",
        ),
        ('<base href="/de/"><a href="rss/alle.xml">RSS</a>', {"/de/rss/alle.xml": rss("Alle")}, "de/rss/alle.xml"),
        ("no link at all", {"/feed.xml": rss("Usual")}, "feed.xml"),
        (
            "nothing", {"/robots.txt": b"Sitemap: {url}/index.xml.gz\n", "/index.xml.gz": b"<sitemapindex><sitemap>"
            b"<loc>{url}/news-map.xml</loc></sitemap></sitemapindex>", "/news-map.xml":
            b'<urlset><url><loc>{url}/page</loc><title>Bombe nahe Tarmija</title></url></urlset>'}, "news-map.xml",
        ),
        ('<link rel="alternate" type="application/rss+xml" href="/dead.xml">', {"/rss.xml": rss("Usual")}, "rss.xml"),
    ],
    ids=["declared", "comments come last", "linked, with a base", "where feeds usually are", "sitemap of robots.txt",
         "declared but dead"],
)  # fmt: skip
def test_add_finds_the_feed_of_a_site(
    site: Site, config: Path, front: str, more: dict[str, bytes], expected: str
) -> None:
    """The first feed that can be read goes into the config, below the others; the comments stay."""
    site.paths["/"] = f"<html><head>{front}</head><body>Seite</body></html>".encode()
    site.paths |= {path: body.replace(b"{url}", site.url.encode()) for path, body in more.items()}
    result = tocsin(config, "feeds", "add", site.url, "--yes")
    assert result.exit_code == 0, result.output
    assert addresses(config) == ["good.xml", expected]
    assert "# the good one" in config.read_text(encoding="utf-8")
    assert reading.load(config).feeds[1].language == "de"


def test_add_takes_a_feed_by_its_own_address_and_knows_what_it_has(site: Site, config: Path) -> None:
    """Twice is once; and what nobody asked to write is not written."""
    site.paths["/own.xml"] = rss("Tagesblatt | Welt")
    assert tocsin(config, "feeds", "add", f"{site.url}/own.xml").exit_code == 0
    assert tocsin(config, "feeds", "add", f"{site.url}/own.xml", "--dry-run").exit_code == 0
    assert addresses(config) == ["good.xml"]
    for _ in range(2):
        last = tocsin(config, "feeds", "add", f"{site.url}/own.xml", "--yes")
    assert "in the config already" in last.output
    assert addresses(config) == ["good.xml", "own.xml"]
    assert reading.load(config).feeds[1].publisher == "Tagesblatt"


def test_add_says_when_there_is_none_and_all_takes_all(site: Site, config: Path) -> None:
    """Exit code 1 for nothing; --json lists what was found."""
    site.paths["/"] = b"<html>empty</html>"
    nothing = tocsin(config, "feeds", "add", site.url, "--yes")
    assert (nothing.exit_code, "No feed found" in nothing.output) == (1, True)
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/f{n}.xml">' for n in range(3))
    site.paths["/"] = f"<html>{links}</html>".encode()
    site.paths |= {f"/f{n}.xml": rss(f"F{n}") for n in range(3)}
    told = tocsin(config, "feeds", "add", site.url, "--all", "--yes", "--json")
    assert [found["title"] for found in json.loads(told.stdout)] == ["F0", "F1", "F2"]
    assert addresses(config) == ["good.xml", "f0.xml", "f1.xml", "f2.xml"]


def test_check_write_mends_what_moved_and_switches_off_what_is_gone(site: Site, config: Path) -> None:
    """A page is read beside each feed; with --write the config gets the new addresses, and the diff is shown."""
    lines = "".join(f'  - {{ id: {n}, url: "{site.url}/{n}.xml" }}\n' for n in ("moved", "lost", "blocked", "paper"))
    config.write_text(config.read_text(encoding="utf-8") + lines, encoding="utf-8")
    site.paths |= {
        "/moved.xml": ("301", "/new.xml"), "/new.xml": rss("Moved"), "/lost.xml": 410, "/blocked.xml": 403,
        "/paper.xml": rss("Paper", "/wall"), "/wall": b"<html><p>Log in</p></html>", "/": b"<html></html>",
    }  # fmt: skip
    plain = tocsin(config, "check", "--json")
    told = {each["id"]: each for each in json.loads(plain.stdout)["feeds"]}
    assert {name: each["status"] for name, each in told.items()} == {
        "good": "ok", "moved": "moved", "lost": "gone", "blocked": "blocked", "paper": "no_text"
    }  # fmt: skip
    assert told["good"]["page"]["characters"] > 400
    assert told["paper"]["mend"]
    assert "url: " not in plain.output
    written = tocsin(config, "check", "--write", "--yes")
    assert "+" in written.output
    after = {feed.id: feed for feed in reading.load(config).feeds}
    assert after["moved"].url == f"{site.url}/new.xml"
    assert [after[name].enabled for name in ("good", "moved", "lost", "blocked", "paper")] == [
        True,
        True,
        False,
        True,
        True,
    ]
    assert "# the good one" in config.read_text(encoding="utf-8")


def test_check_write_puts_the_sites_present_feed_in_place_of_one_that_is_gone(site: Site, config: Path) -> None:
    """And switches nothing off while no feed at all answers."""
    config.write_text(config.read_text(encoding="utf-8").replace("good.xml", "old.xml"), encoding="utf-8")
    tocsin(config, "check", "--write", "--yes")
    assert reading.load(config).feeds[0].enabled
    site.paths["/"] = b'<link rel="alternate" type="application/rss+xml" href="/present.xml">'
    site.paths["/present.xml"] = rss("Present")
    tocsin(config, "check", "--write", "--yes")
    assert addresses(config) == ["present.xml"]


OPML = """<?xml version="1.0"?><opml version="1.0"><body><outline text="Iraq">
<outline type="rss" text="Al &amp; Co" xmlUrl="https://a.example/rss?x=1&amp;amp;y=2" language="ar-IQ"/>
<outline text="twice" xmlUrl="https://A.example/rss?x=1&amp;y=2"/>
<outline text="good" xmlUrl="{good}"/>
<outline text="file" xmlUrl="file:///etc/passwd"/>
<outline text="folder"/></outline></body></opml>"""


def test_opml_comes_in_once_and_goes_out_again(site: Site, config: Path, tmp_path: Path) -> None:
    """Folders opened, "&amp;amp;" mended, doubles and files refused by name; secrets stay at home."""
    file = tmp_path / "subscriptions.opml"
    file.write_text(OPML.format(good=f"{site.url}/good.xml"), encoding="utf-8")
    result = tocsin(config, "feeds", "import", str(file), "--yes")
    assert "1 new of 4 feeds" in result.output
    assert result.output.count("left out: ") == 3
    (_, new) = reading.load(config).feeds
    assert (new.id, new.url, new.publisher, new.language) == ("a", "https://a.example/rss?x=1&y=2", "Al & Co", "ar")
    with config.open("a", encoding="utf-8") as out:
        out.write('  - { id: secret, url: "https://me:pw@s.example/rss" }\n')
    out_file = tmp_path / "out.opml"
    assert "left out: secret" in tocsin(config, "feeds", "export", str(out_file)).output
    urls = [outline.url for outline in opml.read(out_file.read_bytes(), "out")]
    assert urls == [f"{site.url}/good.xml", "https://a.example/rss?x=1&y=2"]
    assert "pw" not in tocsin(config, "feeds", "export").output


@pytest.mark.parametrize("body", [b"", b"<rss/>", b"{}", b'<!DOCTYPE o [<!ENTITY a "b">]><opml>&a;</opml>'])
def test_what_is_no_opml_is_told(config: Path, tmp_path: Path, body: bytes) -> None:
    """By the name of the file; exit code 2."""
    with pytest.raises(ParseError):
        opml.read(body, "x.opml")
    file = tmp_path / "x.opml"
    file.write_bytes(body)
    result = tocsin(config, "feeds", "import", str(file))
    assert (result.exit_code, "x.opml" in result.output) == (2, True)


def test_feeds_shows_how_long_after_publication_items_come(config: Path) -> None:
    """The median of what it brought; nothing of a feed that was never polled."""
    assert json.loads(tocsin(config, "feeds", "--json").stdout)[0]["lag_seconds"] is None
    tocsin(config, "run", "--direct")
    lag = json.loads(tocsin(config, "feeds", "--json").stdout)[0]["lag_seconds"]
    assert 3600 <= lag < 3700 + (datetime.now(UTC) - NOW).total_seconds()
    assert "lag" in tocsin(config, "feeds").output


def test_feeds_shows_health_as_of_now_and_trust_ends_a_suspicion(config: Path) -> None:
    """A feed that answered well hours ago may since have gone quiet."""
    with Archive.open(reading.load(config).archive) as archive:
        long_ago = NOW - timedelta(hours=9)
        rhythm = {"newest_item_at": long_ago, "usual_gap_seconds": 3600, "longest_gap_seconds": 3600}
        state = FeedState("good", status="ok", last_attempt_at=NOW, last_success_at=NOW, suspect="title", **rhythm)
        archive.save_feed_state(state)
    (row,) = json.loads(tocsin(config, "feeds", "--json").stdout)
    assert (row["status"], row["usual_gap_seconds"], row["text_yield"]) == ("quiet", 3600, None)
    assert "strangely quiet" in row["detail"]
    assert "good" in tocsin(config, "feeds", "--bad").output
    assert "trusted again" in tocsin(config, "feeds", "trust", "good").output
    assert "not under suspicion" in tocsin(config, "feeds", "trust", "good").output
    assert tocsin(config, "feeds", "trust", "goof").exit_code == 2
    with Archive.open(reading.load(config).archive) as archive:
        assert archive.feed_states()["good"].suspect == ""


@pytest.mark.parametrize(
    ("url", "taken", "expected"),
    [
        ("https://www.kurdistan24.net/en/rss.xml", set(), "kurdistan24"),
        ("https://www.kurdistan24.net/en/rss.xml", {"kurdistan24"}, "kurdistan24-en"),
        ("https://rss.dw.com/xml/rss-de-all", set(), "dw"),
        ("https://feeds.bbc.co.uk/news/rss.xml", set(), "bbc"),
        ("https://www.sep.gob.mx/rss", set(), "sep"),
        ("https://basranews.blogspot.com/feeds/posts/default", set(), "basranews"),
        ("https://arabic.outlet.com/rss", set(), "arabic-outlet"),
        ("https://www.news.com.au/rss", set(), "news"),
        ("http://127.0.0.1:80/rss", set(), "127-0-0-1"),
        ("https://site.example/rss", {"site", "site-2"}, "site-3"),
    ],
)
def test_an_id_is_short_and_nobody_elses(url: str, taken: set[str], expected: str) -> None:
    """The site's name, with what the path adds where that is taken."""
    assert discovery.feed_id(url, taken) == expected
