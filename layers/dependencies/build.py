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
#: The first moment that a ZIP archive can hold: 1980-01-01.
EPOCH = 315_532_800
#: Folders that no import ever needs.
UNUSED = ("tests", "test", "__pycache__")


def install(target: Path, architecture: str) -> None:
    """Install the pins, as wheels for Lambda's platform, whatever this machine is."""
    platforms = [flag for name in PLATFORMS[architecture] for flag in ("--platform", name)]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run(  # noqa: S603 - our own arguments
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-compile", "--only-binary=:all:", "--python-version", version),
            *platforms,
            *("--target", str(target), "--requirement", str(HERE / "requirements.txt")),
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
    for name in ("boto3/data", "boto3/examples", "bin"):
        shutil.rmtree(target / name, ignore_errors=True)
    for folder in [path for name in UNUSED for path in target.rglob(name) if path.is_dir()]:
        shutil.rmtree(folder, ignore_errors=True)
    # Of the metadata, versions and entry points are read at run time; the rest tells pip its story.
    for path in target.glob("*.dist-info/*"):
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in {"METADATA", "WHEEL", "entry_points.txt"}:
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


def settle(target: Path) -> None:
    """Give every file the same age, so that the same pins make the same archive."""
    for path in target.rglob("*"):
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
    settle(options.target)


if __name__ == "__main__":
    main()
