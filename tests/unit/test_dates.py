"""Dates as feeds and pages write them, in the words of many languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scrapers import dates, zones

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "zone", "expected"),
    [
        ("Mon, 29 Jun 2026 15:07:41 GMT", None, "2026-06-29T15:07:41"),
        ("Mon, 29 Jun 2026 15:07:41 +0300", None, "2026-06-29T12:07:41"),
        ("Mon, 29 Jun 26 15:07 CEST", None, "2026-06-29T13:07:00"),
        ("Mon, 29 Jun 2026 15:07:41 AST", None, "2026-06-29T12:07:41"),
        ("Mon, 29 Jun 2026 15:07:41 AST", "America/Halifax", "2026-06-29T19:07:41"),
        ("Mon, 29 Jun 2026 15:07:41 EDT", None, "2026-06-29T19:07:41"),
        ("29 Jun 2026 15:07 GMT+3", None, "2026-06-29T12:07:00"),
        ("29 Jun 2026 15:07 (UTC+03:30)", None, "2026-06-29T11:37:00"),
        ("2026-06-29T15:07:41Z", None, "2026-06-29T15:07:41"),
        ("2026-06-29T15:07:41.123+03:00", None, "2026-06-29T12:07:41"),
        ("2026-06-29T15:07+0200", None, "2026-06-29T13:07:00"),
        ("2026-06-29 15:07:41", "Asia/Baghdad", "2026-06-29T12:07:41"),
        ("2026-06-29", None, "2026-06-29T00:00:00"),
        ("20260629T150741Z", None, "2026-06-29T15:07:41"),
        ("20260629T150741+0200", None, "2026-06-29T13:07:41"),
        ("20260629T1507+02:00", "Asia/Baghdad", "2026-06-29T13:07:00"),
        ("2026/6/29 15:07:41", "Asia/Baghdad", "2026-06-29T12:07:41"),
        ("29/06/2026 15:07", None, "2026-06-29T15:07:00"),
        ("6/29/2026 3:07 PM", None, "2026-06-29T15:07:00"),
        ("29.06.2026 - 15:07 Uhr", "Europe/Berlin", "2026-06-29T13:07:00"),
        ("Monday, June 29, 2026 - 15:07", None, "2026-06-29T15:07:00"),
        ("June 29th, 2026 12:07 am", None, "2026-06-29T00:07:00"),
        ("lundi, 29 juin 2026 à 15h07", "Europe/Paris", "2026-06-29T13:07:00"),
        ("Publié le 1er juillet 2026 à 09 h 30", None, "2026-07-01T09:30:00"),
        ("mar., 3 mars 2026 08:00 CET", None, "2026-03-03T07:00:00"),
        ("maandag 29 juni 2026 15:07", "Europe/Amsterdam", "2026-06-29T13:07:00"),
        ("29. März 2026, 15:07", "Europe/Berlin", "2026-03-29T13:07:00"),
        ("29 de junio de 2026 15:07", None, "2026-06-29T15:07:00"),
        ("29 Haziran 2026 15:07", "Europe/Istanbul", "2026-06-29T12:07:00"),
        ("29 حزيران 2026 15:07", "Asia/Baghdad", "2026-06-29T12:07:00"),
        ("٢٩ حزيران ٢٠٢٦ ١٥:٠٧", "Asia/Baghdad", "2026-06-29T12:07:00"),
        ("الاثنين 29 يونيو 2026 3:07 مساءً بتوقيت بغداد", None, "2026-06-29T12:07:00"),
        ("12 كانون الثاني 2026 10:00", None, "2026-01-12T10:00:00"),
        ("12 تشرين الأول 2025 10:00", None, "2025-10-12T10:00:00"),
        ("Junio 29 de 2026, 3:07 p. m.", None, "2026-06-29T15:07:00"),
        ("29.06.2026, 15.07 Uhr", "Europe/Berlin", "2026-06-29T13:07:00"),
        ("ma 29 jun 2026 15u07", "Europe/Brussels", "2026-06-29T13:07:00"),
        ("Jun 29, 2026, 3:07 PM ET", None, "2026-06-29T19:07:00"),
        ("Mon, 06/01/2026 - 15:07", None, "2026-06-01T15:07:00"),
        ("lun 01/06/2026 - 15:07", None, "2026-06-01T15:07:00"),
        ("۸ تیر ۱۴۰۵، ۱۵:۰۷", "Asia/Tehran", "2026-06-29T11:37:00"),
        ("1405/04/08 - 15:07", "Asia/Tehran", "2026-06-29T11:37:00"),
        ("نُشر: 15:07-29 يونيو 2026 م ـ 14 مُحرَّم 1448 هـ", None, "2026-06-29T15:07:00"),
        ("29 يونيو/ حزيران 2026 15:07", None, "2026-06-29T15:07:00"),
        ("29 يونيو 2026 - 15:07 بتوقيت غرينتش", "Asia/Baghdad", "2026-06-29T15:07:00"),
        ("29ی حوزەیرانی 2026 15:07", "Asia/Baghdad", "2026-06-29T12:07:00"),
        ("29 Hezîran 2026 15:07", "Asia/Baghdad", "2026-06-29T12:07:00"),
        ("29 جون 2026 15:07", None, "2026-06-29T15:07:00"),
        ("29 de junho de 2026 às 15h07", None, "2026-06-29T15:07:00"),
        ("maandag 29 juni, 15:07", "Europe/Amsterdam", "2026-06-29T13:07:00"),
        ("zaterdag 29 november, 15:07", "Europe/Amsterdam", "2025-11-29T14:07:00"),
        ("1782745661", None, "2026-06-29T15:07:41"),
        ("1782745661000", None, "2026-06-29T15:07:41"),
        ("Mon, 29 Mar 2026 02:30:00 Europe", "Europe/Brussels", "2026-03-29T01:30:00"),
        ("Thu, 02 Jul 2026 12:00:00 GMT", None, "2026-07-01T12:00:00"),
        ("Wed, 01 Jul 2026 12:09:00 GMT", None, "2026-07-01T12:09:00"),
        ("Publié hier à 18h42", "Europe/Brussels", "2026-06-30T16:42:00"),
        ("Gestern, 21:30 Uhr", "Europe/Berlin", "2026-06-30T19:30:00"),
        ("vandaag om 08:15", "Europe/Amsterdam", "2026-07-01T06:15:00"),
        ("أمس, 21:20", "Asia/Baghdad", "2026-06-30T18:20:00"),
        ("29.06.2026 06:42 ÖS", "Europe/Istanbul", "2026-06-29T15:42:00"),
        ("29/06/2026 06:42 د.ن", "Asia/Baghdad", "2026-06-29T15:42:00"),
        ("10:17 - 29/06/2026 مساءً", "Asia/Baghdad", "2026-06-29T19:17:00"),
        ("29-06-26, 18:42", "Europe/Amsterdam", "2026-06-29T16:42:00"),
        ("6/7/2026 5:42 PM CDT", None, "2026-06-07T22:42:00"),
        ("29 Haziran 2026 18.42", "Europe/Istanbul", "2026-06-29T15:42:00"),
        ("Mon 29 Jun 2026 18.42 BST", None, "2026-06-29T17:42:00"),
    ],
)
def test_a_date_is_read_to_the_minute(raw: str, zone: str | None, expected: str) -> None:
    """In UTC; a date in the future is the present, a clock that is nine minutes fast is left alone."""
    got = dates.read(raw, now=NOW, timezone_name=zone)
    assert got is not None
    assert got.replace(microsecond=0).isoformat() == expected + "+00:00"


@pytest.mark.parametrize(
    "raw",
    [None, "", "soon", "32 June 2026", "2026-13-45", "12:30", "1970-01-01", "29 Foo 2026 10:00:00 XX", "x" * 200 + "1"],
)
def test_what_is_no_date_is_none(raw: str | None) -> None:
    """A wrong date is worse than none."""
    assert dates.read(raw, now=NOW) is None


@pytest.mark.parametrize(
    ("raw", "now", "expected"),
    [
        ("11/12/2026 9:15 AM", "2026-11-23T10:00", "2026-11-12T09:15"),
        ("06/07/2026 18:40", "2026-07-05T12:00", "2026-06-07T18:40"),
        ("06/07/2026 18:40", "2026-07-06T18:45", "2026-07-06T18:40"),
        ("03/07/2026 01:30", "2026-07-02T22:40", "2026-07-02T22:40"),
        ("12/10/2026", "2026-11-23T10:00", "2026-10-12T00:00"),
        ("Sat 05/12/2026 08:00", "2026-11-23T10:00", None),
        ("09/12/2026 08:00", "2026-08-23T10:00", None),
        ("2026-12-11T09:15:00Z", "2026-11-23T10:00", None),
        ("11 December 2026 09:15", "2026-11-23T10:00", None),
        ("2026-11-24T09:59:00Z", "2026-11-23T10:00", "2026-11-23T10:00"),
        ("2026-11-24T10:01:00Z", "2026-11-23T10:00", None),
        ("1797000000", "2026-11-23T10:00", None),
    ],
    ids=[
        "American, of eleven days ago", "American, of a month ago", "the day first: it has begun",
        "the day first: it has begun in Baghdad", "the day first: both are past", "its weekday says the day first",
        "both lie ahead", "a machine's, weeks ahead", "in words, weeks ahead", "hours ahead",
        "a day and a minute ahead", "seconds since 1970, ahead",
    ],
)  # fmt: skip
def test_a_date_ahead_is_read_the_other_way_round_or_is_none(raw: str, now: str, expected: str | None) -> None:
    """Else an old story of an American outlet would be as of now, and ring."""
    got = dates.read(raw, now=datetime.fromisoformat(now + ":00+00:00"))
    assert (got and got.isoformat()) == (expected and expected + ":00+00:00")


def test_a_day_whose_order_is_not_sure_is_passed_on_as_it_stands() -> None:
    """It is read with the time beside it, when it is known what day it is."""
    days = [dates.day_of(words) for words in ("11/12/2026", "Sat 05/12/2026", "13/11/2026 10:00", "12 Nov. 2026", "x")]
    assert days == ["11/12/2026", "2026-12-05", "2026-11-13", "2026-11-12", ""]


def test_words_for_lately_are_read_too() -> None:
    """The slow way, through dateparser, relative to now."""
    got = dates.read("il y a 2 heures", now=NOW, language="fr")
    assert got is not None
    assert got.isoformat() == "2026-07-01T10:00:00+00:00"


def test_a_time_to_come_stays_where_it_is_asked_for() -> None:
    """The end of an embargo is no mistake of the clock."""
    got = [dates.read(raw, now=NOW, future=True) for raw in ("2026-07-03T06:00:00Z", "03/07/2026 06:00")]
    assert [when.isoformat() for when in got if when] == ["2026-07-03T06:00:00+00:00"] * 2


def test_the_zone_of_the_words_can_be_kept() -> None:
    """The filter shows a page's own day."""
    got = dates.read("2026-06-30T00:30:00+03:00", now=NOW, utc=False)
    assert got is not None
    assert got.isoformat() == "2026-06-30T00:30:00+03:00"


