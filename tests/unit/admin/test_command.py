"""What each command is made of: secrets are read unseen, and what is refused says what to do."""

import argparse
import getpass
import io
import sys

import pytest

from scheduling.admin.command import Refused, add_dry_run, read_secret


class Stdin(io.StringIO):
    """Standard input, at a terminal or not."""

    def __init__(self, text: str, *, terminal: bool = False) -> None:
        super().__init__(text)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def test_a_secret_is_the_first_line_of_what_comes_without_space_around(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin("  a-secret \nanother line\n"))
    assert read_secret("API key").reveal() == "a-secret"
    assert capsys.readouterr() == ("", ""), "nothing is asked where nobody sits"


def test_a_person_at_a_terminal_is_asked_for_it_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def typed(prompt: str) -> str:
        asked.append(prompt)
        return "a-secret"

    monkeypatch.setattr(sys, "stdin", Stdin("", terminal=True))
    monkeypatch.setattr(getpass, "getpass", typed)
    assert read_secret("API key").reveal() == "a-secret"
    assert asked == ["API key (is not shown): "]


@pytest.mark.parametrize("text", ["", "\n", "  \n"])
def test_where_nothing_comes_nothing_is_taken_for_a_secret(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(text))
    with pytest.raises(Refused, match="no API key came") as refused:
        read_secret("API key")
    assert refused.value.status == 2


def test_a_refusal_ends_the_program_with_1_and_a_wrong_call_with_2() -> None:
    assert Refused("No.").status == 1
    assert Refused("Wrong.", status=2).status == 2


def test_a_command_that_changes_something_can_be_tried_without() -> None:
    parser = argparse.ArgumentParser()
    add_dry_run(parser)
    assert parser.parse_args([]).dry_run is False
    assert parser.parse_args(["--dry-run"]).dry_run is True
