"""A small IMAP server on 127.0.0.1: the archive mailbox of a mail desk, read from that desk's own record.

It speaks RFC 3501 as far as a reader needs it, over a real socket: greeting, LOGIN, EXAMINE, UID SEARCH, UID FETCH.
A mail shows ``lag_seconds`` after it was taken. ``fail_next`` orders what the next connections meet.
"""

from __future__ import annotations

import json
import shlex
import socketserver
import ssl
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from demo.listening import Listening, Quiet, Session

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FAULTS = ("reset", "bye", "no_login", "no_search", "hang", "garbage")
ARCHIVE = "archive@example.org"


@dataclass
class ImapDesk(Listening):
    """The server; a context manager that starts and stops it."""

    record: Path  # of the SmtpDesk that takes the mails
    address: str = ARCHIVE
    user: str = "archive"
    password: str = "pw"
    folder: str = "INBOX"
    lag_seconds: float = 0.0
    tls: ssl.SSLContext | None = None
    said: list[str] = field(default_factory=list)  # every command, log-ins without their words

    @property
    def url(self) -> str:
        scheme = "imaps" if self.tls else "imap"
        return f"{scheme}://{self.user}:{self.password}@127.0.0.1:{self.port}/{self.folder}"

    def server(self, address: tuple[str, int]) -> _Server:
        desk = self

        class Handler(_Session):
            tls = desk.tls

            def setup(self) -> None:
                self.desk = desk
                super().setup()

        return _Server(address, Handler)

    def fault(self) -> str:
        return self._orders.popleft() if self._orders else ""

    def mails(self) -> list[dict[str, Any]]:
        """What the mailbox holds by now."""
        if not self.record.exists():
            return []
        rows = [json.loads(row) for row in self.record.read_text(encoding="utf-8").splitlines()]
        late = time.time() - self.lag_seconds
        return [
            r for r in rows if self.address in r["recipients"] and datetime.fromisoformat(r["at"]).timestamp() < late
        ]


class _Server(Quiet, socketserver.TCPServer):
    """TCP with a thread for each client."""


class _Session(Session):
    desk: ImapDesk

    def handle(self) -> None:
        self.fault = self.desk.fault()
        self.held: list[dict[str, Any]] = []
        if self.fault == "reset":
            return
        if self.fault == "hang":
            self.desk.hang()
            return
        self.say({"bye": "* BYE too many connections", "garbage": "<html>502</html>"}.get(self.fault, "* OK ready"))
        while line := self.rfile.readline(8192).decode():
            tag, verb, *words = shlex.split(line)
            if verb.upper() == "UID":
                verb, *words = words
            self.desk.said.append(verb.upper() if verb.upper() == "LOGIN" else line.strip().partition(" ")[2])
            if not self.answer(tag, verb.upper(), words):
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def answer(self, tag: str, verb: str, words: list[str]) -> bool:
        match verb:
            case "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1")
            case "LOGIN":
                if self.fault == "no_login" or words != [self.desk.user, self.desk.password]:
                    self.say(f"{tag} NO [AUTHENTICATIONFAILED] {words[0]} is not welcome with {words[1]}")
                    return True
            case "EXAMINE":
                if words != [self.desk.folder]:
                    self.say(f"{tag} NO no such mailbox {words[0]}")
                    return True
                self.held = self.desk.mails()
                self.say(f"* {len(self.held)} EXISTS")
            case "SEARCH":
                if self.fault == "no_search":
                    self.say(f"{tag} NO search is broken")
                    return True
                found = [n for n, mail in enumerate(self.held, 1) if _matches(mail, list(words))]
                self.say(" ".join(["* SEARCH", *map(str, found)]))
            case "FETCH":
                for number in map(int, words[0].split(",")):
                    self.fetch(number)
            case "LOGOUT":
                self.say("* BYE bye")
                self.say(f"{tag} OK done")
                return False
            case _:
                self.say(f"{tag} BAD {verb} is not known here")
                return True
        self.say(f"{tag} OK done")
        return True

    def fetch(self, number: int) -> None:
        names = ("MESSAGE-ID", "X-TOCSIN-DELIVERY")
        rows = [f"{name}: {value}\r\n" for name, value in self.held[number - 1]["headers"] if name.upper() in names]
        literal = "".join([*rows, "\r\n"]).encode()
        head = (
            f"* {number} FETCH (UID {number} BODY[HEADER.FIELDS (MESSAGE-ID X-TOCSIN-DELIVERY)] {{{len(literal)}}}\r\n"
        )
        self.wfile.write(head.encode() + literal + b")\r\n")


def _matches(mail: dict[str, Any], words: list[str]) -> bool:
    """All of the criteria that stand in ``words``."""
    result = True
    while words:
        result = _one(mail, words) and result
    return result


def _one(mail: dict[str, Any], words: list[str]) -> bool:
    match words.pop(0).upper():
        case "ALL":
            return True
        case "SINCE":
            day, month, year = words.pop(0).split("-")
            return date.fromisoformat(mail["at"][:10]) >= date(int(year), MONTHS.index(month) + 1, int(day))
        case "HEADER":
            name, part = words.pop(0).lower(), words.pop(0).lower()
            return any(part in value.lower() for key, value in mail["headers"] if key.lower() == name)
        case "OR":
            left, right = _one(mail, words), _one(mail, words)
            return left or right
    raise ValueError("a search that this server does not know")
