"""Ages are no tolls, in every language; a number of people beside an age still counts."""

from __future__ import annotations

import pytest

from tocsin.flagging.coder import code
from tocsin.flagging.reading import read

CASES = [
    ("en", "Brothers aged 8 to 13 died when a mortar hit a house in Taji.", None),
    ("en", "Brothers aged between 8 and 13 were killed in Taji by a mortar.", None),
    ("en", "Three brothers, ages 2, 8 and 13, were killed when a mortar hit a house in Taji.", 3),
    ("en", "Three brothers aged between 2 and 13 died when a mortar hit a house in Taji.", 3),
    ("en", "A man aged 40 and three children were killed when a mortar hit a house in Taji.", 4),
    ("en", "The 8- to 13-year-olds died when a mortar hit a house in Taji.", None),
    ("fr", "Des frères âgés de 8 à 13 ans sont morts dans un bombardement à Taji.", None),
    ("fr", "Des frères âgés de huit, dix et treize ans ont été tués à Taji.", None),
    ("fr", "Trois frères âgés de 8 à 13 ans ont été tués à Taji.", 3),
    ("de", "Brüder im Alter zwischen acht und 13 kamen beim Beschuss von Tadschi um.", None),
    ("de", "Kinder im Alter von 8 bis 13 Jahren starben beim Beschuss von Tadschi.", None),
    ("de", "Drei Kinder im Alter von 8 bis 13 starben beim Beschuss von Tadschi.", 3),
    ("nl", "Broers in de leeftijd van 8 tot 13 kwamen om bij beschietingen in Taji.", None),
    ("nl", "Broers tussen 8 en 13 jaar kwamen om bij beschietingen in Taji.", None),
    ("es", "Hermanos con edades de 8 a 13 murieron en un bombardeo en Taji.", None),
    ("it", "Fratelli di età tra 8 e 13 sono morti in un bombardamento a Taji.", None),
    ("pt", "Irmãos com idades entre 8 e 13 morreram num bombardeio em Taji.", None),
    ("tr", "Yaşları 8 ile 13 arasında değişen kardeşler Taci'deki bombardımanda öldü.", None),
    ("ar", "مقتل أشقاء أعمارهم بين 8 و13 بقصف في التاجي", None),
    ("ar", "مقتل أشقاء تتراوح أعمارهم بين 8 و13 عاما بقصف في التاجي", None),
    ("fa", "برادرانی با سن ۸ تا ۱۳ در بمباران تاجی کشته شدند", None),
    ("ckb", "چەند برایەک کە تەمەنیان لە نێوان ٨ بۆ ١٣ ساڵە لە تاجی کوژران", None),
]


@pytest.mark.parametrize(("language", "text", "killed"), CASES)
def test_an_age_counts_nobody(language: str, text: str, killed: int | None) -> None:
    found = code(read("", text, language), None).killed
    assert (found.value.min if found else None) == killed
