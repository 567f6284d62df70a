"""What came of a race: counted, printed as a row, held to what must be so after any race."""

import statistics
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
        """Count answers, beside those of earlier rounds."""
        self.attempts += len(answers)
        self.seconds += seconds
        self.latencies += [latency for _, _, latency in answers]
        for status, body, _ in answers:
            if status == 200:  # noqa: PLR2004 - the one status of success
                self.confirmed += 1
            else:
                self.refused[body.get("error", {}).get("code", str(status))] += 1

    def hold(self, promise: str, *, kept: bool) -> None:
        """Note a promise that was not kept."""
        if not kept and promise not in self.broken:
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


def overlaps(meetings: list[tuple[datetime, datetime]]) -> int:
    """Count the meetings that begin before an earlier one has ended."""
    found, end = 0, None
    for start, finish in sorted(meetings):
        found += end is not None and start < end
        end = finish if end is None else max(end, finish)
    return found


def times(answers: list[Answer]) -> list[tuple[datetime, datetime]]:
    """Return when the confirmed meetings are."""
    confirmed = [body["data"]["booking"] for _, body, _ in answers if "data" in body]
    return [
        (datetime.fromisoformat(each["startsAt"]), datetime.fromisoformat(each["endsAt"]))
        for each in confirmed
    ]


def promises(row: Row, answers: list[Answer], events: list[dict[str, Any]]) -> None:
    """Hold a race to what must be so after any race, whoever won."""
    found = overlaps(times(answers))
    row.overlaps += found
    spans = [
        (
            datetime.fromisoformat(each["start"]["dateTime"]),
            datetime.fromisoformat(each["end"]["dateTime"]),
        )
        for each in events
    ]
    row.hold("meetings at Google never overlap", kept=overlaps(spans) == 0)
    row.hold("confirmed meetings never overlap", kept=found == 0)
    documented = {"SLOT_TAKEN", "ALREADY_BOOKED"}
    row.hold("losers are told so", kept=set(row.refused) <= documented)


def live(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events that stand."""
    return [each for each in events if each["status"] != "cancelled"]
