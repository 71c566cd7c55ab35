"""When a feed or a page says something was published: dates as people and content systems really write them.

Feed libraries read "CEST" as UTC, "2026/6/29" as the first of this month and French or Arabic month
names not at all; all silently. We read the raw words: shapes first, dateparser (slow) for the rest.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.text import fold_term

FUTURE = timedelta(minutes=10)  # clocks differ by so much; what is later is a mistake
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)

_MONTHS: dict[str, int] = {}
for _line in """
1 january jan janvier janv januari januar janner enero ene gennaio gen ocak يناير كانون_الثاني جانفي ژانویه
2 february feb fevrier fevr fev februari februar febrero febbraio subat şubat فبراير شباط فيفري فوریه
3 march mar mars maart mrt marz maerz marzo mart مارس اذار آذار
4 april apr avril avr abril abr aprile nisan ابريل أبريل نيسان افريل آوریل
5 may mai mei mayo maggio mag mayis مايو ايار أيار ماي مه
6 june jun juin juni junio giugno giu haziran يونيو حزيران جوان ژوئن
7 july jul juillet juil juli julio luglio lug temmuz يوليو تموز جويلية ژوئیه
8 august aug aout augustus augst agosto ago agustos اغسطس أغسطس اب آب اوت اوت
9 september sep sept septembre septiembre settembre set eylul سبتمبر ايلول أيلول سپتامبر
10 october oct octobre oktober okt octubre ottobre ott ekim اكتوبر أكتوبر تشرين_الأول تشرين_الاول اکتبر
11 november nov novembre noviembre kasim نوفمبر تشرين_الثاني نوامبر
12 december dec decembre dezember dez diciembre dic dicembre aralik ديسمبر كانون_الأول كانون_الاول دسامبر
""".strip().splitlines():
    _number, *_names = _line.split()
    for _name in _names:
        _MONTHS[fold_term(_name)] = int(_number)
_TWO_WORDS = re.compile(fold_term("(كانون|تشرين) (الأول|الثاني)").replace("\\", ""))

# Minutes east of Greenwich. AST is Arabia here: no feed of ours is Canadian (``feed.timezone: America/...`` says so).
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "met": 60,
    "cest": 120, "mesz": 120, "mest": 120, "eet": 120, "sast": 120, "eest": 180, "msk": 180, "trt": 180, "ast": 180,
    "irst": 210, "irdt": 270, "gst": 240, "pkt": 300, "ist": 330, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "baghdad": 180, "بغداد": 180,
}  # fmt: skip

_TIME = re.compile(
    r"(?<![\d/])(\d{1,2})(?:[:h]| h )(\d{2})(?!\d)(?::(\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(a\.?m\.?|p\.?m\.?|ص|م|صباحا|مساء)(?![^\W\d_]))?"
)
_OFFSET = re.compile(r"^\s*\(?\s*(?:gmt|utc)?\s*([+-])\s*(\d{1,2}):?(\d{2})?\b")
_ZONE_WORD = re.compile(r"^\W{0,3}(?:بتوقيت )?([^\W\d_]{1,8})\b")
_YMD = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DMY = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
_D_MONTH_Y = re.compile(
    r"(?<!\d)(\d{1,2})(?:er|st|nd|rd|th|e)?[\s.,/-]+(?:de\s+)?([^\W\d]+)[\s.,/-]+(?:de[l]?\s+)?(\d{4}|\d{2})(?!\d)"
)
_MONTH_D_Y = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?: ?(\d{2})(\d{2})(\d{2})?)?")


@lru_cache(maxsize=64)
def zone(name: str | None) -> tzinfo:
    """The zone of that IANA name; UTC when there is none."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def read(
    raw: str | None,
    *,
    now: datetime,
    timezone_name: str | None = None,
    language: str | None = None,
    utc: bool = True,
    future: bool = False,
) -> datetime | None:
    """The moment that some words name; None when they name none.

    Args:
        now: A date more than ten minutes later is a mistake and becomes ``now``.
        timezone_name: Zone of dates that name none; UTC by default.
        language: Helps with words that we do not know ourselves.
        utc: Give it in UTC; otherwise in the zone that the words name.
        future: The words name a time to come, such as the end of an embargo: it stays as it is.

    >>> day = datetime(2026, 7, 1, tzinfo=UTC)
    >>> read("lundi 29 juin 2026 à 15h07 CEST", now=day).isoformat()
    '2026-06-29T13:07:00+00:00'
    >>> read("2026/6/29 15:07", now=day, timezone_name="Asia/Baghdad").isoformat()
    '2026-06-29T12:07:00+00:00'
    """
    if not raw or len(raw) > 120 or not any(c.isdigit() for c in raw):
        return None
    text = _TWO_WORDS.sub(r"\1_\2", " ".join(fold_term(raw).split()))
    home = zone(timezone_name)
    moment = _epoch(text) or _shaped(text, home) or _guessed(raw, home, language, now)
    if moment is None or moment < _EARLIEST:
        return None
    if moment > now + FUTURE and not future:
        return now
    return moment.astimezone(UTC) if utc else moment


