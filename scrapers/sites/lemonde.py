"""lemonde.fr."""

from scrapers.registry import Css, SiteScraper, site


@site("lemonde.fr")
class LeMonde(SiteScraper):
    """Layout since 2018."""

    title = Css("h1.article__title")
    text = Css("p.article__desc, .article__content .article__paragraph, .article__content .article__sub-title")
    authors = (Css(".article__author-link"), Css(".meta__author"))
    drop = ".catcher, .article__catcher, .inread"
    timezone = "Europe/Paris"
