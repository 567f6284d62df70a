"""The endpoints of users, their auth tokens and their blocks."""

import json
from typing import Any

from local.cometchat.callers import Call
from local.cometchat.composing import check_tags, conversation_of
from local.cometchat.paging import PAGE_QUERY, page_of
from local.cometchat.refusals import Refusal, invalid
from local.cometchat.store import ChatApp, Token, User

Answer = dict[str, Any]
_TEXTS = {"avatar", "link", "role", "statusMessage"}
_FIELDS = _TEXTS | {"uid", "name", "metadata", "tags", "withAuthToken"}
_LARGEST_METADATA_BYTES = 5_000


async def list_all(call: Call) -> Answer:
    """`GET /users`: page by page; `searchKey` is the beginning of a uid or a name."""
    query = call.query(PAGE_QUERY | {"searchKey"})
    sought = query.get("searchKey", [""])[-1].lower()
    found = [
        user.as_json()
        for user in call.app.users.values()
        if user.uid.startswith(sought) or user.name.lower().startswith(sought)
    ]
    return page_of(found, query)


async def create(call: Call) -> Answer:
    """`POST /users`."""
    body = await call.body(_FIELDS)
    extras = {name: value for name, value in body.items() if name not in {"uid", "name"}}
    with_token = extras.pop("withAuthToken", False)
    if not isinstance(with_token, bool):
        raise invalid(withAuthToken="The withAuthToken field must be true or false.")
    for name in _TEXTS & extras.keys():
        if not isinstance(extras[name], str):
            raise invalid(**{name: f"The {name} must be a string."})
    check_tags(extras.get("tags", []))
    metadata = extras.get("metadata", {})
    size = len(json.dumps(metadata, ensure_ascii=False).encode())
    if not isinstance(metadata, dict) or size > _LARGEST_METADATA_BYTES:
        raise invalid(
            metadata=f"The metadata must be an object of {_LARGEST_METADATA_BYTES} bytes."
        )
    user = call.app.add_user(body.get("uid"), body.get("name"), **extras)
    shown = user.as_json()
    if with_token:
        shown["authToken"] = call.app.issue_token(user.uid).value
    return {"data": shown}


async def get(call: Call) -> Answer:
    """`GET /users/{uid}`: for a user also what stands between the two."""
    user = _named(call)
    shown = user.as_json()
    if call.uid is not None and call.uid != user.uid:
        shown |= relation(call.app, call.uid, user.uid)
    return {"data": shown}


async def create_token(call: Call) -> Answer:
    """`POST /users/{uid}/auth_tokens`: always a new one."""
    user = _named(call)
    body = await call.body({"force"})
    if not isinstance(body.get("force", False), bool):
        raise invalid(force="The force field must be true or false.")
    return {"data": call.app.issue_token(user.uid).as_json()}


async def list_tokens(call: Call) -> Answer:
    """`GET /users/{uid}/auth_tokens`: newest first."""
    tokens = reversed(call.app.tokens_of(_named(call).uid))
    return page_of([token.as_json() for token in tokens], call.query(PAGE_QUERY))


async def get_token(call: Call) -> Answer:
    """`GET /users/{uid}/auth_tokens/{token}`."""
    return {"data": _token(call).as_json()}


async def delete_tokens(call: Call) -> Answer:
    """`DELETE /users/{uid}/auth_tokens`: all of them."""
    user = _named(call)
    for token in call.app.tokens_of(user.uid):
        call.app.drop_token(token.value)
    sentence = f"All auth tokens of the user with UID {user.uid} have been deleted."
    return {"data": {"success": True, "message": sentence}}


async def delete_token(call: Call) -> Answer:
    """`DELETE /users/{uid}/auth_tokens/{token}`."""
    token = _token(call)
    call.app.drop_token(token.value)
    sentence = f"An auth token of the user with UID {token.uid} has been deleted."
    return {"data": {"success": True, "message": sentence}}


async def list_blocked(call: Call) -> Answer:
    """`GET /users/{uid}/blockedusers`: those whom the user has blocked.

    The REST API documents no `direction`, which the SDKs have, and shows this one alone.
    """
    user = _named(call)
    found = [
        other.as_json() | between
        for other in call.app.users.values()
        if "blockedByMe" in (between := relation(call.app, user.uid, other.uid))
    ]
    return page_of(found, call.query(PAGE_QUERY))


async def block(call: Call) -> Answer:
    """`POST /users/{uid}/blockedusers`: one result for each of the `blockedUids`."""
    return await _change_blocks(call, "blocked")


async def unblock(call: Call) -> Answer:
    """`DELETE /users/{uid}/blockedusers`: one result for each of the `blockedUids`."""
    return await _change_blocks(call, "unblocked")


async def _change_blocks(call: Call, verb: str) -> Answer:
    user = _named(call)
    uids = (await call.body({"blockedUids"})).get("blockedUids")
    if not isinstance(uids, list) or not uids or not all(isinstance(uid, str) for uid in uids):
        raise invalid(blockedUids="The blockedUids must be a list of UIDs.")
    change = _block if verb == "blocked" else _unblock
    results: dict[str, Any] = {}
    for uid in dict.fromkeys(uid.lower() for uid in uids):
        sentence = f"The user with UID {user.uid} has {verb} the user with UID {uid}."
        try:
            change(call.app, user.uid, uid)
            results[uid] = {"success": True, "message": sentence}
        except Refusal as refusal:
            results[uid] = {"success": False, "error": refusal.error}
    return {"data": results}


def _block(app: ChatApp, me: str, other: str) -> None:
    if me == other:
        raise Refusal("ERR_CANNOT_BLOCK_SELF", uid=me)
    app.blocks.setdefault((me, app.user(other).uid), app.now())


def _unblock(app: ChatApp, me: str, other: str) -> None:
    app.blocks.pop((me, app.user(other).uid), None)


def _named(call: Call) -> User:
    return call.app.user(call.path("uid"))


def _token(call: Call) -> Token:
    user, token = _named(call), call.app.token(call.path("token"))
    if token is None:
        raise Refusal("ERR_AUTH_TOKEN_NOT_FOUND", uid=user.uid)
    if token.uid != user.uid:
        raise Refusal("ERR_AUTHTOKEN_NOT_ACCESSIBLE")
    return token


def relation(app: ChatApp, me: str, other: str) -> dict[str, Any]:
    """Say what a profile tells a viewer about the two: their conversation, who has blocked whom."""
    found: dict[str, Any] = {"conversationId": conversation_of(me, other)}
    if at := app.blocks.get((me, other)):
        found |= {"blockedByMe": True, "blockedByMeAt": at, "blockedAt": at}
    if at := app.blocks.get((other, me)):
        found |= {"hasBlockedMe": True, "hasBlockedMeAt": at, "blockedAt": at}
    return found
