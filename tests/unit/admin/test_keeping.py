"""What is kept is sealed again, or erased; what is left for a later run is said."""

import pytest

from scheduling import wiring
from scheduling.admin.keeping import ERASE, RESEAL
from tests.unit.admin.terminal import Terminal
from tests.unit.meetings import booked


@pytest.fixture(autouse=True)
def _clock(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "clock", lambda: terminal.world.clock)


def test_every_key_and_every_token_is_sealed_again_and_counted(terminal: Terminal) -> None:
    terminal.world.connect("carol", "carol")
    before = terminal.world.items()
    assert terminal.run(RESEAL.name) == (0, "sealed again: 1 API keys, 2 connections\n")
    assert len(terminal.world.items()) == len(before)
    found = terminal.world.connections.get(terminal.world.tenant.app_id, terminal.world.alice.uid)
    assert found is not None
    assert found.tokens.refresh_token.reveal() == "refresh-alice"


def test_a_person_is_erased_by_the_uid_as_the_chat_keeps_it(terminal: Terminal) -> None:
    booked(terminal.world)
    status, said = terminal.run(ERASE.name, "--app-id", "app", "--uid", "BOB", "--dry-run")
    assert (status, said.startswith("would erase: 1 booking")) == (0, True)
    assert len(terminal.world.calendar.meetings) == 1
    status, said = terminal.run(ERASE.name, "--app-id", "app", "--uid", "BOB")
    assert (status, said.startswith("erased: 1 booking")) == (0, True)
    assert terminal.world.calendar.meetings == []
    again = terminal.run(ERASE.name, "--app-id", "app", "--uid", "bob")
    assert again == (0, "erased: nothing is kept\n")


def test_what_could_not_be_erased_yet_is_said(terminal: Terminal) -> None:
    booked(terminal.world)
    terminal.world.chat.unreachable = True
    status, said = terminal.run(ERASE.name, "--app-id", "app", "--uid", "bob")
    assert status == 1
    assert "not all is erased yet: The chat cannot be reached. Run it again later." in said
