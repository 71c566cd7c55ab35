"""Lines that no article says, by their words alone: teasers, notices of the site, advertisements, its own credits."""

from __future__ import annotations

import re

from scrapers import pruning

MAX_TEASER = 220  # characters: a paragraph that only begins like a teaser is longer
_TEASER = re.compile(
    r"^(?:[>»«→▶►•*\-\s]*)(?:"
    r"(?:read|see|watch|listen)(?: also| more| next)?\s*[:：>»–-]|also read"
    r"|read (?:also|more|next)\b|related (?:stories|articles|news|topics)\b|related\s*:|more on this story"
    r"|(?:à )?(?:re)?lire (?:aussi|également|plus)|à (?:écouter|voir|regarder) (?:aussi|également)"
    r"|voir aussi|sur le même sujet|relire\s*:|>> ?lire"
    r"|lees (?:ook|meer|verder)\b|ook interessant|bekijk ook|lesen sie (?:auch|mehr|dazu)|mehr zum thema|lesetipp"
    r"|(?:zum artikel|mehr zu|mehr über|auch interessant|lesen sie hier)\s*:|don'?t miss\W*$"
    r"|lea también|te puede interesar|leggi anche|ayrıca (?:bakınız|okuyun)|ilgili haber"
    r"|اقرأ(?:/ي)? (?:أيضا|أيضاً|ايضا|المزيد)|إقرأ(?:/ي)? (?:أيضا|أيضاً)|شاهد (?:أيضا|أيضاً)|قد يهمك|مواضيع ذات صلة"
    r"|أخبار ذات صلة|بخوانید|هەروەها بخوێنە"
    r")"
)
_NOISE = re.compile(
    r"^(?:advertisement|publicité|advertentie|anzeige|werbung|إعلان|اعلان|reklam|publicidad|pubblicità"
    r"|share(?: this)?(?: article| story)?|partager|delen|teilen|شارك(?:ها|نا)?|follow us(?: on .{2,40})?"
    r"|suivez-nous.{0,40}"
    r"|(?:photo|foto|bild|image|crédit photo|صورة)s?\s*: ?.{2,60}"
    r"|(?:also on|like this story|got a story|for more stories).{0,160}"
    r"|this copy is for your personal, non-commercial use only.*"
    r"|[—–-] .{2,60}\(@\w+\) .{4,30}\d{4}"
    r"|sign up for (?:our|the) .{0,60}newsletter.{0,80}|subscribe to (?:our|the) .{0,80}"
    r"|(?:empfohlener redaktioneller inhalt|externer inhalt|an dieser stelle finden sie einen .{0,200}"
    r"|ich bin damit einverstanden, dass .{0,200}|ein klick für den datenschutz|link zum \w+-inhalt|contenu externe)"
    r"|(?:fehler gefunden|hat ihnen dieser artikel gefallen|wie hat ihnen dieser artikel).{0,200}"
    r"|(?:durchschnittliche bewertung|average rating)\W.{0,20}"
    r"|(?:log in|sign in|create an account)\b.{0,80}\bcontinue\b.{0,60}|enjoying our latest content"
    r"|follow (?:us|along|\w+(?:\.\w+)+) (?:on|with) .{0,160}"
    r"|our standards: .{0,80}principles|انتهای پیام/?|archivado en|sigue toda la información .{0,160}"
    r"|(?:ل?متابعة|تابعوا?نا?|اشتركوا?|انضموا?)\b.{0,80}(?:تلغرام|تليغرام|التلغرام|واتساب|الواتساب)"
    r"|[-•]?\s*(?:author|role|auteur|autor|yazan|unvan|مصنف|عہدہ|نویسنده|شغل|المؤلف|الكاتب)\s*, .{2,80}"
    r"|\$\$\w+\$\$|(?:order reprints|print article|an error has occurred, please try again.{0,20}|thank you)"
    r"|the post .{3,300} (?:appeared first on|first appeared on) .{2,80}"
    r"|(?:comments?|commentaires?|reacties|kommentare|تعليقات)\s*(?:\(\d+\))?|copyright .{0,80}"
    r"|(?:lesedauer|lesezeit|leestijd|temps de lecture|tiempo de lectura)\s*:?\s*(?:ca\. )?\d+ ?min\w*\.?"
    r"|(?:- )?(?:کد(?: خبر)?|شناسه خبر|news id|haber no)\s*:\s*\d{3,12}|copyright (?:© ?)?\d{4}\b.{0,250}"
    r"|©.{0,80}|tous droits réservés.{0,40})\W*$"
)
# What may stand further on in a line, by a word that it cannot do without: dear to look for, so the word comes first.
_NOISE_WITH = {
    "pic.twitter.com/": re.compile(r".{0,200}pic\.twitter\.com/\w+\W*$"),
    "newsletter": re.compile(
        r"(?=.{0,260}\bnewsletters?\b).{0,140}\b(?:sign|subscri|abonn|inbox|free|kostenlos|gratis|gratuit|informiert"
        r"|inscri|anmeld|meld je|schrijf|weekly|daily|täglich).{0,260}\W*$"
    ),
    "drittplattformen": re.compile(r".{0,40}personenbezogene daten .{0,200}drittplattformen.{0,100}\W*$"),
    "get in touch": re.compile(r".{0,60}get in touch\b.{0,60}@.{0,80}\W*$"),
}
_INVITATION = re.compile(
    r"^\W*(?:most (?:read|popular|viewed|shared) (?:in|on)\b.{0,40}"
    r"|get (?:daily|breaking|the latest|real-time|(?:full |unlimited )?access)\b.{0,100}"
    r"|(?:get|have) .{3,80}\bdelivered (?:to|through|straight to) your (?:door|inbox|letterbox|mailbox|phone)\b.{0,120}"
    r"|(?:e-?mail|write to|contact|courriel|kontakt|contacto)\b.{0,80}\w@\w.{0,160}"
    r"|follow\b.{0,60}\b(?:on (?:google news|twitter|x|facebook|instagram|telegram|whatsapp)|coverage of)\b.{0,160}"
    r"|(?:suivez|folgen sie|volg|siga|seguici|takip edin|تابعوا?|تابعونا)\b.{0,60}"
    r"\b(?:google (?:news|actualités|noticias|haberler)|twitter|facebook|instagram|telegram|whatsapp|تلغرام|واتساب)\b"
    r".{0,80}"
    r"|(?:do you have|got) a (?:story|tip)\b.{0,100}|(?:tell us|let us know) what you think\W*"
    r"|click here (?:to|for)\b.{0,120}|cliquez ici (?:pour)\b.{0,120}|klicken sie hier,? um\b.{0,120}"
    r"|اضغط هنا\b.{0,120}"
    r"|to view this video please enable javascript.*|please enable javascript.*|vous devez activer javascript.*"
    r"|(?:related|further) (?:posts?|reading|content|coverage|links?)\s*:.{0,160}"
    r"|(?:first|originally) published (?:in|on|by)\b.{0,60}"
    r"|il vous reste .{0,80})\W*$"
)
_RIGHTS = re.compile(
    r"all rights reserved|tous droits (?:\w+ )?réservés|alle rechten voorbehouden|alle rechte vorbehalten"
    r"|derechos reservados|diritti riservati|direitos reservados|hakları saklıdır|الحقوق محفوظة|حقوق .{0,30}محفوظ"
    r"|مافەکان پارێزراون|© ?(?:19|20)\d\d|(?:19|20)\d\d ?©"
)
_LONGEST_RIGHTS = 100  # characters of a line that says whose the page is
_CREDIT = re.compile(
    r"^\W*(?:(?:additional |further )?(?:reporting|writing|editing|compiled|translated|edited) by (?-i:[A-Z]).{3,400}"
    r"|.{3,200}\bcontributed (?:reporting|to (?:this|the) (?:report|story|article))\b.{0,120}"
    r"|(?:associated press|ap|afp|reuters) (?:journalists?|staff|writers?|correspondents?)\b.{3,200}"
    r"\b(?:contributed|reported)\b.{0,120}"
    r"|(?:reportage (?:de|par)|avec la contribution de|version française|rédigé par|édité par)\b.{3,300}"
    r"|(?:(?:bericht(?:e)? von|geschrieben von|redigiert von)\b|mitarbeit:).{3,300}"
    r"|(?:met medewerking van|medewerking:).{3,200}"
    r"|(?:reporte de|reportaje de|editado (?:en español )?por|información de)\b.{3,300}"
    r"|(?:إعداد|تغطية صحفية|شارك في التغطية|تحرير|كتابة)\b.{3,300}(?:تحرير|للنشرة العربية)\b.{0,200}"
    r"|شارك في التغطية .{3,200})$",
    re.I,
)

