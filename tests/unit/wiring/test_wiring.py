"""The composition root of an environment."""

import pytest

from scheduling import wiring
from scheduling.adapters.dynamodb.outbox_store import outbox_key
from scheduling.adapters.system_clock import SystemClock

pytestmark = pytest.mark.usefixtures("deployed")


def test_an_environment_has_one_set_of_ports_and_use_cases() -> None:
    assert wiring.ports() is wiring.ports()
    assert wiring.use_cases() is wiring.use_cases()
    assert wiring.use_cases().ports is wiring.ports()


def test_the_clock_is_that_of_the_ports() -> None:
    assert wiring.clock() is wiring.ports().clock
    assert isinstance(wiring.clock(), SystemClock)


@pytest.mark.parametrize("owner", ["BOOKING#b", "SHARE#s", "NOTICE#n"])
def test_a_record_of_the_stream_names_the_message_that_is_owed(owner: str) -> None:
    pk, sk = outbox_key("app", owner, 12)
    record = {"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}}}
    assert wiring.owed_message(record) == ("app", owner, 12)
