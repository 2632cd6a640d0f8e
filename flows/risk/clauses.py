"""Clauses: a page cut where a thought ends, so that a denial, a joke or a story quietens only what it belongs to.

Somebody who speaks into a phone may not stop for a minute. Such a clause is read in windows that overlap by more than
any pattern is long: what stands far away quietens nothing, and the work grows with the length alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from flows.risk.match import Clause
from flows.risk.page import HARD, Page

WIDEST: Final = 48
_STEP: Final = 28
_MOST_AT_EDGE: Final = 6


def clauses(page: Page, contrasts: frozenset[str], fillers: frozenset[str]) -> Iterator[Clause]:
    """The clauses in their order: cut at a full stop, at a new line, and before a `but`."""
    head, tail = _head(page.words, fillers), _tail(page.words, fillers)
    for start, end in _pieces(page, contrasts):
        for left, right in _windows(start, end):
            yield Clause(page.words[left:right], page.pauses[left:right], left, head - left, tail - left)


def _pieces(page: Page, contrasts: frozenset[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for place, (word, pause) in enumerate(zip(page.words, page.pauses, strict=True)):
        if place and (pause >= HARD or word in contrasts):
            yield start, place
            start = place
    if start < len(page.words):
        yield start, len(page.words)


def _windows(start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > WIDEST:
        yield start, start + WIDEST
        start += _STEP
    yield start, end


def _head(words: Sequence[str], fillers: frozenset[str]) -> int:
    """The first words that say nothing, a few at most, may come before the start of a message."""
    place = 0
    while place < min(len(words), _MOST_AT_EDGE) and _says_nothing(words[place], fillers):
        place += 1
    return place


def _tail(words: Sequence[str], fillers: frozenset[str]) -> int:
    place = len(words)
    while place > max(0, len(words) - _MOST_AT_EDGE) and _says_nothing(words[place - 1], fillers):
        place -= 1
    return place


def _says_nothing(word: str, fillers: frozenset[str]) -> bool:
    return word in fillers or (len(word) == 1 and not word.isalnum())
