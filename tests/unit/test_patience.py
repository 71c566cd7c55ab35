"""What one feed may spend on its pages: so many, so long, two time-outs of a host; and the line at each host."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from flows import patience
from flows.patience import Lines, Patience
from tocsin.errors import FetchError, TemporaryFetchError
from tocsin.model import Fetched

URL = "https://a.example/page"
PAGE = Fetched(URL, URL, 200, (), b"<p>text</p>", datetime(2026, 7, 1, tzinfo=UTC), 0.1)
TIMEOUT = TemporaryFetchError(URL, "timeout: not done within 45 s")


def asked(mine: Patience, *answers: Fetched | FetchError, url: str = URL) -> list[Fetched | FetchError | None]:
    """What comes of asking for a page after the other."""

    def ask(answer: Fetched | FetchError) -> Fetched:
        if isinstance(answer, FetchError):
            raise answer
        return answer

    return [mine.get(url, lambda answer=answer: ask(answer)) for answer in answers]


@pytest.mark.parametrize(
    ("error", "third"),
    [
        (TIMEOUT, None),
        (TemporaryFetchError(URL, "timeout: no connection within 5 s"), None),
        (FetchError(URL, "HTTP 404", 404), PAGE),
        (TemporaryFetchError(URL, "HTTP 503", 503), PAGE),
    ],
    ids=["no answer", "no connection", "404", "503"],
)
def test_a_host_with_two_time_outs_is_not_asked_again(error: FetchError, third: Fetched | None) -> None:
    """Nor by the other feeds of the poll; other hosts are, and what answers quickly costs nothing."""
    hung: Counter[tuple[str, str]] = Counter()
    first, second = Patience(9, 60, hung), Patience(9, 60, hung)
    assert asked(first, error, PAGE, error, PAGE) == [error, PAGE, error, third]
    assert asked(second, PAGE) == [third]
    assert asked(second, PAGE, url="https://b.example/") == [PAGE]


def test_a_feed_is_asked_where_pages_hang_but_not_where_feeds_do() -> None:
    """A feed that hangs tells of its host's pages, too; a page tells nothing of feeds."""

    def late() -> Fetched:
        raise TIMEOUT

    mine = Patience(9, 60, Counter())
    assert asked(mine, TIMEOUT, TIMEOUT, PAGE) == [TIMEOUT, TIMEOUT, None]
    assert mine.feed(URL, lambda: PAGE) is PAGE
    mine = Patience(9, 60, Counter())
    for _ in range(2):
        with pytest.raises(TemporaryFetchError, match="not done"):
            mine.feed(URL, late)
    with pytest.raises(TemporaryFetchError, match="let 2 others wait"):
        mine.feed(URL, lambda: PAGE)
    assert asked(mine, PAGE) == [None]


def test_so_many_pages_and_so_much_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that was asked for in time is waited for."""
    now = [100.0]
    monkeypatch.setattr(patience, "monotonic", lambda: now[0])
    assert asked(Patience(2, 60, Counter()), PAGE, PAGE, PAGE) == [PAGE, PAGE, None]
    mine = Patience(9, 60, Counter())
    now[0] += 30
    assert mine.feed(URL, lambda: PAGE) is PAGE
    assert asked(mine, PAGE) == [PAGE], "the minute begins with the first page, not with the feed"
    now[0] += 59.9
    assert asked(mine, PAGE) == [PAGE]
    now[0] += 0.1
    assert asked(mine, PAGE) == [None]


def test_whoever_waits_in_line_leaves_it_when_his_time_is_up() -> None:
    """And the host hears nothing of it; at another host there is no line, and this one's ends with the page."""
    lines = Lines()
    mine = Patience(9, 0.02, Counter(), lines=lines)
    with lines.turn("a.example", 1) as first:
        assert first
        assert asked(mine, PAGE) == [None]
        assert asked(Patience(9, 60, Counter(), lines=lines), PAGE, url="https://b.example/") == [PAGE]
    assert asked(Patience(9, 60, Counter(), lines=lines), TIMEOUT, PAGE) == [TIMEOUT, PAGE]
