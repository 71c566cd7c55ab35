"""Anadolu, the Turkish agency, in all its languages."""

from scrapers.registry import Css, SiteScraper, site


@site("aa.com.tr")
class Anadolu(SiteScraper):
    """Layout since 2019; its pages show the time of Istanbul without saying so."""

    title = Css(".detay-spot-category h1")
    text = (
        Css(".detay-spot-category > h4, .detay-icerik > div > p, .detay-icerik > div > h2, .detay-icerik > div > h3"),
        Css(".detay-icerik p"),
    )
    published = Css(".detay-bg .tarih")
    drop = ".detay-paylas, .detay-foto-altyazi, .abone-uyari"
    timezone = "Europe/Istanbul"
