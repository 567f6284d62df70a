"""The whole local run for the claims that are proven over HTTP, once."""

from tests.e2e.conftest import _world, town

__all__ = ["_world", "town"]