def test_an_unknown_zone_name_is_utc() -> None:
    """A typing mistake in a feed's configuration costs hours, not the run."""
    assert dates.zone("Mars/Olympus") is UTC


_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "ar-iq": "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",
}
_SENTENCES = {
    "en": "Published on 7 {month} 2025 at 15:07",
    "fr": "Publié le 7 {month} 2025 à 15h07",
    "de": "Stand: 7. {month} 2025, 15:07 Uhr",
    "nl": "Gepubliceerd op 7 {month} 2025 om 15:07",
    "es": "Publicado el 7 de {month} de 2025 a las 15:07",
    "tr": "Yayınlanma: 7 {month} 2025 15:07",
    "ar": "نُشر في ٧ {month} ٢٠٢٥ الساعة ١٥:٠٧",
    "ar-iq": "نُشر في ٧ {month} ٢٠٢٥ الساعة ١٥:٠٧",
}


@pytest.mark.parametrize("tongue", _MONTHS)
def test_every_month_is_read_in_the_sentence_of_a_page(tongue: str) -> None:
    """All twelve, with Arabic digits where the language writes them."""
    names = [name.replace("_", " ") for name in _MONTHS[tongue].split()]
    got = [dates.read(_SENTENCES[tongue].format(month=name), now=NOW) for name in names]
    assert got == [datetime(2025, month, 7, 15, 7, tzinfo=UTC) for month in range(1, 13)]


