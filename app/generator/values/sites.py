"""Web sites of the firm that the row is about, at reserved domains."""

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.values.generator import Drawn, Generator, Siblings, pick
from app.generator.values.slugs import slugs
from app.generator.values.strings import gather, join, strings

_ENDINGS = strings([".example", ".example.com", ".test", ".example.org"])
# Of a firm's name the words before its legal form, and no more of them than people type.
_NAME = r"^([a-z0-9]+(?:-[a-z0-9]+)?).*$"
_LONGEST_LABEL = 50


class Sites(Drawn):
    """The host name of a firm, cobalt-partners.example.com; with `scheme` the address of its site."""

    arrow_type = pa.string()
    shortest = 6

    def __init__(self, own: Generator, name: str, *, scheme: bool) -> None:
        self._own, self._name = own, name
        self.needs = (name,)
        self._before, self._behind = ("https://www.", "/") if scheme else ("", "")
        self.longest = len(self._before) + _LONGEST_LABEL + len(".example.com") + len(self._behind)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Made of the firm's name; something else where the row has none."""
        own = self._own.draw(key, rows, siblings, salt)
        if self._name not in siblings:
            return own
        plain = slugs(siblings[self._name].cast(pa.string()), "-")
        label = pc.utf8_slice_codeunits(pc.replace_substring_regex(plain, _NAME, r"\1"), 0, _LONGEST_LABEL)
        ending = gather(_ENDINGS, pick(key, rows, salt, len(_ENDINGS), 1))
        site = join(self._before, label, ending, self._behind)
        return pc.if_else(pc.equal(label, ""), own, site)
