"""An archive mailbox over IMAP: does the server that took our mail hold it? Read only: nothing is marked as seen.

The mails are found by Message-ID or by our own header, which a list carries for each of its alerts.
Source: RFC 3501, 6.3.2 (EXAMINE), 6.4.4 (SEARCH HEADER) and 6.4.5 (BODY.PEEK).
"""

from __future__ import annotations

import contextlib
import email
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from tocsin.alerts.channels import _http
from tocsin.alerts.channels._failures import failure
from tocsin.alerts.channels._smtp import LOCAL
from tocsin.errors import DeliveryError

BEFORE = timedelta(days=2)  # the search begins so long before the delivery was made: the two clocks may differ
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIELDS = "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID X-TOCSIN-DELIVERY)])"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where the copies are, as an ``imaps://`` address says it."""

    host: str
    port: int
    tls: bool  # from the first byte; otherwise by STARTTLS, except on this machine
    user: str = field(repr=False)
    password: str = field(repr=False)
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True)
class Found:
    """A mail of ours that is there."""

    message_id: str
    keys: tuple[str, ...]  # of the deliveries in it


def mailbox(url: str) -> Mailbox:
    """The parts of imaps://user:password@host/Folder.

    Raises:
        ValueError: It is none; names no part of it, which may be secret.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.scheme not in {"imap", "imaps"} or not parts.username or parts.password is None:
        raise ValueError("must be imaps://user:password@host/Folder")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not re.fullmatch(r"[\x20-\x7e]+", folder):
        raise ValueError("has a folder that is not ASCII; write it as the server lists it")
    secure = parts.scheme == "imaps"
    return Mailbox(
        host, port or (993 if secure else 143), secure, unquote(parts.username), unquote(parts.password), folder
    )


def find(name: str, box: Mailbox, message_id: str, key: str, *, since: datetime, timeout: float) -> Found | None:
    """The mail with this Message-ID, or the list that carries this key; None when neither is there.

    Args:
        name: The channel's, for the error.
        since: When the delivery was made; the search begins two days earlier.
        timeout: Seconds, for each answer.

    Raises:
        DeliveryError: The mailbox cannot be read; nothing is known.
    """
    with _open(name, box, timeout) as session:
        numbers = _data(name, session.uid("SEARCH", *_criteria(message_id, key, since)))[0].split()
        if not numbers:
            return None
        wanted = b",".join(numbers[-50:]).decode()
        for part in _data(name, session.uid("FETCH", wanted, _FIELDS)):
            if isinstance(part, tuple):
                header = email.message_from_bytes(part[1])
                here = str(header["Message-ID"] or "").strip()
                keys = tuple(str(header["X-Tocsin-Delivery"] or "").split())
                if here == message_id or key in keys:
                    return Found(here, keys)
    return None


def probe(name: str, box: Mailbox, timeout: float) -> str:
    """How many mails the mailbox holds, in words.

    Raises:
        DeliveryError: It cannot be read, and how to mend that.
    """
    with _open(name, box, timeout) as session:
        held = _data(name, session.uid("SEARCH", "ALL"))[0].split()
        return f"the archive mailbox {box.folder} holds {len(held)} mails"


def _criteria(message_id: str, key: str, since: datetime) -> tuple[str, ...]:
    first = since - BEFORE
    date = f"{first.day:02d}-{_MONTHS[first.month - 1]}-{first.year}"
    by_id, by_key = ("HEADER", "Message-ID", _quoted(message_id)), ("HEADER", "X-Tocsin-Delivery", _quoted(key))
    return ("SINCE", date, "OR", *by_id, *by_key)


@contextlib.contextmanager
def _open(name: str, box: Mailbox, timeout: float) -> Iterator[imaplib.IMAP4]:
    """A session in the mailbox; every failure is a look-up that did not happen."""
    try:
        with _connected(name, box, timeout) as session:
            _log_in(name, session, box)
            if session.select(_quoted(box.folder), readonly=True)[0] != "OK":
                raise _mendable(name, "the archive mailbox has no such folder; see archive_imap")
            yield session
    except ssl.SSLCertVerificationError:
        raise _mendable(name, "the archive mailbox's certificate is not trusted; see the host's name") from None
    except (imaplib.IMAP4.error, OSError, ValueError) as exc:
        # the words of a server may repeat names and searches: only the kind of failure is told
        said = f"the archive mailbox cannot be read ({failure(exc)})"
        raise DeliveryError(name, said, retryable=True, sure=False) from None


def _connected(name: str, box: Mailbox, timeout: float) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if box.tls:
        return imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=timeout)
    session = imaplib.IMAP4(box.host, box.port, timeout=timeout)
    if box.host not in LOCAL:
        try:
            session.starttls(context)
        except imaplib.IMAP4.error:
            session.shutdown()
            raise _mendable(name, "the archive mailbox offers no encryption; use imaps://") from None
        except BaseException:
            session.shutdown()
            raise
    return session


def _log_in(name: str, session: imaplib.IMAP4, box: Mailbox) -> None:
    try:
        session.login(box.user, box.password)
    except imaplib.IMAP4.abort:
        raise  # the line broke: nothing was said about the password
    except imaplib.IMAP4.error:
        raise _mendable(name, "the archive mailbox refuses the log-in; see archive_imap") from None


def _data(name: str, answer: tuple[str, list[Any]]) -> list[Any]:
    """What an answer carries: bytes, or a pair of bytes for a literal; imaplib says None for nothing."""
    state, data = answer
    if state != "OK":
        raise DeliveryError(name, "the archive mailbox did not answer the search", retryable=True, sure=False)
    return [part or b"" for part in data] or [b""]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mendable(name: str, detail: str) -> DeliveryError:
    return DeliveryError(name, detail, retryable=True, sure=False, retry_after=_http.MENDABLE_PAUSE)
