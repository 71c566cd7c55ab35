"""E-mail by SMTP: one mail per recipient, one thread per event, the same Message-ID and Date on every try.

At least once, never lost: the instant just before the final dot is marked, as after it nobody can tell whether the
server took the mail (RFC 1047). With an archive mailbox, which gets a copy of every mail in the same transaction, a
doubtful mail is looked up there by IMAP before it is sent again: once. Source: RFC 5321, 4.2 (codes) and 4.5.2
(dots); RFC 3834 (Auto-Submitted); RFC 2369 and 8058 (List-Unsubscribe).
"""

from __future__ import annotations

import contextlib
import logging
import re
import smtplib
import uuid
from collections.abc import Callable
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, ClassVar, Self
from urllib.parse import quote

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from tocsin.alerts import render_mail, render_terminal
from tocsin.alerts.channels import _mailbox, _smtp
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.alerts.render import view, views
from tocsin.english import counted
from tocsin.model import Alert, Delivery, Thread

log = logging.getLogger(__name__)

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
COPY_TRIES = 8  # tries for which a mail waits on a copy that is refused "for now": some eight minutes
_NAMESPACE = uuid.UUID("0d1c9a4e-8a57-5a66-9f4e-7463736c6d6c")


def _address(value: str) -> str:
    """An address, with or without a name, as one clean line."""
    name, address = parseaddr(" ".join(value.split()))
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise ValueError("is not a mail address; write desk@example.org or Desk <desk@example.org>")
    return str(Address(name, addr_spec=address)) if name else address


def _leads_out(value: str) -> str:
    """Where a List-Unsubscribe header points; ``{recipient}`` stands for the address, percent-encoded."""
    value = "".join(value.split())
    if not re.fullmatch(r"(mailto:[^@<>,]+@[^<>,]+|https://[^/<>,]+/[^<>,]*)", value) or not value.isascii():
        raise ValueError("must be mailto:address, or an https:// address that takes a one-click POST")
    return value


def _imap_url(value: SecretStr) -> SecretStr:
    _mailbox.mailbox(value.get_secret_value())
    return value


def _smtp_url(value: SecretStr) -> SecretStr:
    _smtp.server(value.get_secret_value())
    return value


