"""`make race`: many guests, one slot. Runs the races, prints a table, fails on a broken promise.

Real functions in several processes behind one gateway, a real engine under the table, one
asynchronous client with every request in flight at once. Nothing is raced in moto.
"""

import argparse
import asyncio
import sys

import aiohttp

from local.race.racers import Racers
from local.race.row import HEADINGS, Row
from local.race.scenarios import ROUNDS, any_slot, churn, one_request, one_slot
from local.world import LocalWorld

#: A request may wait for its turn at a process; API Gateway itself would end it after 30 s.
_SECONDS = aiohttp.ClientTimeout(total=120)
_HOSTS = 20


async def races(engine: str, guests: int, environments: int, rounds: int = 0) -> list[Row]:
    """Run every race on one engine; with rounds, the crowd books and cancels so often as well."""
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
                any_slot(racers, guests, _HOSTS),
                *([churn(racers, guests, _HOSTS, rounds)] if rounds else []),
            ):
                rows.append(await race)
                print(rows[-1], flush=True)
            if racers.cut_off:
                print(f"{racers.cut_off} requests were ended by the gateway, and sent again.")
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
            rounds = ROUNDS if options.soak else 0
            rows += asyncio.run(races(engine, options.guests, options.environments, rounds))
    broken = [f"{row.scenario} on {row.engine}: {each}" for row in rows for each in row.broken]
    for sentence in broken:
        print(f"BROKEN {sentence}")
    if not broken:
        print(f"Every promise held in {sum(row.attempts for row in rows)} requests.")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
