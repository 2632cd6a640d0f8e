"""Masks: which word hides behind `k*ll`, `s**cide` and `d_e`.

Any word that the lexicon knows may hide there, the gravest first; but a swear word that fits is what was meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SIGNS: Final = "*#_-.~•×█░\ufffd"
_MASK: Final = re.compile(f"[{re.escape(SIGNS)}]+")
_SPACED: Final = re.compile(rf"\w(?:[{re.escape(SIGNS)}]\w)+")  # `k*i*l*l` hides nothing
_FEWEST_SHOWN: Final = 2  # one letter could be anything
_SHORTEST: Final = 3
_SHORTEST_DASHED: Final = 4  # `x-ray`, `p.m`, `to-do`: a dash or a dot in a short word usually is one
_SURE_FROM: Final = 4  # letters shown; then the number of signs need not be right
_MOST_HIDDEN: Final = 3
_ANY: Final = ""
_DASHES: Final = frozenset("-.~")


@dataclass(frozen=True, slots=True)
class Masks:
    """Words by their length and their first and last letter, the likeliest first; and by the first letter alone."""

    words: Mapping[tuple[int, str, str], tuple[str, ...]]

    @classmethod
    def of(cls, known: Iterable[str], grave: Mapping[str, int], swear_words: Iterable[str]) -> Masks:
        """What may be hidden."""
        words: dict[tuple[int, str, str], list[str]] = defaultdict(list)
        for word in [*swear_words, *sorted(known, key=lambda word: (-grave.get(word, -1), word))]:
            words[len(word), word[0], word[-1]].append(word)
            words[len(word), word[0], _ANY].append(word)
        return cls({key: tuple(some) for key, some in words.items()})

    def fitting(self, chunk: str) -> Sequence[str]:
        """The words that a masked one may stand for, the likeliest first."""
        shown = [(place, letter) for place, letter in enumerate(chunk) if letter.isalpha()]
        shortest = _SHORTEST_DASHED if _DASHES.issuperset(_MASK.findall(chunk)) else _SHORTEST
        if len(shown) < _FEWEST_SHOWN or len(chunk) < shortest or not chunk[0].isalpha() or _SPACED.fullmatch(chunk):
            return ()
        words = self._beginning_and_ending(len(chunk), chunk)
        fitting = [word for word in words if all(word[place] == letter for place, letter in shown)]
        return fitting or (self._with_other_length(chunk, len(shown)) if len(shown) >= _SURE_FROM else ())

    def _with_other_length(self, chunk: str, shown: int) -> Sequence[str]:
        """`s*cide`: the number of signs need not be right where so much is shown."""
        parts = [part for part in _MASK.split(chunk) if part]
        sizes = range(shown + 1, shown + _MOST_HIDDEN + 1)
        return [word for size in sizes for word in self._beginning_and_ending(size, chunk) if _in_order(parts, word)]

    def _beginning_and_ending(self, size: int, chunk: str) -> Sequence[str]:
        return self.words.get((size, chunk[0], chunk[-1] if chunk[-1].isalpha() else _ANY), ())


def _in_order(parts: Sequence[str], word: str) -> bool:
    """Whether the word consists of these parts, with something between each two of them."""
    if not word.startswith(parts[0]):
        return False
    place = len(parts[0])
    for part in parts[1:]:
        place = word.find(part, place + 1) + len(part)
        if place < len(part):
            return False
    return True
