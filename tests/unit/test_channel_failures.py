"""What is told of a connection that gave no answer: words for people, and never an address."""

from __future__ import annotations

import smtplib
import socket
import ssl

import pytest
import requests
import urllib3

from tocsin.alerts.channels._failures import failure, untouched


def wrapped(cause: Exception) -> Exception:
    """As requests and urllib3 hand it on: inside the arguments of theirs, with the address in its words."""
    pool = urllib3.HTTPConnectionPool("secret.example")
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "https://secret.example/T0/B0", cause))


@pytest.mark.parametrize(
    ("error", "words", "sure"),
    [
        pytest.param(ConnectionRefusedError(111, "refused"), "connection refused", True, id="nothing listens"),
        pytest.param(socket.gaierror(-2, "unknown"), "no address", True, id="no such host"),
        pytest.param(ssl.SSLCertVerificationError("no"), "not trusted", True, id="a certificate of somebody else"),
        pytest.param(ConnectionResetError(104, "reset"), "broke off", False, id="broken off"),
        pytest.param(smtplib.SMTPServerDisconnected("gone"), "broke off", False, id="broken off, by SMTP"),
        pytest.param(TimeoutError("slow"), "in time", False, id="too slow"),
        pytest.param(ssl.SSLEOFError("eof"), "SSLEOFError", False, id="anything else, by its class"),
    ],
)
def test_a_failure_in_words(error: Exception, words: str, sure: bool) -> None:
    """The innermost cause counts, however it is wrapped."""
    for each in (error, wrapped(error)):
        assert words in failure(each)
        assert "secret" not in failure(each)
        assert untouched(each) is sure
