"""One guess at a value of each kind: what `guessing` tries for a row."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from app.generator.domain import Pattern
from app.generator.expressions.intervals import parse_interval
from app.generator.expressions.literals import read_range
from app.generator.expressions.material import Material
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.pattern import PatternGenerator
from app.generator.snapshot.model import TypeRef

if TYPE_CHECKING:
    import ipaddress

T = TypeVar("T")

_ALPHABETS = (
    "0123456789", "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789",
    "abcdefghijklmnopqrstuvwxyz0123456789", "0123456789abcdef",
)  # fmt: skip
_MOST_CHARACTERS = 64
_MOST_ITEMS = 12
_FICTIONAL = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
_WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "north", "south", "first", "second", "third")
_INTEGERS = frozenset({"int2", "int4", "int8"})
_HEX = re.compile(r"\\x(?:[0-9a-fA-F]{2})+")
ELEMENTS = _INTEGERS | {"text", "varchar", "citext", "numeric", "date", "float8", "float4", "bool", "uuid"}
"""The types whose arrays can be pieced together."""


class Chances:
    """A row's dice: numbers that follow from one word."""

    __slots__ = ("_word",)

    def __init__(self, word: int) -> None:
        self._word = word & 0xFFFFFFFFFFFFFFFF

    def below(self, limit: int) -> int:
        """0 <= number < limit."""
        self._word = (self._word * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return (self._word >> 33) % limit

    def of(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]


@dataclass(frozen=True, slots=True)
class Stock:
    """What a column's values can be pieced together from. `samples` match patterns of the checks."""

    material: Material
    samples: tuple[str, ...]
    base: TypeRef
    least: int
    most: int | None
    joints: tuple[str, ...] = field(init=False)
    counts: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        texts = self.material.texts
        object.__setattr__(self, "joints", tuple(t for t in texts if 0 < len(t) <= 3) or ("-", ".", " ", "/"))
        numbers = {int(n) for n in self.material.numbers if 0 <= n <= _MOST_CHARACTERS}
        near = {m for n in numbers for m in (n - 1, n, n + 1) if 0 < m <= _MOST_CHARACTERS}
        object.__setattr__(self, "counts", tuple(sorted(near)) or (1, 2, 3, 4))


def _characters(stock: Stock, chances: Chances, size: int | None = None) -> str:
    alphabet = chances.of(_ALPHABETS)
    size = size or (chances.of(stock.counts) if chances.below(2) else 1 + chances.below(12))
    return "".join(alphabet[chances.below(len(alphabet))] for _ in range(size))


def _piece(own: str, stock: Stock, chances: Chances) -> str:
    kind = chances.below(5)
    if kind == 0 and stock.samples:
        return chances.of(stock.samples)
    if kind == 1 and stock.material.texts:
        return chances.of(stock.material.texts)
    if kind == 2 and own:
        return chances.of(own.split() or [own])
    if kind == 3:
        return chances.of(_WORDS)
    return _characters(stock, chances)


def text(own: str | None, stock: Stock, chances: Chances) -> str | None:
    """A text: with one of the literals before, behind or inside it, of pieces between them, of one kind of letter."""
    own = own or ""
    kind = chances.below(8)
    joint = chances.of(stock.joints)
    if kind == 0 and stock.material.texts:
        made = chances.of(stock.material.texts)
    elif kind == 1:
        made = joint + own if chances.below(2) else _piece(own, stock, chances) + own
    elif kind == 2:
        made = own + joint if chances.below(2) else own + _piece(own, stock, chances)
    elif kind == 3:
        made = joint.join(_piece(own, stock, chances) for _ in range(1 + chances.below(5)))
    elif kind == 4:
        made = _characters(stock, chances)
    elif kind == 5:
        made = own
        for _ in range(chances.of(stock.counts) if chances.below(2) else 1 + chances.below(4)):
            at = chances.below(len(made) + 1)
            made = made[:at] + joint + made[at:]
    elif kind == 6:
        made = joint + _piece(own, stock, chances) + chances.of(stock.joints)
    else:
        made = _respelled(own, stock, chances)
    return made[: stock.most] if stock.most is not None else made[:2000]


def _respelled(own: str, stock: Stock, chances: Chances) -> str:
    kind = chances.below(6)
    if kind == 0:
        return "".join(c for c in own if c.isalnum())
    if kind == 1:
        return "".join(c for c in own.upper() if c.isalnum())
    if kind == 2:
        return "_".join(own.lower().split())
    if kind == 3:
        return own[:: -1 if chances.below(2) else 1].strip().title()
    if kind == 4:
        return str(date(2000, 1, 1) + timedelta(chances.below(9_000)))
    low = chances.of(stock.material.numbers) if stock.material.numbers else Decimal(0)
    return str(low + chances.below(10))


def _item(stock: Stock, chances: Chances) -> Any:
    name = stock.base.name
    numbers = stock.material.numbers
    if name in _INTEGERS or name in ("numeric", "float4", "float8"):
        near = chances.of(numbers) if numbers else Decimal(chances.below(100))
        near += chances.below(5) - 2 if chances.below(2) else 0
        if name in _INTEGERS:
            return int(near)
        return near if name == "numeric" else float(near)
    if name == "bool":
        return bool(chances.below(2))
    if name == "date":
        return date(2000, 1, 1) + timedelta(chances.below(9_000))
    texts = [t for t in stock.material.texts if not t.startswith("{")] or [""]
    return chances.of(texts) if chances.below(3) else chances.of(_WORDS)


def array(own: list[Any] | None, stock: Stock, chances: Chances) -> list[Any] | None:
    """An array: of elements that the checks name, of its own ones and these, of its own ones sorted, or fewer."""
    own = own or []
    kind = chances.below(6)
    texts = stock.base.name in ("text", "varchar", "citext", "uuid")
    if stock.base.name == "uuid" or (stock.base.name == "numeric" and kind < 5):
        kind = 5
    if kind == 0 and texts and stock.material.texts:
        # Each of the words or not: what is asked for together is often named together.
        return [t for t in stock.material.texts if not t.startswith("{") and chances.below(2)]
    if kind == 1:
        return [_item(stock, chances) for _ in range(chances.of(stock.counts))][:_MOST_ITEMS]
    if kind == 2:
        return [_item(stock, chances), *own][:_MOST_ITEMS]
    if kind == 3:
        return list(dict.fromkeys(_item(stock, chances) for _ in range(1 + chances.below(5))))
    if kind == 4:
        return [_item(stock, chances)] * (1 + chances.below(4))
    kept = [item for item in dict.fromkeys(own) if item is not None]
    return sorted(kept)[: chances.of(stock.counts)] if chances.below(2) else kept[: chances.of(stock.counts)]


def _value(stock: Stock, chances: Chances, depth: int = 0) -> Any:
    """A value inside a document."""
    kind = chances.below(8)
    material = stock.material
    if kind <= 1 and material.texts:
        return chances.of(material.texts)
    if kind <= 3:
        near = chances.of(material.numbers) if material.numbers else Decimal(chances.below(100))
        near += chances.below(5) - 2
        return int(near) if near == int(near) else float(near)
    if kind == 4:
        return bool(chances.below(2))
    if kind == 5:
        return chances.of(stock.samples) if stock.samples else _characters(stock, chances)
    if kind == 6 and depth < 2:
        return [_value(stock, chances, depth + 1) for _ in range(chances.of(stock.counts) % _MOST_ITEMS)]
    return None if kind == 7 and chances.below(2) else str(date(2000, 1, 1) + timedelta(chances.below(9_000)))


def document(own: str | None, stock: Stock, chances: Chances) -> str | None:
    """A document with a value at each path that the checks follow; a list or a lone value where they follow none."""
    try:
        found = json.loads(own) if own else {}
    except ValueError:
        found = {}
    paths = [path for path in stock.material.paths if path]
    kind = chances.below(4)
    if not paths or kind == 0:
        whole = [value for path, value in stock.material.hints if not path]
        if whole and chances.below(2):
            return _written(chances.of(whole))
        found = _value(stock, chances)
        if paths:
            return _written([found])
        return _written(found if chances.below(2) else {chances.of(stock.material.texts or _WORDS): found})
    if not isinstance(found, dict) or kind == 1:
        found = {}
    for path in sorted(paths, key=len):
        if not path[0].lstrip("-").isdigit():
            put(found, path, _hinted(path, stock, chances))
    return _written(found)


def _written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, default=_number)


