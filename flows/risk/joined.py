"""Words written together: `imgoingtokillmyself` is five words, `thetherapist` two, and a name stays a name.

The cheapest way to cut is taken: few words, long words, and as little as possible that is no word at all. Whether the
cut is believed depends on how cheap it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_WORD: Final = 10
_SELDOM: Final = 14
_OF_TWO: Final = 13
_COMMONEST: Final = {1: 8, 2: 6, 3: 7}
_UNKNOWN: Final = 16  # a letter
_IMPOSSIBLE: Final = 1_000_000
_BELIEVED: Final = 4.7  # a letter, in a stretch long enough to judge
_LONG: Final = 16  # from here on, a few letters that are no word are somebody's name or slip
_HEAD: Final = 3


@dataclass(frozen=True, slots=True)
class Joined:
    """What each word costs, how long those are that begin alike, and those that are a reason to look closer."""

    costs: Mapping[str, int]
    lengths: Mapping[str, tuple[int, ...]]
    small: Container[str]
    grave: Mapping[str, int]

    @classmethod
    def of(
        cls, words: Iterable[str], common: Container[str], small: Container[str], grave: Mapping[str, int]
    ) -> Joined:
        """What is needed to cut stretches into `words`, of which the `small` ones are met most often."""
        costs: dict[str, int] = {}
        lengths: dict[str, set[int]] = defaultdict(set)
        for word in words:
            if word in small:
                costs[word] = _COMMONEST[min(len(word), _HEAD)]
            elif word in common and len(word) > 1:
                costs[word] = _WORD if len(word) >= _HEAD else _OF_TWO
            elif len(word) > _HEAD:  # `ish` and `tion` are known as well
                costs[word] = _WORD if grave.get(word) else _SELDOM
        for word in costs:
            lengths[word[:_HEAD]].add(len(word))
        for head in lengths:
            for shorter in range(1, len(head)):
                lengths[head] |= {shorter} & lengths.get(head[:shorter], set())
        return cls(costs, {head: tuple(sorted(some)) for head, some in lengths.items()}, small, grave)

    def apart(self, letters: str) -> list[str] | None:
        """The words in a stretch that was written without blanks, if they are worth reading and surely meant."""
        cut, cost = self._cut(letters, _UNKNOWN if len(letters) >= _LONG else _IMPOSSIBLE)
        return cut if len(cut) > 1 and cost <= _BELIEVED * len(letters) and self._matters(cut) else None

    def spelt(self, letters: str) -> list[str] | None:
        """The words that letters written one by one spell, unless they are only initials."""
        cut, cost = self._cut(letters, _UNKNOWN)
        real = any(len(word) >= _HEAD and word in self.costs for word in cut)
        return cut if real and cost <= (_BELIEVED + 1) * len(letters) else None

    def _matters(self, cut: Iterable[str]) -> bool:
        """Whether one of the words worries, or all of them are the smallest of the language."""
        if any(self.grave.get(word, 0) > 0 and len(word) >= _HEAD for word in cut):
            return True
        return all(word in self.small for word in cut) and any(len(word) >= _HEAD for word in cut)

    def _cut(self, letters: str, unknown: int) -> tuple[list[str], int]:
        """The cheapest way to cut, and its cost, where a letter of no word costs `unknown`."""
        costs, lengths = self.costs, self.lengths
        size = len(letters)
        cheapest = [unknown * place for place in range(size + 1)]
        came_from = list(range(-1, size))
        for start in range(size):
            cost = cheapest[start]
            if cost >= _IMPOSSIBLE:
                continue
            if cost + unknown < cheapest[start + 1]:
                cheapest[start + 1], came_from[start + 1] = cost + unknown, start
            head = letters[start : start + _HEAD]
            for length in lengths.get(head) or lengths.get(head[:2]) or lengths.get(head[:1], ()):
                end = start + length
                price = costs.get(letters[start:end])
                if price is not None and end <= size and cost + price < cheapest[end]:
                    cheapest[end], came_from[end] = cost + price, start
        if cheapest[size] >= _IMPOSSIBLE:
            return [letters], cheapest[size]
        return _trace(letters, came_from, costs), cheapest[size]


def _trace(letters: str, came_from: list[int], words: Container[str]) -> list[str]:
    """The cut, from its end to its start; letters that are no word stay together."""
    cut: list[str] = []
    end = stop = len(letters)
    while end > 0:
        start = came_from[end]
        if letters[start:end] in words:
            if stop > end:
                cut.append(letters[end:stop])
            cut.append(letters[start:end])
            stop = start
        end = start
    if stop > 0:
        cut.append(letters[:stop])
    return cut[::-1]
