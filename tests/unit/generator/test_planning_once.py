"""What planning finds out of a column, a table or a pattern, it finds out once: a schema of hundreds has no time else."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from app.generator import GeneratorConfig, make_plan
from app.generator.domain import Domain, Pattern
from app.generator.engine.constraints import Constraints
from app.generator.expressions import ExpressionUnknown
from app.generator.expressions.compiler import Compiler
from app.generator.expressions.pattern import PatternGenerator
from app.generator.meaning import siblings
from app.generator.planning.columns import TableColumns
from app.generator.snapshot.model import Check, Snapshot
from app.generator.types import TypeCatalog
from app.generator.values.choice import Choice
from app.generator.values.registry import build
from tests.unit.generator.schemas import INT, TEXT, column, key, shop, table


def test_a_sibling_is_read_once_for_all_columns_of_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each column of a table looks at all the others: what those are is the same for each."""
    read: Counter[str] = Counter()
    inner = siblings._concept_of

    def counting(name: str, *rest: Any) -> str | None:
        read[name] += 1
        return inner(name, *rest)

    monkeypatch.setattr(siblings, "_concept_of", counting)
    names = ["id", "first_name", "name", "street", "number", "city", "status", "total_price", "tax", "updated_at"]
    wide = table("people", *(column(name, TEXT) for name in names), keys=(key("id", primary=True),))
    make_plan(Snapshot((wide,)), GeneratorConfig(rows=3), 1)
    assert read
    assert set(read.values()) == {1}


def test_a_check_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for the tests of a column has those that others have had."""
    compiled: list[str] = []
    inner = Compiler.condition

    def counting(self: Any, expr: Any) -> Any:
        compiled.append(repr(expr))
        return inner(self, expr)

    checks = (Check("short", "length(name) < 9"), Check("odd", "name ~ '^[a-z]+$'"))
    constraints = Constraints(checks, {"name": column("name", TEXT)}, TypeCatalog(), (), GeneratorConfig().reference)
    first = constraints.tests_of(frozenset(("name",)))
    monkeypatch.setattr(Compiler, "condition", counting)
    assert constraints.tests_of(frozenset(("name", "other"))) == first
    assert [check.predicate for check in constraints.checks_of(frozenset(("name",)))] == list(first)
    assert not compiled


def test_a_pattern_is_worked_out_once() -> None:
    """The same generator for the same domain, another one for another; what cannot be read is refused each time."""
    domain = Domain(patterns=(Pattern("^[A-Z]{2}-[0-9]{4,8}$"),), max_length=20)
    assert PatternGenerator.for_domain(domain) is PatternGenerator.for_domain(domain)
    shorter = PatternGenerator.for_domain(domain, 7)
    assert shorter is not PatternGenerator.for_domain(domain)
    assert {len(text) for text in shorter.at(np.arange(500, dtype=np.int64)).to_pylist()} == {7}
    backwards = Domain(patterns=(Pattern(r"^(.)\1$"),))
    said = []
    for _ in range(2):
        with pytest.raises(ExpressionUnknown) as refused:
            PatternGenerator.for_domain(backwards)
        said.append((refused.value.what, refused.value.sql, str(refused.value)))
    assert said[0] == said[1]


@pytest.mark.parametrize(("regex", "least", "lengths"), [
    ("^[a-z]+$", 0, (1, 12)), ("^(ab|cdefghijklmnopqrstuvwxyz)$", 0, (2, 24)), ("^x{40}y*$", 0, (40, 112)),
    ("^[01]{3,}$", 0, (3, 40)), ("^[a-z]*$", 70, (70, 78)), ("^(ab|c{90})$", 0, (2, 2)), ("^a{255}a{35,}$", 0, (290, 300)),
])  # fmt: skip
def test_texts_are_as_long_as_they_were(regex: str, least: int, lengths: tuple[int, int]) -> None:
    """Counting ends where the lengths that are used do, and not before: short texts, more where they are few."""
    generator = PatternGenerator([Pattern(regex)], least)
    texts = generator.at(np.arange(min(generator.capacity, 1 << 20), dtype=np.int64)[:20_000])
    far = generator.at(np.arange(max(0, generator.capacity - 50), generator.capacity, dtype=np.int64))
    found = [len(text) for text in [*texts.to_pylist(), *far.to_pylist()]]
    assert (min(found), max(found)) == lengths


def test_a_plan_with_one_more_table_is_the_plan_of_both() -> None:
    """What is handed on from plan to plan is what would be found anew."""
    whole = make_plan(shop(), GeneratorConfig(rows=5), 1)
    grown = make_plan(shop(), GeneratorConfig(rows=5, tables=(whole.tables[0].name.name,)), 1)
    before = grown.catalog
    for added in whole.tables[1:]:
        grown = grown.with_table(added)
    assert [t.name for t in grown.tables] == [t.name for t in whole.tables]
    assert all(grown.table(t.name) is t and grown.has(t.name) for t in grown.tables)
    assert grown.catalog is before


def test_a_generator_is_built_once_for_its_place() -> None:
    """The same place in the table, whatever the rows; another one for distinct values, other options, or an order."""
    people = table("people", column("id", INT), column("city", TEXT), keys=(key("id", primary=True),))
    columns = TableColumns(people, GeneratorConfig(), "1", TypeCatalog(), {})
    city = people.columns[1]
    found = build(Choice("city", {}), columns.context(city))
    assert build(Choice("city", {}), columns.context(city, rows=9)) is found
    assert build(Choice("city", {}), columns.context(city, unique=True)) is not found
    assert build(Choice("words", {}), columns.context(city)) is not found
    rising = Choice("number", {"order": "rising"})
    few, many = (build(rising, columns.context(people.columns[0], rows=rows)) for rows in (10, 20))
    rows = np.arange(10, dtype=np.int64)
    assert few.draw(1, rows, {}, 0) != many.draw(1, rows, {}, 0)
