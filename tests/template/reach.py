"""What a function's code can come to, read from its syntax by following types.

An over-approximation: every branch counts, and so does a method that is named without being
called. Fields have the types that they are declared with and those that `wiring` puts there.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

Def = ast.FunctionDef | ast.AsyncFunctionDef
#: A module's function as (module, name), a class's method as (class, name).
Place = tuple[str, str]


@dataclass
class Module:
    """One file: what it defines, and what its names stand for."""

    tree: ast.Module
    functions: dict[str, Def] = field(default_factory=dict)
    #: Local name -> module, or -> (module, name).
    modules: dict[str, str] = field(default_factory=dict)
    names: dict[str, Place] = field(default_factory=dict)


class Code:
    """The package's modules and classes; names of classes are taken to be unique in it."""

    def __init__(self, package: Path) -> None:
        self.modules = {
            ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(
                ".__init__"
            ): read(path)
            for path in sorted(package.rglob("*.py"))
        }
        #: The classes of fields by class and name, for what is known to be passed by now.
        self._known_fields: dict[tuple[str, str], set[str]] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self._home: dict[str, str] = {}
        for name, module in self.modules.items():
            for node in module.tree.body:
                if isinstance(node, ast.ClassDef):
                    self.classes[node.name] = node
                    self._home[node.name] = name

    def reach(
        self,
        start: Path,
        functions: Iterable[str] | None = None,
        without: Container[Place] = (),
    ) -> set[Place]:
        """Return every function and method that a function's module can come to.

        Args:
            start: the module.
            functions: those of it that are begun with; all of them for none.
            without: what is not gone through.
        """
        self.modules["app"] = module = read(start)
        assert self._given
        loaded = [
            node for node in module.tree.body if functions is None or not isinstance(node, Def)
        ]
        waiting = list(self._edges(loaded, "app", {}))
        for name in module.functions if functions is None else functions:
            function = module.functions[name]
            waiting += self._edges(function.body, "app", self._scope(function, "app", "app"))
        seen: set[Place] = set()
        while waiting:
            place = waiting.pop()
            if place in seen or place in without:
                continue
            seen.add(place)
            owner, name = place
            found = self._method(owner, name) if owner in self.classes else None
            body = found or self.modules.get(owner, Module(ast.Module([], []))).functions.get(name)
            if body is not None:
                home = self._home.get(owner, owner)
                waiting += self._edges(body.body, home, self._scope(body, owner, home))
        return seen

    def _method(self, owner: str, name: str) -> Def | None:
        declared = self.classes[owner]
        for node in declared.body:
            if isinstance(node, Def) and node.name == name:
                return node
        parents = [parent.id for parent in declared.bases if isinstance(parent, ast.Name)]
        found = (self._method(parent, name) for parent in parents if parent in self.classes)
        return next((each for each in found if each), None)

    def _named(self, annotation: ast.expr | None) -> set[str]:
        """Return the classes that an annotation names, those in quotes too."""
        if annotation is None:
            return set()
        return set(re.findall(r"\w+", ast.unparse(annotation))) & set(self.classes)

    @cached_property
    def _given(self) -> dict[tuple[str, str], set[str]]:
        """Map what `wiring` passes: (class, field or parameter) -> classes.

        What is passed may itself be a field of something that was passed: so it is gone through
        until nothing more is found.
        """
        found: dict[tuple[str, str], set[str]] = {}
        while True:
            self.__dict__["_given"] = found
            self._known_fields.clear()
            more = self._passed()
            if more == found:
                return found
            found = more

    def _passed(self) -> dict[tuple[str, str], set[str]]:
        given: dict[tuple[str, str], set[str]] = defaultdict(set)
        for home, scope, node in self._calls_of_wiring():
            for called, names in self._called(node.func, home):
                for name, value in zip(names, node.args, strict=False):
                    given[called, name] |= self._types(value, home, scope)
                for keyword in node.keywords:
                    if keyword.arg:
                        given[called, keyword.arg] |= self._types(keyword.value, home, scope)
        return dict(given)

    def _called(self, node: ast.expr, home: str) -> Iterator[tuple[str, list[str]]]:
        """Name the class or the function that a call is of, with its parameters."""
        if isinstance(node, ast.Name) and node.id in self.classes:
            yield node.id, self._parameters(self.classes[node.id])
        for owner, name in self._places(node, home):
            arguments = self.modules[owner].functions[name].args.args
            yield f"{owner}.{name}", [each.arg for each in arguments]

    def _calls_of_wiring(self) -> Iterator[tuple[str, dict[str, set[str]], ast.Call]]:
        """Go through the calls in `wiring`, each with the types of the names that it may use."""
        for home in (name for name in self.modules if name.startswith("scheduling.wiring")):
            for node in self.modules[home].tree.body:
                parts = node.body if isinstance(node, ast.ClassDef) else [node]
                owner = node.name if isinstance(node, ast.ClassDef) else home
                for part in (each for each in parts if isinstance(each, Def)):
                    scope = self._scope(part, owner, home)
                    for each in ast.walk(part):
                        if isinstance(each, ast.Call):
                            yield home, scope, each

    def _returned(self, node: ast.expr, home: str) -> set[str]:
        """Find the classes that a function's call returns."""
        called = list(self._places(node.func, home)) if isinstance(node, ast.Call) else []
        return {
            found
            for owner, name in called
            for found in self._named(self.modules[owner].functions[name].returns)
        }

    @staticmethod
    def _parameters(declared: ast.ClassDef) -> list[str]:
        for node in declared.body:
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                return [each.arg for each in node.args.args[1:]]
        return [
            node.target.id
            for node in declared.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        ]

    def _scope(self, body: Def, owner: str, home: str) -> dict[str, set[str]]:
        """Return the classes of a function's parameters and of the variables that it sets."""
        arguments = body.args.posonlyargs + body.args.args + body.args.kwonlyargs
        scope = {each.arg: self._named(each.annotation) for each in arguments}
        if owner in self.classes and arguments:
            scope[arguments[0].arg] = {owner}
        for each in arguments:
            passed = self.__dict__["_given"].get((f"{owner}.{body.name}", each.arg), set())
            scope[each.arg] |= passed
        for node in ast.walk(body):
            for target, value in bound(node):
                scope[target] = scope.get(target, set()) | self._types(value, home, scope)
        return scope

    def _fields(self, owner: str, name: str) -> set[str]:
        if (owner, name) not in self._known_fields:
            self._known_fields[owner, name] = self._looked_up(owner, name)
        return self._known_fields[owner, name]

    def _looked_up(self, owner: str, name: str) -> set[str]:
        found = set(self._given.get((owner, name), set()))
        for node in ast.walk(self.classes[owner]):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                if node.target.id == name:
                    found |= self._named(node.annotation)
            elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
                found |= self._kept(owner, node, name)
        return found

    def _kept(self, owner: str, init: ast.FunctionDef, name: str) -> set[str]:
        found: set[str] = set()
        arguments = {each.arg: each.annotation for each in init.args.args + init.args.kwonlyargs}
        for node in ast.walk(init):
            if not isinstance(node, ast.Assign):
                continue
            targets = [each.attr for each in node.targets if isinstance(each, ast.Attribute)]
            if name in targets:
                for used in ast.walk(node.value):
                    if isinstance(used, ast.Name) and used.id in arguments:
                        found |= self._named(arguments[used.id])
                        found |= self._given.get((owner, used.id), set())
        return found

    def _types(self, node: ast.expr, home: str, scope: dict[str, set[str]]) -> set[str]:
        if isinstance(node, ast.Name):
            return scope.get(node.id, set()) | ({node.id} & set(self.classes))
        if isinstance(node, ast.Attribute):
            found: set[str] = set()
            for owner in self._types(node.value, home, scope):
                method = self._method(owner, node.attr)
                found |= self._fields(owner, node.attr)
                found |= self._named(method.returns) if method else set()
            return found
        if isinstance(node, ast.Call):
            return self._returned(node, home) | self._types(node.func, home, scope)
        children = (each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))
        return {found for each in children for found in self._types(each, home, scope)}

    def _places(self, node: ast.expr, home: str) -> Iterator[Place]:
        """Return the module's function that an expression names."""
        module = self.modules[home]
        if isinstance(node, ast.Name):
            owner, name = module.names.get(node.id, (home, node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner, name = module.modules.get(node.value.id, ""), node.attr
        else:
            return
        # A package may pass on what one of its modules defines.
        passed_on = self.modules[owner].names.get(name) if owner in self.modules else None
        owner, name = passed_on or (owner, name)
        if owner in self.modules and name in self.modules[owner].functions:
            yield owner, name

    def _edges(
        self, body: list[ast.stmt], home: str, scope: dict[str, set[str]]
    ) -> Iterator[Place]:
        nodes = [each for statement in body for each in ast.walk(statement)]
        # Who catches a kind of error makes none.
        caught = {
            id(name)
            for each in nodes
            if isinstance(each, ast.ExceptHandler) and each.type is not None
            for name in ast.walk(each.type)
        }
        for node in (each for each in nodes if id(each) not in caught):
            shadowed = isinstance(node, ast.Name) and node.id in scope
            if isinstance(node, ast.Name | ast.Attribute) and not shadowed:
                yield from self._places(node, home)
            if isinstance(node, ast.Attribute):
                for owner in self._types(node.value, home, scope):
                    yield owner, node.attr
            elif isinstance(node, ast.Name) and node.id in self.classes:
                yield node.id, "__init__"


def read(path: Path) -> Module:
    """Read a file."""
    module = Module(ast.parse(path.read_text(encoding="utf-8")))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                module.modules[each.asname or each.name] = f"{node.module}.{each.name}"
                module.names[each.asname or each.name] = (node.module, each.name)
    module.functions = {node.name: node for node in module.tree.body if isinstance(node, Def)}
    return module


def bound(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Return the variables that a node sets, with what they are set from."""
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.For | ast.comprehension):
        targets, value = [node.target], node.iter
    elif isinstance(node, ast.NamedExpr):
        targets, value = [node.target], node.value
    elif isinstance(node, ast.withitem) and node.optional_vars:
        targets, value = [node.optional_vars], node.context_expr
    else:
        return
    for target in targets:
        for each in ast.walk(target):
            if isinstance(each, ast.Name):
                yield each.id, value
