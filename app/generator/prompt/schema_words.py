"""What of a schema can be mentioned in a prompt: its tables, columns and the values that columns have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.generator.meaning.naming import canonical, raw_tokens, singular
from app.generator.plan import ColumnPlan, Plan, TablePlan
from app.generator.pools import pool, resolve_locale
from app.generator.prompt.lexicon import noun_of, nouns
from app.generator.prompt.text import fold
from app.generator.snapshot.model import EnumType, QName, Snapshot

Words = tuple[str, ...]

# Words around the noun of a column that say no more than its type does.
_HOLLOW_ENDS = frozenset(
    """at on date time ts timestamp code cd cents cent eur usd gbp chf amount value name text label flag key cm kg g mm
    px pct percent years year days hours minutes seconds ms s num number no iso id desc description""".split()
)
_HOLLOW_STARTS = frozenset("is has was are can last first current list unit base net gross default".split())
# Things that people call by each other's names; used where a schema has exactly one of them.
_KIN = tuple(
    frozenset(group.split())
    for group in (
        "customer user account member guest subscriber profile patient person contact lead",
        "order purchase transaction booking",
        "product item article sku good variant listing",
        "order_line item line position order_item detail",
        "employee staff worker person agent",
        "company account workspace team firm tenant organization org",
        "shipment delivery parcel package order",
        "appointment visit encounter booking",
        "course class lesson module",
        "vehicle car truck van",
        "doctor provider practitioner person employee",
        "student person user member",
        "teacher instructor person employee",
        "review rating feedback comment",
        "reservation booking stay order",
        "invoice bill statement",
        "payment transaction charge",
        "shop store branch location outlet",
        "device sensor machine",
        "reading measurement metric event",
    )
)
_LETTERS = {"female": "f", "male": "m", "yes": "y", "no": "n"}
_ENDINGS = ("ances", "ance", "ence", "ations", "ation", "ings", "ing", "ied", "ed", "es", "s", "als", "al", "e")
_LEAST_STEM = 4
_MOST_POOL = 80


@dataclass(frozen=True, slots=True)
class ColumnName:
    """A column of the plan."""

    table: QName
    column: str


@dataclass(frozen=True, slots=True)
class ValueName:
    """One of the values that a column is known to have."""

    place: ColumnName
    value: str


class SchemaWords:
    """The tables of a plan by the words that people have for them."""

    def __init__(self, snapshot: Snapshot, plan: Plan) -> None:
        self.snapshot, self.plan = snapshot, plan
        self._tables = {t.name: name_words(t.name.name) for t in plan.tables}
        self._pieces = {t.name: tuple(singular(p) for p in raw_tokens(t.name.name)) for t in plan.tables}
        plain = [t.name.name for t in plan.tables]
        self._shared = {name for name in plain if plain.count(name) > 1}

    def written(self, table: QName) -> str:
        """The name of a table as overrides write it."""
        return str(table) if table.name in self._shared else table.name

    def tables(self, words: Words, *, kin: bool = True) -> list[QName]:
        """The tables that a phrase may mean: one, or several that it fits as well; with `kin` by a near word too."""
        said = _nouns(words)
        scored = {
            name: max(_fit(said, w), _fit(said, self._pieces[name]), 0.4 * _fit(_canonical(said), _canonical(w)))
            for name, w in self._tables.items()
        }
        best = max(scored.values(), default=0)
        if best > 0:
            found = [name for name, score in scored.items() if score == best]
            shortest = min(len(self._tables[name]) for name in found)
            return [name for name in found if len(self._tables[name]) == shortest]
        for group in _KIN if kin else ():
            if "_".join(said) not in group:
                continue
            close = [name for name, w in self._tables.items() if set(w) & group or "_".join(w) in group]
            exact = [name for name in close if "_".join(self._tables[name]) in group] or close
            if len(exact) == 1:
                return exact
        return []

    def columns(self, words: Words) -> list[ColumnName]:
        """The columns that a phrase means, all that it fits as well."""
        said = _nouns(words)
        if not said or said == ("name",):
            return []
        scored = {place: _column_fit(said, w) for place, w in self._columns.items()}
        best = max(scored.values(), default=0)
        return [place for place, score in scored.items() if score == best] if best > 0 else []

    def values(self, words: Words) -> list[ValueName]:
        """The values that a phrase names."""
        said = _nouns(words)
        joined = "_".join(said)
        exact = (
            self._values.get(joined) or self._values.get("_".join(words)) or self._values.get(_LETTERS.get(joined, ""))
        )
        if exact:
            return exact
        if len(said) != 1:
            return []
        stem = stem_of(said[0])
        return self._stems.get(stem, []) if len(stem) >= _LEAST_STEM else []

    def flags(self, words: Words) -> list[ColumnName]:
        """The boolean columns that a phrase is about: `verified` for is_verified."""
        return [p for p in self._about(words) if self.column(p).base.name == "bool"]

    def denied(self, words: Words) -> Words | None:
        """What a word denies: `active` for inactive, `verified` for unverified; None for other words."""
        word = _nouns(words)[-1:]
        if len(words) != 1 or not word:
            return None
        prefix = next((p for p in ("un", "in", "non", "im") if word[0].startswith(p)), None)
        rest = word[0][len(prefix) :].lstrip("-_") if prefix else ""
        return (rest,) if len(rest) >= _LEAST_STEM else None

    def moments(self, words: Words) -> list[ColumnName]:
        """The columns of moments that a phrase is about: `returned` for returned_at."""
        kinds = ("date", "timestamp", "timestamptz")
        return [p for p in self._about(words) if self.column(p).base.name in kinds and self.column(p).nullable]

    def _about(self, words: Words) -> list[ColumnName]:
        said = _nouns(words)
        stem = stem_of(said[-1]) if said else ""
        found = []
        for place, written in self._columns.items():
            bare = _bare(written)
            if bare == said or (len(bare) == len(said) == 1 and len(stem) >= _LEAST_STEM and stem_of(bare[0]) == stem):
                found.append(place)
        return found

    def column(self, place: ColumnName) -> ColumnPlan:
        """The plan of a column."""
        return self.plan.table(place.table).column(place.column)

    @cached_property
    def _columns(self) -> Mapping[ColumnName, Words]:
        """The columns that make their own values."""
        return {
            ColumnName(t.name, c.name): name_words(c.name) for t in self.plan.tables for c in t.columns if is_free(t, c)
        }

    @cached_property
    def _values(self) -> Mapping[str, list[ValueName]]:
        found: dict[str, list[ValueName]] = {}
        for table in self.plan.tables:
            for column in table.columns:
                if not is_free(table, column):
                    continue
                place = ColumnName(table.name, column.name)
                for value in self.known_values(table, column):
                    words = tuple(raw_tokens(value)) or (fold(value),)
                    names = {"_".join(words), "_".join(_nouns(words))}
                    for name in names:
                        found.setdefault(name, []).append(ValueName(place, value))
        return found

    @cached_property
    def _stems(self) -> Mapping[str, list[ValueName]]:
        found: dict[str, list[ValueName]] = {}
        for name, values in self._values.items():
            known = found.setdefault(stem_of(name), [])
            known += [value for value in values if value not in known]
        return found

    def known_values(self, table: TablePlan, column: ColumnPlan) -> Sequence[str]:
        """The texts that a column is known to hold; () when they are not counted."""
        if column.base.array_dims:
            return ()
        user = self.plan.catalog.get(QName(column.base.schema, column.base.name))
        if isinstance(user, EnumType):
            return user.labels
        allowed = self._allowed(table.name).get(column.name)
        if allowed is not None:
            return allowed
        listed = column.options.get("values")
        if isinstance(listed, list | tuple):
            return [value for value in listed if isinstance(value, str)]
        if column.generator == "pool":
            words: list[str] = pool(resolve_locale(self.plan.locale), str(column.options.get("name"))).to_pylist()
            return words if len(words) <= _MOST_POOL else ()
        return ()

    def listed_values(self, table: TablePlan, column: ColumnPlan) -> Sequence[str]:
        """The texts that the schema itself allows a column: an enum's labels, or a check's list; () for others."""
        user = self.plan.catalog.get(QName(column.base.schema, column.base.name))
        if isinstance(user, EnumType):
            return user.labels
        return self._allowed(table.name).get(column.name, ())

    def is_listed(self, place: ColumnName) -> bool:
        """Whether the schema says which values a column has: an enum, or a check."""
        column = self.column(place)
        user = self.plan.catalog.get(QName(column.base.schema, column.base.name))
        return isinstance(user, EnumType) or column.name in self._allowed(place.table)

    def _allowed(self, name: QName) -> Mapping[str, Sequence[str]]:
        if name not in self._allow_lists:
            self._allow_lists[name] = self._read_allow_lists(name)
        return self._allow_lists[name]

    @cached_property
    def _allow_lists(self) -> dict[QName, Mapping[str, Sequence[str]]]:
        return {}

    def _read_allow_lists(self, name: QName) -> Mapping[str, Sequence[str]]:
        """What the table's checks leave of its columns, where that is a list of texts."""
        from app.generator.engine.constraints import Constraints

        plan, table = self.plan.table(name), self.snapshot.table(name)
        if not plan.checks:
            return {}
        columns = {c.name: c for c in table.columns}
        constraints = Constraints(plan.checks, columns, self.plan.catalog, self.plan.functions, self.plan.reference)
        found: dict[str, Sequence[str]] = {}
        for column in columns:
            values = constraints.domain(column).values
            if values is not None:
                found[column] = [value for value in values if isinstance(value, str)]
        return found


