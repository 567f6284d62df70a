"""Make screenshots small: the same picture with a palette of 256 colors.

Chromium writes three bytes a pixel. A page has few colors and many in-betweens at the edges of its
letters; the eye does not miss those.

Source: PNG specification, third edition, sections 9 (filters), 11.2 (PLTE, IDAT), read 2026-11.
"""

import struct
import zlib
from collections import Counter
from pathlib import Path

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLORS = 256
#: So many colors are taken as they come; then only what is further off than this, squared.
_COMMON, _UNLIKE = 96, 300
_TRUE_COLOR, _PALETTE = 2, 3
_BYTES = {_TRUE_COLOR: 3, 6: 4}
_HEADER = ">IIBBBBB"


def shrink(path: Path) -> None:
    """Write a screenshot again with a palette."""
    width, height, rows = _read(path.read_bytes())
    counted = Counter(pixel for row in rows for pixel in row)
    palette = _chosen([color for color, _ in counted.most_common()])
    places = {color: at for at, color in enumerate(palette)}
    for color in counted:
        if color not in places:
            places[color] = min(range(len(palette)), key=lambda at: _far(color, palette[at]))
    lines = b"".join(b"\0" + bytes(places[pixel] for pixel in row) for row in rows)
    header = struct.pack(_HEADER, width, height, 8, _PALETTE, 0, 0, 0)
    colors = b"".join(bytes(color) for color in palette)
    chunks = [
        (b"IHDR", header),
        (b"PLTE", colors),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    ]
    path.write_bytes(_SIGNATURE + b"".join(_chunk(kind, held) for kind, held in chunks))


def _chosen(colors: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Choose the most common colors, then of the rest those that are unlike any chosen one."""
    chosen = colors[:_COMMON]
    for color in colors[_COMMON:]:
        if len(chosen) == _COLORS:
            break
        if all(_far(color, each) > _UNLIKE for each in chosen):
            chosen.append(color)
    return chosen


def _far(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, held: bytes) -> bytes:
    return struct.pack(">I", len(held)) + kind + held + struct.pack(">I", zlib.crc32(kind + held))


def _read(picture: bytes) -> tuple[int, int, list[list[tuple[int, ...]]]]:
    """Return width, height and the rows of pixels, opaque ones."""
    at, packed, header = len(_SIGNATURE), b"", b""
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        kind, held = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            header = held
        elif kind == b"IDAT":
            packed += held
        at += length + 12
    width, height, _, color, *_ = struct.unpack(_HEADER, header)
    size = _BYTES[color]
    plain = zlib.decompress(packed)
    stride = width * size
    rows: list[list[tuple[int, ...]]] = []
    before = bytearray(stride)
    for start in range(0, len(plain), stride + 1):
        before = _unfiltered(
            plain[start], bytearray(plain[start + 1 : start + 1 + stride]), before, size
        )
        rows.append(list(zip(before[::size], before[1::size], before[2::size], strict=True)))
    return width, height, rows


def _unfiltered(kind: int, row: bytearray, above: bytearray, size: int) -> bytearray:
    """Undo a row's filter: 1 is left, 2 above, 3 their average, 4 Paeth's choice."""
    for at in range(len(row)) if kind else ():
        left = row[at - size] if at >= size else 0
        corner = above[at - size] if at >= size else 0
        guess = (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind]
        row[at] = (row[at] + guess) & 0xFF
    return row


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda each: abs(guess - each))
