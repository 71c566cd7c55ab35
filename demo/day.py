"""Plays the sample wire day against a pipeline that is handed in, and says how it went.

The folder remembers the day: one that was interrupted, even by kill -9, goes on with the same archive, the same
clock and the same addresses; one that was finished starts afresh. The pipeline is the real one; only the world
around it (sites, Slack, mail) is served from this machine.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import yaml

from demo import desk_view, telling, truth
from demo.desk_slack import SlackDesk
from demo.desk_smtp import SmtpDesk
from demo.server import WireDay
from demo.sites import OUTLETS, Outlet
from tocsin.archive import Archive
from tocsin.errors import ArchiveError, ConfigError
from tocsin.model import RunReport

Poll = Callable[[Path, int], RunReport]  # config.yaml and the phase -> what the poll did
Say = Callable[[str], None]
Desk = TypeVar("Desk", SlackDesk, SmtpDesk)

CHANNELS = ("terminal", "desk-slack", "desk-mail")
FRESH_FOR = timedelta(hours=1)  # an older interrupted day is yesterday's news: it would not ring any more
POLL_TRIES = 5  # another poll of the same archive may be at work
MORE_DELIVERIES = 5  # polls at the end while something waits for its channel
_MARK = "tocsin demo"
_OURS = (
    "config.yaml",
    "demo.db",
    "demo.db-wal",
    "demo.db-shm",
    "slack.jsonl",
    "slack.html",
    "mail.jsonl",
    "truth.json",
)


@dataclass(frozen=True, slots=True)
class Marker:
    """How far the day has come, as ``day.json`` keeps it."""

    base_time: str  # ISO 8601
    phase: int = 0  # the last one that was polled
    finished: bool = False
    ports: dict[str, int] = field(default_factory=dict)  # outlet id, "slack" or "mail" -> port
    kind: str = _MARK

    @property
    def start(self) -> datetime:
        """When the day began, in UTC."""
        return datetime.fromisoformat(self.base_time)


class Day:
    """One sample day in one folder."""

    def __init__(self, folder: Path = Path("data/demo"), *, clock: Callable[[], datetime] | None = None) -> None:
        self.folder = folder.absolute()
        self._clock = clock or (lambda: datetime.now(UTC))

    @property
    def config_path(self) -> Path:
        """The configuration that is written for the demo."""
        return self.folder / "config.yaml"

    @property
    def archive_path(self) -> Path:
        """The demo's own archive."""
        return self.folder / "demo.db"

    def run(self, poll: Poll, say: Say) -> bool:
        """Play the day; True when everything was told as it should be.

        Args:
            poll: One poll of all due feeds, with the delivery of what it found.
            say: Takes the lines for people.

        Raises:
            ConfigError: the folder holds something else, or another demo is playing in it.
        """
        with self._alone():
            marker, resumed = self.prepare()
            with self._world(marker) as (wires, slack, mail):
                marker = replace(marker, ports={**wires.ports, "slack": slack.port, "mail": mail.port})
                self._remember(marker)
                self._write_config(wires, slack, mail)
                phases = wires.data.phases
                say(telling.opening(wires, self.folder, phases, resumed_after=marker.phase if resumed else None))
                for phase in range(marker.phase + 1, phases + 1):
                    wires.phase = phase
                    self._poll(poll, phase, phases, wires, say)
                    marker = replace(marker, phase=phase)
                    self._remember(marker)
                wires.phase = phases
                self._deliver_rest(poll, phases, say)
                report = self._conclude(wires, slack, mail, say)
                self._remember(replace(marker, finished=True))
        return report.met

    def prepare(self) -> tuple[Marker, bool]:
        """The day to play, and whether it goes on from before; what a finished or stale one left is removed.

        Raises:
            ConfigError: the folder holds something else.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        known = self._recall()
        age = self._clock() - known.start if known else timedelta(0)
        if known and not known.finished and timedelta(0) <= age < FRESH_FOR:
            return known, True
        strangers = [n for n in _OURS if (self.folder / n).exists()]
        if known is None and strangers:
            raise ConfigError(
                str(self.folder), f"holds {', '.join(strangers)} that no demo made; name another folder with --folder"
            )
        for name in _OURS:
            (self.folder / name).unlink(missing_ok=True)
        fresh = Marker(self._clock().astimezone(UTC).replace(microsecond=0).isoformat())
        self._remember(fresh)
        return fresh, False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a second demo out of the folder; the kernel lets go however this process ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "day.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ConfigError(
                    str(self.folder), "another demo is playing here; wait for it or use --folder"
                ) from None
            yield

    def _recall(self) -> Marker | None:
        path = self.folder / "day.json"
        try:
            row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return Marker(**row) if row.get("kind") == _MARK else None
        except (FileNotFoundError, ValueError, TypeError, AttributeError):
            return None  # no demo, or a file that somebody else wrote

    def _remember(self, marker: Marker) -> None:
        """Write ``day.json`` so that a crash leaves the old or the new one, never half of it."""
        path = self.folder / "day.json"
        draft = path.with_suffix(".tmp")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(marker), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    @contextmanager
    def _world(self, marker: Marker) -> Iterator[tuple[WireDay, SlackDesk, SmtpDesk]]:
        """The outlets and the desks, on the ports that they had before where those are free."""
        wires = WireDay(marker.start, ports=marker.ports)
        slack = _start(lambda port: SlackDesk(self.folder / "slack.jsonl", port), marker.ports.get("slack", 0))
        mail = _start(lambda port: SmtpDesk(self.folder / "mail.jsonl", port), marker.ports.get("mail", 0))
        try:
            with wires:
                yield wires, slack, mail
        finally:
            slack.stop()
            mail.stop()

    def _write_config(self, wires: WireDay, slack: SlackDesk, mail: SmtpDesk) -> None:
        channels = _channels(slack, mail)
        config = {
            "archive": self.archive_path.name,
            "http": {
                "user_agent": "Tocsin/1.0 (demo on this machine; desk@example.org)",
                "per_host_delay_seconds": 0,
                "allow_private_addresses": ["127.0.0.0/8"],
            },
            "feeds": [_feed(outlet, wires) for outlet in OUTLETS],
            "watches": [{"id": "iraq-security"}],
            "alerts": {"channels": channels, "routes": [{"watch": "iraq-security", "to": list(channels)}]},
        }
        head = "# Written by `tocsin demo` for its own servers; each start of the demo writes it again.\n"
        self.config_path.write_text(head + yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")

    def _poll(self, poll: Poll, phase: int, phases: int, wires: WireDay, say: Say) -> None:
        for _ in range(POLL_TRIES):
            self._make_due()
            report = poll(self.config_path, phase)
            if not report.skipped:
                break
            time.sleep(1.0)
        else:
            # not marked as done: the next start polls this phase again
            raise ArchiveError(str(self.archive_path), f"phase {phase} was not polled: {report.skipped}")
        for line in telling.progress(report, phase, phases, wires, now=self._clock()):
            say(line)

    def _make_due(self) -> None:
        """Let the feeds be asked again at once: a day of the demo passes in seconds."""
        with Archive.open(self.archive_path) as archive:
            for state in archive.feed_states().values():
                archive.save_feed_state(replace(state, next_attempt_at=None))

    def _deliver_rest(self, poll: Poll, phases: int, say: Say) -> None:
        """Poll on while alerts wait: a doubtful message is looked up only after its settle time."""
        for _ in range(MORE_DELIVERIES):
            with Archive.open(self.archive_path) as archive:
                waiting = sum(r["state"] in {"pending", "sending", "unknown"} for r in truth.deliveries(archive))
            if not waiting:
                return
            say(f"{self._clock():%H:%M}  {waiting} messages still wait: delivering again")
            time.sleep(1.5)
            poll(self.config_path, phases)

    def _conclude(self, wires: WireDay, slack: SlackDesk, mail: SmtpDesk, say: Say) -> truth.TruthReport:
        """Print every event with its alerts and evidence, and the score; leave both in the folder."""
        with Archive.open(self.archive_path) as archive:
            for line in telling.events(archive):
                say(line)
            seen = truth.seen_events(archive)
        received = truth.received_by_slack(slack.messages()) + truth.received_by_mail(mail.mails())
        report = truth.score(wires.data, wires.addresses(), seen, received, channels=CHANNELS)
        say("")
        for line in telling.closing(report, self.folder):
            say(line)
        (self.folder / "slack.html").write_text(desk_view.page(self.folder / "slack.jsonl"), "utf-8")
        (self.folder / "truth.json").write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1), "utf-8")
        return report


def _feed(outlet: Outlet, wires: WireDay) -> dict[str, Any]:
    return {
        "id": outlet.id,
        "url": wires.press.feed_url(outlet),
        "language": outlet.language,
        "kind": outlet.kind,
        "publisher": outlet.name,
        "poll_minutes": 5,
        "body": "full" if outlet.full_text else "summary",
        "timezone": outlet.timezone,
    }


def _channels(slack: SlackDesk, mail: SmtpDesk) -> dict[str, dict[str, Any]]:
    """The terminal, and the two servers; this Slack has no limits and its history no lag."""
    token = {"kind": "slack", "token": slack.token, "channel": "#iraq-desk", "api_url": slack.api_url}
    return {
        "terminal": {"kind": "terminal", "brief": True},
        "desk-slack": {**token, "pace_seconds": 0, "settle_seconds": 1},
        "desk-mail": {"kind": "email", "smtp": mail.url, "from": "tocsin@example.org", "to": ["desk@example.org"]},
    }


def _start(make: Callable[[int], Desk], port: int) -> Desk:
    """A desk on the port that it had before, else on a free one."""
    try:
        return make(port).start()
    except OSError:
        return make(0).start()
