"""The guarded GET against servers that are slow, lying, hostile or only strict; all on loopback sockets."""

from __future__ import annotations

import gzip
import resource
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest

from scrapers.hosts import Hosts
from scrapers.http import Http, retry_after
from tocsin import config
from tocsin.errors import FetchError, RefusedError, TemporaryFetchError, TocsinError, TooLargeError

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
AGENT = "Tocsin/1.0 (+https://tocsin.example; desk@example.org)"
Answer = Callable[["_Handler"], None]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    routes: ClassVar[dict[str, Answer]]
    seen: ClassVar[list[tuple[str, dict[str, str], float]]]

    def do_GET(self) -> None:
        self.seen.append((self.path, dict(self.headers), time.monotonic()))
        self.routes.get(self.path.split("?")[0], reply(404))(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - their name
        return


def reply(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """An answer with those headers (``Retry_After`` for Retry-After)."""

    def answer(handler: _Handler) -> None:
        handler.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if body:
            handler.wfile.write(body)

    return answer


class Site:
    """A running server: its base address and the requests that it saw."""

    def __init__(self, port: int, seen: list[tuple[str, dict[str, str], float]]) -> None:
        self.base, self.port, self.seen = f"http://127.0.0.1:{port}", port, seen

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [path for path, _, _ in self.seen]


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        return  # clients hang up on purpose here


@contextmanager
def serve(routes: dict[str, Answer]) -> Iterator[Site]:
    """A server on a free port."""
    handler = type("Handler", (_Handler,), {"routes": routes, "seen": []})
    with _Quiet(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Site(server.server_address[1], handler.seen)
        server.shutdown()


def http(**more: Any) -> Http:
    """A client that may talk to 127.0.0.0/8 and does not dawdle."""
    given = {"per_host_delay_seconds": 0, "feed_deadline_seconds": 0.6, "page_deadline_seconds": 0.6, "read_seconds": 5}
    return Http(config.Http(user_agent=AGENT, **({"allow_private_addresses": ("127.0.0.0/8",)} | given | more)))


def get(client: Http, url: str, **more: Any) -> Any:
    """One GET of a feed."""
    return client.get(url, **({"kind": "feed", "now": NOW} | more))


def test_a_plain_answer_and_what_the_server_saw() -> None:
    """We name ourselves, ask for gzip, and send neither cookie nor Referer; the body comes decoded."""
    packed = gzip.compress(b"<rss/>")
    with serve({"/f": reply(200, packed, Content_Encoding="gzip", ETag='W/"a-gzip"', Set_Cookie="a=b")}) as site:
        client = http()
        fetched = get(client, site.base + "/f?b=1&a=%C3%A9")
        get(client, site.base + "/f")
    assert (fetched.status, fetched.body, fetched.header("etag")) == (200, b"<rss/>", 'W/"a-gzip"')
    assert site.paths()[0] == "/f?b=1&a=%C3%A9"
    headers = {k.lower(): v for k, v in site.seen[1][1].items()}
    assert headers["user-agent"] == AGENT
    assert "gzip" in headers["accept-encoding"]
    assert not {"cookie", "referer", "if-none-match", "if-modified-since"} & set(headers)


def test_validators_travel_byte_for_byte_and_a_304_is_a_value() -> None:
    """Quotes, W/ and suffixes are the server's business."""
    with serve({"/f": reply(304, ETag='W/"b"')}) as site:
        fetched = get(http(), site.base + "/f", etag='W/"a-gzip"', last_modified="Mon, 29 Jun 2026 10:00:00 GMT")
    assert fetched.not_modified
    assert fetched.body == b""
    assert site.seen[0][1]["If-None-Match"] == 'W/"a-gzip"'
    assert site.seen[0][1]["If-Modified-Since"] == "Mon, 29 Jun 2026 10:00:00 GMT"


def _drip(handler: _Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def _dripping_redirect(handler: _Handler) -> None:
    reply(302, b"moved", Location="/good", Content_Length="1000")(handler)
    time.sleep(0.5)


def _drip_headers(handler: _Handler) -> None:
    for char in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 400:
        handler.wfile.write(bytes([char]))
        handler.wfile.flush()
        time.sleep(0.05)


def _hang(handler: _Handler) -> None:
    time.sleep(3)


def _endless(handler: _Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while True:
        handler.wfile.write(b"10000\r\n" + b"z" * 0x10000 + b"\r\n")


def _cut(handler: _Handler) -> None:
    reply(200, b"abc", Content_Length="1000")(handler)
    handler.close_connection = True


def _many_headers(handler: _Handler) -> None:
    reply(200, b"ok", **{f"X_{n}": "1" for n in range(150)})(handler)


_BOMB = gzip.compress(b"\0" * 60_000_000)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (_hang, TemporaryFetchError, "timeout: "),
        (_drip, TemporaryFetchError, "timeout: "),
        (_drip_headers, TemporaryFetchError, "timeout: "),
        (_endless, TooLargeError, "more than"),
        (reply(200, _BOMB, Content_Encoding="gzip"), TooLargeError, "more than"),
        (_cut, TemporaryFetchError, "connection: "),
        (_many_headers, TemporaryFetchError, "connection: "),
        (reply(200, b"??", Content_Encoding="zstd"), FetchError, "encoding: zstd"),
        (reply(200, b"no gzip", Content_Encoding="gzip"), FetchError, "encoding: "),
        (reply(304), FetchError, "HTTP 304 to an unconditional"),
        (reply(404), FetchError, "HTTP 404"),
        (reply(503, b"busy"), TemporaryFetchError, "HTTP 503"),
        (reply(403, b"<title>Just a moment...</title>"), TemporaryFetchError, "challenge: HTTP 403"),
        (reply(302, Location="file:///etc/passwd"), RefusedError, "scheme: file"),
        (reply(302, Location="http://10.0.0.1/"), RefusedError, "private address 10.0.0.1"),
        (reply(302, Location="http://[::ffff:10.0.0.1]/"), RefusedError, "private address"),
        (reply(301, Location="/x"), RefusedError, "redirect: a loop"),
    ],
    ids=[
        "hangs", "drips its body", "drips its headers", "never ends", "gzip bomb", "lies about its length",
        "150 headers", "unknown encoding", "broken gzip", "unasked 304", "404", "503", "challenge",
        "redirect to a file", "redirect to a private address", "redirect to a mapped address", "redirect loop",
    ],
)  # fmt: skip
def test_a_bad_answer_ends_in_time_and_in_words(answer: Answer, error: type[TocsinError], says: str) -> None:
    """The exact class and the opening words matter: the schedule reads them."""
    started = time.monotonic()
    with serve({"/x": answer}) as site, pytest.raises(error) as caught:
        get(http(max_feed_bytes=2_000_000, max_wire_bytes=1_000_000), site.base + "/x")
    assert type(caught.value) is error
    assert says in caught.value.detail
    assert caught.value.subject.startswith(site.base)
    assert time.monotonic() - started < 2.5


def test_the_body_of_a_redirect_is_never_read() -> None:
    """A bomb on a 302 costs neither memory nor time."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = reply(302, _BOMB, Content_Encoding="gzip", Location="/good")
    with serve({"/x": bomb, "/slow": _dripping_redirect, "/good": reply(200, b"fine")}) as site:
        fetched = get(http(), site.base + "/x")
        started = time.monotonic()
        assert get(http(), site.base + "/slow").body == b"fine"
    assert time.monotonic() - started < 0.4
    assert fetched.body == b"fine"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB


def test_hops_are_counted_and_permanence_needs_every_one() -> None:
    """Five hops pass, six do not; one 302 makes a chain temporary."""
    chain = {f"/{n}": reply(301, Location=f"/{n + 1}") for n in range(6)} | {"/6": reply(200, b"end")}
    mixed = {"/a": reply(308, Location="/b"), "/b": reply(302, Location="/6")}
    with serve(chain | mixed) as site:
        assert get(http(), site.base + "/1").permanent
        assert not get(http(), site.base + "/a").permanent
        assert not get(http(), site.base + "/6").permanent
        with pytest.raises(RefusedError, match="more than 5 hops"):
            get(http(), site.base + "/0")


def test_a_password_stays_with_its_host() -> None:
    """Basic auth of an address is sent to its host, on its redirects too, and to no other; no error shows it."""
    with serve({"/end": reply(200, b"ok")}) as other:
        routes = {"/a": reply(302, Location="/b"), "/b": reply(302, Location=other.base + "/end"), "/no": reply(401)}
        with serve(routes) as site:
            get(http(), f"http://me:hunter2@127.0.0.1:{site.port}/a")
            with pytest.raises(FetchError) as caught:
                get(http(), f"http://me:hunter2@127.0.0.1:{site.port}/no?token=abc123")
    assert ["Authorization" in headers for _, headers, _ in site.seen[:2]] == [True, True]
    assert "Authorization" not in other.seen[0][1]
    assert "hunter2" not in str(caught.value)
    assert "abc123" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "0.0.0.0", "10.1.2.3", "172.16.0.1",
        "192.168.1.1", "169.254.169.254", "100.64.0.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "[fec0::1]", "[fe80::1]", "[fc00::1]", "224.0.0.1", "255.255.255.255", "192.0.2.1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused_without_a_packet(address: str) -> None:
    """Every spelling of every special network, on a port that would be allowed."""
    with pytest.raises(RefusedError, match="private address"):
        get(http(allow_private_addresses=()), f"http://{address}:8080/")


def test_a_port_of_another_service_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """SMTP and Redis listen on public addresses too."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 25))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
    with pytest.raises(RefusedError, match="port 25"):
        get(http(), "http://mail.example:25/")


def test_a_name_that_changes_its_address_is_pinned_to_the_checked_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the look-up happens once, and the connection goes where the check looked."""
    asked: list[str] = []

    def resolve(host: str, port: int, *a: Any, **k: Any) -> Any:
        if host == "rebind.example":
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]
        return real(host, port, *a, **k)

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with serve({"/f": reply(200, b"ok")}) as site:
        assert get(http(), f"http://rebind.example:{site.port}/f").body == b"ok"
    assert len(asked) == 1
    assert site.seen[0][1]["Host"] == f"rebind.example:{site.port}"


def test_a_name_server_that_hangs_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look-up cannot be interrupted, but nobody has to wait for it."""
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: released.wait(5))
    started = time.monotonic()
    with pytest.raises(TemporaryFetchError, match="dns: "):
        get(http(), "http://slow.example/")
    released.set()
    assert time.monotonic() - started < 1.5


def test_a_name_that_does_not_exist_and_a_closed_port() -> None:
    """Both may heal, and say which they are."""
    with pytest.raises(TemporaryFetchError, match="dns: "):
        get(http(), "http://no-such-host.invalid/")
    with pytest.raises(TemporaryFetchError, match="connection: "):
        get(http(), "http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1000000000", 604_800.0),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), 180.0),
        (format_datetime(NOW - timedelta(minutes=3), usegmt=True), None),
    ],
    ids=["seconds", "zero", "negative", "word", "nothing", "thirty years", "date", "past date"],
)
def test_retry_after_is_read_in_every_form(value: str, seconds: float | None) -> None:
    """What cannot be a pause is none."""
    assert retry_after(value, NOW) == seconds


