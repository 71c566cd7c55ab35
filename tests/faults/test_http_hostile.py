"""The guarded GET against servers that hang, drip, lie, bomb and lead astray; all on loopback sockets."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import brotli
import pytest

from tests.fakes.site import Answer, Handler, Quiet, get, hang, http, memory_growth, reply, serve
from tocsin.errors import FetchError, RefusedError, TemporaryFetchError, TocsinError, TooLargeError


def _drip(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def _dripping_redirect(handler: Handler) -> None:
    reply(302, b"moved", Location="/good", Content_Length="1000")(handler)
    time.sleep(0.5)


def _drip_headers(handler: Handler) -> None:
    for char in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 400:
        handler.wfile.write(bytes([char]))
        handler.wfile.flush()
        time.sleep(0.05)


def _endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while True:
        handler.wfile.write(b"10000\r\n" + b"z" * 0x10000 + b"\r\n")


def _cut(handler: Handler) -> None:
    reply(200, b"abc", Content_Length="1000")(handler)
    handler.close_connection = True


def _many_headers(handler: Handler) -> None:
    reply(200, b"ok", **{f"X_{n}": "1" for n in range(150)})(handler)


_BOMB = gzip.compress(b"\0" * 60_000_000)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (hang, TemporaryFetchError, "timeout: "),
        (_drip, TemporaryFetchError, "timeout: "),
        (_drip_headers, TemporaryFetchError, "timeout: "),
        (_endless, TooLargeError, "more than"),
        (reply(200, _BOMB, Content_Encoding="gzip"), TooLargeError, "more than"),
        (_cut, TemporaryFetchError, "connection: it ended in the middle"),
        (_many_headers, TemporaryFetchError, "connection: "),
        (reply(200, b"ok", X_Long="y" * 65_536), TemporaryFetchError, "connection: "),
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
        "150 headers", "a header of 64 kB", "unknown encoding", "broken gzip", "unasked 304", "404", "503", "challenge",
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


_ZEROS = b"\0" * 60_000_000
_BOMBS = {
    "gzip": _BOMB,
    "deflate": zlib.compress(_ZEROS),
    "br": brotli.compress(_ZEROS, quality=1),
    "gzip, gzip": gzip.compress(_BOMB),
}
_NOISE = bytes(range(256)) * 1024


def _a_gigabyte(handler: Handler) -> None:
    reply(200, b"", Content_Length="1000000000")(handler)
    for _ in range(1_000_000_000 // len(_NOISE)):
        handler.wfile.write(_NOISE)


@pytest.mark.parametrize(
    "answer",
    [
        *(reply(200, bomb, Content_Encoding=encoding) for encoding, bomb in _BOMBS.items()),
        _a_gigabyte,
        _endless,
        reply(200, b"x" * 5_000_000, Content_Length="10"),
        reply(500, b"x" * 20_000_000),
    ],
    ids=[*_BOMBS, "a gigabyte", "no end", "more than its length says", "20 MB of error page"],
)
def test_no_body_fills_the_memory(answer: Answer) -> None:
    """With the caps as shipped: over in two seconds, less than 50 MB above where we stood."""
    with serve({"/x": answer}) as site, memory_growth() as grown:
        started = time.monotonic()
        with suppress(FetchError):
            get(http(feed_deadline_seconds=10), site.base + "/x")
        took = time.monotonic() - started
    assert grown[0] < 50_000_000
    assert took < 2


def test_the_cap_on_the_wire_holds_by_itself() -> None:
    """A body that is small enough unpacked may still be more than we want to pay for."""
    with serve({"/x": reply(200, b"x" * 1_500_000)}) as site, pytest.raises(TooLargeError, match="on the wire"):
        get(http(max_feed_bytes=10_000_000, max_wire_bytes=1_000_000, feed_deadline_seconds=5), site.base + "/x")


@pytest.mark.parametrize("encoding", list(_BOMBS))
def test_the_body_of_a_redirect_is_never_read(encoding: str) -> None:
    """A bomb on a 302 costs neither memory nor time."""
    bomb = reply(302, _BOMBS[encoding], Content_Encoding=encoding, Location="/good")
    with serve({"/x": bomb, "/good": reply(200, b"fine")}) as site, memory_growth() as grown:
        started = time.monotonic()
        assert get(http(feed_deadline_seconds=10), site.base + "/x").body == b"fine"
        took = time.monotonic() - started
    assert grown[0] < 20_000_000
    assert took < 1


def test_a_redirect_whose_body_drips_is_not_waited_for() -> None:
    """The next hop is asked as soon as the headers are there."""
    with serve({"/slow": _dripping_redirect, "/good": reply(200, b"fine")}) as site:
        started = time.monotonic()
        assert get(http(), site.base + "/slow").body == b"fine"
        took = time.monotonic() - started
    assert took < 0.45


def test_a_redirect_into_the_house_reads_nothing_of_it() -> None:
    """The hop is named in the error; the private host gets no packet."""
    with socket.create_server(("127.0.0.2", 0)) as inside:
        inside.settimeout(0.1)
        target = f"http://127.0.0.2:{inside.getsockname()[1]}/admin"
        refused = pytest.raises(RefusedError, match=r"127\.0\.0\.2: private address 127\.0\.0\.2")
        with serve({"/x": reply(302, _BOMB, Location=target)}) as site, refused:
            get(http(allow_private_addresses=("127.0.0.1/32",)), site.base + "/x")
        with pytest.raises(TimeoutError):
            inside.accept()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x", "gopher://127.0.0.1/"])
@pytest.mark.parametrize("redirected", [False, True], ids=["asked", "redirected"])
def test_only_http_and_https_leave_the_house(url: str, redirected: bool) -> None:
    """At every hop."""
    with serve({"/x": reply(301, Location=url)}) as site, pytest.raises(RefusedError, match="scheme: "):
        get(http(), site.base + "/x" if redirected else url)


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


def test_a_name_that_points_outside_and_inside_by_turns_never_gets_us_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the resolver says at each look-up, no connection goes to the address that is not allowed."""
    with serve({"/f": reply(200, b"ok")}) as site, socket.create_server(("127.0.0.3", site.port)) as inside:
        inside.settimeout(0.1)
        turns = count()

        def resolve(host: str, port: int, *a: Any, **k: Any) -> Any:
            address = ("127.0.0.1", "127.0.0.3")[next(turns) % 2] if host == "rebind.example" else host
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        client, answers = http(allow_private_addresses=("127.0.0.1/32",)), []
        for _ in range(6):
            try:
                answers.append(get(client, f"http://rebind.example:{site.port}/f").status)
            except RefusedError as refused:
                answers.append(refused.detail.split(";")[0])
        with pytest.raises(TimeoutError):
            inside.accept()
    assert answers == [200, "address: rebind.example: private address 127.0.0.3"] * 3


