"""Comments on columns, read as if they were names of columns."""

import re
from collections.abc import Iterator

# Street and house number are one line of an address.
_AND = re.compile(r"(?<=\w)-? (and|und|et|en|y|e|&) (?=\w)", re.IGNORECASE)


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