def is_free(table: TablePlan, column: ColumnPlan) -> bool:
    """Whether a column makes its own values: it is no reference, nothing that Postgres computes, no counting key."""
    return column.written and column.generator not in ("reference", "generated", "slot", "sequence")


def name_words(name: str) -> Words:
    """The nouns of a name: `tblOrderItems` -> order_line; `unit_price` -> unit, price."""
    pieces = tuple(piece for piece in raw_tokens(name) if not piece.isdigit())
    for whole in ("_".join(pieces), "".join(pieces)):
        if (whole,) in nouns():
            return (nouns()[(whole,)],)
    solid = tuple(p for p in pieces if p not in ("tbl", "table", "dim", "fact", "stg", "app")) or pieces
    return tuple(noun_of((piece,)) for piece in solid)


def _nouns(words: Words) -> Words:
    if words in nouns():
        return (nouns()[words],)
    joined = "_".join(words)
    if (joined,) in nouns():
        return (nouns()[(joined,)],)
    pieces = [piece for word in words for piece in raw_tokens(word) if not piece.isdigit()]
    return tuple(noun_of((piece,)) for piece in pieces)


def _canonical(words: Iterable[str]) -> Words:
    return tuple(part for word in words for part in (canonical(word) if "_" not in word else (word,)))


