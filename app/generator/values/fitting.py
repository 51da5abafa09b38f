"""Text that honours a column's length, case and excluded values."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.pools import pool, resolve_locale
from app.generator.spelling import Column
from app.generator.values.choices import Listed
from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator, Indexed, Siblings, spell_drawn
from app.generator.values.strings import gather, strings
from app.generator.values.texts import Codes, Fitted, Phrases, not_longer, short_codes

# So many entries of a pool are worth keeping where codes must follow.
_FEWEST_OWN = 8
# Characters from which on a column is taken for prose rather than for a word.
_PHRASE_ROOM = 30
_BYTES_PER_CHARACTER = {"ja": 3}
_NAME_BYTES = 63


@dataclass(frozen=True, slots=True)
class Limits:
    """How many characters a text may have."""

    least: int
    most: int | None

    def hold(self, shortest: int, longest: int | None) -> bool:
        """Whether texts of those lengths all fit."""
        return shortest >= self.least and (self.most is None or (longest is not None and longest <= self.most))


class Paired:
    """Draws from one generator, counts with another: free text reads better than distinct text can."""

    def __init__(self, drawn: Generator, counted: Generator) -> None:
        self._drawn, self._counted = drawn, counted
        self.arrow_type = drawn.arrow_type
        self.needs = drawn.needs
        self.capacity, self.block = counted.capacity, counted.block

    def at(self, index: Rows) -> pa.Array:
        """The counted generator's values."""
        return self._counted.at(index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The drawn generator's values."""
        return self._drawn.draw(key, rows, siblings, salt)

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Column:
        """The drawn generator's pieces."""
        return spell_drawn(self._drawn, key, rows, siblings, salt)


def text_limits(context: ColumnContext) -> Limits:
    """The lengths that type and domain leave, in characters."""
    domain, name = context.domain, context.type.name
    width = 2 if resolve_locale(context.locale) != "en_US" else 1
    width = _BYTES_PER_CHARACTER.get(context.locale[:2], width)
    tops = [domain.max_length]
    if domain.max_bytes is not None:
        tops.append(domain.max_bytes // width)
    if name in ("varchar", "bpchar") and context.type.modifiers:
        tops.append(context.type.modifiers[0])
    if name == "name":
        tops.append(_NAME_BYTES // width)
    if name == "char":
        tops.append(1)
    least = max(domain.min_length or 0, domain.min_bytes or 0, 1 if domain.not_blank else 0)
    return Limits(least, min((top for top in tops if top is not None), default=None))


def default_text(context: ColumnContext) -> Generator:
    """Words for a text column of which nothing is known."""
    if context.type.name == "char":  # one byte, in any case
        return short_codes(1, plain=True)
    words = pool(resolve_locale(context.locale), "words")
    limits = text_limits(context)
    return _natural_text(words, limits)


def _natural_text(words: pa.Array, limits: Limits) -> Generator:
    if limits.most is None or limits.most >= _PHRASE_ROOM:
        return Phrases([capitalised(words), " ", words, " ", words])
    kept = not_longer(words, limits.most)
    if len(kept) < 10 or limits.most < 3:
        return short_codes(max(1, limits.most), limits.least)
    return Phrases([kept])


def capitalised(words: pa.Array) -> pa.Array:
    """Words with a capital first letter."""
    return strings([word[:1].upper() + word[1:] for word in words.to_pylist()])


def fit_text(generator: Generator, context: ColumnContext, *, counted: bool = True) -> Generator:
    """The generator, made to honour the column's length, case and excluded values.

    Cutting or filling costs a text its distinctness, so then words with numbers, or codes, do the counting; nothing
    does where it is not to be `counted`.
    """
    limits, domain = text_limits(context), context.domain
    if limits.most == 0:
        return Listed(strings(("",)))
    excluded = tuple(value for value in domain.excluded if isinstance(value, str))
    if isinstance(generator, Phrases) and limits.most is not None and generator.longest > limits.most:
        # Short words read better than words cut short.
        generator = generator.shortened(limits.most) or generator
    shortest, longest = getattr(generator, "shortest", 0), getattr(generator, "longest", None)
    fits = limits.hold(shortest, longest)
    tagged = isinstance(generator, Phrases)
    # Mail addresses that are made longer stay different.
    stretches = getattr(generator, "stretches", False) and limits.hold(limits.least, longest)
    if fits and not excluded and domain.case is None and not (tagged and limits.most is not None):
        return generator
    drawn: Generator = generator
    if not fits or excluded or domain.case:
        short_enough = longest is not None and limits.most is not None and longest <= limits.most
        long_enough = shortest >= limits.least
        drawn = Fitted(
            generator,
            # Cutting a text may leave a blank at its end, which is trimmed: so it needs to know the least as well.
            least=0 if long_enough and (short_enough or limits.most is None) else limits.least,
            most=None if short_enough else limits.most,
            case=domain.case,
            excluded=excluded,
            countable=(fits or (stretches and not excluded)) and not tagged,
        )
    if not counted:
        return drawn
    if drawn.capacity is None or (tagged and limits.most is not None):
        drawn = Paired(drawn, _counted_text(generator, limits, domain.case, excluded))
    return drawn


def _counted_text(generator: Generator, limits: Limits, case: str | None, excluded: tuple[str, ...]) -> Generator:
    """Distinct texts within the limits, of the generator's own pool where there is room for a number behind."""
    counted: Generator | None = None
    if isinstance(generator, Phrases):
        counted = generator.within(limits.least, limits.most)
        if counted is None and len(generator.entries) >= _FEWEST_OWN:
            kept = generator.entries.filter(
                pc.and_(
                    pc.greater_equal(pc.utf8_length(generator.entries), limits.least),
                    pc.less_equal(pc.utf8_length(generator.entries), limits.most),
                )
            )
            if len(kept) >= _FEWEST_OWN:
                return Extended(kept, limits, case, excluded)
    if counted is None:
        most = limits.most if limits.most is not None else max(limits.least, 12)
        counted = Codes(limits.least) if limits.least > 8 else short_codes(most, limits.least)
    if case is None and not excluded:
        return counted
    return Fitted(counted, case=case, excluded=excluded)


class Extended(Indexed):
    """The entries of a pool first, then codes that are none of them, where there is no room for a number behind."""

    arrow_type = pa.string()

    def __init__(self, entries: pa.Array, limits: Limits, case: str | None, excluded: tuple[str, ...]) -> None:
        if excluded:
            entries = entries.filter(pc.invert(pc.is_in(entries, strings(excluded))))
        most = limits.most if limits.most is not None else 12
        if case is not None:
            entries = pc.utf8_upper(entries) if case == "upper" else pc.utf8_lower(entries)
        taken = tuple(entry.upper() if case == "upper" else entry.lower() for entry in entries.to_pylist())
        self._entries = entries
        self._codes = Fitted(short_codes(most, limits.least), case=case, excluded=(*taken, *excluded))
        self.block = max(1, len(entries))
        self.capacity = len(entries) + (self._codes.capacity or 0)

    def at(self, index: Rows) -> pa.Array:
        """The entries, then the codes."""
        size = len(self._entries)
        later = index >= size
        if not later.any():
            return gather(self._entries, index)
        text = gather(self._entries, np.where(later, 0, index)) if size else strings([""] * len(index))
        return pc.if_else(pa.array(later), self._codes.at(np.maximum(index - size, 0)), text)
