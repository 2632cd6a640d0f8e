"""Matching: where the words of the lexicon stand in a text, and which patterns they make.

The work grows with the length of the text and never with the square of it: each word is looked up once, each pattern
looks a few words ahead, and a place that led nowhere is not tried again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

NUMBER: Final = "<n>"
MANY: Final = "<many>"
SIGNS: Final = frozenset({NUMBER, MANY})
_FEW: Final = 5
_MOST_FILLERS: Final = 3


class Span(NamedTuple):
    """Words `start` to `end` (not included) of a text."""

    start: int
    end: int


@dataclass(slots=True)
class Hits:
    """Which concepts stand in a clause, and where. Places are sorted out only for the concepts that are asked for."""

    present: set[int] = field(default_factory=set)
    _found: list[tuple[int, int, frozenset[int]]] = field(default_factory=list)
    _places: dict[int, dict[int, list[int]]] = field(default_factory=dict)

    def add(self, start: int, end: int, concepts: frozenset[int]) -> None:
        """A phrase of these concepts, from word `start` up to `end`."""
        self.present |= concepts
        self._found.append((start, end, concepts))

    def of(self, concept: int) -> Mapping[int, Sequence[int]]:
        """From which words this concept stands there, and for each up to which words, the shortest first."""
        places = self._places.get(concept)
        if places is None:
            places = self._places[concept] = {}
            for start, end, concepts in self._found if concept in self.present else ():
                if concept in concepts:
                    places.setdefault(start, []).append(end)
        return places


@dataclass(slots=True)
class Node:
    """One step in the dictionary of phrases: what may come next, and which concepts are complete here."""

    next: dict[str, Node] = field(default_factory=lambda: _LEAF)
    concepts: frozenset[int] = frozenset()

    def plant(self, words: Iterable[str], concept: int) -> None:
        """Add a phrase of a concept. Only while a lexicon is being put together."""
        node = self
        for word in words:
            following = node.next.get(word)
            if following is None:
                if node.next is _LEAF:
                    node.next = {}
                following = node.next[word] = Node()
            node = following
        node.concepts |= {concept}

    def settle(self) -> None:
        """Once everything is planted: many phrases stand for the same concepts, and share what says so."""
        alike: dict[frozenset[int], frozenset[int]] = {}
        waiting = [self]
        while waiting:
            node = waiting.pop()
            node.concepts = alike.setdefault(node.concepts, node.concepts)
            waiting.extend(node.next.values())


#: What comes after the last word of a phrase, and most words are that.
_LEAF: Final[dict[str, Node]] = {}
_NOTHING: Final = Node()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: concepts in order, each at most `gaps[i]` words after the one before it."""

    concepts: tuple[int, ...]
    gaps: tuple[int, ...]
    key: int
    needs: frozenset[int]
    at_start: bool = False
    at_end: bool = False


class Called(NamedTuple):
    """A pattern, and for whom it is looked for: a number that its owner understands."""

    owner: int
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Clause:
    """What is said in one breath: its words, the pauses before them, and where in the page it stands.

    `head` and `tail` say within which of its words the message starts and ends: nothing but fillers stands outside.
    """

    words: Sequence[str]
    pauses: Sequence[int]
    offset: int
    head: int
    tail: int


def look_up(clause: Clause, root: Node, fillers: frozenset[str]) -> Hits:
    """Every phrase of every concept in the clause."""
    hits = Hits()
    words, first = clause.words, root.next
    for place, word in enumerate(words):
        node = first.get(word)
        if node is not None:
            _walk(words, place, node, fillers, hits)
        if word.isdigit():
            for sign in _signs(word):
                _walk(words, place, first.get(sign, _NOTHING), fillers, hits)
    return hits


def _signs(number: str) -> tuple[str, ...]:
    """What a number may stand for in a phrase."""
    return (MANY, NUMBER) if len(number) > 1 or number > str(_FEW) else (NUMBER,)


def _next(node: Node, word: str) -> Node | None:
    following = node.next.get(word)
    if following is None and word.isdigit():
        return next((node.next[sign] for sign in _signs(word) if sign in node.next), None)
    return following


def _walk(words: Sequence[str], start: int, node: Node, fillers: frozenset[str], hits: Hits) -> None:
    place, skipped = start + 1, 0
    if node.concepts:
        hits.add(start, place, node.concepts)
    while node.next and place < len(words):
        word = words[place]
        following = _next(node, word)
        place += 1
        if following is not None:
            node, skipped = following, 0
            if node.concepts:
                hits.add(start, place, node.concepts)
        elif word in fillers and skipped < _MOST_FILLERS:
            skipped += 1
        else:
            return


@dataclass(frozen=True, slots=True)
class Search:
    """One clause, looked through: its words and the places of every concept in it."""

    clause: Clause
    hits: Hits
    fillers: frozenset[str]

    @classmethod
    def of(cls, clause: Clause, root: Node, fillers: frozenset[str]) -> Search:
        """Look the clause through once."""
        return cls(clause, look_up(clause, root, fillers), fillers)

    def find(self, pattern: Pattern) -> Iterator[tuple[Span, ...]]:
        """Every place where the pattern is found, from left to right, none overlapping the one before."""
        dead: set[tuple[int, int]] = set()
        free_from = 0
        for start in self.hits.of(pattern.concepts[0]):
            if start < free_from or (pattern.at_start and start > self.clause.head):
                continue
            spans = self._take(pattern, 0, start, dead)
            if spans is not None:
                free_from = spans[-1].end
                yield spans

    def possible(self, patterns: Mapping[int, Sequence[Called]]) -> Iterator[Called]:
        """What is called by a concept that stands here, where every other concept that it needs stands here too."""
        present = self.hits.present
        for concept in present & patterns.keys():
            for called in patterns[concept]:
                if called.pattern.needs <= present:
                    yield called

    def _take(self, pattern: Pattern, step: int, start: int, dead: set[tuple[int, int]]) -> tuple[Span, ...] | None:
        """Part `step` at `start`, the longest phrase first, and everything after it."""
        for end in reversed(self.hits.of(pattern.concepts[step])[start]):
            rest = self._follow(pattern, step + 1, end, dead)
            if rest is not None:
                return (Span(start, end), *rest)
        return None

    def _follow(self, pattern: Pattern, step: int, place: int, dead: set[tuple[int, int]]) -> tuple[Span, ...] | None:
        """The parts from `step` on, after `place`, or None. `dead` remembers what was tried in vain."""
        if step == len(pattern.concepts):
            return () if not pattern.at_end or place >= self.clause.tail else None
        if (step, place) in dead:
            return None
        found = self.hits.of(pattern.concepts[step])
        for start in self._reach(place, pattern.gaps[step]):
            if start in found:
                spans = self._take(pattern, step, start, dead)
                if spans is not None:
                    return spans
        dead.add((step, place))
        return None

    def _reach(self, place: int, gap: int) -> Iterator[int]:
        """The places where the next part may start: fillers do not count, the clause is the limit."""
        words, left = self.clause.words, _MOST_FILLERS
        while place < len(words):
            yield place
            if words[place] in self.fillers and left:
                left -= 1
            elif gap:
                gap -= 1
            else:
                return
            place += 1
