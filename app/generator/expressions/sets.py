"""Sub-selects over what values have inside, evaluated: sets are laid out one after the other, for all rows at once."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from app.generator.expressions.casts import coerce
from app.generator.expressions.jsons import load
from app.generator.expressions.kinds import BOOL, FLOATS, INT4, INT8, INTEGERS, JSONB, NUMERIC, TEXT, Kind
from app.generator.expressions.nodes import Aggregate, Call, Expr, ExpressionUnknown, Inner, Item, transform
from app.generator.expressions.operands import Frame, Operand, column, to_python
from app.generator.expressions.sorting import sort_key
from app.generator.expressions.text_forms import write_jsonb, write_text
from app.generator.expressions.vectors import Fails, Vector, from_python

if TYPE_CHECKING:
    from app.generator.expressions.compiler import Compiler

_MOST_ITEMS = 10_000
_Rows = Callable[..., Iterable[tuple[Any, ...]]]


def item_name(item: Item) -> str:
    """The name of the column that an item of a set is: no column of a table has it."""
    return f"\0{item.source}.{item.place}"


class Selection:
    """A sub-select, compiled. Raises ExpressionUnknown for what is not known exactly."""

    def __init__(self, compiler: "Compiler", inner: Inner) -> None:
        self._inner = inner
        self._sources: list[tuple[list[Operand], list[Kind], _Rows, list[str]]] = []
        for source in inner.sources:
            self._add(compiler, source)
        self._where = coerce(compiler.compile(inner.where), BOOL)
        self._aggregates: list[tuple[Aggregate, Operand | None, Kind]] = []
        self._target = None if inner.target is None else self._compiled(compiler, inner.target)
        own = {name for _, _, _, names in self._sources for name in names}
        parts = [o for operands, *_ in self._sources for o in operands] + [self._where]
        parts += [argument for _, argument, _ in self._aggregates if argument is not None]
        parts += [self._target] if self._target is not None else []
        marks = {_result_name(number) for number in range(len(self._aggregates))}
        self.columns = frozenset[str]().union(*(part.columns for part in parts)) - own - marks
        if inner.shape == "value" and not self._aggregates:
            raise ExpressionUnknown("a subquery that may have several rows")

    @property
    def operand(self) -> Operand:
        """The sub-select as an operand over the row's columns."""
        shape = self._inner.shape
        if shape == "exists":
            return Operand(BOOL, self._exists, self.columns)
        assert self._target is not None
        if shape == "list":
            return Operand(Kind("array", self._target.kind.plain), self._list, self.columns)
        return Operand(self._target.kind, self._value, self.columns)

    def _add(self, compiler: "Compiler", source: Expr) -> None:
        assert isinstance(source, Call)
        *given, first = source.arguments
        assert isinstance(first, Item)
        arguments = [compiler.compile(argument) for argument in given]
        arguments, kinds, rows = _set_of(source.name, arguments)
        names = [item_name(Item(first.source, place)) for place in range(len(kinds) + 1)]
        kinds = [*kinds, INT8]  # WITH ORDINALITY
        compiler.items.update({(first.source, place): kind for place, kind in enumerate(kinds)})
        self._sources.append((arguments, kinds, rows, names))

    def _compiled(self, compiler: "Compiler", target: Expr) -> Operand:
        """The target, each aggregate in it a column that is filled before."""
        places: dict[Aggregate, int] = {}

        def change(node: Expr) -> Expr | None:
            if isinstance(node, Inner):
                return node  # whose aggregates are its own
            if not isinstance(node, Aggregate):
                return None
            if node not in places:
                argument = compiler.compile(node.arguments[0]) if node.arguments else None
                kind = _kind_of(node, argument)
                places[node] = len(self._aggregates)
                self._aggregates.append((node, argument, kind))
                compiler.items[-1, places[node]] = kind
            return Item(-1, places[node])

        return compiler.compile(transform(target, change))

    def _laid_out(self, frame: Frame) -> tuple[Frame, Any, Any]:
        """The sets' rows that the WHERE leaves, the row of `frame` that each is of, and the rows that failed."""
        owner = np.arange(frame.length)
        failed = np.zeros(frame.length, dtype=np.bool_)
        current = frame
        for arguments, kinds, rows, names in self._sources:
            vectors = [argument.run(current) for argument in arguments]
            for vector in vectors:
                if vector.failed is not None:
                    failed[owner[np.broadcast_to(vector.failed, current.length)]] = True
            values = [_listed(a.kind, v, current.length) for a, v in zip(arguments, vectors, strict=True)]
            found: list[tuple[Any, ...]] = []
            counts = np.zeros(current.length, dtype=np.int64)
            for place, given in enumerate(zip(*values, strict=True)):
                if None in given:
                    continue
                try:
                    items = list(rows(*given))
                except Fails:
                    failed[owner[place]] = True
                    continue
                counts[place] = len(items)
                found += [(*item, number + 1) for number, item in enumerate(items)]
            current = self._repeated(current, np.repeat(np.arange(current.length), counts))
            owner = np.repeat(owner, counts)
            for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):
                current.put(name, _vector(kind, [item[place] for item in found]))
        if current.length == 0:
            return current, owner, failed
        where = self._where.run(current)
        holds = np.broadcast_to(where.data, current.length).copy()
        if where.valid is not None:
            holds &= np.broadcast_to(where.valid, current.length)
        if where.failed is not None:
            failed[owner[np.broadcast_to(where.failed, current.length)]] = True
        kept = np.flatnonzero(holds)
        return self._repeated(current, kept), owner[kept], failed

    def _repeated(self, frame: Frame, rows: Any) -> Frame:
        return frame.taken(rows, self.columns)

    def _exists(self, frame: Frame) -> Vector:
        _, owner, failed = self._laid_out(frame)
        found = np.zeros(frame.length, dtype=np.bool_)
        found[owner] = True
        return Vector(found & ~failed, None if not failed.any() else ~failed, failed if failed.any() else None)

    def _list(self, frame: Frame) -> Vector:
        assert self._target is not None
        inner, owner, failed = self._laid_out(frame)
        groups = self._groups(self._target, inner, owner, frame.length, failed)
        kind = self._target.kind.plain
        if self._inner.order:
            key = sort_key(kind)
            assert key is not None
            for group in groups:
                # Descending puts NULLs first, as ascending puts them last.
                group.sort(key=lambda v: (v is None, key(v) if v is not None else 0))
                if self._inner.order == "descending":
                    group.reverse()
        data = from_python(Kind("array", kind), groups)
        return Vector(data, ~failed, failed) if failed.any() else Vector(data)

    def _groups(self, operand: Operand, inner: Frame, owner: Any, length: int, failed: Any) -> list[list[Any]]:
        groups: list[list[Any]] = [[] for _ in range(length)]
        if not inner.length:
            return groups
        vector = operand.run(inner)
        if vector.failed is not None:
            failed[owner[np.broadcast_to(vector.failed, inner.length)]] = True
        for row, value in zip(owner.tolist(), _listed(operand.kind, vector, inner.length), strict=True):
            groups[row].append(value)
        return groups

    def _value(self, frame: Frame) -> Vector:
        assert self._target is not None
        inner, owner, failed = self._laid_out(frame)
        outer = frame.taken(np.arange(frame.length), self.columns)
        for number, (aggregate, argument, kind) in enumerate(self._aggregates):
            if argument is None:
                groups = [[True] * count for count in np.bincount(owner, minlength=frame.length).tolist()]
            else:
                groups = self._groups(argument, inner, owner, frame.length, failed)
            results = [_aggregated(aggregate, group, argument.kind if argument else BOOL) for group in groups]
            outer.put(_result_name(number), _vector(kind, results))
        found = self._target.run(outer)
        if not failed.any():
            return found
        failures = failed if found.failed is None else failed | found.failed
        valid = ~failures if found.valid is None else found.valid & ~failures
        data = np.broadcast_to(found.data, frame.length) & valid if self._target.kind.name == "bool" else found.data
        return Vector(data, valid, failures)


