"""What belongs together in a row agrees."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from app.generator.domain import Domain
from app.generator.pools import table
from app.generator.snapshot.model import TypeRef
from app.generator.values.choice import Choice
from app.generator.values.context import DEFAULT_REFERENCE
from app.generator.values.generator import Tagging, draw_distinct
from app.generator.values.registry import build
from tests.unit.values.columns import BUILTIN, column, sibling_arrays

_ROWS = np.arange(1000)
_SIBLINGS = sibling_arrays(_ROWS)


def _values(name: str, kind: str = "text", options: dict[str, Any] | None = None, **more: Any) -> list[Any]:
    generator = build(Choice(name, options or {}), column(kind, **more))
    return list(generator.draw(len(name), _ROWS, _SIBLINGS, 0).to_pylist())


def test_full_name_is_first_and_last() -> None:
    """By the named siblings, and by the row's person where there are none."""
    pairs = zip(_SIBLINGS["first_name"].to_pylist(), _SIBLINGS["last_name"].to_pylist(), strict=True)
    names = [f"{first} {last}" for first, last in pairs]
    assert _values("full_name", options={"first": "first_name", "last": "last_name"}) == names
    assert _values("full_name") == names


def test_email_and_user_name_are_of_the_rows_person() -> None:
    """Made of the names in the row, without accents or blanks, distinct or not."""
    first, last = _SIBLINGS["first_name"].to_pylist(), _SIBLINGS["last_name"].to_pylist()
    plain = [f"{a}.{b}".lower().replace("'", "").replace(" ", "") for a, b in zip(first, last, strict=True)]
    for options in ({"first": "first_name", "last": "last_name"}, {"name": "full_name"}, {}):
        assert [v.partition("@")[0] for v in _values("email", options=options)] == plain
    generator = build(Choice("email", {"name": "full_name"}), column("text", unique=True))
    assert isinstance(generator, Tagging)
    tagged = generator.tag(_ROWS, 1, _ROWS, _SIBLINGS).to_pylist()
    assert all(t.startswith(p) for t, p in zip(tagged, plain, strict=True))


@pytest.mark.parametrize(
    "rules",
    [Domain(case="lower"), Domain(case="upper"), Domain(excluded=("", "a@example.com")), Domain(max_length=60)],
    ids=["lower", "upper", "excluded", "length"],
)
@pytest.mark.parametrize("name", ["email", "username"])
def test_what_a_check_wants_of_a_distinct_text_leaves_it_the_rows_person(name: str, rules: Domain) -> None:
    """An address that is unique and in one case (`email = lower(email)`) is still made of the row's names."""
    generator = build(Choice(name, {"first": "first_name", "last": "last_name"}), column("text", rules, unique=True))
    tagged = draw_distinct(generator, _ROWS, 1, _ROWS, _SIBLINGS).to_pylist()
    assert len(set(tagged)) == len(tagged)
    people = zip(tagged, _SIBLINGS["first_name"].to_pylist(), _SIBLINGS["last_name"].to_pylist(), strict=True)
    for text, first, last in people:
        assert text == {"lower": text.lower(), "upper": text.upper()}.get(rules.case or "", text)
        assert text.lower().startswith(first.lower().replace("'", ""))
        assert last.lower().replace(" ", "")[:4] in text.lower().replace("_", "").replace(".", "")


def test_another_role_is_another_person() -> None:
    """The recipient of an order is not its customer."""
    own, other = _values("first_name"), _values("first_name", options={"person": "recipient"})
    assert sum(a == b for a, b in zip(own, other, strict=True)) < 50


def test_gender_agrees_with_the_first_name() -> None:
    """In the words that the column allows."""
    women = set(build(Choice("first_name", {"gender": "f"}), column("text")).at(np.arange(381)).to_pylist())
    men = set(build(Choice("first_name", {"gender": "m"}), column("text")).at(np.arange(322)).to_pylist())
    for word, name in zip(_values("gender", options={"words": ["F", "M"]}), _values("first_name"), strict=True):
        assert name in (women if word == "F" else men)


def test_city_region_code_and_country_are_of_one_place() -> None:
    """Whatever columns a table has of them, in the locale's cities and in those of the world."""
    for world, name in ((False, "places"), (True, "world")):
        columns = table("en_US", name)
        known = set(zip(*(columns[c].to_pylist() for c in _PARTS), strict=True))
        options = {"world": world}
        rows = zip(*(_values(part, options=options) for part in _PARTS), strict=True)
        assert set(rows) <= known
        postal = _values("postal_code", options=options)
        cities = _values("city", options=options)
        patterns = set(zip(columns["city"].to_pylist(), columns["postal"].to_pylist(), strict=True))
        assert all(
            any(_fits(code, p) for c, p in patterns if c == city) for code, city in zip(postal, cities, strict=True)
        )


_PARTS = ("city", "region", "region_code", "country", "country_code", "time_zone")


def _fits(code: str, pattern: str) -> bool:
    return len(code) == len(pattern) and all(
        c.isdigit() if p == "#" else c.isalpha() if p == "?" else c == p for c, p in zip(code, pattern, strict=True)
    )


def test_coordinates_are_near_the_city() -> None:
    """Within some kilometres, in every numeric type."""
    columns = table("en_US", "places")
    where = {
        (city, region): (float(lat), float(lon))
        for city, region, lat, lon in zip(
            *(columns[c].to_pylist() for c in ("city", "region", "latitude", "longitude")), strict=True
        )
    }
    for kind in ("numeric(9,6)", "float8", "numeric(8,3)"):
        rows = zip(
            _values("city"), _values("region"), _values("latitude", kind), _values("longitude", kind), strict=True
        )
        for city, region, latitude, longitude in rows:
            expected = where[city, region]
            assert abs(float(latitude) - expected[0]) < 0.06
            assert abs(float(longitude) - expected[1]) < 0.06


