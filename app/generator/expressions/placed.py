"""Documents computed from columns: where `id = (body ->> 'id')::int`, the body of any id is one that has it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from zlib import crc32

import pyarrow as pa

from app.generator.domain import Domain
from app.generator.expressions.evaluate import Predicate, ValueExpr
from app.generator.expressions.kinds import INTEGERS, Kind
from app.generator.expressions.samples import Place, put, texts_of

_EXAMPLES: Mapping[str, Sequence[Any]] = {
    **dict.fromkeys(INTEGERS, (1, 2, 99, 1_000, 30_000)),
    **dict.fromkeys(("text", "varchar"), ("a", "Two words", '"', "1")),
    "uuid": ("6f2c1d7e-52b1-4c8e-9d5a-0b6a3f1e7c42", "00000000-0000-4000-8000-000000000001"),
    "date": (date(2024, 2, 29), date(1999, 12, 31)),
    "timestamp": (datetime(2024, 2, 29, 12, 30, 15), datetime(1999, 12, 31)),  # noqa: DTZ001  # it has no time zone
    "timestamptz": (datetime(2024, 2, 29, 12, 30, 15, 250_000, tzinfo=UTC), datetime(1999, 12, 31, tzinfo=UTC)),
    "bool": (True, False),
}
_MOST_TEXTS = 8
# Documents list so many values of a place; of more, each is put into them.
_FEW_VALUES = 8
_LISTED = INTEGERS | {"text", "varchar", "enum", "numeric"}
# Numbers with a point are written as such, not as the floats that the encoder knows.
_NUMBER = re.compile(r'"\\u0000(-?[0-9.]+)"')


class Placed:
    """A computed column: one of some documents, with the values of other columns at places inside it."""

    def __init__(self, documents: Sequence[str], sources: Iterable[tuple[str, Place]]) -> None:
        self._documents = documents
        self._sources = tuple(sources)
        self.columns = frozenset(name for name, _ in self._sources)

    def evaluate(self, arrays: Mapping[str, pa.Array], length: int) -> pa.Array:
        """One document per row, as text. A NULL leaves what the document has: nothing differs from a NULL."""
        given = [(place.keys, arrays[name].to_pylist()) for name, place in self._sources]
        made = []
        for row in range(length):
            values = [(keys, _plain(column[row])) for keys, column in given]
            number = crc32(str([value for _, value in values]).encode())
            made.append(_with(self._documents[number % len(self._documents)], values))
        return pa.array(made, pa.string())


def is_placed(
    value: ValueExpr,
    place: Place,
    kind: Kind,
    domain: Domain,
    document: str,
    listed: Sequence[str],
    own: Iterable[Predicate],
) -> bool:
    """Whether an expression over a document gives whatever is put at a place, and the document's conditions hold still.

    Found by trying. `kind` and `domain` are those of the column to be put there, `listed` the documents that will do,
    `own` the conditions on the document alone.
    """
    if domain.values is not None and (len(domain.values) <= _FEW_VALUES or kind.name not in _LISTED):
        return False  # of few values, documents can list each
    values = [value for value in _examples(kind, domain) if domain.permits(_literal(value))]
    if kind.name in ("text", "varchar"):
        values += islice(texts_of(domain), _MOST_TEXTS)
    made = pa.array([_with(text, [(place.keys, _plain(value))]) for value in values for text in listed], pa.string())
    arrays = {document: made}
    if not values or value.evaluate(arrays, len(made)).to_pylist() != [v for v in values for _ in listed]:
        return False
    return all(predicate.accepts(arrays, len(made)).all() for predicate in own)


def _examples(kind: Kind, domain: Domain) -> Sequence[Any]:
    if domain.values is not None:
        return domain.values[:: max(1, len(domain.values) // _FEW_VALUES)]
    if kind.name == "enum":
        return kind.labels
    if kind.name == "numeric":
        scale = 2 if kind.scale is None else kind.scale
        return [Decimal(number).scaleb(-scale) for number in (0, 1, 7, 305, 99_999)]
    return _EXAMPLES.get(kind.name, ())


def _literal(value: Any) -> Any:
    """In the form that domains have."""
    return value.isoformat() if isinstance(value, date) else value


def _plain(value: Any) -> Any:
    """In the form that documents have: the same however the value's library writes it."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
    if isinstance(value, Decimal):
        return f"\0{value:f}"
    return (
        value
        if value is None or isinstance(value, int | str)
        else _literal(value)
        if isinstance(value, date)
        else str(value)
    )


def _with(document: str, values: Iterable[tuple[tuple[str, ...], Any]]) -> str:
    changed = json.loads(document)
    for keys, value in values:
        if value is not None:
            put(changed, keys, value)
    return _NUMBER.sub(r"\1", json.dumps(changed, ensure_ascii=False))
