"""Regular expressions, LIKE and SIMILAR TO on operands."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.expressions.kinds import BOOL, INT4, TEXT, Kind
from app.generator.expressions.like import like_to_regex, similar_to_regex
from app.generator.expressions.matching import matcher, picks_longest, replacement_for_re2, to_python_regex, to_re2
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Operand, lift, lift_scalar
from app.generator.expressions.path_queries import lquery_to_regex
from app.generator.expressions.regex import parse_regex
from app.generator.expressions.text_arguments import Builder, constant_text, raw_text, scalar, text_of
from app.generator.expressions.vectors import Fails


def matches(operator: str, left: Operand, right: Operand) -> Operand:
    """~, ~*, !~, !~*, and LIKE as ~~, ~~*, !~~, !~~*."""
    if left.kind.name in ("ltree", "lquery"):
        return _path_matches(operator, left, right)
    negated = operator.startswith("!")
    name = operator.lstrip("!")
    ignore_case = name.endswith("*") or left.kind.name == "citext"
    like = name.startswith("~~")
    if right.is_null or left.is_null:
        return lift(BOOL, lambda x, y: x, text_of(left), text_of(right))
    if right.value is None:
        return _matches_varying(text_of(left), text_of(right), like, ignore_case, negated)
    pattern = constant_text(right, "a pattern")
    subject = raw_text(left)
    if like:
        kernel = _like_kernel(pattern, ignore_case)
    else:
        kernel = matcher(pattern, ignore_case)
    return lift(BOOL, (lambda x: ~kernel(x)) if negated else kernel, subject)


def _path_matches(operator: str, left: Operand, right: Operand) -> Operand:
    """A path of labels ~ a constant lquery."""
    if operator != "~" or left.kind.name != "ltree" or right.value is None:
        raise ExpressionUnknown(f"the operator {operator} of paths of labels")
    kernel = matcher(lquery_to_regex(str(right.constant())), False)
    return lift(BOOL, kernel, Operand(TEXT, left.run, left.columns, left.value))


def _like_kernel(pattern: str, ignore_case: bool) -> Callable[[Any], Any]:
    return matcher(like_to_regex(pattern), ignore_case)


def _matches_varying(left: Operand, right: Operand, like: bool, ignore_case: bool, negated: bool) -> Operand:
    """The pattern comes from a column: compiled once per distinct pattern."""

    def test(text: str, pattern: str) -> bool:
        try:
            found = matcher(like_to_regex(pattern) if like else pattern, ignore_case)
        except ExpressionUnknown as error:
            raise Fails(error.what) from None
        return bool(found(pa.array([text]))[0]) != negated

    return lift_scalar(BOOL, test, left, right)


def substring_regex(subject: Operand, pattern: str) -> Operand:
    compiled = to_python_regex(_first_match_regex(pattern), pattern)

    def find(text: str) -> str | None:
        found = compiled.search(text)
        if found is None:
            return None
        return found.group(1) if compiled.groups else found.group()

    return lift_scalar(TEXT, find, subject)


def _first_match_regex(pattern: str, ignore_case: bool = False) -> Any:
    regex = parse_regex(pattern, ignore_case)
    if picks_longest(regex):
        # Which of several matches is taken differs between POSIX and Perl-like engines.
        raise ExpressionUnknown("a match with alternatives that is taken out of a text", pattern)
    return regex


def _regexp_replace(arguments: Sequence[Operand]) -> Operand:
    value = text_of(arguments[0])
    pattern = constant_text(arguments[1], "a pattern")
    replacement = constant_text(arguments[2], "a replacement")
    flags = constant_text(arguments[3], "flags") if len(arguments) > 3 else ""
    if set(flags) - {"g", "i"} or len(arguments) > 4:
        raise ExpressionUnknown(f"regexp_replace with flags {flags}")
    linear = to_re2(_first_match_regex(pattern, "i" in flags))
    translated = replacement_for_re2(replacement)
    if linear is None or translated is None:
        raise ExpressionUnknown("regexp_replace with this pattern or replacement", pattern)
    most = None if "g" in flags else 1
    return lift(TEXT, lambda x: pc.replace_substring_regex(x, linear, translated, max_replacements=most), value)


def _regexp_like(arguments: Sequence[Operand]) -> Operand:
    flags = constant_text(arguments[2], "flags") if len(arguments) > 2 else ""
    if set(flags) - {"i", "c"}:
        raise ExpressionUnknown(f"regexp_like with flags {flags}")
    return matches("~*" if flags.endswith("i") else "~", arguments[0], arguments[1])


def _regexp_matched(arguments: Sequence[Operand]) -> Operand:
    """regexp_match: only whether there is a match is told; the groups are those of the first one."""
    flags = constant_text(arguments[2], "flags") if len(arguments) > 2 else ""
    pattern = constant_text(arguments[1], "a pattern")
    if set(flags) - {"i"}:
        raise ExpressionUnknown(f"regexp_match with flags {flags}")
    compiled = to_python_regex(_first_match_regex(pattern, "i" in flags), pattern)

    def find(text: str) -> list[str | None] | None:
        found = compiled.search(text)
        if found is None:
            return None
        return list(found.groups()) if compiled.groups else [found.group()]

    return lift_scalar(Kind("array", TEXT), find, text_of(arguments[0]))


def _regexp_count(arguments: Sequence[Operand]) -> Operand:
    pattern = constant_text(arguments[1], "a pattern")
    compiled = to_python_regex(_first_match_regex(pattern), pattern)
    if len(arguments) > 2:
        raise ExpressionUnknown("regexp_count from a position")
    return lift_scalar(INT4, lambda x: sum(1 for _ in compiled.finditer(x)), text_of(arguments[0]))


def like_escape(pattern: str, escape: str) -> str:
    """A LIKE pattern with another escape character, as one with the backslash."""
    if len(escape) > 1:
        raise Fails("invalid escape string")
    found, i = "", 0
    while i < len(pattern):
        char = pattern[i]
        if escape and char == escape:
            i += 1
            found += "\\" + pattern[i : i + 1]
        else:
            found += "\\\\" if char == "\\" else char
        i += 1
    return found


def similar_escape(pattern: str, escape: str = "\\") -> str:
    try:
        return similar_to_regex(pattern, escape)
    except ExpressionUnknown as error:
        raise Fails(error.what) from None


FUNCTIONS: dict[str, Builder] = {
    "regexp_replace": _regexp_replace,
    "regexp_like": _regexp_like,
    "regexp_match": _regexp_matched,
    "regexp_count": _regexp_count,
    "like_escape": scalar(TEXT, like_escape, TEXT, TEXT),
    "similar_to_escape": scalar(TEXT, similar_escape, TEXT, TEXT),
    "similar_escape": scalar(TEXT, similar_escape, TEXT, TEXT),
}
