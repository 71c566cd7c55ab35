"""The conversation with a mail server: how it is opened, which codes mean what, when a mail may have arrived.

Source: RFC 5321, 4.2 (codes), 4.5.2 (dots); RFC 1047 (the final dot).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from tocsin.alerts.channels import _http
from tocsin.alerts.channels._failures import failure
from tocsin.errors import DeliveryError

LOCAL = {"localhost", "127.0.0.1", "::1"}
Tls = Literal["auto", "required", "off"]


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    tls: bool  # from the first byte
    user: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def local(self) -> bool:
        return self.host in LOCAL


def server(url: str) -> Server:
    """The parts of smtp://user:pass@host:port; the error names no part, which may be secret."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in {"smtp", "smtps"} or parts.path.strip("/"):
        raise ValueError("must be smtp://host:port or smtps://user:password@host")
    default = 465 if parts.scheme == "smtps" else 25 if host in LOCAL or not parts.username else 587
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(host, port or default, parts.scheme == "smtps", user, password)


@contextlib.contextmanager
def session(name: str, server: Server, *, tls: Tls, timeout: float) -> Iterator[smtplib.SMTP]:
    """A connection that has greeted, is encrypted where it can be, and has logged in.

    Args:
        name: The channel's, for the error.
        tls: auto: STARTTLS when the server offers it.
        timeout: Seconds, for each answer.

    Raises:
        DeliveryError: It cannot be opened; nothing was sent.
    """
    open_session = _greeted(name, server, tls, timeout)
    try:
        yield open_session
    except DeliveryError:
        _quit(open_session)
        raise
    except BaseException:
        # perhaps in the middle of a mail, where QUIT would be a line of it
        open_session.close()
        raise
    _quit(open_session)


def transact(
    name: str,
    session: smtplib.SMTP,
    mail: bytes,
    *,
    sender: str,
    recipient: str,
    copy: Callable[[], None],
    committing: Callable[[], None],
    answer_seconds: float,
) -> None:
    """MAIL, RCPT and DATA, stopping before the final dot to mark the instant.

    Args:
        copy: Names a second recipient, between the first and DATA.
        answer_seconds: For the answer to the final dot.

    Raises:
        DeliveryError: Not taken; ``sure`` is False when the final dot was not answered.
    """
    with _sure(name):
        _expect(name, session.mail(sender), 250, poison=False)
        _expect(name, session.rcpt(recipient), 250, poison=True)
        copy()
        _expect(name, session.docmd("DATA"), 354, poison=True)
        session.send(stuffed(mail))
    committing()
    try:
        if session.sock:
            session.sock.settimeout(answer_seconds)
        session.send(b".\r\n")
        answer = session.getreply()
    except (OSError, smtplib.SMTPException) as exc:
        detail = f"no answer to the final dot ({failure(exc)})"
        raise DeliveryError(name, detail, retryable=True, sure=False) from None
    if not 200 <= answer[0] < 300 and answer[0] < 400:
        raise DeliveryError(name, "an odd answer to the final dot", retryable=True, sure=False)
    if answer[0] >= 400:
        raise refused(name, *answer, poison=True)


def _greeted(name: str, server: Server, tls: Tls, timeout: float) -> smtplib.SMTP:
    context = ssl.create_default_context()
    with _sure(name):
        session: smtplib.SMTP
        if server.tls:
            session = smtplib.SMTP_SSL(local_hostname=_helo(), timeout=timeout, context=context)
        else:
            session = smtplib.SMTP(local_hostname=_helo(), timeout=timeout)
        vars(session)["_host"] = server.host  # smtplib checks a certificate against it, and sets it only in __init__
        try:
            _expect(name, session.connect(server.host, server.port), 220, poison=False)
            session.ehlo_or_helo_if_needed()
            _encrypt(name, session, server, tls, context)
            if server.user:
                session.login(server.user, server.password)
        except BaseException:
            session.close()
            raise
    return session


def _encrypt(name: str, session: smtplib.SMTP, server: Server, tls: Tls, context: ssl.SSLContext) -> None:
    offered = session.has_extn("starttls")
    # on this machine nobody listens in, and a local Postfix has a certificate that nobody signed
    wanted = tls == "required" or (tls == "auto" and offered and not server.local)
    if not server.tls and wanted:
        if not offered:
            raise mendable(name, "the server offers no STARTTLS, and tls is required")
        session.starttls(context=context)
        session.ehlo_or_helo_if_needed()
        return
    if server.user and not server.tls and not server.local:
        raise mendable(name, "the password would travel in clear; use smtps://, or a server with STARTTLS")


def _quit(session: smtplib.SMTP) -> None:
    """Part politely; the answer that counts has been read, so a server that hangs here undoes nothing."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if session.sock:
            session.sock.settimeout(2.0)
        session.docmd("QUIT")
    session.close()


@contextlib.contextmanager
def _sure(name: str) -> Iterator[None]:
    """Everything that fails here failed before the final dot: the mail surely did not arrive."""
    try:
        yield
    except smtplib.SMTPResponseException as exc:
        raise refused(name, int(exc.smtp_code), exc.smtp_error, poison=False) from None
    except ssl.SSLCertVerificationError:
        raise mendable(name, "the server's certificate is not trusted; see the host's name, or set tls: off") from None
    except smtplib.SMTPNotSupportedError:
        raise mendable(name, "the server does not offer to log in; see the address") from None
    except (OSError, smtplib.SMTPException, UnicodeError) as exc:
        raise DeliveryError(name, f"not sent ({failure(exc)})", retryable=True) from None


def _expect(name: str, answer: tuple[int, bytes], wanted: int, *, poison: bool) -> None:
    code, words = answer
    # RCPT may say 251 or 252: it will see to it
    if code != wanted and not (wanted == 250 and code in (251, 252)):
        raise refused(name, code, words, poison=poison)


def refused(name: str, code: int, words: bytes | str, *, poison: bool) -> DeliveryError:
    """What an SMTP code means.

    Args:
        poison: A 5xx concerns this mail or this recipient; otherwise it concerns the whole channel.
    """
    said = str(code)
    if status := re.match(rb"\s*(\d\.\d{1,3}\.\d{1,3})\b", words if isinstance(words, bytes) else words.encode()):
        # the rest of the words is not quoted: servers repeat addresses and user names in it
        said = f"{code} {status.group(1).decode()}"
    if 400 <= code < 500:
        return DeliveryError(name, f"SMTP {said}: later", retryable=True)
    if code >= 500 and poison:
        return DeliveryError(name, f"SMTP {said}: refused for good")
    if code >= 500:
        return mendable(name, f"SMTP {said}; see the address, the user and the sender")
    # -1: the line was not SMTP at all; 2xx or 3xx out of turn
    return DeliveryError(name, f"SMTP {said}: not an answer to what was asked", retryable=True)


def mendable(name: str, detail: str) -> DeliveryError:
    return DeliveryError(name, detail, retryable=True, retry_after=_http.MENDABLE_PAUSE)


def stuffed(mail: bytes) -> bytes:
    """The mail as DATA wants it: CR LF, leading dots doubled, no final dot."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", mail)
    stuffed = re.sub(rb"(?m)^\.", b"..", lines)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _helo() -> str:
    """Our own name; without asking a name server, which may take seconds."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
