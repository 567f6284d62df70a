"""Signing keys are changed in steps, since no environment may meet what a key unknown to it signed.

| keys, oldest first, the last one signs | what is done | and then |
|---|---|---|
| `OLD` | `add` | all functions are started again |
| `NEW OLD` | `promote` | all functions are started again |
| `OLD NEW` | `retire`, when no link of `OLD` is good any more | all functions are started again |
| `NEW` | | |

A key that is made here begins with its instant, which says which of two is the newer one.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from scheduling.models import Secret
from scheduling.ports import Clock
from scheduling.ports.operations import SecretParameters
from scheduling.rules.defaults import HORIZON
from scheduling.rules.invite_links import FILE_LIFETIME

SIGNING_KEYS = "signing-keys"
#: How long links of a key are good that signs no more: those to the .ics file of the last meeting
#: that could be booked by then, and a day in which the last environment learns of it.
LINKS_OUTLIVE = HORIZON + FILE_LIFETIME + timedelta(days=1)
_BYTES = 32
_INSTANT = "%Y%m%dT%H%M%SZ"
_MADE_HERE = re.compile(r"(\d{8}T\d{6}Z)\.[0-9a-f]{64}", re.ASCII)


class Step(IntEnum):
    """What is done to the keys, in this order."""

    ADD = 1
    PROMOTE = 2
    RETIRE = 3


class NotNow(Exception):
    """A step is not taken; the message says why, and what comes first."""


@dataclass(frozen=True, slots=True)
class Signing:
    """How far a change of the signing key has come.

    Args:
        keys: As functions read them.
        done: The last step taken; none if there is one key.
        since: When that was.
    """

    keys: tuple[Secret, ...]
    done: Step | None
    since: datetime

    @property
    def droppable_at(self) -> datetime:
        """The instant from which on no link of the older key is good, once it signs no more."""
        return self.since + LINKS_OUTLIVE


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """Changes the key that signs links; no key is ever shown."""

    clock: Clock
    parameters: SecretParameters

    def look(self) -> Signing:
        """Say how far it has come.

        Raises:
            NotNow: the keys are not of a form that this comes to.
            ConfigError: there are none.
        """
        text, since = self.parameters.held(SIGNING_KEYS)
        keys = tuple(Secret(key) for key in text.reveal().split())
        ages = [_age(key) for key in keys]
        if len(keys) == 1:
            return Signing(keys, None, since)
        if len(set(ages)) != 2:  # noqa: PLR2004 - one old, one new
            raise NotNow(
                f"there are {len(keys)} signing keys, and which is the newer one cannot be told:"
                " they were not put there by this command. Finish by hand what was begun by hand"
            )
        return Signing(keys, Step.PROMOTE if ages == sorted(ages) else Step.ADD, since)

    def take(self, step: Step, *, at_once: bool = False, dry_run: bool = False) -> bool:
        """Take a step, and say whether there was anything to do; what is taken is not taken again.

        Args:
            step: The one to take.
            at_once: Drop a key whose links may still be good, since somebody knows it.
            dry_run: Change nothing.

        Raises:
            NotNow: something else comes first.
        """
        now, signing = self.clock.now(), self.look()
        if signing.done and step <= signing.done:
            return False
        if signing.done is None and step is Step.RETIRE:
            return False
        if step > (signing.done or 0) + 1:
            first = Step((signing.done or 0) + 1)
            raise NotNow(f"`{step.name.lower()}` comes after `{first.name.lower()}`")
        if step is Step.RETIRE and now < signing.droppable_at and not at_once:
            raise NotNow(
                "links to .ics files that the older key signed are good until"
                f" {signing.droppable_at:%Y-%m-%d}. Wait, or give --at-once if somebody knows that"
                " key: its links are dead then, and bookings show fresh ones"
            )
        if not dry_run:
            keys = _after(step, signing.keys, now)
            self.parameters.put(SIGNING_KEYS, Secret(" ".join(key.reveal() for key in keys)))
        return True


def _after(step: Step, keys: tuple[Secret, ...], now: datetime) -> tuple[Secret, ...]:
    if step is Step.ADD:
        return (Secret(f"{now:{_INSTANT}}.{secrets.token_hex(_BYTES)}"), *keys)
    return keys[::-1] if step is Step.PROMOTE else keys[1:]


def _age(key: Secret) -> str:
    made = _MADE_HERE.fullmatch(key.reveal())
    return made[1] if made else ""
