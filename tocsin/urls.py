"""Addresses: which of them are one page, and how to show one without its secrets.

``canonical`` gives a key, not an address to fetch: scheme, ``www.``, mobile and AMP forms, redirect
wrappers and tracking parameters are gone from it. It is stable: ``canonical(canonical(x)) == canonical(x)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, quote_plus, unquote, unquote_plus, urlsplit, urlunsplit

_HOST_PREFIX = re.compile(r"^(?:www\d?|m|mobile|mobi|amp|touch)\.(?=[^.]+\.[^.])")
_AMP_HOST = re.compile(r"^(?P<name>[a-z0-9-]+)\.cdn\.ampproject\.org$")
_AMP_PATH = re.compile(r"/(?:m/)?amp(?=/|$)|/amp\.html?$|\.amp(?=\.html?$)|\.amp$", re.I)
_BLANK = re.compile(r"[\x00-\x20\x7f\u00a0\u200b\u200e\u200f\ufeff]+")
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.I)
# Redirect pages: (host, path) -> the parameters that may hold the real address.
_WRAPPERS = (
    (re.compile(r"(?:^|\.)google\.[a-z.]+$"), re.compile(r"^/url$"), ("url", "q")),
    (re.compile(r"(?:^|\.)(?:facebook|instagram)\.com$"), re.compile(r"^/l\.php$|^/flx/warn/?$"), ("u",)),
    (re.compile(r"(?:^|\.)youtube\.com$"), re.compile(r"^/redirect$"), ("q",)),
    (re.compile(r"(?:^|\.)vk\.com$"), re.compile(r"^/away\.php$"), ("to",)),
    (re.compile(r"(?:^|\.)duckduckgo\.com$"), re.compile(r"^/l/?$"), ("uddg",)),
    (re.compile(r"^out\.reddit\.com$"), re.compile(r"."), ("url",)),
    (re.compile(r"(?:^|\.)linkedin\.com$"), re.compile(r"^/(?:redir|safety)/"), ("url",)),
    (re.compile(r"safelinks\.protection\.outlook\.com$"), re.compile(r"."), ("url",)),
)
_DROP_PARAMS = re.compile(
    r"^(?:amp|outputtype|output_type|at_[a-z_]+|wt_mc|wt\.mc.*|cmp|cmpid|ocid|ns_.*|_ga|_gl|mibextid|si|smid|smtyp|sh"
    r"|feature|from_rss|maca|ftag|icid|ito|xg_source|spm|guccounter|guce_.*|__twitter_impression|taid|trk|trkinfo"
    r"|rssource|soc_.*|sr_share|fb_.*|igshid|s_?cid|ncid|amp_.*|usqp|noredirect)$"
)
# Names that say how a page is shown or where the reader came from, unless their value may be the identity of a page.
_DROP_VALUES = {
    "print": re.compile(r"0|1|true|false|yes|no|y|n|on|print|pdf|preview"),
    "feed": re.compile(r"0|1|true|rss2?|atom|rdf|feed"),
    "rss": re.compile(r"0|1|true|yes|y|rss2?|feed|atom"),
    "share": re.compile(
        r"0|1|true|yes|y|share|facebook|fb|twitter|x|whatsapp|telegram|linkedin|e?mail|reddit|pocket|tumblr"
        r"|pinterest|skype|print|copy|link|bluesky|threads|mastodon"
    ),
    "mod": re.compile(r"rss\w*|hp|home\w*|e2|djem\w*|newsviewer\w*|\w+_\w*", re.A),  # a link's place: "hp_lead_pos1"
}
_DROP_VALUES["shared"] = _DROP_VALUES["share"]
_TELLING_NAME = re.compile(r"\d|\w-\w|(?:%[0-9a-f]{2}){6}", re.I)  # a number, a slug: "story.php?12345"
# Tracking names that some sites use as the identity of a page: kept where nothing else in the address names it.
_MAYBE_ID = frozenset({"ref", "cid", "eid", "gl", "uid", "source", "keyword", "clid"})
_SECRET_PARAM = re.compile(r"token|key|secret|pass|pwd|auth|sig|session|credential|hash", re.I)
_TELLS = re.compile(r"\d{4,}|(?:[^/-]+-){2,}[^/-]+|(?:%[0-9a-f]{2}){6}", re.I)


@lru_cache(maxsize=4096)
def canonical(url: str) -> str:
    """The key that all addresses of one page share; the address itself, trimmed, when it is not http.

    >>> canonical("http://m.example.com/news/amp/?utm_source=x#top")
    'https://example.com/news'
    """
    url = _BLANK.sub("", url.strip().removeprefix("<![CDATA[").removesuffix("]]>")).strip()
    if url.startswith("//"):
        url = f"https:{url}"
    for _ in range(4):  # wrappers wrap each other, but not for ever
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018 - raises for a port that is no number
        except ValueError:
            return url
        if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
            return url
        inner = _unwrapped(parts)
        if inner is None:
            return _clean(parts)
        url = inner
    return url


def _unwrapped(parts: SplitResult) -> str | None:
    """The address inside an AMP cache, a viewer or a redirect page, or None."""
    name, path = (parts.hostname or "").lower(), parts.path
    if _AMP_HOST.match(name) or (re.match(r"^(?:www\.)?google\.[a-z.]+$", name) and path.startswith("/amp/")):
        rest = re.sub(r"^/(?:(?:[acviw]|amp)/)+(?:s/)?", "", path)
        if "." in rest.partition("/")[0]:
            return f"https://{rest}" + (f"?{parts.query}" if parts.query else "")
    for host_re, path_re, names in _WRAPPERS:
        if host_re.search(name) and path_re.search(path):
            query = dict(parse_qsl(parts.query))
            for key in names:
                if query.get(key, "").startswith(("http://", "https://")):
                    return query[key]
    return None


def _clean(parts: SplitResult) -> str:
    name = _ascii_host(parts.hostname or "")
    previous = ""
    while previous != name:
        previous, name = name, _HOST_PREFIX.sub("", name, count=1)
    if parts.port not in {None, 80, 443}:
        name = f"{name}:{parts.port}"
    path = re.sub(r"/{2,}", "/", parts.path)
    path = re.sub(r"^(?:/\.\.)+(?=/|$)", "", path)
    path = quote(unquote(path, errors="surrogateescape"), safe="/!=:,;@&+$'()*~-._", errors="surrogateescape")
    previous = ""
    while previous != path:
        previous = path
        path = _INDEX.sub("", _AMP_PATH.sub("", path)).rstrip("/")
    query = _query(parts.query, path)
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) and len(parts.fragment) > 2 else ""
    return urlunsplit(("https", name, path or ("/" if query or fragment else ""), query, fragment))


def _ascii_host(name: str) -> str:
    name = name.lower().rstrip(".")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


@cache
def _trackers() -> re.Pattern[str]:
    """Names of tracking parameters; the library brings a whole HTTP client along, so it is loaded when one is met."""
    from courlan.clean import TRACKERS_RE

    return TRACKERS_RE


def _query(query: str, path: str) -> str:
    """The parameters that tell pages apart, sorted."""
    kept, doubtful = [], []
    for key, value in _pairs(query):
        low = key.lower().removeprefix("amp;")
        if low in _MAYBE_ID and value.isdigit() and len(value) > 2:
            doubtful.append((key, value))
        elif not _tracks(low, value):
            kept.append((key.removeprefix("amp;"), value))
    if not kept and not _TELLS.search(path):
        kept = doubtful
    return _joined(sorted(set(kept)))


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    """Names with their values; a bare name, which has "", only where it may name a page: "?12345", not "?live"."""
    yield from parse_qsl(query)  # which leaves out all that have no value
    for part in query.split("&"):
        if "=" not in part and _TELLING_NAME.search(part):
            yield unquote_plus(part), ""


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    """The reverse of ``_pairs``."""
    coded = ((quote_plus(name, errors="replace"), quote_plus(value, errors="replace")) for name, value in pairs)
    return "&".join(f"{name}={value}" if value else name for name, value in coded)


def _tracks(name: str, value: str) -> bool:
    """True for a parameter that says who came from where, or how the page is shown, and not which it is."""
    if name in _DROP_VALUES:
        return bool(_DROP_VALUES[name].fullmatch(value.lower()))
    return bool(_DROP_PARAMS.match(name) or _trackers().search(name))


def host(url: str) -> str:
    """The host of an address in lower case, without ``www.``; "" when there is none.

    >>> host("https://WWW.Example.com:8080/x")
    'example.com'
    """
    try:
        name = urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""
    return _ascii_host(name).removeprefix("www.")


@lru_cache(maxsize=4096)
def registered(name: str) -> str:
    """The part of a host that somebody registered, by the list of public suffixes: who owns it speaks for all of it.

    A site under a blog host or a ministry's domain is its own. An address is all of it, and where a list says
    nothing, as in a test's "outlet.example", it is the last two labels.

    >>> registered("en.news.example.co.uk"), registered("desk.github.io"), registered("10.0.0.1")
    ('example.co.uk', 'desk.github.io', '10.0.0.1')
    """
    labels = name.lower().strip(".").split(".")
    if labels[-1].isdigit() or ":" in name:
        return name
    from tld import get_tld  # a quarter of a second and 12 MB

    known = get_tld(f"https://{'.'.join(labels)}/", as_object=True, fail_silently=True, search_private=True)
    return str(known.fld) if known is not None and not isinstance(known, str) else ".".join(labels[-2:])


_OPAQUE = re.compile(
    r"^https://(?:news\.google\.com/(?:rss/)?(?:articles|read)/"
    r"|(?:t\.co|bit\.ly|tinyurl\.com|ow\.ly|buff\.ly|dlvr\.it|ift\.tt|is\.gd|goo\.gl|lnkd\.in|fb\.me|trib\.al|reut\.rs"
    r"|cutt\.ly|rb\.gy|shorturl\.at|bbc\.in|cnn\.it|nyti\.ms|wp\.me|tiny\.cc|rebrand\.ly|flip\.it|apne\.ws|f24\.my)/.)"
)


def opaque(url: str) -> bool:
    """True for an address that only leads to another site's page: a shortener, Google News.

    >>> opaque("https://bit.ly/3xYz"), opaque("https://example.com/3xYz")
    (True, False)
    """
    return bool(_OPAQUE.match(canonical(url)))


def without(key: str, params: frozenset[str]) -> str:
    """A canonical address without some of its parameters.

    >>> without("https://example.com/a?id=1&n=2", frozenset({"n"}))
    'https://example.com/a?id=1'
    """
    parts = urlsplit(key)
    kept = [(name, value) for name, value in _pairs(parts.query) if name not in params]
    path = parts.path if kept or parts.fragment or parts.path != "/" else ""
    return urlunsplit((parts.scheme, parts.netloc, path, _joined(kept), parts.fragment))


def differing_parameter(one: str, other: str) -> str | None:
    """The one parameter in which two canonical addresses differ, by its value or by being there; else None.

    >>> differing_parameter("https://example.com/a?id=1&n=2", "https://example.com/a?id=1")
    'n'
    """
    a, b = urlsplit(one), urlsplit(other)
    if (a.netloc, a.path or "/", a.fragment) != (b.netloc, b.path or "/", b.fragment):
        return None
    names = {name for name, _ in set(_pairs(a.query)) ^ set(_pairs(b.query))}
    return names.pop() if len(names) == 1 else None


def masked(url: str) -> str:
    """An address for logs and messages: no user, no password, no token in its parameters, no webhook path.

    >>> masked("https://u:p@example.com/x?api_key=1&id=2")
    'https://example.com/x?api_key=***&id=2'
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return re.sub(r"//[^/@]*@", "//", url.partition("?")[0])
    if not parts.scheme:
        return url
    where = (f"[{name}]" if ":" in name else name) + (f":{port}" if port else "")
    path = parts.path
    if name.endswith("hooks.slack.com"):
        path = "/***"
    pairs = []
    for pair in parts.query.split("&") if parts.query else []:
        key, equals, _ = pair.partition("=")
        pairs.append(f"{key}=***" if equals and _SECRET_PARAM.search(key) else pair)
    return urlunsplit((parts.scheme, where, path, "&".join(pairs), parts.fragment))
