"""What may be connected to, and for how long: the address guard and the deadline under every GET.

A host is looked up once, all its addresses are checked, and the connection goes to these and nowhere
else, so that a name that changes its address between check and connect gains nothing. The list of
special networks is that of requests-hardened, and ours; its adapter takes the first address only.
The deadline also ends a server that sends one byte a second, which a socket time-out never does.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

from tocsin.errors import RefusedError, TemporaryFetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
T = TypeVar("T")

MAX_ADDRESSES = 8  # of one host
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
        _HOP.deadline, _HOP.addresses = None, ()
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
    """What the hop that this thread is making may use; urllib3 gives us no other way to its connections."""

    deadline: Deadline | None = None
    addresses: Sequence[str] = ()  # checked


_HOP = _Hop()


def _connected(connection: HTTPConnection, connect: Callable[[], socket.socket]) -> socket.socket:
    """A socket to the first of the checked addresses that answers, told to the deadline before TLS wraps it."""
    last = len(_HOP.addresses) - 1
    for number, address in enumerate(_HOP.addresses):
        connection._dns_host = address
        try:
            sock = connect()
        except (NewConnectionError, ConnectTimeoutError):
            if number == last or (_HOP.deadline is not None and _HOP.deadline.expired):
                raise
            continue
        if _HOP.deadline is not None:
            _HOP.deadline.watch(sock)
        return sock
    raise NewConnectionError(connection, "no checked address")


class _WatchedHttp(HTTPConnection):
    """Goes to checked addresses only."""

    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn)


class _WatchedHttps(HTTPSConnection):
    """The same over TLS."""

    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = cast(Any, _WatchedHttp)


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = cast(Any, _WatchedHttps)


class PinnedAdapter(HTTPAdapter):
    """One hop to the checked addresses of a host. Used once: a connection kept open would escape the deadline."""

    def __init__(self, *, https: bool, allowed: tuple[Network, ...], deadline: Deadline) -> None:
        self._https, self._allowed, self._deadline = https, allowed, deadline
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make pools whose connections the deadline can end."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> Any:
        """Look the host up once, check all its addresses and the port, and pin the connection to them.

        Raises:
            RefusedError: an address is private, or the port is none of ours.
        """
        made = super().build_connection_pool_key_attributes(request, verify, cert)
        host_params, pool_kwargs = cast(tuple[dict[str, Any], dict[str, Any]], made)
        host = urlsplit(request.url or "").hostname or ""
        port = host_params["port"] or (443 if self._https else 80)
        found = self._deadline.bounded(lambda: _look_up(host, port), host)
        _HOP.addresses = [self._checked(host, address, port) for address in found]
        shown = f"[{host}]" if ":" in host else host
        request.headers["Host"] = f"{shown}:{host_params['port']}" if host_params["port"] else shown
        host_params["host"] = _HOP.addresses[0]
        if self._https:
            pool_kwargs.update(assert_hostname=host, server_hostname=host)
        return host_params, pool_kwargs

    def _checked(self, host: str, address: Address, port: int) -> str:
        """An address as urllib3 takes it."""
        if not any(address in network for network in self._allowed):
            if not is_public(address):
                raise RefusedError(host, f"private address {address}; http.allow_private_addresses lists exceptions")
            if port not in PORTS:
                raise RefusedError(host, f"port {port} is not one of {sorted(PORTS)}")
        return f"[{address}]" if address.version == 6 else str(address)


def _look_up(host: str, port: int) -> list[Address]:
    """The addresses of a host, in the order in which they should be tried; a mapped one as what it stands for."""
    found: dict[Address, None] = {}
    for *_, where in socket.getaddrinfo(host, port, family=allowed_gai_family(), type=socket.SOCK_STREAM):
        address = ipaddress.ip_address(str(where[0]).split("%")[0])
        found[getattr(address, "ipv4_mapped", None) or address] = None
    return list(found)[:MAX_ADDRESSES]
