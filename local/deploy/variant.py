"""The packaged template with the few lines changed that MiniStack needs, and nothing else.

Each change is named in the README.md beside this file.
"""

import json
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import ministack
from local.artifact import Package
from local.execution import AsLambda
from local.intrinsics import load
from local.template import Function

_FUNCTION, _LAYER = "AWS::Serverless::Function", "AWS::Serverless::LayerVersion"
_ALARM, _QUERY = "AWS::CloudWatch::Alarm", "AWS::Logs::QueryDefinition"
_BOOTSTRAP = """#!/bin/sh
# Stands for the runtime python3.13: Amazon's client, in a sandbox with the layers in /opt.
exec env {unset} {variables} {command}
"""


@dataclass(frozen=True)
class Variant:
    """What is deployed to MiniStack.

    Args:
        folder: For the template and the functions' code, with a `bootstrap` each.
        built: What `sam build` left.
        runtime: Runs the functions.
        variables: What every function gets beside its own: the emulators' hosts, and AWS's.
        base_url: Where the gateway listens.
    """

    folder: Path
    built: Path
    runtime: AsLambda
    variables: Mapping[str, str]
    base_url: str

    def write(self, functions: list[Function]) -> Path:
        """Write it, and return the path of the template."""
        document = load((self.built / "template.yaml").read_text(encoding="utf-8"))
        shared = document["Globals"]["Function"]
        shared["Runtime"] = "provided.al2023"
        shared["Environment"]["Variables"] |= self.variables
        resources = document["Resources"]
        resources["BaseUrl"]["Properties"]["Value"] = self.base_url
        for name in [name for name, each in resources.items() if _is_unknown(each)]:
            del resources[name]
        for resource in resources.values():
            if resource["Type"] == _LAYER:
                content = self.built / resource["Properties"]["ContentUri"]
                resource["Properties"]["ContentUri"] = str(content.resolve())
        for function in functions:
            properties = resources[function.logical_id]["Properties"]
            properties["CodeUri"] = str(self._code(function, properties))
            for statement in _statements(resources[f"{function.logical_id}Role"]):
                if statement["Action"] == "ssm:GetParameters":
                    statement["Resource"] = "*"  # MiniStack asks for no name
                if "kms:EncryptionContext" in json.dumps(statement):
                    del statement["Condition"]  # nor for what is sealed
        path = self.folder / "template.json"
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
        return path

    def _code(self, function: Function, properties: Mapping[str, Any]) -> Path:
        place = self.folder / function.logical_id
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.built / properties["CodeUri"], place)
        bootstrap = place / "bootstrap"
        bootstrap.write_text(self._bootstrap(function), encoding="utf-8")
        bootstrap.chmod(0o755)
        return place

    def _bootstrap(self, function: Function) -> str:
        known = self.runtime.packages[function.logical_id]
        # MiniStack starts it in the folder into which it has unpacked the code.
        here = Package(Path(), known.opt, known.handler)
        runtime = AsLambda(
            packages={function.logical_id: here},
            client=self.runtime.client,
            root=self.runtime.root,
            sandboxed=self.runtime.sandboxed,
            tied=False,  # MiniStack's threads come and go
        )
        launch = runtime.launch(function, {"WEB_DIR": "/opt"})
        return _BOOTSTRAP.format(
            unset=" ".join(f"-u {name}" for name in sorted(ministack.OWN)),
            variables=" ".join(f"{k}={shlex.quote(v)}" for k, v in launch.variables.items()),
            command=shlex.join(launch.command),
        )


def _statements(role: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        statement
        for policy in role["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def _is_unknown(resource: Mapping[str, Any]) -> bool:
    """Say whether MiniStack would refuse it: saved queries, alarms that calculate."""
    kind = resource["Type"]
    return kind == _QUERY or (kind == _ALARM and "Metrics" in resource["Properties"])
