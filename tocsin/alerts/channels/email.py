"""E-mail by SMTP: one mail per recipient, one thread per event, the same Message-ID and Date on every try.

At least once, never lost: the instant just before the final dot is marked, as after it nobody can tell whether the
server took the mail (RFC 1047). Source: RFC 5321, 4.2 (codes) and 4.5.2 (dots); RFC 3834 (Auto-Submitted).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, ClassVar, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, field_validator

from tocsin.alerts import render_mail, render_terminal
from tocsin.alerts.channels import _http
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.alerts.render import view, views
from tocsin.errors import DeliveryError
from tocsin.model import Alert, Delivery, Thread

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_NAMESPACE = uuid.UUID("0d1c9a4e-8a57-5a66-9f4e-7463736c6d6c")


def _address(value: str) -> str:
    """An address, with or without a name, as one clean line."""
    name, address = parseaddr(" ".join(value.split()))
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise ValueError("is not a mail address; write desk@example.org or Desk <desk@example.org>")
    return str(Address(name, addr_spec=address)) if name else address


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    tls: bool  # from the first byte
    user: str
    password: str

    @property
    def local(self) -> bool:
        return self.host in _LOCAL


def _server(url: str) -> _Server:
    """The parts of smtp://user:pass@host:port; the error names no part, which may be secret."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in {"smtp", "smtps"} or parts.path.strip("/"):
        raise ValueError("must be smtp://host:port or smtps://user:password@host")
    default = 465 if parts.scheme == "smtps" else 25 if host in _LOCAL or not parts.username else 587
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return _Server(host, port or default, parts.scheme == "smtps", user, password)


def _smtp_url(value: SecretStr) -> SecretStr:
    _server(value.get_secret_value())
    return value


