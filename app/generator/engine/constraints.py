"""A table's checks, compiled: what each column may hold, and what has to be tested row by row.

Checks come from the table, from its columns' domains and from its partitions' bounds. They are part of the plan as
SQL text; planner and engine compile the same text to the same thing.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from app.errors import Fault
from app.generator.arrow_types import arrow_type
from app.generator.domain import ANYTHING, Domain
from app.generator.engine.conditions import RowCheck, RowCondition
from app.generator.engine.contexts import base_type
from app.generator.engine.items import element_domain
from app.generator.engine.modes import is_listed
from app.generator.engine.nodes import Computed
from app.generator.snapshot.model import (
    Check,
    Column,
    QName,
    SqlFunction,
    TypeRef,
)
from app.generator.types import TypeCatalog, quote_name

if TYPE_CHECKING:
    # The compiler loads Postgres' parser, a tenth of a second that a schema without checks need not spend.
    from app.generator.expressions import Inference, ModeGroup
    from app.generator.expressions import Predicate as CompiledPredicate
    from app.generator.expressions.material import Material
    from app.generator.expressions.molds import Mold
    from app.generator.expressions.nodes import Expr
    from app.generator.expressions.spatial import Spatial

# Functions under which different generated texts stay different: generators are distinct in this sense.
_DISTINCT_UNDER = frozenset({"lower", "upper", "btrim", "ltrim", "rtrim", "trim", "md5"})


COMPUTABLE = ": computable"
"""The end of the name of a check that asks but for a generated column's expression to raise no error."""


