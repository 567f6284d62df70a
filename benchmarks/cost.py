"""What a month costs and which limit comes first: counted in a run, and written into docs/cost.md.

    python -m benchmarks.cost          # run, count, write
    python -m benchmarks.cost --again  # write again from the counts that the document has

The document's tables between its marks are this program's; a test holds them to their own counts.
"""

import argparse
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.prices import LIMITS, PRICES, READ, RECONCILE
from scheduling.adapters.dynamodb.table import DUE_SHARDS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cost.md"
BOOKINGS = (1_000, 1_000_000, 100_000_000)
MONTH_SECONDS = 30 * 86_400
#: The busiest second has so many times the mean of the month.
PEAK = 10
GB = 1e9
MEMORY_GB = 1.0
#: A function of 1,024 MB has this part of a processor.
#: Source: AWS Lambda Developer Guide, "Configure Lambda function memory": 1,769 MB are one.
PROCESSOR = 1024 / 1769
#: Milliseconds that a function waits for one call: taken for granted, as loopback tells nothing.
WAITS = {"table": 5, "kms": 10, "ssm": 20, "google": 300, "oauth": 200, "chat": 150}
#: One invocation in so many starts an environment, and pays so many milliseconds for it.
COLD_ONE_IN, COLD_MS = 100, 1_500
#: How long an item is kept: a meeting lies some days ahead, and goes a month after it.
KEPT_MONTHS = 2
#: Names of metrics, metrics that alarms watch; of a month whatever is booked.
METRICS, ALARMED = 31, 15
#: Seconds of a run in which `reconcile` still begins something: its time less the room for one.
RECONCILES_SECONDS = 35
#: A schedule that finds nothing.
IDLE = "a run of `reconcile` for one shard with nothing due"
#: What lies in the table afterwards; its size stands under bytes.
STORED = "stored"
IDLE_RUNS = DUE_SHARDS * MONTH_SECONDS // 60

#: The columns of the counts, as the document has them.
COLUMNS = {
    "times": "times",
    "requests": "requests",
    "invocations": "invocations",
    "cpu_ms": "processor ms",
    "table": "table calls",
    "reads": "read units",
    "writes": "write units",
    "due_writes": "of them `due`",
    "kms": "KMS",
    "ssm": "SSM",
    "google": "Calendar",
    "oauth": "OAuth",
    "chat": "CometChat",
    "log_bytes": "log bytes",
    "out_bytes": "bytes out",
}
Counts = Mapping[str, Mapping[str, float]]


def per_booking(counts: Counts) -> dict[str, float]:
    """Add up what one booked meeting takes: each step as often as it is taken for it."""
    total: dict[str, float] = dict.fromkeys(COLUMNS, 0.0)
    for name, step in counts.items():
        if name not in {IDLE, STORED}:
            for column in COLUMNS:
                total[column] += step.get(column, 0) * step["times"]
    seconds = gb_seconds(total)
    return {**total, "gb_seconds": seconds, "environments": seconds / MEMORY_GB, "settled": 1}


def gb_seconds(taken: Mapping[str, float]) -> float:
    """Say for how long functions run: their own work on their part of a processor, and waiting."""
    own = taken["cpu_ms"] / PROCESSOR + taken["invocations"] * COLD_MS / COLD_ONE_IN
    waiting = sum(taken.get(kind, 0) * wait for kind, wait in WAITS.items())
    return MEMORY_GB * (own + waiting) / 1000


def bill(counts: Counts, bookings: int) -> dict[str, float]:
    """Return the dollars of a month, by what they are paid for."""
    one, idle = per_booking(counts), {**counts[IDLE], "gb_seconds": gb_seconds(counts[IDLE])}

    def both(column: str) -> float:
        return one[column] * bookings + idle.get(column, 0) * IDLE_RUNS

    used = {
        "API requests": both("requests"),
        "Lambda requests": both("invocations"),
        "Lambda time": both("gb_seconds"),
        "Table reads": both("reads"),
        "Table writes": both("writes"),
        "Table storage": counts[STORED]["out_bytes"] * bookings * KEPT_MONTHS / GB,
        "KMS calls": both("kms"),
        "Logs": both("log_bytes") / GB,
        "Data out": both("out_bytes") / GB,
        "KMS key": 1,
        "Metrics": METRICS,
        "Alarms": ALARMED,
        "Dashboard": 1,
    }
    return {name: amount * PRICES[name].dollars for name, amount in used.items()}


def most(counts: Counts, name: str) -> float:
    """Say how much there is of something; of `reconcile`, what fits into a run for each shard."""
    if name != RECONCILE:
        return LIMITS[name].most
    step = {**counts["look after it"], "invocations": 0.0}
    a_run = RECONCILES_SECONDS // (gb_seconds(step) / MEMORY_GB)
    return min(LIMITS[name].most, DUE_SHARDS * a_run)


def reached_at(counts: Counts, name: str) -> float:
    """Say at how many bookings a month the busiest second or minute uses a limit up."""
    limit, taken = LIMITS[name], per_booking(counts)[LIMITS[name].of]
    return most(counts, name) / limit.seconds * MONTH_SECONDS / PEAK / taken


