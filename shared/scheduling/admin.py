"""The operator's command: register CometChat apps with this deployment.

    python -m scheduling.admin add --app-id ID --region us --name NAME --api-key-stdin
    python -m scheduling.admin check --app-id ID
    python -m scheduling.admin list
    python -m scheduling.admin reseal
    python -m scheduling.admin erase --app-id ID --uid UID [--dry-run]

Needs the environment of the functions (`TABLE_NAME`, `SEALING_KEY_ARN`) and AWS credentials;
`erase` also `PARAMETERS_PREFIX`, `GOOGLE_CLIENT_ID` and `WEB_DIR`, since it cancels meetings.
The API key comes by standard input, so that no shell history and no process list holds it.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from scheduling import wiring
from scheduling.errors import ChatUnavailable, SchedulingError
from scheduling.models import AppId, Secret, Tenant, Uid

#: How long one run may take to cancel what is to come.
_ERASING = timedelta(minutes=1)
_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scheduling.admin", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="register an app, or change it")
    add.add_argument("--app-id", required=True, help="the app's id, from CometChat's dashboard")
    add.add_argument("--region", required=True, choices=("us", "eu", "in"))
    add.add_argument("--name", required=True, help="shown to people on the connect page")
    add.add_argument(
        "--api-key-stdin",
        action="store_true",
        required=True,
        help="read the REST API key (full access) from standard input",
    )
    add.add_argument(
        "--return-url",
        action="append",
        default=[],
        help="an address to which the connect page may lead back, with all below it; repeatable",
    )
    add.add_argument("--notice-uid", default="app_system", help="the user who signs notices")
    add.add_argument("--locale", default="en", help="the language of messages by default")
    check = commands.add_parser("check", help="ask CometChat whether the app's key works")
    check.add_argument("--app-id", required=True)
    commands.add_parser("list", help="list the registered apps")
    commands.add_parser("reseal", help="seal keys and tokens anew, under the key that seals now")
    erase = commands.add_parser("erase", help="delete all that is kept about a user")
    erase.add_argument("--app-id", required=True)
    erase.add_argument("--uid", required=True, help="the user's uid in the chat")
    erase.add_argument("--dry-run", action="store_true", help="count what there is, change nothing")
    return parser


def add(options: argparse.Namespace) -> int:
    """Register an app, or change it; the same again changes nothing."""
    if not _APP_ID.fullmatch(options.app_id):
        print("--app-id: letters, digits, - and _ only", file=sys.stderr)
        return 2
    for url in options.return_url:
        parts = urlsplit(url)
        if parts.scheme not in {"https", "http"} or not parts.netloc:
            print("--return-url: a whole address, such as https://app.example/", file=sys.stderr)
            return 2
    key = sys.stdin.readline().strip()
    if not key:
        print("no API key came by standard input", file=sys.stderr)
        return 2
    tenant = Tenant(
        app_id=AppId(options.app_id),
        region=options.region,
        name=options.name,
        api_key=Secret(key),
        return_urls=tuple(options.return_url),
        notice_uid=Uid(options.notice_uid.lower()),
        locale=options.locale,
    )
    wiring.tenants().put(tenant)
    print(f"registered {tenant.app_id} ({tenant.name}, {tenant.region})")
    return 0


def check(options: argparse.Namespace) -> int:
    """Say in words whether CometChat takes the app's key, and knows who signs notices."""
    tenant = wiring.tenants().get(AppId(options.app_id))
    if tenant is None:
        print(f"{options.app_id} is not registered; add it first", file=sys.stderr)
        return 1
    try:
        signer = wiring.chat().user(tenant, tenant.notice_uid)
    except ChatUnavailable as error:
        print(f"{tenant.app_id}: {error.message}", file=sys.stderr)
        return 1
    if signer is None:
        print(
            f"{tenant.app_id}: the key works, but there is no user {tenant.notice_uid} to sign"
            " notices; create it in CometChat, or add the app again with --notice-uid",
            file=sys.stderr,
        )
        return 1
    print(f"{tenant.app_id}: the key works, and {signer.uid} signs notices")
    return 0


def listing(_: argparse.Namespace) -> int:
    """List the registered apps."""
    for tenant in wiring.tenants().all():
        print(f"{tenant.app_id}\t{tenant.region}\t{tenant.name}")
    return 0


def reseal(_: argparse.Namespace) -> int:
    """Seal everything that lasts anew; then no former key has to open anything."""
    tenants = wiring.tenants().all()
    for tenant in tenants:
        wiring.tenants().put(tenant)
    print(f"sealed anew: {len(tenants)} API keys, {wiring.connections().reseal()} connections")
    return 0


def erase(options: argparse.Namespace) -> int:
    """Delete all that is kept about a user; meetings to come are cancelled first."""
    app_id, uid = AppId(options.app_id), Uid(options.uid.lower())
    erasing = wiring.erasing()
    try:
        if options.dry_run:
            counted = erasing.found(app_id, uid)
        else:
            counted = erasing.erase(app_id, uid, wiring.clock().now() + _ERASING)
    except SchedulingError as error:
        print(f"not all is erased yet: {error.message} Run it again later.", file=sys.stderr)
        return 1
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
    print(f"{'would erase' if options.dry_run else 'erased'}: {listed or 'nothing is kept'}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and give the exit status."""
    options = _parser().parse_args(arguments)
    commands = {
        "add": add,
        "check": check,
        "list": listing,
        "reseal": reseal,
        "erase": erase,
    }
    return commands[options.command](options)


if __name__ == "__main__":
    sys.exit(main())
