"""tagesschau.de, the news of ARD."""

from scrapers.registry import Css, SiteScraper, site


@site("tagesschau.de")
class Tagesschau(SiteScraper):
    """Layout since 2021."""

    title = Css(".seitenkopf__headline--text")
    text = Css("article p.textabsatz, article h2.meldung__subhead")
    authors = (Css(".authorline__author em"), Css(".authorline__author"))
    drop = ".infobox, .teaser-absatz, .absatzbild__info"
    timezone = "Europe/Berlin"
