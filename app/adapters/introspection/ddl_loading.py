"""Runs DDL statement by statement in a scratch database, and mends what differs there from where it came from."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from app.adapters.introspection import stand_ins
from app.adapters.introspection.ddl_blocks import definitions_in
from app.adapters.introspection.ddl_kinds import Weight
from app.adapters.introspection.ddl_made import names_made, schemas_made, view_made
from app.adapters.introspection.ddl_parsing import MAX_FAULTS, NAME, TOKEN, Prepared
from app.adapters.introspection.ddl_text import line_and_column
from app.adapters.introspection.ddl_views import drop_views_in_the_way
from app.adapters.introspection.references import without_drop, without_references
from app.adapters.introspection.sql_files import read_sql
from app.errors import DdlRefused, Fault

Connection = psycopg.Connection[Any]

# What is missing may come later in the file: tables, columns, types, functions, schemas, keys to refer to.
_UNDEFINED = frozenset({"42P01", "42703", "42704", "42883", "3F000", "42830", "42P17", "42809"})
# There already: a schema, a type or constraint, a table or index, a column, a function, a primary key.
_PRESENT = frozenset({"42P06", "42710", "42P07", "42701", "42723", "42P16"})
_MISSING = re.compile(r'(?:type|function|operator class) "?(?:[\w$]+\.)?([\w$]+)[^ ]*.* does not exist')
_NO_CONSTRAINT = re.compile(r'constraint "(.*)" (?:of relation|for table) ".*" does not exist')
_STORED = re.compile(r'references\s+"?storage"?\."?(?:buckets|objects)\b', re.IGNORECASE)
# What an application sets for its sessions, and functions of the DDL ask for.
_SETTING = re.compile(r'^unrecognized configuration parameter "(\w+\.\w+)"')
_INCLUDES = re.compile(r"\\i(r|nclude|nclude_relative)?\s")
# What may make a table, or has it called otherwise; statements of rows, keys and comments do neither.
_MAKERS = ("CreateTableAsStmt", "ViewStmt", "RenameStmt", "AlterObjectSchemaStmt", "DoStmt", "CreateFunctionStmt",
           "SelectStmt", "CallStmt", "CreateForeignTableStmt")  # fmt: skip
_TAKING_AWAY = frozenset({"AT_DropColumn", "AT_DropConstraint", "AT_DropNotNull", "AT_DropInherit", "AT_DropIdentity"})


class DdlLoader:
    """Loads statements into a database of our own.

    `connection` runs the statements; `admin`, a superuser's, makes extensions and their stand-ins. Both are in
    autocommit mode. `vet` says whether a statement that was changed may run; errors
    whose SQLSTATE is `tolerated` are warnings. What went otherwise than the DDL says is in `warnings` afterwards.
    """

    def __init__(
        self,
        connection: Connection,
        admin: Connection,
        *,
        deadline_s: float | None = None,
        vet: Callable[[str], bool] | None = None,
        tolerated: frozenset[str] = frozenset(),
    ) -> None:
        self._tolerated = tolerated
        self._vet = vet
        self._connection = connection
        self._admin = admin
        self._ends_at = None if deadline_s is None else time.monotonic() + deadline_s
        self._faults: list[Fault] = []
        self._mended: set[str] = set()
        self._schemas: set[str] = set()
        self._stores = False
        self._brought: set[str] = set()
        self._words: set[str] = set()
        self._views: set[tuple[str | None, str]] = set()
        self.warnings: list[str] = []

    def load(self, statements: Sequence[Prepared]) -> None:
        """Runs what matters; what fails because it needs something further down is tried again at the end.

        Raises DdlRefused with a fault for every statement without which the schema would not be the user's.
        """
        # Supabase puts extensions into a schema of their own, and looks there; one that is not there does no harm.
        self._connection.execute('set check_function_bodies = off; set search_path = "$user", public, extensions')
        if any(statement.source.copies or _is(statement, "InsertStmt") for statement in statements):
            self.warnings.append("rows in the DDL (COPY, INSERT) are not loaded")
        self.warnings += [
            f"line {s.source.line}: what {s.text.strip()} includes is not read; give the files as one"
            for s in statements
            if s.source.kind == "meta" and _INCLUDES.match(s.text)
        ][:MAX_FAULTS]
        makers = [s.text for s in statements if _is(s, *_MAKERS)]
        self._schemas = schemas_made(statements, makers)
        self._words = {word for text in makers for word in re.findall(r"\w+", text.lower())}
        self._stores = any(_STORED.search(s.text) for s in statements if _is(s, "CreateStmt", "AlterTableStmt"))
        self._words |= {s.node.relation.relname.lower() for s in statements if _is(s, "CreateStmt")}
        self._brought = {name for statement in statements for name in names_made(statement)}
        self._views = {name for statement in statements if (name := view_made(statement)) is not None}
        shaped, kept = stand_ins.shapes_for(self._admin), (s for s in statements if s.weight is not Weight.SKIP)
        pending = [_Pending(replace(statement, text=shaped(statement.text))) for statement in kept]
        while pending:
            later = [waiting for waiting in map(self._attempt, pending) if waiting is not None]
            # Only where nothing in the file brings what is missing is it made up for.
            if len(later) == len(pending) and not sum(self._mend(waiting) for waiting in later):
                left = [waiting for waiting in later if not self._is_made_at_last(waiting)]
                if len(left) == len(later):
                    for waiting in later:
                        if _is(waiting.statement, "DoStmt"):
                            self._define_without_rows(waiting.statement)
                        self._settle(waiting.statement, waiting.error)
                    break
                later = left
            pending = later
        if self._faults:
            raise DdlRefused(sorted(self._faults, key=lambda fault: fault.facts["line"])[:MAX_FAULTS])

    def _attempt(self, pending: "_Pending") -> "_Pending | None":
        """Runs a statement; gives it back when it should be tried again later."""
        statement = pending.statement
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            raise DdlRefused(
                [Fault("", "ddl_timeout", "the DDL takes too long to load", {"line": statement.source.line})]
            )
        if _is(statement, "CreateExtensionStmt"):
            options = {option.defname: option.arg for option in statement.node.options or ()}
            schema = getattr(options.get("schema"), "sval", None)
            self.create_extension(statement.node.extname, schema, statement.source.line)
            return None
        if _is(statement, "VariableSetStmt") and statement.node.name == "search_path":
            self._enter_schema(statement)
        if pending.search_path is not None:
            self._connection.execute("select set_config('search_path', %s, false)", (pending.search_path,))
        error, text = self._run(statement)
        if error is not None and (error.sqlstate or "").startswith("23") and self._admin is self._connection:
            # Rows that a function of the DDL made, and what it does to them later is not run: away with them.
            self._admin.execute(read_sql("introspection", "empty_tables"))
            error, text = self._run(statement)
        while error is not None and self._is_brought_by_nothing(error) and self._mend(_Pending(statement, None, error)):
            # At once: what follows in a history may rename and drop what this statement makes.
            error, text = self._run(statement)
        if error is not None and self._is_of_nowhere(error):
            error, text = self._run(statement, final=True)  # at once too
        while drop_views_in_the_way(self._connection, error):
            error, text = self._run(statement)
        if error is not None and error.sqlstate in _UNDEFINED and pending.search_path is None and self._is_nowhere():
            # A dump empties the search path, and a file that was put behind it means public.
            self._connection.execute("select set_config('search_path', 'public, extensions', false)")
            error, text = self._run(statement)
        if error is None or (_makes_collation(statement) and self._stand_in_collation(statement, error)):
            return None
        if _is(statement, "DoStmt") and error.sqlstate not in _UNDEFINED:
            self._define_without_rows(statement)
        # A DROP that failed for want of its object must not be made up for once the object is there.
        if error.sqlstate not in _UNDEFINED or _is(statement, "DropStmt", "VariableSetStmt"):
            self._settle(statement, error)
            return None
        search_path = pending.search_path
        if search_path is None:
            row = self._connection.execute("select current_setting('search_path')").fetchone()
            search_path = row[0] if row else ""
        return _Pending(replace(statement, text=text), search_path, error)

    def _define_without_rows(self, block: Prepared) -> None:
        """Runs what a failed DO block defines: it may have failed over rows that are not loaded here."""
        for statement in definitions_in(block):
            error, _ = self._run(statement)
            if error is not None:
                self._settle(statement, error)

    def _is_nowhere(self) -> bool:
        """Whether names without a schema mean nothing at present."""
        row = self._connection.execute("select current_setting('search_path')").fetchone()
        return row is not None and row[0] in ("", '""')

    def _is_made_at_last(self, pending: "_Pending") -> bool:
        """Makes a table or key without its references to tables that are not in the DDL, nor drops of what is not."""
        error = pending.error
        missing = error is not None and (error.sqlstate == "42P01" or _NO_CONSTRAINT.match(str(error)))
        if not missing or not _is(pending.statement, "CreateStmt", "AlterTableStmt"):
            return False
        if pending.search_path is not None:
            self._connection.execute("select set_config('search_path', %s, false)", (pending.search_path,))
        return self._run(pending.statement, final=True)[0] is None

    def _enter_schema(self, statement: Prepared) -> None:
        """Makes the schema that what follows goes to, when the file is one of several and another one makes it."""
        first = next(iter(statement.node.args or ()), None)
        name = getattr(getattr(first, "val", None), "sval", None)
        if not name or name == "$user" or name.startswith("pg_") or name in self._schemas:
            return
        known = self._connection.execute("select from pg_catalog.pg_namespace where nspname = %s", (name,))
        if known.fetchone() is None:
            self._once(f"schema {name}", lambda: self._make_schema(name, statement.source.line))

    def _run(self, statement: Prepared, *, final: bool = False) -> tuple[psycopg.Error | None, str]:
        """Runs a statement, without the clauses that only mean something elsewhere. Gives the error and the text.

        When it is `final`, foreign keys to tables that no statement makes are such clauses too.
        """
        text = statement.text
        while True:
            try:
                self._connection.execute(text.encode())
                return None, text
            except psycopg.Error as error:
                if self._connection.closed:
                    raise
                shorter = _without_foreign_clause(text, str(error))
                if shorter is None and final and (missing := _missing_relation(error)):
                    shorter = without_references(text, *missing)
                    if shorter is not None:
                        self.warnings.append(
                            f"line {statement.source.line}: {_primary(error)}; the foreign keys to it are left out"
                        )
                if shorter is None and final and (match := _NO_CONSTRAINT.match(str(error))):
                    shorter = without_drop(text, match[1])
                if shorter is not None and str(error).startswith("language"):
                    line = statement.source.line
                    self.warnings.append(f"line {line}: {_primary(error)}; NULL is what the function gives here")
                if shorter == "":
                    return None, text  # there was nothing else in it
                if shorter is None or shorter == text or not (self._vet is None or self._vet(shorter)):
                    return error, text
                text = shorter

    def _mend(self, pending: "_Pending") -> bool:
        """Makes what a statement lacks and nothing in the file brings; False when that is not known."""
        message, line = str(pending.error), pending.statement.source.line
        if pending.statement.weight is Weight.QUIET:
            return False
        schema = _missing_schema(message, pending.search_path)
        if schema is not None:
            return self._once(f"schema {schema}", lambda: self._make_schema(schema, line))
        if match := _SETTING.match(message):
            setting = match[1]
            return self._once(f"setting {setting}", lambda: self._set(setting))
        # An exclusion constraint of which nothing says where its operators come from.
        if match := re.search(r'has no default operator class for access method "(gist|gin)"', message):
            return self._bring(f"btree_{match[1]}", None, line)
        if match := _MISSING.search(message):
            extension = stand_ins.origin(match[1])
            return extension is not None and self._bring(extension, _schema_of(match[0]), line)
        return False

    def _is_brought_by_nothing(self, error: psycopg.Error) -> bool:
        """Whether an extension's type or function is missing of which no statement of the file is about, or a schema
        that none makes, or a session's setting."""
        if _SETTING.match(str(error)):
            return True
        if error.sqlstate == "3F000":
            schema = _missing_schema(str(error), None)
            return schema is not None and schema not in self._schemas
        found = _MISSING.search(str(error)) if error.sqlstate in _UNDEFINED else None
        extension = stand_ins.origin(found[1]) if found is not None else None
        return found is not None and extension is not None and self._brought.isdisjoint((found[1].lower(), extension))

    def _is_of_nowhere(self, error: psycopg.Error) -> bool:
        """Whether a relation is missing whose name no statement has that could make one."""
        missing = _missing_relation(error)
        return missing is not None and missing[1].lower() not in self._words

    def _bring(self, extension: str, schema: str | None, line: int) -> bool:
        make = partial(self.create_extension, extension, schema, line, asked=False)
        return self._once(f"extension {extension}", make)

    def _once(self, what: str, make: Callable[[], None]) -> bool:
        if what in self._mended:
            return False
        self._mended.add(what)
        make()
        return True

    def _set(self, setting: str) -> None:
        self._connection.execute("select set_config(%s, '', false)", (setting,))

    def _make_schema(self, schema: str, line: int) -> None:
        if schema == "auth":
            stand_ins.make_supabase_auth(self._admin)
            self._grant("auth")
            self.warnings.append(f"line {line}: schema auth is not in the DDL; Supabase's auth.users stands in")
            return
        if schema == "storage" and self._stores:
            stand_ins.make_supabase_storage(self._admin)
            self._grant("storage")
            self.warnings.append(f"line {line}: schema storage is not in the DDL; Supabase's tables of files stand in")
            return
        self._connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        self.warnings.append(f"line {line}: schema {schema} is not in the DDL; it was added")

    def create_extension(self, name: str, schema: str | None, line: int, *, asked: bool = True) -> None:
        """Makes an extension, or what stands in for it, as the superuser."""
        if f"stand-in {name}" in self._mended:
            return  # a file of migrations says so in more than one of them
        self._mended.add(f"extension {name}")
        if not asked:
            self.warnings.append(f"line {line}: extension {name} is used but not created in the DDL; it was added")
        place: sql.Composable = sql.SQL("")
        if schema is not None and schema != "pg_catalog":
            self._admin.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
            self._grant(schema)
            place = sql.SQL("schema {}").format(sql.Identifier(schema))
        command = sql.SQL("create extension if not exists {} {} cascade").format(sql.Identifier(name), place)
        try:
            self._admin.execute(command)
        except psycopg.Error as error:
            made = stand_ins.make_stand_in(self._admin, name, schema or "public")
            if made:
                self._mended.add(f"stand-in {name}")
            known = "a stand-in, whose types hold any text, takes its place"
            self.warnings.append(
                f"line {line}: extension {name} is not available here; "
                + (known if made else f"what it brings is missing ({_primary(error)})")
            )

    def _stand_in_collation(self, statement: Prepared, error: psycopg.Error) -> bool:
        """A collation that this server cannot have is one by bytes; that it takes more for equal is put down."""
        name = sql.Identifier(*(part.sval for part in statement.node.defnames))
        options = {option.defname: getattr(option.arg, "sval", "") for option in statement.node.definition}
        try:
            self._connection.execute(sql.SQL('create collation {} from "C"').format(name))
            if options.get("deterministic") == "false":
                comment = sql.SQL("comment on collation {} is 'stand-in: nondeterministic'")
                self._connection.execute(comment.format(name))
        except psycopg.Error:
            return False
        self.warnings.append(
            f"line {statement.source.line}: {_primary(error)}; {name.as_string()} compares by bytes here"
        )
        return True

    def _grant(self, schema: str) -> None:
        if self._admin is not self._connection:
            place, user = sql.Identifier(schema), sql.Identifier(self._connection.info.user)
            self._admin.execute(sql.SQL("grant usage, create on schema {} to {}").format(place, user))
            self._admin.execute(sql.SQL("grant references on all tables in schema {} to {}").format(place, user))

    def _settle(self, statement: Prepared, error: psycopg.Error | None) -> None:
        """Says what became of a statement that cannot be run."""
        if error is None or statement.weight is Weight.QUIET or _is(statement, "DropStmt"):
            return
        if error.sqlstate in _PRESENT and _is(statement, "CreateSchemaStmt"):
            return
        lenient = error.sqlstate in _PRESENT or _alters_missing(statement, error) or _drops_missing(statement, error)
        relation = getattr(statement.node, "relation", None)
        if relation is not None and (relation.schemaname, relation.relname) in self._views:
            return  # an index of a materialised view that could not be made
        line, column = statement.source.line, None
        position = error.diag.statement_position
        token = None
        if position is not None and statement.text == statement.source.text:
            offset = int(position) - 1
            line, column = line_and_column(statement.text, offset)
            line += statement.source.line - 1
            found = TOKEN.match(statement.text, offset)
            token = found[0][:60] if found else None
        message = f"line {line}: {_primary(error)}"
        if lenient or statement.weight is Weight.TRY or error.sqlstate in self._tolerated:
            self.warnings.append(f"{message}; left out: {_heading(statement.source.text)}")
            return
        facts = {"line": line, "column": column, "token": token, "sqlstate": error.sqlstate}
        self._faults.append(Fault("", "ddl_failed", f"{message}, in: {_heading(statement.source.text)}", facts))


