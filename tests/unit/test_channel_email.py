"""E-mail against an SMTP server on 127.0.0.1: what the mail is, when it may have arrived, whom a refusal concerns."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from demo.desk_smtp import SmtpDesk
from tests.fakes import alerts
from tocsin.alerts import render_mail
from tocsin.alerts.channels import build
from tocsin.alerts.channels._smtp import stuffed
from tocsin.alerts.channels.base import Channel
from tocsin.alerts.render import view
from tocsin.config import ChannelSpec
from tocsin.errors import DeliveryError
from tocsin.model import Thread

TO = "desk@example.org"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SmtpDesk]:
    with SmtpDesk(tmp_path / "mail.jsonl") as running:
        yield running


def mail(desk: SmtpDesk | None = None, **more: Any) -> Channel:
    settings = {
        "smtp": desk.url if desk else "smtp://localhost",
        "from": "Tocsin <tocsin@example.org>",
        "to": [TO],
        **more,
    }
    return build("desk-mail", ChannelSpec(kind="email", **settings))


def nothing() -> None:
    """A committing mark that nobody keeps."""


def headers(row: dict[str, Any]) -> dict[str, str]:
    return dict(row["headers"])


def test_the_headers_of_a_first_mail(desk: SmtpDesk) -> None:
    receipt = mail(desk).send(alerts.delivery(recipient=TO), committing=nothing)
    (row,) = desk.mails()
    found = headers(row)
    assert row["sender"] == "tocsin@example.org"
    assert row["recipients"] == [TO]
    assert found["Message-ID"] == receipt.remote_id == f"<{alerts.delivery().idem}@example.org>"
    assert parsedate_to_datetime(found["Date"]).astimezone(UTC) == alerts.AT
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["List-Id"] == "Tocsin iraq-security <iraq-security.tocsin.example.org>"
    assert found["X-Tocsin-Event"] == "ev-taji-1"
    assert "References" not in found
    assert receipt.thread == Thread(str(receipt.remote_id), found["Subject"])


def test_an_update_answers_the_first_mail(desk: SmtpDesk) -> None:
    channel = mail(desk)
    first = channel.send(alerts.delivery(recipient=TO), committing=nothing)
    second = channel.send(alerts.delivery(alerts.update(), id=2, recipient=TO, thread=first.thread), committing=nothing)
    found = headers(desk.mails()[1])
    assert found["In-Reply-To"] == found["References"] == first.remote_id
    assert found["Subject"] == f"Re: {headers(desk.mails()[0])['Subject']}"
    assert second.thread == first.thread
    assert second.remote_id != first.remote_id
    assert "CRITICAL" in desk.mails()[1]["text"]


def test_every_try_is_the_same_mail_byte_for_byte() -> None:
    """So that a receiver that drops doubles by Message-ID and date can."""

    def raw() -> bytes:
        content = render_mail.content(view(alerts.update()))
        envelope = render_mail.Envelope("a@example.org", TO, "<x@example.org>", alerts.AT, ("ev",), "T <t.example.org>")
        return bytes(render_mail.message(content, envelope, "en"))

    assert raw() == raw()


@pytest.mark.parametrize(
    "alert", [alerts.alert(), alerts.update(), alerts.hostile()], ids=["first", "update", "hostile"]
)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_mime_is_text_then_html_in_seven_bits(alert: Any, language: str) -> None:
    content = render_mail.content(view(alert, language=language))
    envelope = render_mail.Envelope("a@example.org", TO, "<x@example.org>", alerts.AT, ("ev",), "T <t.example.org>")
    raw = bytes(render_mail.message(content, envelope, language))
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert not parsed.defects
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert parsed["Subject"] == content.subject
    plain = parsed.get_body(("plain",))
    assert plain
    assert plain.get_content().split() == content.text.split()
    assert "Bcc" not in parsed
    assert len(parsed.get_all("Subject", [])) == 1


def test_the_mark_is_the_instant_before_the_dot(desk: SmtpDesk) -> None:
    """Not earlier, or a greylisted mail would look doubtful; not later, or a crash would lose the doubt."""
    marks: list[int] = []
    desk.fail_next("rcpt:450")
    with pytest.raises(DeliveryError):
        mail(desk).send(alerts.delivery(), committing=lambda: marks.append(1))
    assert marks == []
    mail(desk).send(alerts.delivery(), committing=lambda: marks.append(len(desk.mails())))
    assert marks == [0]


def test_a_client_that_dies_before_the_dot_has_sent_nothing(desk: SmtpDesk) -> None:
    class Killed(BaseException):
        """As by a signal."""

    def die() -> None:
        raise Killed

    with pytest.raises(Killed):
        mail(desk).send(alerts.delivery(), committing=die)
    time.sleep(0.1)
    assert desk.mails() == []


def test_one_refused_recipient_does_not_touch_the_other(desk: SmtpDesk) -> None:
    desk.refuse = frozenset({"gone@example.org"})
    channel = mail(desk, to=["gone@example.org", TO])
    assert channel.recipients() == ("gone@example.org", TO)
    with pytest.raises(DeliveryError, match="SMTP 550") as caught:
        channel.send(alerts.delivery(recipient="gone@example.org"), committing=nothing)
    assert (caught.value.retryable, caught.value.sure) == (False, True)
    assert "gone@" not in str(caught.value)
    channel.send(alerts.delivery(id=2, recipient=TO), committing=nothing)
    assert [row["recipients"] for row in desk.mails()] == [[TO]]


def test_a_greylisted_mail_gets_through_later(desk: SmtpDesk) -> None:
    desk.greylist_seconds = 0.3
    with pytest.raises(DeliveryError, match="SMTP 450") as caught:
        mail(desk).send(alerts.delivery(), committing=nothing)
    assert (caught.value.retryable, caught.value.sure) == (True, True)
    time.sleep(0.35)
    mail(desk).send(alerts.delivery(), committing=nothing)
    assert len(desk.mails()) == 1


@pytest.mark.parametrize(
    ("fault", "sure", "arrived"),
    [("hang", True, 0), ("reset_before", False, 0), ("reset_after", False, 1), ("hang_after", False, 1)],
)
def test_silence_is_doubtful_only_after_the_dot(desk: SmtpDesk, fault: str, sure: bool, arrived: int) -> None:
    desk.fail_next(fault)
    with pytest.raises(DeliveryError) as caught:
        mail(desk, timeout_seconds=0.4, answer_seconds=0.4).send(alerts.delivery(), committing=nothing)
    assert (caught.value.retryable, caught.value.sure) == (True, sure)
    assert len(desk.mails()) == arrived


def test_the_answer_to_the_dot_is_waited_for_longer_than_the_rest(desk: SmtpDesk) -> None:
    """A server that scans a mail for seconds is not a dead one; giving up on it doubles the mail."""
    desk.answer_seconds = 0.6
    mail(desk, timeout_seconds=0.3).send(alerts.delivery(), committing=nothing)
    assert len(desk.mails()) == 1


def test_a_server_that_hangs_after_its_answer_does_not_undo_it(desk: SmtpDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    from demo import desk_smtp

    monkeypatch.setattr(desk_smtp._Session, "answer", _no_quit(desk_smtp._Session.answer))
    assert mail(desk).send(alerts.delivery(), committing=nothing).remote_id


def _no_quit(answer: Any) -> Any:
    def answered(self: Any, verb: str, rest: str) -> bool:
        return False if verb == "QUIT" else answer(self, verb, rest)

    return answered


def test_a_password_never_travels_in_clear(tmp_path: Path) -> None:
    """127.0.0.2 stands for a host that is not this one: the server there offers no encryption."""
    with SmtpDesk(tmp_path / "mail.jsonl", host="127.0.0.2") as far:
        url = far.url.replace("smtp://", "smtp://user:pa%3Ass@")
        with pytest.raises(DeliveryError, match="in clear") as caught:
            mail(smtp=url).send(alerts.delivery(), committing=nothing)
        assert caught.value.retryable
        with pytest.raises(DeliveryError, match="offers no STARTTLS"):
            mail(smtp=far.url, tls="required").send(alerts.delivery(), committing=nothing)
        assert far.mails() == []


def test_a_log_in_that_is_not_offered_waits_for_a_person(desk: SmtpDesk) -> None:
    with pytest.raises(DeliveryError, match="does not offer to log in") as caught:
        mail(smtp=desk.url.replace("smtp://", "smtp://user:pw@")).send(alerts.delivery(), committing=nothing)
    assert caught.value.retry_after == 900


def test_a_certificate_that_nobody_signed_is_not_trusted(tmp_path: Path) -> None:
    """smtps:// to a server with a certificate of its own making: refused before anything is said."""
    context, _ = certificate(tmp_path, "/CN=localhost", "subjectAltName=DNS:localhost")
    with SmtpDesk(tmp_path / "mail.jsonl", tls=context) as secure:
        url = secure.url.replace("smtp://", "smtps://").replace("127.0.0.1", "localhost")
        with pytest.raises(DeliveryError, match="certificate is not trusted") as caught:
            mail(smtp=url).send(alerts.delivery(), committing=nothing)
        assert (caught.value.retryable, caught.value.sure) == (True, True)


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (b"a\n.b\n", b"a\r\n..b\r\n"),
        (b".\r\n", b"..\r\n"),
        (b"a\r\n..\r\nb", b"a\r\n...\r\nb\r\n"),
        (b"a.\r\nb", b"a.\r\nb\r\n"),
    ],
)
def test_dots_are_stuffed(body: bytes, sent: bytes) -> None:
    assert stuffed(body) == sent