class Email(Channel):
    """Mail through a relay; a local Postfix is best, as its answer to the final dot is quick."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)

    kind: ClassVar[str] = "email"
    can_thread: ClassVar[bool] = True

    smtp: Annotated[SecretStr, AfterValidator(_smtp_url)]
    sender: Annotated[str, AfterValidator(_address)] = Field(alias="from")
    to: tuple[Annotated[str, AfterValidator(_address)], ...] = Field(min_length=1)
    tls: Literal["auto", "required", "off"] = "auto"  # auto: STARTTLS when the server offers it
    timeout_seconds: float = Field(default=10.0, gt=0)
    answer_seconds: float = Field(default=60.0, gt=0)  # for the answer to the final dot; giving up early doubles mails

    @field_validator("to", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    def recipients(self) -> tuple[str, ...]:
        """One delivery per address."""
        return tuple(dict.fromkeys(self.to))

    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        """Send one alert, in the thread of the event's first mail."""
        seen = view(delivery.alert, language=self.language, timezone=self.timezone)
        thread = delivery.thread
        content = render_mail.content(seen, thread_subject=thread.subject if thread else "")
        message_id = self._send(delivery, content, delivery.idem, (delivery,), committing)
        return Receipt(message_id, thread or Thread(message_id, content.subject))

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        """Send one list; the next word about an event opens a thread of its own."""
        seen = views((d.alert for d in deliveries), language=self.language, timezone=self.timezone)
        key = str(uuid.uuid5(_NAMESPACE, " ".join(sorted(d.idem for d in deliveries))))
        content = render_mail.digest(seen, self.language)
        return Receipt(self._send(deliveries[0], content, key, deliveries, committing), None)

    def preview(self, alert: Alert) -> str:
        """The subject and the text part."""
        seen = view(alert, language=self.language, timezone=self.timezone)
        content = render_mail.content(seen)
        return f"{content.subject}\n\n{render_terminal.message(seen)}"

    def probe(self, name: str) -> str:
        """Greet the server, and log in where the address says so."""
        with self._session(name):
            server = _server(self.smtp.get_secret_value())
            return f"{name}: {server.host}:{server.port} answers; {len(self.recipients())} recipient(s)"

    def _send(
        self,
        delivery: Delivery,
        content: render_mail.Content,
        key: str,
        deliveries: tuple[Delivery, ...],
        committing: Callable[[], None],
    ) -> str:
        """Send a mail to one address; gives its Message-ID."""
        address = parseaddr(self.sender)[1]
        domain = address.rpartition("@")[2]
        recipient = delivery.recipient or self.to[0]
        envelope = render_mail.Envelope(
            sender=self.sender,
            recipient=recipient,
            message_id=f"<{re.sub(r'[^A-Za-z0-9.-]', '-', key)}@{domain}>",
            at=max(d.alert.at for d in deliveries),
            events=tuple(dict.fromkeys(d.alert.event.id for d in deliveries)),
            list_id=f"Tocsin {delivery.alert.event.watch} <{delivery.alert.event.watch}.tocsin.{domain}>",
            root=delivery.thread.root if delivery.thread and len(deliveries) == 1 else "",
        )
        mail = render_mail.message(content, envelope, self.language)
        with self._session(delivery.channel) as session:
            self._transact(delivery.channel, session, address, parseaddr(recipient)[1], bytes(mail), committing)
        return envelope.message_id

    def _transact(
        self, name: str, session: smtplib.SMTP, sender: str, recipient: str, mail: bytes, committing: Callable[[], None]
    ) -> None:
        """MAIL, RCPT and DATA, stopping before the final dot to mark the instant."""
        with _sure(name):
            _expect(name, session.mail(sender), 250, poison=False)
            _expect(name, session.rcpt(recipient), 250, poison=True)
            _expect(name, session.docmd("DATA"), 354, poison=True)
            session.send(_stuffed(mail))
        committing()
        try:
            if session.sock:
                session.sock.settimeout(self.answer_seconds)
            session.send(b".\r\n")
            answer = session.getreply()
        except (OSError, smtplib.SMTPException) as exc:
            detail = f"no answer to the final dot ({type(exc).__name__})"
            raise DeliveryError(name, detail, retryable=True, sure=False) from None
        if not 200 <= answer[0] < 300 and answer[0] < 400:
            raise DeliveryError(name, "an odd answer to the final dot", retryable=True, sure=False)
        if answer[0] >= 400:
            raise _answered(name, *answer, poison=True)

    @contextlib.contextmanager
    def _session(self, name: str) -> Iterator[smtplib.SMTP]:
        """A connection that has greeted, is encrypted where it can be, and has logged in."""
        server = _server(self.smtp.get_secret_value())
        session = self._greeted(name, server)
        try:
            yield session
        except DeliveryError:
            _quit(session)
            raise
        except BaseException:
            # perhaps in the middle of a mail, where QUIT would be a line of it
            session.close()
            raise
        _quit(session)

    def _greeted(self, name: str, server: _Server) -> smtplib.SMTP:
        context = ssl.create_default_context()
        with _sure(name):
            session: smtplib.SMTP
            if server.tls:
                session = smtplib.SMTP_SSL(local_hostname=_helo(), timeout=self.timeout_seconds, context=context)
            else:
                session = smtplib.SMTP(local_hostname=_helo(), timeout=self.timeout_seconds)
            session._host = server.host  # type: ignore[attr-defined]  # the name that a certificate is checked against
            try:
                _expect(name, session.connect(server.host, server.port), 220, poison=False)
                session.ehlo_or_helo_if_needed()
                self._encrypt(name, session, server, context)
                if server.user:
                    session.login(server.user, server.password)
            except BaseException:
                session.close()
                raise
        return session

    def _encrypt(self, name: str, session: smtplib.SMTP, server: _Server, context: ssl.SSLContext) -> None:
        offered = session.has_extn("starttls")
        # on this machine nobody listens in, and a local Postfix has a certificate that nobody signed
        wanted = self.tls == "required" or (self.tls == "auto" and offered and not server.local)
        if not server.tls and wanted:
            if not offered:
                raise _mendable(name, "the server offers no STARTTLS, and tls is required")
            session.starttls(context=context)
            session.ehlo_or_helo_if_needed()
            return
        if server.user and not server.tls and not server.local:
            raise _mendable(name, "the password would travel in clear; use smtps://, or a server with STARTTLS")


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
        raise _answered(name, int(exc.smtp_code), exc.smtp_error, poison=False) from None
    except ssl.SSLCertVerificationError:
        raise _mendable(name, "the server's certificate is not trusted; see the host's name, or set tls: off") from None
    except smtplib.SMTPNotSupportedError:
        raise _mendable(name, "the server does not offer to log in; see the address") from None
    except (OSError, smtplib.SMTPException, UnicodeError) as exc:
        raise DeliveryError(name, f"not sent ({type(exc).__name__})", retryable=True) from None


def _expect(name: str, answer: tuple[int, bytes], wanted: int, *, poison: bool) -> None:
    code, words = answer
    # RCPT may say 251 or 252: it will see to it
    if code != wanted and not (wanted == 250 and code in (251, 252)):
        raise _answered(name, code, words, poison=poison)


def _answered(name: str, code: int, words: bytes | str, *, poison: bool) -> DeliveryError:
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
        return _mendable(name, f"SMTP {said}; see the address, the user and the sender")
    # -1: the line was not SMTP at all; 2xx or 3xx out of turn
    return DeliveryError(name, f"SMTP {said}: not an answer to what was asked", retryable=True)


def _mendable(name: str, detail: str) -> DeliveryError:
    return DeliveryError(name, detail, retryable=True, retry_after=_http.MENDABLE_PAUSE)


def _stuffed(mail: bytes) -> bytes:
    """The mail as DATA wants it: CR LF, leading dots doubled, no final dot."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", mail)
    stuffed = re.sub(rb"(?m)^\.", b"..", lines)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _helo() -> str:
    """Our own name; without asking a name server, which may take seconds."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