def test_a_429_pauses_its_host_without_sleeping() -> None:
    """The pause is for the caller to keep; a second request in it does not leave the house."""
    with serve({"/f": reply(429, Retry_After="77"), "/g": reply(200, b"ok")}) as site:
        client = http()
        started = time.monotonic()
        with pytest.raises(TemporaryFetchError) as first:
            get(client, site.base + "/f")
        with pytest.raises(TemporaryFetchError, match="asked for a pause") as second:
            get(client, site.base + "/g")
    assert (first.value.status, first.value.retry_after) == (429, 77.0)
    assert second.value.retry_after == pytest.approx(77, abs=2)
    assert site.paths() == ["/f"]
    assert time.monotonic() - started < 1


def test_one_request_at_a_time_for_each_host_and_a_pause_between() -> None:
    """Eight threads on one host: requests stand apart."""
    with serve({"/f": reply(200, b"ok")}) as site:
        client = http(per_host_delay_seconds=0.1)
        with ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(get, client, site.base + "/f") for _ in range(4)]
            assert [job.result().status for job in jobs] == [200] * 4
    times = [at for _, _, at in site.seen]
    assert min(b - a for a, b in pairwise(times)) >= 0.09


def test_a_host_that_is_slow_holds_up_no_other() -> None:
    """Turns are per host: while one is taken, another is free."""
    waits: list[float] = []
    hosts = Hosts(2.0, clock=lambda: 100.0, sleep=waits.append)
    with hosts.turn("a.example"), hosts.turn("b.example"):
        pass
    with hosts.turn("A.example"):
        pass
    assert waits == [2.0]


