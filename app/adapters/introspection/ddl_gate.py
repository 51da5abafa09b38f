"""The gate for DDL that strangers send: what is not known to be harmless is not run.

Each statement is parsed by Postgres' own parser, and judged by its tree: kinds of statements, settings, extensions and
functions stand on lists of what is allowed. What no row depends on (views, triggers, grants) is skipped; what would do
something else than describe a schema is refused.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from app.adapters.introspection.ddl_blocks import read_block
from app.adapters.introspection.ddl_calls import (
    EXTENSIONS,
    TOKEN,
    Calls,
    calls_in_defaults,
    extension_used,
    find_call,
    walk,
    without_call,
)
from app.adapters.introspection.ddl_kinds import Weight
from app.adapters.introspection.ddl_parsing import Prepared, parse_leniently, parse_statement
from app.adapters.introspection.ddl_text import Statement, fill_variables, split_statements, variables_set
from app.errors import DdlRefused, Fault

MAX_BYTES = 4 * 1024 * 1024
MAX_STATEMENTS = 10_000
MAX_COLUMNS = 20_000
MAX_NESTING = 200
# A tree can be as deep as its statement has tokens, and a parser that recurses needs stack for each level.
MAX_TOKENS = 20_000
_MAX_FAULTS = 50
_MAX_VALUE = 200  # characters of one of psql's variables that is kept

_RUN = frozenset(
    """
    CreateStmt CreateSchemaStmt CreateEnumStmt CompositeTypeStmt CreateDomainStmt CreateRangeStmt CreateSeqStmt
    AlterSeqStmt IndexStmt AlterTableStmt RenameStmt AlterEnumStmt AlterDomainStmt CommentStmt CreateExtensionStmt
    AlterObjectSchemaStmt
    """.split()
)
# What a DO block may have: statements of a schema, and those that are skipped in any case.
_IN_BLOCKS = _RUN | {
    "DropStmt",
    "GrantStmt",
    "GrantRoleStmt",
    "AlterOwnerStmt",
    "CreatePolicyStmt",
    "CreateTrigStmt",
    "ViewStmt",
}
_SKIPPED = {
    "ViewStmt": "views",
    "CreateTrigStmt": "triggers",
    "RuleStmt": "rules",
    "CreateFunctionStmt": "functions that are more than an expression in SQL",
    "AlterFunctionStmt": "functions that are more than an expression in SQL",
    "CreateCastStmt": "casts",
    "CreateOpClassStmt": "operators",
    "CreateOpFamilyStmt": "operators",
    "AlterOpFamilyStmt": "operators",
    "AlterOperatorStmt": "operators",
    "AlterTypeStmt": "operators",
    "CreateConversionStmt": "conversions",
    "AlterTSDictionaryStmt": "text search configurations",
    "AlterTSConfigurationStmt": "text search configurations",
    "SelectStmt": "queries",
    "AlterObjectDependsStmt": "",
    "AlterCollationStmt": "",
    "VariableSetStmt": "",
}
# What is dangerous even to have in the file: it does something, or hides what it does.
_REFUSED_SKIPS = frozenset(
    """
    CopyStmt LoadStmt AlterSystemStmt ExecuteStmt PrepareStmt ImportForeignSchemaStmt CreateFdwStmt
    CreateForeignServerStmt CreateUserMappingStmt CreatePLangStmt CreateSubscriptionStmt
    """.split()
)
_OBJECTS = frozenset("TABLE TYPE DOMAIN INDEX SEQUENCE SCHEMA COLUMN ATTRIBUTE TABCONSTRAINT DOMCONSTRAINT".split())
_VIEWS = frozenset({"OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE"})
_COMMANDS = frozenset(
    """
    AT_AddColumn AT_ColumnDefault AT_DropNotNull AT_SetNotNull AT_SetExpression AT_DropExpression AT_AddConstraint
    AT_ValidateConstraint AT_AlterConstraint AT_DropConstraint AT_DropColumn AT_AlterColumnType AT_AddIdentity
    AT_SetIdentity AT_DropIdentity AT_AttachPartition AT_DetachPartition AT_AddInherit AT_DropInherit
    """.split()
)
_HARMLESS_META = (
    "\\connect",
    "\\c ",
    "\\restrict",
    "\\unrestrict",
    "\\set",
    "\\unset",
    "\\echo",
    "\\encoding",
    "\\pset",
)


@dataclass(frozen=True, slots=True)
class Passed:
    """What may run, the extensions that the server's superuser is to make first, and what was left out."""

    statements: tuple[Prepared, ...]
    extensions: tuple[tuple[str, str | None, int], ...]
    warnings: tuple[str, ...]
    vet: Callable[[str], bool]  # whether a statement that is not among these may run


