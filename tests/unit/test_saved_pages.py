"""Pages read later from a file: "two hours ago" counts from when the page was saved, where anything tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from scrapers import extract

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
STORY = (
    "<p>Two drones fell near the airport of Kirkuk early on Friday and damaged the roof of a hangar, police said.</p>"
    "<p>Flights went on as planned, and the wreckage was taken to Baghdad for study, the governor told reporters.</p>"
    "<p>Nobody claimed the attack. Another in April had left three districts of the province without power.</p>"
)


def _read(ago: str, *, mark: str = "", **more: Any) -> dict[str, Any]:
    html = f'<html lang="en">{mark}<body><article><h1>Drones fall near Kirkuk</h1><p class="date">{ago}</p>{STORY}'
    return extract.line({"id": 1, "url": "https://outlet.iq/a", "html": html, **more}, base=None, now=NOW)


@pytest.mark.parametrize(
    ("how", "published"),
    [
        ({"ago": "2 hours ago", "fetched": "2026-07-03T18:42:00Z"}, "2026-07-03T16:42"),
        ({"ago": "Yesterday at 6:42 PM", "fetched": "2026-07-03T23:30:00Z"}, "2026-07-03T18:42"),
        ({"ago": "Today, 09:15", "mark": "<!-- FILE ARCHIVED ON 18:42:10 Jul 03, 2026 AND -->"}, "2026-07-03T09:15"),
        (
            {
                "ago": "Yesterday 09:15",
                "mark": "<!--\n Page saved with SingleFile \n url: https://outlet.iq/a \n saved date: Sat Jul 04 2026 "
                "18:42:10 GMT+0200 (Central European Summer Time)\n-->",
            },
            "2026-07-03T09:15",
        ),
        ({"ago": "Yesterday at 09:15"}, "2026-10-31T09:15"),
    ],
    ids=["hours before it was fetched", "by the day of the outlet", "wayback", "singlefile", "nothing tells"],
)
def test_what_is_counted_back_counts_from_the_saving(how: dict[str, Any], published: str) -> None:
    """After midnight in Baghdad, yesterday is what is still today in London."""
    assert _read(**how)["published"][:16] == published


def test_a_time_of_saving_that_is_none_is_told() -> None:
    """The line gets its error and the rest goes on."""
    assert "fetched" in _read("2 hours ago", fetched="lately")["error"]
    assert "fetched" in _read("2 hours ago", fetched=17)["error"]
