"""Of people only times are read, what is kept has an end, and a person can be forgotten."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from local import demo_drive, invoke
from local.execution import FromSource
from scheduling import wiring
from scheduling.adapters.dynamodb.booking_item import booking_from
from scheduling.adapters.dynamodb.claims import owned
from scheduling.adapters.dynamodb.table import Item, instant
from scheduling.admin.program import main as admin_main
from scheduling.core.errors import BookingInProgress, CalendarUnavailable, ChatUnavailable
from scheduling.models import (
    AppId,
    BookingState,
    ConnectionState,
    Secret,
    Tenant,
    Uid,
)
from scheduling.rules.availability import HORIZON
from tests.e2e.conftest import Town
from tests.security.lively import APP, SLOT, book, late, lively
from tests.world import ROOT, World


def rows(page: str) -> list[list[str]]:
    """Return the rows of the table that begins with `item`."""
    text = (ROOT / "docs" / page).read_text()
    table = text[text.index("\n| item |") :].split("\n\n")[0]
    lines = table.strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def pattern(key: str) -> str:
    """Read a key of the architecture's table: `{name}` stands for anything without a hash."""
    return re.sub(r"\\\{\w+\\\}", "[^#]+", re.escape(key.strip("`")))


#: Every kind of item, by the keys that `docs/architecture.md` gives it.
KINDS = {
    name: re.compile(
        ("APP#app#(SHARE|BOOKING|NOTICE)#[^#]+" if "of its" in pk else pattern(pk))
        + " "
        + ("SHARE#[^#]+#[^#]+" if "{time}" in sk else pattern(sk))
    )
    for name, pk, sk in rows("architecture.md")
}


def kind_of(item: Item) -> str:
    (kind,) = [name for name, keys in KINDS.items() if keys.fullmatch(f"{item['pk']} {item['sk']}")]
    return kind


def test_every_kind_of_item_has_its_row_in_the_privacy_page() -> None:
    assert [row[0] for row in rows("privacy.md")] == list(KINDS)
    assert all(len(row) == 4 and all(row) for row in rows("privacy.md"))


def test_every_item_that_is_kept_is_of_a_kind_that_is_documented(world: World) -> None:
    lively(world)
    late(world)
    assert {kind_of(item) for item in world.items()} == set(KINDS)


#: From when an item's life is counted: the end of the meeting, of the share's days, or its writing.
COUNTED_FROM: dict[str, Callable[[Item], datetime]] = {
    "share": lambda item: instant(item["window"][1]),
    "booking": lambda item: instant(item["slot"][1]),
    "what a user did in an hour, by kind": lambda item: instant(int(item["sk"].split("#")[2])),
    "claim: one UTC hour, a bucket each 5 minutes": lambda item: (
        datetime.fromisoformat(item["sk"].removeprefix("HOUR#") + ":00+00:00") + timedelta(hours=1)
    ),
}
#: What ends with something else of the table; a mark of a booking that was moved to a later time
#: ends with its first one.
ENDS_WITH = {
    "a host's list of shares": ("share", "shareId"),
    "a guest's open booking of a share": ("booking", "bookingId"),
}


def test_what_is_kept_ends_when_the_privacy_page_says(world: World) -> None:
    lively(world)
    late(world)
    items = [(kind_of(item), item) for item in world.items()]
    ends = {
        (kind, item.get(name)): item["ttl"]
        for kind, item in items
        for known, name in ENDS_WITH.values()
        if kind == known
    }
    latest = world.clock.now()
    for kind, item in items:
        said = {row[0]: row[3] for row in rows("privacy.md")}[kind]
        if said.startswith("until"):
            assert "ttl" not in item, kind
            continue
        if kind in ENDS_WITH and ENDS_WITH[kind][1] in item:
            known, name = ENDS_WITH[kind]
            assert 0 <= ends[known, item[name]] - item["ttl"] <= HORIZON.total_seconds(), kind
            continue
        number, unit = re.findall(r"(\d+) (minute|hour|day)s?", said)[-1]
        length = timedelta(**{f"{unit}s": int(number)})
        begins = COUNTED_FROM.get(kind)
        if begins is not None:
            assert instant(item["ttl"]) == begins(item) + length, kind
        else:
            assert (
                latest - timedelta(minutes=3)
                <= instant(item["ttl"]) - length
                <= SLOT + (timedelta(days=1))
            ), kind


# What is asked at Google

