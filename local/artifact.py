"""The functions as `make build` packages them, for this machine, laid out as Lambda unpacks them.

The package lies in `.build/lambda`, apart from the one that waits in `.aws-sam` to be deployed, and
is built again when something that goes into it has changed.
"""

import hashlib
import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import build, facts
from local.child import CannotStart, only_one
from local.intrinsics import load

FOLDER = facts.ROOT / ".build" / "lambda"
#: This machine, by Lambda's names.
HERE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
_SOURCES = ("functions", "layers", "local/build.py", "shared", "template.yaml", "web")


@dataclass(frozen=True)
class Package:
    """One function, unpacked."""

    #: What Lambda has as `/var/task`.
    task: Path
    #: What Lambda has as `/opt`: the function's layers, one upon the other.
    opt: Path
    handler: str


def packages(folder: Path = FOLDER) -> dict[str, Package]:
    """Return each function's package by its logical id, built if that is needed.

    Raises:
        CannotStart: It cannot be built here; the message says why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder):
        made_from, note = _fingerprint(), folder / "made-from"
        if not note.is_file() or note.read_text() != made_from:
            note.unlink(missing_ok=True)
            shutil.rmtree(folder / "opt", ignore_errors=True)
            _build(folder / "build", folder / "cache")
            note.write_text(made_from)
        return unpack(folder / "build", folder / "opt", made_from)


def unpack(built: Path, opt: Path, made_from: str) -> dict[str, Package]:
    """Lay out what `sam build` left in a folder; layers that functions share lie there once."""
    document = load((built / "template.yaml").read_text(encoding="utf-8"))
    shared = document.get("Globals", {}).get("Function", {})
    found = {}
    for logical_id, resource in document["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        own = {**shared, **resource["Properties"]}
        layers = [
            built / document["Resources"][layer["Ref"]]["Properties"]["ContentUri"]
            for layer in _layers(shared, resource["Properties"])
        ]
        found[logical_id] = Package(
            task=built / own["CodeUri"],
            opt=_stack(layers, opt, made_from),
            handler=own["Handler"],
        )
    return found


def _layers(shared: dict[str, Any], own: dict[str, Any]) -> list[dict[str, str]]:
    """Globals come first, what is a function's own after them."""
    return [*shared.get("Layers", []), *own.get("Layers", [])]


def _stack(layers: list[Path], opt: Path, made_from: str) -> Path:
    """Put layers into one folder, later ones over earlier ones, as Lambda unpacks them."""
    names = "\n".join([made_from, *map(str, layers)])
    folder = opt / hashlib.sha256(names.encode()).hexdigest()[:16]
    if not folder.is_dir():
        unfinished = opt / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        for layer in layers:
            shutil.copytree(layer, unfinished, dirs_exist_ok=True)
        unfinished.rename(folder)
    return folder


def _build(built: Path, cache: Path) -> None:
    if not (build.SAM_VENV / "bin" / "sam").is_file():
        raise CannotStart("Packaging needs the SAM CLI: `make build` installs it.")
    print(f"Packaging the functions for {HERE} (half a minute) ...", flush=True)
    try:
        python = build.interpreter(dict(os.environ))
        environ = build.sam_environment()
        environ["PATH"] = f"{python.parent}:{environ['PATH']}"
        build.build(HERE, environ, built, "--cached", "--cache-dir", str(cache))
    except SystemExit as why:
        raise CannotStart(str(why)) from why


def _fingerprint() -> str:
    digest = hashlib.sha256(HERE.encode())
    for path in _files():
        digest.update(str(path.relative_to(facts.ROOT)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for name in _SOURCES:
        place = facts.ROOT / name
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
