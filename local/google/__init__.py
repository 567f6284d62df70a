"""A strict emulator for Google: OAuth 2.0 for web server apps, and the Calendar API v3.

It refuses what Google refuses, with Google's words where they are known, so that a client that
works here has met the refusals of the real thing. Requests to the Calendar API are held against
Google's own discovery document; the rest follows Google's documentation and public logs.

What it does not do: no passwords, no second factor, no unverified-app screen, no admin policies,
no DPoP, no device or service accounts, no incremental consent across clients. Of the Calendar API
it has freeBusy and the events of primary calendars, one at a time or listed; all other methods, and
recurring events, attachments, sync tokens, search, batch and push channels, answer 501. Attendees
get neither mail nor a copy. Meet addresses lead nowhere, and a conference that is `pending` stays
so. There are no quotas; limits happen by faults. A revoked grant is dead at once, a deleted event's
id is taken for ever, and the same id never slips in twice, which Google does not promise.

What is strict beyond Google's word: an unknown name in the authorization address or in a query is
refused, and a code that was shown once is spent even if the rest of the request was wrong.

Addresses: `/o/oauth2/v2/auth`, `/token`, `/revoke`, `/oauth2/v1/certs` (PEM by key id),
`/oauth2/v3/certs` (JWKS), `/v1/userinfo`, `/tokeninfo`, `/calendar/v3/`. The client is
`local-client` with `local-secret`; the accounts are alice@ (Europe/Berlin), bob@ (Europe/Madrid)
and carol@example.com (America/New_York, a Workspace account).

The pages are plain forms: the chooser's field is `account`, an email address; the consent screen's
are `scope`, a box for each, and `action`, `continue` or `cancel`. Each has a hidden `flow`.

Faults (`local.faults`) know these names: `calendar.freebusy.query`,
`calendar.events.insert|get|list|patch|update|delete`, `oauth.auth`, `oauth.token`, `oauth.revoke`,
`oauth.certs`, `oauth.userinfo`, `oauth.tokeninfo`. What Google says of an account without a
calendar, of missing scopes, of an API that is not enabled and of what policies forbid is written as
it comes over the wire in `local.google.refusals`: a fault with that `body` plays it. Below
`/_control` is what no Google has:

* `GET log`, `DELETE log`: the API requests `{"requests": [{"at", "method", "verb", "path", "query",
  "body", "status", "fault"}]}`, without secrets. `status` is null when no answer was given.
* `POST events` `{"email", "summary"?, "start", "end", "transparency"?, "status"?, "attendees"?,
  "eventType"?}`: the owner adds an event by hand; a time is RFC 3339, a date, or an object as in
  the API. `GET events?email=` lists them all, `DELETE events?email=&id=` deletes one.
* `POST accounts` `{"email", "timeZone"?}`: one more person has an account, until `reset`.
* `POST revoke` `{"email"}`: the user takes all access back. `POST expire`: all access tokens die.
* `GET settings`, `POST settings` with any of `freeBusyLagSeconds`, `noneTicked` ("grant", "deny"),
  `accessTokenSeconds`, `refreshTokenSeconds`, `meet` ("success", "pending" or "failure"), and
  `timeZone` beside the `email` of the calendar that gets it.
* `POST reset`: everything, faults and settings too, is as it was at the start.
"""
