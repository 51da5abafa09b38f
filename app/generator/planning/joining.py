"""In what order a table's references are picked where they share columns.

(project, account) -> accounts, (project, provider) -> providers and (provider, user) -> users: picked first, an account
and a user seldom have a provider between them. Picked from one to the next (an account, a provider of its project, a
user of that), each looks for what one other has given, and can be told beforehand which rows lead on.
"""

from collections.abc import Collection, Sequence

from app.generator.snapshot.model import ForeignKey

# Few tables have more than a handful of references that share columns; looking takes the cube of their number.
_MOST_JOINED = 32


def in_joining_order(ordered: Sequence[ForeignKey], loose: Collection[str]) -> list[ForeignKey]:
    """The references in an order in which as few as possible have to agree with more than one of those before.

    They stay in the order given where that has none. Those with a `loose` column (that may be NULL, or is computed)
    keep their places.
    """
    firm = [key for key in ordered if not set(key.columns) & set(loose)]
    if len(firm) > _MOST_JOINED or not (strained := _strained(firm)):
        return list(ordered)
    # Each as the first one.
    found = min((_from(first, firm) for first in firm), key=_strained)
    if _strained(found) == strained:
        return list(ordered)
    ways = iter(found)
    return [next(ways) if key in firm else key for key in ordered]


def _strained(keys: Sequence[ForeignKey]) -> int:
    """How many have columns that two before it have given, and none has given all of."""
    return sum(_is_strained(key, keys[:place]) for place, key in enumerate(keys))


def _is_strained(key: ForeignKey, before: Sequence[ForeignKey]) -> bool:
    given = {c for other in before for c in other.columns} & set(key.columns)
    return bool(given) and not any(given <= set(other.columns) for other in before)


def _from(first: ForeignKey, keys: Sequence[ForeignKey]) -> list[ForeignKey]:
    """The keys from one on, each time the first that joins what is there in one place."""
    found, left = [first], [key for key in keys if key is not first]
    while left:
        given = {c for key in found for c in key.columns}
        joined = [key for key in left if given & set(key.columns)]
        smooth = [key for key in joined if not _is_strained(key, found)]
        following = (smooth or joined or left)[0]
        found.append(following)
        left.remove(following)
    return found
