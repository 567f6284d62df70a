"""CloudFormation's functions: `!Ref`, `!Sub`, `!GetAtt`, `!If` and their kin, worked out.

Only what is asked for is resolved, because most of a template (roles, alarms, log groups) names
resources that exist in AWS alone.
What it does not do: `Fn::ImportValue`, `Fn::Transform`, mappings and whatever else is not in
`_FUNCTIONS`; each is refused by its name.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")
_NOTHING = object()


class TemplateError(Exception):
    """The template says something that the local run cannot follow; the message says what."""


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, read as their long form (`{"Fn::Sub": ...}`)."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


def load(text: str) -> dict[str, Any]:
    """Read a template's text.

    Raises:
        TemplateError: It is not YAML, or not a template.
    """
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with more tags
    except yaml.YAMLError as why:
        raise TemplateError(f"The template is not YAML: {why}") from why
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError("The template has no Resources.")
    return document


class Resolver:
    """Works out values of one template.

    Args:
        document: As `load` gave it.
        parameters: Values for its parameters; a default stands in for one that is missing.
        values: What `Ref` and `GetAtt` give: `{"Table": ..., "Table.Arn": ...}` and pseudo
            parameters (`AWS::Region`). Looked up when needed, so it may grow meanwhile.
    """

    def __init__(
        self, document: Mapping[str, Any], parameters: Mapping[str, str], values: Mapping[str, str]
    ) -> None:
        self._document = document
        self._parameters = parameters
        self._values = values
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": self.condition,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::If": self._if,
            "Fn::Equals": self._equals,
            "Fn::Not": lambda parts: not self._truth(parts[0]),
            "Fn::And": lambda parts: all(self._truth(part) for part in parts),
            "Fn::Or": lambda parts: any(self._truth(part) for part in parts),
            "Fn::Select": self._select,
            "Fn::Split": self._split,
        }

    def resolve(self, value: Any) -> Any:
        """Work out a value and all within it; `AWS::NoValue` disappears with its key."""
        resolved = self._resolve(value)
        return None if resolved is _NOTHING else resolved

    def condition(self, name: str) -> bool:
        """Say whether a named condition holds."""
        conditions = self._document.get("Conditions", {})
        if name not in conditions:
            raise TemplateError(f"The template has no condition '{name}'.")
        return self._truth(conditions[name])

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1:
                name, argument = next(iter(value.items()))
                if name in self._functions:
                    return self._functions[name](argument)
                if str(name).startswith("Fn::"):
                    raise TemplateError(f"The local run does not know {name}.")
            pairs = ((key, self._resolve(part)) for key, part in value.items())
            return {key: part for key, part in pairs if part is not _NOTHING}
        if isinstance(value, list):
            parts = (self._resolve(part) for part in value)
            return [part for part in parts if part is not _NOTHING]
        return value

    def _truth(self, condition: Any) -> bool:
        return bool(self._resolve(condition))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name in self._values:
            return self._values[name]
        parameters = self._document.get("Parameters", {})
        if name in parameters:
            if name in self._parameters:
                return self._parameters[name]
            if "Default" in parameters[name]:
                return parameters[name]["Default"]
            raise TemplateError(f"The parameter '{name}' has no default and was given no value.")
        raise TemplateError(f"Nothing here stands for !Ref {name}.")

    def _get_att(self, parts: list[str]) -> str:
        name = ".".join(parts)
        if name not in self._values:
            raise TemplateError(f"Nothing here stands for !GetAtt {name}.")
        return self._values[name]

    def _sub(self, argument: Any) -> str:
        text, given = argument if isinstance(argument, list) else (argument, {})
        known = {name: self._resolve(value) for name, value in given.items()}

        def fill(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in known:
                return str(known[name])
            return str(self._get_att([name]) if "." in name else self._ref(name))

        return _PLACEHOLDER.sub(fill, text)

    def _join(self, argument: list[Any]) -> str:
        separator, parts = argument
        return str(separator).join(str(part) for part in self._resolve(parts))

    def _if(self, argument: list[Any]) -> Any:
        name, if_true, if_false = argument
        return self._resolve(if_true if self.condition(name) else if_false)

    def _equals(self, argument: list[Any]) -> bool:
        left, right = (str(self._resolve(side)) for side in argument)
        return left == right

    def _select(self, argument: list[Any]) -> Any:
        index, parts = argument
        return self._resolve(parts)[int(self._resolve(index))]

    def _split(self, argument: list[Any]) -> list[str]:
        separator, text = argument
        return str(self._resolve(text)).split(separator)
