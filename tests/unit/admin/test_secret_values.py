"""Secrets are put in place, and nobody ever sees them."""

from scheduling.admin.secret_values import SECRETS
from scheduling.models import Secret
from tests.unit.admin.terminal import KEY, OTHER_KEY, Terminal


def test_secrets_are_made_once_and_a_new_client_secret_replaces_that_alone(
    terminal: Terminal,
) -> None:
    status, said = terminal.run(SECRETS.name, "--google-client-secret-stdin", stdin=KEY)
    assert status == 0
    assert said.endswith("put: google-client-secret, signing-keys, calendar-key\n")
    first = dict(terminal.parameters.values)
    assert len(first["signing-keys"].reveal()) == len(first["calendar-key"].reveal()) == 64
    assert first["signing-keys"] != first["calendar-key"]
    assert terminal.run(SECRETS.name)[1].endswith("put: nothing, all are there\n")
    terminal.run(SECRETS.name, "--google-client-secret-stdin", stdin=OTHER_KEY)
    replaced = first | {"google-client-secret": Secret(OTHER_KEY)}
    assert terminal.parameters.values == replaced
    assert not any(value.reveal() in terminal.said for value in [*first.values(), Secret(KEY)])


def test_without_a_client_secret_none_is_made_up(terminal: Terminal) -> None:
    status, said = terminal.run(SECRETS.name)
    assert (status, "give --google-client-secret-stdin" in said) == (2, True)
    assert terminal.parameters.values == {}
