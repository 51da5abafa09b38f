"""What a caller asks for: rows, tables, overrides, locale."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Literal, get_args

from app.errors import Fault, PlanRefused

MAX_ROWS = 10**10
DEFAULT_ROWS = 100
_MOST_SCALE = 1_000
DEFAULT_LOCALE = "en_US"
_MILLION = 1_000_000
_OF_ONE_TABLE = "perParent belongs to one table: {table: {perParent: ...}}"
_PER_PARENT = ("min", "max", "exactly", "mean", "distribution", "parent", "foreignKey")
# The instant that "now" means to the generator: data must not depend on the day they are made.
DEFAULT_REFERENCE = datetime(2026, 1, 1, tzinfo=UTC)

Distribution = Literal["uniform", "skewed", "pareto"]


@dataclass(frozen=True, slots=True)
class PerParent:
    """So many rows for each row of a parent table: `low` to `high`, uniform, skewed, or with a heavy tail (pareto).

    `mean` is kept exactly by every hundred parents in a row. `foreign_key` names the constraint, or `parent` its
    table, where the table has several foreign keys.
    """

    low: int
    high: int
    distribution: Distribution = "uniform"
    parent: str | None = None
    foreign_key: str | None = None
    mean_millionths: int | None = None

    @property
    def mean(self) -> Fraction | None:
        """The mean number of rows for a parent, where one is asked for."""
        return None if self.mean_millionths is None else Fraction(self.mean_millionths, _MILLION)

    def to_json(self) -> dict[str, Any]:
        """The form in which a request writes it."""
        out: dict[str, Any] = {"min": self.low, "max": self.high, "distribution": self.distribution}
        if self.parent:
            out["parent"] = self.parent
        if self.foreign_key:
            out["foreignKey"] = self.foreign_key
        if self.mean is not None:
            out["mean"] = float(self.mean)
        return {"perParent": out}


RowCount = int | PerParent


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """The generator's part of a request.

    `rows` is for every table, or by table (`name` or `schema.name`; `*` for the rest). A count for every table is a
    wish: where fewer rows are possible (a key over three values), fewer are made and the plan says so. A count for
    a table is an order: it is served or refused. `nasty` puts text that breaks programs into the text columns that no
    rule restricts.
    """

    rows: int | Mapping[str, RowCount] = DEFAULT_ROWS
    tables: tuple[str, ...] | None = None
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    locale: str = DEFAULT_LOCALE
    reference: datetime = DEFAULT_REFERENCE
    nasty: bool = False
    scale: float | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any], pointer: str = "/config") -> "GeneratorConfig":
        """Reads `config` of a request; keys that are not the generator's are left to others.

        Raises PlanRefused with every fault found.
        """
        faults: list[Fault] = []
        rows = _rows(body.get("rows", DEFAULT_ROWS), f"{pointer}/rows", faults)
        tables = body.get("tables")
        if tables is not None and not (isinstance(tables, list) and tables and all(isinstance(t, str) for t in tables)):
            faults.append(Fault(f"{pointer}/tables", "invalid_tables", "tables must be a list of table names"))
            tables = None
        overrides = _overrides(body.get("overrides", {}), f"{pointer}/overrides", faults)
        locale = body.get("locale", DEFAULT_LOCALE)
        if not isinstance(locale, str):
            faults.append(Fault(f"{pointer}/locale", "invalid_locale", "locale must be a string such as en_US"))
            locale = DEFAULT_LOCALE
        reference = _reference(body.get("reference"), f"{pointer}/reference", faults)
        nasty = body.get("nasty", False)
        if not isinstance(nasty, bool):
            faults.append(Fault(f"{pointer}/nasty", "invalid_nasty", "nasty must be true or false"))
        scale = body.get("scale")
        if scale is not None and (
            isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 < scale <= _MOST_SCALE
        ):
            faults.append(Fault(f"{pointer}/scale", "invalid_scale", "scale must be a number above 0, at most 1,000"))
            scale = None
        if faults:
            raise PlanRefused(faults)
        return cls(rows, tuple(tables) if tables is not None else None, overrides, locale, reference, nasty, scale)


def _rows(value: Any, pointer: str, faults: list[Fault]) -> int | Mapping[str, RowCount]:
    if isinstance(value, Mapping):
        counts: dict[str, RowCount] = {}
        for table, count in value.items():
            if str(table).replace("_", "").lower() == "perparent" and isinstance(count, Mapping):
                faults.append(Fault(pointer, "invalid_rows", _OF_ONE_TABLE))
                continue
            read = _row_count(count, f"{pointer}/{_escape(str(table))}", faults)
            if read is not None:
                counts[str(table)] = read
        return counts
    read = _row_count(value, pointer, faults)
    if isinstance(read, PerParent):
        faults.append(Fault(pointer, "invalid_rows", _OF_ONE_TABLE))
        return DEFAULT_ROWS
    return DEFAULT_ROWS if read is None else read


def _row_count(value: Any, pointer: str, faults: list[Fault]) -> RowCount | None:
    if isinstance(value, Mapping):
        return _per_parent(value, pointer, faults)
    if isinstance(value, bool) or not isinstance(value, int):
        faults.append(Fault(pointer, "invalid_rows", "rows must be a whole number, or {perParent: ...}"))
        return None
    if not 0 <= value <= MAX_ROWS:
        message = f"rows must be between 0 and {MAX_ROWS:,}, not {value:,}"
        faults.append(Fault(pointer, "rows_out_of_range", message, {"minimum": 0, "maximum": MAX_ROWS}))
        return None
    return value


def _per_parent(value: Mapping[str, Any], pointer: str, faults: list[Fault]) -> PerParent | None:
    inner = value.get("perParent")
    if set(value) != {"perParent"} or not isinstance(inner, Mapping):
        message = f"a row count is a whole number or {{perParent: {{min, max}}}}{_stranger(value, ('perParent',))}"
        faults.append(Fault(pointer, "invalid_rows", message))
        return None
    stranger = _stranger(inner, _PER_PARENT)
    if stranger:
        message = f"perParent takes {', '.join(_PER_PARENT)}{stranger}"
        faults.append(Fault(f"{pointer}/perParent", "invalid_per_parent", message))
        return None
    low, high = inner.get("min", inner.get("exactly", 0)), inner.get("max", inner.get("exactly"))
    numbers = all(isinstance(n, int) and not isinstance(n, bool) for n in (low, high))
    if not numbers or not 0 <= low <= high <= 1_000_000:
        message = "perParent takes min and max (whole numbers, 0 <= min <= max <= 1,000,000) or exactly"
        faults.append(Fault(f"{pointer}/perParent", "invalid_per_parent", message))
        return None
    mean = _mean(inner.get("mean"), low, high, f"{pointer}/perParent/mean", faults)
    distribution = inner.get("distribution", "uniform" if mean is None else "pareto")
    names = (inner.get("parent"), inner.get("foreignKey"))
    known = distribution in get_args(Distribution)
    if not known or not all(n is None or isinstance(n, str) for n in names):
        wrong = f"distribution is uniform, skewed or pareto, not {distribution!r}"
        message = f"perParent: {'parent and foreignKey are names' if known else wrong}"
        faults.append(Fault(f"{pointer}/perParent", "invalid_per_parent", message))
        return None
    if mean is not None and distribution == "skewed":
        message = "a mean goes with the distributions uniform and pareto; skewed has its own"
        faults.append(Fault(f"{pointer}/perParent/mean", "invalid_per_parent", message))
        return None
    return PerParent(low, high, distribution, *names, mean)


def _stranger(value: Mapping[str, Any], known: tuple[str, ...]) -> str:
    """The end of a sentence that names the first member that is none of `known`, and what was probably meant."""
    wrong = next((str(name) for name in value if name not in known), None)
    if wrong is None:
        return ""
    # With what they are made of; a request without a fault pays nothing for it.
    from app.generator.values.entries import hint, nearest

    return f"; not {wrong!r}{hint(nearest(wrong, known))}"


def _mean(value: Any, low: int, high: int, pointer: str, faults: list[Fault]) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        faults.append(Fault(pointer, "invalid_per_parent", f"mean must be a number between {low} and {high}"))
        return None
    return int(Fraction(str(value)) * _MILLION)


def _overrides(value: Any, pointer: str, faults: list[Fault]) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(value, Mapping):
        faults.append(Fault(pointer, "invalid_overrides", "overrides must be {table: {column: override}}"))
        return {}
    for table, columns in value.items():
        if not isinstance(columns, Mapping):
            message = "a table's overrides must be {column: override}"
            faults.append(Fault(f"{pointer}/{_escape(str(table))}", "invalid_overrides", message))
    return {str(t): dict(c) for t, c in value.items() if isinstance(c, Mapping)}


def _reference(value: Any, pointer: str, faults: list[Fault]) -> datetime:
    if value is None:
        return DEFAULT_REFERENCE
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        faults.append(Fault(pointer, "invalid_reference", "reference must be an ISO 8601 date or time stamp"))
        return DEFAULT_REFERENCE
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def _escape(name: str) -> str:
    """A JSON Pointer token (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
