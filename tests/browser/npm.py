"""Packages that only tests of the browser's side need: fetched by name once, never committed."""

import shutil
import subprocess
from pathlib import Path

from local import facts
from local.child import only_one

AXE = "axe-core@4.10.3"
TYPESCRIPT = "typescript@5.9.2"
_SECONDS = 180


def package(spec: str) -> Path:
    """Give the folder of a package, fetching it if it is not there yet.

    Args:
        spec: a name and an exact version, such as `axe-core@4.10.3`.
    """
    home = facts.ROOT / ".build" / "npm" / spec.replace("@", "-")
    found = home / "node_modules" / spec.rpartition("@")[0]
    home.mkdir(parents=True, exist_ok=True)
    with only_one(home):
        if not (found / "package.json").is_file():
            npm = shutil.which("npm")
            assert npm, f"Tests of pages and cards need npm once, to fetch {spec}."
            options = ("--prefix", str(home), "--no-audit", "--no-fund", "--ignore-scripts")
            subprocess.run(  # noqa: S603 - our own command
                [npm, "install", "--silent", *options, spec], check=True, timeout=_SECONDS
            )
    return found
