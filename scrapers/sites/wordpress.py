"""Outlets on WordPress themes that keep its own class names; their feeds are in the shipped configuration."""

from scrapers.registry import Css, SiteScraper, site


@site("iraqinews.com", "iraq-businessnews.com", "almadapaper.net", "esta.krd", "longwarjournal.org")
class WordPress(SiteScraper):
    """``entry-title`` and ``entry-content``, as WordPress has named them since 2010."""

    title = Css("h1.entry-title, h1.post-title")
    text = Css(
        ".entry-content > p, .entry-content > h2, .entry-content > h3, .entry-content > ul > li, "
        ".entry-content > blockquote"
    )
    published = (Css("meta[property='article:published_time']", "content"), Css("time.entry-date", "datetime"))
    drop = ".sharedaddy, .jp-relatedposts, .wp-block-image, .wp-caption, .code-block, .yarpp, .post-tags"
