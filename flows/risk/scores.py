"""Answers that are signals: a button or a number that worries fires at the moment it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from pydantic import Field, model_validator

from flows.phi import Phi
from flows.risk.lexicon import Category, RuleId, RuleLevel, Words
from flows.risk.values import Signal
from flows.strict import Strict


class ScoreRule(Strict):
    """One answer, or range of answers, that means something. `count` is how often in a row it must be given."""

    id: RuleId
    version: int = Field(ge=1)
    item: str = Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")
    is_: Words | None = Field(default=None, alias="is")
    at_least: int | None = None
    at_most: int | None = None
    between: tuple[int, int] | None = None
    count: int = Field(default=1, ge=1)
    level: RuleLevel
    category: Category
    explain: Words
    source: Words

    @model_validator(mode="after")
    def _asks_one_thing(self) -> ScoreRule:
        asked = [self.is_, self.at_least, self.at_most, self.between]
        if sum(test is not None for test in asked) != 1:
            raise ValueError(f"“{self.id}” needs exactly one of: is, at_least, at_most, between")
        if self.between is not None and self.between[0] > self.between[1]:
            raise ValueError(f"“{self.id}”: between goes from the lower to the higher number")
        return self

    def fits(self, answer: str) -> bool:
        """Whether this one answer is of the kind the rule asks about."""
        if self.is_ is not None:
            return answer.strip().casefold() == self.is_.strip().casefold()
        number = _number(answer)
        return number is not None and self._holds(number)

    def _holds(self, number: float) -> bool:
        low, high = self.between or (self.at_least, self.at_most)
        return (low is None or number >= low) and (high is None or number <= high)


class ScoreRules(Strict):
    """The file of score rules."""

    rules: tuple[ScoreRule, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> ScoreRules:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"the rule “{rule.id}” is here twice")
            seen.add(rule.id)
        return self

    @cached_property
    def by_item(self) -> Mapping[str, tuple[ScoreRule, ...]]:
        return {item: tuple(rule for rule in self.rules if rule.item == item) for item in {r.item for r in self.rules}}


def read_score(item: str, answer: str, rules: ScoreRules, *, count: int = 1) -> tuple[Signal, ...]:
    """The signals that this answer gives, the most worrying first.

    `count` is how many times in a row this answer has now been given; a rule with a `count` waits for that many.
    """
    about_it = rules.by_item.get(item, ())
    fired = [_signal(rule, answer) for rule in about_it if count >= rule.count and rule.fits(answer)]
    return tuple(sorted(fired, key=lambda signal: (-signal.level, signal.rule)))


def read_in_a_row(
    item: str, answer: str, rules: ScoreRules, runs: Mapping[str, int]
) -> tuple[tuple[Signal, ...], dict[str, int]]:
    """The signals of this answer, where rules that wait for several in a row are counted: `runs` is how often in a row
    each has fitted so far. Returns them with the new counts. A question left out neither counts nor breaks a run."""
    about_it = rules.by_item.get(item, ())
    waiting = [rule for rule in about_it if rule.count > 1]
    if answer == "skip":
        return (), dict(runs)
    counts = {rule.id: runs.get(rule.id, 0) + 1 for rule in waiting if rule.fits(answer)}
    kept = {rule: count for rule, count in runs.items() if all(rule != one.id for one in waiting)}
    fired = [
        _signal(rule, answer)
        for rule in about_it
        if rule.fits(answer) and counts.get(rule.id, rule.count) >= rule.count
    ]
    return tuple(sorted(fired, key=lambda signal: (-signal.level, signal.rule))), {**kept, **counts}


def as_shown(signals: tuple[Signal, ...], label: str) -> tuple[Signal, ...]:
    """The same signals with the words that were on the button, for whoever reads them."""
    return tuple(replace(signal, words=Phi(label), end=len(label)) for signal in signals)


def _signal(rule: ScoreRule, answer: str) -> Signal:
    return Signal(rule.id, rule.version, rule.level, rule.category, 0, len(answer), Phi(answer), rule.explain)


def _number(answer: str) -> float | None:
    try:
        return float(answer.strip().replace(",", "."))
    except ValueError:
        return None
