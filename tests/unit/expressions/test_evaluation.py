"""Evaluation over Arrow arrays: forms of input, NULLs, errors, speed, limits. Meanings are held against Postgres."""

import time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from app.generator.expressions import ExpressionUnknown, compile_predicate, compile_value, parse_expression
from app.generator.expressions.matching import matcher, to_python_regex, to_re2
from app.generator.expressions.regex import parse_regex
from tests.unit.expressions.checks import COLUMNS, TYPES, builtin

DECLARED = {name: column.type for name, column in COLUMNS.items()}


def answers(expression: str, **arrays: pa.Array) -> list[int]:
    found: list[int] = compile_predicate(parse_expression(expression), DECLARED, TYPES).test(arrays).tolist()
    return found


def test_true_false_and_null_are_told_apart() -> None:
    """1, 0 and -1."""
    assert answers("quantity > 2", quantity=pa.array([1, 3, None], pa.int32())) == [0, 1, -1]


def test_a_row_that_would_raise_an_error_counts_as_false() -> None:
    """Postgres would refuse it; NULL would let it in."""
    quantity, rating = pa.array([4, 4, None], pa.int32()), pa.array([2, 0, 0], pa.int32())
    assert answers("quantity / rating > 1", quantity=quantity, rating=rating) == [1, 0, -1]


def test_an_error_behind_a_guard_does_not_happen() -> None:
    """AND, OR and CASE stop where Postgres stops."""
    rating = pa.array([2, 0, None], pa.int32())
    assert answers("rating <> 0 AND 10 / rating > 1", rating=rating) == [1, 0, -1]
    assert answers("rating = 0 OR 10 / rating > 1", rating=rating) == [1, 1, -1]
    assert answers("CASE WHEN rating = 0 THEN true ELSE 10 / rating > 1 END", rating=rating) == [1, 1, -1]


@pytest.mark.parametrize(
    "make",
    [
        lambda values: pa.array([9, *values, 9], pa.int32()).slice(1, len(values)),
        lambda values: pa.array(values, pa.int32()).dictionary_encode(),
        lambda values: pa.chunked_array([pa.array(values[:1], pa.int32()), pa.array(values[1:], pa.int32())]),
    ],
    ids=["slice", "dictionary", "chunks"],
)
def test_any_form_of_an_array_is_read(make: object) -> None:
    """Slices, dictionaries and chunks are what engines hand over."""
    assert answers("quantity > 2", quantity=make([1, 3, None])) == [0, 1, -1]  # type: ignore[operator]  # the lambdas


def test_no_rows_give_no_answers() -> None:
    """Constants do not become rows."""
    empty = pa.array([], pa.int32())
    assert answers("quantity > 2 AND true", quantity=empty) == []
    assert compile_value(parse_expression("1"), {}, TYPES).evaluate({}, 0).to_pylist() == []


def test_a_single_row_of_null_is_no_value() -> None:
    """One row is not taken for a constant."""
    assert answers("meta ? 'a' OR status = 'x'", meta=pa.array([None], pa.string()), status=pa.array(["x"])) == [1]
    assert answers("jsonb_typeof(meta) = 'object'", meta=pa.array([None], pa.string())) == [-1]


def test_a_column_of_only_nulls_may_have_no_type() -> None:
    """Arrow's null type is NULL of any type."""
    assert answers("quantity > 2 OR quantity IS NULL", quantity=pa.nulls(2)) == [1, 1]


def test_constants_are_repeated() -> None:
    """A value that reads no column still has one value per row."""
    value = compile_value(parse_expression("'a' || 1 + 1"), {}, TYPES)
    assert value.evaluate({}, 3).to_pylist() == ["a2"] * 3


def test_decimals_too_large_for_64_bits_stay_exact() -> None:
    """No silent overflow: Python's integers take over."""
    price = pa.array([Decimal("99999999.00")], pa.decimal128(10, 2))
    assert answers("price * price * price * price > 9e31", price=price) == [1]
    assert answers("price * price * price * price = 99999996000000059999999600000001", price=price) == [1]


def test_integers_out_of_their_width_are_errors() -> None:
    """int4 + int4 does not become int8."""
    quantity = pa.array([2147483647, 1], pa.int32())
    assert answers("quantity + quantity > 0", quantity=quantity) == [0, 1]
    size = pa.array([2**62, 1], pa.int64())
    assert answers("size_bytes * 2 > 0", size_bytes=size) == [0, 1]


def test_a_check_on_the_clock_holds_at_load_time_too() -> None:
    """Just after the reference instant is not the future for long."""
    moments = pa.array([1767225600_000000 + 1, 2_200_000_000_000000], pa.int64()).view(pa.timestamp("us", "UTC"))
    assert answers("created_at > now()", created_at=moments) == [0, 1]
    assert answers("created_at <= now()", created_at=moments) == [0, 0]


