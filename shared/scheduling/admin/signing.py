"""The command that changes the key which signs links, step by step."""

import argparse

from scheduling.admin.command import Command, Refused, add_dry_run
from scheduling.operations.rotate_keys import KeyRotation, NotNow, Signing, Step
from scheduling.wiring import operations

_STEPS = {step.name.lower(): step for step in Step}
_RESTART = "restart all functions (docs/operations.md), then"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Change the key that signs links, in three steps: `add` makes a new one that everybody"
        " accepts, `promote` has it sign, `retire` ends the old one. All functions are restarted"
        " between the steps. Without a step, say how far it has come and what comes next. A step"
        " that is taken is not taken again. No key is shown."
    )
    parser.add_argument("step", nargs="?", choices=list(_STEPS), help="the step to take")
    parser.add_argument(
        "--at-once",
        action="store_true",
        help="drop the old key though its links may be good, since somebody knows it",
    )
    add_dry_run(parser)


def _rotate(options: argparse.Namespace) -> int:
    key_rotation = operations.key_rotation()
    try:
        if options.step:
            _take(key_rotation, options)
        print(_told(key_rotation.look()))
    except NotNow as why:
        raise Refused(str(why)) from why
    return 0


def _take(key_rotation: KeyRotation, options: argparse.Namespace) -> None:
    step = _STEPS[options.step]
    taken = key_rotation.take(step, at_once=options.at_once, dry_run=options.dry_run)
    if not taken:
        print(f"{options.step}: there is nothing to do")
    elif options.dry_run:
        print(f"{options.step}: would be done")
    elif step is Step.RETIRE:
        print(f"{options.step}: done; until all functions are restarted, some accept the old key")
    else:
        print(f"{options.step}: done")


def _told(signing: Signing) -> str:
    since = f"since {signing.since:%Y-%m-%d %H:%M} UTC"
    if signing.done is None:
        return f"now: one key, {since}. Next, to change it: `add`"
    if signing.done is Step.ADD:
        return (
            f"now: two keys are accepted, the older one signs, {since}. Next: {_RESTART} `promote`"
        )
    return (
        f"now: two keys are accepted, the newer one signs, {since}. Next: {_RESTART} `retire`, from"
        f" {signing.droppable_at:%Y-%m-%d} on"
    )


ROTATE = Command(
    "rotate-signing-key", "change the key that signs links, step by step", _rotate, _options
)
