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
_MOST_AT_EDGE: Final = 6


class Span(NamedTuple):
    """Words `start` to `end` (not included) of a text."""

    start: int
    end: int


Hits = dict[int, dict[int, list[int]]]  # which concept, from which word, up to which words


@dataclass(slots=True)
class Node:
    """One step in the dictionary of phrases: what may come next, and which concepts are complete here."""

    next: dict[str, Node] = field(default_factory=dict)
    concepts: tuple[int, ...] = ()

    def plant(self, words: Iterable[str], concept: int) -> None:
        """Add a phrase of a concept. Only while a lexicon is being put together."""
        node = self
        for word in words:
            node = node.next.setdefault(word, Node())
        if concept not in node.concepts:
            node.concepts += (concept,)


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


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one text, where its clauses end, and where its writer paused."""

    words: Sequence[str]
    pauses: Sequence[int]
    clause_of: Sequence[int]
    clause_ends: Sequence[int]
    fillers: frozenset[str]

    def limit(self, place: int) -> int:
        """Where the clause of the word at `place` ends."""
        return self.clause_ends[self.clause_of[place]]

    def clause(self, place: int) -> Span:
        """The clause of the word at `place`."""
        number = self.clause_of[place]
        return Span(self.clause_ends[number - 1] if number else 0, self.clause_ends[number])


def look_up(text: Text, root: Node) -> Hits:
    """Every phrase of every concept in the text."""
    hits: Hits = {}
    first = root.next
    for place, word in enumerate(text.words):
        node = first.get(word)
        if node is not None:
            _walk(text, place, node, hits)
        if word.isdigit():
            for sign in _signs(word):
                _walk(text, place, first.get(sign, _NOTHING), hits)
    return hits


def _signs(number: str) -> tuple[str, ...]:
    """What a number may stand for in a phrase."""
    return (MANY, NUMBER) if len(number) > 1 or number > str(_FEW) else (NUMBER,)


def _next(node: Node, word: str) -> Node | None:
    following = node.next.get(word)
    if following is None and word.isdigit():
        return next((node.next[sign] for sign in _signs(word) if sign in node.next), None)
    return following


def _walk(text: Text, start: int, node: Node, hits: Hits) -> None:
    limit, place, skipped = text.limit(start), start + 1, 0
    for concept in node.concepts:
        hits.setdefault(concept, {}).setdefault(start, []).append(place)
    while node.next and place < limit:
        word = text.words[place]
        following = _next(node, word)
        place += 1
        if following is not None:
            node, skipped = following, 0
            for concept in node.concepts:
                hits.setdefault(concept, {}).setdefault(start, []).append(place)
        elif word in text.fillers and skipped < _MOST_FILLERS:
            skipped += 1
        else:
            return


def find(pattern: Pattern, text: Text, hits: Hits) -> Iterator[tuple[Span, ...]]:
    """Every place where the pattern is found, from left to right, none overlapping the one before."""
    first = hits[pattern.concepts[0]]
    dead: set[tuple[int, int]] = set()
    free_from = 0
    for start in first:
        if start < free_from or (pattern.at_start and not _only_fillers(text, 0, start)):
            continue
        spans = _take(pattern, text, hits, 0, start, dead)
        if spans is not None:
            free_from = spans[-1].end
            yield spans


def _take(
    pattern: Pattern, text: Text, hits: Hits, step: int, start: int, dead: set[tuple[int, int]]
) -> tuple[Span, ...] | None:
    """Part `step` at `start`, the longest phrase first, and everything after it."""
    for end in reversed(hits[pattern.concepts[step]][start]):
        rest = _follow(pattern, text, hits, step + 1, end, dead)
        if rest is not None:
            return (Span(start, end), *rest)
    return None


def _follow(
    pattern: Pattern, text: Text, hits: Hits, step: int, place: int, dead: set[tuple[int, int]]
) -> tuple[Span, ...] | None:
    """The parts from `step` on, after `place`, or None. `dead` remembers what was tried in vain."""
    if step == len(pattern.concepts):
        return () if not pattern.at_end or _only_fillers(text, place, len(text.words)) else None
    if (step, place) in dead:
        return None
    found = hits[pattern.concepts[step]]
    for start in _reach(text, place, pattern.gaps[step]):
        if start in found:
            spans = _take(pattern, text, hits, step, start, dead)
            if spans is not None:
                return spans
    dead.add((step, place))
    return None


def _reach(text: Text, place: int, gap: int) -> Iterator[int]:
    """The places where the next part may start: fillers do not count, the clause is the limit."""
    limit = text.limit(place - 1)
    fillers = _MOST_FILLERS
    while place < limit:
        yield place
        if text.words[place] in text.fillers and fillers:
            fillers -= 1
        elif gap:
            gap -= 1
        else:
            return
        place += 1


def _only_fillers(text: Text, start: int, end: int) -> bool:
    """Whether nothing that says anything stands there: a few fillers or pictures."""
    return end - start <= _MOST_AT_EDGE and all(_says_nothing(text.words[p], text) for p in range(start, end))


def _says_nothing(word: str, text: Text) -> bool:
    return word in text.fillers or (len(word) == 1 and not word.isalnum())


def possible(patterns: Mapping[int, Sequence[tuple[int, Pattern]]], hits: Hits) -> Iterator[tuple[int, Pattern]]:
    """The patterns, each with the number of its rule, all of whose concepts are somewhere in the text."""
    present = hits.keys()
    for concept in hits:
        for rule, pattern in patterns.get(concept, ()):
            if pattern.needs <= present:
                yield rule, pattern
