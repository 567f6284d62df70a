"""What every use case has around it: clock, counts, words, links, parameters."""

import functools
import os
from typing import TYPE_CHECKING

from scheduling.access.links import Links
from scheduling.core.catalogue import Words
from scheduling.core.config import ParametersConfig, WebConfig
from scheduling.observability import BusinessMetrics

if TYPE_CHECKING:
    from scheduling.adapters.aws.parameters import Parameters
    from scheduling.adapters.system_clock import SystemClock


@functools.cache
def clock() -> "SystemClock":
    """Give the clock."""
    from scheduling.adapters.system_clock import SystemClock

    return SystemClock(os.environ.get("CLOCK_OFFSET_FILE"))


@functools.cache
def metrics() -> BusinessMetrics:
    """Give the counts."""
    return BusinessMetrics()


@functools.cache
def words() -> Words:
    """Give the one catalogue of words."""
    return Words(WebConfig.from_env(os.environ).folder / "words")


@functools.cache
def links() -> Links:
    """Give the signer of links."""
    return Links(base_url=parameters().base_url, keys=parameters().signing_keys)


@functools.cache
def parameters() -> "Parameters":
    """Give addresses and secrets by name."""
    import boto3

    from scheduling.adapters.aws.parameters import Parameters

    config = ParametersConfig.from_env(os.environ)
    return Parameters(boto3.client("ssm"), config.prefix, config.domain_name)
