"""What Google's consent has to bring."""

_CALENDAR = "https://www.googleapis.com/auth/calendar"
#: Without these a grant is of no use. `openid email` come back under other names.
#: Source: Google's discovery document of Calendar v3, `scopes` of each method, read 2026-11.
NEEDED_SCOPES = frozenset({f"{_CALENDAR}.freebusy", f"{_CALENDAR}.events.owned"})
#: Who answers a consent. Source: Google's discovery document of OpenID Connect, read 2026-11.
ISSUER = "https://accounts.google.com"


def is_sufficient(scopes: frozenset[str]) -> bool:
    """Whether granted scopes hold all that is needed, in whatever order they came."""
    return scopes >= NEEDED_SCOPES
