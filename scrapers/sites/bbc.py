"""BBC News, in English, Arabic and its other languages."""

from datetime import date

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


@site("bbc.com", "bbc.co.uk", until=date(2020, 10, 31))
class BbcUntil2020(SiteScraper):
    """Layout of the years from 2012: one box with the whole story, in English and in the World Service."""

    title = Css("h1.story-body__h1, h1.story-header")
    text = Css(
        ".story-body__inner > p, .story-body__inner > h2"
        ", .story-body__inner > ul:has(> li:not(:has(> a:only-child))) > li"
        ", .story-body > p, .story-body > span.cross-head"
    )
    authors = (Css(".byline .byline__name"), Css(".byline .name"))
    updated = Css("[data-seconds].date--v2, .story-body .date", "data-seconds")
    drop = ".story-body__inner p:has(> a[href*='instagram.com']), .story-body__inner p:has(> a[href*='/sounds/'])"
    timezone = "Europe/London"
