"""Everything a programme has written down: settings, texts, ladders, rules, crisis lines. Read once, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flows.content import Conversation, Line, Step, fill
from flows.ladder import Escalation
from flows.risk import Assessment, Lexicon, PatternRules, ScoreRules, assess
from flows.rota import Hours
from flows.settings import Settings
from flows.strict import Strict

#: Texts exist in English in full; any other language falls back to it, text by text.
MOTHER_TONGUE = "en"


class CrisisLine(Strict):
    """One line that answers in a crisis. `last_verified` is the day a person dialled it (empty: nobody has yet)."""

    id: str
    name: str
    reach: str  # as it is said: "call or text 988"
    languages: tuple[str, ...] = ("en",)
    last_verified: str = ""


class CrisisLines(Strict):
    """A country's emergency number and crisis lines, the first of them the one that is always shown."""

    country: str
    emergency: str
    lines: tuple[CrisisLine, ...]


@dataclass(frozen=True)
class Library:
    """One programme's words and numbers. `content` is by language, then by conversation."""

    settings: Settings
    escalation: Escalation
    content: Mapping[str, Mapping[str, Conversation]]
    crisis_lines: CrisisLines
    lexicon: Lexicon
    scores: ScoreRules
    patterns: PatternRules
    version: str = ""
    _facts: dict[str, Mapping[str, object]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.content)

    def conversation(self, language: str, name: str) -> Conversation:
        """The conversation in `language`, or in English where nobody has translated it."""
        spoken = self.content.get(language, {})
        return spoken.get(name) or self.content[MOTHER_TONGUE][name]

    def holds(self, name: str, step: str) -> bool:
        """Whether there is such a conversation, with such a step in it."""
        found = self.content[MOTHER_TONGUE].get(name)
        return found is not None and step in found.by_id

    def step(self, language: str, content: str) -> Step:
        """The step `file.step`. Raises KeyError for one that does not exist."""
        name, _, step = content.partition(".")
        spoken = self.conversation(language, name).by_id
        return spoken.get(step) or self.conversation(MOTHER_TONGUE, name).by_id[step]

    def line(self, language: str, content: str, slots: Mapping[str, object]) -> Line:
        """The text of `file.step` with its slots filled; the programme's own facts need not be given."""
        step = self.step(language, content)
        version = self.conversation(language, content.partition(".")[0]).version
        return Line(fill(step.say, {**self.facts(language), **slots}), f"{content}@{version}", step.answers)

    def facts(self, language: str) -> Mapping[str, object]:
        """The slots that every text may use; the crisis line is the first that speaks the language."""
        found = self._facts.get(language)
        if found is None:
            found = self._facts[language] = self._facts_in(language)
        return found

    def _facts_in(self, language: str) -> dict[str, object]:
        programme = self.settings.programme
        lines = self.crisis_lines.lines
        first = next((line for line in lines if (language or MOTHER_TONGUE) in line.languages), lines[0])
        return {
            "emergency": self.crisis_lines.emergency,
            "line": first.reach,
            "programme": programme.name,
            "phone": programme.phone or first.reach,
            "hours": "every day" if programme.hours == Hours.always() else programme.hours.written,
        }

    def assess(self, text: str) -> Assessment:
        """What one text says in any of the lexicon's languages: people mix them."""
        return assess(text, self.lexicon)
