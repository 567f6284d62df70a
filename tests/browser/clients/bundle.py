"""What an app's build does with code for a UI Kit: it runs Node's tools, and makes one file."""

import shutil
import subprocess
from pathlib import Path

from tests.browser.npm import ESBUILD, package

_SECONDS = 120
_IGNORED = ("woff2", "svg", "png", "gif", "mp3", "wav")


def node(folder: Path, program: Path, *arguments: str) -> None:
    """Run a program of Node in a folder; fails with what it printed."""
    found = shutil.which("node")
    assert found
    done = subprocess.run(  # noqa: S603 - our own command
        [found, str(program), *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def bundle(entry: Path) -> Path:
    """Bundle a file with all that it imports, fonts and pictures left out; return the bundle."""
    options = ("--bundle", "--format=esm", "--jsx=automatic", "--log-level=error")
    ignored = [f"--loader:.{suffix}=empty" for suffix in _IGNORED]
    # The SDK for calls is a peer that the kits look for, and do without.
    aside = ("--external:@cometchat/calls-sdk-javascript", "--outfile=bundle.js")
    program = package(ESBUILD) / "bin" / "esbuild"
    node(entry.parent, program, entry.name, *options, *ignored, *aside)
    return entry.parent / "bundle.js"
