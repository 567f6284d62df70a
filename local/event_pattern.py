"""Filter patterns of an event source mapping: does a record match?

A list is met by any of its entries, an object by all of its fields. An entry is a value, or an
object with one of `prefix`, `suffix`, `anything-but`, `exists`, `equals-ignore-case`, `numeric`.

Source: AWS Lambda Developer Guide, "Control which events Lambda sends to your function", filter
rule syntax (read 2026-11).
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from local.intrinsics import TemplateError

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Say whether an event meets a pattern.

    Raises:
        TemplateError: The pattern has a rule that is not known here.
    """
    return all(_field(rule, name, event) for name, rule in pattern.items())


def _field(rule: Any, name: str, event: Any) -> bool:
    present = isinstance(event, dict) and name in event
    value = event[name] if present else None
    if isinstance(rule, dict):
        return present and matches(rule, value)
    if not isinstance(rule, list):
        raise TemplateError(f"A filter pattern must have lists as its leaves, not {rule!r}.")
    values = value if isinstance(value, list) else [value]
    return any(_entry(entry, one, present=present) for entry in rule for one in values)


def _entry(entry: Any, value: Any, *, present: bool) -> bool:
    if not isinstance(entry, dict):
        return present and bool(entry == value)
    ((name, argument),) = entry.items()
    if name == "exists":
        return present is argument
    if name not in _RULES:
        raise TemplateError(f"The local run does not know the filter rule '{name}'.")
    return present and _RULES[name](argument, value)


def _anything_but(argument: Any, value: Any) -> bool:
    if isinstance(argument, dict):
        return not _entry(argument, value, present=True)
    return value not in (argument if isinstance(argument, list) else [argument])


def _numeric(argument: list[Any], value: Any) -> bool:
    pairs = zip(argument[::2], argument[1::2], strict=True)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and all(_COMPARE[sign](value, bound) for sign, bound in pairs)


_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "prefix": lambda argument, value: isinstance(value, str) and value.startswith(argument),
    "suffix": lambda argument, value: isinstance(value, str) and value.endswith(argument),
    "equals-ignore-case": lambda argument, value: (
        isinstance(value, str) and value.lower() == str(argument).lower()
    ),
    "anything-but": _anything_but,
    "numeric": _numeric,
}
