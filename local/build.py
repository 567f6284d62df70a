"""`make build`: what will be deployed, by the SAM CLI, without docker.

Packaging alone needs python3.13, the template's runtime: bytecode is good for one minor version.
It is looked for on PATH and under pyenv. The result lies in `.aws-sam/build`, for `sam deploy`.
"""

import argparse
import compileall
import os
import py_compile
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from local import build_report
from local.audit.findings import accepted
from local.facts import REGION, ROOT

VERSION = "3.13"
BUILT = ROOT / ".aws-sam" / "build"
SAM_VENV = ROOT / "local" / "tools" / "sam" / ".venv"
#: The architecture that `template.yaml` deploys when nothing is said.
DEFAULT = "arm64"
#: The first moment that a ZIP archive can hold: 1980-01-01.
EPOCH = 315_532_800


def interpreter(environ: dict[str, str]) -> Path:
    """Find the interpreter of the runtime.

    Raises:
        SystemExit: There is none; the message says how to get one.
    """
    pyenv = Path(environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    found = sorted(pyenv.glob(f"{VERSION}.*/bin/python{VERSION}"), reverse=True)
    on_path = shutil.which(f"python{VERSION}", path=environ.get("PATH"))
    for candidate in [*([Path(on_path)] if on_path else []), *found]:
        answer = subprocess.run(  # noqa: S603 - an interpreter that we found
            [candidate, "-c", "import sys; print(sys.executable)"],
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode == 0:
            return Path(answer.stdout.strip())
    sys.exit(
        f"Packaging needs python{VERSION}, the runtime of the template, on PATH or under pyenv.\n"
        f"For example: pyenv install {VERSION}, or your system's package python{VERSION}."
    )


def sam_environment() -> dict[str, str]:
    """Return the SAM CLI's environment, with its own tools in front."""
    path = f"{SAM_VENV / 'bin'}:{os.environ['PATH']}"
    region = os.environ.get("AWS_DEFAULT_REGION", REGION)
    return {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": region}


def validate(environ: dict[str, str]) -> None:
    """Check the template by the SAM CLI, and by the rules that cfn-lint has for serverless."""
    _run(["sam", "validate", "--lint"], environ)
    unfollowed = {each.rule for each in accepted() if each.tool == "cfn-lint"}
    rules = ["--append-rules", "cfn_lint_serverless.rules", "--ignore-checks", *sorted(unfollowed)]
    _run(["cfn-lint", *rules, "--template", "template.yaml"], environ)


def build(architecture: str, environ: dict[str, str], folder: Path = BUILT, *options: str) -> None:
    """Build layers and functions into a folder, and compile our own code too.

    Args:
        architecture: Of the machine that shall run them, by Lambda's names.
        environ: As `sam_environment` gives it, with the runtime's interpreter in front.
        folder: Is emptied first.
        options: More of them, for `sam build`.
    """
    overrides = [
        "--parameter-overrides",
        f"Architecture={architecture}",
    ]
    shutil.rmtree(folder, ignore_errors=True)
    _run(
        ["sam", "build", *overrides, "--build-dir", str(folder), *options],
        {**environ, "ARCHITECTURE": architecture},
    )
    # The SAM CLI leaves the pages where they are; they belong to what was built.
    shutil.copytree(ROOT / "web", folder / "WebLayer")
    _settle(folder / "WebLayer")
    _write(folder / "template.yaml", architecture)
    python = shutil.which(f"python{VERSION}", path=environ["PATH"])
    code = [folder / "CommonLayer", *(path.parent for path in folder.glob("*Function/app.py"))]
    for ours in code:
        _run([str(python), "-m", "local.build", "--compile", str(ours)], environ)


def _write(path: Path, architecture: str) -> None:
    """Say in the built template what was built: the architecture, whose wheels fit nothing else."""
    text = path.read_text(encoding="utf-8")
    for pattern, value in (
        (r"^(  Architecture:\n(?:    .*\n)*?    Default: )\w+$", architecture),
        (r"^(  WebLayer:\n(?:    .*\n)*?      ContentUri: ).+$", "WebLayer"),
    ):
        text, found = re.subn(pattern, rf"\g<1>{value}", text, flags=re.MULTILINE)
        if found != 1:
            sys.exit(f"{path} is not of the form that is expected: {pattern}")
    path.write_text(text, encoding="utf-8")


def compile_ours(folder: Path) -> None:
    """Compile a folder as Lambda will see it, without time stamps, and give all one age."""
    done = compileall.compile_dir(
        folder,
        quiet=1,
        stripdir=folder,
        prependdir="/opt" if folder.name.endswith("Layer") else "/var/task",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        sys.exit(f"{folder} could not be compiled")
    _settle(folder)


def _settle(folder: Path) -> None:
    """Set one age and mode for every file: the same commit makes the same archive anywhere."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EPOCH, EPOCH))


def _run(command: list[str], environ: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def main() -> None:
    """Validate, build, and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architecture", choices=("arm64", "x86_64"), default=DEFAULT)
    parser.add_argument("--validate-only", action="store_true", help="check the template alone")
    parser.add_argument("--compile", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.compile:
        compile_ours(options.compile)
        return
    environ = sam_environment()
    begun = time.monotonic()
    validate(environ)
    print("template.yaml is valid")
    if options.validate_only:
        return
    python = interpreter(dict(os.environ))
    environ["PATH"] = f"{python.parent}:{environ['PATH']}"
    build(options.architecture, environ)
    print(f"built for {options.architecture} in {time.monotonic() - begun:.0f} s: {BUILT}")
    print(build_report.table(build_report.artifacts(BUILT)))
    if options.architecture != DEFAULT:
        # An update of a stack keeps the stack's own value unless it is told another.
        print(f"deploy it with --parameter-overrides Architecture={options.architecture}")


if __name__ == "__main__":
    main()
