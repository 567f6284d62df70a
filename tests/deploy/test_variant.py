"""What is deployed to MiniStack differs from what is deployed to AWS where it is said to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import artifact, facts, ministack
from local.deploy.run import write_variant
from local.deploy.stack import Stack
from local.intrinsics import load

pytestmark = pytest.mark.build


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(facts.Addresses(4000), tmp_path)


def differing(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """List the places in which two documents differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours.keys() | theirs.keys():
            yield from differing(ours.get(key), theirs.get(key), f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differing(one, other, f"{path}/{number}")
    elif ours != theirs:
        yield path


def test_the_template_differs_in_the_listed_places_alone(stack: Stack) -> None:
    variant = load(write_variant(stack).read_text())
    built = load((artifact.FOLDER / "build" / "template.yaml").read_text())
    resources = built["Resources"]
    functions = [name for name in resources if name.endswith("Function")]
    layers = [name for name in resources if name.endswith("Layer")]
    names = {*stack.addresses.vendors({}), "AWS_ENDPOINT_URL"}
    calculating = {
        f"Requests{name}Alarm" for name in ("Failing", "FailingWhenQuiet", "Slow", "SlowWhenQuiet")
    }
    unknown = [*calculating, *(name for name in resources if name.endswith("Query"))]
    assert set(differing(built, variant)) == {
        "/Globals/Function/Runtime",
        *(f"/Globals/Function/Environment/Variables/{name}" for name in names),
        "/Resources/BaseUrl/Properties/Value",
        *(f"/Resources/{name}" for name in unknown),
        *(f"/Resources/{name}/Properties/CodeUri" for name in functions),
        *(f"/Resources/{name}/Properties/ContentUri" for name in layers),
        *(
            f"/Resources/{name}Role/Properties/Policies/0/PolicyDocument/Statement/{number}/{part}"
            for name in functions
            for number, statement in enumerate(
                resources[f"{name}Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
            )
            for part, named in (
                ("Resource", "ssm:GetParameters"),
                ("Condition", "kms:EncryptionContext:purpose"),
            )
            if named in str(statement)
        ),
    }


def test_the_code_differs_by_the_bootstrap_alone_and_lends_nothing_of_ministack(
    stack: Stack,
) -> None:
    write_variant(stack)
    for logical_id, package in artifact.packages().items():
        place = stack.folder / logical_id
        deployed = {path.relative_to(place) for path in place.rglob("*")}
        packaged = {path.relative_to(package.task) for path in package.task.rglob("*")}
        assert deployed == packaged | {Path("bootstrap")}
        bootstrap = (place / "bootstrap").read_text()
        for name in ministack.OWN:
            assert f"-u {name} " in bootstrap
