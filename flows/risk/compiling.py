"""Putting a lexicon together: files in, plain tables out, and a plain sentence for everything that does not fit."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Final

from flows.errors import HandrailError
from flows.level import Level
from flows.risk.grammar import Caller, Ceilings, Context, Cue, Grammar, Lexicon, Reason
from flows.risk.lexicon import CommonFile, ConceptsFile, ContextFile, LexiconFile, Rule, RulesFile
from flows.risk.match import SIGNS, Called, Node, Pattern
from flows.risk.page import read
from flows.risk.pattern import Part, Sentence, parse
from flows.risk.sounds import LANGUAGE as WRITTEN_BY_EAR
from flows.risk.spelling import Spelling, Words

Where = tuple[str | int, ...]  # the way to a place in a file: ("rules", 3, "patterns", 0)

_AS_WRITTEN: Final = Spelling.of(())
_PLAIN: Final = re.compile(r"[a-z]+(?: [a-z]+)*")  # nearly all are: nothing needs to be read into them
_OWN_LIST: Final = ()  # phrases that have no name of their own


class LexiconError(HandrailError):
    """{0}: {2}"""

    def __init__(self, file: str, where: Where, sentence: str) -> None:
        super().__init__(file, where, sentence)
        self.file, self.where, self.sentence = file, where, sentence


def compile_lexicon(files: Mapping[str, LexiconFile]) -> Lexicon:
    """The lexicon of all languages in `files` (by file name). Raises LexiconError for the first thing that is wrong."""
    languages = sorted({file.language for file in files.values()})
    _check_rule_ids(files)
    builders = [_Builder.of(language, _of_language(files, language)) for language in languages]
    grammars = tuple(builder.grammar() for builder in builders)
    return Lexicon(Spelling.of(builder.words() for builder in builders), grammars)


def plain_words(phrase: str, abbreviations: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A phrase of a lexicon file in the form in which texts are read."""
    pieces = phrase.split()
    if not _PLAIN.fullmatch(phrase):
        pieces = [word for piece in pieces for word in _plain_piece(piece)]
    if abbreviations.keys().isdisjoint(pieces):
        return tuple(pieces)
    return tuple(plain for word in pieces for plain in abbreviations.get(word, (word,)))


@cache  # a word stands in many patterns; reading each only once halves the time to compile
def _plain_piece(piece: str) -> tuple[str, ...]:
    return (piece,) if piece in SIGNS else tuple(read(piece, _AS_WRITTEN).words)


def _of_language(files: Mapping[str, LexiconFile], language: str) -> dict[str, LexiconFile]:
    return {name: file for name, file in files.items() if file.language == language}


def _check_rule_ids(files: Mapping[str, LexiconFile]) -> None:
    homes: dict[str, str] = {}
    for name, file in files.items():
        for place, rule in enumerate(file.rules if isinstance(file, RulesFile) else ()):
            if rule.id in homes:
                raise LexiconError(name, ("rules", place, "id"), f"the rule “{rule.id}” is already in {homes[rule.id]}")
            homes[rule.id] = name


