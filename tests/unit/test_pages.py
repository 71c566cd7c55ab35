"""HTML to article: the ladder, the metadata, the walls; and the article that a feed alone tells."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scrapers import blocks, extract, pages, registry
from scrapers.registry import Css, SiteScraper
from tocsin.config import Feed
from tocsin.errors import ParseError
from tocsin.model import Article, Fetched, Item, Page, TextStatus

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
URL = "https://outlet.example/world/convoy"
FEED = Feed(id="outlet", url="https://outlet.example/rss", language="en", publisher="The Outlet")
TITLE = "Roadside bomb hits army convoy near Tarmiya"
BODY = [
    "Three Iraqi soldiers were killed and five wounded on Wednesday when a bomb exploded beside their convoy near "
    "Tarmiya, north of Baghdad, the Joint Operations Command said.",
    "The device had been hidden under a culvert and was set off from a distance as the second vehicle passed, "
    "according to a statement released late in the evening.",
    "Reinforcements were sent into the orchards along the Tigris, where cells of the Islamic State group remain "
    "active in spite of several sweeps since the spring.",
    "Two suspects were arrested after nightfall, a security source said. No group had claimed the attack by Thursday.",
]
TEXT = "\n".join(BODY)


def page(head: str = "", body: str = "", *, url: str = URL) -> Page:
    """A page with that head and, unless another body is given, the story under its headline."""
    story = body or f"<article><h1>{TITLE}</h1>{''.join(f'<p>{p}</p>' for p in BODY)}</article>"
    return Page(url, f'<html lang="en"><head>{head}</head><body>{story}</body></html>', NOW)


def ld(**fields: Any) -> str:
    """A JSON-LD script."""
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle"} | fields)}</script>'


def read(head: str = "", body: str = "", **more: Any) -> Article:
    """The article of such a page."""
    return pages.read(page(head, body), now=NOW, **more)


def test_a_plain_page_gives_its_text_and_title() -> None:
    """Nothing declared: generic text, h1, language from the words, the host as publisher."""
    article = read()
    assert (article.title, article.text, article.rung) == (TITLE, TEXT, "generic")
    assert (article.language, article.publisher, article.status) == ("en", "outlet.example", TextStatus.FULL)
    assert article.seen == NOW


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (ld(headline="From JSON-LD") + "<meta property='og:title' content='From og'>", "From JSON-LD"),
        ("<meta property='og:title' content='Bomb near Tarmiya kills three'>", "Bomb near Tarmiya kills three"),
        (
            "<meta property='og:title' content='Bomb near Tarmiya | The Outlet'>"
            "<meta property='og:site_name' content='The Outlet'>",
            "Bomb near Tarmiya",
        ),
        ("<title>Roadside bomb - Outlet</title>", TITLE),
        (ld(headline="Bomb &amp; fire &lt;b&gt;near&lt;/b&gt; Tarmiya"), "Bomb & fire near Tarmiya"),
        ("<meta property='og:title' content='Tarmiya - a town under siege'>", "Tarmiya - a town under siege"),
        (ld(headline="Cut off by the content system…") + f"<meta property='og:title' content='{TITLE}'>", TITLE),
    ],
    ids=["JSON-LD", "og", "site name cut", "h1 before title", "entities", "a dash of its own", "cut headline"],
)
def test_the_headline_comes_from_the_best_place(head: str, title: str) -> None:
    """JSON-LD, og:title without the site, h1, title."""
    assert read(head).title == title


@pytest.mark.parametrize(
    ("head", "published"),
    [
        (ld(headline=TITLE, datePublished="2026-07-02T07:12:45Z"), "2026-07-02T07:12:45+00:00"),
        ("<meta property='article:published_time' content='2026-07-02T09:12+02:00'>", "2026-07-02T07:12:00+00:00"),
        (
            ld(headline=TITLE, datePublished="2026-07-02") + "<meta name='date' content='2026-07-02T10:00:00Z'>",
            "2026-07-02T10:00:00+00:00",
        ),
        (ld(headline=TITLE, datePublished="2027-07-02T07:12:45Z"), "2026-07-02T07:00:00+00:00"),
        ("<meta name='date' content='soon'>", "2026-07-02T07:00:00+00:00"),
        ("<meta name='date' content='2026-07-02'>", "2026-07-02T07:00:00+00:00"),
    ],
    ids=[
        "JSON-LD",
        "meta with zone",
        "a time beats a day",
        "a year ahead: the feed",
        "unreadable: the feed",
        "only a day: the feed",
    ],
)
def test_the_time_is_to_the_minute(head: str, published: str) -> None:
    """A page that knows only the day yields to the feed's time of that day."""
    item = Item("outlet", "1", URL, TITLE, published=datetime(2026, 7, 2, 7, tzinfo=UTC))
    found = read(head, item=item).published
    assert found is not None
    assert found.isoformat() == published


