"""What CometChat says when it refuses, and what that means: one table of its codes.

Codes and not statuses, as those of authentication errors are not documented.
Source: https://www.cometchat.com/docs/articles/error-guide, every code of it, and codes that its
SDK and API are known for beside it (`ERR_UID_ALREADY_EXISTS`, `ERR_GUID_ALREADY_EXISTS`); 2026-11.
"""

from collections.abc import Mapping
from enum import Enum, auto


class Meaning(Enum):
    """What a refusal of CometChat's means here."""

    #: CometChat's own trouble: it passes.
    TRY_AGAIN = auto()
    #: Too much at once; it passes.
    SLOW_DOWN = auto()
    #: The app's key, its plan or its region: the operator's to mend, and what is owed waits for it.
    OPERATOR = auto()
    #: The token by which we were to be known is nobody's.
    NOBODY = auto()
    #: The token that was looked up is not there, or another's.
    NO_SUCH_TOKEN = auto()
    #: There is no such user, or a deactivated one.
    USER_GONE = auto()
    #: There is no such group.
    GROUP_GONE = auto()
    #: The user is not in the group.
    NOT_A_MEMBER = auto()
    #: One of two users has blocked the other.
    BLOCKED = auto()
    #: There is nothing at that address of that host.
    NO_SUCH_ADDRESS = auto()
    #: What was asked will never be done.
    REFUSED = auto()
    #: A code that is not in the table: nothing was learnt, and no message was taken.
    UNKNOWN = auto()


