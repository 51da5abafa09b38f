"""Comments on columns, read as if they were names of columns."""

import re
from collections.abc import Iterator

from app.generator.meaning.naming import raw_tokens

# Street and house number are one line of an address.
_AND = re.compile(r"(?<=\w)-? (and|und|et|en|y|e|&) (?=\w)", re.IGNORECASE)


_LONGEST_SPELLED = 4
# What ends the words that a comment begins with, and says more of them.
_SAID_OF_IT = re.compile(
    r"[.,;:(/\n]| - | (?:in|je|pro|per|von|vom|der|des|für|zum|zur|am|bei|mit|van|voor|op|bij|met|of|for|on|at|by) ",
    re.IGNORECASE,
)


def spelled_out(name: str, comment: str) -> str | None:
    """The comment's first words, where the name is those words cut short: hk_vorausz for Heizkostenvorauszahlung.

    Each of the name's pieces has its letters in the comment in their order, the first of all being the same, and the
    comment has at least as many letters more as make it a longer word.
    """
    if "=" in comment:
        return None
    words = _SAID_OF_IT.split(comment, maxsplit=1)[0].split()
    if not words or len(words) > _LONGEST_SPELLED:
        return None
    short = "".join(raw_tokens(name))
    for count in range(1, len(words) + 1):  # The fewest words that have all the name's letters.
        spelled = "_".join(words[:count])
        letters = "".join(raw_tokens(spelled))
        rest = iter(letters)
        if len(short) > 1 and len(letters) > len(short) and all(letter in rest for letter in short):
            return spelled if letters[0] == short[0] else None
    return None


def phrases(comment: str) -> Iterator[str]:
    """A comment's first phrase as names of columns: `Name of the product` as product_name, then as name."""
    if "=" in comment:
        return  # `A = active, B = blocked`
    phrase = re.split(r"[.,;:(\n]| - | in | for ", comment, maxsplit=1)[0]
    phrase = _AND.sub(" ", phrase)
    head, _, rest = phrase.partition(" of ")
    if rest and head.split():
        yield "_".join([*rest.removeprefix("the ").removeprefix("a ").split()[:3], *head.split()[-2:]])
    yield "_".join(phrase.split()[:5])
    yield "_".join(head.split()[:4])
