"""Al Jazeera, in English and in Arabic."""

from scrapers.registry import Css, SiteScraper, site


@site("aljazeera.com", "aljazeera.net")
class AlJazeera(SiteScraper):
    """Layout since 2020."""

    title = Css(".article-header h1")
    text = Css(".wysiwyg--all-content > p, .wysiwyg--all-content > h2, .wysiwyg--all-content > ul > li")
    authors = (Css(".article-author-name-item a"), Css(".article-author-name-item"))
    drop = ".more-on, .article-trending, .sib-newsletter-form"
    timezone = "Asia/Qatar"
