"""Who wrote a text, by the credits that it carries."""

from __future__ import annotations

import pytest
import yaml

from tocsin import origins

SENTENCE = "Deux drones ont été abattus mardi au-dessus de la base, selon un communiqué de l'armée."
LONG = " ".join([SENTENCE] * 12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"BAGDAD (AFP) - {SENTENCE}", ("AFP",)),
        (f"Bagdad, 29 juin 2026 (AFP) - {SENTENCE}", ("AFP",)),
        (f"(Belga) {SENTENCE}", ("Belga",)),
        (f"{SENTENCE} (Belga)", ("Belga",)),
        (f"{SENTENCE} (Belga/AFP)", ("Belga", "AFP")),
        (f"{SENTENCE}\nLa Gazette avec AFP", ("AFP",)),
        (f"{SENTENCE} Avec AFP", ("AFP",)),
        (f"{SENTENCE}\nSource: Belga", ("Belga",)),
        (f"{SENTENCE}\nAssociated Press writer Jane Roe in Mosul contributed to this report.", ("AP",)),
        (f"{SENTENCE}\n© 2026 AFP", ("AFP",)),
        ("BAGHDAD, June 29 (Reuters) - Two drones were shot down.", ("Reuters",)),
        ("Reuters - Two drones were shot down.", ("Reuters",)),
        ("Two drones fell. (Reporting by A. Rashid; Editing by B. Cole)", ("Reuters",)),
        ("BAGHDAD (AP) — Two drones were shot down.", ("AP",)),
        ("Shafaq News/ Two drones were shot down.", ("Shafaq News",)),
        ("Bagdad (dpa) - Zwei Drohnen sind abgeschossen worden.", ("dpa",)),
        ("Zwei Drohnen sind abgeschossen worden.\njt/wa (dpa, afp, rtr)", ("dpa", "AFP", "Reuters")),
        ("Twee drones zijn neergehaald.\nBron: ANP", ("ANP",)),
        ("بغداد (رويترز) - قال الجيش إن طائرتين أسقطتا.", ("Reuters",)),
        ("بغداد – واع\nأعلنت القيادة إسقاط طائرتين.", ("INA",)),
        ("أسقطت طائرتان. (أ ف ب)", ("AFP",)),
        ("أسقطت طائرتان.\nالمصدر: رويترز", ("Reuters",)),
        (f"{LONG} (Belga)", ("Belga",)),
        (f"(Belga) {LONG} Une source l'a indiqué à l'AFP. {LONG} (Belga)", ("Belga", "AFP")),
        (f"{SENTENCE} Un témoin joint par l'AFP a vu deux explosions.", ("AFP",)),
        ("A second drone fell nearby, an official told Reuters.", ("Reuters",)),
        ("Das sagte ein Sprecher der Polizei der Deutschen Presse-Agentur.", ("dpa",)),
        ("Dat zei een woordvoerder tegen persbureau ANP.", ("ANP",)),
        ("قال مصدر أمني لوكالة فرانس برس إن الهجوم", ("AFP",)),
        ("وأضاف المصدر لرويترز أن", ("Reuters",)),
        ("یک شاهد عینی به رویترز گفت دو انفجار شنیده شد.", ("Reuters",)),
        ("قایمقام بە ڕووداوی گوت، بارودۆخەکە ئارامە.", ("Rudaw",)),
        ("Vali, AA muhabirine yaptığı açıklamada saldırıyı kınadı.", ("Anadolu",)),
        ("Reuters'a konuşan bir yetkili iki bombadan söz etti.", ("Reuters",)),
        ("به گزارش روزآنلاین به نقل از ایسنا، سه پلیس کشته شدند.", ("ISNA",)),
        ("بغداد/ الأناضول\nأعلنت القيادة إسقاط طائرتين.", ("Anadolu",)),
        ("بغداد 3 يوليو 2026 م واس\nأعلنت القيادة إسقاط طائرتين.", ("SPA",)),
        (f"{SENTENCE}\nBronnen: Belga, AFP", ("Belga", "AFP")),
        ("سه پلیس کشته شدند.\nمنبع: خبرگزاری تسنیم", ("Tasnim",)),
        ("سێ پۆلیس کوژران.\nسەرچاوە: ڕۆیتەرز، ئەسۆشیەیتد پرێس", ("Reuters", "AP")),
    ],
)
def test_a_credit_names_the_writer(text: str, expected: tuple[str, ...]) -> None:
    """Datelines, tags, closing lines; then the agencies whose own reporting the wording shows."""
    assert origins.find("", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "Two drones were shot down, Reuters reported on Tuesday, citing the army.",
        f"{LONG} L'agence AFP a été fondée en 1835 (AFP: 2.400 collaborateurs). {LONG}",
        f"{SENTENCE}\nPhoto: AFP",
        f"{SENTENCE} (AP Photo/Hadi Mizban)",
        "Una cerveza belga en Bagdad.",
        "وذكرت رويترز أن هذا هو الهجوم السادس هذا العام.",
        "The petra stone and the fars plain are old.",
        "",
    ],
    ids=[
        "none",
        "cited",
        "in the middle",
        "photo line",
        "photo tag",
        "adjective",
        "cited in Arabic",
        "common words",
        "empty",
    ],
)
def test_a_name_alone_is_no_credit(text: str) -> None:
    """Being quoted, or having taken the photo, is not having written."""
    assert origins.find("", text) == ()