_ROBOTS = b"User-agent: *\nDisallow: /\n\nUser-agent: Tocsin\nDisallow: /private\nCrawl-delay: 0.2\n"


def test_robots_txt_rules_pages_and_not_feeds() -> None:
    """Asked once for many pages, by our own name; a feed was subscribed to by a person."""
    with serve({"/robots.txt": reply(200, _ROBOTS), "/a": reply(200, b"ok"), "/private": reply(200, b"ok")}) as site:
        client = http()
        with pytest.raises(RefusedError, match="robots: "):
            get(client, site.base + "/private", kind="page")
        get(client, site.base + "/a", kind="page")
        get(client, site.base + "/a", kind="page")
        get(client, site.base + "/private", kind="feed")
    assert site.paths() == ["/robots.txt", "/a", "/a", "/private"]
    assert site.seen[2][2] - site.seen[1][2] >= 0.19  # Crawl-delay


@pytest.mark.parametrize(
    ("robots", "error"),
    [(reply(404), None), (reply(403), None), (reply(500), TemporaryFetchError), (_hang, TemporaryFetchError)],
    ids=["404 allows", "403 allows", "500 forbids for now", "silence forbids for now"],
)
def test_a_robots_txt_that_cannot_be_had(robots: Answer, error: type[TocsinError] | None) -> None:
    """RFC 9309: a client error allows everything, a server error nothing."""
    with serve({"/robots.txt": robots, "/a": reply(200, b"ok")}) as site:
        if error is None:
            assert get(http(), site.base + "/a", kind="page").body == b"ok"
        else:
            with pytest.raises(error, match="robots: "):
                get(http(), site.base + "/a", kind="page")


