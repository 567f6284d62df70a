"""Tests lie like the code: each module has its partner under `tests/unit`, at the same place.

Without a partner may be what has no behaviour: no function with a body, so Protocols, constants and
values that only hold their fields. A package's own file, where it has behaviour, has a partner of
the package's name: `tests/unit/wiring/test_wiring.py`.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ROOT / "shared" / "scheduling"
TESTS = ROOT / "tests" / "unit"

#: Modules that are held to their promise somewhere else: against engines and emulators.
ELSEWHERE = {
    "adapters/aws/sealing.py": "contract/test_sealing_contract.py",
    "adapters/cometchat/chat.py": "contract/test_chat_contract.py",
    "adapters/dynamodb/booking_store.py": "contract/test_booking_store_contract.py",
    "adapters/dynamodb/busy_store.py": "contract/test_outbox_store_contract.py",
    "adapters/dynamodb/connection_store.py": "contract/test_connection_store_contract.py",
    "adapters/dynamodb/due_index.py": "contract/test_outbox_store_contract.py",
    "adapters/dynamodb/outbox_store.py": "contract/test_outbox_store_contract.py",
    "adapters/dynamodb/preference_store.py": "contract/test_share_store_contract.py",
    "adapters/dynamodb/session_store.py": "contract/test_session_store_contract.py",
    "adapters/dynamodb/share_store.py": "contract/test_share_store_contract.py",
    "adapters/dynamodb/table.py": "contract/test_engine_contract.py",
    "adapters/dynamodb/tenant_store.py": "contract/test_share_store_contract.py",
    "adapters/dynamodb/usage_store.py": "contract/test_usage_store_contract.py",
    "adapters/google/calendar.py": "contract/test_calendar_contract.py",
    "adapters/google/oauth.py": "contract/test_oauth_contract.py",
    "adapters/google/service.py": "contract/test_calendar_contract.py",
    "adapters/inspection.py": "contract/test_inspection_contract.py",
    "ports/signals.py": "contract/test_chat_contract.py",
    "ports/stores.py": "contract/test_booking_store_contract.py",
    "ports/work_queue.py": "contract/test_connection_store_contract.py",
}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def says_nothing(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring or `...`."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def behaves(module: Path) -> bool:
    """Whether a module defines a function that does something."""
    functions = (
        node
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    )
    return any(
        isinstance(each, ast.Lambda) or not all(map(says_nothing, each.body)) for each in functions
    )


def partner(module: Path) -> Path:
    """Return where a module's tests lie."""
    name = module.parent.name if module.stem == "__init__" else module.stem
    return TESTS / module.relative_to(CODE).parent / f"test_{name}.py"


def dotted(module: Path) -> str:
    name = ".".join(module.relative_to(CODE.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


def passed_on(package: str) -> dict[str, str]:
    """Map the names that a package passes on to the modules that define them."""
    path = CODE.parent / Path(*package.split(".")) / "__init__.py"
    if not path.is_file():
        return {}
    imports = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.ImportFrom))
    return {each.name: node.module or "" for node in imports for each in node.names}


def imported(test: Path) -> set[str]:
    """Return the modules from which a test imports something, or which it imports."""
    found: set[str] = set()
    for node in ast.walk(parsed(test)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            source, here = passed_on(node.module), {each.name for each in node.names}
            found |= {node.module, *(f"{node.module}.{name}" for name in here)}
            found |= {source[name] for name in here & set(source)}
    return found


def homes(tree: ast.Module) -> dict[str, str]:
    """Map the names that a file imports to the modules that they come from."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return {each.name: node.module or "" for node in imports for each in node.names}


@cache
def parts() -> dict[str, str]:
    """Map the parts of `tests.world.World`, stores and use cases, to their classes' modules."""
    world, composed = parsed(ROOT / "tests/world.py"), parsed(CODE / "wiring/assemble.py")
    stores = {
        target.attr: node.value.func.id
        for node in ast.walk(world)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
    }
    use_cases = {
        node.name: ast.unparse(node.returns).strip("'")
        for each in composed.body
        if isinstance(each, ast.ClassDef) and each.name == "UseCases"
        for node in each.body
        if isinstance(node, ast.FunctionDef) and node.returns
    }
    found = [(stores, homes(world)), (use_cases, homes(composed))]
    return {
        name: known[kind] for made, known in found for name, kind in made.items() if kind in known
    }


def speaks_of(test: Path, module: Path) -> bool:
    """Whether a test imports a module, or something of it, or uses the world's part of it."""
    used = {node.attr for node in ast.walk(parsed(test)) if isinstance(node, ast.Attribute)}
    return dotted(module) in imported(test) | {parts()[name] for name in used & set(parts())}


def named_in(path: Path) -> list[str]:
    return [
        node.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


MODULES = sorted(path for path in CODE.rglob("*.py") if behaves(path))
PARTNERS = {partner(path) for path in CODE.rglob("*.py")}


def test_every_module_that_does_something_has_its_partner() -> None:
    lonely = [
        str(each.relative_to(CODE))
        for each in MODULES
        if str(each.relative_to(CODE)) not in ELSEWHERE and not partner(each).is_file()
    ]
    assert lonely == []


def test_every_partner_has_tests_and_they_speak_of_its_module() -> None:
    there = [each for each in MODULES if partner(each).is_file()]
    assert there
    assert [str(each.relative_to(CODE)) for each in there if not named_in(partner(each))] == []
    silent = [each for each in there if not speaks_of(partner(each), each)]
    assert [str(each.relative_to(CODE)) for each in silent] == []


def test_every_unit_test_has_its_module() -> None:
    found = sorted(TESTS.rglob("test_*.py"))
    assert found
    assert [str(each.relative_to(TESTS)) for each in found if each not in PARTNERS] == []


@pytest.mark.parametrize("module", sorted(ELSEWHERE))
def test_what_is_tested_elsewhere_is_named_there_and_here_for_a_reason(module: str) -> None:
    path, test = CODE / module, ROOT / "tests" / ELSEWHERE[module]
    assert path in MODULES, "it is not there, or needs no tests"
    assert not partner(path).exists(), "it has a partner, and need not stand here"
    assert named_in(test)
    assert speaks_of(test, path)