def test_later_is_not_earlier_and_not_in_the_future() -> None:
    """After every sibling that it follows, and not beyond the reference."""
    created = _SIBLINGS["created_at"].to_pylist()
    for kind in ("timestamptz", "timestamp", "date"):
        for start, value in zip(created, _values("later", kind, {"of": ["created_at"]}), strict=True):
            if kind == "date":
                assert start.date() <= value <= DEFAULT_REFERENCE.date()
            else:
                assert start <= value.replace(tzinfo=UTC) <= DEFAULT_REFERENCE


def test_future_may_be_after_the_reference() -> None:
    """Expiry dates lie ahead for the youngest rows."""
    options = {"of": ["created_at"], "min_seconds": 86_400, "max_seconds": 86_400 * 400, "future": True}
    values = _values("later", "timestamptz", options)
    assert any(value > DEFAULT_REFERENCE for value in values)
    assert all(v >= c + timedelta(days=1) for v, c in zip(values, _SIBLINGS["created_at"].to_pylist(), strict=True))


def test_time_stamps_lie_in_the_last_three_years() -> None:
    """Unless options or the domain say otherwise."""
    values = _values("timestamp", "timestamptz")
    assert min(values) >= DEFAULT_REFERENCE - timedelta(days=3 * 365)
    assert max(values) < DEFAULT_REFERENCE


def test_a_moment_waits_for_its_status() -> None:
    """Null exactly where the status says that it has not come; never where the column may not be null."""
    jobs = _SIBLINGS["status"].to_pylist()
    some = sorted(set(jobs))[:150]
    options = {"of": ["created_at"], "when": {"column": "status", "words": some}}
    for job, value in zip(jobs, _values("later", "timestamptz", options), strict=True):
        assert (value is not None) == (job in some)
    always = _values("later", "timestamptz", options, domain=Domain(nullable=False))
    assert None not in always


def test_age_is_that_of_the_birth_date() -> None:
    """Full years at the reference, to the day."""
    today = DEFAULT_REFERENCE.date()
    for born, age in zip(
        _SIBLINGS["birth_date"].to_pylist(), _values("age", "int4", {"birth": "birth_date"}), strict=True
    ):
        assert age == today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def test_amounts_add_up() -> None:
    """Products, sums and shares are exact to the column's scale."""
    get = {name: array.to_pylist() for name, array in _SIBLINGS.items()}
    product = _values("product_of", "numeric(18,2)", {"of": ["quantity", "unit_price"]})
    assert product == [q * p for q, p in zip(get["quantity"], get["unit_price"], strict=True)]
    total = _values("sum_of", "numeric(12,2)", {"plus": ["subtotal", "tax"], "minus": ["discount"]})
    rows = zip(get["subtotal"], get["tax"], get["discount"], strict=True)
    assert total == [s + t - d for s, t, d in rows]
    taxes = _values("share_of", "numeric(12,2)", {"of": "subtotal", "rates": [0.19]})
    exact = [s * Decimal("0.19") for s in get["subtotal"]]
    assert all(abs(t - e) <= Decimal("0.005") for t, e in zip(taxes, exact, strict=True))


def test_a_null_sibling_leaves_a_value_of_its_own() -> None:
    """Whatever is null in the row, columns that may not be null are not."""
    nulls = {name: pa.nulls(len(_ROWS), array.type) for name, array in _SIBLINGS.items()}
    choices: list[tuple[str, str, dict[str, Any]]] = [
        ("full_name", "text", {"first": "first_name", "last": "last_name"}),
        ("email", "text", {"first": "first_name", "last": "last_name"}),
        ("username", "text", {"name": "full_name"}),
        ("slug", "text", {"of": "title"}),
        ("later", "timestamptz", {"of": ["created_at"]}),
        ("product_of", "numeric(12,2)", {"of": ["quantity", "unit_price"]}),
        ("age", "int4", {"birth": "birth_date"}),
        ("template", "text", {"template": "{first_name}!"}),
    ]
    for name, kind, options in choices:
        found = build(Choice(name, options), column(kind)).draw(1, _ROWS, nulls, 0)
        assert found.null_count == 0, name


def test_file_name_extension_and_type_agree() -> None:
    """All three columns are about the same file."""
    types = table("en_US", "file_types")
    known = dict(zip(types["extension"].to_pylist(), types["mime_type"].to_pylist(), strict=True))
    rows = zip(_values("file_name"), _values("file_extension"), _values("mime_type"), strict=True)
    for name, extension, mime in rows:
        assert name.endswith("." + extension)
        assert known[extension] == mime


def test_slug_follows_the_title() -> None:
    """Lower case and hyphens, cut to the column."""
    for title, slug in zip(_SIBLINGS["title"].to_pylist(), _values("slug", options={"of": "title"}), strict=True):
        assert slug == title.lower().replace(" ", "-")


def test_prices_mostly_look_like_prices() -> None:
    """Most end in 99, 95, 50 or 00."""
    endings = [str(v)[-2:] for v in _values("price", "numeric(10,2)")]
    assert sum(e in ("99", "95", "50", "00") for e in endings) > 600


def test_an_epoch_column_holds_seconds() -> None:
    """Integers named like moments are seconds since 1970."""
    values = _values("timestamp", "int8")
    assert all(datetime.fromtimestamp(v, UTC) < DEFAULT_REFERENCE for v in values)
    assert TypeRef(BUILTIN, "int8").name == "int8"
