"""The types that have generators, with what each makes: for the documentation."""

from dataclasses import dataclass

import numpy as np

from app.errors import OptionInvalid
from app.generator.domain import Domain
from app.generator.snapshot.model import Column, QName, TypeRef
from app.generator.types import BUILTIN_SCHEMA, format_type
from app.generator.values.containers import element_text
from app.generator.values.context import ColumnContext
from app.generator.values.type_defaults import generator_for_type

_BUILT_IN = """
    bool int2 int4 int8 numeric float4 float8 money text varchar bpchar char name date timestamp timestamptz time timetz
    interval uuid bytea json jsonb jsonpath xml bit varbit inet cidr macaddr macaddr8 point line lseg box path polygon
    circle int4range int8range numrange daterange tsrange tstzrange int4multirange int8multirange nummultirange
    datemultirange tsmultirange tstzmultirange tsvector tsquery oid xid xid8 cid tid pg_lsn pg_snapshot txid_snapshot
    int2vector oidvector aclitem refcursor regclass regtype regproc regprocedure regoper regoperator regrole
    regnamespace regconfig regdictionary regcollation
""".split()
_EXTENSIONS = """
    citext hstore ltree lquery ltxtquery query_int vector halfvec sparsevec geometry geography cube seg ean13 upc isbn
    isbn13 ismn ismn13 issn issn13 semver ip4 ip6 ipaddress iprange int1 uint1 uint2 uint4 uint8
""".split()
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class TypeEntry:
    """A type, what its default generator makes, how many distinct values there are, and some of them."""

    type: str
    about: str
    capacity: int | None
    examples: tuple[str, ...]


def describe_types() -> list[TypeEntry]:
    """Every type with a default generator. Arrays of them, enums, domains, composites and ranges follow from these."""
    return [entry for entry in map(_describe, references()) if entry is not None]


def references() -> list[TypeRef]:
    """The built-in types, then those of extensions."""
    return [TypeRef(BUILTIN_SCHEMA, name) for name in _BUILT_IN] + [TypeRef("public", name) for name in _EXTENSIONS]


def _describe(ref: TypeRef) -> TypeEntry | None:
    context = ColumnContext(QName("public", "examples"), Column("value", ref), ref, Domain())
    try:
        generator = generator_for_type(context)
    except OptionInvalid:
        return None
    values = generator.draw(1, np.arange(_EXAMPLES, dtype=np.int64), {}, 0)
    about = (type(generator).__doc__ or "").strip().split("\n")[0]
    return TypeEntry(format_type(ref), about, generator.capacity, tuple(element_text(values).to_pylist()))