def test_authors_count_and_a_hint_fills_silence_only() -> None:
    """A feed that mostly republishes Belga says so in the configuration; a text that credits AFP is AFP's."""
    assert origins.find("", SENTENCE, ("Reuters Staff",)) == ("Reuters",)
    assert origins.find("", SENTENCE, ("Le Figaro avec AFP",)) == ("AFP",)
    assert origins.find("", SENTENCE, hint="Belga") == ("Belga",)
    assert origins.find("", f"{SENTENCE} (AFP)", hint="Belga") == ("AFP",)
    assert origins.find("", SENTENCE, publisher="Shafaq News") == ("Shafaq News",)
    assert origins.find("", SENTENCE, ("Jean Dupont",), "La Gazette") == ()


def test_no_spelling_belongs_to_two_agencies() -> None:
    """The data file would silently give the last one."""
    table = yaml.safe_load(origins.DATA.read_text(encoding="utf-8"))
    spellings = [s for entry in table.values() for s in {*entry.get("words", ()), *entry.get("strict", ())}]
    assert sorted(spellings) == sorted(set(spellings))


@pytest.mark.parametrize(
    ("line", "credit"),
    [
        ("Belga - AFP", True),
        ("Agencias (EFE / AFP)", True),
        ("Agence France-Presse à Bagdad", True),
        ("المصدر: أ ف ب", True),
        ("وكالات", False),
        ("PA", False),
        ("Foto: AFP", False),
        ("Marc Lenoir, AFP", False),
        ("AFP: le gouvernement se réunit ce soir", False),
    ],
)
def test_a_line_that_names_agencies_alone_is_a_credit(line: str, credit: bool) -> None:
    """Two letters are a writer's initials, and a person or a headline beside an agency makes it another line."""
    assert origins.is_credit(line) is credit


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Jane Roe, PA Law Correspondent", ("PA",)),
        ("AP Diplomatic Writer", ("AP",)),
        ("AFP, ERBIL, Iraq", ("AFP",)),
        ("Information fournie par Reuters", ("Reuters",)),
        ("Belga News Agency", ("Belga",)),
        ("Anadolu Ajansı", ("Anadolu",)),
        ("خبرگزاری تسنیم", ("Tasnim",)),
        ("Ap Rhys Jones", ()),
    ],
)
def test_what_an_agency_is_called_beside_its_name(author: str, expected: tuple[str, ...]) -> None:
    """Its kind, the role of its writer, the town."""
    assert origins.find("", SENTENCE, (author,)) == expected


def test_an_agency_that_was_told_something_did_not_write_it() -> None:
    """It stands behind the writers, and is none: its notebook is in the text, not its copy."""
    told = "A second drone fell nearby, an official told Reuters."
    assert origins.writers("", told, ("Jane Roe",)) == ()
    assert origins.writers("", f"{told} (AFP)") == ("AFP",)
    assert origins.find("", f"{told} (AFP)") == ("AFP", "Reuters")
    assert origins.writers("", SENTENCE, (), "Belga News Agency") == ("Belga",)
