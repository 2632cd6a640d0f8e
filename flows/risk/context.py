"""Context: what stands around the words of a rule, and how much of its level is left because of it.

A context only ever quietens the words it belongs to, in their own clause. It says nothing about any other clause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from flows.level import Level
from flows.risk.grammar import Context, Reason
from flows.risk.match import Hits, Pattern, Span, Text, find
from flows.risk.page import SOFT

_DENIAL_REACH: Final = 5
_SUBJECT_REACH: Final = 8
_EXAGGERATED: Final = frozenset({"suicide", "self_harm", "violence"})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where a text denies, whom it speaks of, and which of its clauses are past, story, question or exaggeration."""

    text: Text
    denials: frozenset[int]
    doubts: frozenset[int]
    first_person: frozenset[int]
    new_subjects: frozenset[int]
    other_people: frozenset[int]
    idioms: frozenset[int]
    past: frozenset[int]
    stories: frozenset[int]
    asking: frozenset[int]
    exaggeration: frozenset[int]
    denial_ends: frozenset[str]
    small_words: frozenset[str]

    @classmethod
    def of(cls, text: Text, hits: Hits, context: Context) -> Circumstances:
        """Everything the context of this language sees in the text."""
        empty = frozenset(_covered(context.not_denials, text, hits))
        present = {text.clause_of[place] for place in hits.get(context.present, ())}
        return cls(
            text=text,
            denials=frozenset(_lasts(hits, context.denial)) - empty,
            doubts=frozenset(_lasts(hits, context.doubt)),
            first_person=frozenset(hits.get(context.first_person, ())),
            new_subjects=frozenset(hits.get(context.new_subject, ())),
            other_people=frozenset(hits.get(context.other_people, ())),
            idioms=frozenset(_covered(context.idioms, text, hits)),
            past=frozenset(_clauses(context.past, text, hits)) - present,
            stories=frozenset(_clauses(context.stories, text, hits)),
            asking=frozenset(_clauses(context.asking, text, hits)),
            exaggeration=frozenset(_clauses(context.exaggeration, text, hits)),
            denial_ends=context.denial_ends,
            small_words=context.small_words,
        )

    def level(self, reason: Reason, spans: tuple[Span, ...]) -> Level:
        """How high the rule may speak for these words."""
        if self._is_idiom(spans):
            return Level.NONE
        return min(reason.level, *self._ceilings(reason, spans), Level.EMERGENCY)

    def _ceilings(self, reason: Reason, spans: tuple[Span, ...]) -> Iterator[Level]:
        clause = self.text.clause_of[spans[0].start]
        about_another = self._about_another(spans)
        if self._denied(spans):
            yield reason.ceilings.denied
        if about_another:
            yield reason.ceilings.others
        if clause in self.past:
            yield reason.ceilings.past
        if clause in self.stories and about_another is not False:
            yield reason.ceilings.story if about_another else max(reason.ceilings.story, Level.WATCH)
        if clause in self.asking:
            yield Level(reason.level - 1)
        if clause in self.exaggeration and reason.category in _EXAGGERATED:
            yield Level.WATCH

    def _is_idiom(self, spans: tuple[Span, ...]) -> bool:
        """An idiom takes the heart out of a rule; sharing an `i` or a `to` with it is not enough."""
        places = {place for span in spans for place in range(*span)} & self.idioms
        return any(self.text.words[place] not in self.small_words for place in places)

    def _about_another(self, spans: tuple[Span, ...]) -> bool | None:
        """Whom the nearest person word up to the end of these words names; None if there is none."""
        last = spans[-1].end
        for place in range(last - 1, max(self._clause_start(spans), spans[0].start - _SUBJECT_REACH) - 1, -1):
            if place in self.first_person:
                return False
            if place in self.other_people:
                return True
        return None

    def _denied(self, spans: tuple[Span, ...]) -> bool:
        """One denial that really reaches these words. Two make none."""
        before = sum(self._denials_before(spans))
        used = {place for span in spans for place in range(*span)}
        between = set(range(spans[0].start, spans[-1].end)) - used
        return before + len(between & self.denials) == 1

    def _denials_before(self, spans: tuple[Span, ...]) -> Iterator[bool]:
        """From the words leftwards, until a pause, a new thought or a new subject ends the reach of any denial."""
        left, new_subject, reach = self._clause_start(spans), False, _DENIAL_REACH
        for place in range(spans[0].start - 1, left - 1, -1):
            if self.text.pauses[place + 1] >= SOFT or self.text.words[place] in self.denial_ends or not reach:
                return
            if place in self.doubts or (place in self.denials and not new_subject):
                yield True
            new_subject = new_subject or place in self.new_subjects
            reach -= self.text.words[place] not in self.text.fillers

    def _clause_start(self, spans: tuple[Span, ...]) -> int:
        return self.text.clause(spans[0].start).start


def _lasts(hits: Hits, concept: int) -> Iterator[int]:
    """The last word of each phrase of a concept."""
    return (end - 1 for ends in hits.get(concept, {}).values() for end in ends)


def _covered(patterns: Iterable[Pattern], text: Text, hits: Hits) -> Iterator[int]:
    for spans in _all(patterns, text, hits):
        for span in spans:
            yield from range(*span)


def _clauses(patterns: Iterable[Pattern], text: Text, hits: Hits) -> Iterator[int]:
    return (text.clause_of[spans[0].start] for spans in _all(patterns, text, hits))


def _all(patterns: Iterable[Pattern], text: Text, hits: Hits) -> Iterator[tuple[Span, ...]]:
    for pattern in patterns:
        if pattern.needs <= hits.keys():
            yield from find(pattern, text, hits)