def test_of_several_json_ld_articles_the_one_of_this_page_counts() -> None:
    """Related stories have nodes too; comments, commas too many and graphs are forgiven."""
    other = {"@type": "NewsArticle", "headline": "Another story", "author": "Someone Else"}
    mine = {
        "@type": ["NewsArticle"], "headline": TITLE, "url": URL, "author": [{"name": "Ali Hassan"}, {"name": "AFP"}],
        "publisher": {"name": "The Outlet"}, "articleSection": ["World", "Iraq"], "inLanguage": "en-GB",
    }  # fmt: skip
    script = json.dumps({"@graph": [other, mine]})[:-1] + ",}"
    article = read(f'<script type="application/ld+json">\n<!-- {script} -->\n</script>')
    assert (article.title, article.authors, article.publisher) == (TITLE, ("Ali Hassan", "AFP"), "The Outlet")
    assert (article.section, article.origins) == ("World", ("AFP",))


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By Jane Doe and Ali Hassan", ("Jane Doe", "Ali Hassan")),
        ("Par Jean Dupont (à Erbil)", ("Jean Dupont",)),
        ("Von Nora Feldkamp, Jens Thalbach", ("Nora Feldkamp", "Jens Thalbach")),
        ("بقلم: علي حسن", ("علي حسن",)),
        ("https://outlet.example/author/1", ()),
    ],
)
def test_a_byline_gives_names(byline: str, authors: tuple[str, ...]) -> None:
    """Without "By", split at "and", no addresses."""
    assert read(f'<meta name="author" content="{byline}">').authors == authors


def test_the_canonical_address_is_the_pages_own_and_not_its_front_page() -> None:
    """A canonical link to "/" is a mistake of the content system."""
    assert (
        read('<link rel="canonical" href="/world/convoy-1">').canonical_url == "https://outlet.example/world/convoy-1"
    )
    assert read('<link rel="canonical" href="https://outlet.example/">').canonical_url == ""
    assert read('<link rel="canonical" href="javascript:x">').canonical_url == ""


@pytest.mark.parametrize(
    "extra",
    [
        "<p>Read also: Why the orchards are hard to hold</p>",
        "<p>Lire aussi : pourquoi les vergers échappent à l'armée</p>",
        "<p>اقرأ أيضا: لماذا يصعب ضبط البساتين</p>",
        "<figure><img src=a><figcaption>Soldiers at a checkpoint in March, before the attack</figcaption></figure>",
        '<ul><li><a href="/a">Oil exports rise in June</a></li><li><a href="/b">Heat closes offices</a></li></ul>',
        '<div class="related"><div class="card"><h3>Oil exports rise</h3><p>Exports rose again in June, the ministry '
        "said on Sunday, as fields in the south added capacity and repairs ended.</p></div></div>",
        "<aside><h2>Most read</h2><p>Heat closes offices in five provinces for the third day in a row</p></aside>",
        f"<h2>{TITLE}</h2>",
        "<p>Sign up for our daily newsletter and never miss a story</p>",
        '<blockquote class="twitter-tweet"><p>We were five in the car and heard it from there</p>'
        "— Ali (@ali) July 2, 2026</blockquote>",
    ],
    ids=[
        "Read also", "Lire aussi", "Arabic teaser", "caption", "links", "cards", "most read", "the title again",
        "newsletter", "tweet",
    ],
)  # fmt: skip
def test_what_stands_in_or_around_the_text_is_not_text(extra: str) -> None:
    """Each of these has been taken for a paragraph by a general extractor."""
    inner = "".join(f"<p>{p}</p>" for p in BODY[:2]) + extra + "".join(f"<p>{p}</p>" for p in BODY[2:])
    assert read(body=f"<article><h1>{TITLE}</h1>{inner}</article>").text == TEXT


