"""How worried should one message make us?

Every signal names its rule and the exact words. A denial, a joke or a story quietens only the words in its own clause;
nothing here lowers what another clause has said, and nothing here decides that a person is safe.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from flows.level import Level
from flows.phi import Phi
from flows.risk.clauses import clauses
from flows.risk.context import Circumstances
from flows.risk.grammar import Caller, Grammar, Lexicon, Reason
from flows.risk.match import Clause, Search, Span
from flows.risk.page import Page, read
from flows.risk.second import Opinion
from flows.risk.values import Assessment, Signal

_MOST_SIGNALS: Final = 3  # of one rule: the fourth time somebody writes the same tells a therapist nothing new


class _Finding(NamedTuple):
    """Words that a rule may speak about, and how loud."""

    words: Span
    level: Level


Heard = list[tuple[Caller, _Finding]]

#: The second reader's name among the rules.
SECOND: Final = "second_reader"
_SOUNDS_LIKE: Final = {
    Level.WATCH: "Sounds like messages that were worth keeping in mind.",
    Level.URGENT: "Sounds like messages in which somebody had to make contact the same day.",
    Level.EMERGENCY: "Sounds like messages in which somebody was needed at once.",
}


def assess(text: str, lexicon: Lexicon) -> Assessment:
    """The level of one message and every signal in it, in each language of the lexicon; the highest signal wins."""
    page = read(text, lexicon.spelling)
    concepts: set[str] = set()
    found = _heard(text, page, lexicon, concepts)
    for other in page.other_readings():
        if found.level is Level.EMERGENCY:
            break
        found = Assessment.of(_louder([*found.signals, *_heard(text, other, lexicon, concepts).signals]))
    if found.level is Level.EMERGENCY:  # nothing can raise that, so nothing more is tried
        return found
    second = _second_signal(text, page, concepts, lexicon)
    if second is None or second.level <= found.level:
        return found
    return Assessment.of((second, *found.signals))


def concepts_in(page: Page, lexicon: Lexicon) -> frozenset[str]:
    """The lists of the lexicon that something on this page is in, each under its language and name."""
    concepts: set[str] = set()
    _heard("", page, lexicon, concepts)
    return frozenset(concepts)


def _heard(written: str, page: Page, lexicon: Lexicon, concepts: set[str]) -> Assessment:
    """What the rules say; into `concepts` goes what they met on the way."""
    signals: list[Signal] = []
    for grammar in lexicon.grammars:
        spelt = _spelled_out(page, grammar)
        reading = _Reading(grammar)
        signals += _signals(written, spelt, grammar, reading.findings(spelt))
        concepts.update(grammar.names[number] for number in reading.present & grammar.names.keys())
    return Assessment.of(signals)


def _louder(signals: Iterable[Signal]) -> Iterable[Signal]:
    """Where two readings of one text let a rule speak about the same words, the louder one counts."""
    kept: dict[tuple[str, int], Signal] = {}
    for signal in signals:
        old = kept.get((signal.rule, signal.start))
        if old is None or old.level < signal.level:
            kept[signal.rule, signal.start] = signal
    return kept.values()


def _second_signal(written: str, page: Page, concepts: AbstractSet[str], lexicon: Lexicon) -> Signal | None:
    """What the second reader says, as a signal like any other."""
    opinion = lexicon.second.read(page.words, concepts) if lexicon.second is not None else None
    if lexicon.second is None or opinion is None:
        return None
    level = min(opinion.level, lexicon.second_at_most.get(opinion.category, Level.NONE))
    start, end = page.starts[opinion.first], page.ends[opinion.last - 1]
    words = Phi(written[start:end])
    return Signal(SECOND, lexicon.second.version, level, opinion.category, start, end, words, _why(opinion))


def _why(opinion: Opinion) -> str:
    return (
        f"{_SOUNDS_LIKE[opinion.level]} No rule says so: these words weighed most ({opinion.over:.1f} over the bound)."
    )


def _signals(written: str, page: Page, grammar: Grammar, found: Mapping[int, Sequence[_Finding]]) -> Iterator[Signal]:
    for number, findings in found.items():
        for words, level in findings:
            start, end = page.starts[words.start], page.ends[words.end - 1]
            yield _signal(grammar.reasons[number], level, start, end, written)


def _signal(reason: Reason, level: Level, start: int, end: int, written: str) -> Signal:
    words = Phi(written[start:end])
    asks = reason.asks and level is reason.level
    return Signal(reason.id, reason.version, level, reason.category, start, end, words, reason.explain, asks)


@dataclass(slots=True)
class _Reading:
    """One page, read clause by clause. What was said before in the same words is not looked through again."""

    grammar: Grammar
    found: dict[int, list[_Finding]] = field(default_factory=lambda: defaultdict(list))
    apart: dict[int, dict[int, _Finding]] = field(default_factory=lambda: defaultdict(dict))
    said: set[int] = field(default_factory=set)  # the rules that have said all they have to say
    before: dict[tuple[object, ...], Heard] = field(default_factory=dict)
    present: set[int] = field(default_factory=set)  # the concepts that were met

    def findings(self, page: Page) -> dict[int, list[_Finding]]:
        """What each rule found, loudest kept."""
        for clause in clauses(page, self.grammar.contrasts, self.grammar.fillers):
            for caller, finding in self._heard(clause):
                self._note(caller, _moved(finding, clause.offset))
        return self.found

    def _heard(self, clause: Clause) -> Heard:
        key = (clause.words, clause.pauses, max(clause.head, -1), min(clause.tail, len(clause.words) + 1))
        heard = self.before.get(key)
        if heard is None:
            heard = self.before[key] = list(self._hear(clause))
        return heard

    def _hear(self, clause: Clause) -> Iterator[tuple[Caller, _Finding]]:
        """What the rules find here. Circumstances are looked at only when a rule has something to say."""
        grammar = self.grammar
        search = Search.of(clause, grammar.phrases, grammar.fillers)
        self.present |= search.hits.present
        circumstances: Circumstances | None = None
        silenced: dict[int, bool] = {}
        for number, pattern in search.possible(grammar.called_by):
            caller = grammar.callers[number]
            if caller.rule in self.said or silenced.get(caller.rule, False):
                continue
            reason = grammar.reasons[caller.rule]
            for spans in search.find(pattern):
                if caller.rule not in silenced:
                    silenced[caller.rule] = _silenced(reason, search)
                if silenced[caller.rule]:
                    break
                circumstances = circumstances or Circumstances.of(search, grammar.context)
                level = circumstances.level(reason, spans)
                if level is not Level.NONE:
                    yield caller, _Finding(Span(spans[0].start, spans[-1].end), level)
                if caller.parts > 1 and level == reason.level:
                    break  # a part of a whole is as loud as its loudest place; this one cannot be outdone

    def _note(self, caller: Caller, finding: _Finding) -> None:
        if caller.parts > 1:
            whole = self._whole(caller, finding)
            if whole is None:
                return
            finding = whole
        kept = self.found[caller.rule]
        _keep(kept, finding)
        full = self.grammar.reasons[caller.rule].level
        if sum(one.level == full for one in kept) == _MOST_SIGNALS:
            self.said.add(caller.rule)

    def _whole(self, caller: Caller, finding: _Finding) -> _Finding | None:
        """What all parts of a pattern in several clauses say together, as loud as the quietest of them."""
        parts = self.apart[caller.whole]
        if caller.part not in parts or parts[caller.part].level < finding.level:
            parts[caller.part] = finding
        if len(parts) < caller.parts:
            return None
        places = [part.words for part in parts.values()]
        words = Span(min(place.start for place in places), max(place.end for place in places))
        return _Finding(words, min(part.level for part in parts.values()))


def _moved(finding: _Finding, offset: int) -> _Finding:
    return _Finding(Span(finding.words.start + offset, finding.words.end + offset), finding.level)


def _keep(findings: list[_Finding], new: _Finding) -> None:
    """Keep a finding unless the same words already said as much; a quiet one only while there is room."""
    for place, old in enumerate(findings):
        if old.words.start < new.words.end and new.words.start < old.words.end:
            findings[place] = max(old, new, key=lambda finding: finding.level)
            return
    quiet = [place for place, old in enumerate(findings) if old.level < new.level]
    if len(findings) < _MOST_SIGNALS:
        findings.append(new)
    elif quiet:
        findings[quiet[0]] = new


def _silenced(reason: Reason, search: Search) -> bool:
    """Whether this rule's own `unless` holds in the clause."""
    present = search.hits.present
    return any(next(search.find(pattern), None) is not None for pattern in reason.unless if pattern.needs <= present)


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
