"""Functions and operators of the types that few checks ask about: networks, bit strings, hstore, ltree, bytea."""

import base64
import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from app.generator.expressions.addresses import read_address
from app.generator.expressions.casts import coerce
from app.generator.expressions.kinds import BOOL, BYTEA, INT4, TEXT, Kind
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Operand, lift_scalar
from app.generator.expressions.text_arguments import constant_text, text_of
from app.generator.expressions.vectors import Fails

Builder = Callable[[Sequence[Operand]], Operand]

_NETWORKS = frozenset({"inet", "cidr"})


def _of_address(kind: Kind, function: Callable[[Any], Any]) -> Builder:
    def build(arguments: Sequence[Operand]) -> Operand:
        value = arguments[0]
        if value.kind.name not in _NETWORKS:
            value = coerce(value, Kind("inet"))
        return lift_scalar(kind, lambda text: function(read_address(text)), value)

    return build


def _family(address: Any) -> int:
    return int(address.version)


def _same_family(left: Operand, right: Operand) -> Operand:
    return lift_scalar(BOOL, lambda a, b: read_address(a).version == read_address(b).version, left, right)


def _inside(strict: bool) -> Callable[[str, str], bool]:
    def test(inner: str, outer: str) -> bool:
        a, b = read_address(inner).network, read_address(outer).network
        if a.version != b.version or a.prefixlen < b.prefixlen or (strict and a.prefixlen == b.prefixlen):
            return False
        shift = a.max_prefixlen - b.prefixlen
        return int(a.network_address) >> shift == int(b.network_address) >> shift

    return test


def operator(name: str, left: Operand, right: Operand) -> Operand | None:
    """An operator on one of these types; None for any other."""
    names = {left.kind.name, right.kind.name}
    if names & _NETWORKS:
        return _network_operator(name, left, right)
    if left.kind.name == "hstore":
        return _hstore_operator(name, left, right)
    if left.kind.name == right.kind.name == "bytea" and name == "||":
        return lift_scalar(BYTEA, lambda a, b: a + b, left, right)
    if names <= {"bit", "varbit"}:
        return _bit_operator(name, left, right)
    return None


def _network_operator(name: str, left: Operand, right: Operand) -> Operand | None:
    inet = Kind("inet")
    a, b = (o if o.kind.name in _NETWORKS else coerce(o, inet) for o in (left, right))
    if name in ("<<", "<<="):
        return lift_scalar(BOOL, _inside(name == "<<"), a, b)
    if name in (">>", ">>="):
        return lift_scalar(BOOL, _inside(name == ">>"), b, a)
    if name == "&&":
        inside = _inside(strict=False)
        return lift_scalar(BOOL, lambda x, y: inside(x, y) or inside(y, x), a, b)
    return None


_HSTORE = re.compile(
    r'\s*"?((?:[^"\\]|\\.)*?)"?\s*=>\s*(?:(NULL)|"((?:[^"\\]|\\.)*)"|([^,"\s]*))\s*(?:,|$)', re.IGNORECASE
)


def read_hstore(text: str) -> dict[str, str | None]:
    """The pairs of an hstore's text."""
    found: dict[str, str | None] = {}
    for match in _HSTORE.finditer(text):
        key, null, quoted, plain = match.groups()
        value = None if null else quoted if quoted is not None else plain
        found.setdefault(_unescaped(key), None if value is None else _unescaped(value))
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _hstore_operator(name: str, left: Operand, right: Operand) -> Operand | None:
    if name == "?":
        return lift_scalar(BOOL, lambda text, key: key in read_hstore(text), left, text_of(right))
    if name == "->":
        return lift_scalar(TEXT, lambda text, key: read_hstore(text).get(key), left, text_of(right))
    if name in ("?&", "?|"):
        keys = coerce(right, Kind("array", TEXT))
        test = all if name == "?&" else any
        return lift_scalar(BOOL, lambda text, wanted: test(key in read_hstore(text) for key in wanted), left, keys)
    if name == "@>" and right.kind.name in ("hstore", "unknown"):
        other = coerce(right, Kind("hstore"))
        return lift_scalar(BOOL, lambda a, b: read_hstore(b).items() <= read_hstore(a).items(), left, other)
    return None


_BITS: dict[str, Callable[[int, int], int]] = {
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "#": lambda a, b: a ^ b,
}


def _bit_operator(name: str, left: Operand, right: Operand) -> Operand | None:
    if name == "||":
        return lift_scalar(Kind("varbit"), lambda a, b: a + b, left, right)
    function = _BITS.get(name)
    if function is None:
        return None

    def combine(a: str, b: str) -> str:
        if len(a) != len(b):
            raise Fails("cannot combine bit strings of different sizes")
        return f"{function(int(a, 2), int(b, 2)):0{len(a)}b}" if a else ""

    return lift_scalar(left.kind, combine, left, right)


def _encode(arguments: Sequence[Operand]) -> Operand:
    value, form = coerce(arguments[0], BYTEA), constant_text(arguments[1], "an encoding").lower()
    if form == "hex":
        return lift_scalar(TEXT, lambda data: data.hex(), value)
    if form == "base64":
        return lift_scalar(TEXT, _wrapped_base64, value)
    raise ExpressionUnknown(f"the encoding {form}")


