"""What a page's text is worth: a whole story, a short one, the start of one behind a paywall, a wall, or furniture."""

from __future__ import annotations

import re

from scrapers.structured import Declared
from tocsin.errors import ParseError
from tocsin.model import Page, TextStatus

LEAST = 40  # characters; less is no article, not even a flash
SHORT = 300
PROSE = 0.35  # of a story's characters stand in lines that end like sentences; of a list of teasers, fewer
_LOOKED = 1_000_000  # characters of a page searched for the words of a wall
_LINES = 8  # fewer lines say nothing of that
_STOPS = re.compile(r"[.!?؟۔。…:;][\"'”»’)\]]*$")
_CUT_SHORT = re.compile(
    r"(?:\[?(?:…|\.\.\.)\]?|read more|continue reading|lire la suite|lees verder|weiterlesen)\W*$", re.I
)
_CONSENT = re.compile(
    r"(?:accept|manage|reject) (?:all )?cookies|before you continue|privacy ?gate|cookie ?wall|we value your privacy"
    r"|accepte[rz] (?:et (?:continuer|fermer)|les cookies)|continuer sans accepter|alles accepteren|cookies accepteren"
    r"|alle akzeptieren|zustimmen und weiter|je privacy-instellingen"
    r"|vos choix en matière de (?:cookies|confidentialité)"
)
# What no such wall lacks: a look for each in small letters takes a tenth of the pattern's time.
_CONSENT_WORDS = (
    "cookie", "before you continue", "privacy", "accepte", "akzeptieren", "zustimmen und weiter", "vos choix en mati",
)  # fmt: skip
_CHALLENGE = re.compile(
    r"just a moment|checking your browser|verify (?:that )?you are (?:a )?human|access denied", re.I
)
_PAYWALL = re.compile(
    r"(?:subscribe|sign in|log in) to (?:read|continue)|(?:article|contenu) réservé aux? abonnés|réservé à nos abonnés"
    r"|il vous reste \d+(?:[.,]\d+)? ?% de cet article|la suite est réservée aux abonnés|exclusief voor abonnees"
    r"|réservée? aux? abonnés|diesen artikel weiterlesen|exclusivo para suscriptores|für abonnenten|abonelere özel"
    r"|déjà abonnée?\s*\?|already a subscriber\?|al abonnee\?|(?:bereits|schon) abonnent\w*\?|ya eres suscriptor"
    r"|هذا المحتوى للمشتركين|alleen voor abonnees|lees verder met een abonnement|nur für abonnenten"
    r"|mit .{1,20}\+? weiterlesen|este artículo es exclusivo|للمشتركين فقط",
    re.I,
)


def is_cut_short(text: str) -> bool:
    """True when a text ends in the words that feeds put where they cut: "Read more", "[…]"."""
    return _CUT_SHORT.search(text[-60:]) is not None


def refuse_walls(page: Page, text: str) -> None:
    """Let a page through that holds an article.

    Raises:
        ParseError: it is a consent wall, or a challenge for browsers.
    """
    head = page.html[:20_000]
    about_cookies = len(text) < LEAST or (len(text) < 1500 and re.search(r"\bcookies?\b", text.lower()))
    if (len(text) < 2000 and _asks_consent(text)) or (about_cookies and _asks_consent(page.html[:_LOOKED])):
        raise ParseError(page.url, "consent: a consent wall instead of the article")
    if len(text) < 400 and _CHALLENGE.search(head[: head.lower().find("</title") + 1] + text):
        raise ParseError(page.url, "challenge: a page that asks for a browser")


def _asks_consent(text: str) -> bool:
    small = text.lower()
    return any(word in small for word in _CONSENT_WORDS) and _CONSENT.search(small) is not None


def without_wall(text: str) -> str:
    """The text before the line in which a paywall speaks; all of it where the wall would be the first line."""
    lines = text.split("\n")
    wall = next((n for n, line in enumerate(lines) if len(line) < 300 and _PAYWALL.search(line)), len(lines))
    return "\n".join(lines[:wall]) or text


def verdict(text: str, declared: Declared) -> TextStatus:
    """How far a text can be trusted to be the whole story."""
    if len(text) < 1500 and (not declared.free or _PAYWALL.search(text[-600:])):
        return TextStatus.PAYWALLED
    if len(text) < SHORT:
        return TextStatus.SHORT
    lines = text.split("\n")
    prose = sum(len(line) for line in lines if _STOPS.search(line))
    return TextStatus.BOILERPLATE if len(lines) >= _LINES and prose < PROSE * len(text) else TextStatus.FULL
