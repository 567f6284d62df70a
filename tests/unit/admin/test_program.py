"""The operator's command: what it says, what it changes, what it never shows."""

import pytest

from scheduling.admin.program import COMMANDS
from scheduling.core.config import ConfigError
from scheduling.wiring import operations
from tests.unit.admin.terminal import KEY, NEW, Terminal, complete


@pytest.mark.parametrize(
    "arguments",
    [
        NEW,
        ("add", "--app-id", "app", "--name", "Another"),
        ("remove", "--app-id", "app", "--force"),
        ("secrets", "--google-client-secret-stdin"),
    ],
)
def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    terminal: Terminal, arguments: tuple[str, ...]
) -> None:
    before = terminal.world.items()
    status, said = terminal.run(*arguments, "--dry-run", stdin=KEY)
    assert status == 0
    assert "would be" in said
    assert (terminal.world.items(), terminal.parameters.values) == (before, {})


def test_the_stack_tells_the_environment_before_or_after_the_command(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def heard(name: str) -> dict[str, str]:
        asked.append(name)
        return {}

    monkeypatch.setattr(operations, "stack_environment", heard)
    for arguments in (("--stack", "one", "list"), ("list", "--stack", "two")):
        assert terminal.run(*arguments)[0] == 0
    monkeypatch.setenv("STACK_NAME", "three")
    assert terminal.run("list")[0] == 0
    complete(terminal)
    assert terminal.run("secrets")[0] == 0
    assert asked == ["one", "two", "three"], "secrets come before there is a stack"


def test_a_stack_that_is_not_there_is_told_in_words(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(name: str) -> dict[str, str]:
        raise ConfigError(f"no stack {name} in this account and region")

    monkeypatch.setattr(operations, "stack_environment", none)
    status, said = terminal.run("list", "--stack", "gone")
    assert (status, "no stack gone in this account" in said) == (1, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(terminal: Terminal, command: str) -> None:
    status, said = terminal.run(command, "--help")
    assert status == 0
    assert f"scheduling.admin {command}" in said
    assert command in terminal.run("--help")[1]
