"""Killed and wounded in every language; None is "the text does not say", 0 is "the text says none"."""

from __future__ import annotations

import pytest

from tocsin.flagging.coder import code
from tocsin.flagging.reading import read
from tocsin.model import Count, Said

Toll = tuple[int, int] | int | None


def _plain(said: Said[Count] | None) -> Toll:
    if said is None:
        return None
    return said.value.min if said.value.min == said.value.max else (said.value.min, said.value.max)


CASES = [
    # language, text, killed, wounded
    ("en", "A car bomb killed 14 people and wounded 30 others in Baquba on Tuesday.", 14, 30),
    ("en", "Gunmen shot dead two policemen at a checkpoint south of Kirkuk.", 2, None),
    ("en", "The blast left five dead and at least a dozen injured.", 5, 12),
    ("en", "A roadside bomb killed a soldier and wounded three more near Tuz Khurmatu.", 1, 3),
    ("en", "Four guards and two drivers were killed when mortar rounds hit the depot.", 6, None),
    ("en", "The bombing killed nine people, including two children.", 9, None),
    ("en", "The death toll from the Basra market bombing rose to 41.", 41, None),
    ("en", "Between five and seven fighters died in the clash.", (5, 7), None),
    ("en", "Six rockets landed near the airport without causing casualties.", 0, 0),
    ("en", "No one was hurt when a drone crashed near Harir.", 0, 0),
    ("en", "A suicide bomber blew himself up at a mosque, killing three worshippers.", 3, None),
    ("en", "Dozens were killed in Sinjar, officials said.", (24, 99), None),
    ("en", "More than 40 people were killed or wounded in Hilla.", None, None),
    ("en", "Security forces arrested 12 suspects in Mosul.", None, None),
    ("en", "Two mortar bombs hit a house in Taji, killing a family of four people.", 4, None),
    ("en", "Turkish jets struck two villages near Amadiya, 30 km from the border.", None, None),
    ("fr", "Une bombe a tué sept soldats et en a blessé une dizaine à Tikrit.", 7, 10),
    ("fr", "Neuf morts et vingt et un blessés dans un attentat à Kirkouk.", 9, 21),
    ("fr", "Un policier et deux civils ont été tués lundi à Bassora.", 3, None),
    ("fr", "Les tirs n'ont fait ni mort ni blessé, selon la police.", 0, 0),
    ("fr", "L'explosion a coûté la vie à trois démineurs.", 3, None),
    ("fr", "Le bilan de l'attentat de Samarra est passé à 32 morts.", 32, None),
    ("fr", "Six personnes, dont deux enfants, ont péri dans l'incendie criminel.", 6, None),
    ("nl", "Bij een bomaanslag in Mosul zijn acht mensen gedood en vijftien gewond geraakt.", 8, 15),
    ("nl", "De aanslag kostte twaalf soldaten het leven.", 12, None),
    ("nl", "Een agent kwam om en drie burgers raakten gewond.", 1, 3),
    ("nl", "Er vielen geen slachtoffers bij de raketaanval op Erbil.", 0, 0),
    ("nl", "Tientallen doden bij gevechten rond Fallujah.", (20, 99), None),
    ("de", "Bei einem Anschlag in Bagdad sind mindestens elf Menschen getötet worden.", 11, None),
    ("de", "Vier Soldaten starben, sechs weitere wurden verletzt.", 4, 6),
    ("de", "Ein Toter und neun Verletzte bei Raketenangriff in Erbil", 1, 9),
    ("de", "Drei Zivilisten und ein Polizist wurden verletzt.", None, 4),
    ("de", "Der Angriff forderte neunzehn Tote und 40 Verletzte.", 19, 40),
    ("de", "Verletzt wurde niemand, teilte die Armee mit.", 0, 0),
    ("ar", "مقتل خمسة جنود وإصابة عشرة آخرين بانفجار عبوة ناسفة في كركوك", 5, 10),
    ("ar", "قتل جنديان وأصيب ثلاثة آخرون في هجوم غرب الأنبار", 2, 3),
    ("ar", "مقتل ضابط وإصابة جنديين في ديالى", 1, 2),
    ("ar", "أسفر الهجوم عن سقوط 12 قتيلا و25 جريحا", 12, 25),
    ("ar", "سقط صاروخان قرب المطار دون وقوع إصابات", 0, 0),
    ("ar", "سقط في الانفجار 60 شخصا بين قتيل وجريح", None, None),
    ("ar", "قتل 8 أشخاص بينهم طفلان وأصيب 15 في بغداد", 8, 15),
    ("es", "Un atentado en Bagdad dejó siete muertos y veinte heridos.", 7, 20),
    ("pt", "Um carro-bomba matou sete pessoas e feriu vinte e três em Bagdade.", 7, 23),
    ("it", "Tre soldati uccisi e cinque feriti in un attacco a Kirkuk.", 3, 5),
    ("tr", "Kerkük'te düzenlenen saldırıda 4 asker hayatını kaybetti, 6 kişi yaralandı.", 4, 6),
    ("fa", "در انفجار بمب در بغداد پنج نفر کشته و ده نفر زخمی شدند", 5, 10),
    ("ckb", "لە هێرشەکەدا چوار پێشمەرگە شەهید بوون و شەش کەسی دیکە بریندار بوون", 4, 6),
    ("en", "Twin car bombs killed at least 27 people and wounded more than 60 in Baghdad on Sunday.", 27, 60),
    (
        "en",
        "A truck bomb tore through a police station in Ramadi, killing eleven policemen and injuring 26.",
        11,
        26,
    ),
    ("en", "Insurgents beheaded two Macedonian hostages, a website said.", 2, None),
    ("en", "The bodies of 16 men, bound and shot in the head, were found in Mahmudiya.", 16, None),
    ("en", "Iraqi forces killed 45 militants in operations west of Mosul, the defence ministry said.", 45, None),
    ("en", "A US soldier and an interpreter were killed by a roadside bomb near Balad.", 2, None),
    ("en", "Death toll from Hilla blast climbs to 115", 115, None),
    ("en", "Seven people died and 19 others were hurt when two bombs exploded minutes apart in Karbala.", 7, 19),
    ("en", "Mortar attack on Iranian dissident camp leaves 2 dead, 30 wounded", 2, 30),
    ("en", "The attack, which killed three contractors, was claimed by a little-known group.", 3, None),
    ("en", "Clashes left nine militiamen and two soldiers dead.", 11, None),
    ("en", "Gunmen killed Ali Hassan, 42, a judge, as he left his house.", None, None),
    ("en", "At least 15 Iraqis, including six children, were killed and 40 wounded.", 15, 40),
    ("en", "Only one of the five rockets exploded, wounding two security guards.", None, 2),
    ("en", "Turkish drone strike kills three in Sinjar, including a YBS commander", 3, None),
    (
        "fr",
        "Au moins 32 personnes ont été tuées et 110 blessées jeudi dans un double attentat à Bagdad.",
        32,
        110,
    ),
    ("fr", "Attentat à Bagdad : le bilan monte à 213 morts", 213, None),
    (
        "fr",
        "Un militaire français a été tué et quatre autres blessés dans une attaque de drone dans la région d'Erbil.",
        1,
        4,
    ),
    ("en", "A bomb hit a UN convoy in Mosul; no one hurt.", 0, 0),
    ("en", "The health ministry put the dead at 13 and the injured at 58 after the strike.", 13, 58),
    ("en", "Gunmen shot dead five members of his family, police and a morgue official said.", 5, None),
    ("fr", "Des hommes armés ont abattu le directeur de la police et son chauffeur.", None, None),
    ("fr", "Vingt-trois manifestants ont perdu la vie depuis samedi à Nassiriya.", 23, None),
    ("fr", "Le raid a fait cinq morts dans les rangs du Hachd al-Chaabi.", 5, None),
    ("fr", "Deux roquettes sont tombées sans faire ni victimes ni dégâts.", 0, 0),
    ("fr", "Trois membres des Gardiens de la révolution auraient été tués.", 3, None),
    (
        "nl",
        "Zeker 21 mensen zijn om het leven gekomen bij een aanslag. Ook raakten er tientallen gewond.",
        21,
        (20, 99),
    ),
    ("nl", "Bij de explosie kwamen vijf Iraakse militairen om en raakten er acht gewond.", 5, 8),
    ("nl", "Iraakse leger doodt 30 IS-strijders", 30, None),
    ("nl", "Dodental aanslag Bagdad stijgt naar 292", 292, None),
    ("nl", "Drie raketten kwamen neer, niemand raakte gewond.", 0, 0),
    ("de", "Mindestens 35 Tote bei Anschlag in Bagdad", 35, None),
    ("de", "Zahl der Todesopfer nach Anschlag in Bagdad steigt auf 292", 292, None),
    ("de", "Dabei kamen zwei Soldaten ums Leben, drei weitere wurden schwer verletzt.", 2, 3),
    ("de", "Ein Attentäter riss in Kirkuk zwölf Menschen mit in den Tod.", 12, None),
    ("de", "Bei dem Raketenangriff gab es keine Verletzten.", 0, 0),
    ("de", "Irakische Sicherheitskräfte haben nach eigenen Angaben 23 IS-Kämpfer getötet.", 23, None),
    ("ar", "ارتفاع حصيلة تفجير الكرادة إلى 213 قتيلا", 213, None),
    ("ar", "مقتل وإصابة 40 شخصا بتفجير سيارة مفخخة في بغداد", None, None),
    ("ar", "قتل 15 عنصرا من تنظيم داعش بقصف لطيران التحالف الدولي غرب الموصل", 15, None),
    ("ar", "لقي خمسة أشخاص مصرعهم وأصيب عشرة آخرون بجروح في انفجارين شرقي بغداد", 5, 10),
    ("ar", "أسفر التفجير عن مقتل شرطيين اثنين وجرح سبعة مدنيين", 2, 7),
    ("ar", "استشهد ثلاثة من البيشمركة وجرح اثنان في هجوم بقضاء مخمور", 3, 2),
    ("ar", "العثور على جثث 12 شخصا مجهولي الهوية في بعقوبة", 12, None),
    ("ar", "اغتيال ناشط مدني على يد مسلحين مجهولين في البصرة", 1, None),
    ("ar", "إعدام 20 شابا على يد داعش في الموصل", 20, None),
    ("ar", "أدى الانفجار إلى استشهاد مدني وإصابة أربعة", 1, 4),
    ("ar", "ولم يسفر الهجوم عن وقوع أي خسائر بشرية", 0, 0),
    ("es", "El ataque causó la muerte de tres soldados y heridas a otros cinco.", 3, 5),
    ("es", "Mueren 14 personas en un doble atentado suicida en Bagdad", 14, None),
    ("it", "Bagdad, autobomba: almeno 20 morti e 40 feriti", 20, 40),
    ("it", "Un militare italiano è rimasto ferito.", None, 1),
    ("tr", "Bağdat'ta bombalı saldırı: 11 ölü, 23 yaralı", 11, 23),
    ("tr", "Pençe-Kilit bölgesinde iki asker şehit oldu, üç asker yaralandı.", 2, 3),
    ("ckb", "بەهۆی تەقینەوەی مینێکەوە دوو هاووڵاتی گیانیان لەدەستدا", 2, None),
    ("fa", "دست\u200cکم ۱۲ نفر در حمله انتحاری در بغداد کشته شدند و ۳۰ نفر زخمی شدند", 12, 30),
]


