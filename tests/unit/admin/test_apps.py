"""Apps are registered, changed, listed and removed; a repeat changes nothing."""

from datetime import timedelta

import pytest

from scheduling.admin.apps import ADD, LIST, REMOVE
from scheduling.models import AppId, Secret, Tenant
from tests.fakes import START, Crash
from tests.unit.admin.terminal import KEY, NEW, OTHER_KEY, Terminal


def test_a_new_app_is_registered_and_the_same_again_changes_nothing(terminal: Terminal) -> None:
    assert terminal.run(*NEW, stdin=KEY) == (0, "new (New App, eu) is registered\n")
    made = terminal.app("new")
    assert made == Tenant(AppId("new"), "eu", "New App", Secret(KEY))
    before = terminal.world.items()
    again = terminal.run(*NEW, stdin=f"  {KEY}\n")
    assert again == (0, "new (New App, eu) is registered like that already\n")
    assert terminal.world.items() == before
    assert KEY not in terminal.said


def test_what_is_not_given_stays_as_it_is(terminal: Terminal) -> None:
    terminal.run(*NEW, "--return-url", "https://a.test/", "--locale", "de", stdin=KEY)
    changed = terminal.run(ADD.name, "--app-id", "new", "--api-key-stdin", stdin=OTHER_KEY)
    assert changed == (0, "new (New App, eu) is changed: API key\n")
    made = terminal.app("new")
    assert made is not None
    assert (made.api_key, made.locale) == (Secret(OTHER_KEY), "de")
    assert made.return_urls == ("https://a.test/",)
    _, said = terminal.run(ADD.name, "--app-id", "new", "--return-url", "", "--notice-uid", "Bot")
    assert said == "new (New App, eu) is changed: return addresses, notice uid\n"
    made = terminal.app("new")
    assert made is not None
    assert (made.return_urls, made.notice_uid) == ((), "bot")
    assert OTHER_KEY not in terminal.said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--app-id", "a b"), "letters, digits"),
        (("--app-id", "new"), "new is new: give --region, --name and --api-key-stdin"),
        (("--app-id", "app", "--return-url", "app.test"), "a whole address"),
        (("--app-id", "app", "--return-url", "javascript://app.test"), "a whole address"),
        (("--app-id", "app", "--locale", "tlh"), "there are ar, de, en"),
        (("--app-id", "app", "--notice-uid", "a b"), "letters, digits"),
        (("--app-id", "app", "--api-key-stdin"), "no REST API key came"),
        (("--app-id", "app", "--region", "moon"), "invalid choice"),
    ],
)
def test_a_wrong_call_is_refused_and_changes_nothing(
    terminal: Terminal, arguments: tuple[str, ...], words: str
) -> None:
    before = terminal.world.items()
    status, said = terminal.run(ADD.name, *arguments)
    assert (status, terminal.world.items()) == (2, before)
    assert words in said


def test_apps_are_listed_without_their_keys(terminal: Terminal) -> None:
    terminal.run(*NEW, stdin=KEY)
    assert terminal.run(LIST.name) == (0, "app\tus\tTest App\nnew\teu\tNew App\n")


def test_an_app_with_connected_hosts_is_not_removed_unless_forced(terminal: Terminal) -> None:
    world = terminal.world
    world.connect("carol", "carol", AppId("another"))
    status, said = terminal.run(REMOVE.name, "--app-id", "app")
    assert (status, "app has 1 connected host;" in said) == (1, True)
    assert terminal.app("app")
    status, said = terminal.run(REMOVE.name, "--app-id", "app", "--force")
    assert status == 0
    assert said.startswith("1 connected host disconnected\napp is removed")
    assert terminal.app("app") is None
    assert world.connections.hosts(AppId("app")) == []
    assert len(world.oauth.revoked) == 1, "the host's consent is ended at Google"
    assert world.connections.hosts(AppId("another")) == ["carol"]
    said = terminal.run(REMOVE.name, "--app-id", "app")[1]
    assert said == "app is not registered; there is nothing to remove\n"


def test_an_app_stays_while_a_booking_of_its_host_is_being_settled(terminal: Terminal) -> None:
    world = terminal.world
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(
            world.bob, world.request(share, START + timedelta(hours=4)), world.deadline()
        )
    status, said = terminal.run(REMOVE.name, "--app-id", "app", "--force")
    assert status == 1
    assert "the bookings of 1 connected host are still being settled; app stays" in said
    assert terminal.app("app")
    world.clock.pass_(minutes=2)
    world.reconcile()
    assert terminal.run(REMOVE.name, "--app-id", "app")[0] == 0
    assert terminal.app("app") is None


def test_connections_of_an_app_that_is_gone_can_still_be_ended(terminal: Terminal) -> None:
    terminal.world.tenants.remove(AppId("app"))
    assert terminal.run(REMOVE.name, "--app-id", "app")[0] == 1
    assert terminal.run(REMOVE.name, "--app-id", "app", "--force")[0] == 0
    assert terminal.world.connections.hosts(AppId("app")) == []


def test_an_app_whose_id_begins_like_anothers_keeps_its_hosts(terminal: Terminal) -> None:
    terminal.world.connect("carol", "carol", AppId("app2"))
    terminal.run(REMOVE.name, "--app-id", "app", "--force")
    assert terminal.world.connections.hosts(AppId("app2")) == ["carol"]