#: What of an event may be asked for: of ours what we need, of others times, and whether they block.
OWN = "id,iCalUID,status,etag,start,end,extendedProperties/private"
_BLOCKING = "status,transparency,eventType,attendees(self,responseStatus)"
OTHERS = f"nextPageToken,timeZone,items(id,start,end,{_BLOCKING})"
ASKED: dict[str, set[str | None]] = {
    "calendar.freebusy.query": {None},
    "calendar.events.insert": {OWN},
    "calendar.events.get": {OWN},
    "calendar.events.patch": {OWN},
    "calendar.events.delete": {None},
    "calendar.events.list": {"timeZone", OTHERS},
}


@pytest.mark.e2e
def test_no_details_of_events_are_ever_asked_for_in_the_whole_job(town: Town) -> None:
    account = "watched@example.com"
    control = f"{town.world.google.url}/_control"
    town.world.add_account(account)
    requests.delete(f"{control}/log", timeout=10).raise_for_status()
    host, guest = town.person("host"), town.person("guest")
    demo_drive.connect(town.world, host, account)
    host.call("GET", "v1/preview")
    shared = town.share(host, guest)
    slots = town.slots(guest, shared["shareId"])
    guest.call("POST", "v1/hold", {"shareId": shared["shareId"], "startsAt": slots[40]})
    body = {"shareId": shared["shareId"], "startsAt": slots[40]}
    booked = guest.call("POST", "v1/book", body)["booking"]["bookingId"]
    move = {"startsAt": slots[60]}
    guest.call("POST", f"v1/bookings/{booked}/reschedule", move)
    client = town.aws("dynamodb")
    (table,) = client.list_tables()["TableNames"]
    client.update_item(
        TableName=table,
        Key={"pk": {"S": f"APP#local#BOOKING#{booked}"}, "sk": {"S": "BOOKING"}},
        UpdateExpression="SET dueAt = :now",
        ExpressionAttributeValues={":now": {"N": "1"}},
    )
    town.world.invoke("reconcile", {})
    guest.call("POST", f"v1/bookings/{booked}/cancel")
    host.call("POST", "v1/disconnect")

    asked = requests.get(f"{control}/log", timeout=10).json()["requests"]
    calendar = [each for each in asked if each["method"].startswith("calendar.")]
    fields = {(each["method"], each["query"].get("fields")) for each in calendar}
    assert fields == {(name, mask) for name, masks in ASKED.items() for mask in masks}
    own = {each["body"]["id"] for each in calendar if each["method"] == "calendar.events.insert"}
    for each in calendar:
        if each["method"] in {"calendar.events.get", "calendar.events.patch"}:
            assert each["path"].rpartition("/")[2] in own
        if each["method"] == "calendar.freebusy.query":
            assert set(each["body"]) == {"timeMin", "timeMax", "items"}
            assert each["body"]["items"] == [{"id": "primary"}]
    others = {each["method"] for each in asked} - set(ASKED)
    assert others <= {"oauth.auth", "oauth.token", "oauth.certs", "oauth.revoke"}


# Disconnecting and erasing


def test_disconnecting_leaves_nothing_of_the_calendar_but_its_meetings(world: World) -> None:
    lively(world)
    world.use_cases.disconnector.disconnect(APP, Uid("alice"), world.deadline())
    left = [item for item in world.items() if item["pk"].startswith("CAL#calendar-of-alice")]
    assert {kind_of(item) for item in left} == {"claim: one UTC hour, a bucket each 5 minutes"}
    assert world.connections.get(APP, Uid("alice")) is None
    assert "alice@example.com" not in str(world.items())
    assert "refresh-alice" in world.oauth.revoked


def about(world: World, uid: str) -> list[Any]:
    """Return the items that name a user, in whatever part."""
    # The fake names a calendar by its account, where Google's adapter takes an HMAC.
    named = re.compile(rf"(?<!calendar-of-)(?<![a-z]){uid}(?![a-z])", re.IGNORECASE)
    return [(item["pk"], item["sk"]) for item in world.items() if named.search(repr(item))]


def holds(world: World) -> None:
    """Check that whoever owns time is there, and that what stands owns its time and its event."""
    bookings = [booking_from(item) for item in world.items() if item["sk"] == "BOOKING"]
    standing = {each.booking_id: each for each in bookings if each.owns}
    hours = sorted(
        (item for item in world.items() if item["sk"].startswith("HOUR#")), key=lambda i: i["sk"]
    )
    owners = {owner for _, owner in owned(hours, world.clock.now())}
    assert owners == set(standing)
    events = {event.booking_id: event.slot for event in world.calendar.meetings}
    assert events == {name: each.slot for name, each in standing.items()}


