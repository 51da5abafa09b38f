"""Text for columns whose checks are regular expressions."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, reduce
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.errors import OptionInvalid
from app.generator.domain import Domain, Pattern
from app.generator.keys import Rows
from app.generator.values.between import between_test, text_between
from app.generator.values.context import ColumnContext
from app.generator.values.fitting import Limits, Paired, default_text, fit_text, text_limits
from app.generator.values.generator import MAX_CAPACITY, Generator, Indexed, Siblings, Tagging, draw_distinct, pick
from app.generator.values.reserved import Reserved

if TYPE_CHECKING:
    from app.generator.expressions.pattern import PatternGenerator

_Test = Callable[[pa.Array], npt.NDArray[np.bool_]]
# How many values show whether a generator's text is of the kind that a pattern wants.
_SAMPLE = 256
_LEAST_PASSING = 16
# How often text is drawn again that matches one of several patterns, or one that is forbidden.
_ATTEMPTS = 64
# What spreadsheets take for a formula; see OWASP on CSV injection.
_FORMULA = "^[-=+@\t\r]"
_SIGNS = "^[-=+@]"
# So many texts are enough for any key, and so many for most.
_AMPLE, _ENOUGH = 1 << 34, 1 << 22


class Checked:
    """A generator whose text passes a test; what does not is drawn again from a second one, whose text does."""

    def __init__(self, inner: Generator, test: _Test, otherwise: Generator | None, *, numbered: bool = True) -> None:
        """Not `numbered` where some of the inner generator's numbered values fail and there are no others."""
        self._inner, self._test, self._otherwise = inner, test, otherwise
        self.arrow_type = inner.arrow_type
        self.needs = inner.needs
        self.capacity, self.block = (inner.capacity, inner.block) if numbered else (None, None)
        self.longest = getattr(inner, "longest", None)
        self.shortest = getattr(inner, "shortest", 0)

    def at(self, index: Rows) -> pa.Array:
        """The inner values; one that fails is replaced, which a sample says does not happen."""
        return self._replaced(self._inner.at(index), lambda other: other.at(index % (other.capacity or 1)))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Drawn until the test passes, for some attempts."""
        values = self._inner.draw(key, rows, siblings, salt)
        for attempt in range(1, _ATTEMPTS if self._otherwise is None else 16):
            failing = np.flatnonzero(~self._test(values))
            if not failing.size:
                return values
            some = {name: array.take(pa.array(failing)) for name, array in siblings.items() if name in self.needs}
            again = self._inner.draw(key, rows[failing], some, salt + 64 * attempt)
            order = np.arange(len(rows))
            order[failing] = len(rows) + np.arange(len(failing))
            values = pa.concat_arrays([values, again]).take(pa.array(order))
        return self._replaced(values, lambda other: other.draw(key, rows, {}, salt))

    def _replaced(self, values: pa.Array, other: Callable[[Generator], pa.Array]) -> pa.Array:
        if self._otherwise is None:
            return values
        passing = self._test(values)
        if passing.all():
            return values
        return pc.if_else(pa.array(passing), values, other(self._otherwise))


class CheckedTagging(Checked):
    """The same for a generator whose distinct values follow the row's siblings."""

    def tag(self, index: Rows, key: int, rows: Rows, siblings: Siblings) -> pa.Array:
        """The inner values; one that fails is replaced, which a sample says does not happen."""
        values = draw_distinct(self._inner, index, key, rows, siblings)
        return self._replaced(values, lambda other: other.at(index % (other.capacity or 1)))


def honouring(generator: Generator, context: ColumnContext, reserved: Reserved | None = None) -> Generator:
    """The generator, made to honour the column's lengths, case, excluded values and patterns.

    `reserved` is what its text may be otherwise, where a pattern wants it written in another way.
    """
    fitted = fit_text(generator, context)
    test, otherwise = _requirements(context)
    if test is None:
        return fitted
    passing, numbered = _passing(fitted, test), _always_passes_numbered(fitted, test)
    if reserved is not None and isinstance(otherwise, PatternText) and not (passing == _SAMPLE and numbered):
        # Nor is what stands in for the few that fail anybody's.
        found = _reserved_within(context.domain, text_limits(context), reserved, otherwise.capacity)
        otherwise = found or otherwise
    if passing < _LEAST_PASSING:
        if otherwise is not None:
            return otherwise
        return Checked(fit_text(default_text(context), context), test, None)
    if numbered:
        checked = CheckedTagging if isinstance(fitted, Tagging) else Checked
        return checked(fitted, test, otherwise)
    drawn = Checked(fitted, test, otherwise)
    return drawn if otherwise is None else Paired(drawn, otherwise)


