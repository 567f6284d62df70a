"""Build the dependencies layer: install the pinned wheels, prune what is never used, compile.

Run by `sam build` through the Makefile beside it, with the interpreter of the template's runtime:
bytecode is good for one minor version only. Needs nothing but that interpreter and pip.
"""

import argparse
import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
#: Wheels that run on Amazon Linux 2023, which has glibc 2.34.
#: Source: https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html, read 2026-11.
PLATFORMS = {
    "arm64": ("manylinux2014_aarch64", "manylinux_2_28_aarch64"),
    "x86_64": ("manylinux2014_x86_64", "manylinux_2_28_x86_64"),
}
#: Of Google's 600 discovery documents (110 MB) one is used.
DISCOVERY = ("calendar.v3.json",)
#: Of botocore's service models those of the services that we call; `sts` is for roles.
SERVICES = {"dynamodb", "kms", "ssm", "sts"}
#: Pins that others name, for calls which we never make: gRPC and its messages, tracing, signing in
#: plain Python where `cryptography` signs, and what builds bindings. They are pinned all the same,
#: because pip wants them beside the rest; `tests/build` starts every function without them.
NOT_PACKAGED = {
    "googleapis-common-protos",
    "opentelemetry-api",
    "proto-plus",
    "protobuf",
    "pyasn1",
    "pyasn1-modules",
    "pycparser",
}
#: Parts of packages that no import of ours reaches.
UNUSED_PARTS = (
    "bin",
    "boto3/data",
    "boto3/examples",
    "cffi",  # builds bindings; what runs is `_cffi_backend`
    "google/api_core/gapic_v1",
    "google/api_core/operations_v1",
    "wrapt-stubs",
    *(
        f"aws_lambda_powertools/utilities/{name}"
        for name in (
            *("auth_alpha", "circuit_breaker", "data_masking", "feature_flags", "idempotency"),
            *("kafka", "parameters", "parser", "streaming", "validation"),
        )
    ),
)
#: Folders that no import ever needs, wherever they are.
UNUSED_FOLDERS = ("tests", "test", "__pycache__")
#: Files for compilers, type checkers and people; and the browser's part of Powertools' own pages.
UNUSED_FILES = (
    *("*.c", "*.h", "*.proto", "*.pxd", "*.pyi", "*.pyx", "py.typed"),
    *("botocore/data/*/*/examples-1.json", "aws_lambda_powertools/*/openapi/swagger_ui/*.min.*"),
)
#: Of a package's metadata: what is read at run time, and what its licence wants to go with it.
METADATA = ("METADATA", "WHEEL", "entry_points.txt")
LEGAL = ("AUTHORS", "COPYING", "LICENCE", "LICENSE", "NOTICE")
#: The first moment that a ZIP archive can hold: 1980-01-01.
EPOCH = 315_532_800


def pins() -> list[str]:
    """Return what is packaged, as pip wants it."""
    lines = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if line and not line.startswith("#")]
    return [pin for pin in found if pin.partition("==")[0].lower() not in NOT_PACKAGED]


def install(target: Path, architecture: str) -> None:
    """Install the pins, as wheels for Lambda's platform, whatever this machine is."""
    platforms = [flag for name in PLATFORMS[architecture] for flag in ("--platform", name)]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run(  # noqa: S603 - our own arguments
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-compile", "--only-binary=:all:", "--python-version", version),
            *platforms,
            *("--target", str(target), *pins()),
        ],
        check=True,
    )


def prune(target: Path) -> None:
    """Remove what is never used at run time."""
    documents = target / "googleapiclient" / "discovery_cache" / "documents"
    for path in documents.iterdir():
        if path.name not in DISCOVERY:
            path.unlink()
    for path in (target / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)
    for name in UNUSED_PARTS:
        shutil.rmtree(target / name)
    for folder in [path for name in UNUSED_FOLDERS for path in target.rglob(name) if path.is_dir()]:
        shutil.rmtree(folder, ignore_errors=True)
    for path in [path for pattern in UNUSED_FILES for path in target.rglob(pattern)]:
        path.unlink()
    for path in target.glob("*.dist-info/**/*"):
        if path.is_file() and path.name not in METADATA and not path.name.startswith(LEGAL):
            path.unlink()


def compile_all(target: Path) -> None:
    """Compile without time stamps: zipping and copying change nothing, and no cold start pays."""
    done = compileall.compile_dir(
        target,
        quiet=1,
        stripdir=target.parent,
        prependdir="/opt",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        sys.exit("some modules could not be compiled")


def recover(target: Path) -> None:
    """Return every file one age and mode, so that the same pins make the same archive anywhere."""
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EPOCH, EPOCH))


def main() -> None:
    """Build into the folder that is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--architecture", choices=PLATFORMS, required=True)
    options = parser.parse_args()
    install(options.target, options.architecture)
    prune(options.target)
    compile_all(options.target)
    recover(options.target)


if __name__ == "__main__":
    main()
