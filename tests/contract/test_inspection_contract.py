"""An operator's questions, asked of the emulators; and Google's own page of errors, as observed."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from local.cometchat.seed import AUTH_ONLY_KEYS
from local.cometchat.server import create_app as create_cometchat
from local.google.server import create_app as create_google
from scheduling.adapters.aws.parameters import Parameters
from scheduling.adapters.inspection import VendorInspection
from scheduling.core.config import ChatConfig, GoogleConfig
from scheduling.core.errors import CalendarUnavailable, ChatUnavailable
from scheduling.models import AppId, Secret, Tenant, Uid
from scheduling.ports.operations import Refusal
from tests.emulators.serving import served

pytestmark = pytest.mark.contract

TENANT = Tenant(AppId("local"), "us", "Local App", Secret("local-api-key"))
GOOGLE_CLIENT = ("local-client", "local-secret")
NOWHERE = "http://127.0.0.1:9"
#: What a front that is ours says to a call without a token.
OURS = {"error": {"code": "UNAUTHENTICATED", "message": "-"}}


class Values:
    """Stands for SSM's client."""

    def __init__(self, **values: str) -> None:
        self._values = {name.replace("_", "-"): value for name, value in values.items()}

    def get_parameters(self, *, Names: list[str], WithDecryption: bool) -> Any:  # noqa: N803
        assert WithDecryption
        (name,) = Names
        return {"Parameters": [{"Value": self._values[name.rpartition("/")[2]]}]}


def front_of(request: web.Request) -> web.Response:
    """Serve fronts: ours, and others that are not."""
    answers = {
        "ours": web.json_response(OURS, status=401),
        "other": web.json_response({"message": "Not Found"}, status=404),
        "page": web.Response(text="<html>", content_type="text/html"),
    }
    return answers[request.match_info["kind"]]


def page_of_errors(request: web.Request) -> web.Response:
    """Send a browser away as Google does: to its sign-in, or to its page of errors."""
    code = request.match_info["code"]
    if code == "fine":
        return web.Response(status=302, headers={"Location": "/v3/signin/identifier?x=y"})
    heard = base64.urlsafe_b64encode(b"\x0a\x15" + code.encode() + b"\x12\x04Read").decode()
    to = f"/signin/oauth/error?authError={heard.rstrip('=')}&client_id=x"
    return web.Response(status=302, headers={"Location": to})


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    def make(_: str) -> web.Application:
        async def front(request: web.Request) -> web.Response:
            return front_of(request)

        async def errors(request: web.Request) -> web.Response:
            return page_of_errors(request)

        app = web.Application()
        app.router.add_get("/front/{kind}/v1/connection", front)
        app.router.add_get("/auth/{code}", errors)
        return app

    with served(make) as address:
        yield address


@pytest.fixture(scope="module")
def google(elsewhere: str) -> Iterator[str]:
    registered = [f"{elsewhere}/front/ours/oauth/callback"]
    with served(lambda address: create_google(address, registered)) as address:
        yield address


@pytest.fixture(scope="module")
def chat() -> Iterator[str]:
    with served(lambda _: create_cometchat()) as address:
        yield f"{address}/v3"


def inspection(
    front: str,
    google: str = NOWHERE,
    chat: str = NOWHERE,
    client: tuple[str, str] = GOOGLE_CLIENT,
    auth_url: str = "",
) -> VendorInspection:
    client_id, secret = client
    return VendorInspection(
        GoogleConfig(
            client_id=client_id,
            token_url=f"{google}/token",
            auth_url=auth_url or f"{google}/o/oauth2/v2/auth",
        ),
        ChatConfig(api_url=chat),
        Parameters(Values(base_url=front, google_client_secret=secret), "/p"),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"notice_uid": Uid("nobody-at-all")}, "ERR_UID_NOT_FOUND"),
        ({"api_key": Secret("wrong")}, "AUTH_ERR_APIKEY_NOT_FOUND"),
        ({"api_key": Secret(AUTH_ONLY_KEYS["local"])}, "AUTH_ERR_NO_ACCESS"),
        ({"app_id": AppId("unknown")}, "AUTH_ERR_INVALID_APPID"),
    ],
)
def test_cometchat_takes_the_key_or_says_why_not(
    chat: str, change: dict[str, Any], code: str | None
) -> None:
    refusal = inspection("", chat=chat).chat_refusal(replace(TENANT, **change))
    assert (refusal and refusal.code) == code
    assert refusal is None or refusal.words


@pytest.mark.parametrize("address", [NOWHERE, "elsewhere"])
def test_who_is_not_cometchat_has_nothing_against_a_key(address: str, elsewhere: str) -> None:
    chat = elsewhere if address == "elsewhere" else address
    with pytest.raises(ChatUnavailable):
        inspection("", chat=chat).chat_refusal(TENANT)


@pytest.mark.parametrize(
    ("client", "refusal"),
    [
        (GOOGLE_CLIENT, None),
        (
            ("local-client", "wrong"),
            Refusal("invalid_client", "The provided client secret is invalid."),
        ),
        (("unknown", "x"), Refusal("invalid_client", "The OAuth client was not found.")),
    ],
)
def test_google_takes_the_client_or_says_why_not(
    google: str, elsewhere: str, client: tuple[str, str], refusal: Refusal | None
) -> None:
    asked = inspection(f"{elsewhere}/front/ours", google, client=client)
    assert asked.client_refusal() == refusal


def test_a_redirect_uri_that_is_not_registered_is_found(google: str, elsewhere: str) -> None:
    assert inspection(f"{elsewhere}/front/ours", google).redirect_refusal() is None
    refusal = inspection(f"{elsewhere}/front/other", google).redirect_refusal()
    assert refusal == Refusal("redirect_uri_mismatch")


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("fine", None),
        ("redirect_uri_mismatch", "redirect_uri_mismatch"),
        ("deleted_client", "deleted_client"),
        ("disabled_client", "disabled_client"),
        ("something_new", "status 302"),
    ],
)
def test_googles_page_of_errors_is_read(elsewhere: str, page: str, code: str | None) -> None:
    asked = inspection("https://here.test", auth_url=f"{elsewhere}/auth/{page}")
    refusal = asked.redirect_refusal()
    assert (refusal and refusal.code) == code


def test_where_google_is_silent_nothing_is_said_of_it() -> None:
    asked = inspection("https://here.test")
    with pytest.raises(CalendarUnavailable):
        asked.client_refusal()
    with pytest.raises(CalendarUnavailable):
        asked.redirect_refusal()


@pytest.mark.parametrize(
    ("front", "answers"),
    [("/front/ours", True), ("/front/other", False), ("/front/page", False), ("", False)],
)
def test_only_our_own_front_answers_as_ours_does(
    elsewhere: str,
    front: str,
    answers: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    asked = inspection(f"{elsewhere}{front}" if front else NOWHERE)
    assert asked.front_answers() is answers
