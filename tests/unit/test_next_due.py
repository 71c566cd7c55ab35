"""When a run that found nothing to do says the next feed is due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows import run
from tocsin.archive import Archive
from tocsin.config import Config, Feed, Http
from tocsin.model import FeedState

SOON = run.utc_now() + timedelta(minutes=20)
LONG_AGO = SOON - timedelta(days=3, hours=5)


def feed(name: str, *, enabled: bool = True) -> Feed:
    """A feed of the config."""
    return Feed(id=name, url=f"https://{name}.example/rss", enabled=enabled)


@pytest.mark.parametrize(
    ("feeds", "expected"),
    [
        pytest.param([feed("here")], f"no feed is due until {SOON:%H:%M} UTC", id="a removed feed does not count"),
        pytest.param([feed("here"), feed("gone", enabled=False)], f"due until {SOON:%H:%M} UTC", id="nor one off"),
        pytest.param([feed("gone", enabled=False)], "no feed is configured", id="all are off"),
        pytest.param([feed("gone")], "no feed is due", id="another run has it"),
    ],
)
def test_the_next_feed_is_one_that_will_be_asked(feeds: list[Feed], expected: str) -> None:
    """Not one whose time passed long ago because nobody asks it any more."""
    config = Config(http=Http(user_agent="Test/1.0 (+https://t.example)"), feeds=tuple(feeds))
    with Archive.memory() as archive:
        archive.save_feed_state(FeedState("here", next_attempt_at=SOON))
        archive.save_feed_state(FeedState("gone", next_attempt_at=LONG_AGO))
        assert expected in run.next_due(config, archive)