def pass_gate(ddl: str) -> Passed:
    """Judges DDL without running any of it. Raises DdlRefused with every fault."""
    try:
        size = len(ddl.encode())
    except UnicodeEncodeError:
        message = "the DDL has half of a surrogate pair in it, which is no character"
        raise DdlRefused([Fault("", "ddl_not_allowed", message)]) from None
    if size > MAX_BYTES:
        raise DdlRefused([Fault("", "ddl_too_large", f"the DDL has more than {MAX_BYTES:,} bytes")])
    if "\0" in ddl:
        raise DdlRefused([Fault("", "ddl_not_allowed", "the DDL has a NUL character")])
    gate = _Gate()
    statements = split_statements(ddl)
    if len(statements) > MAX_STATEMENTS:
        raise DdlRefused([Fault("", "ddl_too_large", f"the DDL has more than {MAX_STATEMENTS:,} statements")])
    # Blocks hold more of them.
    every = (one for statement in statements for one in gate.parse(ddl, statement))
    parsed = list(islice(every, MAX_STATEMENTS + 1))
    if len(parsed) > MAX_STATEMENTS:
        raise DdlRefused([Fault("", "ddl_too_large", f"the DDL has more than {MAX_STATEMENTS:,} statements")])
    gate.note_functions(parsed)
    passed = [one for prepared in parsed if (one := gate.judge(prepared)) is not None]
    if gate.columns > MAX_COLUMNS:
        gate.faults.append(Fault("", "ddl_too_large", f"the DDL has more than {MAX_COLUMNS:,} columns"))
    if gate.faults:
        raise DdlRefused(gate.faults[:_MAX_FAULTS])
    return Passed(tuple(passed), tuple(gate.extensions(passed)), tuple(gate.warnings()), gate.vet)


