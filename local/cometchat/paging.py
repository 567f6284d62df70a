"""Lists by pages, and numbers in queries."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.cometchat.refusals import invalid
from local.cometchat.store import NUMBER

#: The documents say `perPage`, the JavaScript SDK says `per_page`.
PAGE_QUERY = {"page", "perPage", "per_page"}
LONGEST_PAGE = 1000
_USUAL_PAGE = 100


def whole_number(
    query: Mapping[str, list[str]], name: str, usual: int, *, lowest: int, highest: int
) -> int:
    """Read a number from a query; refuses what is none, or out of range."""
    if name not in query:
        return usual
    text = query[name][-1]
    if not NUMBER.fullmatch(text) or not lowest <= int(text) <= highest:
        raise invalid(**{name: f"The {name} must be a number from {lowest} to {highest}."})
    return int(text)


def flag(query: Mapping[str, list[str]], name: str) -> bool:
    """Read a yes or no from a query, no if it is not there; refuses all else."""
    value = query.get(name, ["false"])[-1].lower()
    if value not in {"true", "false", "1", "0"}:
        raise invalid(**{name: f"The {name} must be true or false."})
    return value in {"true", "1"}


def page_of(items: Sequence[Any], query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the asked page as `data`, and `meta.pagination` beside it."""
    page = whole_number(query, "page", 1, lowest=1, highest=2**31)
    named = "perPage" if "perPage" in query else "per_page"
    per_page = whole_number(query, named, _USUAL_PAGE, lowest=1, highest=LONGEST_PAGE)
    shown = list(items[(page - 1) * per_page : page * per_page])
    return {
        "data": shown,
        "meta": {
            "pagination": {
                "total": len(items),
                "count": len(shown),
                "per_page": per_page,
                "current_page": page,
                "total_pages": -(-len(items) // per_page),
            }
        },
    }
