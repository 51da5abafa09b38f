"""The words of column and table names, in several languages and abbreviated, as plain English words.

Each line of `lexicon/*.txt` maps one or more canonical words to the spellings that mean them. Spellings are in lower
case without accents (ä, ö and ü as ae, oe and ue, and as a, o and u). Words that stand for themselves need no line
unless a name may be cut at them: `shipdate` is cut into ship and date because both are known.
"""

from pathlib import Path

# Their order decides where one spelling means different things.
_LANGUAGES = ("common", "en", "de", "fr", "es", "pt", "nl", "it", "abbreviations")


# Files that are of no language in particular.
_OF_ALL = frozenset({"common", "en", "abbreviations"})
# Shorter words of other languages are found inside too many English ones.
_SHORTEST_FOREIGN_PART = 4

ALIASES: dict[str, tuple[str, ...]] = {}
# Which language a spelling is of; "" where several have it.
LANGUAGE_OF: dict[str, str] = {}
_PARTS: set[str] = set()


def _read() -> None:
    for language in _LANGUAGES:
        text = (Path(__file__).parent / "lexicon" / f"{language}.txt").read_text("utf-8").replace("\n    ", " ")
        for line in text.splitlines():
            head, _, spellings = line.partition(":")
            words = spellings.split()
            for spelling in words:
                ALIASES.setdefault(spelling, tuple(head.split()))
            if language not in _OF_ALL:
                for spelling in words:
                    LANGUAGE_OF[spelling] = language if LANGUAGE_OF.get(spelling, language) == language else ""
            if language != "abbreviations":
                _PARTS.update(word for word in words if language == "common" or len(word) >= _SHORTEST_FOREIGN_PART)


_read()

# English words that need no line, so that nothing is cut out of them, nor taken to be short for them.
PLAIN = frozenset((Path(__file__).parent / "plain_words.txt").read_text("utf-8").split())
# The words that spellings are brought to: those of English.
ENGLISH = frozenset(word for words in ALIASES.values() for word in words)
# Words that stand for themselves and may be parts of a name written as one.
KNOWN = frozenset(
    """extended list unit net gross sales retail rental home work business office billing shipping last first next
    total line item ship bill commit receipt supply part account clerk phone market segment comment discount tax
    flag return status priority mode available size brand type container nation region retailer manager contact
    access refresh reset api auth secret public private group team class course event project task job role store
    branch station route trip stop hotel room floor table seat ticket flight gate airport airline city town
    gesamt einzel netto brutto kauf verkauf steuer telefon post haus bank konto kunden rechnung liefer bestell
    artikel lager buchungs start end anfangs geburts eintritts austritts kredit karten
    max min avg sum national login organization node vacation hours sick leave safety level reorder point standard
    cost make list sell product line days manufacture purchase approval carrier web service revision change average
    scrapped minimum maximum online offline preferred current firmware hardware software framework network warehouse
    household spatial metric value sensor signal strength response request session status kontakt haupt neben mobil
    privat geschaeft liefer verkauf einkauf verkoop inkoop bestel factuur lever klant artikel totaal zahlungs
    mitglieds auftrags rechnungs eingangs ausgangs buchungs versand steuer bestands waren lager kunden""".split()
) | frozenset(_PARTS)
