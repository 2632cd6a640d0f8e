"""Spanish as it sounds: `kiero`, `aserme` and `bibir` are read as the words that are spoken the same way.

Spanish is written as it is spoken but for a few letters, and those are what people leave out or confuse on a phone.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGE: Final = "es"
SHORTEST: Final = 4  # `ay`, `hay`, `ahi`: short words that sound alike are all words
_RULES: Final = (
    (re.compile(r"qu?(?=[ei])|q|k|c(?=[^eih]|$)"), "k"),
    (re.compile(r"z|c(?=[ei])"), "s"),
    (re.compile(r"g(?=[ei])|x(?=[ei])"), "j"),
    (re.compile(r"(?<!c)h"), ""),
    (re.compile(r"v|w(?=[aeiou])"), "b"),
    (re.compile(r"ll|y"), "y"),
    (re.compile(r"(?<=[aeiou])i$"), "y"),
    (re.compile(r"gu(?=[ei])"), "g"),
    (re.compile(r"(.)\1"), r"\1"),
)


def sound(word: str) -> str:
    """How a word sounds, for comparing it with others; words that sound alike give the same."""
    for pattern, instead in _RULES:
        word = pattern.sub(instead, word)
    return word
