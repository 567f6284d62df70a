"""The authorization endpoint: account chooser, consent screen, and back to the app.

The pages are plain forms, so a script can walk them too:

* `POST /o/oauth2/v2/auth/account` with `flow` and `account` (an email address) leads to the
  consent screen at `GET /o/oauth2/v2/auth/consent?flow=`, or past it.
* `POST /o/oauth2/v2/auth/consent` with `flow`, `scope` (once for each ticked box) and `action`
  (`continue` or `cancel`) leads back to the app.

All three accounts count as signed in. `login_hint` skips the chooser unless `prompt` holds
`select_account`. A box that is shown and left empty is not granted, even if it was granted before.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web

from local.google.accounts import Account
from local.google.auth_request import ISSUER, AuthRequest, Blocked, read_auth_request
from local.google.grants import CODE_LIFETIME, AuthorizationCode
from local.google.pages import render
from local.google.scopes import SIGN_IN, in_callback_order
from local.google.world import World

PATH = "/o/oauth2/v2/auth"
_FLOW_LIFETIME = timedelta(hours=1)
_ACTIONS = ("continue", "cancel")


@dataclass(frozen=True)
class Flow:
    """A request on its way through the pages."""

    id: str
    request: AuthRequest
    started_at: datetime
    account: Account | None = None


class Authorization:
    """The pages between an app's link and its callback."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._flows: dict[str, Flow] = {}

    def add_routes(self, app: web.Application) -> None:
        """Add the endpoint and the targets of its forms."""
        app.router.add_get(PATH, self.start, allow_head=False)
        app.router.add_get(f"{PATH}/account", self.show_chooser, allow_head=False)
        app.router.add_post(f"{PATH}/account", self.choose_account)
        app.router.add_get(f"{PATH}/consent", self.show_consent, allow_head=False)
        app.router.add_post(f"{PATH}/consent", self.decide)

    async def start(self, request: web.Request) -> web.Response:
        """Check the app's link; then ask who it is, unless that is clear."""
        world = self._world
        try:
            asked = read_auth_request(request.query, world.clients, world.contract.scopes)
        except Blocked as blocked:
            return _blocked_page(blocked)
        hinted = world.account(asked.login_hint) if asked.login_hint else None
        if "none" in asked.prompts:
            return self._without_pages(asked, hinted)
        flow = Flow(secrets.token_urlsafe(24), asked, world.now(), hinted)
        self._flows[flow.id] = flow
        if hinted is None or "select_account" in asked.prompts:
            return self._chooser(flow)
        return self._consent_or_callback(flow)

    async def show_chooser(self, request: web.Request) -> web.Response:
        """Show the accounts again, to somebody who wants another one."""
        flow = self._flow(request.query.get("flow", ""))
        return _stale_page() if flow is None else self._chooser(flow)

    async def choose_account(self, request: web.Request) -> web.Response:
        """Take the choice of an account."""
        form = await request.post()
        flow = self._flow(str(form.get("flow", "")))
        account = self._world.accounts.get(str(form.get("account", "")))
        if flow is None or account is None:
            return _stale_page()
        self._flows[flow.id] = flow = replace(flow, account=account)
        return self._consent_or_callback(flow)

    async def show_consent(self, request: web.Request) -> web.Response:
        """Show what the app asks for."""
        flow = self._flow(request.query.get("flow", ""))
        if flow is None or flow.account is None:
            return _stale_page()
        listed, boxes = self._listed_and_boxes(flow)
        sentences = SIGN_IN | self._world.contract.scopes
        return render(
            "consent",
            flow=flow,
            listed=[sentences[scope] for scope in listed],
            boxes=[(scope, sentences[scope]) for scope in boxes],
            had=[sentences[scope] for scope in self._kept(flow) if scope not in SIGN_IN],
        )

    async def decide(self, request: web.Request) -> web.Response:
        """Take the answer to the consent screen."""
        form = await request.post()
        flow = self._flow(str(form.get("flow", "")))
        ticked = {str(scope) for scope in form.getall("scope", [])}
        if flow is None or flow.account is None or form.get("action") not in _ACTIONS:
            return _stale_page()
        listed, boxes = self._listed_and_boxes(flow)
        if not ticked <= set(boxes):
            return _stale_page()
        del self._flows[flow.id]
        denied = bool(boxes) and not ticked and self._world.settings.none_ticked == "deny"
        granted = {*listed, *self._kept(flow), *ticked}
        if form["action"] == "cancel" or denied or not granted:
            return _go(flow.request.redirect_with({"error": "access_denied"}))
        grants, client_id = self._world.grants, flow.request.client.client_id
        untouched = grants.granted(flow.account.email, client_id) - set(flow.request.scopes)
        grants.grant(flow.account.email, client_id, untouched | granted)
        return self._callback(flow.request, flow.account, frozenset(granted), "consent")

    def _without_pages(self, asked: AuthRequest, account: Account | None) -> web.Response:
        """Answer `prompt=none`: a code at once, or why not."""
        if account is None:
            error = "login_required" if asked.login_hint else "interaction_required"
        elif set(asked.scopes) <= self._granted(asked, account):
            return self._callback(asked, account, frozenset(asked.scopes), "none")
        else:
            error = "consent_required"
        return _go(asked.redirect_with({"error": error}))

    def _chooser(self, flow: Flow) -> web.Response:
        everyone = self._world.accounts.values()
        accounts = sorted(everyone, key=lambda account: account != flow.account)
        return render("chooser", flow=flow, accounts=accounts)

    def _consent_or_callback(self, flow: Flow) -> web.Response:
        asked, account = flow.request, flow.account
        if account is None:
            return _stale_page()
        if "consent" in asked.prompts or not set(asked.scopes) <= self._granted(asked, account):
            return _go(f"{PATH}/consent?flow={flow.id}", status=303)
        del self._flows[flow.id]
        return self._callback(asked, account, frozenset(asked.scopes), "none")

    def _callback(
        self, asked: AuthRequest, account: Account, scopes: frozenset[str], prompt: str
    ) -> web.Response:
        """Hand out a code. Only a consent that was seen brings a refresh token."""
        world = self._world
        if asked.include_granted:
            scopes |= self._granted(asked, account)
        code = world.grants.add_code(
            AuthorizationCode(
                email=account.email,
                client_id=asked.client.client_id,
                redirect_uri=asked.redirect_uri,
                scopes=scopes,
                challenge=asked.challenge,
                challenge_method=asked.challenge_method,
                nonce=asked.nonce,
                brings_refresh_token=asked.access_type == "offline" and prompt == "consent",
                access_type=asked.access_type,
                expires_at=world.now() + CODE_LIFETIME,
            )
        )
        answer = {
            "iss": ISSUER,
            "code": code,
            "scope": in_callback_order(scopes),
            "authuser": str(list(world.accounts).index(account.email)),
            "hd": account.hosted_domain,
            "prompt": prompt,
        }
        return _go(asked.redirect_with(answer))

    def _listed_and_boxes(self, flow: Flow) -> tuple[list[str], list[str]]:
        """Split what is asked into what is listed only and what has a box.

        A lone API scope without sign-in scopes has no box: the buttons are choice enough.
        """
        kept = self._kept(flow)
        boxes = [scope for scope in flow.request.api_scopes if scope not in kept]
        if len(boxes) == 1 and len(flow.request.scopes) == 1:
            return boxes, []
        return flow.request.sign_in_scopes, boxes

    def _kept(self, flow: Flow) -> list[str]:
        """List what was granted before and is not asked again."""
        if "consent" in flow.request.prompts or flow.account is None:
            return []
        granted = self._granted(flow.request, flow.account)
        return [scope for scope in flow.request.scopes if scope in granted]

    def _granted(self, asked: AuthRequest, account: Account) -> frozenset[str]:
        return self._world.grants.granted(account.email, asked.client.client_id)

    def _flow(self, flow_id: str) -> Flow | None:
        flow = self._flows.get(flow_id)
        if flow and flow.started_at + _FLOW_LIFETIME < self._world.now():
            del self._flows[flow_id]
            return None
        return flow


def _go(address: str, status: int = 302) -> web.Response:
    return web.Response(status=status, headers={"Location": address, "Cache-Control": "no-store"})


def _blocked_page(blocked: Blocked) -> web.Response:
    return render("blocked", status=400, blocked=blocked)


def _stale_page() -> web.Response:
    sentence = "This sign-in has ended or its form is incomplete. Start again from the app."
    return _blocked_page(Blocked("invalid_request", sentence))