def _number(value: Any) -> Any:
    return int(value) if value == int(value) else float(value)


def _hinted(path: tuple[str, ...], stock: Stock, chances: Chances) -> Any:
    """One of the values that the path is compared with, or near it."""
    hints = [value for other, value in stock.material.hints if other == path]
    if not hints or not chances.below(4):
        return _value(stock, chances)
    value = chances.of(hints)
    if isinstance(value, Pattern):
        return _matching(value, chances)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        if isinstance(value, list) and value and not chances.below(2):
            return value + value[:1] if chances.below(2) else value[1:]
        return value
    return value + chances.below(5) - 2


@lru_cache(maxsize=256)
def _texts_of(pattern: Pattern) -> PatternGenerator | None:
    try:
        made = PatternGenerator((pattern,))
    except ExpressionUnknown:
        return None
    return made if made.capacity else None


def _matching(pattern: Pattern, chances: Chances) -> str:
    """One of all the texts that match, so that a key over them has room."""
    texts = _texts_of(pattern)
    if texts is None or texts.capacity is None:
        return ""
    found = texts.at(np.array([chances.below(min(texts.capacity, 1 << 30))], dtype=np.int64))
    return str(found[0].as_py())


def put(holder: Any, path: tuple[str, ...], value: Any) -> None:
    """Puts a value into a document, making objects and lists on its way."""
    for place, key in enumerate(path):
        last = place == len(path) - 1
        inner: Any = value if last else [] if path[place + 1].isdigit() else {}
        if isinstance(holder, list):
            if not key.isdigit() or int(key) > _MOST_ITEMS:
                return
            holder.extend([None] * (int(key) + 1 - len(holder)))
            if last or not isinstance(holder[int(key)], type(inner)):
                holder[int(key)] = inner
            holder = holder[int(key)]
        else:
            if last or not isinstance(holder.get(key), type(inner)):
                holder[key] = inner
            holder = holder[key]


