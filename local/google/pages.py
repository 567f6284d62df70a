"""The pages people see: account chooser, consent screen, errors, and a look at a calendar.

They work without JavaScript and load nothing.
"""

from typing import Any

from aiohttp import web
from jinja2 import DictLoader, Environment, StrictUndefined

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %} - Google emulator</title>
<style>
  :root { color-scheme: light dark; --ink: #1f1f1f; --soft: #5f6368; --card: #fff; --back: #f0f4f9;
    --line: #c7cdd4; --deed: #0b57d0; --on-deed: #fff }
  @media (prefers-color-scheme: dark) { :root { --ink: #e3e3e3; --soft: #a8adb4; --card: #1e1f20;
    --back: #111213; --line: #53575c; --deed: #a8c7fa; --on-deed: #062e6f } }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--back); color: var(--ink);
    font: 16px/1.5 system-ui, sans-serif }
  main { max-width: 30rem; margin: 4rem auto 1rem; padding: 2.25rem; background: var(--card);
    border-radius: 1.5rem }
  h1 { margin: 0 0 .5rem; font-size: 1.6rem; font-weight: 500; line-height: 1.25 }
  h2 { margin: 1.5rem 0 .25rem; font-size: 1rem; font-weight: 600 }
  p { margin: .5rem 0 } .soft, footer { color: var(--soft); font-size: .9rem }
  ul { margin: .25rem 0; padding-left: 1.25rem }
  button { font: inherit; cursor: pointer }
  .account { display: block; width: 100%; padding: .8rem .5rem; border: 0; text-align: left;
    border-bottom: 1px solid var(--line); background: none; color: inherit }
  .account:hover, .box:hover { background: var(--back) }
  .account small { display: block; color: var(--soft) }
  .box { display: flex; gap: .8rem; padding: .8rem .5rem; border-bottom: 1px solid var(--line);
    cursor: pointer }
  .box input { flex: none; width: 1.15rem; height: 1.15rem; margin: .2rem 0 0 }
  .deeds { display: flex; gap: .75rem; justify-content: flex-end; margin-top: 2rem }
  .deeds button { padding: .55rem 1.5rem; border-radius: 2rem; border: 1px solid var(--line);
    background: none; color: var(--deed) }
  .deeds .main { background: var(--deed); border-color: var(--deed); color: var(--on-deed) }
  :focus-visible { outline: 3px solid var(--deed); outline-offset: 2px }
  a { color: var(--deed) }
  code { overflow-wrap: anywhere }
  footer { max-width: 30rem; margin: 0 auto 3rem; padding: 0 2.25rem }
  @media (max-width: 34rem) { main { margin-top: 0; border-radius: 0; min-height: 80vh } }
</style>
</head>
<body>
<main>{% block main %}{% endblock %}</main>
<footer>A local emulator for Google. No real account is involved.</footer>
</body>
</html>
"""

_CHOOSER = """{% extends "frame" %}
{% block title %}Choose an account{% endblock %}
{% block main %}
<h1>Choose an account</h1>
<p>to continue to <strong>{{ flow.request.client.name }}</strong></p>
<form method="post" action="/o/oauth2/v2/auth/account">
<input type="hidden" name="flow" value="{{ flow.id }}">
{% for account in accounts %}
<button class="account" name="account" value="{{ account.email }}"
  {%- if account == flow.account %} autofocus{% endif %}>
{{ account.name }}<small>{{ account.email }}</small></button>
{% endfor %}
</form>
{% endblock %}
"""

_CONSENT = """{% extends "frame" %}
{% block title %}Grant access{% endblock %}
{% block main %}
<h1>{{ flow.request.client.name }} wants access to your Google Account</h1>
<p class="soft">{{ flow.account.name }}, {{ flow.account.email }}
(<a href="/o/oauth2/v2/auth/account?flow={{ flow.id }}">use another account</a>)</p>
<form method="post" action="/o/oauth2/v2/auth/consent">
<input type="hidden" name="flow" value="{{ flow.id }}">
{% if listed %}<h2>{{ flow.request.client.name }} will be able to</h2>
<ul>{% for sentence in listed %}<li>{{ sentence }}</li>{% endfor %}</ul>{% endif %}
{% if had %}<h2>It already has some access</h2>
<ul>{% for sentence in had %}<li>{{ sentence }}</li>{% endfor %}</ul>{% endif %}
{% if boxes %}<h2 id="boxes">Select what {{ flow.request.client.name }} can access</h2>
<div role="group" aria-labelledby="boxes">
{% for scope, sentence in boxes %}
<label class="box"><input type="checkbox" name="scope" value="{{ scope }}" autocomplete="off">
<span>{{ sentence }}</span></label>
{% endfor %}
</div>{% endif %}
<p class="soft">You can take access back at any time in your Google Account.</p>
<div class="deeds">
<button name="action" value="cancel">Cancel</button>
<button class="main" name="action" value="continue">Continue</button>
</div>
</form>
{% endblock %}
"""

_BLOCKED = """{% extends "frame" %}
{% block title %}Error {{ blocked.number }}{% endblock %}
{% block main %}
<h1>Access blocked: Authorization Error</h1>
<p>{{ blocked.sentence }}</p>
<p class="soft">Error {{ blocked.number }}: <code>{{ blocked.code }}</code></p>
{% endblock %}
"""

_CALENDAR = """{% extends "frame" %}
{% block title %}{{ account.name }}{% endblock %}
{% block main %}
<h1>{{ account.name }}'s calendar</h1>
<p class="soft">{{ account.email }}, {{ time_zone }}</p>
{% for event in events %}
<h2>{{ event.get('summary') or "(No title)" }}</h2>
<p>{{ event.start.get('dateTime') or event.start.date }} to
{{ event.end.get('dateTime') or event.end.date }}
{% if event.status == "cancelled" %}<strong>cancelled</strong>{% endif %}</p>
{% else %}
<p>Nothing is planned.</p>
{% endfor %}
{% endblock %}
"""

_PAGES = Environment(
    loader=DictLoader(
        {
            "frame": _FRAME,
            "chooser": _CHOOSER,
            "consent": _CONSENT,
            "blocked": _BLOCKED,
            "calendar": _CALENDAR,
        }
    ),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


def render(page: str, *, status: int = 200, **words: Any) -> web.Response:
    """Make the answer that shows a page."""
    text = _PAGES.get_template(page).render(**words)
    return web.Response(status=status, text=text, content_type="text/html", headers=_HEADERS)
