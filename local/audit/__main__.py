"""Run every tool and say one line of each.

It ends well only when each has answered and none objects to anything that is not accepted.
"""

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

from local.audit import advisories
from local.audit.findings import Acceptance, Finding, NoAnswer, accepted, outlived, unanswered
from local.audit.tools import TOOLS, Subject
from local.child import CannotStart

#: As many as a small machine has cores.
_AT_ONCE = 2


def main() -> int:
    """Look at everything, two tools at a time; give the exit status."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--offline", action="store_true", help="leave out what asks the internet")
    offline = parser.parse_args().offline
    looks: dict[str, Callable[[], list[Finding]]] = {
        name: partial(tool, Subject()) for name, tool in TOOLS.items()
    }
    if not offline:
        looks["pip-audit"] = partial(advisories.pip_audit, advisories.pins())
    known = accepted()
    well = True
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in as_completed(pool.submit(look, *each, known) for each in looks.items()):
            lines, fine = done.result()
            print("\n".join(lines), flush=True)
            well = well and fine
    if offline:
        print("pip-audit   left out: of the pinned packages nothing is known")
    return 0 if well else 1


def look(
    name: str, look: Callable[[], list[Finding]], known: list[Acceptance]
) -> tuple[list[str], bool]:
    """Return the lines on one tool, and whether all is well."""
    begun = time.monotonic()
    ours = [each for each in known if each.tool == name]
    try:
        found = look()
    except (NoAnswer, CannotStart) as why:
        return [_line(name, "NO ANSWER", begun), f"  {why}", "  That is no clean result."], False
    open_ = unanswered(found, ours)
    lines = [f"  {each.rule} at {each.place}: {each.sentence}" for each in open_]
    lines += [f"  accepted.toml: {each} is not found any more" for each in outlived(found, ours)]
    summary = f"{len(found) - len(open_)} accepted" if not lines else f"{len(lines)} to look at"
    return [_line(name, summary, begun), *lines], not lines


def _line(name: str, summary: str, begun: float) -> str:
    return f"{name:12}{summary:16}{time.monotonic() - begun:6.1f} s"


if __name__ == "__main__":
    sys.exit(main())
