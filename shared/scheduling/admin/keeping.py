"""Commands over what is kept: seal it again, and erase a person."""

import argparse
from datetime import timedelta

from scheduling import wiring
from scheduling.admin.command import Command, Refused, add_dry_run
from scheduling.core.errors import SchedulingError
from scheduling.models import AppId, Uid

#: How long one run may take to cancel what is to come.
_ERASING = timedelta(minutes=1)


def _reseal(_: argparse.Namespace) -> int:
    tenants = wiring.ports().tenants.all()
    for tenant in tenants:
        wiring.ports().tenants.put(tenant)
    print(
        f"sealed again: {len(tenants)} API keys, {wiring.ports().connections.reseal()} connections"
    )
    return 0


def _reseal_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Seal every API key and token again, under the key that seals now: the stack's parameter"
        " SealingKeyArn. Then no former key has to open anything."
    )


def _erase_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Cancel what is to come of a user, disconnect, and delete all that is kept; what is left"
        " for a later run is said. The same again finds nothing."
    )
    parser.add_argument("--app-id", required=True)
    parser.add_argument("--uid", required=True, help="the user's uid in the chat")
    add_dry_run(parser)


def _erase(options: argparse.Namespace) -> int:
    app_id, uid = AppId(options.app_id), Uid(options.uid.lower())
    eraser = wiring.use_cases().eraser
    try:
        if options.dry_run:
            counted = eraser.found(app_id, uid)
        else:
            counted = eraser.erase(app_id, uid, wiring.clock().now() + _ERASING)
    except SchedulingError as error:
        raise Refused(f"not all is erased yet: {error.message} Run it again later.") from error
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
    print(f"{'would erase' if options.dry_run else 'erased'}: {listed or 'nothing is kept'}")
    return 0


RESEAL = Command(
    "reseal", "seal keys and tokens again, under the key that seals now", _reseal, _reseal_options
)
ERASE = Command("erase", "delete all that is kept about a user", _erase, _erase_options)
