"""What a build has made, artifact by artifact: how large, and a digest by which builds compare."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

#: Lambda's limit for a function with all its layers, unzipped.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11.
UNZIPPED_LIMIT = 250_000_000


@dataclass(frozen=True)
class Artifact:
    """A layer or a function, as it is uploaded."""

    name: str
    #: Bytes.
    unzipped: int
    zipped: int
    #: Of names, modes, ages and contents: equal ones make equal archives.
    digest: str


def artifact(name: str, folder: Path) -> Artifact:
    """Measure one folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    digest = hashlib.sha256()
    with TemporaryDirectory() as scratch:
        archive = Path(scratch) / "zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            for path in files:
                within, about = str(path.relative_to(folder)), path.stat()
                zipped.write(path, within)
                digest.update(f"{within}\0{about.st_mode:o} {about.st_mtime:.0f}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        size = archive.stat().st_size
    return Artifact(name, sum(path.stat().st_size for path in files), size, digest.hexdigest())


def artifacts(built: Path) -> list[Artifact]:
    """Measure everything that a build has made."""
    folders = [path for path in sorted(built.iterdir()) if path.is_dir()]
    return [artifact(path.name, path) for path in folders]


def table(found: list[Artifact]) -> str:
    """Show them to people, layers first, with what a function has to carry in the worst case."""
    layers = [each for each in found if each.name.endswith("Layer")]
    functions = [each for each in found if each not in layers]
    largest = max(functions, key=lambda each: each.unzipped)
    lines = [f"{'':28}{'unzipped':>12}{'zipped':>12}  digest"]
    for each in (*layers, *functions):
        sizes = f"{each.unzipped / 1e3:>9,.0f} kB{each.zipped / 1e3:>9,.0f} kB"
        lines.append(f"{each.name:28}{sizes}  {each.digest[:12]}")
    together = sum(each.unzipped for each in (*layers, largest)) / 1e6
    lines.append(f"all layers with the largest function: {together:.1f} MB unzipped")
    return "\n".join([*lines, f"Lambda allows {UNZIPPED_LIMIT / 1e6:.0f} MB"])
