"""What a cold start costs: importing each function, as a multiple of a bare interpreter's start.

Fresh processes, one after the other, the peers in the same rounds; medians. The floor is
`python -c pass`, the peer `import boto3`, which Lambda's own runtime brings anyway.

    python benchmarks/cold_start.py [--rounds 7] [--built]

`--built` measures what `make build ARCH=x86_64` packaged, with the interpreter of the template.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / ".aws-sam" / "build"


def run_once(python: str, program: str, path: list[Path]) -> float:
    """Return the seconds that a fresh process takes for a program."""
    environment = {
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "bench",
        "PATH": os.environ["PATH"],
    }
    begun = time.perf_counter()
    subprocess.run([python, "-c", program], env=environment, check=True)  # noqa: S603
    return time.perf_counter() - begun


def programs(*, built: bool) -> dict[str, tuple[str, list[Path]]]:
    """Return what is measured: a program and its import path, by name."""
    folders = sorted(path.parent for path in (ROOT / "functions").glob("*/app.py"))
    layers = [BUILT / "DependenciesLayer" / "python", BUILT / "CommonLayer" / "python"]
    shared = layers if built else [ROOT / "shared"]
    measured = {"bare interpreter": ("pass", []), "import boto3": ("import boto3", shared)}
    for folder in folders:
        logical = "".join(part.capitalize() for part in folder.name.split("_")) + "Function"
        measured[folder.name] = ("import app", [BUILT / logical if built else folder, *shared])
    return measured


def main() -> None:
    """Measure in rounds, and print the medians as ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--built", action="store_true", help="measure the packaged functions")
    options = parser.parse_args()
    python = sys.executable
    if options.built:
        sys.path.insert(0, str(ROOT))
        from local.build import interpreter  # noqa: PLC0415 - only this way needs it

        python = str(interpreter(dict(os.environ)))
    measured = programs(built=options.built)
    taken: dict[str, list[float]] = {name: [] for name in measured}
    for counted in range(-1, options.rounds):  # the first round warms the page cache
        for name, (program, path) in measured.items():
            seconds = run_once(python, program, path)
            if counted >= 0:
                taken[name].append(seconds)
    floor = statistics.median(taken["bare interpreter"])
    peer = statistics.median(taken["import boto3"])
    print(f"{'':22}{'ms':>8}{'x bare':>10}{'x boto3':>10}")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:22}{median * 1000:>8.0f}{median / floor:>10.2f}{median / peer:>10.2f}")


if __name__ == "__main__":
    main()
