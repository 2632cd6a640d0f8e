"""What a lexicon becomes when it is put together: plain, frozen tables that are only ever read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from flows.level import Level
from flows.risk.match import Called, Node, Pattern
from flows.risk.second import Reads
from flows.risk.spelling import Spelling


@dataclass(frozen=True, slots=True)
class Ceilings:
    """How high a rule may still speak when its words are denied, about others, long past, or in a story."""

    denied: Level
    others: Level
    past: Level
    story: Level


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule, ready for use. `unless` silences it in the clause where it is found."""

    id: str
    version: int
    level: Level
    category: str
    explain: str
    ceilings: Ceilings
    unless: tuple[Pattern, ...]
    asks: bool = False


class Cue(IntEnum):
    """What a pattern of the context says about the words, or about the clause, in which it is found."""

    NOT_DENIAL = 0
    IDIOM = 1
    PAST = 2
    STORY = 3
    ASKING = 4
    EXAGGERATION = 5


@dataclass(frozen=True, slots=True)
class Context:
    """The context of one language. Numbers are concepts; cues are looked for only when a rule has spoken."""

    denial: int
    doubt: int
    first_person: int
    new_subject: int
    other_people: int
    present: int
    denial_ends: frozenset[str]
    small_words: frozenset[str]
    called_by: Mapping[int, Sequence[Called]]  # the owners are cues


@dataclass(frozen=True, slots=True)
class Caller:
    """For which rule a pattern is looked for. A pattern in several clauses has `parts` of them, `part` is this one."""

    rule: int
    whole: int = 0  # which of the patterns in several clauses
    part: int = 0
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language: its phrases, its rules by the concept that calls them, and its context."""

    language: str
    phrases: Node
    abbreviations: Mapping[str, Sequence[str]]
    fillers: frozenset[str]
    contrasts: frozenset[str]
    reasons: tuple[Reason, ...]
    called_by: Mapping[int, Sequence[Called]]  # the owners are places in `callers`
    callers: Sequence[Caller]
    context: Context
    names: Mapping[int, str]  # of the concepts that are lists with a name


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything `assess` knows: one grammar a language, read with one common spelling; and who reads after them.

    `second_at_most` is how loud the second reader may be in each category; where one is not named, it is silent.
    """

    spelling: Spelling
    grammars: tuple[Grammar, ...]
    second: Reads | None = None
    second_at_most: Mapping[str, Level] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that this lexicon reads."""
        return tuple(grammar.language for grammar in self.grammars)

    def of(self, language: str | None) -> Lexicon:
        """Only that language; every language when it is unknown or not given, so that nobody goes unheard."""
        chosen = tuple(grammar for grammar in self.grammars if grammar.language == language)
        return replace(self, grammars=chosen) if chosen else self
