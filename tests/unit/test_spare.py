"""skipHours and skipDays as feeds write them."""

from __future__ import annotations

import pytest

from scrapers import feeds, spare
from tests.fakes.site import NOW
from tocsin.config import Feed
from tocsin.model import Fetched


@pytest.mark.parametrize(
    ("channel", "skip"),
    [
        ("<skipHours><hour>0</hour><hour>23</hour></skipHours>", "h0 h23"),
        ("<skipHours><hour>24</hour><hour>99</hour></skipHours>", "h0"),
        ("<skipDays>\n<day>Saturday</day><day>sunday</day><day>Someday</day></skipDays>", "d5 d6"),
        ("<skipHours><hour> 7 </hour></skipHours><skipDays><day>Friday</day></skipDays>", "h7 d4"),
        ("<skipHours/>", ""),
        ("", ""),
    ],
    ids=["hours", "24 for 0", "days", "both", "empty", "none"],
)
def test_hours_and_days_arrive_with_the_document(channel: str, skip: str) -> None:
    """Through the reader of every feed."""
    body = f'<rss version="2.0"><channel><title>T</title>{channel}<item><title>t</title></item></channel></rss>'
    feed = Feed(id="a", url="https://a.example/rss")
    document = feeds.read(feed, Fetched(feed.url, feed.url, 200, (), body.encode(), NOW, 0.1), now=NOW)
    assert document.skip == spare.asked(body.encode()) == skip
