"""theguardian.com."""

from scrapers.registry import Css, SiteScraper, site


@site("theguardian.com")
class Guardian(SiteScraper):
    """Layout since 2020, marked by ``data-gu-name``."""

    title = Css("[data-gu-name='headline'] h1")
    text = Css("[data-gu-name='body'] .article-body-commercial-selector > p, [data-gu-name='body'] h2")
    authors = Css("[data-gu-name='meta'] a[rel='author']")
    drop = "aside, gu-island[name='RichLinkComponent'], [data-component='rich-link'], figure, #sign-in-gate"
    timezone = "Europe/London"
