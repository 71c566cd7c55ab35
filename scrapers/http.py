"""The polite, guarded GET: the only place from which we read the outside world.

Each hop of a redirect is a request of its own: scheme, address, port and robots.txt are checked
again, its body is never read, and no cookie, Referer or password travels on. The whole attempt has
a deadline, and the body a cap, on the wire and decoded. Nothing is retried here, and Retry-After is
never slept through: both are for the caller, who keeps time.

The detail of a FetchError opens with its kind, for people and for ``schedule``: "timeout: ...",
"dns: ...", "tls: ...", "connection: ...", "challenge: ...", "robots: ...", "redirect: ...", "paused: ...", "HTTP 404".
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import requests
from urllib3.exceptions import DecodeError, HTTPError, IncompleteRead
from urllib3.response import BaseHTTPResponse

from scrapers.attempts import Attempt, Attempts, Tally
from scrapers.guard import Deadline, PinnedAdapter, networks
from scrapers.hosts import Hosts, Ledger
from scrapers.robots import MAX_BYTES as ROBOTS_BYTES
from scrapers.robots import Robots
from tocsin import config
from tocsin.errors import FetchError, RefusedError, TemporaryFetchError, TooLargeError
from tocsin.model import Fetched
from tocsin.urls import masked

Kind = Literal["feed", "page", "robots"]

_CHUNK = 65_536
_SLACK = 2.0  # seconds by which an attempt may outlive its deadline
_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})
_GOOD = frozenset({200, 203, 204, 226})  # 226: a delta, as good as a 200
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate", "br"})
_MAX_RETRY_AFTER = 7 * 86_400.0  # beyond a week it is a mistake; the caller clamps further
_ACCEPT = {
    "feed": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8",
    "page": "text/html, application/xhtml+xml, */*;q=0.8",
    "robots": "text/plain, */*;q=0.8",
}
_CONNECTION: dict[type[Exception], str] = {
    ConnectionRefusedError: "refused; nothing listens there",
    ConnectionResetError: "the other side broke it off",
    IncompleteRead: "it ended in the middle of the answer",
}
_ASCII = bytes(range(128))
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")  # robots.txt is kept by the monotonic clock
_CHALLENGE = re.compile(rb"cf-chl|challenge-platform|just a moment\.\.\.|captcha-delivery|_incapsula_", re.I)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str:
        return next((v for k, v in self.headers if k == name), "")


@dataclass(frozen=True, slots=True)
class _Ask:
    """What stays the same through the hops of one GET."""

    subject: str  # the address as asked, secrets masked: names the GET in errors
    kind: Kind
    headers: dict[str, str]
    max_bytes: int  # decoded
    conditional: bool
    robots: bool  # obey robots.txt
    took: list[float] = field(default_factory=list)  # seconds of each hop, without the wait for our turn


class Http:
    """A guarded GET for many threads: one request at a time for each host, a pause between two."""

    def __init__(
        self,
        settings: config.Http,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        ledger: Ledger | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._allowed = networks(settings.allow_private_addresses)
        self._hosts = Hosts(settings.per_host_delay_seconds, clock=clock, sleep=sleep, ledger=ledger)
        self._robots = Robots(settings.user_agent, self._get_robots, clock=clock, keep=self._hosts)
        self._attempts = Attempts(settings.attempts)
        self._closed = threading.Event()

    @property
    def tally(self) -> Tally:
        """What was asked so far, and what came of it."""
        return self._attempts.tally

    def close(self) -> None:
        """Refuse further requests; connections are closed after each anyway."""
        self._closed.set()

    def get(
        self,
        url: str,
        *,
        kind: Literal["feed", "page"],
        now: datetime,
        etag: str | None = None,
        last_modified: str | None = None,
        robots: bool = False,
    ) -> Fetched:
        """Fetch an address once; a 304 is a value.

        Args:
            kind: Pages obey robots.txt, feeds only with ``robots``; each has its own deadline and cap.
            now: Time of the attempt, stored as ``Fetched.at`` and used to read Retry-After dates.
            etag: Sent back byte for byte, as is ``last_modified``.

        Raises:
            TemporaryFetchError: time-out, DNS, lost connection, 408, 429 or 5xx; ``retry_after`` in seconds.
            RefusedError: our own guard refused it: scheme, address, port, hops, robots.txt.
            TooLargeError: more bytes than the cap, on the wire or decoded.
            FetchError: another answer that is no body: 404, 410, a TLS error, an unknown encoding.
        """
        headers = {"Accept": _ACCEPT[kind]}
        if etag:
            headers["If-None-Match"] = etag
            if kind == "feed":
                headers["A-IM"] = "feed"  # RFC 3229: it may send only what is new, as a 226
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        limit = self._settings.max_feed_bytes if kind == "feed" else self._settings.max_page_bytes
        ask = _Ask(masked(url), kind, headers, limit, bool(etag or last_modified), robots or kind == "page")
        return self._noted(url, ask, now)

    def _get_robots(self, url: str) -> bytes:
        ask = _Ask(masked(url), "robots", {"Accept": _ACCEPT["robots"]}, ROBOTS_BYTES, False, False)
        return self._noted(url, ask, None).body

    def _noted(self, url: str, ask: _Ask, now: datetime | None) -> Fetched:
        """The answer, its attempt written down whatever comes of it."""
        started = self._clock()
        status, error, size = None, "", 0
        try:
            fetched = self._follow(url, ask, now)
            status, size = fetched.status, len(fetched.body)
            return fetched
        except FetchError as exc:
            status, error = exc.status, exc.detail
            raise
        finally:
            took = sum(ask.took)
            waited = max(0.0, self._clock() - started - took)
            self._attempts.note(Attempt(ask.kind, ask.subject, status, error, size, took, waited))

    def _follow(self, url: str, ask: _Ask, now: datetime | None) -> Fetched:
        """Ask, and follow redirects by hand."""
        started, left = self._clock(), self._budget(ask.kind)
        here, permanent, login = _clean(url, ask.subject), True, None
        seen = {here}
        login, here = _split_login(here)
        for hop in range(self._settings.max_hops + 1):
            answer, took = self._hop(here, ask, left, login)
            left -= took
            if answer.status not in _REDIRECTS or not answer.header("location"):
                self._judge(here, ask, answer, now)
                return Fetched(
                    url=url,
                    final_url=here,
                    status=answer.status,
                    headers=answer.headers,
                    body=answer.body,
                    at=now or _EPOCH,
                    elapsed=self._clock() - started,
                    permanent=permanent and hop > 0,
                )
            permanent &= answer.status in _PERMANENT
            target = _split_login(_clean(urljoin(here, _spelled(answer.header("location"))), ask.subject))[1]
            if target in seen:
                raise RefusedError(ask.subject, f"redirect: a loop at {masked(target)}", answer.status)
            if _origin(target) != _origin(here):
                login = None
                permanent &= not (here.startswith("https:") and target.startswith("http:"))
            seen.add(target)
            here = target
        raise RefusedError(ask.subject, f"redirect: more than {self._settings.max_hops} hops")

    def _budget(self, kind: Kind) -> float:
        page = kind == "page"
        return self._settings.page_deadline_seconds if page else self._settings.feed_deadline_seconds

    def _hop(self, url: str, ask: _Ask, left: float, login: tuple[str, str] | None) -> tuple[_Answer, float]:
        """One request, in its turn at the host; waiting for the turn is not charged to the deadline."""
        host = urlsplit(url).hostname or ""
        if ask.robots:
            self._respect_pause(host, ask)  # a robots.txt that we may not ask for now is none that cannot be had
            self._obey_robots(url, ask)
        with self._hosts.turn(host, hold=left + _SLACK):
            if self._closed.is_set():
                raise TemporaryFetchError(ask.subject, "connection: we are shutting down")
            self._respect_pause(host, ask)
            begun = self._clock()
            if left <= 0:
                raise TemporaryFetchError(ask.subject, f"timeout: over {self._budget(ask.kind):.0f} s in redirects")
            try:
                with Deadline(left) as deadline:
                    return self._send(url, ask, deadline, login), self._clock() - begun
            finally:
                ask.took.append(self._clock() - begun)

    def _respect_pause(self, host: str, ask: _Ask) -> None:
        pause = self._hosts.paused_for(host)
        if pause > 0:
            raise TemporaryFetchError(ask.subject, f"paused: {host} asked for a pause", 429, pause)

    def _obey_robots(self, url: str, ask: _Ask) -> None:
        verdict = self._robots.ask(url)
        if verdict.unavailable:
            raise TemporaryFetchError(ask.subject, f"robots: {verdict.unavailable}")
        if not verdict.allowed:
            raise RefusedError(ask.subject, "robots: robots.txt does not allow this page")
        if verdict.crawl_delay:
            self._hosts.slow_down(urlsplit(url).hostname or "", verdict.crawl_delay)

    def _send(self, url: str, ask: _Ask, deadline: Deadline, login: tuple[str, str] | None) -> _Answer:
        headers = {
            "User-Agent": self._settings.user_agent,
            "Accept-Encoding": "gzip, deflate, br",
            "Connection": "close",
        }
        adapter = PinnedAdapter(https=url.startswith("https:"), allowed=self._allowed, deadline=deadline)
        timeout = (
            min(self._settings.connect_seconds, deadline.seconds),
            min(self._settings.read_seconds, deadline.seconds),
        )
        try:
            # prepared without a session: no cookies, no .netrc, no proxies, no draining of redirects
            request = requests.Request("GET", url, headers=headers | ask.headers, auth=login).prepare()
            with closing(adapter), closing(adapter.send(request, stream=True, timeout=timeout)) as response:
                answer = _Answer(response.status_code, tuple((k.lower(), v) for k, v in response.headers.items()))
                if answer.status in _REDIRECTS or answer.status == 304:
                    return answer
                body = self._read(response.raw, answer, ask)
        except RefusedError as refused:
            raise RefusedError(ask.subject, f"address: {refused.subject}: {refused.detail}") from None
        except (requests.RequestException, HTTPError, OSError, ValueError) as exc:
            raise _explain(exc, ask.subject, deadline, self._settings) from None
        if deadline.expired:
            raise TemporaryFetchError(ask.subject, f"timeout: not done within {deadline.seconds:.0f} s")
        return _Answer(answer.status, answer.headers, body)

    def _read(self, raw: BaseHTTPResponse, answer: _Answer, ask: _Ask) -> bytes:
        """The decoded body, in small steps, so that neither a bomb nor an endless stream fills memory."""
        good = answer.status in _GOOD
        limit = ask.max_bytes if good else _CHUNK  # of an error page the beginning tells enough
        encodings = {e.strip().lower() for e in answer.header("content-encoding").split(",")}
        if good and not encodings <= _ENCODINGS:
            raise FetchError(ask.subject, f"encoding: {answer.header('content-encoding')[:40]} was not asked for")
        parts: list[bytes] = []
        size = 0
        while chunk := raw.read1(_CHUNK, decode_content=True):
            size += len(chunk)
            parts.append(chunk)
            if size > limit or raw.tell() > self._settings.max_wire_bytes:
                if not good or ask.kind == "robots":
                    break
                raise TooLargeError(ask.subject, f"more than {limit} bytes decoded, or too many on the wire")
        return b"".join(parts)[: limit if not good else None]

    def _judge(self, url: str, ask: _Ask, answer: _Answer, now: datetime | None) -> None:
        """Raise for an answer that gives no body."""
        status = answer.status
        if status in _GOOD or (status == 304 and ask.conditional):
            return
        if status == 304:
            raise FetchError(ask.subject, "HTTP 304 to an unconditional request", status)
        wait = retry_after(answer.header("retry-after"), now)
        if status in {429, 503} and wait:
            self._hosts.pause(urlsplit(url).hostname or "", wait)
        detail = f"HTTP {status}"
        if status in {403, 429, 503} and (answer.header("cf-mitigated") or _CHALLENGE.search(answer.body)):
            raise TemporaryFetchError(ask.subject, f"challenge: {detail} asks for a browser", status, wait)
        if status in _TEMPORARY or status >= 500:
            raise TemporaryFetchError(ask.subject, detail, status, wait)
        raise FetchError(ask.subject, detail, status, wait)


def retry_after(value: str, now: datetime | None) -> float | None:
    """Seconds of a Retry-After header, a number or a date; None for what is neither, past or absent.

    >>> retry_after("120", None), retry_after("-5", None), retry_after("soon", None)
    (120.0, None, None)
    """
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,15}", value):
        seconds = float(value)
    else:
        try:
            seconds = (parsedate_to_datetime(value) - now).total_seconds() if now else 0.0
        except (ValueError, TypeError, IndexError, OverflowError):  # no date, or one without a zone
            return None
    return min(seconds, _MAX_RETRY_AFTER) if seconds > 0 else None


def _clean(url: str, subject: str) -> str:
    """An address that can be asked: http or https, a host, everything else percent-encoded once."""
    try:
        parts = urlsplit(url.strip())
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        raise RefusedError(subject, "address: it cannot be read") from None
    if parts.scheme not in {"http", "https"}:
        raise RefusedError(subject, f"scheme: {parts.scheme[:20] or 'none'} is not http or https")
    if not parts.hostname or not port_ok:
        raise RefusedError(subject, "address: it names no host")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]|")
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def _spelled(location: str) -> str:
    """The address in a Location header, whose bytes come as Latin-1: mostly UTF-8, else left as the bytes they are."""
    raw = location.encode("latin-1")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return quote(raw, safe=_ASCII)


def _split_login(url: str) -> tuple[tuple[str, str] | None, str]:
    """Take user and password out of an address."""
    parts = urlsplit(url)
    _, at, netloc = parts.netloc.rpartition("@")
    login = (unquote(parts.username or ""), unquote(parts.password or "")) if at else None
    return login, urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _explain(exc: Exception, subject: str, deadline: Deadline, settings: config.Http) -> FetchError:
    """Our error for one of requests, urllib3 or the socket; their words are not used, for they quote the address."""
    causes = _causes(exc)
    if deadline.expired:
        return TemporaryFetchError(subject, f"timeout: not done within {deadline.seconds:.0f} s")
    if any(isinstance(c, ssl.SSLError) for c in causes):
        inner = next(c for c in causes if isinstance(c, ssl.SSLError))
        return FetchError(subject, f"tls: {getattr(inner, 'verify_message', '') or inner.reason or 'handshake failed'}")
    if any(isinstance(c, requests.exceptions.ConnectTimeout) for c in causes):
        return TemporaryFetchError(subject, f"timeout: no connection within {settings.connect_seconds:.0f} s")
    if any(isinstance(c, requests.Timeout | TimeoutError) or "Timeout" in type(c).__name__ for c in causes):
        return TemporaryFetchError(subject, f"timeout: no byte within {settings.read_seconds:.0f} s")
    if any(type(c).__name__ == "gaierror" for c in causes) or "resolve" in str(exc):
        return TemporaryFetchError(subject, "dns: the host has no address")
    if any(isinstance(c, DecodeError) for c in causes):
        return FetchError(subject, "encoding: the body does not decode")
    if isinstance(exc, ValueError) and not isinstance(exc, requests.ConnectionError):
        return FetchError(subject, "address: it cannot be asked")
    said = next((words for kind, words in _CONNECTION.items() if any(isinstance(c, kind) for c in causes)), None)
    return TemporaryFetchError(subject, f"connection: {said or type(causes[-1]).__name__}")


def _causes(exc: BaseException) -> list[BaseException]:
    """An exception and all that it wraps, outermost first."""
    found: list[BaseException] = []
    waiting: list[object] = [exc]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found
