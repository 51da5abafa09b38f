"""The worked examples of the handbook: requests over one small shop, with what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """A part of `config`, the columns that it is about, and how many of their rows are shown."""

    title: str
    about: str
    config: Mapping[str, Any]
    table: str
    columns: tuple[str, ...]
    rows: int = 5


def _customers(**overrides: Any) -> dict[str, Any]:
    return {"rows": 100, "overrides": {"customers": overrides}}


EXAMPLES = (
    Example(
        "A constant",
        "A string, number or boolean is the value of every row. `null` leaves a column that may be empty empty.",
        _customers(plan="free", notes=None),
        "customers",
        ("id", "plan", "notes"),
        3,
    ),
    Example(
        "One of a list",
        "A list gives each value the same chance.",
        _customers(plan=["free", "pro", "team"]),
        "customers",
        ("id", "plan"),
    ),
    Example(
        "A list with weights",
        "Weights are any numbers; their ratio counts. `nullRate`, from 0 to 1, goes with every object.",
        _customers(plan={"values": ["free", "pro", "team"], "weights": [85, 12, 3], "nullRate": 0.1}),
        "customers",
        ("id", "plan"),
        8,
    ),
    Example(
        "A template over the row's other columns",
        "`{column}` stands for the row's value, `{{` and `}}` for braces. The column is unique: where two rows would "
        "get the same text, the later one is drawn again, names included. Text that is too long for the "
        "column is cut in front of what the template ends in.",
        _customers(email={"template": "{first_name}.{last_name}@example.com"}),
        "customers",
        ("first_name", "last_name", "email"),
    ),
    Example(
        "A regular expression",
        "In Postgres' syntax. Every text that matches can come, none that starts like a spreadsheet's formula where "
        "there are others.",
        _customers(reference={"regex": "(EU|US)-[A-F][0-9]{4}"}),
        "customers",
        ("id", "reference"),
    ),
    Example(
        "A pattern",
        "The short form for codes: `#` is a digit, `?` a capital letter.",
        _customers(reference={"pattern": "??-####"}),
        "customers",
        ("id", "reference"),
    ),
    Example(
        "A sequence",
        "By the row's number: `start`, then `step` more each time.",
        _customers(id={"sequence": {"start": 5000, "step": 5}}),
        "customers",
        ("id", "first_name"),
    ),
    Example(
        "An expression over the row's other columns",
        "A SQL expression as a check has it: operators, `case`, casts, and the functions that need no database. It is "
        "read by Postgres' own parser and computed over whole columns; there is no `eval`, nothing reaches a server.",
        _customers(
            plan={"expression": "case when loyalty > 800 then 'team' when loyalty > 300 then 'pro' else 'free' end"}
        ),
        "customers",
        ("loyalty", "plan"),
    ),
    Example(
        "A generator with options",
        "Any generator of the list below. `distribution` is `uniform`, `normal`, `skewed` or `zipf`.",
        _customers(loyalty={"generator": "number", "options": {"min": 0, "max": 1000, "distribution": "normal"}}),
        "customers",
        ("id", "loyalty"),
    ),
    Example(
        "A share of nulls alone",
        "The column keeps its meaning.",
        _customers(plan={"nullRate": 0.3}),
        "customers",
        ("id", "plan"),
        8,
    ),
    Example(
        "NULL unless another column says so",
        "`when` goes with every generator's options: the column is NULL unless the other one has one of the words. "
        "Without `words` the other has to be true, or there.",
        {
            "rows": {"customers": 50, "orders": 400, "order_lines": 0},
            "overrides": {
                "orders": {
                    "shipped_at": {
                        "generator": "later",
                        "options": {
                            "of": ["ordered_at"],
                            "when": {"column": "status", "words": ["shipped", "delivered"]},
                        },
                    }
                }
            },
        },
        "orders",
        ("id", "status", "ordered_at", "shipped_at"),
    ),
    Example(
        "A time series",
        "More rows at noon than at night, fewer at weekends, and twice as many at the end as at the start. `steady` is "
        "for none of it.",
        _customers(
            signed_up_at={
                "generator": "timestamp",
                "options": {
                    "min": "2025-01-01",
                    "max": "2025-12-31",
                    "precision": "minute",
                    "pattern": {"daily": True, "weekly": True, "growth": 1},
                },
            }
        ),
        "customers",
        ("id", "signed_up_at"),
    ),
    Example(
        "Which parents are picked, and how many rows have none",
        "A foreign key's column takes the key of a row that is there, so that an override of it gives no value: it "
        "says how the parents are picked (`uniform`, `skewed`, `zipf`) and, where it may be empty, how often it is.",
        {
            "rows": {"customers": 50, "orders": 400, "order_lines": 0},
            "overrides": {
                "orders": {"customer_id": {"reference": {"distribution": "zipf"}}, "referred_by": {"nullRate": 0.8}}
            },
        },
        "orders",
        ("id", "customer_id", "referred_by"),
    ),
    Example(
        "So many children for each parent, and totals that are their sums",
        "`perParent` has `min` and `max` (or `exactly`), a `distribution` (`uniform`, `skewed`, `pareto` for a heavy "
        "tail) and a `mean`, which every hundred parents keep exactly. Then an order's total is the sum of its lines: "
        "by its name, or by an `aggregate` (`sum`, `count`, `min`, `max` of an expression over the children).",
        {
            "rows": {"customers": 50, "orders": 200, "order_lines": {"perParent": {"min": 1, "max": 40, "mean": 2.5}}},
            "overrides": {
                "orders": {"total": {"aggregate": {"table": "order_lines", "expression": "quantity * unit_price"}}}
            },
        },
        "orders",
        ("id", "total"),
    ),
    Example(
        "The lines of these orders",
        "The same request: line 1 of order 1, and so on.",
        {
            "rows": {"customers": 50, "orders": 200, "order_lines": {"perParent": {"min": 1, "max": 40, "mean": 2.5}}},
        },
        "order_lines",
        ("order_id", "line_no", "quantity", "unit_price", "line_total"),
        6,
    ),
    Example(
        "Another language",
        "Names, streets, cities, phone numbers and words of a locale. A column that has a country takes places of the "
        "whole world.",
        {"rows": 100, "locale": "pt_BR"},
        "customers",
        ("first_name", "last_name", "email"),
        3,
    ),
    Example(
        "Text that breaks programs",
        "With `nasty` the text columns that no key, check, reference or computed column reads get quotes, line breaks, "
        "formulas, right-to-left text, emoji, hardly any text and far too much. The rows still load.",
        {"rows": 100, "nasty": True},
        "customers",
        ("id", "plan", "notes"),
        6,
    ),
)

# A request in which everything is wrong.
REFUSED: Mapping[str, Any] = {
    "rows": {"customers": 100, "orders": 100, "order_lines": 100},
    "overrides": {
        "custmers": {"plan": "free"},
        "customers": {
            "plann": "free",
            "email": "me@example.com",
            "loyalty": {"generator": "number", "options": {"mni": 1, "distribution": "zip"}},
            "reference": {"regx": "[A-Z]"},
        },
        "orders": {"customer_id": 7, "total": {"aggregate": {"table": "order_lines", "expression": "quantity"}}},
    },
}
