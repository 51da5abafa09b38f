"""Texts made for regular expressions: they match, they differ, and they depend on nothing but their number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.generator.domain import Domain, Pattern
from app.generator.expressions import ExpressionUnknown
from app.generator.expressions.matching import matcher
from app.generator.expressions.pattern import CAP, PatternGenerator
from app.generator.keys import draw

PATTERNS = [
    "^[A-Z]{2}[0-9]{4}$", "^(foo|bar|bazz)$", "@", r"^[^@]+@[^@]+\.[a-z]{2,}$", "^[a-z0-9]+(-[a-z0-9]+)*$",
    "^[a-z]{20}$", r"^(?=.*[A-Z])(?=.*\d).{8,}$", "^(?!admin)[a-z]+$", r"^\+?[1-9]\d{1,14}$", "^.{1,255}$",
    "^[[:alpha:]_][[:alnum:]_]*$", r"\S", "^https?://", "^(active|inactive|pending_.*)$", "^#[0-9a-f]{6}$",
    r"^(\d{1,3}\.){3}\d{1,3}$", "^$", "^[а-я]{3}$", "^[^a-z]+$", "a|b|c$", "^a{0,3}b?$", "[[:punct:]]", r"^\s*x\s*$",
    "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", "^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$",
    r"^T-?\d{3}.?\d{3}.?\d{3}[-.]?\d$", r"^[\w.+-]+@[\w-]+\.[\w.]+$", "(?i)^abc$", "^[-_a-z]+$", r"^\d{4}-\d{2}-\d{2}$", "[^A-Za-z0-9]", r"^\W+$",
]  # fmt: skip


def matches(patterns: list[Pattern], texts: object) -> bool:
    return all(bool((matcher(p.regex, p.ignore_case)(texts) ^ p.negated).all()) for p in patterns)


@pytest.mark.parametrize("regex", PATTERNS)
def test_texts_match_and_differ(regex: str) -> None:
    """Any number below the capacity gives a text of its own that the pattern matches."""
    generator = PatternGenerator([Pattern(regex)])
    assert 0 < generator.capacity <= CAP
    count = min(generator.capacity, 3000)
    step = max(1, generator.capacity // count)
    index = np.arange(count, dtype=np.int64) * step
    texts = generator.at(index)
    assert matches([Pattern(regex)], texts)
    assert len(set(texts.to_pylist())) == count
    assert matches([Pattern(regex)], generator.draw(draw(5, np.arange(500), 0)))


LARGE = PatternGenerator([Pattern("^[a-z]{14,40}(-[0-9]+)?$")])


@settings(deadline=None)
@given(st.integers(0, CAP - 1), st.integers(0, CAP - 1))
def test_numbers_far_apart_give_different_texts(a: int, b: int) -> None:
    """Injective over the whole range, not only where a test happens to look."""
    assert LARGE.capacity == CAP
    first, second = LARGE.at(np.array([a, b], dtype=np.int64)).to_pylist()
    assert (first == second) == (a == b)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "[ab]", "b?", "(a|bc)*", "[0-9]{1,2}", ".", "x+", "(ab|ba)"]), min_size=1, max_size=4
    ),
    st.booleans(),
)
def test_the_capacity_is_the_number_of_texts(parts: list[str], anchored: bool) -> None:
    """Ambiguous patterns are counted once per text: all of a small language are made, each once."""
    regex = "^" + "".join(parts) + ("$" if anchored else "")
    generator = PatternGenerator([Pattern(regex)], max_length=3)
    count = min(generator.capacity, 2000)
    texts = generator.at(np.arange(count, dtype=np.int64)).to_pylist()
    assert len(set(texts)) == count
    assert all(len(text) <= 3 for text in texts)


def test_patterns_hold_together() -> None:
    """One that must match and ones that must not."""
    patterns = [Pattern("^[a-z-]+$"), Pattern("--", negated=True), Pattern("^-|-$", negated=True), Pattern("B", True)]
    generator = PatternGenerator(patterns)
    texts = generator.at(np.arange(2000, dtype=np.int64))
    assert matches(patterns, texts)


def test_lengths_and_case_are_kept() -> None:
    """A domain's other rules narrow the texts."""
    domain = Domain(
        patterns=(Pattern("^[A-Za-z]+$"),), min_length=3, max_length=5, case="upper", excluded=("ABC",), trimmed=True
    )
    generator = PatternGenerator.for_domain(domain)
    texts = generator.at(np.arange(0, generator.capacity, 997, dtype=np.int64)).to_pylist()
    assert all(3 <= len(text) <= 5 and text == text.upper() and text != "ABC" for text in texts)
    assert generator.capacity == 26**3 + 26**4 + 26**5 - 1


def test_caseless_texts_differ_in_more_than_case() -> None:
    """For citext and indexes on lower(x)."""
    generator = PatternGenerator.for_domain(Domain(patterns=(Pattern("^[A-Za-z]{2}$"),)), caseless=True)
    texts = generator.at(np.arange(generator.capacity, dtype=np.int64)).to_pylist()
    assert len({text.lower() for text in texts}) == len(texts) == 26**2


def test_a_pattern_that_nothing_matches_has_no_capacity() -> None:
    """Told, not tried for ever."""
    assert PatternGenerator([Pattern("^a$"), Pattern("^b$")]).capacity == 0
    assert PatternGenerator([Pattern("^[a-z]{5}$")], max_length=4).capacity == 0


@pytest.mark.parametrize("regex", [r"(a)\1", r"\mword\M", "a(?=b)c", "(?<=a)b", "^(a{200}){200}$", "*a", "[b-a]"])
def test_what_cannot_be_generated_is_said(regex: str) -> None:
    """Back references, word boundaries, look-around inside, and what would grow too large."""
    with pytest.raises(ExpressionUnknown):
        PatternGenerator([Pattern(regex)])


def test_texts_do_not_start_like_formulas() -> None:
    """Unless the pattern itself asks for it."""
    for regex in (".", "^.{3}$", "[[:graph:]]+", r"^\S+$"):
        texts = PatternGenerator([Pattern(regex)]).draw(draw(9, np.arange(500), 0)).to_pylist()
        assert not any(text.startswith(("=", "+", "-", "@", "\t")) for text in texts)
