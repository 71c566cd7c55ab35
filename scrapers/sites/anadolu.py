"""Anadolu, the Turkish agency, in all its languages; its pages show the time of Istanbul without saying so."""

from datetime import date

from scrapers.registry import Css, SiteScraper, site


@site("aa.com.tr")
class Anadolu(SiteScraper):
    """Layout since 2026: all names are of a style sheet's parts, and one box of prose holds the story."""

    title = Css("h1")
    text = Css(".prose > p, .prose > h2, .prose > h3, .prose > ul > li")
    drop = "figure, .abone-uyari"
    timezone = "Europe/Istanbul"


@site("aa.com.tr", until=date(2025, 12, 31))
class AnadoluUntil2025(SiteScraper):
    """Layout since 2019."""

    title = Css(".detay-spot-category h1")
    text = (
        Css(".detay-spot-category > h4, .detay-icerik > div > p, .detay-icerik > div > h2, .detay-icerik > div > h3"),
        Css(".detay-icerik p"),
    )
    published = Css(".detay-bg .tarih")
    drop = ".detay-paylas, .detay-foto-altyazi, .abone-uyari"
    timezone = "Europe/Istanbul"
