"""Whether all is set up, told in sentences that say what to do."""

from collections.abc import Callable

import pytest

from scheduling.models import AppId, Secret, Tenant, Uid
from scheduling.operations.diagnose import Diagnostics, Finding
from scheduling.ports.operations import Refusal
from tests.fakes import FakeInspection, FakeParameters

ALL = ("base-url", "google-client-secret", "signing-keys", "calendar-key")
APP = Tenant(AppId("app"), "eu", "Test App", Secret("a-key"), notice_uid=Uid("bot"))


def diagnostics(inspection: FakeInspection | None = None, *lacking: str) -> Diagnostics:
    values = {name: Secret("hidden") for name in ALL if name not in lacking}
    return Diagnostics(FakeParameters(values), inspection or FakeInspection())


def wrong(findings: list[Finding]) -> list[str]:
    return [each.sentence for each in findings if not each.good]


def test_where_all_is_set_up_each_thing_that_was_looked_at_is_named() -> None:
    findings = diagnostics().deployment()
    assert wrong(findings) == []
    assert len(findings) == 4
    assert len({each.sentence for each in findings}) == 4


@pytest.mark.parametrize("name", ALL)
def test_without_a_secret_or_the_address_nobody_else_is_asked(name: str) -> None:
    (finding,) = diagnostics(FakeInspection(google_silent=True), name).deployment()
    assert not finding.good
    assert name in finding.sentence


def of_client(code: str) -> FakeInspection:
    return FakeInspection(client=Refusal(code))


def of_redirect(code: str) -> FakeInspection:
    return FakeInspection(redirect=Refusal(code))


@pytest.mark.parametrize(
    ("refused", "code", "remedy"),
    [
        (of_client, "invalid_client", "compare"),
        (of_client, "deleted_client", "within 30 days"),
        (of_client, "unauthorized_client", "Web application"),
        (of_client, "brand_new_code", "look this up"),
        (of_redirect, "redirect_uri_mismatch", "https://here.test/oauth/callback"),
        (of_redirect, "invalid_client", "compare"),
    ],
)
def test_what_google_has_against_us_is_told_with_what_to_do(
    refused: Callable[[str], FakeInspection], code: str, remedy: str
) -> None:
    (sentence,) = wrong(diagnostics(refused(code)).deployment())
    assert f"Google says {code}" in sentence
    assert remedy in sentence


def test_silence_is_no_refusal() -> None:
    silent = FakeInspection(google_silent=True)
    assert all("does not answer" in each for each in wrong(diagnostics(silent).deployment()))
    assert "does not answer" in wrong(diagnostics(FakeInspection(front=False)).deployment())[0]
    finding = diagnostics(FakeInspection(chat_silent=True)).app(APP)
    assert "CometChat does not answer for this app in the region eu" in finding.sentence


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("AUTH_ERR_NO_ACCESS", "REST API Key"),
        ("AUTH_ERR_APIKEY_NOT_FOUND", "API & Auth Keys"),
        ("AUTH_ERR_INVALID_APPID", "--region"),
        ("ERR_UID_NOT_FOUND", "--notice-uid"),
        ("ERR_BRAND_NEW", "look this up"),
    ],
)
def test_what_cometchat_has_against_an_app_is_told_with_what_to_do(code: str, remedy: str) -> None:
    refusal = FakeInspection(chat={"app": Refusal(code, "In its words.")})
    finding = diagnostics(refusal).app(APP)
    assert not finding.good
    assert finding.sentence.startswith("app (Test App): ")
    assert remedy in finding.sentence


def test_an_app_that_is_set_up_is_told_who_signs_its_notices() -> None:
    finding = diagnostics().app(APP)
    assert finding.good
    assert "bot signs notices" in finding.sentence


def test_no_secret_is_told() -> None:
    found = [*diagnostics().deployment(), diagnostics().app(APP)]
    assert not any("hidden" in each.sentence or "a-key" in each.sentence for each in found)
