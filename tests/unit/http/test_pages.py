"""Pages in the reader's language: nothing that an address made up, and forms of ours alone."""

import pytest

from scheduling.core.errors import NotAllowed
from scheduling.http.pages import require_csrf
from tests.unit.connections.test_connect import session
from tests.world import World


def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    known = session(world)
    require_csrf(known, world.use_cases.connector.view(known).csrf)
    with pytest.raises(NotAllowed):
        require_csrf(known, world.use_cases.connector.view(session(world)).csrf)
    with pytest.raises(NotAllowed):
        require_csrf(known, "gefälscht")
