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
from flows.risk.mojibake import GARBLED, mended

_ODD: Final = re.compile(rf"{GARBLED}|[ÂÃâð]|[^\t\n -_a-~ÂÃâð]+")
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
    if _ODD.search(text) is None:
        return Folded(text.lower(), range(len(text)), range(1, len(text) + 1))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    place = 0
    for odd in _ODD.finditer(text):
        start, end = odd.span()
        letters.append(text[place:start].lower())
        starts += range(place, start)
        ends += range(place + 1, start + 1)
        place = end
        meant = mended(odd.group()) if end > start + 1 else None
        if meant is not None:  # what two programs garbled between them is one character again
            plain = fold_letter(meant)
            letters.append(plain)
            starts += [start] * len(plain)
            ends += [end] * len(plain)
            continue
        for at in range(start, end):
            plain = fold_letter(text[at])
            letters.append(plain)
            starts += [at] * len(plain)
            ends += [at + 1] * len(plain)
    letters.append(text[place:].lower())
    starts += range(place, len(text))
    ends += range(place + 1, len(text) + 1)
    return Folded("".join(letters), starts, ends)


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
