"""What the statements of a file make, as far as the file says so."""

import re
from collections.abc import Iterable, Sequence

from app.adapters.introspection.ddl_parsing import Prepared

_SCHEMA = re.compile(r"create\s+schema\s+(?:if\s+not\s+exists\s+)?\"?([\w$%]+)", re.IGNORECASE)


def schemas_made(statements: Sequence[Prepared], bodies: Iterable[str]) -> set[str]:
    """The schemas that the statements make or name so; `bodies` are those of blocks and functions, which may too."""
    found = {word for body in bodies for word in _SCHEMA.findall(body)}
    for statement in statements:
        node = statement.node
        match type(node).__name__:
            case "CreateSchemaStmt":
                found.add(node.schemaname)
            case "RenameStmt" if node.renameType.name == "OBJECT_SCHEMA":
                found.add(node.newname)
    return found


def names_made(statement: Prepared) -> tuple[str, ...]:
    """The extension, type or function that a statement makes, without its schema."""
    node = statement.node
    match type(node).__name__:
        case "CreateExtensionStmt":
            return (node.extname,)
        case "CreateFunctionStmt":
            return (node.funcname[-1].sval,)
        case "CreateEnumStmt" | "CreateRangeStmt":
            return (node.typeName[-1].sval,)
        case "CompositeTypeStmt":
            return (node.typevar.relname,)
        case "CreateDomainStmt":
            return (node.domainname[-1].sval,)
        case "DefineStmt":
            return (node.defnames[-1].sval,)
    return ()


def view_made(statement: Prepared) -> tuple[str | None, str] | None:
    relation = getattr(statement.node, "view", None) or getattr(getattr(statement.node, "into", None), "rel", None)
    return None if relation is None else (relation.schemaname, relation.relname)
