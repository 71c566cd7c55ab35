"""Why a connection gave no answer: in words that name no address, and whether anything can have left before."""

from __future__ import annotations

import errno
import smtplib
import socket
import ssl

import requests

_UNTOUCHED = {errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL}
_WORDS: dict[type[BaseException], str] = {
    ConnectionRefusedError: "connection refused: nothing listens at its address",
    socket.gaierror: "its host has no address: see the name, and this machine's name server",
    ssl.SSLCertVerificationError: "its certificate is not trusted: see the host's name",
    smtplib.SMTPServerDisconnected: "the connection broke off",
    ConnectionError: "the connection broke off",
    TimeoutError: "nothing came in time",
    requests.Timeout: "nothing came in time",
}


def failure(exc: BaseException) -> str:
    """What went wrong with a connection, in words that name no address; the class of what has none.

    >>> failure(ConnectionRefusedError())
    'connection refused: nothing listens at its address'
    """
    causes = _causes(exc)
    said = next((words for kind, words in _WORDS.items() if any(isinstance(cause, kind) for cause in causes)), None)
    inner = [cause for cause in causes if isinstance(cause, (OSError, ssl.SSLError))]
    return said or type(inner[-1] if inner else exc).__name__


def untouched(exc: BaseException) -> bool:
    """True when the failure came before any byte of the message left: no name, no connection, no trust."""
    for cause in _causes(exc):
        if isinstance(cause, (socket.gaierror, ssl.SSLCertVerificationError, ConnectionRefusedError)):
            return True
        if isinstance(cause, OSError) and cause.errno in _UNTOUCHED:
            return True
    return False


def _causes(exc: BaseException) -> list[BaseException]:
    """An exception and what is wrapped in it, however the library wrapped it."""
    found: list[BaseException] = []
    todo: list[object] = [exc]
    while todo:
        cause = todo.pop()
        if isinstance(cause, BaseException) and cause not in found:
            found.append(cause)
            todo += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
    return found
