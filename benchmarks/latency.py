"""From "the feed shows the item" to "Slack took the alert": one article, and a burst of a thousand, on loopback.

The poll interval is not in it; everything else is: the GET, extraction, look-ups, flagging, the event, the outbox with
its durable commits, Slack's pace of about one message a second. Acceptance is what the recording Slack wrote down.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.measure import machine
from demo.desk_slack import SlackDesk
from flows import run
from tocsin.config import Config, reading
from tocsin.flagging.gazetteer import entries

SINGLES, BURST, FEEDS = 20, 1000, 10
KINDS = (
    ("Two Katyusha rockets hit a base near {place}", "Two Katyusha rockets struck a base near {place} at {hour}, "
     "wounding {n} soldiers, a security source said. The launcher was found in an orchard {n} kilometres away."),
    ("Roadside bomb kills {n} policemen in {place}", "A roadside bomb went off beside a police patrol in {place} at "
     "{hour}, killing {n} policemen, a police captain said. Nobody claimed it; the road was closed for {n} hours."),
    ("Gunmen kill {n} people in {place}", "Gunmen in two cars opened fire on a market in {place} at {hour}, killing "
     "{n} people before they fled towards the river, local officials said. Reinforcements searched {n} farms."),
    ("Drone attack on a camp in {place} wounds {n}", "An explosive drone crashed into a camp of the army in {place} at "
     "{hour} and wounded {n} soldiers, the operations command said. A second drone was shot down before it arrived."),
)  # fmt: skip


def stories(count: int) -> list[tuple[str, str]]:
    """Titles and texts of different attacks at different places."""
    places = [entry.place.name for entry in entries().values() if entry.place.country == "IQ"]
    made = []
    for n in range(count):
        title, text = KINDS[n // len(places) % len(KINDS)]
        words = {"place": places[n % len(places)], "n": 2 + n % 17, "hour": f"{1 + n % 12}:{n % 60:02d}"}
        made.append((title.format(**words), f"{title.format(**words)}. {text.format(**words)}"))
    return made


@contextmanager
def press(feeds: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    """A server whose feeds show what the table holds at the moment; full texts, as an agency's feed has them."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown = feeds.get(self.path.strip("/"))
            body = _rss(self.path, shown).encode() if shown is not None else b""
            self.send_response(200 if shown is not None else 404)
            self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _rss(path: str, shown: list[tuple[str, str]]) -> str:
    at = format_datetime(datetime.now(UTC) - timedelta(minutes=1))
    items = "".join(
        f"<item><title>{escape(title)}</title><link>https://agency.example{path}/{n}</link><guid>{path}-{n}</guid>"
        f"<pubDate>{at}</pubDate><content:encoded>{escape(f'<p>{text}</p>')}</content:encoded></item>"
        for n, (title, text) in enumerate(shown)
    )
    head = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Agency</title>'
    return f"{head}<link>https://agency.example/</link>{items}</channel></rss>"


def config(folder: Path, address: str, feeds: list[str], desk: SlackDesk) -> Config:
    """A configuration that polls these feeds and rings on that Slack."""
    rows = "\n".join(
        f"  - {{id: {name}, url: '{address}/{name}', language: en, kind: agency, publisher: Agency, body: full}}"
        for name in feeds
    )
    path = folder / "config.yaml"
    path.write_text(
        f"""archive: tocsin.db
http: {{user_agent: "Tocsin/1.0 (+https://bench.example/; desk@bench.example)", per_host_delay_seconds: 0,
  allow_private_addresses: ["127.0.0.0/8"]}}
feeds:
{rows}
alerts:
  channels:
    slack: {{kind: slack, token: {desk.token}, channel: "#iraq-desk", api_url: "{desk.api_url}"}}
  routes: [{{to: [slack]}}]
""",
        encoding="utf-8",
    )
    return reading.load(path)


def accepted(desk: SlackDesk) -> dict[str, float]:
    """When each delivery's message was taken, by its key."""
    return {
        key: float(message["ts"])
        for message in desk.messages()
        for key in message["metadata"]["event_payload"]["idem"].split()
    }


def once(shown: dict[str, list[tuple[str, str]]]) -> tuple[list[float], float]:
    """Show feeds, poll until all is delivered; seconds of each alert from then on, and of the first poll."""
    with tempfile.TemporaryDirectory() as name, SlackDesk(Path(name) / "slack.jsonl") as desk:
        folder = Path(name)
        with press(shown) as address:
            set_up = config(folder, address, list(shown), desk)
            began = time.time()
            report = run.poll_direct(set_up)
            first = time.time() - began
            while report.waiting or report.failed:
                report = run.poll_direct(set_up)
        return sorted(at - began for at in accepted(desk).values()), first


def _line(what: str, seconds: list[float], goal: str) -> str:
    half, most = (seconds[int(len(seconds) * share)] for share in (0.5, 0.95))
    return f"{what:28} {len(seconds):6d} {half:8.2f} {most:8.2f} {seconds[-1]:8.2f}   {goal}"


def main() -> None:
    """Print two rows."""
    print(machine())
    once({"warm": stories(3)})  # lexicons and gazetteer are read once a process
    singles = sorted(s for n in range(SINGLES) for s in once({f"one-{n}": stories(SINGLES)[n : n + 1]})[0])
    made, spent = stories(BURST), time.process_time()
    burst, first = once({f"many-{n}": made[n * BURST // FEEDS : (n + 1) * BURST // FEEDS] for n in range(FEEDS)})
    print(f"{'seconds to acceptance':28} {'alerts':>6} {'p50':>8} {'p95':>8} {'max':>8}   goal for p95")
    print(_line("one article", singles, "under 5 s"))
    print(_line(f"{BURST} articles at once", burst, "under 60 s"))
    spent, load = time.process_time() - spent, os.getloadavg()[0]
    print(
        f"the poll of {BURST} articles, delivery included: {first:.1f} s, "
        f"of these {spent:.1f} s of our CPU; load average {load:.1f}"
    )


if __name__ == "__main__":
    main()