def test_a_line_of_one_dot_arrives_whole(desk: SmtpDesk) -> None:
    event = alerts.event(gist="Two rockets\n.\nBcc: x")
    mail(desk).send(alerts.delivery(alerts.alert(event=event)), committing=nothing)
    assert desk.mails()[0]["subject"] == "[Tocsin] Two rockets . Bcc: x"
    assert "iraq-security, event ev-taji-1" in desk.mails()[0]["text"]


def test_a_digest_is_one_mail_with_one_key_whatever_its_order(desk: SmtpDesk) -> None:
    made = [alerts.delivery(alerts.update(), id=n, recipient=TO) for n in range(1, 4)]
    first = mail(desk).send_digest(tuple(made), committing=nothing)
    second = mail(desk).send_digest(tuple(reversed(made)), committing=nothing)
    assert first.remote_id == second.remote_id
    assert first.thread is None
    assert desk.mails()[0]["subject"] == "[Tocsin] 3 alerts waiting"


def test_names_in_addresses_are_kept_and_line_breaks_are_not() -> None:
    channel = mail(to=" Iraq\n Desk <desk@example.org>\n")
    assert channel.recipients() == ("Iraq Desk <desk@example.org>",)


def test_probe_greets_the_server(desk: SmtpDesk) -> None:
    assert f"127.0.0.1:{desk.port} answers" in mail(desk).probe("desk-mail")
    desk.stop()
    with pytest.raises(DeliveryError, match="connection refused"):
        mail(desk).probe("desk-mail")


