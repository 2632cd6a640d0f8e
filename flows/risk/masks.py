"""Masks: which word hides behind `k*ll`, `s**cide` and `d_e`.

Any word that the lexicon knows may hide there, the gravest first; but a swear word that fits is what was meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

SIGNS: Final = "*#_-.~•×█░\ufffd"
_MASK: Final = re.compile(f"[{re.escape(SIGNS)}]+")
_SPACED: Final = re.compile(rf"\w(?:[{re.escape(SIGNS)}]\w)+")  # `k*i*l*l` hides nothing
_FEWEST_SHOWN: Final = 2  # one letter could be anything
_SHORTEST: Final = 3
_SHORTEST_DASHED: Final = 4  # `x-ray`, `p.m`, `to-do`: a dash or a dot in a short word usually is one
_SURE_FROM: Final = 4  # letters shown; then the number of signs need not be right
_DASHES: Final = frozenset("-.~")


@dataclass(frozen=True, slots=True)
class Masks:
    """Words by their length and first letter, the likeliest first."""

    words: Mapping[tuple[int, str], tuple[str, ...]]

    @classmethod
    def of(cls, known: Iterable[str], grave: Mapping[str, int], swear_words: Iterable[str]) -> Masks:
        """What may be hidden."""
        words: dict[tuple[int, str], list[str]] = defaultdict(list)
        for word in swear_words:
            words[len(word), word[0]].append(word)
        for word in sorted(known, key=lambda word: (-grave.get(word, -1), word)):
            words[len(word), word[0]].append(word)
        return cls({key: tuple(some) for key, some in words.items()})

    def behind(self, chunk: str) -> str | None:
        """The word behind a masked one, or None."""
        shown = sum(letter.isalpha() for letter in chunk)
        shortest = _SHORTEST_DASHED if _DASHES.issuperset(_MASK.findall(chunk)) else _SHORTEST
        if shown < _FEWEST_SHOWN or len(chunk) < shortest or not chunk[0].isalpha() or _SPACED.fullmatch(chunk):
            return None
        exact = re.compile("".join("." if letter in SIGNS else re.escape(letter) for letter in chunk))
        found = self._first(exact, (len(chunk),), chunk[0])
        if found is None and shown >= _SURE_FROM:
            loose = re.compile(".{1,3}".join(re.escape(part) for part in _MASK.split(chunk)))
            found = self._first(loose, range(shown + 1, shown + 4), chunk[0])
        return found

    def _first(self, shape: re.Pattern[str], sizes: Iterable[int], first: str) -> str | None:
        return next((word for word in self._candidates(sizes, first) if shape.fullmatch(word)), None)

    def _candidates(self, sizes: Iterable[int], first: str) -> Iterator[str]:
        return (word for size in sizes for word in self.words.get((size, first), ()))
