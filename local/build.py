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
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from local.audit.findings import accepted
from local.facts import REGION, ROOT

VERSION = "3.13"
BUILT = ROOT / ".aws-sam" / "build"
SAM_VENV = ROOT / "local" / "tools" / "sam" / ".venv"
#: The architecture that `template.yaml` deploys when nothing is said.
DEFAULT = "arm64"


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
    """Give the SAM CLI's environment, with its own tools in front."""
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
    _deploys(folder / "template.yaml", architecture)
    python = shutil.which(f"python{VERSION}", path=environ["PATH"])
    code = [folder / "CommonLayer", *(path.parent for path in folder.glob("*Function/app.py"))]
    for ours in code:
        _run([str(python), "-m", "local.build", "--compile", str(ours)], environ)


def _deploys(path: Path, architecture: str) -> None:
    """Make what was built for the default of what is deployed: the wheels fit nothing else."""
    default = re.compile(r"^(  Architecture:\n(?:    .*\n)*?    Default: )\w+$", re.MULTILINE)
    text, found = default.subn(rf"\g<1>{architecture}", path.read_text(encoding="utf-8"))
    if found != 1:
        sys.exit(f"{path} has no parameter Architecture with a default")
    path.write_text(text, encoding="utf-8")


def compile_ours(folder: Path) -> None:
    """Compile a folder as Lambda will see it, without time stamps."""
    done = compileall.compile_dir(
        folder,
        quiet=1,
        stripdir=folder,
        prependdir="/opt" if folder.name.endswith("Layer") else "/var/task",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        sys.exit(f"{folder} could not be compiled")


def sizes() -> list[tuple[str, int, int]]:
    """Give each artifact's name, bytes unzipped and bytes zipped."""
    rows = []
    folders = [path for path in sorted(BUILT.iterdir()) if path.is_dir()]
    for folder in [*folders, ROOT / "web"]:
        name = "WebLayer" if folder.name == "web" else folder.name
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        with TemporaryDirectory() as scratch:
            archive = Path(scratch) / "zip"
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
                for path in files:
                    zipped.write(path, path.relative_to(folder))
            zipped_bytes = archive.stat().st_size
        rows.append((name, sum(path.stat().st_size for path in files), zipped_bytes))
    return rows


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
    print(f"{'':28}{'unzipped':>12}{'zipped':>12}")
    for name, unzipped, zipped in sizes():
        print(f"{name:28}{unzipped / 1e3:>9,.0f} kB{zipped / 1e3:>9,.0f} kB")
    if options.architecture != DEFAULT:
        # An update of a stack keeps the stack's own value unless it is told another.
        print(f"deploy it with --parameter-overrides Architecture={options.architecture}")


if __name__ == "__main__":
    main()
