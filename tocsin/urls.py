"""Addresses: which of them are one page, and how to show one without its secrets.

``canonical`` gives a key, not an address to fetch: scheme, ``www.``, mobile and AMP forms, redirect
wrappers and tracking parameters are gone from it. It is stable: ``canonical(canonical(x)) == canonical(x)``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from courlan.clean import TRACKERS_RE

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
    r"^(?:amp|outputtype|output_type|at_[a-z_]+|wt_mc|wt\.mc.*|cmp|cmpid|ocid|ns_.*|_ga|_gl|mibextid|si|smid|smtyp|sh|share|shared"
    r"|feature|rss|feed|from_rss|maca|ftag|icid|ito|xg_source|spm|guccounter|guce_.*|__twitter_impression|taid|trk|trkinfo"
    r"|mod|rssource|soc_.*|sr_share|print|fb_.*|igshid|s_?cid|ncid|amp_.*|usqp|noredirect)$"
)
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
    url = _BLANK.sub("", url.strip().removeprefix("<![CDATA[").removesuffix("]]>"))
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


def _query(query: str, path: str) -> str:
    """The parameters that tell pages apart, sorted; those without a value never do."""
    kept, doubtful = [], []
    for key, value in parse_qsl(query):
        low = key.lower().removeprefix("amp;")
        if low in _MAYBE_ID and value.isdigit() and len(value) > 2:
            doubtful.append((key, value))
        elif not (_DROP_PARAMS.match(low) or TRACKERS_RE.search(low)):
            kept.append((key.removeprefix("amp;"), value))
    if not kept and not _TELLS.search(path):
        kept = doubtful
    return urlencode(sorted(set(kept)))


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