def _wrapped_base64(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    return "\n".join(text[i : i + 76] for i in range(0, len(text), 76))


def _decode(arguments: Sequence[Operand]) -> Operand:
    value, form = text_of(arguments[0]), constant_text(arguments[1], "an encoding").lower()
    if form != "hex":
        raise ExpressionUnknown(f"the encoding {form}")
    return lift_scalar(BYTEA, bytes.fromhex, value)


def _get_byte(arguments: Sequence[Operand]) -> Operand:
    def get(data: bytes, index: int) -> int:
        if not 0 <= index < len(data):
            raise Fails("index out of valid range")
        return data[index]

    return lift_scalar(INT4, get, coerce(arguments[0], BYTEA), coerce(arguments[1], INT4))


_GEOMETRY = re.compile(
    r"\s*(?:SRID\s*=\s*(\d+)\s*;)?\s*([A-Z]+)\s*(ZM|Z|M)?\s*(EMPTY|\(.*\))\s*", re.IGNORECASE | re.DOTALL
)
_SHAPES = {
    name.upper(): name
    for name in "Point LineString Polygon MultiPoint MultiLineString MultiPolygon GeometryCollection".split()
}


def _geometry(kind: Kind, function: Callable[["re.Match[str]", str], Any]) -> Builder:
    """A function of a geometry's (extended) well-known text; binary forms are not read."""

    def build(arguments: Sequence[Operand]) -> Operand:
        (value,) = arguments
        name = value.kind.name
        if name not in ("geometry", "geography"):
            raise ExpressionUnknown(f"a value of type {name} where a geometry is expected")

        def ask(text: str) -> Any:
            found = _GEOMETRY.fullmatch(text)
            if found is None:
                raise Fails("not well-known text")
            return function(found, name)

        return lift_scalar(kind, ask, value)

    return build


def _coordinate(place: int) -> Callable[["re.Match[str]", str], Any]:
    def take(found: "re.Match[str]", _: str) -> float | None:
        if found[2].upper() != "POINT" or found[4].upper() == "EMPTY":
            return None
        numbers = found[4].strip("() ").split()
        return float(numbers[place]) if place < len(numbers) else None

    return take


def _spatial_dimensions(found: "re.Match[str]", _: str) -> int:
    if found[4].upper() == "EMPTY":
        return 2 + len(found[3] or "")
    return len(found[4].strip("() ").split(",")[0].split())


def _is_simple(found: "re.Match[str]", _: str) -> bool:
    """Points are always valid; whether other shapes are is geometry that is not worked out here."""
    if found[2].upper() not in ("POINT", "MULTIPOINT"):
        raise Fails("validity of such a shape")
    return True


def _vector_size(arguments: Sequence[Operand]) -> Operand:
    return lift_scalar(INT4, lambda text: text.count(",") + 1 if text.strip("[] ") else 0, arguments[0])


def _uuid_version(arguments: Sequence[Operand]) -> Operand:
    def version(text: str) -> int | None:
        return uuid.UUID(text).version

    return lift_scalar(Kind("int2"), version, coerce(arguments[0], Kind("uuid")))


def _bit_count(arguments: Sequence[Operand]) -> Operand:
    (value,) = arguments
    if value.kind.name == "bytea":
        return lift_scalar(Kind("int8"), lambda data: int.from_bytes(data, "big").bit_count(), value)
    return lift_scalar(Kind("int8"), lambda bits: bits.count("1"), value)


FUNCTIONS: dict[str, Builder] = {
    "family": _of_address(INT4, _family),
    "masklen": _of_address(INT4, lambda address: address.network.prefixlen),
    "host": _of_address(TEXT, lambda address: str(address.ip)),
    "network": _of_address(Kind("cidr"), lambda address: str(address.network)),
    "broadcast": _of_address(
        Kind("inet"), lambda address: f"{address.network.broadcast_address}/{address.network.prefixlen}"
    ),
    "inet_same_family": lambda arguments: _same_family(*arguments),
    "encode": _encode,
    "decode": _decode,
    "get_byte": _get_byte,
    "uuid_extract_version": _uuid_version,
    "bit_count": _bit_count,
    "st_srid": _geometry(INT4, lambda found, kind: int(found[1] or (4326 if kind == "geography" else 0))),
    "geometrytype": _geometry(TEXT, lambda found, _: found[2].upper() + ("M" if found[3] in ("M", "m") else "")),
    "st_geometrytype": _geometry(TEXT, lambda found, _: "ST_" + _SHAPES.get(found[2].upper(), found[2])),
    "st_ndims": _geometry(Kind("int2"), _spatial_dimensions),
    "st_coorddim": _geometry(Kind("int2"), _spatial_dimensions),
    "st_isempty": _geometry(BOOL, lambda found, _: found[4].upper() == "EMPTY"),
    "st_isvalid": _geometry(BOOL, _is_simple),
    "st_issimple": _geometry(BOOL, _is_simple),
    "st_x": _geometry(Kind("float8"), _coordinate(0)),
    "st_y": _geometry(Kind("float8"), _coordinate(1)),
    "vector_dims": _vector_size,
}
