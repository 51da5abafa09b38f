"""From a request to a plan: every decision that the bytes depend on, or every reason why there can be none."""

from dataclasses import replace

from app.errors import Fault, PlanRefused
from app.generator.config import GeneratorConfig
from app.generator.plan import Plan, TablePlan
from app.generator.planning.dimensions import with_dimensions
from app.generator.planning.drafting import Drafter, Findings
from app.generator.planning.settling import Settler
from app.generator.pools import resolve_locale
from app.generator.snapshot.model import Snapshot
from app.generator.version import ENGINE_VERSION


def make_plan(snapshot: Snapshot, config: GeneratorConfig, seed: str | int) -> Plan:
    """Resolves a request into a plan, in the shape that the snapshot's statistics give, where it has some.

    Raises PlanRefused with every fault found; makes no row of the export.
    """
    plan = plan_without_statistics(snapshot, config, seed)
    if not snapshot.statistics:
        return plan
    from app.generator.planning.shaping import shaped

    return shaped(snapshot, config, plan)


def plan_without_statistics(snapshot: Snapshot, config: GeneratorConfig, seed: str | int) -> Plan:
    """Resolves a request by the schema and the request alone. Raises PlanRefused with every fault found."""
    blank = Plan(
        seed=str(seed),
        tables=(),
        engine_version=ENGINE_VERSION,
        locale=config.locale,
        reference=config.reference,
        types=snapshot.types,
        functions=snapshot.functions,
    )
    snapshot = with_dimensions(snapshot)
    tables, findings = _settled(snapshot, config, blank, agreeing=False)
    if _without_common_parents(findings):
        # Only then: what tables have in common comes from few values, which leave their keys less room.
        others, found = _settled(snapshot, config, blank, agreeing=True)
        if len(found.all_faults()) < len(findings.all_faults()):
            tables, findings = others, found
    if findings.faults:
        raise PlanRefused(findings.faults)
    if config.scale is not None:
        findings.warnings.append(f"rows are {config.scale:g} of those that statistics say the real tables have")
    return replace(blank, tables=tables, warnings=tuple(dict.fromkeys(findings.warnings)))


def _settled(
    snapshot: Snapshot, config: GeneratorConfig, blank: Plan, *, agreeing: bool
) -> tuple[tuple[TablePlan, ...], Findings]:
    """The tables' plans, with all there is to say of them; `agreeing` has tables of one schema share some values."""
    findings = Findings()
    served = resolve_locale(config.locale)
    if served != config.locale.replace("-", "_").partition(".")[0]:
        findings.warnings.append(f"there are no words for the locale {config.locale}: those of {served} are taken")
    drafts = Drafter(snapshot, config, blank.catalog, findings, agreeing=agreeing).draft()
    if findings.faults and not drafts:
        return (), findings
    try:
        tables = Settler(snapshot, config, blank, drafts, findings).settle()
    except RecursionError:
        message = "some tables' keys are taken from each other in a circle, so that no value can come first"
        raise PlanRefused([Fault("/schema", "circular_values", message)]) from None
    if findings.impossible and not any(table.rows for table in tables):
        findings.faults += [fault for faults in findings.impossible.values() for fault in faults]
    return tables, findings


def _without_common_parents(findings: Findings) -> bool:
    return any(fault.code == "no_common_parent" for fault in findings.all_faults())
