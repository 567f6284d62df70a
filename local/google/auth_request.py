"""The strict reading of what an app puts into the address of the authorization endpoint.

Source: "Using OAuth 2.0 for Web Server Applications", the parameter table, and the OpenID Connect
reference for `nonce` and `hd`. Google does not document that it refuses names it does not know;
this emulator does, because a misspelled name would otherwise go unnoticed.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from multidict import MultiMapping

from local.google.accounts import Client
from local.google.scopes import SIGN_IN, expand

ISSUER = "https://accounts.google.com"
_KNOWN = frozenset(
    {"client_id", "redirect_uri", "response_type", "scope", "state", "prompt", "login_hint"}
    | {"access_type", "include_granted_scopes", "enable_granular_consent", "nonce", "hd", "hl"}
    | {"authuser", "code_challenge", "code_challenge_method"}
)
_PROMPTS = frozenset({"none", "consent", "select_account"})
_ALLOWED = {
    "access_type": ("online", "offline"),
    "include_granted_scopes": ("true", "false"),
    "enable_granular_consent": ("true", "false"),
    "code_challenge_method": ("S256", "plain"),
}
_CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}", re.ASCII)


class Blocked(Exception):
    """Google shows an error page and tells the app nothing.

    Args:
        code: Google's word for it, for example `redirect_uri_mismatch`.
        sentence: What the page says.
        number: The number the page shows beside the word.
    """

    def __init__(self, code: str, sentence: str, number: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.number = number


@dataclass(frozen=True)
class AuthRequest:
    """A request that was found to be in order."""

    client: Client
    redirect_uri: str
    #: Written out, each once, in the order asked.
    scopes: tuple[str, ...]
    state: str | None
    access_type: str
    include_granted: bool
    prompts: frozenset[str]
    login_hint: str | None
    nonce: str | None
    challenge: str | None
    challenge_method: str

    @property
    def sign_in_scopes(self) -> list[str]:
        """The scopes that need no box."""
        return [scope for scope in self.scopes if scope in SIGN_IN]

    @property
    def api_scopes(self) -> list[str]:
        """The scopes that give an app something to do."""
        return [scope for scope in self.scopes if scope not in SIGN_IN]

    def redirect_with(self, parameters: Mapping[str, str | None]) -> str:
        """Make the address that takes the browser back to the app."""
        answer = {"state": self.state} | dict(parameters)
        query = urlencode({name: value for name, value in answer.items() if value is not None})
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{query}"


def read_auth_request(
    query: MultiMapping[str], clients: Mapping[str, Client], known_scopes: Collection[str]
) -> AuthRequest:
    """Read the query of the authorization endpoint.

    Raises:
        Blocked: Anything about it is not in order.
    """
    values = _single_values(query)
    client = clients.get(_needed(values, "client_id"))
    if client is None:
        raise Blocked("invalid_client", "The OAuth client was not found.", 401)
    redirect_uri = _needed(values, "redirect_uri")
    if redirect_uri not in client.redirect_uris:
        raise Blocked(
            "redirect_uri_mismatch",
            "The redirect URI in the request does not match the ones authorized for the OAuth "
            f"client: {redirect_uri}",
        )
    if _needed(values, "response_type") != "code":
        raise Blocked("unsupported_response_type", "Only response_type=code is known here.")
    for name, allowed in _ALLOWED.items():
        if name in values and values[name] not in allowed:
            raise Blocked("invalid_request", f"Invalid parameter value for {name}.")
    scopes = tuple(expand(_needed(values, "scope").split(" ")))
    if unknown := [scope for scope in scopes if scope not in SIGN_IN and scope not in known_scopes]:
        raise Blocked("invalid_scope", f"Some requested scopes were invalid: {unknown}")
    _check_challenge(values)
    return AuthRequest(
        client=client,
        redirect_uri=redirect_uri,
        scopes=scopes,
        state=values.get("state"),
        access_type=values.get("access_type", "online"),
        include_granted=values.get("include_granted_scopes") == "true",
        prompts=_prompts(values.get("prompt", "")),
        login_hint=values.get("login_hint"),
        nonce=values.get("nonce"),
        challenge=values.get("code_challenge"),
        challenge_method=values.get("code_challenge_method", "plain"),
    )


def _single_values(query: MultiMapping[str]) -> dict[str, str]:
    for name in query:
        if name not in _KNOWN:
            raise Blocked("invalid_request", f"Parameter not allowed for this message type: {name}")
        if len(query.getall(name)) > 1:
            raise Blocked(
                "invalid_request", f"OAuth 2 parameters can only have a single value: {name}"
            )
    return dict(query.items())


def _needed(values: Mapping[str, str], name: str) -> str:
    if not values.get(name):
        raise Blocked("invalid_request", f"Required parameter is missing: {name}")
    return values[name]


def _check_challenge(values: Mapping[str, str]) -> None:
    challenge = values.get("code_challenge")
    if challenge is None and "code_challenge_method" in values:
        raise Blocked("invalid_request", "code_challenge_method needs a code_challenge.")
    if challenge is not None and not _CHALLENGE.fullmatch(challenge):
        raise Blocked("invalid_request", "Invalid parameter value for code_challenge.")


def _prompts(text: str) -> frozenset[str]:
    prompts = frozenset(text.split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise Blocked("invalid_request", f"Invalid parameter value for prompt: {text}")
    return prompts
