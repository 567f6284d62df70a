"""The key that signs links is changed in steps: which one comes next, and what each makes."""

from datetime import timedelta

import pytest

from scheduling.core.config import ConfigError
from scheduling.models import Secret
from scheduling.operations.rotate_keys import (
    LINKS_OUTLIVE,
    SIGNING_KEYS,
    KeyRotation,
    NotNow,
    Step,
)
from scheduling.rules.defaults import HORIZON
from scheduling.rules.invite_links import FILE_LIFETIME
from tests.fakes import START, FakeClock, FakeParameters

OLD = "a" * 64


def rotation(keys: str = OLD) -> KeyRotation:
    clock = FakeClock()
    return KeyRotation(clock, FakeParameters({SIGNING_KEYS: Secret(keys)}, clock))


def keys(made: KeyRotation) -> list[str]:
    return made.parameters.held(SIGNING_KEYS)[0].reveal().split()


def wait(made: KeyRotation, length: timedelta) -> None:
    made.clock.sleep(length.total_seconds())


def test_a_new_key_is_accepted_then_signs_and_then_is_alone() -> None:
    made = rotation()
    assert made.look().done is None
    assert made.take(Step.ADD)
    new, old = keys(made)
    assert (old, made.look().done) == (OLD, Step.ADD)
    assert made.take(Step.PROMOTE)
    assert (keys(made), made.look().done) == ([OLD, new], Step.PROMOTE)
    wait(made, LINKS_OUTLIVE)
    assert made.take(Step.RETIRE)
    assert (keys(made), made.look().done) == ([new], None)


def test_the_last_key_of_a_parameter_signs_so_the_new_one_comes_last_when_it_may() -> None:
    made = rotation()
    made.take(Step.ADD)
    assert keys(made)[-1] == OLD
    made.take(Step.PROMOTE)
    assert keys(made)[-1] != OLD


def test_a_key_that_is_made_says_when_and_is_long_enough() -> None:
    made = rotation()
    made.take(Step.ADD)
    instant, _, secret = keys(made)[0].partition(".")
    assert instant == f"{START:%Y%m%dT%H%M%SZ}"
    assert len(secret) == 64


def test_a_step_that_was_taken_is_not_taken_again() -> None:
    made = rotation()
    assert not made.take(Step.RETIRE), "there is one key, and nothing to drop"
    made.take(Step.ADD)
    before = keys(made)
    assert not made.take(Step.ADD)
    made.take(Step.PROMOTE)
    assert not made.take(Step.ADD)
    assert not made.take(Step.PROMOTE)
    assert keys(made) == before[::-1]


@pytest.mark.parametrize(("taken", "step"), [([], Step.PROMOTE), ([Step.ADD], Step.RETIRE)])
def test_no_step_is_taken_before_those_that_it_needs(taken: list[Step], step: Step) -> None:
    made = rotation()
    for each in taken:
        made.take(each)
    before = keys(made)
    with pytest.raises(NotNow, match="comes after"):
        made.take(step)
    assert keys(made) == before


def test_a_key_is_dropped_when_the_last_file_that_it_signed_is_served_no_more() -> None:
    assert LINKS_OUTLIVE >= HORIZON + FILE_LIFETIME
    made = rotation()
    made.take(Step.ADD)
    wait(made, timedelta(days=3))
    made.take(Step.PROMOTE)
    assert made.look().droppable_at == made.clock.now() + LINKS_OUTLIVE
    wait(made, LINKS_OUTLIVE - timedelta(seconds=1))
    with pytest.raises(NotNow, match="--at-once"):
        made.take(Step.RETIRE)
    wait(made, timedelta(seconds=1))
    assert made.take(Step.RETIRE)


def test_a_key_that_somebody_knows_is_dropped_at_once() -> None:
    made = rotation()
    made.take(Step.ADD)
    made.take(Step.PROMOTE)
    assert made.take(Step.RETIRE, at_once=True)
    assert len(keys(made)) == 1


def test_a_dry_run_says_whether_there_is_something_to_do_and_changes_nothing() -> None:
    made = rotation()
    assert made.take(Step.ADD, dry_run=True)
    assert keys(made) == [OLD]


@pytest.mark.parametrize("held", ["one two", "one two three", " "])
def test_which_of_two_keys_is_newer_is_not_guessed(held: str) -> None:
    with pytest.raises(NotNow, match="cannot be told"):
        rotation(held).take(Step.ADD)


def test_where_there_are_no_keys_nothing_is_made_up() -> None:
    with pytest.raises(ConfigError):
        KeyRotation(FakeClock(), FakeParameters()).take(Step.ADD)