def _vector(kind: Kind, values: Sequence[Any]) -> Vector:
    valid = np.array([value is not None for value in values], dtype=np.bool_)
    return Vector(from_python(kind, values), None if valid.all() else valid)


def _result_name(number: int) -> str:
    return item_name(Item(-1, number))


def item_operand(item: Item, kind: Kind) -> Operand:
    """An item of a set, inside the sub-select."""
    return column(item_name(item), kind)


def _listed(kind: Kind, vector: Vector, length: int) -> list[Any]:
    values = to_python(kind, vector.data)
    values = values * length if len(values) == 1 and length != 1 else values
    if vector.valid is None:
        return values
    valid = np.broadcast_to(vector.valid, length).tolist()
    return [value if known else None for value, known in zip(values, valid, strict=True)]


# --- sets -------------------------------------------------------------------------------------------------------------


def _set_of(name: str, arguments: list[Operand]) -> tuple[list[Operand], list[Kind], _Rows]:
    """The arguments as the function takes them, the kinds of its columns, and its rows for values of the arguments."""
    first = arguments[0]
    if name == "unnest":
        if first.kind.name == "unknown":
            raise ExpressionUnknown("unnest of an array of no type")
        if first.kind.name != "array" or first.kind.element is None:
            raise ExpressionUnknown(f"unnest of {first.kind}")
        return arguments, [first.kind.element], lambda items: ((item,) for item in items)
    if name == "generate_series":
        if any(a.kind.name not in INTEGERS for a in arguments):
            raise ExpressionUnknown(f"generate_series of {first.kind}")
        wide = INT8 if any(a.kind.name == "int8" for a in arguments) else INT4
        return [coerce(a, wide) for a in arguments], [wide], _series
    if name in ("regexp_split_to_table", "string_to_table"):
        texts = [coerce(a, TEXT) for a in arguments]
        if len(texts) != 2 or (name == "regexp_split_to_table" and not _is_plain(texts[1])):
            raise ExpressionUnknown(f"{name} with such arguments")
        return texts, [TEXT], _pieces
    document = coerce(first, JSONB) if first.kind.name != "json" else first
    as_text = name.endswith("_text")
    value = TEXT if as_text else document.kind
    write = _as_text if as_text else write_jsonb
    if name.endswith("_object_keys"):
        return [document], [TEXT], lambda text: ((key,) for key in _object(text))
    if "_each" in name:
        return [document], [TEXT, value], lambda text: ((k, write(v)) for k, v in _object(text).items())
    return [document], [value], lambda text: ((write(item),) for item in _elements(text))


