"""Whose clock a page shows when its times name no zone: the outlet's, told by its host, its country or its language.

A time read three hours off makes yesterday's attack of today's. A host known by name comes first, then the
country of its domain, then the region of the declared language ("fr-BE"), then the language alone, where
most who write it keep one time. English and whatever is not here tell nothing: their times are taken as UTC.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

_HOSTS = {
    "Asia/Baghdad": "shafaq.com alsumaria.tv rudaw.net kurdistan24.net basnews.com nasnews.com ninanews.com"
    " baghdadtoday.news almadapaper.net iraqinews.com mawazin.net almirbad.com alghadpress.com xebat.net"
    " alforatnews.com almaalomah.me nrttv.com peregraf.org knnc.net thenewregion.com azzaman.com",
    "Asia/Tehran": "tasnimnews.com mehrnews.com farsnews.com iranintl.com presstv.ir",
    "Asia/Beirut": "lorientlejour.com annahar.com al-akhbar.com almayadeen.net naharnet.com elnashra.com",
    "Asia/Qatar": "aljazeera.net aljazeera.com",
    "Asia/Dubai": "thenationalnews.com gulfnews.com khaleejtimes.com",
    "Asia/Riyadh": "alarabiya.net arabnews.com spa.gov.sa",
    "Asia/Jerusalem": "jpost.com timesofisrael.com haaretz.com ynetnews.com",
    "Europe/Paris": "france24.com euronews.com lesechos.fr mediapart.fr nouvelobs.com tv5monde.com afp.com",
    "Europe/Madrid": "elpais.com elmundo.es elconfidencial.com lavanguardia.com europapress.es efe.com",
    "Europe/Berlin": "dw.com",
    "Europe/London": "bbc.com theguardian.com ft.com independent.co.uk middleeasteye.net newarab.com",
    "Europe/Istanbul": "hurriyet.com.tr dailysabah.com trtworld.com trthaber.com",
    "America/New_York": "nytimes.com washingtonpost.com cnn.com wsj.com foxnews.com al-monitor.com npr.org"
    " longwarjournal.org military.com voanews.com politico.com",
    "America/Argentina/Buenos_Aires": "infobae.com clarin.com",
}
_COUNTRIES = {
    "Europe/Paris": "fr mc", "Europe/Brussels": "be", "Europe/Amsterdam": "nl", "Europe/Berlin": "de",
    "Europe/Vienna": "at", "Europe/Zurich": "ch li", "Europe/Luxembourg": "lu", "Europe/Madrid": "es cat",
    "Europe/Rome": "it va", "Europe/Lisbon": "pt", "Europe/London": "uk gb", "Europe/Dublin": "ie",
    "Europe/Istanbul": "tr", "Europe/Athens": "gr", "Europe/Stockholm": "se", "Europe/Oslo": "no",
    "Europe/Copenhagen": "dk", "Europe/Helsinki": "fi", "Europe/Warsaw": "pl", "Europe/Prague": "cz",
    "Europe/Budapest": "hu", "Europe/Bucharest": "ro", "Europe/Sofia": "bg", "Europe/Kyiv": "ua",
    "Europe/Moscow": "ru", "Asia/Baghdad": "iq krd", "Asia/Tehran": "ir", "Asia/Beirut": "lb", "Asia/Amman": "jo",
    "Asia/Damascus": "sy", "Asia/Riyadh": "sa", "Asia/Dubai": "ae", "Asia/Qatar": "qa", "Asia/Kuwait": "kw",
    "Asia/Bahrain": "bh", "Asia/Muscat": "om", "Asia/Aden": "ye", "Asia/Jerusalem": "il", "Asia/Gaza": "ps",
    "Africa/Cairo": "eg", "Africa/Tripoli": "ly", "Africa/Tunis": "tn", "Africa/Algiers": "dz",
    "Africa/Casablanca": "ma", "Africa/Johannesburg": "za", "Asia/Kabul": "af", "Asia/Karachi": "pk",
    "Asia/Kolkata": "in", "Asia/Shanghai": "cn", "Asia/Tokyo": "jp", "Asia/Seoul": "kr",
    "Asia/Singapore": "sg", "Asia/Kuala_Lumpur": "my", "Asia/Hong_Kong": "hk",
    "Asia/Manila": "ph", "Asia/Bangkok": "th",
    "Asia/Jakarta": "id", "Asia/Dhaka": "bd", "Africa/Lagos": "ng", "Africa/Nairobi": "ke", "Pacific/Auckland": "nz",
    "Africa/Khartoum": "sd", "Asia/Baku": "az", "Asia/Yerevan": "am", "Asia/Tbilisi": "ge",
    "Australia/Sydney": "au", "America/Sao_Paulo": "br", "America/Mexico_City": "mx", "America/Bogota": "co",
    "America/Lima": "pe", "America/Santiago": "cl", "America/Caracas": "ve",
    "America/Argentina/Buenos_Aires": "ar", "America/New_York": "us", "America/Panama": "pa",
    "America/Montevideo": "uy",
    "America/Costa_Rica": "cr", "America/Guatemala": "gt sv hn ni", "America/Guayaquil": "ec", "America/La_Paz": "bo",
    "America/Asuncion": "py", "America/Santo_Domingo": "do", "America/Havana": "cu",
}  # fmt: skip
# Arabic: Baghdad, Riyadh, Kuwait, Doha and Amman all keep three hours.
_LANGUAGES = {
    "ar": "Asia/Baghdad", "ckb": "Asia/Baghdad", "ku": "Asia/Baghdad", "kmr": "Asia/Baghdad", "fa": "Asia/Tehran",
    "tr": "Europe/Istanbul", "fr": "Europe/Paris", "nl": "Europe/Amsterdam", "de": "Europe/Berlin",
    "es": "Europe/Madrid", "it": "Europe/Rome", "ur": "Asia/Karachi", "af": "Africa/Johannesburg",
    "ko": "Asia/Seoul", "ja": "Asia/Tokyo",
}  # fmt: skip
_BY_HOST = {host: zone for zone, hosts in _HOSTS.items() for host in hosts.split()}
_BY_COUNTRY = {code: zone for zone, codes in _COUNTRIES.items() for code in codes.split()}


@lru_cache(maxsize=1000)
def zone_of(url: str, language: str = "") -> str | None:
    """The IANA name of the zone that an outlet's pages most likely keep; None where nothing tells.

    Args:
        language: The tag that the page declares: "fr-BE", "ar_IQ", "de".

    >>> zone_of("https://www.outlet.be/a"), zone_of("https://www.outlet.example/a", "fr_FR"), zone_of("https://x.com")
    ('Europe/Brussels', 'Europe/Paris', None)
    """
    labels = (urlsplit(url).hostname or "").lower().split(".")
    for start in range(len(labels) - 1):
        if zone := _BY_HOST.get(".".join(labels[start:])):
            return zone
    tongue, *rest = language.lower().replace("_", "-").split("-")
    region = rest[-1] if rest else ""
    return _BY_COUNTRY.get(labels[-1]) or _BY_COUNTRY.get(region) or _LANGUAGES.get(tongue)