@pytest.mark.parametrize("uid", ["alice", "bob"])
def test_an_erased_person_is_named_nowhere_and_nothing_is_broken(world: World, uid: str) -> None:
    bookings = lively(world)
    counted = world.use_cases.eraser.found(APP, Uid(uid))
    assert counted["booking"] == {"alice": 4, "bob": 2}[uid]
    assert (
        world.use_cases.eraser.erase(APP, Uid(uid), world.deadline())["booking"]
        == counted["booking"]
    )
    assert about(world, uid) == []
    holds(world)
    assert world.use_cases.eraser.erase(APP, Uid(uid), world.deadline()) == {}
    told = [message.custom for message in world.chat.of_type("invite")]
    ended = {each["bookingId"] for each in told if each["status"] == "cancelled"}
    gone = {"alice": {*bookings}, "bob": {"confirmed", "cancelled"}}[uid]
    assert ended == {bookings[name].booking_id for name in gone}
    world.clock.pass_(minutes=2)
    world.reconcile()
    assert about(world, uid) == []
    holds(world)


def test_erasing_a_host_ends_the_grant_and_cancels_what_is_to_come_alone(world: World) -> None:
    lively(world)
    world.clock.pass_(hours=5)
    past = SLOT + timedelta(minutes=30)
    assert world.clock.now() > past
    world.use_cases.eraser.erase(APP, Uid("alice"), world.deadline())
    assert [event.slot.start for event in world.calendar.meetings] == [SLOT]
    assert "refresh-alice" in world.oauth.revoked
    assert world.connection(world.alice) == {"state": "none"}
    assert world.connection(world.caller("carol"))["state"] == "connected"


def test_erasing_a_guest_leaves_the_host_and_other_guests_as_they_were(world: World) -> None:
    bookings = lively(world)
    before = {repr(item) for item in world.items()}
    world.use_cases.eraser.erase(APP, Uid("bob"), world.deadline())
    kept = world.bookings.get(APP, bookings["of carol"].booking_id)
    assert kept is not None
    assert kept.state is BookingState.CONFIRMED
    assert world.connection(world.alice)["state"] == "connected"
    changed = {repr(item) for item in world.items()} - before
    assert all("HOUR#" in each for each in changed), "only freed time has changed"


def test_a_repeat_of_what_led_to_an_erased_person_is_no_fault(world: World) -> None:
    lively(world)
    world.use_cases.eraser.erase(APP, Uid("bob"), world.deadline())
    world.clock.pass_(seconds=1)
    assert world.share(key="one", title="Of Alice")
    newest, *_ = world.listed(world.alice, None)["items"]
    assert newest["receiver"] == "bob"


def test_the_same_uid_in_another_app_is_another_person(world: World) -> None:
    other = AppId("other")
    world.tenants.put(Tenant(other, "us", "Other", Secret("another-key")))
    world.connect("alice", "elsewhere", other)
    lively(world)
    world.use_cases.eraser.erase(APP, Uid("alice"), world.deadline())
    found = world.connections.get(other, Uid("alice"))
    assert found is not None
    assert found.email == "elsewhere@example.com"


def test_a_dry_run_counts_and_changes_nothing(world: World) -> None:
    lively(world)
    before = world.items()
    counted = world.use_cases.eraser.found(APP, Uid("alice"))
    assert world.items() == before
    assert {"connection", "preferences", "session", "share", "booking", "outbox"} <= set(counted)
    assert world.use_cases.eraser.found(APP, Uid("nobody")) == {}


def test_while_google_is_away_nothing_is_deleted_and_the_next_run_goes_on(world: World) -> None:
    lively(world)
    world.calendar.faults["delete_event"] = [CalendarUnavailable() for _ in range(3)]
    with pytest.raises(CalendarUnavailable):
        world.use_cases.eraser.erase(APP, Uid("alice"), world.deadline())
    assert world.connections.get(APP, Uid("alice")) is not None
    world.use_cases.eraser.erase(APP, Uid("alice"), world.deadline())
    assert about(world, "alice") == []
    holds(world)


def test_while_the_chat_is_away_a_meeting_is_cancelled_and_told_later(world: World) -> None:
    lively(world)
    world.chat.unreachable = True
    with pytest.raises(ChatUnavailable):
        world.use_cases.eraser.erase(APP, Uid("alice"), world.deadline())
    assert world.calendar.meetings == []
    assert about(world, "alice") != []
    world.chat.unreachable = False
    world.clock.pass_(minutes=2)
    world.use_cases.eraser.erase(APP, Uid("alice"), world.deadline())
    assert about(world, "alice") == []
    holds(world)


def test_what_somebody_works_on_is_waited_for(world: World) -> None:
    share = world.share()
    world.calendar.faults["insert_event"] = ["late"]
    world.calendar.faults["get_event"] = [CalendarUnavailable(), CalendarUnavailable()]
    booking = book(world, "bob", share, 0)
    assert booking.state is BookingState.CLAIMED
    world.bookings.transition(
        booking, booking.with_(leased_until=world.clock.now() + timedelta(hours=1))
    )
    with pytest.raises(BookingInProgress):
        world.use_cases.eraser.erase(APP, Uid("bob"), world.deadline())
    assert world.bookings.get(APP, booking.booking_id) is not None


