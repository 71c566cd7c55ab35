"""Deutsche Welle, in all its languages."""

from scrapers.registry import Css, SiteScraper, site


@site("dw.com")
class DeutscheWelle(SiteScraper):
    """Layout since 2022."""

    title = Css("article h1, header h1")
    text = Css("p.teaser-text, .rich-text > p, .rich-text > h2, .rich-text > ul > li")
    authors = Css(".author-details .author, .author-link")
    drop = ".embed, .vjs-wrapper, .advertisement, .rich-text figure"
    timezone = "Europe/Berlin"
