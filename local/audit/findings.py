"""What tools find, held against what is accepted: each with a reason, in `accepted.toml`."""

import fnmatch
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ACCEPTED = Path(__file__).parent / "accepted.toml"


class NoAnswer(Exception):
    """A tool could not say anything; the message says why. That is not a clean result."""


@dataclass(frozen=True)
class Finding:
    """One thing that a tool does not like.

    Args:
        rule: Its name at the tool.
        place: A file of the code, a resource of the template, or a package.
        sentence: What the tool says of it.
    """

    rule: str
    place: str
    sentence: str


@dataclass(frozen=True)
class Acceptance:
    """One rule of one tool that is not followed.

    Args:
        where: The places, as patterns of the shell.
        why: The reason.
    """

    tool: str
    rule: str
    where: tuple[str, ...]
    why: str


def accepted(path: Path = ACCEPTED) -> list[Acceptance]:
    """Read what is accepted: a table for each tool, in it one for each rule."""
    return [
        Acceptance(tool, rule, tuple(each["where"]), each["why"])
        for tool, rules in tomllib.loads(path.read_text(encoding="utf-8")).items()
        for rule, entries in rules.items()
        for each in entries
    ]


def unanswered(found: Iterable[Finding], acceptances: Iterable[Acceptance]) -> list[Finding]:
    """Return the findings that nobody has accepted."""
    known = list(acceptances)
    return [
        finding
        for finding in found
        if not any(
            finding.rule == each.rule and fnmatch.fnmatchcase(finding.place, pattern)
            for each in known
            for pattern in each.where
        )
    ]


def outlived(found: Iterable[Finding], acceptances: Iterable[Acceptance]) -> list[str]:
    """Return what is accepted though no tool finds it any more; a reason must not hide the next."""
    places: dict[str, set[str]] = {}
    for finding in found:
        places.setdefault(finding.rule, set()).add(finding.place)
    return [
        f"{each.rule} at {pattern}"
        for each in acceptances
        for pattern in each.where
        if not fnmatch.filter(places.get(each.rule, set()), pattern)
    ]
