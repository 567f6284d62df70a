"""Sharing: one share, one message, times only; a repeat shares nothing more."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scheduling.core.errors import (
    CalendarUnavailable,
    ChatUnavailable,
    IdempotencyMismatch,
    InvalidRequest,
    NotAllowed,
    NotConnected,
    ReconnectNeeded,
)
from scheduling.core.retry import TRIES
from scheduling.core.times import Interval, format_instant
from scheduling.messages.compose import DATA_MAX
from scheduling.models import ConnectionState, Message, Receiver, Tenant
from scheduling.rules.defaults import HORIZON
from scheduling.shares.share import ShareRequest
from tests.fakes import START
from tests.world import World

HOUR = timedelta(hours=1)


def test_a_share_sends_start_and_end_times_only_as_the_host(world: World) -> None:
    world.calendar.manual.append(Interval(START + HOUR, START + 2 * HOUR))
    share = world.share()
    (message,) = world.chat.sent
    body = message.as_json()
    custom = body["data"]["customData"]
    assert (message.sender, body["receiver"], body["receiverType"]) == ("alice", "bob", "user")
    assert body["type"] == "extension_calendar_availability"
    assert body["data"]["metadata"]["incrementUnreadCount"] is True
    assert body["muid"] == custom["outboxId"]
    assert f"calendar-scheduling:{custom['outboxId']}" in body["tags"]
    assert custom["busy"] == [
        [format_instant(START + HOUR), format_instant(START + 2 * HOUR)],
    ]
    assert custom == {
        "v": 1,
        "outboxId": custom["outboxId"],
        "shareId": share,
        "host": {"uid": "alice", "name": "Alice"},
        "from": format_instant(START),
        "to": format_instant(START + HORIZON),
        "timeZone": "Europe/Berlin",
        "busy": custom["busy"],
        "truncated": False,
        "stepMinutes": 15,
        "durations": [30],
        "title": "Intro call",
        "generatedAt": format_instant(START),
        "expiresAt": format_instant(START + HORIZON),
    }


def test_gaps_too_short_for_a_meeting_are_not_given_away(world: World) -> None:
    world.calendar.manual += [
        Interval(START + HOUR, START + 2 * HOUR),
        Interval(START + 2 * HOUR + timedelta(minutes=20), START + 3 * HOUR),
    ]
    world.share()
    (message,) = world.chat.sent
    assert message.custom["busy"] == [
        [format_instant(START + HOUR), format_instant(START + 3 * HOUR)]
    ]


def test_a_preview_is_what_a_share_then_offers_and_sends_nothing(world: World) -> None:
    world.calendar.manual.append(Interval(START + HOUR, START + 2 * HOUR))
    preview = world.preview(world.alice, timedelta(minutes=45))
    assert world.chat.sent == []
    assert world.listed(world.alice, None)["items"] == []
    view = world.view(world.bob, world.share(duration=timedelta(minutes=45)))
    assert preview == {key: view[key] for key in preview}
    assert preview["host"] == {"uid": "alice", "name": "Alice"}
    assert len(preview["slots"]) > 1


def test_a_preview_needs_a_calendar_that_answers(world: World) -> None:
    with pytest.raises(NotConnected) as refused:
        world.preview(world.bob)
    assert "connect_url" in refused.value.details
    world.calendar.faults["free_busy"] = [CalendarUnavailable()] * TRIES
    with pytest.raises(CalendarUnavailable):
        world.preview(world.alice)


def test_a_full_calendar_still_fits_into_a_message_and_drops_no_busy_time(world: World) -> None:
    world.calendar.manual += [
        Interval(START + n * HOUR, START + n * HOUR + timedelta(minutes=30)) for n in range(168)
    ]
    world.share(title="🦊" * 200)
    (message,) = world.chat.sent
    data = message.data()
    custom = data["customData"]
    assert len(json.dumps(data).encode()) <= DATA_MAX
    assert custom["truncated"] is True
    shown = [each for each in world.calendar.manual if format_instant(each.end) <= custom["to"]]
    assert len(custom["busy"]) == len(shown)
    assert len(shown) > 40


def test_a_repeat_with_a_key_shares_once(world: World) -> None:
    assert world.share(key="k") == world.share(key="k")
    assert len(world.chat.sent) == 1
    with pytest.raises(IdempotencyMismatch):
        world.share(key="k", title="Another")


def test_a_group_is_shared_with_by_its_members_alone(world: World) -> None:
    world.chat.groups["team"] = {"bob"}
    with pytest.raises(NotAllowed):
        world.share("team", "group")
    world.chat.unreachable = True
    with pytest.raises(ChatUnavailable):
        world.share("team", "group")
    world.chat.unreachable = False
    assert world.calendar.calls == [], "nobody was asked in vain"
    world.chat.groups["team"].add("alice")
    world.share("team", "group")
    assert [message.receiver.id for message in world.chat.sent] == ["team"]


def test_two_shares_without_a_key_are_two(world: World) -> None:
    assert world.share() != world.share()
    assert len(world.chat.sent) == 2


def test_a_share_needs_a_calendar_and_says_where_to_connect_one(world: World) -> None:
    world.use_cases.disconnector.disconnect(world.tenant.app_id, world.alice.uid, world.deadline())
    with pytest.raises(NotConnected) as refusal:
        world.share()
    assert refusal.value.details["connect_url"].startswith("https://scheduling.test/connect/")


def test_a_dead_grant_says_where_to_connect_again(world: World) -> None:
    connection = world.connections.get(world.tenant.app_id, world.alice.uid)
    assert connection is not None
    world.connections.transition(connection, ConnectionState.RECONNECT)
    with pytest.raises(ReconnectNeeded) as refusal:
        world.share()
    assert "connect_url" in refusal.value.details


def test_an_unknown_calendar_shares_nothing(world: World) -> None:
    world.calendar.faults["free_busy"] = [CalendarUnavailable()] * TRIES
    with pytest.raises(CalendarUnavailable):
        world.share()
    assert world.chat.sent == []


def test_nobody_shares_with_oneself(world: World) -> None:
    with pytest.raises(InvalidRequest):
        world.share("alice")


def test_an_unknown_receiver_is_named(world: World) -> None:
    world.chat.refusals = ["ERR_UID_NOT_FOUND"]
    with pytest.raises(InvalidRequest) as refusal:
        world.share("nobody")
    assert refusal.value.field == "receiver"


def test_a_blocked_receiver_is_not_written_to(world: World) -> None:
    world.chat.refusals = ["ERR_BLOCKED_RECEIVER"]
    with pytest.raises(NotAllowed):
        world.share()


def test_a_message_whose_answer_was_lost_is_found_and_not_sent_again(world: World) -> None:
    world.chat.silent = 1
    with pytest.raises(ChatUnavailable):
        world.share(key="k")
    with pytest.raises(ChatUnavailable):
        world.share(key="k")
    world.clock.pass_(seconds=61)
    share = world.share(key="k")
    assert len(world.chat.sent) == 1
    assert world.chat.sent[0].custom["shareId"] == share


def test_a_share_whose_request_died_is_sent_by_reconcile(world: World) -> None:
    world.chat.lost = 1
    with pytest.raises(ChatUnavailable):
        world.share()
    world.clock.pass_(seconds=61)
    world.reconcile()
    assert len(world.chat.sent) == 1


def test_the_stream_does_not_snatch_a_message_from_the_request_that_sends_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def stream_first(tenant: Tenant, message: Message) -> str:
        monkeypatch.undo()
        world.deliver_all()
        tried.append(len(world.chat.sent))
        return world.chat.send(tenant, message)

    monkeypatch.setattr(world.chat, "send", stream_first)
    world.share()
    assert tried == [0]
    assert len(world.chat.sent) == 1


def test_a_repeat_that_comes_while_the_message_is_being_sent_waits_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(tenant: Tenant, message: Message) -> str:
        monkeypatch.undo()
        with pytest.raises(ChatUnavailable) as refusal:
            world.share(key="k")
        assert refusal.value.retry_after_seconds == 60
        return world.chat.send(tenant, message)

    monkeypatch.setattr(world.chat, "send", slow)
    assert world.share(key="k") == world.share(key="k")
    assert len(world.chat.sent) == 1


def test_a_refused_share_is_worked_on_anew_under_the_same_key(world: World) -> None:
    world.chat.refusals = ["ERR_BLOCKED_RECEIVER"]
    with pytest.raises(NotAllowed):
        world.share(key="k")
    share = world.share(key="k")
    assert [message.custom["shareId"] for message in world.chat.sent] == [share]


REQUEST = ShareRequest(
    receiver=Receiver("bob", "user"),
    duration=timedelta(minutes=30),
    title="Intro call",
    locale="en",
    idempotency_key="key",
)


@pytest.mark.parametrize(
    "change",
    [
        {"receiver": Receiver("carol", "user")},
        {"receiver": Receiver("bob", "group")},
        {"duration": timedelta(minutes=45)},
        {"title": "Another"},
        {"locale": "de"},
    ],
)
def test_what_is_shared_otherwise_is_another_request(change: dict[str, Any]) -> None:
    assert replace(REQUEST, **change).fingerprint() != REQUEST.fingerprint()
    assert replace(REQUEST, idempotency_key="other").fingerprint() == REQUEST.fingerprint()


def test_a_share_without_a_title_has_one_in_its_own_language(world: World) -> None:
    request = replace(REQUEST, title="", locale="de", idempotency_key="")
    share = world.use_cases.sharer.share(world.alice, request, world.deadline()).share
    assert share.title == world.catalogue.translate("default.title", "de", host="Alice")
    plain = world.use_cases.sharer.share(
        world.alice, replace(request, locale=""), world.deadline()
    ).share
    assert plain.locale == world.tenant.locale


def test_what_was_shared_is_counted_once_it_is_sent(world: World) -> None:
    world.chat.refusals = ["ERR_BLOCKED_RECEIVER"]
    with pytest.raises(NotAllowed):
        world.share()
    assert world.metrics.counts["AvailabilityShared"] == 0
    share = world.share()
    (heard,) = [about for name, _, about in world.metrics.heard if name == "AvailabilityShared"]
    assert heard == {"app_id": "app", "share_id": share}
