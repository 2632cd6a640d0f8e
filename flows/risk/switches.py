"""What a programme may switch in the rules about words: all of them, a category, a language, a single rule.

Applied in one place, before the lexicon is put together, so that a rule that is off costs nothing and nothing else has
to know. The rules stay as they are written; what is said of one rule counts more than what is said of its category.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from pydantic import BeforeValidator, Field, model_validator

from flows.level import Level
from flows.risk.compiling import ceilings_of
from flows.risk.lexicon import Language, LexiconFile, Rule, RulesFile
from flows.strict import Strict

Steps = Annotated[int, Field(ge=0, le=2)]
Because = Annotated[str, Field(max_length=300)]


class CategorySwitch(Strict):
    """What is done with all rules of a category: one thing, or nothing."""

    off: bool = False
    at_most: Literal["watch", "urgent"] | None = None
    raised: Steps = 0
    lowered: Steps = 0
    because: Because = ""

    @model_validator(mode="after")
    def _one_thing(self) -> CategorySwitch:
        if sum((self.off, self.at_most is not None, self.raised > 0, self.lowered > 0)) > 1:
            raise ValueError("one of off, at_most, raised and lowered is enough")
        return self

    def applied(self, level: Level) -> Level:
        """How loud a rule of this category is; NONE where it is off. A lowered watch stays one: `off` is silence."""
        if self.off:
            return Level.NONE
        if self.at_most is not None:
            return min(level, Level.of(self.at_most))
        return Level(min(max(level + self.raised - self.lowered, Level.WATCH), Level.EMERGENCY))


class RuleSwitch(Strict):
    """What is done with one rule: it is off, or it speaks at another level."""

    off: bool = False
    level: Literal["watch", "urgent", "emergency"] | None = None
    because: Because = ""

    @model_validator(mode="after")
    def _one_thing(self) -> RuleSwitch:
        if self.off == (self.level is not None):
            raise ValueError("either off = true or a level is needed here")
        return self

    @property
    def applied(self) -> Level:
        """How loud it is; NONE where it is off."""
        return Level.NONE if self.level is None else Level.of(self.level)


class Categories(Strict):
    """A switch for each category."""

    suicide: CategorySwitch = CategorySwitch()
    self_harm: CategorySwitch = CategorySwitch()
    medical: CategorySwitch = CategorySwitch()
    violence: CategorySwitch = CategorySwitch()
    substance: CategorySwitch = CategorySwitch()
    acute_distress: CategorySwitch = CategorySwitch()

    def of(self, category: str) -> CategorySwitch:
        return cast(CategorySwitch, getattr(self, category))


def _by_id(written: object) -> object:
    """Rules by their id, also where somebody left out the quotes around it: en.suicide.edge = {…} is a group in a group
    in a group to TOML."""
    if not isinstance(written, dict):
        return written
    flat: dict[str, object] = {}
    for name, value in written.items():
        if isinstance(value, dict) and value and all(isinstance(part, dict) for part in value.values()):
            inner = cast(dict[str, object], _by_id(value))
            flat |= {f"{name}.{rest}": part for rest, part in inner.items()}
        else:
            flat[str(name)] = value
    return flat


class Screening(Strict):
    """Whether and how what participants write is looked through for signs of danger."""

    on: bool = True
    because: Because = ""
    languages: tuple[Language, ...] = ()
    second_reader: Literal["off", "watch", "urgent", "emergency"] = "urgent"
    categories: Categories = Categories()
    rules: Annotated[dict[str, RuleSwitch], BeforeValidator(_by_id)] = Field(default_factory=dict)

    def listens_in(self, language: str) -> bool:
        """Whether the rules of this language are used."""
        return self.on and (not self.languages or language in self.languages)

    def level_of(self, rule: Rule) -> Level:
        """How loud the rule is, as far as the switches of rules and categories go; NONE where it is off."""
        own = self.rules.get(rule.id)
        return self.categories.of(rule.category).applied(rule.level) if own is None else own.applied

    def second_reader_at_most(self) -> dict[str, Level]:
        """How loud the second reader may be, by category. What is done with the rules of a category is done with it."""
        if not self.on or self.second_reader == "off":
            return {}
        loudest = Level.of(self.second_reader)
        return {
            name: min(loudest, self.categories.of(name).applied(Level.EMERGENCY)) for name in Categories.model_fields
        }

    def because_of(self, rule: Rule) -> str:
        """Why the rule is not as it is written."""
        return (self.rules.get(rule.id) or self.categories.of(rule.category)).because.strip()


@dataclass(frozen=True, slots=True)
class Switched:
    """A rule that is not as loud as it is written. `level` is NONE where it is off."""

    rule: Rule
    level: Level

    @property
    def is_quieter(self) -> bool:
        return self.level < self.rule.level

    @property
    def takes_an_emergency(self) -> bool:
        """Whether somebody who would have been woken is not."""
        return self.is_quieter and self.rule.level is Level.EMERGENCY


def switched(files: Mapping[str, LexiconFile], screening: Screening) -> dict[str, LexiconFile]:
    """The files as this programme uses them: what does not listen is not in them."""
    return {name: _switched(file, screening) for name, file in files.items() if screening.listens_in(file.language)}


def switched_rules(files: Mapping[str, LexiconFile], screening: Screening) -> Iterator[Switched]:
    """Every rule that the switches of rules and categories make louder, quieter or silent."""
    for file in files.values():
        for rule in file.rules if isinstance(file, RulesFile) else ():
            level = screening.level_of(rule)
            if level is not rule.level:
                yield Switched(rule, level)


def _switched(file: LexiconFile, screening: Screening) -> LexiconFile:
    if not isinstance(file, RulesFile):
        return file
    levels = ((rule, screening.level_of(rule)) for rule in file.rules)
    rules = tuple(_at(rule, level) for rule, level in levels if level is not Level.NONE)
    return file.model_copy(update={"rules": rules})


def _at(rule: Rule, level: Level) -> Rule:
    """The rule at another level. What it keeps of it when its words are denied, or about others, is not lost with an
    emergency that was lowered, and is gained by one that was raised."""
    if level is rule.level:
        return rule
    kept = ceilings_of(rule.model_copy(update={"level": max(rule.level, level)}))
    keeps = {"denied": kept.denied, "others": kept.others, "past": kept.past, "story": kept.story}
    asks = rule.asks and level is Level.URGENT  # an emergency never waits for a question, and a watch asks by itself
    return rule.model_copy(update={"level": level, "asks": asks, **keeps})
