"""The invented outlets of the sample wire day: where each stands, how it marks up a page, how it writes a date.

Every outlet has a loopback address of its own, so that rules per host (pace, robots.txt, failures) are really used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from demo.stories import Story

_MONTHS = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
]
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ENGLISH_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def rfc822(when: datetime) -> str:
    """``Sun, 22 Nov 2026 09:10:00 GMT``."""
    return format_datetime(when, usegmt=True)


def summer_time(when: datetime) -> str:
    """``Sun, 22 Nov 2026 11:10:00 CEST``: two hours ahead of UTC, under a name that many readers do not know."""
    local = when.astimezone(timezone(timedelta(hours=2)))
    day, month = _DAYS[local.weekday()], _ENGLISH_MONTHS[local.month - 1]
    return f"{day}, {local.day:02} {month} {local.year} {local:%H:%M:%S} CEST"


def arabic(when: datetime) -> str:
    """``22 تشرين الثاني 2026 12:10``, in Baghdad's time and without a zone."""
    local = when.astimezone(ZoneInfo("Asia/Baghdad"))
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H:%M}"


def iso(when: datetime) -> str:
    """``2026-11-22T09:10:00+00:00``."""
    return when.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet: its address, its feed and its pages."""

    id: str
    name: str
    language: str
    number: int  # last byte of its loopback address
    template: str  # of its pages; "" for an outlet whose feed never works
    feed: str  # template of its feed, or how it fails: "error", "maintenance"
    feed_path: str
    page_path: str  # with {slug}, {section}, {date}
    kind: str = "regional"
    feed_type: str = "application/rss+xml; charset=utf-8"
    full_text: bool = False  # the feed carries the text
    date: Callable[[datetime], str] = rfc822
    timezone: str = "UTC"
    delay_seconds: float = 0.0  # before the feed answers
    tracking: str = ""  # appended to the addresses in the feed
    short_links: bool = False  # the feed gives addresses that redirect to the page
    encoding: str = "utf-8"

    def link(self, url: str, number: int) -> str:
        """The address under which the feed lists a page."""
        if self.short_links:
            return f"{url[: url.index('/', len('http://'))]}/go/{number}"
        return url + self.tracking

    @property
    def address(self) -> str:
        """Its loopback address."""
        return f"127.0.1.{self.number}"

    def path(self, story: Story, base_time: datetime) -> str:
        """Where a story stands on this outlet; the same for all versions of it."""
        section = {"fr": "monde", "en": "world", "nl": "buitenland", "de": "ausland", "ar": "news"}[story.language]
        return self.page_path.format(slug=story.slug, section=section, date=f"{base_time:%Y/%m/%d}")


OUTLETS: tuple[Outlet, ...] = (
    Outlet(
        id="messager-meuse",
        name="Le Messager de Meuse",
        language="fr",
        number=11,
        template="wordpress.html.j2",
        feed="rss.xml.j2",
        feed_path="/feed/",
        page_path="/{date}/{slug}/",
        timezone="Europe/Brussels",
    ),
    Outlet(
        id="echo-littoral",
        name="L'Écho du Littoral",
        language="fr",
        number=12,
        template="drupal.html.j2",
        feed="rss.xml.j2",
        feed_path="/rss/monde.xml",
        page_path="/{section}/{slug}",
        full_text=True,
        timezone="Europe/Paris",
        tracking="?utm_source=rss&utm_medium=feed",
    ),
    Outlet(
        id="deux-rives",
        name="Le Courrier des Deux Rives",
        language="fr",
        number=13,
        template="oldcms.html.j2",
        feed="rss.xml.j2",
        feed_path="/syndication/actualite.rss",
        page_path="/article.php?id_article={slug}",
        feed_type="text/xml",  # an old system: only the documents themselves say how they are encoded
        encoding="iso-8859-1",
        date=summer_time,
        timezone="Europe/Paris",
    ),
    Outlet(
        id="tigris-wire",
        name="Tigris Wire",
        language="en",
        number=14,
        template="agency.html.j2",
        feed="rss.xml.j2",
        feed_path="/rss/en",
        page_path="/en/{section}/{slug}",
        kind="agency",
        full_text=True,
        timezone="Asia/Baghdad",
    ),
    Outlet(
        id="harbour-gazette",
        name="The Harbour Gazette",
        language="en",
        number=15,
        template="paywall.html.j2",
        feed="atom.xml.j2",
        feed_path="/news/world/atom.xml",
        page_path="/news/{section}/{date}/{slug}.html",
        feed_type="application/atom+xml; charset=utf-8",
        date=iso,
        timezone="Europe/London",
    ),
    Outlet(
        id="northline",
        name="Northline News",
        language="en",
        number=16,
        template="modern.html.j2",
        feed="feed.json",
        feed_path="/feed.json",
        page_path="/{section}/{slug}",
        kind="international",
        feed_type="application/feed+json; charset=utf-8",
        date=iso,
    ),
    Outlet(
        id="dhifaf",
        name="وكالة ضفاف للأنباء",
        language="ar",
        number=17,
        template="rtl.html.j2",
        feed="rss.xml.j2",
        feed_path="/rss/ar",
        page_path="/ar/{section}/{slug}",
        kind="agency",
        date=arabic,
        timezone="Asia/Baghdad",
    ),
    Outlet(
        id="al-marfa",
        name="صحيفة المرفأ",
        language="ar",
        number=18,
        template="drupal.html.j2",
        feed="dc.xml.j2",
        feed_path="/rss.xml",
        page_path="/node/{slug}",
        kind="national",
        date=iso,
        timezone="Asia/Baghdad",
    ),
    Outlet(
        id="noordkoerier",
        name="De Noordkoerier",
        language="nl",
        number=19,
        template="jsonld.html.j2",
        feed="rss.xml.j2",
        feed_path="/buitenland/rss.xml",
        page_path="/{section}/{slug}~a{date}/",
        timezone="Europe/Amsterdam",
        delay_seconds=0.5,
    ),
    Outlet(
        id="schelde-bode",
        name="De Scheldebode",
        language="nl",
        number=20,
        template="wordpress.html.j2",
        feed="sitemap.xml.j2",
        feed_path="/news-sitemap.xml",
        page_path="/{date}/{slug}/",
        feed_type="application/xml; charset=utf-8",
        date=iso,
        timezone="Europe/Brussels",
    ),
    Outlet(
        id="innkreis-tagblatt",
        name="Innkreis-Tagblatt",
        language="de",
        number=21,
        template="microdata.html.j2",
        feed="atom.xml.j2",
        feed_path="/feeds/politik.atom",
        page_path="/politik/{slug},art.html",
        feed_type="application/atom+xml; charset=utf-8",
        date=iso,
        timezone="Europe/Berlin",
        short_links=True,
    ),
    Outlet(
        id="gazette-monts",
        name="La Gazette des Monts",
        language="fr",
        number=22,
        template="",
        feed="error",
        feed_path="/rss",
        page_path="/{slug}",
    ),
    Outlet(
        id="the-lantern",
        name="The Lantern",
        language="en",
        number=23,
        template="",
        feed="maintenance",
        feed_path="/rss.xml",
        page_path="/{slug}",
    ),
)
BY_ID = {outlet.id: outlet for outlet in OUTLETS}

# The furniture around an article, in the outlet's language.
FURNITURE: dict[str, dict[str, str]] = {
    "fr": {
        "home": "Accueil", "world": "Monde", "sport": "Sport", "culture": "Culture", "economy": "Économie",
        "related": "À lire aussi", "most_read": "Les plus lus", "by": "Par",
        "newsletter": "Recevez chaque matin l'essentiel de l'actualité dans votre boîte mail.",
        "subscribe": "Je m'inscris",
        "cookies": "Avec nos partenaires, nous utilisons des cookies pour mesurer l'audience et vous proposer "
        "des publicités personnalisées. Vous pouvez changer d'avis à tout moment.",
        "accept": "Tout accepter", "share": "Partager sur Facebook", "comments": "Vos commentaires",
        "comment": "Encore et toujours la même chose, on ne nous dit pas tout.",
        "caption": "Photo d'illustration", "rights": "Tous droits réservés.",
        "locked": "Cet article est réservé aux abonnés.",
    },
    "en": {
        "home": "Home", "world": "World", "sport": "Sport", "culture": "Culture", "economy": "Business",
        "related": "Related stories", "most_read": "Most read", "by": "By",
        "newsletter": "Sign up for our morning briefing and never miss a story that matters.",
        "subscribe": "Sign up",
        "cookies": "We and our partners use cookies to measure our audience and to show you personalised "
        "advertising. You can change your mind at any time.",
        "accept": "Accept all", "share": "Share on Facebook", "comments": "Comments",
        "comment": "Thoughts with everyone there. When will it ever end?",
        "caption": "File photo", "rights": "All rights reserved.",
        "locked": "To continue reading, take out a subscription from one pound a week.",
    },
    "nl": {
        "home": "Home", "world": "Buitenland", "sport": "Sport", "culture": "Cultuur", "economy": "Economie",
        "related": "Lees ook", "most_read": "Meest gelezen", "by": "Door",
        "newsletter": "Elke ochtend het belangrijkste nieuws in uw mailbox? Schrijf u in.",
        "subscribe": "Inschrijven",
        "cookies": "Wij en onze partners gebruiken cookies om het bezoek te meten en u gerichte advertenties "
        "te tonen. U kunt uw keuze altijd wijzigen.",
        "accept": "Alles accepteren", "share": "Deel op Facebook", "comments": "Reacties",
        "comment": "Vreselijk nieuws alweer, sterkte aan alle betrokkenen.",
        "caption": "Archieffoto", "rights": "Alle rechten voorbehouden.",
        "locked": "Dit artikel is alleen voor abonnees.",
    },
    "de": {
        "home": "Startseite", "world": "Ausland", "sport": "Sport", "culture": "Kultur", "economy": "Wirtschaft",
        "related": "Mehr zum Thema", "most_read": "Meistgelesen", "by": "Von",
        "newsletter": "Jeden Morgen das Wichtigste vom Tag: Bestellen Sie unseren Newsletter.",
        "subscribe": "Bestellen",
        "cookies": "Wir und unsere Partner verwenden Cookies, um Zugriffe zu messen und Ihnen passende Werbung "
        "zu zeigen. Sie können Ihre Einwilligung jederzeit widerrufen.",
        "accept": "Alle akzeptieren", "share": "Auf Facebook teilen", "comments": "Kommentare",
        "comment": "Danke für den Bericht, leider nichts Neues.",
        "caption": "Archivbild", "rights": "Alle Rechte vorbehalten.",
        "locked": "Diesen Artikel lesen nur Abonnenten.",
    },
    "ar": {
        "home": "الرئيسية", "world": "العالم", "sport": "رياضة", "culture": "ثقافة", "economy": "اقتصاد",
        "related": "أخبار ذات صلة", "most_read": "الأكثر قراءة", "by": "بقلم",
        "newsletter": "اشترك في نشرتنا البريدية ليصلك أهم الأخبار كل صباح.",
        "subscribe": "اشترك",
        "cookies": "يستخدم هذا الموقع ملفات تعريف الارتباط لتحسين تجربتك وعرض إعلانات ملائمة لك.",
        "accept": "أوافق", "share": "شارك على فيسبوك", "comments": "التعليقات",
        "comment": "حسبنا الله ونعم الوكيل.",
        "caption": "صورة أرشيفية", "rights": "جميع الحقوق محفوظة.",
        "locked": "هذا المقال للمشتركين فقط.",
    },
}  # fmt: skip
