"""Which addresses are one page, which are not, and what is never shown of one."""

import pytest

from tocsin.urls import canonical, differing_parameter, host, masked, registered, without

ONE_PAGE = {
    "scheme": ("http://example.com/a", "https://example.com/a"),
    "www": ("https://www.example.com/a", "https://example.com/a"),
    "host in capitals": ("https://EXAMPLE.com/a", "https://example.com/a"),
    "trailing slash": ("https://example.com/a/", "https://example.com/a"),
    "front page": ("https://example.com", "https://www.example.com/"),
    "default port": ("https://example.com:443/a", "http://example.com:80/a"),
    "fragment": ("https://example.com/a#comments", "https://example.com/a"),
    "utm": ("https://example.com/a?utm_source=rss&utm_medium=feed", "https://example.com/a"),
    "click ids": ("https://example.com/a?fbclid=x&gclid=y", "https://example.com/a"),
    "outlet's own tracking": ("https://example.com/a?at_campaign=rss&xtor=RSS-1", "https://example.com/a"),
    "parameters in another order": ("https://example.com/a?y=2&x=1", "https://example.com/a?x=1&y=2"),
    "a parameter without value": ("https://example.com/a?x=1&page=", "https://example.com/a?x=1"),
    "entity in a feed": ("https://example.com/a?x=1&amp;y=2", "https://example.com/a?x=1&y=2"),
    "mobile host": ("https://m.example.com/a", "https://www.example.com/a"),
    "AMP host": ("https://amp.example.com/en/a", "https://example.com/en/a"),
    "AMP before the path": ("https://example.com/amp/news/a", "https://example.com/news/a"),
    "AMP inside the path": ("https://example.com/news/amp/world-1", "https://example.com/news/world-1"),
    "AMP after the path": ("https://example.com/news/a/amp/", "https://example.com/news/a"),
    "AMP ending": ("https://example.com/news/a.amp.html", "https://example.com/news/a.html"),
    "AMP parameter": ("https://example.com/a?outputType=amp", "https://example.com/a"),
    "AMP cache": ("https://example-com.cdn.ampproject.org/c/s/example.com/a", "https://example.com/a"),
    "AMP viewer": ("https://www.google.com/amp/s/example.com/a/amp", "https://example.com/a"),
    "search redirect": ("https://www.google.com/url?q=https%3A%2F%2Fexample.com%2Fa&sa=D", "https://example.com/a"),
    "social redirect": ("https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Fa&h=AT0", "https://example.com/a"),
    "mail redirect": (
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.com%2Fa&data=05",
        "https://example.com/a",
    ),
    "IDN": ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    "escapes": ("https://example.com/بغداد", "https://example.com/%D8%A8%D8%BA%D8%AF%D8%A7%D8%AF"),
    "small escapes": ("https://example.com/%d8%a8", "https://example.com/%D8%A8"),
    "doubled slashes": ("https://example.com//news//a", "https://example.com/news/a"),
    "index file": ("https://example.com/news/index.html", "https://example.com/news/"),
    "blanks and marks around": (" https://example.com/a\u200b\n", "https://example.com/a"),
    "a bare parameter that is a word": ("https://example.com/a?live", "https://example.com/a"),
    "an AMP parameter without value": ("https://example.com/a?amp", "https://example.com/a"),
    "printed": ("https://example.com/a?print=1&share=twitter", "https://example.com/a"),
    "the place of a link": ("https://example.com/a?mod=hp_lead_pos3", "https://example.com/a?mod=rss"),
    "the same feed in two formats": ("https://example.com/?feed=rss2", "https://example.com/?feed=atom"),
    "tracking beside a bare number": ("https://example.com/story.php?utm_source=x&12345", "https://example.com/story.php?12345"),
    "user in front": ("https://user:secret@example.com/a", "https://example.com/a"),
    "tracking beside a slug": ("https://example.com/two-rockets-hit-baghdad?ref=12345", "https://example.com/two-rockets-hit-baghdad"),
}  # fmt: skip

