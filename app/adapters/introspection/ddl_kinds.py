"""What a statement means for the data: whether it is run, and whether the schema stands without it."""

from enum import Enum
from typing import Any


class Weight(Enum):
    """How much hangs on a statement."""

    MUST = "must"  # a table, a type, a constraint: a failure is the user's to mend
    TRY = "try"  # a function, an index: a failure is worth a warning
    QUIET = "quiet"  # a view, a trigger: run for what may hang on it, a failure tells nobody anything
    SKIP = "skip"  # owners, grants, rows: never run


_SKIPPED = frozenset(
    """
    GrantStmt GrantRoleStmt AlterDefaultPrivilegesStmt AlterOwnerStmt CreatePolicyStmt AlterPolicyStmt
    CreatePublicationStmt AlterPublicationStmt CreateSubscriptionStmt AlterSubscriptionStmt DropSubscriptionStmt
    CreateEventTrigStmt AlterEventTrigStmt CreateRoleStmt AlterRoleStmt AlterRoleSetStmt DropRoleStmt CreatedbStmt
    AlterDatabaseStmt AlterDatabaseSetStmt AlterDatabaseRefreshCollStmt DropdbStmt CreateTableSpaceStmt
    AlterTableSpaceOptionsStmt DropTableSpaceStmt SecLabelStmt TransactionStmt InsertStmt UpdateStmt DeleteStmt
    MergeStmt CopyStmt TruncateStmt RefreshMatViewStmt VacuumStmt ListenStmt UnlistenStmt NotifyStmt LockStmt
    ClusterStmt RepackStmt ReindexStmt CreateForeignTableStmt CreateFdwStmt AlterFdwStmt CreateForeignServerStmt
    AlterForeignServerStmt CreateUserMappingStmt AlterUserMappingStmt DropUserMappingStmt ImportForeignSchemaStmt
    LoadStmt CheckPointStmt DiscardStmt CreateAmStmt CreatePLangStmt CreateTransformStmt AlterSystemStmt ExplainStmt
    ReassignOwnedStmt DropOwnedStmt PrepareStmt ExecuteStmt DeallocateStmt DeclareCursorStmt FetchStmt
    ClosePortalStmt CreateStatsStmt AlterStatsStmt AlterExtensionStmt AlterExtensionContentsStmt ConstraintsSetStmt
    VariableShowStmt
    """.split()
)
_TRIED = frozenset(
    """
    CreateFunctionStmt AlterFunctionStmt CreateCastStmt CreateOpClassStmt CreateOpFamilyStmt AlterOpFamilyStmt
    AlterOperatorStmt SelectStmt AlterSeqStmt CreateExtensionStmt CreateConversionStmt AlterTSDictionaryStmt
    AlterTSConfigurationStmt DropStmt AlterObjectSchemaStmt AlterTypeStmt CallStmt AlterCollationStmt DoStmt
    """.split()
)
_QUIET = frozenset(
    {"ViewStmt", "CreateTrigStmt", "RuleStmt", "CommentStmt", "VariableSetStmt", "AlterObjectDependsStmt"}
)
# Indexes that only find what is near, and to which each row of a thousand numbers takes some ten milliseconds.
_APPROXIMATE = frozenset({"hnsw", "ivfflat", "diskann", "vchordrq"})
_SKIPPED_SETTINGS = frozenset(
    "default_tablespace default_table_access_method temp_tablespaces role session_authorization client_encoding"
    " default_toast_compression transaction_isolation session_replication_role".split()
)
# Subcommands of ALTER TABLE that no row of data depends on.
_IRRELEVANT_COMMANDS = frozenset(
    """
    AT_ChangeOwner AT_ClusterOn AT_DropCluster AT_ReplicaIdentity AT_SetStatistics AT_SetTableSpace
    AT_SetAccessMethod AT_SetStorage AT_SetCompression AT_EnableTrig AT_EnableAlwaysTrig AT_EnableReplicaTrig
    AT_DisableTrig AT_EnableTrigAll AT_DisableTrigAll AT_EnableTrigUser AT_DisableTrigUser AT_EnableRule
    AT_EnableAlwaysRule AT_EnableReplicaRule AT_DisableRule AT_SetRelOptions AT_ResetRelOptions AT_ReplaceRelOptions
    AT_SetOptions AT_ResetOptions AT_EnableRowSecurity AT_DisableRowSecurity AT_ForceRowSecurity
    AT_NoForceRowSecurity AT_SetLogged AT_SetUnLogged AT_GenericOptions AT_AlterColumnGenericOptions
    AT_ValidateConstraint
    """.split()
)


def weigh(node: Any) -> Weight:
    """The weight of a parsed statement (a node of pglast.ast)."""
    kind = type(node).__name__
    if kind in _SKIPPED:
        return Weight.SKIP
    match kind:
        case "AlterTableStmt":
            return _weigh_alter_table(node)
        case "IndexStmt":
            if node.accessMethod in _APPROXIMATE:
                return Weight.SKIP
            return Weight.MUST if node.unique else Weight.TRY
        case "CreateTableAsStmt":
            if node.objtype.name == "OBJECT_MATVIEW":
                return Weight.QUIET
            # A temporary table is for the rows that the file moves.
            return Weight.TRY if node.into.rel.relpersistence == "t" else Weight.MUST
        case "DefineStmt":
            return Weight.MUST if node.kind.name == "OBJECT_TYPE" else Weight.TRY
        case "VariableSetStmt":
            return Weight.SKIP if node.name in _SKIPPED_SETTINGS else Weight.QUIET
        case "SelectStmt":
            return Weight.SKIP if _calls(node) == {"setval"} else Weight.TRY
        case "DropStmt":
            return Weight.SKIP if node.removeType.name in {"OBJECT_POLICY", "OBJECT_PUBLICATION"} else Weight.TRY
    if kind in _QUIET:
        return Weight.QUIET
    return Weight.TRY if kind in _TRIED else Weight.MUST


def _weigh_alter_table(node: Any) -> Weight:
    if all(command.subtype.name in _IRRELEVANT_COMMANDS for command in node.cmds or ()):
        return Weight.SKIP
    kind = node.objtype.name
    if kind in {"OBJECT_TABLE", "OBJECT_TYPE", "OBJECT_INDEX"}:
        return Weight.MUST
    return Weight.TRY if kind == "OBJECT_SEQUENCE" else Weight.QUIET


def _calls(node: Any) -> set[str]:
    """The functions that a plain `SELECT f(...), g(...)` calls."""
    names = set()
    for target in node.targetList or ():
        call = target.val
        if type(call).__name__ != "FuncCall":
            return set()
        names.add(call.funcname[-1].sval)
    return names
