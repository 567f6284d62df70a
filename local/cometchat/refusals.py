"""How the emulator says no: `{"error": {"code", "message", "details"?}}`.

Codes are CometChat's published ones, and so are the statuses 400, 404 and 429 where public records
show them. What is not published is assumed: 401 for a caller who is not known (`AUTH_ERR_*`), 403
for one who may not, 500 for the server's own trouble. Clients are to branch on the code.

Source: CometChat's error guide (articles/error-guide), rest-api/conversations, read 2026-11.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

#: Each code with its status and its sentence.
_REFUSALS = {
    "AUTH_ERR_EMPTY_APPID": (401, "The appId is missing. Send it as a header."),
    "AUTH_ERR_INVALID_APPID": (401, "The app {app} does not exist in this region."),
    "AUTH_ERR_EMPTY_APIKEY": (401, "The apiKey is missing. Send it as a header."),
    "AUTH_ERR_APIKEY_NOT_FOUND": (401, "The apiKey does not exist. Please send a correct apiKey."),
    "AUTH_ERR_NO_ACCESS": (403, "This apiKey has no access to the API that was called."),
    "AUTH_ERR_EMPTY_AUTH_TOKEN": (401, "The authToken is missing. Send it as a header."),
    "AUTH_ERR_AUTH_TOKEN_NOT_FOUND": (401, "The authToken does not exist. Please log in again."),
    "ERR_API_NOT_FOUND": (404, "The API endpoint is invalid. Please verify the API call."),
    "ERR_BAD_REQUEST": (400, "Failed to validate the data sent with the request."),
    "ERR_TOO_MANY_REQUESTS": (429, "Too many requests. Please wait before the next one."),
    "ERR_MISSION_FAILED": (500, "The request could not be completed. Please try again."),
    "ERR_UID_ALREADY_EXISTS": (400, "The user with UID {uid} already exists."),
    "ERR_UID_NOT_FOUND": (
        404,
        "The UID {uid} does not exist, please make sure you have created a user with UID {uid}.",
    ),
    "ERR_GUID_NOT_FOUND": (
        404,
        "The GUID {guid} does not exist, please make sure you have created the group first.",
    ),
    "ERR_AUTH_TOKEN_NOT_FOUND": (404, "The user with UID {uid} has no such auth token."),
    "ERR_AUTHTOKEN_NOT_ACCESSIBLE": (403, "The auth token belongs to another user."),
    "ERR_CANNOT_BLOCK_SELF": (400, "The user with UID {uid} cannot block itself."),
    "ERR_BLOCKED_RECEIVER": (403, "The user with UID {uid} has blocked the receiver {other}."),
    "ERR_BLOCKED_SENDER": (403, "The user with UID {uid} is blocked by the receiver {other}."),
    "ERR_GROUP_NOT_JOINED": (
        403,
        "The user with UID {uid} has not joined the group with GUID {guid}.",
    ),
    "ERR_CONVERSATION_NOT_ACCESSIBLE": (
        403,
        "The conversation {conversation} is not accessible to the user with UID {uid}.",
    ),
    "ERR_MESSAGE_ID_NOT_FOUND": (404, "The message with id {message} does not exist."),
    "ERR_MESSAGE_NO_ACCESS": (403, "The user with UID {uid} has no access to message {message}."),
    "ERR_MESSAGE_NOT_A_SENDER": (403, "The user with UID {uid} did not send message {message}."),
    "ERR_MESSAGE_ACTION_NOT_ALLOWED": (400, "Message {message} cannot be edited or deleted."),
    "ERR_INVALID_RECEIVER_TYPE": (400, "The receiverType must be user or group."),
    "ERR_EMPTY_MESSAGE_CATEGORY": (400, "The category is missing."),
    "ERR_INVALID_MESSAGE_CATEGORY": (400, "The category must be message or custom."),
    "ERR_EMPTY_MESSAGE_TYPE": (400, "The type is missing."),
    "ERR_INVALID_MESSAGE_TYPE": (400, "The type does not fit the category."),
    "ERR_INVALID_MESSAGE_DATA": (400, "The data must be an object."),
    "ERR_EMPTY_MESSAGE_TEXT": (400, "The data.text of a text message cannot be empty."),
    "ERR_INVALID_MESSAGE_TEXT": (400, "The data.text must be a string."),
    "ERR_EMPTY_CUSTOM_DATA": (400, "The data.customData of a custom message cannot be empty."),
    "ERR_INVALID_CUSTOM_DATA": (400, "The data.customData must be a JSON object."),
    "ERR_INVALID_METADATA": (400, "The data.metadata must be a JSON object."),
}
#: What a status usually means, for faults that were given no body.
_USUAL_CODES = {
    400: "ERR_BAD_REQUEST",
    401: "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
    403: "AUTH_ERR_NO_ACCESS",
    404: "ERR_API_NOT_FOUND",
    429: "ERR_TOO_MANY_REQUESTS",
}


class Refusal(Exception):
    """An answer that is not a success.

    Args:
        code: One of CometChat's codes; it brings the status and the sentence.
        details: What is wrong with which field.
        facts: What the sentence names.
    """

    def __init__(
        self, code: str, *, details: Mapping[str, Sequence[str]] | None = None, **facts: object
    ) -> None:
        self.status, sentence = _REFUSALS[code]
        self.code = code
        self.error: dict[str, Any] = {"code": code, "message": sentence.format(**facts)}
        if details:
            self.error["details"] = {field: list(words) for field, words in details.items()}
        super().__init__(code)

    def answer(self) -> web.Response:
        """Make the response."""
        return web.json_response({"error": self.error}, status=self.status)


def invalid(**fields: str) -> Refusal:
    """Refuse a request for the sake of its fields, each with a sentence."""
    return Refusal("ERR_BAD_REQUEST", details={name: [why] for name, why in fields.items()})


def usual_body(_method_id: str, status: int) -> dict[str, Any]:
    """Say what CometChat would usually say with this status, for a fault without a body."""
    return {"error": Refusal(_USUAL_CODES.get(status, "ERR_MISSION_FAILED")).error}
