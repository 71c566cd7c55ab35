"""Greylisting by a real Postfix with a real postgrey: told "later" first, delivered once in the end.

A Postfix of our own, on loopback ports, with its own folders; nothing of it stays. It wants root, as Postfix does.
"""

from __future__ import annotations

import email
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.alerts import alert, event
from tocsin.alerts.channels import build
from tocsin.alerts.dispatch import dispatch
from tocsin.archive import Archive
from tocsin.archive.outbox import Outbox
from tocsin.config import ChannelSpec

pytestmark = pytest.mark.torture
DELAY = 5  # seconds that postgrey makes a stranger wait
MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = desk.invalid
mydestination = desk.invalid
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = virtual
virtual_mailbox_domains =
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{grey}, permit_auth_destination, reject
smtpd_relay_restrictions = permit_auth_destination, reject
maillog_file = {root}/postfix.log
maillog_file_prefixes = {root}
"""
MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_for(where: int, what: str) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", where), timeout=1):
            return
        time.sleep(0.05)
    pytest.skip(f"{what} does not start here")


@contextmanager
def postfix() -> Iterator[tuple[str, Path]]:
    """The address of the server, and the maildir of everybody."""
    tools = [Path("/usr/sbin/postfix"), Path("/usr/sbin/postgrey")]
    if missing := [tool.name for tool in tools if not tool.exists()]:
        pytest.skip(f"not installed: {', '.join(missing)} (apt-get install postfix postgrey)")
    if os.getuid() != 0:
        pytest.skip("Postfix starts as root only")
    root = Path(tempfile.mkdtemp(prefix="tocsin-postfix-"))
    root.chmod(0o755)
    smtp, grey, user = port(), port(), pwd.getpwnam("nobody")
    for name, owner in (
        ("queue", "root"),
        ("data", "postfix"),
        ("mail", "nobody"),
        ("grey", "postgrey"),
        ("etc", "root"),
    ):
        (root / name).mkdir()
        shutil.chown(root / name, owner)
    (root / "etc" / "main.cf").write_text(MAIN.format(root=root, grey=grey, uid=user.pw_uid, gid=user.pw_gid))
    (root / "etc" / "master.cf").write_text(MASTER.format(smtp=smtp))
    greyed = subprocess.Popen(
        [
            "/usr/sbin/postgrey", f"--inet=127.0.0.1:{grey}", f"--delay={DELAY}", f"--dbdir={root / 'grey'}",
            "--auto-whitelist-clients=0", f"--pidfile={root / 'grey' / 'pid'}", "--user=postgrey", "--group=postgrey",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(grey, "postgrey")
        command = ["/usr/sbin/postfix", "-c", str(root / "etc")]
        started = subprocess.run([*command, "start"], capture_output=True, text=True, check=False)
        try:
            if started.returncode:
                pytest.skip(f"postfix does not start here: {started.stderr.strip()[-300:]}")
            wait_for(smtp, "postfix")
            yield f"smtp://127.0.0.1:{smtp}", root / "mail" / "box"
        finally:
            subprocess.run([*command, "stop"], capture_output=True, check=False)
    finally:
        greyed.terminate()
        greyed.wait(10)
        shutil.rmtree(root, ignore_errors=True)


def test_a_real_greylist_delays_and_doubles_nothing() -> None:
    with postfix() as (url, box), Archive.memory() as archive:
        settings = {"smtp": url, "from": "tocsin@example.org", "to": ["desk@desk.invalid", "night@desk.invalid"]}
        channel = build("mail", ChannelSpec(kind="email", **settings))
        for n in range(2):
            it = alert(event=event(id=f"ev-{n}"))
            targets = [("mail", who) for who in channel.recipients()]
            Outbox(archive).enqueue(it, targets, now=datetime.now(UTC))
        first = dispatch(Outbox(archive), {"mail": channel}, now=lambda: datetime.now(UTC), deadline_seconds=2)
        assert first.sent == 0
        assert {row["error"][:8] for row in Outbox(archive).list_alerts()} <= {"SMTP 450", ""}
        rest = dispatch(Outbox(archive), {"mail": channel}, now=lambda: datetime.now(UTC), deadline_seconds=60)
        assert (rest.sent, rest.waiting, rest.dead) == (4, 0, 0)
        held: list[Path] = []
        for _ in range(200):
            held = list((box / "new").glob("*")) if box.exists() else []
            if len(held) >= 4:
                break
            time.sleep(0.05)
        time.sleep(0.5)
        mails = [email.message_from_bytes(path.read_bytes()) for path in (box / "new").glob("*")]
    assert len(mails) == 4
    assert len({mail["Message-ID"] for mail in mails}) == 4
    assert sorted(mail["X-Original-To"] for mail in mails) == ["desk@desk.invalid"] * 2 + ["night@desk.invalid"] * 2
