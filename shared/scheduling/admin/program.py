"""Reads the command line, finds the deployment, runs one command, and says what went wrong.

    python -m scheduling.admin secrets --google-client-secret-stdin
    python -m scheduling.admin add --app-id ID --region us --name NAME --api-key-stdin
    python -m scheduling.admin check
    python -m scheduling.admin list
    python -m scheduling.admin remove --app-id ID
    python -m scheduling.admin rotate-signing-key add
    python -m scheduling.admin reseal
    python -m scheduling.admin erase --app-id ID --uid UID
    python -m scheduling.admin restore --from TABLE-restored

Which deployment: `--stack NAME`, or STACK_NAME, reads what is needed from a stack in the account
and region of your AWS credentials. Without either, the environment of the functions is expected:
TABLE_NAME, SEALING_KEY_ARN, PARAMETERS_PREFIX, GOOGLE_CLIENT_ID. A local run lends its own to
`make admin DO="list"`.

Exit status: 0 done, 1 refused or something is wrong, 2 called in a wrong way. No secret is printed.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from scheduling.admin import apps, checks, keeping, restoring, secret_values, signing
from scheduling.admin.command import Command, Refused
from scheduling.core.config import ConfigError
from scheduling.core.errors import SchedulingError
from scheduling.wiring import operations

COMMANDS: Mapping[str, Command] = {
    each.name: each
    for each in (
        secret_values.SECRETS,
        apps.ADD,
        checks.CHECK,
        apps.LIST,
        apps.REMOVE,
        signing.ROTATE,
        keeping.RESEAL,
        keeping.ERASE,
        restoring.RESTORE,
    )
}
#: Beside `shared/`, as in the checkout; functions have it elsewhere.
_WEB = Path(__file__).resolve().parents[3] / "web"


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    whole = argparse.ArgumentParser(
        prog="python -m scheduling.admin",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.set_defaults(stack=operations.chosen("STACK_NAME"))
    _add_stack(whole)
    commands = whole.add_subparsers(dest="command", required=True, metavar="command")
    for command in COMMANDS.values():
        own = commands.add_parser(command.name, help=command.summary)
        command.options(own)
        if command.over_stack:
            _add_stack(own)
    return whole


def _add_stack(to: argparse.ArgumentParser) -> None:
    """Take the stack before the command and after it."""
    to.add_argument("--stack", default=argparse.SUPPRESS, help="the deployed stack (STACK_NAME)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return the exit status."""
    options = parser().parse_args(arguments)
    try:
        command = COMMANDS[options.command]
        operations.find_deployment(options.stack if command.over_stack else None, _WEB)
        return command.run(options)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return refused.status
    except ConfigError as error:
        print(f"{error}; is --stack right? --help says what is needed", file=sys.stderr)
    except SchedulingError as error:
        print(error.message, file=sys.stderr)
    except ClientError as error:
        refusal = error.response["Error"]
        words = refusal.get("Message", "") if "AccessDenied" in refusal["Code"] else ""
        print(f"AWS refused {error.operation_name}: {refusal['Code']} {words}", file=sys.stderr)
    except operations.seal_errors():
        print(
            "the sealing key does not seal or open an API key: is --stack right, and may you use"
            " the key (kms:GenerateDataKey, kms:Decrypt)?",
            file=sys.stderr,
        )
    except BotoCoreError as error:
        print(f"AWS: {error}", file=sys.stderr)
    return 1
