"""One temporary folder for a whole run of tests, which they leave as empty as they found it.

`TMPDIR` is that folder, for workers and for all that tests start. What is left in it when all tests
passed is a leak, and fails the run. What failed tests wrote is moved to `.build/failed`. Pytest's
own folders lie in it too, and are no leak: some of them are a session's, and go with it.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import pytest

KEPT = Path(__file__).parents[1] / ".build" / "failed"
_FOLDER = pytest.StashKey[Path]()


def begin(config: pytest.Config) -> None:
    """Make the folder, before anybody asks for one; workers inherit it."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="tests-"))
    config.stash[_FOLDER] = folder
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None  # asked for before, it would be remembered
    signal.signal(signal.SIGTERM, _stop)
    # There may be no session at all, to list markers or for a wrong option.
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def end(session: pytest.Session, kept: Path = KEPT) -> None:
    """Fail a run that left something in the folder, and keep what failed tests wrote."""
    folder = session.config.stash.get(_FOLDER, None)
    if folder is None:
        return
    left = sorted(each.name for each in folder.iterdir() if not each.name.startswith("pytest-of-"))
    terminal: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.exitstatus == pytest.ExitCode.OK and left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        terminal.write_line(f"Left in the temporary folder: {', '.join(left)}", red=True)
    if session.exitstatus == pytest.ExitCode.TESTS_FAILED:
        shutil.rmtree(kept, ignore_errors=True)
        kept.parent.mkdir(exist_ok=True)
        shutil.move(folder, kept)
        terminal.write_line(f"What the tests wrote is in {kept}.")


def _stop(number: int, _frame: object) -> NoReturn:
    pytest.exit("SIGTERM", returncode=128 + number)
