"""`make race`: many guests, one slot. Runs the races, prints a table, fails on a broken promise.

Real functions in several processes behind one gateway, a real engine under the table, one
asynchronous client with every request in flight at once. Nothing is raced in moto.
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import boto3

from local import demo_drive, facts
from local.world import LocalWorld

#: A request may wait for its turn at a process; API Gateway itself would end it after 30 s.
_SECONDS = aiohttp.ClientTimeout(total=120)
_SETUP_AT_ONCE = 8
_APP = "local"

Answer = tuple[int, dict[str, Any], float]


@dataclass
class Row:
    """What came of one race."""

    scenario: str
    engine: str
    attempts: int = 0
    confirmed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    overlaps: int = 0
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)

    def take(self, answers: list[Answer], seconds: float) -> None:
        """Count answers."""
        self.attempts, self.seconds = len(answers), seconds
        self.latencies = [latency for _, _, latency in answers]
        for status, body, _ in answers:
            if status == 200:  # noqa: PLR2004 - the one status of success
                self.confirmed += 1
            else:
                self.refused[body.get("error", {}).get("code", str(status))] += 1

    def hold(self, promise: str, *, kept: bool) -> None:
        """Note a promise that was not kept."""
        if not kept:
            self.broken.append(promise)

    def __str__(self) -> str:
        refused = ", ".join(f"{code} {count}" for code, count in self.refused.items()) or "-"
        cuts = statistics.quantiles(self.latencies, n=100)
        return (
            f"{self.scenario:34}{self.engine:10}{self.attempts:>8}{self.confirmed:>10}"
            f"{self.overlaps:>9}{cuts[49]:>8.2f}{cuts[98]:>8.2f}{self.seconds:>8.1f}  {refused}"
        )


HEADINGS = (
    f"{'scenario':34}{'engine':10}{'attempts':>8}{'confirmed':>10}{'overlaps':>9}"
    f"{'p50 s':>8}{'p99 s':>8}{'total s':>8}  refused"
)


class Racers:
    """One world, its people, and the client that lets them loose."""

    def __init__(self, world: LocalWorld, engine: str, http: aiohttp.ClientSession) -> None:
        self.world = world
        self.engine = engine
        self._http = http
        self._made = 0

    async def people(self, count: int, kind: str) -> list[dict[str, str]]:
        """Make chat users, and give each one's headers."""
        uids = [f"{kind}-{self._made + number}" for number in range(count)]
        self._made += count
        await self.people_named(uids)

        async def token(uid: str) -> dict[str, str]:
            async with self._http.post(
                f"{self.world.cometchat.url}/v3/users/{uid}/auth_tokens",
                headers={"appid": _APP, "apikey": facts.API_KEYS[_APP]},
                json={},
            ) as minted:
                data = (await minted.json())["data"]
            return {"appId": _APP, "authToken": data["authToken"], "uid": uid}

        return await _few([lambda uid=uid: token(uid) for uid in uids])  # type: ignore[misc]

    async def people_named(self, names: list[str]) -> None:
        """Make chat users of these uids."""
        users = [{"app": _APP, "uid": name, "name": name.title()} for name in names]
        await self.post(f"{self.world.cometchat.url}/_control/users", users)

    async def post(self, url: str, body: Any) -> None:
        """Tell a stand-in something."""
        async with self._http.post(url, json=body) as answer:
            answer.raise_for_status()

    async def call(self, method: str, path: str, person: dict[str, str], body: Any) -> Answer:
        """Send one request, and time it."""
        begun = time.perf_counter()
        async with self._http.request(
            method, f"{self.world.url}/{path}", headers=person, json=body
        ) as answer:
            content = await answer.json()
        return answer.status, content, time.perf_counter() - begun

    async def share(self, host: dict[str, str], guest: dict[str, str], minutes: int = 30) -> str:
        """Share the host's free times with a guest."""
        body = {"receiver": guest["uid"], "receiverType": "user", "durationMinutes": minutes}
        status, answer, _ = await self.call("POST", "v1/share", host, body)
        if "data" not in answer:
            raise SystemExit(f"A share could not be made: {status} {answer}")
        return str(answer["data"]["shareId"])

    async def shares(self, pairs: list[tuple[dict[str, str], dict[str, str], int]]) -> list[str]:
        """Make many shares."""
        return await _few([lambda p=pair: self.share(*p) for pair in pairs])  # type: ignore[misc]

    async def view(self, guest: dict[str, str], share_id: str) -> list[str]:
        """Give a share's free starts, which also makes its calendar's busy list a fresh one."""
        _, answer, _ = await self.call("GET", f"v1/shares/{share_id}", guest, None)
        starts: list[str] = answer["data"]["slots"]
        return starts

    async def race(
        self, row: Row, runners: list[tuple[dict[str, str], dict[str, Any]]]
    ) -> list[Answer]:
        """Let everybody book at once."""
        begun = time.perf_counter()
        calls = [self.call("POST", "v1/book", person, body) for person, body in runners]
        answers = await asyncio.gather(*calls)
        row.take(answers, time.perf_counter() - begun)
        return answers

    # What is left behind

    def events(self, email: str) -> list[dict[str, Any]]:
        """Give the events that bookings made in a calendar at Google."""
        return [each for each in self.world.events(email) if "extendedProperties" in each]

    async def google_log(self) -> Counter[str]:
        """Count the calls that Google got since the log was cleared."""
        async with self._http.get(f"{self.world.google.url}/_control/log") as answer:
            log = await answer.json()
        return Counter(each["method"] for each in log["requests"])

    async def clear_log(self) -> None:
        """Forget the calls that Google got."""
        async with self._http.delete(f"{self.world.google.url}/_control/log") as answer:
            answer.raise_for_status()

    def stray_buckets(self) -> int:
        """Count claimed buckets that no booking owns, and those that a wrong booking has."""
        where = self.world.addresses.dynamodb if self.engine == "amazon" else self.world.aws_url
        client = boto3.client(
            "dynamodb", endpoint_url=where, region_name=facts.REGION, **_CREDENTIALS
        )
        (table,) = client.list_tables()["TableNames"]
        pages = client.get_paginator("scan").paginate(TableName=table)
        items = [item for page in pages for item in page["Items"]]
        standing = {
            item["bookingId"]["S"]
            for item in items
            if item["sk"]["S"] == "BOOKING" and item["state"]["S"] in {"claimed", "confirmed"}
        }
        return sum(
            value["S"] not in standing
            for item in items
            if item["sk"]["S"].startswith("HOUR#")
            for name, value in item.items()
            if name.startswith("b") and name[1:].isdigit()
        )

    async def invites(self, count: int) -> int:
        """Wait until so many invites were sent, and give how many there are then."""
        url = f"{self.world.cometchat.url}/_control/messages"
        found = 0
        for _ in range(240):
            async with self._http.get(url, params={"app": _APP}) as answer:
                body = await answer.json()
            found = sum(each["type"] == "extension_calendar_invite" for each in body["data"])
            if found >= count:
                break
            await asyncio.sleep(0.25)
        return found


