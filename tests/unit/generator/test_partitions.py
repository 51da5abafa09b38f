"""What a partitioned table accepts, as one check."""

from dataclasses import replace

from app.generator import GeneratorConfig, batches, make_plan
from app.generator.planning.partitions import has_partition, partition_check
from app.generator.snapshot.model import KeyElement, PartitionKey, PartitionOf, QName, Snapshot, Table

from .schemas import TIMESTAMPTZ, column, key, table


def keyed(strategy: str, *columns: str) -> PartitionKey:
    """A partition key over columns."""
    return PartitionKey(strategy, tuple(KeyElement(c) for c in columns))  # type: ignore[arg-type]  # a literal, as text


def root(key: PartitionKey) -> Table:
    """The partitioned table t."""
    return Table(QName("public", "t"), (), kind="partitioned", partition_key=key)


def part(name: str, bound: str, parent: str = "t", key: PartitionKey | None = None) -> Table:
    """A partition."""
    above = PartitionOf(QName("public", parent), bound)
    return Table(QName("public", name), (), kind="partition", partition_of=above, partition_key=key)


def accepted(table: Table, *parts: Table) -> str | None:
    """The check's expression."""
    found = partition_check(table, Snapshot((table, *parts)))
    return None if found is None else found.expression


def test_ranges_end_to_end_are_one() -> None:
    """Months in a row are a span of time, also where one instant is written with two offsets."""
    january = part("a", "FOR VALUES FROM ('2022-01-01 00:00:00+00') TO ('2022-02-01 01:00:00+01')")
    february = part("b", "FOR VALUES FROM ('2022-02-01 00:00:00+00') TO ('2022-03-01 00:00:00+00')")
    assert accepted(root(keyed("range", "at")), january, february) == (
        "((at IS NOT NULL AND at >= '2022-01-01 00:00:00+00' AND at < '2022-03-01 00:00:00+00'))"
    )


def test_a_gap_stays_a_gap() -> None:
    """Rows between two ranges would find no partition."""
    found = accepted(
        root(keyed("range", "n")),
        part("a", "FOR VALUES FROM (MINVALUE) TO (10)"),
        part("b", "FOR VALUES FROM (20) TO (MAXVALUE)"),
    )
    assert found == "((n IS NOT NULL AND n < 10) OR (n IS NOT NULL AND n >= 20))"


def test_several_columns_compare_as_a_row() -> None:
    """A bound over two columns is lexicographic, and an equal first column falls away."""
    key = keyed("range", "y", "m")
    assert accepted(root(key), part("a", "FOR VALUES FROM (2024, 1) TO (2024, 2)")) == (
        "((y IS NOT NULL AND m IS NOT NULL AND y = 2024 AND m >= 1 AND m < 2))"
    )
    assert accepted(root(key), part("a", "FOR VALUES FROM (2024, 5) TO (2025, 3)")) == (
        "((y IS NOT NULL AND m IS NOT NULL AND (y > 2024 OR (y = 2024 AND m >= 5)) "
        "AND (y < 2025 OR (y = 2025 AND m < 3))))"
    )


def test_lists_join_and_null_has_to_be_named() -> None:
    """A list partition takes its values; NULL only where one says so."""
    key = keyed("list", "region")
    found = accepted(root(key), part("a", "FOR VALUES IN ('eu', 'o''hare')"), part("b", "FOR VALUES IN ('us')"))
    assert found == "((region IS NOT NULL AND region IN ('eu', 'o''hare', 'us')))"
    assert accepted(root(key), part("a", "FOR VALUES IN ('eu', NULL)")) == "((region IN ('eu') OR region IS NULL))"


def test_a_default_partition_takes_the_rest() -> None:
    """With a default there is nothing to check, unless it is itself divided."""
    key = keyed("list", "region")
    assert accepted(root(key), part("a", "FOR VALUES IN ('eu')"), part("d", "DEFAULT")) is None
    below = part("d", "DEFAULT", key=keyed("range", "n"))
    deeper = part("e", "FOR VALUES FROM (1) TO (2)", parent="d")
    assert accepted(root(key), part("a", "FOR VALUES IN ('eu')"), below, deeper) == (
        "((region IS NOT NULL AND region IN ('eu')) OR (((region IS NOT NULL AND region IN ('eu'))) IS NOT TRUE AND "
        "((n IS NOT NULL AND n >= 1 AND n < 2))))"
    )


def test_a_whole_hash_takes_everything() -> None:
    """All remainders together leave nothing out."""
    halves = [part(f"h{i}", f"FOR VALUES WITH (modulus 2, remainder {i})") for i in range(2)]
    assert accepted(root(keyed("hash", "id")), *halves) is None


def test_a_table_without_partitions_takes_nothing() -> None:
    """No leaf, no row: at any depth."""
    empty = root(keyed("range", "n"))
    divided = part("a", "FOR VALUES FROM (1) TO (9)", key=keyed("range", "n"))
    leaf = part("b", "FOR VALUES FROM (1) TO (5)", parent="a")
    assert not has_partition(empty, Snapshot((empty,)))
    assert not has_partition(empty, Snapshot((empty, divided)))
    assert has_partition(empty, Snapshot((empty, divided, leaf)))


def test_a_column_of_a_sequence_counts_also_where_its_key_has_more_columns() -> None:
    """The key of a partitioned table has to hold what it is partitioned by; its number is 1, 2, 3, ... all the same."""
    counted = replace(column("id"), identity="always")
    events = table("events", counted, column("created_at", TIMESTAMPTZ), keys=(key("id", "created_at", primary=True),))
    plan = make_plan(Snapshot((events,)), GeneratorConfig(rows=50), 1)
    rows = [row for batch in batches(plan, events.name, 0, None) for row in batch.to_pylist()]
    assert [row["id"] for row in rows] == list(range(1, 51))