class Email(Channel):
    """Mail through a relay; a local Postfix is best, as its answer to the final dot is quick."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)

    kind: ClassVar[str] = "email"
    can_look_up: ClassVar[bool] = True  # in an archive mailbox, where there is one
    can_thread: ClassVar[bool] = True

    smtp: Annotated[SecretStr, AfterValidator(_smtp_url)]
    sender: Annotated[str, AfterValidator(_address)] = Field(alias="from")
    to: tuple[Annotated[str, AfterValidator(_address)], ...] = Field(min_length=1)
    tls: _smtp.Tls = "auto"  # auto: STARTTLS when the server offers it
    timeout_seconds: float = Field(default=10.0, gt=0)
    answer_seconds: float = Field(default=60.0, gt=0)  # for the answer to the final dot; giving up early doubles mails
    archive_to: Annotated[str, AfterValidator(_address)] | None = None  # gets a copy of every mail
    archive_imap: Annotated[SecretStr, AfterValidator(_imap_url)] | None = None  # where those copies are read
    settle_seconds: float = Field(default=60.0, ge=0)  # until a copy that was taken shows in the archive mailbox
    look_up_hours: float = Field(default=1.0, gt=0)  # a mailbox that cannot be read for so long: the mail goes again
    bounces: Annotated[str, AfterValidator(_address)] | None = None  # envelope sender, one form of it per recipient
    unsubscribe: tuple[Annotated[str, AfterValidator(_leads_out)], ...] = ()  # empty: by mail to the sender

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.archive_to is None) != (self.archive_imap is None):
            raise ValueError("archive_to and archive_imap go together: the copy's address, and where it is read")
        return self

    @field_validator("to", "unsubscribe", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    def recipients(self) -> tuple[str, ...]:
        """One delivery per address."""
        return tuple(dict.fromkeys(self.to))

    @property
    def looks_up(self) -> bool:
        """Only where there is an archive mailbox."""
        return self.archive_imap is not None

    @property
    def patience_seconds(self) -> float | None:
        """A mailbox that cannot be read must not hold an alert back for ever."""
        return self.look_up_hours * 3600

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

    def find(self, delivery: Delivery) -> Receipt | None:
        """Search the archive mailbox for the mail, or for a list with this alert."""
        if self.archive_imap is None:
            return super().find(delivery)
        found = _mailbox.find(
            delivery.channel,
            _mailbox.mailbox(self.archive_imap.get_secret_value()),
            self._message_id(delivery.idem),
            delivery.idem,
            since=delivery.created_at,
            timeout=self.timeout_seconds,
        )
        if found is None:
            return None
        thread = delivery.thread
        if thread is None and len(found.keys) <= 1:
            seen = view(delivery.alert, language=self.language, timezone=self.timezone)
            thread = Thread(found.message_id, render_mail.content(seen).subject)
        return Receipt(found.message_id, thread)

    def preview(self, alert: Alert) -> str:
        """The subject and the text part."""
        seen = view(alert, language=self.language, timezone=self.timezone)
        content = render_mail.content(seen)
        return f"{content.subject}\n\n{render_terminal.message(seen)}"

    def probe(self, name: str) -> str:
        """Greet the server, and log in where the address says so."""
        with self._session(name):
            server = _smtp.server(self.smtp.get_secret_value())
            said = f"{name}: {server.host}:{server.port} answers; {counted(len(self.recipients()), 'recipient')}"
        if self.archive_imap is None:
            return f"{said}; at least once, as no archive mailbox is set (docs/mail.md)"
        box = _mailbox.mailbox(self.archive_imap.get_secret_value())
        return f"{said}; {_mailbox.probe(name, box, self.timeout_seconds)}"

    def _send(
        self,
        delivery: Delivery,
        content: render_mail.Content,
        key: str,
        deliveries: tuple[Delivery, ...],
        committing: Callable[[], None],
    ) -> str:
        """Send a mail to one address; gives its Message-ID."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        watch = delivery.alert.event.watch
        recipient = delivery.recipient or self.to[0]
        envelope = render_mail.Envelope(
            sender=self.sender,
            recipient=recipient,
            message_id=self._message_id(key),
            at=max(d.alert.at for d in deliveries),
            events=tuple(dict.fromkeys(d.alert.event.id for d in deliveries)),
            list_id=f"Tocsin {watch} <{watch}.tocsin.{domain}>",
            root=delivery.thread.root if delivery.thread and len(deliveries) == 1 else "",
            keys=tuple(sorted(d.idem for d in deliveries)),
            unsubscribe=self._unsubscribe(recipient, watch),
        )
        mail = render_mail.message(content, envelope, self.language)
        to = parseaddr(recipient)[1]
        with self._session(delivery.channel) as session:
            _smtp.transact(
                delivery.channel,
                session,
                bytes(mail),
                sender=self._envelope_sender(to),
                recipient=to,
                copy=lambda: self._copy(delivery, session),
                committing=committing,
                answer_seconds=self.answer_seconds,
            )
        return envelope.message_id

    def _message_id(self, key: str) -> str:
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        return f"<{re.sub(r'[^A-Za-z0-9.-]', '-', key)}@{domain}>"

    def _unsubscribe(self, recipient: str, watch: str) -> tuple[str, ...]:
        default = (f"mailto:{parseaddr(self.sender)[1]}?subject=unsubscribe%20{watch}%20{{recipient}}",)
        address = quote(parseaddr(recipient)[1], safe="")
        return tuple(where.replace("{recipient}", address) for where in self.unsubscribe or default)

    def _envelope_sender(self, recipient: str) -> str:
        """Where bounces go: with ``bounces``, an address that says whose mail it was (VERP)."""
        if self.bounces is None:
            return parseaddr(self.sender)[1]
        address = parseaddr(self.bounces)[1]
        local, _, domain = address.rpartition("@")
        own = f"{local}+{recipient.replace('@', '=')}"
        return f"{own}@{domain}" if len(own) <= 64 else address  # RFC 5321, 4.5.3.1.1

    def _copy(self, delivery: Delivery, session: smtplib.SMTP) -> None:
        """Name the archive mailbox as a second recipient, so that the server takes both or neither.

        A copy that is refused for good, or too often, holds no alert back: it then goes at least once.
        """
        if self.archive_to is None:
            return
        code, words = session.rcpt(parseaddr(self.archive_to)[1])
        if code in (250, 251, 252):
            return
        if code < 500 and delivery.attempts < COPY_TRIES:
            raise _smtp.refused(delivery.channel, code, words, poison=False)
        log.warning("%s: the archive mailbox takes no copy (SMTP %d): sent without one", delivery.channel, code)

    def _session(self, name: str) -> contextlib.AbstractContextManager[smtplib.SMTP]:
        server = _smtp.server(self.smtp.get_secret_value())
        return _smtp.session(name, server, tls=self.tls, timeout=self.timeout_seconds)
