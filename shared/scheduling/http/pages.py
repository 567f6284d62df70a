"""Pages for people: Jinja2 templates from the web folder, with the headers that keep them theirs.

Everything is escaped by the templates; there is no inline script or style: the policy forbids both.
"""

import hmac
import re
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scheduling.connections.connect import ConsentOutcome, PageView
from scheduling.core.catalogue import Catalogue
from scheduling.core.errors import NotAllowed, SchedulingError
from scheduling.http import api
from scheduling.http.forms import PreferenceForm
from scheduling.http.refusals import STATUSES
from scheduling.models import Session, Tenant

#: Written from right to left.
_RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}

#: Browsers inside apps, which Google refuses as `disallowed_useragent`: Android's web view says
#: `wv`, Apple's leaves `Safari/` out, and well-known apps name themselves.
#: Source: "User-Agent Reduction on Android WebView", Android Developers Blog, read 2026-11.
_EMBEDDED = re.compile(
    r"; wv\)|AppleWebKit/(?!.* Safari/)|\bFB(?:AN|AV|_IAB)/|Instagram|\bLine/|MicroMessenger|"
    r"Snapchat|musical_ly|BytedanceWebview|LinkedInApp|KAKAOTALK|Electron/"
)

#: Where a form may come from; `none` is the person alone, as with a bookmark.
_OWN_SITES = {"same-origin", "none"}

_STATES = frozenset({"none", "connected", "reconnect", "pending"})
#: Where the page offers the form of preferences: a host is there, and a zone to open hours in.
_OFFERED_IN = frozenset({"connected", "reconnect"})
#: In which states of the page an outcome is told: anybody can make up an address that claims one.
_TOLD_IN: dict[str, frozenset[str]] = {
    **{each: _STATES for each in ConsentOutcome if each is not ConsentOutcome.PENDING},
    ConsentOutcome.CONNECTED: frozenset({"connected"}),
    ConsentOutcome.DECLINED: _STATES - {"pending"},
    ConsentOutcome.DISCONNECTED: frozenset({"none"}),
    ConsentOutcome.PREFERRED: _OFFERED_IN,
}
#: What is told in place of an outcome where it would deny the question that stands below it.
_BESIDE_A_QUESTION = {ConsentOutcome.STALE: "again"}


@dataclass(frozen=True)
class Pages:
    """Renders pages in the reader's language.

    Args:
        folder: has `pages/`.
        catalogue: of messages.
        version: of the assets, for their addresses.
        consent_url: Google's consent, whither our form leads by a redirect.
    """

    folder: Path
    catalogue: Catalogue
    version: str
    consent_url: str = ""

    @cached_property
    def _templates(self) -> Environment:
        return Environment(
            loader=FileSystemLoader(self.folder / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
        )

    def landing(self, app: APIGatewayHttpResolver, tenant: Tenant, heading: str) -> Response[str]:
        """Show a one-time link's page: one button, which spends the link."""
        return self._render(
            app,
            "open.html",
            app_name=tenant.name,
            heading_key=heading,
            embedded=heading == "page.open.connect" and _embedded(app),
        )

    def connect(
        self, app: APIGatewayHttpResolver, view: PageView, form: PreferenceForm
    ) -> Response[str]:
        """Show the connect page as it stands for this browser.

        Args:
            app: has the request.
            view: what there is to show.
            form: of the host's preferences; one that is wrong is shown again, with what was typed.
        """
        asked = app.current_event.query_string_parameters or {}
        if form.wrong or (asked.get("preferences") == "1" and view.state in _OFFERED_IN):
            return self._preferences(app, view, form)
        outcome = asked.get("outcome", "")
        known = outcome in _TOLD_IN and view.state in _TOLD_IN[outcome]
        connection, pending = view.connection, view.session.pending
        shown = pending or connection
        return self._render(
            app,
            "connect.html",
            app_name=view.tenant.name,
            person=view.session.person,
            state=view.state,
            email=shown.email if shown else "",
            time_zone=shown.time_zone if shown else "",
            connected_at=self._day(app, connection.connected_at) if connection else "",
            csrf=view.csrf,
            seen=view.seen,
            outcome=_words_of(outcome, view.state) if known else None,
            return_url=view.session.return_url,
            confirm_disconnect=asked.get("disconnect") == "1",
            embedded=_embedded(app),
            form=form,
        )

    def _preferences(
        self, app: APIGatewayHttpResolver, view: PageView, form: PreferenceForm
    ) -> Response[str]:
        return self._render(
            app,
            "preferences.html",
            HTTPStatus.BAD_REQUEST if form.wrong else HTTPStatus.OK,
            time_zone=view.connection.time_zone if view.connection else "",
            csrf=view.csrf,
            form=form,
        )

    def book(self, app: APIGatewayHttpResolver, session: Session) -> Response[str]:
        """Show the booking page: the same card as in a chat, on a page of its own."""
        return self._render(app, "book.html", share_id=session.share_id, person=session.person)

    def problem(self, app: APIGatewayHttpResolver, error: SchedulingError) -> Response[str]:
        """Show what went wrong, and the way on."""
        locale = self._locale(app)
        return self._render(
            app,
            "problem.html",
            status=STATUSES[error.code],
            heading_key=f"page.problem.{_problem_kind(error)}.heading",
            sentence=self.catalogue.translate(
                f"page.problem.{_problem_kind(error)}.sentence", locale
            ),
            way_on_key=f"page.problem.{_problem_kind(error)}.way_on",
        )

    def _render(
        self, app: APIGatewayHttpResolver, name: str, status: int = HTTPStatus.OK, **shown: Any
    ) -> Response[str]:
        locale = self._locale(app)

        def translate(key: str, **values: Any) -> str:
            return self.catalogue.translate(key, locale, **values)

        html = self._templates.get_template(name).render(
            t=translate,
            lang=locale,
            dir="rtl" if locale.split("-")[0] in _RIGHT_TO_LEFT else "ltr",
            assets=f"/assets/{self.version}",
            **shown,
        )
        return Response(
            status_code=status,
            content_type="text/html; charset=utf-8",
            body=html,
            headers=self._headers(),
        )

    def _headers(self) -> dict[str, str]:
        consent = urlsplit(self.consent_url)
        leads_to = f" {consent.scheme}://{consent.netloc}" if consent.netloc else ""
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            f" connect-src 'self'; form-action 'self'{leads_to};"
            " base-uri 'none'; frame-ancestors 'none'"
        )
        return {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Strict-Transport-Security": "max-age=63072000",
            "Cache-Control": "no-store",
        }

    def _locale(self, app: APIGatewayHttpResolver) -> str:
        return self.catalogue.preferred(app.current_event.headers.get("accept-language") or "")

    def _day(self, app: APIGatewayHttpResolver, instant: Any) -> str:
        return self.catalogue.day(instant, self._locale(app))


