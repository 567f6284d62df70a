"""Commands that change and list which apps are served."""

import argparse
import re
from urllib.parse import urlsplit

from scheduling import wiring
from scheduling.admin.command import Command, Refused, add_dry_run, read_secret
from scheduling.models import REGIONS, AppId, Secret, Tenant, Uid
from scheduling.wiring import operations

_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_UID = re.compile(r"[a-z0-9_-]{1,100}", re.ASCII)
#: Fields of an app as people call them.
_CALLED = {
    "app_id": "id",
    "api_key": "API key",
    "return_urls": "return addresses",
    "notice_uid": "notice uid",
    "locale": "language",
}


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Register an app, or change it. What is not given stays as it is; a new app needs --region,"
        " --name and --api-key-stdin. The same again changes nothing."
    )
    parser.add_argument("--app-id", required=True, help="the app's id, from CometChat's dashboard")
    parser.add_argument("--region", choices=REGIONS, help="the app's region there")
    parser.add_argument("--name", help="shown to people on the connect page")
    parser.add_argument(
        "--api-key-stdin",
        action="store_true",
        help="read the REST API key (of full access) from standard input; at a terminal it is"
        " asked for, and not shown",
    )
    parser.add_argument(
        "--return-url",
        action="append",
        help="an address to which the connect page may lead back, with all below it; repeatable,"
        " and all of them are given again; an empty one alone means none",
    )
    parser.add_argument(
        "--notice-uid", help="the user who signs notices to hosts (app_system for a new app)"
    )
    parser.add_argument("--locale", help="the language of messages by default (en for a new app)")
    add_dry_run(parser)


def _add(options: argparse.Namespace) -> int:
    app_id = AppId(_checked(_APP_ID, options.app_id, "--app-id: letters, digits, - and _ only"))
    known = wiring.ports().tenants.get(app_id)
    wanted = _wanted(options, app_id, known)
    tenant_administration = operations.tenant_administration()
    changes = tenant_administration.changes(wanted)
    about = f"{app_id} ({wanted.name}, {wanted.region})"
    if not changes:
        print(f"{about} is registered like that already")
        return 0
    if not options.dry_run:
        tenant_administration.registry.put(wanted)
    done = "would be" if options.dry_run else "is"
    if known is None:
        print(f"{about} {done} registered")
    else:
        print(f"{about} {done} changed: {', '.join(_CALLED.get(each, each) for each in changes)}")
    return 0


def _wanted(options: argparse.Namespace, app_id: AppId, known: Tenant | None) -> Tenant:
    needed = (options.region, options.name, options.api_key_stdin)
    if known is None and not all(needed):
        raise Refused(f"{app_id} is new: give --region, --name and --api-key-stdin", status=2)
    before = known or Tenant(app_id, options.region, options.name, Secret(""))
    urls = before.return_urls if options.return_url is None else _return_urls(options.return_url)
    notice_uid = (options.notice_uid or before.notice_uid).lower()
    locale = options.locale or before.locale
    languages = wiring.ports().catalogue.locales()
    if locale not in languages:
        raise Refused(f"--locale: there are {', '.join(languages)}", status=2)
    return Tenant(
        app_id=app_id,
        region=options.region or before.region,
        name=options.name or before.name,
        api_key=read_secret("REST API key") if options.api_key_stdin else before.api_key,
        return_urls=urls,
        notice_uid=Uid(_checked(_UID, notice_uid, "--notice-uid: letters, digits, - and _ only")),
        locale=locale,
    )


def _return_urls(given: list[str]) -> tuple[str, ...]:
    urls = tuple(url for url in given if url)
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in {"https", "http"} or not parts.netloc:
            raise Refused("--return-url: a whole address, such as https://app.example/", status=2)
    return urls


def _checked(pattern: re.Pattern[str], value: str, complaint: str) -> str:
    if not pattern.fullmatch(value):
        raise Refused(complaint, status=2)
    return value


def _list(_: argparse.Namespace) -> int:
    for tenant in wiring.ports().tenants.all():
        print(f"{tenant.app_id}\t{tenant.region}\t{tenant.name}")
    return 0


def _remove_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Serve an app no more, from a minute later on. Refused while hosts of it are connected;"
        " --force disconnects them first: their bookings are settled, their tokens deleted, their"
        " consents ended at Google. Meetings stay in their calendars; shares and bookings of the"
        " app can no longer be reached, and leave the table by themselves once they are over."
    )
    parser.add_argument("--app-id", required=True)
    parser.add_argument("--force", action="store_true", help="disconnect its hosts first")
    add_dry_run(parser)


def _remove(options: argparse.Namespace) -> int:
    app_id = AppId(options.app_id)
    tenant_administration = operations.tenant_administration()
    known, hosts = tenant_administration.registry.get(app_id), tenant_administration.hosts(app_id)
    if known is None and not hosts:
        print(f"{app_id} is not registered; there is nothing to remove")
        return 0
    if hosts and not options.force:
        raise Refused(
            f"{app_id} has {_counted(hosts)}; --force disconnects them, and then removes the app"
        )
    if options.dry_run:
        first = f"{_counted(hosts)} would be disconnected, and " if hosts else ""
        print(f"{first}{app_id} would be removed")
        return 0
    if hosts:
        left = tenant_administration.disconnect_all(app_id, wiring.use_cases().disconnector)
        print(f"{_counted(hosts[len(left) :])} disconnected" if len(left) < len(hosts) else "")
        if left:
            raise Refused(
                f"the bookings of {_counted(left)} are still being settled; {app_id} stays"
                " registered. Run this again in a minute or two"
            )
    tenant_administration.registry.remove(app_id)
    print(f"{app_id} is removed; warm functions forget it within a minute")
    return 0


def _counted(hosts: list[Uid]) -> str:
    return f"{len(hosts)} connected host{'' if len(hosts) == 1 else 's'}"


ADD = Command("add", "register an app, or change it", _add, _add_options)
LIST = Command("list", "list the registered apps: id, region, name", _list)
REMOVE = Command("remove", "serve an app no more", _remove, _remove_options)
