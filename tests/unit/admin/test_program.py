"""The operator's command: what it says, what it changes, what it never shows."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from scheduling import wiring
from scheduling.admin.program import COMMANDS, main
from scheduling.core.config import ConfigError
from scheduling.core.errors import CalendarUnavailable, ChatUnavailable
from scheduling.models import AppId, Secret, Tenant
from scheduling.operations.diagnose import Diagnostics
from scheduling.operations.provision import SecretProvisioning
from scheduling.operations.tenants import TenantAdministration
from scheduling.ports.operations import Refusal
from scheduling.wiring import operations
from tests.fakes import START, Crash
from tests.world import World

KEY, OTHER_KEY = "0123456789abcdef-rest-key", "fedcba9876543210-rest-key"
NEW = ("add", "--app-id", "new", "--region", "eu", "--name", "New App", "--api-key-stdin")


@dataclass
class FakeParameters:
    """Parameter Store."""

    values: dict[str, Secret] = field(default_factory=dict)

    def missing(self) -> list[str]:
        names = ("base-url", "google-client-secret", "signing-keys", "calendar-key")
        return [name for name in names if name not in self.values]

    def put(self, name: str, value: Secret) -> None:
        self.values[name] = value

    def held(self, name: str) -> tuple[Secret, datetime]:
        return self.values[name], START

    def place(self) -> str:
        return "account 1, region here"


@dataclass
class FakeInspection:
    """Vendors and our own front, as they are told to answer."""

    chat: dict[str, Refusal] = field(default_factory=dict)
    client: Refusal | None = None
    redirect: Refusal | None = None
    front: bool = True
    chat_silent: bool = False
    google_silent: bool = False

    def chat_refusal(self, tenant: Tenant) -> Refusal | None:
        if self.chat_silent:
            raise ChatUnavailable
        return self.chat.get(tenant.app_id)

    def client_refusal(self) -> Refusal | None:
        if self.google_silent:
            raise CalendarUnavailable
        return self.client

    def redirect_refusal(self) -> Refusal | None:
        if self.google_silent:
            raise CalendarUnavailable
        return self.redirect

    def front_answers(self) -> bool:
        return self.front

    def base_url(self) -> str:
        return "https://here.test"


@dataclass
class Terminal:
    """Runs the program on a world, and keeps what it said."""

    world: World
    monkeypatch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]
    parameters: FakeParameters = field(default_factory=FakeParameters)
    inspection: FakeInspection = field(default_factory=FakeInspection)
    #: Everything that was said so far.
    said: str = ""

    def __post_init__(self) -> None:
        world, parameters = self.world, self.parameters
        parts: dict[str, Callable[[], object]] = {
            "tenant_administration": lambda: TenantAdministration(
                world.clock, world.tenants, world.connections
            ),
            "diagnostics": lambda: Diagnostics(parameters, self.inspection),
        }
        self.monkeypatch.setattr(
            operations, "provisioning", lambda _prefix: SecretProvisioning(parameters)
        )
        for name, part in parts.items():
            self.monkeypatch.setattr(operations, name, part)
        self.monkeypatch.setattr(wiring, "ports", lambda: world)
        self.monkeypatch.setattr(wiring, "use_cases", lambda: world.use_cases)

    def run(self, *arguments: str, stdin: str = "") -> tuple[int, str]:
        """Return the exit status, and what was said."""
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        out = "".join(self.captured.readouterr())
        self.said += out
        return status, out

    def app(self, app_id: str) -> Tenant | None:
        return self.world.tenants.get(AppId(app_id))


@pytest.fixture
def terminal(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    return Terminal(world, monkeypatch, capsys)


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
    changed = terminal.run("add", "--app-id", "new", "--api-key-stdin", stdin=OTHER_KEY)
    assert changed == (0, "new (New App, eu) is changed: API key\n")
    made = terminal.app("new")
    assert made is not None
    assert (made.api_key, made.locale) == (Secret(OTHER_KEY), "de")
    assert made.return_urls == ("https://a.test/",)
    _, said = terminal.run("add", "--app-id", "new", "--return-url", "", "--notice-uid", "Bot")
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
    status, said = terminal.run("add", *arguments)
    assert (status, terminal.world.items()) == (2, before)
    assert words in said


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


def test_apps_are_listed_without_their_keys(terminal: Terminal) -> None:
    terminal.run(*NEW, stdin=KEY)
    assert terminal.run("list") == (0, "app\tus\tTest App\nnew\teu\tNew App\n")


def test_an_app_with_connected_hosts_is_not_removed_unless_forced(terminal: Terminal) -> None:
    world = terminal.world
    world.connect("carol", "carol", AppId("another"))
    status, said = terminal.run("remove", "--app-id", "app")
    assert (status, "app has 1 connected host;" in said) == (1, True)
    assert terminal.app("app")
    status, said = terminal.run("remove", "--app-id", "app", "--force")
    assert status == 0
    assert said.startswith("1 connected host disconnected\napp is removed")
    assert terminal.app("app") is None
    assert world.connections.hosts(AppId("app")) == []
    assert len(world.oauth.revoked) == 1, "the host's consent is ended at Google"
    assert world.connections.hosts(AppId("another")) == ["carol"]
    said = terminal.run("remove", "--app-id", "app")[1]
    assert said == "app is not registered; there is nothing to remove\n"


def test_an_app_stays_while_a_booking_of_its_host_is_being_settled(terminal: Terminal) -> None:
    world = terminal.world
    share = world.share()
    world.calendar.faults["insert_event"] = [Crash()]
    with pytest.raises(Crash):
        world.use_cases.booker.book(
            world.bob, world.request(share, START + timedelta(hours=4)), world.deadline()
        )
    status, said = terminal.run("remove", "--app-id", "app", "--force")
    assert status == 1
    assert "the bookings of 1 connected host are still being settled; app stays" in said
    assert terminal.app("app")
    world.clock.pass_(minutes=2)
    world.reconcile()
    assert terminal.run("remove", "--app-id", "app")[0] == 0
    assert terminal.app("app") is None


def test_connections_of_an_app_that_is_gone_can_still_be_ended(terminal: Terminal) -> None:
    terminal.world.tenants.remove(AppId("app"))
    assert terminal.run("remove", "--app-id", "app")[0] == 1
    assert terminal.run("remove", "--app-id", "app", "--force")[0] == 0
    assert terminal.world.connections.hosts(AppId("app")) == []


def test_an_app_whose_id_begins_like_anothers_keeps_its_hosts(terminal: Terminal) -> None:
    terminal.world.connect("carol", "carol", AppId("app2"))
    terminal.run("remove", "--app-id", "app", "--force")
    assert terminal.world.connections.hosts(AppId("app2")) == ["carol"]


def complete(terminal: Terminal) -> None:
    """Put everything in place."""
    terminal.parameters.values = {name: Secret("-") for name in terminal.parameters.missing()}


def test_where_all_is_set_up_the_check_is_good(terminal: Terminal) -> None:
    complete(terminal)
    status, said = terminal.run("check")
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
    status, said = terminal.run("check", "--app-id", "app")
    assert status == 1
    assert any(words in line for line in said.splitlines() if line.startswith("WRONG"))


def test_without_secrets_nobody_is_asked(terminal: Terminal) -> None:
    status, said = terminal.run("check")
    assert status == 1
    assert "Parameter Store lacks base-url, google-client-secret, signing-keys" in said


def test_an_app_that_is_not_registered_cannot_be_checked(terminal: Terminal) -> None:
    complete(terminal)
    assert terminal.run("check", "--app-id", "nope")[0] == 1


def test_secrets_are_made_once_and_a_new_client_secret_replaces_that_alone(
    terminal: Terminal,
) -> None:
    status, said = terminal.run("secrets", "--google-client-secret-stdin", stdin=KEY)
    assert status == 0
    assert said.endswith("put: google-client-secret, signing-keys, calendar-key\n")
    first = dict(terminal.parameters.values)
    assert len(first["signing-keys"].reveal()) == len(first["calendar-key"].reveal()) == 64
    assert first["signing-keys"] != first["calendar-key"]
    assert terminal.run("secrets")[1].endswith("put: nothing, all are there\n")
    terminal.run("secrets", "--google-client-secret-stdin", stdin=OTHER_KEY)
    replaced = first | {"google-client-secret": Secret(OTHER_KEY)}
    assert terminal.parameters.values == replaced
    assert not any(value.reveal() in terminal.said for value in [*first.values(), Secret(KEY)])


def test_without_a_client_secret_none_is_made_up(terminal: Terminal) -> None:
    status, said = terminal.run("secrets")
    assert (status, "give --google-client-secret-stdin" in said) == (2, True)
    assert terminal.parameters.values == {}


def test_the_stack_tells_the_environment_before_or_after_the_command(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def told(name: str) -> dict[str, str]:
        asked.append(name)
        return {}

    monkeypatch.setattr(operations, "stack_environment", told)
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
