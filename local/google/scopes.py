"""The names of permissions: which exist, how they are written out, what the user reads."""

from collections.abc import Iterable

PREFIX = "https://www.googleapis.com/auth/"
FREEBUSY = f"{PREFIX}calendar.freebusy"
EVENTS_OWNED = f"{PREFIX}calendar.events.owned"
EMAIL = f"{PREFIX}userinfo.email"
PROFILE = f"{PREFIX}userinfo.profile"

#: What the sign-in scopes are called on the consent screen.
SIGN_IN = {
    "openid": "Associate you with your personal info on Google",
    EMAIL: "See your primary Google Account email address",
    PROFILE: "See your personal info, including any you have made publicly available",
}
_SHORT_FORMS = {"email": EMAIL, "profile": PROFILE}


def expand(names: Iterable[str]) -> list[str]:
    """Write short names out as Google does, each once, in the order given."""
    return list(dict.fromkeys(_SHORT_FORMS.get(name, name) for name in names))


def in_token_order(names: Iterable[str]) -> str:
    """List scopes as the token endpoint does: in an order that is not the client's."""
    return " ".join(sorted(names))


def in_callback_order(names: Iterable[str]) -> str:
    """List scopes as the redirect does: the short forms of the sign-in scopes come along."""
    names = set(names)
    short = [name for name, long in _SHORT_FORMS.items() if long in names]
    return " ".join([*short, *sorted(names, reverse=True)])
