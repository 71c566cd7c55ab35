"""What stands in the demo's Slack, as one static HTML page: threads, edits, light and dark."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup, escape

from demo.desk_slack import messages
from tocsin.english import counted

_TEMPLATES = Path(__file__).parent / "templates"


# drawn by us, so that the page looks the same where no emoji font is installed
_SVG = '<svg class="mark" viewBox="0 0 20 20" role="img" aria-label="{0}">{1}</svg>'
_DOT = '<circle cx="10" cy="10" r="9.5" fill="{0}"/>'
_PIN = (
    '<path fill="#d93a3a" d="M10 0a6.5 6.5 0 0 0-6.5 6.5C3.5 11.3 10 20 10 20s6.5-8.7 6.5-13.5A6.5 6.5 0 0 0 10 0Z'
    'm0 9a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5Z"/>'
)
_DRAWN = {
    "🔴": _SVG.format("red", _DOT.format("#d62f2f")),
    "🟠": _SVG.format("orange", _DOT.format("#e8741e")),
    "🟡": _SVG.format("yellow", _DOT.format("#e3b21a")),
    "🔵": _SVG.format("blue", _DOT.format("#2f7fd6")),
    "📍": _SVG.format("place", _PIN),
}


def drawn(text: str) -> Markup:
    """Text, escaped, with its marks as pictures."""
    safe = str(escape(text))
    for mark, picture in _DRAWN.items():
        safe = safe.replace(mark, picture)
    return Markup(safe)  # noqa: S704 - escaped above; the pictures are ours


def page(record: Path, *, channel: str = "iraq-desk", timezone: str = "Asia/Baghdad") -> str:
    """The HTML page of a record file, the oldest message first.

    Args:
        channel: The name to show.
    """
    zone = ZoneInfo(timezone)
    shown: list[dict[str, Any]] = []
    for message in messages(record):
        at = datetime.fromtimestamp(float(message["ts"]), zone)
        shown.append({**message, "at": f"{at:%H:%M}", "replies": []})
    roots = {message["ts"]: message for message in shown if "thread_ts" not in message}
    for message in shown:
        if root := roots.get(message.get("thread_ts", "")):
            root["replies"].append(message)
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)
    templates.filters["drawn"] = drawn
    count = counted(len(shown), "message")
    return templates.get_template("desk_view.html.j2").render(
        title=f"#{channel}", channel=channel, roots=roots.values(), count=count
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Write the page of a record file."""
    parser = argparse.ArgumentParser(prog="python -m demo.desk_view", description="The recorded Slack channel as HTML.")
    parser.add_argument("record", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--channel", default="iraq-desk")
    args = parser.parse_args(argv)
    args.out.write_text(page(args.record, channel=args.channel), encoding="utf-8")


if __name__ == "__main__":
    main()
