"""The integration guide as tests read it: its pieces of code by name, and which of them are run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from markdown_it import MarkdownIt

from local.world import RunningWorld

Test = TypeVar("Test", bound=Callable[..., Any])
PAGE = Path(__file__).parents[3] / "docs" / "integration.md"
_FENCES = [each for each in MarkdownIt().parse(PAGE.read_text()) if each.type == "fence"]
#: What stands behind each opening fence: a language, and `name=`.
HEADS = [each.info for each in _FENCES]
SNIPPETS = {each.info.partition("name=")[2]: each.content for each in _FENCES}
#: Those that a test has promised to run.
RUN: set[str] = set()


def runs(*names: str) -> Callable[[Test], Test]:
    """Say which pieces of code a test runs."""
    RUN.update(names)
    return lambda test: test


def snippet(name: str, world: RunningWorld | None = None) -> str:
    """Return a piece of code as it stands there, or with a world's names for the example's."""
    assert name in RUN, f"{name} is run by no test that says so."
    code = SNIPPETS[name]
    if world is None:
        return code
    return code.replace("https://calendar.example", world.url).replace("your-app-id", "local")