def _fit(said: Words, name: Words) -> int:
    """How well a phrase fits a name; 0 for not at all."""
    if not said or not name:
        return 0
    if said == name:
        return 10
    if len(said) < len(name) and name[-len(said) :] == said:
        return 5
    return 3 if len(said) < len(name) and name[: len(said)] == said and said[0] != "line" else 0


def _column_fit(said: Words, name: Words) -> int:
    if said == name:
        return 10
    bare = _bare(name)
    if said == bare:
        return 9
    if len(said) <= len(bare) and bare[-len(said) :] == said:
        return 6
    single = _canonical(said) == _canonical(bare)
    return 5 if single and len(said) == 1 else 0


def _bare(name: Words) -> Words:
    """A column's words without those that only say what kind it is."""
    found = list(name)
    while len(found) > 1 and found[-1] in _HOLLOW_ENDS:
        found.pop()
    while len(found) > 1 and found[0] in _HOLLOW_STARTS:
        found.pop(0)
    return tuple(found)


def stem_of(word: str) -> str:
    """A word without the ending that makes it a participle or a plural: returned, returns -> return."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            word = word.removesuffix(ending)
            break
    # cancell(ed) and cancel(s)
    return word[:-1] if len(word) > _LEAST_STEM and word[-1] == word[-2] else word
