"""A venv for a tool whose pins are not ours, beside its `requirements.txt` in `local/tools/`."""

import hashlib
import subprocess
import sys
from pathlib import Path

from local.child import CannotStart, only_one


def install(folder: Path, name: str, python: Path = Path(sys.executable)) -> Path:
    """Make the venv, unless it is there and fits its pins; give its interpreter.

    Args:
        folder: Holds `requirements.txt`; the venv is made in it.
        name: What people are told that is installed.
        python: Makes the venv.

    Raises:
        CannotStart: pip could not.
    """
    venv, pins = folder / ".venv", folder / "requirements.txt"
    made_from = hashlib.sha256(pins.read_bytes()).hexdigest()
    note = venv / ".made-from"
    with only_one(folder):
        if note.is_file() and note.read_text() == made_from:
            return venv / "bin" / "python"
        print(f"Installing {name} (once, about a minute) ...", flush=True)
        _run(folder, str(python), "-m", "venv", "--clear", str(venv))
        quiet = ("--quiet", "--disable-pip-version-check", "--no-deps")
        _run(folder, str(venv / "bin" / "python"), "-m", "pip", "install", *quiet, "-r", str(pins))
        note.write_text(made_from)
    return venv / "bin" / "python"


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise CannotStart(f"{folder.name} cannot be installed:\n{done.stdout}{done.stderr}")
