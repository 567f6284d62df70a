"""The browser module: many small sources, served as the one file that an app imports or copies.

A browser that came for fourteen files would start as many environments of a function at once.
There is no build step: the sources are joined when the first browser asks, and run joined in tests.
"""

import re
from collections.abc import Iterator
from pathlib import Path

#: All that a source may ask of another: names, as they are, from the file beside it.
_TAKEN = re.compile(r'^(?:im|ex)port \{[^}]*\} from "\./([a-z-]+\.js)";\n', re.MULTILINE)
_PASSED_ON = re.compile(r'^(export \{[^}]*\}) from "[^"]*";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|const|function|let)\b)", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def joined(entry: Path) -> str:
    """Return a module with all that it imports as one; it exports what the entry passes on.

    What is imported stands before whoever imports it, as modules are run.
    Names at the sources' top level share one scope, so no two may be the same.

    Raises:
        ValueError: a source imports or exports in a form that cannot be joined.
    """
    *others, last = (_alone(path) for path in _in_order(entry, set()))
    # What the whole is for comes first, whatever stands first in it.
    heading, _, own = last.partition("\n\n")
    public = [f"{names};" for names in _PASSED_ON.findall(entry.read_text(encoding="utf-8"))]
    return "\n\n".join(part.strip("\n") for part in (heading, *others, own, *public)) + "\n"


def _in_order(path: Path, seen: set[Path]) -> Iterator[Path]:
    seen.add(path)
    for name in _TAKEN.findall(path.read_text(encoding="utf-8")):
        if (other := path.parent / name) not in seen:
            yield from _in_order(other, seen)
    yield path


def _alone(path: Path) -> str:
    source = _EXPORT.sub("", _TAKEN.sub("", path.read_text(encoding="utf-8")))
    if left := _LEFT_OVER.search(source):
        message = f"{path.name} cannot be joined: {left[0]}"
        raise ValueError(message)
    return source
