"""Snapshots for tests: one with a bit of everything, and a strategy that makes consistent ones."""

from typing import Any

from hypothesis import strategies as st

from app.generator.snapshot.model import (
    Check,
    Column,
    ColumnStatistics,
    CompositeType,
    DomainType,
    EnumType,
    Exclusion,
    ExclusionElement,
    ForeignKey,
    KeyElement,
    PartitionKey,
    PartitionOf,
    QName,
    RangeType,
    Snapshot,
    SqlFunction,
    Table,
    TableStatistics,
    TypeRef,
    UniqueKey,
)

INT = TypeRef("pg_catalog", "int4")
TEXT = TypeRef("pg_catalog", "text")
DATERANGE = TypeRef("pg_catalog", "daterange")


def everything() -> Snapshot:
    """A snapshot in which every member of the model says something."""
    a = QName("public", "a")
    return Snapshot(
        tables=(
            Table(
                a,
                (
                    Column("id", INT, False, None, "always", sequence="public.a_id_seq", comment="the number"),
                    Column("name", TypeRef("pg_catalog", "varchar", (20,)), True, "'x'::text", collation="C"),
                    Column("folded", TEXT, False, collation="public.ci", collation_deterministic=False),
                    Column("shout", TEXT, generated="upper((name)::text)", generated_kind="stored"),
                    Column("quiet", TEXT, generated="lower((name)::text)", generated_kind="virtual"),
                    Column("during", DATERANGE, False),
                    Column("mood", TypeRef("public", "mood", (), 1)),
                ),
                keys=(
                    UniqueKey("a_pkey", (KeyElement("id"), KeyElement("during")), primary=True, without_overlaps=True),
                    UniqueKey("a_id", (KeyElement("id"),), deferrable=True),
                    UniqueKey(
                        "a_lower",
                        (KeyElement(expression="lower((name)::text)"), KeyElement("folded")),
                        nulls_not_distinct=True,
                        predicate="(id > 0)",
                    ),
                ),
                checks=(Check("a_check", "((name)::text <> ''::text)"),),
                exclusions=(Exclusion("a_excl", "gist", (ExclusionElement("during", "&&"),), "(id > 5)"),),
                comment="things",
            ),
            Table(
                QName("public", "b"),
                (Column("a_id", INT), Column("at", DATERANGE)),
                foreign_keys=(
                    ForeignKey("b_a", ("a_id",), a, ("id",), "full", "set null", "cascade", True, True),
                    ForeignKey("b_period", ("a_id", "at"), a, ("id", "during"), period=True, enforced=False),
                ),
            ),
            Table(QName("public", "child"), (Column("a_id", INT),), inherits=(QName("public", "b"),)),
            Table(
                QName("public", "part"),
                (Column("day", INT, False),),
                kind="partitioned",
                partition_key=PartitionKey("range", (KeyElement("day"), KeyElement(expression="(day + 1)"))),
            ),
            Table(
                QName("public", "part_1"),
                (Column("day", INT, False),),
                kind="partition",
                partition_of=PartitionOf(QName("public", "part"), "FOR VALUES FROM (1, 2) TO (3, 4)"),
            ),
        ),
        types=(
            DomainType(QName("public", "even"), INT, True, "2", (Check("even_check", "((VALUE % 2) = 0)"),)),
            EnumType(QName("public", "mood"), ("ok", "it's", "")),
            CompositeType(QName("public", "pair"), (("x", INT), ("y", TypeRef("public", "mood")))),
            RangeType(QName("public", "span"), TEXT, "spans"),
        ),
        functions=(SqlFunction(QName("public", "f"), (("x", INT), ("", TEXT)), INT, "SELECT x + 1", True),),
        extensions=("btree_gist", "citext"),
        server_version="18.6",
        statistics=(TableStatistics(a, 1_000, (ColumnStatistics("name", 0.25, -0.5, 0.75, (("x", 0.5),)),)),),
    )


_names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: len(name.encode()) <= 63
)


@st.composite
def consistent_snapshots(draw: Any) -> Snapshot:
    """Tables with odd names, keys on their first columns, and foreign keys that lead somewhere."""
    tables: list[Table] = []
    for name in draw(st.lists(st.tuples(_names, _names), min_size=1, max_size=4, unique=True)):
        columns = draw(st.lists(_names, min_size=1, max_size=4, unique=True))
        key = UniqueKey("k", (KeyElement(columns[0]),), primary=draw(st.booleans()))
        foreign_keys = []
        if tables and draw(st.booleans()):
            target = draw(st.sampled_from(tables))
            foreign_keys = [ForeignKey("f", (columns[-1],), target.name, (target.columns[0].name,))]
        made = tuple(Column(column, INT, nullable=not (key.primary and column == columns[0])) for column in columns)
        tables.append(Table(QName(*name), made, keys=(key,), foreign_keys=tuple(foreign_keys)))
    return Snapshot(tuple(sorted(tables, key=lambda table: table.name)))