def test_json_ld_text_is_taken_where_the_page_shows_hardly_any() -> None:
    """The rung says so."""
    article = read(ld(headline=TITLE, articleBody=TEXT), f"<article><h1>{TITLE}</h1><p>{BODY[0]}</p></article>")
    assert (article.rung, article.text) == ("json-ld", TEXT)


def test_a_text_behind_a_paywall_says_so_and_a_longer_feed_text_is_kept() -> None:
    """The first paragraph is better than nothing; the feed's summary better still if it is longer."""
    head = ld(headline=TITLE, isAccessibleForFree=False)
    teaser = f"<article><h1>{TITLE}</h1><p>{BODY[0]}</p><p>Subscribe to continue reading.</p></article>"
    assert read(head, teaser).status is TextStatus.PAYWALLED
    item = Item("outlet", "1", URL, TITLE, summary=TEXT)
    kept = read(head, teaser, item=item)
    assert (kept.status, kept.text, kept.rung) == (TextStatus.PAYWALLED, TEXT, "feed")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<div><h1>We value your privacy</h1><p>We and our partners store cookies.</p></div>", "consent: "),
        ("<h1>Just a moment...</h1><p>Checking your browser before accessing the site.</p>", "challenge: "),
        ("<nav><a href='/'>Home</a></nav>", "no article text"),
        ("<p>Too short.</p>", "no article text"),
    ],
    ids=["consent", "challenge", "only a menu", "too short"],
)
def test_a_page_without_an_article_is_an_error_that_names_it(body: str, says: str) -> None:
    """The caller then falls back to the feed's words."""
    with pytest.raises(ParseError, match=says) as caught:
        read(body=body)
    assert caught.value.subject == URL


@pytest.mark.parametrize("html", ["", "   ", "<!-- -->", "\0"], ids=["nothing", "blanks", "comment", "NUL"])
def test_no_html_is_an_error(html: str) -> None:
    """Not a crash in the parser."""
    with pytest.raises(ParseError):
        pages.read(Page(URL, html, NOW), now=NOW)


def _fetched(body: bytes, kind: str) -> Fetched:
    return Fetched(URL, URL, 200, (("content-type", kind),), body, NOW, 0.1)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<p>Élysée</p>".encode(), "text/html; charset=iso-8859-1"),
        ("<p>Élysée</p>".encode("cp1252"), "text/html; charset=iso-8859-1"),
        ('<meta charset="iso-8859-15"><p>Élysée</p>'.encode("iso-8859-15"), "text/html"),
        (b"\xef\xbb\xbf" + "<p>Élysée</p>".encode(), ""),
        ("\ufeff<p>Élysée</p>".encode("utf-16-le"), "text/html"),
        ("<p>Élysée</p>".encode("cp1252"), "text/html; charset=no-such-thing; x=1252"),
    ],
    ids=["UTF-8 under a wrong name", "cp1252", "meta", "byte order mark", "UTF-16", "unknown charset"],
)
def test_bytes_become_the_right_letters(body: bytes, kind: str) -> None:
    """Servers name encodings from habit; the bytes know better. An unknown name must not crash."""
    text = pages.decode(_fetched(body, kind))
    assert "Élysée" in text or "no-such-thing" in kind


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "idna", "undefined", "punycode"])
def test_no_charset_breaks_a_page(charset: str) -> None:
    """Python has encodings that no page is written in: some refuse to replace, some give half surrogate pairs."""
    pages.decode(_fetched(rb"<p>caf\xe9 +2D0- \ud83d</p>" + b"\xe9", f"text/html; charset={charset}")).encode()


