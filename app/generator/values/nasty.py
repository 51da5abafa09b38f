"""Text that breaks programs, for testing them. Only on request, and never what Postgres cannot store."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry
from app.generator.values.generator import Drawn, Generator, Siblings, pick
from app.generator.values.strings import gather, join, strings

NAME = "nasty"
# No NUL and no lone surrogate: Postgres takes neither.
TEXTS = (
    "", " ", "x", "O'Brien", '"quoted"', "back\\slash", "semi;colon", "comma, separated", "tab\there", "line\nbreak",
    "'", '"', '""', "''", ",", "carriage\r\nreturn", "\n", "a'; drop table students; --", "$1", "$$", "--", "/*",
    "<script>alert(1)</script>", "&amp; &lt;", "]]>", "%s %d %n", "%00", "\\", "\\0", "${HOME}", "{{ 7 * 7 }}", "\\N",
    "\\.", "NULL", "null", "None", "undefined", "true", "0", "007", "1e309", "NaN", "-0", "=1+1", "@SUM(A1)", "+1-1",
    "-2+3", "=cmd|' /C calc'!A0", "\tlead", "  leading", "trailing  ", "\u202eright to left\u202c",
    "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "\U0001f642 \U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0010fffd",
    "Z\u0337\u0322a\u0338l\u0335g\u0336o\u0337", "\ufb01 ligature", "e\u0301 combining", "\u0130stanbul",
    "stra\u00dfe STRASSE", "\u03a9\u2248\u00e7\u221a\u222b", "\u6f22\u5b57\u304b\u306a", "\u200bzero width",
    "\ufeffbom", "\u00a0nbsp\u00a0", "../../etc/passwd", "C:\\CON", "\u2028line separator", "\x7fdelete",
    "\x01control", "\x1b[31mescape", "\x85next line", "\ufffe", "a" * 500, "\U0001f600" * 120,
    "Wolfeschlegelsteinhausenbergerdorff " * 7,
)  # fmt: skip


@lru_cache(maxsize=1)
def _texts() -> pa.Array:
    return strings(TEXTS)


class Nasty(Drawn):
    """One of the texts, or two of them one after the other."""

    arrow_type = pa.string()
    longest, shortest = 1_000, 0

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The texts; each may stand alone."""
        first, second = (gather(_texts(), pick(key, rows, salt, len(TEXTS), n)) for n in (0, 1))
        alone: np.ndarray = pick(key, rows, salt, 4, 2) > 0
        return pc.if_else(pa.array(alone), first, join(first, second))


def _nasty(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Nasty()


ENTRIES = (
    Entry(
        NAME,
        "Text that breaks programs: quotes, line breaks, formulas, right to left, emoji, hardly any and far too much",
        ("text",),
        _nasty,
    ),
)
