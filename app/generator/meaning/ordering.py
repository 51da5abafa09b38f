"""When a moment is in the life of what its row is of, by the words that its name is written of: `moment_order.txt`.

The words of a table's name tell what it is of where that matters: a sample is received before it is analysed, an
application before it is decided, goods after they were sent.
"""

from functools import lru_cache
from pathlib import Path

from app.generator.meaning.naming import raw_tokens

_SHORTEST_START = 4
# How the names of tables begin that are of something, by mark.
_MARKS = {
    "+lab": ("lab", "sample", "specimen", "probe", "monster", "biops", "untersuch", "onderzoek", "assay", "analys"),
    "+law": ("akte", "verfahren", "klage", "prozess", "gericht", "zaak", "zaken", "rechts", "mandat"),
    "+stay": ("hotel", "buchung", "reserv", "boeking", "booking", "stay", "gast", "guest", "havenbez", "portcall"),
    "+asked": (
        "aanvr",
        "klacht",
        "vergun",
        "bezwa",
        "subsid",
        "melding",
        "zaak",
        "zaken",
        "verzoek",
        "dossier",
        "applic",
        "request",
        "enquir",
        "petition",
        "permit",
        "complaint",
        "grant",
    ),
}


@lru_cache(maxsize=1)
def _places() -> dict[str, list[tuple[str, str, int]]]:
    """Words by language, the longest first, each with the mark of tables and its place; marked tables come first."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for line in (Path(__file__).parent / "moment_order.txt").read_text("utf-8").splitlines():
        head, _, words = line.partition(": ")
        if not head.startswith("#"):
            language, mark, place = head.split()
            found.setdefault(language, []).extend((word, mark, int(place)) for word in words.split())
    return {tongue: sorted(some, key=lambda one: (one[1] == "-", -len(one[0]))) for tongue, some in found.items()}


@lru_cache(maxsize=8192)
def place_of(name: str, language: str | None, table: str) -> int | None:
    """Where a moment of this name stands among those of its row; None where its words do not say."""
    pieces = raw_tokens(name)
    joined = "".join(pieces)
    for word, mark, place in _places().get(language or "", ()):
        if _is_said(word, pieces, joined, language) and (mark == "-" or _is_of(mark, table)):
            return place
    return None


def _is_said(word: str, pieces: tuple[str, ...], joined: str, language: str | None) -> bool:
    if len(word) < _SHORTEST_START:
        return word in pieces
    if language == "en":
        return joined.startswith(word) or any(piece.startswith(word) for piece in pieces)
    return word in joined


def _is_of(mark: str, table: str) -> bool:
    named = raw_tokens(table)
    return any(piece.startswith(_MARKS[mark]) for piece in (*named, "".join(named)))


# How the names of tables begin of the days on which somebody is away, and of what is over within hours.
_AWAY = ("verlof", "urlaub", "ziekmeld", "krankmeld", "afwezig", "abwesen", "fehlzeit", "absence", "leave", "vacation")
_QUICK = (
    "incident", "alert", "alarm", "airline", "deployment", "surger", "outage", "flight", "einsatz", "einsaetze",
    "operationen", "appointment", "appt", "outpatient", "visit", "afspraken", "afspraak", "patientafspr", "call",
    "trip", "ritten",
)  # fmt: skip


@lru_cache(maxsize=1024)
def is_of_absence(table: str) -> bool:
    """Whether a table is of the days on which somebody is away."""
    return any(piece.startswith(_AWAY) for piece in raw_tokens(table))


@lru_cache(maxsize=1024)
def is_of_hours(table: str) -> bool:
    """Whether a table is of what is over within hours."""
    return any(piece.startswith(_QUICK) for piece in raw_tokens(table))