@dataclass(frozen=True, slots=True)
class _Pending:
    """A statement to be run; when it was tried before, with the search path and the error of then."""

    statement: Prepared
    search_path: str | None = None
    error: psycopg.Error | None = None


def _missing_relation(error: psycopg.Error) -> tuple[str | None, str] | None:
    match = re.search(r'^relation "(.*)" does not exist', str(error)) if error.sqlstate == "42P01" else None
    if match is None:
        return None
    schema, dot, name = match[1].rpartition(".")
    return (schema if dot else None), name


def _alters_missing(statement: Prepared, error: psycopg.Error) -> bool:
    """Whether a statement is about a table that nothing in the file makes: no table of the schema is lost with it."""
    missing = _missing_relation(error)
    relation = getattr(statement.node, "relation", None)
    if missing is None or relation is None or not _is(statement, "AlterTableStmt", "IndexStmt", "RenameStmt"):
        return False
    return bool(relation.relname == missing[1] and (missing[0] is None or relation.schemaname == missing[0]))


def _drops_missing(statement: Prepared, error: psycopg.Error) -> bool:
    """Whether a statement only takes away what is not there, or calls it otherwise."""
    if _is(statement, "RenameStmt") and _NO_CONSTRAINT.match(str(error)):
        return True  # what a constraint is called is nothing to the rows
    commands = statement.node.cmds if _is(statement, "AlterTableStmt") else ()
    return bool(commands) and error.sqlstate in _UNDEFINED and all(c.subtype.name in _TAKING_AWAY for c in commands)


