"""Values pieced together from what checks are made of, for rows that were refused again and again.

Most checks are read, and kept by the values' generator. What is left is met by redrawing: words that happen to be
short enough come up soon, a text with two dots in it or a document with a certain number three levels down never does.
From the twelfth attempt on, every other row's value is put together from the words, numbers, patterns and paths that
the column's checks name (see `expressions.material`). Whether the checks hold is still for them to say.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.domain import Domain, Pattern
from app.generator.engine import guesses
from app.generator.engine.guesses import Chances, Stock
from app.generator.expressions.material import Material
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.pattern import PatternGenerator
from app.generator.keys import Rows, draw
from app.generator.snapshot.model import TypeRef

_SAMPLES = 16
_MAKERS: dict[str, Callable[[Any, Stock, Chances], Any]] = {
    **dict.fromkeys(("text", "varchar", "bpchar", "citext", "name"), guesses.text),
    **dict.fromkeys(("json", "jsonb"), guesses.document),
    **dict.fromkeys(("inet", "cidr"), guesses.address),
    **dict.fromkeys(("daterange", "tsrange", "tstzrange", "int4range", "int8range", "numrange"), guesses.span),
    **dict.fromkeys(("bit", "varbit"), guesses.bits),
    "hstore": guesses.pairs,
    "point": guesses.point,
    "bytea": guesses.binary,
}


class Guessing:
    """Pieces values of one column together."""

    def __init__(self, base: TypeRef, domain: Domain, material: Material, key: int) -> None:
        self._make = _maker(base)
        self._stock = _stock(base, domain, material)
        self._domain = domain
        self._key = key

    @classmethod
    def of(cls, base: TypeRef, domain: Domain, material: Material, key: int) -> "Guessing | None":
        """None for a type that nothing can be pieced together of, or whose values are listed."""
        if _maker(base) is None or domain.values is not None or domain.null_only:
            return None
        return cls(base, domain, material, key)

    def altered(self, values: pa.Array, rows: Rows, salt: int) -> pa.Array:
        """The values, every other one of them pieced together: each depends on its row and the salt alone."""
        assert self._make is not None
        words = draw(self._key, rows, salt).tolist()
        found = values.to_pylist()
        for place, word in enumerate(words):
            if word & 1:
                continue
            made = self._make(found[place], self._stock, Chances(word >> 1))
            if made is not None and self._permits(made):
                found[place] = made
        return pa.array(found, values.type)

    def _permits(self, made: Any) -> bool:
        domain = self._domain
        if isinstance(made, list):
            least, most = domain.min_items, domain.max_items
            if (least is not None and len(made) < least) or (most is not None and len(made) > most):
                return False
            if domain.element_not_null and None in made:
                return False
            inner = domain.element
            return inner is None or all(item is None or inner.permits(item) for item in made)
        if isinstance(made, bytes):
            least, most = domain.min_bytes, domain.max_bytes
            return (least is None or len(made) >= least) and (most is None or len(made) <= most)
        return not isinstance(made, str) or domain.permits(made)


def _maker(base: TypeRef) -> Callable[[Any, Stock, Chances], Any] | None:
    if base.array_dims == 1:
        return guesses.array if base.name in guesses.ELEMENTS else None
    return _MAKERS.get(base.name) if not base.array_dims else None


@lru_cache(maxsize=256)
def _samples(pattern: str) -> tuple[str, ...]:
    """Texts that match a pattern; none where it cannot be filled in."""
    try:
        generator = PatternGenerator((Pattern(pattern),), 1, 24)
    except ExpressionUnknown:
        return ()
    if not generator.capacity:
        return ()
    return tuple(generator.draw(draw(0x6E, np.arange(_SAMPLES, dtype=np.int64), 0)).to_pylist())


def _stock(base: TypeRef, domain: Domain, material: Material) -> Stock:
    samples = [sample for pattern in material.patterns[:8] for sample in _samples(pattern)]
    longest = base.modifiers[0] if base.modifiers and base.name in ("varchar", "bpchar", "bit", "varbit") else None
    most = min((n for n in (longest, domain.max_length, domain.max_bytes) if n is not None), default=None)
    return Stock(material, tuple(samples), base, domain.min_length or 0, most)
