"""Words that stand last in German and Dutch names and say by whom, for whom or until when: erf_von, gegund_aan."""

Words = tuple[str, ...]

# What stands last before whom something was given to, and before a day that is still to come.
_TOWARDS = frozenset({"an", "aan", "voor", "vor"})
_GIVEN_TO_FIRMS = ("gegun", "gun", "verge", "zuschl", "beauftr", "opdr", "uitbest", "verkauft", "verkocht")
# What stands last after what somebody has done.
_BY_WHOM = {"de": frozenset({"von", "durch"}), "nl": frozenset({"door", "dr"})}
# How what has been done begins, and short pieces and words that end alike and say nothing of the kind.
_BEGUN = ("ge", "freig", "angel", "aend", "genehm", "unterz", "bearb", "gepr", "storn", "uitgev", "opgest", "ingev",
          "goedg", "afgeh", "aangem", "toegew", "ontv", "nagek", "afgek")  # fmt: skip
_NEVER_DONE = frozenset("gueltig geldig ort plz datum dat wert nr von bis zeit".split())
_LONGEST_CUT = 4


def said_last(kind: str, pieces: list[str], language: str) -> tuple[str, Words] | None:
    """The concept that the last of a name's pieces tells by itself; None for most of them."""
    last = pieces[-1]
    if len(pieces) < 2:
        return None
    if last in _TOWARDS and kind == "moment":
        return "future", ()  # retour_voor
    if kind != "text":
        return None
    if last in ("via", "ueber"):
        return "channel", ()  # aangevr_via
    if last in ("an", "aan"):
        return "company" if pieces[0].startswith(_GIVEN_TO_FIRMS) else "full_name", ()  # gegund_aan
    return ("full_name", ()) if last in _BY_WHOM[language] and _is_done(pieces[-2]) else None


def _is_done(piece: str) -> bool:
    """Whether a piece says that something has been done, written out or cut: goedgekeurd, geaend, freig, erf."""
    done = piece.startswith(_BEGUN) or piece.endswith(("t", "d")) or len(piece) <= _LONGEST_CUT
    return done and piece not in _NEVER_DONE and not piece.endswith(("ort", "zeit", "tijd"))
