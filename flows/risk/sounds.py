"""Spanish as it sounds: `kiero`, `aserme` and `bibir` are read as the words that are spoken the same way.

Spanish is written as it is spoken but for a few letters, and those are what people leave out or confuse on a phone.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGE: Final = "es"
SHORTEST: Final = 4  # `ay`, `hay`, `ahi`: short words that sound alike are all words
_VOWELS: Final = frozenset("aeiou")
# In this order: what becomes of two letters, then of one.
_INSTEAD: Final = (
    ("ch", "1"),
    ("h", ""),
    ("que", "ke"),
    ("qui", "ki"),
    ("ce", "se"),
    ("ci", "si"),
    ("ge", "je"),
    ("gi", "ji"),
    ("gue", "ge"),
    ("gui", "gi"),
    ("xe", "je"),
    ("xi", "ji"),
    ("ll", "y"),
)
_LETTERS: Final = str.maketrans("cqvwz", "kkbbs")
_TWICE: Final = re.compile(r"(.)\1")


def sound(word: str) -> str:
    """How a word sounds, for comparing it with others; words that sound alike give the same."""
    for written, spoken in _INSTEAD:
        word = word.replace(written, spoken)
    word = word.translate(_LETTERS)
    if word[-1:] == "i" and word[-2:-1] in _VOWELS:
        word = word[:-1] + "y"
    return _TWICE.sub(r"\1", word)
