"""Standard words where the field has one: no identifier and no file is called by what we left.

Whole names are compared. `docs/architecture.md` has a glossary for the words that are ours.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Left name -> the field's word.
LEFT = {
    "moves": "transitions",
    "MOVES": "TRANSITIONS",
    "moving": "rescheduling",
    "MOVING": "RESCHEDULING",
    "Mover": "Rescheduler",
    "mover": "rescheduler",
    "move_event": "reschedule_event",
    "patience": "retry",
    "patiently": "with_retries",
    "doorway": "one_time_links",
    "Doorway": "OneTimeLinks",
    "browsers": "session_cookies",
    "Browsers": "SessionCookies",
    "identify": "authenticate",
    "audience": "access_policy",
    "Audience": "AccessPolicy",
    "admit": "authorize",
    "aftercare": "follow_up",
    "Aftercare": "FollowUp",
    "look_after": "check_conflicts",
    "settling": "recovery",
    "Settler": "Recovery",
    "settler": "recovery",
    "Watch": "OrphanWatch",
    "Piece": "WorkItem",
    "piece": "work item",
    "Due": "WorkQueue",
    "traces": "personal data",
    "Traces": "PersonRecords",
    "People": "PersonalData",
    "preparing": "provision",
    "rotating": "key_rotation",
    "registering": "tenants",
    "checking": "diagnostics",
    "preferring": "preferences",
    "say": "translate",
    "sayer": "translate",
    "anew": "again",
    "told": "notified",
    "owed": "pending (owed in the outbox)",
    "stands": "active",
    "stands_since": "last_modified",
    "generation": "revision",
    "leads_back": "is_registered_redirect",
    "stand_in": "emulator",
    "stand_ins": "emulators",
    "mortals": "crash_workers",
}
#: In the browser module alone: a wall clock has its name elsewhere.
LEFT_IN_BROWSERS = LEFT | {
    "deed": "action",
    "deeds": "actions",
    "wall": "surface",
    "given": "propertyChangedCallback",
}
#: What a name of the list is kept for: a part of the path, and why.
KEPT = {
    ("outbox", "owed"): "the outbox owes messages: our word, in the glossary",
    ("adapters/dynamodb", "owed"): "the write that owes a message in a transaction",
    ("messages", "owed"): "messages that the outbox owes",
    ("shares/share.py", "owed"): "the message that a share owes",
    ("ports/stores.py", "owed"): "the message that a step owes",
    ("adapters/google", "audience"): "a parameter of google-auth (RFC 7519, aud)",
    ("local/google", "audience"): "the claim aud of RFC 7519",
}


def names(tree: ast.AST) -> Iterator[str]:
    """Go through every identifier: names, attributes, arguments, definitions, keywords, imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.keyword(arg=str(name)) | ast.alias(asname=str(name)):
                yield name
            case ast.alias(name=name):
                yield from name.split(".")


def kept(path: str, name: str) -> bool:
    return any(part in path and name == word for part, word in KEPT)


def sources(*folders: str, suffix: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob(f"*{suffix}"))]
    return [path for path in found if ".build" not in path.parts and ".venv" not in path.parts]


@pytest.mark.parametrize("folder", ["shared", "functions", "local", "benchmarks", "layers"])
def test_no_identifier_of_the_product_has_a_word_that_was_left(folder: str) -> None:
    found = set()
    for path in sources(folder, suffix=".py"):
        where = str(path.relative_to(ROOT))
        for name in names(ast.parse(path.read_text(encoding="utf-8"))):
            if name in LEFT and not kept(where, name):
                found.add(f"{where}: {name} -> {LEFT[name]}")
    assert sorted(found) == []


def test_no_identifier_of_the_browser_module_has_a_word_that_was_left() -> None:
    found = set()
    for path in sources("web/module", "web/assets", "local/demo", suffix=""):
        if path.suffix not in {".js", ".css", ".ts"}:
            continue
        text = path.read_text(encoding="utf-8")
        # Comments are prose; texts are the wire's, on which a booking's state is called `moving`.
        code = re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"", "", text, flags=re.DOTALL)
        words = set(re.findall(r"[A-Za-z_]\w*", code))
        left = words & set(LEFT_IN_BROWSERS)
        found |= {f"{path.name}: {name} -> {LEFT_IN_BROWSERS[name]}" for name in left}
    assert sorted(found) == []


def test_no_file_is_called_by_a_word_that_was_left() -> None:
    every = sources("shared", "functions", "local", "tests", "benchmarks", "web", suffix="")
    assert [str(path) for path in every if path.stem.removeprefix("test_") in LEFT] == []


def test_no_docstring_begins_with_give() -> None:
    found = []
    for path in sources("shared", "functions", "local", "tests", "benchmarks", suffix=".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node) or ""
                if re.match(r"Gives?\b", text):
                    found.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}")
    assert found == []