class Constraints:
    """The compiled checks of one table."""

    def __init__(
        self, checks: Sequence[Check], columns: Mapping[str, Column], types: TypeCatalog,
        functions: Sequence[SqlFunction], reference: datetime,
    ) -> None:  # fmt: skip
        self._checks = tuple(checks)
        self._columns = columns
        self._types = types
        self._functions = tuple(functions)
        self._reference = reference
        self._domains: dict[str, Domain] = {}
        self._predicates: dict[Check, CompiledPredicate | None] = {}

    @cached_property
    def _inference(self) -> "Inference":
        from app.generator.expressions import infer

        return infer(self._checks, self._columns, self._types, self._functions, self._reference)

    @cached_property
    def _declared(self) -> Mapping[str, TypeRef]:
        return {name: column.type for name, column in self._columns.items()}

    def domain(self, column: str) -> Domain:
        """What the column may hold."""
        if column not in self._domains:
            found = self._inference.domains.get(column, ANYTHING) if self._checks else ANYTHING
            element = element_domain(self._columns[column], self._types, self._functions, self._reference)
            self._domains[column] = found if element is None else found.intersect(element)
        return self._domains[column]

    def most_digits(self, column: str) -> int | None:
        """The digits after the point that a check leaves a number, `scale(x) <= 2`; None where none says so."""
        from app.generator.expressions import ExpressionUnknown
        from app.generator.expressions.sums import most_digits

        found = []
        for check in self._checks:
            if "scale" in check.expression:
                try:
                    found.append(most_digits(self._parse(check.expression), column))
                except ExpressionUnknown:
                    continue  # it is among the unknown ones, which the plan has warned of
        return min((digits for digits in found if digits is not None), default=None)

    def spatial(self, column: str) -> "Spatial":
        """What checks say of the shape, SRID and dimensions of a column of PostGIS."""
        from app.generator.expressions import ExpressionUnknown, parse_expression
        from app.generator.expressions.spatial import Spatial, spatial_of

        found = Spatial()
        for check in self._checks:
            if column in check.expression:
                try:
                    # By the functions' names: what stands in for PostGIS has bodies that say less.
                    found = found.joined(spatial_of(parse_expression(check.expression), column))
                except ExpressionUnknown:
                    continue  # it is among the unknown ones, which the plan has warned of
        return found

    def forbids_null(self, column: str) -> bool:
        """Whether a check turns NULL away by what it says of the column alone.

        The column's domain may avoid NULL for other reasons too.
        """
        if self.domain(column).nullable:
            return False
        nothing = {column: pa.nulls(1, arrow_type(base_type(self._types, self._declared[column])))}
        if any(not test.accepts(nothing).all() for test in self.tests_of(frozenset((column,)))):
            return True
        return any(not test.accepts(nothing).all() for test in self._parts_about(column))

    def _parts_about(self, column: str) -> "Iterator[CompiledPredicate]":
        """Those of the conditions that a check over several columns joins by AND which read but this column."""
        from app.generator.expressions import ExpressionUnknown, columns_of, compile_predicate
        from app.generator.expressions.samples import conjuncts

        for _, whole, names in self._read:
            for part in conjuncts(whole) if column in names and len(names) > 1 else ():
                if columns_of(part) == {column}:
                    try:
                        yield compile_predicate(part, self._declared, self._types, self._reference)
                    except ExpressionUnknown:
                        continue  # it is among the unknown ones, which the plan has warned of

    @property
    def has_checks(self) -> bool:
        """Whether there are any."""
        return bool(self._checks)

    @property
    def residual(self) -> tuple[RowCheck, ...]:
        """The checks that the domains alone do not keep."""
        if not self._checks:
            return ()
        return tuple(RowCheck(r.name, r.predicate) for r in self._inference.residual)

    def tests_of(self, columns: frozenset[str]) -> tuple["CompiledPredicate", ...]:
        """The checks that read nothing but these columns, compiled, whether or not domains keep them."""
        read = (self._predicate(check, expr) for check, expr, names in self._read if names and names <= columns)
        return tuple(predicate for predicate in read if predicate is not None)

    @cached_property
    def _read(self) -> "tuple[tuple[Check, Expr, frozenset[str]], ...]":
        """The checks with their expressions and the columns that those read."""
        if not self._checks:
            return ()
        from app.generator.expressions import ExpressionUnknown, columns_of
        from app.generator.expressions.computed import without_generated

        found = []
        for check in self._checks:
            try:
                expr = without_generated(self._parse(check.expression), self._columns, self._functions)
            except ExpressionUnknown:
                continue  # it is among the unknown ones, which the plan has warned of
            found.append((check, expr, columns_of(expr)))
        return tuple(found)

    def _predicate(self, check: Check, expr: "Expr") -> "CompiledPredicate | None":
        """The check compiled, once; None for what cannot be."""
        from app.generator.expressions import ExpressionUnknown, compile_predicate

        if check not in self._predicates:
            try:
                self._predicates[check] = compile_predicate(
                    expr, self._declared, self._types, self._reference, sql=check.expression, name=check.name
                )
            except ExpressionUnknown:
                self._predicates[check] = None  # it is among the unknown ones, which the plan has warned of
        return self._predicates[check]

    def checks_of(self, columns: frozenset[str]) -> tuple[RowCheck, ...]:
        """The checks that read any of these columns, to be tested though their domains would keep them."""
        if not columns:
            return ()
        read = ((check, self._predicate(check, expr)) for check, expr, names in self._read if names & columns)
        return tuple(RowCheck(check.name, predicate) for check, predicate in read if predicate is not None)

    @property
    def equations(self) -> Mapping[str, Computed]:
        """Columns that a check gives as an expression over others."""
        return {e.column: e.value for e in self._inference.equations} if self._checks else {}

    @property
    def molds(self) -> "tuple[Mold, ...]":
        """Texts that checks shape after other columns."""
        return self._inference.molds if self._checks else ()

    @property
    def orders(self) -> tuple[tuple[str, str, bool], ...]:
        """Pairs of columns of which the first must not be larger."""
        return self._inference.orders if self._checks else ()

    def projection(self, column: str) -> Computed | None:
        """What a check wants the column to be equal to, computed from the column itself; None for nothing."""
        if not any(column in residual.columns for residual in self.residual):
            return None
        from app.generator.expressions import ExpressionUnknown, columns_of, compile_value
        from app.generator.expressions.relations import projections_of

        target = self._types.resolve(self._declared[column]).base
        for _, whole, _ in self._read:
            try:
                for expr in projections_of(whole, column):
                    if columns_of(expr) == {column}:
                        return compile_value(expr, self._declared, self._types, self._reference, target=target)
            except ExpressionUnknown:
                continue  # it is among the unknown ones, which the plan has warned of
        return None

    def material(self, column: str) -> "Material | None":
        """What the checks that are tested row by row and read the column are made of; None where there is none."""
        names = {residual.name for residual in self.residual if column in residual.columns}
        if not names:
            return None
        from app.generator.expressions.material import material_of

        return material_of(expr for check, expr, read in self._read if check.name in names and column in read)

    def compared(self, first: str, second: str) -> str | None:
        """How checks compare two columns: "<", "<=" or "<>", with the first on the left."""
        return self._comparisons.get((first, second))

    @cached_property
    def _comparisons(self) -> Mapping[tuple[str, str], str]:
        from app.generator.expressions.relations import comparisons_of

        found: dict[tuple[str, str], set[str]] = {}
        for _, expr, _ in self._read:
            for small, large, operator in comparisons_of(expr):
                found.setdefault((small, large), set()).add(operator)
        together = {frozenset(("<=", "<>")): "<"}
        return {
            pair: together.get(frozenset(operators), min(operators, key=("<", "<=", "<>").index))
            for pair, operators in found.items()
        }

    def equates(self, first: str, second: str) -> bool:
        """Whether a check says of two columns that they are equal, in whatever circumstances."""
        from app.generator.expressions.relations import equals_of

        pair = frozenset((first, second))
        return any(pair in equals_of(expr) for _, expr, names in self._read if pair <= names)

    @cached_property
    def successions(self) -> frozenset[tuple[str, str]]:
        """Pairs of columns a, b of which a check says a = b - 1, in whatever circumstances."""
        if not self._checks:
            return frozenset()
        from app.generator.expressions.relations import successions_of

        return frozenset(pair for _, expr, names in self._read if len(names) > 1 for pair in successions_of(expr))

    def twins(self, expressions: Sequence[str | None]) -> tuple[str, str] | None:
        """The columns a and b of the expressions least(a, b) and greatest(a, b); None for any others."""
        if len(expressions) != 2 or None in expressions:
            return None
        from app.generator.expressions import ExpressionUnknown
        from app.generator.expressions.relations import least_and_greatest

        try:
            return least_and_greatest([self._parse(str(sql)) for sql in expressions])
        except ExpressionUnknown:
            return None

    @property
    def modes(self) -> "tuple[ModeGroup, ...]":
        """The alternatives among which a row chooses, so that improbable combinations come about."""
        return self._inference.modes if self._checks else ()

    @property
    def tied(self) -> frozenset[str]:
        """Columns that some alternative narrows, beyond saying whether they are NULL.

        Not the one of a group that is never NULL and whose values are listed: where a key gives them, a row chooses
        by them (see `modes`).
        """
        found: set[str] = set()
        for group in self.modes:
            narrowed = {n for a in group.alternatives for n, domain in a.items() if _narrows(domain)}
            listed = {n for n in narrowed if all(is_listed(a.get(n, Domain())) for a in group.alternatives)}
            listed = {n for n in listed if self._is_always_there(n)}
            found |= narrowed - listed if len(listed) == 1 else narrowed
        return frozenset(found)

    def _is_always_there(self, column: str) -> bool:
        return not self._columns[column].nullable or not self.domain(column).nullable

    def parent_tests(
        self, references: Mapping[str, str], parent: QName, declared: Mapping[str, TypeRef]
    ) -> Mapping[str, "CompiledPredicate"]:
        """The checks that ask for something of the row a reference leads to, over that row's columns.

        By their expressions. `references` gives the parent's column for each of the reference's, `declared` the
        parent's types.
        """
        if not self._looking:
            return {}
        from app.generator.expressions import ExpressionUnknown, compile_predicate
        from app.generator.expressions.lookups import of_parent

        found = {}
        for check, whole in self._looking:
            try:
                expr = of_parent(whole, references, parent)
                if expr is not None:
                    found[check.expression] = compile_predicate(expr, declared, self._types, self._reference)
            except ExpressionUnknown:
                continue  # it is among the unknown ones, which the plan has warned of
        return found

    @cached_property
    def _looking(self) -> "tuple[tuple[Check, Expr], ...]":
        """The checks that look at rows of other tables."""
        from app.generator.expressions.lookups import looks_elsewhere

        return tuple((check, expr) for check, expr, _ in self._read if looks_elsewhere(expr))

    def unknown(self, kept: Collection[str] = ()) -> tuple[str, ...]:
        """A sentence for each check that is not understood, and so not kept; none for those in `kept`."""
        if not self._checks:
            return ()
        return tuple(
            f"{u.name}: {u.what} is not understood, so CHECK ({u.expression}) may be violated; override "
            f"{', '.join(self._named_in(u.expression)) or 'the columns it reads'}"
            for u in self._inference.unknown
            if u.expression not in kept and not u.name.endswith(COMPUTABLE)
        )

    def _named_in(self, expression: str) -> list[str]:
        """The columns whose names stand in an expression that need not be understood."""
        words = set(re.findall(r'"(?:[^"]|"")+"|\w+', re.sub(r"'(?:[^']|'')*'", "", expression)))
        return [name for name in self._columns if name in words or quote_name(name) in words]

    def contradictions(self, table: QName, overridden: Collection[str] = ()) -> list[Fault]:
        """A fault for each check that no value satisfies, and for such that none satisfies together.

        None for those that read `overridden` columns: what their values come to is tested row by row.
        """
        if not self._checks:
            return []
        found = []
        for one in self._inference.contradictions:
            if not set(overridden).isdisjoint(one.columns):
                continue
            names, columns = ", ".join(one.names), ", ".join(one.columns)
            rules = " and ".join(f"CHECK ({expression})" for expression in one.expressions)
            message = (
                f"{table}.{names}: no value was found that satisfies {rules} and the column types; override "
                f"{columns or 'nothing: change the check'}, or leave the table out"
            )
            facts = {"table": str(table), "constraint": names, "expression": rules, "columns": columns}
            found.append(Fault("/schema", "check_unsatisfiable", message, facts))
        return found

    def value(self, sql: str) -> Computed:
        """An expression over the columns; raises ExpressionUnknown."""
        from app.generator.expressions import compile_value

        return compile_value(self._parse(sql), self._declared, self._types, self._reference)

    def condition(self, sql: str) -> RowCondition:
        """A predicate over the columns; raises ExpressionUnknown."""
        from app.generator.expressions import compile_predicate

        return RowCondition(compile_predicate(self._parse(sql), self._declared, self._types, self._reference))

    def generated(self, sql: str, column: str) -> Computed | None:
        """The expression of a generated column, as its type; None when it is not understood."""
        from app.generator.expressions import ExpressionUnknown, compile_value

        target = self._types.resolve(self._declared[column]).base
        try:
            return compile_value(self._parse(sql), self._declared, self._types, self._reference, target=target)
        except ExpressionUnknown:
            return None

    def _parse(self, sql: str) -> "Expr":
        from app.generator.expressions.parser import parse_expression

        return parse_expression(sql, self._functions)

    def not_understood(self, expressions: Sequence[str], computed: Mapping[str, str]) -> str | None:
        """Why one of the expressions cannot be computed; None when all can. `computed` are the generated columns."""
        if not expressions:
            return None
        from app.generator.expressions import ExpressionUnknown

        try:
            for sql in expressions:
                for name in self.value(sql).columns & computed.keys():
                    self.value(computed[name])
        except ExpressionUnknown as unknown:
            return unknown.message
        return None

    def carrier(self, sql: str) -> str | None:
        """The column that makes an index expression distinct when it is itself: x for lower(x)."""
        from app.generator.expressions.nodes import Call, Cast, ColumnRef, ExpressionUnknown

        try:
            expr = self._parse(sql)
        except ExpressionUnknown:
            return None
        while True:
            if isinstance(expr, ColumnRef):
                return expr.name
            if isinstance(expr, Cast):
                expr = expr.argument
            elif isinstance(expr, Call) and expr.name.lower() in _DISTINCT_UNDER and expr.arguments:
                expr = expr.arguments[0]
            else:
                return None


def _narrows(domain: Domain) -> bool:
    return replace(domain, nullable=True, null_only=False, null_hint=False) != Domain() and not domain.null_only
