"""The real ports: each from its variables, when it is asked for, and none from more than that."""

import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from scheduling.access.links import LinkPurpose
from scheduling.core.config import ConfigError
from scheduling.wiring.deployed import DeployedPorts
from tests.fakes import START
from tests.unit.wiring.surroundings import VALUES, environment
from tests.world import ROOT

PORTS = sorted(
    name for name, each in vars(DeployedPorts).items() if isinstance(each, cached_property)
)
#: What a part needs of the environment, and no more than that.
NEEDS = {
    "table": {"TABLE_NAME"},
    "parameters": {"PARAMETERS_PREFIX"},
    "seal": {"SEALING_KEY_ARN"},
    "limits_factor": {"LIMITS_FACTOR"},
    "web_folder": {"WEB_DIR"},
    "catalogue": {"WEB_DIR"},
    "links": {"PARAMETERS_PREFIX"},
    "shares": {"TABLE_NAME"},
    "connections": {"TABLE_NAME", "SEALING_KEY_ARN"},
    "calendar": {"TABLE_NAME", "SEALING_KEY_ARN", "PARAMETERS_PREFIX", "GOOGLE_CLIENT_ID"},
    "revocation": {"GOOGLE_CLIENT_ID"},
    "chat": set(),
    "clock": set(),
    "metrics": set(),
    "consent_url": set(),
}


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("name", PORTS)
def test_every_part_is_built_from_what_the_template_gives(name: str) -> None:
    ports = DeployedPorts()
    assert getattr(ports, name) is getattr(ports, name)


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("name", sorted(NEEDS))
def test_a_part_needs_its_own_variables_and_names_one_that_is_missing(name: str) -> None:
    for variable in VALUES:
        if variable not in NEEDS[name]:
            os.environ.pop(variable)
    os.environ["DOMAIN_NAME"] = VALUES["DOMAIN_NAME"]
    getattr(DeployedPorts(), name)
    for variable in NEEDS[name]:
        value = os.environ.pop(variable)
        with pytest.raises(ConfigError, match=variable):
            getattr(DeployedPorts(), name)
        os.environ[variable] = value


@pytest.mark.usefixtures("deployed")
def test_links_lead_to_the_deployments_domain_and_are_read_by_who_serves_files() -> None:
    ports = DeployedPorts()
    assert ports.links.url("connect") == "https://calendar.example.com/connect"
    token = ports.links.token(LinkPurpose.INVITE_FILE, {"b": "1"}, START.replace(year=2099))
    assert ports.invite_file_links.read(LinkPurpose.INVITE_FILE, token, START) == {"b": "1"}


@pytest.mark.usefixtures("deployed")
def test_the_values_of_the_environment_reach_what_is_built_from_them() -> None:
    ports = DeployedPorts()
    assert ports.limits_factor == 2
    assert ports.table.name == "a-table"
    assert ports.web_folder == Path("web")
    assert ports.consent_url == "https://accounts.google.com/o/oauth2/v2/auth"
    os.environ["GOOGLE_AUTH_URL"] = "http://127.0.0.1:1/auth"
    assert DeployedPorts().consent_url == "http://127.0.0.1:1/auth"


#: What costs a cold start most; a function pays for what it uses.
SDKS = {"boto3", "botocore.client", "requests", "googleapiclient", "google.auth"}
DEAR = SDKS | {"icalendar", "jinja2"}


def loaded_after(program: str) -> set[str]:
    """Return the modules that a program has loaded."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules)"],
        env={**environment(), "PYTHONPATH": f"{ROOT}/shared:{ROOT}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_nothing_dear_is_imported_before_it_is_used() -> None:
    built = "from scheduling import wiring\nwiring.use_cases(); wiring.ports(); wiring.clock()"
    loaded = loaded_after(built)
    assert loaded & DEAR == set()
    adapters = {name for name in loaded if name.startswith("scheduling.adapters.")}
    assert adapters == {"scheduling.adapters.system_clock"}


def test_what_serves_files_loads_no_vendor() -> None:
    used: Any = "from functions.serve_invite import app\nfrom scheduling import wiring"
    loaded = loaded_after(f"{used}\nwiring.use_cases().ports.invite_file")
    assert "icalendar" in loaded
    assert loaded & DEAR == {"icalendar"}
