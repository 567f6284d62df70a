"""Apps and the people in them, and secrets that nobody shows."""

import traceback

from scheduling.models import AppId, Caller, Person, Secret, Tenant, Uid

TENANT = Tenant(AppId("app"), "us", "Test App", Secret("an-api-key"))


def test_a_secret_is_shown_by_nothing_but_the_one_word_for_it() -> None:
    secret = Secret("hidden")
    assert secret.reveal() == "hidden"
    assert f"{secret} {secret!r} {secret!s} {[secret]} {TENANT}".count("hidden") == 0
    assert "hidden" not in "".join(traceback.format_exception(ValueError(secret)))


def test_secrets_are_compared_by_what_they_hold() -> None:
    assert Secret("one") == Secret("one") != Secret("other")


def test_a_caller_is_of_an_app_and_has_its_uid() -> None:
    caller = Caller(TENANT, Person(Uid("bob"), "Bob"))
    assert (caller.app_id, caller.uid, caller.only_share) == ("app", "bob", None)
