"""The key that signs links is changed in steps, and nobody meets a link that cannot be read."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from scheduling.access.links import LinkPurpose, Links
from scheduling.admin.program import main
from scheduling.admin.signing import ROTATE
from scheduling.core.config import ConfigError
from scheduling.core.errors import LinkInvalid
from scheduling.models import Secret
from scheduling.operations.rotate_keys import LINKS_OUTLIVE, KeyRotation
from scheduling.wiring import operations
from tests.fakes import START, FakeClock

OLD = "a" * 64
STEPS = ("add", "promote", "retire")


@dataclass
class FakeParameters:
    """Parameter Store with the signing keys, and all that they ever were."""

    clock: FakeClock
    versions: list[str] = field(default_factory=lambda: [OLD])
    since: datetime = START

    def missing(self) -> list[str]:
        return [] if self.versions else ["signing-keys"]

    def put(self, name: str, value: Secret) -> None:
        assert name == "signing-keys"
        self.versions.append(value.reveal())
        self.since = self.clock.now()

    def held(self, name: str) -> tuple[Secret, datetime]:
        if not self.versions:
            raise ConfigError(f"missing parameter: /here/{name}")
        return Secret(self.versions[-1]), self.since

    def place(self) -> str:
        return "account 1, region here"


@dataclass
class Terminal:
    """Runs the command, and keeps what it said."""

    parameters: FakeParameters
    captured: pytest.CaptureFixture[str]
    said: str = ""

    def run(self, *arguments: str) -> tuple[int, str]:
        """Return the exit status, and what was said."""
        status = main((ROTATE.name, *arguments))
        out = "".join(self.captured.readouterr())
        self.said += out
        return status, out


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    clock = FakeClock()
    parameters = FakeParameters(clock)
    monkeypatch.setattr(operations, "key_rotation", lambda: KeyRotation(clock, parameters))
    monkeypatch.delenv("STACK_NAME", raising=False)
    return Terminal(parameters, capsys)


def take(terminal: Terminal, *steps: str) -> None:
    """Take steps, each as late as it has to be."""
    for step in steps:
        if step == "retire":
            terminal.parameters.clock.instant += LINKS_OUTLIVE
        assert terminal.run(step)[0] == 0


def reads(readers: str, signers: str) -> bool:
    """Say whether an environment with some keys reads what one with others signs."""
    token = Links("", [Secret(key) for key in signers.split()]).token(
        LinkPurpose.INVITE_FILE, {"b": "1"}, START + timedelta(days=90)
    )
    try:
        Links("", [Secret(key) for key in readers.split()]).read(
            LinkPurpose.INVITE_FILE, token, START
        )
    except LinkInvalid:
        return False
    return True


def test_an_environment_that_is_a_step_behind_reads_what_is_signed_and_is_read(
    terminal: Terminal,
) -> None:
    take(terminal, *STEPS)
    versions = terminal.parameters.versions
    assert len(versions) == len(STEPS) + 1
    for before, after in pairwise(versions):
        assert reads(before, signers=after)
        assert reads(after, signers=before)
    assert not reads(versions[-1], signers=versions[0])


def test_each_step_is_done_and_says_what_comes_next_and_shows_no_key(terminal: Terminal) -> None:
    assert terminal.run()[1] == (
        "now: one key, since 2026-11-23 08:00 UTC. Next, to change it: `add`\n"
    )
    assert terminal.run("add")[1] == (
        "add: done\n"
        "now: two keys are accepted, the older one signs, since 2026-11-23 08:00 UTC. Next: restart"
        " all functions (docs/operations.md), then `promote`\n"
    )
    assert terminal.run("promote")[1] == (
        "promote: done\n"
        "now: two keys are accepted, the newer one signs, since 2026-11-23 08:00 UTC. Next: restart"
        " all functions (docs/operations.md), then `retire`, from 2026-12-31 on\n"
    )
    take(terminal, "retire")
    assert terminal.said.endswith(
        "retire: done; until all functions are restarted, some accept the old key\n"
        "now: one key, since 2026-12-31 08:00 UTC. Next, to change it: `add`\n"
    )
    keys = {key for version in terminal.parameters.versions for key in version.split()}
    assert len(keys) == 2
    assert not any(part in terminal.said for key in keys for part in key.split("."))


def test_the_same_step_again_changes_nothing(terminal: Terminal) -> None:
    for step in STEPS:
        take(terminal, step)
        before = list(terminal.parameters.versions)
        for taken in STEPS[: STEPS.index(step) + 1] if step != "retire" else ["retire"]:
            status, said = terminal.run(taken)
            assert (status, said.startswith(f"{taken}: there is nothing to do\nnow: ")) == (0, True)
        assert terminal.parameters.versions == before


def test_the_next_change_begins_with_the_key_that_the_last_one_left(terminal: Terminal) -> None:
    take(terminal, *STEPS, "add", "promote")
    ages = [key.partition(".")[0] for key in terminal.parameters.versions[-1].split()]
    assert ages == ["20261123T080000Z", "20261231T080000Z"]


def test_a_step_is_not_taken_before_those_that_it_needs(terminal: Terminal) -> None:
    assert terminal.run("promote") == (1, "`promote` comes after `add`\n")
    take(terminal, "add")
    assert terminal.run("retire") == (1, "`retire` comes after `promote`\n")
    assert len(terminal.parameters.versions) == 2


def test_a_key_whose_links_are_good_is_dropped_only_at_once(terminal: Terminal) -> None:
    take(terminal, "add", "promote")
    turned = terminal.parameters.versions[-1]
    terminal.parameters.clock.instant += LINKS_OUTLIVE - timedelta(seconds=1)
    status, said = terminal.run("retire")
    assert (status, "are good until 2026-12-31. Wait, or give --at-once" in said) == (1, True)
    assert terminal.parameters.versions[-1] == turned
    assert terminal.run("retire", "--at-once")[0] == 0
    assert terminal.parameters.versions[-1] == turned.split()[1]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(terminal: Terminal) -> None:
    for step in STEPS:
        if step == "retire":
            terminal.parameters.clock.instant += LINKS_OUTLIVE
        before = list(terminal.parameters.versions)
        status, said = terminal.run(step, "--dry-run")
        assert (status, said.startswith(f"{step}: would be done\n")) == (0, True)
        assert terminal.parameters.versions == before
        assert terminal.run(step)[0] == 0


@pytest.mark.parametrize("keys", ["by-hand-1 by-hand-2", "by-hand-1 by-hand-2 by-hand-3", " "])
def test_keys_that_were_put_there_by_hand_are_not_guessed_at(terminal: Terminal, keys: str) -> None:
    terminal.parameters.versions = [keys]
    for step in STEPS:
        status, said = terminal.run(step)
        assert (status, "cannot be told" in said) == (1, True)
        assert not any(key in said for key in keys.split())
    assert terminal.parameters.versions == [keys]


def test_where_there_are_no_keys_the_stack_is_doubted(terminal: Terminal) -> None:
    terminal.parameters.versions = []
    status, said = terminal.run("add")
    assert (status, "missing parameter: /here/signing-keys; is --stack right?" in said) == (1, True)
