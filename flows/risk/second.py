"""A second reader, for what no phrase of the lexicon says: situations, hints, half sentences.

It has learned from labelled messages written for this project which words, pairs of words, pieces of words and pairs of
the lexicon's lists stand in messages that needed somebody, and which in harmless ones (`tests/training` trains it and
says how good it is). It is a sum of weights and nothing more: deterministic, the same on every machine, and what
weighed most is shown as its words.
It can raise what the rules found and never lower it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import sqrt
from typing import Final, NamedTuple, Protocol

from flows.level import Level

#: The questions it answers, each with a sum of its own: is this at least a watch, at least urgent, an emergency?
LEVELS: Final = (Level.WATCH, Level.URGENT, Level.EMERGENCY)
#: Weights are written down as whole thousandths.
UNIT: Final = 1000
_SHORTEST, _LONGEST = 3, 5  # letters of a piece of a word
_LONGEST_WORD: Final = 24
#: Longer messages are read in pieces: a sentence that frightens is not made harmless by forty that do not.
_WIDEST: Final = 40
_STEP: Final = 20
#: What is longer than any message is read at both of its ends; the rules read all of it.
_MOST: Final = 1_000
_MOST_SHOWN: Final = 8  # words
_MOST_CONCEPTS: Final = 40

Three = tuple[float, float, float]


class Weights(NamedTuple):
    """What one feature adds to each of the three sums (`pull`), and how much room it takes in each (`size`)."""

    category: str
    pull: tuple[int, int, int]
    size: tuple[int, int, int]


@lru_cache(maxsize=1 << 15)  # the same words come again and again
def _weights(written: str) -> Weights:
    """As they stand in the file, behind the name of the feature."""
    category, *numbers = written.split("\t")
    a, b, c, d, e, f = map(int, numbers)
    return Weights(category, (a, b, c), (d, e, f))


class Opinion(NamedTuple):
    """What the second reader makes of a message: words `first` up to `last` (not included) weighed most.

    `over` is how far above the bound of this level the sum is.
    """

    level: Level
    category: str
    first: int
    last: int
    over: float


class Reads(Protocol):
    """Whoever reads after the rules."""

    @property
    def version(self) -> int:
        """Stored with every signal."""

    def read(self, words: Sequence[str], concepts: AbstractSet[str]) -> Opinion | None:
        """The gravest opinion about a message of these words, in which these lists of the lexicon were met; None where
        there is nothing to say."""


@dataclass(frozen=True, slots=True)
class SecondReader:
    """The learned weights as they are written, by the name of the feature; `start` and `bound` for each question."""

    version: int
    start: Three
    bound: Three
    weights: Mapping[str, str]

    def read(self, words: Sequence[str], concepts: AbstractSet[str]) -> Opinion | None:
        """The gravest opinion about any piece of the message, in its words as the page has them."""
        met = list(_of_concepts(concepts))
        opinions = (self._opinion(words[left:right], met, left) for left, right in _pieces(len(words)))
        return max((one for one in opinions if one is not None), key=lambda one: (one.level, one.over), default=None)

    def sums(self, words: Sequence[str], concepts: AbstractSet[str]) -> Three:
        """The three sums for one piece of a message."""
        return self._sums(self._known(features(words, concepts)))

    def _known(self, names: Iterable[str]) -> list[Weights]:
        weights = self.weights
        return [_weights(weights[name]) for name in dict.fromkeys(names) if name in weights]

    def _sums(self, found: Sequence[Weights]) -> Three:
        pulls = [sum(column) for column in zip(*(one.pull for one in found), strict=True)] or [0, 0, 0]
        sizes = [sum(column) for column in zip(*(one.size for one in found), strict=True)] or [UNIT] * 3
        first, second, third = (
            start + pull / UNIT / sqrt(max(size, 1) / UNIT)
            for start, pull, size in zip(self.start, pulls, sizes, strict=True)
        )
        return first, second, third

    def _opinion(self, words: Sequence[str], met: Sequence[str], offset: int) -> Opinion | None:
        found = self._known([*_of_words(words), *met])
        sums = self._sums(found)
        reached = [question for question in range(3) if sums[question] >= self.bound[question]]
        if not reached:
            return None
        gravest = reached[-1]
        first, last = self._heaviest(words, gravest)
        over = sums[gravest] - self.bound[gravest]
        return Opinion(LEVELS[gravest], _category(found, gravest), first + offset, last + offset, over)

    def _heaviest(self, words: Sequence[str], question: int) -> tuple[int, int]:
        """The few words side by side that pulled most."""
        pulled = [sum(one.pull[question] for one in self._known(_of_word(word))) for word in words]
        spans = (
            (sum(pulled[first:last]), first, last)
            for first in range(len(words))
            for last in range(first + 1, min(len(words), first + _MOST_SHOWN) + 1)
        )
        _, first, last = max(spans, key=lambda span: (span[0], span[1] - span[2]))
        return first, last


def features(words: Sequence[str], concepts: AbstractSet[str]) -> Iterator[str]:
    """The words, the pairs that stand side by side, the pieces of each word; the concepts and each two of them. A
    feature may come twice."""
    yield from _of_words(words)
    yield from _of_concepts(concepts)


def _of_concepts(concepts: AbstractSet[str]) -> Iterator[str]:
    """Where nearly everything is met, nothing can be told from what stands together."""
    met = sorted(concepts)[:_MOST_CONCEPTS]
    yield from (f"{{{one}}}" for one in met)
    yield from (f"{{{one}}} {{{other}}}" for one, other in combinations(met, 2))


def _of_words(words: Sequence[str]) -> Iterator[str]:
    before = "^"
    for word in words:
        yield f"{before} {word}"
        yield from _of_word(word)
        before = word
    yield f"{before} $"


def _of_word(word: str) -> list[str]:
    edged = f"_{word[:_LONGEST_WORD]}_"
    pieces = [
        f"~{edged[start : start + size]}"
        for size in range(_SHORTEST, _LONGEST + 1)
        for start in range(len(edged) - size + 1)
    ]
    return [word, *pieces]


def _pieces(words: int) -> Iterator[tuple[int, int]]:
    if words > 2 * _MOST:
        yield from _windows(0, _MOST)
        yield from _windows(words - _MOST, words)
    elif words:
        yield from _windows(0, words)


def _windows(start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _WIDEST:
        yield start, start + _WIDEST
        start += _STEP
    yield start, end


def _category(found: Iterable[Weights], question: int) -> str:
    pulled: dict[str, int] = {}
    for one in found:
        pulled[one.category] = pulled.get(one.category, 0) + max(0, one.pull[question])
    return max(sorted(pulled), key=pulled.__getitem__)


def parse(text: str) -> SecondReader:
    """The reader that `tests/training` wrote down. Raises ValueError where it is not as it must be."""
    version, start, bound, *rows = text.splitlines()
    weights: dict[str, str] = {}
    for row in rows:
        name, _, written = row.partition("\t")
        weights[name] = written
    return SecondReader(int(_named(version, "version")), _three(start, "start"), _three(bound, "bound"), weights)


def _named(line: str, name: str) -> str:
    key, _, value = line.partition(" ")
    if key != name:
        raise ValueError(f"“{name}” is missing")
    return value


def _three(line: str, name: str) -> Three:
    first, second, third = map(float, _named(line, name).split())
    return first, second, third
