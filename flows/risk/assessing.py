"""How worried should one message make us?

Every signal names its rule and the exact words. A denial, a joke or a story quietens only the words in its own clause;
nothing here lowers what another clause has said, and nothing here decides that a person is safe.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, NamedTuple

from flows.level import Level
from flows.phi import Phi
from flows.risk.context import Circumstances
from flows.risk.grammar import Grammar, Lexicon, Reason
from flows.risk.match import Hits, Pattern, Span, Text, find, look_up, possible
from flows.risk.page import HARD, Page, read
from flows.risk.values import Assessment, Signal

_MOST_SIGNALS: Final = 3  # of one rule: the fourth time somebody writes the same tells a therapist nothing new


class _Finding(NamedTuple):
    """Words of a text that a rule may speak about, and how loud."""

    words: Span
    level: Level


def assess(text: str, lexicon: Lexicon) -> Assessment:
    """The level of one message and every signal in it, in each language of the lexicon; the highest signal wins."""
    page = read(text, lexicon.spelling)
    return Assessment.of(signal for grammar in lexicon.grammars for signal in _signals(text, page, grammar))


def _signals(written: str, page: Page, grammar: Grammar) -> Iterator[Signal]:
    page = _spelled_out(page, grammar)
    text = _text(page, grammar)
    hits = look_up(text, grammar.phrases)
    for number, findings in _findings(text, hits, grammar).items():
        for words, level in findings:
            start, end = page.starts[words.start], page.ends[words.end - 1]
            yield _signal(grammar.reasons[number], level, start, end, written)


def _signal(reason: Reason, level: Level, start: int, end: int, written: str) -> Signal:
    words = Phi(written[start:end])
    return Signal(reason.id, reason.version, level, reason.category, start, end, words, reason.explain)


def _findings(text: Text, hits: Hits, grammar: Grammar) -> dict[int, list[_Finding]]:
    """What each rule found, loudest kept. Circumstances are looked at only when a rule has something to say."""
    findings: dict[int, list[_Finding]] = defaultdict(list)
    circumstances: Circumstances | None = None
    for number, pattern in possible(grammar.called_by, hits):
        reason = grammar.reasons[number]
        silenced: set[int] | None = None
        for spans in find(pattern, text, hits):
            circumstances = circumstances or Circumstances.of(text, hits, grammar.context)
            silenced = _silenced(reason, text, hits) if silenced is None else silenced
            if text.clause_of[spans[0].start] not in silenced:
                whole = Span(spans[0].start, spans[-1].end)
                _keep(findings[number], _Finding(whole, circumstances.level(reason, spans)))
            if sum(finding.level == reason.level for finding in findings[number]) == _MOST_SIGNALS:
                break
    return findings


def _keep(findings: list[_Finding], new: _Finding) -> None:
    """Keep a finding unless the same words already said as much; a quiet one only while there is room."""
    if new.level is Level.NONE:
        return
    for place, old in enumerate(findings):
        if old.words.start < new.words.end and new.words.start < old.words.end:
            findings[place] = max(old, new, key=lambda finding: finding.level)
            return
    quiet = [place for place, old in enumerate(findings) if old.level < new.level]
    if len(findings) < _MOST_SIGNALS:
        findings.append(new)
    elif quiet:
        findings[quiet[0]] = new


def _silenced(reason: Reason, text: Text, hits: Hits) -> set[int]:
    """The clauses in which this rule's own `unless` holds."""
    patterns: Iterator[Pattern] = (pattern for pattern in reason.unless if pattern.needs <= hits.keys())
    return {text.clause_of[spans[0].start] for pattern in patterns for spans in find(pattern, text, hits)}


def _spelled_out(page: Page, grammar: Grammar) -> Page:
    """Abbreviations of this language as the words they stand for, each at the place of the abbreviation."""
    if grammar.abbreviations.keys().isdisjoint(page.words):
        return page
    sizes = [grammar.abbreviations.get(word, (word,)) for word in page.words]
    words = tuple(word for group in sizes for word in group)
    places = [place for place, group in enumerate(sizes) for _ in group]
    first = [number == 0 for group in sizes for number, _ in enumerate(group)]
    pauses = tuple(page.pauses[place] if starts else 0 for place, starts in zip(places, first, strict=True))
    return Page(words, [page.starts[place] for place in places], [page.ends[place] for place in places], pauses)


def _text(page: Page, grammar: Grammar) -> Text:
    """The page cut into clauses: at a full stop, at a new line, and before a `but`."""
    cuts = [
        place > 0 and (pause >= HARD or word in grammar.contrasts)
        for place, (word, pause) in enumerate(zip(page.words, page.pauses, strict=True))
    ]
    clause_of = list(accumulate(int(cut) for cut in cuts))
    ends = [place for place, cut in enumerate(cuts) if cut] + [len(page.words)]
    return Text(page.words, page.pauses, clause_of, ends, grammar.fillers)
