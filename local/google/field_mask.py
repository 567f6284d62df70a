"""Partial answers: the `fields` parameter, for example `timeZone,items(id,start/dateTime)`.

Source: developers.google.com/workspace/calendar/api/guides/performance, "Partial response".
"""

import re
from collections.abc import Mapping
from typing import Any

from local.google.contract import Contract
from local.google.refusals import Refusal, calendar_refusal

#: Field name -> what is wanted of it; an empty mask wants everything.
Mask = dict[str, "Mask"]
_TOKEN = re.compile(r"[A-Za-z0-9_@.\-]+|[*/(),]")


def read_mask(text: str, contract: Contract, schema: str) -> Mask:
    """Read a mask and hold it against the type of the answer.

    Raises:
        Refusal: It does not follow the grammar, or names a field that the type does not have.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text:
        raise _invalid(text)
    mask = _read_list(tokens, text)
    if tokens:
        raise _invalid(text)
    _check(mask, contract, schema)
    return mask


def apply_mask(mask: Mask, value: Any) -> Any:
    """Keep what the mask wants."""
    if not mask:
        return value
    if isinstance(value, list):
        return [apply_mask(mask, part) for part in value]
    if not isinstance(value, dict):
        return value
    rest = mask.get("*")
    kept = {}
    for name, part in value.items():
        wanted = mask.get(name, rest)
        if wanted is not None:
            kept[name] = apply_mask(wanted, part)
    return kept


def _read_list(tokens: list[str], text: str) -> Mask:
    mask: Mask = {}
    while True:
        _read_item(tokens, text, mask)
        if not tokens or tokens[0] != ",":
            return mask
        tokens.pop(0)


def _read_item(tokens: list[str], text: str, mask: Mask) -> None:
    if not tokens or tokens[0] in "/(),":
        raise _invalid(text)
    inner = mask.setdefault(tokens.pop(0), {})
    if tokens and tokens[0] == "/":
        tokens.pop(0)
        _read_item(tokens, text, inner)
    elif tokens and tokens[0] == "(":
        tokens.pop(0)
        inner.update(_read_list(tokens, text))
        if not tokens or tokens.pop(0) != ")":
            raise _invalid(text)


def _check(mask: Mask, contract: Contract, schema: Mapping[str, Any] | str) -> None:
    if not mask:
        return
    fields = contract.fields_of(schema)
    for name, inner in mask.items():
        known = fields is not None and (name in fields or name == "*" or "*" in fields)
        if fields is None or not known:
            raise _invalid(name)
        if name in fields or "*" in fields:
            _check(inner, contract, fields.get(name, fields.get("*", {})))


def _invalid(what: str) -> Refusal:
    message = f"Invalid field selection {what}"
    return calendar_refusal(400, "invalidParameter", message, parameter="fields")
