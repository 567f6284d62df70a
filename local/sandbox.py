"""Become a command that sees a file system like Lambda's, and no more memory than it is given.

`python -I -S local/sandbox.py PLAN PARENT COMMAND ...`: a `Plan` as JSON, and the process that we
end with, or 0. The kernel is asked for a user and a mount namespace of our own, for which nobody
has to be root; in them a new root is put together: what the plan binds, all of it read-only, and
an empty `/tmp` of 512 MB. The command runs there as Lambda's user 993. Outside, nothing changes.
Linux alone can do this, and not every container lets it; `possible` says.
What it does not do: limit processor or network; hide other processes.

Source: namespaces(7), user_namespaces(7), mount(2), setrlimit(2); AWS Lambda Developer Guide,
"Lambda runtime environment": only `/tmp` can be written, 512 MB unless configured (read 2026-11).
"""

import ctypes
import functools
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 32, 4096, 16384, 1 << 18
#: What a mount has already cannot be taken from it in a user namespace: it is named again.
_KEPT = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
_PR_SET_PDEATHSIG = 1
#: Lambda's `sbx_user1051`.
_USER, _GROUP = 993, 990
_TMP = "size=512m,mode=1777"
#: What a program needs of the machine, whatever it is; links among them stay links.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/nix/store")
_DEVICES = ("/dev", "/proc")


@dataclass(frozen=True)
class Plan:
    """What the command shall find."""

    #: An empty folder outside; the new root hides it, in the sandbox alone.
    root: str
    #: Path in the sandbox -> path outside; a relative one counts from where the sandbox is begun.
    binds: Mapping[str, str]
    #: Where the command starts, in the sandbox.
    folder: str
    #: What it may allocate. 0 sets no limit.
    memory_bytes: int = 0


def command(plan: Plan, *arguments: str, tied: bool = True) -> tuple[str, ...]:
    """Say how to run a command in a sandbox.

    Args:
        plan: What the command finds there.
        arguments: The command.
        tied: Whether it ends when we end, however that happens.
    """
    order, parent = json.dumps(asdict(plan)), str(os.getpid() if tied else 0)
    return (sys.executable, "-I", "-S", str(Path(__file__)), order, parent, *arguments)


@functools.cache
def possible() -> bool:
    """Say whether this machine lets us make a sandbox."""
    if sys.platform != "linux":
        return False
    try_it = [sys.executable, "-I", "-S", str(Path(__file__)), "--try"]
    return subprocess.run(try_it, check=False, capture_output=True).returncode == 0  # noqa: S603


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    arguments = [text.encode() or None for text in (source, target, kind, options)]
    done = _libc().mount(
        arguments[0], arguments[1], arguments[2], ctypes.c_ulong(flags), arguments[3]
    )
    if done:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _leave_the_world() -> None:
    user, group = os.getuid(), os.getgid()
    if _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNS):
        number = ctypes.get_errno()
        raise OSError(number, f"no namespaces: {os.strerror(number)}")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_USER} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{_GROUP} {group} 1")
    _mount("none", "/", "", _MS_REC | _MS_PRIVATE)


def _bind(source: str, target: str) -> None:
    place = Path(target)
    if Path(source).is_dir():
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    _mount(source, target, "", _MS_BIND | _MS_REC)
    kept = os.statvfs(target).f_flag & _KEPT
    _mount("none", target, "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY | kept)


def _build(plan: Plan) -> None:
    root = plan.root
    _mount("tmpfs", root, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755")
    for path in _SYSTEM:
        if Path(path).is_symlink():
            Path(root + path).symlink_to(Path(path).readlink())
        elif Path(path).is_dir():
            _bind(path, root + path)
    for path in _DEVICES:
        Path(root + path).mkdir()
        _mount(path, root + path, "", _MS_BIND | _MS_REC)
    Path(root + "/tmp").mkdir()  # noqa: S108 - the sandbox's own
    _mount("tmpfs", root + "/tmp", "tmpfs", _MS_NOSUID | _MS_NODEV, _TMP)  # noqa: S108
    for inside, outside in plan.binds.items():
        _bind(outside, root + inside)
    _mount("none", root, "", _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)
    os.chroot(root)
    os.chdir(plan.folder)


def _become(plan: Plan, parent: int, arguments: list[str]) -> None:
    if plan.memory_bytes:
        # Private memory that can be written: what is merely mapped, such as code, does not count.
        resource.setrlimit(resource.RLIMIT_DATA, (plan.memory_bytes, plan.memory_bytes))
    if parent:
        # Whoever changes namespaces loses the tether that it had. SIGKILL, because whoever is made
        # to stand still takes no other signal.
        _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)
    os.execvp(arguments[0], arguments)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    _leave_the_world()
    if sys.argv[1] != "--try":
        _plan = Plan(**json.loads(sys.argv[1]))
        _build(_plan)
        _become(_plan, int(sys.argv[2]), sys.argv[3:])
