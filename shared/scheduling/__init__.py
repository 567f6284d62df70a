"""Calendar Scheduling for CometChat: share free times in a chat, book one, invite.

A request takes a straight way:
a function (`functions/<step>/app.py`) -> a use case -> a port -> an adapter.

Use cases: `connection`, `sharing`, `booking`, `outbox`, `reconcile`.
Rules without input or output: `times`, `ids`, `availability`, `invite`, `notice`, `links`.
Words: `errors`, `models`, `ports`, `requests`, `config`, `words`.
Edges: `api` and `pages` (HTTP), `adapters` (Google, CometChat, DynamoDB, KMS, SSM, .ics).
`wiring` joins them.
"""
