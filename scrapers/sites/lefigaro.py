"""lefigaro.fr."""

from scrapers.registry import Css, SiteScraper, site


@site("lefigaro.fr")
class LeFigaro(SiteScraper):
    """Layout since 2020."""

    title = Css("h1.fig-headline")
    text = Css(".fig-standfirst, .fig-content-body .fig-paragraph, .fig-content-body .fig-body-heading")
    authors = Css(".fig-content-metas__author")
    drop = ".fig-promo, .fig-body-link, .fig-media__legend"
    timezone = "Europe/Paris"
