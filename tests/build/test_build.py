"""What is packaged runs where it will run: right machine, right interpreter, nothing missing."""

import json
import os
import platform
import re
import runpy
import subprocess
from pathlib import Path

import pytest

from local import build, build_report
from local.intrinsics import load
from scheduling.core import config

pytestmark = [pytest.mark.build, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
RECIPE = runpy.run_path(str(ROOT / "layers/dependencies/build.py"))
NOT_PACKAGED, LEGAL = RECIPE["NOT_PACKAGED"], RECIPE["LEGAL"]
PINS = re.findall(
    r"^([\w.-]+)==", (ROOT / "layers/dependencies/requirements.txt").read_text(), re.MULTILINE
)
DEPENDENCIES = build.BUILT / "DependenciesLayer" / "python"
#: `e_machine` of an ELF file, by architecture.
MACHINES = {"arm64": 0xB7, "x86_64": 0x3E}
#: This machine, by Lambda's names: what is built for it can be run.
HERE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())


@pytest.fixture(scope="module", params=sorted(MACHINES, key=HERE.__eq__))
def built(request: pytest.FixtureRequest) -> str:
    """Build by the README's command; the build for this machine comes last and stays."""
    subprocess.run(  # noqa: S603
        ["make", "build", f"ARCH={request.param}"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return str(request.param)


def test_native_code_is_for_the_machine_that_is_deployed(built: str) -> None:
    libraries = list(DEPENDENCIES.rglob("*.so"))
    assert libraries
    for path in libraries:
        header = path.read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        assert int.from_bytes(header[18:20], "little") == MACHINES[built], path.name


def test_wheels_are_for_the_runtime_and_the_machine(built: str) -> None:
    machine = {"arm64": "aarch64", "x86_64": "x86_64"}[built]
    tags = [
        tag
        for path in DEPENDENCIES.glob("*.dist-info/WHEEL")
        for tag in re.findall(r"^Tag: (.+)$", path.read_text(), re.MULTILINE)
    ]
    packaged = len(list(DEPENDENCIES.glob("*.dist-info")))
    assert packaged == len(PINS) - len(NOT_PACKAGED)
    assert len(tags) >= packaged
    for tag in tags:
        python, abi, platform = tag.split("-")
        assert platform == "any" or (machine in platform and "linux" in platform)
        assert abi in {"none", "abi3", "cp313"}
        assert python in {"py2", "py3", "cp313"} or abi == "abi3"


def test_bytecode_is_of_the_runtimes_interpreter_and_needs_no_time_stamp(built: str) -> None:
    python = build.interpreter(dict(os.environ))
    magic = subprocess.run(  # noqa: S603
        [python, "-c", "import importlib.util as u; print(u.MAGIC_NUMBER.hex())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    compiled = list(build.BUILT.rglob("*.pyc"))
    assert len(compiled) > 500, built
    for path in compiled:
        header = path.read_bytes()[:8]
        assert header[:4].hex() == magic
        assert int.from_bytes(header[4:], "little") == 1, "unchecked hash"


def test_everything_together_stays_below_lambdas_limit(built: str) -> None:
    made = build_report.artifacts(build.BUILT)
    layers = sum(each.unzipped for each in made if each.name.endswith("Layer"))
    largest = max(each.unzipped for each in made if each.name.endswith("Function"))
    assert layers + largest < build_report.UNZIPPED_LIMIT / 5, built


def test_one_discovery_document_and_four_service_models_are_left(built: str) -> None:
    documents = DEPENDENCIES / "googleapiclient/discovery_cache/documents"
    assert [path.name for path in documents.iterdir()] == ["calendar.v3.json"], built
    models = {path.name for path in (DEPENDENCIES / "botocore/data").iterdir() if path.is_dir()}
    assert models == {"dynamodb", "kms", "ssm", "sts"}


def test_what_was_built_is_what_is_deployed_when_nothing_is_said(built: str) -> None:
    parameters = load((build.BUILT / "template.yaml").read_text())["Parameters"]
    assert parameters["Architecture"]["Default"] == built


def test_every_package_brings_its_licence_and_nothing_for_compilers(built: str) -> None:
    for folder in DEPENDENCIES.glob("*.dist-info"):
        legal = [path for path in folder.rglob("*") if path.name.startswith(LEGAL)]
        assert legal, (built, folder.name)
    left = {path.suffix for path in DEPENDENCIES.rglob("*") if path.is_file()}
    assert not left & {".c", ".h", ".proto", ".pxd", ".pyi", ".pyx"}


def test_what_is_built_again_is_the_same_to_the_byte(
    built: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What differs without a change would be uploaded at each deployment."""
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    environ = build.sam_environment()
    environ["PATH"] = f"{build.interpreter(dict(os.environ)).parent}:{environ['PATH']}"
    before = os.umask(0o077)
    try:
        build.build(built, environ, tmp_path / "again")
    finally:
        os.umask(before)
    first = build_report.artifacts(build.BUILT)
    assert build_report.artifacts(tmp_path / "again") == first
    assert len(first) == len(config.FUNCTIONS) + 3


@pytest.mark.parametrize("built", [HERE], indirect=True)
@pytest.mark.parametrize("folder", sorted(config.FUNCTIONS))
def test_each_function_starts_from_its_layers_alone(built: str, folder: str) -> None:
    assert built == HERE
    logical = "".join(part.capitalize() for part in folder.split("_")) + "Function"
    path = [build.BUILT / logical, DEPENDENCIES, build.BUILT / "CommonLayer" / "python"]
    environment = {
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "WEB_DIR": str(ROOT / "web"),
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "test",
        **dict.fromkeys(config.FUNCTIONS[folder] - {config.WEB_DIR}, "test"),
    }
    program = (
        "import app, json, sys; from scheduling import wiring; wiring.use_cases; "
        "import scheduling.adapters.google.oauth, scheduling.adapters.dynamodb.booking_store, "
        "scheduling.adapters.ics_file, scheduling.adapters.cometchat.chat, scheduling.http.pages; "
        "from scheduling.adapters.google.service import build; build('calendar', 'v3', "
        "developerKey='none', static_discovery=True); import boto3; "
        "[boto3.client(name) for name in ('dynamodb', 'kms', 'ssm')]; "
        "print(json.dumps([callable(app.handler), list(sys.version_info[:2])]))"
    )
    answer = subprocess.run(  # noqa: S603
        [build.interpreter(dict(os.environ)), "-S", "-s", "-B", "-c", program],
        env=environment,
        cwd=build.BUILT / logical,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == [True, [3, 13]]