def test_what_is_no_html_is_refused() -> None:
    """A feed may link to a PDF or an image."""
    with pytest.raises(ParseError, match="application/pdf"):
        pages.decode(_fetched(b"%PDF-1.7", "application/pdf"))
    with pytest.raises(ParseError, match="empty"):
        pages.decode(_fetched(b" ", "text/html"))


def test_a_feed_with_the_full_text_needs_no_page() -> None:
    """400 characters and no ellipsis; markup becomes paragraphs, the feed's own footer goes."""
    html = (
        "".join(f"<p>{p}</p>" for p in BODY) + "<p>The post Bomb appeared first on The Outlet.</p><script>x()</script>"
    )
    item = Item("outlet", "1", URL, TITLE, content=html, published=NOW - timedelta(hours=1))
    article = pages.from_feed(item, FEED, now=NOW)
    assert (article.text, article.status, article.rung) == (TEXT, TextStatus.FULL, "feed")
    assert (article.publisher, article.feed, article.identity, article.language) == ("The Outlet", "outlet", "1", "en")


@pytest.mark.parametrize(
    ("content", "summary", "text"),
    [
        ("", "Three soldiers killed.", "Three soldiers killed."),
        ("", "", TITLE),
        (f"<p>{TEXT} Read more</p>", "Three soldiers killed.", f"{' '.join(BODY)} Read more"),
        ("<p>Short.</p>", "Three soldiers killed.", "Three soldiers killed."),
    ],
    ids=["summary", "title only", "cut content", "short content"],
)
def test_a_feed_without_the_text_gives_what_it_has(content: str, summary: str, text: str) -> None:
    """Marked, so that nobody takes it for the whole story."""
    article = pages.from_feed(Item("outlet", "1", URL, TITLE, summary, content), FEED, now=NOW)
    assert (article.text, article.status) == (text, TextStatus.FEED_ONLY)


def test_a_json_ld_body_strikes_out_what_it_lacks_only_when_it_is_the_same_text() -> None:
    """A teaser, or another story, is no judge."""
    noisy = f"{TEXT}\nA box about something else that stands beside the story."
    assert blocks.agreed(noisy, TEXT) == TEXT
    assert blocks.agreed(noisy, BODY[0]) == noisy
    assert blocks.agreed(noisy, "Another story altogether. " * 40) == noisy


def test_the_filter_answers_in_the_words_of_the_contract(tmp_path: Path) -> None:
    """html, path and gzip give the same; keys are fixed; times keep the page's zone."""
    html = page("<meta property='article:published_time' content='2026-07-02T00:12:00+03:00'>").html
    (tmp_path / "a.html").write_text(html, encoding="utf-8")
    (tmp_path / "b.html").write_bytes(gzip.compress(html.encode()))
    answers = [
        extract.line({"id": 7, "url": URL} | source, base=tmp_path, now=NOW)
        for source in ({"html": html}, {"path": "a.html"}, {"path": "b.html"})
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0] == {
        "id": 7, "url": URL, "title": TITLE, "text": TEXT, "published": "2026-07-02T00:12:00+03:00", "authors": [],
        "language": "en", "publisher": "outlet.example", "origin": None, "error": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "obj",
    [
        {"id": 1},
        {"id": 1, "url": 5, "html": "x"},
        {"id": 1, "url": URL, "html": 5},
        {"id": 1, "url": URL, "html": "<html></html>"},
        {"id": 1, "url": URL, "path": "absent.html"},
        {"id": 1, "url": URL, "path": "."},
        {"id": 1, "url": URL, "path": "cut.gz"},
        {"id": 1, "url": URL, "path": "nul\0.html"},
    ],
    ids=["empty", "url", "html", "no article", "no file", "folder", "cut gzip", "NUL in a path"],
)
def test_a_bad_line_is_an_answer_with_its_error(obj: dict[str, Any], tmp_path: Path) -> None:
    """Nothing is raised: the next line wants its turn."""
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    answer = extract.line(obj, base=tmp_path, now=NOW)
    assert answer["id"] == 1
    assert answer["error"]
    assert answer["text"] is None


