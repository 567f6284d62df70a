"""One world, its people, and the client that lets them loose, all at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from functools import cached_property
from http import HTTPStatus
from typing import Any

import aiohttp
import boto3

from local import demo_drive, facts
from local.race.row import Answer, Row
from local.world import LocalWorld

_SETUP_AT_ONCE = 8
_SENT_AGAIN = 4
_APP = "local"
_CREDENTIALS: Any = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}

#: A path, who posts to it, and the body.
Post = tuple[str, dict[str, str], dict[str, Any]]


class Racers:
    """One world, its people, and the client that lets them loose."""

    def __init__(self, world: LocalWorld, engine: str, http: aiohttp.ClientSession) -> None:
        self.world = world
        self.engine = engine
        self._http = http
        self._made = 0
        #: How many requests API Gateway's 30 seconds have ended; each was sent again.
        self.cut_off = 0

    def host(self, name: str) -> dict[str, str]:
        """Connect a chat user's Google account of the same name, and return the user's headers."""
        person = demo_drive.Person(self.world, name)
        demo_drive.connect(self.world, person, f"{name}@example.com")
        return {**person.headers, "uid": name}

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
        """Tell a emulator something."""
        async with self._http.post(url, json=body) as answer:
            answer.raise_for_status()

    async def call(self, method: str, path: str, person: dict[str, str], body: Any) -> Answer:
        """Send one request until it is answered, and time it.

        API Gateway's own 503 says that its 30 seconds were over, and nothing of what came of the
        request: it is sent again, as any client would; the first success is what it gets.
        """
        begun = time.perf_counter()
        status, content = await self._sent(method, path, person, body)
        for _ in range(_SENT_AGAIN):
            if status != HTTPStatus.SERVICE_UNAVAILABLE or "error" in content:
                break
            self.cut_off += 1
            status, content = await self._sent(method, path, person, body)
        return status, content, time.perf_counter() - begun

    async def _sent(
        self, method: str, path: str, person: dict[str, str], body: Any
    ) -> tuple[int, dict[str, Any]]:
        url = f"{self.world.url}/{path}"
        async with self._http.request(method, url, headers=person, json=body) as answer:
            return answer.status, await answer.json()

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
        """Return a share's free starts, which also makes its calendar's busy list a fresh one."""
        _, answer, _ = await self.call("GET", f"v1/shares/{share_id}", guest, None)
        starts: list[str] = answer["data"]["slots"]
        return starts

    async def race(
        self, row: Row, runners: list[tuple[dict[str, str], dict[str, Any]]]
    ) -> list[Answer]:
        """Let everybody book at once."""
        return await self.rush(row, [("v1/book", person, body) for person, body in runners])

    async def rush(self, row: Row, posts: list[Post]) -> list[Answer]:
        """Send every request at once."""
        begun = time.perf_counter()
        answers = await asyncio.gather(*(self.call("POST", *each) for each in posts))
        row.take(answers, time.perf_counter() - begun)
        return answers

    # What is left behind

    def events(self, email: str) -> list[dict[str, Any]]:
        """Return the events that bookings made in a calendar at Google."""
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

    @cached_property
    def _table(self) -> tuple[Any, str]:
        where = self.world.addresses.dynamodb if self.engine == "amazon" else self.world.aws_url
        client = boto3.client(
            "dynamodb", endpoint_url=where, region_name=facts.REGION, **_CREDENTIALS
        )
        (name,) = client.list_tables()["TableNames"]
        return client, name

    def _items(self) -> list[dict[str, Any]]:
        client, table = self._table
        pages = client.get_paginator("scan").paginate(TableName=table)
        return [item for page in pages for item in page["Items"]]

    def stray_buckets(self) -> int:
        """Count the claimed buckets that no standing booking owns, in the whole table."""
        items = self._items()
        standing = {
            item["bookingId"]["S"]
            for item in items
            if item["sk"]["S"] == "BOOKING" and item["state"]["S"] in {"claimed", "confirmed"}
        }
        return sum(owner not in standing for owner in _owners(items))

    def calendars(self) -> list[str]:
        """Return the partition of every calendar that is connected."""
        return [item["pk"]["S"] for item in self._items() if item["sk"]["S"] == "USERS"]

    def owners(self, calendars: list[str]) -> list[str]:
        """Return the owner of each claimed bucket of some calendars, without a scan of all else."""
        client, table = self._table
        return _owners(
            item
            for calendar in calendars
            for page in client.get_paginator("query").paginate(
                TableName=table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": calendar}},
            )
            for item in page["Items"]
        )

    async def invites(self, count: int) -> int:
        """Wait until so many invites were sent, and give how many there are then."""
        url = f"{self.world.cometchat.url}/_control/messages"
        found = 0
        for _ in range(240):
            begun = time.perf_counter()
            async with self._http.get(url, params={"app": _APP}) as answer:
                body = await answer.json()
            found = sum(each["type"] == "extension_calendar_invite" for each in body["data"])
            if found >= count:
                break
            # The longer the list has become, the more rarely it is asked for.
            await asyncio.sleep(max(0.25, 2 * (time.perf_counter() - begun)))
        return found

    async def all_told(self) -> bool:
        """Wait until nothing is owed, and say whether what was sent is in the chat, each word once.

        A word that a later one overtook is not sent; the last of each booking is.
        """
        words: list[dict[str, Any]] = []
        for _ in range(240):
            words = [each for each in self._items() if each.get("kind") == {"S": "invite"}]
            if all(each["state"]["S"] != "owed" for each in words):
                break
            await asyncio.sleep(1)
        last = {each["pk"]["S"]: each for each in sorted(words, key=lambda each: each["sk"]["S"])}
        sent = sum(each["state"]["S"] == "sent" for each in words)
        ends_told = all(each["state"]["S"] == "sent" for each in last.values())
        return ends_told and await self.invites(sent) == sent


def _owners(items: Iterable[dict[str, Any]]) -> list[str]:
    return [
        value["S"]
        for item in items
        if item["sk"]["S"].startswith("HOUR#")
        for name, value in item.items()
        if name.startswith("b") and name[1:].isdigit()
    ]


async def _few(makers: list[Callable[[], Coroutine[Any, Any, Any]]]) -> list[Any]:
    """Run many things, a few at a time."""
    turn = asyncio.Semaphore(_SETUP_AT_ONCE)

    async def one(maker: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        async with turn:
            return await maker()

    return list(await asyncio.gather(*(one(maker) for maker in makers)))
