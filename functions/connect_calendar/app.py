"""Connect a host's calendar: the link, the state, and the page with its forms.

Routes: `POST v1/connect`, `GET v1/connection`, `POST v1/disconnect`, `GET` and
`PUT v1/preferences` for chat users;
`/connect...` for the browser that spent a link of `v1/connect`.
Errors: INVALID_REQUEST, UNAUTHENTICATED, TOO_MANY_REQUESTS, CHAT_UNAVAILABLE; pages for
INVALID_REQUEST, LINK_INVALID, NOT_ALLOWED.
Metrics: CalendarConnected, CalendarDisconnected, RevokeFailed, LimitReached.
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.connections.connect import ConsentOutcome, check_csrf
from scheduling.http import api, bodies, pages
from scheduling.http.bodies import ConnectRequest
from scheduling.http.forms import PreferenceForm
from scheduling.models import Purpose, Session
from scheduling.observability import entry_point

app = api.resolver(lambda app, error: wiring.pages().problem(app, error))


@app.post("/v1/connect")
def connect() -> Response[str]:
    """Give a one-time link to the page."""
    caller = wiring.callers().chat_user(app)
    return api.data(wiring.connecting().link(caller, ConnectRequest.read(api.body(app))))


@app.get("/v1/connection")
def connection() -> Response[str]:
    """Say whether a calendar is connected, and which."""
    return api.data(wiring.connecting().state(wiring.callers().chat_user(app)))


@app.post("/v1/disconnect")
def disconnect() -> Response[str]:
    """Disconnect the caller's calendar."""
    caller = wiring.callers().chat_user(app)
    return api.data(wiring.disconnecting().disconnect(caller.app_id, caller.uid, _deadline()))


@app.get("/v1/preferences")
def preferences() -> Response[str]:
    """Say how the caller wants to be booked."""
    return api.data(wiring.preferring().show(wiring.callers().chat_user(app)))


@app.put("/v1/preferences")
def prefer() -> Response[str]:
    """Keep how the caller wants to be booked, for shares made from now on."""
    caller = wiring.callers().chat_user(app)
    return api.data(wiring.preferring().change(caller, bodies.preferences(api.body(app))))


@app.get("/connect/<token>")
def landing(token: str) -> Response[str]:
    """Show the button that spends a link."""
    tenant = wiring.doorway().landing(Purpose.CONNECT, token)
    return wiring.pages().landing(app, tenant, "page.open.connect")


@app.post("/connect/<token>")
def spend(token: str) -> Response[str]:
    """Spend a link for a session, and lead to the page's clean address."""
    pages.require_own(app)
    session = wiring.doorway().open(Purpose.CONNECT, token)
    return pages.redirect("/connect", wiring.browsers().cookie(session))


@app.get("/connect")
def page() -> Response[str]:
    """Show the page."""
    session = _session()
    return _shown(session, wiring.preferring().form(session))


@app.post("/connect/google")
def consent() -> Response[str]:
    """Lead to Google's consent."""
    session, form = _posted()
    choose = form.get("account") == "choose"
    return pages.redirect(wiring.connecting().begin(session, choose=choose))


@app.post("/connect/confirm")
def confirm() -> Response[str]:
    """Take the last yes."""
    session, form = _posted()
    return _told(wiring.connecting().confirm(session, form.get("grant", ""), _deadline()))


@app.post("/connect/decline")
def decline() -> Response[str]:
    """Take the last no."""
    session, _ = _posted()
    return _told(wiring.connecting().decline(session, _deadline()))


@app.post("/connect/disconnect")
def disconnect_here() -> Response[str]:
    """Disconnect, at the second yes."""
    session, form = _posted()
    if form.get("sure") != "yes":
        return pages.redirect("/connect?disconnect=1")
    wiring.disconnecting().disconnect(session.app_id, session.person.uid, _deadline())
    return _told(ConsentOutcome.DISCONNECTED)


@app.post("/connect/preferences")
def prefer_here() -> Response[str]:
    """Keep when people may book; a form that cannot be kept is shown again."""
    session, posted = _posted()
    form = PreferenceForm.sent(posted)
    if form.wrong:
        return _shown(session, form)
    wiring.preferring().take(session, form)
    return _told(ConsentOutcome.PREFERRED)


def _deadline() -> datetime:
    return api.deadline(app, wiring.clock())


def _session() -> Session:
    return wiring.browsers().session(app.current_event, Purpose.CONNECT)


def _posted() -> tuple[Session, dict[str, str]]:
    session, form = _session(), pages.form(app)
    check_csrf(session, form.get("csrf", ""))
    return session, form


def _shown(session: Session, form: PreferenceForm) -> Response[str]:
    return wiring.pages().connect(app, wiring.connecting().view(session), form)


def _told(outcome: ConsentOutcome) -> Response[str]:
    return pages.redirect(f"/connect?outcome={outcome}")


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
