"""The examples of the lexicon files are its first tests: each rule finds what it says it finds, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flows.risk.assessing import assess
from flows.risk.compiling import Where
from flows.risk.grammar import Lexicon
from flows.risk.lexicon import LexiconFile, Rule, RulesFile


@dataclass(frozen=True, slots=True)
class FailedExample:
    """An example that does not hold, and the way to it in its file."""

    file: str
    where: Where
    rule: str
    sentence: str


def failed_examples(files: Mapping[str, LexiconFile], lexicon: Lexicon) -> tuple[FailedExample, ...]:
    """Every example of every rule that does not hold, in the order of the files."""
    return tuple(
        FailedExample(name, ("rules", place, *where), rule.id, sentence)
        for name, file in files.items()
        if isinstance(file, RulesFile)
        for place, rule in enumerate(file.rules)
        for where, sentence in _failed(rule, lexicon.of(file.language))
    )


def _failed(rule: Rule, lexicon: Lexicon) -> Iterator[tuple[Where, str]]:
    for place, text in enumerate(rule.examples.hits):
        if not _fires(rule, text, lexicon):
            yield ("examples", "hits", place), f"“{text}” should be found by “{rule.id}” and is not"
    for place, text in enumerate(rule.examples.not_):
        if _fires(rule, text, lexicon):
            yield ("examples", "not", place), f"“{text}” should not be found by “{rule.id}” and is"


def _fires(rule: Rule, text: str, lexicon: Lexicon) -> bool:
    """Whether the rule speaks at its full level."""
    return any(signal.rule == rule.id and signal.level == rule.level for signal in assess(text, lexicon).signals)