def has_time(raw: str) -> bool:
    """True when the words name a time of day, not only a date.

    >>> has_time("2026-06-29"), has_time("2026-06-29T15:07Z")
    (False, True)
    """
    return bool(_TIME.search(_open(fold_term(raw))))


def _epoch(text: str) -> datetime | None:
    if re.fullmatch(r"1\d{9}(?:\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    if re.fullmatch(r"1\d{12}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return None


def _open(text: str) -> str:
    """Part the date from the time, so that "29T15" and "-15:07" read alike."""
    return re.sub(r"(?<=\d)t(?=\d)", " ", text)


def _shaped(text: str, home: tzinfo) -> datetime | None:
    text = _open(text)
    compact = _COMPACT.match(text)
    if compact and re.fullmatch(r"\d{8}(?: ?\d{4}(?:\d{2})?(?:z|[+-]\d{2}:?\d{2})?)?", text):
        parts = [int(p or 0) for p in compact.groups()]
        return _build(parts[:3], (parts[3], parts[4], parts[5]), _zone_after(text[compact.end() :], home))
    time = _TIME.search(text)
    rest = text[: time.start()] + " | " + text[time.end() :] if time else text
    day = _day(rest)
    if day is None:
        return None
    if time is None:
        return _build(day, (0, 0, 0), home)
    return _build(day, _clock(time), _zone_after(text[time.end() :], home))


def _day(text: str) -> list[int] | None:
    """Year, month and day."""
    if found := _YMD.search(text):
        return [int(part) for part in found.groups()]
    if found := _DMY.search(text):
        first, second, year = (int(part) for part in found.groups())
        return [year, first, second] if second > 12 else [year, second, first]
    for found in _D_MONTH_Y.finditer(text):
        if month := _MONTHS.get(found.group(2)):
            year = int(found.group(3))
            return [year + 2000 if year < 100 else year, month, int(found.group(1))]
    for found in _MONTH_D_Y.finditer(text):
        if month := _MONTHS.get(found.group(1)):
            return [int(found.group(3)), month, int(found.group(2))]
    return None


def _clock(found: re.Match[str]) -> tuple[int, int, int]:
    hour, minute, second = int(found.group(1)), int(found.group(2)), int(found.group(3) or 0)
    half = (found.group(4) or "").replace(".", "")
    if half in {"pm", "م", "مساء"} and hour < 12:
        hour += 12
    elif half in {"am", "ص", "صباحا"} and hour == 12:
        hour = 0
    return hour, minute, second


def _zone_after(text: str, home: tzinfo) -> tzinfo:
    """The zone named right behind a time."""
    if found := _OFFSET.match(text):
        minutes = int(found.group(2)) * 60 + int(found.group(3) or 0)
        if minutes <= 14 * 60:
            return timezone(timedelta(minutes=-minutes if found.group(1) == "-" else minutes))
    found = _ZONE_WORD.match(text)
    word = found.group(1) if found else ""
    if word == "ast" and str(home).startswith("America/"):
        return timezone(timedelta(hours=-4))
    return timezone(timedelta(minutes=_ZONES[word])) if word in _ZONES else home


def _build(day: list[int], clock: tuple[int, int, int], where: tzinfo) -> datetime | None:
    try:
        return datetime(day[0], day[1], day[2], clock[0], clock[1], clock[2], tzinfo=where)
    except (ValueError, OverflowError):
        return None


def _guessed(raw: str, home: tzinfo, language: str | None, now: datetime) -> datetime | None:
    """What dateparser makes of words that have none of our shapes ("hace 2 horas"); None for a bare number."""
    if re.fullmatch(r"[\d\s.,:/-]+", raw):
        return None
    import dateparser  # slow to load, and hardly ever needed

    known = [language] if language in {"ar", "de", "en", "es", "fa", "fr", "it", "nl", "tr"} else None
    settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "DATE_ORDER": "DMY", "RETURN_AS_TIMEZONE_AWARE": False}
    guess = dateparser.parse(raw, languages=known, settings=settings)
    if guess is None:
        return None
    return guess if guess.tzinfo else guess.replace(tzinfo=home)