class _Gate:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.columns = 0
        self._calls = Calls()
        self._skipped_relations: set[tuple[str | None, str]] = set()
        self._asked: dict[str, tuple[str | None, int]] = {}
        self._skipped: Counter[str] = Counter()
        self._notes: list[str] = []
        self._variables: dict[str, str] = {}

    def parse(self, ddl: str, statement: Statement) -> Iterator[Prepared]:
        """Parses a statement that is not so large that parsing it would hurt."""
        if statement.kind == "meta":
            if not statement.text.startswith(_HARMLESS_META):
                self._refuse(statement, f"{statement.text.split()[0]} is a command of psql, and is not run here")
            self._variables |= {n: v for n, v in variables_set(statement.text).items() if len(v) <= _MAX_VALUE}
            return
        if self._is_too_large(statement, statement.text):
            return
        # A variable may stand in a statement many times.
        if self._variables and self._is_too_large(statement, fill_variables(statement.text, self._variables)):
            return
        prepared = parse_leniently(ddl, statement, self._variables)
        if isinstance(prepared, Fault):
            self.faults.append(prepared)
            return
        if prepared is None or prepared.node is None:
            return
        if not prepared.alone:
            self._refuse(statement, "several statements stand where one does")
        elif type(prepared.node).__name__ == "DoStmt":
            yield from self._unwrap(ddl, prepared)
        else:
            yield prepared

    def _is_too_large(self, statement: Statement, text: str) -> bool:
        """Whether parsing a text of that statement's would hurt; then it is refused."""
        depth = deepest = tokens = 0
        for token in TOKEN.finditer(text):
            tokens += 1
            depth += (token[0] in "([") - (token[0] in ")]")
            deepest = max(deepest, depth)
        too_large = tokens > MAX_TOKENS or deepest > MAX_NESTING
        if too_large:
            self._refuse(statement, "the statement is too long or too deeply nested", "ddl_too_large")
        return too_large

    def note_functions(self, statements: Sequence[Prepared]) -> None:
        """Finds the functions that are no more than an expression in SQL: those may be made, and called."""
        nodes = [statement.node for statement in statements]
        self._calls.note([node for node in nodes if type(node).__name__ == "CreateFunctionStmt"])

    def judge(self, statement: Prepared) -> Prepared | None:
        """The statement as it may run, or None when it is left out."""
        node, kind = statement.node, type(statement.node).__name__
        if kind in _REFUSED_SKIPS and not (kind == "CopyStmt" and self._is_harmless_copy(node)):
            self._refuse(statement.source, f"{_name_of(kind)} is not allowed here")
            return None
        if kind == "CreateFunctionStmt":
            return self._judge_function(statement)
        if kind == "DefineStmt":
            return self._judge_definition(statement)
        if kind == "DropStmt":
            return statement if _is_object(node.removeType) else None
        if kind in {"VariableSetStmt", "SelectStmt"}:
            search_path = _search_path(node)
            if search_path is not None:
                return replace(statement, text=f"set search_path = {search_path}", weight=Weight.QUIET)
        if statement.weight is Weight.SKIP:
            return None
        if kind == "CreateTableAsStmt":
            if node.objtype.name != "OBJECT_MATVIEW":
                line, name = statement.source.line, node.into.rel.relname
                self._notes.append(f"line {line}: table {name} is left out: its columns are those of a query")
            kind = "ViewStmt"
        if kind in _SKIPPED:
            relation = getattr(node, "view", None) or getattr(getattr(node, "into", None), "rel", None)
            if relation is not None:
                self._skipped_relations.add((relation.schemaname, relation.relname))
            self._skip(_SKIPPED[kind])
            return None
        relation = getattr(node, "relation", None)
        if relation is not None and (relation.schemaname, relation.relname) in self._skipped_relations:
            return None
        if kind not in _RUN:
            self._refuse(statement.source, f"{_name_of(kind)} is not allowed here")
            return None
        if kind == "CreateExtensionStmt":
            self._ask_extension(statement)
            return None
        if kind == "AlterTableStmt" and not self._judge_alter_table(statement):
            return None
        if kind == "RenameStmt" and not (_is_object(node.renameType) and node.relationType.name not in _VIEWS):
            return None
        if kind == "AlterObjectSchemaStmt" and not _is_object(node.objectType):
            return None
        return self._judge_expressions(statement)

    def vet(self, text: str) -> bool:
        """Whether a single statement would pass."""
        parsed = [one for statement in split_statements(text) for one in self.parse(text, statement)]
        faults = len(self.faults)
        judged = self.judge(parsed[0]) if len(parsed) == 1 else None
        return judged is not None and judged.text == text and len(self.faults) == faults

    def extensions(self, statements: Sequence[Prepared]) -> Iterator[tuple[str, str | None, int]]:
        """Those that the DDL asks for, and those whose types or functions it uses without asking."""
        for statement in statements:
            for node in walk(statement.node):
                name, schema = extension_used(node) or (None, None)
                if name is not None:
                    self._asked.setdefault(name, (schema, statement.source.line))
        for name, (schema, line) in self._asked.items():
            # The superuser's statements take no name that would have to be quoted.
            yield name, schema if schema is None or re.fullmatch(r"[a-z_][a-z0-9_]*", schema) else None, line

    def warnings(self) -> Iterator[str]:
        """What was left out."""
        yield from self._notes
        for what, count in sorted(self._skipped.items()):
            yield f"{what} are left out ({count})"

    def _judge_function(self, statement: Prepared) -> Prepared | None:
        body = self._calls.plain_body(statement.node)
        if body is None or statement.node.funcname[-1].sval not in self._calls.own:
            self._skip(_SKIPPED["CreateFunctionStmt"])
            return None
        options = {option.defname: option.arg for option in statement.node.options or ()}
        if body and options["language"].sval.lower() == "plpgsql":
            text = re.sub(r"\blanguage\s+'?plpgsql'?", "language sql", statement.text, count=1, flags=re.IGNORECASE)
            return self._judge_rewritten(statement, text.replace(options["as"][0].sval, body))
        return replace(statement, weight=Weight.TRY)

    def _judge_rewritten(self, statement: Prepared, text: str) -> Prepared | None:
        """A statement that was changed is judged anew: what runs is what was seen."""
        source = replace(statement.source, text=text)
        parsed = parse_statement(text, replace(source, offset=0))
        if not isinstance(parsed, Prepared) or not parsed.alone or type(parsed.node) is not type(statement.node):
            self._refuse(statement.source, "the statement cannot be made harmless")
            return None
        return self.judge(replace(parsed, source=source))

    def _judge_definition(self, statement: Prepared) -> Prepared | None:
        if statement.node.kind.name in {"OBJECT_COLLATION", "OBJECT_TSCONFIGURATION"}:
            return statement  # what to_tsvector is called with has to be there
        self._skip("operators, aggregates and base types")
        return None

    def _judge_alter_table(self, statement: Prepared) -> bool:
        if statement.node.objtype.name not in {"OBJECT_TABLE", "OBJECT_TYPE", "OBJECT_INDEX", "OBJECT_SEQUENCE"}:
            return False
        if statement.node.objtype.name == "OBJECT_SEQUENCE":
            return False
        for command in statement.node.cmds:
            if command.subtype.name not in _COMMANDS:
                self._refuse(statement.source, f"ALTER TABLE ... {command.subtype.name[3:]} is not allowed here")
                return False
        return True

    def _judge_expressions(self, statement: Prepared) -> Prepared | None:
        """Every function that the statement calls is allowed, or its call can be left out without harm."""
        defaults = set(calls_in_defaults(statement.node))
        text = statement.source.text
        removed: list[range] = []
        for node in walk(statement.node):
            kind = type(node).__name__
            self.columns += kind == "ColumnDef"
            if kind in {"SubLink", "RangeFunction", "SelectStmt"}:
                self._refuse(statement.source, "queries inside of a definition are not allowed here")
                return None
            what = self._calls.fault(node)
            if what is None or any(node.location in place for place in removed):
                continue
            place = find_call(text, node) if id(node) in defaults else None
            if place is not None and len(place) >= len("NULL"):
                removed.append(place)
                text = without_call(text, place)
                self._notes.append(f"line {statement.source.line}: a default or USING calls {what}; it is left out")
            elif type(statement.node).__name__ == "IndexStmt" and not statement.node.unique:
                self._notes.append(f"line {statement.source.line}: an index calls {what}; it is left out")
                return None
            else:
                message = (
                    f"{what} may not be called here; allowed are functions of Postgres that compute a value,"
                    " and functions of the DDL's own that are one expression in SQL"
                )
                self._refuse(statement.source, message, "function_not_allowed")
                return None
        return statement if text == statement.source.text else self._judge_rewritten(statement, text)

    def _ask_extension(self, statement: Prepared) -> None:
        name = statement.node.extname
        options = {option.defname: option.arg for option in statement.node.options or ()}
        if name not in EXTENSIONS:
            if name != "plpgsql":
                self._notes.append(
                    f"line {statement.source.line}: extension {name} is not available here; it is left out"
                )
            return
        self._asked[name] = (getattr(options.get("schema"), "sval", None), statement.source.line)

    def _unwrap(self, ddl: str, statement: Prepared) -> Iterator[Prepared]:
        """A DO block stands for the statements in it, as far as they may run; the rest of it is told."""
        # To the statement the block is one literal, and to the block so is what it executes.
        body = next((option.arg.sval for option in statement.node.args if option.defname == "as"), "")
        if self._is_too_large(statement.source, body):
            return
        block, line = read_block(statement.text), statement.source.line
        if block is None:
            self._refuse(
                statement.source, "this DO is not understood; take it out, or write its statements by themselves"
            )
            return
        first = line + statement.text[: max(statement.text.find(body), 0)].count("\n")
        left_out = not block.whole
        for one in block.statements:
            source = Statement(one.text, 0, first + one.line - 1)
            if self._is_too_large(source, one.text):
                return
            parsed = parse_statement(one.text, source)
            if isinstance(parsed, Fault) or (parsed is not None and type(parsed.node).__name__ not in _IN_BLOCKS):
                left_out = True
            elif parsed is not None and parsed.alone:
                weight = Weight.TRY if parsed.weight is Weight.MUST else parsed.weight
                yield replace(parsed, source=source, weight=weight)
        if left_out:
            self._notes.append(f"line {line}: DO is not run here; of what is in it, only plain DDL is taken")

    def _is_harmless_copy(self, node: Any) -> bool:
        return bool(node.is_from and not node.is_program and node.filename is None)

    def _skip(self, what: str) -> None:
        if what:
            self._skipped[what] += 1

    def _refuse(self, statement: Statement, message: str, code: str = "ddl_not_allowed") -> None:
        self.faults.append(Fault("", code, f"line {statement.line}: {message}", {"line": statement.line}))


def _is_object(kind: Any) -> bool:
    return kind.name.removeprefix("OBJECT_") in _OBJECTS


def _search_path(node: Any) -> str | None:
    """The search path that a statement sets, quoted, when that is all it does."""
    if type(node).__name__ == "VariableSetStmt":
        if node.name != "search_path" or node.is_local or not node.args:
            return None
        values = [getattr(getattr(arg, "val", None), "sval", None) for arg in node.args]
    else:
        call: Any = node.targetList[0].val if len(node.targetList or ()) == 1 else None
        if type(call).__name__ != "FuncCall" or call.funcname[-1].sval != "set_config" or node.fromClause:
            return None
        arguments = [getattr(getattr(arg, "val", None), "sval", None) for arg in call.args or ()]
        if len(arguments) != 3 or arguments[0] != "search_path" or arguments[1] is None:
            return None
        values = [name.strip().strip('"') for name in arguments[1].split(",")]
    if any(value is None for value in values):
        return None
    return ", ".join('"' + str(value).replace('"', '""') + '"' for value in values if value) or "''"


def _name_of(kind: str) -> str:
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", kind.removesuffix("Stmt")).upper()
    return {"DO": "DO", "CREATE TABLE AS": "CREATE TABLE AS"}.get(words, words)
