"""A small Slack on 127.0.0.1 for the demo and for tests: what it accepts stands in a JSONL file, synced to disk.

It is the outside: its file, not our archive, says which messages arrived; history is served from it. It speaks the
part of the Web API that Tocsin uses, incoming webhooks, and faults to order.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from random import Random
from socket import SO_LINGER, SOL_SOCKET
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from demo.desk_smtp import rates
from demo.listening import Listening, Quiet
from demo.slack_limits import wrong

FAULTS = ("429", "500_before", "500_after", "reset_before", "reset_after", "hang", "hang_after", "fatal_error", "html")
_AFTER = {"500_after", "reset_after", "hang_after"}  # these fail a call whose message was taken
_WRITES = {"chat.postMessage", "chat.update", "webhook"}

Json = dict[str, Any]


@dataclass
class SlackDesk(Listening):
    """The server; a context manager that starts and stops it.

    ``fail_next`` orders one fault for each of the next posts and edits (or any answer: ``{"error": "not_in_channel"}``
    as "error:not_in_channel", an HTTP status as "status:403"); ``rates`` draws faults at random.
    """

    record: Path
    port: int = 0  # 0: any free one, known after start
    token: str = "xoxb-demo"  # noqa: S105 - of a server that only this machine can reach
    channels: dict[str, str] = field(default_factory=lambda: {"iraq-desk": "C0IRAQDESK", "alerts": "C0ALERTS"})
    people: dict[str, str] = field(default_factory=lambda: {"U0AMAL": "Amal"})  # none: the token may not ask
    rates: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    per_second: float = 0.0  # posts per second and channel before 429; 0: no limit
    lag_seconds: float = 0.0  # a message shows in the history so long after it was posted
    page: int = 100  # most messages of one page of history
    hook_secret: str = "hook"  # noqa: S105 - the last part of the webhook's address

    def __post_init__(self) -> None:
        super().__post_init__()
        self._random = Random(self.seed)  # noqa: S311 - faults, not secrets
        self._lock = threading.Lock()
        self._last_post: dict[str, float] = {}
        self._messages: list[Json] = []
        self._last_ts = 0.0
        self.calls: list[str] = []

    @property
    def api_url(self) -> str:
        """What to write as ``api_url`` of a Slack channel."""
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def hook_url(self) -> str:
        """What to write as ``url`` of a slack-webhook channel; it posts to the first channel."""
        return f"http://127.0.0.1:{self.port}/services/T0DEMO/B0DEMO/{self.hook_secret}"

    def server(self, address: tuple[str, int]) -> _Server:
        """With the history of the record file."""
        desk = self

        class Handler(_Request):
            def setup(self) -> None:
                self.desk = desk
                super().setup()

        self.record.parent.mkdir(parents=True, exist_ok=True)
        self._messages = messages(self.record)
        self._last_ts = max((float(m["ts"]) for m in self._messages), default=0.0)
        return _Server(address, Handler)

    def messages(self) -> list[Json]:
        """The messages as they stand now, oldest first, edits applied."""
        return messages(self.record)

    def react(self, ts: str, emoji: str, user: str = "U0AMAL") -> None:
        """Let somebody react to a message; nothing of it is recorded."""
        with self._lock:
            found = next(m for m in self._messages if m["ts"] == ts)
            found.setdefault("reactions", []).append({"name": emoji, "users": [user], "count": 1})

    def fault(self, method: str) -> str:
        """The fault that this call meets, or ""."""
        if method not in _WRITES:
            return ""
        with self._lock:
            if self._orders:
                return self._orders.popleft()
            return next((name for name, rate in self.rates.items() if self._random.random() < rate), "")

    def call(self, method: str, args: Json) -> tuple[int, Json, dict[str, str]]:
        """Status, answer and headers of one method."""
        with self._lock:
            match method:
                case "auth.test":
                    return _ok(user="tocsin", team="Demo Desk", user_id="U0TOCSIN", bot_id="B0TOCSIN")
                case "chat.postMessage":
                    return self._post(args)
                case "chat.update":
                    return self._update(args)
                case "conversations.list":
                    return _ok(channels=[{"id": i, "name": name} for name, i in self.channels.items()])
                case "conversations.join":
                    return _ok()
                case "conversations.history" | "conversations.replies":
                    return self._history(method, args)
                case "users.info" if args.get("user") in self.people:
                    return _ok(user={"id": args["user"], "profile": {"display_name": self.people[args["user"]]}})
                case "users.info":
                    return _no("missing_scope" if not self.people else "user_not_found")
        return 200, {"ok": False, "error": "unknown_method"}, {}

    def _post(self, args: Json) -> tuple[int, Json, dict[str, str]]:
        named = str(args.get("channel", ""))
        channel = self.channels.get(named.lstrip("#"), named)
        if channel not in self.channels.values():
            return _no("channel_not_found")
        if error := wrong(args):
            return _no(error)
        thread = args.get("thread_ts")
        if thread and not any(m["channel"] == channel and m["ts"] == thread for m in self._messages):
            return _no("thread_not_found")
        now = time.time()
        if self.per_second and now - self._last_post.get(channel, 0.0) < 1 / self.per_second:
            return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"}
        self._last_post[channel] = now
        # Slack's ts is unique and only grows
        self._last_ts = max(now, self._last_ts + 0.000_001)
        kept = {
            name: args[name]
            for name in ("text", "blocks", "metadata", "thread_ts", "reply_broadcast", "client_msg_id")
            if args.get(name) not in (None, False)
        }
        if args.get("unfurl_links", True) or args.get("unfurl_media", True):
            kept["unfurls"] = True  # Slack would fetch what the feed links to
        message = {"kind": "post", "channel": channel, "ts": f"{self._last_ts:.6f}", "user": "U0TOCSIN", **kept}
        self._write(message)
        self._messages.append(message)
        return _ok(channel=channel, ts=message["ts"], message=message)

    def _update(self, args: Json) -> tuple[int, Json, dict[str, str]]:
        found = next(
            (m for m in self._messages if (m["channel"], m["ts"]) == (args.get("channel"), args.get("ts"))), None
        )
        if not found:
            return _no("message_not_found")
        if error := wrong(args):
            return _no(error)
        # what an edit does not name stays: metadata above all
        change: Json = {name: args[name] for name in ("text", "blocks", "metadata") if name in args}
        self._write({"kind": "edit", "channel": found["channel"], "ts": found["ts"], "at": time.time(), **change})
        found.update(change, edited={"ts": f"{time.time():.6f}"})
        return _ok(channel=found["channel"], ts=found["ts"])

    def _history(self, method: str, args: Json) -> tuple[int, Json, dict[str, str]]:
        channel, root = str(args.get("channel", "")), str(args.get("ts", ""))
        if channel not in self.channels.values():
            return _no("channel_not_found")
        seen = [
            m for m in self._messages if m["channel"] == channel and float(m["ts"]) < time.time() - self.lag_seconds
        ]
        if method == "conversations.replies":
            if not any(m["channel"] == channel and m["ts"] == root for m in self._messages):
                return _no("thread_not_found")
            seen = [m for m in seen if m["ts"] == root or m.get("thread_ts") == root]
        else:
            seen = [m for m in reversed(seen) if "thread_ts" not in m or m.get("reply_broadcast")]
        oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
        seen = [m for m in seen if oldest <= float(m["ts"]) <= latest or m["ts"] == root]
        start = int(args.get("cursor") or 0)
        stop = start + min(int(args.get("limit") or 100), self.page)
        hidden = set() if str(args.get("include_all_metadata")).lower() in {"true", "1"} else {"metadata"}
        page = [{k: v for k, v in m.items() if k not in hidden | {"kind", "channel"}} for m in seen[start:stop]]
        more = {"next_cursor": str(stop) if stop < len(seen) else ""}
        return _ok(messages=page, has_more=bool(more["next_cursor"]), response_metadata=more)

    def _write(self, row: Json) -> None:
        with self.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _ok(**more: Any) -> tuple[int, Json, dict[str, str]]:
    return 200, {"ok": True, **more}, {}


def _no(error: str) -> tuple[int, Json, dict[str, str]]:
    return 200, {"ok": False, "error": error}, {}


def messages(record: Path) -> list[Json]:
    """The messages of a record file, edits applied."""
    messages: dict[tuple[str, str], Json] = {}
    for row in record.read_text(encoding="utf-8").splitlines() if record.exists() else ():
        entry = json.loads(row)
        key = entry["channel"], entry["ts"]
        if entry["kind"] == "post":
            messages[key] = entry
        elif key in messages:
            change = {name: entry[name] for name in ("text", "blocks", "metadata") if name in entry}
            messages[key] = {**messages[key], **change, "edited": {"ts": f"{entry['at']:.6f}"}}
    return list(messages.values())


class _Server(Quiet, HTTPServer):
    """HTTP with a thread for each client."""


class _Request(BaseHTTPRequestHandler):
    """One HTTP request: a Web API method or the incoming webhook."""

    desk: SlackDesk
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet: the record says what came."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        hook = path.startswith("/services/")
        method = "webhook" if hook else path.removeprefix("/api/")
        self.desk.calls.append(method)
        fault = self.desk.fault(method)
        if self._failed_before(fault):
            return
        if hook:
            known = path == urlsplit(self.desk.hook_url).path
            body = {**self._args(raw), "channel": next(iter(self.desk.channels.values()))}
            status, answer, headers = (
                self.desk.call("chat.postMessage", body) if known else (404, _no("no_service")[1], {})
            )
        elif self.headers.get("Authorization") != f"Bearer {self.desk.token}":
            status, answer, headers = _no("invalid_auth")
        else:
            status, answer, headers = self.desk.call(method, self._args(raw))
        if self._failed_after(fault):
            return
        if hook:
            said = "ok" if answer["ok"] else str(answer["error"])
            status = status if status != 200 or answer["ok"] else 400
            self._say(status, said.encode(), {**headers, "Content-Type": "text/html"})
        else:
            self._say(status, json.dumps(answer).encode(), headers)

    def _args(self, raw: bytes) -> Json:
        if raw and "json" in self.headers.get("Content-Type", ""):
            args: Json = json.loads(raw)
            return args
        form = dict(parse_qsl(raw.decode("utf-8"))) | dict(parse_qsl(urlsplit(self.path).query))
        loaded = ("blocks", "metadata")
        return {name: json.loads(value) if name in loaded else value for name, value in form.items()}

    def _failed_before(self, fault: str) -> bool:
        """Fail a call before it does anything; True when it failed."""
        if fault == "429":
            self._say(429, b'{"ok":false,"error":"ratelimited"}', {"Retry-After": "1"})
        elif fault == "500_before":
            self._say(500, b"internal error", {})
        elif fault == "html":
            self._say(502, b"<html><body>Bad gateway</body></html>", {"Content-Type": "text/html"})
        elif fault == "fatal_error" or fault.startswith("error:"):
            self._say(200, json.dumps(_no(fault.removeprefix("error:"))[1]).encode(), {})
        elif fault.startswith("status:"):
            self._say(int(fault.removeprefix("status:")), b"no", {"Content-Type": "text/plain"})
        elif fault == "reset_before":
            self._reset()
        elif fault == "hang":
            self.desk.hang()
        return bool(fault) and fault not in _AFTER

    def _failed_after(self, fault: str) -> bool:
        """Fail a call whose message was taken; True when it failed."""
        if fault == "500_after":
            self._say(500, b"internal error", {})
        elif fault == "reset_after":
            self._reset()
        elif fault == "hang_after":
            self.desk.hang()
        return fault in _AFTER

    def _reset(self) -> None:
        """End with RST, as a crashed server does."""
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(argv: Sequence[str] | None = None) -> None:
    """Run until interrupted; prints its address first."""
    parser = argparse.ArgumentParser(prog="python -m demo.desk_slack", description="A Slack that records.")
    parser.add_argument("--port", type=int, default=8065)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--token", default="xoxb-demo")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME=RATE", help=", ".join(FAULTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--per-second", type=float, default=0.0)
    parser.add_argument("--lag-seconds", type=float, default=0.0)
    args = parser.parse_args(argv)
    desk = SlackDesk(
        args.record,
        args.port,
        token=args.token,
        rates=rates(args.fault, FAULTS),
        seed=args.seed,
        per_second=args.per_second,
        lag_seconds=args.lag_seconds,
    )
    with desk:
        print(desk.api_url, desk.hook_url, flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
