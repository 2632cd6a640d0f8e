"""Folding: every way to write a letter becomes one plain lower-case letter, and remembers where it stood.

Hidden characters, accents, look-alike letters and odd apostrophes never decide whether a cry for help is heard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from flows.risk.lookalikes import EMOJI, INVISIBLE, LOOKALIKES
from flows.risk.mojibake import ENTITY, GARBLED, mended

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f`]")
_HIDDEN: Final = frozenset({"Mn", "Me", "Cf", "Cc"})
_SPACES: Final = frozenset({"Zs", "Cs", "Co", "Cn"})
_LINES: Final = frozenset({"Zl", "Zp"})


class Folded(NamedTuple):
    """The folded text, and for each of its characters where the written character it came from starts and ends."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def fold(text: str) -> Folded:
    """The text in plain letters."""
    if text.isascii() and _CONTROL.search(text) is None and (("&" not in text) or ENTITY.search(text) is None):
        return Folded(text.lower(), range(len(text)), range(1, len(text) + 1))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for written, start, end in _characters(text):
        plain = fold_letter(written)
        letters.append(plain)
        starts += [start] * len(plain)
        ends += [end] * len(plain)
    return Folded("".join(letters), starts, ends)


def _characters(text: str) -> Sequence[tuple[str, int, int]]:
    """Every character with its place; what two programs garbled between them is one character again."""
    characters: list[tuple[str, int, int]] = []
    place = 0
    for garbled in GARBLED.finditer(text):
        meant = mended(garbled.group())
        if meant is None:
            continue
        characters += ((text[at], at, at + 1) for at in range(place, garbled.start()))
        place = garbled.end()
        characters.append((meant, garbled.start(), place))
    characters += ((text[at], at, at + 1) for at in range(place, len(text)))
    return characters


@lru_cache(maxsize=8192)
def fold_letter(written: str) -> str:
    """One written character as plain text: nothing for a hidden one, several letters for a ligature."""
    return "".join(_plain(part) for part in unicodedata.normalize("NFKD", _alike(written))).casefold()


def _alike(letter: str) -> str:
    return LOOKALIKES.get(letter, letter)


def _plain(part: str) -> str:
    kind = unicodedata.category(part)
    if part in "\n\r\x85" or kind in _LINES:
        return "\n"
    if part in "\t\x0b\x0c" or kind in _SPACES:
        return " "
    if kind in _HIDDEN or part in INVISIBLE:
        return ""
    return EMOJI.get(part) or _alike(part)