@pytest.mark.parametrize(
    ("selector", "rung"),
    [("p", "site:Chosen"), ("p.lead", "generic"), ("p.most", "site:Chosen"), ("p.absent", "generic")],
    ids=["all of it", "a third of it", "more than half", "nothing"],
)
def test_a_site_scraper_is_believed_only_while_its_text_has_a_sane_shape(
    selector: str, rung: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 characters, and half of the generic reading: a changed layout costs quality, never the article."""

    class Chosen(SiteScraper):
        text = Css(selector)

    monkeypatch.setattr(registry, "layouts", lambda url, day=None: [Chosen])
    classes = ("lead most", "lead most", "most", "")
    inner = "".join(
        f'<p class="{c}">{p}</p>' for c, p in zip(classes, [BODY[0][:120], BODY[1][:120], *BODY[2:]], strict=True)
    )
    article = read(body=f"<article><h1>{TITLE}</h1>{inner}</article>")
    assert article.rung == rung
    if rung == "generic":
        assert BODY[3] in article.text


def test_a_short_site_text_is_not_believed_even_if_the_page_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under 200 characters a selector may as well have caught the byline."""

    class Chosen(SiteScraper):
        text = Css("p.lead")

    monkeypatch.setattr(registry, "layouts", lambda url, day=None: [Chosen])
    body = f'<article><h1>{TITLE}</h1><p class="lead">{BODY[0][:150]}</p><p>{BODY[1][:120]}</p></article>'
    assert read(body=body).rung == "generic"


def test_a_table_that_only_places_things_is_no_table() -> None:
    """Old content systems put menu and story side by side in cells; what is read is the story, line by line."""
    menu = "<td><b>Most read</b><br>" + "".join(
        f'<a href="/{n}">Another headline, number {n}</a><br>' for n in range(5)
    )
    story = f"<td><h1>{TITLE}</h1><span class=rubrique>World</span><div>AFP | Wed, 1 Jul 2026 10:19:00</div>"
    story += "<div>" + "<br><br>".join(BODY) + "</div></td>"
    assert read(body=f"<table><tr>{menu}</td>{story}</tr></table>").text == TEXT


def test_a_box_that_holds_the_headline_is_never_furniture() -> None:
    """Some themes name the head of a story after its tags; its lead is text all the same."""
    rest = "".join(f"<p>{p}</p>" for p in BODY[1:])
    head = f'<div data-component="story-tags"><h1>{TITLE}</h1><p>{BODY[0]}</p></div>'
    assert read(body=f"<main>{head}<div>{rest}</div></main>").text == TEXT


def test_a_related_box_outside_the_article_may_be_of_any_size() -> None:
    """Below a short item the cards for other stories are most of the page."""
    cards = "".join(
        f"<div class=card><h3>Another story of the day, number {n}</h3><p>Elsewhere, in story {n}, officials said on "
        "Sunday that repairs had ended and that the road to the north was open again for traffic.</p></div>"
        for n in range(8)
    )
    story = f"<article><h1>{TITLE}</h1>{''.join(f'<div><p>{p}</p></div>' for p in BODY)}</article>"
    assert (
        read(body=f'<main>{story}<section data-component="related"><h2>Next</h2>{cards}</section></main>').text == TEXT
    )


@pytest.mark.parametrize(
    ("final", "canonical"),
    [
        ("https://outlet.example/real/story", "https://outlet.example/real/story"),
        ("https://outlet.example/", ""),
        ("", ""),
    ],
    ids=["a counting redirect", "the front page", "no redirect"],
)
def test_the_end_of_a_redirect_stands_in_for_a_canonical_address(final: str, canonical: str) -> None:
    """Feeds link through counters; the archive knows a story by where it really stands."""
    there = Page("https://outlet.example/go/77", page().html, NOW, final)
    assert pages.read(there, now=NOW).canonical_url == canonical
