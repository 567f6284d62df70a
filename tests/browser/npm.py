"""Packages that only tests of the browser's side need: fetched by name once, never committed."""

import re
import shutil
import subprocess
from pathlib import Path

from local import facts
from local.child import only_one

AXE = "axe-core@4.10.3"
TYPESCRIPT = "typescript@5.9.2"
PUPPETEER = "puppeteer-core@24.8.2"
ESBUILD = "esbuild@0.25.12"
COMETCHAT_SDK = "@cometchat/chat-sdk-javascript@4.2.0"
#: With each version of CometChat's UI Kit for React, what an app has beside it.
UI_KITS = {
    version: (
        f"@cometchat/chat-uikit-react@{release}",
        COMETCHAT_SDK,
        "react@18.3.1",
        "react-dom@18.3.1",
        "@types/react@18.3.27",
        "@types/react-dom@18.3.7",
    )
    for version, release in {"v6": "6.5.6", "v7": "7.2.1"}.items()
}
_KIT_4 = {"elements": "4.3.30", "resources": "4.3.25", "shared": "4.3.31"}
#: The same of the versions before, for which the guide has no code of its own.
OLDER_KITS = {
    "v4": (
        "@cometchat/chat-uikit-react@4.3.38",
        *(f"@cometchat/uikit-{part}@{release}" for part, release in _KIT_4.items()),
        COMETCHAT_SDK,
        "react@18.3.1",
        "react-dom@18.3.1",
    ),
    "v5": (
        "@cometchat/chat-uikit-react@5.0.7",
        COMETCHAT_SDK,
        "react@18.3.1",
        "react-dom@18.3.1",
        "rxjs@7.8.2",
    ),
}
_SECONDS = 180


def package(spec: str) -> Path:
    """Return the folder of a package, fetching it if it is not there yet.

    Args:
        spec: a name and an exact version, such as `axe-core@4.10.3`.
    """
    return packages(spec) / spec.rpartition("@")[0]


def packages(*specs: str) -> Path:
    """Return a `node_modules` folder with packages together; what is not there is fetched."""
    name = "+".join(re.sub("[@/]+", "-", spec).strip("-") for spec in specs)
    home = facts.ROOT / ".build" / "npm" / name
    found = home / "node_modules"
    home.mkdir(parents=True, exist_ok=True)
    with only_one(home):
        if not all((found / spec.rpartition("@")[0] / "package.json").is_file() for spec in specs):
            npm = shutil.which("npm")
            assert npm, f"Tests of pages and cards need npm once, to fetch {name}."
            # Peers are named where they are wanted: one of a kit's is only for calls.
            options = ("--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps")
            subprocess.run(  # noqa: S603 - our own command
                [npm, "install", "--silent", "--prefix", str(home), *options, *specs],
                check=True,
                timeout=_SECONDS,
            )
    return found
