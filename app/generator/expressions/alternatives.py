"""Disjunctions as alternatives: each a set of domains, of which a row follows one.

`(a IS NULL) = (b IS NULL)` becomes "both NULL" or "neither": a row that draws its alternative first satisfies the
check by construction, however unlikely it would be by chance.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.generator.domain import Domain, Pattern, Value
from app.generator.expressions.findings import Finding
from app.generator.expressions.nodes import (
    Call,
    Cast,
    Collate,
    Compare,
    Distinct,
    Expr,
    IsNull,
    Operator,
    Quantified,
    columns_of,
)
from app.generator.expressions.normal import All, Any, Leaf, Tree

MAX_ALTERNATIVES = 64
_MAX_INNER = 512


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to satisfy a condition. `open` leaves are not said by the domains: they are left to chance."""

    domains: Mapping[str, Domain] = field(default_factory=dict)
    open: int = 0
    needed: bool = True

    def joined(self, other: "Alternative") -> "Alternative | None":
        """Both at once; None when they contradict each other."""
        domains = dict(self.domains)
        for name, domain in other.domains.items():
            both = domains[name].intersect(domain) if name in domains else domain
            if not _possible(both):
                return None
            domains[name] = both
        return Alternative(domains, self.open + other.open, self.needed and other.needed)


def _possible(domain: Domain) -> bool:
    if domain.null_only:
        return domain.nullable
    return domain.allows_value or domain.nullable


@dataclass(frozen=True, slots=True)
class ModeGroup:
    """Columns tied together by checks, and the alternatives among which each row chooses.

    An alternative maps columns to what they may hold, on top of their own domains; a column that it does not name is
    free. Alternatives are distinct, and each one can be satisfied as far as the domains tell.
    """

    columns: tuple[str, ...]
    alternatives: tuple[Mapping[str, Domain], ...]
    checks: tuple[str, ...] = ()


def expand(tree: Tree, read: Callable[[Leaf], Finding | None]) -> tuple[list[Alternative], bool]:
    """The alternatives of a tree, and whether they are all there is."""
    if isinstance(tree, Leaf):
        return _leaf(tree, read)
    if isinstance(tree, All):
        found, complete = [Alternative()], True
        for part in sorted(tree.parts, key=lambda p: isinstance(p, Any)):
            inner, whole = expand(part, read)
            complete = complete and whole
            found = product_of(found, inner)
            if len(found) > _MAX_INNER:
                found, complete = spread(found, _MAX_INNER), False
        return found, complete
    found, complete = [], not tree.partial
    for part in _without_idle_nulls(tree):
        inner, whole = expand(part, read)
        complete = complete and whole
        found.extend(inner)
    return distinct(found), complete


def _leaf(leaf: Leaf, read: Callable[[Leaf], Finding | None]) -> tuple[list[Alternative], bool]:
    finding = read(leaf)
    if finding is None:
        domains: dict[str, Domain] = {}
        if leaf.holds and not isinstance(leaf.expr, IsNull | Distinct):
            # Whatever it is, with a NULL in it it is seldom true.
            domains = {name: Domain(nullable=False) for name in columns_of(leaf.expr)}
        return [Alternative(domains, open=1)], not domains
    if not _possible(finding.domain):
        return [], finding.needed
    return [
        Alternative({finding.column: finding.domain}, open=int(not finding.enough), needed=finding.needed)
    ], finding.needed


def _without_idle_nulls(tree: Any) -> Sequence[Tree]:
    """`x IS NULL OR x > 0` is `x > 0`, which passes for NULL anyway: x need not be NULL half of the time."""
    kept: list[Tree] = []
    for part in tree.parts:
        subject = _null_subject(part)
        others = [other for other in tree.parts if other is not part]
        if subject is None or not any(_passes_on_null(other, subject) for other in others):
            kept.append(part)
    return kept


def _null_subject(tree: Tree) -> Expr | None:
    """x of a leaf x IS NULL."""
    if isinstance(tree, Leaf) and isinstance(tree.expr, IsNull) and not tree.expr.negated:
        return tree.expr.argument
    return None


_LENIENT = ("coalesce", "num_nulls", "num_nonnulls", "concat", "concat_ws", "greatest", "least", "nullif")


def _passes_on_null(tree: Tree, subject: Expr) -> bool:
    """Whether the tree passes when the subject is NULL, whatever else holds."""
    if isinstance(tree, All):
        return bool(tree.parts) and all(_passes_on_null(part, subject) for part in tree.parts)
    if isinstance(tree, Any):
        return any(_passes_on_null(part, subject) for part in tree.parts)
    return not tree.holds and is_strict(tree.expr, subject)