def test_words_that_name_no_date_cost_no_load_of_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow library is asked for the languages of wires alone, and not at all where there are no words."""
    asked: list[list[str]] = []
    monkeypatch.setattr("dateparser.parse", lambda raw, languages, settings: asked.append(languages or []))
    assert dates.read("5 hours and more, written by a reader", now=NOW) is None
    assert dates.read("0001-01-01T00:00:00Z", now=NOW) is None
    assert [{"ar", "fr", "nl", "de"} <= set(languages) for languages in asked] == [True]


@pytest.mark.parametrize(
    ("url", "language", "zone"),
    [
        ("https://www.shafaq.com/ar/a", "en-US", "Asia/Baghdad"),
        ("https://www.outlet.be/a", "nl", "Europe/Brussels"),
        ("https://outlet.example/a", "fr-BE", "Europe/Brussels"),
        ("https://outlet.example/a", "ar", "Asia/Baghdad"),
        ("https://outlet.example/a", "en", None),
        ("", "", None),
    ],
    ids=["a known host", "the country of a domain", "a region", "a language", "English tells nothing", "nothing"],
)
def test_whose_clock_an_outlet_shows(url: str, language: str, zone: str | None) -> None:
    """Host, then country, then region, then language."""
    assert zones.zone_of(url, language) == zone


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("2026-06-29T15:07:41", False),
        ("2026-06-29T15:07:41Z", True),
        ("2026-06-29T15:07+0300", True),
        ("20260629T150741Z", True),
        ("29-06-2026 15:07", False),
        ("29 Jun 2026 15:07 CEST", True),
        ("6:42 p.m. ET", True),
        ("18:42 et 19:05", False),
        ("2026-06-29", False),
    ],
)
def test_words_name_their_zone_or_do_not(raw: str, named: bool) -> None:
    """A date in figures is no offset, and French for "and" no zone."""
    assert dates.has_zone(raw) is named