@pytest.mark.parametrize(
    ("language", "text", "killed", "wounded"), [pytest.param(*c, id=f"{c[0]}: {c[1][:60]}") for c in CASES]
)
def test_tolls(language: str, text: str, killed: Toll, wounded: Toll) -> None:
    facts = code(read("", text, language), None)
    assert (_plain(facts.killed), _plain(facts.wounded)) == (killed, wounded)


@pytest.mark.parametrize(
    ("title", "text", "killed"),
    [
        pytest.param("Blast kills 3", "A bomb killed three in Kut. Two more died in hospital.", 5, id="later deaths"),
        pytest.param("Toll rises to 12", "A bomb killed 12. Police had earlier said nine died.", 12, id="superseded"),
        pytest.param("Bomb in Kut", "A bomb killed two in Kut. Last month 40 people died there.", 2, id="background"),
        pytest.param("Bomb in Kut", "A bomb killed four. The bomber was killed, one attacker died.", 4, id="attacker"),
        pytest.param("", "One attacker was killed in a raid near Kut.", 1, id="the attackers' are the only deaths"),
        pytest.param(
            "Bomb in Kut", "A bomb killed a guard. Three attackers died.", 1, id="more attackers than victims"
        ),
        pytest.param(
            "Dozens dead in Kut", "A bomb killed dozens. Police counted 31 dead.", 31, id="exact before dozens"
        ),
        pytest.param("Several dead in Kut", "A bomb killed several people. Police counted 6 dead.", 6, id="exact wins"),
    ],
)
def test_which_toll_counts(title: str, text: str, killed: int) -> None:
    assert _plain(code(read(title, text, "en"), None).killed) == killed