def _is(statement: Prepared, *kinds: str) -> bool:
    return type(statement.node).__name__ in kinds


def _missing_schema(message: str, search_path: str | None) -> str | None:
    if match := re.search(r'schema "([^"]+)" does not exist', message):
        return match[1]
    # Files that are meant to be run after one that makes the schema only say where they are.
    if "no schema has been selected to create in" in message and search_path:
        return search_path.split(",")[0].strip().strip('"') or None
    return None


def _makes_collation(statement: Prepared) -> bool:
    return _is(statement, "DefineStmt") and statement.node.kind.name == "OBJECT_COLLATION"


def _primary(error: psycopg.Error) -> str:
    detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
    return f"{error.diag.message_primary or error}{detail}"


def _heading(text: str) -> str:
    heading = " ".join(text.split())
    return heading if len(heading) <= 80 else heading[:79] + "…"


def _schema_of(message: str) -> str | None:
    match = re.search(r'"?([\w$]+)\.[\w$]+', message)
    return match[1] if match else None


def _without_foreign_clause(text: str, message: str) -> str | None:
    """The statement without a clause that names something of another server; None when it is not that."""
    if re.search(r'^role "[^"]*" does not exist', message):
        return re.sub(rf"\s+authorization\s+{NAME}", "", text, count=1, flags=re.IGNORECASE)
    if re.search(r'^tablespace "[^"]*" does not exist', message):
        return re.sub(rf"\s+tablespace\s+{NAME}", "", text, flags=re.IGNORECASE)
    if message.startswith("tables declared WITH OIDS"):
        return re.sub(r"\boids\s*=\s*'?true'?", "oids=false", text, flags=re.IGNORECASE)
    if re.search(r'^access method "[^"]*" does not exist', message) and re.match(
        r"create\s+(\w+\s+)*table\b", text, re.I
    ):
        return re.sub(rf"\)\s*using\s+{NAME}", ")", text, count=1, flags=re.IGNORECASE)
    if re.search(r'^language "[^"]*" does not exist', message):
        return stand_ins.function_of_nothing(text)
    if match := re.match(r'collation "([^"]*)" (?:for encoding|does not exist)', message):
        # Printed with its schema, if it has one, and a name may have dots of its own.
        names = "|".join(map(re.escape, {match[1], match[1].partition(".")[2]} - {""}))
        return re.sub(rf'\s+collate\s+(?:{NAME}\.)?"?(?:{names})(?:"|\b)', "", text, flags=re.IGNORECASE)
    return None
