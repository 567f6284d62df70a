"""The template as CloudFormation has it, for rules that do not know SAM's own resources.

A script for the interpreter in `local/tools/sam`, where SAM's translator is.
"""

import json
import sys
from pathlib import Path

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse


def main(path: Path, region: str) -> None:
    """Print it as JSON; the parameters keep their names."""
    document = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in document["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & set(resource["Properties"]):
            resource["Properties"][name] = "s3://bucket/key"  # the translator wants it uploaded
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=region))
    needed = {name: "x" for name, each in document["Parameters"].items() if "Default" not in each}
    print(json.dumps(translator.translate(document, parameter_values=needed), default=str))


if __name__ == "__main__":
    main(Path(sys.argv[1]), "us-east-1")