def _is_plain(pattern: Operand) -> bool:
    """Whether a pattern is a text that matches itself, or one of a few that are the same in every dialect."""
    return pattern.value is not None and bool(re.fullmatch(r"[\w ,;:/-]|\\s\+|\\s\*,\\s\*|", str(pattern.constant())))


def _pieces(text: str, separator: str) -> list[tuple[str]]:
    if separator.startswith("\\"):
        return [(part,) for part in re.split(separator.replace("\\s", "[ \\t\\n\\r\\f\\v]"), text)]
    return [(part,) for part in (text.split(separator) if separator else list(text))]


def _series(start: int, stop: int, step: int = 1) -> list[tuple[int]]:
    if step == 0:
        raise Fails("step size cannot equal zero")
    numbers = range(start, stop + (1 if step > 0 else -1), step)
    if len(numbers) > _MOST_ITEMS:
        raise Fails("a series longer than is served")
    return [(number,) for number in numbers]


def _object(text: str) -> dict[str, Any]:
    found = load(text)
    if not isinstance(found, dict):
        raise Fails("not an object")
    return found


def _elements(text: str) -> list[Any]:
    found = load(text)
    if not isinstance(found, list):
        raise Fails("not an array")
    return found


def _as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else write_jsonb(value)


# --- aggregates -------------------------------------------------------------------------------------------------------


def _kind_of(node: Aggregate, argument: Operand | None) -> Kind:
    name = node.name
    if name == "count":
        return INT8
    if argument is None or len(node.arguments) > 1:
        raise ExpressionUnknown(f"the aggregate {name}")
    kind = argument.kind
    if name in ("bool_and", "bool_or", "every") and kind.name == "bool":
        return BOOL
    if name == "sum" and kind.name in INTEGERS:
        return INT8 if kind.name in ("int2", "int4") else NUMERIC
    if name == "sum" and (kind.name == "numeric" or kind.name in FLOATS):
        return kind.plain
    if name in ("min", "max") and (kind.name in INTEGERS | FLOATS | {"numeric", "date", "timestamp", "timestamptz"}):
        return kind.plain
    if name == "array_agg" and kind.name not in ("array", "nested_array"):
        return Kind("array", kind.plain)
    raise ExpressionUnknown(f"the aggregate {name} of {kind}")


def _aggregated(node: Aggregate, group: Sequence[Any], kind: Kind) -> Any:
    name = node.name
    if name == "array_agg":
        return list(group) or None
    known = [value for value in group if value is not None]
    if name == "count":
        if not node.distinct:
            return len(known)
        key = sort_key(kind)
        if key is None:
            return len({json.dumps(write_text(value, kind)) for value in known})
        return len({repr(key(value)) for value in known})
    if not known:
        return None
    if name == "sum":
        total = sum(known)
        return Decimal(total) if kind.name == "int8" else total
    if name in ("min", "max"):
        return min(known) if name == "min" else max(known)
    return all(known) if name in ("bool_and", "every") else any(known)
