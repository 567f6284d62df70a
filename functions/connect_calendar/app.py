"""Connect a host's calendar: the link, the state, and the page with its forms.

Routes: `POST v1/connect`, `GET v1/connection`, `POST v1/disconnect`, `GET` and
`PUT v1/preferences` for chat users;
`/connect...` for the browser that spent a link of `v1/connect`.
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from scheduling import wiring
from scheduling.connections.connect import ConsentOutcome
from scheduling.http import answers, api, bodies, pages
from scheduling.http.forms import PreferenceForm
from scheduling.models import Caller, Purpose, Session
from scheduling.observability import entry_point

app = api.resolver(lambda: wiring.use_cases().pages)


@app.post("/v1/connect")
def connect() -> Response[str]:
    """Make a one-time link to the page."""
    caller, return_url = _chat_user(), bodies.return_url(api.body(app))
    return answers.link("connectUrl", wiring.use_cases().connector.link(caller, return_url))


@app.get("/v1/connection")
def connection() -> Response[str]:
    """Say whether a calendar is connected, and which."""
    return answers.connection(wiring.use_cases().connector.connection(_chat_user()))


@app.post("/v1/disconnect")
def disconnect() -> Response[str]:
    """Disconnect the caller's calendar."""
    caller = _chat_user()
    wiring.use_cases().disconnector.disconnect(caller.app_id, caller.uid, _deadline())
    return answers.connection(None)


@app.get("/v1/preferences")
def preferences() -> Response[str]:
    """Say how the caller wants to be booked."""
    caller = _chat_user()
    return answers.preferences(wiring.use_cases().preference_editor.get(caller.app_id, caller.uid))


@app.put("/v1/preferences")
def replace_preferences() -> Response[str]:
    """Keep how the caller wants to be booked, for shares made from now on."""
    caller, wanted = _chat_user(), bodies.preferences(api.body(app))
    editor = wiring.use_cases().preference_editor
    return answers.preferences(editor.replace(caller.app_id, caller.uid, wanted))


@app.get("/connect/<token>")
def landing(token: str) -> Response[str]:
    """Show the button that spends a link."""
    tenant = wiring.use_cases().one_time_links.landing(Purpose.CONNECT, token)
    return wiring.use_cases().pages.landing(app, tenant, "page.open.connect")


@app.post("/connect/<token>")
def redeem(token: str) -> Response[str]:
    """Spend a link for a session, and lead to the page's clean address."""
    pages.require_own(app)
    session = wiring.use_cases().one_time_links.redeem(Purpose.CONNECT, token)
    return pages.redirect("/connect", wiring.use_cases().session_cookies.cookie(session))


@app.get("/connect")
def page() -> Response[str]:
    """Show the page."""
    session = _session()
    kept = wiring.use_cases().preference_editor.get(session.app_id, session.person.uid)
    return _shown(session, PreferenceForm.of(kept))


@app.post("/connect/google")
def consent() -> Response[str]:
    """Lead to Google's consent."""
    session, form = _posted()
    choose = form.get("account") == "choose"
    return pages.redirect(wiring.use_cases().connector.begin(session, choose=choose))


@app.post("/connect/confirm")
def confirm() -> Response[str]:
    """Take the final confirmation."""
    session, form = _posted()
    connector = wiring.use_cases().connector
    return _back(connector.confirm(session, form.get("grant", ""), _deadline()))


@app.post("/connect/decline")
def decline() -> Response[str]:
    """Take the final refusal."""
    session, _ = _posted()
    return _back(wiring.use_cases().connector.decline(session, _deadline()))


@app.post("/connect/disconnect")
def disconnect_here() -> Response[str]:
    """Disconnect, once it is confirmed."""
    session, form = _posted()
    if form.get("sure") != "yes":
        return pages.redirect("/connect?disconnect=1")
    disconnector = wiring.use_cases().disconnector
    disconnector.disconnect(session.app_id, session.person.uid, _deadline())
    return _back(ConsentOutcome.DISCONNECTED)


@app.post("/connect/preferences")
def replace_preferences_here() -> Response[str]:
    """Keep when people may book; a form that cannot be kept is shown again."""
    session, posted = _posted()
    form = PreferenceForm.sent(posted)
    if form.wrong:
        return _shown(session, form)
    editor = wiring.use_cases().preference_editor
    editor.replace(session.app_id, session.person.uid, form.preferences())
    return _back(ConsentOutcome.PREFERRED)


def _chat_user() -> Caller:
    return wiring.use_cases().authenticator.authenticate_chat_user(app)


def _deadline() -> datetime:
    return api.deadline(app, wiring.clock())


def _session() -> Session:
    return wiring.use_cases().session_cookies.session(app.current_event, Purpose.CONNECT)


def _posted() -> tuple[Session, dict[str, str]]:
    session, form = _session(), pages.form(app)
    pages.require_csrf(session, form.get("csrf", ""))
    return session, form


def _shown(session: Session, form: PreferenceForm) -> Response[str]:
    view = wiring.use_cases().connector.view(session)
    return wiring.use_cases().pages.connect(app, view, form)


def _back(outcome: ConsentOutcome) -> Response[str]:
    return pages.redirect(f"/connect?outcome={outcome}")


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer API Gateway."""
    return api.resolve(app, event, context)