def _words_of(outcome: str, state: str) -> str:
    """Name the words of an outcome: a callback that came twice ends no question that is open."""
    beside = _BESIDE_A_QUESTION if state == "pending" else {}
    return beside.get(ConsentOutcome(outcome), outcome)


def _embedded(app: APIGatewayHttpResolver) -> bool:
    """Whether the page is shown inside another app, where Google lets nobody sign in."""
    return _EMBEDDED.search(app.current_event.headers.get("user-agent") or "") is not None


def _problem_kind(error: SchedulingError) -> str:
    status = STATUSES[error.code]
    if status in {HTTPStatus.GONE, HTTPStatus.FORBIDDEN}:
        return "link"
    if status == HTTPStatus.NOT_FOUND:
        return "missing"
    return "later" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "request"


def redirect(location: str, cookie: str | None = None) -> Response[str]:
    """Lead a browser on after a form, with a session's cookie if it has a new one."""
    headers: dict[str, str | list[str]] = {
        "Location": location,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    if cookie:
        headers["Set-Cookie"] = [cookie]
    return Response(status_code=HTTPStatus.SEE_OTHER, body="", headers=headers)


def require_own(app: APIGatewayHttpResolver) -> None:
    """Take a form only from a page of ours, as far as the browser says whose page it was.

    It guards the button of a one-time link, which has no session yet that a CSRF token could be of.
    `Origin` would not do: under our referrer policy it is `null` from our own pages too.
    Source: https://www.w3.org/TR/fetch-metadata/ (`Sec-Fetch-Site`), read 2026-11.

    Raises:
        NotAllowed: another site sent it.
    """
    if (app.current_event.headers.get("sec-fetch-site") or "none") not in _OWN_SITES:
        raise NotAllowed("This form was not sent by our page.")


def form(app: APIGatewayHttpResolver) -> dict[str, str]:
    """Return the fields of a posted form; raises as `require_own` does."""
    require_own(app)
    return dict(parse_qsl(api.raw_body(app.current_event), keep_blank_values=True))


def require_csrf(session: Session, sent: str) -> None:
    """Take a form only from a page of this session.

    Raises:
        NotAllowed: the form was not ours.
    """
    if not hmac.compare_digest(session.derived("csrf").encode(), sent.encode()):
        raise NotAllowed("This form was not sent by our page.")