_NEW_TAB = re.compile(
    r",? ?\(?(?:(?:this )?link |\b)(?:opens(?: in)?(?: an?)? new (?:tab|window)"
    r"|(?:wird )?in (?:einem )?neuen tab geöffnet"
    r"|öffnet (?:sich )?i(?:m|n einem) neuen (?:fenster|tab)|s['’]ouvre dans une? nouvel(?:le fenêtre| onglet)"
    r"|se abre en una (?:nueva )?(?:ventana|pestaña)(?: nueva)?|opent in een nieuw (?:venster|tabblad)"
    r"|yeni (?:sekmede|pencerede) açılır)\b\)?",
    re.I,
)
# What no such note lacks; one look for each is cheaper than the pattern's many beginnings.
_NEW_TAB_WORDS = ("new tab", "new window", "neuen tab", "neuen fenster", "nouvel", "nueva", "nieuw", "yeni ")
_CREDIT_WORDS = (
    "reporting by ", "writing by ", "editing by ", "compiled by ", "translated by ", "edited by ", "contributed",
    "reported", "reportage ", "avec la contribution de", "version française", "rédigé par", "édité par", "bericht",
    "geschrieben von", "redigiert von", "mitarbeit:", "medewerking", "reporte de", "reportaje de", "editado ",
    "información de", "إعداد", "تغطية", "تحرير", "كتابة",
)  # fmt: skip


def is_noise(line: str) -> bool:
    """True for a line that no article says: a teaser for another story, an advertisement, a share button."""
    small = line.lower()  # once, for patterns that heed case are matched in a third of the time
    return (
        (len(line) <= MAX_TEASER and _TEASER.match(small) is not None)
        or _NOISE.match(small) is not None
        or any(word in small and pattern.match(small) for word, pattern in _NOISE_WITH.items())
        or _INVITATION.match(small) is not None
        or (len(line) <= _LONGEST_RIGHTS and _RIGHTS.search(small) is not None)
        or pruning.is_heading(line)
    )


def is_credit(line: str) -> bool:
    """True for a line that names those who reported and edited: whose it is, but not what happened, nor where."""
    return _CREDIT.match(line) is not None


def without_credits(text: str) -> str:
    """The text without lines of credit."""
    small = text.lower()
    if not any(word in small for word in _CREDIT_WORDS):
        return text
    return "\n".join(line for line in text.split("\n") if not is_credit(line))


def without_notes(text: str) -> str:
    """The text without what links tell screen readers: "opens in a new tab"."""
    small = text.lower()
    return _NEW_TAB.sub("", text) if any(word in small for word in _NEW_TAB_WORDS) else text
