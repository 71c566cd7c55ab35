"""France Médias Monde: France 24, RFI and Monte Carlo Doualiya share one layout."""

from scrapers.registry import Css, SiteScraper, site


@site("france24.com", "rfi.fr", "mc-doualiya.com")
class FranceMediasMonde(SiteScraper):
    """Layout since 2019."""

    title = Css("h1.t-content__title, h1.a-page-title")
    text = Css(".t-content__chapo, .t-content__body > p, .t-content__body > h2")
    authors = Css(".t-content__authors .m-from-author__name")
    drop = ".m-em-quote, .o-self-promo, .m-interstitial, .a-read-more"
    timezone = "Europe/Paris"
