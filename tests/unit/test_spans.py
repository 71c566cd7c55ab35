"""How long ago, in words: every way that outlets write it, and what only looks like one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scrapers import dates, spans
from tocsin.text import fold_term

NOW = datetime(2026, 7, 3, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("an hour ago", HOUR), ("half an hour ago", 30 * MINUTE), ("3 hours, 20 minutes ago", 3 * HOUR),
        ("5h ago", 5 * HOUR), ("2 days ago", 48 * HOUR), ("il y a une heure", HOUR),
        ("il y a environ 20 min", 20 * MINUTE),
        ("il y a une demi-heure", 30 * MINUTE), ("vor einer Stunde", HOUR), ("vor 3 Stunden", 3 * HOUR),
        ("een uur geleden", HOUR), ("hace una hora", HOUR), ("hace media hora", 30 * MINUTE), ("un'ora fa", HOUR),
        ("bir saat önce", HOUR), ("15 dakika önce", 15 * MINUTE), ("یک ساعت پیش", HOUR), ("منذ ساعة", HOUR),
        ("منذ ساعتين", 2 * HOUR), ("قبل دقيقتين", 2 * MINUTE), ("منذ ٣ ساعات", 3 * HOUR), ("منذ يوم", 24 * HOUR),
        ("یەک کاتژمێر لەمەوبەر", HOUR),
    ],
)  # fmt: skip
def test_how_long_ago(words: str, span: timedelta) -> None:
    assert spans.ago(fold_term(words)) == span
    assert dates.read(words, now=NOW, timezone_name="Asia/Baghdad") == NOW - span


@pytest.mark.parametrize(
    "words",
    ["two dead, 3 hours after the blast", "an hour later", "قبل ساعة من المباراة", "vor dem Tag", "vor einem Jahr",
     "at 10:17 hours ago was used twice", "one day"],
)  # fmt: skip
def test_what_is_no_time_gone_by(words: str) -> None:
    assert spans.ago(fold_term(words)) is None
