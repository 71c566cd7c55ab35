"""What may be connected to, and for how long: the address guard and the deadline under every GET.

requests-hardened looks a host up once, checks the address and pins the connection to it, so that a
name that changes its address between check and connect gains nothing. We add what it leaves out:
ports, an allow-list of private networks, further special networks, bounded name look-ups, and a
deadline that also ends a server that sends one byte a second (a socket time-out never does).
"""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES, InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from tocsin.errors import RefusedError, TemporaryFetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
T = TypeVar("T")

# it warns of every private address, of those in our allow-list too; a refusal is an error of ours and is told once
logging.getLogger("requests_hardened.ip_filter").setLevel(logging.ERROR)

PORTS = frozenset({80, 443, 8080, 8443})
_MORE_BLOCKED = tuple(ipaddress.ip_network(n) for n in ("64:ff9b::/96", "fec0::/10", "0.0.0.0/8", "240.0.0.0/4"))


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks of an allow-list; raises ValueError for one that is none."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def is_public(address: Address) -> bool:
    """True for an address that only the open internet can have.

    >>> is_public(ipaddress.ip_address("93.184.216.34")), is_public(ipaddress.ip_address("64:ff9b::7f00:1"))
    (True, False)
    """
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(mapped)
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address in network for network in (*EXTRA_BLOCKED_NET_RANGES, *_MORE_BLOCKED))


class Deadline:
    """A time limit for one hop that holds through headers, TLS and body alike.

    When it passes, every socket that the hop opened is shut down, which wakes a blocked read. The
    sockets are kept as duplicates: TLS takes the original object away, and a number could be reused.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.expired = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        _HOP.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _HOP.deadline = None
        with self._lock:
            for sock in self._sockets:
                sock.close()
            self._sockets.clear()

    def watch(self, sock: socket.socket) -> None:
        """Shut this socket down when time is up."""
        with self._lock:
            copy = socket.socket(fileno=os.dup(sock.fileno()))
            self._sockets.append(copy)
            if self.expired:
                _shut(copy)

    def bounded(self, work: Callable[[], T], what: str) -> T:
        """Run something that cannot be interrupted (a name look-up), but wait for it only so long.

        Raises:
            TemporaryFetchError: it took longer than the deadline.
        """
        answer: list[T] = []
        failure: list[BaseException] = []

        def run() -> None:
            try:
                answer.append(work())
            except BaseException as exc:  # noqa: BLE001 - handed to the waiting thread below
                failure.append(exc)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(self.seconds)
        if failure:
            raise failure[0]
        if not answer:
            raise TemporaryFetchError(what, f"dns: no answer within {self.seconds:.0f} s")
        return answer[0]

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            for sock in self._sockets:
                _shut(sock)


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the peer was faster


class _Hop(threading.local):
    """The deadline of the hop that this thread is making; urllib3 gives us no other way to it."""

    deadline: Deadline | None = None


_HOP = _Hop()


class _WatchedHttp(HTTPConnection):
    """Tells the deadline of its socket."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        if _HOP.deadline is not None:
            _HOP.deadline.watch(sock)
        return sock


class _WatchedHttps(HTTPSConnection):
    """Tells the deadline of its socket, before TLS wraps it."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        if _HOP.deadline is not None:
            _HOP.deadline.watch(sock)
        return sock


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = cast(Any, _WatchedHttp)


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = cast(Any, _WatchedHttps)


class PinnedAdapter(IPFilterAdapter):  # type: ignore[misc]  # requests-hardened is not typed
    """One hop to one checked address. Used once and closed: a reused connection would escape the deadline."""

    def __init__(self, *, https: bool, allowed: tuple[Network, ...], deadline: Deadline) -> None:
        self._allowed = allowed
        self._deadline = deadline
        super().__init__(is_https_proto=https)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make pools whose connections the deadline can end."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Look the host up, check the address and the port, and pin the connection to it.

        Raises:
            RefusedError: the address is private, or the port is none of ours.
        """
        host = urlsplit(request.url or "").hostname or ""
        return self._deadline.bounded(lambda: self._pin(request, verify, cert, host), host)

    def _pin(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any, host: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        try:
            host_params, pool_kwargs = super().build_connection_pool_key_attributes(request, verify, cert)
            address = ipaddress.ip_address(host_params["host"].strip("[]").split("%")[0])
        except InvalidIPAddress as refused:
            address = refused.args[0]
            host_params, pool_kwargs = HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
            host_params["host"] = f"[{address}]" if address.version == 6 else str(address)
            if self._is_https_proto:
                cast(dict[str, Any], pool_kwargs).update(assert_hostname=host, server_hostname=host)
        if any(address in network for network in self._allowed):
            return host_params, pool_kwargs
        if not is_public(address):
            raise RefusedError(host, f"private address {address}; http.allow_private_addresses lists exceptions")
        port = host_params["port"] or (443 if self._is_https_proto else 80)
        if port not in PORTS:
            raise RefusedError(host, f"port {port} is not one of {sorted(PORTS)}")
        return host_params, pool_kwargs
