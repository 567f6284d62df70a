"""A strict emulator for CometChat: the chat API of a server, and of a user's client.

It answers below `/v3` and `/v3.0`, tells the app by the header `appId` or by the host, a server by
`apikey` (with `onBehalfOf` for a user) and a client by `authToken`, and refuses what CometChat
refuses, with its codes. Facts follow CometChat's public documents and public records of the live
API; `refusals` and `composing` say where a document is silent and what is assumed.

Clients hear of messages and receipts over a websocket (`sockets`), or ask for what is newer by `GET
messages?affix=append&id=<last>`.

What it does not do: no push, webhooks, extensions, moderation, bots or calls; no threads,
reactions, mentions, pins or tags of conversations; no message to `multipleReceivers`, no
`interactive` or `card` category, no files. Users cannot be changed, deactivated or deleted, groups
cannot be made, joined or left, conversations cannot be deleted. Tokens cannot be updated, and
`force` changes nothing: each call makes a new one. Nothing survives the process.

What is strict beyond CometChat's word: an unknown field of a body or name in a query is refused,
since it would be ignored in silence; a body must say that it is JSON; 10 KB of `data` are 10,000
bytes with the entities that the server adds; a list without `limit` has 10 messages; tags are shown
only by `withTags=true` and by `GET messages/{id}`. As at CometChat, `muid` is echoed and never
recognised: the same one twice makes two messages. The conversation of a group is not accessible
before its first message.

The apps are `local` (keys `local-api-key`, and `local-auth-key`, which may only create users and
tokens) with alice, bob, carol, dave and the group `team` of the first three, and `other`
(`other-api-key`) with another alice; both in region us, both with `app_system`.

Faults (`local.faults`) know these names: `messages.send|list|get|edit|delete`,
`users.me|get|list|create|block|unblock|blocked`, `auth_tokens.create|get|list|delete`,
`groups.get|members|conversation`, `users.conversation`,
`conversations.list|read|unread|delivered`, `settings.get`. A fault of status 429 gets CometChat's
headers unless it brings its own. Below `/_control` is what no CometChat has:

* `GET log`, `DELETE log`: the API requests `{"requests": [{"at", "method", "app", "verb", "path",
  "query", "onBehalfOf", "body", "status", "fault"}]}`. `status` is null when no answer was given.
* `GET messages?app=`: all messages of an app with their tags, `{"data": [...]}`.
* `POST users` `{"app", "uid", "name", "groups"?}` or a list of these: adds people, all or none.
* `POST reset`: everything, faults too, is as it was at the start.
"""
