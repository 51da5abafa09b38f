"""Domains: intersected, told empty, and carried through JSON."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.generator.domain import Domain, Pattern

numbers = st.integers(-20, 20)
maybe = st.none() | numbers
domains = st.builds(
    Domain,
    nullable=st.booleans(),
    values=st.none() | st.lists(numbers, max_size=5).map(tuple),
    excluded=st.lists(numbers, max_size=3).map(tuple),
    low=maybe,
    high=maybe,
    low_strict=st.booleans(),
    high_strict=st.booleans(),
    multiple_of=st.none() | st.integers(1, 7),
    remainder=st.just(0),
)
texts = st.builds(
    Domain,
    values=st.none() | st.lists(st.sampled_from(["", "a", "Ab", " b", "abc", "é"]), max_size=4).map(tuple),
    min_length=st.none() | st.integers(0, 4),
    max_length=st.none() | st.integers(0, 4),
    max_bytes=st.none() | st.integers(0, 4),
    case=st.none() | st.sampled_from(["lower", "upper"]),
    trimmed=st.booleans(),
    not_blank=st.booleans(),
    patterns=st.lists(st.builds(Pattern, st.sampled_from(["^a", "b$"]), st.booleans(), st.booleans())).map(tuple),
    json_types=st.none() | st.just(("object",)),
    element=st.none() | domains,
)


@given(domains, domains, numbers)
def test_an_intersection_permits_what_both_permit(left: Domain, right: Domain, value: int) -> None:
    """No more, no less, in either order."""
    both = left.permits(value) and right.permits(value)
    assert left.intersect(right).permits(value) == both
    assert right.intersect(left).permits(value) == both


@given(texts, texts, st.sampled_from(["", "a", "Ab", " b", "abc", "é", "  "]))
def test_texts_intersect_the_same_way(left: Domain, right: Domain, value: str) -> None:
    """Lengths, case and blanks add up; asking for both cases at once is seen as asking for nothing."""
    joined = left.intersect(right)
    if left.case and right.case and left.case != right.case:
        assert not joined.allows_value
    else:
        assert joined.permits(value) == (left.permits(value) and right.permits(value))


@given(domains, numbers)
def test_a_domain_that_permits_a_value_is_not_empty(domain: Domain, value: int) -> None:
    """Emptiness is only told where it is certain."""
    if domain.permits(value) and not domain.null_only:
        assert domain.allows_value
        assert not domain.is_empty


@given(domains | texts)
def test_json_gives_back_the_same_domain(domain: Domain) -> None:
    """Domains are part of stored plans."""
    assert Domain.from_json(domain.to_json()) == domain


def test_decimals_stay_decimals_in_json() -> None:
    """1.50 is neither a float nor a text."""
    domain = Domain(low=Decimal("1.50"), values=(Decimal("2.25"), Decimal(3)))
    found = Domain.from_json(domain.to_json())
    assert [type(value) for value in found.values or ()] == [Decimal, Decimal]
    assert str(found.low) == "1.50"


def test_residue_classes_meet_by_the_chinese_remainder_theorem() -> None:
    """One of every twelve numbers is 1 of 4 and 0 of 3."""
    found = Domain(multiple_of=4, remainder=1).intersect(Domain(multiple_of=3))
    assert [n for n in range(24) if found.permits(n)] == [9, 21]
    assert not Domain(multiple_of=4, remainder=1).intersect(Domain(multiple_of=6, remainder=2)).allows_value
