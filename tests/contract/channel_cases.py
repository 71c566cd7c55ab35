"""One case a channel kind: how to build it against a server on 127.0.0.1, and what that server received."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.desk_slack import SlackDesk
from demo.desk_smtp import SmtpDesk
from tests.fakes.imap_desk import ARCHIVE, ImapDesk
from tests.fakes.sink import HttpSink
from tocsin.alerts.channels import build
from tocsin.alerts.channels.base import Channel
from tocsin.alerts.channels.terminal import Terminal
from tocsin.config import ChannelSpec

CANARY = "c4n4ry-s3cret"


@dataclass
class Running:
    """A channel and the outside that it sends to."""

    channel: Channel
    settings: dict[str, Any]  # as in config.yaml
    received: Callable[[], list[str]]  # each message that the outside has, as text
    fail: Callable[[str], None]  # "reset_after", "http:503", "smtp:rcpt:550": the next answer
    unreachable: dict[str, Any] = field(default_factory=dict)  # settings that point at a closed port


@contextmanager
def slack(folder: Path) -> Iterator[Running]:
    with SlackDesk(folder / "slack.jsonl", token=f"xoxb-{CANARY}") as desk:
        settings = {"kind": "slack", "token": desk.token, "channel": "#iraq-desk", "api_url": desk.api_url}
        settings["timeout_seconds"] = 5
        yield Running(
            _build(settings),
            settings,
            lambda: [json.dumps(m, ensure_ascii=False) for m in desk.messages()],
            lambda fault: desk.fail_next(fault.replace("http:", "status:")),
            unreachable={**settings, "api_url": "http://127.0.0.1:9/"},
        )


@contextmanager
def slack_webhook(folder: Path) -> Iterator[Running]:
    with SlackDesk(folder / "hook.jsonl") as desk:
        desk.hook_secret = CANARY
        settings = {"kind": "slack-webhook", "url": desk.hook_url, "timeout_seconds": 5}
        yield Running(
            _build(settings),
            settings,
            lambda: [json.dumps(m, ensure_ascii=False) for m in desk.messages()],
            lambda fault: desk.fail_next(fault.replace("http:", "status:")),
            unreachable={**settings, "url": f"http://127.0.0.1:9/services/{CANARY}"},
        )


@contextmanager
def webhook(folder: Path) -> Iterator[Running]:
    with HttpSink() as sink:
        settings = {"kind": "webhook", "url": sink.url + CANARY, "secret": CANARY, "timeout_seconds": 5}

        def fail(fault: str) -> None:
            sink.orders.append("reset" if fault == "reset_after" else int(fault.removeprefix("http:")))

        yield Running(
            _build(settings),
            settings,
            lambda: [body.decode() for _, body in sink.got],
            fail,
            unreachable={**settings, "url": f"http://127.0.0.1:9/{CANARY}"},
        )


@contextmanager
def email(folder: Path) -> Iterator[Running]:
    record = folder / "mail.jsonl"
    with SmtpDesk(record) as desk, ImapDesk(record, password=CANARY) as mailbox:
        settings = {
            "kind": "email",
            "smtp": desk.url,
            "from": "Tocsin <tocsin@example.org>",
            "to": ["desk@example.org"],
            "archive_to": ARCHIVE,
            "archive_imap": mailbox.url,
        }
        yield Running(
            _build(settings),
            settings,
            lambda: [f"{m['subject']}\n{m['text']}\n{m['html']}" for m in desk.mails()],
            lambda fault: desk.fail_next(fault.removeprefix("smtp:")),
            unreachable={**settings, "smtp": f"smtp://user:{CANARY}@127.0.0.1:9"},
        )


@contextmanager
def terminal(folder: Path) -> Iterator[Running]:
    with contextlib.closing(io.StringIO()) as out:
        settings = {"kind": "terminal"}
        channel = _build(settings)
        assert isinstance(channel, Terminal)
        channel.write_to(out)
        yield Running(channel, settings, lambda: [out.getvalue()] if out.getvalue() else [], lambda _: None)


def _build(settings: dict[str, Any]) -> Channel:
    return build("desk", ChannelSpec(**settings))


CASES = {
    "email": email,
    "slack": slack,
    "slack-webhook": slack_webhook,
    "terminal": terminal,
    "webhook": webhook,
}
# what a kind speaks: which tables of answers it must know the meaning of
SPEAKS = {"email": "smtp", "slack": "http", "slack-webhook": "http", "terminal": "", "webhook": "http"}


def speaking(*protocols: str) -> list[str]:
    """The kinds that speak one of these."""
    return [kind for kind, protocol in SPEAKS.items() if protocol in protocols]
