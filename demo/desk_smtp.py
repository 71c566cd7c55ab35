"""A small SMTP server on 127.0.0.1 for the demo and for tests: what it accepts stands in a JSONL file, synced to disk.

It is the outside: its file, not our archive, says which mails arrived. Faults can be ordered, so that a test can ask
what happens when a real server greylists, refuses, resets or hangs.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import json
import os
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from random import Random
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from demo.listening import Listening, Quiet, Session

FAULTS = ("greylist", "reset_before", "reset_after", "hang", "hang_after", "reject_data")
_STAGED = {"greylist": "rcpt:450", "reject_data": "dot:554"}


@dataclass
class SmtpDesk(Listening):
    """The server; a context manager that starts and stops it.

    ``fail_next`` orders one fault for each of the next connections, by name or as an answer at a stage: "rcpt:452",
    with the stages greet, mail, rcpt, data and dot; ``rates`` draws faults at random; ``refuse`` lists recipients that
    get 550.
    """

    record: Path
    port: int = 0  # 0: any free one, known after start
    refuse: frozenset[str] = frozenset()
    rates: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    greylist_seconds: float = 0.0  # each sender and recipient is told 450 until so long after the first try
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None  # from the first byte
    answer_seconds: float = 0.0  # what the server takes to answer the final dot
    later: frozenset[str] = frozenset()  # recipients that get 450

    def __post_init__(self) -> None:
        super().__post_init__()
        self._random = Random(self.seed)  # noqa: S311 - faults, not secrets
        self._lock = threading.Lock()
        self._first_try: dict[tuple[str, str], float] = {}

    @property
    def url(self) -> str:
        """What to write as ``smtp`` of an e-mail channel."""
        return f"smtp://{self.host}:{self.port}"

    def server(self, address: tuple[str, int]) -> _Server:
        """With its record's folder made."""
        desk = self

        class Handler(_Session):
            tls = desk.tls

            def setup(self) -> None:
                self.desk = desk
                super().setup()

        self.record.parent.mkdir(parents=True, exist_ok=True)
        return _Server(address, Handler)

    def mails(self) -> list[dict[str, Any]]:
        """What was accepted, oldest first."""
        if not self.record.exists():
            return []
        return [json.loads(row) for row in self.record.read_text(encoding="utf-8").splitlines()]

    def fault(self) -> str:
        """The fault that the next connection meets, or ""."""
        with self._lock:
            if self._orders:
                return self._orders.popleft()
            return next((name for name, rate in self.rates.items() if self._random.random() < rate), "")

    def too_early(self, sender: str, recipient: str) -> bool:
        """True while a pair is greylisted."""
        with self._lock:
            first = self._first_try.setdefault((sender, recipient), time.monotonic())
            return time.monotonic() - first < self.greylist_seconds

    def accept(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Write a mail down, for good, before it is answered."""
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        row = {"at": datetime.now(UTC).isoformat(), "sender": sender, "recipients": recipients, **_read(mail)}
        with self._lock, self.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _read(mail: EmailMessage) -> dict[str, Any]:
    def part(kind: str) -> str:
        body = mail.get_body(preferencelist=(kind,))
        return str(body.get_content()) if body else ""

    return {
        "message_id": str(mail["Message-ID"] or "").strip(),
        "subject": str(mail["Subject"] or ""),
        "headers": [[name, str(value)] for name, value in mail.items()],
        "text": part("plain"),
        "html": part("html"),
    }


class _Server(Quiet, socketserver.TCPServer):
    """TCP with a thread for each client."""


class _Session(Session):
    """One conversation, RFC 5321 as far as smtplib and Postfix speak it."""

    desk: SmtpDesk
    sender: str | None = None
    fault: str = ""

    def handle(self) -> None:
        self.recipients: list[str] = []
        fault = self.desk.fault()
        self.fault = _STAGED.get(fault, fault)
        if self.fault == "hang":
            self.desk.hang()
        if not self.refused("greet"):
            self.say("220 desk.invalid ESMTP")
        while line := self.rfile.readline(4096):
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if not self.answer(verb.upper(), rest):
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def refused(self, stage: str) -> bool:
        """Answer with the code that was ordered for a stage; True when there was one."""
        at, _, code = self.fault.partition(":")
        if at != stage or not code:
            return False
        self.say(f"{code} {code[0]}.0.0 as ordered")
        return True

    def answer(self, verb: str, rest: str) -> bool:
        """Answer one command; False ends the conversation."""
        match verb:
            case "EHLO":
                self.say("250-desk.invalid\r\n250-8BITMIME\r\n250 SIZE 10000000")
            case "HELO" | "NOOP":
                self.say("250 desk.invalid")
            case "RSET":
                self.sender, self.recipients = None, []
                self.say("250 2.0.0 forgotten")
            case "MAIL":
                self.mail(rest)
            case "RCPT":
                self.rcpt(rest)
            case "DATA":
                return self.data()
            case "QUIT":
                self.say("221 2.0.0 bye")
                return False
            case _:
                self.say("502 5.5.1 unknown command")
        return True

    def mail(self, rest: str) -> None:
        if self.refused("mail"):
            return
        self.sender, self.recipients = _path(rest), []
        self.say("250 2.1.0 sender ok")

    def rcpt(self, rest: str) -> None:
        recipient = _path(rest)
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
        elif recipient in self.desk.refuse:
            self.say(f"550 5.1.1 <{recipient}>: no such user")
        elif recipient in self.desk.later:
            self.say("450 4.2.1 the mailbox is busy")
        elif self.refused("rcpt"):
            return
        elif self.desk.too_early(self.sender, recipient):
            self.say("450 4.2.0 greylisted, try later")
        else:
            self.recipients.append(recipient)
            self.say("250 2.1.5 recipient ok")

    def data(self) -> bool:
        if self.sender is None or not self.recipients:
            self.say("503 5.5.1 RCPT first")
            return True
        if self.refused("data"):
            return True
        self.say("354 end with a dot")
        raw = bytearray()
        while (line := self.rfile.readline(100_000)) != b".\r\n":
            if not line:
                return False  # the client went away before the dot: nothing was accepted
            raw += line[1:] if line.startswith(b".") else line
        if self.fault == "reset_before":
            return self.reset()
        if self.refused("dot"):
            return True
        if self.desk.answer_seconds:
            time.sleep(self.desk.answer_seconds)
        self.desk.accept(self.sender, self.recipients, bytes(raw))
        if self.fault == "reset_after":
            return self.reset()
        if self.fault == "hang_after":
            self.desk.hang()
            return False
        self.sender, self.recipients = None, []
        self.say("250 2.0.0 taken")
        return True

    def reset(self) -> bool:
        """End with RST, as a crashed server does."""
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        return False


def _path(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


def rates(pairs: Sequence[str], known: Sequence[str]) -> dict[str, float]:
    """Faults of a command line, "greylist=0.1", as a table.

    Raises:
        SystemExit: A name is not known.
    """
    table: dict[str, float] = {}
    for pair in pairs:
        name, _, rate = pair.partition("=")
        if name not in known:
            raise SystemExit(f"no fault {name!r}; the faults are: {', '.join(known)}")
        table[name] = float(rate or 1)
    return table


def main(argv: Sequence[str] | None = None) -> None:
    """Run until interrupted; prints its address first."""
    parser = argparse.ArgumentParser(prog="python -m demo.desk_smtp", description="A mail server that records.")
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--refuse", action="append", default=[], metavar="ADDRESS")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME=RATE", help=", ".join(FAULTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--greylist-seconds", type=float, default=0.0)
    args = parser.parse_args(argv)
    desk = SmtpDesk(
        args.record, args.port, frozenset(args.refuse), rates(args.fault, FAULTS), args.seed, args.greylist_seconds
    )
    with desk:
        print(desk.url, flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
