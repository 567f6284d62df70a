"""Whatever the code counts or measures has its meaning in the document for who is on call."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ROOT / "shared" / "scheduling"
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")

#: Where a name is counted that was chosen elsewhere: in an `Ending`, or by what a run has done.
CHOSEN_ELSEWHERE = {"bookings/worker.py", "operations/reconcile.py"}
_NAME = re.compile(r"(?:[A-Z][a-z]+)+")


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(CODE.rglob("*.py")):
        yield str(path.relative_to(CODE)), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def counted(tree: ast.Module) -> Iterator[ast.expr]:
    """Return what is counted and measured: the first argument of each such call."""
    for call in calls(tree):
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"count", "measure"}:
            owner = ast.unparse(call.func.value).rpartition(".")[2]
            if owner in {"metrics", "_metrics"}:
                yield call.args[0]


def ending_metrics(tree: ast.Module) -> Iterator[ast.expr]:
    """Return the metrics of the endings that a step says of a booking."""
    for call in calls(tree):
        if isinstance(call.func, ast.Name) and call.func.id == "Ending":
            yield from call.args[1:2]
            yield from (each.value for each in call.keywords if each.arg == "metric")


def done_by_runs(tree: ast.Module) -> Iterator[str]:
    """Return the names of what a run of `reconcile` did with an item, or of what it left.

    Codes, which say why it was left, are in capitals.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Return | ast.Assign) and node.value is not None:
            texts = (each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant))
            yield from (text for text in texts if isinstance(text, str) and _NAME.fullmatch(text))


def named(expressions: Iterator[ast.expr]) -> Iterator[str]:
    """Return the names that are written down; an empty one counts nothing."""
    for each in expressions:
        if isinstance(each, ast.Constant) and each.value:
            yield str(each.value)


def in_the_code() -> set[str]:
    found: set[str] = set()
    for path, tree in trees():
        found |= {*named(counted(tree)), *named(ending_metrics(tree))}
        if path == "operations/reconcile.py":
            found |= set(done_by_runs(tree))
    return found


def in_the_document() -> list[str]:
    table = PAGE.partition("\n| metric | is counted, or measured |\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    assert all(meaning.strip() for _, meaning in rows)
    return [name for name, _ in rows]


def test_whatever_is_counted_or_measured_has_its_meaning_and_the_reverse() -> None:
    assert len(in_the_code()) > 30
    assert set(in_the_document()) == in_the_code()


def test_meanings_are_in_the_order_of_their_names() -> None:
    assert in_the_document() == sorted(set(in_the_document()))


def test_a_name_that_is_counted_stands_where_it_is_counted_or_where_it_is_chosen() -> None:
    """Else a new one could be counted under a name that this reading does not find."""
    for path, tree in trees():
        expressions = [*counted(tree), *ending_metrics(tree)]
        written = all(isinstance(each, ast.Constant) for each in expressions)
        assert written is (path not in CHOSEN_ELSEWHERE) or not expressions, path
