"""What comments list is what columns hold."""

from dataclasses import replace

import pytest

from app.generator.meaning import choose
from app.generator.meaning.enumerated import enumerated
from tests.unit.meaning.tables import Table


@pytest.mark.parametrize(
    ("comment", "values"),
    [
        ("monthly or yearly", ("monthly", "yearly")),
        ("A = active, B = blocked", ("A", "B")),
        ("dine-in, takeaway, delivery", ("dine-in", "takeaway", "delivery")),
        ("one of: low, medium, high", ("low", "medium", "high")),
        ("Status of the order (open, paid, void)", ("open", "paid", "void")),
        ("M/F/X", ("M", "F", "X")),
        ("intern oder extern", ("intern", "extern")),
        ("1/4, 1/2, vol", ("1/4", "1/2", "vol")),
    ],
)
def test_lists_are_read_from_comments(comment: str, values: tuple[str, ...]) -> None:
    """In the forms that people write them."""
    assert enumerated(comment) == values


@pytest.mark.parametrize(
    "comment",
    ["line of business", "minimum advertised price", "ICD-10", "Straße und Hausnummer", "Name, wie er im Ausweis steht",
     "Set when the order is paid, shipped or void."],
)  # fmt: skip
def test_other_comments_list_nothing(comment: str) -> None:
    """A thing and its owner are no two values, and neither are the words of a sentence."""
    assert enumerated(comment) == ()


def test_a_column_holds_what_its_comment_lists() -> None:
    """Where its name says only that it is of a kind; a name is still a name."""
    table = Table("restaurant_orders", {"order_type": "varchar(20)", "guest_name": "varchar(80)"})
    for name, expected in (("order_type", "one_of"), ("guest_name", "full_name")):
        context = table.contexts[name]
        said = replace(context, column=replace(context.column, comment="dine-in, takeaway, delivery"), notes={})
        assert choose(said).generator == expected
