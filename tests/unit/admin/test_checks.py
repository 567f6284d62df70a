"""The check says in words whether everything is set up, and what to do."""

import pytest

from scheduling.admin.checks import CHECK
from scheduling.ports.operations import Refusal
from tests.fakes import FakeInspection
from tests.unit.admin.terminal import Terminal, complete


def test_where_all_is_set_up_the_check_is_good(terminal: Terminal) -> None:
    complete(terminal)
    status, said = terminal.run(CHECK.name)
    assert status == 0
    assert all(line.startswith("ok ") for line in said.splitlines())
    assert "app (Test App): CometChat takes the key, and app_system signs notices" in said


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            FakeInspection(chat={"app": Refusal("AUTH_ERR_APIKEY_NOT_FOUND", "Unknown key.")}),
            "CometChat says AUTH_ERR_APIKEY_NOT_FOUND (Unknown key): the key is not one of this",
        ),
        (FakeInspection(chat={"app": Refusal("AUTH_ERR_NO_ACCESS")}), "the key is an Auth Key"),
        (FakeInspection(chat={"app": Refusal("AUTH_ERR_INVALID_APPID")}), "the right --region"),
        (FakeInspection(chat={"app": Refusal("ERR_UID_NOT_FOUND")}), "there is no user app_system"),
        (FakeInspection(chat={"app": Refusal("ERR_NEW")}), "ERR_NEW: look this up"),
        (FakeInspection(chat_silent=True), "in the region us: is the region right"),
        (
            FakeInspection(client=Refusal("invalid_client", "The OAuth client was not found.")),
            "Google says invalid_client (The OAuth client was not found): compare",
        ),
        (FakeInspection(client=Refusal("deleted_client")), "within 30 days"),
        (
            FakeInspection(redirect=Refusal("redirect_uri_mismatch")),
            "add https://here.test/oauth/callback, to the letter",
        ),
        (FakeInspection(google_silent=True), "Google does not answer"),
        (FakeInspection(front=False), "https://here.test does not answer as this product does"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    terminal: Terminal, wrong: FakeInspection, words: str
) -> None:
    complete(terminal)
    terminal.inspection = wrong
    status, said = terminal.run(CHECK.name, "--app-id", "app")
    assert status == 1
    assert any(words in line for line in said.splitlines() if line.startswith("WRONG"))


def test_without_secrets_nobody_is_asked(terminal: Terminal) -> None:
    status, said = terminal.run(CHECK.name)
    assert status == 1
    assert "Parameter Store lacks base-url, google-client-secret, signing-keys" in said


def test_an_app_that_is_not_registered_cannot_be_checked(terminal: Terminal) -> None:
    complete(terminal)
    assert terminal.run(CHECK.name, "--app-id", "nope")[0] == 1
