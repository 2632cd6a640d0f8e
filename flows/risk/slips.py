"""Typing slips: which word was meant by one that is a single slip away from it.

Two letters swapped, one left out, one struck twice, one struck beside the right key. The first letter is taken as
right: people look at it. The table holds every word once for each of its letters, so asking costs one look a letter.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

SHORTEST: Final = 4  # with a letter left out, `dead` is `dad`: of four letters two may be swapped, and no more
_FIVE: Final = 5
_ANY_LETTER_FROM: Final = 7  # a long word bears any wrong letter; a shorter one only what fingers and ears confuse
LONGEST: Final = 24
_QUICK, _SLOW, _EAR, _STRANGE = range(
    4
)  # what fingers do by themselves, what happens, what ears do, what hardly happens
_ROWS: Final = ("qwertyuiop", "asdfghjklñ", "zxcvbnm")
_SOUND_ALIKE: Final = ("aeiou", "eiy", "ckq", "csz", "bv", "sx", "gj", "dt", "mn")


def _either_way(pairs: Iterable[str]) -> frozenset[str]:
    return frozenset(way for pair in pairs for way in (pair, pair[::-1]))


def _beside() -> Iterator[str]:
    for row in _ROWS:
        yield from (one + other for one, other in pairwise(row))
    for above, below in pairwise(_ROWS):
        yield from (one + other for one, other in zip(above, below, strict=False))
        yield from (one + other for one, other in zip(above[1:], below, strict=False))


_BESIDE: Final = _either_way(_beside())
_ALIKE: Final = frozenset(one + other for alike in _SOUND_ALIKE for one in alike for other in alike)


@dataclass(frozen=True, slots=True)
class Slips:
    """Words, and each of them with one letter left out; where that makes several words alike, a blank is between."""

    words: frozenset[str]
    grave: Mapping[str, int]
    small: Container[str]
    shortened: Mapping[str, str]

    @classmethod
    def of(cls, words: Iterable[str], grave: Mapping[str, int], small: Container[str]) -> Slips:
        """Slips of all `words` that are long enough. Of several that fit, `small` ones are met most often."""
        chosen = frozenset(word for word in words if SHORTEST <= len(word) <= LONGEST)
        shortened: dict[str, str] = {}
        for word in sorted(chosen):
            for shorter in dict.fromkeys(_without_one(word)):
                before = shortened.get(shorter)
                shortened[shorter] = word if before is None else f"{before} {word}"
        return cls(chosen, grave, small, shortened)

    def fitting(self, written: str, spoken: Container[str]) -> Sequence[str]:
        """The words that are one slip away from `written`, the likeliest first."""
        if not SHORTEST - 1 <= len(written) <= LONGEST + 1:
            return ()
        found = {word: slip for word in self._near(written) if (slip := _slip(written, word)) is not None}
        return sorted(found, key=lambda word: (found[word], word not in spoken, self._unlikely(word)))

    def _unlikely(self, word: str) -> tuple[bool, int, str]:
        return (word not in self.small, -self.grave.get(word, -1), word)

    def _near(self, written: str) -> list[str]:
        """Words that could become `written` by one slip; some of them only by a greater one."""
        words, shortened = self.words, self.shortened
        near = shortened.get(written, "").split()
        swapped = written[1] + written[0] + written[2:]
        if swapped in words:
            near.append(swapped)
        for shorter in _without_one(written):
            if shorter in words:
                near.append(shorter)
            if shorter in shortened:
                near += shortened[shorter].split()
        return near


def _slip(written: str, word: str) -> int | None:
    """How unlikely it is that `word` became `written`; None where it takes more than one slip."""
    if len(word) < _FIVE:
        return _QUICK if _swapped(written, word) and written[0] == word[0] else None
    if len(written) == len(word):
        return _QUICK if _swapped(written, word) else _mistaken(written, word)
    place = _first_difference(written, word)
    if len(written) < len(word):
        return _QUICK if word[place] == word[place - 1] else _SLOW
    return _struck_twice(written, place)


def _without_one(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(1, len(word))]


def _first_difference(one: str, other: str) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _swapped(written: str, word: str) -> bool:
    if len(written) != len(word):
        return False
    place = _first_difference(written, word)
    return written[place : place + 2] == word[place : place + 2][::-1] and written[place + 2 :] == word[place + 2 :]


def _mistaken(written: str, word: str) -> int | None:
    """One letter for another: for its neighbour on the keyboard or in the ear; in a long word, for any."""
    place = _first_difference(written, word)
    if written[place + 1 :] != word[place + 1 :]:
        return None
    if written[place] + word[place] in _BESIDE:
        return _SLOW
    if written[place] + word[place] in _ALIKE:
        return _EAR
    return _STRANGE if len(word) >= _ANY_LETTER_FROM else None


def _struck_twice(written: str, place: int) -> int | None:
    """A letter too many: one twice, or with its neighbour; in a long word, any."""
    extra = written[place]
    beside = written[place - 1 : place] + written[place + 1 : place + 2]
    if extra in beside:
        return _QUICK
    if any(extra + other in _BESIDE for other in beside):
        return _SLOW
    return _STRANGE if len(written) > _ANY_LETTER_FROM else None
