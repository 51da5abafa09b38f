"""The texts around the rows: how psql is told to load them, and what an archive says of itself."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from app.generator.archive.zip import Written
from app.generator.formats.identifiers import quote_name, quote_qualified, quote_text
from app.generator.layout.parts import Layout
from app.generator.plan import Plan, TablePlan
from app.generator.snapshot.model import QName

# What the text of values depends on. LOCAL: the session is left as it was.
_SETTINGS = (
    ("statement_timeout", "0"),
    ("client_encoding", "'UTF8'"),
    ("standard_conforming_strings", "on"),
    ("IntervalStyle", "'postgres'"),
    ("lc_monetary", "'C'"),
    ("xmloption", "content"),
)
_COUNTED = ("int2", "int4", "int8", "numeric")


def describe(plan: Plan) -> str:
    """One line that says what this is. ASCII, and without a line break whatever the seed holds."""
    return f"Seedbed, engine {plan.engine_version}, seed {json.dumps(plan.seed)}, plan {plan.digest}"


def script_start(plan: Plan, usage: str, *, for_psql: bool = True) -> bytes:
    """What a script begins with: one transaction, in which settings of the session change no value."""
    lines = [f"-- {describe(plan)}", f"-- {usage}", *(["\\set ON_ERROR_STOP on"] if for_psql else []), "BEGIN;"]
    lines += [f"SET LOCAL {name} = {value};" for name, value in _SETTINGS]
    lines += [f"{alter} DEFERRABLE;" for alter in _forced(plan)]
    if any(relation.deferred for table in plan.tables for relation in table.relations):
        # Some foreign keys are part of a cycle: they hold when all tables are loaded.
        lines.append("SET CONSTRAINTS ALL DEFERRED;")
    return ("\n".join(lines) + "\n\n").encode()


def script_end(plan: Plan) -> bytes:
    """What it ends with: sequences go on after the rows, and everything is there or nothing."""
    lines = [statement for table in plan.tables for statement in sequence_statements(table)]
    if restored := [f"{alter} NOT DEFERRABLE;" for alter in _forced(plan)]:
        # What is deferred is checked here, since a table with checks pending cannot be altered.
        lines += ["SET CONSTRAINTS ALL IMMEDIATE;", *restored]
    return ("\n".join([*lines, "COMMIT;"]) + "\n").encode()


def _forced(plan: Plan) -> Iterator[str]:
    """The constraints of cycles that no row could start, which take an owner of the tables to load."""
    for table in plan.tables:
        for relation in table.relations:
            if relation.forced:
                yield f"ALTER TABLE {quote_qualified(table.name)} ALTER CONSTRAINT {quote_name(relation.name)}"


def sequence_statements(table: TablePlan) -> Iterator[str]:
    """Statements that set the sequences of a table's columns behind the last of its values.

    One that counts downwards goes on from the lowest. None is set back, as other tables may take theirs from it too,
    and none to where it does not reach.
    """
    if table.rows == 0:
        return
    for column in table.columns:
        if column.sequence is None or column.base.name not in _COUNTED or column.base.array_dims:
            continue
        own, name = quote_qualified(table.name), quote_name(column.name)
        sequence = quote_qualified(_sequence_name(column.sequence, table.name.schema))
        known = f"{quote_text(sequence)}::pg_catalog.regclass"
        # Names are quoted: they may hold anything.
        ends = f"(SELECT max({name}) AS most, min({name}) AS fewest FROM {own}) AS t"  # noqa: S608
        reached = "CASE WHEN s.seqincrement > 0 THEN least(t.most, s.seqmax) ELSE greatest(t.fewest, s.seqmin) END"
        further = "CASE WHEN s.seqincrement > 0 THEN t.most >= n.last_value ELSE t.fewest <= n.last_value END"
        yield (
            f"SELECT pg_catalog.setval({known}, {reached}::pg_catalog.int8)"  # noqa: S608
            f" FROM {ends}, {sequence} AS n, pg_catalog.pg_sequence AS s"
            f" WHERE s.seqrelid = {known} AND {further};"
        )


def _sequence_name(text: str, schema: str) -> QName:
    """The name in `schema.name`, as snapshots write it: nothing is quoted, and a schema's name may have a dot."""
    if text.startswith(f"{schema}."):
        return QName(schema, text[len(schema) + 1 :])
    return QName(*text.split(".", 1)) if "." in text else QName(schema, text)


def loader(plan: Plan, layout: Layout) -> bytes:
    """`load.sql` of an archive of CSV or TSV files: loads them, parents first, in one transaction."""
    blocks = [_load(plan.tables[file.table], file.name, layout.output.format) for file in layout.files]
    start = script_start(plan, "Unpack the archive, then in its folder: psql -f load.sql")
    return start + "".join(blocks).encode() + b"\n" + script_end(plan)


def _load(table: TablePlan, file: str, form: str) -> str:
    names = table.schema.names
    # A table without columns has no line of names: its first row would be taken for one.
    header = "HEADER true" if names else "HEADER false"
    options = f"WITH (FORMAT csv, {header}" + (", DELIMITER E'\\t')" if form == "tsv" else ")")
    target, columns = quote_qualified(table.name), ", ".join(map(quote_name, names))
    listed = f" ({columns})" if names else ""
    if all(name.isprintable() for name in (table.name.schema, table.name.name, *names)):
        return f"\\copy {target}{listed} FROM '{file}' {options}\n"
    # A backslash command ends with its line, whatever quotes are open. So it gets names without line breaks.
    passing = ", ".join(f"{quote_name(name)} AS c{number}" for number, name in enumerate(names, 1))
    passage = "seedbed_passing"
    lines = (
        f"CREATE TEMPORARY TABLE {passage} ON COMMIT DROP AS SELECT {passing} FROM {target} WHERE false;",  # noqa: S608
        f"\\copy {passage} FROM '{file}' {options}",
        f"INSERT INTO {target}{listed} OVERRIDING SYSTEM VALUE SELECT * FROM {passage};",  # noqa: S608 - names are quoted
        f"DROP TABLE {passage};",
    )
    return "\n".join(lines) + "\n"


def manifest(plan: Plan, layout: Layout, written: Sequence[Written]) -> bytes:
    """`manifest.json`: what is in the archive and what it was made from. Nothing in it comes from a clock."""
    files = []
    for file, done in zip(layout.files, written, strict=True):
        table = plan.tables[file.table]
        entry: dict[str, Any] = {
            "name": file.name,
            "table": {"schema": table.name.schema, "name": table.name.name},
            "columns": list(table.schema.names),
            "rows": file.stop - file.start,
            "bytes": done.size,
            "crc32": f"{done.crc32:08x}",
        }
        files.append(entry)
    content = {
        "generator": "seedbed",
        "engineVersion": plan.engine_version,
        "seed": plan.seed,
        "plan": plan.digest,
        "format": layout.output.format,
        "rows": layout.rows,
        "files": files,
    }
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")
