"""Belgian papers of DPG Media: 7sur7 in French, HLN and De Morgen in Dutch."""

from scrapers.registry import Css, SiteScraper, site


@site("7sur7.be", "hln.be", "demorgen.be")
class DpgMedia(SiteScraper):
    """Layout since 2019."""

    title = Css("h1.article__title")
    text = Css("p.article__intro, .article__body p.article__paragraph, .article__body h2.article__subheader")
    authors = Css(".article__author, .author-info__name")
    drop = ".article__component--related, .ankeiler, .article__figure"
    timezone = "Europe/Brussels"