def test_after_close_nothing_is_asked() -> None:
    """Threads that still wait for their turn come back empty-handed."""
    with serve({"/f": reply(200, b"ok")}) as site:
        client = http()
        client.close()
        with pytest.raises(TemporaryFetchError, match="shutting down"):
            get(client, site.base + "/f")
    assert site.seen == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, made here: none is kept in the repository."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate to serve")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", *curve, "-days", "2", *names, "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@contextmanager
def _tls(answer: Answer, certificate: tuple[Path, Path]) -> Iterator[str]:
    """A TLS server; shut down before it is closed, or its thread serves whoever gets its socket's number."""
    handler = type("Handler", (_Handler,), {"routes": {"/x": answer}, "seen": []})
    server = _Quiet(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}/x"
        finally:
            server.shutdown()


def test_a_certificate_of_nobody_is_a_tls_error(certificate: tuple[Path, Path]) -> None:
    """Never an unchecked connection; the words say what is wrong with it."""
    with _tls(reply(200, b"ok"), certificate) as url, pytest.raises(FetchError, match="tls: ") as caught:
        get(http(), url)
    assert "certificate" in caught.value.detail


def test_tls_is_checked_and_a_drip_inside_it_ends_in_time(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS takes the socket away from the object that we saw; the deadline must reach it all the same."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate[0]))
    with _tls(reply(200, b"ok"), certificate) as url:
        assert get(http(feed_deadline_seconds=5), url).body == b"ok"
    started = time.monotonic()
    with _tls(_drip, certificate) as url, pytest.raises(TemporaryFetchError, match="timeout: "):
        get(http(), url)
    assert time.monotonic() - started < 1.6


def test_a_handshake_that_never_comes_ends_in_time() -> None:
    """A port that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(TemporaryFetchError, match="timeout: "):
            get(http(), f"https://127.0.0.1:{silent.getsockname()[1]}/")
    assert time.monotonic() - started < 1.6
