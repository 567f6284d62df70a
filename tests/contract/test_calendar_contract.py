"""One promise of `ports.Calendar`, kept by the fake and by Google's adapter over its emulator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.google.refusals import (
    Refusal,
    api_disabled,
    calendar_refusal,
    insufficient_scope,
    not_a_calendar_user,
    oauth_refusal,
)
from local.google.server import create_app
from scheduling.adapters.google.calendar import ATTEMPT, PROPERTY, GoogleCalendar
from scheduling.adapters.google.service import GoogleClient
from scheduling.core.config import GoogleConfig
from scheduling.core.errors import CalendarUnavailable
from scheduling.core.ids import event_id
from scheduling.core.times import Interval, format_instant
from scheduling.models import (
    AppId,
    BookingId,
    CalendarId,
    Connection,
    ConnectionState,
    EventDraft,
    Secret,
    TokenSet,
    Uid,
)
from scheduling.ports import (
    Calendar,
    EventChanged,
    EventExists,
    GrantEnded,
    NoCalendar,
    OutcomeUnknown,
)
from tests.emulators.google_user import REDIRECT_URI, Google
from tests.emulators.serving import served
from tests.fakes import FakeCalendar, FakeClock, FakeMetrics

pytestmark = pytest.mark.contract

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=2)
HOUR = timedelta(hours=1)
DAY = Interval(NOON - 12 * HOUR, NOON + 12 * HOUR)


#: Google's own names of what a port's methods call.
_NAMES = {
    "free_busy": "calendar.freebusy.query",
    "get_event": "calendar.events.get",
    "insert_event": "calendar.events.insert",
    "reschedule_event": "calendar.events.patch",
    "delete_event": "calendar.events.delete",
}


def a_connection(tokens: TokenSet) -> Connection:
    return Connection(
        app_id=AppId("app"),
        uid=Uid("alice"),
        calendar_id=CalendarId("calendar"),
        state=ConnectionState.CONNECTED,
        email="alice@example.com",
        time_zone="Europe/Berlin",
        scopes=frozenset(),
        connected_at=NOON,
        tokens=tokens,
        version="v1",
    )


class KeptTokens:
    """As much of `ports.Connections` as the adapter uses: refreshed tokens are kept."""

    def __init__(self) -> None:
        self.kept: list[TokenSet] = []

    def keep_tokens(self, connection: Connection, tokens: TokenSet) -> None:
        del connection
        self.kept.append(tokens)


@dataclass
class Side:
    """One implementer, and how its calendar is filled and broken from outside."""

    calendar: Calendar
    connection: Connection
    fake: FakeCalendar | None = None
    google: Google | None = None
    kept: list[TokenSet] = field(default_factory=list)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)

    def write(self, interval: Interval) -> None:
        """A person writes an event into the calendar."""
        if self.fake:
            self.fake.manual.append(interval)
        if self.google:
            body = {
                "email": "alice@example.com",
                "summary": "Private",
                "start": format_instant(interval.start),
                "end": format_instant(interval.end),
            }
            self.google.control("POST", "events", body)

    def revoke(self) -> None:
        """The person takes all access back."""
        if self.fake:
            self.fake.revoked = True
        if self.google:
            self.google.control("POST", "revoke", {"email": "alice@example.com"})

    def turn_off(self) -> None:
        """The account has no calendar any more."""
        if self.fake:
            self.fake.missing = True
        if self.google:
            body = not_a_calendar_user().body
            self.google.fault(match="calendar.*", kind="status", status=403, body=body, times=0)

    def silent_after(self, method: str) -> None:
        """The next change is done, and no answer comes."""
        if self.fake:
            self.fake.faults[method] = ["after"]
        if self.google:
            # httplib2 sends once more by itself; both answers are lost.
            self.google.fault(match=_NAMES[method], kind="drop_after", times=2)

    def unavailable(self, method: str) -> None:
        """Google asks to wait 7 seconds."""
        if self.fake:
            self.fake.faults[method] = [CalendarUnavailable(retry_after=7)]
        if self.google:
            self.google.fault(
                match=_NAMES[method],
                kind="status",
                status=429,
                headers={"Retry-After": "7"},
            )


@pytest.fixture(scope="module")
def google_address() -> Iterator[str]:
    with served(lambda address: create_app(address, [REDIRECT_URI])) as address:
        yield address


@pytest.fixture(params=["fake", "google"])
def side(request: pytest.FixtureRequest, google_address: str) -> Iterator[Side]:
    if request.param == "fake":
        fake = FakeCalendar()
        tokens = TokenSet(Secret("r"), Secret("a"), NOON + HOUR)
        yield Side(fake, a_connection(tokens), fake=fake)
        return
    google = Google(google_address)
    google.control("POST", "reset")
    granted = google.connect()
    tokens = TokenSet(
        Secret(granted["refresh_token"]),
        Secret(granted["access_token"]),
        datetime.now(UTC) + timedelta(seconds=granted["expires_in"]),
    )
    config = GoogleConfig(
        client_id="local-client",
        token_url=f"{google_address}/token",
        calendar_url=f"{google_address}/calendar/v3/",
    )
    metrics, clock = FakeMetrics(), FakeClock(datetime.now(UTC))
    client = GoogleClient(config, Secret("local-secret"), clock, metrics)
    store: Any = KeptTokens()
    adapter = GoogleCalendar(client, store)
    yield Side(adapter, a_connection(tokens), google=google, kept=store.kept, metrics=metrics)
    google.session.close()
    client.close()


def a_draft(number: int = 0, start: datetime = NOON) -> EventDraft:
    booking = BookingId("b" * 32)
    return EventDraft(
        event_id=event_id(booking, number),
        booking_id=booking,
        slot=Interval(start, start + HOUR),
        summary="Intro · Bob",
        description="Booked in the chat",
    )


def test_busy_times_are_merged_and_cut_to_the_window(side: Side) -> None:
    side.write(Interval(NOON, NOON + HOUR))
    side.write(Interval(NOON + HOUR / 2, NOON + 2 * HOUR))
    side.write(Interval(DAY.end - HOUR, DAY.end + HOUR))
    assert side.calendar.free_busy(side.connection, DAY) == [
        Interval(NOON, NOON + 2 * HOUR),
        Interval(DAY.end - HOUR, DAY.end),
    ]
    before = Interval(NOON - HOUR, NOON)
    assert side.calendar.free_busy(side.connection, before) == []


def test_an_event_is_inserted_once_for_each_id(side: Side) -> None:
    made = side.calendar.insert_event(side.connection, a_draft())
    assert made.booking_id == OURS
    assert made.ical_uid == f"{made.event_id}@google.com"
    assert side.calendar.get_event(side.connection, made.event_id) == made
    assert side.calendar.free_busy(side.connection, DAY) == [Interval(NOON, NOON + HOUR)]
    with pytest.raises(EventExists):
        side.calendar.insert_event(side.connection, a_draft())


def test_a_deleted_event_is_a_tombstone_and_deleting_again_is_nothing(side: Side) -> None:
    made = side.calendar.insert_event(side.connection, a_draft())
    for _ in range(2):
        side.calendar.delete_event(side.connection, made.event_id)
    found = side.calendar.get_event(side.connection, made.event_id)
    assert found is not None
    assert found.cancelled
    assert side.calendar.free_busy(side.connection, DAY) == []
    with pytest.raises(EventExists):
        side.calendar.insert_event(side.connection, a_draft())


def test_an_event_is_moved_if_it_is_the_version_that_was_read(side: Side) -> None:
    made = side.calendar.insert_event(side.connection, a_draft())
    later = Interval(NOON + 2 * HOUR, NOON + 3 * HOUR)
    moved = side.calendar.reschedule_event(side.connection, made, later, OURS, 2)
    assert (moved.slot, moved.booking_id) == (later, made.booking_id)
    assert moved == side.calendar.get_event(side.connection, made.event_id)
    assert side.calendar.free_busy(side.connection, DAY) == [later]
    with pytest.raises(EventChanged):
        side.calendar.reschedule_event(side.connection, made, DAY, OURS, 3)


def test_a_move_to_where_an_event_is_makes_a_new_version_that_bars_what_comes_late(
    side: Side,
) -> None:
    made = side.calendar.insert_event(side.connection, a_draft())
    assert made.slot is not None
    barred = side.calendar.reschedule_event(side.connection, made, made.slot, OURS, 2)
    assert (barred.slot, barred.etag != made.etag) == (made.slot, True)
    with pytest.raises(EventChanged):
        side.calendar.reschedule_event(side.connection, made, DAY, OURS, 1)


def test_a_deleted_event_is_not_moved(side: Side) -> None:
    made = side.calendar.insert_event(side.connection, a_draft())
    side.calendar.delete_event(side.connection, made.event_id)
    with pytest.raises(EventChanged):
        side.calendar.reschedule_event(side.connection, made, DAY, OURS, 2)


def test_a_move_or_deletion_without_an_answer_may_be_done_or_not(side: Side) -> None:
    made = side.calendar.insert_event(side.connection, a_draft())
    later = Interval(NOON + 2 * HOUR, NOON + 3 * HOUR)
    side.silent_after("reschedule_event")
    with pytest.raises(OutcomeUnknown):
        side.calendar.reschedule_event(side.connection, made, later, OURS, 2)
    found = side.calendar.get_event(side.connection, made.event_id)
    assert found is not None
    assert found.slot == later
    side.silent_after("delete_event")
    with pytest.raises(OutcomeUnknown):
        side.calendar.delete_event(side.connection, made.event_id)
    gone = side.calendar.get_event(side.connection, made.event_id)
    assert gone is not None
    assert gone.cancelled


@pytest.mark.parametrize("method", ["reschedule_event", "delete_event"])
def test_a_change_that_google_asks_to_slow_down_for_is_surely_not_done(
    side: Side, method: str
) -> None:
    made = side.calendar.insert_event(side.connection, a_draft())
    side.unavailable(method)
    changes: dict[str, Callable[[], object]] = {
        "reschedule_event": lambda: side.calendar.reschedule_event(
            side.connection, made, DAY, OURS, 2
        ),
        "delete_event": lambda: side.calendar.delete_event(side.connection, made.event_id),
    }
    with pytest.raises(CalendarUnavailable) as refusal:
        changes[method]()
    assert refusal.value.retry_after_seconds == 7
    assert side.calendar.get_event(side.connection, made.event_id) == made


def test_what_was_never_there_is_none_and_deleted_already(side: Side) -> None:
    assert side.calendar.get_event(side.connection, event_id("nobody", 0)) is None
    side.calendar.delete_event(side.connection, event_id("nobody", 0))


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_an_event_that_google_denies_and_then_shows_is_not_deleted(side: Side) -> None:
    assert side.google
    made = side.calendar.insert_event(side.connection, a_draft())
    for more in ([], [{"match": "calendar.events.get", "kind": "status", "status": 503}]):
        for fault in ({"match": _NAMES["delete_event"], "kind": "status", "status": 404}, *more):
            side.google.fault(**fault)
        with pytest.raises(OutcomeUnknown):
            side.calendar.delete_event(side.connection, made.event_id)
    assert side.calendar.get_event(side.connection, made.event_id) == made
    side.calendar.delete_event(side.connection, made.event_id)
    gone = side.calendar.get_event(side.connection, made.event_id)
    assert gone is not None
    assert gone.cancelled


def test_others_are_the_events_but_our_own_that_meet_the_window(side: Side) -> None:
    made = side.calendar.insert_event(side.connection, a_draft())
    slot = Interval(NOON, NOON + HOUR)
    assert side.calendar.others(side.connection, slot, made.event_id) == []
    side.write(Interval(NOON + HOUR / 2, NOON + 2 * HOUR))
    side.write(Interval(NOON + HOUR, NOON + 3 * HOUR))
    assert side.calendar.others(side.connection, slot, made.event_id) == [
        Interval(NOON + HOUR / 2, NOON + 2 * HOUR)
    ]


def test_an_insert_without_an_answer_is_of_unknown_outcome(side: Side) -> None:
    side.silent_after("insert_event")
    with pytest.raises((OutcomeUnknown, EventExists)):
        side.calendar.insert_event(side.connection, a_draft())
    assert side.calendar.get_event(side.connection, a_draft().event_id) is not None


@pytest.mark.parametrize("method", ["free_busy", "insert_event", "get_event"])
def test_a_wait_that_google_asks_for_is_told(side: Side, method: str) -> None:
    side.unavailable(method)
    arguments: dict[str, Any] = {
        "free_busy": DAY,
        "insert_event": a_draft(),
        "get_event": a_draft().event_id,
    }
    with pytest.raises(CalendarUnavailable) as refusal:
        getattr(side.calendar, method)(side.connection, arguments[method])
    assert refusal.value.asked_seconds == 7


def test_a_grant_that_was_taken_back_has_ended(side: Side) -> None:
    side.revoke()
    with pytest.raises(GrantEnded):
        side.calendar.free_busy(side.connection, DAY)


def test_the_zone_is_the_calendars(side: Side) -> None:
    assert side.calendar.time_zone(side.connection.tokens) == "Europe/Berlin"


@pytest.mark.parametrize("side", ["google"], indirect=True)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, None),
        (503, None),
        (403, {"error": {"errors": [{"reason": "quotaExceeded"}], "code": 403, "message": "q"}}),
        (200, {"calendars": {"primary": {"errors": [{"reason": "internalError"}], "busy": []}}}),
        (200, {"calendars": {}}),
        (200, {"calendars": {"primary": {}}}),
        (200, {"calendars": {"primary": []}}),
        (200, {"calendars": {"primary": {"busy": None}}}),
        (200, {"calendars": {"primary": {"busy": [{"start": "soon", "end": "later"}]}}}),
    ],
)
def test_unknown_is_never_free(side: Side, status: int, body: Any) -> None:
    assert side.google
    more = {"body": body} if body else {}
    side.google.fault(match="calendar.freebusy.query", kind="status", status=status, **more)
    with pytest.raises(CalendarUnavailable):
        side.calendar.free_busy(side.connection, DAY)


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_what_takes_no_time_keeps_nobody_from_the_rest(side: Side) -> None:
    assert side.google
    at = format_instant(NOON)
    empty = {"start": at, "end": at}
    body = {"calendars": {"primary": {"busy": [empty]}}}
    side.google.fault(match="calendar.freebusy.query", kind="status", status=200, body=body)
    assert side.calendar.free_busy(side.connection, DAY) == []
    bounds = {"start": {"dateTime": at, "timeZone": "UTC"}, "end": {"dateTime": at}}
    listed = {"items": [{"id": "x", "status": "confirmed", **bounds}]}
    side.google.fault(match="calendar.events.list", kind="status", status=200, body=listed)
    assert side.calendar.others(side.connection, DAY, "own") == []


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_an_access_token_that_died_is_refreshed_once_and_kept(side: Side) -> None:
    assert side.google
    side.google.control("POST", "expire")
    assert side.calendar.free_busy(side.connection, DAY) == []
    assert len(side.kept) == 1
    assert side.kept[0].refresh_token == side.connection.tokens.refresh_token


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_only_times_are_ever_asked_for(side: Side) -> None:
    assert side.google
    made = side.calendar.insert_event(side.connection, a_draft())
    side.calendar.others(side.connection, DAY, made.event_id)
    side.calendar.time_zone(side.connection.tokens)
    asked = side.google.control("GET", "log")["requests"]
    lists = [each["query"].get("fields") for each in asked if each["method"].endswith("list")]
    whether_it_blocks = "status,transparency,eventType,attendees(self,responseStatus)"
    blocking = f"nextPageToken,timeZone,items(id,start,end,{whether_it_blocks})"
    assert sorted(lists) == [blocking, "timeZone"]


def asks(side: Side) -> dict[str, Callable[[], object]]:
    """Everything that a calendar can be asked, of an event that is there."""
    made = side.calendar.insert_event(side.connection, a_draft())
    connection, event_id_ = side.connection, made.event_id
    return {
        "free_busy": lambda: side.calendar.free_busy(connection, DAY),
        "others": lambda: side.calendar.others(connection, DAY, "own"),
        "time_zone": lambda: side.calendar.time_zone(connection.tokens),
        "get_event": lambda: side.calendar.get_event(connection, event_id_),
        "insert_event": lambda: side.calendar.insert_event(connection, a_draft(1)),
        "reschedule_event": lambda: side.calendar.reschedule_event(connection, made, DAY, OURS, 2),
        "delete_event": lambda: side.calendar.delete_event(connection, event_id_),
    }


def test_an_account_without_a_calendar_is_known_whatever_is_asked(side: Side) -> None:
    asked = asks(side)
    side.turn_off()
    for ask in asked.values():
        with pytest.raises(NoCalendar):
            ask()


SCOPE = insufficient_scope("calendar.freebusy.query", ["https://a.scope"])


@pytest.mark.parametrize("side", ["google"], indirect=True)
@pytest.mark.parametrize(
    "body",
    [
        SCOPE.body,
        {"error": {"errors": SCOPE.body["error"]["errors"], "code": 403, "message": "m"}},
        {"error": {"details": SCOPE.body["error"]["details"], "code": 403, "message": "m"}},
    ],
    ids=["both", "errors", "details"],
)
def test_missing_scopes_end_the_grant_in_any_form_of_googles(
    side: Side, body: dict[str, Any]
) -> None:
    assert side.google
    asked = asks(side)
    side.google.fault(match="calendar.*", kind="status", status=403, body=body, times=0)
    for ask in asked.values():
        with pytest.raises(GrantEnded):
            ask()


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_missing_scopes_are_known_by_the_challenge_alone(side: Side) -> None:
    assert side.google
    side.google.fault(match="calendar.*", kind="status", status=403, body={}, headers=SCOPE.headers)
    with pytest.raises(GrantEnded):
        side.calendar.free_busy(side.connection, DAY)


#: Refusals of a refresh that no other try cures.
FINAL = [
    oauth_refusal(400, "access_denied", "Account restricted"),
    oauth_refusal(403, "access_denied", "Account restricted"),
    oauth_refusal(400, "admin_policy_enforced", "Access to your account data is restricted."),
    oauth_refusal(403, "admin_policy_enforced"),
    oauth_refusal(400, "policy_enforced", "Advanced Protection prevented your Google Account ..."),
    oauth_refusal(403, "org_internal"),
    oauth_refusal(400, "invalid_grant", "Token has been expired or revoked."),
    oauth_refusal(400, "invalid_grant", "The account has been deleted"),
    oauth_refusal(
        400,
        "invalid_grant",
        "reauth related error (invalid_rapt)",
        "invalid_rapt",
        "https://support.google.com/a/answer/9368756",
    ),
    oauth_refusal(400, "invalid_grant", subtype="rapt_required"),
    oauth_refusal(401, "unauthorized_client", "Unauthorized"),
]


@pytest.mark.parametrize("side", ["google"], indirect=True)
@pytest.mark.parametrize("refusal", FINAL, ids=lambda each: f"{each.status}-{each.body['error']}")
def test_a_refresh_that_is_refused_for_good_ends_the_grant(side: Side, refusal: Refusal) -> None:
    assert side.google
    side.google.control("POST", "expire")
    side.google.fault(match="oauth.token", kind="status", status=refusal.status, body=refusal.body)
    with pytest.raises(GrantEnded):
        side.calendar.free_busy(side.connection, DAY)


@pytest.mark.parametrize("side", ["google"], indirect=True)
@pytest.mark.parametrize(
    "refusal",
    [
        oauth_refusal(400, "temporarily_unavailable"),
        oauth_refusal(500, "internal_failure", "Backend Error"),
        oauth_refusal(503, "invalid_grant"),
        oauth_refusal(400, "something_new", "Nobody knows"),
        oauth_refusal(401, "invalid_client", "The OAuth client was not found."),
        oauth_refusal(403, "deleted_client", "The OAuth client was deleted."),
        Refusal(400, {}),
        Refusal(403, {"error": {"status": "invalid_grant"}}),
    ],
    ids=lambda each: f"{each.status}-{each.body.get('error')}",
)
def test_a_refresh_that_may_succeed_later_ends_no_grant(side: Side, refusal: Refusal) -> None:
    assert side.google
    side.google.control("POST", "expire")
    side.google.fault(match="oauth.token", kind="status", status=refusal.status, body=refusal.body)
    with pytest.raises(CalendarUnavailable):
        side.calendar.free_busy(side.connection, DAY)
    assert side.calendar.free_busy(side.connection, DAY) == []


@pytest.mark.parametrize("side", ["google"], indirect=True)
@pytest.mark.parametrize("status", [401, 403])
def test_what_something_between_us_and_google_says_ends_no_grant(side: Side, status: int) -> None:
    assert side.google
    page = "<html>Welcome to the hotel</html>"
    side.google.fault(match="calendar.*", kind="status", status=status, body=page, times=2)
    with pytest.raises(CalendarUnavailable):
        side.calendar.free_busy(side.connection, DAY)


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_a_project_that_is_not_set_up_is_the_operators_and_nobodys_grant(side: Side) -> None:
    assert side.google
    refusal = api_disabled()
    side.google.fault(match="calendar.freebusy.query", kind="status", status=403, body=refusal.body)
    with pytest.raises(CalendarUnavailable) as told:
        side.calendar.free_busy(side.connection, DAY)
    assert told.value.asked_seconds == 300
    side.google.control("POST", "expire")
    unknown = oauth_refusal(401, "invalid_client", "The OAuth client was not found.")
    side.google.fault(match="oauth.token", kind="status", status=401, body=unknown.body)
    with pytest.raises(CalendarUnavailable):
        side.calendar.free_busy(side.connection, DAY)
    assert side.metrics.counts["GoogleRefusedUs"] == 2


@pytest.mark.parametrize("side", ["google"], indirect=True)
@pytest.mark.parametrize(
    ("status", "reason", "seconds"),
    [
        (403, "rateLimitExceeded", None),
        (403, "userRateLimitExceeded", None),
        (403, "quotaExceeded", 60),
        (403, "dailyLimitExceeded", 60),
        (403, "forbidden", None),
        (500, "backendError", None),
        (504, "backendError", None),
    ],
)
def test_a_limit_ends_no_grant_and_one_that_is_used_up_is_not_hammered(
    side: Side, status: int, reason: str, seconds: int | None
) -> None:
    assert side.google
    body = calendar_refusal(status, reason, "m", domain="usageLimits").body
    side.google.fault(match="calendar.*", kind="status", status=status, body=body)
    with pytest.raises(CalendarUnavailable) as told:
        side.calendar.free_busy(side.connection, DAY)
    assert told.value.asked_seconds == seconds
    assert told.value.repeatable


OURS = BookingId("b" * 32)

OWNER, OTHER = {"email": "alice@example.com"}, {"email": "bob@example.com"}

AT_NOON = {"start": format_instant(NOON), "end": format_instant(NOON + HOUR)}

THAT_DAY = {"start": f"{NOON:%Y-%m-%d}", "end": f"{NOON + timedelta(days=1):%Y-%m-%d}"}


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_of_those_who_are_invited_only_the_owners_own_answer_is_ever_asked_for(side: Side) -> None:
    assert side.google
    side.calendar.others(side.connection, DAY, "own")
    (asked,) = side.google.control("GET", "log")["requests"][-1:]
    assert (asked["method"], asked["query"]["maxAttendees"]) == ("calendar.events.list", "1")


def invited(answer: str) -> dict[str, Any]:
    """An event of others', and what the calendar's owner said to it."""
    others = [{**OTHER, "responseStatus": "declined"}, {"email": "carol@example.com"}]
    return {**AT_NOON, "attendees": [*others, {**OWNER, "responseStatus": answer}]}


#: Every kind of event, and whether it blocks.
KINDS: dict[str, tuple[dict[str, Any], bool]] = {
    "confirmed": (AT_NOON, True),
    "tentative": ({**AT_NOON, "status": "tentative"}, True),
    "transparent": ({**AT_NOON, "transparency": "transparent"}, False),
    "accepted": (invited("accepted"), True),
    "accepted tentatively": (invited("tentative"), True),
    "not answered": (invited("needsAction"), True),
    "declined": (invited("declined"), False),
    "declined by another": (
        {**AT_NOON, "attendees": [{**OTHER, "responseStatus": "declined"}]},
        True,
    ),
    "declined by the owner alone": (
        {**AT_NOON, "attendees": [{**OWNER, "responseStatus": "declined"}]},
        False,
    ),
    "whole day": (THAT_DAY, True),
    "whole day, transparent": ({**THAT_DAY, "transparency": "transparent"}, False),
    "working location": ({**AT_NOON, "eventType": "workingLocation"}, False),
    "working location, whole day": ({**THAT_DAY, "eventType": "workingLocation"}, False),
    "out of office": ({**AT_NOON, "eventType": "outOfOffice"}, True),
    "out of office, declined": ({**invited("declined"), "eventType": "outOfOffice"}, False),
    "focus time": ({**AT_NOON, "eventType": "focusTime"}, True),
    "from Gmail": ({**AT_NOON, "eventType": "fromGmail"}, True),
    "birthday": ({**THAT_DAY, "eventType": "birthday"}, False),
    "cancelled": ({**AT_NOON, "status": "cancelled"}, False),
    "without length": ({**AT_NOON, "end": AT_NOON["start"]}, False),
    "before": ({**AT_NOON, "start": format_instant(NOON - HOUR), "end": AT_NOON["start"]}, False),
    "after": ({"start": AT_NOON["end"], "end": format_instant(NOON + 2 * HOUR)}, False),
    "across the beginning": ({**AT_NOON, "start": format_instant(NOON - HOUR)}, True),
}


@pytest.mark.parametrize("side", ["google"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_a_later_look_counts_what_free_busy_counts(side: Side, kind: str) -> None:
    assert side.google
    event, blocks = KINDS[kind]
    slot = Interval(NOON, NOON + HOUR)
    side.google.control("POST", "events", {"email": "alice@example.com", **event})
    assert (side.calendar.free_busy(side.connection, slot) != []) is blocks
    mine = side.calendar.insert_event(side.connection, a_draft())
    assert (side.calendar.others(side.connection, slot, mine.event_id) != []) is blocks


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_whole_days_are_those_of_the_zone_that_the_calendar_has_now(side: Side) -> None:
    assert side.google
    zone = {"email": "alice@example.com", "timeZone": "Pacific/Kiritimati"}
    side.google.control("POST", "settings", zone)
    side.google.control("POST", "events", {"email": "alice@example.com", **THAT_DAY})
    for hours in (-14, -12, 6, 9, 11):
        slot = Interval(NOON + hours * HOUR, NOON + (hours + 1) * HOUR)
        seen = side.calendar.free_busy(side.connection, slot)
        later = side.calendar.others(side.connection, slot, "own")
        assert bool(seen) == bool(later), hours


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_a_later_look_reads_every_page(side: Side) -> None:
    assert side.google
    side.write(Interval(NOON, NOON + HOUR))
    first = {"items": [], "nextPageToken": "page0", "timeZone": "Europe/Berlin"}
    side.google.fault(match="calendar.events.list", kind="status", status=200, body=first)
    assert side.calendar.others(side.connection, DAY, "own") == [Interval(NOON, NOON + HOUR)]


@pytest.mark.parametrize("side", ["google"], indirect=True)
@pytest.mark.parametrize(
    "body",
    [
        {"items": None},
        {"items": [{"id": "x", "status": "confirmed"}]},
        {"items": [{"id": "x", "start": {"dateTime": "soon"}, "end": {"dateTime": "later"}}]},
        {"items": ["x"]},
    ],
)
def test_a_later_look_that_cannot_be_read_says_nothing(side: Side, body: Any) -> None:
    assert side.google
    side.google.fault(match="calendar.events.list", kind="status", status=200, body=body)
    with pytest.raises(CalendarUnavailable):
        side.calendar.others(side.connection, DAY, "own")


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_a_cancelled_instance_that_is_nothing_but_its_id_blocks_nothing(side: Side) -> None:
    assert side.google
    body = {"items": [{"id": "x_20261124", "status": "cancelled"}], "timeZone": "Europe/Berlin"}
    side.google.fault(match="calendar.events.list", kind="status", status=200, body=body)
    assert side.calendar.others(side.connection, DAY, "own") == []


@pytest.mark.parametrize("side", ["google"], indirect=True)
def test_an_event_that_lost_our_mark_has_it_again_after_a_move(side: Side) -> None:
    assert side.google
    made = side.calendar.insert_event(side.connection, a_draft())
    token = side.connection.tokens.access_token.reveal()
    path = f"calendars/primary/events/{made.event_id}"
    body = {"extendedProperties": {"private": {PROPERTY: None}}}
    side.google.calendar(token, "PATCH", path, body=body)
    bare = side.calendar.get_event(side.connection, made.event_id)
    assert bare is not None
    assert bare.booking_id == ""
    later = Interval(NOON + 2 * HOUR, NOON + 3 * HOUR)
    moved = side.calendar.reschedule_event(side.connection, bare, later, OURS, 2)
    assert (moved.slot, moved.booking_id) == (later, made.booking_id)
    (sent,) = [
        each["body"]
        for each in side.google.control("GET", "log")["requests"][-1:]
        if each["method"] == _NAMES["reschedule_event"]
    ]
    assert sent["extendedProperties"]["private"] == {PROPERTY: OURS, ATTEMPT: "2"}
