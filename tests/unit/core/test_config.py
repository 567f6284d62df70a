"""The environment: read as the template gives it, what is missing is named, nothing is shown."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scheduling.core import config
from scheduling.core.config import (
    ChatConfig,
    ConfigError,
    GoogleConfig,
    LimitsConfig,
    ParametersConfig,
    SealConfig,
    TableConfig,
    WebConfig,
)
from tests.world import ROOT

GIVEN = {
    "TABLE_NAME": "the-table",
    "SEALING_KEY_ARN": "arn:aws:kms:eu-west-1:123456789012:key/k",
    "PARAMETERS_PREFIX": "/calendar-scheduling",
    "GOOGLE_CLIENT_ID": "client.apps.googleusercontent.com",
    "WEB_DIR": "/opt",
    "LIMITS_FACTOR": "250",
}
#: What a part of the configuration needs of the environment.
PARTS: dict[Any, str] = {
    TableConfig: "TABLE_NAME",
    SealConfig: "SEALING_KEY_ARN",
    ParametersConfig: "PARAMETERS_PREFIX",
    GoogleConfig: "GOOGLE_CLIENT_ID",
    WebConfig: "WEB_DIR",
    LimitsConfig: "LIMITS_FACTOR",
}
#: What may be empty: a deployment without a domain of its own.
OPTIONAL = {ParametersConfig: {"DOMAIN_NAME"}}
#: Other hosts of vendors: the local run and tests give these, the template never.
OTHER_HOSTS = {
    "GOOGLE_AUTH_URL": "auth_url",
    "GOOGLE_TOKEN_URL": "token_url",
    "GOOGLE_REVOKE_URL": "revoke_url",
    "GOOGLE_CERTS_URL": "certs_url",
    "GOOGLE_CALENDAR_URL": "calendar_url",
    "COMETCHAT_API_URL": "api_url",
    "COMETCHAT_CLIENT_URL": "client_url",
}


class Seen(dict[str, str]):
    """An environment that notes what it is asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)


def test_every_value_is_read_from_its_variable() -> None:
    assert TableConfig.from_env(GIVEN) == TableConfig("the-table")
    assert SealConfig.from_env(GIVEN) == SealConfig((GIVEN["SEALING_KEY_ARN"],))
    assert ParametersConfig.from_env(GIVEN) == ParametersConfig("/calendar-scheduling")
    own = GIVEN | {"DOMAIN_NAME": "calendar.example.com"}
    assert ParametersConfig.from_env(own).domain_name == "calendar.example.com"
    assert WebConfig.from_env(GIVEN) == WebConfig(Path("/opt"))
    assert GoogleConfig.from_env(GIVEN) == GoogleConfig(GIVEN["GOOGLE_CLIENT_ID"])
    assert LimitsConfig.from_env(GIVEN) == LimitsConfig(250)
    assert ChatConfig.from_env({}) == ChatConfig()


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_read_but_what_the_template_or_the_local_run_gives(part: Any) -> None:
    environ = Seen(GIVEN)
    part.from_env(environ)
    assert PARTS[part] in environ.names
    assert environ.names - set(OTHER_HOSTS) == {PARTS[part]} | OPTIONAL.get(part, set())


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("empty", [False, True], ids=["absent", "empty"])
def test_a_missing_variable_is_named_and_no_value_is_shown(part: Any, *, empty: bool) -> None:
    environ = {name: value for name, value in GIVEN.items() if name != PARTS[part]}
    if empty:
        environ[PARTS[part]] = ""
    with pytest.raises(ConfigError) as refusal:
        part.from_env(environ)
    assert str(refusal.value) == f"missing environment variables: {PARTS[part]}"
    assert not any(value in str(refusal.value) for value in environ.values() if value)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "²", "1e3"])
def test_a_factor_that_is_no_whole_number_from_1_on_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        LimitsConfig.from_env({"LIMITS_FACTOR": text})
    assert str(refusal.value) == "not a whole number from 1 on: LIMITS_FACTOR"


def test_without_other_hosts_the_vendors_own_are_asked() -> None:
    google, chat = GoogleConfig.from_env(GIVEN), ChatConfig.from_env(GIVEN)
    for name in ("auth_url", "token_url", "revoke_url", "certs_url", "calendar_url"):
        address = str(getattr(google, name))
        assert address.startswith("https://")
        assert address.split("/")[2].endswith((".google.com", ".googleapis.com"))
    for address in (chat.api_url, chat.client_url):
        assert address.startswith("https://{app_id}.")
        assert address.split("/")[2].endswith("-{region}.cometchat.io")


@pytest.mark.parametrize("variable", OTHER_HOSTS)
def test_another_host_takes_the_place_of_the_vendors_own_and_of_no_other(variable: str) -> None:
    environ = GIVEN | {variable: "http://127.0.0.1:9/"}
    part: Any = GoogleConfig if variable.startswith("GOOGLE") else ChatConfig
    plain, changed = part.from_env(GIVEN), part.from_env(environ)
    differing = [name for name in vars(plain) if getattr(plain, name) != getattr(changed, name)]
    assert differing == [OTHER_HOSTS[variable]]
    assert getattr(changed, OTHER_HOSTS[variable]) == "http://127.0.0.1:9/"


def test_what_functions_need_is_what_the_configuration_can_read() -> None:
    needed = {name for names in config.FUNCTIONS.values() for name in names}
    assert needed == set(PARTS.values()).union(*OPTIONAL.values())
    assert all({"TABLE_NAME", "PARAMETERS_PREFIX"} <= names for names in config.FUNCTIONS.values())


def test_the_environment_is_read_in_wiring_alone() -> None:
    readers, package = set(), ROOT / "shared" / "scheduling"
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
                readers.add(path.relative_to(package).parts[0])
    assert readers == {"wiring"}