@dataclass(slots=True)
class _Builder:
    """Puts one language together. Thrown away when it is done."""

    language: str
    files: Mapping[str, LexiconFile]
    context_name: str
    context: ContextFile
    abbreviations: dict[str, tuple[str, ...]]
    small_words: frozenset[str]
    numbers: dict[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], int] = field(default_factory=dict)
    root: Node = field(default_factory=Node)
    vocabulary: set[str] = field(default_factory=set)
    phrases: dict[int, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    lists: dict[str, tuple[str, int, tuple[str, ...]]] = field(default_factory=dict)
    wholes: list[str] = field(default_factory=list)
    plain: dict[str, tuple[str, ...]] = field(default_factory=dict)
    written: dict[tuple[str, ...], int] = field(default_factory=dict)
    weighed: dict[int, int] = field(default_factory=dict)
    grave: dict[str, int] = field(default_factory=dict)  # the words of rules that alert, and how grave each is

    @classmethod
    def of(cls, language: str, files: Mapping[str, LexiconFile]) -> _Builder:
        contexts = [(name, file) for name, file in files.items() if isinstance(file, ContextFile)]
        if len(contexts) != 1:
            name = contexts[1][0] if contexts else next(iter(files))
            raise LexiconError(name, (), f"the language “{language}” needs one context file and has {len(contexts)}")
        name, context = contexts[0]
        abbreviations = {short: plain_words(long, {}) for short, long in context.abbreviations.items()}
        builder = cls(language, files, name, context, abbreviations, _small_words(context, abbreviations))
        builder._gather_concepts()
        return builder

    def grammar(self) -> Grammar:
        """The finished grammar."""
        context = self._context()
        reasons: list[Reason] = []
        callers: list[Caller] = []
        called: list[Called] = []
        for name, place, rule in self._rules():
            for caller, patterns in self._callers(name, place, rule, len(reasons)):
                called += (Called(len(callers), pattern) for pattern in patterns)
                callers.append(caller)
                self._weigh(rule, patterns)
            unless = tuple(self._patterns(name, ("rules", place, "unless"), rule.unless))
            reasons.append(_reason(rule, unless))
        self.vocabulary |= self.abbreviations.keys()
        self.root.settle()
        return Grammar(
            self.language,
            self.root,
            self.abbreviations,
            frozenset(self.context.fillers),
            frozenset(self.context.contrasts),
            tuple(reasons),
            _by_key(called),
            tuple(callers),
            context,
            {n: f"{self.language}:{name[0]}" for (name, _), n in self.numbers.items() if len(name) == 1},
        )

    def _callers(self, name: str, place: int, rule: Rule, number: int) -> Iterator[tuple[Caller, list[Pattern]]]:
        """Who calls for each pattern of a rule; one in several clauses has a caller for each of its parts."""
        for line, written in enumerate(rule.patterns):
            where = ("rules", place, "patterns", line)
            whole = parse(written)
            for part, ways in enumerate(whole):
                caller = Caller(number, len(self.wholes), part, len(whole))
                yield caller, [self._pattern(name, where, written, sentence) for sentence in ways]
            self.wholes.append(written)

    def _weigh(self, rule: Rule, patterns: Iterable[Pattern]) -> None:
        """Words of a rule that alerts are looked for also where they are mistyped or hidden."""
        if rule.level < Level.URGENT:
            return
        rank = int(rule.level)
        for number in {number for pattern in patterns for number in pattern.concepts}:
            if self.weighed.get(number, 0) < rank:
                self.weighed[number] = rank
                for word in {word for words in self.phrases[number] for word in words} - SIGNS:
                    self.grave[word] = max(rank, self.grave.get(word, 0))

    def words(self) -> Words:
        """All words of this language, for the spelling. Complete when the grammar is."""
        common = [file for file in self.files.values() if isinstance(file, CommonFile)]
        forgiven = {word: Level.EMERGENCY + 1 for phrase in self.context.forgiving for word in plain_words(phrase, {})}
        known = frozenset(self.vocabulary - SIGNS)
        small = frozenset(word for file in common for word in file.commonest_words.split())
        return Words(
            known=known,
            grave={word: 0 if word in small else weight for word, weight in (self.grave | forgiven).items()},
            common=frozenset(word for file in common for word in f"{file.commonest_words} {file.common_words}".split()),
            swear_words=frozenset(word for file in common for word in file.swear_words.split()),
            small=small,
            by_ear=known if self.language == WRITTEN_BY_EAR else frozenset(),
        )

    def _rules(self) -> Iterator[tuple[str, int, Rule]]:
        for name, file in self.files.items():
            if isinstance(file, RulesFile):
                yield from ((name, place, rule) for place, rule in enumerate(file.rules))

    def _context(self) -> Context:
        own = self.context
        self.vocabulary |= {*own.fillers, *own.contrasts, *own.denial_ends}
        return Context(
            denial=self._number(_OWN_LIST, own.denials),
            doubt=self._number(_OWN_LIST, own.doubts),
            first_person=self._number(_OWN_LIST, own.first_person),
            new_subject=self._number(_OWN_LIST, own.new_subjects),
            other_people=self._number(_OWN_LIST, own.other_people),
            present=self._number(_OWN_LIST, own.present),
            denial_ends=frozenset(own.denial_ends),
            small_words=self.small_words,
            called_by=_by_key(list(self._cues())),
        )

    def _cues(self) -> Iterator[Called]:
        own = self.context
        cues = {
            Cue.NOT_DENIAL: ("not_denials", own.not_denials),
            Cue.IDIOM: ("idioms", own.idioms),
            Cue.PAST: ("past", own.past),
            Cue.STORY: ("stories", own.stories),
            Cue.ASKING: ("asking", own.asking),
            Cue.EXAGGERATION: ("exaggeration", own.exaggeration),
        }
        for cue, (key, written) in cues.items():
            for pattern in self._patterns(self.context_name, (key,), written):
                yield Called(cue, pattern)

    def _patterns(self, name: str, where: Where, written: Iterable[str]) -> Iterator[Pattern]:
        for place, pattern in enumerate(written):
            whole = parse(pattern)
            if len(whole) > 1:
                sentence = f"“{pattern}” has a +; only a rule's own patterns reach over several clauses"
                raise LexiconError(name, (*where, place), sentence)
            for way in whole[0]:
                yield self._pattern(name, (*where, place), pattern, way)

    def _pattern(self, name: str, where: Where, written: str, sentence: Sentence) -> Pattern:
        numbers = tuple(self._part(name, where, written, part) for part in sentence.parts)
        key = min(numbers, key=self._commonness)
        gaps = tuple(part.gap for part in sentence.parts)
        return Pattern(numbers, gaps, key, frozenset(numbers), sentence.at_start, sentence.at_end)

    def _part(self, name: str, where: Where, written: str, part: Part) -> int:
        if part.concepts and (part.concepts, ()) in self.numbers:
            return self.numbers[part.concepts, ()]
        if not part.concepts:
            known = self.written.get(part.phrases)
            if known is None:
                known = self.written[part.phrases] = self._number((), part.phrases)
            return known
        phrases = list(part.phrases)
        for concept in part.concepts:
            if concept not in self.lists:
                raise LexiconError(name, where, self._unknown(concept, f"the pattern “{written}”"))
            phrases += self._flat(concept, ())
        return self._number(part.concepts, phrases)

    def _number(self, concepts: tuple[str, ...], phrases: Iterable[str]) -> int:
        """The number of these concepts together, or of these phrases; the same ones always get the same number."""
        plain = tuple(self._plain(phrase) for phrase in phrases)
        name = (concepts, () if concepts else plain)
        if name not in self.numbers:
            number = self.numbers[name] = len(self.numbers)
            self.phrases[number] = plain
            for words in plain:
                self.root.plant(words, number)
                self.vocabulary.update(words)
        return self.numbers[name]

    def _plain(self, phrase: str) -> tuple[str, ...]:
        """The same phrase stands in many patterns."""
        plain = self.plain.get(phrase)
        if plain is None:
            plain = self.plain[phrase] = plain_words(phrase, self.abbreviations)
        return plain

    def _commonness(self, number: int) -> tuple[int, int]:
        """How often a concept will be met: one that holds a small word on its own is met everywhere."""
        return sum(self.small_words.issuperset(words) for words in self.phrases[number]), len(self.phrases[number])

    def _gather_concepts(self) -> None:
        for name, file in self.files.items():
            for concept, words in file.concepts.items() if isinstance(file, ConceptsFile) else ():
                if concept in self.lists:
                    sentence = f"the concept “{concept}” is already in {self.lists[concept][0]}"
                    raise LexiconError(name, ("concepts", concept), sentence)
                self.lists[concept] = (name, len(self.lists), words)

    def _flat(self, concept: str, inside: tuple[str, ...]) -> Iterator[str]:
        """The phrases of a concept, with those of the concepts it takes in."""
        name, _, words = self.lists[concept]
        for place, phrase in enumerate(words):
            inner = phrase[1:-1].strip() if phrase.startswith("{") else ""
            if not inner:
                yield phrase
            elif inner not in self.lists:
                raise LexiconError(name, ("concepts", concept, place), self._unknown(inner, f"the concept “{concept}”"))
            elif inner in (concept, *inside):
                raise LexiconError(name, ("concepts", concept, place), f"“{concept}” and “{inner}” take in each other")
            else:
                yield from self._flat(inner, (*inside, concept))

    def _unknown(self, concept: str, user: str) -> str:
        near = get_close_matches(concept, self.lists, n=1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        return f"{user} uses “{{{concept}}}”, but there is no concept “{concept}”.{hint}"


def _by_key(called: Iterable[Called]) -> dict[int, tuple[Called, ...]]:
    """Each pattern under the concept of it that is met least often."""
    by_key: dict[int, list[Called]] = defaultdict(list)
    for one in called:
        by_key[one.pattern.key].append(one)
    return {concept: tuple(some) for concept, some in by_key.items()}


def _small_words(context: ContextFile, abbreviations: Mapping[str, Sequence[str]]) -> frozenset[str]:
    lists = (context.small_words, context.fillers, context.first_person, context.denials)
    return frozenset(word for words in lists for phrase in words for word in plain_words(phrase, abbreviations))


def _reason(rule: Rule, unless: tuple[Pattern, ...]) -> Reason:
    written = rule.id, rule.version, rule.level, rule.category, rule.explain
    return Reason(*written, ceilings_of(rule), unless, rule.asks)


def ceilings_of(rule: Rule) -> Ceilings:
    """What a rule keeps when its file does not say: an emergency never falls silent because of one word beside it."""
    emergency = rule.level is Level.EMERGENCY
    return Ceilings(
        denied=_chosen(rule.denied, Level.WATCH if emergency else Level.NONE),
        others=_chosen(rule.others, rule.level if emergency or rule.category == "violence" else Level.WATCH),
        past=_chosen(rule.past, Level.WATCH),
        story=_chosen(rule.story, Level.NONE),
    )


def _chosen(chosen: Level | None, usual: Level) -> Level:
    return usual if chosen is None else chosen
