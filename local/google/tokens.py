"""The token endpoint and what hangs on it: revocation, keys, userinfo, tokeninfo.

Sources: "Using OAuth 2.0 for Web Server Applications" for parameters and answers; public logs of
live answers for the sentences, which Google does not document.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from aiohttp import web

from local.google.accounts import Client
from local.google.auth_request import ISSUER
from local.google.grants import AuthorizationCode, Token
from local.google.refusals import Refusal, json_answer, oauth_refusal, unauthenticated
from local.google.scopes import EMAIL, PROFILE, expand, in_token_order
from local.google.signing import access_token_hash, base64url
from local.google.world import World

_FORM_TYPE = "application/x-www-form-urlencoded"
_ID_TOKEN_SECONDS = 3600
_NOT_STORED = {"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate"}
_CACHED = {"Cache-Control": "public, max-age=21600, must-revalidate, no-transform"}
_DEAD_TOKEN = "Token has been expired or revoked."


class Tokens:
    """`/token`, `/revoke`, the certificates, userinfo and tokeninfo."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, app: web.Application) -> None:
        """Add the endpoints; `/token` and `/revoke` are not found by any verb but POST."""
        app.router.add_post("/token", self.token)
        app.router.add_post("/revoke", self.revoke)
        app.router.add_get("/oauth2/v1/certs", self.certificates)
        app.router.add_get("/oauth2/v3/certs", self.key_set)
        app.router.add_get("/v1/userinfo", self.userinfo)
        app.router.add_get("/tokeninfo", self.tokeninfo)
        app.router.add_route("*", "/token", _not_found)
        app.router.add_route("*", "/revoke", _not_found)

    async def token(self, request: web.Request) -> web.Response:
        """Exchange a code, or refresh."""
        form = await _read_form(request)
        grant_type = form.get("grant_type", "")
        if grant_type not in {"authorization_code", "refresh_token"}:
            raise oauth_refusal(400, "unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        client = self._client(request, form)
        answer = (
            self._exchange(form, client)
            if grant_type == "authorization_code"
            else self._refresh(form, client)
        )
        return json_answer(answer, headers=_NOT_STORED)

    async def revoke(self, request: web.Request) -> web.Response:
        """End the whole grant behind a token of either kind."""
        secret = (await _read_form(request)).get("token") or request.query.get("token")
        if not secret:
            raise oauth_refusal(400, "invalid_request", "Missing required parameter: token")
        grants = self._world.grants
        token = grants.access_token(secret) or grants.refresh_token(secret)
        if token is None:
            raise oauth_refusal(400, "invalid_token", "Token expired or revoked")
        grants.end(token.email, token.client_id)
        return json_answer({})

    async def certificates(self, _request: web.Request) -> web.Response:
        """Return the certificates by key id, as google-auth wants them."""
        return json_answer(self._world.signing_key.pem_map(), headers=_CACHED)

    async def key_set(self, _request: web.Request) -> web.Response:
        """Return the JSON Web Key Set."""
        return json_answer(self._world.signing_key.jwks(), headers=_CACHED)

    async def userinfo(self, request: web.Request) -> web.Response:
        """Tell who the bearer is, as far as the scopes go."""
        secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = self._world.grants.access_token(secret)
        if token is None or "openid" not in token.scopes:
            raise unauthenticated(token_sent=bool(secret))
        return json_answer(self._person(token))

    async def tokeninfo(self, request: web.Request) -> web.Response:
        """Explain a token, all values as strings."""
        now = self._world.now()
        token = self._world.grants.access_token(request.query.get("access_token", ""))
        if token is not None and token.expires_at is not None:
            claims = {
                "azp": token.client_id,
                "aud": token.client_id,
                "scope": in_token_order(token.scopes),
                "exp": int(token.expires_at.timestamp()),
                "expires_in": int((token.expires_at - now).total_seconds()),
                "access_type": token.access_type,
                **self._person(token),
            }
        else:
            claims = self._world.signing_key.verify(request.query.get("id_token", "")) or {}
        if not claims or claims["exp"] <= now.timestamp():
            raise oauth_refusal(400, "invalid_token", "Invalid Value")
        return json_answer({name: _as_text(value) for name, value in claims.items()})

    def _client(self, request: web.Request, form: dict[str, str]) -> Client:
        client_id, secret = form.get("client_id"), form.get("client_secret")
        if request.headers.get("Authorization", "").startswith("Basic "):
            client_id, secret = _read_basic(request.headers["Authorization"])
        if not client_id:
            raise oauth_refusal(
                400, "invalid_request", "Could not determine client ID from request."
            )
        client = self._world.clients.get(client_id)
        if client is None:
            raise oauth_refusal(401, "invalid_client", "The OAuth client was not found.")
        if not secret:
            raise oauth_refusal(400, "invalid_request", "client_secret is missing.")
        if not hmac.compare_digest(secret.encode(), client.secret.encode()):
            raise oauth_refusal(401, "invalid_client", "The provided client secret is invalid.")
        return client

    def _exchange(self, form: dict[str, str], client: Client) -> dict[str, Any]:
        secret = _needed(form, "code")
        redirect_uri = _needed(form, "redirect_uri")
        if not secret.startswith("4/"):
            raise oauth_refusal(400, "invalid_grant", "Malformed auth code.")
        # Whoever shows a code has spent it, also when the rest does not fit.
        code = self._world.grants.spend_code(secret)
        if code is None or code.client_id != client.client_id:
            raise oauth_refusal(400, "invalid_grant", "Bad Request")
        if code.redirect_uri != redirect_uri:
            raise oauth_refusal(400, "redirect_uri_mismatch", "Bad Request")
        _check_verifier(code, form.get("code_verifier"))
        answer = self._access(code.email, client, code.scopes, code.access_type, code.nonce)
        if code.brings_refresh_token:
            lifetime = self._world.settings.refresh_token_seconds
            expires_at = self._world.now() + timedelta(seconds=lifetime) if lifetime else None
            answer["refresh_token"] = self._world.grants.add_refresh_token(
                Token(code.email, client.client_id, code.scopes, "offline", expires_at)
            )
        return answer

    def _refresh(self, form: dict[str, str], client: Client) -> dict[str, Any]:
        token = self._world.grants.refresh_token(_needed(form, "refresh_token"))
        if token is None:
            raise oauth_refusal(400, "invalid_grant", _DEAD_TOKEN)
        if token.client_id != client.client_id:
            raise oauth_refusal(401, "unauthorized_client", "Unauthorized")
        scopes = token.scopes
        if form.get("scope"):
            scopes = frozenset(expand(form["scope"].split()))
        if not scopes <= token.scopes:
            raise oauth_refusal(400, "invalid_scope", "Bad Request")
        return self._access(token.email, client, scopes, "offline", None)

    def _access(
        self,
        email: str,
        client: Client,
        scopes: frozenset[str],
        access_type: str,
        nonce: str | None,
    ) -> dict[str, Any]:
        now, lifetime = self._world.now(), self._world.settings.access_token_seconds
        token = Token(
            email, client.client_id, scopes, access_type, now + timedelta(seconds=lifetime)
        )
        secret = self._world.grants.add_access_token(token)
        answer: dict[str, Any] = {
            "access_token": secret,
            "expires_in": lifetime,
            "scope": in_token_order(scopes),
            "token_type": "Bearer",
        }
        if "openid" in scopes:
            issued_at = int(now.timestamp())
            claims = {
                "iss": ISSUER,
                "azp": client.client_id,
                "aud": client.client_id,
                **self._person(token),
                "at_hash": access_token_hash(secret),
                **({"nonce": nonce} if nonce is not None else {}),
                "iat": issued_at,
                "exp": issued_at + _ID_TOKEN_SECONDS,
            }
            answer["id_token"] = self._world.signing_key.sign(claims)
        return answer

    def _person(self, token: Token) -> dict[str, Any]:
        """Tell of the user what the token's scopes allow."""
        account = self._world.accounts[token.email]
        person: dict[str, Any] = {"sub": account.sub}
        if EMAIL in token.scopes:
            person |= {"email": account.email, "email_verified": True}
        if account.hosted_domain:
            person["hd"] = account.hosted_domain
        if PROFILE in token.scopes:
            given, _, family = account.name.partition(" ")
            person |= {"name": account.name, "given_name": given, "family_name": family}
        return person


def _check_verifier(code: AuthorizationCode, verifier: str | None) -> None:
    if code.challenge is None:
        if verifier:
            raise oauth_refusal(400, "invalid_grant", "code_verifier or verifier is not needed.")
        return
    if not verifier:
        raise oauth_refusal(400, "invalid_grant", "Missing code verifier.")
    digest = base64url(hashlib.sha256(verifier.encode()).digest())
    shown = digest if code.challenge_method == "S256" else verifier
    if not hmac.compare_digest(shown.encode(), code.challenge.encode()):
        raise oauth_refusal(400, "invalid_grant", "Invalid code verifier.")


def _needed(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise oauth_refusal(400, "invalid_request", f"Missing required parameter: {name}")
    return form[name]


async def _read_form(request: web.Request) -> dict[str, str]:
    """Read a form body; any other type of body counts as no form at all."""
    if request.content_type != _FORM_TYPE:
        return {}
    pairs = parse_qsl((await request.read()).decode(errors="replace"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        name = next(name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1)
        raise oauth_refusal(
            400, "invalid_request", f"OAuth 2 parameters can only have a single value: {name}"
        )
    return form


def _read_basic(header: str) -> tuple[str, str]:
    try:
        pair = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
    except ValueError:
        return "", ""
    client_id, _, secret = pair.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _not_found(_request: web.Request) -> web.Response:
    raise Refusal(404, {"error": "Not Found"})
