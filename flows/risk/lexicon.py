"""The shape of the lexicon files: concepts, rules and the context they are read in, one language at a time.

Every scalar may arrive as text. A complaint says what is wrong in words that the editor of the file understands.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from flows.level import Level
from flows.risk.pattern import parse
from flows.strict import Strict

Category = Literal["suicide", "self_harm", "medical", "violence", "substance", "acute_distress"]


def _level(value: Any) -> Level:
    if isinstance(value, Level):
        return value
    try:
        return Level.of(str(value))
    except KeyError:
        near = get_close_matches(str(value).lower(), [level.word for level in Level], n=1)
        hint = f". Did you mean “{near[0]}”?" if near else ""
        raise ValueError(f"“{value}” is no level; the levels are none, watch, urgent and emergency{hint}") from None


def _alerting(level: Level) -> Level:
    if level is Level.NONE:
        raise ValueError("a rule of level none would never be heard; use watch, urgent or emergency")
    return level


def _pattern(written: str) -> str:
    parse(written)
    return written


AnyLevel = Annotated[Level, BeforeValidator(_level)]
RuleLevel = Annotated[AnyLevel, AfterValidator(_alerting)]
PatternText = Annotated[str, Field(min_length=1), AfterValidator(_pattern)]
Words = Annotated[str, Field(min_length=1)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$")]


class Examples(Strict):
    """Sentences that this rule must find, and sentences that it must not find at its full level."""

    hits: tuple[Words, ...] = Field(min_length=1)
    not_: tuple[Words, ...] = Field(default=(), alias="not")


class Rule(Strict):
    """One reason to worry: its patterns, how much, and the sentence a therapist reads.

    `denied`, `others`, `past` and `story` say how high the rule may still speak when the words are denied, are about
    another person, about a time long gone, or about a film or a class. Left out, the usual answer is taken.

    `asks`, for an urgent rule: its words may mean danger and may not. Before anybody is paged, the participant is asked
    directly, once; what they answer counts. A watch asks by itself, and an emergency never waits for a question.
    """

    id: RuleId
    version: int = Field(ge=1)
    level: RuleLevel
    category: Category
    explain: Words
    patterns: tuple[PatternText, ...] = Field(min_length=1)
    unless: tuple[PatternText, ...] = ()
    denied: AnyLevel | None = None
    others: AnyLevel | None = None
    past: AnyLevel | None = None
    story: AnyLevel | None = None
    asks: bool = False
    examples: Examples

    @model_validator(mode="after")
    def _only_urgent_asks(self) -> Rule:
        if self.asks and self.level is not Level.URGENT:
            raise ValueError(
                f"“{self.id}” is {self.level.word}: only an urgent rule can say `asks: true`. A watch asks by itself,"
                " and an emergency never waits for a question"
            )
        return self


class RulesFile(Strict):
    """One category of rules in one language."""

    language: Language
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> RulesFile:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"the rule “{rule.id}” is here twice")
            seen.add(rule.id)
        return self


class ConceptsFile(Strict):
    """Lists of words and phrases with a name. A line `{name}` takes in everything of another list."""

    language: Language
    concepts: dict[str, tuple[Words, ...]]


class ContextFile(Strict):
    """How this language denies, tells about others, about the past and about stories, and what it never means."""

    language: Language
    abbreviations: dict[str, Words] = Field(default_factory=dict)
    forgiving: tuple[Words, ...] = ()
    fillers: tuple[Words, ...]
    contrasts: tuple[Words, ...]
    denials: tuple[Words, ...]
    denial_ends: tuple[Words, ...]
    not_denials: tuple[PatternText, ...]
    doubts: tuple[Words, ...]
    small_words: tuple[Words, ...]
    first_person: tuple[Words, ...]
    new_subjects: tuple[Words, ...]
    other_people: tuple[Words, ...]
    past: tuple[PatternText, ...]
    present: tuple[Words, ...]
    stories: tuple[PatternText, ...]
    asking: tuple[PatternText, ...]
    exaggeration: tuple[PatternText, ...]
    idioms: tuple[PatternText, ...]


class CommonFile(Strict):
    """Words of this language that are never taken for another one mistyped, in one long line each.

    The `commonest_words` are those that a sentence can hardly do without.
    """

    language: Language
    commonest_words: str = ""
    common_words: Words
    swear_words: str = ""


LexiconFile = RulesFile | ConceptsFile | ContextFile | CommonFile