def asked_for(generator: Generator, context: ColumnContext) -> Generator:
    """The same for a generator that a person asked for: never another one's text instead. Raises OptionInvalid.

    What is made of the row's other columns is tested with the row, which is redrawn as a whole.
    """
    fitted = fit_text(generator, context, counted=generator.capacity is not None)
    test, _ = _requirements(context)
    if test is None or (fitted.needs and fitted.capacity is None):
        return fitted
    if _passing(fitted, test) < _LEAST_PASSING:
        raise OptionInvalid("the column's constraints refuse nearly all of its text")
    if _always_passes_numbered(fitted, test):
        return fitted
    return Checked(fitted, test, None, numbered=False)


def _requirements(context: ColumnContext) -> tuple[_Test | None, Generator | None]:
    """What text has to pass beside its length, and a generator that passes by construction."""
    domain = context.domain
    low, high = domain.low, domain.high
    bounded = isinstance(low, str) or isinstance(high, str)
    if bounded:
        least, most = low if isinstance(low, str) else None, high if isinstance(high, str) else None
        test = between_test(least, most, domain.low_strict, domain.high_strict)
        if domain.patterns:
            patterns = pattern_test(domain.patterns)
            return (lambda texts: test(texts) & patterns(texts)), None
        return test, text_between(least, most, text_limits(context), domain.low_strict, domain.high_strict)
    if domain.patterns:
        return pattern_test(domain.patterns), pattern_text(context)
    return None, None


def _passing(generator: Generator, test: _Test) -> int:
    """How many of a sample of the generator's draws pass: where a good part does, it is worth drawing again."""
    rows = np.arange(_SAMPLE, dtype=np.int64)
    if generator.needs and generator.capacity is None:
        return 0
    return int(np.count_nonzero(test(generator.draw(0x5A, rows, {}, 0))))


def _always_passes_numbered(generator: Generator, test: _Test) -> bool:
    """Whether all of a sample of the generator's numbered values pass."""
    if generator.capacity is None:
        return False
    first = np.arange(min(_SAMPLE, generator.capacity), dtype=np.int64)
    spread = np.linspace(0, float(generator.capacity - 1) * 0.99, _SAMPLE).astype(np.int64)
    return bool(test(generator.at(first)).all() and test(generator.at(spread)).all())


def pattern_test(patterns: tuple[Pattern, ...]) -> _Test:
    """A function that says which texts honour all the patterns. Raises OptionInvalid for one that cannot be read."""
    from app.generator.expressions import ExpressionUnknown
    from app.generator.expressions.matching import matcher

    try:
        tests = [(matcher(p.regex, p.ignore_case), p.negated) for p in patterns]
    except ExpressionUnknown as error:
        raise OptionInvalid(f"its constraints ask for a pattern that cannot be honoured: {error}") from None

    def test(texts: pa.Array) -> npt.NDArray[np.bool_]:
        found = [np.asarray(match(texts), np.bool_) ^ negated for match, negated in tests]
        return reduce(np.logical_and, found, np.ones(len(texts), np.bool_))

    return test


def pattern_text(context: ColumnContext) -> Generator | None:
    """A generator of text that matches all of the domain's patterns; None when they cannot be filled in."""
    found = _text_within(context.domain, text_limits(context), filled=context.type.name == "bpchar")
    if found is not None and not found.capacity:
        raise OptionInvalid(f"{context.table}.{context.column.name}: no text matches all of its patterns")
    return found


@lru_cache(maxsize=256)
def _text_within(domain: Domain, limits: Limits, *, filled: bool) -> "PatternText | None":
    """The generator, the same for all columns that ask for the same; without capacity where no text matches."""
    from app.generator.expressions import ExpressionUnknown
    from app.generator.expressions.pattern import PatternGenerator

    try:
        found = None
        if filled and limits.most is not None:
            # The blanks that fill a char(n) are part of what the pattern sees: best that there are none.
            found = PatternGenerator.for_domain(replace(domain, min_length=limits.most), limits.most, caseless=True)
        if found is None or found.capacity == 0:
            found = PatternGenerator.for_domain(domain, limits.most, caseless=True)
    except ExpressionUnknown:
        return None
    harmless = _harmless(found, domain, limits.most) if found.capacity else found
    return PatternText(found, harmless, limits.least, limits.most)


