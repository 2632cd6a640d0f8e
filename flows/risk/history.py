"""What is known of one person over time, as the rules about patterns may know it, and how much of it they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

#: One per day: (local date, answer), the oldest first. A question left out or kept back is no answer.
Given = tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class History:
    """`today` is the date on their wall; every other date is one of theirs as well.

    `answers` are by question, one a day. `check_ins` are those that reached them and are over, each with whether it was
    answered. `totals` are by instrument, in the order they were taken. `sessions` are those that they were expected at,
    each with whether they came. `missed` counts check-ins in a row that they left unanswered and said nothing since.
    What they answered is in no `repr`.
    """

    today: date
    answers: Mapping[str, Given] = field(default_factory=dict, repr=False)
    check_ins: tuple[tuple[date, bool], ...] = ()
    totals: Mapping[str, tuple[tuple[date, int], ...]] = field(default_factory=dict, repr=False)
    sessions: tuple[tuple[date, bool], ...] = ()
    discharged: date | None = None
    missed: int = 0
    in_follow_up: bool = False  # an urgent or emergency case of theirs is not closed yet
    flags: frozenset[str] = frozenset()

    def since(self, days: int) -> date:
        """The first of the last `days` days, of which today is one."""
        return self.today - timedelta(days=days - 1)

    def given(self, item: str, within: int) -> Given:
        """What was answered to `item` in the last `within` days."""
        return tuple(one for one in self.answers.get(item, ()) if one[0] >= self.since(within))

    def numbers(self, item: str, within: int) -> tuple[tuple[date, float], ...]:
        """The same, where it was a number."""
        return tuple((day, float(value)) for day, value in self.given(item, within) if is_number(value))

    def with_answer(self, item: str, day: date, value: str) -> History:
        """With one more answer, or one put right; `skip` and `unsaid` take that day's answer back."""
        others = tuple(one for one in self.answers.get(item, ()) if one[0] != day)
        answered = others if value in NO_ANSWER else tuple(sorted((*others, (day, value))))
        return replace(self, answers={**self.answers, item: answered})

    def with_check_in(self, day: date, *, answered: bool) -> History:
        """With what became of one more check-in, just now."""
        others = tuple(one for one in self.check_ins if one[0] != day)
        return replace(self, check_ins=tuple(sorted((*others, (day, answered)))))


NO_ANSWER = frozenset({"skip", "unsaid"})


def is_number(value: str) -> bool:
    """Whether an answer is a whole number, as those on scales are."""
    return value.isascii() and value.isdecimal()


@dataclass(frozen=True, slots=True)
class Needs:
    """So much of a history, and no more, has to be looked up: days back by question, days of check-ins and sessions,
    instruments."""

    items: Mapping[str, int] = field(default_factory=dict)
    check_ins: int = 0
    sessions: int = 0
    totals: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        items = {item: max(self.items.get(item, 0), other.items.get(item, 0)) for item in {**self.items, **other.items}}
        return Needs(
            items, max(self.check_ins, other.check_ins), max(self.sessions, other.sessions), self.totals | other.totals
        )