_CODES = {
    Meaning.TRY_AGAIN: (
        "ERR_MISSION_FAILED ERR_OPERATION_FAILED ERR_EXCEPTION ERR_BAD_ERROR_RESPONSE"
        " ERR_AUTH_TOKEN_DELETE_FAILED ERR_AUTH_TOKENS_DELETE_FAILED ERR_ROLE_DELETE_FAILED"
        " ERR_UID_DELETE_FAILED ERR_GROUP_DELETE_FAILED ERR_MEMBER_DELETE_FAILED"
        " ERR_MEMBER_SCOPE_CHANGE_FAILED ERR_MEMBER_BAN_FAILED ERR_MEMBER_UNBAN_FAILED"
        " ERR_USER_MESSAGE_DELETE_FAILED ERR_FAILED_TO_ADD_FRIEND"
        " ERR_WS_INIT_FAILED ERR_WS_APP_INIT_FAILED ERR_WS_APP_DESTROY_FAILED"
        " ERR_WS_ROLE_CREATION_FAILED ERR_WS_ROLE_DELETION_FAILED ERR_WS_USER_CREATION_FAILED"
        " ERR_WS_USER_UPDATION_FAILED ERR_WS_GROUP_CREATION_FAILED ERR_WS_GROUP_DELETION_FAILED"
        " ERR_WS_GROUP_JOIN_FAILED"
    ),
    Meaning.SLOW_DOWN: "ERR_TOO_MANY_REQUESTS",
    Meaning.OPERATOR: (
        "AUTH_ERR_EMPTY_APPID AUTH_ERR_INVALID_APPID AUTH_ERR_EMPTY_APIKEY"
        " AUTH_ERR_APIKEY_NOT_FOUND AUTH_ERR_NO_ACCESS AUTH_ERR_EMPTY_AUTH_HEADER"
        " ERR_APIKEY_NOT_FOUND ERR_APIKEY_NO_SELF_ACTION"
        " ERR_PLAN_RESTRICTION ERR_SUBSCRIPTION_EXPIRED ERR_PLAN_QUOTA_RESTRICTION"
    ),
    Meaning.NOBODY: "AUTH_ERR_EMPTY_AUTH_TOKEN AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
    Meaning.NO_SUCH_TOKEN: (
        "ERR_AUTH_TOKEN_NOT_FOUND ERR_AUTHTOKEN_UNAVAILABLE ERR_AUTHTOKEN_NOT_ACCESSIBLE"
    ),
    Meaning.USER_GONE: "ERR_UID_NOT_FOUND ERR_BOT_NOT_FOUND",
    Meaning.GROUP_GONE: "ERR_GUID_NOT_FOUND",
    Meaning.NOT_A_MEMBER: (
        "ERR_NOT_A_MEMBER ERR_GROUP_NOT_JOINED ERR_BANNED_GROUPMEMBER ERR_GROUP_JOIN_NOT_ALLOWED"
        " ERR_CONVERSATION_NOT_ACCESSIBLE ERR_CONVERSATION_NOT_FOUND"
    ),
    Meaning.BLOCKED: "ERR_BLOCKED_RECEIVER ERR_BLOCKED_SENDER",
    Meaning.NO_SUCH_ADDRESS: "ERR_API_NOT_FOUND ERR_INVALID_API_VERSION",
    Meaning.REFUSED: (
        "ERR_BAD_REQUEST ERR_UID_ALREADY_EXISTS ERR_GUID_ALREADY_EXISTS ERR_BOT_ALREADY_EXISTS"
        " ERR_ROLE_NOT_FOUND ERR_ROLE_DELETE_DENIED"
        " ERR_EMPTY_GROUP_PASS ERR_WRONG_GROUP_PASS ERR_ALREADY_JOINED ERR_NO_VACANCY"
        " ERR_SAME_SCOPE ERR_NOT_A_BANNED_USER ERR_ALREADY_BANNED ERR_GROUP_NO_CLEARANCE"
        " ERR_GROUP_NO_ADMIN_SCOPE ERR_GROUP_NO_MODERATOR_SCOPE ERR_GROUP_NO_SCOPE_CLEARANCE"
        " ERR_GROUP_NO_SELF_ACTION"
        " ERR_EMPTY_RECEIVER ERR_INVALID_RECEIVER_TYPE ERR_MESSAGE_ID_NOT_FOUND"
        " ERR_INVALID_MESSAGE_DATA ERR_EMPTY_MESSAGE_TEXT ERR_INVALID_MESSAGE_TEXT"
        " ERR_EMPTY_MESSAGE_CATEGORY ERR_INVALID_MESSAGE_CATEGORY ERR_EMPTY_MESSAGE_TYPE"
        " ERR_INVALID_MESSAGE_TYPE ERR_EMPTY_MESSAGE_FILE ERR_MESSAGE_NOT_A_SENDER"
        " ERR_MESSAGE_NO_ACCESS ERR_MESSAGE_ACTION_NOT_ALLOWED ERR_EMPTY_CUSTOM_DATA"
        " ERR_INVALID_MEDIA_MESSAGE ERR_INVALID_CUSTOM_DATA ERR_INVALID_METADATA"
        " ERR_WRONG_MESSAGE_THREAD ERR_MESSAGE_THREAD_NESTING ERR_WRONG_MESSAGE_THREAD_CATEGORY"
        " ERR_PINNED_MESSAGES_LIMIT_EXCEEDED ERR_SAVED_MESSAGES_LIMIT_EXCEEDED"
        " ERR_PINNED_CONVERSATIONS_LIMIT_EXCEEDED ERR_SYSTEM_PINNED_CONVERSATIONS_LIMIT_EXCEEDED"
        " ERR_SYSTEM_PINNED_CONVERSATION"
        " ERR_CALLING_SELF ERR_CALL_BUSY_SELF ERR_CALL_BUSY_GROUP ERR_CALL_BUSY_USER"
        " ERR_EMPTY_CALL_SESSION_ID ERR_CALL_SESSION_NOT_FOUND ERR_CALL_TERMINATED"
        " ERR_CALL_GROUP_ALREADY_JOINED ERR_CALL_GROUP_ALREADY_LEFT ERR_CALL_INVALID_INIT"
        " ERR_CALL_USER_ALREADY_JOINED ERR_CALL_GROUP_INVALID_STATUS ERR_CALL_ONGOING_TO_INVALID"
        " ERR_CALL_NOT_A_PART ERR_CALL_EMPTY_JOINED_AT ERR_CALL_NOT_STARTED"
        " ERR_ALREADY_FRIEND ERR_NOT_A_FRIEND ERR_CANNOT_FORM_SELF_RELATION ERR_CANNOT_BLOCK_SELF"
        " ERR_EXTENSION_NOT_FOUND ERR_BLOCKED_BY_EXTENSION ERR_WEBHOOK_NOT_FOUND"
        " ERR_BLOCKED_BY_WEBHOOK ERR_TRIGGER_NOT_FOUND"
    ),
}
TABLE: Mapping[str, Meaning] = {
    code: meaning for meaning, codes in _CODES.items() for code in codes.split()
}

#: What every error of authentication begins with, those that are not documented too.
_AUTHENTICATION = "AUTH_ERR_"


def meaning(code: str) -> Meaning:
    """Return what a code means; of an unknown error of authentication, that we are refused."""
    unknown = Meaning.OPERATOR if code.startswith(_AUTHENTICATION) else Meaning.UNKNOWN
    return TABLE.get(code, unknown)
