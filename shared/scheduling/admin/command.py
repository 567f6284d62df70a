"""What each command of the operator's program is made of."""

import argparse
import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass

from scheduling.models import Secret


class Refused(Exception):
    """What was asked for is not done; the message says why, and what to do.

    Args:
        words: For the person at the terminal.
        status: The program's exit status: 1, or 2 for a wrong way of calling it.
    """

    def __init__(self, words: str, status: int = 1) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Args:
        name: On the command line.
        summary: One line for the list of commands.
        run: Does it, prints what was done, gives the exit status; may raise `Refused`.
        options: Adds its own options.
        over_stack: Whether it works on what is deployed already.
    """

    name: str
    summary: str
    run: Callable[[argparse.Namespace], int]
    options: Callable[[argparse.ArgumentParser], None] = lambda _: None
    over_stack: bool = True


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    """Add the option that every changing command has."""
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and do nothing"
    )


def read_secret(what: str) -> Secret:
    """Read a secret from standard input, unseen; no shell history and no process list holds it.

    Args:
        what: Its name, for a person at a terminal, who is asked.

    Raises:
        Refused: Nothing came.
    """
    if sys.stdin.isatty():
        text = getpass.getpass(f"{what} (is not shown): ")
    else:
        text = sys.stdin.readline()
    if not text.strip():
        raise Refused(f"no {what} came by standard input", status=2)
    return Secret(text.strip())