def test_starttls_and_log_in_with_another_mail_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole conversation with aiosmtpd: the password goes out only inside the encryption."""
    controller_module = pytest.importorskip("aiosmtpd.controller")
    from aiosmtpd.smtp import AuthResult

    context, cert = certificate(tmp_path, "/CN=far", "subjectAltName=IP:127.0.0.2")
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    seen: list[Any] = []

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            seen.append((session.ssl is not None, session.auth_data, bytes(envelope.content)))
            return "250 2.0.0 taken"

    def check(server: Any, session: Any, envelope: Any, mechanism: str, auth: Any) -> Any:
        good = (auth.login, auth.password) == (b"user", b"p:w")
        return AuthResult(success=good, handled=good, auth_data=auth.login)

    with socket.create_server(("127.0.0.2", 0)) as free:
        port = free.getsockname()[1]
    far = controller_module.Controller(
        Handler(), hostname="127.0.0.2", port=port, tls_context=context, authenticator=check, auth_required=True
    )
    far.start()
    try:
        mail(smtp=f"smtp://user:p%3Aw@127.0.0.2:{port}").send(alerts.delivery(), committing=nothing)
        with pytest.raises(DeliveryError, match="SMTP 535") as caught:
            mail(smtp=f"smtp://user:wrong@127.0.0.2:{port}").send(alerts.delivery(), committing=nothing)
        assert caught.value.retry_after == 900
    finally:
        far.stop()
    ((encrypted, login, content),) = seen
    assert (encrypted, login) == (True, b"user")
    assert b"Auto-Submitted: auto-generated" in content


def certificate(folder: Path, subject: str, extension: str) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context, and its own certificate."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    try:
        subprocess.run(
            [*command.split(), "-subj", subject, "-addext", extension, "-keyout", str(key), "-out", str(cert)],
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl is not installed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


def test_a_bounce_says_whose_it_is(desk: SmtpDesk) -> None:
    """VERP; an address that would grow too long for it keeps the plain one."""
    long = f"{'x' * 60}@example.org"
    channel = mail(desk, bounces="bounces@example.org", to=["Desk <desk@example.org>", long])
    for n, recipient in enumerate(channel.recipients()):
        channel.send(alerts.delivery(id=n + 1, recipient=recipient), committing=nothing)
    assert [row["sender"] for row in desk.mails()] == ["bounces+desk=example.org@example.org", "bounces@example.org"]
    assert {headers(row)["From"] for row in desk.mails()} == {"Tocsin <tocsin@example.org>"}


@pytest.mark.parametrize(
    ("unsubscribe", "said", "post"),
    [
        (None, "<mailto:tocsin@example.org?subject=unsubscribe%20iraq-security%20desk%40example.org>", None),
        ("mailto:desk@example.org", "<mailto:desk@example.org>", None),
        (
            ["https://example.org/leave?who={recipient}", "mailto:d@example.org"],
            "<https://example.org/leave?who=desk%40example.org>, <mailto:d@example.org>",
            "List-Unsubscribe=One-Click",
        ),
    ],
)
def test_a_way_to_unsubscribe(desk: SmtpDesk, unsubscribe: Any, said: str, post: str | None) -> None:
    more = {"unsubscribe": unsubscribe} if unsubscribe else {}
    mail(desk, **more).send(alerts.delivery(recipient=TO), committing=nothing)
    found = headers(desk.mails()[0])
    assert (found["List-Unsubscribe"], found.get("List-Unsubscribe-Post")) == (said, post)


def test_ids_of_a_long_domain_stay_ids(desk: SmtpDesk) -> None:
    """Folded as encoded words they would be no ids, and the thread would fall apart."""
    sender = f"tocsin@{'department.' * 8}ministry.example.org"
    channel = mail(desk, **{"from": sender})
    thread = channel.send(alerts.delivery(recipient=TO), committing=nothing).thread
    assert thread
    assert len(thread.root) > 120
    channel.send(alerts.delivery(alerts.update(), id=2, recipient=TO, thread=thread), committing=nothing)
    found = headers(desk.mails()[1])
    assert found["In-Reply-To"] == found["References"] == thread.root
    assert "=?" not in found["List-Id"]
