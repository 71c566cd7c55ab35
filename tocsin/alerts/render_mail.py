"""An alert as a mail: text and HTML parts, a subject that keeps its thread together, headers that cannot break.

The subject never carries the severity, which changes: Gmail threads by subject and References together.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import format_datetime
from typing import Any

import jinja2

from tocsin.alerts import render_terminal
from tocsin.alerts.labels import load
from tocsin.alerts.render import View, line
from tocsin.model import Severity

MAX_SUBJECT = 200
MAX_HTML = 60_000  # bytes; Gmail clips at 102 KB, after transfer encoding
_COLOURS = {
    Severity.CRITICAL: "#a8201a",
    Severity.HIGH: "#c2410c",
    Severity.MEDIUM: "#946200",
    Severity.LOW: "#1d5fa8",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers that name a mail and its thread."""

    sender: str
    recipient: str
    message_id: str  # "<...@...>"
    at: datetime
    events: tuple[str, ...]
    list_id: str
    root: str = ""  # Message-ID of the thread's first mail; "" for the first
    keys: tuple[str, ...] = ()  # of the deliveries in it: what an archive mailbox is searched for
    unsubscribe: tuple[str, ...] = ()  # addresses, mailto: or https:


class _Verbatim(UnstructuredHeader, BaseHeader):
    """A header of ids and addresses, folded at spaces only: the library turns a long one into encoded words, which
    no mail program takes for an id, and the thread falls apart."""

    def fold(self, *, policy: Policy[Any]) -> str:
        words = "\n ".join(str(self).split())
        return f"{self.name}: {words}\n".replace("\n", policy.linesep)


def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    for name in ("in-reply-to", "references", "list-id", "list-unsubscribe", "x-tocsin-delivery", "x-tocsin-event"):
        registry.map_to_type(name, _Verbatim)
    return SMTP.clone(cte_type="7bit", header_factory=registry)


def content(seen: View, *, thread_subject: str = "") -> Content:
    """The parts of one alert's mail.

    Args:
        thread_subject: Subject of the thread's first mail; "" for the first.
    """
    subject = f"Re: {_subject(thread_subject)}" if thread_subject else _subject(f"[Tocsin] {seen.gist.text}")
    shown = seen
    html = _html("alert.html.j2", shown)
    while len(html.encode()) > MAX_HTML and (shown.quotes or len(shown.sources) > 1):
        more = shown.more_sources + len(shown.sources) // 2
        shown = replace(shown, quotes=(), sources=shown.sources[: -(len(shown.sources) // 2)], more_sources=more)
        html = _html("alert.html.j2", shown)
    return Content(subject, render_terminal.message(shown, width=78), html)


def digest(views: Sequence[View], language: str) -> Content:
    """The parts of one mail that lists several alerts, in the order given."""
    title = load(language).text["digest"].format(n=len(views))
    shown = tuple(replace(seen, gist=replace(seen.gist, text=line(seen.gist.text, 200))) for seen in views)
    html = _html("digest.html.j2", shown[0], title=title, views=shown)
    if len(html.encode()) > MAX_HTML:  # addresses of 2,000 characters: the list matters more
        shown = tuple(replace(seen, sources=()) for seen in shown)
        html = _html("digest.html.j2", shown[0], title=title, views=shown)
    return Content(_subject(f"[Tocsin] {title}"), render_terminal.digest(shown, language, width=78), html)


def message(parts: Content, envelope: Envelope, language: str) -> EmailMessage:
    """The mail itself; the same content and envelope give the same bytes, boundary included."""
    mail = EmailMessage(policy=_policy())
    mail["From"], mail["To"] = envelope.sender, envelope.recipient
    mail["Subject"] = parts.subject
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = envelope.message_id
    if envelope.root:
        mail["In-Reply-To"] = envelope.root
        mail["References"] = envelope.root
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = envelope.list_id
    if envelope.unsubscribe:
        mail["List-Unsubscribe"] = ", ".join(f"<{address}>" for address in envelope.unsubscribe)
        if any(address.startswith("https:") for address in envelope.unsubscribe):
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    if envelope.keys:
        mail["X-Tocsin-Delivery"] = " ".join(envelope.keys)
    mail["X-Tocsin-Event"] = " ".join(line(event, 60) for event in envelope.events)
    mail["Content-Language"] = language
    mail.set_content(parts.text)
    mail.add_alternative(parts.html, subtype="html")
    mail.set_boundary(f"=_tocsin_{envelope.message_id.strip('<>').partition('@')[0]}"[:70])
    return mail


def _subject(text: str) -> str:
    return line(text, MAX_SUBJECT)


def _html(template: str, seen: View, **more: object) -> str:
    title = more.pop("title", None) or line(f"{seen.headline}: {seen.gist.text}", MAX_SUBJECT)
    page = _templates().get_template(template)
    return page.render(seen=seen, labels=seen.labels, colours=_COLOURS, title=title, **more)


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("tocsin.alerts", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
