"""What checks say about several columns at once: orders, equations, distances, grids, sums, parts of documents.

Taken in leaf by leaf; at the end what they say about each column on its own is told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from app.generator.domain import Domain
from app.generator.expressions.alternatives import is_strict
from app.generator.expressions.calendar import grid_values
from app.generator.expressions.evaluate import Predicate, ValueExpr
from app.generator.expressions.findings import Finding, with_key
from app.generator.expressions.gaps import Difference, Grid, SpanGap, difference_of, gap_of, grid_of
from app.generator.expressions.intervals import MICROS_PER_SECOND
from app.generator.expressions.keyed import may_be_document
from app.generator.expressions.kinds import DATES
from app.generator.expressions.leaves import LeafReader
from app.generator.expressions.linear import Inequality, as_domain, inequalities_of, interval_of, narrowed
from app.generator.expressions.molds import Mold, molds_of, paired
from app.generator.expressions.nodes import ArrayOf, Call, Cast, ColumnRef, Expr, IsNull
from app.generator.expressions.normal import Leaf, normal_form
from app.generator.expressions.placed import Placed, is_placed
from app.generator.expressions.range_ends import End, end_of, range_equations
from app.generator.expressions.relations import Equation, Order, equations_of, orders_of
from app.generator.expressions.samples import Place, base_of, conjuncts, documents, reads_inside, with_places
from app.generator.snapshot.model import Column
from app.generator.types import TypeCatalog

Tell = Callable[[str, Finding], None]
"""Takes in what a check, by its name, says about a column."""


class Ties:
    """Collects the ties between columns. `tight` gives what a column may hold as far as is known."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        types: TypeCatalog,
        reference: datetime,
        reader: LeafReader,
        tell: Tell,
        tight: Callable[[str], Domain],
    ) -> None:
        self._columns = columns
        self._types = types
        self._declared = {name: column.type for name, column in columns.items()}
        self._reference = reference
        self._reader = reader
        self._tell = tell
        self._tight = tight
        self._differences: dict[tuple[str, str], tuple[str, Difference]] = {}
        self._grids: dict[str, int] = {}
        self._sums: list[tuple[str, Inequality]] = []
        self._inside: dict[str, list[tuple[str, Expr]]] = {}
        self._orders: dict[Order, None] = {}
        self._equations: list[Equation] = []
        self._turned: dict[Equation, tuple[Equation, ...]] = {}
        self._linked: dict[tuple[str, Place], Equation] = {}
        self._ends: dict[tuple[str, bool], End] = {}
        self.molds: list[Mold] = []

    @property
    def orders(self) -> tuple[tuple[str, str, bool], ...]:
        """(smaller, larger, strict)."""
        return tuple((order.smaller, order.larger, order.strict) for order in self._orders)

    @property
    def equations(self) -> tuple[Equation, ...]:
        """Equations that can be computed one after the other: no column twice, no circle."""
        kept: list[Equation] = []
        chosen = [self._best(equation) for equation in self._equations]
        # year = extract(year from d) says little of d, and d = make_date(year, 1, 1) all: d is what is computed.
        vague = [e for e in chosen if _is_vague(e) and any(_turns(other, e) for other in chosen)]
        for equation in (*(e for e in chosen if e not in vague), *vague):
            taken = any(other.column == equation.column for other in kept)
            if not taken and not _reaches(equation.columns, equation.column, kept):
                kept.append(equation)
        return tuple(kept)

    def _best(self, equation: Equation) -> Equation:
        """The equation, or where its column is bounded one for a day that nothing bounds.

        nights = leaves_on - comes_on with 30 nights at most: a day of leaving follows from any number of nights, and
        seldom the other way round.
        """
        if not _is_bounded(self._tight(equation.column)):
            return equation
        days = (t for t in self._turned.get(equation, ()) if self._reader.kind_of_column(t.column).name in DATES)
        return next((t for t in days if not _is_bounded(self._tight(t.column)) and self._has_value(t)), equation)

    def _has_value(self, equation: Equation) -> bool:
        """Whether the value is there in every row in which the column has to have one."""
        return self._tight(equation.column).nullable or not any(self._tight(c).nullable for c in equation.columns)

    def take(self, check: str, leaf: Leaf) -> None:
        """A condition that is not about one column alone."""
        if leaf.negated:
            return
        shaped = len(self.molds)
        self.shape(check, leaf.expr)
        grid = grid_of(leaf.expr, self._reader)
        if grid is not None:
            self._on_grid(check, grid)
            return
        difference = difference_of(leaf.expr, self._reader)
        if difference is not None:
            pair = (min(difference.smaller, difference.larger), max(difference.smaller, difference.larger))
            turned = difference if difference.smaller == pair[0] else difference.turned()
            known = self._differences.get(pair)
            self._differences[pair] = (check, turned if known is None else known[1].joined(turned))
        self._sums.extend((check, inequality) for inequality in inequalities_of(leaf.expr, self._reader))
        for order in orders_of(leaf.expr, self._declared, self._types):
            self._orders[order] = None
        end = end_of(check, leaf.expr)
        if end is not None:
            self._ends.setdefault((end.column, end.upper), end)
        found = equations_of(check, leaf.expr, self._columns, self._types, self._reference)
        if found:
            self._equate(check, found[0])
            if _is_vague(found[0]):
                # left(code, 2) = country: any country has codes, and few codes a country.
                self.molds[shaped:] = [replace(m, instead=found[0].column) for m in self.molds[shaped:]]
            self._turned[found[0]] = found[1:]
            self._link(check, found[0])

    def shape(self, check: str, expr: Expr) -> None:
        """A condition that may be kept by shaping a text: without effect where what it is shaped after is NULL."""
        self.molds += molds_of(check, expr, self._columns, self._types, self._reference)

    def _link(self, check: str, equation: Equation) -> None:
        """kind = payload ->> 'kind': the document has the key, and there what the column may hold."""
        if equation.expression is None or len(equation.columns) != 1:
            return
        (document,) = equation.columns
        if not may_be_document(self._reader, document):
            return
        _, places = with_places(equation.expression, document)
        for place in places:
            self._inside.setdefault(document, []).append((check, IsNull(equation.expression, negated=True)))
            self._linked[document, place] = equation
            self._tell(check, Finding(document, with_key(place.keys[0]), enough=False, needed=False))

    def test(self, check: str, expr: Expr, column: str) -> None:
        """A condition on one column that will be tested row by row: it may look into documents."""
        if reads_inside(expr, column):
            self._inside.setdefault(column, []).append((check, expr))

    def settle(self, tested: Sequence[Predicate]) -> None:
        """Tells what all of it says about each column. `tested` are the conditions that rows have to pass."""
        for equation in range_equations(self._ends, self._columns, self._types, self._reference):
            # Else an end would be computed from the range.
            ends = {self._ends[equation.column, upper].check for upper in (False, True)}
            self._equations = [e for e in self._equations if e.check not in ends or e.columns != {equation.column}]
            self._equate(equation.check, equation)
        self.molds = paired(self.molds)
        # Of a list that has more than one item the one is put in its place (see `molds`).
        self._equations = [e for e in self._equations if not self._is_too_short(e)]
        for check, difference in self._differences.values():
            self._bridge(check, difference)
        self._lengthen()
        for column, conditions in self._inside.items():
            self._exemplify(column, conditions, tested)
        self._narrow_sums()

    def _is_too_short(self, equation: Equation) -> bool:
        made = equation.expression
        return isinstance(made, ArrayOf) and len(made.elements) < (self._tight(equation.column).min_items or 0)

    def _on_grid(self, check: str, grid: Grid) -> None:
        for name in grid.columns:
            kind = self._reader.kind_of_column(name).name
            values = grid_values(grid.step_s, grid.remainder_s, kind, self._reference)
            self._tell(check, Finding(name, Domain(values=values), needed=False))
            self._grids[name] = max(grid.step_s, self._grids.get(name, 0))

    def _equate(self, check: str, equation: Equation) -> None:
        """Takes an equation in. Where its column may not be NULL, neither may what it is computed from."""
        self._equations.append(equation)
        if self._tight(equation.column).nullable:
            return
        for name in equation.columns:
            strict = equation.expression is None or is_strict(equation.expression, ColumnRef(name))
            if strict and self._tight(name).nullable:
                self._tell(check, Finding(name, Domain(nullable=False), needed=False))

    def _bridge(self, check: str, difference: Difference) -> None:
        """Orders two columns, and computes one of them where the distance is bounded."""
        if difference.high is not None and difference.high <= 0:
            difference = difference.turned()
        pair = {difference.smaller, difference.larger}
        ordered = any({order.smaller, order.larger} == pair for order in self._orders)
        if difference.low is not None and difference.low >= 0 and not ordered:
            self._orders[Order(difference.smaller, difference.larger, difference.low > 0)] = None
        step = self._grids.get(difference.larger)
        gap = gap_of(difference, self._reader, step * MICROS_PER_SECOND if step else None)
        if gap is not None and not any(equation.column == difference.larger for equation in self._equations):
            self._equate(check, Equation(check, difference.larger, None, gap))

    def _lengthen(self) -> None:
        """Of two intervals in order the longer one is computed: as texts they are not to be sorted."""
        for order in self._orders:
            names = {order.smaller, order.larger}
            if any(self._reader.kind_of_column(name).name != "interval" for name in names):
                continue
            taken = any(equation.column == order.larger for equation in self._equations)
            if not taken and not _is_bounded(self._tight(order.larger)):
                self._equate("", Equation("", order.larger, None, SpanGap(order.smaller)))

    def _narrow_sums(self) -> None:
        """Carries bounds from column to column through the sums that tie them."""
        checks = {name: check for check, inequality in self._sums for name, _ in inequality.terms}
        kinds = {name: self._reader.kind_of_column(name) for name in checks}
        before = {name: interval_of(self._tight(name)) for name in checks}
        for name, after in narrowed([inequality for _, inequality in self._sums], before).items():
            domain = as_domain(before[name], after, kinds[name])
            if domain is not None and self._tight(name).intersect(domain).allows_value:
                self._tell(checks[name], Finding(name, domain, needed=False))

    def _exemplify(self, column: str, conditions: Sequence[tuple[str, Expr]], tested: Sequence[Predicate]) -> None:
        """Lists documents for a column whose checks look into documents that must have keys."""
        told = self._tight(column)
        if not told.json_keys or told.values is not None:
            return
        places: dict[Place, Domain] = {}
        for _, condition in conditions:
            for part in conjuncts(condition):
                changed, found = with_places(part, column)
                places.update({place: Domain() for place in found if place not in places})
                reader = LeafReader({place.name: place.type for place in found}, self._types, self._reference)
                tree = normal_form(changed)
                for place in found:
                    kind = reader.kind_of_column(place.name)
                    if kind.name == "enum":
                        places[place] = places[place].intersect(Domain(values=tuple(kind.labels)))
                leaf = reader.read(tree) if isinstance(tree, Leaf) else None
                for place in found:
                    if leaf is not None and place.name == leaf.column:
                        places[place] = places[place].intersect(leaf.domain)
        asked = dict(places)
        for place in places:
            if (column, place) in self._linked:
                held = self._tight(self._linked[column, place].column)
                places[place] = places[place].intersect(replace(held, nullable=True, null_only=False))
        own = [predicate for predicate in tested if predicate.columns == {column}]
        base = base_of((condition for _, condition in conditions), column)
        listed = documents(places, told.json_keys, column, own, base)
        if listed:
            self._tell(conditions[-1][0], Finding(column, Domain(values=listed), needed=False))
            self._place(column, listed, asked, tested)

    def _place(
        self, document: str, listed: Sequence[str], asked: Mapping[Place, Domain], tested: Sequence[Predicate]
    ) -> None:
        """Computes a document from the columns whose values it has, where these may be any.

        Documents that are listed have few of them: too few for a key, and seldom the one that a reference leads to.
        `asked` is what conditions on the document ask of its places, and is asked of the columns then.
        """
        own = [predicate for predicate in tested if predicate.columns == {document}]
        linked = [(place, e) for (column, place), e in self._linked.items() if column == document]
        turned: list[tuple[Place, Equation]] = []
        told: list[tuple[Equation, Domain]] = []
        kept = list(self._equations)
        for name in dict.fromkeys(equation.column for _, equation in linked):
            found = [(place, equation) for place, equation in linked if equation.column == name]
            kind, domain = self._reader.kind_of_column(name), Domain()
            for place, _ in found:
                domain = domain.intersect(replace(asked[place], nullable=True, null_only=False, json_types=None))
            within = self._tight(name).intersect(domain)
            if all(
                isinstance(e.value, ValueExpr) and is_placed(e.value, place, kind, within, document, listed, own)
                for place, e in found
            ):
                turned += found
                told += [(found[0][1], domain)] if domain != Domain() else []
                kept = [e for e in kept if not any(e is other for _, other in found)]
        sources = [(equation.column, place) for place, equation in turned]
        names = {equation.check for _, equation in turned}
        # What may be NULL for another check's sake has to be drawn.
        drawn = self._tight(document).nullable and any(document in t.columns and t.name not in names for t in tested)
        drawn = drawn or any(equation.column == document for equation in kept)
        if sources and not drawn and not _reaches(frozenset(n for n, _ in sources), document, kept):
            check = turned[0][1].check
            self._equations = [*kept, Equation(check, document, None, Placed(listed, sources))]
            for equation, domain in told:
                self._tell(equation.check, Finding(equation.column, domain, needed=False))


_VAGUE = frozenset(
    """date_part extract date_trunc to_char split_part left right substr substring length upper lower subpath
    subltree""".split()
)


def _is_vague(equation: Equation) -> bool:
    """Whether it is computed from one column, of which it does not tell the whole value."""
    expr = equation.expression
    while isinstance(expr, Cast):
        expr = expr.argument
    return isinstance(expr, Call) and expr.name in _VAGUE and len(equation.columns) == 1


def _turns(other: Equation, vague: Equation) -> bool:
    """Whether another equation gives the column that the vague one reads, from the one it gives."""
    return other is not vague and {other.column} == vague.columns and vague.column in other.columns


def _is_bounded(domain: Domain) -> bool:
    return domain.low is not None or domain.high is not None or domain.values is not None


def _reaches(columns: frozenset[str], target: str, equations: Sequence[Equation]) -> bool:
    """Whether the target is among the columns, or among those that they are computed from."""
    pending, seen = list(columns), set(columns)
    while pending:
        name = pending.pop()
        if name == target:
            return True
        for equation in equations:
            if equation.column == name:
                pending.extend(equation.columns - seen)
                seen |= equation.columns
    return False
