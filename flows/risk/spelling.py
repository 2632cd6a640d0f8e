"""Spelling: which known word was meant by a stretched, masked, disguised or mistyped one.

Only words that the lexicon knows are ever the answer. A word that is known is never corrected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

_STRETCHED: Final = re.compile(r"(.)\1\1")
_RUNS: Final = re.compile(r"((.)\2*)")
_MASK: Final = re.compile(r"[*#_\-.~]")
_NUMBER_AND_UNIT: Final = re.compile(r"\d+(?:am|pm|mg|mcg|ml|g|kg|lb|lbs|h|hr|hrs|hs|s|m|min|mins|x|th|st|nd|rd|k|yo)")
_DISGUISE: Final = str.maketrans("034578@$+", "oeastbast")
_TWO_WAYS: Final = "1!|"  # an i or an l
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_LONGEST_WORD: Final = 24  # the longest word of the lexicon is shorter; a longer one is nobody's typing slip
_MOST_WAYS: Final = 6
# Short words have too many real neighbours: `dead` with a letter left out is `dad`.
_SWAPPED_FROM: Final = 4
_LEFT_OUT_FROM: Final = 5
_LONG: Final = 6
_WRONG_FROM: Final = 7
_FEWEST_SHOWN: Final = 2
_SHORTEST_SPACED: Final = 3
_ONE_LETTER: Final = "iay"  # words of one letter
_NO_WAY: Final = 10_000


@dataclass(frozen=True, slots=True)
class Spelling:
    """The known words, the typing slips of the words that must not be missed, and those words by length."""

    known: frozenset[str]
    slips: Mapping[str, str]
    masked: Mapping[int, tuple[str, ...]]

    @classmethod
    def of(cls, known: Iterable[str], forgiven: Iterable[str]) -> Spelling:
        """A spelling that knows `known`, and that forgives any one slip, or hidden letters, in each of `forgiven`."""
        words = frozenset(known)
        careful = sorted(set(forgiven))
        slips = {slip: word for word in sorted(words) if len(word) >= _LONG for slip in _quick_slips(word)}
        slips |= {slip: word for word in careful for slip in _one_slip(word)}
        masked = {size: tuple(word for word in careful if len(word) == size) for size in {len(w) for w in careful}}
        return cls(words, {slip: word for slip, word in slips.items() if slip not in words}, masked)

    def settle(self, word: str) -> str:
        """The known word that `word` stands for, or `word` itself."""
        if word in self.known:
            return word
        if _STRETCHED.search(word) is not None:
            return self._unstretched(word)
        return self.slips.get(word, word)

    def undisguised(self, chunk: str) -> str | None:
        """The known word behind digits, symbols or masking signs (`k1ll`, `$uicide`, `k*ll`), or None."""
        if not 2 < len(chunk) <= _LONGEST_WORD or _NUMBER_AND_UNIT.fullmatch(chunk):
            return None
        return self._unmasked(chunk) if _MASK.search(chunk) else self._letters_for_signs(chunk)

    def words_in(self, letters: str) -> list[str] | None:
        """The fewest known words that spaced-out `letters` spell, if one of them is a real word, not just initials."""
        known, longest = self.known, _LONGEST_WORD // 2
        fewest = [0] + [_NO_WAY] * len(letters)
        came_from = [0] * (len(letters) + 1)
        for start in range(len(letters)):
            words = fewest[start] + 1
            if words > _NO_WAY:
                continue
            for end in range(start + 1, min(start + longest, len(letters)) + 1):
                if words < fewest[end]:
                    word = letters[start:end]
                    if word in known and (end > start + 1 or word in _ONE_LETTER):
                        fewest[end], came_from[end] = words, start
        spelt = _trace(letters, came_from) if fewest[-1] < _NO_WAY else []
        return spelt if any(len(word) >= _SHORTEST_SPACED for word in spelt) else None

    def _unstretched(self, word: str) -> str:
        runs = _RUNS.findall(word)
        squeezed = "".join(letter for _, letter in runs)
        if len(squeezed) > _LONGEST_WORD:
            return word
        doubled = [place for place, (run, _) in enumerate(runs) if len(run) > 1][:_MOST_WAYS]
        for sizes in product((2, 1), repeat=len(doubled)):
            counts = dict(zip(doubled, sizes, strict=True))
            candidate = "".join(letter * counts.get(place, 1) for place, (_, letter) in enumerate(runs))
            if candidate in self.known:
                return candidate
        return self.slips.get(squeezed, word)

    def _letters_for_signs(self, chunk: str) -> str | None:
        plain = chunk.translate(_DISGUISE)
        unsure = [place for place, sign in enumerate(plain) if sign in _TWO_WAYS]
        if len(unsure) > _MOST_WAYS or not any(sign in _LETTERS for sign in chunk):
            return None
        for reading in product("il", repeat=len(unsure)):
            letters = list(plain)
            for place, letter in zip(unsure, reading, strict=True):
                letters[place] = letter
            word = self.settle("".join(letters))
            if word in self.known:
                return word
        return None

    def _unmasked(self, chunk: str) -> str | None:
        if sum(sign in _LETTERS for sign in chunk) < _FEWEST_SHOWN:  # one letter could be anything
            return None
        for word in self.masked.get(len(chunk), ()):
            if word[0] == chunk[0] and all(a == b or _MASK.match(b) for a, b in zip(word, chunk, strict=True)):
                return word
        return None


def _quick_slips(word: str) -> Iterator[str]:
    """What quick fingers do to a long word: swap two letters, leave one out, strike one twice. Never at its ends."""
    for place in range(1, len(word) - 1):
        head, tail = word[:place], word[place:]
        yield head + tail[1:]
        yield head + tail[0] + tail
        yield head + tail[1] + tail[0] + tail[2:]


def _one_slip(word: str) -> Iterator[str]:
    """Forms one slip away, as many as are safe for the length of the word. The first letter is taken as right."""
    for place in range(1, len(word)):
        head, tail = word[:place], word[place:]
        if len(tail) > 1 and tail[0] != tail[1] and len(word) >= _SWAPPED_FROM:
            yield head + tail[1] + tail[0] + tail[2:]
        if len(word) >= _LEFT_OUT_FROM:
            yield head + tail[1:]
            yield head + tail[0] + tail
        if len(word) >= _WRONG_FROM:
            yield from (head + letter + tail for letter in _LETTERS)
            yield from (head + letter + tail[1:] for letter in _LETTERS)


def _trace(letters: str, came_from: Sequence[int]) -> list[str]:
    words: list[str] = []
    end = len(letters)
    while end > 0:
        words.append(letters[came_from[end] : end])
        end = came_from[end]
    return words[::-1]