def is_strict(expr: Expr | None, subject: Expr) -> bool:
    """Whether a comparison or an operator on plain expressions is NULL when the subject, a part of it, is."""
    if expr == subject:
        return True
    if isinstance(expr, Cast | Collate):
        return is_strict(expr.argument, subject)
    if isinstance(expr, Compare | Operator):
        return is_strict(expr.left, subject) or is_strict(expr.right, subject)
    if isinstance(expr, Quantified):
        return is_strict(expr.left, subject)
    if isinstance(expr, Call):
        return expr.name not in _LENIENT and any(is_strict(argument, subject) for argument in expr.arguments)
    return False


def product_of(left: Sequence[Alternative], right: Sequence[Alternative]) -> list[Alternative]:
    """Every pair that does not contradict itself."""
    found = [pair for a in left for b in right if (pair := a.joined(b)) is not None]
    return distinct(found)


def distinct(alternatives: Iterable[Alternative]) -> list[Alternative]:
    """Without repetitions."""
    found: list[Alternative] = []
    seen: set[str] = set()
    for alternative in alternatives:
        key = repr(sorted(alternative.domains.items(), key=lambda item: item[0]))
        if key not in seen:
            seen.add(key)
            found.append(alternative)
    return found


def spread(alternatives: Sequence[Alternative], most: int) -> list[Alternative]:
    """At most `most` of them, those that leave nothing to chance first, then evenly spread."""
    if len(alternatives) <= most:
        return list(alternatives)
    return [alternatives[i * len(alternatives) // most] for i in range(most)]


def as_one_domain(alternatives: Sequence[Alternative]) -> Domain | None:
    """The union as one domain, when all are about the same single column and a domain can say it."""
    names = {name for alternative in alternatives for name in alternative.domains}
    if len(names) != 1 or any(len(alternative.domains) != 1 for alternative in alternatives):
        return None
    (name,) = names
    domains = [alternative.domains[name] for alternative in alternatives]
    nulls = [domain for domain in domains if domain.null_only]
    rest = [domain for domain in domains if not domain.null_only]
    nullable = bool(nulls) or any(domain.nullable for domain in rest)
    if not rest:
        return nulls[0]
    if len(rest) == 1:
        return replace(rest[0], nullable=nullable)
    if all(_only_values(domain) for domain in rest):
        values = tuple(dict.fromkeys(value for domain in rest for value in domain.values or ()))
        return Domain(nullable=nullable, values=values)
    if all(_only_pattern(domain) for domain in rest):
        patterns = [domain.patterns[0] for domain in rest]
        if len({pattern.ignore_case for pattern in patterns}) == 1:
            regex = "|".join(f"(?:{pattern.regex})" for pattern in patterns)
            return Domain(nullable=nullable, patterns=(Pattern(regex, patterns[0].ignore_case),))
    return None


def _only_pattern(domain: Domain) -> bool:
    alone = len(domain.patterns) == 1 and replace(domain, patterns=(), nullable=True) == Domain()
    return alone and not domain.patterns[0].negated and not domain.patterns[0].regex.startswith(("***", "(?"))


def _only_values(domain: Domain) -> bool:
    return domain.values is not None and replace(domain, values=None, nullable=True) == Domain()


def hull(alternatives: Sequence[Alternative], name: str) -> Domain:
    """A domain that holds whatever any alternative allows for the column: what is known without choosing."""
    domains = [alternative.domains.get(name) for alternative in alternatives]
    known = [domain for domain in domains if domain is not None]
    if len(known) < len(domains) or not known:
        return Domain()
    valued = [domain for domain in known if not domain.null_only]
    nullable = any(domain.nullable for domain in known)
    if not valued:
        return Domain(null_only=True, nullable=nullable)
    values: tuple[Value, ...] | None = None
    if all(domain.values is not None for domain in valued):
        values = tuple(dict.fromkeys(value for domain in valued for value in domain.values or ()))
    return Domain(nullable=nullable, values=values)


def hints(alternatives: Sequence[Alternative], name: str) -> Domain:
    """The boundaries and literals that alternatives name for the column, for generators that draw before choosing."""
    cuts: dict[Value, None] = {}
    suggested: dict[Value, None] = {}
    null_hint = False
    for alternative in alternatives:
        domain = alternative.domains.get(name)
        if domain is None:
            continue
        null_hint = null_hint or domain.null_only
        suggested.update(dict.fromkeys(domain.values or ()))
        suggested.update(dict.fromkeys(domain.excluded))
        cuts.update(dict.fromkeys(v for v in (domain.low, domain.high) if v is not None))
    return Domain(cuts=tuple(cuts), suggested=tuple(suggested), null_hint=null_hint)