def test_an_event_that_may_still_come_to_life_is_watched_for_before_its_guest_is_gone(
    world: World,
) -> None:
    late(world)
    with pytest.raises(BookingInProgress):
        world.use_cases.eraser.erase(APP, Uid("dave"), world.deadline())
    (come,) = world.calendar.late
    come()
    for minutes in (1, 61):
        world.clock.pass_(minutes=minutes)
        world.reconcile()
    assert world.calendar.meetings == []
    world.use_cases.eraser.erase(APP, Uid("dave"), world.deadline())
    assert about(world, "dave") == []


@pytest.mark.parametrize("known", [True, False], ids=["already known", "found out now"])
def test_a_guest_is_erased_though_the_hosts_grant_has_ended(world: World, *, known: bool) -> None:
    bookings = lively(world)
    world.calendar.revoked = True
    connection = world.connections.get(APP, Uid("alice"))
    assert connection is not None
    if known:
        world.connections.transition(connection, ConnectionState.RECONNECT)
    world.use_cases.eraser.erase(APP, Uid("bob"), world.deadline())
    assert about(world, "bob") == []
    standing = {event.booking_id for event in world.calendar.meetings}
    assert bookings["confirmed"].booking_id in standing, "nobody can reach it any more"


def test_a_person_of_an_app_that_is_gone_is_erased_too(world: World) -> None:
    lively(world)
    key = {"pk": {"S": "APP#app"}, "sk": {"S": "TENANT"}}
    world.client.delete_item(TableName=world.table_name, Key=key)
    world.clock.pass_(minutes=2)
    world.use_cases.eraser.erase(APP, Uid("alice"), world.deadline())
    assert about(world, "alice") == []


@pytest.fixture
def command(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return the operator's command, over this world."""
    monkeypatch.setattr(wiring, "use_cases", lambda: world.use_cases)
    monkeypatch.setattr(wiring, "clock", lambda: world.clock)

    def run(*arguments: str) -> int:
        return admin_main(["erase", "--app-id", "app", *arguments])

    return run


def test_the_command_says_what_it_does_and_whether_it_is_done(
    world: World, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    lively(world)
    assert command("--uid", "ALICE", "--dry-run") == 0
    assert "would erase: 4 booking, 1 connection" in capsys.readouterr().out
    world.chat.unreachable = True
    assert command("--uid", "alice") == 1
    assert "not all is erased yet: The chat cannot be reached." in capsys.readouterr().err
    world.chat.unreachable = False
    world.clock.pass_(minutes=2)
    assert command("--uid", "alice") == 0
    assert "erased: 4 booking" in capsys.readouterr().out
    assert command("--uid", "alice") == 0
    assert capsys.readouterr().out == "erased: nothing is kept\n"


@pytest.mark.e2e
def test_the_command_erases_a_host_of_a_running_deployment(town: Town) -> None:
    account = "erased@example.com"
    town.world.add_account(account)
    host, guest = town.person("erased"), town.person("guest")
    demo_drive.connect(town.world, host, account)
    shared = town.share(host, guest)["shareId"]
    slot = town.slots(guest, shared)[50]
    body = {"shareId": shared, "startsAt": slot}
    booked = guest.call("POST", "v1/book", body)["booking"]["bookingId"]
    demo_drive.wait_for_invite(guest, host, booked)
    function, given = invoke.fetch("reconcile", town.world)
    environ = {**given, **FromSource().launch(function, given).variables}
    done = [
        subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "scheduling.admin", *arguments],
            env=environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        for arguments in (
            ("reseal",),
            ("erase", "--app-id", "local", "--uid", host.uid, "--dry-run"),
            ("erase", "--app-id", "local", "--uid", host.uid),
        )
    ]
    assert [each.returncode for each in done] == [0, 0, 0], [each.stderr for each in done]
    resealed, would, erased = (each.stdout for each in done)
    assert re.match(r"sealed again: 2 API keys, [1-9]\d* connections", resealed)
    assert would.startswith("would erase: 1 booking, 1 connection")
    assert erased.startswith("erased: 1 booking")
    assert host.uid not in repr(town.items())
    assert [each["status"] for each in town.world.events(account)] == ["cancelled"]
    assert host.call("GET", "v1/connection") == {"state": "none"}
    assert town.send("GET", f"v1/bookings/{booked}", guest).status_code == 404
    told = guest.messages("extension_calendar_invite", host.uid)
    statuses = [each["data"]["customData"]["status"] for each in told]
    assert statuses == ["confirmed", "cancelled"]