def table(head: list[str], rows: list[list[str]]) -> str:
    """Write a table of Markdown; all but the first column are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float) -> str:
    """Write a figure as short as it stays true to a thousandth."""
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def money(value: float) -> str:
    """Write dollars."""
    return f"{value:,.2f}"


def counted(counts: Counts) -> str:
    """Write what was counted."""
    rows = [
        [name, *(number(step.get(column, 0)) for column in COLUMNS)]
        for name, step in counts.items()
    ]
    return table(["step", *COLUMNS.values()], rows)


def read(page: str) -> Counts:
    """Read the counts out of the document."""
    part = re.search(r"<!-- counts -->\n(.*?)\n<!-- /counts -->", page, re.DOTALL)
    assert part, "docs/cost.md has no counts"
    rows = [
        [cell.strip() for cell in line.strip("| ").split(" | ")] for line in part[1].splitlines()
    ]
    return {
        row[0]: {
            column: float(cell.replace(",", ""))
            for column, cell in zip(COLUMNS, row[1:], strict=True)
        }
        for row in rows[2:]
    }


def parts(counts: Counts) -> dict[str, str]:
    """Write each part of the document that is computed."""
    one = per_booking(counts)
    bills = [bill(counts, bookings) for bookings in BOOKINGS]
    totals = ["together", *(money(sum(each.values())) for each in bills)]
    each_booking = [
        "for one booking",
        *(f"{sum(b.values()) / n:.6f}" for b, n in zip(bills, BOOKINGS, strict=True)),
    ]
    order = sorted(LIMITS, key=lambda name: reached_at(counts, name))
    return {
        "counts": counted(counts),
        "booking": table(
            ["for one booked meeting", "count"],
            [
                *(
                    [label, number(one[column])]
                    for column, label in COLUMNS.items()
                    if column != "times"
                ),
                ["GB-seconds", number(one["gb_seconds"])],
            ],
        ),
        "assumptions": "\n".join(
            [
                f"* The busiest second has {PEAK} times the mean of a month of 30 days.",
                "* A function waits for each call: "
                + ", ".join(f"{kind} {wait} ms" for kind, wait in WAITS.items())
                + ".",
                (
                    f"* A function of 1,024 MB has {PROCESSOR:.2f} of a processor; one invocation"
                    f" in {COLD_ONE_IN} starts an environment, for {COLD_MS:,} ms more."
                ),
                f"* What is stored is kept for {KEPT_MONTHS} months.",
                (
                    f"* {METRICS} metrics of our own, {ALARMED} metrics watched by alarms,"
                    f" {IDLE_RUNS:,} runs of `reconcile` that find nothing."
                ),
            ]
        ),
        "bill": table(
            ["dollars a month", *(f"{bookings:,} bookings" for bookings in BOOKINGS)],
            [
                *([name, *(money(each[name]) for each in bills)] for name in PRICES),
                totals,
                each_booking,
            ],
        ),
        "prices": table(
            ["what", "dollars", "for a", "source"],
            [
                [name, f"{price.dollars:.10f}".rstrip("0").rstrip("."), price.unit, price.source]
                for name, price in PRICES.items()
            ],
        ).replace("---:", "---")
        + f"\n\nRead {READ}.",
        "limits": table(
            ["limit", "most", "used up at bookings a month", "and then", "source"],
            [
                [
                    name,
                    f"{most(counts, name):,.0f} in {LIMITS[name].seconds} s",
                    f"{reached_at(counts, name):,.0f}",
                    LIMITS[name].answer,
                    LIMITS[name].source,
                ]
                for name in order
            ],
        ).replace("---:", "---"),
    }


def write(page: str, counts: Counts) -> str:
    """Put each computed part between its marks."""
    for name, text in parts(counts).items():
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        assert marks.search(page), f"docs/cost.md has no place for {name}"
        page = marks.sub(lambda found, text=text: f"{found[1]}{text}\n{found[2]}", page)  # type: ignore[misc]
    return page


def stored_bytes(items: Iterable[Any]) -> int:
    """Return what items take, near enough: as JSON, of which the marks of types are two fifths."""
    return len(repr(list(items))) * 3 // 5


def measure() -> Counts:
    """Go the journey twice, and give what the second one took."""
    from benchmarks.journey import TIMES, Journey  # noqa: PLC0415 - counting needs no engines
    from benchmarks.metering import Meter, MeteredWorld  # noqa: PLC0415

    meter = Meter()
    meter.watch()
    with tempfile.TemporaryDirectory() as folder, MeteredWorld(meter, Path(folder)) as world:
        Journey(world).go()
        world.pass_(300)
        meter.invoke("reconcile", {})
        before = stored_bytes(world.items())
        journey = Journey(world)
        journey.go()
        stored = stored_bytes(world.items()) - before
        world.pass_(300)
        meter.invoke("reconcile", {})
        idle = world.metered(lambda: meter.invoke("reconcile", {"shard": 0}))
    steps: dict[str, Mapping[str, float]] = {
        name: {"times": TIMES[name], **taken} for name, taken in journey.taken.items()
    }
    return {**steps, IDLE: idle, STORED: {"out_bytes": stored}}


def main() -> None:
    """Count, and write the document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--again", action="store_true", help="from the document's own counts")
    page = PAGE.read_text(encoding="utf-8")
    counts = read(page) if parser.parse_args().again else measure()
    PAGE.write_text(write(page, counts), encoding="utf-8")
    made = parts(counts)
    print(made["counts"], made["bill"], sep="\n\n")


if __name__ == "__main__":
    main()
