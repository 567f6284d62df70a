"""The operator's command: register CometChat apps with this deployment.

    python -m scheduling.admin add --app-id ID --region us --name NAME --api-key-stdin
    python -m scheduling.admin check --app-id ID
    python -m scheduling.admin list
    python -m scheduling.admin reseal

Needs the environment of the functions (`TABLE_NAME`, `SEALING_KEY_ARN`) and AWS credentials.
The API key comes by standard input, so that no shell history and no process list holds it.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from scheduling import wiring
from scheduling.errors import ChatUnavailable
from scheduling.models import AppId, Secret, Tenant, Uid

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and give the exit status."""
    options = _parser().parse_args(arguments)
    commands = {"add": add, "check": check, "list": listing, "reseal": reseal}
    return commands[options.command](options)


if __name__ == "__main__":
    sys.exit(main())
