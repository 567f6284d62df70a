"""The command that puts a deployment's secrets in place, so that nobody ever has to see them."""

import argparse

from scheduling.admin.command import Command, Refused, add_dry_run, read_secret
from scheduling.core.config import PARAMETERS_PREFIX
from scheduling.operations.provision import CLIENT_SECRET
from scheduling.wiring import operations


def _options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Put what functions need into Parameter Store, as SecureString, before the first"
        " deployment: the secret of the OAuth client, which you give, and signing-keys and"
        " calendar-key, which are made here where they are not there. The same again changes"
        " nothing, unless another client secret is given. Needs no stack."
    )
    parser.add_argument(
        "--prefix",
        default=operations.chosen(PARAMETERS_PREFIX, "/calendar-scheduling"),
        help="where they lie: the template's parameter ParametersPrefix (%(default)s)",
    )
    parser.add_argument(
        "--google-client-secret-stdin",
        action="store_true",
        help="read it from standard input; at a terminal it is asked for, and not shown",
    )
    add_dry_run(parser)


def _secrets(options: argparse.Namespace) -> int:
    provisioning = operations.provisioning(options.prefix)
    print(provisioning.parameters.place())
    wanting = provisioning.wanting()
    given = options.google_client_secret_stdin
    if CLIENT_SECRET in wanting and not given:
        raise Refused(f"{CLIENT_SECRET} is not there: give --google-client-secret-stdin", status=2)
    if options.dry_run:
        put = [name for name in (*wanting, CLIENT_SECRET) if given or name != CLIENT_SECRET]
        print(f"would be put: {', '.join(dict.fromkeys(put)) or 'nothing, all are there'}")
        return 0
    put = provisioning.prepare(read_secret("secret of Google's OAuth client") if given else None)
    print(f"put: {', '.join(put) or 'nothing, all are there'}")
    return 0


SECRETS = Command(
    "secrets", "put a deployment's secrets in place", _secrets, _options, over_stack=False
)
