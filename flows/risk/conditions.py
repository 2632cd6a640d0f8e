"""What can be looked for over time: one small shape a kind, each with its thresholds. Pure: a history in, figures out.

The figures are what made it hold, for whoever reads the signal; nothing is returned where it does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from statistics import mean, median
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from flows.risk.history import History, Needs
from flows.risk.lexicon import Words
from flows.strict import Strict

#: What a change can be about: a question, an instrument, or one of these.
CHECK_INS, SESSIONS, MISSED = "check_ins", "sessions", "missed"
Item = Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")]
Days = Annotated[int, Field(ge=1, le=366)]
Instrument = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]


class Condition(Strict):
    """One of the ways in which a pattern shows. `only_if` names the track of a participant for whom alone it counts."""

    only_if: str = ""

    def figures(self, history: History) -> str:
        """The figures for which it holds; empty where it does not."""
        return self._found(history) if not self.only_if or self.only_if in history.flags else ""

    def _found(self, history: History) -> str:
        raise NotImplementedError

    @property
    def about(self) -> frozenset[str]:
        """The changes after which it may be otherwise."""
        return frozenset(self.needs.items) | frozenset(self.needs.totals)

    @property
    def needs(self) -> Needs:
        """As much of the history as it looks at."""
        raise NotImplementedError


class OneAnswer(Strict):
    """Answers of one kind to one question."""

    item: Item
    is_: Words | None = Field(default=None, alias="is")
    at_least: int | None = None
    at_most: int | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> OneAnswer:
        if sum(test is not None for test in (self.is_, self.at_least, self.at_most)) != 1:
            raise ValueError("needs exactly one of: is, at_least, at_most")
        return self

    def fits(self, value: str) -> bool:
        """Whether this answer is of that kind."""
        if self.is_ is not None:
            return value == self.is_
        return value.isdecimal() and self._holds(int(value))

    def _holds(self, number: int) -> bool:
        return (self.at_least is None or number >= self.at_least) and (self.at_most is None or number <= self.at_most)


class Answers(Condition, OneAnswer):
    """Answers of one kind on `days` of the last `of_last` answered days, none of them older than `within` days."""

    look: Literal["answers"]
    days: Days
    of_last: Days | None = None
    within: Days

    def _found(self, history: History) -> str:
        latest = history.given(self.item, self.within)[-(self.of_last or self.days) :]
        enough = sum(self.fits(value) for _, value in latest) >= self.days
        return _listed(latest) if enough else ""

    @property
    def needs(self) -> Needs:
        return Needs({self.item: self.within})


class OnOneDay(Condition):
    """Several answers that mean something together, on the latest day on which the first of them was given."""

    look: Literal["on_one_day"]
    all: tuple[OneAnswer, ...] = Field(min_length=2)
    within: Days = 2

    def _found(self, history: History) -> str:
        latest = history.given(self.all[0].item, self.within)[-1:]
        if not latest:
            return ""
        day = latest[0][0]
        given = [dict(history.given(one.item, self.within)).get(day, "") for one in self.all]
        if not all(one.fits(value) for one, value in zip(self.all, given, strict=True)):
            return ""
        return ", ".join(f"{_name(one.item)} {value}" for one, value in zip(self.all, given, strict=True))

    @property
    def needs(self) -> Needs:
        return Needs({one.item: self.within for one in self.all})


class Drop(Condition):
    """The mean of the last `days` answered days is `below_median` or more under their own median of `within` days, for
    which at least `answers` answers are needed."""

    look: Literal["drop"]
    item: Item
    days: Days
    below_median: float = Field(gt=0)
    answers: Days
    within: Days

    def _found(self, history: History) -> str:
        known = history.numbers(self.item, self.within)
        if len(known) < max(self.answers, self.days):
            return ""
        lately, usually = mean(value for _, value in known[-self.days :]), median(value for _, value in known)
        fell = usually - lately >= self.below_median
        return f"lately {_short(lately)}, usually {_short(usually)} ({_listed(known[-self.days :])})" if fell else ""

    @property
    def needs(self) -> Needs:
        return Needs({self.item: self.within})


class Swing(Condition):
    """From one answered day to the next a change by `points` or more, up or down, `times` times in `within` days."""

    look: Literal["swing"]
    item: Item
    points: float = Field(gt=0)
    times: Days
    within: Days

    def _found(self, history: History) -> str:
        known = history.numbers(self.item, self.within)
        swings = sum(abs(after - before) >= self.points for (_, before), (_, after) in pairwise(known))
        return _listed(known) if swings >= self.times else ""

    @property
    def needs(self) -> Needs:
        return Needs({self.item: self.within})


class NoSession(Condition):
    """Expected at a session in the last `within` days, and came to none. With none written down, nothing is known."""

    look: Literal["no_session"]
    within: Days

    def _found(self, history: History) -> str:
        expected = [one for one in history.sessions if one[0] >= history.since(self.within)]
        stayed_away = bool(expected) and not any(came for _, came in expected)
        return f"expected on {', '.join(_day(day) for day, _ in expected)}" if stayed_away else ""

    @property
    def about(self) -> frozenset[str]:
        return frozenset({SESSIONS})

    @property
    def needs(self) -> Needs:
        return Needs(sessions=self.within)


class Missed(Condition):
    """So many check-ins in a row were delivered and left; where one of the others is given, only if that holds too."""

    look: Literal["missed"]
    in_a_row: Days
    in_follow_up: bool = False
    after_discharge: Days | None = None
    with_missed_session: bool = False

    def _found(self, history: History) -> str:
        if history.missed < self.in_a_row:
            return ""
        beside = [*self._follow_up(history), *self._discharge(history), *self._session(history)]
        return ", ".join([f"{history.missed} in a row", *beside]) if len(beside) == self._conditions else ""

    @property
    def _conditions(self) -> int:
        return sum((self.in_follow_up, self.after_discharge is not None, self.with_missed_session))

    def _follow_up(self, history: History) -> Iterable[str]:
        if self.in_follow_up and history.in_follow_up:
            yield "while a case of theirs is followed up"

    def _discharge(self, history: History) -> Iterable[str]:
        left = history.discharged
        if self.after_discharge is not None and left and history.today - left <= timedelta(days=self.after_discharge):
            yield f"discharged on {_day(left)}"

    def _session(self, history: History) -> Iterable[str]:
        left = {day for day, answered in history.check_ins[-history.missed :] if not answered}
        away = sorted(left & {day for day, came in history.sessions if not came})
        if self.with_missed_session and away:
            yield f"and away from a session on {_day(away[-1])}"

    @property
    def about(self) -> frozenset[str]:
        return frozenset({MISSED}) | (frozenset({SESSIONS}) if self._conditions else frozenset())

    @property
    def needs(self) -> Needs:
        days = (self.after_discharge or 0) + 1
        together = 14 if self.with_missed_session else 0
        return Needs(sessions=max(days, together) if self._conditions else 0, check_ins=together)


class Fading(Condition):
    """Answered less than `below` percent of the last `days` days, after more than `after` percent of as many before. In
    each of the two at least `at_least` check-ins must have been delivered."""

    look: Literal["fading"]
    days: Days
    below: int = Field(ge=1, le=100)
    after: int = Field(ge=1, le=100)
    at_least: Days

    def _found(self, history: History) -> str:
        start, before = history.since(self.days), history.since(2 * self.days)
        now = [answered for day, answered in history.check_ins if day >= start]
        then = [answered for day, answered in history.check_ins if before <= day < start]
        if min(len(now), len(then)) < self.at_least:
            return ""
        fell = 100 * sum(now) < self.below * len(now) and 100 * sum(then) > self.after * len(then)
        return f"{sum(now)} of {len(now)}, before that {sum(then)} of {len(then)}" if fell else ""

    @property
    def about(self) -> frozenset[str]:
        return frozenset({CHECK_INS})

    @property
    def needs(self) -> Needs:
        return Needs(check_ins=2 * self.days)


class Total(Condition):
    """The latest total of an instrument rose or fell by so much, since the last or since their best; or it lies so
    high, or so low, now."""

    look: Literal["total"]
    instrument: Instrument
    rose_since_last: int | None = Field(default=None, ge=1)
    rose_since_best: int | None = Field(default=None, ge=1)
    fell_since_last: int | None = Field(default=None, ge=1)
    at_least: int | None = None
    at_most: int | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Total:
        asked = (self.rose_since_last, self.rose_since_best, self.fell_since_last, self.at_least, self.at_most)
        if sum(test is not None for test in asked) != 1:
            known = "rose_since_last, rose_since_best, fell_since_last, at_least, at_most"
            raise ValueError(f"needs exactly one of: {known}")
        return self

    def _found(self, history: History) -> str:
        taken = [total for _, total in history.totals.get(self.instrument, ())]
        if not taken:
            return ""
        *before, now = taken
        return f"{now}, before that {_or_nothing(before[-1:])}, lowest {min(taken)}" if self._holds(now, before) else ""

    def _holds(self, now: int, before: list[int]) -> bool:
        if self.at_least is not None or self.at_most is not None:
            return now >= self.at_least if self.at_least is not None else now <= (self.at_most or 0)
        if not before:
            return False
        rose = [
            (self.rose_since_last, now - before[-1]),
            (self.rose_since_best, now - min(before)),
            (self.fell_since_last, before[-1] - now),
        ]
        return any(limit is not None and by >= limit for limit, by in rose)

    @property
    def needs(self) -> Needs:
        return Needs(totals=frozenset({self.instrument}))


AnyCondition: TypeAlias = Annotated[
    Answers | OnOneDay | Drop | Swing | NoSession | Missed | Fading | Total, Field(discriminator="look")
]


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _listed(known: Iterable[tuple[date, object]]) -> str:
    return ", ".join(f"{_day(day)}: {_short(value)}" for day, value in known)


def _short(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def _or_nothing(values: Iterable[object]) -> str:
    return next((str(value) for value in values), "none")


def _name(item: str) -> str:
    return item.partition(".")[2]
