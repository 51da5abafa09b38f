"""Foreign keys to tables that a file does not bring, such as a dump of some tables has."""

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
