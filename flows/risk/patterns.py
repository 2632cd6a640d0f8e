"""Early warning: rules that look at weeks, not at one answer. Each can be told in one sentence to the therapist and in
one to the participant, and fires once until what it saw is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field, model_validator

from flows.level import Level
from flows.phi import Phi
from flows.risk.conditions import AnyCondition
from flows.risk.history import History, Needs
from flows.risk.lexicon import AnyLevel, Category, Words
from flows.risk.values import Signal
from flows.strict import Strict

PatternId = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$")]
#: The language in which every sentence must be there.
MOTHER_TONGUE = "en"


class PatternRule(Strict):
    """One pattern: it shows when any of its conditions holds. Level `none` asks nobody to look: a nudge, no alert."""

    id: PatternId
    version: int = Field(ge=1)
    level: AnyLevel
    category: Category
    staff: Words
    participant: Mapping[str, Words]
    source: Words
    any: tuple[AnyCondition, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_told(self) -> PatternRule:
        if MOTHER_TONGUE not in self.participant:
            raise ValueError(f"“{self.id}” has no sentence for the participant in English (en)")
        return self

    def figures(self, history: History) -> str:
        """What made it show; empty where it does not."""
        return next((figures for one in self.any if (figures := one.figures(history))), "")

    def sentence(self, language: str) -> str:
        """What the participant is told."""
        return self.participant.get(language) or self.participant[MOTHER_TONGUE]

    @cached_property
    def about(self) -> frozenset[str]:
        return frozenset().union(*(one.about for one in self.any))

    @cached_property
    def needs(self) -> Needs:
        found = Needs()
        for one in self.any:
            found |= one.needs
        return found


class PatternRules(Strict):
    """The file of rules about patterns."""

    rules: tuple[PatternRule, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> PatternRules:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"the rule “{rule.id}” is here twice")
            seen.add(rule.id)
        return self

    @cached_property
    def by_id(self) -> Mapping[str, PatternRule]:
        return {rule.id: rule for rule in self.rules}

    def after(self, topics: Iterable[str]) -> tuple[PatternRule, ...]:
        """The rules that may see something else after a change of one of these."""
        changed = frozenset(topics)
        return tuple(rule for rule in self.rules if rule.about & changed)


def needs_of(rules: Iterable[PatternRule]) -> Needs:
    """What has to be looked up for all of these."""
    found = Needs()
    for rule in rules:
        found |= rule.needs
    return found


def look(
    rules: Iterable[PatternRule], history: History, standing: Mapping[str, int]
) -> tuple[tuple[Signal, ...], dict[str, int]]:
    """The signals of the patterns that show now and did not before, the most worrying first. `standing` are those that
    showed when they were last looked at, with their versions; returned as they stand now."""
    shows = {rule.id: (rule, figures) for rule in rules if (figures := rule.figures(history))}
    looked_at = {rule.id for rule in rules}
    fresh = [_signal(rule, figures) for rule, figures in shows.values() if rule.id not in standing]
    kept = {name: version for name, version in standing.items() if name not in looked_at}
    still = {name: standing.get(name, rule.version) for name, (rule, _) in shows.items()}
    return tuple(sorted(fresh, key=lambda signal: -signal.level)), {**kept, **still}


def _signal(rule: PatternRule, figures: str) -> Signal:
    """The figures are its words; they stand in no text, so they have no place in one."""
    return Signal(rule.id, rule.version, rule.level, rule.category, 0, 0, Phi(figures), rule.staff)


def is_nudge(signal: Signal) -> bool:
    """Whether it is no alert at all."""
    return signal.level is Level.NONE
