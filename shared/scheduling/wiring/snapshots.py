"""What a snapshot holds and what it must not (SnapStart): many environments start from one.

Nothing is built before an invocation, so that a snapshot has neither connections nor secrets, no
credentials, and nothing that was read at some time. What is shared by all who start from it is made
anew all the same: should anything come to be built early, it is no danger.

Ids and keys need nothing: they come from `os.urandom`, which asks the kernel each time.
Source: AWS Lambda Developer Guide, "Handling uniqueness with Lambda SnapStart" and "Implement code
before or after Lambda function snapshots", read 2026-11.
"""

import importlib
import pkgutil
import random
import sys
from typing import Protocol

from snapshot_restore_py import register_after_restore, register_before_snapshot

from scheduling import adapters


class Cached(Protocol):
    """A function whose result is kept."""

    def cache_clear(self) -> None:
        """Forget the result."""
        ...


def register(*builders: Cached) -> None:
    """Let Lambda prepare a snapshot and renew what comes out of it; elsewhere nobody asks.

    Args:
        builders: cached functions, whose results are not kept.
    """
    register_before_snapshot(prepare)
    register_after_restore(renew, *builders)


def prepare() -> None:
    """Import whatever a function may use, vendors too, so that whoever starts need not.

    No connection is opened, and no random number drawn: cryptography brings its own OpenSSL, whose
    generator would go on alike everywhere.
    """
    for each in pkgutil.walk_packages(adapters.__path__, f"{adapters.__name__}."):
        importlib.import_module(each.name)


def renew(*builders: Cached) -> None:
    """Forget all that was built: connections, credentials, parameters; seed the jitter again."""
    for builder in builders:
        builder.cache_clear()
    if "boto3" in sys.modules:
        # Its default session keeps credentials.
        sys.modules["boto3"].DEFAULT_SESSION = None  # type: ignore[attr-defined]
    random.seed()
