"""A condition in negation normal form: AND and OR over leaves, with NULL accounted for.

A CHECK is kept when it is not false: it *passes*. Inside IS TRUE and the like it must be true: it *holds*. Both ideas
distribute over AND and OR, and NOT turns one kind of leaf into another, so that any boolean expression comes down to
leaves that must pass or hold. Where a rewriting covers less than the original (every row that follows it is right,
but other rows would be too) the result says so with `partial`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from app.generator.expressions.nodes import (
    And,
    Call,
    Case,
    Cast,
    Collate,
    ColumnRef,
    Compare,
    Distinct,
    Expr,
    IsNull,
    IsTruth,
    Literal,
    Not,
    Operator,
    Or,
    Quantified,
    RowOf,
    Strict,
    array_elements,
    columns_of,
)
from app.generator.expressions.shapes import COMPARED, MATCHES, indicators, is_boolean, plain_constant

MAX_COMBINATIONS = 64
_MAX_INDICATORS = 10


@dataclass(frozen=True, slots=True)
class Leaf:
    """An expression that must pass, or with `holds` be true. `negated` is set only where no operator negates it."""

    expr: Expr
    holds: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class All:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    """`partial`: rows other than those that the parts describe satisfy the original, too."""

    parts: "tuple[Tree, ...]"
    partial: bool = False


Tree = Leaf | All | Any

ALWAYS = All(())
NEVER = Any(())

FLIPPED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def normal_form(expr: Expr, negated: bool = False, holds: bool = False) -> Tree:
    """The condition `expr` (or NOT `expr`) as a tree."""
    if isinstance(expr, And | Or):
        parts = [normal_form(argument, negated, holds) for argument in expr.arguments]
        conjunctive = isinstance(expr, And) != negated
        return all_of(parts) if conjunctive else any_of(parts)
    if isinstance(expr, Not):
        return normal_form(expr.argument, not negated, holds)
    if isinstance(expr, IsTruth) and expr.value is not None:
        # Two-valued: x IS TRUE must hold, x IS NOT TRUE is what passes as NOT x.
        asked = expr.negated == negated
        return normal_form(expr.argument, negated=expr.value is not asked, holds=asked)
    if isinstance(expr, IsTruth):
        return _null_test(IsNull(expr.argument, expr.negated), negated)
    if isinstance(expr, IsNull):
        return _null_test(expr, negated)
    if isinstance(expr, Literal) and (expr.value is None or isinstance(expr.value, bool)):
        return ALWAYS if (expr.value is None and not holds) or expr.value is (not negated) else NEVER
    if isinstance(expr, ColumnRef):
        return Leaf(Compare("=", expr, Literal(not negated)), holds)
    if isinstance(expr, Compare):
        return _comparison(expr, negated, holds)
    if isinstance(expr, Distinct):
        return _distinct(expr, negated)
    if isinstance(expr, Quantified):
        return _quantified(expr, negated, holds)
    if isinstance(expr, Operator) and expr.name in ("<@", "@>") and not negated:
        return _contained(expr, holds)
    if isinstance(expr, Operator) and expr.name in MATCHES:
        return Leaf(Operator(MATCHES[expr.name], expr.left, expr.right) if negated else expr, holds)
    if isinstance(expr, Case):
        return _case(expr, negated, holds)
    if isinstance(expr, Strict):
        body = normal_form(expr.body, negated, holds)
        # Where an argument is NULL the call passes, whatever the body says: that much is given away.
        return all_of([*(Leaf(IsNull(a, True)) for a in expr.arguments), body]) if holds else body
    if isinstance(expr, Cast) and expr.type.name == "bool" and not isinstance(expr.argument, Literal):
        return normal_form(expr.argument, negated, holds)
    if isinstance(expr, Call):
        return _call(expr, negated, holds)
    return Leaf(expr, holds, negated)


def all_of(parts: Sequence[Tree]) -> Tree:
    """AND, flattened."""
    found: list[Tree] = []
    for part in parts:
        found.extend(part.parts if isinstance(part, All) else (part,))
    if any(part == NEVER for part in found):
        return NEVER
    return found[0] if len(found) == 1 else All(tuple(found))


def any_of(parts: Sequence[Tree], partial: bool = False) -> Tree:
    """OR, flattened."""
    found: list[Tree] = []
    for part in parts:
        if isinstance(part, Any):
            found.extend(part.parts)
            partial = partial or part.partial
        else:
            found.append(part)
    if any(part == ALWAYS for part in found):
        return ALWAYS
    return found[0] if len(found) == 1 and not partial else Any(tuple(found), partial)


def _null_test(expr: IsNull, negated: bool) -> Tree:
    argument = expr.argument
    is_null = expr.negated == negated
    if isinstance(argument, Cast | Collate):
        return _null_test(IsNull(argument.argument, not is_null), False)
    if isinstance(argument, RowOf):
        parts = [_null_test(IsNull(e, expr.negated), False) for e in argument.elements]
        return (
            all_of(parts)
            if not negated
            else any_of([_null_test(IsNull(e, not expr.negated), False) for e in argument.elements])
        )
    if isinstance(argument, Call) and argument.name == "coalesce":
        parts = [_null_test(IsNull(a, not is_null), False) for a in argument.arguments]
        return all_of(parts) if is_null else any_of(parts)
    if isinstance(argument, Call) and argument.name == "nullif" and not is_null:
        left, right = argument.arguments
        return all_of([_null_test(IsNull(left, True), False), normal_form(Compare("<>", left, right))])
    if isinstance(argument, Call) and argument.name == "regexp_match" and len(argument.arguments) == 2:
        text, pattern = argument.arguments
        found = normal_form(Operator("~", text, pattern), negated=is_null, holds=not is_null)
        return any_of([_null_test(IsNull(text), False), found]) if is_null else found
    if isinstance(argument, Call) and _is_total(argument):
        return _null_test(IsNull(argument.arguments[0], not is_null), False)
    if isinstance(argument, Literal):
        return ALWAYS if (argument.value is None) == is_null else NEVER
    return Leaf(IsNull(argument, not is_null), holds=True)


# Functions that give a value for every value: they are NULL when, and only when, their first argument is.
_TOTAL = frozenset(
    """btrim trim ltrim rtrim length char_length character_length octet_length replace reverse md5 initcap
    left right lpad rpad substr cardinality abs jsonb_typeof""".split()
)


def _is_total(call: Call) -> bool:
    constant = not any(columns_of(argument) for argument in call.arguments[1:])
    return call.name in _TOTAL and bool(call.arguments) and constant


def _contained(expr: Operator, holds: bool) -> Tree:
    """ARRAY[x] <@ ARRAY['a', 'b'] is x IN ('a', 'b')."""
    inner, outer = (expr.left, expr.right) if expr.name == "<@" else (expr.right, expr.left)
    elements = array_elements(inner) if inner is not None else None
    if not elements or outer is None or not any(columns_of(element) for element in elements):
        return Leaf(expr, holds)
    return all_of([Leaf(Quantified("=", element, outer), holds=True) for element in elements])


def _comparison(expr: Compare, negated: bool, holds: bool) -> Tree:
    operator = FLIPPED[expr.operator] if negated else expr.operator
    left, right = expr.left, expr.right
    for side, other in ((left, right), (right, left)):
        constant = other.argument if isinstance(other, Cast) and other.type.name == "bool" else other
        if isinstance(constant, Literal) and isinstance(constant.value, bool) and operator in ("=", "<>"):
            if isinstance(side, ColumnRef):
                return Leaf(Compare("=", side, Literal(constant.value is (operator == "="))), holds)
            if is_boolean(side):
                return normal_form(side, negated=constant.value is not (operator == "="), holds=holds)
    if operator in ("=", "<>") and (is_boolean(left) or is_boolean(right)):
        return _equivalence(left, right, operator == "=")
    counted = _counting(operator, left, right) or _counting(MIRRORED[operator], right, left)
    if counted is not None:
        return counted
    if isinstance(left, Call) and left.name == "coalesce" and not columns_of(right):
        return _coalesced(operator, left, right, holds)
    return Leaf(Compare(operator, left, right), holds)  # type: ignore[arg-type]  # one of the six


def _equivalence(left: Expr, right: Expr, equal: bool) -> Tree:
    """`(a IS NULL) = (b IS NULL)`: both, or neither. Rows in which either side is NULL are left out."""
    same = all_of([normal_form(left, False, True), normal_form(right, not equal, True)])
    other = all_of([normal_form(left, True, True), normal_form(right, equal, True)])
    two_valued = _is_two_valued(left) and _is_two_valued(right)
    return any_of([same, other], partial=not two_valued)


def _is_two_valued(expr: Expr) -> bool:
    if isinstance(expr, IsNull | IsTruth | Distinct):
        return True
    if isinstance(expr, And | Or):
        return all(_is_two_valued(argument) for argument in expr.arguments)
    return isinstance(expr, Not) and _is_two_valued(expr.argument)


def _distinct(expr: Distinct, negated: bool) -> Tree:
    distinct = expr.negated == negated
    left, right = expr.left, expr.right
    for side, other in ((left, right), (right, left)):
        if isinstance(other, Literal) and other.value is None:
            return _null_test(IsNull(side, distinct), False)
        if isinstance(other, Literal) and isinstance(other.value, bool):
            return normal_form(IsTruth(side, other.value, distinct))
        if _is_constant(other) and not _is_constant(side):
            # Against a constant: NULL is distinct from it, and otherwise it is a plain comparison.
            return Leaf(Compare("<>" if distinct else "=", side, other), holds=not distinct)
    if is_boolean(left) and is_boolean(right):
        return _equivalence(left, right, not distinct)
    return Leaf(Distinct(left, right, not distinct), holds=True)


def _quantified(expr: Quantified, negated: bool, holds: bool) -> Tree:
    operator, every = expr.operator, expr.every
    if negated and (operator in FLIPPED or operator in MATCHES):
        operator = FLIPPED.get(operator) or MATCHES[operator]
        every = not every
    elif negated:
        return Leaf(expr, holds, negated=True)
    elements = array_elements(expr.array)
    membership = (operator, every) in (("=", False), ("<>", True))
    if elements and not (membership and all(_is_constant(e) for e in elements)) and len(elements) <= MAX_COMBINATIONS:
        parts = [normal_form(_applied(operator, expr.left, e), False, holds) for e in elements]
        return all_of(parts) if every else any_of(parts)
    return Leaf(Quantified(operator, expr.left, expr.array, every), holds)


def _applied(operator: str, left: Expr, right: Expr) -> Expr:
    if operator in FLIPPED:
        return Compare(operator, left, right)  # type: ignore[arg-type]  # one of the six
    return Operator(operator, left, right)


def _is_constant(expr: Expr) -> bool:
    return isinstance(expr, Literal) or (isinstance(expr, Cast) and _is_constant(expr.argument))


def _case(expr: Case, negated: bool, holds: bool) -> Tree:
    """The first condition that is true decides: the earlier ones are not true."""
    parts: list[Tree] = []
    before: list[Tree] = []
    for condition, result in expr.whens:
        parts.append(all_of([*before, normal_form(condition, False, True), normal_form(result, negated, holds)]))
        before.append(normal_form(condition, True, False))
    parts.append(all_of([*before, normal_form(expr.default, negated, holds)]))
    return any_of([part for part in parts if part != NEVER])


def _call(expr: Call, negated: bool, holds: bool) -> Tree:
    arguments = expr.arguments
    if expr.name == "coalesce":
        return _coalesced("=", expr, Literal(not negated), holds)
    if expr.name == "regexp_like" and len(arguments) == 2:
        return normal_form(Operator("~", arguments[0], arguments[1]), negated, holds)
    if expr.name == "starts_with" and len(arguments) == 2:
        return Leaf(Operator("^@", *arguments), holds, negated)
    return Leaf(expr, holds, negated)


def _coalesced(operator: str, call: Call, right: Expr, holds: bool) -> Tree:
    """coalesce(x, c) = r: x has a value and fits, or x is NULL and what comes next fits."""
    first, rest = call.arguments[0], call.arguments[1:]
    own = _boolean_or_compare(operator, first, right, True)
    if not rest:
        return _boolean_or_compare(operator, first, right, holds)
    following: Tree
    if len(rest) == 1:
        following = _boolean_or_compare(operator, rest[0], right, holds)
    else:
        following = _coalesced(operator, Call("coalesce", rest), right, holds)
    decided = constant_truth(following)
    if decided is False:
        return own
    return any_of([own, all_of([_null_test(IsNull(first), False), following])])


def _boolean_or_compare(operator: str, left: Expr, right: Expr, holds: bool) -> Tree:
    if isinstance(right, Literal) and isinstance(right.value, bool) and operator in ("=", "<>"):
        return normal_form(left, negated=right.value is not (operator == "="), holds=holds)
    return normal_form(Compare(operator, left, right), False, holds)  # type: ignore[arg-type]  # one of the six


def constant_truth(tree: Tree) -> bool | None:
    """True or False for a tree that is decided without any row."""
    if tree == ALWAYS:
        return True
    if tree == NEVER:
        return False
    if isinstance(tree, Leaf) and isinstance(tree.expr, Compare):
        left, right = plain_constant(tree.expr.left), plain_constant(tree.expr.right)
        if left is not None and right is not None and isinstance(left, str) == isinstance(right, str):
            return bool(COMPARED[tree.expr.operator](left, right))
    return None


def _counting(operator: str, left: Expr, right: Expr) -> Tree | None:
    """A count of conditions compared with a constant, as the combinations that fit."""
    wanted = plain_constant(right)
    if not isinstance(wanted, int):
        return None
    found = indicators(left)
    if found is None:
        return None
    base, counted = found
    if not counted:
        return None
    target = wanted - base
    if all(indicator.weight == 1 for indicator in counted):
        return _chosen(operator, target, [indicator.condition for indicator in counted])
    if len(counted) > _MAX_INDICATORS:
        return None
    parts = []
    for flags in product((True, False), repeat=len(counted)):
        total = sum(indicator.weight for indicator, flag in zip(counted, flags, strict=True) if flag)
        if COMPARED[operator](total, target):
            parts.append(_assigned(zip((i.condition for i in counted), flags, strict=True)))
    return any_of(parts[:MAX_COMBINATIONS], partial=len(parts) > MAX_COMBINATIONS) if parts else NEVER


def _assigned(pairs: "Iterator[tuple[Expr, bool]]") -> Tree:
    return all_of([normal_form(condition, negated=not flag, holds=flag) for condition, flag in pairs])


def _chosen(operator: str, target: int, conditions: Sequence[Expr]) -> Tree:
    """Which conditions are true: exactly, at least, or at most `target` of them."""
    n = len(conditions)
    if operator == "<>":
        return any_of([_chosen("<", target, conditions), _chosen(">", target, conditions)])
    if operator in ("<", ">"):
        operator, target = (operator + "=", target - 1 if operator == "<" else target + 1)
    if operator == "=":
        if not 0 <= target <= n:
            return NEVER
        picks = list(combinations(range(n), target)) if n <= 24 else [()] * (target == 0)
        parts = [_assigned(iter([(c, i in pick) for i, c in enumerate(conditions)])) for pick in _spread(picks)]
        return any_of(parts, partial=len(picks) > MAX_COMBINATIONS)
    positive = operator == ">="
    size = target if positive else n - target
    if size <= 0:
        return ALWAYS
    if size > n:
        return NEVER
    picks = list(combinations(range(n), size)) if n <= 24 else [tuple(range(size))]
    parts = [_assigned(iter([(conditions[i], positive) for i in pick])) for pick in _spread(picks)]
    return any_of(parts, partial=n > 24 or len(picks) > MAX_COMBINATIONS)


def _spread(items: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """At most MAX_COMBINATIONS of them, evenly spread."""
    if len(items) <= MAX_COMBINATIONS:
        return list(items)
    return [items[i * len(items) // MAX_COMBINATIONS] for i in range(MAX_COMBINATIONS)]
