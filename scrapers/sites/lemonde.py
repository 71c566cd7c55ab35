"""lemonde.fr."""

from datetime import date

from scrapers.registry import Css, SiteScraper, site


@site("lemonde.fr")
class LeMonde(SiteScraper):
    """Layout since 2018."""

    title = Css("h1.article__title")
    text = Css("p.article__desc, .article__content .article__paragraph, .article__content .article__sub-title")
    authors = (Css(".article__author-link"), Css(".meta__author"))
    drop = ".catcher, .article__catcher, .inread"
    timezone = "Europe/Paris"


@site("lemonde.fr", until=date(2018, 10, 31))
class LeMondeUntil2018(SiteScraper):
    """Layout since 2012."""

    title = Css("article h1.tt2, h1.tt2")
    text = Css("#articleBody > p, #articleBody > h2")
    authors = (Css(".signature_article a.auteur, .bloc_signature a.auteur"), Css(".signature_article .auteur"))
    drop = "p.lire"
    timezone = "Europe/Paris"
