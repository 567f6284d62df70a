"""Texts that people typed: made safe for messages, links and files, and cut where they may be cut.

What people typed goes into sentences, URLs and iCalendar lines. So control characters go, and so do
the invisible ones that would turn the rest of a sentence, with its times, round; letters of every
script stay as they are, right-to-left ones too, and the marks that only join or order letters.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from itertools import takewhile
from urllib.parse import quote

ELLIPSIS = "…"

#: What some reader or other takes for the end of a line.
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
#: Control characters (C0, DEL, C1) but the newline; lone surrogates; the embeddings, overrides and
#: isolates of the bidirectional algorithm (Unicode annex 9, section 2); the byte order mark.
_UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")

_OPENS_TAG = re.compile("<(?=[A-Za-z/!?])")

_JOINER = "\u200d"
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_TAGS = ("\U000e0020", "\U000e007f")
#: Two of them are a flag.
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")


def clean(text: str) -> str:
    """Return the text without control characters but newlines, and none that hides or turns."""
    return _UNWANTED.sub("", _BREAKS.sub("\n", text).replace("\t", " ")).strip()


def line(text: str) -> str:
    """Return the text clean and on one line."""
    return re.sub("[ \n]+", " ", clean(text))


def untagged(text: str) -> str:
    """Return the text with no `<` that opens a tag, for readers of whom some take it for HTML.

    A blank after it is enough for those (HTML standard, 13.2.5.6), and harmless to the others.
    """
    return _OPENS_TAG.sub("< ", text)


def percent_size(text: str) -> int:
    """Count the bytes that a text takes in a URL, where everything but letters is escaped."""
    return len(quote(text, safe=""))


def json_size(text: str) -> int:
    """Count the bytes that a text takes inside a JSON string, which is in ASCII."""
    return json_bytes(text) - len('""')


def json_bytes(value: object) -> int:
    """Count the bytes that a value takes as JSON in ASCII."""
    return len(json.dumps(value))


def cut(text: str, room: int, size: Callable[[str], int]) -> str:
    """Return the text if it fits; else as much of its beginning as fits, and an ellipsis.

    What people see as one character stays whole: a letter with its marks, an emoji with its
    joiners, a flag. Only a text that is one such character is cut inside it.

    Args:
        text: clean already.
        room: what the result may take, by `size`.
        size: what a text takes; that of two texts together is the sum of theirs.
    """
    if size(text) <= room:
        return text
    left = room - size(ELLIPSIS)
    end = 0
    for character in text:
        left -= size(character)
        if left < 0:
            break
        end += 1
    border = end
    while border and _joined(text, border):
        border -= 1
    kept = text[: border or end].rstrip(f" \n{_JOINER}")
    return kept + ELLIPSIS if kept else ""


def _joined(text: str, at: int) -> bool:
    """Whether the characters on both sides of a position are seen as one."""
    before, after = text[at - 1], text[at]
    if _between(after, _FLAG_LETTERS):
        letters = sum(
            1 for _ in takewhile(lambda each: _between(each, _FLAG_LETTERS), reversed(text[:at]))
        )
        return letters % 2 == 1
    return (
        _JOINER in (before, after)
        or unicodedata.category(after).startswith("M")
        or _between(after, _SKIN_TONES)
        or _between(after, _TAGS)
    )


def _between(character: str, bounds: tuple[str, str]) -> bool:
    return bounds[0] <= character <= bounds[1]
