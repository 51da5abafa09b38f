"""Checks -> what each column may hold, which columns are ordered or computed, and what is left to be tested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.generator.domain import Domain, Pattern
from app.generator.expressions.alternatives import (
    MAX_ALTERNATIVES,
    Alternative,
    ModeGroup,
    as_one_domain,
    expand,
    hints,
    hull,
    product_of,
    spread,
)
from app.generator.expressions.computed import without_generated
from app.generator.expressions.evaluate import DEFAULT_REFERENCE, Predicate, compile_predicate
from app.generator.expressions.findings import Finding
from app.generator.expressions.kinds import INTEGERS, STRINGS
from app.generator.expressions.leaves import LeafReader
from app.generator.expressions.molds import Mold
from app.generator.expressions.nodes import (
    And,
    Cast,
    ColumnRef,
    Distinct,
    Expr,
    ExpressionUnknown,
    IsNull,
    IsTruth,
    columns_of,
    transform,
)
from app.generator.expressions.normal import All, Any, Leaf, Tree, constant_truth, normal_form
from app.generator.expressions.parser import parse_expression
from app.generator.expressions.relations import Equation
from app.generator.expressions.samples import contained_keys
from app.generator.expressions.spellings import CAST_SPELLINGS, casts_of, lists_of
from app.generator.expressions.ties import Ties
from app.generator.snapshot.model import Check, Column, SqlFunction
from app.generator.types import TypeCatalog


@dataclass(frozen=True, slots=True)
class Residual:
    """A condition that the domains do not guarantee: rows for which it is false are to be drawn again."""

    name: str
    sql: str
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Unknown:
    """A condition that is not understood; `what` names the part."""

    name: str
    expression: str
    what: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Conditions, by the names of their checks, that no value satisfies together; `columns` are all they read."""

    names: tuple[str, ...]
    expressions: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inference:
    """All that a table's checks say.

    `domains` has every column about which something is known. `orders` are (smaller, larger, strict). An equation
    gives a column as an expression over others, a mold as what a text has to look like.
    """

    domains: Mapping[str, Domain] = field(default_factory=dict)
    residual: tuple[Residual, ...] = ()
    orders: tuple[tuple[str, str, bool], ...] = ()
    equations: tuple[Equation, ...] = ()
    modes: tuple[ModeGroup, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    molds: tuple[Mold, ...] = ()


def infer(
    checks: Sequence[Check],
    columns: Mapping[str, Column],
    types: TypeCatalog,
    functions: Sequence[SqlFunction] = (),
    reference: datetime = DEFAULT_REFERENCE,
) -> Inference:
    """Reads the checks over the columns. Nothing is dropped: what is not understood is in `unknown`."""
    inferer = _Inferer(columns, types, reference)
    for check in checks:
        try:
            expr = without_generated(parse_expression(check.expression, functions), columns, functions)
        except ExpressionUnknown as error:
            inferer.unknown.append(Unknown(check.name, check.expression, error.what))
            continue
        if strange := columns_of(expr) - columns.keys():
            what = f"column {min(strange)}, which the table does not have"
            inferer.unknown.append(Unknown(check.name, check.expression, what))
            continue
        inferer.add(check, expr)
    return inferer.finish()


@dataclass(slots=True)
class _Told:
    """What is known of a column: `sure` is implied by the checks, `tight` is what generators are given."""

    sure: Domain
    tight: Domain
    last: str = ""


@dataclass(frozen=True, slots=True)
class _Branching:
    """A check that leaves a choice."""

    check: str
    alternatives: list[Alternative]
    complete: bool

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(name for alternative in self.alternatives for name in alternative.domains)


class _Inferer:
    def __init__(self, columns: Mapping[str, Column], types: TypeCatalog, reference: datetime) -> None:
        self._columns = columns
        self._types = types
        self._declared = {name: column.type for name, column in columns.items()}
        self._reference = reference
        self._reader = LeafReader(self._declared, types, reference)
        self._told: dict[str, _Told] = {}
        self._branchings: list[_Branching] = []
        self._ties = Ties(columns, types, reference, self._reader, self._tell, lambda name: self._base(name).tight)
        self._residual: list[Residual] = []
        self._casts: dict[tuple[str, str], str] = {}
        self._lists: dict[str, str] = {}
        self._contradictions: dict[tuple[str, ...], None] = {}
        self._read: dict[str, tuple[str, frozenset[str]]] = {}
        self.unknown: list[Unknown] = []

    def add(self, check: Check, expr: Expr) -> None:
        """One check; its conjuncts are read one by one."""
        self._read[check.name] = check.expression, columns_of(expr)
        self._casts.update(dict.fromkeys(casts_of(expr), check.name))
        self._lists.update(dict.fromkeys(lists_of(expr), check.name))
        open_parts: list[Expr] = []
        for part in _conjuncts(expr):
            tree = normal_form(self._with_flags(part))
            if not self._tree(check, tree):
                open_parts.append(part)
        if open_parts:
            self._test(check, open_parts)

    def _with_flags(self, expr: Expr) -> Expr:
        """active::int as (active IS TRUE)::int: a flag that counts, told from a number by its type."""

        def change(node: Expr) -> Expr | None:
            if isinstance(node, Cast) and isinstance(node.argument, ColumnRef) and node.type.name in INTEGERS:
                declared = self._declared.get(node.argument.name)
                if declared is not None and not declared.array_dims and declared.name == "bool":
                    return Cast(IsTruth(node.argument, True), node.type)
            return None

        return transform(expr, change)

    def _test(self, check: Check, parts: Sequence[Expr]) -> None:
        """What is left of a check is tested: all of it, or the parts that can be."""
        for group in _by_columns(parts):
            expr = group[0] if len(group) == 1 else And(tuple(group))
            try:
                predicate = compile_predicate(
                    expr, self._declared, self._types, self._reference, sql=check.expression, name=check.name
                )
            except ExpressionUnknown as error:
                self.unknown.append(Unknown(check.name, check.expression, error.what))
                self._shorten(check, expr)
                continue
            self._residual.append(Residual(check.name, check.expression, predicate))
            if len(predicate.columns) == 1:
                self._ties.test(check.name, expr, next(iter(predicate.columns)))

    def _tree(self, check: Check, tree: Tree) -> bool:
        """Takes in a condition; False when it has to be tested besides."""
        truth = constant_truth(tree)
        if truth is not None:
            if not truth:
                self._refuse(check.name)
            return True
        if isinstance(tree, All):
            kept = [self._tree(check, part) for part in tree.parts]  # each takes something in: none is skipped
            return all(kept)
        if isinstance(tree, Leaf):
            return self._leaf(check, tree)
        return self._choice(check, tree)

    def _leaf(self, check: Check, leaf: Leaf) -> bool:
        finding = self._reader.read(leaf)
        if finding is not None:
            keys = () if leaf.negated or finding.domain.values is None else contained_keys(leaf.expr)
            if keys:
                # Not that one document, but any that has it inside (see `samples`).
                asked = Domain(finding.domain.nullable, json_types=("object",), json_keys=keys)
                finding = Finding(finding.column, asked, enough=False)
            self._tell(check.name, finding)
            return finding.enough
        if leaf.holds and not isinstance(leaf.expr, Distinct):
            for name in columns_of(leaf.expr):
                self._tell(check.name, Finding(name, Domain(nullable=False), needed=False))
        self._ties.take(check.name, leaf)
        return False

    def _choice(self, check: Check, tree: Any) -> bool:
        alternatives, complete = expand(tree, self._reader.read)
        kept = [a for a in alternatives if all(self._fits(name, domain) for name, domain in a.domains.items())]
        if not kept:
            if complete:
                self._refuse(check.name)
            return False
        enough = all(alternative.open == 0 for alternative in kept)
        domain = as_one_domain(kept)
        if domain is not None or len(kept) == 1:
            needed = complete and all(alternative.needed for alternative in kept)
            domains = {next(iter(kept[0].domains)): domain} if domain is not None else kept[0].domains
            for name, told in domains.items():
                self._tell(check.name, Finding(name, told, enough, needed))
            if len(kept) == 1 and kept[0].open:
                self._relations_within(check, tree)
            self._tell_lengths(check, kept)
            return enough
        self._tell_lengths(check, kept)
        self._shape_where_there(check, tree)
        self._branchings.append(_Branching(check.name, kept, complete))
        if complete:
            for name in {name for alternative in kept for name in alternative.domains}:
                self._tell(check.name, Finding(name, hull(kept, name)))
        return False

    def _tell_lengths(self, check: Check, alternatives: Sequence[Alternative]) -> None:
        """A range that has no end or is long enough is long enough: it is made with both ends."""
        for alternative in alternatives:
            for name, domain in alternative.domains.items():
                if domain.span_least is not None or domain.span_most is not None:
                    lengths = Domain(span_least=domain.span_least, span_most=domain.span_most)
                    self._tell(check.name, Finding(name, lengths, enough=False, needed=False))

    def _shape_where_there(self, check: Check, tree: Any) -> None:
        """`parent IS NULL OR path LIKE parent || '%'`: the comparison alone, which says nothing of a NULL either."""
        leaves = [part for part in tree.parts if isinstance(part, Leaf) and not part.negated]
        others = [leaf for leaf in leaves if not isinstance(leaf.expr, IsNull)]
        if len(leaves) == len(tree.parts) and len(others) == 1:
            self._ties.shape(check.name, others[0].expr)

    def _relations_within(self, check: Check, tree: Any) -> None:
        """`x IS NULL OR x <= y`: as good as the comparison alone."""
        for part in tree.parts:
            if isinstance(part, Leaf) and len(columns_of(part.expr)) > 1:
                self._leaf(check, part)

    def _fits(self, name: str, domain: Domain) -> bool:
        column = self._columns.get(name)
        if column is None:
            return True
        nullable = column.nullable and domain.nullable
        return nullable if domain.null_only else domain.allows_value or nullable

    def _base(self, name: str) -> _Told:
        if name not in self._told:
            column = self._columns[name]
            nullable = column.nullable and self._types.resolve(column.type).nullable
            self._told[name] = _Told(Domain(nullable=nullable), Domain(nullable=nullable))
        return self._told[name]

    def _tell(self, check: str, finding: Finding) -> None:
        told = self._base(finding.column)
        if finding.needed:
            told.sure = told.sure.intersect(finding.domain)
            if told.sure.is_empty or (told.sure.null_only and not told.sure.nullable):
                self._refuse(told.last, check)
        told.tight = told.tight.intersect(finding.domain)
        told.last = check

    def _refuse(self, *checks: str) -> None:
        self._contradictions[tuple(sorted({name for name in checks if name in self._read}))] = None

    def _contradiction(self, names: tuple[str, ...]) -> Contradiction:
        columns = frozenset[str]().union(*(self._read[name][1] for name in names))
        return Contradiction(names, tuple(self._read[name][0] for name in names), tuple(sorted(columns)))

    def _shorten(self, check: Check, expr: Expr) -> None:
        """Lists that something not understood looks at have one item: those are in order, apart and all alike.

        They are never NULL, since a loop over NULL is an error.
        """
        for name in columns_of(expr):
            column = self._columns.get(name)
            if column is None or not self._types.resolve(column.type).base.array_dims:
                continue
            tight = self._base(name).tight
            if (tight.min_items or 0) <= 1 and tight.values is None and not tight.null_only:
                self._tell(check.name, Finding(name, Domain(nullable=False, max_items=1), enough=False, needed=False))

    # --- the whole ---------------------------------------------------------------------------------------------------

    def finish(self) -> Inference:
        self._spell_casts()
        self._ties.settle([residual.predicate for residual in self._residual])
        domains: dict[str, Domain] = {}
        for name, told in self._told.items():
            # A reading that was narrower than the check must not rule everything out.
            usable = told.tight if told.tight.allows_value or told.tight.null_only else told.sure
            domains[name] = usable if usable.allows_value else replace(usable, null_only=True)
        modes = self._modes(domains)
        for branching in self._branchings:
            for name in branching.columns:
                found = hints(branching.alternatives, name)
                domains[name] = domains.get(name, self._base(name).tight).intersect(found)
        return Inference(
            domains,
            tuple(self._residual),
            self._ties.orders,
            self._ties.equations,
            modes,
            tuple(self.unknown),
            tuple(self._contradiction(names) for names in self._contradictions),
            tuple(self._ties.molds),
        )

    def _spell_casts(self) -> None:
        """Texts that a check or an index casts are spelt as that type, where nothing else says how they are spelt.

        So are documents whose length it asks for lists, where nothing else says what they are.
        """
        for name, check in self._lists.items():
            tight = self._base(name).tight if name in self._columns else Domain(null_only=True)
            if tight.json_types is None and not tight.json_keys and tight.values is None and not tight.null_only:
                self._tell(check, Finding(name, Domain(json_types=("array",)), enough=False, needed=False))

        for (name, target), check in self._casts.items():
            column = self._columns.get(name)
            spelling = CAST_SPELLINGS.get(target)
            if column is None or spelling is None or self._reader.kind_of_column(name).name not in STRINGS:
                continue
            tight = self._base(name).tight
            written = tight.patterns or tight.values is not None or tight.json_types is not None or tight.json_keys
            if not written and not tight.null_only:
                self._tell(check, Finding(name, Domain(patterns=(Pattern(spelling),)), enough=False, needed=False))

    def _modes(self, domains: Mapping[str, Domain]) -> tuple[ModeGroup, ...]:
        groups: list[list[_Branching]] = []
        for branching in self._branchings:
            joined = [branching]
            rest = []
            for group in groups:
                shared = any(branching.columns & member.columns for member in group)
                if shared:
                    joined = group + joined
                else:
                    rest.append(group)
            groups = [*rest, joined]
        found = (self._mode(group, domains) for group in groups)
        return tuple(mode for mode in found if mode is not None)

    def _mode(self, group: Sequence[_Branching], domains: Mapping[str, Domain]) -> ModeGroup | None:
        """The alternatives of several checks at once, those left out that the columns' own domains rule out."""
        alternatives = [Alternative()]
        complete = True
        for branching in sorted(group, key=lambda b: len(b.alternatives)):
            complete = complete and branching.complete
            alternatives = product_of(alternatives, [self._within(a, domains) for a in branching.alternatives])
            alternatives = [a for a in alternatives if all(self._fits(n, d) for n, d in a.domains.items())]
            if len(alternatives) > 8 * MAX_ALTERNATIVES:
                alternatives, complete = spread(alternatives, 8 * MAX_ALTERNATIVES), False
        if not alternatives:
            if complete and all(a.needed for branching in group for a in branching.alternatives):
                self._refuse(*(branching.check for branching in group))
            return None
        surest = [a for a in alternatives if not a.open]
        # What is left to chance takes several draws: where there are many alternatives, the sure ones do.
        chosen = surest if len(surest) > MAX_ALTERNATIVES // 2 else alternatives
        chosen = spread(chosen, MAX_ALTERNATIVES)
        columns = tuple(sorted({name for alternative in chosen for name in alternative.domains}))
        checks = tuple(dict.fromkeys(branching.check for branching in group))
        return ModeGroup(columns, tuple(dict(alternative.domains) for alternative in chosen), checks)

    def _within(self, alternative: Alternative, domains: Mapping[str, Domain]) -> Alternative:
        narrowed = {n: domains[n].intersect(d) if n in domains else d for n, d in alternative.domains.items()}
        return replace(alternative, domains=narrowed)


def _conjuncts(expr: Expr) -> Sequence[Expr]:
    return expr.arguments if isinstance(expr, And) else (expr,)


def _by_columns(parts: Sequence[Expr]) -> list[list[Expr]]:
    """Conjuncts that share columns together, in the order in which they are written: an earlier one guards a later."""
    groups: list[tuple[set[str], list[Expr]]] = []
    for part in parts:
        columns = set(columns_of(part))
        joined: tuple[set[str], list[Expr]] = (columns, [part])
        rest = []
        for group in groups:
            if group[0] & columns:
                joined = (joined[0] | group[0], group[1] + joined[1])
            else:
                rest.append(group)
        groups = [*rest, joined]
    return [group for _, group in groups]
