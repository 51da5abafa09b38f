"""A prompt cut into tokens, and the numbers in it: digits as several countries write them, and words."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ñ": "n",
                          "’": "'", "‘": "'", "–": "-", "—": "-", "−": "-"})  # fmt: skip
# Grouped digits (10,000 10.000 10 000 10'000), or a plain number with decimals; k, m and the like may follow at once.
_TOKEN = re.compile(
    r"""(?P<iso>\d{4}-\d{2}(?:-\d{2})?(?!\d))
      | (?P<dmy>\d{1,2}[./]\d{1,2}[./]\d{4})
      | (?P<ord>\d{1,2}(?:st|nd|rd|th)\b)
      | (?P<number>\d{1,3}(?:([,.'\u00a0\u202f\ ])\d{3})(?:\5\d{3})*(?:[.,]\d{1,2})?(?![\d])|\d+(?:[.,]\d+)?)
        (?P<unit>(?:k|K|tsd|Tsd|mio|Mio|MM|mm|mn|Mn|M|m|bn|Mrd|mrd)(?![A-Za-z]))?
      | (?P<word>[^\W\d_]\w*(?:['\-.&](?=[^\W\d_])\w+)*)
      | (?P<sign>80/20|->|[-–—]|[%€$£¥&+~])
      | (?P<stop>[.;!?\n])
      | (?P<comma>[,:()\[\]{}/|"„“”»«])""",
    re.VERBOSE,
)
_UNITS = {"k": 3, "tsd": 3, "m": 6, "mio": 6, "mm": 6, "mn": 6, "bn": 9, "mrd": 9}
_MULTIPLIERS = {
    "thousand": 3, "thousands": 3, "tausend": 3, "tsd": 3, "mille": 3, "mil": 3, "milliers": 3, "miles": 3, "k": 3,
    "hundred": 2, "hundreds": 2, "hundert": 2, "cent": 2, "cents": 2, "cien": 2, "ciento": 2, "cientos": 2,
    "million": 6, "millions": 6, "millionen": 6, "mio": 6, "millon": 6, "millones": 6, "m": 6,
    "billion": 9, "billions": 9, "milliarde": 9, "milliarden": 9, "milliard": 9, "milliards": 9, "mrd": 9,
}  # fmt: skip
_WORDS: dict[str, int] = {}
for _value, _spellings in {
    1: "one eins exactly-one", 2: "two zwei deux dos couple both", 3: "three drei trois tres",
    4: "four vier quatre cuatro", 5: "five fuenf cinq cinco", 6: "six sechs seis", 7: "seven sieben sept siete",
    8: "eight acht huit ocho", 9: "nine neun neuf nueve", 10: "ten zehn dix diez", 11: "eleven elf onze once",
    12: "twelve zwoelf douze doce dozen dutzend douzaine docena", 15: "fifteen fuenfzehn quinze quince",
    20: "twenty zwanzig vingt veinte", 30: "thirty dreissig trente treinta", 40: "forty vierzig quarante cuarenta",
    50: "fifty fuenfzig cinquante cincuenta", 60: "sixty sechzig soixante sesenta",
    70: "seventy siebzig setenta", 80: "eighty achtzig ochenta", 90: "ninety neunzig noventa",
    100: "cien", 500: "quinientos quinientas",
}.items():  # fmt: skip
    _WORDS |= dict.fromkeys(_spellings.split(), _value)
_GERMAN = re.compile(r"(ein|zwei|drei|vier|fuenf|sechs|sieben|acht|neun|zehn|zwanzig|fuenfzig)?(hundert)?(tausend)?")
_ARTICLES = frozenset("a an un une una uno ein eine einer eines einem einen half halbe demi medio media one".split())
# In tens, so that a half stays whole.
_HALVES = frozenset("half halbe demi medio media".split())


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number, a date as written, or a mark. `word` is folded: lower case, without accents."""

    kind: str
    text: str
    word: str
    start: int
    end: int
    number: Decimal | None = None


def fold(text: str) -> str:
    """Lower case without accents: `Größe` -> groesse, `último` -> ultimo."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_SPELLED))
    return plain.encode("ascii", "ignore").decode() if any(ord(c) > 127 for c in plain) else plain


def tokenize(text: str) -> list[Token]:
    """The tokens of a prompt, numbers in words made numbers."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "word"
        if match.group("number"):
            kind = "number"
        raw = match.group()
        number = None
        if kind == "number":
            number = read_number(match.group("number"), match.group("unit") or "")
        word = fold(raw) if kind == "word" else raw.translate(_SPELLED)
        found.append(Token(kind, raw, word, match.start(), match.end(), number))
    return _with_word_numbers(_with_signs(_without_elisions(found), text), text)


def read_number(text: str, unit: str = "") -> Decimal:
    """Digits with separators as a number: three digits after a separator are thousands, fewer are decimals."""
    compact = re.sub(r"['\u00a0\u202f ]", "", text)
    last = max(compact.rfind(","), compact.rfind("."))
    if last >= 0:
        tail = len(compact) - last - 1
        marks = {c for c in compact if c in ",."}
        grouped = tail == 3 and len(marks) == 1 and not unit and not compact.startswith("0")
        head = re.sub(r"[.,]", "", compact[: last if not grouped else None])
        compact = head if grouped else f"{head}.{compact[last + 1 :]}"
    return Decimal(compact).scaleb(_UNITS.get(unit.lower(), 0))


def _with_signs(tokens: list[Token], text: str) -> list[Token]:
    """`from -500 to 2000`: a hyphen right before a number and after no other one is its sign."""
    found: list[Token] = []
    for place, token in enumerate(tokens):
        before = found[-1] if found else None
        signed = (
            token.number is not None
            and before is not None
            and before.word == "-"
            and before.end == token.start
            and text[: before.start][-1:] in ("", " ", "(")
            and (place < 2 or tokens[place - 2].kind == "word")
        )
        if signed and before is not None and token.number is not None:
            found[-1] = Token("number", text[before.start : token.end], "-", before.start, token.end, -token.number)
        else:
            found.append(token)
    return found


def _without_elisions(tokens: list[Token]) -> list[Token]:
    """`d'euros` and `l'année` are two words; hyphens stay within theirs."""
    found = []
    for token in tokens:
        head, mark, tail = token.word.partition("'")
        if token.kind == "word" and mark and head in ("d", "l", "qu", "n", "s", "c", "j"):
            cut = token.start + len(head) + 1
            found.append(Token("word", tail, tail, cut, token.end))
        else:
            found.append(token)
    return found


def _with_word_numbers(tokens: Sequence[Token], text: str) -> list[Token]:
    found: list[Token] = []
    place = 0
    while place < len(tokens):
        length, value = _spelled(tokens, place)
        if length:
            last = tokens[place + length - 1]
            start = tokens[place].start
            found.append(Token("number", text[start : last.end], text[start : last.end], start, last.end, value))
            place += length
        else:
            found.append(tokens[place])
            place += 1
    return found


def _spelled(tokens: Sequence[Token], place: int) -> tuple[int, Decimal | None]:
    """How many tokens from here on spell one number, and which; (0, None) when they do not."""
    token = tokens[place]
    value, length = _single(token), 1
    following = tokens[place + 1 : place + 4]
    if value is None:
        if token.word not in _ARTICLES:
            return 0, None
        value = Decimal("0.5") if token.word in _HALVES else Decimal(1)
        rest = list(following)
        if rest and rest[0].word in ("a", "une", "eine"):
            rest, length = rest[1:], 2
        # An article counts only before a number word: a dozen, half a million, un millón.
        if not rest or (rest[0].word not in _MULTIPLIERS and _WORDS.get(rest[0].word, 0) != 12):
            return 0, None
        if rest[0].word not in _MULTIPLIERS:
            return length + 1, value * 12
    while place + length < len(tokens) and (step := _MULTIPLIERS.get(tokens[place + length].word)) is not None:
        if tokens[place + length].kind != "word" or _is_percent(tokens, place + length):
            break
        value, length = value.scaleb(step), length + 1
    if token.kind == "number" and length == 1:
        return 0, None
    return length, value


def _is_percent(tokens: Sequence[Token], place: int) -> bool:
    """`pour cent`, `per cent`: no hundred."""
    return tokens[place].word in ("cent", "ciento") and tokens[place - 1].word in ("pour", "per", "por")


def _single(token: Token) -> Decimal | None:
    if token.kind == "number":
        return token.number
    if token.kind != "word":
        return None
    if token.word in _WORDS:
        return Decimal(_WORDS[token.word])
    match = _GERMAN.fullmatch(token.word)
    if match and any(match.groups()[1:]) and token.word not in ("hundert", "tausend"):
        unit = Decimal(_WORDS.get(match[1] or "", 1))
        return unit * (100 if match[2] else 1) * (1000 if match[3] else 1)
    if token.word in ("hundert", "tausend"):
        return Decimal(100 if token.word == "hundert" else 1000)
    return None
