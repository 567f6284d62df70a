"""The command that says whether everything is set up."""

import argparse

from scheduling import wiring
from scheduling.admin.command import Command, Refused
from scheduling.models import AppId
from scheduling.wiring import operations


def _options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Ask Parameter Store, the deployment's own address, Google and CometChat whether all is set"
        " up, for one app or for all; each finding says what to do. Changes nothing. The exit"
        " status is 1 if anything is wrong."
    )
    parser.add_argument("--app-id", help="look at this app alone, and at what all apps share")


def _check(options: argparse.Namespace) -> int:
    diagnostics = operations.diagnostics()
    findings = diagnostics.deployment()
    if options.app_id is None:
        findings += [diagnostics.app(tenant) for tenant in wiring.ports().tenants.all()]
    else:
        tenant = wiring.ports().tenants.get(AppId(options.app_id))
        if tenant is None:
            raise Refused(f"{options.app_id} is not registered; `add` it first")
        findings.append(diagnostics.app(tenant))
    for finding in findings:
        print(f"{'ok   ' if finding.good else 'WRONG'} {finding.sentence}")
    return 0 if all(finding.good for finding in findings) else 1


CHECK = Command("check", "say in words whether everything is set up", _check, _options)
