"""Through how many rooms of `shared/scheduling` one booking and one share pass.

    PYTHONPATH=shared .venv/bin/python -m benchmarks.rooms

Both are made in the tests' world, from the use case on; every file that runs is noted by
`sys.setprofile`. Prints each room with its files.
"""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType

from tests.fakes import START
from tests.world import World, empty_world, moto_client

_PACKAGE = Path(__file__).parents[1] / "shared" / "scheduling"


def passed(step: Callable[[], object]) -> dict[str, set[str]]:
    """Return the files that run in a step, by room; a module beside the rooms is its own."""
    files: set[Path] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            files.add(Path(frame.f_code.co_filename))

    sys.setprofile(note)
    try:
        step()
    finally:
        sys.setprofile(None)
    rooms: dict[str, set[str]] = {}
    for path in (each.relative_to(_PACKAGE) for each in files if _PACKAGE in each.parents):
        rooms.setdefault(path.parts[0], set()).add("/".join(path.parts[1:]))
    return rooms


def _book(world: World) -> Callable[[], object]:
    request = world.request(world.share(), START + timedelta(hours=4))
    return lambda: world.use_cases.booker.book(world.bob, request, world.deadline())


def main() -> None:
    """Print both ways."""
    with moto_client() as client:
        world = empty_world(client)
        world.connect()
        for name, step in {"booking": _book(world), "share": world.share}.items():
            rooms = passed(step)
            print(f"one {name}: {len(rooms)} rooms, {sum(map(len, rooms.values()))} files")
            for room, files in sorted(rooms.items()):
                print(f"  {room}: {', '.join(sorted(files))}")


if __name__ == "__main__":
    main()