TWO_PAGES = {
    "article id": ("https://example.com/?p=12", "https://example.com/?p=13"),
    "id in a name that trackers use": ("https://example.com/news.aspx?ref=12345", "https://example.com/news.aspx?ref=12346"),
    "ArticleId": ("https://example.com/a.aspx?ArticleId=1", "https://example.com/a.aspx?ArticleId=2"),
    "case of the path": ("https://example.com/a/Xy1", "https://example.com/a/xY1"),
    "hash-bang": ("https://example.com/#!/news/1", "https://example.com/#!/news/2"),
    "another port": ("https://example.com:8080/a", "https://example.com:9090/a"),
    "sub-domain": ("https://ar.example.com/a", "https://en.example.com/a"),
    "language": ("https://example.com/a?lang=ar", "https://example.com/a?lang=en"),
    "page of a list": ("https://example.com/a?page=2", "https://example.com/a?page=3"),
    "a bare number": ("https://example.com/story.php?12345", "https://example.com/story.php?67890"),
    "a bare slug": ("https://example.com/?rockets-hit-base", "https://example.com/?wheat-price-falls"),
    "a bare slug in Arabic": ("https://example.com/?قصف-بغداد", "https://example.com/?سعر-القمح"),
    "an id that is called print": ("https://example.com/a?print=991", "https://example.com/a?print=992"),
    "a feed by its name": ("https://example.com/feed.php?feed=a", "https://example.com/feed.php?feed=b"),
    "a part of a site": ("https://example.com/a?mod=news", "https://example.com/a?mod=sport"),
    "a word that only begins with amp": ("https://example.com/ampere", "https://example.com/ere"),
    "a country that begins with m": ("https://m.example/a", "https://example/a"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ONE_PAGE.values(), ids=ONE_PAGE)
def test_one_page(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(("one", "other"), TWO_PAGES.values(), ids=TWO_PAGES)
def test_two_pages(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("url", [u for pair in (*ONE_PAGE.values(), *TWO_PAGES.values()) for u in pair])
def test_a_key_is_its_own_key(url: str) -> None:
    assert canonical(canonical(url)) == canonical(url)


@pytest.mark.parametrize(
    "url", ["", "no address", "http://[::1", "https://example.com:99999/a", "mailto:a@example.org", "urn:x:1"]
)
def test_what_is_no_web_address_stays(url: str) -> None:
    assert canonical(url) == url.strip().replace(" ", "")


def test_a_bare_number_stays_when_a_parameter_is_left_out() -> None:
    assert without("https://e.example/s.php?12345&n=2", frozenset({"n"})) == "https://e.example/s.php?12345"
    assert differing_parameter("https://e.example/s.php?12345", "https://e.example/s.php?67890") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://WWW.Example.com:8080/x", "example.com", id="www and port"),
        pytest.param("https://bücher.example/", "xn--bcher-kva.example", id="IDN"),
        pytest.param("not an address", "", id="none"),
        pytest.param("http://[::1", "", id="broken"),
    ],
)
def test_host(url: str, expected: str) -> None:
    assert host(url) == expected


@pytest.mark.parametrize(
    ("name", "owned"),
    [
        ("en.news.example.co.uk", "example.co.uk"),
        ("ina.iq", "ina.iq"),
        ("news.gov.iq", "news.gov.iq"),
        ("outlet.blogspot.com", "outlet.blogspot.com"),
        ("outlet.github.io", "outlet.github.io"),
        ("www3.nhk.or.jp", "nhk.or.jp"),
        ("www.sep.gob.mx", "sep.gob.mx"),
        ("www.mfa.go.th", "mfa.go.th"),
        ("a.site.xn--mgbayh7gpa", "site.xn--mgbayh7gpa"),
        ("News.Example.COM.", "example.com"),
        ("a.outlet.example", "outlet.example"),
        ("co.uk", "co.uk"),
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_whose_host_it_is(name: str, owned: str) -> None:
    """By the list of public suffixes: everybody may register below "blogspot.com" and "gob.mx"."""
    assert registered(name) == owned


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://u:p@example.com/x", "https://example.com/x", id="user and password"),
        pytest.param("https://example.com/x?id=2&api_key=abc", "https://example.com/x?id=2&api_key=***", id="key"),
        pytest.param("https://hooks.slack.com/services/T0/B0/xyz", "https://hooks.slack.com/***", id="webhook"),
        pytest.param("smtps://u:p@mail.example:465", "smtps://mail.example:465", id="SMTP"),
        pytest.param("http://u:p@[::1/x?token=abc", "http://[::1/x", id="broken"),
        pytest.param("data/feed.xml", "data/feed.xml", id="a file"),
    ],
)
def test_masked_shows_no_secret(url: str, expected: str) -> None:
    assert masked(url) == expected
