"""BBC News, in English, Arabic and its other languages."""

from scrapers.registry import Css, SiteScraper, site


@site("bbc.com", "bbc.co.uk")
class Bbc(SiteScraper):
    """English pages mark blocks as components; the World Service keeps them in <main>."""

    title = Css("h1#main-heading, h1#content, article h1")
    text = (
        Css("article [data-component='text-block'] p, article [data-component='subheadline-block'] h2"),
        Css("main [dir] > p, main > div > p"),
    )
    authors = Css("[data-testid='byline-contributors'] span[class*='TextContributorName']")
    drop = "[data-component='links-block'], [data-component='topic-list'], [role='region']"
    timezone = "Europe/London"