_CREDENTIALS: Any = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


async def _few(makers: list[Callable[[], Coroutine[Any, Any, Any]]]) -> list[Any]:
    """Run many things, a few at a time."""
    turn = asyncio.Semaphore(_SETUP_AT_ONCE)

    async def one(maker: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        async with turn:
            return await maker()

    return list(await asyncio.gather(*(one(maker) for maker in makers)))


def overlaps(meetings: list[tuple[datetime, datetime]]) -> int:
    """Count the meetings that begin before an earlier one has ended."""
    found, end = 0, None
    for start, finish in sorted(meetings):
        found += end is not None and start < end
        end = finish if end is None else max(end, finish)
    return found


def times(answers: list[Answer]) -> list[tuple[datetime, datetime]]:
    """Give when the confirmed meetings are."""
    confirmed = [body["data"]["booking"] for _, body, _ in answers if "data" in body]
    return [
        (datetime.fromisoformat(each["startsAt"]), datetime.fromisoformat(each["endsAt"]))
        for each in confirmed
    ]


def promises(row: Row, answers: list[Answer], events: list[dict[str, Any]], stray: int) -> None:
    """Hold a race to what must be so after any race, whoever won."""
    row.overlaps = overlaps(times(answers))
    spans = [
        (
            datetime.fromisoformat(each["start"]["dateTime"]),
            datetime.fromisoformat(each["end"]["dateTime"]),
        )
        for each in events
    ]
    row.hold("meetings at Google never overlap", kept=overlaps(spans) == 0)
    row.hold("confirmed meetings never overlap", kept=row.overlaps == 0)
    row.hold("no bucket is claimed that no booking owns", kept=stray == 0)
    documented = {"SLOT_TAKEN", "ALREADY_BOOKED"}
    row.hold("losers are told so", kept=set(row.refused) <= documented)


def live(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the events that stand."""
    return [each for each in events if each["status"] != "cancelled"]


def host(racers: Racers, name: str) -> dict[str, str]:
    """Make a chat user with a Google account of the same name, connected."""
    made = demo_drive.Person(racers.world, name)
    demo_drive.connect(racers.world, made, f"{name}@example.com")
    return {**made.headers, "uid": name}


async def one_slot(racers: Racers, guests: int) -> Row:
    """Everybody wants the same slot, each by a share of their own: one gets it."""
    row = Row(f"{guests} guests, one slot", racers.engine)
    alice = await asyncio.to_thread(host, racers, "alice")
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
    promises(row, answers, events, racers.stray_buckets())
    row.hold("one is confirmed", kept=row.confirmed == 1)
    row.hold("the others are refused", kept=row.refused == {"SLOT_TAKEN": guests - 1})
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
    bob = await asyncio.to_thread(host, racers, "bob")
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


async def any_slot(racers: Racers, guests: int, hosts: int) -> Row:
    """Random starts and lengths, all overlapping somehow, over one host or more."""
    row = Row(f"{guests} guests at random, {hosts} host(s)", racers.engine)
    rng = random.Random(guests * 1000 + hosts)  # noqa: S311 - a race is to be run again
    connected = []
    for number in range(hosts):
        name = f"host-{hosts}-{number}"
        url = f"{racers.world.google.url}/_control/accounts"
        await racers.post(url, {"email": f"{name}@example.com", "timeZone": "Europe/Berlin"})
        await racers.people_named([name])
        connected.append(await asyncio.to_thread(host, racers, name))
    people = await racers.people(guests, "any")
    picks = [rng.randrange(hosts) for _ in people]
    lengths = [rng.choice((5, 15, 30, 45, 90, 240, 480)) for _ in people]
    shares = await racers.shares(
        [(connected[p], g, m) for p, g, m in zip(picks, people, lengths, strict=True)]
    )
    starts = await racers.view(people[0], shares[0])
    first = datetime.fromisoformat(starts[40])
    sent = await racers.invites(0)
    answers = await racers.race(
        row,
        [
            (
                guest,
                {
                    "shareId": share,
                    "startsAt": (first + timedelta(minutes=15 * rng.randrange(48))).isoformat(),
                },
            )
            for guest, share in zip(people, shares, strict=True)
        ],
    )
    stray = racers.stray_buckets()
    booked = 0
    for number in range(hosts):
        email = f"host-{hosts}-{number}@example.com"
        mine = [answer for answer, pick in zip(answers, picks, strict=True) if pick == number]
        events = live(racers.events(email))
        found = row.overlaps
        promises(row, mine, events, stray)
        row.overlaps += found
        booked += len(events)
    row.hold("one event for each confirmed booking", kept=booked == row.confirmed)
    row.hold("somebody gets a time", kept=row.confirmed > 0)
    due = sent + row.confirmed
    row.hold("one invite for each confirmed booking", kept=await racers.invites(due) == due)
    return row


async def races(engine: str, guests: int, environments: int) -> list[Row]:
    """Run every race on one engine."""
    environ = {"ENVIRONMENTS": str(environments)}
    if engine == "amazon":
        environ["DYNAMODB"] = "amazon"
    rows = []
    connector = aiohttp.TCPConnector(limit=0)
    with LocalWorld(schedule_seconds=3600, environ=environ) as world:
        async with aiohttp.ClientSession(connector=connector, timeout=_SECONDS) as http:
            racers = Racers(world, engine, http)
            for race in (
                one_slot(racers, guests),
                one_request(racers, guests),
                any_slot(racers, guests, 1),
                any_slot(racers, guests, 20),
            ):
                rows.append(await race)
                print(rows[-1], flush=True)
    return rows


def main() -> int:
    """Race, print the table, and say which promise was broken, if any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=500, help="requests in flight at once")
    parser.add_argument("--soak", type=int, default=0, help="go on to so many requests")
    parser.add_argument("--environments", type=int, default=4, help="processes a function")
    parser.add_argument("--engine", choices=("amazon", "ministack"), action="append")
    options = parser.parse_args()
    engines = options.engine or ["amazon", "ministack"]
    print(HEADINGS, flush=True)
    rows: list[Row] = []
    while not rows or sum(row.attempts for row in rows) < options.soak:
        for engine in engines:
            rows += asyncio.run(races(engine, options.guests, options.environments))
    broken = [f"{row.scenario} on {row.engine}: {each}" for row in rows for each in row.broken]
    for sentence in broken:
        print(f"BROKEN {sentence}")
    if not broken:
        print(f"Every promise held in {sum(row.attempts for row in rows)} requests.")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
