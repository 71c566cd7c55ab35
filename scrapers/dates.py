"""When a feed or a page says something was published: dates as people and content systems really write them.

Feed libraries read "CEST" as UTC, "2026/6/29" as the first of this month and French or Arabic month
names not at all; all silently. We read the raw words: shapes first, dateparser (slow) for the rest.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scrapers import daywords, persian, spans
from tocsin.text import fold_term

FUTURE = timedelta(minutes=10)  # clocks differ by so much; what is later is a mistake, and means now
AHEAD = timedelta(days=1)  # zones and clocks differ by less; what is later is no date of publication
_EASTERNMOST = timedelta(hours=14)  # the clocks that are first
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)

_MONTHS: dict[str, int] = {}
for _line in """
1 january jan janvier janv januari januar janner januarie enero ene gennaio gen janeiro ocak cile يناير كانون_الثاني
1 جانفي ژانویه جنوری کانوونی_دووەم
2 february feb fevrier fevr fev februari februar februarie febrero febbraio fevereiro subat sibat فبراير شباط فيفري
2 فوریه فروری شوبات
3 march mar mars maart mrt marz maerz marzo marco mart adar مارس اذار آذار مارچ ئازار
4 april apr avril avr abril abr aprile nisan ابريل أبريل نيسان افريل آوریل اپریل نیسان
5 may mai mei mayo maggio mag maio mayis gulan مايو ايار أيار ماي مه مئی ئایار
6 june jun juin juni junie junio giugno giu junho haziran hezirana heziran يونيو يونية حزيران جوان ژوئن جون حوزەیران
7 july jul juillet juil juli julie julio luglio lug julho temmuz tirmeh تموز يوليو يولية جويلية ژوئیه جولای جولائی
7 تەمموز تەممووز يوليوز
8 august aug aout augustus augst agosto ago agustos tebax اغسطس أغسطس اب آب اوت اگوست اگست ئاب غشت أوت
9 september sep sept septembre septiembre settembre set setembro eylul ilon سبتمبر ايلول أيلول سپتامبر ستمبر ئەیلوول
9 ئەیلول شتنبر
10 october oct octobre oktober okt octubre ottobre ott outubro ekim cotmeh اكتوبر أكتوبر تشرين_الأول تشرين_الاول
10 اکتبر اکتوبر تشرینی_یەکەم
11 november nov novembre noviembre novembro kasim mijdar نوفمبر تشرين_الثاني نوامبر نومبر تشرینی_دووەم نونبر
12 december dec decembre dezember dez diciembre dic dicembre dezembro desember aralik berfanbar ديسمبر كانون_الأول
12 كانون_الاول دسامبر دسمبر کانوونی_یەکەم دجنبر
""".strip().splitlines():
    _number, *_names = _line.split()
    for _name in _names:
        _MONTHS[fold_term(_name)] = int(_number)
_TWO_WORDS = re.compile(fold_term("(كانون|تشرين|كانوونی|تشرینی) (الأول|الثاني|یەکەم|دووەم)").replace("\\", ""))
_WEEKDAYS = {
    word: number
    for number, words in enumerate((
        "mon monday lun lundi lunes ma maandag mo montag", "tue tuesday mar mardi martes di dinsdag dienstag",
        "wed wednesday mer mercredi mie miercoles woensdag mittwoch",
        "thu thursday jeu jeudi jue jueves donderdag donnerstag",
        "fri friday ven vendredi vie viernes vrijdag freitag", "sat saturday sam samedi sab sabado zaterdag samstag",
        "sun sunday dim dimanche dom domingo zondag sonntag",
    ))
    for word in words.split()
}  # fmt: skip

# Minutes east of Greenwich. AST is Arabia here: no feed of ours is Canadian (``feed.timezone: America/...`` says so).
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "met": 60,
    "cest": 120, "mesz": 120, "mest": 120, "eet": 120, "sast": 120, "eest": 180, "msk": 180, "trt": 180, "ast": 180,
    "irst": 210, "irdt": 270, "gst": 240, "pkt": 300, "ist": 330, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "baghdad": 180, "بغداد": 180, "مكه": 180, "غرينتش": 0,
    "جرينتش": 0, "غرينيتش": 0,
}  # fmt: skip
_AMERICAN = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}

_TIME = re.compile(
    r"(?<![\d/.])(\d{1,2})(?:[:hu]| h |\.(?=\d\d ?(?:uhr|uur|[ap]\.?m\b|bst\b|gmt\b|ces?t\b|utc\b))"
    r"|(?:(?<=20\d\d \d\d)|(?<=20\d\d, \d\d))\.(?=\d\d(?![\d.])))(\d{2})(?!\d)"
    r"(?::(\d{2})(?:[.,]\d+)?)?"
    rf"(?:\s*({daywords.HALF})(?![^\W\d_]))?"
)
_OFFSET = re.compile(
    r"^\s*\(?\s*(?:(?:gmt|utc)\s*([+-])\s*(\d{1,2}):?(\d{2})?\b|([+-])\s?(\d{2}):?(\d{2})?\b(?!\s*[^\W\d]|[-/.]\d))"
)
_ZONE_WORD = re.compile(r"^\W{0,3}(?:uhr |uur )?\W?(?:بتوقيت |توقيت )?([^\W\d_]{1,8})\b")
_NAMED_ZONE = re.compile(r"(?:^|\W)(?:بتوقيت|توقيت) ([^\W\d_]{2,8})")
_SIGNED = re.compile(
    r"(?::\d\d(?:[.,]\d+)?|\d{6}) ?(?:z|[+-]\d\d:?(?:\d\d)?)(?![\w:-])|\b(?:gmt|utc)\b|(?:بتوقيت|توقيت) "
)
_YMD = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DMY = re.compile(r"(?<![\d/])(\d{1,2})(?:[-/.]| [-/] )(\d{1,2})(?:[-/.]| [-/] )(\d{4}|[23]\d(?![:./-]))(?!\d)")
_WEEKDAY_BEFORE = re.compile(r"([^\W\d_]{2,10})\W{1,3}$")
_D_MONTH_Y = re.compile(
    r"(?<!\d)(\d{1,2})(?:er|st|nd|rd|th|e|ی|ي)?[\s.,/-]+(?:de\s+)?([^\W\d]+)(?:\s?[/(]\s?[^\W\d]+\)?)?[\s.,/|-]+"
    r"(?:de[l]?\s+)?(\d{4}|\d{2})(?!\d|[:.hu]\d)"
)
_D_MONTH = re.compile(r"(?<![\d:])(\d{1,2})(?:er|st|nd|rd|th|e|ی|ي)?[\s.]+(?:de\s+)?([^\W\d]+)")
_MONTH_D_Y = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:de[l]?\s+)?(\d{4})(?!\d)")
_AMERICAN_CLOCK = re.compile(r"\| *\(?[ecmp][ds]t\b")  # where the time was cut out
# As machines write it, which is most of what pages declare; anything else is taken apart.
_EXACT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)", re.A)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?: ?(\d{2})(\d{2})(\d{2})?)?")
_NOWHERE = timezone(timedelta(0), "nowhere")


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
        now: A date more than ten minutes later is a mistake and becomes ``now``; more than a day, and it is none.
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
    if not raw or len(raw) > 120:
        return None
    latest = None if future else now + _EASTERNMOST
    moment = _exact(raw) or _told(raw, zone(timezone_name), language, now, latest)
    if moment is None or moment < _EARLIEST or (moment > now + AHEAD and not future):
        return None
    if moment > now + FUTURE and not future:
        return now
    return moment.astimezone(UTC) if utc else moment


def _exact(raw: str) -> datetime | None:
    if _EXACT.fullmatch(raw) is None:
        return None
    try:
        return datetime.fromisoformat(raw).replace(microsecond=0)
    except ValueError:  # the 31st of June
        return None


def _told(raw: str, home: tzinfo, language: str | None, now: datetime, latest: datetime | None) -> datetime | None:
    folded = " ".join(fold_term(raw).split())
    span = spans.ago(folded)
    if span is not None:
        return now - span
    if not any(c.isdigit() for c in raw):
        return None
    text = _TWO_WORDS.sub(r"\1_\2", folded)
    return (
        _epoch(text)
        or _shaped(text, home, latest)
        or _spoken(text, home, now)
        or _this_year(text, home, now)
        or _guessed(raw, home, language, now)
    )


def has_time(raw: str) -> bool:
    """True when the words name a time of day, not only a date.

    >>> has_time("2026-06-29"), has_time("2026-06-29T15:07Z")
    (False, True)
    """
    return bool(_EXACT.fullmatch(raw) or _TIME.search(_open(fold_term(raw))))


def has_zone(raw: str) -> bool:
    """True when the words name the zone of their time.

    >>> has_zone("2026-06-29T15:07:41"), has_zone("2026-06-29T15:07:41+03:00")
    (False, True)
    """
    if _EXACT.fullmatch(raw):
        return True
    text = _open(fold_term(raw))
    if _SIGNED.search(text) or re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        return True
    time = _TIME.search(text)
    return time is not None and _zone_of(time, text, _NOWHERE) is not _NOWHERE


def _epoch(text: str) -> datetime | None:
    if re.fullmatch(r"1\d{9}(?:\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    if re.fullmatch(r"1\d{12}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return None


def _open(text: str) -> str:
    """Part the date from the time, so that "29T15" and "-15:07" read alike."""
    return re.sub(r"(?<=\d)t(?=\d)", " ", text)


def _shaped(text: str, home: tzinfo, latest: datetime | None) -> datetime | None:
    """The moment that a date in figures or words names; of "11/12/2026" not what is after ``latest``."""
    text = _open(text)
    compact = _COMPACT.match(text)
    if compact and re.fullmatch(r"\d{8}(?: ?\d{4}(?:\d{2})?(?:z|[+-]\d{2}:?\d{2})?)?", text):
        parts = [int(p or 0) for p in compact.groups()]
        return _build(parts[:3], (parts[3], parts[4], parts[5]), _zone_after(text[compact.end() :], home))
    time = _TIME.search(text)
    rest = text[: time.start()] + " | " + text[time.end() :] if time else text
    clock = _clock(time) if time else (0, 0, 0)
    last = latest - timedelta(hours=clock[0], minutes=clock[1]) if latest else None
    day = _day(rest, last.date() if last else date.max)
    if day is None:
        return None
    return _build(day, clock, _zone_of(time, text, home) if time else home)


def _this_year(text: str, home: tzinfo, now: datetime) -> datetime | None:
    """The latest moment so far that a day without its year and a time name: "vrijdag 3 juli, 18:42"."""
    time = _TIME.search(text)
    day = _day_of_year(text)
    if time is None or day is None:
        return None
    years = (now.year, now.year - 1)
    moments = (_build([year, *day], _clock(time), _zone_of(time, text, home)) for year in years)
    return next((moment for moment in moments if moment is not None and moment <= now + FUTURE), None)


def _spoken(text: str, home: tzinfo, now: datetime) -> datetime | None:
    """The moment that a time beside "today" or "yesterday" names, by the day of the outlet."""
    time = _TIME.search(text)
    back = _back(time, text)
    if time is None or back is None:
        return None
    day = now.astimezone(home).date() - timedelta(days=back)
    return _build([day.year, day.month, day.day], _clock(time), _zone_of(time, text, home))


def _back(time: re.Match[str] | None, text: str) -> int | None:
    return None if time is None else daywords.days_back(text[: time.start()], text[time.end() :])


def _day_of_year(text: str) -> list[int] | None:
    """Month and day of words that leave out the year."""
    for found in _D_MONTH.finditer(text):
        if month := _month(found.group(2)):
            return [month, int(found.group(1))]
    return None


def _day(text: str, latest: date) -> list[int] | None:
    """Year, month and day, of our calendar where a date stands in several; by ``latest`` where its order is open."""
    found = _YMD.search(text)
    if found and int(found.group(1)) > 1900:
        return [int(part) for part in found.groups()]
    if numbers := _DMY.search(text):
        return _ordered(numbers, text, latest)
    other = None
    if found and int(found.group(1)) in persian.YEARS:
        other = [int(part) for part in found.groups()]
    for found in _D_MONTH_Y.finditer(text):
        year = int(found.group(3))
        if (month := _month(found.group(2))) and not 100 <= year < 1900:
            return [year + 2000 if year < 100 else year, month, int(found.group(1))]
        if (month := persian.MONTHS.get(found.group(2))) and year in persian.YEARS:
            other = [year, month, int(found.group(1))]
    for found in _MONTH_D_Y.finditer(text):
        if month := _month(found.group(1)):
            return [int(found.group(3)), month, int(found.group(2))]
    return persian.in_ours(*other) if other else None


def _month(word: str) -> int | None:
    """The month of that name, bare or with the ending that Kurdish gives it before a year."""
    return _MONTHS.get(word) or (_MONTHS.get(word[:-1]) if word.endswith(("ي", "e")) else None)


def _ordered(found: re.Match[str], text: str, latest: date) -> list[int]:
    """The year, month and day of "07/03/2026": the likeliest that has begun by ``latest``, else the likeliest."""
    orders = _orders(found, text)
    return next((day for day in orders if date(*day) <= latest), orders[0]) if len(orders) > 1 else orders[0]


def _orders(found: re.Match[str], text: str) -> list[list[int]]:
    """What "07/03/2026" may be: the day first, unless no month, an American clock or the weekday before it says no."""
    first, second, year = (int(part) for part in found.groups())
    year += 2000 if year < 100 else 0
    day_first, month_first = [year, second, first], [year, first, second]
    if second > 12 or (first <= 12 and _AMERICAN_CLOCK.search(text)):
        return [month_first]
    if first > 12 or not (first and second and year):
        return [day_first]
    before = _WEEKDAY_BEFORE.search(text[: found.start()])
    weekday = _WEEKDAYS.get(before.group(1)) if before else None
    both = [day_first, month_first] if first != second else [day_first]
    return [day for day in both if date(*day).weekday() == weekday] or both


def _clock(found: re.Match[str]) -> tuple[int, int, int]:
    hour, minute, second = int(found.group(1)), int(found.group(2)), int(found.group(3) or 0)
    before, after = found.string[: found.start()], found.string[found.end() :]
    hour = daywords.hour_of(hour, found.group(4) or "", before, after)
    return hour, minute, second


def _zone_of(time: re.Match[str], text: str, home: tzinfo) -> tzinfo:
    """The zone of a time in a text; "ET" only behind an American half of the day: elsewhere it is French for "and"."""
    after = text[time.end() :]
    american = re.match(r"\W{0,2}([ecmp]t)\b", after) if time.group(4) else None
    return zone(_AMERICAN[american.group(1)]) if american else _zone_after(after, home)


def _zone_after(text: str, home: tzinfo) -> tzinfo:
    """The zone named right behind a time."""
    if found := _OFFSET.match(text):
        sign, hours, rest = (found.group(i) or found.group(i + 3) for i in (1, 2, 3))
        minutes = int(hours) * 60 + int(rest or 0)
        if minutes <= 14 * 60:
            return timezone(timedelta(minutes=-minutes if sign == "-" else minutes))
    named = _ZONE_WORD.match(text)
    word = named.group(1) if named else ""
    if word not in _ZONES and (named := _NAMED_ZONE.search(text)):
        word = named.group(1)
    if word == "ast" and str(home).startswith("America/"):
        return timezone(timedelta(hours=-4))
    return timezone(timedelta(minutes=_ZONES[word])) if word in _ZONES else home


def _build(day: list[int], clock: tuple[int, int, int], where: tzinfo) -> datetime | None:
    try:
        return datetime(day[0], day[1], day[2], clock[0], clock[1], clock[2], tzinfo=where)
    except (ValueError, OverflowError):
        return None


_SPOKEN = (
    "ar", "da", "de", "en", "es", "fa", "fr", "he", "it", "nb", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "ur",
)  # fmt: skip
_NO_WORDS = re.compile(r"[\d\s.,:/-]+|0001-01-01.*")  # the year 1 is no date of some systems


def _guessed(raw: str, home: tzinfo, language: str | None, now: datetime) -> datetime | None:
    """What dateparser makes of words that have none of our shapes ("hace 2 horas"); None for a bare number."""
    if _NO_WORDS.fullmatch(raw):
        return None
    import dateparser  # slow to load, and hardly ever needed

    known = [language] if language in _SPOKEN else list(_SPOKEN)  # of all its 200, loading takes 1.5 s and 30 MB
    settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "DATE_ORDER": "DMY", "RETURN_AS_TIMEZONE_AWARE": False}
    guess = dateparser.parse(raw, languages=known, settings=settings)
    if guess is None:
        return None
    return guess if guess.tzinfo else guess.replace(tzinfo=home)


def names_day(text: str) -> bool:
    """True when a folded text names a day in one of our shapes; without its year, only beside a time."""
    text = _open(_TWO_WORDS.sub(r"\1_\2", text))
    time = _TIME.search(text)
    beside = time is not None and (_day_of_year(text) is not None or _back(time, text) is not None)
    return beside or _day(text, date.max) is not None


def is_calendar_word(word: str) -> bool:
    """True for the name of a month or a weekday, which no author bears."""
    folded = fold_term(word.strip(" .,"))
    return folded in _MONTHS or folded in _WEEKDAYS


def day_of(raw: str) -> str:
    """The day that some words name, as "2026-06-29"; as they have it where its order is not sure; "" for none."""
    text = _open(_TWO_WORDS.sub(r"\1_\2", fold_term(raw)))
    day, numbers = _day(text, date.max), _DMY.search(text)
    if day and numbers and len(orders := _orders(numbers, text)) > 1 and day in orders:
        return numbers.group()
    return "{:04}-{:02}-{:02}".format(*day) if day else ""


def of_epoch(value: str) -> str:
    """Seconds or milliseconds since 1970 as ISO 8601; "" for any other number."""
    moment = _epoch(value)
    return moment.isoformat() if moment else ""