@lru_cache(maxsize=256)
def _reserved_within(domain: Domain, limits: Limits, reserved: Reserved, capacity: int) -> "PatternText | None":
    """Text of the domain that is nobody's; None where there is none.

    Where all of what is nobody's is too little for a key, as much as the domain has does for one.
    """
    many = _first_of(reserved.ample, domain, limits, min(capacity, _ENOUGH))
    few = _first_of(reserved.natural, domain, limits, min(capacity, _LEAST_PASSING)) or many
    few = few or _first_of(reserved.natural, domain, limits, 1)
    if few is None:
        return None
    many = many or _first_of((".*",), domain, limits, 1)
    return PatternText(many or few, few, limits.least, limits.most)


def _first_of(regexes: tuple[str, ...], domain: Domain, limits: Limits, least: int) -> "PatternGenerator | None":
    """The texts of the domain that match the first of the expressions that has so many."""
    from app.generator.expressions import ExpressionUnknown
    from app.generator.expressions.pattern import PatternGenerator

    for regex in regexes:
        wanted = replace(domain, patterns=(Pattern(f"^({regex})$"), *domain.patterns))
        try:
            found = PatternGenerator.for_domain(wanted, limits.most, caseless=True)
        except ExpressionUnknown:
            continue
        if found.capacity >= least:
            return _harmless(found, wanted, limits.most)
    return None


def regex_text(regex: str, context: ColumnContext) -> Generator:
    """A generator of text that matches a regular expression, within the column's lengths. Raises OptionInvalid."""
    from app.generator.expressions import ExpressionUnknown
    from app.generator.expressions.pattern import PatternGenerator

    limits = text_limits(context)
    anchored = regex if regex.startswith("^") else f"^({regex})$"
    wanted = replace(context.domain, patterns=(Pattern(anchored), *context.domain.patterns))
    try:
        found = PatternGenerator.for_domain(wanted, limits.most, caseless=context.unique)
    except ExpressionUnknown as error:
        raise OptionInvalid(f"the pattern {regex!r} cannot be filled in: {error}") from None
    if found.capacity == 0:
        raise OptionInvalid(f"no text of the column matches the pattern {regex!r}")
    return PatternText(found, _harmless(found, wanted, limits.most), limits.least, limits.most)


def _harmless(pattern: "PatternGenerator", domain: Domain, most: int | None) -> "PatternGenerator":
    """The pattern without texts that a spreadsheet takes for a formula, where it has others."""
    from app.generator.expressions.pattern import PatternGenerator

    if not _begins_formulas(pattern):
        return pattern
    # Whatever an expression names may come in the text: a tab only where nothing else keeps one from coming first.
    for regex in (_SIGNS, _FORMULA):
        wanted = replace(domain, patterns=(*domain.patterns, Pattern(regex, negated=True)))
        found = PatternGenerator.for_domain(wanted, most, caseless=True)
        if found.capacity and not _begins_formulas(found):
            return found
    return found if found.capacity else pattern


def _begins_formulas(pattern: "PatternGenerator") -> bool:
    """Whether some of a sample of the pattern's texts begin like a formula."""
    some = np.linspace(0, float(pattern.capacity - 1) * 0.99, _SAMPLE).astype(np.int64)
    return bool(pc.any(pc.match_substring_regex(pattern.at(some), _FORMULA)).as_py())


class PatternText(Indexed):
    """A pattern's texts as a generator; the free ones are those of `harmless`."""

    arrow_type = pa.string()

    def __init__(self, pattern: "PatternGenerator", harmless: "PatternGenerator", least: int, most: int | None) -> None:
        # Distinct values are taken from all there are only where those that do no harm are few.
        self._harmless = harmless
        self._pattern = harmless if harmless.capacity >= _AMPLE else pattern
        self.capacity = self.block = min(self._pattern.capacity, MAX_CAPACITY)
        self.longest, self.shortest = most, least

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Any text that does no harm; each is as likely."""
        return self._harmless.at(pick(key, rows, salt, min(self._harmless.capacity, MAX_CAPACITY)))

    def at(self, index: Rows) -> pa.Array:
        """The pattern's text number `index`."""
        return self._pattern.at(index)
