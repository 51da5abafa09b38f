"""What a verification found, by table and constraint."""

from dataclasses import dataclass
from typing import Any, Literal

from app.generator.snapshot.model import QName

Kind = Literal[
    "not null",
    "check",
    "domain",
    "unique",
    "foreign key",
    "exclusion",
    "partition",
    "input",
    "generated",
    "other",
    "refused",
]


@dataclass(frozen=True, slots=True)
class Violation:
    """A constraint that rows break. `count` is the number of rows, or None where it could not be told.

    `constraint` is its name, or the column's for NOT NULL and for values that the column's type does not take;
    `sample` is one of the rows or keys, as text.
    """

    table: QName
    constraint: str
    kind: Kind
    count: int | None
    sample: str = ""

    def to_json(self) -> dict[str, Any]:
        """The violation as JSON."""
        return {
            "table": str(self.table),
            "constraint": self.constraint,
            "kind": self.kind,
            "count": self.count,
            "sample": self.sample,
        }

    def __str__(self) -> str:
        if self.kind == "refused":
            return f"{self.table}: refused, {self.sample}"
        rows = "some rows" if self.count is None else f"{self.count:,} row{'' if self.count == 1 else 's'}"
        sample = f", such as {self.sample}" if self.sample else ""
        return f"{self.table}: {self.kind} {self.constraint} is broken by {rows}{sample}"


@dataclass(frozen=True, slots=True)
class TableReport:
    """One table: how many rows were made, how many Postgres took, and what was wrong with the others."""

    table: QName
    rows_made: int
    rows_loaded: int
    violations: tuple[Violation, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every row is in, and no constraint broken."""
        return not self.violations and self.rows_made == self.rows_loaded

    def to_json(self) -> dict[str, Any]:
        """The table's report as JSON."""
        return {
            "table": str(self.table),
            "rowsMade": self.rows_made,
            "rowsLoaded": self.rows_loaded,
            "violations": [violation.to_json() for violation in self.violations],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A verification. `notes` says what the verdict does not cover, `constraints` how many were on."""

    tables: tuple[TableReport, ...]
    constraints: int
    server_version: str
    duration_s: float
    notes: tuple[str, ...] = ()

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All violations, in the tables' order."""
        return tuple(violation for table in self.tables for violation in table.violations)

    @property
    def holds(self) -> bool:
        """Whether everything loaded without a violation."""
        return all(table.holds for table in self.tables)

    @property
    def rows_loaded(self) -> int:
        """Rows that Postgres took, over all tables."""
        return sum(table.rows_loaded for table in self.tables)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "holds": self.holds,
            "rowsLoaded": self.rows_loaded,
            "constraints": self.constraints,
            "violations": len(self.violations),
            "serverVersion": self.server_version,
            "durationS": round(self.duration_s, 3),
            "tables": [table.to_json() for table in self.tables],
            "notes": list(self.notes),
        }

    def to_text(self) -> str:
        """The report for people: a line for each table, what is broken below it, a verdict at the end."""
        width = max((len(str(table.table)) for table in self.tables), default=0)
        lines = []
        for table in self.tables:
            verdict = "ok" if table.holds else f"{len(table.violations)} broken"
            lines.append(f"{table.table!s:{width}}  {table.rows_loaded:>12,} rows  {verdict}")
            lines += [f"    {str(violation).removeprefix(f'{table.table}: ')}" for violation in table.violations]
            if not table.violations and not table.holds:
                lines.append(f"    {table.rows_made:,} rows were made")
        lines += [f"note: {note}" for note in self.notes]
        found = f"{len(self.violations):,} violations" if self.violations else "zero violations"
        tables = "1 table" if len(self.tables) == 1 else f"{len(self.tables)} tables"
        lines.append(
            f"{tables}, {self.rows_loaded:,} rows, {self.constraints:,} constraints, {found}"
            f" (PostgreSQL {self.server_version}, {self.duration_s:.1f} s)"
        )
        return "\n".join(lines)
