"""Context: what stands around the words of a rule, and how much of its level is left because of it.

A context only ever quietens the words it belongs to, in their own clause. It says nothing about any other clause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flows.level import Level
from flows.risk.grammar import Context, Cue, Reason
from flows.risk.match import Search, Span
from flows.risk.page import SOFT

_DENIAL_REACH: Final = 5
_SUBJECT_REACH: Final = 8
_EXAGGERATED: Final = frozenset({"suicide", "self_harm", "violence"})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where a clause denies, whom it speaks of, what is idiom in it; and what the clause as a whole is."""

    search: Search
    context: Context
    denials: frozenset[int]
    doubts: frozenset[int]
    first_person: frozenset[int]
    new_subjects: frozenset[int]
    other_people: frozenset[int]
    idioms: frozenset[int]
    is_now: bool
    is_a: frozenset[Cue]

    @classmethod
    def of(cls, search: Search, context: Context) -> Circumstances:
        """Everything the context of this language sees in the clause."""
        is_a: set[Cue] = set()
        covered: dict[Cue, set[int]] = {Cue.NOT_DENIAL: set(), Cue.IDIOM: set()}
        for number, pattern in search.possible(context.called_by):
            cue = Cue(number)
            places = covered.get(cue)
            if cue in is_a:
                continue
            for spans in search.find(pattern):
                if places is None:
                    is_a.add(cue)
                    break
                places.update(place for span in spans for place in range(*span))
        return cls(
            search=search,
            context=context,
            denials=frozenset(_lasts(search, context.denial)) - covered[Cue.NOT_DENIAL],
            doubts=frozenset(_lasts(search, context.doubt)),
            first_person=frozenset(search.hits.of(context.first_person)),
            new_subjects=frozenset(search.hits.of(context.new_subject)),
            other_people=frozenset(search.hits.of(context.other_people)),
            idioms=frozenset(covered[Cue.IDIOM]),
            is_now=bool(search.hits.of(context.present)),
            is_a=frozenset(is_a),
        )

    def level(self, reason: Reason, spans: tuple[Span, ...]) -> Level:
        """How high the rule may speak for these words."""
        if self._is_idiom(spans):
            return Level.NONE
        return min(reason.level, *self._ceilings(reason, spans), Level.EMERGENCY)

    def _ceilings(self, reason: Reason, spans: tuple[Span, ...]) -> Iterator[Level]:
        about_another = self._about_another(spans)
        if self._denied(spans):
            yield reason.ceilings.denied
        if about_another:
            yield reason.ceilings.others
        if Cue.PAST in self.is_a and not self.is_now:
            yield reason.ceilings.past
        if Cue.STORY in self.is_a and about_another is not False:
            yield reason.ceilings.story if about_another else max(reason.ceilings.story, Level.WATCH)
        if Cue.ASKING in self.is_a:
            yield Level(reason.level - 1)
        if Cue.EXAGGERATION in self.is_a and reason.category in _EXAGGERATED:
            yield Level.WATCH

    def _is_idiom(self, spans: tuple[Span, ...]) -> bool:
        """An idiom takes the heart out of a rule; sharing an `i` or a `to` with it is not enough."""
        if not self.idioms:
            return False
        places = {place for span in spans for place in range(*span)} & self.idioms
        return any(self.search.clause.words[place] not in self.context.small_words for place in places)

    def _about_another(self, spans: tuple[Span, ...]) -> bool | None:
        """Whom the nearest person word up to the end of these words names; None if there is none."""
        for place in range(spans[-1].end - 1, max(0, spans[0].start - _SUBJECT_REACH) - 1, -1):
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
        words, pauses = self.search.clause.words, self.search.clause.pauses
        new_subject, reach = False, _DENIAL_REACH
        for place in range(spans[0].start - 1, -1, -1):
            if pauses[place + 1] >= SOFT or words[place] in self.context.denial_ends or not reach:
                return
            if place in self.doubts or (place in self.denials and not new_subject):
                yield True
            new_subject = new_subject or place in self.new_subjects
            reach -= words[place] not in self.search.fillers


def _lasts(search: Search, concept: int) -> Iterator[int]:
    """The last word of each phrase of a concept."""
    return (end - 1 for ends in search.hits.of(concept).values() for end in ends)
