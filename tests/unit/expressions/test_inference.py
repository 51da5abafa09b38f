"""What checks are read into: domains that keep them, alternatives that bring them about, and honest gaps."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from app.generator.domain import Domain
from app.generator.expressions import Inference, columns_of, compile_predicate, infer, parse_expression
from app.generator.snapshot.model import Check, Column, QName, SqlFunction, TypeRef
from tests.unit.expressions.checks import (
    ALTERNATIVES,
    COLUMNS,
    CONTRADICTIONS,
    GAPS,
    KEPT_AND_TESTED,
    KEPT_BY_DOMAINS,
    RELATIONS,
    TYPES,
    UNKNOWN,
    builtin,
)
from tests.unit.expressions.sampling import as_arrays, draw_column

ROWS = 200


def read(
    *expressions: str, functions: Sequence[SqlFunction] = (), columns: dict[str, Column] | None = None
) -> Inference:
    checks = [Check(f"c{number}", expression) for number, expression in enumerate(expressions)]
    return infer(checks, columns or COLUMNS, TYPES, functions)


def accepted_share(expression: str, domains: dict[str, Domain], seed: int = 7) -> float:
    """The share of rows drawn from the domains that the check lets in."""
    expr = parse_expression(expression)
    chance = random.Random(seed)
    declared = {name: column.type for name, column in COLUMNS.items()}
    drawn = {
        name: draw_column(COLUMNS[name], domains.get(name, Domain()), ROWS, chance) for name in sorted(columns_of(expr))
    }
    predicate = compile_predicate(expr, declared, TYPES)
    return float(np.mean(predicate.accepts(as_arrays(COLUMNS, drawn), ROWS)))


@pytest.mark.parametrize("expression", KEPT_BY_DOMAINS)
def test_a_check_that_domains_keep_lets_every_value_of_the_domain_in(expression: str) -> None:
    """Nothing is tested row by row, so the domain must be enough on its own."""
    found = read(expression)
    assert not found.unknown
    assert not found.contradictions
    assert not found.residual
    assert accepted_share(expression, dict(found.domains)) == 1.0


@pytest.mark.parametrize("expression", KEPT_AND_TESTED)
def test_a_check_that_is_tested_besides_seldom_fails(expression: str) -> None:
    """The domain does most of the work: redraws end quickly."""
    found = read(expression)
    assert not found.unknown
    assert not found.contradictions
    assert found.residual
    assert accepted_share(expression, dict(found.domains)) >= 0.4


@pytest.mark.parametrize("expression", ALTERNATIVES)
def test_every_alternative_satisfies_its_check(expression: str) -> None:
    """A row that follows an alternative passes, or does so in most draws where some part is left to chance."""
    found = read(expression)
    assert not found.unknown
    assert not found.contradictions
    assert len(found.modes) == 1
    for alternative in found.modes[0].alternatives:
        domains = {**found.domains, **{name: found.domains[name].intersect(d) for name, d in alternative.items()}}
        assert accepted_share(expression, domains) == 1.0, alternative


@pytest.mark.parametrize("expression", RELATIONS)
def test_comparisons_of_columns_are_understood(expression: str) -> None:
    """They are tested, and where they can be constructed an order or an equation says how."""
    found = read(expression)
    assert not found.unknown
    assert not found.contradictions
    assert found.residual
    unordered = ("<> ", "DISTINCT FROM last", "ends_at - starts_at", "stock - reserved", "birth_date +")
    assert found.orders or found.equations or any(part in expression for part in unordered)


@pytest.mark.parametrize("expression", GAPS)
def test_columns_that_have_to_be_close_are_computed_from_each_other(expression: str) -> None:
    """Drawn apart they would hardly ever meet; computed they always do."""
    found = read(expression)
    assert not found.unknown
    (equation,) = found.equations
    (other,) = equation.columns
    drawn = {other: draw_column(COLUMNS[other], found.domains.get(other, Domain()), ROWS, random.Random(5))}
    arrays = as_arrays(COLUMNS, drawn)
    arrays[equation.column] = equation.value.evaluate(arrays, ROWS)
    assert arrays[equation.column].null_count == arrays[other].null_count
    assert len(set(arrays[equation.column].to_pylist())) > ROWS / 10
    for residual in found.residual:
        assert residual.predicate.accepts({name: arrays[name] for name in residual.predicate.columns}, ROWS).all()


@pytest.mark.parametrize("expression", CONTRADICTIONS)
def test_a_check_that_nothing_satisfies_is_reported(expression: str) -> None:
    """The planner refuses by name instead of redrawing for ever."""
    found = read(expression)
    assert found.contradictions
    assert found.contradictions[0].names[0] == "c0"


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_is_not_understood_is_said(expression: str) -> None:
    """Never dropped: the check is named with the part that is not known."""
    found = read(expression)
    assert [unknown.name for unknown in found.unknown] == ["c0"]
    assert found.unknown[0].what


def test_a_contradiction_between_checks_is_found() -> None:
    """Two checks that exclude each other leave nothing for a column that may not be NULL."""
    columns = {"quantity": Column("quantity", builtin("int4"), nullable=False)}
    assert read("quantity > 10", "quantity < 5", columns=columns).contradictions
    assert not read("quantity > 10", "quantity < 50", columns=columns).contradictions


def test_a_nullable_column_escapes_a_contradiction_by_null() -> None:
    """NULL passes both checks: the column is then always NULL."""
    found = read("quantity > 10", "quantity < 5")
    assert not found.contradictions
    assert found.domains["quantity"].null_only


def test_alternatives_of_several_checks_are_combined() -> None:
    """A status that drives two columns: each combination satisfies both checks."""
    first = "(status = 'shipped') = (shipped_at IS NOT NULL)"
    second = "status IN ('new', 'shipped', 'delivered')"
    third = "status <> 'delivered' OR delivered_at IS NOT NULL"
    found = read(first, second, third)
    (group,) = found.modes
    for alternative in group.alternatives:
        domains = {**found.domains, **{name: found.domains[name].intersect(d) for name, d in alternative.items()}}
        for expression in (first, second, third):
            assert accepted_share(expression, domains) == 1.0


def test_checks_about_different_columns_stay_apart() -> None:
    """Groups are as small as the columns they share."""
    found = read("a_id IS NULL OR b_id IS NULL", "(email IS NULL) <> (phone IS NULL)")
    assert [group.columns for group in found.modes] == [("a_id", "b_id"), ("email", "phone")]


def test_a_null_that_passes_anyway_makes_no_alternative() -> None:
    """x IS NULL OR x > 0 asks for nothing more than x > 0: x is not NULL half of the time."""
    found = read("quantity IS NULL OR quantity > 0")
    assert not found.modes
    assert not found.residual
    assert found.domains["quantity"].low == 1


def test_a_thousand_combinations_are_cut_to_what_a_plan_can_hold() -> None:
    """Ten binary choices make 1,024 alternatives; a part of them, all valid, is kept."""
    pairs = [
        ("a_id", "b_id"),
        ("b_id", "c_id"),
        ("c_id", "d_id"),
        ("d_id", "year"),
        ("year", "month"),
        ("month", "day"),
    ]
    found = read(*(f"{a} > 5 OR {b} > 5" for a, b in pairs))
    (group,) = found.modes
    assert 1 < len(group.alternatives) <= 64


def test_a_column_is_never_null_where_its_type_or_the_table_says_so() -> None:
    """NOT NULL rules alternatives out."""
    columns = {**COLUMNS, "a_id": Column("a_id", builtin("int4"), nullable=False)}
    found = read("(a_id IS NULL) <> (b_id IS NULL)", columns=columns)
    assert not found.modes
    assert found.domains["b_id"].null_only


def test_sql_functions_are_looked_into() -> None:
    """A check that only calls a function is as good as its body, NULL arguments included."""
    text = builtin("text")
    valid = SqlFunction(
        QName("public", "valid"), (("value", text),), builtin("bool"), "SELECT length(value) > 2 AND value ~ '^[a-z]+$'"
    )
    outer = SqlFunction(
        QName("public", "fine"), (("", text),), builtin("bool"), "begin return public.valid($1); end;", strict=True
    )
    found = read("public.fine(slug)", functions=[valid, outer])
    assert not found.unknown
    assert found.domains["slug"].min_length == 3
    assert found.domains["slug"].patterns[0].regex == "^[a-z]+$"


def test_a_function_that_calls_itself_is_not_understood() -> None:
    """Inlining ends."""
    looping = SqlFunction(
        QName("public", "loop"), (("x", builtin("int4")),), builtin("bool"), "SELECT public.loop(x - 1)"
    )
    assert read("public.loop(quantity)", functions=[looping]).unknown


def test_equations_do_not_go_in_circles() -> None:
    """Columns that define each other: one of them is computed, the other drawn."""
    found = read("total = price", "price = total", "total = tax + price")
    assert len(found.equations) == 1


def test_an_equation_computes_its_column() -> None:
    """The value satisfies the check that it was taken from."""
    found = read("(total = ((price * (quantity)::numeric) - discount))")
    (equation,) = found.equations
    chance = random.Random(3)
    drawn = {
        name: draw_column(COLUMNS[name], Domain(low=1, high=20), 50, chance)
        for name in ("price", "quantity", "discount")
    }
    arrays = as_arrays(COLUMNS, drawn)
    arrays["total"] = equation.value.evaluate(arrays, 50)
    assert (found.residual[0].predicate.test(arrays) != 0).all()


def test_what_a_computed_column_reads_is_not_null_where_the_column_may_not_be() -> None:
    """A sum with a NULL in it would be NULL."""
    columns = {**COLUMNS, "total": Column("total", builtin("numeric", 10, 2), nullable=False)}
    found = read("total = price - coalesce(discount, 0)", columns=columns)
    assert not found.domains["price"].nullable
    assert found.domains.get("discount", Domain()).nullable


@pytest.mark.parametrize(
    "expression",
    [
        "length(slug::int::text) <= 3",
        "jsonb_typeof(slug::jsonb) = 'object'",
        "price::int = round(price, 2)",
        "slug::varchar(3) ~ '^[a-z]+$'",
        "created_at = created_at::date",
        "weight = weight::int",
    ],
)
def test_casts_that_change_values_are_not_seen_through(expression: str) -> None:
    """What the domain does not keep is tested."""
    found = read(expression)
    assert not found.unknown
    domains = dict(found.domains)
    assert found.residual or accepted_share(expression, domains) == 1.0


def test_bounds_travel_through_sums() -> None:
    """Twelve guests at most are twelve adults at most; without bounds of its own a sum says nothing."""
    found = read("quantity BETWEEN 1 AND 12", "stock + reserved = quantity", "stock >= 1", "reserved >= 0")
    assert (found.domains["stock"].high, found.domains["reserved"].high) == (12, 11)
    ordered = read("reserved < stock", "stock < quantity", "quantity <= 100")
    assert (ordered.domains["reserved"].high, ordered.domains["stock"].high) == (98, 99)
    assert all(domain == Domain() for domain in read("reserved < stock").domains.values())


def test_the_clock_is_taken_where_it_asks_most() -> None:
    """Data are loaded later than the reference: the past ends there, the future begins ten years on."""
    assert str(read("created_at < now()").domains["created_at"].high).startswith("2025-12-31T23:59:59.999999")
    assert str(read("ends_at > now()").domains["ends_at"].low) > "2035"


def test_domains_of_columns_read_the_value_as_column() -> None:
    """A domain's check speaks of VALUE."""
    columns = {"value": Column("value", TypeRef("pg_catalog", "text"))}
    found = read("(VALUE ~ '^[a-z]+$'::text)", columns=columns)
    assert found.domains["value"].patterns[0].regex == "^[a-z]+$"


def test_a_check_of_a_column_that_is_not_there_is_told() -> None:
    """A snapshot may say so, if somebody changed it by hand: it is not understood, and nothing breaks."""
    found = read("nowhere > 3", "(nowhere is null) or (qty > 3)")
    assert [unknown.what for unknown in found.unknown] == ["column nowhere, which the table does not have"] * 2


def test_of_two_equations_in_a_circle_the_one_that_says_all_is_kept() -> None:
    """A day follows from its year, and a year that is drawn is seldom one of which a day is the first."""
    found = read("date_part('year', month_start) = year AND month_start = make_date(year, 1, 1)")
    assert [(e.column, e.columns) for e in found.equations] == [("month_start", frozenset({"year"}))]
    assert found.residual
