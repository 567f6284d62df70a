"""The races: one slot, one request, any slot; and a crowd that books and cancels, many times."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from local.race.racers import Post, Racers
from local.race.row import Answer, Row, live, promises

#: How often the crowd books and cancels before a new world is made: what grows makes it slow.
ROUNDS = 20


async def one_slot(racers: Racers, guests: int) -> Row:
    """Everybody wants the same slot, each by a share of their own: one gets it."""
    row = Row(f"{guests} guests, one slot", racers.engine)
    alice = await asyncio.to_thread(racers.host, "alice")
    people = await racers.people(guests, "slot")
    shares = await racers.shares([(alice, guest, 30) for guest in people])
    slot = (await racers.view(people[0], shares[0]))[100]
    sent = await racers.invites(0)
    await racers.clear_log()
    answers = await racers.race(
        row,
        [
            (guest, {"shareId": share, "startsAt": slot})
            for guest, share in zip(people, shares, strict=True)
        ],
    )
    asked = await racers.google_log()
    events = live(racers.events("alice@example.com"))
    promises(row, answers, events)
    row.hold("no bucket is claimed that no booking owns", kept=racers.stray_buckets() == 0)
    row.hold("one is confirmed", kept=row.confirmed == 1)
    row.hold("the others are refused", kept=row.refused == Counter(SLOT_TAKEN=guests - 1))
    row.hold("one event", kept=len(events) == 1)
    row.hold("one invite", kept=await racers.invites(sent + 1) == sent + 1)
    calls = {"calendar.freebusy.query": 1, "calendar.events.insert": 1}
    row.hold("Google is called for the winner only", kept=asked == calls)
    free = [body["error"]["details"]["alternatives"] for _, body, _ in answers if "error" in body]
    row.hold("losers are offered other times", kept=all(each and slot not in each for each in free))
    return row


async def one_request(racers: Racers, repeats: int) -> Row:
    """One request, sent again and again at once: one booking, equal answers."""
    row = Row(f"{repeats} repeats of one request", racers.engine)
    bob = await asyncio.to_thread(racers.host, "bob")
    (guest,) = await racers.people(1, "again")
    share = await racers.share(bob, guest)
    slot = (await racers.view(guest, share))[120]
    sent = await racers.invites(0)
    body = {"shareId": share, "startsAt": slot, "idempotencyKey": "one"}
    answers = await racers.race(row, [(guest, body)] * repeats)
    events = live(racers.events("bob@example.com"))
    different = {str(content["data"]["booking"]) for _, content, _ in answers if "data" in content}
    row.hold("no bucket is claimed that no booking owns", kept=racers.stray_buckets() == 0)
    row.hold("everyone gets the first success", kept=row.confirmed == repeats)
    row.hold("the answers are equal", kept=len(different) == 1)
    row.hold("one event", kept=len(events) == 1)
    row.hold("one invite", kept=await racers.invites(sent + 1) == sent + 1)
    return row


@dataclass
class Crowd:
    """Guests with a share each, spread over hosts, who all want times of the same half day."""

    hosts: list[str]
    people: list[dict[str, str]]
    #: The number of each guest's host, and each guest's share.
    picks: list[int]
    shares: list[str]
    first: datetime
    rng: random.Random


async def crowd(racers: Racers, guests: int, hosts: int, name: str) -> Crowd:
    """Make hosts of a name and guests, with lengths from 5 minutes to 8 hours."""
    rng = random.Random(guests * 1000 + hosts)  # noqa: S311 - a race is to be run again
    names = [f"{name}-{hosts}-{number}" for number in range(hosts)]
    connected = []
    for each in names:
        url = f"{racers.world.google.url}/_control/accounts"
        await racers.post(url, {"email": f"{each}@example.com", "timeZone": "Europe/Berlin"})
        await racers.people_named([each])
        connected.append(await asyncio.to_thread(racers.host, each))
    people = await racers.people(guests, "any")
    picks = [rng.randrange(hosts) for _ in people]
    lengths = [rng.choice((5, 15, 30, 45, 90, 240, 480)) for _ in people]
    shares = await racers.shares(
        [(connected[p], g, m) for p, g, m in zip(picks, people, lengths, strict=True)]
    )
    starts = await racers.view(people[0], shares[0])
    return Crowd(names, people, picks, shares, datetime.fromisoformat(starts[40]), rng)


async def press(racers: Racers, row: Row, them: Crowd) -> list[Answer]:
    """Let the whole crowd book at once, each a random start, and check what stands then."""
    before = row.confirmed
    answers = await racers.race(
        row,
        [
            (
                guest,
                {
                    "shareId": share,
                    "startsAt": (
                        them.first + timedelta(minutes=15 * them.rng.randrange(48))
                    ).isoformat(),
                },
            )
            for guest, share in zip(them.people, them.shares, strict=True)
        ],
    )
    booked = 0
    for number, name in enumerate(them.hosts):
        mine = [answer for answer, pick in zip(answers, them.picks, strict=True) if pick == number]
        events = live(racers.events(f"{name}@example.com"))
        promises(row, mine, events)
        booked += len(events)
    row.hold("one event for each confirmed booking", kept=booked == row.confirmed - before)
    row.hold("somebody gets a time", kept=row.confirmed > before)
    return answers


async def any_slot(racers: Racers, guests: int, hosts: int) -> Row:
    """Random starts and lengths, all overlapping somehow, over one host or more."""
    row = Row(f"{guests} guests at random, {hosts} host(s)", racers.engine)
    them = await crowd(racers, guests, hosts, "host")
    sent = await racers.invites(0)
    await press(racers, row, them)
    row.hold("no bucket is claimed that no booking owns", kept=racers.stray_buckets() == 0)
    due = sent + row.confirmed
    row.hold("one invite for each confirmed booking", kept=await racers.invites(due) == due)
    return row


async def churn(racers: Racers, guests: int, hosts: int, rounds: int) -> Row:
    """The same, and then all who have a time cancel it at once; so many times over."""
    row = Row(f"{rounds} x {guests} guests book and cancel", racers.engine)
    others = set(racers.calendars())
    them = await crowd(racers, guests, hosts, "fickle")
    calendars = [each for each in racers.calendars() if each not in others]
    for _ in range(rounds):
        answers = await press(racers, row, them)
        won = {
            body["data"]["booking"]["bookingId"]: guest
            for (_, body, _), guest in zip(answers, them.people, strict=True)
            if "data" in body
        }
        owners = set(racers.owners(calendars))
        row.hold("every confirmed booking owns its time, and nobody else", kept=owners == {*won})
        gone = Row("cancelling", racers.engine)
        posts: list[Post] = [
            (f"v1/bookings/{each}/cancel", guest, {}) for each, guest in won.items()
        ]
        answers = await racers.rush(gone, posts)
        row.attempts += gone.attempts
        row.seconds += gone.seconds
        row.latencies += gone.latencies
        row.hold("every meeting can be cancelled", kept=gone.confirmed == len(won))
        left = [live(racers.events(f"{name}@example.com")) for name in them.hosts]
        row.hold("no event is left of what was cancelled", kept=not any(left))
        row.hold("no time is owned of what was cancelled", kept=not racers.owners(calendars))
    row.hold("no bucket is claimed that no booking owns", kept=racers.stray_buckets() == 0)
    row.hold("every end is told, and each word once", kept=await racers.all_told())
    return row
