"""Documents and their query languages: json, xml, full text, hstore, ltree."""

import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.domain import Domain
from app.generator.keys import Rows
from app.generator.values.generator import Indexed, Siblings, pick
from app.generator.values.strings import gather, join, number, repeat, strings

_NATURAL = 1_000_000
_CAPACITY = 1 << 50
_COLOURS = strings(("red", "green", "blue", "black", "white", "amber", "teal", "violet"))
_SIZES = strings(("small", "medium", "large"))
_FLAGS = strings(("true", "false"))


class Worded(Indexed):
    """Text made of a few words and a number; `form` writes it. The number tells values apart."""

    arrow_type = pa.string()
    block = _NATURAL

    def __init__(
        self, words: pa.Array, form: Callable[[pa.Array, pa.Array, Rows], pa.Array], capacity: int = _CAPACITY
    ) -> None:
        self.capacity = capacity
        self._words = words
        self._form = form

    def at(self, index: Rows) -> pa.Array:
        """The document number `index`; words go round and round."""
        size = len(self._words)
        return self._form(gather(self._words, index % size), gather(self._words, index // size % size), index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Drawn words and a drawn number."""
        size = len(self._words)
        first = gather(self._words, pick(key, rows, salt, size))
        second = gather(self._words, pick(key, rows, salt, size, 1))
        return self._form(first, second, pick(key, rows, salt, 1000, 2))


def ascii_words(words: pa.Array) -> pa.Array:
    """The words that are plain lower-case letters: for syntaxes that allow no other."""
    kept = words.filter(pc.match_substring_regex(pc.utf8_lower(words), "^[a-z]+$"))
    return pc.utf8_lower(kept) if len(kept) else strings(("alpha", "beta", "gamma", "delta"))


def json_object(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """{"id": 17, "label": "amber river", "colour": "teal", "active": true}"""
    colour, flag = gather(_COLOURS, index % 8), gather(_FLAGS, index % 2)
    head = join('{"id": ', number(index + 1), ', "label": "', first, " ", second)
    return join(head, '", "colour": "', colour, '", "active": ', flag, "}")


def json_array(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """["amber", "river", 17]"""
    return join('["', first, '", "', second, '", ', number(index + 1), "]")


def xml_element(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """A small element, well-formed both as a document and as content."""
    return join('<item id="', number(index + 1), '"><name>', first, "</name><note>", second, "</note></item>")


def lexemes(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """tsvector: lexemes with their positions, in any order."""
    return join("'", first, "':1 '", second, "':2 'n", number(index), "':3")


def text_query(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """tsquery."""
    return join("'", first, "' & ( '", second, "' | 'n", number(index), "' )")


def label_path(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """ltree."""
    return join(first, ".", second, ".n", number(index))


def label_query(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """lquery."""
    return join(first, ".*.", second, "|n", number(index))


def label_text_query(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """ltxtquery."""
    return join(first, " & ", second, "* | n", number(index))


def key_values(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """hstore."""
    head = join('"name"=>"', first, " ", second, '", "size"=>"')
    return join(head, gather(_SIZES, index % 3), '", "code"=>"', number(index), '"')


def json_path(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """jsonpath."""
    return join('$."', first, '"[*] ? (@."', second, '" > ', number(index), ")")


def integer_query(first: pa.Array, second: pa.Array, index: Rows) -> pa.Array:
    """intarray's query_int."""
    return join(number(index + 1), "&(", number(index % 7), "|", number(index % 11), ")")


class JsonValues(Indexed):
    """json and jsonb of the top-level types that a domain allows, with the keys that it asks for."""

    arrow_type = pa.string()
    _ORDER = ("object", "array", "string", "number", "boolean", "null")

    def __init__(self, words: pa.Array, domain: Domain, kind: str | None = None) -> None:
        allowed = domain.json_types if domain.json_types is not None else ("object",)
        wanted = kind if kind in allowed else None
        if domain.json_keys and "object" in allowed:
            wanted = "object"
        self.kind = wanted or next((name for name in self._ORDER if name in allowed), "object")
        self._documents = Worded(words, json_array if self.kind == "array" else json_object)
        self._keys = domain.json_keys
        self.capacity = {"boolean": 2, "null": 1}.get(self.kind, _CAPACITY)
        self.block = min(_NATURAL, self.capacity)
        self._words = words

    def at(self, index: Rows) -> pa.Array:
        """The value number `index`."""
        return self._complete(self._plain(index) if self.kind not in ("object", "array") else self._documents.at(index))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A drawn value."""
        if self.kind in ("object", "array"):
            return self._complete(self._documents.draw(key, rows, siblings, salt))
        return self._plain(pick(key, rows, salt, min(self.block, 1000)))

    def _plain(self, index: Rows) -> pa.Array:
        match self.kind:
            case "string":
                size = len(self._words)
                return join('"', gather(self._words, index % size), " ", number(index), '"')
            case "number":
                return number(index)
            case "boolean":
                return gather(_FLAGS, index % 2)
            case _:
                return repeat("null", len(index))

    def _complete(self, text: pa.Array) -> pa.Array:
        """Adds the keys that the domain asks for and the document lacks."""
        if self.kind != "object":
            return text
        missing = [key for key in self._keys if key not in ("id", "label", "colour", "active")]
        if not missing:
            return text
        extra = "".join(f', {_json_string(key)}: "{key[:1].lower() or "x"}{n}"' for n, key in enumerate(missing))
        return join(pc.utf8_slice_codeunits(text, 0, -1), extra + "}")


def _json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
