"""Connect, share, book, invite, over HTTP, as a client without a browser does it."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import icalendar
import pytest
import requests

from local import demo_drive
from scheduling.core.times import format_instant
from tests.e2e.conftest import Town

pytestmark = pytest.mark.e2e

TITLE = "שלום 👩‍👩‍👧 <b>Intro</b>"


def test_two_people_meet(town: Town) -> None:
    host, guest = town.host(), town.person("guest")
    shared = town.share(host, guest, title=TITLE, durationMinutes=45)
    (told,) = guest.messages("extension_calendar_availability", host.uid)
    custom = told["data"]["customData"]
    assert told["id"] == shared["messageId"]
    assert told["sender"] == host.uid
    assert custom["title"] == TITLE
    assert custom["busy"] == shared["availability"]["busy"]
    assert all(len(busy) == 2 for busy in custom["busy"])

    slot = town.slots(guest, shared["shareId"])[30]
    body = {
        "shareId": shared["shareId"],
        "startsAt": slot,
        "note": "one\ntwo; three, four",
        "timeZone": "Asia/Kolkata",
    }
    booked = guest.call("POST", "v1/book", body)
    assert booked["booking"]["status"] == "confirmed"
    invite = demo_drive.wait_for_invite(guest, host, booked["booking"]["bookingId"])
    sent = invite["data"]["customData"]
    assert set(sent["links"]) == {"google", "outlook", "microsoft365", "yahoo", "ics"}
    assert sent["startsAt"] == slot

    (event,) = [
        each
        for each in town.world.events("alice@example.com")
        if each["iCalUID"] == sent["ics"]["uid"]
    ]
    assert "Guest" in event["summary"]
    assert TITLE in event["summary"]
    assert "two; three, four" in event["description"]

    answer = requests.get(sent["links"]["ics"], timeout=10)
    assert answer.headers["content-type"].startswith("text/calendar")
    (meeting,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(meeting["summary"]) == TITLE
    assert str(meeting["uid"]) == event["iCalUID"]
    start = datetime.fromisoformat(slot)
    assert meeting.decoded("dtstart") == start
    assert meeting.decoded("dtend") == start + timedelta(minutes=45)

    for person in (host, guest):
        seen = person.call("GET", f"v1/bookings/{booked['booking']['bookingId']}")
        assert seen["booking"] == booked["booking"]
    again = guest.call("POST", "v1/book", body)
    assert again["booking"] == booked["booking"]


def test_a_taken_slot_is_answered_with_the_next_free_starts(town: Town) -> None:
    host, first, second = town.host(), town.person("first"), town.person("second")
    one, other = town.share(host, first), town.share(host, second)
    slot = town.slots(second, other["shareId"])[40]
    first.call("POST", "v1/book", {"shareId": one["shareId"], "startsAt": slot})
    answer = town.send(
        "POST", "v1/book", second, json={"shareId": other["shareId"], "startsAt": slot}
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "SLOT_TAKEN")
    assert slot not in error["details"]["alternatives"]
    booked = second.call(
        "POST",
        "v1/book",
        {"shareId": other["shareId"], "startsAt": error["details"]["alternatives"][0]},
    )
    assert booked["booking"]["status"] == "confirmed"


def test_a_member_of_a_group_books_a_share_to_the_group(town: Town) -> None:
    host = town.connected("alice")
    shared = host.call("POST", "v1/share", {"receiver": "team", "receiverType": "group"})
    bob, dave = (demo_drive.Person(town.world, uid) for uid in ("bob", "dave"))
    slot = town.slots(bob, shared["shareId"])[50]
    body = {"shareId": shared["shareId"], "startsAt": slot}
    assert town.send("POST", "v1/book", dave, json=body).status_code == 403
    assert bob.call("POST", "v1/book", body)["booking"]["guest"]["uid"] == "bob"


def test_a_meeting_is_moved_into_its_own_time_and_every_time_that_is_offered_is_taken(
    town: Town,
) -> None:
    host, guest = town.host(), town.person("guest")
    shared = town.share(host, guest, durationMinutes=60)
    start = datetime.fromisoformat(town.slots(guest, shared["shareId"])[50])
    quarter = timedelta(minutes=15)
    near = [format_instant(start + each * quarter) for each in range(-3, 4)]
    body = {"shareId": shared["shareId"], "startsAt": format_instant(start)}
    booked = guest.call("POST", "v1/book", body)["booking"]["bookingId"]
    assert not set(near) & set(town.slots(guest, shared["shareId"]))

    times = f"v1/bookings/{booked}/times"
    for person in (host, guest):
        found = person.call("GET", times)
        assert set(found) == {"slots", "timeZone"}
        assert (found["timeZone"], set(near) <= set(found["slots"])) == ("Europe/Berlin", True)
    range_ = {"from": near[0], "to": (start + quarter).isoformat()}
    found = guest.call("GET", f"{times}?{urlencode(range_)}")
    assert found["slots"] == near[:4]
    moved = guest.call("POST", f"v1/bookings/{booked}/reschedule", {"startsAt": near[0]})
    assert moved["booking"]["startsAt"] == near[0]

    refused = town.send("GET", f"{times}?to=soon", guest)
    assert (refused.status_code, refused.json()["error"]["details"]) == (400, {"field": "to"})
    assert town.send("GET", times, town.person("stranger")).status_code == 404
    guest.call("POST", f"v1/bookings/{booked}/cancel")
    assert town.send("GET", times, guest).json()["error"]["code"] == "BOOKING_ENDED"


def test_disconnecting_ends_sharing_and_the_grant_at_google(town: Town) -> None:
    # An account of its own: a grant is ended only when nobody else uses the account.
    town.world.add_account("leaving@example.com")
    host, guest = town.host("leaving"), town.person("guest")
    shared = town.share(host, guest)
    log = f"{town.world.google.url}/_control/log"
    requests.delete(log, timeout=10)
    assert host.call("POST", "v1/disconnect") == {"state": "none"}
    assert host.call("POST", "v1/disconnect") == {"state": "none"}
    answer = town.send(
        "POST", "v1/share", host, json={"receiver": guest.uid, "receiverType": "user"}
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "NOT_CONNECTED")
    assert requests.get(error["details"]["connectUrl"], timeout=10).status_code == 200
    answer = town.send("GET", f"v1/shares/{shared['shareId']}", guest)
    assert answer.json()["data"]["status"] == "closed"
    asked = str(requests.get(log, timeout=10).json())
    assert asked.count("oauth.revoke") == 1


def test_a_repeated_share_is_one_share_by_header_or_body(town: Town) -> None:
    host, guest = town.host(), town.person("guest")
    body = {"receiver": guest.uid, "receiverType": "user"}
    by_header = town.send(
        "POST", "v1/share", host, json=body, headers={"Idempotency-Key": "k1"}
    ).json()["data"]
    by_body = host.call("POST", "v1/share", {**body, "idempotencyKey": "k1"})
    assert by_body == by_header
    assert len(guest.messages("extension_calendar_availability", host.uid)) == 1


def test_a_withdrawn_share_is_closed(town: Town) -> None:
    host, guest = town.host(), town.person("guest")
    shared = town.share(host, guest)
    slot = town.slots(guest, shared["shareId"])[0]
    host.call("POST", f"v1/shares/{shared['shareId']}/withdraw")
    answer = town.send(
        "POST", "v1/book", guest, json={"shareId": shared["shareId"], "startsAt": slot}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "SHARE_CLOSED")
    listed = host.call("GET", "v1/shares")["items"]
    assert [item["status"] for item in listed] == ["withdrawn"]


def test_a_guest_books_on_a_page_by_its_cookie_alone(town: Town) -> None:
    host, guest = town.host(), town.person("guest")
    shared = town.share(host, guest)
    slot = town.slots(guest, shared["shareId"])[60]
    url = guest.call("POST", f"v1/shares/{shared['shareId']}/page")["pageUrl"]
    assert requests.get(url, timeout=10).status_code == 200
    opened = requests.post(url, timeout=10, allow_redirects=False)
    assert (opened.status_code, opened.headers["location"]) == (303, "/book")
    cookie = opened.headers["set-cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert requests.post(url, timeout=10, allow_redirects=False).status_code == 410
    headers = {"Cookie": cookie.split(";")[0]}
    body = {"shareId": shared["shareId"], "startsAt": slot}
    without = town.send("POST", "v1/book", json=body, headers=headers)
    assert without.status_code == 401
    headers["X-Requested-With"] = "calendar-scheduling"
    booked = town.send("POST", "v1/book", json=body, headers=headers)
    assert booked.json()["data"]["booking"]["guest"]["uid"] == guest.uid
    other = town.share(host, guest)
    foreign = town.send("GET", f"v1/shares/{other['shareId']}", headers=headers)
    assert foreign.status_code == 403


def test_the_wire_is_that_of_the_chats_own_extensions(town: Town) -> None:
    guest = town.person("guest")
    preflight = town.send(
        "OPTIONS",
        "v1/share",
        headers={
            "Origin": "https://app.test",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "appid,authtoken,resource,sdk,chatapiversion",
        },
    )
    assert preflight.status_code in {200, 204}
    assert "authtoken" in preflight.headers["access-control-allow-headers"]
    upper = {"APPID": "local", "AuthToken": guest.headers["authToken"]}
    assert town.send("GET", "v1/connection", headers=upper).json() == {"data": {"state": "none"}}
    doubled = requests.get(f"{town.world.url}//v1//connection", headers=guest.headers, timeout=10)
    assert doubled.json() == {"data": {"state": "none"}}
    unknown = town.send("GET", "v1/nothing", guest)
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "NOT_FOUND")
