"""Packages of npm as they are published: fetched by name once, never committed, never run."""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from local.child import CannotStart, only_one


def fetch(spec: str, folder: Path, name: str) -> Path:
    """Return the folder with a package's files, fetching it if it is not there yet.

    Args:
        spec: A name and an exact version, such as `axe-core@4.10.3`.
        folder: The package lies in its `package`.
        name: What people are told that is fetched.

    Raises:
        CannotStart: npm is missing, or could not fetch it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = folder / "package"
    with only_one(folder):
        if not (found / "package.json").is_file():
            print(f"Fetching {name} ...", flush=True)
            _fetch(spec, folder, name)
    return found


def _fetch(spec: str, folder: Path, name: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise CannotStart(f"npm is needed once, for {name} (on Debian: apt-get install npm).")
    with tempfile.TemporaryDirectory(dir=folder) as incoming:
        done = subprocess.run(  # noqa: S603 - our own command
            [npm, "pack", "--silent", spec],
            cwd=incoming,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CannotStart(f"npm cannot fetch {spec}:\n{done.stdout}{done.stderr}")
        with tarfile.open(next(Path(incoming).glob("*.tgz"))) as packed:
            packed.extractall(incoming, filter="data")
        # In one step, so that an interrupted fetch leaves nothing half done.
        (Path(incoming) / "package").rename(folder / "package")
