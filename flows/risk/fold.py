"""Folding: every way to write a letter becomes one plain lower-case letter, and remembers where it stood.

Hidden characters, accents, look-alike letters and odd apostrophes never decide whether a cry for help is heard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from flows.risk.lookalikes import INVISIBLE, LOOKALIKES

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f`]")
_HIDDEN: Final = frozenset({"Mn", "Me", "Cf", "Cc"})
_SPACES: Final = frozenset({"Zs", "Cs", "Co", "Cn"})
_LINES: Final = frozenset({"Zl", "Zp"})


def fold(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its characters the place of the written character it came from."""
    if text.isascii() and _CONTROL.search(text) is None:
        return text.lower(), range(len(text))
    letters: list[str] = []
    places: list[int] = []
    for place, written in enumerate(text):
        plain = fold_letter(written)
        letters.append(plain)
        places.extend([place] * len(plain))
    return "".join(letters), places


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
    return _alike(part)
