"""The archive mailbox: a real IMAP conversation says whether a doubtful mail arrived, and no mail comes twice."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.desk_smtp import SmtpDesk
from tests.fakes import alerts
from tests.fakes.clock import Clock
from tests.fakes.imap_desk import ARCHIVE, FAULTS, ImapDesk
from tests.unit.test_channel_email import certificate
from tocsin.alerts.channels import build
from tocsin.alerts.channels._mailbox import mailbox
from tocsin.alerts.channels.base import Channel
from tocsin.alerts.dispatch import dispatch
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import ChannelSpec
from tocsin.errors import ConfigError, DeliveryError
from tocsin.model import Thread

TO = "desk@example.org"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SmtpDesk]:
    with SmtpDesk(tmp_path / "mail.jsonl") as running:
        yield running


@pytest.fixture
def box(desk: SmtpDesk) -> Iterator[ImapDesk]:
    with ImapDesk(desk.record) as running:
        yield running


def mail(desk: SmtpDesk, box: ImapDesk | str, **more: Any) -> Channel:
    url = box if isinstance(box, str) else box.url
    settings = {
        "smtp": desk.url, "from": "Tocsin <tocsin@example.org>", "to": [TO],
        "archive_to": ARCHIVE, "archive_imap": url, "timeout_seconds": 2, "settle_seconds": 0.05, **more,
    }  # fmt: skip
    return build("desk-mail", ChannelSpec(kind="email", **settings))


def nothing() -> None:
    """A committing mark that nobody keeps."""


def test_each_mail_goes_to_the_archive_in_the_same_transaction(desk: SmtpDesk, box: ImapDesk) -> None:
    mail(desk, box).send(alerts.delivery(recipient=TO), committing=nothing)
    (row,) = desk.mails()
    assert row["recipients"] == [TO, ARCHIVE]
    assert ARCHIVE not in str(row["headers"])


def test_a_mail_whose_acceptance_was_cut_off_is_found_with_its_thread(desk: SmtpDesk, box: ImapDesk) -> None:
    channel, delivery = mail(desk, box), alerts.delivery(recipient=TO)
    assert channel.find(delivery) is None
    desk.fail_next("reset_after")
    with pytest.raises(DeliveryError) as caught:
        channel.send(delivery, committing=nothing)
    assert not caught.value.sure
    found = channel.find(delivery)
    assert found is not None
    assert found.remote_id == desk.mails()[0]["message_id"]
    assert found.thread == Thread(str(found.remote_id), desk.mails()[0]["subject"])
    assert any("EXAMINE" in said for said in box.said)
    assert not any("SELECT" in said for said in box.said), (
        "a reader of the mailbox must not see its mails marked as read"
    )


def test_an_update_that_is_found_stays_in_its_thread(desk: SmtpDesk, box: ImapDesk) -> None:
    channel, thread = mail(desk, box), Thread("<first@example.org>", "[Tocsin] Two rockets")
    delivery = alerts.delivery(alerts.update(), id=2, recipient=TO, thread=thread)
    channel.send(delivery, committing=nothing)
    found = channel.find(delivery)
    assert found is not None
    assert found.thread == thread


def test_a_list_is_found_by_each_of_its_alerts(desk: SmtpDesk, box: ImapDesk) -> None:
    made = tuple(alerts.delivery(alerts.update(), id=n, recipient=TO) for n in range(1, 41))
    channel = mail(desk, box)
    sent = channel.send_digest(made, committing=nothing)
    for delivery in (made[0], made[20], made[39]):
        found = channel.find(delivery)
        assert found is not None
        assert (found.remote_id, found.thread) == (sent.remote_id, None)
    assert channel.find(alerts.delivery(id=99)) is None


def test_what_does_not_show_yet_is_not_found(desk: SmtpDesk, box: ImapDesk) -> None:
    box.lag_seconds = 60.0
    channel, delivery = mail(desk, box), alerts.delivery(recipient=TO)
    channel.send(delivery, committing=nothing)
    assert channel.find(delivery) is None
    box.lag_seconds = 0.0
    assert channel.find(delivery) is not None


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mailbox_that_cannot_be_read_says_nothing_about_the_mail(desk: SmtpDesk, box: ImapDesk, fault: str) -> None:
    """Not found and not readable are two things; the second must never look like the first."""
    box.fail_next(fault)
    with pytest.raises(DeliveryError) as caught:
        mail(desk, box, timeout_seconds=0.3).find(alerts.delivery())
    assert (caught.value.retryable, caught.value.sure) == (True, False)
    assert caught.value.retry_after == (900 if fault == "no_login" else None)
    assert box.password not in caught.value.detail.split()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("archive:pw@", "archive:wrong@"), "refuses the log-in"),
        (("/INBOX", "/Alerts"), "no such folder"),
    ],
)
def test_probe_says_how_to_mend_the_mailbox(desk: SmtpDesk, box: ImapDesk, change: tuple[str, str], words: str) -> None:
    assert "holds 0 mails" in mail(desk, box).probe("desk-mail")
    with pytest.raises(DeliveryError, match=words) as caught:
        mail(desk, box.url.replace(*change)).probe("desk-mail")
    assert caught.value.retry_after == 900
    assert "wrong" not in str(caught.value)


def test_probe_says_plainly_that_mail_without_an_archive_may_double(desk: SmtpDesk) -> None:
    channel = build("m", ChannelSpec(kind="email", smtp=desk.url, **{"from": "a@example.org", "to": TO}))
    assert "at least once, as no archive mailbox is set" in channel.probe("m")
    assert not channel.looks_up


def test_a_copy_refused_for_good_holds_no_alert_back(
    desk: SmtpDesk, box: ImapDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.refuse = frozenset({ARCHIVE})
    mail(desk, box).send(alerts.delivery(recipient=TO), committing=nothing)
    assert [row["recipients"] for row in desk.mails()] == [[TO]]
    assert "takes no copy (SMTP 550)" in caplog.text


def test_a_copy_refused_for_now_is_waited_for_eight_tries(desk: SmtpDesk, box: ImapDesk) -> None:
    desk.later = frozenset({ARCHIVE})
    for attempts in (1, 7):
        with pytest.raises(DeliveryError, match="SMTP 450") as caught:
            mail(desk, box).send(alerts.delivery(recipient=TO, attempts=attempts), committing=nothing)
        assert (caught.value.retryable, caught.value.sure) == (True, True)
    mail(desk, box).send(alerts.delivery(recipient=TO, attempts=8), committing=nothing)
    assert len(desk.mails()) == 1


@pytest.mark.parametrize(
    ("settings", "key", "words"),
    [
        ({"archive_to": None}, "", "go together"),
        ({"archive_imap": None}, "", "go together"),
        ({"archive_imap": "https://example.org"}, ".archive_imap", "must be imaps://"),
        ({"archive_imap": "imaps://host/INBOX"}, ".archive_imap", "must be imaps://"),
        ({"archive_imap": "imaps://u:p@host/%D8%A3"}, ".archive_imap", "not ASCII"),
        ({"unsubscribe": "http://example.org/u"}, ".unsubscribe.0", "one-click POST"),
        ({"unsubscribe": ["mailto:a@b", "https://x.example/>"]}, ".unsubscribe.1", "one-click POST"),
        ({"bounces": "nobody"}, ".bounces", "is not a mail address"),
    ],
)
def test_a_wrong_setting_names_its_key(
    desk: SmtpDesk, box: ImapDesk, settings: dict[str, Any], key: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        mail(desk, box, **settings)
    assert caught.value.subject == f"alerts.channels.desk-mail{key}"
    assert "p@host" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "port", "folder"),
    [
        ("imaps://u%40x:p%2Fw@mail.example.org", 993, "INBOX"),
        ("imap://u:p@localhost:1143/Sent%20Alerts", 1143, "Sent Alerts"),
    ],
)
def test_the_parts_of_an_address(url: str, port: int, folder: str) -> None:
    box = mailbox(url)
    assert (box.port, box.folder) == (port, folder)
    assert "p/w" not in repr(box)


# ----------------------------------------------------------------- through the outbox


def deliver(archive: Archive, channel: Channel, clock: Clock, seconds: float = 50.0) -> Any:
    return dispatch(
        Outbox(archive), {"desk-mail": channel}, now=clock.now, sleep=clock.sleep, deadline_seconds=seconds, storm=5
    )


def fill(archive: Archive, n: int) -> None:
    for i in range(n):
        it = alerts.alert(event=alerts.event(id=f"ev-{i}"))
        Outbox(archive).enqueue(it, [("desk-mail", TO)], now=datetime.now(UTC))


@pytest.mark.parametrize("waiting", [1, 8], ids=["one alert", "a list"])
@pytest.mark.parametrize("fault", ["reset_after", "reset_before", "hang_after"])
def test_no_mail_comes_twice(desk: SmtpDesk, box: ImapDesk, waiting: int, fault: str) -> None:
    """The answer to the final dot is lost; the mailbox knows."""
    desk.fail_next(fault)
    with Archive.memory() as archive:
        fill(archive, waiting)
        report = deliver(archive, mail(desk, box, answer_seconds=0.3), Clock())
        assert (report.sent, report.failed) == (waiting, 0)
    assert len(desk.mails()) == 1


def test_without_an_archive_a_list_comes_twice_as_the_very_same_mail(desk: SmtpDesk) -> None:
    """Message-ID, date and all: alerts that came in between do not change what may have arrived."""
    channel = build("m", ChannelSpec(kind="email", smtp=desk.url, **{"from": "a@example.org", "to": TO}))
    desk.fail_next("reset_after")
    clock = Clock()
    with Archive.memory() as archive:
        fill(archive, 8)
        deliver(archive, channel, clock, seconds=1)
        fill(archive, 20)  # the first eight again, which changes nothing, and twelve more
        deliver(archive, channel, clock)
        assert Outbox(archive).pending_counts() == {"sent": 20}
    first, *others = [{k: v for k, v in row.items() if k != "at"} for row in desk.mails()]
    (again,) = [row for row in others if row["message_id"] == first["message_id"]]
    assert again == first
    assert len(others) == 2


def test_a_mailbox_gone_for_an_hour_holds_no_alert_for_ever(desk: SmtpDesk, box: ImapDesk) -> None:
    """No alert lost comes before no alert doubled; the operator is told."""
    desk.fail_next("reset_before")
    channel = mail(desk, box, look_up_hours=1)
    clock = Clock()
    box.fail_next(*["bye"] * 200)
    problems: list[str] = []
    with Archive.memory() as archive:
        fill(archive, 1)
        for _ in range(8):
            problems += deliver(archive, channel, clock, seconds=1).problems
            clock.sleep(600)
        assert Outbox(archive).pending_counts() == {"sent": 1}
    assert any("so it may come twice" in line for line in problems)
    assert len(desk.mails()) == 1


def test_a_mailbox_behind_tls_must_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, cert = certificate(tmp_path, "/CN=127.0.0.1", "subjectAltName=IP:127.0.0.1")
    with SmtpDesk(tmp_path / "mail.jsonl") as desk, ImapDesk(desk.record, tls=context) as box:
        with pytest.raises(DeliveryError, match="certificate is not trusted") as caught:
            mail(desk, box).find(alerts.delivery())
        assert caught.value.retry_after == 900
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        assert mail(desk, box).find(alerts.delivery()) is None


def test_a_password_does_not_travel_in_clear_to_another_machine(tmp_path: Path) -> None:
    """127.0.0.2 stands for another machine; nobody there offers encryption."""
    with socket.create_server(("127.0.0.2", 0)) as far, SmtpDesk(tmp_path / "mail.jsonl") as desk:
        import threading

        said: list[bytes] = []

        def serve() -> None:
            line, _ = far.accept()
            with line, suppress(OSError):
                line.sendall(b"* OK ready\r\n")
                file = line.makefile("rb")
                for row in file:
                    said.append(row)
                    tag = row.split()[0]
                    line.sendall(b"* CAPABILITY IMAP4rev1\r\n" * (b"CAPABILITY" in row) + tag + b" OK done\r\n")

        threading.Thread(target=serve, daemon=True).start()
        url = f"imap://archive:s3cret@127.0.0.2:{far.getsockname()[1]}/INBOX"
        with pytest.raises(DeliveryError, match="offers no encryption"):
            mail(desk, url).find(alerts.delivery())
    assert b"s3cret" not in b"".join(said)


# ----------------------------------------------------------------- a mail server that others wrote


DOVECOT = """
base_dir = {0}/run
state_dir = {0}/state
log_path = {0}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {1}
default_login_user = {4}
default_internal_group = {2}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{0}/Maildir
passdb {{
  driver = static
  args = password=pw
}}
userdb {{
  driver = static
  args = uid={4} gid={5} home={0}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {3}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


@contextmanager
def dovecot() -> Iterator[tuple[str, Path]]:
    """A Dovecot of our own on a loopback port, its address and its maildir; nothing of it stays."""
    import grp
    import pwd

    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    if not Path(program).exists():
        pytest.skip("dovecot is not installed (apt-get install dovecot-imapd)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # not pytest's folder: root runs the log-in as nobody, who may not enter it
    folder = Path(tempfile.mkdtemp(prefix="tocsin-dovecot-"))
    folder.chmod(0o755)
    login = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    for name in ("", "cur", "new", "tmp"):
        (folder / "Maildir" / name).mkdir()
        if os.getuid() == 0:
            shutil.chown(folder / "Maildir" / name, login)
    config = folder / "dovecot.conf"
    config.write_text(
        DOVECOT.format(folder, user, group, port, login, grp.getgrgid(pwd.getpwnam(login).pw_gid).gr_name)
    )
    with subprocess.Popen([program, "-F", "-c", str(config)], stderr=subprocess.PIPE) as process:
        try:
            for _ in range(100):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)
            else:
                log = folder / "dovecot.log"
                pytest.skip(f"dovecot does not start here: {log.read_text()[-300:] if log.exists() else ''}")
            yield f"imap://archive:pw@127.0.0.1:{port}/INBOX", folder / "Maildir"
        finally:
            process.terminate()
            process.wait(10)
            shutil.rmtree(folder, ignore_errors=True)


def test_dovecot_finds_a_mail_and_each_alert_of_a_list(desk: SmtpDesk) -> None:
    """The same search against the server that many desks run; our own one could share our mistakes."""
    from tocsin.alerts import render_mail
    from tocsin.alerts.render import view

    with dovecot() as (url, maildir):
        channel = mail(desk, url, timeout_seconds=5)
        single = replace(alerts.delivery(recipient=TO), created_at=datetime.now(UTC))
        listed = [replace(alerts.delivery(id=n, recipient=TO), created_at=datetime.now(UTC)) for n in range(100, 150)]
        assert channel.find(single) is None
        content = render_mail.content(view(single.alert))
        for name, keys in (("one", [single.idem]), ("list", [d.idem for d in listed])):
            envelope = render_mail.Envelope(
                "a@example.org", TO, f"<{keys[0] if name == 'one' else 'list'}@example.org>", alerts.AT, ("ev",),
                "T <t.example.org>", keys=tuple(keys),
            )  # fmt: skip
            (maildir / "new" / name).write_bytes(bytes(render_mail.message(content, envelope, "en")))
        found = channel.find(single)
        assert found is not None
        assert found.remote_id == f"<{single.idem}@example.org>"
        for delivery in (listed[0], listed[49]):
            found = channel.find(delivery)
            assert found is not None
            assert (found.remote_id, found.thread) == ("<list@example.org>", None)
        assert channel.find(replace(single, idem="00000000-0000-5000-8000-999999999999")) is None
        assert "holds 2 mails" in channel.probe("m")