def test_a_host_with_one_address_inside_is_asked_at_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address of a name is checked, not only the one that would be taken."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 80)) for a in ("127.0.0.1", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
    with pytest.raises(RefusedError, match=r"private address 10\.0\.0\.7"):
        get(http(allow_private_addresses=("127.0.0.1/32",)), "http://both.example/")


def test_an_address_that_does_not_answer_is_passed_over_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host is not down because one of its addresses is."""
    with serve({"/f": reply(200, b"ok")}) as site:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, site.port)) for a in ("127.0.0.9", "127.0.0.1")]
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *a, **k: found if host == "two.example" else real(host, *a, **k)
        )
        assert get(http(), f"http://two.example:{site.port}/f").body == b"ok"


def test_a_name_server_that_never_answers_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
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
    with pytest.raises(TemporaryFetchError, match="connection: refused; nothing listens"):
        get(http(), "http://127.0.0.1:9/")


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
def _tls(answers: Answer | dict[str, Answer], certificate: tuple[Path, Path]) -> Iterator[str]:
    """A TLS server; shut down before it is closed, or its thread serves whoever gets its socket's number."""
    routes = answers if isinstance(answers, dict) else {"/x": answers}
    handler = type("Handler", (Handler,), {"routes": routes, "seen": []})
    server = Quiet(("127.0.0.1", 0), handler)
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


def test_a_move_from_https_to_http_is_never_for_good(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is followed, but not to be learned: nobody gives encryption up for good."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate[0]))
    with serve({"/f": reply(200, b"ok")}) as site:
        for target, permanent in ((site.base + "/f", False), ("/y", True)):
            routes = {"/x": reply(301, Location=target), "/y": reply(200, b"ok")}
            with _tls(routes, certificate) as url:
                assert get(http(feed_deadline_seconds=5), url).permanent is permanent


def test_a_handshake_that_never_comes_ends_in_time() -> None:
    """A port that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(TemporaryFetchError, match="timeout: "):
            get(http(), f"https://127.0.0.1:{silent.getsockname()[1]}/")
    assert time.monotonic() - started < 1.6


def test_a_handshake_that_drips_ends_in_time() -> None:
    """Half a record a byte at a time: no read of ours ever times out by itself."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            client, _ = server.accept()
            with client, suppress(OSError):
                for byte in b"\x16\x03\x03\x3f\xff\x02" + bytes(100):
                    client.sendall(bytes([byte]))
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(TemporaryFetchError, match="timeout: "):
            get(http(), f"https://127.0.0.1:{server.getsockname()[1]}/")
    assert time.monotonic() - started < 1.6
