"""What a statement leans on and a file does not bring: tables that keys refer to, constraints that are dropped."""

from typing import Any


def without_references(text: str, schema: str | None, table: str) -> str | None:
    """A CREATE TABLE or ALTER TABLE without its foreign keys to a table.

    Empty when they were all there was in it, None when there is none.
    """
    from pglast import parse_sql
    from pglast.stream import RawStream

    statement: Any = parse_sql(text)[0].stmt
    found = False

    def refers(constraint: Any) -> bool:
        nonlocal found
        if type(constraint).__name__ != "Constraint" or constraint.contype.name != "CONSTR_FOREIGN":
            return False
        named = constraint.pktable
        hit = named.relname == table and (schema is None or named.schemaname == schema)
        found = found or hit
        return bool(hit)

    def cleared(element: Any) -> Any:
        if type(element).__name__ == "ColumnDef" and element.constraints:
            kept: list[Any] = []
            dropped = False
            for constraint in element.constraints:
                # DEFERRABLE and the like stand behind what they are said of.
                follows = dropped and constraint.contype.name.startswith("CONSTR_ATTR_")
                dropped = follows or refers(constraint)
                if not dropped:
                    kept.append(constraint)
            element.constraints = tuple(kept) or None
        return element

    match type(statement).__name__:
        case "CreateStmt":
            statement.tableElts = tuple(cleared(e) for e in statement.tableElts or () if not refers(e))
        case "AlterTableStmt":
            commands = tuple(c for c in statement.cmds if not refers(c.def_))
            for command in commands:
                cleared(command.def_)
            statement.cmds = commands
            if not commands:
                return "" if found else None
        case _:
            return None
    return str(RawStream()(statement)) if found else None


def without_drop(text: str, constraint: str) -> str | None:
    """An ALTER TABLE that does not drop a constraint; empty when that was all it did, None when it does not do it."""
    from pglast import parse_sql
    from pglast.stream import RawStream

    statement: Any = parse_sql(text)[0].stmt
    if type(statement).__name__ != "AlterTableStmt":
        return None
    kept = tuple(c for c in statement.cmds if (c.subtype.name, c.name) != ("AT_DropConstraint", constraint))
    if len(kept) == len(statement.cmds):
        return None
    statement.cmds = kept
    return str(RawStream()(statement)) if kept else ""