def pairs(own: str | None, stock: Stock, chances: Chances) -> str | None:
    """An hstore with the keys that checks ask for, next to its own."""
    keys = [path[-1] for path in stock.material.paths] or list(stock.material.texts[:8])
    made = [own] if own and chances.below(2) else []
    for key in dict.fromkeys(keys):
        value = _hinted((key,), stock, chances)
        if value is not None and not isinstance(value, dict | list):
            made.append(f"{_quoted(key)}=>{_quoted(str(value).lower() if isinstance(value, bool) else str(value))}")
    return ",".join(made)


def _quoted(part: str) -> str:
    return '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'


def address(own: str | None, stock: Stock, chances: Chances) -> str | None:
    """An address in one of the networks that the checks name, or with a mask that they name."""
    import ipaddress  # no other guess needs it

    nets = [net for text in stock.material.texts if (net := _network(text)) is not None]
    within = chances.of(nets) if nets and chances.below(4) else _network(chances.of((own or "", *_FICTIONAL)))
    if within is None:
        return None
    widest = within.max_prefixlen
    masks = [int(n) for n in stock.material.numbers if 0 <= n <= widest] or [within.prefixlen]
    mask = widest if chances.below(3) == 0 else min(widest, max(0, chances.of(masks) + chances.below(3) - 1))
    host = int(within.network_address) + chances.below(min(1 << (widest - within.prefixlen), 1 << 31))
    if stock.base.name == "cidr":
        host = host >> (widest - mask) << (widest - mask)
    made = ipaddress.IPv4Address(host) if within.version == 4 else ipaddress.IPv6Address(host)
    return str(made) if mask == widest and stock.base.name == "inet" else f"{made}/{mask}"


def _network(text: str) -> "ipaddress.IPv4Network | ipaddress.IPv6Network | None":
    import ipaddress

    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def span(own: str | None, stock: Stock, chances: Chances) -> str | None:
    """A range of the length, or between the bounds, that the checks name; its beginning its own."""
    try:
        read = read_range(own or "empty")
    except ValueError:
        return None
    name = stock.base.name
    if read.empty or read.low is None:
        return None
    if name in ("int4range", "int8range", "numrange"):
        numbers = [n for n in stock.material.numbers if name == "numrange" or n == int(n)]
        if not numbers:
            return None
        low, high = sorted((chances.of(numbers) + chances.below(5) - 2, chances.of(numbers) + chances.below(5) - 2))
        if chances.below(2):
            step: Decimal = chances.of(numbers)
            low, high = Decimal(read.low), Decimal(read.low) + abs(step)
        return f"[{low},{high})" if low < high else None
    return _time_span(read.low, stock, chances)


def _time_span(low: str, stock: Stock, chances: Chances) -> str | None:
    from datetime import datetime

    try:
        start = datetime.fromisoformat(low)
    except ValueError:
        return None
    kind = chances.below(3)
    if kind:
        start = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if kind == 2:
        start = start.replace(day=1)
    lengths = ["1 day", "7 days", "1 month", "3 months", "1 year", *stock.material.spans]
    length = parse_interval(chances.of(lengths))
    if length is None or length[0] < 0:
        return None
    years, month = divmod(start.month - 1 + length[0], 12)
    try:
        end = start.replace(year=start.year + years, month=month + 1)
    except ValueError:
        return None
    end += timedelta(days=length[1] + chances.below(3) // 2, microseconds=length[2])
    if end <= start:
        return None
    if stock.base.name == "daterange":
        return f"[{start.date()},{end.date()})"
    return f'["{start}","{end}")'


def bits(own: str | None, stock: Stock, chances: Chances) -> str | None:
    """A bit string with some of the bits turned."""
    if not own:
        return None
    kind = chances.below(3)
    if kind == 0:
        return ("1" if chances.below(2) else "0") * len(own)
    return "".join(bit if chances.below(4) else str(1 - int(bit)) for bit in own)


def point(own: str | None, stock: Stock, chances: Chances) -> str | None:
    """A point near the numbers that the checks name."""
    numbers = stock.material.numbers
    if not numbers:
        return None
    x, y = (chances.of(numbers) + Decimal(chances.below(401) - 200) / 100 for _ in range(2))
    return f"({x},{y})"


def binary(own: bytes | None, stock: Stock, chances: Chances) -> bytes | None:
    """Bytes of a length that the checks name, or its own ones that begin or end as they say: %PDF."""
    signatures = [bytes.fromhex(text[2:]) for text in stock.material.texts if _HEX.fullmatch(text)]
    if not signatures or not chances.below(3):
        return bytes(chances.below(256) for _ in range(chances.of(stock.counts)))
    mark, own = chances.of(signatures), own or b""
    return mark + own[len(mark) :] if chances.below(4) else own[: -len(mark) or None] + mark