@pytest.mark.parametrize(
    ("expression", "rows_per_s"),
    [
        ("reserved <= stock", 100e6),
        ("quantity > 5 AND quantity < 50", 50e6),
        ("price >= 0.01", 50e6),
        ("created_at <= updated_at", 50e6),
        ("a_id IS NULL OR b_id IS NOT NULL", 50e6),
        ("status = ANY (ARRAY['open', 'done'])", 5e6),
    ],
)
def test_common_checks_are_fast(expression: str, rows_per_s: float) -> None:
    """Far below what they reach on a calm machine: a tenth of it, at the best of several runs."""
    rows = 500_000
    whole = np.arange(rows, dtype=np.int64) % 100
    arrays: dict[str, pa.Array] = {
        **dict.fromkeys(("reserved", "stock", "quantity", "a_id", "b_id"), pa.array(whole.astype(np.int32))),
        "price": pa.array(whole).cast(pa.decimal128(19, 0)).cast(pa.decimal128(21, 2)),
        **dict.fromkeys(("created_at", "updated_at"), pa.array(whole).view(pa.timestamp("us", "UTC"))),
        "status": pa.array(["open", "done", "void", "bad"] * (rows // 4)),
    }
    predicate = compile_predicate(parse_expression(expression), DECLARED, TYPES)
    wanted = {name: arrays[name] for name in predicate.columns}
    best = min(_seconds(predicate.accepts, wanted) for _ in range(5))
    assert rows / best > rows_per_s / 10


def _seconds(function: object, arrays: dict[str, pa.Array]) -> float:
    started = time.process_time()
    function(arrays)  # type: ignore[operator]  # Predicate.accepts
    return max(1e-9, time.process_time() - started)


@pytest.mark.parametrize(
    "sql",
    ["1; select 2", "x from y", "select 1", "", "a >", "1 limit 1", "sum(x) over ()"],
)
def test_only_one_bounded_expression_is_read(sql: str) -> None:
    """Expressions come from users: no queries, no statements, nothing endless."""
    with pytest.raises(ExpressionUnknown):
        compile_value(parse_expression(sql), DECLARED, TYPES)


def test_large_and_deep_expressions_are_refused() -> None:
    """A limit, not a crash."""
    with pytest.raises(ExpressionUnknown):
        parse_expression("1" + " + 1" * 50_000)
    with pytest.raises(ExpressionUnknown):
        parse_expression("NOT " * 500 + "true")


def test_patterns_that_could_run_for_ever_are_refused() -> None:
    """RE2 is linear; only what it lacks goes to Python's engine, and only where that cannot explode."""
    assert to_re2(parse_regex("^(a+)+$")) is not None
    for regex in (r"^(a+)+\1$", r"^(?=(a*)*$)b", r"(?=a*a*a*a*a*a*)b"):
        with pytest.raises(ExpressionUnknown):
            to_python_regex(parse_regex(regex), regex)
        with pytest.raises(ExpressionUnknown):
            matcher(regex, False)


def test_texts_that_a_function_would_blow_up_are_errors() -> None:
    """repeat('x', 2000000000) makes no text of two gigabytes."""
    quantity = pa.array([2_000_000_000], pa.int32())
    assert answers("length(repeat('x', quantity)) > 0", quantity=quantity) == [0]
    assert answers("length(lpad('x', quantity)) > 0", quantity=quantity) == [0]


def test_a_value_takes_the_type_it_is_assigned_to() -> None:
    """Generated columns and overrides are cast as an assignment would."""
    value = compile_value(parse_expression("price / 3"), DECLARED, TYPES, target=builtin("numeric", 10, 2))
    price = pa.array([1, 2], pa.int64()).cast(pa.decimal128(19, 0)).cast(pa.decimal128(21, 2))
    assert [str(v) for v in value.evaluate({"price": price}, 2).to_pylist()] == ["0.33", "0.67"]


def test_geometries_are_asked_by_their_text() -> None:
    """PostGIS is not here; points in well-known text are."""
    from app.generator.snapshot.model import TypeRef

    declared = {"place": TypeRef("public", "geometry")}
    places = pa.array(["SRID=4326;POINT(8.5 47.4)", "POINT Z (1 2 3)", None])
    for expression, expected in (
        ("public.st_srid(place) = 4326", [1, 0, -1]),
        ("public.geometrytype(place) = 'POINT'", [1, 1, -1]),
        ("public.st_ndims(place) = 2", [1, 0, -1]),
        ("public.st_x(place) > 5", [1, 0, -1]),
    ):
        assert (
            compile_predicate(parse_expression(expression), declared, TYPES).test({"place": places}).tolist()
            == expected
        )
